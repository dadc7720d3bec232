"""Small notebooks, built in code."""

import json

from course_utils.notebook_lint.anatomy import platform_cell

METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}

OPENING = """# A small notebook

**You will learn** to

- read it
- run it

**Before you start:** 1 minute, 100 MB of memory, no data."""


def text(source, *tags):
    return {"cell_type": "markdown", "metadata": {"tags": list(tags)} if tags else {}, "source": source}


def code(source, *tags):
    return {"cell_type": "code", "metadata": {"tags": list(tags)} if tags else {}, "source": source} | {
        "outputs": [],
        "execution_count": None,
    }


def good_cells(stem="01_small"):
    """Return the cells of a notebook with which nothing is wrong."""
    return [
        text(OPENING),
        code(platform_cell(), "platform"),
        text("The course's package first."),
        code(f'import course_utils as cu\n\ncourse = cu.setup("{stem}", budgets={{}})', "setup"),
        text("## One idea\n\nOne and one."),
        code("1 + 1"),
        text("## Recap\n\nTwo."),
        text("## What next\n\nRest."),
    ]


def as_text(cells, **changes):
    """Return the canonical text of a notebook with these cells."""
    named = []
    for number, cell in enumerate(cells):
        source = cell["source"]
        lines = source.splitlines(keepends=True) if isinstance(source, str) else source
        named.append({"id": f"cell-{number}"} | cell | {"source": lines})
    raw = {"cells": named, "metadata": METADATA, "nbformat": 4, "nbformat_minor": 5} | changes
    return json.dumps(raw, sort_keys=True, indent=1, ensure_ascii=False) + "\n"


def write(folder, name, *cells):
    """Write a notebook; strings that begin with '#' followed by a space are text, others code."""
    made = [text(cell) if cell.startswith("# ") else code(cell) for cell in cells]
    path = folder / f"{name}.ipynb"
    path.write_text(as_text(made), "utf-8")
    return path
