import numpy as np
import pytest

keras = pytest.importorskip("keras")

from explain_samples import PLACE, noise_pictures, place_model, random_model, squares  # noqa: E402

from course_utils.errors import InputError  # noqa: E402
from course_utils.explain import occlusion, scores  # noqa: E402


def brute_force(model, picture, label, window, stride, colour):
    """One patch at a time; every place of the patch, and one more at each border."""
    size = picture.shape[:2]
    stops = []
    for whole, part in zip(size, window, strict=True):
        along = list(range(0, whole - part + 1, stride))
        stops.append(along if along[-1] == whole - part else [*along, whole - part])
    drops = [[[] for _ in range(size[1])] for _ in range(size[0])]
    sure = model.predict(picture[np.newaxis], verbose=0)[0, label]
    for top in stops[0]:
        for left in stops[1]:
            covered = picture.astype("float32")
            covered[top : top + window[0], left : left + window[1]] = colour
            drop = sure - float(np.asarray(model(covered[np.newaxis], training=False))[0, label])
            for row in range(top, top + window[0]):
                for column in range(left, left + window[1]):
                    drops[row][column].append(drop)
    return np.array([[np.mean(pixel) for pixel in row] for row in drops])


@pytest.mark.parametrize(
    ("window", "stride", "fill"), [((4, 4), 2, 127), ((5, 3), 2, (10, 200, 0.5)), ((3, 3), 1, None), ((12, 12), 5, 0)]
)
def test_the_map_agrees_with_one_patch_at_a_time(window, stride, fill):
    model, pictures = random_model(), noise_pictures(2)
    maps = occlusion(model, pictures, [2, 0], window=window, stride=stride, fill=fill, batch_size=7)
    assert maps.shape == (2, 12, 12) and maps.dtype == np.float32
    for found, picture, label in zip(maps, pictures, [2, 0], strict=True):
        colour = picture.mean(axis=(0, 1)) if fill is None else fill
        np.testing.assert_allclose(found, brute_force(model, picture, label, window, stride, colour), atol=1e-5)


def test_the_place_that_decides_is_found_in_units_of_probability():
    pictures = squares()
    maps = occlusion(place_model(), pictures, classes=1, window=4, stride=1, fill=0)
    logits = [6 * float(pictures[0][PLACE].mean()) / 255 - 3, -3]  # 6 times the square's brightness, minus 3
    sure, covered = 1 / (1 + np.exp(-np.array(logits)))
    assert sure > 0.9
    # A pixel's value is a mean over patches, of which one hides the whole square.
    assert 0.1 < maps.max() < sure - covered
    row, column = np.unravel_index(maps[0].argmax(), maps[0].shape)
    assert 9 <= row < 13 and 3 <= column < 7
    np.testing.assert_allclose(maps[:, :5, 8:], 0, atol=1e-6)  # the other square, as bright, does not matter
    # Patches side by side: a pixel is covered once, by the patch at (8, 4), which leaves row 12 and column 3.
    rest = pictures[0, 12, 3:7].sum() + pictures[0, 9:12, 3].sum()
    covered = 1 / (1 + np.exp(-(6 * rest / 16 / 255 - 3)))
    side_by_side = occlusion(place_model(), pictures, 1, window=4, stride=4, fill=0)[0]
    np.testing.assert_allclose(side_by_side[8:12, 4:8], sure - covered, atol=1e-5)


def test_when_the_answer_gets_surer_then_the_value_is_negative():
    maps = occlusion(place_model(), squares(), classes=0, window=4)
    assert maps.min() < -0.1 and maps.max() <= 1e-6
    np.testing.assert_allclose(maps, -occlusion(place_model(), squares(), classes=1, window=4), atol=1e-6)


@pytest.mark.parametrize("ending", ["op", "layer", None, "binary", "binary logits"])
def test_whatever_the_model_ends_in_it_is_the_probability_that_falls(ending):
    for label in (0, 1):
        wanted = occlusion(place_model(), squares(), label)
        np.testing.assert_allclose(occlusion(place_model(ending), squares(), label), wanted, atol=1e-5)


def test_when_no_class_is_given_then_the_predicted_one_is_explained():
    model, pictures = random_model(), noise_pictures(6)
    predicted = model.predict(pictures, verbose=0).argmax(axis=1)
    np.testing.assert_array_equal(occlusion(model, pictures), occlusion(model, pictures, predicted))


def test_pictures_are_taken_in_batches_as_floats_too_and_one_at_a_time():
    model, pictures = random_model(), noise_pictures(3)
    at_once = occlusion(model, pictures, batch_size=1000)
    for maps in (
        occlusion(model, pictures, batch_size=4),
        occlusion(model, pictures.astype("float32")),
        np.concatenate([occlusion(model, picture) for picture in pictures]),
    ):
        np.testing.assert_allclose(maps, at_once, atol=1e-6)


def test_never_more_pictures_than_a_batch_go_through_the_model(monkeypatch):
    seen, part_of = [], scores.part_of

    def counting(model, tensor):
        answer = part_of(model, tensor)
        return lambda images: seen.append(len(images)) or answer(images)

    monkeypatch.setattr(scores, "part_of", counting)
    occlusion(random_model(), noise_pictures(5), window=4, stride=4, batch_size=4)
    assert max(seen) == 4 and sum(seen) == 5 + 5 * 9


def test_the_pictures_stay_as_they_were():
    pictures = noise_pictures().astype("float32")
    before = pictures.copy()
    occlusion(random_model(), pictures)
    np.testing.assert_array_equal(pictures, before)


def test_unless_told_otherwise_the_patch_is_a_quarter_and_its_step_half_of_that():
    pictures = noise_pictures()
    np.testing.assert_array_equal(
        occlusion(random_model(), pictures), occlusion(random_model(), pictures, window=(3, 3), stride=1)
    )
    assert occlusion(random_model(4), noise_pictures(1, 4)).shape == (1, 4, 4)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"classes": 2}, "0 to 1"),
        ({"images": squares() / 255}, "scaled twice"),
        ({"window": 17}, "window must be a whole number from 1 to 16"),
        ({"window": 0}, "window"),
        ({"window": (4, 4, 1)}, r"\(height, width\)"),
        ({"window": 2.5}, "window"),
        ({"window": 4, "stride": 5}, "stride must be a whole number from 1 to 4"),
        ({"stride": 0}, "stride"),
        ({"fill": (1, 2, 3)}, "one number, or 1"),
        ({"fill": "grey"}, "colour of the patch"),
        ({"fill": float("nan")}, "colour of the patch"),
        ({"batch_size": 0}, "batch_size"),
        ({"model": "softmax"}, "layers are known"),
    ],
)
def test_when_an_argument_makes_no_sense_then_the_error_says_so(arguments, words):
    with pytest.raises(InputError, match=words):
        occlusion(**{"model": place_model(), "images": squares(), **arguments})
