"""Reading the exercises of a notebook: their cells, their solutions, and copies with and without these."""

import ast
import json
import re
from dataclasses import dataclass
from pathlib import Path

from ..errors import NotebookError

_DETAILS = re.compile(r"<details[^>]*>.*?</details>", re.DOTALL)
_SUMMARY = re.compile(r"<summary[^>]*>.*?</summary>", re.DOTALL)
_CODE = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
_CHECK = re.compile(r"cu\.check\.(\w+)")


@dataclass(frozen=True)
class NotebookExercise:
    """The cells of one exercise, by their places in the notebook (from 0).

    Attributes
    ----------
    name : str
        What follows ``cu.check.`` in its check cell.
    exercise : int
        The cell with the gap.
    check : int
    solution : int
        The Markdown cell with the folded solution.
    code : str or None
        The solution's code, which replaces the exercise cell; None where the solution is text alone.
    """

    name: str
    exercise: int
    check: int
    solution: int
    code: str | None


def read_exercises(notebook) -> list[NotebookExercise]:
    """Return the exercises of a notebook, in order.

    Parameters
    ----------
    notebook : dict
        The notebook's JSON (see `load_notebook`).

    Returns
    -------
    list of NotebookExercise

    Raises
    ------
    NotebookError
        If an exercise cell is not followed by a check and a folded solution.
    """
    cells = notebook["cells"]
    starts = [place for place, cell in enumerate(cells) if "exercise" in tags(cell)]
    found = []
    for place, until in zip(starts, [*starts[1:], len(cells)], strict=False):  # strict: fails without exercises
        after = range(place + 1, until)
        check = next((at for at in after if "check" in tags(cells[at])), None)
        later = [at for at in after if check and at > check and cells[at]["cell_type"] == "markdown"]
        solution = next((at for at in later if folded_solutions(source(cells[at]))), None)
        name = _CHECK.search(source(cells[check])) if check else None
        if name is None or solution is None:
            raise NotebookError(
                "An exercise needs a cell tagged 'check' that calls cu.check, then a text cell with <details>.",
                where=f"cell {place + 1}",
            )
        code = _CODE.search(folded_solutions(source(cells[solution]))[0])
        found.append(NotebookExercise(name[1], place, check, solution, code[1].rstrip("\n") if code else None))
    return found


def folded_solutions(text) -> list[str]:
    """Return the folded parts of a text cell whose summary says "Solution"; other folded parts, a hint, stay.

    Examples
    --------
    >>> folded_solutions("<details><summary>Hint</summary>a</details><details><summary>Solution</summary>b</details>")
    ['<details><summary>Solution</summary>b</details>']
    """
    parts = _DETAILS.findall(text)
    return [part for part in parts if (found := _SUMMARY.search(part)) and "solution" in found[0].lower()]


def load_notebook(path) -> dict:
    """Return a notebook's JSON.

    Raises
    ------
    NotebookError
        If it cannot be read, or is no notebook.
    """
    try:
        notebook = json.loads(Path(path).read_text("utf-8"))
        if not all(isinstance(cell["source"], (str, list)) and cell["cell_type"] for cell in notebook["cells"]):
            raise ValueError("a cell has no text")
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise NotebookError("This is no readable notebook.", where=str(path), found=str(error)) from error
    return notebook


def without_solutions(notebook) -> dict:
    """Return a copy of a notebook in which no solution is left.

    The folded parts go; text beside them stays, and a cell that held nothing else goes, too.
    """
    solutions = {exercise.solution for exercise in read_exercises(notebook)}
    cells = []
    for place, cell in enumerate(notebook["cells"]):
        if place in solutions:
            kept = source(cell)
            for part in folded_solutions(kept):
                kept = kept.replace(part, "")
            if not kept.strip():
                continue
            cell = cell | {"source": _lines(kept.strip())}
        cells.append(cell)
    return notebook | {"cells": cells}


def with_solutions(notebook) -> dict:
    """Return a copy of a notebook in which every gap is filled with the solution's code."""
    codes = {exercise.exercise: exercise.code for exercise in read_exercises(notebook) if exercise.code is not None}
    cells = [
        cell | {"source": _lines(codes[place])} if place in codes else cell
        for place, cell in enumerate(notebook["cells"])
    ]
    return notebook | {"cells": cells}


def answer_of(check_cell) -> tuple[str, list[str], dict[str, str]]:
    """Return the name of a check and the expressions it is called with.

    Parameters
    ----------
    check_cell : dict
        A notebook cell.

    Returns
    -------
    name : str
    positional : list of str
    keywords : dict of str to str
    """
    for node in ast.walk(ast.parse(source(check_cell))):
        if isinstance(node, ast.Call) and (found := _CHECK.fullmatch(ast.unparse(node.func))):
            keywords = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
            return found[1], [ast.unparse(argument) for argument in node.args], keywords
    raise NotebookError("This cell calls no check.", where=source(check_cell)[:80])


def _lines(text):
    """Split as notebooks do: only where a line ends."""
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + lines[-1:]


def tags(cell) -> list[str]:
    """Return a cell's tags."""
    return cell.get("metadata", {}).get("tags", [])


def source(cell) -> str:
    """Return a cell's text."""
    return cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
