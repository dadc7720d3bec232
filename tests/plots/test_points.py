"""Clouds of points: what is drawn, and what the alt text says about neighbours."""

import numpy as np
import pytest

import course_utils as cu
from course_utils.errors import InputError

GENERATOR = np.random.default_rng(0)
POINTS = np.concatenate([GENERATOR.normal(0, 1, (30, 2)), GENERATOR.normal(50, 1, (30, 2))])
LABELS = np.repeat([0, 1], 30)


def test_when_classes_lie_apart_then_the_alt_text_says_so():
    text = cu.alt_text(cu.show_points(POINTS, LABELS, classes=("cat", "dog"), title="PCA"))
    assert text.startswith("PCA: 60 points of 2 classes (cat and dog).")
    assert "100 % are of its own class" in text


def test_when_labels_are_shuffled_then_the_alt_text_says_that_neighbours_mix():
    text = cu.alt_text(cu.show_points(POINTS, np.arange(60) % 2))
    share = int(text.split("point, ")[1].split(" %")[0])
    assert 30 < share < 70


def test_when_a_class_has_no_point_then_names_and_colours_stay_with_their_classes():
    _, whole = cu.show_points(POINTS, LABELS, classes=("cat", "dog"))
    _, only_dogs = cu.show_points(POINTS[30:], LABELS[30:], classes=("cat", "dog"))
    assert [text.get_text() for text in only_dogs.get_legend().get_texts()] == ["dog"]
    np.testing.assert_array_equal(only_dogs.collections[0].get_facecolor(), whole.collections[1].get_facecolor())


def test_when_there_is_a_single_point_then_it_is_drawn():
    assert "1 points" in cu.alt_text(cu.show_points([[0.0, 1.0]], [3]))


@pytest.mark.parametrize(
    ("points", "labels"),
    [
        (np.zeros((4, 3)), [0] * 4),
        (np.zeros((4, 2)), [0] * 3),
        (np.full((2, 2), np.nan), [0, 1]),
        (np.zeros((2, 2)), [0.5, 1]),
    ],
)
def test_when_points_and_labels_do_not_fit_then_it_says_so(points, labels):
    with pytest.raises(InputError):
        cu.show_points(points, np.array(labels))
