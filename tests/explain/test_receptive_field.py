"""Receptive fields against an oracle: which pixels, made very bright, change a place of the map."""

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from course_utils.explain.graph import graph_of  # noqa: E402
from course_utils.explain.receptive_field import fields, windows_of  # noqa: E402

layers = keras.layers
ONES = {"kernel_initializer": "ones"}
SIZE = (14, 11)


def seen_by(model):
    """Return for each place of the map the rows and columns it sees: (rows, columns, 4) as top, left, bottom, right."""
    height, width = SIZE
    pictures = 1e3 * np.eye(height * width, dtype="float32").reshape(-1, height, width, 1)
    answers = np.asarray(model(np.concatenate([0 * pictures[:1], pictures]), training=False)).max(axis=-1)
    changed = (answers[1:] != answers[0]).reshape(height, width, *answers.shape[1:])
    found = np.zeros((*answers.shape[1:], 4), dtype=int)
    for place in np.ndindex(answers.shape[1:]):
        rows, columns = np.nonzero(changed[(slice(None), slice(None), *place)])
        found[place] = rows.min(), columns.min(), rows.max() + 1, columns.max() + 1
    return found


def computed(model):
    seen = fields(graph_of(model), model.layers[-1], SIZE)
    shape = tuple(field.size for field in seen)
    places = np.stack(np.meshgrid(*map(np.arange, shape), indexing="ij"), axis=-1)
    return windows_of(seen, places, shape, SIZE)


STACKS = {
    "one convolution": [layers.Conv2D(2, (5, 3), **ONES)],
    "same": [layers.Conv2D(1, 5, padding="same", **ONES)],
    "even kernel, same": [layers.Conv2D(1, (4, 2), padding="same", **ONES)],
    "stride, same": [layers.Conv2D(1, 3, strides=2, padding="same", **ONES)],
    "stride, valid": [layers.Conv2D(1, 3, strides=(3, 2), **ONES)],
    "dilated": [layers.Conv2D(1, 3, dilation_rate=2, **ONES)],
    "LeNet": [
        layers.Rescaling(1 / 255),
        layers.Conv2D(2, 3, padding="same", activation="relu", **ONES),
        layers.AveragePooling2D(2),
        layers.Conv2D(2, 3, **ONES),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.Dropout(0.5),
        layers.MaxPooling2D(2),
    ],
    "pooling that overlaps": [layers.MaxPooling2D(3, strides=2, padding="same"), layers.Conv2D(1, 2, **ONES)],
    "depthwise and separable": [
        layers.DepthwiseConv2D(3, strides=2, padding="same", depthwise_initializer="ones"),
        layers.SeparableConv2D(2, 3, depthwise_initializer="ones", pointwise_initializer="ones"),
    ],
    "padding and cropping": [
        layers.ZeroPadding2D(((1, 2), (0, 3))),
        layers.Conv2D(1, 4, strides=2, **ONES),
        layers.Cropping2D(((1, 0), (1, 1))),
    ],
    "augmentation": [layers.RandomFlip(), layers.RandomRotation(0.1), layers.Conv2D(1, 3, **ONES)],
}


@pytest.mark.parametrize("name", STACKS)
def test_the_window_holds_exactly_the_pixels_that_matter(name):
    model = keras.Sequential([keras.Input((*SIZE, 1)), *map(copy_of, STACKS[name])])
    np.testing.assert_array_equal(computed(model), seen_by(model))


def copy_of(layer):
    return type(layer).from_config(layer.get_config())


def shortcut(inputs):
    x = layers.Conv2D(2, 3, strides=2, padding="same", **ONES)(inputs)
    inside = layers.Conv2D(2, 3, padding="same", activation="relu", **ONES)(x)
    return layers.Add()([x, layers.Conv2D(2, 3, padding="same", **ONES)(inside)])


def branches(inputs):
    wide = layers.Conv2D(1, (1, 5), padding="same", **ONES)(inputs)
    high = layers.Conv2D(1, (5, 1), padding="same", **ONES)(inputs)
    return layers.Concatenate()([wide, high])


def operators(inputs):
    x = inputs / 255
    return layers.Conv2D(1, 3, **ONES)(x + layers.Conv2D(1, 3, padding="same", **ONES)(x))


@pytest.mark.parametrize("build", [shortcut, branches, operators])
def test_where_paths_meet_the_window_holds_those_of_all(build):
    inputs = keras.Input((*SIZE, 1))
    model = keras.Model(inputs, build(inputs))
    np.testing.assert_array_equal(computed(model), seen_by(model))


def squeeze(inputs):
    x = layers.Conv2D(2, 3)(inputs)
    return layers.Multiply()([x, layers.GlobalAveragePooling2D(keepdims=True)(x)])


def two_scales(inputs):
    fine = layers.Conv2D(1, 3, padding="same")(inputs)
    coarse = layers.UpSampling2D(2)(layers.MaxPooling2D(2, padding="same")(inputs))
    return layers.Add()([layers.Cropping2D(((0, 0), (0, 1)))(coarse), fine])


class Block(layers.Conv2D):
    """A layer of the learner's: nobody knows what it does beside its kernel."""


@pytest.mark.parametrize(
    "build",
    [
        squeeze,
        two_scales,
        Block(1, 3),
        layers.Resizing(7, 7),
        layers.Conv2DTranspose(1, 3),
        layers.LayerNormalization(axis=1),
    ],
)
def test_when_a_place_sees_no_simple_window_then_nothing_is_claimed(build):
    inputs = keras.Input((*SIZE, 1))
    model = keras.Model(inputs, build(inputs))
    assert fields(graph_of(model), model.layers[-1], SIZE) is None
