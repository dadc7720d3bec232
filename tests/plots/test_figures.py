"""Figures in a real kernel: each appears once, as a PNG with alt text, and none is left open."""

import base64
import io
import os

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

import course_utils as cu
from course_utils.errors import InputError
from course_utils.plots.figures import figure_bundle, new_figure, new_grid

IMPORT = "import course_utils as cu, matplotlib.pyplot as plt, numpy as np\nbars = {'dense': 0.97, 'LeNet': 0.99}"

CELLS = {
    "set-up": IMPORT,
    "last": "cu.show_bars(bars, xlabel='accuracy')",
    "middle": "cu.show_bars(bars)\nnumber = 1",
    "twice": "cu.show_bars(bars, title='first')\ncu.show_bars(bars, title='second')",
    "semicolon": "cu.show_bars(bars);",
    "unpacked": "fig, ax = cu.show_bars(bars)\nax.set_title('changed')\nNone",
    "own axes": "fig, axes = plt.subplots(1, 2)\ncu.show_bars(bars, ax=axes[0])\n"
    "cu.show_lines({'a': ([1, 2], [3, 4])}, ax=axes[1])",
    "kept": "kept = cu.show_bars(bars, title='kept')",
    "again": "kept",
    "own figure": "plt.plot([1, 5], label='mine')\nplt.title('A plot of my own');",
    "open": "len(plt.get_fignums())",
    "many": "for index in range(25):\n    cu.show_bars({'a': index})",
    "open after many": "len(plt.get_fignums())",
    "display id": "handle = display(cu.show_bars(bars).fig, display_id=True); plt.close('all')",
    "style": "plt.rcParams['font.size'] = 20\ncu.show_bars(bars)\nplt.rcParams['font.size']",
    "text": "repr(kept)",
}


def execute(cells, backend=None):
    """Run cells in a new kernel and return the outputs of each; `backend` stands in for the learner's MPLBACKEND."""
    environment = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    environment |= {"MPLBACKEND": backend} if backend else {}
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute(env=environment)
    return [cell.outputs for cell in notebook.cells]


@pytest.fixture(scope="module")
def outputs():
    """Outputs of each cell above, executed in one kernel."""
    return dict(zip(CELLS, execute(CELLS.values()), strict=True))


def pictures(outputs):
    return [output for output in outputs if "image/png" in output.get("data", {})]


@pytest.mark.parametrize(
    ("cell", "count"),
    [
        ("last", 1),
        ("middle", 1),
        ("twice", 2),
        ("semicolon", 1),
        ("unpacked", 1),
        ("own axes", 1),
        ("kept", 1),
        ("again", 1),
        ("own figure", 1),
        ("many", 25),
        ("display id", 1),
    ],
)
def test_when_a_cell_draws_then_each_figure_appears_once_and_nothing_else(outputs, cell, count):
    assert len(pictures(outputs[cell])) == count
    assert len(outputs[cell]) == count


def test_when_a_figure_is_shown_then_png_html_and_text_carry_the_alt_text(outputs):
    (picture,) = outputs["last"]
    alt = "Bars of accuracy: dense 0.970; LeNet 0.990."
    assert picture.data["text/plain"] == alt
    assert picture.metadata["image/png"]["alt"] == alt
    assert f'<img alt="{alt}"' in picture.data["text/html"]
    assert picture.data["image/png"] in picture.data["text/html"]


def test_when_two_figures_are_drawn_then_they_appear_in_order(outputs):
    first, second = (output.data["text/plain"] for output in outputs["twice"])
    assert first.startswith("first") and second.startswith("second")


def test_when_two_drawings_share_a_figure_then_its_alt_text_describes_both(outputs):
    alt = outputs["own axes"][0].data["text/plain"]
    assert "Bars of values" in alt and "Lines of values" in alt


def test_when_a_learner_draws_with_pyplot_then_that_figure_has_alt_text_too(outputs):
    alt = outputs["own figure"][0].data["text/plain"]
    assert "A plot of my own" in alt and "from 1 to 5" in alt


def test_when_cells_end_then_no_figure_is_left_open(outputs):
    assert outputs["open"][0].data["text/plain"] == "0"
    assert outputs["open after many"][0].data["text/plain"] == "0"


def test_when_the_learner_changed_the_style_then_drawing_keeps_the_change(outputs):
    texts = [output.data["text/plain"] for output in outputs["style"] if output.output_type == "execute_result"]
    assert texts == ["20.0"]


def test_when_the_surroundings_ask_for_a_backend_without_a_screen_then_figures_appear_all_the_same():
    _, outputs, opened = execute([IMPORT, "cu.show_bars(bars)\nnumber = 1", "len(plt.get_fignums())"], backend="Agg")
    assert len(pictures(outputs)) == len(outputs) == 1
    assert opened[0].data["text/plain"] == "0"


def test_when_drawn_outside_a_kernel_then_pyplot_keeps_no_figure():
    import gc
    import weakref

    import matplotlib.pyplot as plt

    drawn = [weakref.ref(cu.show_bars({"a": index}).fig) for index in range(30)]
    gc.collect()
    assert plt.get_fignums() == []
    assert [figure for figure in drawn if figure() is not None] == []


def test_when_a_drawing_is_unpacked_then_it_is_figure_and_axes():
    drawing = cu.show_bars({"a": 1})
    fig, ax = drawing
    assert fig is drawing.fig and ax is drawing.ax and ax in fig.axes
    assert repr(drawing) == "<Drawing: Bars of values: a 1.>"


def test_when_ax_is_no_axes_then_the_error_says_how_to_make_one():
    with pytest.raises(InputError, match=r"plt\.subplots"):
        cu.show_bars({"a": 1}, ax="left")


def test_when_there_are_too_few_axes_then_the_error_counts_them():
    _, axes = new_grid(1, 2, size=(4, 2))
    with pytest.raises(InputError, match="3 axes"):
        cu.show_images([np.eye(3)] * 3, ax=axes)


def test_when_a_figure_is_saved_then_its_alt_text_is_in_the_file():
    from PIL import Image

    data, metadata = figure_bundle(cu.show_bars({"größer": 1}).fig)
    png = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert png.text["Description"] == "Bars of values: größer 1."
    assert (png.width / 1.5, png.height / 1.5) == pytest.approx(
        (metadata["image/png"]["width"], metadata["image/png"]["height"]), abs=1
    )


def test_when_alt_text_contains_markup_then_the_html_escapes_it():
    data, _ = figure_bundle(cu.show_bars({'<script>"': 1}).fig)
    assert "<script>" not in data["text/html"] and "&lt;script&gt;&quot;" in data["text/html"]


def test_when_a_figure_is_empty_then_nothing_is_shown():
    assert figure_bundle(new_figure((2, 2))) == ({}, {})


def test_when_html_is_made_then_every_image_has_its_own_alt_text(outputs):
    import nbconvert

    cell = nbformat.v4.new_code_cell("x", outputs=outputs["last"])
    notebook = nbformat.v4.new_notebook(cells=[cell])
    html, _ = nbconvert.HTMLExporter().from_notebook_node(notebook)
    assert html.count("Bars of accuracy: dense 0.970; LeNet 0.990.") == 1
    assert html.count("<img") == 1
    assert "No description has been provided" not in html
