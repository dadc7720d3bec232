"""Histograms and class counts."""

from types import SimpleNamespace

import numpy as np
import pytest

import course_utils as cu
from course_utils.errors import InputError
from course_utils.plots import distributions


def steps(ax):
    return [patch.get_data() for patch in ax.patches]


def test_when_uint8_pixels_are_counted_then_every_one_is_in_a_bin(legible):
    images = np.random.default_rng(0).integers(0, 256, (20, 28, 28, 1), dtype="uint8")
    drawing = cu.show_histogram(images, bins=256)
    (data,) = steps(drawing.ax)
    np.testing.assert_array_equal(data.values, np.bincount(images.ravel(), minlength=256))
    assert drawing.ax.get_xlabel() == "pixel value (0 to 255)"
    legible(drawing)


def test_when_there_are_many_images_then_counting_in_slices_gives_the_same(monkeypatch):
    images = np.random.default_rng(0).integers(0, 256, (50, 4, 4, 1), dtype="uint8")
    monkeypatch.setattr(distributions, "_SLICE", 100)
    (data,) = steps(cu.show_histogram(images, bins=256).ax)
    np.testing.assert_array_equal(data.values, np.bincount(images.ravel(), minlength=256))


def test_when_pictures_have_colour_then_each_channel_has_a_line_of_its_own(legible):
    picture = np.zeros((8, 8, 3), dtype="uint8")
    picture[..., 1] = 100
    drawing = cu.show_histogram(picture, bins=2)
    assert [text.get_text() for text in drawing.ax.get_legend().get_texts()] == ["red", "green", "blue"]
    assert len({patch.get_linestyle() for patch in drawing.ax.patches}) == 3
    legible(drawing)


def test_when_values_are_floats_then_bins_span_them():
    (data,) = steps(cu.show_histogram(np.array([-1.0, 0.0, 3.0]), bins=4).ax)
    assert (data.edges[0], data.edges[-1]) == (-1, 3)
    assert data.values.sum() == 3


def test_when_sets_are_compared_then_they_are_named_and_share_bins():
    fig, ax = cu.show_histogram({"train": np.zeros(4), "test": np.ones(2)}, bins=2, log=True)
    first, second = steps(ax)
    np.testing.assert_array_equal(first.edges, second.edges)
    assert ax.get_yscale() == "log"
    assert "Train: mean 0" in cu.alt_text(fig) and "Test: mean 1" in cu.alt_text(fig)


@pytest.mark.parametrize("values", [np.array([]), np.array([1.0, np.nan]), np.array(["a"]), {}])
def test_when_there_is_nothing_to_count_then_the_error_says_so(values):
    with pytest.raises(InputError):
        cu.show_histogram(values)


def test_when_classes_are_counted_then_bars_have_their_numbers_and_names(garments, legible):
    split = SimpleNamespace(labels=np.repeat(np.arange(10), np.arange(10) + 5), classes=garments, images=None)
    drawing = cu.show_class_counts(split)
    assert [patch.get_width() for patch in drawing.ax.patches] == list(range(5, 15))
    assert [label.get_text() for label in drawing.ax.get_yticklabels()] == list(garments)
    assert cu.alt_text(drawing.fig) == "95 images in 10 classes: from 5 (T-shirt/top) to 14 (Ankle boot)."
    legible(drawing)


def test_when_classes_are_balanced_then_the_alt_text_says_so():
    assert "3 images in every class" in cu.alt_text(cu.show_class_counts({"a": 3, "b": 3}).fig)


def test_when_there_are_a_hundred_classes_then_it_is_still_legible(legible):
    legible(cu.show_class_counts({f"class {number}": number for number in range(100)}))
