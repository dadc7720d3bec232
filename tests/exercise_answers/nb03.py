"""Answers to the exercises of notebook 03."""

from functools import cache
from types import SimpleNamespace

import numpy as np

from exercise_answers import Given, Wrong

# 03.1: an answer with one layer wrong; what comes after it does not matter.

SHAPES = {
    "conv1": (26, 36, 8),
    "pool1": (13, 18, 8),
    "conv2": (13, 18, 20),
    "pool2": (6, 9, 20),
    "flatten": 1080,
    "dense": 50,
}


def shapes(**changes):
    return SHAPES | changes


# 03.2


def count_step_by_step(image_shape, stack):
    shape, counts = list(image_shape), []
    for layer in stack:
        if layer[0] == "conv":
            weights = np.zeros((layer[2], layer[2], shape[2], layer[1]))
            counts.append(weights.size + layer[1])
            shape[2] = layer[1]
        if layer[0] == "pool":
            shape[:2] = [length // layer[1] for length in shape[:2]]
        if layer[0] == "dense":
            counts.append(int(np.prod(shape)) * layer[1] + layer[1])
            shape = [layer[1]]
    return sum(counts)


def make_count_by_keras():
    from keras import layers

    made = {
        "conv": lambda filters, size: layers.Conv2D(filters, size, padding="same"),
        "pool": layers.AveragePooling2D,
        "dense": layers.Dense,
    }

    def count_parameters(image_shape, stack):
        shape, total = (1, *image_shape), 0
        for kind, *numbers in stack:
            layer = made[kind](*numbers)
            if kind == "dense":
                shape = (1, int(np.prod(shape)))
            layer.build(shape)
            total += layer.count_params()
            shape = layer.compute_output_shape(shape)
        return np.int32(total)

    return count_parameters


def counted(conv, dense=lambda inputs, units: (inputs + 1) * units, pool=lambda length, size: length // size):
    """A count with other formulas."""

    def count_parameters(image_shape, stack):
        rows, columns, maps = image_shape
        total = 0
        for layer in stack:
            if layer[0] == "conv":
                total += conv(layer[2], maps, layer[1], rows * columns)
                maps = layer[1]
            elif layer[0] == "pool":
                rows, columns = pool(rows, layer[1]), pool(columns, layer[1])
            else:
                total += dense(rows * columns * maps, layer[1])
                rows, columns, maps = 1, 1, layer[1]
        return total

    return count_parameters


def conv(size, maps, filters, _places):
    return (size * size * maps + 1) * filters


def count_one_map_flattened(image_shape, stack):
    return count_with_inputs(image_shape, stack, lambda rows, columns, maps, units: units or rows * columns)


def count_always_flattened(image_shape, stack):
    return count_with_inputs(image_shape, stack, lambda rows, columns, maps, units: rows * columns * maps)


def count_with_inputs(image_shape, stack, inputs):
    rows, columns, maps = image_shape
    total = units = 0
    for layer in stack:
        if layer[0] == "conv":
            total += conv(layer[2], maps, layer[1], None)
            maps = layer[1]
        elif layer[0] == "pool":
            rows, columns = rows // layer[1], columns // layer[1]
        else:
            total += (inputs(rows, columns, maps, units) + 1) * layer[1]
            units = layer[1]
    return total


def count_with_channels_of_the_picture(image_shape, stack):
    (rows, columns, maps), units, total = image_shape, None, 0
    for kind, number, *size in stack:
        if kind == "conv":
            total += conv(*size, maps, number, None)
        elif kind == "pool":
            rows, columns = rows // number, columns // number
        else:
            total += ((units or rows * columns * maps) + 1) * number
            units = number
    return total


def count_valid(image_shape, stack):
    rows, columns, maps = image_shape
    total = 0
    for layer in stack:
        if layer[0] == "conv":
            total += conv(layer[2], maps, layer[1], None)
            rows, columns, maps = rows - layer[2] + 1, columns - layer[2] + 1, layer[1]
        elif layer[0] == "pool":
            rows, columns = rows // layer[1], columns // layer[1]
        else:
            total += (rows * columns * maps + 1) * layer[1]
            rows, columns, maps = 1, 1, layer[1]
    return total


def count_learning_pool(image_shape, stack):
    maps, more = image_shape[2], 0
    for layer in stack:
        maps = layer[1] if layer[0] == "conv" else maps
        more += 2 * maps if layer[0] == "pool" else 0
    return count_step_by_step(image_shape, stack) + more


# 03.3


def rates_sklearn(confusion, label):
    from sklearn.metrics import precision_score, recall_score

    places = np.argwhere(confusion >= 0)
    true, said = np.repeat(places, confusion.ravel(), axis=0).T
    options = {"labels": [label], "average": "macro", "zero_division": 0}
    return [recall_score(true, said, **options), precision_score(true, said, **options)]


def rates_loops(confusion, label):
    row = column = 0
    for other in range(len(confusion)):
        row += int(confusion[label][other])
        column += int(confusion[other][label])
    hits = int(confusion[label][label])
    return (hits / row if row else 0, np.float32(hits / column if column else 0))


def rates_with(below):
    """Shares of the diagonal's field; `below` gives the two numbers below the fraction lines."""

    def recall_and_precision(confusion, label):
        hits = confusion[label, label]
        return tuple(float(hits / whole) if whole else 0.0 for whole in below(confusion, label))

    return recall_and_precision


def rates_accuracy(confusion, label):
    return (confusion.diagonal().sum() / confusion.sum(),) * 2


def rates_against_rest(confusion, label):
    true = np.repeat(np.arange(len(confusion)), confusion.sum(axis=1)) == label
    said = np.concatenate([np.repeat(np.arange(len(confusion)), row) for row in confusion]) == label
    return [(true == said).mean()] * 2


def rates_percent(confusion, label):
    return [100 * share for share in rates_loops(confusion, label)]


def rates_unguarded(confusion, label):
    return confusion[label, label] / confusion[label].sum(), confusion[label, label] / confusion[:, label].sum()


# 03.4

HARMLESS = {
    "mirror": "garments",
    "upside_down": "neither",
    "shift_2": "both",
    "shift_14": "neither",
    "turn_10": "both",
    "darker": "both",
}


def harmless(**changes):
    return HARMLESS | changes


# 03.5: pictures on which a small network is good after a second: the brighter corner tells the class.


@cache
def corners():
    rng = np.random.default_rng(5)
    labels = np.arange(600) % 10
    images = rng.integers(0, 60, (600, 28, 28, 1))
    for image, label in zip(images, labels, strict=True):
        row, column = divmod(int(label), 4)
        image[3 + 8 * row : 8 + 8 * row, 7 * column : 7 * column + 5] += 180
    return SimpleNamespace(images=images.astype("uint8"), labels=labels)


def convolutional(*, rescale=True, dense=(), filters=8, train=True):
    import keras
    from keras import layers

    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            *([layers.Rescaling(1 / 255)] if rescale else []),
            layers.Conv2D(filters, 5, padding="same", activation="relu"),
            layers.MaxPooling2D(4),
            layers.Flatten(),
            *[layers.Dense(units, activation="relu") for units in dense],
            layers.Dense(10, activation="softmax"),
        ]
    )
    if train:
        images = corners().images if rescale else corners().images / 255
        learn(model, images, corners().labels)
    return model


def learn(model, images, labels, epochs=4):
    import keras

    model.compile(optimizer=keras.optimizers.Adam(0.01), loss="sparse_categorical_crossentropy")
    return model.fit(images, labels, batch_size=32, epochs=epochs, verbose=0)


@cache
def make_trained():
    return Given(convolutional(), corners())


@cache
def make_functional_with_inner_network():
    import keras

    pictures = keras.Input((28, 28, 1))
    model = keras.Model(pictures, convolutional(train=False)(pictures))
    learn(model, corners().images, corners().labels)
    return Given(model, corners())


@cache
def make_untrained():
    return Given(convolutional(train=False), corners())


@cache
def make_too_large():
    return Given(convolutional(dense=(300,), train=False), corners())


@cache
def make_history():
    model = convolutional(train=False)
    return Given(learn(model, corners().images[:32], corners().labels[:32], epochs=1), corners())


@cache
def make_scaled_outside():
    import keras

    # Trained on small numbers, saturated by large ones: what a network without Rescaling meets.
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Conv2D(8, 5, padding="same", activation="tanh"),
            keras.layers.AveragePooling2D(4),
            keras.layers.Flatten(),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    learn(model, corners().images / 255, corners().labels, epochs=8)
    return Given(model, corners())


def badly(model):
    """One step on labels that fit nothing: trained, and no good."""
    learn(model, corners().images[:32], np.zeros(32), epochs=1)
    return Given(model, corners())


@cache
def make_dense_heavy():
    return badly(convolutional(dense=(100,), train=False))


@cache
def make_last_layer_heavy():
    return badly(convolutional(train=False))


@cache
def make_trained_longer():
    model = convolutional(train=False)
    learn(model, corners().images, corners().labels, epochs=17)
    return Given(model, corners())


@cache
def make_two_outputs():
    import keras

    pictures = keras.Input((28, 28, 1))
    flat = keras.layers.Flatten()(pictures)
    return Given(keras.Model(pictures, [keras.layers.Dense(10)(flat), keras.layers.Dense(10)(flat)]), corners())


@cache
def make_without_convolution():
    import keras

    pictures = keras.Input((28, 28, 1))
    flat = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(pictures))
    return badly(keras.Model(pictures, keras.layers.Dense(10, activation="softmax")(flat)))


@cache
def make_badly_trained():
    import keras

    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Conv2D(10, 3, activation="relu"),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    return badly(model)


@cache
def make_other_pictures():
    import keras

    model = keras.Sequential(
        [keras.Input((32, 32, 3)), keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")]
    )
    return Given(model, corners())


@cache
def make_five_classes():
    import keras

    model = keras.Sequential(
        [keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(5, activation="softmax")]
    )
    return Given(model, corners())


@cache
def make_not_flattened():
    import keras

    return Given(keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Conv2D(10, 3)]), corners())


RIGHT = {
    "variant_shapes": [
        SHAPES,
        {name: (None, *np.atleast_1d(shape)) for name, shape in SHAPES.items()},
        {name: list(np.atleast_1d(shape)) for name, shape in SHAPES.items()},
    ],
    "count_parameters": [count_step_by_step, make_count_by_keras, counted(conv)],
    "recall_and_precision": [rates_sklearn, rates_loops],
    "harmless_changes": [HARMLESS, {key: f" {word.upper()} " for key, word in HARMLESS.items()}],
    "better_network": [make_trained, make_functional_with_inner_network],
    "lenet_fault": ["D", " d) ", "d, batch normalisation"],
}
WRONG = {
    "variant_shapes": [
        Wrong("same-for-valid", shapes(conv1=(30, 40, 8), pool1=(15, 20, 8), conv2=(15, 20, 20))),
        Wrong("off-by-one", shapes(conv1=(25, 35, 8))),
        Wrong("one-border", shapes(conv1=(28, 38, 8))),
        Wrong("maps-multiplied", shapes(conv1=(26, 36, 24))),
        Wrong("maps-multiplied", shapes(conv2=(13, 18, 160))),
        Wrong("maps-kept", shapes(conv2=(13, 18, 8))),
        Wrong("valid-for-same", shapes(conv2=(11, 16, 20))),
        Wrong("channels-first", shapes(conv1=(8, 26, 36))),
        Wrong("axes-swapped", shapes(conv1=(36, 26, 8))),
        Wrong("not-pooled", shapes(pool1=(26, 36, 8))),
        Wrong("maps-pooled", shapes(pool1=(13, 18, 4))),
        Wrong("rounded-up", shapes(pool2=(7, 9, 20), flatten=1260)),
        Wrong("not-flattened", shapes(flatten=(6, 9, 20))),
        Wrong("flattened-without-maps", shapes(flatten=54)),
        Wrong("weights-shape", shapes(dense=(1080, 50))),
        Wrong("batch-axis", shapes(conv1=(128, 26, 36, 8))),
        Wrong("border-twice", shapes(conv1=(22, 32, 8))),
        Wrong("maps-left-out", shapes(conv1=(26, 36))),
        Wrong("one-number", shapes(pool1=1872)),
        Wrong("maps-added", shapes(conv2=(13, 18, 28))),
        Wrong("half-place", shapes(pool2=(6.5, 9, 20))),
        Wrong("windows-overlap", shapes(pool1=(25, 35, 8))),
        Wrong("maps-alone", shapes(flatten=20)),
        Wrong("weights-counted", shapes(dense=54_050)),
        Wrong("weights-counted", shapes(dense=54_000)),
        Wrong("input-kept", shapes(dense=1080)),
        Wrong("wrong-shape", shapes(dense=10)),
        Wrong("wrong-shape", shapes(pool2=(3, 4, 20))),
        Wrong("wrong-type", shapes(pool2="6x9x20")),
        Wrong("incomplete", shapes(pool2=...)),
        Wrong("wrong-type", (26, 36, 8)),
    ],
    "count_parameters": [
        Wrong("bias-forgotten", counted(lambda k, c, f, n: k * k * c * f, lambda i, u: i * u)),
        Wrong("one-bias", counted(lambda k, c, f, n: k * k * c * f + 1, lambda i, u: i * u + 1)),
        Wrong("channels-forgotten", counted(lambda k, c, f, n: (k * k + 1) * f)),
        Wrong("bias-per-channel", counted(lambda k, c, f, n: (k * k + 1) * c * f)),
        Wrong("at-every-position", counted(lambda k, c, f, n: n * conv(k, c, f, n))),
        Wrong("pooling-forgotten", counted(conv, pool=lambda length, size: length)),
        Wrong("rounded-up", counted(conv, pool=lambda length, size: -(-length // size))),
        Wrong("maps-forgotten", count_one_map_flattened),
        Wrong("flattened-again", count_always_flattened),
        Wrong("valid", count_valid),
        Wrong("pool-learns", count_learning_pool),
        Wrong("wrong-value", lambda image_shape, stack: 107_786),
        Wrong("channels-kept", count_with_channels_of_the_picture),
        Wrong("one-channel", lambda shape, stack: count_step_by_step((*shape[:2], 1), stack)),
        Wrong("height-twice", lambda shape, stack: count_step_by_step((shape[0], shape[0], shape[2]), stack)),
        Wrong("width-twice", lambda shape, stack: count_step_by_step((shape[1], shape[1], shape[2]), stack)),
        Wrong("always-two", counted(conv, pool=lambda length, size: length // 2)),
        Wrong("fractions", counted(conv, pool=lambda length, size: length / size)),
        Wrong("size-once", counted(lambda k, c, f, n: (k * c + 1) * f)),
        Wrong("first-layer", lambda shape, stack: count_step_by_step(shape, stack[:1])),
        Wrong("wrong-shape", lambda shape, stack: [count_step_by_step(shape, stack)]),
        Wrong("not-a-function", 107_786),
    ],
    "recall_and_precision": [
        Wrong("exchanged", lambda confusion, label: rates_loops(confusion, label)[::-1]),
        Wrong("row-twice", rates_with(lambda matrix, k: (matrix[k].sum(), matrix[k].sum()))),
        Wrong("column-twice", rates_with(lambda matrix, k: (matrix[:, k].sum(), matrix[:, k].sum()))),
        Wrong("against-mistakes", rates_with(lambda m, k: (m[k].sum() - m[k, k], m[:, k].sum() - m[k, k]))),
        Wrong("of-all-pictures", rates_with(lambda matrix, k: (matrix.sum(), matrix.sum()))),
        Wrong("accuracy", rates_accuracy),
        Wrong("against-the-rest", rates_against_rest),
        Wrong("percent", rates_percent),
        Wrong("rounded-to-3", lambda matrix, k: [round(float(share), 3) for share in rates_loops(matrix, k)]),
        Wrong("rounded-to-2", lambda matrix, k: [round(float(share), 2) for share in rates_loops(matrix, k)]),
        Wrong("wrong-values", lambda matrix, k: (rates_loops(matrix, k)[0], rates_accuracy(matrix, k)[0])),
        Wrong("wrong-shape", lambda matrix, k: rates_loops(matrix, k)[0]),
        Wrong("empty-class", rates_unguarded),
    ],
    "harmless_changes": [
        Wrong("mirrored-digits", harmless(mirror="both")),
        Wrong("six-becomes-nine", harmless(upside_down="digits")),
        Wrong("never-turns-up", harmless(upside_down="garments")),
        Wrong("cut-off", harmless(shift_14="both")),
        Wrong("cut-off", harmless(shift_14="garments", darker="neither")),
        Wrong("too-cautious", harmless(mirror="neither")),
        Wrong("too-cautious", harmless(turn_10="digits")),
        Wrong("unknown-word", harmless(darker=True)),
        Wrong("wrong-type", "both"),
    ],
    "better_network": [
        Wrong("over-budget", make_too_large),
        Wrong("not-trained", make_untrained),
        Wrong("history-not-model", make_history),
        Wrong("scaled-outside", make_scaled_outside),
        Wrong("parameters-in-dense", make_dense_heavy),
        Wrong("no-convolution", make_without_convolution),
        Wrong("below-the-bar", make_last_layer_heavy),
        Wrong("trained-longer", make_trained_longer),
        Wrong("accuracy-not-network", Given(0.87, None)),
        Wrong("wrong-output", make_two_outputs),
        Wrong("below-the-bar", make_badly_trained),
        Wrong("wrong-input", make_other_pictures),
        Wrong("wrong-output", make_five_classes),
        Wrong("wrong-output", make_not_flattened),
        Wrong("not-a-network", Given("my network", None)),
    ],
    "lenet_fault": [
        Wrong("over-fitting", "A"),
        Wrong("dropout", "B."),
        Wrong("augmentation", "c"),
        Wrong("labels", "e"),
        Wrong("scaling", "F"),
        Wrong("no-such-suspect", "the learning rate"),
        Wrong("no-such-suspect", 4),
    ],
}
