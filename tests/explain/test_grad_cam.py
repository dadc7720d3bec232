import importlib.util
import os
import subprocess
import sys

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from explain_samples import colour_model, patches  # noqa: E402

from course_utils.errors import InputError, UnknownNameError  # noqa: E402
from course_utils.explain import grad_cam  # noqa: E402

RED, GREEN = (slice(3, 8), slice(3, 8)), (slice(14, 20), slice(15, 21))


def share_in(heat, place):
    """Which part of the map's heat lies in a patch and the pixel around it."""
    rows, columns = place
    around = heat[rows.start - 1 : rows.stop + 1, columns.start - 1 : columns.stop + 1]
    return around.sum() / heat.sum()


def test_when_a_class_is_chosen_then_its_patch_is_found():
    maps = grad_cam(colour_model(), patches(), classes=[0, 1])
    assert maps.shape == (2, 24, 24) and maps.dtype == np.float32
    assert maps.min() == 0 and maps[0].max() == maps[1].max() == 1
    assert share_in(maps[0], RED) > 0.95 and share_in(maps[1], GREEN) > 0.95


def test_when_no_class_is_given_then_the_predicted_one_is_explained():
    model, pictures = colour_model(), patches()
    predicted = model.predict(pictures, verbose=0).argmax(axis=1)
    assert set(predicted) == {1}  # the green patch is larger
    np.testing.assert_array_equal(grad_cam(model, pictures), grad_cam(model, pictures, classes=predicted))


@pytest.mark.parametrize("ending", ["softmax", "layer", None])
def test_whatever_the_model_ends_in_the_logits_are_explained(ending):
    wanted = grad_cam(colour_model(None), patches(), classes=0)
    np.testing.assert_allclose(grad_cam(colour_model(ending), patches(), classes=0), wanted, atol=1e-5)


def test_when_softmax_is_certain_then_the_map_is_still_there():
    model = colour_model()
    kernel, bias = model.get_layer("scores").get_weights()
    model.get_layer("scores").set_weights([kernel * 1e4, bias])
    assert model.predict(patches(), verbose=0).max() == 1  # its gradient is zero in float32
    assert share_in(grad_cam(model, patches(), classes=1)[0], GREEN) > 0.95


def test_the_map_agrees_with_the_formula_computed_by_hand():
    model, pictures = colour_model(size=4), patches()[:1, 2:6, 2:6]
    maps = grad_cam(model, pictures, classes=0, layer="bright")
    bright = keras.Model(model.inputs[0], model.get_layer("bright").output).predict(pictures, verbose=0)[0]
    # Half of the pooled gradient's places pass it on, 1/16 each of 4 pools: the weights are (20, -20) times a constant.
    by_hand = np.maximum(bright @ [20.0, -20.0], 0)
    np.testing.assert_allclose(maps[0], by_hand / by_hand.max(), atol=1e-5)


def test_when_the_weights_are_randomised_then_the_map_changes():
    # The sanity check of Adebayo et al. 2018, "Sanity Checks for Saliency Maps" (arXiv:1810.03292).
    model, pictures = colour_model(), patches()
    trained = grad_cam(model, pictures, classes=0)[0]
    rng = np.random.default_rng(0)
    for name in ("colours", "scores"):
        layer = model.get_layer(name)
        layer.set_weights([rng.normal(0, 0.5, weight.shape) for weight in layer.get_weights()])
    random = grad_cam(model, pictures, classes=0)[0]
    assert abs(np.corrcoef(trained.ravel(), random.ravel())[0, 1]) < 0.6


def test_when_nothing_speaks_for_the_class_then_the_map_is_zero_and_no_nan():
    grey = np.full((1, 24, 24, 3), 90, dtype="uint8")
    assert not grad_cam(colour_model(), grey, classes=0).any()


def test_pictures_are_taken_in_batches_as_floats_too_and_one_at_a_time():
    model, pictures = colour_model(), np.concatenate([patches()] * 3)
    at_once = grad_cam(model, pictures, classes=0)
    np.testing.assert_allclose(grad_cam(model, pictures.astype("float32"), 0, batch_size=4), at_once, atol=1e-6)
    np.testing.assert_allclose(grad_cam(model, pictures[0], classes=0), at_once[:1], atol=1e-6)


def test_a_sequential_model_is_explained_and_stays_as_it_was():
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((12, 12, 1)),
            layers.Conv2D(3, 3),
            layers.BatchNormalization(),
            layers.Activation("relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(4, activation="softmax"),
        ]
    )
    pictures = np.random.default_rng(0).integers(0, 256, (2, 12, 12, 1), dtype="uint8")
    before, weights = model.predict(pictures, verbose=0), model.get_weights()
    assert grad_cam(model, pictures, classes=[1, 3]).shape == (2, 12, 12)
    assert len(model.layers) == 6
    np.testing.assert_array_equal(model.predict(pictures, verbose=0), before)
    for old, new in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_the_layer_is_the_last_convolutions_activation_before_pooling():
    from course_utils.explain.grad_cam import _layer
    from course_utils.explain.graph import graph_of

    model = colour_model()
    assert _layer(model, graph_of(model), None).name == "bright"
    assert _layer(model, graph_of(model), "colours").name == "colours"
    assert _layer(model, graph_of(model), model.get_layer("pool")).name == "pool"


def test_with_shortcuts_the_addition_is_looked_at():
    from course_utils.explain.grad_cam import _layer
    from course_utils.explain.graph import graph_of

    inputs = keras.Input((8, 8, 3))
    first = keras.layers.Conv2D(4, 3, padding="same")(inputs)
    second = keras.layers.Conv2D(4, 3, padding="same", name="inside")(first)
    added = keras.layers.Add(name="added")([first, second])
    x = keras.layers.GlobalAveragePooling2D()(added)
    model = keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(x))
    assert _layer(model, graph_of(model), None).name == "added"
    pictures = np.random.default_rng(0).integers(0, 256, (1, 8, 8, 3), dtype="uint8")
    yes, no = grad_cam(model, pictures, classes=1), grad_cam(model, pictures, classes=0)
    assert not (yes * no).all()  # one output, two classes: what speaks for one speaks against the other
    assert grad_cam(model, pictures, classes=1, layer="inside").shape == (1, 8, 8)


def test_when_there_is_a_model_inside_the_model_then_the_error_says_how_to_build_it():
    inner = keras.Sequential([keras.Input((24, 24, 3)), keras.layers.Conv2D(4, 3)], name="base")
    nested = keras.Sequential([keras.Input((24, 24, 3)), inner, keras.layers.Flatten(), keras.layers.Dense(2)])
    with pytest.raises(InputError, match=r"'base'(?s:.*)Build the model flat"):
        grad_cam(nested, patches())


def test_when_augmentation_is_a_model_inside_then_that_is_no_obstacle():
    augment = keras.Sequential([keras.layers.RandomFlip("horizontal")])
    model = colour_model()
    inputs = keras.Input((24, 24, 3))
    x = augment(inputs)
    for layer in model.layers[1:]:
        x = layer(x)
    assert share_in(grad_cam(keras.Model(inputs, x), patches(), classes=0, layer="pool")[0], RED) > 0.8


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"classes": 2}, "0 to 1"),
        ({"classes": -1}, "0 to 1"),
        ({"classes": [0]}, "one for each picture"),
        ({"classes": 0.5}, "one for each picture"),
        ({"layer": "scores"}, "like a picture"),
        ({"images": np.zeros((2, 28, 28, 3), "uint8")}, r"24, 24, 3"),
        ({"images": np.zeros((0, 24, 24, 3), "uint8")}, "no images"),
        ({"images": np.full((1, 24, 24, 3), np.nan)}, "finite"),
        ({"model": "softmax"}, "layers are known"),
    ],
)
def test_when_an_argument_makes_no_sense_then_the_error_says_so(arguments, words):
    with pytest.raises(InputError, match=f"(?i){words}"):
        grad_cam(**{"model": colour_model(), "images": patches(), **arguments})


def test_when_a_layer_does_not_exist_then_the_nearest_is_named():
    with pytest.raises(UnknownNameError, match="Did you mean 'bright'"):
        grad_cam(colour_model(), patches(), layer="brigt")


def test_when_the_model_has_no_convolution_then_the_error_lists_its_layers():
    dense = keras.Sequential([keras.Input((24, 24, 3)), keras.layers.Flatten(), keras.layers.Dense(2)])
    with pytest.raises(InputError, match=r"no convolution(?s:.*)Flatten, Dense"):
        grad_cam(dense, patches())


OTHER_BACKEND = """
import numpy as np
from explain_samples import colour_model, patches
from course_utils.explain import grad_cam
np.save({path!r}, np.stack([grad_cam(colour_model(end), patches(), classes=[0, 1]) for end in ("softmax", None)]))
"""


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_when_the_backend_is_another_then_the_maps_are_the_same(backend, tmp_path):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    path = str(tmp_path / "maps.npy")
    environment = {**os.environ, "KERAS_BACKEND": backend, "PYTHONPATH": os.pathsep.join(["tests", *sys.path])}
    code = OTHER_BACKEND.format(path=path)
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, timeout=300)
    wanted = grad_cam(colour_model(), patches(), classes=[0, 1])
    for maps in np.load(path):
        np.testing.assert_allclose(maps, wanted, atol=1e-4)


def test_when_pixels_were_scaled_before_a_model_that_scales_then_it_is_told():
    with pytest.raises(InputError, match="255"):
        grad_cam(colour_model(), patches().astype("float32") / 255)


@pytest.mark.parametrize("batch_size", [0, -1, True, 1.5])
def test_when_the_batch_size_makes_no_sense_then_it_is_told(batch_size):
    with pytest.raises(InputError, match="batch_size"):
        grad_cam(colour_model(), patches(), batch_size=batch_size)
