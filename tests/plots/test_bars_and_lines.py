"""Bars, curves and the reliability diagram."""

import dataclasses

import numpy as np
import pytest

import course_utils as cu
from course_utils.errors import InputError
from course_utils.plots.style import DASHES, MARKERS, PALETTE, STYLE


def words(ax):
    return [text.get_text() for text in ax.texts]


def test_when_values_are_compared_then_bars_end_at_them(legible):
    drawing = cu.show_bars(
        {"logistic regression": 0.9, "a classifier with a long name": 0.95, "LeNet": (0.96, 0.98)},
        xlabel="test accuracy",
        reference=("chance", 0.1),
        title="MNIST",
    )
    assert [patch.get_width() for patch in drawing.ax.patches] == pytest.approx([0.9, 0.95, 0.97])
    assert words(drawing.ax) == ["chance 0.100", "0.900", "0.950", "0.960 to 0.980"]
    assert drawing.ax.get_ylim()[0] > drawing.ax.get_ylim()[1]  # the first is on top
    assert cu.alt_text(drawing.fig).endswith("LeNet 0.960 to 0.980. Dashed line: chance 0.100.")
    legible(drawing)


def test_when_zero_is_left_out_then_dots_replace_bars(legible):
    drawing = cu.show_bars({"a": (0.97, 0.98), "b": 0.99}, xlim=(0.95, 1))
    assert len(drawing.ax.patches) == 0
    np.testing.assert_allclose(drawing.ax.collections[0].get_offsets(), [[0.975, 0], [0.99, 1]])
    assert drawing.ax.get_xlim() == (0.95, 1)
    legible(drawing)


def test_when_numbers_are_large_then_they_are_written_out(legible):
    drawing = cu.show_bars({"dense": 79_510, "CNN": 1_691_360}, xlabel="parameters")
    assert words(drawing.ax) == ["79,510", "1,691,360"]
    legible(drawing)


def test_when_values_are_negative_then_bars_point_to_the_left(legible):
    drawing = cu.show_bars({"dropout": -0.6, "pooling": (0.4, 0.9)}, xlabel="gain (points)", fmt="{:+.1f}")
    assert [patch.get_width() for patch in drawing.ax.patches] == pytest.approx([-0.6, 0.65])
    assert words(drawing.ax) == ["-0.6", "+0.4 to +0.9"]
    legible(drawing)


def test_when_a_bar_is_highlighted_then_it_differs_in_weight_too():
    _, ax = cu.show_bars({"a": 1, "b": 2}, highlight="b")
    assert ax.patches[0].get_facecolor() != ax.patches[1].get_facecolor()
    assert ax.get_yticklabels()[1].get_fontweight() == "bold"


@pytest.mark.parametrize("values", [{}, [1, 2], {"a": np.nan}, {"a": "much"}, {"a": (1, 2, 3)}])
def test_when_there_is_nothing_to_compare_then_the_error_says_so(values):
    with pytest.raises(InputError):
        cu.show_bars(values)


def test_when_curves_are_drawn_then_dashes_and_markers_differ(legible):
    x = np.arange(0, 91, 15)
    drawing = cu.show_lines(
        {"LeNet": (x, 1 - x / 100), "dense": (x, 0.9 - x / 100)}, xlabel="rotation (degrees)", ylabel="accuracy"
    )
    first, second = drawing.ax.get_lines()
    np.testing.assert_array_equal(first.get_xydata(), np.column_stack([x, 1 - x / 100]))
    assert (first.get_linestyle(), first.get_marker()) != (second.get_linestyle(), second.get_marker())
    assert (drawing.ax.get_xlabel(), drawing.ax.get_ylabel()) == ("rotation (degrees)", "accuracy")
    assert "LeNet: 1 at 0, 0.1 at 90." in cu.alt_text(drawing.fig)
    legible(drawing)


def test_when_a_curve_has_a_peak_then_the_alt_text_names_it():
    assert "highest 5 at 1" in cu.alt_text(cu.show_lines({"a": ([0, 1, 2], [1, 5, 2])}).fig)


def test_when_a_band_is_given_then_it_is_drawn():
    _, ax = cu.show_lines({"a": ([0, 1], [1, 2], [0.5, 1.5], [1.5, 2.5])})
    assert len(ax.collections) == 1


@pytest.mark.parametrize("lines", [{}, [1, 2], {"a": ([1, 2], [1])}, {"a": ([], [])}, {"a": [1, 2]}, {"a": "xy"}])
def test_when_curves_make_no_sense_then_the_error_says_what_is_needed(lines):
    with pytest.raises(InputError):
        cu.show_lines(lines)


def test_when_calibration_is_drawn_then_points_are_accuracy_at_confidence(report, legible):
    drawing = cu.show_calibration(report)
    points = drawing.ax.collections[-1].get_offsets()
    # All but one image are answered with 0.91; 150 of 200 are right.
    np.testing.assert_allclose(points[-1], [(199 * 0.91 + 0.991) / 200, 0.75], atol=1e-3)
    assert drawing.ax.get_title() == "Expected calibration error 0.160"
    assert "over-confident" in cu.alt_text(drawing.fig)
    legible(drawing)


def test_when_there_are_no_probabilities_then_calibration_says_why_not(report):
    with pytest.raises(InputError, match="labels only"):
        cu.show_calibration(dataclasses.replace(report, probabilities=None))


def test_the_palette_is_seaborns_colour_blind_one():
    import seaborn

    assert sorted(PALETTE) == sorted(colour.lower() for colour in seaborn.color_palette("colorblind").as_hex())


def test_there_are_as_many_markers_as_colours_and_no_small_font():
    assert len(MARKERS) == len(PALETTE) and len(set(map(str, DASHES))) == len(DASHES)
    assert min(value for name, value in STYLE.items() if "size" in name and "line" not in name) >= 11
