import numpy as np
import pytest

keras = pytest.importorskip("keras")

from explain_samples import PLACE, noise_pictures, place_model, random_model, squares  # noqa: E402

from course_utils.errors import InputError  # noqa: E402
from course_utils.explain import saliency  # noqa: E402


def test_only_the_pixels_that_decide_are_bright():
    maps = saliency(place_model(), squares(), classes=1)
    assert maps.shape == (2, 16, 16) and maps.dtype == np.float32
    wanted = np.zeros((2, 16, 16))
    wanted[(slice(None), *PLACE)] = 1
    np.testing.assert_allclose(maps, wanted, atol=1e-6)


def test_the_map_agrees_with_differences_of_the_logit():
    # tanh: a smooth function, whose differences come close to its gradient.
    model, picture = random_model(activation="tanh"), noise_pictures(1).astype("float32")
    logits = keras.Model(model.inputs[0], model.layers[-2].output)
    kernel, bias = model.get_layer("scores").get_weights()
    step = 1.0
    changed = np.repeat(picture, 2 * picture.size, axis=0).reshape(2, picture.size, picture.size)
    changed[0] += step * np.eye(picture.size)
    changed[1] -= step * np.eye(picture.size)
    scores = np.asarray(logits(changed.reshape(-1, 12, 12, 3), training=False), "float64") @ kernel[:, 1] + bias[1]
    up, down = scores.reshape(2, -1)
    strength = np.abs((up - down) / (2 * step)).reshape(12, 12, 3).max(axis=-1)
    np.testing.assert_allclose(saliency(model, picture, 1)[0], strength / strength.max(), atol=5e-3)


def test_when_no_class_is_given_then_the_predicted_one_is_explained():
    model, pictures = random_model(), noise_pictures(6)
    kernel, bias = model.get_layer("scores").get_weights()
    model.get_layer("scores").set_weights([kernel, bias - np.log(model.predict(pictures, verbose=0)).mean(axis=0)])
    predicted = model.predict(pictures, verbose=0).argmax(axis=1)
    assert len(set(predicted)) > 1  # the classes are about as likely
    wanted = saliency(model, pictures, predicted)
    np.testing.assert_allclose(saliency(model, pictures), wanted, atol=1e-6)
    # So much noise that other classes are predicted for some copies: still the picture's own is explained.
    options = {"noisy_copies": 6, "noise": 1}
    smooth = saliency(model, pictures, predicted, **options)
    np.testing.assert_allclose(saliency(model, pictures, **options), smooth, atol=1e-6)
    other = saliency(model, pictures, (predicted + 1) % 3)
    assert np.abs(other - wanted).max() > 0.1


@pytest.mark.parametrize("copies", [0, 5])
def test_pictures_are_taken_in_batches_as_floats_too_and_one_at_a_time(copies):
    model, pictures = random_model(), noise_pictures(4)
    at_once = saliency(model, pictures, 0, noisy_copies=copies)
    for maps in (
        saliency(model, pictures, 0, noisy_copies=copies, batch_size=3),
        saliency(model, pictures.astype("float32"), 0, noisy_copies=copies),
        np.concatenate([saliency(model, picture, 0, noisy_copies=copies) for picture in pictures]),
    ):
        np.testing.assert_allclose(maps, at_once, atol=1e-5)


@pytest.mark.parametrize("ending", ["op", "layer", None, "binary", "binary logits"])
def test_whatever_the_model_ends_in_the_logits_are_explained(ending):
    # 1.8 after the squares: softmax would scale both pictures' gradients, and they are scaled again; so compare raw.
    wanted = saliency(place_model(), squares(), 1)
    np.testing.assert_allclose(saliency(place_model(ending), squares(), 1), wanted, atol=1e-5)


def test_when_softmax_is_certain_then_the_map_is_still_there():
    model = place_model()
    kernel, bias = model.get_layer("scores").get_weights()
    model.get_layer("scores").set_weights([kernel * 1e4, bias])
    assert model.predict(squares(), verbose=0).max() == 1  # its gradient is zero in float32
    assert saliency(model, squares(), 1).max() == 1


def test_when_no_pixel_matters_then_the_map_is_zero_and_no_nan():
    assert not saliency(place_model(), squares(), classes=0).any()


def test_noisy_copies_give_the_mean_gradient_of_pictures_with_that_noise():
    model, picture = random_model(), noise_pictures(1).astype("float32")
    maps = saliency(model, picture, 2, noisy_copies=2, noise=0.2, seed=5)
    spread = 0.2 * (picture.max() - picture.min())
    logits = keras.Model(model.inputs[0], model.layers[-2].output)
    kernel = model.get_layer("scores").get_weights()[0][:, 2]
    gradients = []
    for copy in range(2):
        noisy = picture[0] + spread * np.random.default_rng((5, copy)).standard_normal((12, 12, 3), dtype="float32")
        step = np.float32(0.25)  # ReLU and pooling are straight lines almost everywhere
        changed = noisy + step * np.concatenate([np.eye(432), -np.eye(432)]).reshape(-1, 12, 12, 3)
        up, down = (np.asarray(logits(changed.astype("float32"), training=False), "float64") @ kernel).reshape(2, -1)
        gradients.append(((up - down) / (2 * step)).reshape(12, 12, 3))
    strength = np.abs(np.mean(gradients, axis=0)).max(axis=-1)
    difference = np.abs(maps[0] - strength / strength.max())
    assert np.median(difference) < 1e-3 and (difference < 0.02).mean() > 0.95  # but for a few kinks


def test_the_seed_decides_about_the_noise():
    model, pictures = random_model(), noise_pictures(1)
    first, again, other = (saliency(model, pictures, 0, noisy_copies=4, seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.01
    plain = saliency(model, pictures, 0)
    np.testing.assert_allclose(saliency(model, pictures, 0, noisy_copies=4, noise=0), plain, atol=1e-5)
    assert np.abs(first - plain).max() > 0.01


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"classes": 2}, "0 to 1"),
        ({"classes": [0]}, "one for each picture"),
        ({"images": noise_pictures(2, 12, 1)}, r"16, 16, 1"),
        ({"images": squares() / 255}, "scaled twice"),
        ({"noisy_copies": -1}, "noisy_copies must be a whole number of at least 0"),
        ({"noisy_copies": 2.5}, "noisy_copies"),
        ({"noise": -0.1}, "share of the picture's range"),
        ({"noise": 25}, "0.1 to 0.2 is usual"),
        ({"noise": None}, "share"),
        ({"seed": -1}, "seed"),
        ({"batch_size": 0}, "batch_size"),
        ({"model": "softmax"}, "layers are known"),
    ],
)
def test_when_an_argument_makes_no_sense_then_the_error_says_so(arguments, words):
    with pytest.raises(InputError, match=words):
        saliency(**{"model": place_model(), "images": squares(), **arguments})
