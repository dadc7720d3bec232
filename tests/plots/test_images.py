"""Grids of pictures."""

from types import SimpleNamespace

import numpy as np
import pytest

import course_utils as cu
from course_utils.errors import InputError
from course_utils.plots.images import best_columns
from course_utils.plots.style import SIGNED_MAP


def ramp(*shape):
    return np.arange(np.prod(shape), dtype="uint8").reshape(shape)


def limits(panel):
    return panel.get_images()[0].get_clim()


@pytest.fixture
def split(garments):
    labels = np.arange(30) % 10
    return SimpleNamespace(images=ramp(30, 28, 28, 1), labels=labels, classes=garments, name="train")


def test_when_a_split_is_shown_then_pictures_and_class_names_are_its_own(split, legible):
    fig, axes = cu.show_images(split)
    assert len(axes) == 16
    for index, panel in enumerate(axes):
        np.testing.assert_array_equal(panel.get_images()[0].get_array(), split.images[index, ..., 0])
        assert panel.get_title() == split.classes[split.labels[index]]
        assert limits(panel) == (0, 255)
    legible((fig, axes))


@pytest.mark.parametrize("n", [1, 7, 10, 20])
def test_when_any_number_is_shown_then_titles_stay_legible(split, n, legible):
    drawing = cu.show_images(split, n=n)
    assert np.size(drawing.ax) == n
    legible(drawing)


def test_when_class_names_are_long_then_titles_are_broken_into_lines(legible):
    names = ["English springer spaniel", "aquarium_fish_and_more", "cassette player"]
    drawing = cu.show_images(ramp(8, 8, 8, 3), titles=(names * 3)[:8], columns=8)
    assert "\n" in drawing.ax[0].get_title() and "\n" in drawing.ax[1].get_title()
    assert "aquarium_fish_and_more" in cu.alt_text(drawing.fig)
    legible(drawing)


def test_when_a_seed_is_given_then_the_choice_is_random_but_repeatable(split):
    chosen = [ax.get_title() for ax in cu.show_images(split, n=8, seed=1).ax]
    assert chosen == [ax.get_title() for ax in cu.show_images(split, n=8, seed=1).ax]
    assert chosen != [ax.get_title() for ax in cu.show_images(split, n=8).ax]


@pytest.mark.parametrize(
    ("images", "count"),
    [
        (ramp(28, 28), 1),
        (ramp(32, 32, 3), 1),
        (ramp(4, 28, 28), 4),
        (ramp(8, 3, 3), 8),
        (ramp(4, 28, 28, 1), 4),
        (ramp(4, 32, 32, 3), 4),
        ([ramp(5, 5), ramp(28, 28, 1), ramp(9, 7, 3)], 3),
    ],
)
def test_when_pictures_come_in_different_shapes_then_each_is_understood(images, count):
    assert np.size(cu.show_images(images).ax) == count


def test_when_values_are_signed_then_zero_is_white_in_the_middle():
    _, axes = cu.show_images([ramp(4, 4), np.array([[-3.0, 1.0]])])
    assert limits(axes[0]) == (0, 255)
    assert limits(axes[1]) == (-3, 3)
    assert axes[1].get_images()[0].get_cmap().name == SIGNED_MAP


def test_when_signed_maps_come_as_one_array_then_they_share_one_scale_and_a_colour_bar():
    fig, axes = cu.show_images(np.array([[[-1.0, 0.5]], [[2.0, -4.0]]]))
    assert [limits(panel) for panel in axes] == [(-4, 4), (-4, 4)]
    assert fig.axes[-1].get_ylabel() == "value"


@pytest.mark.parametrize(
    ("scale", "expected"), [("each", (10, 20)), ("shared", (0, 255)), ((0, 50), (0, 50)), (None, (0, 255))]
)
def test_when_a_scale_is_given_then_it_decides_the_shades(scale, expected):
    pictures = [np.array([[10, 20]], dtype="uint8"), np.array([[0, 255]], dtype="uint8")]
    _, axes = cu.show_images(pictures, scale=scale)
    assert limits(axes[0]) == expected


@pytest.mark.parametrize(("top", "expected"), [(0.4, 1), (1.0, 1), (200.0, 255), (30.0, 30)])
def test_when_floats_are_shown_then_their_usual_range_is_recognised(top, expected):
    _, ax = cu.show_images(np.array([[0.0, top]]))
    assert limits(ax) == (0, expected)


def test_when_values_are_asked_for_then_each_pixel_has_its_number(legible):
    drawing = cu.show_images(np.array([[0, 128, 255], [7, -1.5, 99]]), values=True)
    assert [text.get_text() for text in drawing.ax.texts] == ["0", "128", "255", "7", "-1.5", "99"]
    legible(drawing)


def test_when_a_grid_of_values_is_wide_then_numbers_do_not_touch(legible):
    legible(cu.show_images(np.full((8, 20), 255, dtype="uint8"), values=True))


@pytest.mark.parametrize("picture", [ramp(28, 28), ramp(3, 3, 3)])
def test_when_numbers_do_not_fit_then_the_error_shows_how_to_cut(picture):
    with pytest.raises(InputError, match=r"image\[:12, :12\]"):
        cu.show_images(picture, values=True)


def test_when_axes_are_given_then_they_are_drawn_on():
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots()
    assert cu.show_images(ramp(5, 5), ax=ax)[:] == (fig, ax)
    assert len(ax.get_images()) == 1


def test_when_pictures_are_shown_then_the_alt_text_names_number_size_and_titles(split):
    alt = cu.alt_text(cu.show_images(split, n=2).fig)
    assert alt == "2 grey pictures of 28 by 28 pixels: T-shirt/top and Trouser."


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (ramp(3, 28, 28, 2), r"\(28, 28, 2\)"),
        (ramp(2, 3, 28, 28), r"transpose\(1, 2, 0\)"),
        (np.zeros(784), r"reshape\(-1, 28, 28\)"),
        (np.array([[0.0, np.nan]]), "row 0, column 1"),
        (np.array([["a", "b"]]), "dtype"),
        (np.zeros((0, 28, 28, 1)), "no pictures"),
        ([], "no pictures"),
    ],
)
def test_when_these_are_no_pictures_then_the_error_says_what_was_seen(images, message):
    with pytest.raises(InputError, match=message):
        cu.show_images(images)


def test_when_a_single_thing_is_no_array_then_the_error_shows_a_split():
    with pytest.raises(InputError, match=r"(?s)found:    NoneType.*cu\.show_images\(data\.train\)"):
        cu.show_images(None)


def test_when_titles_do_not_match_then_both_numbers_are_named():
    with pytest.raises(InputError, match=r"one title[\s\S]*3[\s\S]*2"):
        cu.show_images(ramp(3, 4, 4), titles=["a", "b"])


def test_when_a_label_has_no_class_then_its_index_is_named():
    with pytest.raises(InputError, match=r"labels\[1\] is 9"):
        cu.show_images(ramp(2, 4, 4), labels=[0, 9], classes=("a", "b"))


def test_when_scale_is_unknown_then_the_choices_are_listed():
    with pytest.raises(InputError, match="'shared'"):
        cu.show_images(ramp(4, 4), scale="same")


def test_when_columns_are_chosen_then_the_last_row_is_as_full_as_possible():
    assert [best_columns(count) for count in (1, 8, 9, 10, 12, 14, 32)] == [1, 8, 5, 5, 6, 7, 8]
