"""Networks of keras.applications: flat, with their own preprocessing inside; random weights, nothing is fetched."""

import keras
import numpy as np
import pytest
import servers

import course_utils as cu
from course_utils.errors import InputError
from course_utils.models import weight_files
from course_utils.models.applications import _flat, preprocessed

NAMES = cu.backbone_names()[1:]


def answers(model, images):
    return keras.ops.convert_to_numpy(model(images, training=False))


@pytest.fixture(scope="module")
def pixels():
    return np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), dtype="uint8")


@pytest.fixture(scope="module", params=NAMES)
def network(request):
    return cu.backbone(request.param, image_size=32, weights=None)


def own_preprocessing(name):
    """What Keras itself does to pixels before this network."""
    if name in ("vgg16", "mobilenet_v2"):
        return getattr(keras.applications, name).preprocess_input
    build = {
        "efficientnet_v2_b0": keras.applications.EfficientNetV2B0,
        "convnext_tiny": keras.applications.ConvNeXtTiny,
    }[name]
    whole = build(include_top=False, weights=None, input_shape=(32, 32, 3))
    last = [layer for layer in whole.layers if isinstance(layer, keras.layers.Normalization)][-1]
    return lambda images: answers(keras.Model(whole.inputs, [last.output]), images)


@pytest.mark.parametrize("name", NAMES)
def test_when_pixels_enter_then_they_are_preprocessed_as_keras_does_it_also_after_saving(name, pixels, tmp_path):
    inputs = keras.Input((32, 32, 3))
    keras.Model(inputs, preprocessed(name, inputs)).save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    expected = own_preprocessing(name)(pixels.astype("float32"))
    np.testing.assert_allclose(answers(loaded, pixels), np.reshape(expected, pixels.shape), rtol=1e-5, atol=1e-5)


def test_when_built_then_it_is_one_flat_model_whose_layers_are_reached_by_name(network, pixels):
    assert not any(hasattr(layer, "layers") for layer in network.layers)
    assert network.layers[0].name == "pixels" and network.output_shape[1:] == answers(network, pixels).shape[1:]
    convolutions = [layer for layer in network.layers if isinstance(layer, keras.layers.Conv2D)]
    maps = keras.Model(network.inputs, [network.get_layer(convolutions[-1].name).output, network.output])
    inner, output = maps(pixels)
    assert inner.shape[0] == 2 and len(inner.shape) == 4
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(output), answers(network, pixels))


def test_when_the_top_is_asked_for_then_the_answer_is_logits(pixels):
    model = cu.backbone("mobilenet_v2", image_size=32, weights=None, top=True)
    assert model.output_shape == (None, 1000) and model.layers[-1].activation is keras.activations.linear
    assert abs(answers(model, pixels).sum(axis=1) - 1).min() > 1e-3


def test_when_convnext_is_flattened_then_it_computes_the_same(pixels):
    nested = keras.applications.ConvNeXtTiny(
        include_top=False, weights=None, input_tensor=keras.Input((32, 32, 3)), pooling="avg"
    )
    generator = np.random.default_rng(1)
    nested.set_weights([generator.normal(0, 0.05, weight.shape) for weight in nested.weights])
    flat = _flat(nested, "convnext_tiny")
    np.testing.assert_allclose(answers(flat, pixels), answers(nested, pixels), rtol=1e-4, atol=1e-5)


def test_when_vgg16_is_asked_for_its_dense_layers_at_another_size_then_that_is_said():
    with pytest.raises(InputError, match="image_size=224"):
        cu.backbone("vgg16", image_size=160, top=True, weights=None)


def test_when_weights_are_served_then_they_are_in_the_network(tmp_path, monkeypatch):
    source = keras.applications.MobileNetV2(include_top=False, weights=None, input_shape=(96, 96, 3))
    file = weight_files.weight_file("mobilenet_v2", 96, False)
    (tmp_path / "official" / "mobilenet_v2").mkdir(parents=True)
    source.save(tmp_path / "official" / "mobilenet_v2" / file.name)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    with servers.serving(tmp_path / "official") as server:
        monkeypatch.setattr(weight_files, "ADDRESS", server.address)
        network = cu.backbone("mobilenet_v2", image_size=96)
    for ours, theirs in zip(network.get_weights(), source.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
