from pathlib import Path

import keras
import numpy as np
import pytest

import course_utils as cu
from course_utils.errors import InputError, UnknownNameError

ORIGINAL = Path(__file__).with_name("efficientnet_lite0_original.npz")


@pytest.fixture(scope="module")
def original():
    with np.load(ORIGINAL) as arrays:
        return dict(arrays)


@pytest.fixture(scope="module")
def classifier():
    return cu.backbone("efficientnet_lite0", image_size=224, top=True)


def answers(model, images):
    return keras.ops.convert_to_numpy(model(images, training=False))


def test_when_photographs_are_classified_then_the_logits_are_those_of_the_original(classifier, original):
    logits = answers(classifier, original["pixels"])
    # The shipped kernels are float16; in float32 the largest difference was 0.00002.
    np.testing.assert_allclose(logits, original["logits_224"], atol=0.05)
    assert (logits.argmax(axis=1) == original["logits_224"].argmax(axis=1)).all()


def test_when_batch_normalisation_is_folded_then_the_logits_are_the_same_at_another_size(original):
    model = cu.backbone("efficientnet_lite0", image_size=160, top=True, fold=True)
    logits = answers(model, original["pixels"][:, -160:, -160:])
    np.testing.assert_allclose(logits, original["logits_160"], atol=0.1)
    assert not any(isinstance(layer, keras.layers.BatchNormalization) for layer in model.layers)


def test_when_pixels_are_bytes_or_floats_then_the_answer_is_the_same(classifier, original):
    pixels = original["pixels"][:1]
    np.testing.assert_array_equal(answers(classifier, pixels), answers(classifier, pixels.astype("float32")))


def test_when_a_name_is_unknown_then_the_nearest_is_named():
    with pytest.raises(UnknownNameError, match="efficientnet_lite0"):
        cu.backbone("efficientnet_lite")


@pytest.mark.parametrize("size", [16, 2000, 160.0, True, None, (160, 160)])
def test_when_the_size_cannot_be_taken_then_the_range_is_named(size):
    with pytest.raises(InputError, match="32 to 1,024"):
        cu.backbone("efficientnet_lite0", image_size=size)


@pytest.mark.parametrize(
    ("options", "match"),
    [({"name": "vgg16", "fold": True}, "folded"), ({"weights": "imagenet21k"}, "load_weights")],
)
def test_when_an_option_does_not_fit_then_it_is_said_before_anything_is_built(options, match):
    with pytest.raises(InputError, match=match):
        cu.backbone(**options)


def test_when_cut_at_a_stage_then_the_rest_is_reached_by_name():
    network = cu.backbone("efficientnet_lite0", image_size=64, weights=None)
    stage = keras.Model(network.input, network.get_layer("block5c_add").output)
    assert stage.output_shape == (None, 4, 4, 112) and network.get_layer("head_conv").filters == 1280
    assert not any(hasattr(layer, "layers") for layer in network.layers)
