"""Pooling explorer: it pools as Keras does, and says honestly what a move of the map changes."""

import re
import time

import numpy as np
import pytest
from scipy import ndimage
from widget_samples import assert_quick

import course_utils as cu
from course_utils.errors import InputError, UnknownNameError
from course_utils.plots import alt_text
from course_utils.widgets.panels import Mark, Numbers, Picture
from course_utils.widgets.pooling import changed_share, pooled, shifted, similarity

RNG = np.random.default_rng(0)
# The small map of notebook 01, section 24.
TINY = np.array([[1, 0, 2, 0], [0, 5, 0, 0], [3, 3, 0, 4], [3, 3, 8, 0]])
LARGE = RNG.normal(size=(17, 23))
MIDDLE = RNG.normal(size=(11, 12))


@pytest.mark.parametrize("stride", [1, 2, 3, 4])
@pytest.mark.parametrize("window", [2, 3, 4])
@pytest.mark.parametrize("kind", ["maximum", "average"])
def test_when_a_map_is_pooled_then_the_numbers_are_those_of_keras(window, stride, kind):
    keras = pytest.importorskip("keras")
    pool = {"maximum": keras.ops.max_pool, "average": keras.ops.average_pool}[kind]
    expected = pool(LARGE[np.newaxis, :, :, np.newaxis].astype("float32"), window, stride, "valid", "channels_last")
    found = pooled(LARGE, window, stride, kind)
    np.testing.assert_allclose(found, np.asarray(expected)[0, :, :, 0], atol=1e-5)
    assert found.shape == tuple((side - window) // stride + 1 for side in LARGE.shape)


def test_when_the_small_map_of_the_notebook_is_pooled_then_the_four_numbers_are_its_own():
    assert pooled(TINY, 2, 2).tolist() == [[5, 2], [3, 8]]
    assert pooled(TINY, 2, 2, "average").tolist() == [[1.5, 0.5], [3, 3]]


@pytest.mark.parametrize("pixels", [0, 1, 2, 3])
def test_when_a_map_moves_then_it_is_the_shift_of_scipy(pixels):
    np.testing.assert_allclose(shifted(LARGE, pixels), ndimage.shift(LARGE, (0, pixels), order=0))


def test_when_maps_are_compared_then_similarity_is_their_correlation():
    other = RNG.normal(size=LARGE.shape)
    assert similarity(LARGE, other) == pytest.approx(np.corrcoef(LARGE.ravel(), other.ravel())[0, 1])
    assert similarity(LARGE, 3 * LARGE + 1) == pytest.approx(1) and similarity(LARGE, -LARGE) == pytest.approx(-1)
    assert similarity(np.ones((2, 2)), np.ones((2, 2))) == 1 and np.isnan(similarity(np.ones((2, 2)), np.eye(2)))


def test_when_maps_are_compared_then_rounding_is_no_change():
    before = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert changed_share(before, before + 1e-9) == 0
    assert changed_share(before, [[1, 2], [3, 5]]) == 0.25
    assert changed_share(np.zeros((2, 2)), np.zeros((2, 2))) == 0


def test_when_a_cell_is_chosen_then_its_window_and_the_maximum_are_marked():
    explorer = cu.widgets.pooling_explorer(TINY)
    explorer.set(cell=(1, 1))
    assert explorer.view["map"].marks[0] == Mark(2, 2, 2, 2)
    row, column = explorer.view["map"].marks[1].row, explorer.view["map"].marks[1].column
    assert (row, column) == (3, 2) and TINY[row, column] == 8
    assert explorer.view["window"].values.tolist() == [[0, 4], [8, 0]]
    assert (explorer.view["window"].marks[0].row, explorer.view["window"].marks[0].column) == (1, 0)
    assert explorer.view["pooled"].marks == (Mark(1, 1),) and explorer.view["pooled"].at == (1, 1)
    assert explorer.view.message == "4×4 becomes 2×2: of the window of row 2, column 2 the maximum, 8, is kept."


def test_when_the_average_is_kept_then_no_number_of_the_window_is_marked():
    explorer = cu.widgets.pooling_explorer(TINY)
    explorer.set(kind="average", cell=(0, 0))
    assert len(explorer.view["map"].marks) == 1 and explorer.view["window"].marks == ()
    assert "the average, 1.5, is kept" in explorer.view.message


def test_when_a_cell_outside_is_chosen_then_the_nearest_is_taken():
    explorer = cu.widgets.pooling_explorer(TINY)
    explorer.set(cell=(9, -9))
    assert explorer.values["cell"] == (1, 0) and explorer.values["corner"] == (2, 0)


def test_when_the_window_changes_then_the_stride_follows_and_the_place_stays():
    explorer = cu.widgets.pooling_explorer(LARGE)
    explorer.set(cell=(4, 6))
    explorer.set(window=3)
    assert explorer.values["stride"] == 3 and explorer.values["cell"] == (2, 4)  # row 8, column 12 of the map
    explorer.set(stride=1)
    assert explorer.values["window"] == 3 and explorer.values["cell"] == (6, 12)
    explorer.set(window=4, stride=2)
    assert explorer.values["stride"] == 2


def test_when_sizes_change_then_the_formula_has_the_numbers():
    explorer = cu.widgets.pooling_explorer(LARGE)
    assert explorer.view["formula"].lines == (
        "output = ⌊(n − window) / stride⌋ + 1",
        "height: ⌊(17 − 2) / 2⌋ + 1 = 8",
        "width: ⌊(23 − 2) / 2⌋ + 1 = 11",
        "1 at the end is left out.",
    )
    explorer.set(stride=4)
    assert explorer.view["formula"].lines[-1].startswith("The stride is larger than the window")
    assert explorer.view["pooled"].pixels.shape == (4, 6, 3)
    square = cu.widgets.pooling_explorer(TINY)
    assert square.view["formula"].lines[1:] == ("⌊(4 − 2) / 2⌋ + 1 = 2",)


def test_when_a_map_is_small_it_is_numbers_and_when_it_is_large_a_picture():
    assert isinstance(cu.widgets.pooling_explorer(TINY).view["map"], Numbers)
    explorer = cu.widgets.pooling_explorer(LARGE)
    explorer.set(window=4)
    assert isinstance(explorer.view["map"], Picture) and isinstance(explorer.view["pooled"], Picture)
    assert isinstance(explorer.view["window"], Numbers)
    assert isinstance(cu.widgets.pooling_explorer(np.abs(LARGE)[..., np.newaxis]).view["map"], Picture)


@pytest.mark.parametrize("shift", [1, 2, 3])
def test_when_the_map_moves_then_the_message_has_the_measured_numbers(shift):
    explorer = cu.widgets.pooling_explorer(MIDDLE)
    explorer.set(shift=shift, window=3)
    moved = shifted(MIDDLE, shift)
    before, after = pooled(MIDDLE, 3, 3), pooled(moved, 3, 3)
    alone, together = (
        f"{round(similarity(*pair), 2):g}".replace("-", "−") for pair in ((MIDDLE, moved), (before, after))
    )
    words = f"the similarity to the map before is {alone} without pooling, {together} with it (1: the same map)"
    assert words in explorer.view.message
    shares = [f"{100 * changed_share(*pair):.0f} %" for pair in ((MIDDLE, moved), (before, after))]
    assert f"{shares[0]} of the map's numbers have changed, {shares[1]} of the pooled ones" in explorer.view.message
    np.testing.assert_allclose(explorer.view["pooled_change"].values, after - before)
    assert explorer.view["map"].title == f"map, moved by {shift}"


def test_when_the_map_does_not_move_then_no_change_is_shown():
    explorer = cu.widgets.pooling_explorer(LARGE)
    assert {panel.key for panel in explorer.view.panels} == {"map", "window", "pooled", "formula"}
    assert "Moved" not in explorer.view.message


def test_when_a_map_is_the_same_all_over_then_its_similarity_is_not_defined():
    explorer = cu.widgets.pooling_explorer(np.ones((6, 6)))
    explorer.set(shift=3, window=4)
    assert "the similarity to the map before is not defined without pooling, 1 with it" in explorer.view.message


def test_when_the_map_of_the_course_moves_by_one_pixel_then_pooling_forgives_part_of_it():
    explorer = cu.widgets.pooling_explorer()
    for window in (2, 3, 4):
        explorer.set(window=window, shift=1)
        alone, together = re.search(r"before is (\S+) without pooling, (\S+) with it", explorer.view.message).groups()
        alone, together = float(alone), float(together)
        assert together > alone + 0.1


@pytest.mark.parametrize(
    "maps",
    [
        np.zeros((3, 8)),
        np.zeros((8, 8, 3)),
        np.zeros((1, 8, 8, 1)),
        np.full((5, 5), np.nan),
        np.full((5, 5), np.inf),
        "boot",
        [[1], [1, 2]],
    ],
)
def test_when_the_map_makes_no_sense_then_the_argument_is_named(maps):
    with pytest.raises(InputError, match="maps"):
        cu.widgets.pooling_explorer(maps)


@pytest.mark.parametrize(
    "values", [{"window": 5}, {"stride": 0}, {"shift": 4}, {"kind": "minimum"}, {"cell": "a"}, {"x": 1}]
)
def test_when_a_value_makes_no_sense_then_nothing_changes(values):
    explorer = cu.widgets.pooling_explorer(TINY)
    view = explorer.view
    with pytest.raises((InputError, UnknownNameError)):
        explorer.set(**values)
    assert explorer.view is view


def test_when_nothing_is_given_then_the_edges_of_a_boot_are_shown_before_and_after_a_move():
    explorer = cu.widgets.pooling_explorer()
    text = alt_text(explorer.still())
    assert "move to the right: 1." in text and "28×28 becomes 14×14" in text and "change, pooled" in text
    assert explorer.view["window"].values.max() == pytest.approx(4)  # the strongest edge, to begin with


def test_when_the_browser_changes_something_then_it_gets_the_answer():
    explorer = cu.widgets.pooling_explorer(LARGE)
    sent = []
    explorer.front().send = lambda answer, buffers: sent.append(answer)
    explorer._hear(None, {"serial": 1, "values": {"window": 4}})
    assert sent[-1]["values"] == {"stride": 4} and sent[-1]["error"] == ""
    explorer._hear(None, {"serial": 2, "values": {"cell": [0, 0], "shift": 2}})
    assert "change" in sent[-1]["order"] and "row 1, column 1" in sent[-1]["message"]


def test_when_two_hundred_changes_are_made_then_each_takes_little_time_and_no_figure_stays():
    plt = pytest.importorskip("matplotlib.pyplot")
    explorer = cu.widgets.pooling_explorer()
    explorer.front()
    seconds = []
    for step in range(200):
        start = time.process_time()
        explorer._hear(None, {"serial": step, "values": {"shift": step % 4, "window": 2 + step % 3}})
        seconds.append(time.process_time() - start)
    assert_quick(seconds)
    assert plt.get_fignums() == []
