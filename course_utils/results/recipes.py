"""Recipes: the notebook cells that make a recorded number, and a hash that notices when they change."""

import ast
import hashlib
import io
import json
import tokenize
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path

TAG = "recipe:"
_UNNAMED = {"epochs", "images"}  # rows that course.epochs() and course.subset() read without being told
# Methods of the course that read a row: the place of its name among the arguments, and its default.
_READERS = {"value": (0, None), "epochs": (0, "epochs"), "subset": (1, "images")}


def notebooks_folder():
    """Return the folder that holds the course's notebooks, or None where there is none (Colab).

    The working folder comes first (a learner's own copy), then the checkout the package lies in.

    Returns
    -------
    Path or None
    """
    checkout = Path(__file__).resolve().parents[2] / "notebooks"
    for folder in (Path.cwd(), Path.cwd() / "notebooks", checkout):
        if any(folder.glob("[0-9][0-9]_*.ipynb")):
            return folder
    return None


def recipe_hash(name, budget, folder=None, notebook=None):
    """Return the hash of the cells that make recipe `name`, or None where they cannot be found.

    Hashed are the source of the cells tagged ``recipe:NAME``, without comments, blank lines and
    trailing spaces, and what the set-up cell's table of budgets says for `budget` in the rows that
    these cells, or the cells they need, name (and in ``epochs`` and ``images``, which need not be
    named). Where that cannot be read off, all rows count: a cell is no plain Python, or the name of
    a row is put together. A tag may be a pattern (``recipe:lenet_*``) or the part of the name before
    a slash (``recipe:lenet`` for ``"lenet/max_pooling"``).

    Parameters
    ----------
    name : str
    budget : str or None
    folder : path-like, optional
        Default: `notebooks_folder`.
    notebook : str, optional
        Stem of the notebook; without it every notebook is looked at.

    Returns
    -------
    str or None
        First 16 hexadecimal digits of a SHA-256.
    """
    folder = Path(folder) if folder else notebooks_folder()
    if folder is None:
        return None
    paths = sorted(folder.glob("*.ipynb"))
    if notebook is not None:
        paths = [path for path in paths if path.stem == notebook]
    for path in paths:
        found = _hash_in(path, path.stat().st_mtime_ns, name, budget)
        if found:
            return found
    return None


def recipe_names(path):
    """Return the recipe tags of a notebook without their prefix, in order of appearance.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    tuple of str
    """
    tags = (tag[len(TAG) :] for cell in _code_cells(path) for tag in _tags(cell) if tag.startswith(TAG))
    return tuple(dict.fromkeys(tags))


def notebook_hash(path, budget):
    """Return one hash over all recipes of a notebook (or over all its code where it has none).

    Parameters
    ----------
    path : path-like
    budget : str

    Returns
    -------
    str
    """
    names = recipe_names(path)
    cells = [cell for cell in _code_cells(path) if not names or any(tag.startswith(TAG) for tag in _tags(cell))]
    return _digest([*map(_source, cells), *_budget_column(path, budget)])


def cell_belongs_to(cell, name) -> bool:
    """Say whether a code cell is tagged as part of recipe `name`.

    Parameters
    ----------
    cell : dict
        A cell of a notebook's JSON.
    name : str
    """
    return any(_matches(tag, name) for tag in _tags(cell))


def rows_read(nodes):
    """Yield the calls of ``course.value``, ``.epochs`` and ``.subset``, each with the row of the table it reads.

    Parameters
    ----------
    nodes : iterable of ast.AST

    Yields
    ------
    call : ast.Call
    row : str or None
        None: the name is no plain string, so that only running the cell tells it.
    """
    for node in nodes:
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="course"), attr=reader)) if reader in _READERS:
                place, default = _READERS[reader]
                named = [word.value for word in node.keywords if word.arg in ("name", None)]
                starred = [one for one in node.args if isinstance(one, ast.Starred)]
                given = (starred or [*node.args[place : place + 1], *named] or [ast.Constant(default)])[0]
                plain = isinstance(given, ast.Constant) and isinstance(given.value, str)
                yield node, given.value if plain else None


def budget_rows(source):
    """Return the names of the rows of the table of budgets in a set-up cell.

    Parameters
    ----------
    source : str

    Returns
    -------
    tuple of str, or None
        None: the table is not written out as a dictionary whose keys are plain strings.
    """
    given = _given_table(source)
    if given is None:
        return ()
    keys = given.keys if isinstance(given, ast.Dict) else [None]
    plain = all(isinstance(key, ast.Constant) and isinstance(key.value, str) for key in keys)
    return tuple(key.value for key in keys) if plain else None


def normalise(source):
    """Return source code without comments, blank lines and trailing spaces.

    Parameters
    ----------
    source : str

    Returns
    -------
    str

    Examples
    --------
    >>> normalise("x = 1  # one" + chr(10) + chr(10) + "y = 2")
    'x = 1\\ny = 2'
    """
    lines = source.splitlines()
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                row, column = token.start
                lines[row - 1] = lines[row - 1][:column]
    except (tokenize.TokenError, SyntaxError):
        pass  # IPython magics: compared as they are
    return "\n".join(line.rstrip() for line in lines if line.strip())


@lru_cache(maxsize=256)
def _hash_in(path, _modified, name, budget):
    cells = _code_cells(path)
    own = {place for place, cell in enumerate(cells) if cell_belongs_to(cell, name)}
    if not own:
        return None
    tagged = [cells[place] for place in sorted(own)]
    sources = [_without_table(_source(cell)) if _is_setup(cell) else _source(cell) for cell in tagged]
    return _digest([*sources, *_budget_column(path, budget, _named_rows(cells, own))])


def _named_rows(cells, own):
    """Return the strings in some cells and in those they need, the names of rows among them; None: any row may be."""
    from .slicing import needed_cells

    found = [_texts(_source(cells[place])) for place in needed_cells(cells, own) if not _is_setup(cells[place])]
    return None if None in found else _UNNAMED.union(*found)


def _matches(tag, name):
    if not tag.startswith(TAG):
        return False
    pattern = tag[len(TAG) :]
    return fnmatchcase(name, pattern) or name.startswith(pattern + "/")


def _digest(sources):
    text = "\n\0\n".join(normalise(source) for source in sources)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _code_cells(path):
    try:
        cells = json.loads(Path(path).read_text("utf-8"))["cells"]
        return [cell for cell in cells if cell["cell_type"] == "code"]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _tags(cell):
    return cell.get("metadata", {}).get("tags", [])


def _source(cell):
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)


def _is_setup(cell):
    return "setup" in _tags(cell)


@lru_cache(maxsize=1024)
def _texts(source):
    """Return the strings in a cell's code; None if they do not tell which rows of the table it reads."""
    try:
        tree = ast.parse(source)
    except SyntaxError:  # IPython magics
        return None
    if any(row is None for _, row in rows_read(ast.walk(tree))):
        return None
    return frozenset(
        node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _without_table(source):
    """Return the set-up cell's code without its table of budgets: a row for another recipe changes nothing here."""
    table = _table_node(source)
    return source if table is None else source.replace(ast.get_source_segment(source, table), "{}")


def _budget_column(path, budget, rows=None):
    """Return the entries for `budget` of the table in the set-up cell, as source text; of some rows or of all."""
    from ..settings import BUDGETS

    if budget not in BUDGETS:
        return []
    for cell in _code_cells(path):
        if "setup" in _tags(cell):
            source = _source(cell)
            table = _budget_table(source)
            column = BUDGETS.index(budget)
            return [
                _entry(source, key, value, column)
                for key, value in table
                if rows is None or getattr(key, "value", None) in rows or not isinstance(key, ast.Constant)
            ]
    return []


def _budget_table(source):
    table = _table_node(source)
    return [] if table is None else list(zip(table.keys, table.values, strict=True))


def _table_node(source):
    given = _given_table(source)
    return given if isinstance(given, ast.Dict) else None


def _given_table(source):
    """Return what a set-up cell passes as ``budgets``, by name or in second place; None: nothing."""
    try:
        calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    except SyntaxError:
        return None
    named = [word.value for call in calls for word in call.keywords if word.arg == "budgets"]
    placed = [call.args[1] for call in calls if ast.unparse(call.func) == "cu.setup" and len(call.args) > 1]
    return next(iter(named + placed), None)


def _entry(source, key, value, column):
    if isinstance(value, ast.Tuple) and column < len(value.elts):
        value = value.elts[column]
    name = ast.get_source_segment(source, key) if key is not None else "**"
    return f"{name}={ast.get_source_segment(source, value)}"
