"""Kernels, dense weights and feature maps."""

import numpy as np
import pytest

import course_utils as cu
from course_utils.errors import InputError, UnknownNameError


@pytest.fixture(scope="module")
def model():
    keras = pytest.importorskip("keras")
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.Input((12, 12, 1)),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(6, 5, activation="relu", name="first"),
            keras.layers.Conv2D(16, 3, name="second"),
            keras.layers.Flatten(),
            keras.layers.Dense(10, name="last"),
        ]
    )


def shown(ax):
    return np.asarray(ax.get_images()[0].get_array())


def test_when_a_model_is_given_then_its_first_kernels_are_shown_on_one_symmetric_scale(model, legible):
    drawing = cu.show_filters(model)
    kernels = model.get_layer("first").get_weights()[0]
    assert len(drawing.ax) == 6
    for index, panel in enumerate(drawing.ax):
        np.testing.assert_array_equal(shown(panel), kernels[:, :, 0, index])
        assert panel.get_images()[0].get_clim() == pytest.approx((-np.abs(kernels).max(), np.abs(kernels).max()))
    assert drawing.fig.axes[-1].get_ylabel() == "weight"
    assert "6 filters of layer first of 5 by 5 weights on 1 channel," in cu.alt_text(drawing.fig)
    legible(drawing)


@pytest.mark.parametrize("layer", ["second", 2, -3])
def test_when_a_layer_has_many_channels_then_rows_are_filters_and_columns_channels(model, layer):
    drawing = cu.show_filters(model, layer)
    kernels = model.get_layer("second").get_weights()[0]
    np.testing.assert_array_equal(shown(drawing.ax[6 + 2]), kernels[:, :, 2, 1])
    assert drawing.ax[6].get_ylabel() == "filter 1" and drawing.ax[2].get_title() == "channel 2"


def test_when_rows_are_filters_and_columns_channels_then_it_is_legible(legible):
    legible(cu.show_filters(np.random.default_rng(0).normal(size=(3, 3, 4, 4))))


def test_when_kernels_see_colour_then_zero_is_grey():
    kernels = np.zeros((3, 3, 3, 2))
    kernels[0, 0, 0, 0] = 2.0
    _, axes = cu.show_filters(kernels)
    np.testing.assert_allclose(shown(axes[0])[0, 0], [1, 0.5, 0.5])
    np.testing.assert_allclose(shown(axes[1]), 0.5)


def test_when_dense_weights_are_given_then_each_unit_is_a_picture(legible):
    weights = np.arange(784 * 10, dtype="float32").reshape(784, 10)
    drawing = cu.show_filters(weights, titles=[f"digit {number}" for number in range(10)])
    np.testing.assert_array_equal(shown(drawing.ax[3]), weights[:, 3].reshape(28, 28))
    assert drawing.ax[3].get_title() == "digit 3"
    legible(drawing)


def test_when_a_dense_model_is_given_then_its_input_shape_is_used():
    keras = pytest.importorskip("keras")
    dense = keras.Sequential([keras.Input((4, 6, 1)), keras.layers.Flatten(), keras.layers.Dense(3)])
    _, axes = cu.show_filters(dense)
    assert len(axes) == 3 and shown(axes[0]).shape == (4, 6)


def test_when_one_kernel_is_given_then_one_panel_is_drawn():
    _, axes = cu.show_filters(np.array([[-1.0, 0, 1]] * 3))
    assert len(axes) == 1


def test_when_the_layer_is_unknown_then_the_names_are_listed_closest_first(model):
    with pytest.raises(UnknownNameError, match="'first'") as error:
        cu.show_filters(model, "frist")
    assert error.value.valid[0] == "first"
    with pytest.raises(UnknownNameError):
        cu.show_filters(model, 99)


def test_when_a_layer_has_no_kernels_then_those_that_have_are_named(model):
    with pytest.raises(InputError, match="first, second, last"):
        cu.show_filters(model, 0)


@pytest.mark.parametrize("weights", [np.zeros((20, 3)), np.zeros(5)])
def test_when_weights_are_no_pictures_then_the_error_names_the_shape(weights):
    with pytest.raises(InputError, match="shape"):
        cu.show_filters(weights)


def test_when_an_image_goes_through_the_model_then_its_maps_are_those_keras_computes(model, legible):
    image = np.random.default_rng(0).integers(0, 256, (12, 12, 1), dtype="uint8")
    drawing = cu.show_feature_maps(model, image, "first")
    kernels, bias = model.get_layer("first").get_weights()
    patch = image[2:7, 3:8, 0] / 255
    expected = max(0.0, float((patch * kernels[:, :, 0, 4]).sum() + bias[4]))
    assert drawing.ax[0].get_title() == "input"
    np.testing.assert_array_equal(shown(drawing.ax[0]), image[..., 0])
    assert shown(drawing.ax[1 + 4])[2, 3] == pytest.approx(expected, abs=1e-5)
    assert drawing.fig.axes[-1].get_ylabel() == "activation"
    legible(drawing)


def test_when_maps_have_negative_values_then_the_scale_is_symmetric(model, legible):
    image = np.full((12, 12, 1), 200, dtype="uint8")
    drawing = cu.show_feature_maps(model, image, "second")
    low, high = drawing.ax[1].get_images()[0].get_clim()
    assert low == -high < 0
    legible(drawing)


def test_when_maps_are_given_then_silent_ones_are_counted(legible):
    maps = np.zeros((5, 5, 3))
    maps[2, 2, 1] = 4.0
    drawing = cu.show_feature_maps(maps)
    assert len(drawing.ax) == 3
    assert drawing.ax[0].get_images()[0].get_clim() == (0, 4)
    assert "2 of them are zero everywhere" in cu.alt_text(drawing.fig)
    legible(drawing)


def test_when_pixels_are_scaled_twice_then_maps_are_refused(model):
    with pytest.raises(InputError, match="scaled twice"):
        cu.show_feature_maps(model, np.random.default_rng(0).random((12, 12, 1)), "first")


def test_when_there_is_no_image_then_the_error_shows_how_to_give_one(model):
    with pytest.raises(InputError, match=r"data\.test\.images\[0\]"):
        cu.show_feature_maps(model)


def test_when_the_image_does_not_fit_then_shapes_and_fix_are_named(model):
    with pytest.raises(InputError, match=r"\(n, 12, 12, 1\)"):
        cu.show_feature_maps(model, np.zeros((28, 28, 1)))


def test_when_the_layer_has_no_pictures_then_the_error_says_to_stop_before_flatten(model):
    with pytest.raises(InputError, match="Flatten"):
        cu.show_feature_maps(model, np.zeros((12, 12, 1), dtype="uint8"), "last")
