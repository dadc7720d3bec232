"""Attention explorer: maps are those of the course's functions, and a patch does what it says."""

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from explain_samples import PLACE, colour_model, patches, place_model, random_model  # noqa: E402
from widget_samples import assert_quick, photo_split, seconds_of, use  # noqa: E402

import course_utils as cu  # noqa: E402
from course_utils.errors import InputError, UnknownNameError  # noqa: E402
from course_utils.plots import alt_text  # noqa: E402
from course_utils.widgets.attention import GRAD_CAM, OCCLUSION, SALIENCY, Patch, laid_over, patch_at  # noqa: E402

layers = keras.layers
CLASSES = ("red", "green")


@pytest.fixture(scope="module")
def model():
    return colour_model()


@pytest.fixture
def explorer(model):
    return cu.widgets.attention_explorer(model, patches(), [0, 1], CLASSES)


def probabilities(model, image):
    return model.predict(np.asarray(image, dtype="float32")[None], verbose=0)[0]


def test_when_it_begins_then_the_answer_is_explained_by_grad_cam(model, explorer):
    assert explorer.view["map"].title == "Grad-CAM for green" and explorer.view["picture"].title == "red"
    expected = laid_over(patches()[0], cu.grad_cam(model, patches()[0], 1)[0], 0.6)
    np.testing.assert_array_equal(explorer.view["map"].pixels, expected)
    assert explorer.view.message.startswith("Grad-CAM: most speaks for green at the middle centre; ") or (
        "bottom right" in explorer.view.message
    )


@pytest.mark.parametrize(
    ("method", "compute"),
    [
        (GRAD_CAM, lambda model, image: cu.grad_cam(model, image, 0)),
        (OCCLUSION, lambda model, image: cu.occlusion(model, image, 0, window=8)),
        (SALIENCY, lambda model, image: cu.saliency(model, image, 0, noisy_copies=10)),
    ],
)
def test_when_method_and_class_are_chosen_then_the_map_is_that_of_the_course(model, explorer, method, compute):
    explorer.set(side=8)
    use(explorer, method=method, **{"class": "red"}, strength=1)
    heat = compute(model, patches()[0])[0]
    np.testing.assert_array_equal(explorer.view["map"].pixels, laid_over(patches()[0], heat, 1, method == OCCLUSION))
    assert explorer.view["map"].title == f"{method} for red"


def test_when_the_strength_is_zero_then_the_picture_is_seen_in_grey(explorer):
    use(explorer, strength=0)
    grey = patches()[0] @ np.array([0.299, 0.587, 0.114])
    assert np.abs(explorer.view["map"].pixels.astype(int) - grey[..., None]).max() <= 1


def test_when_only_strength_changes_then_nothing_is_computed_again(explorer, monkeypatch):
    watched = explorer._show.args[0]
    monkeypatch.setattr(watched, "_probabilities", None)
    monkeypatch.setattr(watched, "model", None)
    use(explorer, strength=0.2)
    use(explorer, strength=0.9)


def test_when_the_picture_is_clicked_then_a_patch_covers_it_and_the_probabilities_are_told(model, explorer):
    use(explorer, side=8, place=[16, 18])
    assert explorer.values["covered"]
    covered = patches()[0].astype("float32")
    covered[12:20, 14:22] = patches()[0].mean(axis=(0, 1))
    whole, after = probabilities(model, patches()[0]), probabilities(model, covered)
    assert after[1] < 0.2 and whole[1] > 0.6
    assert explorer.view["answers"].lines[0] == "whole → covered"
    assert explorer.view["answers"].lines[1] == f"green: {100 * whole[1]:.1f} % → {100 * after[1]:.1f} %"
    assert "and the answer becomes red." in explorer.view.message
    mark = explorer.view["picture"].marks[0]
    assert (mark.row, mark.column, mark.height, mark.width) == (12, 14, 8, 8)
    assert np.ptp(explorer.view["picture"].pixels[12:20, 14:22], axis=(0, 1)).max() == 0


def test_when_the_patch_is_taken_away_then_the_picture_is_whole_again(explorer):
    use(explorer, place=[3, 3])
    use(explorer, covered=False)
    np.testing.assert_array_equal(explorer.view["picture"].pixels, patches()[0])
    assert explorer.view["picture"].marks == () and "→" not in " ".join(explorer.view["answers"].lines)
    assert explorer.view.message.endswith("Click the picture to cover a part of it.")


def test_when_the_patch_covers_what_does_not_matter_then_the_answer_stays():
    model = place_model()
    picture = np.zeros((1, 16, 16, 1), dtype="uint8")
    picture[0][PLACE] = 255
    explorer = cu.widgets.attention_explorer(model, picture, classes=("dark", "bright"))
    explorer.set(side=4, place=(2, 13))
    assert explorer.view.message.endswith("; the answer stays bright.")
    explorer.set(place=(11, 5))
    assert explorer.view.message.endswith("and the answer becomes dark.")
    explorer.set(method=OCCLUSION)
    assert "bright at the bottom left" in explorer.view.message or "bright at the middle left" in explorer.view.message


@pytest.mark.parametrize("place", [(0, 0), (27, 27), (13, 5)])
@pytest.mark.parametrize("side", [2, 7, 14])
def test_a_patch_lies_inside_the_picture_with_its_middle_where_it_was_clicked(place, side):
    patch = patch_at(place, (28, 28), side, (28, 28))
    assert 0 <= patch.top <= 28 - side and 0 <= patch.left <= 28 - side
    assert patch.top <= place[0] < patch.top + side and patch.left <= place[1] < patch.left + side


def test_when_a_photograph_is_large_then_a_place_is_several_pixels():
    assert patch_at((20, 39), (40, 40), 40, (160, 160)) == Patch(62, 120, 40)


def test_a_patch_has_the_pictures_mean_colour_and_leaves_the_rest():
    image = np.random.default_rng(0).integers(0, 256, (9, 9, 3), dtype="uint8")
    covered = Patch(2, 3, 4).over(image)
    np.testing.assert_allclose(covered[2:6, 3:7], np.broadcast_to(image.mean(axis=(0, 1)), (4, 4, 3)), atol=1e-4)
    outside = np.ones((9, 9), dtype=bool)
    outside[2:6, 3:7] = False
    np.testing.assert_array_equal(covered[outside], image[outside])


def test_when_another_class_is_chosen_then_its_probability_is_told_too():
    keras.utils.set_random_seed(0)
    many = keras.Sequential(
        [keras.Input((8, 8, 1)), layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(9, activation="softmax")]
    )
    pictures = np.random.default_rng(0).random((3, 8, 8, 1), dtype="float32")
    explorer = cu.widgets.attention_explorer(many, pictures)
    order = np.argsort(-probabilities(many, pictures[0]))
    use(explorer, **{"class": str(order[-1])})
    named = [line.split(":")[0] for line in explorer.view["answers"].lines]
    assert named == [str(index) for index in (*order[:3], order[-1])]
    assert explorer.view["map"].title == f"Grad-CAM for {order[-1]}"


def test_when_a_map_is_nearly_zero_then_it_stays_pale():
    grey = np.full((4, 4), 255, dtype="uint8")
    faint, strong = (laid_over(grey, np.full((4, 4), drop), 1, signed=True) for drop in (0.001, 0.4))
    assert faint.min() > 230 and strong[..., 1].max() < 60


def test_when_the_model_has_no_convolution_then_there_is_no_grad_cam():
    dense = keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(2, activation="softmax")])
    explorer = cu.widgets.attention_explorer(dense, np.random.default_rng(0).random((2, 8, 8, 1), dtype="float32"))
    assert explorer._controls["method"].options == (OCCLUSION, SALIENCY)


def test_when_the_pictures_are_photographs_in_files_then_they_are_shown_as_the_model_gets_them(tmp_path):
    pytest.importorskip("tensorflow")
    split = photo_split(tmp_path)
    explorer = cu.widgets.attention_explorer(random_model(32), split)
    explorer.set(picture=5)
    np.testing.assert_array_equal(explorer.view["picture"].pixels, split.images.at(32)[5])


@pytest.mark.parametrize(
    ("network", "images", "classes"),
    [
        (colour_model(), patches()[:, :20], CLASSES),
        (colour_model(), patches()[0, :, :, 0], CLASSES),
        (colour_model(), patches(), ("red",)),
        (colour_model(), patches(), ("red", "green", "blue")),
        (keras.Sequential([keras.Input((24, 24, 3)), layers.Conv2D(2, 3)]), patches(), CLASSES),
        (keras.Sequential([keras.Input((24, 24, 3)), colour_model()]), patches(), CLASSES),
        (lambda images: images, patches(), CLASSES),
    ],
)
def test_when_model_and_pictures_do_not_fit_then_the_error_is_clear(network, images, classes):
    with pytest.raises(InputError):
        cu.widgets.attention_explorer(network, images, classes=classes)


def test_when_there_is_no_such_method_or_class_then_the_error_names_those_there_are(explorer):
    with pytest.raises(UnknownNameError, match="occlusion"):
        explorer.set(method="oclusion")
    with pytest.raises(UnknownNameError, match="green"):
        explorer.set(**{"class": "blue"})


def test_when_it_is_used_for_long_then_it_stays_quick_and_keeps_little(model):
    import matplotlib.pyplot as plt

    pictures = np.repeat(patches(), 20, axis=0)
    explorer = cu.widgets.attention_explorer(model, pictures)
    changes = [{"picture": k % 40, "place": [k % 24, k * 5 % 24]} for k in range(100)]
    changes += [{"strength": k % 20 / 20, "covered": k % 2 == 0} for k in range(100)]
    assert_quick(seconds_of(explorer, changes))
    assert len(explorer._show.args[0]._kept) <= 24
    assert not plt.get_fignums()


def test_the_still_picture_tells_what_is_seen(explorer):
    explorer.set(place=(16, 18))
    text = alt_text(explorer.still())
    assert "a patch covers 6×6 pixels from row 14, column 16" in text and explorer.view.message in text
