"""The part of a notebook that a recipe needs: its own cells, and the cells that define what they use."""

import ast
import builtins
import json
from pathlib import Path

from ..errors import UnknownNameError
from . import recipes

_KNOWN = frozenset(dir(builtins))


def slice_notebook(path, names) -> dict:
    """Return a notebook cut down to some of its recipes.

    Kept are the set-up cell, the cells tagged with one of the recipes and, going backwards from them,
    the nearest earlier cell that defines each name they use. Text goes; the order stays.

    Parameters
    ----------
    path : path-like
    names : iterable of str
        Recipes of this notebook, as given to ``cu.record``.

    Returns
    -------
    dict
        The notebook's JSON.

    Raises
    ------
    UnknownNameError
        If the notebook has no such recipe.
    """
    notebook = json.loads(Path(path).read_text("utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    own = set()
    for name in names:
        found = {place for place, cell in enumerate(cells) if recipes.cell_belongs_to(cell, name)}
        if not found:
            raise UnknownNameError("recipe", name, recipes.recipe_names(path), where=str(path))
        own |= found
    return notebook | {"cells": [cells[place] for place in needed_cells(cells, own)]}


def needed_cells(cells, own) -> list[int]:
    """Return the places of the cells that some cells need to run, themselves and the set-up cell included.

    Parameters
    ----------
    cells : list of dict
        Code cells, in order.
    own : set of int
        Places of the cells wanted.

    Returns
    -------
    list of int
    """
    used = [_names(cell) for cell in cells]
    kept = {place for place, cell in enumerate(cells) if "setup" in cell["metadata"].get("tags", ())} | own
    waiting = sorted(kept)
    while waiting:
        place = waiting.pop()
        missing = _missing(place, used, kept)
        for name in missing:
            source = next((earlier for earlier in reversed(range(place)) if name in used[earlier][1]), None)
            if source is not None and source not in kept:
                kept.add(source)
                waiting.append(source)
    return sorted(kept)


def _missing(place, used, kept):
    """Return the names a cell uses that neither it nor a kept cell before it defines."""
    defined = set().union(*(used[earlier][1] for earlier in kept if earlier < place))
    return sorted(used[place][0] - defined - _KNOWN)


def _names(cell):
    """Return the names a cell needs from outside, and those it defines at its top level."""
    source = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
    try:
        tree = ast.parse(source)
    except SyntaxError:  # IPython magics: nothing is known about such a cell
        return frozenset(), frozenset()
    needed, defined = set(), set()
    for statement in tree.body:
        inside = {node.arg for node in ast.walk(statement) if isinstance(node, ast.arg)}
        stored = _stored(statement)
        loaded = {
            node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
        }
        local = isinstance(statement, ast.FunctionDef | ast.ClassDef)
        needed |= loaded - inside - defined - (stored if local or not loaded & stored else set())
        defined |= {statement.name} if local else stored
    return frozenset(needed), frozenset(defined)


def _stored(statement):
    stored = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    for node in ast.walk(statement):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            stored.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            stored |= {(name.asname or name.name).partition(".")[0] for name in node.names}
    return stored
