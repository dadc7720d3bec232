"""Rules about the parts of a notebook and their sizes."""

import ast
import re
import sys
from importlib.resources import files
from statistics import median

MEDIAN_LINES, MOST_LINES, WARN_LINES, MAX_LINES = 5, 15, 15, 25
_HEADING = re.compile(r"^(#{1,6})[ \t]+(.*\S)?", re.MULTILINE)
_PLACEHOLDER = re.compile(r"@@|@[A-Z][A-Z_]*@|\b(?:TODO|FIXME|XXX)\b")
_ITEM = re.compile(r"^\s*(?:[-*+]|\d+\.)\s+")


def platform_cell() -> str:
    """Return the text of the platform cell, the same in every notebook."""
    return files("course_utils").joinpath("platform_cell.txt").read_text("utf-8").rstrip()


def headings(cell):
    """Yield level, text and line (from 1) of every heading of a text cell."""
    lines = cell.lines
    for match in _HEADING.finditer(cell.prose):
        line = cell.prose.count("\n", 0, match.start()) + 1
        yield len(match[1]), lines[line - 1].lstrip("#").strip(), line


def check_title(notebook):
    """title: the first cell is text and holds the notebook's only H1."""
    if not notebook.cells or notebook.cells[0].kind != "markdown":
        yield notebook.finding("title", "the first cell is not text", "start with '# Title' in a Markdown cell")
        return
    found = [(cell, line) for cell in notebook.markdown for level, _, line in headings(cell) if level == 1]
    if not found or found[0][0].position != 1:
        message = "the first cell has no H1"
        yield notebook.finding("title", message, "start it with '# Title'", cell=notebook.cells[0], line=1)
    for cell, line in found[1:]:
        yield notebook.finding("title", "a second H1", "use '##' for sections", cell=cell, line=line)


def check_heading_order(notebook):
    """heading-order: no level is skipped, and no heading is empty."""
    last = 1
    for cell in notebook.markdown:
        for level, text, line in headings(cell):
            if level > last + 1:
                message = f"H{level} follows H{last}"
                yield notebook.finding("heading-order", message, "go one level at a time", cell=cell, line=line)
            if not text:
                yield notebook.finding("heading-order", "an empty heading", "name it", cell=cell, line=line)
            last = level


def check_opening(notebook):
    """opening: the first cell says what one will learn, and what to know before one starts."""
    if not notebook.cells or notebook.cells[0].kind != "markdown":
        return
    cell = notebook.cells[0]
    for part in ("You will learn", "Before you start"):
        if part.lower() not in cell.source.lower():
            fix = f"add a part headed '{part}' to the first cell"
            yield notebook.finding("opening", f"there is no '{part}'", fix, cell=cell)
    yield from _check_objectives(notebook, cell)
    before = cell.source.lower().partition("before you start")[2]
    for what, pattern in {
        "time": r"minute|\bmin\b|second|hour",
        "memory": r"memory|\b[mg]b\b",
        "data": "data|images",
    }.items():
        if before and not re.search(pattern, before):
            message = f"'Before you start' does not speak of {what}"
            yield notebook.finding("opening", message, "say it", cell=cell, severity="warning")


def _check_objectives(notebook, cell):
    text = re.split(r"before you start", cell.source, flags=re.IGNORECASE)[0]
    after = re.split(r"you will learn", text, maxsplit=1, flags=re.IGNORECASE)
    items = [line for line in after[-1].splitlines()[1:] if _ITEM.match(line)] if len(after) == 2 else []
    if items and not 2 <= len(items) <= 4:
        message = f"'You will learn' has {len(items)} points"
        yield notebook.finding("opening", message, "name two to four", cell=cell, severity="warning")


def check_platform(notebook):
    """platform-cell: exactly one cell tagged 'platform', the second of the notebook, with the course's text."""
    found = notebook.tagged("platform")
    if len(found) != 1:
        message = f"{len(found)} cells are tagged 'platform'"
        yield notebook.finding("platform-cell", message, "have one, as the second cell")
        return
    cell = found[0]
    if cell.kind != "code" or cell.position != 2:
        yield notebook.finding("platform-cell", "it is not the second cell", "move it", cell=cell)
    if cell.source.rstrip() != platform_cell():
        message = "its text differs from the course's"
        yield notebook.finding("platform-cell", message, "run `course lint --fix`", cell=cell)


def check_setup(notebook):
    """setup-cell: exactly one cell tagged 'setup', the first code after the platform cell, imports `cu` first."""
    found = [cell for cell in notebook.tagged("setup") if cell.kind == "code"]
    if len(found) != 1:
        message = f"{len(found)} code cells are tagged 'setup'"
        yield notebook.finding("setup-cell", message, "have one, after the platform cell")
        return
    cell = found[0]
    earlier = [other for other in notebook.code if other.position < cell.position and "platform" not in other.tags]
    if earlier:
        yield notebook.finding("setup-cell", f"cell {earlier[0].position} has code before it", "move it up", cell=cell)
    imports = [ast.unparse(node) for node in cell.nodes(ast.Import, ast.ImportFrom)]
    foreign = [text for text in imports if re.split(r"[ .]", text)[1] not in sys.stdlib_module_names]
    if foreign[:1] != ["import course_utils as cu"]:
        message = "'import course_utils as cu' is not the first import beyond Python's own"
        yield notebook.finding("setup-cell", message, "import the course first: it quiets TensorFlow", cell=cell)
    yield from _check_setup_name(notebook, cell)


def _check_setup_name(notebook, cell):
    calls = [node for node in cell.nodes(ast.Call) if ast.unparse(node.func) == "cu.setup"]
    names = [node.args[0].value for node in calls if node.args and isinstance(node.args[0], ast.Constant)]
    if names != [notebook.path.stem]:
        message = f"it calls cu.setup with {names or 'nothing'}"
        yield notebook.finding("setup-cell", message, f'call cu.setup("{notebook.path.stem}", ...) once', cell=cell)


def check_ending(notebook):
    """ending: the notebook ends with the sections 'Recap' and then 'What next'."""
    found = [
        (text.lower(), cell, line) for cell in notebook.markdown for level, text, line in headings(cell) if level == 2
    ]
    names = [text for text, _, _ in found]
    for part in ("recap", "what next"):
        if not any(name.startswith(part) for name in names):
            fix = f"add '## {part.capitalize()}'"
            yield notebook.finding("ending", f"there is no section '{part.capitalize()}'", fix)
    if names and not names[-1].startswith("what next") and any(name.startswith("what next") for name in names):
        _, cell, line = found[-1]
        message = "a section follows 'What next'"
        yield notebook.finding("ending", message, "make 'What next' the last section", cell=cell, line=line)


def check_placeholders(notebook):
    """placeholder: nothing is left to be filled in later (`@NUMBER@`, TODO)."""
    for cell in notebook.markdown:
        for line, text in enumerate(cell.prose.splitlines(), 1):
            match = _PLACEHOLDER.search(text)
            if match:
                message = f"something is still to be filled in: {match[0]!r}"
                yield notebook.finding("placeholder", message, "fill it in", cell=cell, line=line)


def check_sizes(notebook):
    """cell-size: code cells have a median of 5 lines, 9 of 10 at most 15, none more than 25 (platform cell aside)."""
    cells = [cell for cell in notebook.code if "platform" not in cell.tags]
    for cell in cells:
        if cell.size > WARN_LINES:
            severity = "error" if cell.size > MAX_LINES else "warning"
            message = f"{cell.size} lines of code (at most {MAX_LINES}, better {WARN_LINES})"
            yield notebook.finding("cell-size", message, "split the cell", cell=cell, severity=severity)
        if cell.size == 0:
            yield notebook.finding("cell-size", "an empty cell", "remove it", cell=cell)
    sizes = [cell.size for cell in cells]
    if sizes and median(sizes) > MEDIAN_LINES:
        message = f"the median code cell has {median(sizes):g} lines (at most {MEDIAN_LINES})"
        yield notebook.finding("cell-size", message, "split the larger cells")
    large = sum(size > MOST_LINES for size in sizes)
    if large * 10 > len(sizes):
        message = f"{large} of {len(sizes)} code cells have more than {MOST_LINES} lines (at most 1 in 10)"
        yield notebook.finding("cell-size", message, "split the larger cells")


def check_text(notebook):
    """text-cells: at least as many text cells as code cells, and none empty."""
    if len(notebook.markdown) < len(notebook.code):
        message = f"{len(notebook.markdown)} text cells for {len(notebook.code)} code cells"
        yield notebook.finding("text-cells", message, "say before each cell what it is for")
    for cell in notebook.cells:
        if cell.kind == "markdown" and not cell.source.strip():
            yield notebook.finding("text-cells", "an empty text cell", "remove it", cell=cell)
        if cell.kind == "raw":
            yield notebook.finding("text-cells", "a raw cell", "make it Markdown or code", cell=cell)
