"""The arithmetic of augmentation is that of Keras's layers: their draws, our pixels."""

import numpy as np
import pytest

from course_utils.widgets import transforms

SIZES = ((32, 32, 3), (28, 28, 1), (20, 31, 3))
N = 8


@pytest.fixture(params=SIZES, ids=str)
def picture(request):
    rng = np.random.default_rng(1)
    return rng.integers(0, 256, request.param).astype("float32")


def answered(layer, picture):
    """What a layer draws for N copies of a picture, and what it makes of them."""
    keras = pytest.importorskip("keras")
    batch = np.repeat(picture[np.newaxis], N, axis=0)
    drawn = layer.get_random_transformation(batch, training=True)
    found = layer.transform_images(keras.ops.convert_to_tensor(batch), drawn, training=True)
    arrays = {
        name: np.array(keras.ops.convert_to_numpy(value)) for name, value in drawn.items() if name != "input_shape"
    }
    return arrays, keras.ops.convert_to_numpy(found)


def layers():
    return pytest.importorskip("keras").layers


@pytest.mark.parametrize(("mode", "axis"), [("horizontal", 1), ("vertical", 0)])
def test_when_a_picture_is_mirrored_then_its_pixels_are_those_of_random_flip(picture, mode, axis):
    drawn, expected = answered(layers().RandomFlip(mode, seed=3), picture)
    flips = drawn["flips"].ravel()
    assert 0 < flips.sum() < N
    np.testing.assert_array_equal(transforms.mirrored(picture, flips, axis), expected)


@pytest.mark.parametrize("factor", [0.05, 0.5])
def test_when_a_picture_is_turned_then_its_pixels_are_those_of_random_rotation(picture, factor):
    drawn, expected = answered(layers().RandomRotation(factor, seed=3), picture)
    assert np.ptp(drawn["angle"]) > 100 * factor
    np.testing.assert_allclose(transforms.turned(picture, drawn["angle"]), expected, atol=0.05)


def test_when_a_picture_is_turned_by_90_degrees_then_it_turns_counter_clockwise():
    picture = np.arange(9, dtype="float32").reshape(3, 3, 1)
    np.testing.assert_allclose(transforms.turned(picture, [90])[0, ..., 0], np.rot90(picture[..., 0]), atol=1e-4)


@pytest.mark.parametrize("factor", [0.125, 0.5])
def test_when_a_picture_is_moved_then_its_pixels_are_those_of_random_translation(picture, factor):
    layer = layers().RandomTranslation(factor, factor, interpolation="nearest", seed=3)
    drawn, expected = answered(layer, picture)
    right, down = drawn["translations"].T
    np.testing.assert_array_equal(transforms.moved(picture, down, right), expected)


@pytest.mark.parametrize("factor", [0.2, 0.9])
def test_when_a_picture_is_zoomed_then_its_pixels_are_those_of_random_zoom(picture, factor):
    drawn, expected = answered(layers().RandomZoom(factor, seed=3), picture)
    np.testing.assert_allclose(transforms.zoomed(picture, drawn["height_zoom"].ravel()), expected, atol=0.05)


@pytest.mark.parametrize("share", [0.06, 0.4])
def test_when_a_patch_is_erased_then_it_is_one_that_random_erasing_makes(picture, share):
    layer = layers().RandomErasing((1.0, 1.0), scale=(share, share), fill_value=128, seed=3)
    drawn, expected = answered(layer, picture)
    # The layer tells which pixels it covers, not the place it drew: look for a place that covers the same ones.
    places = np.linspace(0, 1, 1001)
    covered = transforms.erased(np.zeros((*picture.shape[:2], 1), "float32"), share, places, places)[..., 0] > 0
    top, left = (
        [
            places[(covered.any(axis) == mask.any(axis - 1)).all(axis=1).argmax()]
            for mask in drawn["batch_masks"][..., 0]
        ]
        for axis in (2, 1)
    )
    np.testing.assert_array_equal(transforms.erased(picture, share, top, left), expected)


def test_when_the_patch_is_at_either_end_then_it_touches_the_border():
    picture = np.zeros((32, 32, 1), "float32")
    first, last = transforms.erased(picture, 0.0625, [0, 1], [0, 1])[..., 0]
    assert (first[:8, :8] == 128).all() and first.sum() == 128 * 64
    assert (last[-8:, -8:] == 128).all() and last.sum() == 128 * 64


@pytest.mark.parametrize("factor", [0.2, 1.0])
def test_when_a_picture_is_brightened_then_its_pixels_are_those_of_random_brightness(picture, factor):
    drawn, expected = answered(layers().RandomBrightness(factor, seed=3), picture)
    amounts = drawn["rgb_delta"].ravel() / 255
    np.testing.assert_allclose(transforms.brightened(picture, amounts), expected, atol=1e-3)


def test_when_the_contrast_changes_then_the_pixels_are_those_of_random_contrast(picture):
    drawn, expected = answered(layers().RandomContrast((0.8, 0.8), seed=3), picture)
    factors = drawn["contrast_factor"].ravel()
    assert factors.min() < 1 < factors.max()
    np.testing.assert_allclose(transforms.contrasted(picture, factors), expected, atol=1e-2)


def test_when_colours_get_stronger_then_the_pixels_are_those_of_random_saturation():
    picture = np.random.default_rng(1).integers(0, 256, (32, 32, 3)).astype("float32")
    picture[:2] = 0
    drawn, expected = answered(layers().RandomSaturation((0.1, 0.9), seed=3), picture)
    assert drawn["factor"].min() < 1 < drawn["factor"].max()
    np.testing.assert_allclose(transforms.saturated(picture, drawn["factor"]), np.clip(expected, 0, 255), atol=0.05)


def test_when_the_hue_is_turned_then_the_pixels_are_those_of_random_hue():
    picture = np.random.default_rng(1).integers(0, 256, (32, 32, 3)).astype("float32")
    picture[:2] = 100  # grey has no hue
    picture[2] = (200, 200, 0)
    drawn, expected = answered(layers().RandomHue(1.0, seed=3), picture)
    assert np.ptp(drawn["factor"]) > 0.5
    np.testing.assert_allclose(transforms.hue_turned(picture, drawn["factor"]), expected, atol=0.05)


def test_when_pictures_are_mixed_then_the_pixels_are_those_of_mixup():
    keras = pytest.importorskip("keras")
    pictures = np.random.default_rng(1).integers(0, 256, (N, 32, 32, 3)).astype("float32")
    layer = keras.layers.MixUp(alpha=0.4, seed=3)
    drawn = layer.get_random_transformation(pictures)
    expected = keras.ops.convert_to_numpy(layer.transform_images(pictures, drawn))
    order = keras.ops.convert_to_numpy(drawn["permutation_order"])
    shares = keras.ops.convert_to_numpy(drawn["mix_weight"])
    for n in range(N):
        ours = transforms.mixed(pictures[n], pictures[order[n]][np.newaxis], [shares[n]])[0]
        np.testing.assert_allclose(ours, expected[n], atol=1e-3)
