"""Rules about the file: version, metadata, outputs, ids, and JSON that is the same for the same content."""

import copy
import json
import re

KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
METADATA = {"kernelspec": KERNELSPEC, "language_info": {"name": "python"}}
_FIX = "run `course lint --fix`"
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NAME = re.compile(r"\d\d_[a-z0-9_]+\.ipynb")


def canonical(raw) -> str:
    """Return the one text a notebook with this content has: what ``nbformat.write`` makes of it."""
    cells = [cell | {"source": source_lines(cell)} for cell in raw["cells"]]
    whole = raw | {"cells": cells}
    return json.dumps(whole, sort_keys=True, indent=1, ensure_ascii=False, separators=(",", ": ")) + "\n"


def source_lines(cell) -> list[str]:
    """Return a cell's source as the list of lines that notebooks store."""
    source = cell.get("source", "")
    return (source if isinstance(source, str) else "".join(source)).splitlines(keepends=True)


def check_version(notebook):
    """nbformat-version: the file is nbformat 4.5."""
    found = (notebook.raw.get("nbformat"), notebook.raw.get("nbformat_minor"))
    if found != (4, 5):
        yield notebook.finding("nbformat-version", f"format {found[0]}.{found[1]}, not 4.5", _FIX)


def check_file_name(notebook):
    """file-name: two digits, an underscore, lower-case words."""
    if not _NAME.fullmatch(notebook.path.name):
        yield notebook.finding(
            "file-name", f"{notebook.path.name!r} is not like '03_lenet_fashion_mnist.ipynb'", "rename the file"
        )


def check_metadata(notebook):
    """metadata: the course's kernelspec and language for the notebook; nothing but tags for cells."""
    found = notebook.raw.get("metadata", {})
    for name in sorted(set(found) | set(METADATA)):
        if found.get(name) != METADATA.get(name):
            what = "missing" if name not in found else "not allowed" if name not in METADATA else "not the course's"
            yield notebook.finding("metadata", f"notebook metadata {name!r} is {what}", _FIX)
    for cell in notebook.cells:
        extra = sorted(set(cell.raw.get("metadata") or {}) - {"tags"})
        extra += sorted(set(cell.raw) - _fields(cell.kind))
        if extra:
            yield notebook.finding("metadata", f"not allowed in a cell: {', '.join(extra)}", _FIX, cell=cell)
        bad = [tag for tag in cell.tags if not re.fullmatch(r"[a-z0-9][\w:./*-]*", tag)]
        if bad or len(set(cell.tags)) != len(cell.tags):
            message = f"tags {list(cell.tags)} are not distinct plain words"
            yield notebook.finding("metadata", message, "correct the tags", cell=cell)


def _fields(kind):
    common = {"cell_type", "id", "metadata", "source"}
    return common | {"outputs", "execution_count"} if kind == "code" else common


def check_outputs(notebook):
    """outputs: no outputs and no execution counts are committed."""
    for cell in notebook.code:
        if cell.raw.get("outputs") != []:
            yield notebook.finding("outputs", "the cell has outputs", _FIX, cell=cell)
        if cell.raw.get("execution_count", 0) is not None:
            yield notebook.finding("outputs", "the cell has an execution count", _FIX, cell=cell)


def check_ids(notebook):
    """cell-id: every cell has an id of its own."""
    seen = {}
    for cell in notebook.cells:
        identity = cell.raw.get("id")
        if not isinstance(identity, str) or not _ID.fullmatch(identity):
            yield notebook.finding("cell-id", f"the id {identity!r} is missing or not valid", _FIX, cell=cell)
        elif identity in seen:
            yield notebook.finding("cell-id", f"the id {identity!r} is that of cell {seen[identity]}", _FIX, cell=cell)
        seen.setdefault(identity, cell.position)


def check_whitespace(notebook):
    """whitespace: no spaces at the ends of lines (Markdown's two-space line break aside), no blank end, no tabs."""
    for cell in notebook.cells:
        if cell.source != tidy(cell.source, cell.kind):
            pairs = zip(cell.lines, tidy(cell.source, cell.kind).splitlines(), strict=False)
            line = next((number for number, (a, b) in enumerate(pairs, 1) if a != b), len(cell.lines))
            yield notebook.finding("whitespace", "space at the end of a line or cell", _FIX, cell=cell, line=line)
        for number, text in enumerate(cell.lines, 1):
            if "\t" in text:
                yield notebook.finding("whitespace", "a tab character", "use spaces", cell=cell, line=number)


def tidy(source, kind) -> str:
    """Return a source without trailing white space; two spaces that break a line of Markdown stay."""
    # Not splitlines(): a form feed or U+2028 inside a string is content, not the end of a line.
    lines = source.replace("\r\n", "\n").split("\n")
    ends = [_line_end(lines, number) if kind == "markdown" else "" for number in range(len(lines))]
    return "\n".join(line.rstrip() + end for line, end in zip(lines, ends, strict=True)).strip("\n").rstrip()


def _line_end(lines, number):
    breaks = lines[number].endswith("  ") and lines[number].strip()
    continues = number + 1 < len(lines) and lines[number + 1].strip()
    return "  " if breaks and continues else ""


def check_json(notebook):
    """json-form: the file's text is the canonical one, so that the same content gives the same file."""
    if notebook.text != canonical(notebook.raw):
        yield notebook.finding("json-form", "the JSON is not in canonical form (order, indent, line ends)", _FIX)


def check_schema(notebook):
    """schema: the file is a valid notebook."""
    from ..errors import require

    validator = require("nbformat.validator")
    try:
        found = [str(error).splitlines()[0] for error in validator.iter_validate(copy.deepcopy(notebook.raw))]
    except (validator.ValidationError, ImportError, TypeError, ValueError, KeyError, AttributeError) as error:
        found = [str(error).splitlines()[0]]
    for reason in found:
        yield notebook.finding("schema", f"not a valid notebook: {reason}", _FIX)
