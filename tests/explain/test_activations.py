import numpy as np
import pytest

keras = pytest.importorskip("keras")

from explain_samples import noise_pictures, random_model  # noqa: E402

from course_utils.errors import InputError, UnknownNameError  # noqa: E402
from course_utils.explain import conv_kernels, feature_maps  # noqa: E402


@pytest.fixture(scope="module")
def model():
    return random_model()


def test_the_maps_of_the_first_convolution_are_those_computed_by_hand(model):
    pictures = noise_pictures()
    maps = feature_maps(model, pictures)
    kernel, bias = model.get_layer("first").get_weights()
    window = pictures[2, 4:7, 5:8] / 255  # what place (4, 5) sees
    by_hand = np.maximum((window[..., np.newaxis] * kernel).sum(axis=(0, 1, 2)) + bias, 0)
    assert maps.shape == (3, 10, 10, 4) and maps.dtype == np.float32
    np.testing.assert_allclose(maps[2, 4, 5], by_hand, atol=1e-5)


@pytest.mark.parametrize("layer", ["second", 3, -3, "the layer"])
def test_a_layer_is_named_counted_or_given(model, layer):
    layer = model.get_layer("second") if layer == "the layer" else layer
    maps = feature_maps(model, noise_pictures(), layer)
    wanted = keras.Model(model.inputs[0], model.get_layer("second").output)(noise_pictures(), training=False)
    np.testing.assert_allclose(maps, np.asarray(wanted), atol=1e-6)


def test_pictures_are_taken_in_batches_as_floats_too_and_one_at_a_time(model):
    pictures = noise_pictures(7)
    at_once = feature_maps(model, pictures, "second")
    assert at_once.std(axis=0).min() >= 0 and not np.allclose(at_once[0], at_once[6])
    np.testing.assert_allclose(feature_maps(model, pictures, "second", batch_size=3), at_once, atol=1e-6)
    np.testing.assert_allclose(feature_maps(model, pictures.astype("float32"), "second"), at_once, atol=1e-6)
    np.testing.assert_allclose(feature_maps(model, pictures[4], "second"), at_once[4:5], atol=1e-6)


def test_dropout_and_augmentation_rest():
    layers = keras.layers
    model = keras.Sequential(
        [keras.Input((8, 8, 1)), layers.RandomFlip(), layers.Conv2D(2, 3, name="look"), layers.Dropout(0.9)]
    )
    pictures = noise_pictures(2, 8, 1)
    wanted = feature_maps(model, pictures, "look")
    np.testing.assert_array_equal(feature_maps(model, pictures, -1), wanted)  # an encoder: nothing but maps at its end


def test_when_precision_is_mixed_then_maps_are_float32_all_the_same():
    layers = keras.layers
    model = keras.Sequential([keras.Input((8, 8, 1)), layers.Conv2D(2, 3, dtype="mixed_float16"), layers.Flatten()])
    assert feature_maps(model, noise_pictures(2, 8, 1)).dtype == np.float32
    assert conv_kernels(model).dtype == np.float32


def test_when_the_layer_is_a_model_inside_then_its_output_is_shown():
    inner = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(3, 3)], name="base")
    model = keras.Sequential([keras.Input((8, 8, 1)), inner, keras.layers.Flatten(), keras.layers.Dense(2)])
    assert feature_maps(model, noise_pictures(2, 8, 1), "base").shape == (2, 6, 6, 3)


def test_the_kernels_are_a_copy_of_the_first_convolutions_weights(model):
    kernels = conv_kernels(model)
    wanted = model.get_layer("first").get_weights()[0]
    np.testing.assert_array_equal(kernels, wanted)
    kernels[:] = 0
    np.testing.assert_array_equal(model.get_layer("first").get_weights()[0], wanted)
    assert conv_kernels(model, "second").shape == (3, 3, 4, 5)


def test_when_a_layer_does_not_exist_then_the_nearest_is_named(model):
    with pytest.raises(UnknownNameError, match="Did you mean 'second'"):
        feature_maps(model, noise_pictures(), "secnod")
    with pytest.raises(UnknownNameError, match="Did you mean 'first'"):
        conv_kernels(model, "frist")
    with pytest.raises(UnknownNameError, match="called '6'"):
        feature_maps(model, noise_pictures(), 6)


def test_when_a_layer_has_no_kernels_then_those_that_have_are_named(model):
    with pytest.raises(InputError, match=r"(?s)Dense.*first, second"):
        conv_kernels(model, "scores")


def test_when_there_is_no_convolution_then_the_layers_are_listed():
    dense = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(2, name="only")])
    for function in (conv_kernels, lambda model: feature_maps(model, noise_pictures(2, 8, 1))):
        with pytest.raises(InputError, match=r"(?s)no layer with convolution kernels.*only"):
            function(dense)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"layer": "scores"}, "choose a layer before Flatten: .*first, pool, second"),
        ({"images": noise_pictures(2, 16)}, r"12, 12, 3"),
        ({"images": noise_pictures() / 255}, "scaled twice"),
        ({"batch_size": 0}, "batch_size"),
        ({"model": "relu"}, "layers are known"),
    ],
)
def test_when_an_argument_makes_no_sense_then_the_error_says_so(model, arguments, words):
    with pytest.raises(InputError, match=f"(?s){words}"):
        feature_maps(**{"model": model, "images": noise_pictures(), **arguments})
