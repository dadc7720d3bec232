"""Still pictures: every panel is in the figure, in reading order, inside it, and described."""

import io

import numpy as np
import pytest
from PIL import Image

from course_utils.plots import alt_text
from course_utils.plots.style import SMALL_TEXT_SIZE, WIDTH
from course_utils.widgets.panels import Mark, Numbers, Picture, Points, Text, View
from course_utils.widgets.still import draw_still

GREY = np.full((10, 20), 90, dtype="uint8")


def picture(key="picture", **options):
    return Picture(key, key, GREY, f"{key} is grey.", **options)


def boxes(fig):
    return [ax.get_position().bounds for ax in fig.axes]


def inked(fig):
    """Return the share of pixels that are not white."""
    stream = io.BytesIO()
    fig.savefig(stream, format="png")
    return float((np.asarray(Image.open(stream).convert("L")) < 250).mean())


def test_when_a_view_is_drawn_then_its_words_are_the_alt_text_and_the_figure_is_not_empty():
    fig = draw_still("Title", [("", View((picture(), Text("text", "words", ("one", "two"))), "Message."))])
    assert alt_text(fig) == ("Title, a still picture of a widget. picture: picture is grey. words: one two. Message.")
    assert len(fig.axes) == 2 and inked(fig) > 0.02
    assert any("A still picture" in text.get_text() for text in fig.texts)


def test_when_there_are_several_views_then_each_has_its_label_and_they_do_not_overlap():
    views = [(f"state {i}", View((picture(),), f"Message {i}.")) for i in range(3)]
    fig = draw_still("Title", views)
    tops = [bottom + height for _, bottom, _, height in boxes(fig)]
    bottoms = [bottom for _, bottom, _, _ in boxes(fig)]
    assert tops == sorted(tops, reverse=True) and all(tops[i + 1] < bottoms[i] for i in range(2))
    assert [text.get_text() for text in fig.texts if "state" in text.get_text()] == ["state 0", "state 1", "state 2"]
    assert "state 1. picture: picture is grey. Message 1." in alt_text(fig)


def test_when_panels_do_not_fit_side_by_side_then_they_go_below_and_stay_inside():
    fig = draw_still("Title", [("", View(tuple(picture(f"p{i}", width=300) for i in range(5))))])
    lefts = [round(box[0], 3) for box in boxes(fig)]
    assert lefts[0] == lefts[2] == lefts[4] == 0 and lefts[1] == lefts[3] > 0
    assert boxes(fig)[1][0] > boxes(fig)[0][2] + 0.02  # a gap between them
    for left, bottom, width, height in boxes(fig):
        assert left >= 0 and bottom >= 0 and left + width <= 1.001 and bottom + height <= 1.001


def test_when_a_panel_is_wider_than_the_page_then_it_is_made_to_fit():
    fig = draw_still("Title", [("", View((picture(width=2000), Numbers("n", "", np.ones((2, 60)), "ones."))))])
    assert fig.get_figwidth() == WIDTH
    assert all(left + width <= 1.001 for left, _, width, _ in boxes(fig))


def test_when_a_picture_is_drawn_then_its_shape_is_kept_and_marks_are_where_they_belong():
    fig = draw_still("Title", [("", View((picture(marks=(Mark(2, 3, 4, 5),)),)))])
    (ax,) = fig.axes
    box = ax.get_position()
    assert box.width * fig.get_figwidth() == pytest.approx(2 * box.height * fig.get_figheight())
    (patch,) = ax.patches
    assert patch.get_xy() == (2.5, 1.5) and (patch.get_width(), patch.get_height()) == (5, 4)


def test_when_a_table_is_drawn_then_every_cell_is_written_and_marked():
    table = Numbers(
        "n", "", np.array([[1, np.nan], [-3, 4.0]]), "", names=("a", "b"), columns=("x", "y"), marks=(Mark(0, 1),)
    )
    (ax,) = draw_still("Title", [("", View((table,)))]).axes
    assert [text.get_text() for text in ax.texts] == ["1", "", "−3", "4", "a", "b", "x", "y"]
    assert ax.patches[-1].get_xy() == (1, 0) and not ax.patches[-1].get_fill()


def test_when_points_are_drawn_then_every_group_is_in_the_legend():
    points = Points("m", "", np.eye(4)[:, :2], np.array([0, 1, 0, 1]), ("shirt", "coat"), "at", 2, "", ringed=(0, 1))
    (ax,) = draw_still("Title", [("", View((points,)))]).axes
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["shirt", "coat"]


def test_when_text_is_long_then_it_is_broken_into_lines_and_large_enough_to_read():
    words = "a rather long sentence that goes on " * 6
    fig = draw_still("Title", [("", View((Text("t", "", (words,)),), words))])
    texts = [*fig.texts, *fig.axes[0].texts]
    assert max(len(line) for text in texts for line in text.get_text().splitlines()) <= 105
    assert min(text.get_fontsize() for text in texts) >= SMALL_TEXT_SIZE


def test_when_a_still_is_drawn_then_pyplot_knows_nothing_of_it():
    import matplotlib.pyplot as plt

    draw_still("Title", [("", View((picture(),)))])
    assert plt.get_fignums() == []
