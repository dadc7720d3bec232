"""Augmentation playground: draws that repeat, strengths that are those of Keras's layers, words that fit the pixels."""

import time

import numpy as np
import pytest
from scipy import stats
from widget_samples import assert_quick

from course_utils.errors import CourseError, InputError, UnknownNameError
from course_utils.plots import alt_text
from course_utils.widgets import augmentation, transforms
from course_utils.widgets.augmentation import DRAWS, STRONGEST, TRANSFORMATIONS, Scene, augmentation_playground

RNG = np.random.default_rng(0)
COLOURED = RNG.integers(0, 256, (12, 32, 32, 3), dtype="uint8")
GREY = RNG.integers(0, 256, (12, 28, 28, 1), dtype="uint8")
LABELS = np.arange(12) % 3
CLASSES = ("cat", "dog", "frog")
WITH_STRENGTH = [name for name, transformation in TRANSFORMATIONS.items() if transformation.amounts]


def draws(explorer):
    return np.stack([explorer.view[f"draw{n}"].pixels for n in range(DRAWS)])


def titles(explorer):
    return [explorer.view[f"draw{n}"].title.replace("\u00a0", " ") for n in range(DRAWS)]


@pytest.mark.parametrize("name", TRANSFORMATIONS)
def test_when_the_same_draw_is_asked_for_again_then_it_is_the_same(name):
    one, other = (augmentation_playground(COLOURED, LABELS, CLASSES) for _ in range(2))
    one.set(what=name)
    first = draws(one)
    one.set(draw=1)
    assert not np.array_equal(draws(one), first)
    one.set(draw=0)
    other.set(what=name, draw=0)
    np.testing.assert_array_equal(draws(one), first)
    np.testing.assert_array_equal(draws(other), first)
    assert titles(one) == titles(other)


@pytest.mark.parametrize("name", WITH_STRENGTH)
def test_when_the_strength_is_zero_then_nothing_changes_and_the_message_says_so(name):
    explorer = augmentation_playground(COLOURED, LABELS, CLASSES)
    explorer.set(what=name)
    explorer.set(strength=0)
    np.testing.assert_array_equal(draws(explorer), np.repeat(COLOURED[:1], DRAWS, axis=0))
    assert explorer.view.message.endswith("Strength 0 changes nothing.")


@pytest.mark.parametrize("name", WITH_STRENGTH)
def test_when_the_strength_grows_then_the_same_draw_gets_stronger(name):
    explorer = augmentation_playground(COLOURED, LABELS, CLASSES)
    explorer.set(what=name)
    away = []
    for strength in (1, 4):
        explorer.set(strength=strength)
        away.append(np.abs(draws(explorer).astype(float) - COLOURED[0]).mean())
    assert 0 < away[0] < away[1]


def test_when_a_picture_is_turned_then_titles_message_and_pixels_agree():
    explorer = augmentation_playground(COLOURED)
    explorer.set(what="rotation", strength=5, draw=3, picture=2)
    degrees = 36 * (2 * np.random.default_rng(3).random((DRAWS, 2))[:, 0] - 1)
    expected = (transforms.turned(COLOURED[2].astype("float32"), degrees) + 0.5).astype("uint8")
    np.testing.assert_array_equal(draws(explorer), expected)
    assert [int(title.replace("−", "-")[:-1]) for title in titles(explorer)] == np.round(degrees).tolist()
    low, high = round(degrees.min()), round(degrees.max())
    assert explorer.view.message.startswith(f"Turned by {low}° to +{high}°".replace("-", "−"))
    assert "at most 36° either way" in explorer.view.message
    assert explorer.view["layer"].lines[0] == "layers.RandomRotation(0.1)"


def test_when_a_picture_is_moved_then_each_title_says_by_how_many_pixels():
    explorer = augmentation_playground(GREY)
    explorer.set(what="shift (crop)")
    for title, found in zip(titles(explorer), draws(explorer), strict=True):
        steps = {"left": (0, -1), "right": (0, 1), "up": (-1, 0), "down": (1, 0)}
        way = np.zeros(2, int)
        for part in [] if title == "not moved" else title.split(", "):
            count, direction = part.split()
            way += int(count) * np.array(steps[direction])
        assert np.abs(way).max() <= 4
        expected = np.roll(GREY[0, ..., 0], way, axis=(0, 1))[4:-4, 4:-4]
        np.testing.assert_array_equal(found[4:-4, 4:-4], expected)


def test_when_half_of_the_pictures_are_mirrored_then_they_are_counted():
    explorer = augmentation_playground(COLOURED)
    explorer.set(what="flip left–right")
    flipped = [np.array_equal(picture, COLOURED[0, :, ::-1]) for picture in draws(explorer)]
    assert [title == "mirrored" for title in titles(explorer)] == flipped
    assert explorer.view.message.startswith(f"{sum(flipped)} of 8 mirrored.")
    explorer.set(what="flip top–bottom")
    same = [np.array_equal(picture, COLOURED[0, ::-1]) for picture in draws(explorer)]
    assert same == flipped


def test_when_a_flip_is_chosen_then_the_slider_has_nothing_to_slide_and_comes_back_later():
    explorer = augmentation_playground(COLOURED)
    explorer.set(what="flip left–right")
    assert explorer.view.limits == {"strength": (0, 0)} and explorer.values["strength"] == 0
    explorer.set(what="cutout")
    assert explorer.view.limits == {"strength": (0, STRONGEST)} and explorer.values["strength"] == 3
    assert explorer.view["layer"].lines[0] == "layers.RandomErasing((1.0, 1.0), scale=(0.06, 0.06), fill_value=128)"


def test_when_pictures_are_mixed_then_the_titles_name_both_classes_and_the_shares_fit_the_pixels():
    explorer = augmentation_playground(COLOURED, LABELS, CLASSES)
    explorer.set(what="mixup", strength=STRONGEST)
    for title, found in zip(titles(explorer), draws(explorer), strict=True):
        (share, _, own), (rest, _, other) = (part.split() for part in title.split(" + "))
        assert int(share) + int(rest) in (99, 100, 101) and own == "cat"
        mixes = int(share) / 100 * COLOURED[0] + int(rest) / 100 * COLOURED.astype(float)
        errors = np.abs(mixes - found).mean(axis=(1, 2, 3))
        assert errors.min() < 2 and CLASSES[LABELS[errors.argmin()]] == other


AMOUNTS = {  # what our function is given, and what Keras's layer draws for the same
    "rotation": ("turned", lambda drawn: drawn["angle"]),
    "shift (crop)": ("moved", lambda drawn: drawn["translations"][:, 1]),
    "zoom": ("zoomed", lambda drawn: drawn["height_zoom"]),
    "brightness": ("brightened", lambda drawn: drawn["rgb_delta"] / 255),
    "contrast": ("contrasted", lambda drawn: drawn["contrast_factor"]),
    "strength of colours": ("saturated", lambda drawn: drawn["factor"]),
    "hue": ("hue_turned", lambda drawn: drawn["factor"]),
    "mixup": ("mixed", lambda drawn: drawn["mix_weight"]),
}


@pytest.mark.parametrize("name", AMOUNTS)
def test_when_many_are_drawn_then_they_are_spread_as_those_of_the_layer_the_widget_names(name, monkeypatch):
    keras = pytest.importorskip("keras")
    function, of = AMOUNTS[name]
    n, transformation = 3_000, TRANSFORMATIONS[name]
    picture, amount = np.zeros((32, 32, 3), "float32"), transformation.amounts[6]
    given = []
    monkeypatch.setattr(transforms, function, lambda picture, *amounts: given.append(amounts) or picture)
    chance = np.random.default_rng(5).random((n, 2))
    transformation.draw(Scene(picture, "", [(picture, "")] * n, chance), amount)
    ours = np.asarray(given[0][1 if name == "mixup" else 0])
    layer = eval(augmentation._code(transformation, amount), {"layers": keras.layers})
    layer.generator = keras.random.SeedGenerator(7)
    drawn = layer.get_random_transformation(np.zeros((n, 32, 32, 3), "float32"), training=True)
    theirs = np.array(of({key: np.array(value) for key, value in drawn.items() if key != "input_shape"})).ravel()
    if name == "shift (crop)":
        theirs = np.floor(theirs + 0.5)
    assert stats.ks_2samp(ours, theirs).statistic < 0.06
    np.testing.assert_allclose(np.quantile(ours, [0.01, 0.99]), np.quantile(theirs, [0.01, 0.99]), rtol=0.12, atol=0.02)


@pytest.mark.parametrize("name", ["flip left–right", "flip top–bottom", "cutout"])
def test_when_the_layer_is_written_out_then_it_can_be_run(name):
    keras = pytest.importorskip("keras")
    transformation = TRANSFORMATIONS[name]
    code = augmentation._code(transformation, transformation.amounts[5] if transformation.amounts else None)
    assert eval(code, {"layers": keras.layers})(COLOURED.astype("float32"), training=True).shape == COLOURED.shape


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("shift (crop)", 'layers.RandomTranslation(0.125, 0.125, interpolation="nearest")'),
        ("cutout", "layers.RandomErasing((1.0, 1.0), scale=(0.06, 0.06), fill_value=128)"),
        ("mixup", "layers.MixUp(alpha=0.4)"),
    ],
)
def test_when_a_transformation_of_the_notebook_is_chosen_then_it_begins_with_the_notebooks_layer(name, layer):
    explorer = augmentation_playground(COLOURED)
    explorer.set(what=name)
    assert explorer.view["layer"].lines[0] == layer


def test_when_pictures_are_grey_then_nothing_that_needs_colours_is_offered():
    explorer = augmentation_playground(GREY)
    assert explorer.view["original"].pixels.shape == (28, 28)
    with pytest.raises(UnknownNameError):
        explorer.set(what="hue")


def test_when_there_is_a_single_picture_then_there_is_nothing_to_mix_it_with():
    explorer = augmentation_playground(COLOURED[:1])
    assert "picture" not in explorer.values
    with pytest.raises(UnknownNameError):
        explorer.set(what="mixup")


def test_when_there_are_many_pictures_then_the_first_hundred_can_be_chosen():
    explorer = augmentation_playground(np.repeat(COLOURED, 20, axis=0))
    explorer.set(picture=99)
    with pytest.raises(InputError, match="0 to 99"):
        explorer.set(picture=100)


@pytest.mark.parametrize(
    ("images", "labels"),
    [(COLOURED[0], None), (np.zeros((0, 32, 32, 3)), None), ("horse", None), (COLOURED, [1, 2])],
)
def test_when_an_argument_makes_no_sense_then_it_is_named(images, labels):
    with pytest.raises(CourseError):
        augmentation_playground(images, labels)


def test_when_the_browser_answers_without_a_kernel_then_the_view_follows():
    explorer = augmentation_playground(COLOURED, LABELS, CLASSES)
    explorer.front()
    explorer._hear(None, {"serial": 1, "values": {"what": "zoom"}})
    explorer._hear(None, {"serial": 2, "values": {"strength": 9, "draw": 2, "picture": 5}})
    assert explorer.view["original"].title == "original: frog"
    assert "as large as before" in explorer.view.message


def test_when_nothing_moves_then_two_transformations_are_shown_and_described():
    text = alt_text(augmentation_playground(COLOURED, LABELS, CLASSES).still())
    assert "transformation: rotation. original: cat" in text
    assert "layers.MixUp(alpha=0.4)" in text


@pytest.mark.parametrize("size", [32, 160])
def test_when_controls_change_two_hundred_times_then_each_takes_little_time_and_no_figure_stays(size):
    plt = pytest.importorskip("matplotlib.pyplot")
    explorer = augmentation_playground(RNG.integers(0, 256, (5, size, size, 3), dtype="uint8"))
    names = list(TRANSFORMATIONS)
    seconds = []
    for step in range(200):
        start = time.process_time()
        explorer.set(what=names[step % len(names)], draw=step)
        [panel.content() for panel in explorer.view.flat()]
        seconds.append(time.process_time() - start)
    assert_quick(seconds)
    assert plt.get_fignums() == []
