"""Confusion matrix and worst mistakes."""

import numpy as np
import pytest
from matplotlib.collections import QuadMesh

import course_utils as cu
from course_utils.errors import InputError
from course_utils.plots.confusion import worst_first


def cells(ax):
    mesh = next(artist for artist in ax.collections if isinstance(artist, QuadMesh))
    return np.asarray(mesh.get_array()).reshape(len(ax.get_yticks()), -1)


def written(ax):
    return [text.get_text() for text in ax.texts]


def test_when_a_report_is_drawn_then_rows_are_true_and_columns_predicted(report, legible):
    drawing = cu.show_confusion(report)
    ax = drawing.ax
    np.testing.assert_array_equal(cells(ax), report.confusion)
    assert cells(ax)[6, 4] == 20  # shirts called coats
    assert (ax.get_ylabel(), ax.get_xlabel()) == ("true class", "predicted class")
    assert [label.get_text() for label in ax.get_yticklabels()] == list(report.classes)
    assert written(ax)[6 * 10 + 4] == "20" and written(ax)[6 * 10 + 5] == ""
    legible(drawing)


def test_when_normalised_then_each_row_adds_to_a_hundred(report, legible):
    drawing = cu.show_confusion(report, normalize=True)
    np.testing.assert_allclose(cells(drawing.ax).sum(axis=1), 100)
    assert written(drawing.ax)[64] == "100"
    legible(drawing)


def test_when_labels_are_given_then_they_are_counted():
    _, ax = cu.show_confusion(([0, 1, 1], [0, 1, 0]), classes=("cat", "dog"))
    np.testing.assert_array_equal(cells(ax), [[1, 0], [1, 1]])


def test_when_counts_are_small_then_the_colour_bar_counts_whole_images(legible):
    drawing = cu.show_confusion(([0, 1, 1, 0], [0, 1, 0, 0]), classes=("cat", "dog"))
    assert all(tick == round(tick) for tick in drawing.fig.axes[-1].get_yticks())
    legible(drawing)


def test_when_a_share_is_small_then_it_is_not_written_as_zero():
    _, ax = cu.show_confusion((np.zeros(1000, int), np.r_[1, np.zeros(999, int)]), normalize=True)
    assert written(ax)[:2] == ["100", "<1"]


def test_when_there_are_a_hundred_classes_then_the_labels_do_not_overlap(legible):
    labels = np.arange(100)
    drawing = cu.show_confusion((labels, labels), classes=[f"class_{number}" for number in range(100)])
    assert written(drawing.ax) == []
    legible(drawing)


def test_when_drawn_then_the_alt_text_names_the_worst_pair(report):
    alt = cu.alt_text(cu.show_confusion(report).fig)
    assert "200 images in 10 classes: 150 (75.0 %)" in alt
    assert "Shirt for Coat (20)" in alt


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (([0, 3], [0, 1]), r"true labels\[1\] is 3"),
        (([0, 1], [0, -1]), r"predicted labels\[1\] is -1"),
        (([0, 1], [0]), "2 labels for 2 images"),
        (([0, 1], [[1, 0], [0, 1]]), "argmax"),
        ("report", r"cu\.evaluate"),
    ],
)
def test_when_labels_are_wrong_then_the_first_bad_one_is_named(labels, message):
    with pytest.raises(InputError, match=message):
        cu.show_confusion(labels, classes=("a", "b"))


def test_when_mistakes_are_shown_then_the_most_confident_comes_first(report, legible):
    drawing = cu.show_mistakes(report, n=5)
    worst = worst_first(report)[0]
    first = drawing.ax[0]
    np.testing.assert_array_equal(first.get_images()[0].get_array(), report.images[worst, ..., 0])
    assert (first.get_title(), first.get_xlabel()) == ("is Shirt", "said Coat 99.1 %")
    assert len(drawing.ax) == 5
    assert "5 worst mistakes of 50: Shirt called Coat 99.1 %" in cu.alt_text(drawing.fig)
    legible(drawing)


@pytest.mark.parametrize("draw", [cu.show_mistakes, cu.show_calibration, cu.show_class_counts])
def test_when_something_else_is_given_then_the_error_says_what_is_wanted(draw):
    with pytest.raises(InputError, match=rf"{draw.__name__} needs a"):
        draw(None)


def test_when_mistakes_are_shown_then_all_are_wrong(report):
    order = worst_first(report)
    assert len(order) == 50
    assert (report.predictions[order] != report.labels[order]).all()
    confidence = report.probabilities[order].max(axis=1)
    assert (np.diff(confidence) <= 0).all()


def test_when_there_are_no_probabilities_then_mistakes_are_shown_without():
    images = np.zeros((3, 4, 4, 1), dtype="uint8")
    report = cu.evaluate(lambda batch: np.array([0, 1, 1]), (images, [0, 1, 0]), classes=("a", "b"))
    _, axes = cu.show_mistakes(report)
    assert [(ax.get_title(), ax.get_xlabel()) for ax in axes] == [("is a", "said b")]


def test_when_everything_is_right_then_the_figure_says_so(legible):
    images = np.zeros((3, 4, 4, 1), dtype="uint8")
    report = cu.evaluate(lambda batch: np.array([0, 1, 1]), (images, [0, 1, 1]))
    drawing = cu.show_mistakes(report)
    assert cu.alt_text(drawing.fig) == "No mistakes among 3 images."
    legible(drawing)
