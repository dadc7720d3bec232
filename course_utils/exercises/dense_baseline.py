"""Checks of notebook 02, the functions: softmax, and one step of gradient descent."""

import numpy as np

from . import dense_baseline_lab, dense_baseline_values  # noqa: F401 - they register the other exercises
from .feedback import NotYet
from .judging import Mistake, judge_function
from .registry import exercise

# --- 02.1 softmax ------------------------------------------------------------------------------------------------


def _largest(logits):
    return logits.max(axis=1, keepdims=True)


def _softmax(logits, shift=_largest):
    powers = np.exp(logits - shift(logits))
    return powers / powers.sum(axis=1, keepdims=True)


def _softmax_cases():
    rng = np.random.default_rng(21)
    # Large scores lie above 1000, small ones below 20: whoever cuts scores off gets the same in any way they cut.
    large = [[1000.0, 1001.0, 1003.0], [-1002.0, -1001.0, -1000.0], [2000.0, 0.0, -5.0], [1002.0, 1001.0, -1000.0]]
    return [
        (rng.normal(scale=3, size=(4, 10)),),
        (rng.normal(scale=2, size=(10, 10)).astype("float32"),),
        (rng.normal(scale=2, size=(1, 4)),),
        (rng.normal(size=(5, 3)) - 9,),
        (np.array([*large, [1.0, 2.0, -3.0]]),),
    ]


def _describe_softmax(case):
    (logits,) = case
    return f"{len(logits)} × {logits.shape[1]} {'large' if np.abs(logits).max() > 500 else 'ordinary'} scores"


def _kinds(name, answers, *said):
    """One mistake that can be made in several ways."""
    return [Mistake(name, answer, *said) for answer in answers]


def _minus(logits, level):
    return np.exp(logits - level)


_SOFTMAX_MISTAKES = (
    Mistake(
        "overflow",
        lambda z: np.exp(z) / np.exp(z).sum(axis=1, keepdims=True),
        "For ordinary scores all is well. For large ones `e` to their power is infinite (or, far below zero, "
        "every power is 0), and ∞/∞ and 0/0 are not numbers.",
        "What can you take away from all scores of a picture without changing its probabilities?",
        "Subtract each row's largest score before you take the powers.",
    ),
    Mistake(
        "nan-painted-over",
        lambda z: np.nan_to_num(np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)),
        "For ordinary scores all is well. With large ones 0 stands where a probability belongs, and the row does not "
        "add up to 1: the overflow has happened, only its NaN has been replaced.",
        "Prevent the overflow. What can you take away from all scores of a picture without changing its probabilities?",
        "Subtract each row's largest score before you take the powers.",
    ),
    *_kinds(
        "columns-not-rows",
        [
            lambda z: _softmax(z.T).T,
            lambda z: np.exp(z) / np.exp(z).sum(axis=0),
            lambda z: _minus(z, z.max()) / _minus(z, z.max()).sum(axis=0),
            lambda z: _minus(z, _largest(z)) / _minus(z, _largest(z)).sum(axis=0),
        ],
        "Your columns add up to 1. A row is one picture: its probabilities must add up to 1.",
        "`axis=0` runs down a column, over the pictures. Which axis runs over the classes?",
        "Both the largest score and the sum belong to a row: `axis=1`.",
    ),
    *_kinds(
        "whole-table",
        [
            lambda z: _minus(z, z.max()) / _minus(z, z.max()).sum(),
            lambda z: np.exp(z) / np.exp(z).sum(),
            lambda z: _minus(z, _largest(z)) / _minus(z, _largest(z)).sum(),
        ],
        "The whole table adds up to 1. Each row should: every picture has probabilities of its own.",
        "`sum()` without `axis` adds up everything.",
        "Sum along each row, and keep the axis: `sum(axis=1, keepdims=True)`.",
    ),
    Mistake(
        "one-shift-for-all",
        lambda z: _softmax(z, lambda rows: rows.max()),
        "You subtract the largest score of the whole table from every row. A row that lies far below it is pushed "
        "so far down that all its powers become 0, and 0/0 is not a number.",
        "Each row needs its own largest score.",
        "`logits.max(axis=1, keepdims=True)` has one number per row, shape (n, 1).",
    ),
    Mistake(
        "mean-subtracted",
        lambda z: _softmax(z, lambda rows: rows.mean(axis=1, keepdims=True)),
        "You subtract each row's mean. A score far above the mean still overflows.",
        "After the subtraction no score may be far above 0.",
        "Which number of a row, taken away from all, leaves none above 0?",
    ),
    Mistake(
        "smallest-subtracted",
        lambda z: _softmax(z, lambda rows: rows.min(axis=1, keepdims=True)),
        "You subtract each row's smallest score. Now all are above 0, and a large one still overflows.",
        "It is no harm when a score is far below 0, only when it is far above.",
        "Which number of a row, taken away from all, leaves none above 0?",
    ),
    Mistake(
        "cut-off",
        lambda z: _softmax(np.clip(z, -500, 500)),
        "Large scores were cut off. No overflow, but scores that differed are now equal, and so are their "
        "probabilities.",
        "Move the scores instead of cutting them.",
        "Subtracting the same number from a whole row changes nothing.",
    ),
    *_kinds(
        "divided-by-largest",
        [
            lambda z: _softmax(z / np.abs(z).max(axis=1, keepdims=True)),
            lambda z: _softmax(z / z.max(axis=1, keepdims=True)),
        ],
        "The scores were divided by the largest. That changes the differences between them, and only these count.",
        "Which operation moves all scores and keeps their differences?",
        "Subtract the largest instead of dividing by it.",
    ),
    *_kinds(
        "no-exponential",
        [
            lambda z: z / z.sum(axis=1, keepdims=True),
            lambda z: (z - _largest(z)) / (z - _largest(z)).sum(axis=1, keepdims=True),
        ],
        "Each score was divided by the row's sum. The largest need not get most then, and shares can be negative.",
        "First make every number positive.",
        "Take `e` to the power of each score: `np.exp`.",
    ),
    *_kinds(
        "only-powers",
        [lambda z: _minus(z, _largest(z)), np.exp],
        "These are the powers. They are positive, but a row does not add up to 1 yet.",
        "Divide each row by its sum.",
        "`powers.sum(axis=1, keepdims=True)` has one sum per row.",
    ),
    Mistake(
        "winner-takes-all",
        lambda z: np.eye(z.shape[1])[z.argmax(axis=1)],
        "The largest score gets 1, all others 0. Softmax is softer: every class keeps a share.",
        "Powers of `e`, divided by their sum.",
        "Leave `argmax` and comparisons out: `np.exp`, then divide by the row's sum.",
    ),
    *_kinds(
        "logarithm",
        [
            lambda z: z - _largest(z) - np.log(_minus(z, _largest(z)).sum(axis=1, keepdims=True)),
            lambda z: np.log(_softmax(z)),
        ],
        "These are the logarithms of the probabilities.",
        "Leave the logarithm to the loss.",
        "Probabilities lie between 0 and 1; the last step is a division, nothing after it.",
    ),
    Mistake(
        "sigmoid",
        lambda z: 1 / (1 + np.exp(-z)),
        "Each score was squeezed between 0 and 1 on its own (that is the sigmoid), so a row does not add up to 1.",
        "Divide the powers of a row by their sum.",
        "There is no `1 +` in softmax: below the line stands the sum over the classes.",
    ),
)
_NO_KEEPDIMS = Mistake(
    "keepdims-forgotten",
    None,
    "A table (n, classes) and a row of n numbers do not fit on top of each other: NumPy lines up the last axes.",
    "Keep the axis you sum or maximise over: `keepdims=True` gives (n, 1), which fits every column.",
    "Both `max` and `sum` need it: `logits.max(axis=1, keepdims=True)`.",
)


@exercise(
    "02.1",
    "softmax",
    "a softmax that does not overflow",
    why="This is how every classifier of this course ends, and yours survives a score of 2,000.",
)
def _softmax_check(answer):
    try:
        judge_function(
            answer,
            _softmax,
            _softmax_cases(),
            _SOFTMAX_MISTAKES,
            what="Your function",
            names=("logits",),
            describe=_describe_softmax,
        )
    except NotYet as problem:
        if problem.misconception == "raises" and "(4,10) (4,)" in problem.seen:
            raise _NO_KEEPDIMS.raised(problem.seen) from None
        raise


# --- 02.3 one gradient step --------------------------------------------------------------------------------------


def _error(weights, vectors, labels):
    return _softmax(vectors @ weights) - np.eye(weights.shape[1])[labels]


def _step(weights, vectors, labels, learning_rate):
    return weights - learning_rate * vectors.T @ _error(weights, vectors, labels) / len(labels)


def _step_cases():
    rng = np.random.default_rng(23)

    def case(pictures, pixels, classes, rate, labels):
        weights = rng.normal(size=(pixels, classes))
        return weights, rng.random((pictures, pixels)), np.array(labels), rate

    return [
        case(6, 4, 3, 0.1, [0, 2, 1, 1, 0, 2]),
        case(5, 7, 4, 0.5, [3, 0, 1, 0, 0]),
        case(4, 3, 5, 2.0, [1, 0, 2, 1]),
        case(1, 4, 3, 1.0, [1]),
    ]


def _describe_step(case):
    weights, _, labels, rate = case
    pictures = "1 picture" if len(labels) == 1 else f"{len(labels)} pictures"
    return f"{pictures} of {len(weights)} pixels, {weights.shape[1]} classes and learning rate {rate:g}"


def _stepped(slope):
    """A mistaken step, from a function that gives its slope."""
    return lambda weights, vectors, labels, rate: weights - rate * slope(weights, vectors, labels)


def _wanted(weights, labels):
    return np.eye(weights.shape[1])[labels]


_STEP_MISTAKES = (
    Mistake(
        "uphill",
        lambda w, x, y, rate: 2 * w - _step(w, x, y, rate),
        "Right size, wrong direction: your step goes uphill, and the loss grows.",
        "The slope says where the loss grows. And: is your error given − wanted, or the other way round?",
        "With error = given − wanted, the new weights are weights − learning_rate * slope.",
    ),
    Mistake(
        "sum-not-mean",
        _stepped(lambda w, x, y: x.T @ _error(w, x, y)),
        "With a single picture it is right; with several your step is that many times too long: the slopes were "
        "added up, not averaged.",
        "The loss of a mini-batch is the mean over its pictures, so its slope is, too.",
        "Divide by the number of pictures, `len(labels)`.",
    ),
    Mistake(
        "mean-over-everything",
        _stepped(lambda w, x, y: x.T @ _error(w, x, y) / (len(y) * w.shape[1])),
        "Your step is too short by the number of classes: the average goes over pictures and classes.",
        "Divide by the number of pictures only.",
        "That is `len(labels)`; `error.mean()` and `error.size` count the classes as well.",
    ),
    Mistake(
        "rate-ignored",
        lambda w, x, y, rate: _step(w, x, y, 1),
        "Right for learning rate 1: the learning rate has no effect.",
        "Multiply the slope by `learning_rate`.",
        "weights − learning_rate * slope.",
    ),
    Mistake(
        "slope-returned",
        lambda w, x, y, rate: x.T @ _error(w, x, y) / len(y),
        "This is the slope. It is right, but asked for are the new weights.",
        "Take the step: the old weights minus learning rate times slope.",
        "Return weights − learning_rate * slope.",
    ),
    Mistake(
        "slope-returned",
        lambda w, x, y, rate: rate * (x.T @ _error(w, x, y) / len(y)),
        "This is the step by itself. It is right, but asked for are the new weights.",
        "Subtract it from the old weights.",
        "Return weights − step.",
    ),
    Mistake(
        "no-softmax",
        _stepped(lambda w, x, y: x.T @ (x @ w - _wanted(w, y)) / len(y)),
        "You compare the raw scores with what was wanted. The rule speaks of probabilities.",
        "Send the scores through `softmax` first.",
        "given = `softmax(vectors @ weights)`.",
    ),
    Mistake(
        "nothing-wanted",
        _stepped(lambda w, x, y: x.T @ _softmax(x @ w) / len(y)),
        "The probabilities themselves serve as the error: every class is pushed down, the right one as well.",
        "Subtract what was wanted: 1 for the right class, 0 for the others.",
        "`np.eye(classes)[labels]` is what was wanted, a one-hot row per picture.",
    ),
    Mistake(
        "answer-not-probability",
        _stepped(lambda w, x, y: x.T @ (np.eye(w.shape[1])[(x @ w).argmax(axis=1)] - _wanted(w, y)) / len(y)),
        "You take the answer (1 for the winner, 0 for the others) in place of the probabilities: a picture that is "
        "narrowly right teaches nothing any more.",
        "The error is probability given − probability wanted; leave `argmax` out.",
        "given = `softmax(vectors @ weights)`, as it is.",
    ),
    Mistake(
        "labels-of-all-pictures",
        _stepped(lambda w, x, y: x.T @ (_softmax(x @ w) - np.isin(np.arange(w.shape[1]), y)) / len(y)),
        "With a single picture it is right. With several, 1 is subtracted for the labels of all pictures from every "
        "picture's probabilities: `[:, labels]` picks whole columns.",
        "From each row of probabilities 1 is subtracted once, at that picture's own label.",
        "Pair rows with labels: `[np.arange(len(labels)), labels]`, or take one-hot rows.",
    ),
    Mistake(
        "label-as-number",
        _stepped(lambda w, x, y: x.T @ (_softmax(x @ w) - y[:, None]) / len(y)),
        "The label's number was subtracted from every probability. A 7 is not more than a 2, it is another class.",
        "Turn the labels into one-hot rows first: `np.eye(classes)[labels]`.",
        "There are as many classes as `weights` has columns.",
    ),
    Mistake(
        "slope-of-squares",
        _stepped(
            lambda w, x, y: x.T @ (_error(w, x, y) * _softmax(x @ w) * (1 - _softmax(x @ w))) / len(y),
        ),
        "There is a factor p·(1 − p) too many: it belongs to another loss, the squared error.",
        "With cross-entropy it cancels out: given − wanted is all.",
        "Leave the multiplication with p and 1 − p out.",
    ),
    Mistake(
        "softmax-over-pictures",
        _stepped(lambda w, x, y: x.T @ (_softmax((x @ w).T).T - _wanted(w, y)) / len(y)),
        "The probabilities add up to 1 over the pictures. They should over the classes.",
        "softmax wants one picture per row: shape (pictures, classes).",
        "`vectors @ weights` has this shape already: no `.T` around the softmax.",
    ),
    Mistake(
        "nothing-changed",
        lambda w, x, y, rate: w,
        "The weights that come back equal the old ones: this step has no length.",
        "Do you return the new array? And has your slope a number for every weight? (The mean of them all is 0.)",
        "Return weights − learning_rate * slope, with a slope of the shape of the weights.",
    ),
)


# What NumPy says when the one-hot rows have another length than there are classes.
_STEP_SHAPES = {
    "(6,3) (6,10)": Mistake(
        "always-ten-classes",
        None,
        "Your one-hot rows have ten places, but this batch has another number of classes.",
        "Where can the function read how many classes there are?",
        "`weights` has one column per class: `weights.shape[1]`.",
    ),
    "(6,3) (6,6)": Mistake(
        "classes-from-pictures",
        None,
        "There are as many columns as pictures where there should be as many as classes.",
        "Where can the function read how many classes there are?",
        "`weights` has one column per class: `weights.shape[1]`.",
    ),
    "(4,5) (4,3)": Mistake(
        "classes-from-labels",
        None,
        "The number of classes was taken from the labels. A mini-batch need not hold every class.",
        "What else that the function is given knows how many classes there are?",
        "`weights` has one column per class: `weights.shape[1]`.",
    ),
}


@exercise(
    "02.3",
    "gradient_step",
    "one step downhill",
    why="That is all of learning: this one step, repeated thousands of times. `fit` does nothing else.",
)
def _step_check(answer):
    try:
        judge_function(
            answer,
            _step,
            _step_cases(),
            _STEP_MISTAKES,
            what="Your function",
            names=("weights", "vectors", "labels", "learning_rate"),
            describe=_describe_step,
        )
    except NotYet as problem:
        for shapes, mistake in _STEP_SHAPES.items():
            if problem.misconception == "raises" and shapes in problem.seen:
                raise mistake.raised(problem.seen) from None
        raise
