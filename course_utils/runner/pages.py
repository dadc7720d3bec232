"""Executed notebooks as files: ``.ipynb`` and a page that can be read without a network."""

import copy
import os
import re
from html import escape
from pathlib import Path

from .. import glossary
from .._display import table_html
from ..errors import NotebookError, pip_install, require
from ..files import atomic_write
from .table import HEADER, row

_REMOTE_SCRIPT = re.compile(r'<script src="https://[^"]*/(?:require|jquery)[^"]*"></script>')
_MATHJAX = re.compile(r'<script src="(https://[^"]*mathjax[^"]*)">\s*</script>', re.IGNORECASE)
_LINK = re.compile(r'(<(?:a|img)\b[^>]*?\b(?:href|src)=")([^"#:?]+)([#?][^"]*)?(")')
_MATH = re.compile(r"\$[^$\n]+\$|\$\$|\\begin\{")
_STYLE = """<style>
.celltag_failed { border-left: 6px solid #b3261e; padding-left: 8px; background: #fdecea; }
.course-failed { border: 2px solid #b3261e; padding: 8px 16px; margin: 16px; font: 15px/1.5 sans-serif; }
.course-failed pre { white-space: pre-wrap; }
/* What nbconvert's template writes in pale colours gets a contrast of 4.5 or more, links can be told from text. */
.jp-InputPrompt, .jp-OutputPrompt { color: #5f5f5f !important; opacity: 1 !important; }
.highlight .c1, .highlight .c, .highlight .cm { color: #2e6464 !important; }
.highlight :is(.mi, .mf, .mh) { color: #006b00 !important; }
.highlight .ow { color: #8217c9 !important; }
/* Keras writes its summaries in these three. */
pre span[style*="color: #0087ff"] { color: #0059ad !important; }
pre span[style*="color: #00d7ff"] { color: #006880 !important; }
pre span[style*="color: #00af00"] { color: #006b00 !important; }
.jp-RenderedHTMLCommon :is(p, li, td, summary, dd) a:not(.anchor-link) { text-decoration: underline; }
@media print { pre { white-space: pre-wrap !important; overflow-wrap: anywhere; } }
</style>
</head>"""


def write_pages(notebook, path, options, failure=None) -> Path:
    """Write an executed notebook as ``.ipynb`` and HTML.

    Parameters
    ----------
    notebook : NotebookNode
        With outputs.
    path : Path
        Where the notebook came from.
    options : RunOptions
        Says where to write, and which notebooks have a page to link to.
    failure : Failure, optional
        Its cell is marked and named at the top of the page.

    Returns
    -------
    Path
        Of the HTML.
    """
    nbformat = require("nbformat")
    output = options.output
    with atomic_write(output / path.name) as temporary:
        temporary.write_text(nbformat.writes(notebook) + "\n", "utf-8")
    page = output / f"{path.stem}.html"
    with atomic_write(page) as temporary:
        temporary.write_text(_html(notebook, path, options, failure), "utf-8")
    return page


def make_exporter():
    """Return what turns notebooks into pages.

    Called before the first notebook as well: what is missing is better told then than after it.

    Raises
    ------
    MissingPackageError
        If nbconvert is not installed.
    NotebookError
        If its templates are not where it looks for them, as in mixed installations.
    """
    try:
        exporter = require("nbconvert").HTMLExporter(embed_images=True)
    except ValueError as error:
        raise NotebookError(
            "nbconvert cannot make pages here.",
            found=str(error).strip(),
            fix=f"{pip_install()} --force-reinstall nbconvert",
        ) from error
    exporter.log.disabled = True
    return exporter


def _html(notebook, path, options, failure):
    notebook = copy.deepcopy(notebook)
    if failure is not None and failure.cell:
        cell = notebook.cells[failure.cell - 1]
        cell.metadata["tags"] = [*cell.metadata.get("tags", []), "failed"]
    exporter = make_exporter()
    resources = {"metadata": {"path": str(path.parent.absolute()), "name": path.stem}}
    html, _ = exporter.from_notebook_node(notebook, resources)
    html = _without_network(html, notebook)
    html = _relink(html, path, options)
    html = html.replace("</head>", _STYLE, 1)
    return html.replace("<main>", "<main>" + _banner(notebook, failure), 1) if failure else html


def _without_network(html, notebook):
    """Remove scripts that a page without widgets does not need; formulas may wait for MathJax, the page may not."""
    if "widgets" not in notebook.metadata:
        html = _REMOTE_SCRIPT.sub("", html)
    has_math = any(_MATH.search(cell.source) for cell in notebook.cells if cell.cell_type == "markdown")
    return _MATHJAX.sub(r'<script async src="\1"></script>' if has_math else "", html)


def _relink(html, path, options):
    """Make links from the notebook's folder right for the page's folder."""
    names = {other.stem for other in options.notebooks}

    def replace(match):
        start, target, anchor, end = match[1], match[2], match[3] or "", match[4]
        if target.startswith("/"):
            return match[0]
        file = path.parent / target
        if (file.suffix == ".ipynb" and file.stem in names) or (file.name == glossary.FILE and file.exists()):
            return f"{start}{file.stem}.html{anchor}{end}"
        if not file.exists():
            return match[0]
        try:
            address = Path(os.path.relpath(file.absolute(), options.output.absolute())).as_posix()
        except ValueError:  # on another drive of Windows
            address = file.absolute().as_uri()
        return f"{start}{address}{anchor}{end}"

    return _LINK.sub(replace, html)


def _banner(notebook, failure):
    if failure.cell:
        anchor = f"cell-id={notebook.cells[failure.cell - 1].get('id', '')}"
        where = f'Stopped in <a href="#{escape(anchor)}">cell {failure.cell}</a>'
        where += f", line {failure.line}" if failure.line else ""
    else:
        where = "Stopped before the first cell"
    text = escape(f"{failure.error}: {failure.message}")
    return f'<div class="course-failed" role="alert"><strong>{where}</strong><pre>{text}</pre></div>'


def write_glossary(options) -> None:
    """Write the glossary that lies beside the notebooks as ``glossary.html``; nothing if there is none.

    Parameters
    ----------
    options : RunOptions
        Says where to write, and which notebooks have a page to link to.
    """
    for folder in dict.fromkeys(path.parent for path in options.notebooks):
        file = folder / glossary.FILE
        if not file.exists():
            continue
        cell = require("nbformat").v4.new_markdown_cell(file.read_text("utf-8"))
        notebook = require("nbformat").v4.new_notebook(cells=[cell])
        page = options.output / f"{file.stem}.html"
        with atomic_write(page) as temporary:
            temporary.write_text(_html(notebook, file, options, None), "utf-8")
        return


def write_index(report, output):
    """Write ``index.html``: the table of the run with a link to each page.

    Parameters
    ----------
    report : RunReport
    output : Path
    """
    table = table_html([row(outcome) for outcome in report.outcomes], header=HEADER, caption="The course, executed")
    for outcome in report.outcomes:
        if outcome.page:
            name = escape(outcome.name)
            table = table.replace(f">{name}<", f'><a href="{name}.html">{name}</a><', 1)
    style = "body{font:16px/1.5 sans-serif;margin:2em}td,th{border-bottom:1px solid #ccc}"
    head = f'<meta charset="utf-8"><title>The course, executed</title><style>{style}</style>'
    with atomic_write(output / "index.html") as path:
        path.write_text(f'<!DOCTYPE html><html lang="en"><head>{head}</head><body>{table}</body></html>\n', "utf-8")
