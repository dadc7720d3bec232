"""Tiny networks whose weights are set by hand, so that everybody can tell which part of a picture must matter."""

import numpy as np

PLACE = (slice(9, 13), slice(3, 7))


def colour_model(ending="softmax", size=24, **input_options):
    """Return a flat model (size, size, 3) pixels -> 2 scores; its first convolution picks red and green out.

    Class 0 is red, class 1 is green, wherever it is and whatever else is in the picture.
    """
    import keras

    inputs = keras.Input((size, size, 3), **input_options)
    x = keras.layers.Rescaling(1 / 255)(inputs)
    x = keras.layers.Conv2D(2, 3, padding="same", use_bias=False, name="colours")(x)
    x = keras.layers.ReLU(name="bright")(x)
    x = keras.layers.MaxPooling2D(name="pool")(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    if ending == "layer":
        x = keras.layers.Softmax()(keras.layers.Dense(2, name="scores")(x))
    else:
        x = keras.layers.Dense(2, activation=ending, name="scores")(x)
    model = keras.Model(inputs, x)
    kernel = np.zeros((3, 3, 3, 2), dtype="float32")
    kernel[1, 1] = [[1, -1], [-1, 1], [0, 0]]  # red minus green, green minus red
    model.get_layer("colours").set_weights([kernel])
    model.get_layer("scores").set_weights([np.array([[20, -20], [-20, 20]], "float32"), np.zeros(2, "float32")])
    return model


def patches(size=24):
    """Return two uint8 pictures: grey, with a red patch at the top left and a green one at the bottom right."""
    pictures = np.full((2, size, size, 3), 90, dtype="uint8")
    pictures[:, 3:8, 3:8] = (250, 20, 20)
    pictures[:, 14:20, 15:21] = (20, 250, 20)
    return pictures


def place_model(ending="softmax", size=16):
    """Return a flat model (size, size, 1) pixels -> scores: class 1 is a square at `PLACE` that is bright on average.

    `ending` is "softmax", "op" (softmax as an operation), "layer", None (logits), or "binary" and "binary logits"
    with one output for both classes.
    """
    import keras

    inputs = keras.Input((size, size, 1))
    x = keras.layers.Rescaling(1 / 255)(inputs)
    x = keras.layers.Conv2D(1, 3, padding="same", use_bias=False, activation="relu", name="look")(x)
    x = keras.layers.Flatten()(x)
    binary = str(ending).startswith("binary")
    activation = {"softmax": "softmax", "binary": "sigmoid"}.get(ending)
    x = keras.layers.Dense(1 if binary else 2, activation=activation, name="scores")(x)
    x = keras.layers.Softmax()(x) if ending == "layer" else keras.ops.softmax(x) if ending == "op" else x
    model = keras.Model(inputs, x)
    kernel = np.zeros((3, 3, 1, 1), dtype="float32")
    kernel[1, 1] = 1
    where = np.zeros((size, size, 1), dtype="float32")
    where[PLACE] = 6 / 16  # the square's mean brightness, times 6
    yes = where.reshape(-1, 1)
    model.get_layer("look").set_weights([kernel])
    weights = [yes, np.float32([-3])] if binary else [np.hstack([0 * yes, yes]), np.float32([0, -3])]
    model.get_layer("scores").set_weights(weights)
    return model


def squares(n=2, size=16):
    """Return n uint8 pictures (n, size, size, 1): dim noise, a bright square at `PLACE` and another elsewhere."""
    pictures = np.random.default_rng(0).integers(0, 30, (n, size, size, 1), dtype="uint8")
    pictures[:, 1:6, 9:14] = 220
    pictures[(slice(None), *PLACE)] = 250
    return pictures


def random_model(size=12, channels=3, activation="relu", seed=0):
    """Return a model (size, size, channels) pixels -> 3 scores with weights drawn at random."""
    import keras

    keras.utils.set_random_seed(seed)
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((size, size, channels)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(4, 3, activation=activation, name="first", bias_initializer="random_normal"),
            layers.MaxPooling2D(name="pool"),
            layers.Conv2D(5, 3, padding="same", activation=activation, name="second"),
            layers.Flatten(),
            layers.Dense(3, activation="softmax", name="scores"),
        ]
    )


def noise_pictures(n=3, size=12, channels=3):
    """Return uint8 noise, (n, size, size, channels)."""
    return np.random.default_rng(1).integers(0, 256, (n, size, size, channels), dtype="uint8")
