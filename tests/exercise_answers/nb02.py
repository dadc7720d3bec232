"""Answers to the exercises of notebook 02."""

import math
from itertools import pairwise

import numpy as np
from scipy import special

from exercise_answers import Given, Wrong

# --- softmax -----------------------------------------------------------------------------------------------------


def softmax_scipy(logits):
    return special.softmax(logits, axis=1)


def softmax_loops(logits):
    table = []
    for row in logits.tolist():
        top = max(row)
        powers = [math.exp(score - top) for score in row]
        table.append([power / sum(powers) for power in powers])
    return table


def softmax_by_logarithm(logits):
    return np.exp(logits - special.logsumexp(logits, axis=-1, keepdims=True))


def softmax_float32(logits):
    shifted = logits.astype("float32") - logits.max(axis=-1)[:, None].astype("float32")
    return (np.exp(shifted).T / np.exp(shifted).sum(axis=-1)).T


def make_softmax_keras():
    import keras  # takes longer than a check may; in the notebook it has long been imported

    return lambda logits: keras.ops.softmax(logits, axis=-1)


def softmax_naive(logits):
    return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


def softmax_naive_loop(logits):
    return np.array([np.exp(row) / sum(np.exp(row)) for row in logits])


def softmax_nan_to_zero(logits):
    shares = softmax_naive(logits)
    shares[np.isnan(shares)] = 0
    return shares


def softmax_shares_of_the_shifted(logits):
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted / shifted.sum(axis=1, keepdims=True)


def softmax_logarithm_taken_last(logits):
    return np.log(special.softmax(logits, axis=1))


def softmax_columns(logits):
    return special.softmax(logits, axis=0)


def softmax_columns_divided(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=0)


def softmax_table(logits):
    return special.softmax(logits)


def softmax_one_level(logits):
    powers = np.exp(logits - np.max(logits))
    return powers / powers.sum(axis=1)[:, np.newaxis]


def softmax_no_keepdims(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1)


def softmax_mean(logits):
    powers = np.exp(logits - logits.mean(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def softmax_smallest(logits):
    powers = np.exp(logits - logits.min(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def softmax_clipped(logits):
    powers = np.exp(np.clip(logits, -50, 50))
    return powers / powers.sum(axis=1, keepdims=True)


def softmax_divided(logits):
    return special.softmax(logits / logits.max(axis=1, keepdims=True), axis=1)


def softmax_shares(logits):
    return logits / logits.sum(axis=1, keepdims=True)


def softmax_unfinished(logits):
    return np.exp(logits - logits.max(axis=1, keepdims=True))


def softmax_hard(logits):
    return (logits == logits.max(axis=1, keepdims=True)).astype(float)


def softmax_logarithm(logits):
    return special.log_softmax(logits, axis=1)


def softmax_sigmoid(logits):
    return special.expit(logits)


def softmax_nothing(logits):
    special.softmax(logits, axis=1)


# --- one gradient step -------------------------------------------------------------------------------------------


def step_loops(weights, vectors, labels, learning_rate):
    new = weights.copy()
    given = special.softmax(vectors @ weights, axis=1)
    for picture, label in enumerate(labels):
        for row in range(weights.shape[0]):
            for column in range(weights.shape[1]):
                error = given[picture, column] - (1 if column == label else 0)
                new[row, column] -= learning_rate * vectors[picture, row] * error / len(labels)
    return new


def step_einsum(weights, vectors, labels, learning_rate):
    error = special.softmax(vectors @ weights, axis=1)
    error[np.arange(len(labels)), labels] -= 1
    return weights - learning_rate * np.einsum("np,nc->npc", vectors, error).mean(axis=0)


def step_differences(weights, vectors, labels, learning_rate):
    """By measuring the slope of the loss, one weight at a time."""

    def loss(these):
        return -special.log_softmax(vectors @ these, axis=1)[np.arange(len(labels)), labels].mean()

    slope = np.zeros_like(weights)
    for place in np.ndindex(weights.shape):
        nudge = np.zeros_like(weights)
        nudge[place] = 1e-5
        slope[place] = (loss(weights + nudge) - loss(weights - nudge)) / 2e-5
    return weights - learning_rate * slope


def _errors(weights, vectors, labels):
    return special.softmax(vectors @ weights, axis=1) - (labels[:, None] == np.arange(weights.shape[1]))


def step_uphill(weights, vectors, labels, learning_rate):
    return weights + learning_rate * vectors.T @ _errors(weights, vectors, labels) / len(labels)


def step_wanted_minus_given(weights, vectors, labels, learning_rate):
    return weights - learning_rate * vectors.T @ -_errors(weights, vectors, labels) / len(vectors)


def step_sum(weights, vectors, labels, learning_rate):
    return weights - learning_rate * vectors.T @ _errors(weights, vectors, labels)


def step_mean_of_all(weights, vectors, labels, learning_rate):
    errors = _errors(weights, vectors, labels)
    return weights - learning_rate * vectors.T @ errors / errors.size


def step_without_rate(weights, vectors, labels, learning_rate):
    return weights - vectors.T @ _errors(weights, vectors, labels) / len(labels)


def step_slope(weights, vectors, labels, learning_rate):
    return vectors.T @ _errors(weights, vectors, labels) / len(labels)


def step_only(weights, vectors, labels, learning_rate):
    return learning_rate * step_slope(weights, vectors, labels, learning_rate)


def step_scores(weights, vectors, labels, learning_rate):
    errors = vectors @ weights - np.eye(weights.shape[1])[labels]
    return weights - learning_rate * vectors.T @ errors / len(labels)


def step_not_wanted(weights, vectors, labels, learning_rate):
    given = special.softmax(vectors @ weights, axis=1)
    return weights - learning_rate * vectors.T @ given / len(labels)


def step_perceptron(weights, vectors, labels, learning_rate):
    classes = np.eye(weights.shape[1])
    errors = classes[np.argmax(vectors @ weights, axis=1)] - classes[labels]
    return weights - learning_rate * vectors.T @ errors / len(labels)


def step_label_numbers(weights, vectors, labels, learning_rate):
    errors = special.softmax(vectors @ weights, axis=1) - labels.reshape(-1, 1)
    return weights - learning_rate * vectors.T @ errors / len(labels)


def step_squares(weights, vectors, labels, learning_rate):
    given = special.softmax(vectors @ weights, axis=1)
    errors = _errors(weights, vectors, labels) * given * (1 - given)
    return weights - learning_rate * vectors.T @ errors / len(labels)


def step_ten(weights, vectors, labels, learning_rate):
    errors = special.softmax(vectors @ weights, axis=1) - np.eye(10)[labels]
    return weights - learning_rate * vectors.T @ errors / len(labels)


def step_classes_seen(weights, vectors, labels, learning_rate):
    errors = special.softmax(vectors @ weights, axis=1) - np.eye(labels.max() + 1)[labels]
    return weights - learning_rate * vectors.T @ errors / len(labels)


def step_as_many_classes_as_pictures(weights, vectors, labels, learning_rate):
    errors = special.softmax(vectors @ weights, axis=1) - np.eye(len(labels))[labels]
    return weights - learning_rate * vectors.T @ errors / len(labels)


def step_whole_columns(weights, vectors, labels, learning_rate):
    errors = special.softmax(vectors @ weights, axis=1)
    errors[:, labels] -= 1
    return weights - learning_rate * vectors.T @ errors / len(labels)


def step_one_slope_for_all(weights, vectors, labels, learning_rate):
    return weights - learning_rate * (vectors.T @ _errors(weights, vectors, labels)).mean()


def step_in_place(weights, vectors, labels, learning_rate):
    weights -= learning_rate * vectors.T @ _errors(weights, vectors, labels) / len(labels)
    return weights


def step_nothing(weights, vectors, labels, learning_rate):
    return weights


# --- which loss, and counting ------------------------------------------------------------------------------------

LOSSES = {"a": "sparse", "b": "categorical", "c": "categorical", "d": "sparse", "e": "neither", "f": "neither"}
COUNTS = {"colour": 154160, "two_hidden": 52650, "widest": 150}


def weights_and_biases(*sizes):
    return sum(before * after + after for before, after in pairwise(sizes))


# --- the patients ------------------------------------------------------------------------------------------------

LETTERS = {
    "A": "learning rate 10",
    "B": "softmax twice",
    "C": "labels shuffled apart",
    "D": "pixels never scaled",
    "E": "healthy",
}


def _run(loss, accuracy, val_loss, val_accuracy):
    return {"loss": loss, "accuracy": accuracy, "val_loss": val_loss, "val_accuracy": val_accuracy}


# First, second and last epoch of five trainings on 1,800 pictures of the bundled MNIST sample, seed 0.
CURVES = {
    "learning rate 10": _run([228.48, 2.49, 2.49], [0.11, 0.09, 0.09], [2.3, 2.56, 2.56, 2.56], [0.11, 0.1, 0.1, 0.1]),
    "softmax twice": _run([2.24, 2.04, 1.69], [0.3, 0.68, 0.82], [2.3, 2.13, 1.86, 1.69], [0.07, 0.47, 0.65, 0.81]),
    "labels shuffled apart": _run(
        [2.34, 2.28, 2.06], [0.09, 0.2, 0.3], [2.39, 2.32, 2.35, 2.5], [0.07, 0.11, 0.14, 0.12]
    ),
    "pixels never scaled": _run([4321558.5, 2.3, 2.3], [0.1, 0.08, 0.08], [138.23, 2.3, 2.3, 2.3], [0.1] * 4),
    "healthy": _run([1.13, 0.49, 0.19], [0.71, 0.92, 0.95], [2.37, 0.64, 0.42, 0.33], [0.13, 0.82, 0.87, 0.91]),
}


def diagnosed(**changed):
    return Given(LETTERS | changed, LETTERS, CURVES)


RIGHT = {
    "softmax": [softmax_scipy, softmax_loops, softmax_by_logarithm, softmax_float32, make_softmax_keras],
    "gradient_step": [step_loops, step_einsum, step_differences],
    "loss_for_labels": [
        LOSSES,
        {key: value.upper() for key, value in LOSSES.items()},
        {key: value.replace("al", "al crossentropy") for key, value in LOSSES.items()},
    ],
    "parameters": [
        COUNTS,
        {key: float(value) for key, value in COUNTS.items()},
        {
            "colour": np.int64(weights_and_biases(3072, 50, 10)),
            "two_hidden": weights_and_biases(784, 64, 32, 10),
            "widest": max(units for units in range(1, 999) if weights_and_biases(784, units, 10) <= 120_000),
        },
    ],
    "patients": [
        diagnosed(),
        diagnosed(E="Healthy ", C="labels", D="Pixels never scaled.", A="Learning rate"),
    ],
    "colleague": ["f", "(F)", "f.", "slipped by one place", "the labels belong to the neighbour"],
}
WRONG = {
    "softmax": [
        Wrong("overflow", softmax_naive),
        Wrong("overflow", softmax_naive_loop),
        Wrong("nan-painted-over", softmax_nan_to_zero),
        Wrong("columns-not-rows", softmax_columns),
        Wrong("columns-not-rows", softmax_columns_divided),
        Wrong("whole-table", softmax_table),
        Wrong("one-shift-for-all", softmax_one_level),
        Wrong("keepdims-forgotten", softmax_no_keepdims),
        Wrong("mean-subtracted", softmax_mean),
        Wrong("smallest-subtracted", softmax_smallest),
        Wrong("cut-off", softmax_clipped),
        Wrong("divided-by-largest", softmax_divided),
        Wrong("no-exponential", softmax_shares),
        Wrong("no-exponential", softmax_shares_of_the_shifted),
        Wrong("only-powers", softmax_unfinished),
        Wrong("winner-takes-all", softmax_hard),
        Wrong("logarithm", softmax_logarithm),
        Wrong("logarithm", softmax_logarithm_taken_last),
        Wrong("sigmoid", softmax_sigmoid),
        Wrong("returns-nothing", softmax_nothing),
    ],
    "gradient_step": [
        Wrong("uphill", step_uphill),
        Wrong("uphill", step_wanted_minus_given),
        Wrong("sum-not-mean", step_sum),
        Wrong("mean-over-everything", step_mean_of_all),
        Wrong("rate-ignored", step_without_rate),
        Wrong("slope-returned", step_slope),
        Wrong("slope-returned", step_only),
        Wrong("no-softmax", step_scores),
        Wrong("nothing-wanted", step_not_wanted),
        Wrong("answer-not-probability", step_perceptron),
        Wrong("label-as-number", step_label_numbers),
        Wrong("slope-of-squares", step_squares),
        Wrong("labels-of-all-pictures", step_whole_columns),
        Wrong("classes-from-pictures", step_as_many_classes_as_pictures),
        Wrong("always-ten-classes", step_ten),
        Wrong("classes-from-labels", step_classes_seen),
        Wrong("input-changed", step_in_place),
        Wrong("nothing-changed", step_nothing),
        Wrong("nothing-changed", step_one_slope_for_all),
    ],
    "loss_for_labels": [
        Wrong("exchanged", LOSSES | {"a": "categorical", "b": "sparse", "c": "sparse", "d": "categorical"}),
        Wrong("sparse-means-zeros", LOSSES | {"b": "sparse"}),
        Wrong("mixture-as-number", LOSSES | {"c": "sparse"}),
        Wrong("mixture-refused", LOSSES | {"c": "neither"}),
        Wrong("column-is-one-hot", LOSSES | {"d": "categorical"}),
        Wrong("column-refused", LOSSES | {"d": "neither"}),
        Wrong("words-understood", LOSSES | {"e": "categorical"}),
        Wrong("counted-from-one", LOSSES | {"f": "sparse"}),
        Wrong("some-wrong", LOSSES | {"f": "categorical"}),
        Wrong("other-word", LOSSES | {"f": "both"}),
        Wrong("other-word", LOSSES | {"f": 1}),
        Wrong("incomplete", LOSSES | {"f": ...}),
        Wrong("wrong-type", "sparse"),
        Wrong("wrong-type", {"a": "sparse"}),
    ],
    "parameters": [
        Wrong("biases-forgotten", {"colour": 3072 * 50 + 500, "two_hidden": 784 * 64 + 64 * 32 + 320, "widest": 151}),
        Wrong("one-bias-per-layer", COUNTS | {"colour": 3072 * 50 + 1 + 500 + 1}),
        Wrong("bias-per-input", COUNTS | {"two_hidden": 784 * 65 + 64 * 33 + 32 * 11}),
        Wrong("inputs-have-biases", COUNTS | {"colour": 3072 + weights_and_biases(3072, 50, 10)}),
        Wrong("channels-forgotten", COUNTS | {"colour": weights_and_biases(32 * 32, 50, 10)}),
        Wrong("grey-pictures", COUNTS | {"colour": weights_and_biases(28 * 28, 50, 10)}),
        Wrong("layer-forgotten", COUNTS | {"two_hidden": weights_and_biases(784, 64, 32)}),
        Wrong("past-a-layer", COUNTS | {"two_hidden": 785 * 64 + 785 * 32 + 33 * 10}),
        Wrong("rounded-up", COUNTS | {"widest": 151}),
        Wrong("answers-for-free", COUNTS | {"widest": 120_000 // 785}),
        Wrong("too-wide", COUNTS | {"widest": 1_000}),
        Wrong("room-left", COUNTS | {"widest": 100}),
        Wrong("not-whole", COUNTS | {"widest": 119_990 / 795}),
        Wrong("some-wrong", COUNTS | {"two_hidden": 52_000}),
        Wrong("answers-without-biases", COUNTS | {"colour": 3072 * 50 + 50 + 50 * 10}),
        Wrong("answers-without-biases", COUNTS | {"two_hidden": weights_and_biases(784, 64, 32) + 320}),
        Wrong("parameters-not-units", COUNTS | {"widest": weights_and_biases(784, 150, 10)}),
        Wrong("text-not-number", COUNTS | {"colour": "154,160"}),
        Wrong("text-not-number", {name: str(count) for name, count in COUNTS.items()}),
        Wrong("wrong-type", 154160),
        Wrong("wrong-type", [154160, 52650, 150]),
    ],
    "patients": [
        Wrong("pixels-taken-for-learning", diagnosed(A="pixels never scaled", D="learning rate 10")),
        Wrong("softmax-taken-for-healthy", diagnosed(B="healthy", E="softmax twice")),
        Wrong("labels-taken-for-healthy", diagnosed(C="healthy", E="labels shuffled apart")),
        Wrong("labels-taken-for-learning", diagnosed(C="learning rate 10", A="labels shuffled apart")),
        Wrong("softmax-taken-for-labels", diagnosed(C="softmax twice", B="labels shuffled apart")),
        Wrong("learning-taken-for-pixels", diagnosed(A="pixels never scaled")),
        Wrong("other-word", diagnosed(A="dead units")),
        Wrong("other-word", diagnosed(A="")),
        Wrong("incomplete", diagnosed(A=...)),
        Wrong("wrong-type", Given(list(LETTERS.values()), LETTERS, CURVES)),
        Wrong("wrong-type", Given(LETTERS)),
    ],
    "colleague": [
        Wrong("not-the-pixels", "a"),
        Wrong("not-the-rate", "(b)"),
        Wrong("not-the-softmax", "softmax twice"),
        Wrong("not-one-class", "D"),
        Wrong("not-at-random", "e"),
        Wrong("not-at-random", "another order"),
        Wrong("not-one-class", "d: nearly all labels are alike"),
        Wrong("other-word", "f or e"),
        Wrong("other-word", "the network"),
        Wrong("wrong-type", 5),
    ],
}
