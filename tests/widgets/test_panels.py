"""Panels: what they send is JSON with PNG files, and says in words what is to be seen."""

import io
import json

import numpy as np
import pytest
from PIL import Image

from course_utils.errors import InputError
from course_utils.plots import alt_text
from course_utils.widgets.curves import Curve, Curves
from course_utils.widgets.panels import Mark, Numbers, Picture, Points, Text, View
from course_utils.widgets.still import draw_still

PIXELS = np.arange(24, dtype="uint8").reshape(4, 6)
CURVE = Curve("line", np.linspace(0, 1, 5), np.linspace(0, 2, 5))
CURVES = Curves("graph", "graph", (CURVE,), "a line.", (0, 1), (0, 2), "x", "y", (0, 1), (0, 2), ((0.5, 1.0),), "x")
PANELS = (
    Picture("picture", "picture", PIXELS, "grey.", marks=(Mark(1, 2, 2, 3),), select="place", at=(1, 2)),
    Numbers("numbers", "numbers", np.array([[1.5, np.nan], [-2, 1e6]]), "four numbers.", select="cell", at=(0, 1)),
    Text("text", "text", ("one", "two")),
    Points("points", "points", np.eye(3)[:, :2], np.array([0, 1, 0]), ("a", "b"), "point", 1, "three points."),
    CURVES,
)


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.key)
def test_when_a_panel_is_sent_then_all_but_its_png_is_json(panel):
    content = panel.content()
    content.pop("png", None)
    again = json.loads(json.dumps(content, allow_nan=False))
    assert again["key"] == panel.key and again["title"] == panel.title and again["kind"]


def test_when_a_picture_is_sent_then_its_png_has_the_very_pixels():
    content = PANELS[0].content()
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(content["png"]))), PIXELS)
    assert content["marks"] == [[1 / 4, 2 / 6, 2 / 4, 3 / 6, "#d55e00"]]
    assert content["cells"] == [4, 6] and content["at"] == [1, 2] and content["select"] == "place"


@pytest.mark.parametrize(
    "pixels",
    [
        PIXELS / 255,
        PIXELS.tolist(),
        np.zeros(4, "uint8"),
        np.zeros((0, 4), "uint8"),
        np.zeros((2, 2, 4), "uint8"),
        np.zeros((2, 2, 1), "uint8"),
        np.zeros((1, 2, 2, 3), "uint8"),
    ],
)
def test_when_a_picture_is_not_made_of_bytes_then_the_panel_is_named(pixels):
    with pytest.raises(InputError, match="panel 'wrong'"):
        Picture("wrong", "", pixels, "")


def test_when_numbers_are_written_then_they_are_short_and_empty_cells_are_empty():
    content = PANELS[1].content()
    assert content["rows"] == [["1.5", ""], ["−2", "1,000,000"]]
    assert content["fills"] == content["inks"] == [[None, None], [None, None]]
    assert content["at"] == [0, 1] and Numbers("n", "", np.zeros((1, 1)), "").content()["at"] is None


def test_when_a_table_says_something_else_than_its_numbers_then_that_is_written():
    table = Numbers("n", "", np.zeros((1, 2)), "", texts=[[1, "b"]], names=("row",), columns=("x", "y"))
    assert table.content()["rows"] == [["1", "b"]] and table.content()["columns"] == ["x", "y"]


def test_when_points_are_sent_then_each_group_has_a_colour():
    content = PANELS[3].content()
    assert content["cloud"] == {"x": [1.0, 0.0, 0.0], "y": [0.0, 1.0, 0.0], "groups": [0, 1, 0]}
    assert len(content["colours"]) == len(content["legend"]) == 2 and content["at"] == 1


def test_when_curves_are_sent_then_each_has_its_places_and_what_a_click_changes():
    content = CURVES.content()
    assert content["curves"][0]["places"] == [[0.0, 0.0], [0.25, 0.5], [0.5, 1.0], [0.75, 1.5], [1.0, 2.0]]
    assert content["points"] == [[0.5, 1.0]] and content["x_limits"] == [0.0, 1.0]
    assert content["select"] == "x" and content["step"] == 0.1


def test_when_curves_are_drawn_in_a_still_then_axes_labels_and_legend_are_there():
    fig = draw_still("Graph", [("", View((CURVES,)))])
    (inner,) = fig.axes[0].child_axes
    assert inner.get_xlabel() == "x" and inner.get_ylabel() == "y" and inner.get_xlim() == (0, 1)
    assert [text.get_text() for text in inner.get_legend().get_texts()] == ["line"]
    assert min(text.get_fontsize() for text in inner.get_xticklabels()) >= 11
    assert "graph: a line." in alt_text(fig)


def test_when_a_panel_is_asked_for_by_name_then_the_view_has_it():
    view = View(PANELS, "All of them.")
    assert view["text"] is PANELS[2] and view.flat() == list(PANELS)
    with pytest.raises(StopIteration):
        view["other"]


def test_when_two_panels_have_the_same_key_then_the_error_names_it():
    with pytest.raises(InputError, match="several of text"):
        View((PANELS[2], Text("text", "", ("another",))))


def test_when_a_view_is_put_into_words_then_every_part_ends_like_a_sentence():
    view = View((Text("a", "title", ("words",)), Text("b", "", ("more!",)), Text("c", "", ("",))), "Message.")
    assert view.text == "title: words. more! Message."
