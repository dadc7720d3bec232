import gc
import weakref

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from explain_samples import noise_pictures, place_model, random_model  # noqa: E402

from course_utils.errors import InputError  # noqa: E402
from course_utils.explain import feature_maps, grad_cam, occlusion, saliency, strongest  # noqa: E402
from course_utils.explain.graph import graph_of, part_of, picture_layer  # noqa: E402
from course_utils.explain.scores import scores_of  # noqa: E402


def test_a_part_is_compiled_once():
    model = random_model()
    output = graph_of(model)[model.get_layer("second")].output
    assert part_of(model, output) is part_of(model, output)


def test_when_weights_change_then_the_answers_change():
    model, pictures = random_model(), noise_pictures()
    before = feature_maps(model, pictures)
    kernel, bias = model.get_layer("first").get_weights()
    model.get_layer("first").set_weights([0 * kernel, bias + 7])
    assert before.max() < 7
    assert (feature_maps(model, pictures) >= 6).all()


def test_when_layers_are_taken_off_and_put_on_then_the_new_ones_answer():
    model, pictures = random_model(), noise_pictures()
    assert occlusion(model, pictures, classes=2).shape == (3, 12, 12)
    model.pop()
    model.add(keras.layers.Dense(2, activation="softmax"))
    with pytest.raises(InputError, match="0 to 1"):
        occlusion(model, pictures, classes=2)
    assert occlusion(model, pictures, classes=1).shape == (3, 12, 12)


def test_when_a_model_is_no_longer_used_then_its_memory_is_freed():
    model, pictures = random_model(), noise_pictures()
    for function in (feature_maps, grad_cam, saliency, occlusion, strongest):
        function(model, pictures)
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None


def test_when_the_answer_does_not_depend_on_a_layer_then_the_error_says_so():
    inputs = keras.Input((8, 8, 1))
    aside = keras.layers.Conv2D(2, 3, name="aside")(inputs)
    answer = keras.layers.Dense(2)(keras.layers.Flatten()(inputs))
    model = keras.Model(inputs, [answer, aside])
    with pytest.raises(InputError, match="does not depend"):
        picture_layer(model, graph_of(model), "aside")


@pytest.mark.parametrize(
    ("ending", "probable"),
    [("softmax", True), ("op", True), ("layer", True), (None, False), ("binary", True), ("binary logits", False)],
)
def test_whatever_the_model_ends_in_logits_and_probabilities_are_found(ending, probable):
    model = place_model(ending)
    scores = scores_of(model, graph_of(model))
    assert scores.probable is probable and scores.classes == 2
    pictures = np.zeros((2, 16, 16, 1), "float32")
    pictures[1] = 204  # 6 × 0.8 - 3 = 1.8
    probability = 1 / (1 + np.exp(-np.array([-3, 1.8])))
    answers = scores.probabilities(model)(pictures)
    np.testing.assert_allclose(answers, np.stack([1 - probability, probability], axis=1), atol=1e-5)
    end = keras.Model(model.inputs[0], scores.end)(pictures)
    logits = np.asarray(scores.logits(end))
    np.testing.assert_allclose(logits[:, 1], [-3, 1.8], atol=1e-5)
    # One output speaks for class 1 as much as it speaks against class 0.
    np.testing.assert_allclose(logits[:, 0], -logits[:, 1] if "binary" in str(ending) else [0, 0], atol=1e-5)


def test_when_a_model_inside_ends_in_softmax_then_its_answers_are_probabilities():
    head = keras.Sequential([keras.Input((16,)), keras.layers.Dense(2, activation="softmax")])
    model = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten(), head])
    assert scores_of(model, graph_of(model)).probable


def test_when_the_model_makes_maps_then_the_error_says_what_can_be_explained():
    encoder = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(2, 3)])
    with pytest.raises(InputError, match="one score for each class"):
        saliency(encoder, noise_pictures(2, 8, 1))


def test_when_the_model_answers_nan_then_no_map_is_drawn_from_it():
    model, pictures = random_model(activation="tanh"), noise_pictures()  # ReLU may make 0 of NaN
    kernel, bias = model.get_layer("scores").get_weights()
    model.get_layer("scores").set_weights([kernel * np.nan, bias])
    for function in (saliency, occlusion):
        with pytest.raises(InputError, match="NaN"):
            function(model, pictures)
    kernel, bias = model.get_layer("first").get_weights()
    model.get_layer("first").set_weights([kernel * np.nan, bias])
    with pytest.raises(InputError, match="NaN"):
        strongest(model, pictures)


def test_when_pixels_become_whole_numbers_in_the_model_then_gradients_say_so_and_the_others_work():
    inputs = keras.Input((8, 8, 1), dtype="uint8")
    x = keras.layers.Conv2D(2, 3)(keras.layers.Rescaling(1 / 255)(inputs))
    model = keras.Model(inputs, keras.layers.Dense(2)(keras.layers.Flatten()(x)))
    pictures = noise_pictures(2, 8, 1)
    for function in (saliency, grad_cam):
        with pytest.raises(InputError, match=r"(?s)whole numbers.*uint8.*float32"):
            function(model, pictures)
    assert occlusion(model, pictures).shape == (2, 8, 8) and feature_maps(model, pictures).shape == (2, 6, 6, 2)
