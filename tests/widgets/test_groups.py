import io

import numpy as np
import pytest
from PIL import Image

from course_utils.plots.alt import alt_text
from course_utils.widgets.controls import Hidden
from course_utils.widgets.explorer import Explorer
from course_utils.widgets.panels import Group, Mark, Picture, Points, Text, View
from course_utils.widgets.pixels import fills

GREY = np.full((4, 4), 90, dtype="uint8")


class Ear:
    """Stands for the browser: keeps what it is sent."""

    def __init__(self):
        self.answers = []

    def send(self, answer, buffers):
        self.answers.append((answer, buffers))


def view_of(values, changed=frozenset()):
    at = values["at"]
    small = tuple(Picture(f"small {i}", f"{i}", GREY + i, f"grey {i}.", width=40) for i in range(3))
    inner = Group("inner", "three", small, "three greys", width=140)
    mark = (Mark(at, 0),)
    outer = Group("outer", "side", (Picture("large", "large", GREY, "grey", marks=mark), inner), "one and three", 300)
    places = np.array([[0.0, 0], [1, 0], [0, 1]])
    points = Points("map", "map", places, [0, 1, 0], ("a", "b"), "at", at, "3 points", linked=((at + 1) % 3,))
    return View((points, outer, Text("words", "", (f"at {at}",))), f"Point {at}.")


def explorer():
    return Explorer("Groups", (Hidden("at", 0),), view_of)


def heard(explorer):
    explorer._front = Ear()
    explorer._hear(None, {"ask": True})
    return explorer._front.answers


def test_when_panels_are_in_groups_then_the_browser_gets_all_of_them_and_who_is_in_which():
    (answer, buffers) = heard(explorer())[-1]
    assert answer["order"] == ["map", "outer", "large", "inner", "small 0", "small 1", "small 2", "words"]
    members = {panel["key"]: panel["members"] for panel in answer["panels"] if panel["kind"] == "group"}
    assert members == {"outer": ["large", "inner"], "inner": ["small 0", "small 1", "small 2"]}
    assert len(buffers) == 4


def test_when_a_panel_is_in_a_group_then_the_view_finds_it():
    view = view_of({"at": 0})
    assert view["small 1"].title == "1" and view["inner"].width == 140


def test_when_only_marks_change_then_pictures_and_places_are_not_sent_again():
    widget = explorer()
    answers = heard(widget)
    widget._hear(None, {"serial": 1, "values": {"at": 2}})
    answer, buffers = answers[-1]
    assert [panel["key"] for panel in answer["panels"]] == ["map", "large", "words"]
    points, large, _ = answer["panels"]
    assert "cloud" not in points and points["at"] == 2 and points["linked"] == [0]
    assert not buffers and "buffer" not in large and large["marks"][0][0] == 0.5


def test_when_pictures_or_places_change_then_they_are_sent_again():
    def show(values, changed):
        places = np.array([[0.0, 0], [1, values["at"]]])
        points = Points("map", "map", places, [0, 0], ("a",), "at", 0, "2 points")
        return View((Picture("large", "large", GREY + values["at"], "grey"), points))

    widget = Explorer("Changing", (Hidden("at", 0),), show)
    answers = heard(widget)
    widget._hear(None, {"serial": 1, "values": {"at": 2}})
    (picture, points), buffers = answers[-1][0]["panels"], answers[-1][1]
    assert points["cloud"]["y"] == [0, 2] and picture["buffer"] == 0
    assert np.asarray(Image.open(io.BytesIO(buffers[0]))).max() == 92


def test_when_the_page_is_loaded_again_then_everything_is_sent():
    widget = explorer()
    answers = heard(widget)
    widget._hear(None, {"serial": 1, "values": {"at": 2}})
    widget._hear(None, {"ask": True})
    answer, buffers = answers[-1]
    assert len(answer["panels"]) == 8 and len(buffers) == 4
    assert next(panel for panel in answer["panels"] if panel["key"] == "map")["cloud"]["groups"] == [0, 1, 0]


def test_when_a_group_is_drawn_as_a_still_then_its_pictures_are_inside_it_and_its_alt_stands_for_theirs():
    fig = explorer().still()
    text = alt_text(fig)
    assert "one and three" in text and "grey 1" not in text
    boxes = [ax.get_position() for ax in fig.axes if ax.images]
    assert len(boxes) == 4
    large, *small = boxes
    assert all(each.x0 >= large.x0 - 1e-6 for each in small)  # all in the group's column, below the map or beside it
    assert {round(each.y0, 3) for each in small} == {round(small[0].y0, 3)} and small[0].y1 < large.y0
    assert all(each.x0 >= 0 and each.x1 <= 1 for each in boxes)


@pytest.mark.parametrize("cmap", ["RdBu_r", "Blues", "Oranges", "viridis"])
def test_when_cells_are_filled_then_what_is_written_in_them_is_legible(cmap):
    backgrounds, inks = fills(np.linspace(-1, 1, 201)[None], 1, cmap, strongest=1)
    assert min(contrast(*pair) for pair in zip(backgrounds[0], inks[0], strict=True)) >= 4.5


def contrast(one, other):
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def luminance(colour):
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
