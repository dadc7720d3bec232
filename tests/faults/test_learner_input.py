"""Faults 23 and 24: labels and pixels that cannot be right. Each error names the first bad index and the fix."""

import numpy as np
import pytest

from course_utils import inputs
from course_utils.errors import CourseError, InputError
from course_utils.evaluation import evaluate

IMAGES = np.tile(np.array([0, 255], dtype="uint8"), 14 * 28 * 5).reshape(5, 28, 28, 1)
NAMES = ("a", "b", "c")


def always_zero(batch):
    return np.zeros(len(batch), dtype=int)


def message(error):
    assert isinstance(error.value, CourseError) and isinstance(error.value, ValueError)
    return str(error.value)


@pytest.mark.parametrize(
    ("labels", "seen", "fix"),
    [
        ([0, 1, -1, 2, -1], "labels[2] is -1, the first of 2", "keep = labels != -1"),
        ([0, 1, 2, 1, 3], "labels[4] is 3, the first of 1", "labels != 3"),
        ([1, 2, 3, 1, 2], "labels[2] is 3", "labels - 1"),
        ([0.0, 1.0, 2.0, 1.0, 0.0], "dtype float64", "labels.astype('int64')"),
        ([0, 1, 0.5, 1, 2], "labels[2] is 0.5, the first fraction of 1", "class numbers"),
        ([0, np.nan, 1, 2, 0], "labels[1] is nan, the first of 1", "np.isfinite(labels)"),
        ([0, 1, 2, np.inf, 0], "labels[3] is inf", "np.isfinite(labels)"),
        (np.eye(3)[[0, 1, 2, 1, 0]], "labels[0] is [1. 0. 0.]", "labels.argmax(axis=1)"),
        (np.eye(3, dtype=int)[[2, 1, 2, 1, 0]], "labels[0] is [0 0 1]", "labels.argmax(axis=1)"),
        ([[0], [1], [2], [1], [0]], "shape (5, 1)", "labels[:, 0]"),
        (["a", "b", "c", "a", "b"], "labels[0] is", "np.unique(labels, return_inverse=True)"),
        ([True, False, True, False, True], "dtype bool", "labels.astype('int64')"),
        ([0, 1, 2, 0], "index 4 is the first without a partner", "labels[:n]"),
        ([0, 1, 2, 0, 1, 2], "index 5 is the first without a partner", "labels[:n]"),
        ([], "shape (0,)", ""),
        (3, "shape ()", ""),
    ],
)
def test_when_labels_are_wrong_then_the_first_bad_index_and_the_fix_are_named(labels, seen, fix):
    labels = np.asarray(labels)
    before = labels.copy()
    with pytest.raises(InputError) as error:
        evaluate(always_zero, (IMAGES, labels), classes=NAMES)
    assert seen in message(error)
    assert fix in message(error)
    np.testing.assert_array_equal(labels, before)
    # With the fault removed the next call succeeds.
    assert evaluate(always_zero, (IMAGES, [0, 1, 2, 0, 0]), classes=NAMES).accuracy == pytest.approx(0.6)


@pytest.mark.parametrize(
    ("labels", "line"),
    [
        (np.eye(3)[[0, 1, 2, 1, 0]], "labels = labels.argmax(axis=1)"),
        (np.array([[0], [1], [2], [1], [0]]), "labels = labels[:, 0]"),
        (np.array([0.0, 1.0, 2.0, 1.0, 0.0]), "labels = labels.astype('int64')"),
        (np.array([1, 2, 3, 2, 1]), "labels = labels - 1"),
        (np.array(["cat", "dog", "fox", "dog", "cat"]), "classes, labels = np.unique(labels, return_inverse=True)"),
    ],
)
def test_when_the_advised_line_is_run_then_the_labels_are_accepted(labels, line):
    with pytest.raises(InputError) as error:
        inputs.check_labels(labels, 3)
    assert line in message(error)
    names = {"labels": labels, "np": np}
    exec(line, names)  # the very line of the message
    np.testing.assert_array_equal(inputs.check_labels(names["labels"], 3), [0, 1, 2, 1, 0])


@pytest.mark.parametrize(
    ("shape", "what", "line"),
    [
        ((28, 28, 1), "batch axis is missing", "images = images[np.newaxis]"),
        ((28, 28), "batch axis and the channel axis are missing", "images = images[np.newaxis, ..., np.newaxis]"),
        ((5, 28, 28), "channel axis is missing", "images = images[..., np.newaxis]"),
        ((5, 3, 32, 32), "Channels come first", "images = images.transpose(0, 2, 3, 1)"),
        ((5, 784), "flattened", "images = images.reshape(-1, 28, 28, 1)"),
    ],
)
def test_when_axes_are_wrong_then_the_advised_line_makes_them_right(shape, what, line):
    images = np.zeros(shape, dtype="uint8")
    with pytest.raises(InputError) as error:
        inputs.check_images(images)
    assert what in message(error) and str(shape) in message(error) and line in message(error)
    names = {"images": images, "np": np}
    exec(line, names)
    assert inputs.check_images(names["images"]).ndim == 4


@pytest.mark.parametrize("shape", [(0, 28, 28, 1), (2, 3, 4, 5, 6), (7,), (5, 28, 28, 2)])
def test_when_these_are_no_images_then_the_shape_seen_is_named(shape):
    with pytest.raises(InputError) as error:
        inputs.check_images(np.zeros(shape))
    assert str(shape) in message(error)


def test_when_images_have_different_sizes_then_the_error_says_so():
    images = np.empty(2, dtype=object)
    images[:] = [np.zeros((2, 2)), np.zeros((3, 3))]
    with pytest.raises(InputError, match="same size"):
        inputs.check_images(images)


@pytest.mark.parametrize("index", [0, 3, 300])
def test_when_a_pixel_is_nan_then_the_first_such_image_is_named(index):
    images = np.zeros((400, 4, 4, 1), dtype="float32")
    images[index, 1, 2] = np.nan
    images[350] = np.inf
    with pytest.raises(InputError) as error:
        inputs.check_images(images)
    assert f"images[{index}] is the first bad one" in message(error) and "1 pixels" in message(error)


@pytest.mark.parametrize(
    ("shape", "wanted", "line"),
    [
        ((28, 28, 1), (None, 28, 28, 1), "images = images[np.newaxis]"),
        ((28, 28), (None, 28, 28, 1), "images = images[np.newaxis, ..., np.newaxis]"),
        ((5, 28, 28), (None, 28, 28, 1), "images = images[..., np.newaxis]"),
        ((5, 1, 28, 28), (None, 28, 28, 1), "images = images.transpose(0, 2, 3, 1)"),
        ((5, 3, 32, 32), (None, 32, 32, 3), "images = images.transpose(0, 2, 3, 1)"),
        ((5, 28, 28, 1), (None, 784), "images = images.reshape(len(images), -1)"),
        ((5, 784), (None, 28, 28, 1), "images = images.reshape(-1, 28, 28, 1)"),
    ],
)
def test_when_the_shape_does_not_fit_the_model_then_the_advised_line_makes_it_fit(shape, wanted, line):
    images = np.zeros(shape, dtype="uint8")
    with pytest.raises(InputError) as error:
        inputs.check_model_shape(images, wanted)
    assert str(shape) in message(error) and line in message(error)
    names = {"images": images, "np": np}
    exec(line, names)
    inputs.check_model_shape(names["images"], wanted)


@pytest.mark.parametrize("shape", [(5, 64, 64, 3), (5, 28, 28, 3), (5, 9)])
def test_when_no_line_can_help_then_both_shapes_are_named(shape):
    with pytest.raises(InputError) as error:
        inputs.check_model_shape(np.zeros(shape), (None, 28, 28, 1))
    assert str(shape) in message(error) and "(n, 28, 28, 1)" in message(error)


SCALED = (IMAGES / 255).astype("float32")


@pytest.mark.parametrize(
    ("images", "rescales", "seen", "fix"),
    [
        (SCALED, True, "float32 from 0 to 1", "* 255"),
        (SCALED * 2 - 1, True, "from -1 to 1", "* 255"),
        (SCALED / 255, False, "from 0 to 0.003922", "divide once"),
        (SCALED / 255, True, "divided by 255 twice", "divide once"),
        (IMAGES, False, "uint8 from 0 to 255, shape (5, 28, 28, 1)", "keras.layers.Rescaling(1 / 255)"),
        (IMAGES.astype("float32"), False, "float32 from 0 to 255", "keras.layers.Rescaling(1 / 255)"),
        ((IMAGES / 255).astype("uint8"), True, "uint8 from 0 to 1", "astype('float32') / 255"),
    ],
)
def test_when_pixels_are_scaled_twice_or_not_at_all_then_range_and_fix_are_named(images, rescales, seen, fix):
    with pytest.raises(InputError) as error:
        inputs.check_pixel_scale(images, rescales)
    assert seen in message(error) and fix in message(error) and "(5, 28, 28, 1)" in message(error)


def test_when_a_single_image_is_evaluated_then_the_axis_is_the_fault_not_the_labels():
    with pytest.raises(InputError) as error:
        evaluate(always_zero, (IMAGES[0], [0]), classes=NAMES)
    assert "images[np.newaxis]" in message(error)


def test_no_message_advises_to_switch_a_check_off():
    import inspect

    text = inspect.getsource(inputs).lower()
    assert not any(word in text for word in ("check=false", "disable", "ignore", "skip the check"))
