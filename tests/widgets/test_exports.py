"""Where nothing moves: a widget in pages, papers and saved notebooks is a still picture with its words."""

import asyncio
import base64

import nbformat
import pytest
from chromium import open_chromium
from figure_texts import Figures, is_meaningful
from requirements import need

from course_utils.runner.kernel import own_kernel_manager

pytestmark = pytest.mark.slow

CELL = "import course_utils as cu\ncu.widgets.kernel_explorer()"


@pytest.fixture(scope="module")
def saved():
    """A notebook with a live widget, as JupyterLab saves it: with outputs, without the state of widgets."""
    need("nbclient")
    from nbclient import NotebookClient

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_WIDGETS", "live")
        client = NotebookClient(notebook, km=own_kernel_manager(), timeout=120)
        asyncio.run(client.async_execute())
    notebook.metadata.pop("widgets", None)
    return notebook


def test_when_a_widget_is_live_then_its_output_holds_the_widget_and_the_still_picture(saved):
    (output,) = saved.cells[0].outputs
    assert {"application/vnd.jupyter.widget-view+json", "text/html", "image/png", "text/plain"} <= set(output.data)


def test_when_a_saved_notebook_becomes_a_page_then_the_still_picture_and_its_words_are_there(saved):
    html, _ = pytest.importorskip("nbconvert").HTMLExporter().from_notebook_node(saved)
    figures = Figures()
    figures.feed(html)
    (alt,) = figures.alts
    assert is_meaningful(alt) and alt.startswith("Kernel explorer, a still picture of a widget.")


def test_when_a_saved_notebook_becomes_a_paper_then_the_still_picture_is_in_it(saved):
    text, resources = pytest.importorskip("nbconvert").LatexExporter().from_notebook_node(saved)
    (picture,) = resources["outputs"].values()
    assert picture == base64.b64decode(saved.cells[0].outputs[0].data["image/png"])
    assert "includegraphics" in text


@pytest.mark.browser
def test_when_a_page_is_printed_then_the_pdf_holds_the_picture(saved, tmp_path):
    html, _ = pytest.importorskip("nbconvert").HTMLExporter().from_notebook_node(saved)
    page_file = tmp_path / "page.html"
    page_file.write_text(html, "utf-8")
    with open_chromium() as browser:
        page = browser.new_page()
        page.route("**/*", lambda route: route.continue_() if route.request.url.startswith("file:") else route.abort())
        page.goto(page_file.as_uri())
        pdf = page.pdf()
    assert pdf.count(b"/Subtype /Image") >= 1
