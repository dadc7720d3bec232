"""Checks that accept what is right; what is wrong is in faults/test_learner_input.py."""

from types import SimpleNamespace

import numpy as np
import pytest

from course_utils import inputs


@pytest.mark.parametrize("dtype", ["uint8", "int32", "int64"])
def test_when_labels_are_class_numbers_then_they_come_back_as_int64(dtype):
    labels = inputs.check_labels(np.array([0, 2, 1], dtype=dtype), 3, n_images=3)
    assert labels.dtype == np.int64
    np.testing.assert_array_equal(labels, [0, 2, 1])


def test_when_labels_are_a_list_then_they_are_accepted():
    np.testing.assert_array_equal(inputs.check_labels([4, 0]), [4, 0])


@pytest.mark.parametrize("shape", [(2, 28, 28, 1), (2, 32, 32, 3), (1, 1, 1, 1), (3, 3, 28, 1)])
def test_when_images_have_the_usual_shape_then_they_come_back_unchanged(shape):
    images = np.zeros(shape, dtype="uint8")
    assert inputs.check_images(images) is images


@pytest.mark.parametrize(
    ("found", "shape"),
    [((5, 28, 28, 1), (None, 28, 28, 1)), ((5, 40, 30, 3), (None, None, None, 3)), ((5, 9), (None, 9))],
)
def test_when_images_fit_the_model_then_nothing_is_said(found, shape):
    inputs.check_model_shape(np.zeros(found), shape)


@pytest.mark.parametrize(
    ("low", "high", "dtype", "rescales"),
    [
        (0, 255, "uint8", True),
        (0, 255, "uint8", None),
        (0, 255, "float32", True),
        (-20, 280, "float32", True),  # noise was added
        (0, 1, "float32", False),
        (0, 1, "float64", None),
        (-2.4, 2.8, "float32", False),  # standardised
        (7, 7, "uint8", False),  # blank
        (0, 0, "float32", True),
    ],
)
def test_when_pixels_suit_the_model_then_nothing_is_said(low, high, dtype, rescales):
    inputs.check_pixel_scale(np.array([[low, high]], dtype=dtype), rescales)


def test_when_raw_pixels_are_declared_then_nothing_is_said():
    inputs.check_pixel_scale(np.array([[0, 255]], dtype="uint8"), False, raw_pixels=True)


def stack(*names):
    """Something with layers of the given kinds; a tuple is a model inside the model."""
    layers = [stack(*name) if isinstance(name, tuple) else type(name, (), {})() for name in names]
    return SimpleNamespace(layers=layers)


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        (["InputLayer", "Rescaling", "Conv2D"], True),
        (["RandomFlip", "Rescaling", "Dense"], True),
        ([("RandomFlip", "Rescaling"), "Conv2D"], True),
        (["Flatten", "Dense"], False),
        (["Conv2D", "Rescaling"], False),
        (["ZeroPadding2D", "Conv2D"], False),
        (["Normalization", "Dense"], None),
        (["BatchNormalization", "Conv2D"], None),
        (["MyOwnLayer", "Dense"], None),
        ([], None),
    ],
)
def test_when_a_model_is_read_then_its_scaling_is_known_or_left_open(layers, expected):
    assert inputs.model_rescales(stack(*layers)) is expected


def test_the_kinds_of_layers_are_those_of_keras():
    keras = pytest.importorskip("keras")
    assert all(hasattr(keras.layers, name) for name in inputs._NEUTRAL_LAYERS)
