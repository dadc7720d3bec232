"""Answers to the exercises of notebook 05."""

import random

import numpy as np
from scipy import special

from exercise_answers import Wrong

# --- five calls for help -----------------------------------------------------------------------------------------

CALLS = {"A": "over-fitting", "B": "averages", "C": "nothing", "D": "class by class", "E": "scaling"}

# --- ten shares, and something else ------------------------------------------------------------------------------


def shares_loops(logits, groups):
    table = []
    for row in logits.tolist():
        top = max(row)
        powers = [np.exp(score - top) for score in row]
        line = [sum(powers[place] for place in group) / sum(powers) for group in groups]
        table.append([*line, 1 - sum(line)])
    return table


def shares_by_logarithm(logits, groups):
    known = [place for group in groups for place in group]
    other = [place for place in range(logits.shape[1]) if place not in known]
    total = special.logsumexp(logits, axis=1)
    return np.exp([special.logsumexp(logits[:, list(group)], axis=1) - total for group in [*groups, other]]).T


def shares_by_matrix(logits, groups):
    member = np.zeros((logits.shape[1], len(groups) + 1))
    member[:, -1] = 1
    for column, group in enumerate(groups):
        member[list(group), column] = 1
        member[list(group), -1] = 0
    return special.softmax(logits, axis=1) @ member


def make_shares_keras():
    import keras

    def shares(logits, groups):
        every = keras.ops.softmax(logits, axis=-1)
        ours = [keras.ops.sum(keras.ops.take(every, list(group), axis=1), axis=1) for group in groups]
        return keras.ops.stack([*ours, 1 - sum(ours)], axis=1)

    return shares


def _columns(table, groups, how):
    return [how(table[:, list(group)], axis=1) for group in groups]


def _and_the_rest(columns):
    return np.stack([*columns, 1 - np.sum(columns, axis=0)], axis=1)


def _softmax(logits):
    return special.softmax(logits, axis=1)


def shares_overflow(logits, groups):
    powers = np.exp(logits)
    return _and_the_rest(_columns(powers / powers.sum(axis=1)[:, None], groups, np.sum))


def shares_of_ours(logits, groups):
    known = np.concatenate([np.array(group) for group in groups])
    only = np.full(logits.shape, -np.inf)
    only[:, known] = logits[:, known]
    return _and_the_rest(_columns(_softmax(only), groups, np.sum))


def shares_of_the_best_scores(logits, groups):
    best = np.stack(_columns(logits, groups, np.max), axis=1)
    return np.hstack([_softmax(best), np.zeros((len(best), 1))])


def shares_mean(logits, groups):
    return _and_the_rest(_columns(_softmax(logits), groups, np.mean))


def shares_best(logits, groups):
    return _and_the_rest(_columns(_softmax(logits), groups, np.max))


def shares_best_score_and_rest(logits, groups):
    known = [place for group in groups for place in group]
    other = [place for place in range(logits.shape[1]) if place not in known]
    return _softmax(np.stack(_columns(logits, [*groups, other], np.max), axis=1))


def shares_scores_added(logits, groups):
    return _and_the_rest(_columns(logits, groups, np.sum))


def shares_winner(logits, groups):
    hard = (np.arange(logits.shape[1]) == logits.argmax(axis=1)[:, None]).astype(float)
    return _and_the_rest(_columns(hard, groups, np.sum))


def shares_without_rest(logits, groups):
    return np.stack(_columns(_softmax(logits), groups, np.sum), axis=1)


def shares_best_of_the_rest(logits, groups):
    known = [place for group in groups for place in group]
    every = _softmax(logits)
    return np.column_stack([shares_without_rest(logits, groups), np.delete(every, known, axis=1).max(axis=1)])


def shares_rest_first(logits, groups):
    return np.array(shares_loops(logits, groups))[:, [-1, *range(len(groups))]]


def shares_down_the_columns(logits, groups):
    return _and_the_rest(_columns(special.softmax(logits, axis=0), groups, np.sum))


def shares_whole_table(logits, groups):
    return _and_the_rest(_columns(special.softmax(logits), groups, np.sum))


def shares_lying_down(logits, groups):
    return shares_by_matrix(logits, groups).T


def shares_in_place(logits, groups):
    logits -= logits.max(axis=1, keepdims=True)
    return shares_by_matrix(logits, groups)


def shares_nothing(logits, groups):
    shares_by_matrix(logits, groups)


# --- two switches ------------------------------------------------------------------------------------------------

MOVED = {"a": "both", "b": "averages", "c": "weights", "d": "nothing", "e": "averages", "f": "nothing"}


def make_moved_as_keras_does():
    """The answer that Keras itself gives."""
    import keras
    import tensorflow as tf
    from keras import layers

    rng = np.random.default_rng(0)
    images, labels = rng.normal(3, 2, (32, 5)).astype("float32"), rng.integers(0, 3, 32)

    def built(rate):
        norm = layers.BatchNormalization(momentum=0.5)
        network = keras.Sequential([keras.Input((5,)), norm, layers.Dense(3, activation="softmax")])
        network.compile(keras.optimizers.SGD(rate), "sparse_categorical_crossentropy", run_eagerly=True)
        return network, norm

    def moved(act, frozen=False, rate=0.1):
        network, norm = built(rate)
        norm.trainable = not frozen
        before = [weight.numpy().copy() for weight in (norm.gamma, norm.beta, norm.moving_mean, norm.moving_variance)]
        act(network)
        after = [weight.numpy() for weight in (norm.gamma, norm.beta, norm.moving_mean, norm.moving_variance)]
        weights, averages = (
            any(not np.allclose(before[at], after[at]) for at in places) for places in ((0, 1), (2, 3))
        )
        return {(1, 1): "both", (1, 0): "weights", (0, 1): "averages", (0, 0): "nothing"}[weights, averages]

    def fit(network):
        network.fit(images, labels, verbose=0)

    def step(network):
        with tf.GradientTape() as tape:
            loss = keras.losses.sparse_categorical_crossentropy(labels, network(images, training=False))
        weights = network.trainable_variables
        network.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))

    return {
        "a": moved(fit),
        "b": moved(fit, rate=0.0),
        "c": moved(step),
        "d": moved(lambda network: network(images, training=True), frozen=True),
        "e": moved(lambda network: network(images, training=True)),
        "f": moved(lambda network: network.evaluate(images, labels, verbose=0)),
    }


# --- an honest split ---------------------------------------------------------------------------------------------


def split_by_dictionary(photos, fraction, seed):
    names = sorted(set(photos))
    random.Random(seed).shuffle(names)
    in_test = dict.fromkeys(names, False) | dict.fromkeys(names[: int(fraction * len(names))], True)
    return [in_test[name] for name in photos]


def split_until_enough(photos, fraction, seed):
    """Whole photographs, until the test has its share of the pictures."""
    test = np.zeros(len(photos), int)
    for name in np.random.default_rng(seed).permutation(np.unique(photos)):
        if test.sum() >= fraction * len(photos):
            break
        test[photos == name] = 1
    return test


def split_old_generator(photos, fraction, seed):
    np.random.seed(seed)
    names, which = np.unique(photos, return_inverse=True)
    ranks = np.random.permutation(len(names))
    return ranks[which] < fraction * len(names)


def make_split_sklearn():
    from sklearn.model_selection import GroupShuffleSplit

    def split(photos, fraction, seed):
        _, places = next(GroupShuffleSplit(1, test_size=fraction, random_state=seed).split(photos, groups=photos))
        test = np.zeros(len(photos), bool)
        test[places] = True
        return test

    return split


def split_pictures(photos, fraction, seed):
    order = np.random.default_rng(seed).permutation(len(photos))
    return order < fraction * len(photos)


def split_coins(photos, fraction, seed):
    return np.random.default_rng(seed).random(len(photos)) < fraction


def split_first_copies(photos, fraction, seed):
    names, first = np.unique(photos, return_index=True)
    chosen = np.random.default_rng(seed).permutation(first)[: round(fraction * len(names))]
    return np.isin(np.arange(len(photos)), chosen)


def _chosen(photos, fraction, seed):
    names = np.unique(photos)
    return np.random.default_rng(seed).permutation(names)[: round(fraction * len(names))]


def split_places(photos, fraction, seed):
    return np.flatnonzero(np.isin(photos, _chosen(photos, fraction, seed)))


def split_pair_of_places(photos, fraction, seed):
    test = np.isin(photos, _chosen(photos, fraction, seed))
    return np.flatnonzero(~test), np.flatnonzero(test)


def split_names(photos, fraction, seed):
    return _chosen(photos, fraction, seed)


def split_photographs(photos, fraction, seed):
    return np.isin(np.unique(photos), _chosen(photos, fraction, seed))


def split_exchanged(photos, fraction, seed):
    return ~np.isin(photos, _chosen(photos, fraction, seed))


def split_always_half(photos, fraction, seed):
    return np.isin(photos, _chosen(photos, 0.45, seed))


def split_no_photograph(photos, fraction, seed):
    return np.isin(photos, _chosen(photos, fraction / 100, seed))


def split_last_ones(photos, fraction, seed):
    names = np.unique(photos)
    return np.isin(photos, names[-round(fraction * len(names)) :])


def split_by_number(photos, fraction, seed):
    names = np.unique(photos)
    return np.isin(photos, names[np.arange(len(names)) * 7 % 10 < round(10 * fraction)])


def split_fixed_seed(photos, fraction, seed):
    return np.isin(photos, _chosen(photos, fraction, 42))


def split_without_seed(photos, fraction, seed):
    return np.isin(photos, _chosen(photos, fraction, None))


def split_shuffles_photos(photos, fraction, seed):
    np.random.default_rng(seed).shuffle(photos)
    return np.isin(photos, list(dict.fromkeys(photos))[: round(fraction * len(set(photos)))])


def split_class_by_class(photos, fraction, seed):
    rng, chosen = np.random.default_rng(seed), []
    for kind in sorted({name.rsplit("_", 1)[0] for name in photos}):
        own = sorted({name for name in photos if name.startswith(kind)})
        chosen.extend(rng.choice(own, round(fraction * len(own)), replace=False))
    return np.isin(photos, chosen).astype("float32")


def split_set_of_names(photos, fraction, seed):
    return set(_chosen(photos, fraction, seed))


def split_pair_of_names(photos, fraction, seed):
    test = np.isin(photos, _chosen(photos, fraction, seed))
    return photos[~test], photos[test]


def split_set_of_places(photos, fraction, seed):
    return set(split_places(photos, fraction, seed).tolist())


def split_dictionary(photos, fraction, seed):
    chosen = _chosen(photos, fraction, seed)
    return {name: name in chosen for name in photos}


def split_generator(photos, fraction, seed):
    chosen = _chosen(photos, fraction, seed)
    return (name in chosen for name in photos)


def split_words(photos, fraction, seed):
    return np.where(np.isin(photos, _chosen(photos, fraction, seed)), "test", "train")


def split_two_masks(photos, fraction, seed):
    test = np.isin(photos, _chosen(photos, fraction, seed))
    return ~test, test


def split_all_of_drawn_pictures(photos, fraction, seed):
    return np.isin(photos, photos[split_pictures(photos, fraction, seed)])


def split_block_by_seed(photos, fraction, seed):
    names = np.unique(photos)
    return np.isin(photos, np.roll(names, 7 - 20 * seed)[: round(fraction * len(names))])


def split_every_fifth(photos, fraction, seed):
    return np.isin(photos, np.unique(photos)[seed :: round(1 / fraction)])


def split_nothing(photos, fraction, seed):
    np.isin(photos, _chosen(photos, fraction, seed))


def split_fails(photos, fraction, seed):
    return np.random.default_rng(seed).permutation(photos)[: fraction * len(photos)]


RIGHT = {
    "calls_for_help": [
        CALLS,
        {"A": "Overfitting!", "B": "moving averages lag", "C": "healthy", "D": "not shuffled", "E": "never scaled"},
        {"E": "scaling", "D": "class-by-class", "C": "NOTHING.", "B": "Averages", "A": "over fitting"},
    ],
    "group_shares": [shares_loops, shares_by_logarithm, shares_by_matrix, make_shares_keras],
    "what_moves": [
        MOVED,
        {key: f'"{MOVED[key]}"' for key in reversed(MOVED)},
        {key: f" {value.upper()}." for key, value in MOVED.items()},
        make_moved_as_keras_does,
    ],
    "honest_split": [
        split_by_dictionary,
        split_until_enough,
        split_old_generator,
        make_split_sklearn,
        split_class_by_class,
    ],
    "borrowed_badly": ["e", "(E)", "e) red and blue"],
}
WRONG = {
    "calls_for_help": [
        Wrong("averages-taken-for-over-fitting", CALLS | {"A": "averages", "B": "over-fitting"}),
        Wrong("averages-taken-for-over-fitting", CALLS | {"B": "over-fitting"}),
        Wrong("nothing-taken-for-averages", CALLS | {"C": "averages"}),
        Wrong("over-fitting-taken-for-nothing", CALLS | {"A": "nothing", "C": "over-fitting"}),
        Wrong("order-taken-for-scaling", CALLS | {"D": "scaling", "E": "class by class"}),
        Wrong("scaling-taken-for-averages", CALLS | {"E": "averages", "B": "scaling"}),
        Wrong("nothing-taken-for-order", CALLS | {"C": "shuffle"}),
        Wrong("other-word", CALLS | {"A": "bad luck"}),
        Wrong("other-word", CALLS | {"A": 3}),
        Wrong("incomplete", CALLS | {"A": ...}),
        Wrong("wrong-type", list(CALLS.values())),
    ],
    "group_shares": [
        Wrong("overflow", shares_overflow),
        Wrong("softmax-over-ours", shares_of_ours),
        Wrong("softmax-over-ours", shares_of_the_best_scores),
        Wrong("mean-not-sum", shares_mean),
        Wrong("best-not-sum", shares_best),
        Wrong("pooled-too-early", shares_best_score_and_rest),
        Wrong("scores-not-probabilities", shares_scores_added),
        Wrong("argmax-too-early", shares_winner),
        Wrong("rest-forgotten", shares_without_rest),
        Wrong("rest-is-one-class", shares_best_of_the_rest),
        Wrong("rest-first", shares_rest_first),
        Wrong("columns-not-rows", shares_down_the_columns),
        Wrong("whole-table", shares_whole_table),
        Wrong("transposed", shares_lying_down),
        Wrong("input-changed", shares_in_place),
        Wrong("returns-nothing", shares_nothing),
    ],
    "what_moves": [
        Wrong("names-exchanged", MOVED | {"b": "weights", "c": "averages", "e": "weights"}),
        Wrong("averages-forgotten", MOVED | {"a": "weights"}),
        Wrong("weights-forgotten", MOVED | {"a": "averages"}),
        Wrong("rate-stops-everything", MOVED | {"b": "nothing"}),
        Wrong("rate-zero-trains", MOVED | {"b": "both"}),
        Wrong("step-means-training", MOVED | {"c": "both"}),
        Wrong("argument-freezes", MOVED | {"c": "nothing"}),
        Wrong("switches-exchanged", MOVED | {"c": "averages"}),
        Wrong("training-wins", MOVED | {"d": "averages"}),
        Wrong("no-step-no-change", MOVED | {"e": "nothing"}),
        Wrong("evaluation-collects", MOVED | {"f": "averages"}),
        Wrong("weights-without-optimiser", MOVED | {"e": "both"}),
        Wrong("other-word", MOVED | {"f": "none"}),
        Wrong("incomplete", MOVED | {"f": ...}),
        Wrong("wrong-type", {"a": "both"}),
    ],
    "honest_split": [
        Wrong("copies-torn-apart", split_pictures),
        Wrong("copies-torn-apart", split_coins),
        Wrong("one-copy-each", split_first_copies),
        Wrong("places-not-mask", split_places),
        Wrong("places-not-mask", split_pair_of_places),
        Wrong("names-not-mask", split_names),
        Wrong("photographs-not-pictures", split_photographs),
        Wrong("sides-exchanged", split_exchanged),
        Wrong("other-share", split_always_half),
        Wrong("one-side-empty", split_no_photograph),
        Wrong("names-not-mask", split_set_of_names),
        Wrong("names-not-mask", split_pair_of_names),
        Wrong("places-not-mask", split_set_of_places),
        Wrong("photographs-not-pictures", split_dictionary),
        Wrong("generator", split_generator),
        Wrong("wrong-shape", split_words),
        Wrong("wrong-shape", split_two_masks),
        Wrong("other-share", split_all_of_drawn_pictures),
        Wrong("in-order", split_last_ones),
        Wrong("in-order", split_block_by_seed),
        Wrong("in-order", split_every_fifth),
        Wrong("seed-ignored", split_by_number),
        Wrong("seed-ignored", split_fixed_seed),
        Wrong("not-repeatable", split_without_seed),
        Wrong("input-changed", split_shuffles_photos),
        Wrong("returns-nothing", split_nothing),
        Wrong("raises", split_fails),
        Wrong("not-a-function", np.array([True, False])),
    ],
    "borrowed_badly": [
        Wrong("divided-by-255", "a"),
        Wrong("prepared-for-vgg", "B"),
        Wrong("details-lost", "(c)"),
        Wrong("mirrored", "d) mirrored"),
        Wrong("mini-batch-averages", "f"),
        Wrong("no-such-suspect", "red and blue"),
        Wrong("no-such-suspect", 5),
    ],
}
