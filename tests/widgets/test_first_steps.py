"""The tour: each task is ticked off by what it asks for, in any order, and can be done again."""

import time

import numpy as np
import pytest
from widget_samples import assert_quick

import course_utils as cu
from course_utils.plots import alt_text
from course_utils.widgets.first_steps import TASKS, changed_picture, small_picture, tour_view

CHANGES = {"brightness": 40, "threshold": ((100,),), "pixel": (5, 2), "colours": "viridis"}


def ticks(explorer):
    return [line.startswith("✓ Done:") for line in explorer.view["tasks"].lines]


def test_when_it_begins_then_nothing_is_ticked_and_the_first_task_is_named():
    explorer = cu.widgets.tour()
    assert ticks(explorer) == [False] * 4
    assert explorer.view.message == f"4 tasks are left. Next: {TASKS[0].text}"


@pytest.mark.parametrize("name", CHANGES)
def test_when_one_task_is_done_then_only_that_one_is_ticked(name):
    explorer = cu.widgets.tour()
    explorer.set(**{name: CHANGES[name]})
    assert ticks(explorer) == [task.value == name for task in TASKS]
    assert "3 tasks are left. Next: " in explorer.view.message


@pytest.mark.parametrize("order", [list(CHANGES), list(CHANGES)[::-1]])
def test_when_all_tasks_are_done_in_any_order_then_the_message_congratulates(order):
    explorer = cu.widgets.tour()
    for count, name in enumerate(order, 1):
        explorer.set(**{name: CHANGES[name]})
        assert sum(ticks(explorer)) == count
    assert "All four tasks are done" in explorer.view.message


def test_when_a_value_goes_back_then_its_task_stays_done():
    explorer = cu.widgets.tour()
    explorer.set(brightness=40)
    explorer.set(brightness=0)
    assert ticks(explorer)[0]


def test_when_start_again_is_pressed_then_everything_is_as_at_first():
    explorer = cu.widgets.tour()
    first = {panel.key: panel.content() for panel in explorer.view.panels}
    explorer.set(**CHANGES)
    explorer.set(again=1)
    assert {panel.key: panel.content() for panel in explorer.view.panels} == first
    assert explorer.values["brightness"] == 0 and explorer.values["threshold"] == ((0.0,),)
    explorer.set(colours="blue")
    assert ticks(explorer) == [False, False, False, True]


def test_when_values_change_then_the_numbers_follow_and_the_chosen_one_is_read_out():
    explorer = cu.widgets.tour()
    before = explorer.view["numbers"].values
    explorer.set(brightness=-30)
    np.testing.assert_array_equal(explorer.view["numbers"].values, np.clip(before - 30, 0, 255))
    assert "−30 was added" in explorer.view.message
    explorer.set(threshold=((100,),))
    found = explorer.view["numbers"].values
    assert not ((found > 0) & (found < 100)).any() and "below 100 is black" in explorer.view.message
    explorer.set(pixel=(7, 4))
    assert f"The pixel in row 8, column 5 is {found[7, 4]}." in explorer.view.message
    assert explorer.view["picture"].marks[0].row == 7 and explorer.view["numbers"].at == (7, 4)


def test_when_a_pixel_outside_is_asked_for_then_the_nearest_one_is_taken():
    picture = np.zeros((8, 8), int)
    view = tour_view(picture, {**cu.widgets.tour().values, "pixel": (99, 2)}, frozenset({"pixel"}))
    assert view.values["pixel"] == (7, 2)
    assert "row 8, column 3" in view["picture"].alt


def test_when_a_picture_is_made_small_then_each_pixel_is_the_mean_of_its_block():
    picture = np.random.default_rng(0).integers(0, 256, (28, 28))
    expected = [[picture[2 + 3 * r : 5 + 3 * r, 2 + 3 * c : 5 + 3 * c].mean() for c in range(8)] for r in range(8)]
    assert np.abs(small_picture(picture) - expected).max() <= 0.5


def test_when_brightness_and_threshold_meet_then_the_threshold_looks_at_the_lighter_picture():
    assert changed_picture(np.array([[40, 60, 250]]), 20, 70).tolist() == [[0, 80, 255]]


def test_when_the_browser_answers_without_a_kernel_then_ticks_come_back():
    explorer = cu.widgets.tour()
    explorer.front()
    for serial, (name, value) in enumerate(CHANGES.items(), 1):
        plain = [list(row) for row in value] if name == "threshold" else value
        explorer._hear(None, {"serial": serial, "values": {name: list(plain) if name == "pixel" else plain}})
    assert all(ticks(explorer))
    explorer._hear(None, {"serial": 9, "values": {"again": 1}})
    assert not any(ticks(explorer))


def test_when_nothing_moves_then_picture_and_tasks_are_described():
    text = alt_text(cu.widgets.tour().still())
    assert "its numbers" in text and text.count("To do") == 4


def test_when_controls_change_two_hundred_times_then_each_takes_little_time_and_no_figure_stays():
    plt = pytest.importorskip("matplotlib.pyplot")
    explorer = cu.widgets.tour()
    seconds = []
    for step in range(200):
        start = time.process_time()
        explorer.set(brightness=5 * (step % 40) - 100, pixel=(step % 8, 1))
        [panel.content() for panel in explorer.view.flat()]
        seconds.append(time.process_time() - start)
    assert_quick(seconds)
    assert plt.get_fignums() == []
