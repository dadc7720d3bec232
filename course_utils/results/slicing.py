"""The part of a notebook that a recipe needs: its own cells, and the cells that define what they use."""

import ast
import json
from dataclasses import dataclass, field
from functools import lru_cache, reduce
from pathlib import Path

from ..errors import UnknownNameError
from . import recipes


@dataclass(frozen=True)
class CellNames:
    """The names that a cell shares with others.

    Attributes
    ----------
    needed : frozenset of str
        Read where the cell may not have bound them itself: they come from an earlier cell, or are built in.
    bound : frozenset of str
        Bound by the cell on some way through it, at its top level.
    sure : frozenset of str
        Bound on every way through it; a loop's body counts as a way that may not be taken.
    """

    needed: frozenset[str] = frozenset()
    bound: frozenset[str] = frozenset()
    sure: frozenset[str] = frozenset()


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

    A name comes from the nearest earlier cell that surely defines it, and from the cells in between that may do so
    (below an ``if``). Of the latter, those that follow a wanted cell that defines the name stay away: they are for
    notebooks in which that cell was skipped.

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
    used = [cell_names(_source(cell)) for cell in cells]
    first = {place for place, cell in enumerate(cells) if "setup" in cell["metadata"].get("tags", ())} | set(own)
    kept, waiting = set(first), sorted(first)
    while waiting:
        place = waiting.pop()
        sources = set().union(*(_sources(used, place, name, first) for name in used[place].needed))
        waiting += sources - kept
        kept |= sources
    return sorted(kept)


def _sources(used, place, name, first):
    """Return the places of the cells that a cell has a name from."""
    found = set()
    for earlier in reversed(range(place)):
        if name in used[earlier].bound:
            found = {*(found & first if earlier in first else found), earlier}
        if name in used[earlier].sure:
            break
    return found


@lru_cache(maxsize=1024)
def cell_names(source) -> CellNames:
    """Return the names that a cell needs from earlier cells, and those it defines for later ones.

    Parameters
    ----------
    source : str
        The cell's code. Of a cell that is not plain Python (IPython magics) nothing is known.

    Returns
    -------
    CellNames

    Examples
    --------
    >>> cell_names("squares = [n * n for n in numbers]").needed
    frozenset({'numbers'})
    """
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return CellNames()
    flow = _Flow()
    sure = flow.block(body, frozenset())
    return CellNames(frozenset(flow.needed), frozenset(flow.bound), sure or frozenset())


class _Flow:
    """The ways through a cell: which names are surely bound where, and which are read without being so.

    Methods take and return the names that are surely bound; None: this way does not go on (``raise``, ``break``).
    """

    def __init__(self):
        self.needed, self.bound = set(), set()

    def block(self, statements, sure):
        for statement in statements:
            if sure is None:
                break
            sure = self.statement(statement, sure)
        return sure

    def statement(self, node, sure):
        match node:
            case ast.If():
                sure = self.read(sure, node.test)
                return _either(self.block(node.body, sure), self.block(node.orelse, sure))
            case ast.For() | ast.AsyncFor() | ast.While():
                sure = self.read(sure, node.test if isinstance(node, ast.While) else node.iter)
                self.block(node.body, sure if isinstance(node, ast.While) else self.read(sure, node.target))
                return _either(sure, self.block(node.orelse, sure))
            case ast.With() | ast.AsyncWith():
                return self.block(node.body, self.read(sure, *node.items))
            case ast.Match():
                sure = self.read(sure, node.subject)
                ends = [self.block(case.body, self.read(sure, case.pattern, case.guard)) for case in node.cases]
                return reduce(_either, ends, sure)
            case ast.Try() | ast.TryStar():
                return self.attempt(node, sure)
            case ast.Delete():
                gone = {target.id for target in node.targets if isinstance(target, ast.Name)}
                return self.read(sure, node) - gone
            case ast.Raise() | ast.Return() | ast.Break() | ast.Continue():
                self.read(sure, node)
                return None
        return self.read(sure, node)

    def attempt(self, node, sure):
        """Go through ``try``: a handler may begin before the body has bound anything."""
        end = self.block([*node.body, *node.orelse], sure)
        for handler in node.handlers:
            inside = self.read(sure, handler.type) | ({handler.name} if handler.name else set())
            after = self.block(handler.body, inside)
            end = _either(end, None if after is None else after - {handler.name})
        last = self.block(node.finalbody, sure)
        return None if end is None or last is None else end | last

    def read(self, sure, *nodes):
        scope = _scope(nodes)
        own = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
        self.needed |= (scope.read | scope.read_later - own) - sure  # a function may call itself
        self.bound |= scope.bound | scope.bound_globally
        return sure | scope.bound


def _either(one, other):
    """Return what is surely bound after one of two ways."""
    if one is None or other is None:
        return other if one is None else one
    return one & other


def _scope(nodes):
    scope = _Scope()
    for node in nodes:
        if node is not None:
            scope.visit(node)
    return scope


@dataclass
class _Scope(ast.NodeVisitor):
    """The names of one scope of Python: those of functions, comprehensions and classes inside stay theirs."""

    read: set = field(default_factory=set)
    read_later: set = field(default_factory=set)  # by functions inside, which do not see the names of a class
    bound: set = field(default_factory=set)
    bound_globally: set = field(default_factory=set)
    declared: set = field(default_factory=set)  # global or nonlocal

    def visit_Name(self, node):
        (self.bound if isinstance(node.ctx, ast.Store) else self.read).add(node.id)

    def visit_AugAssign(self, node):
        self.read |= {node.target.id} if isinstance(node.target, ast.Name) else set()
        self.generic_visit(node)

    def visit_Import(self, node):
        self.bound |= {(name.asname or name.name).partition(".")[0] for name in node.names}

    visit_ImportFrom = visit_Import

    def visit_Global(self, node):
        self.declared |= set(node.names)
        self.bound_globally |= set(node.names)

    def visit_Nonlocal(self, node):
        self.declared |= set(node.names)

    def visit_ExceptHandler(self, node):
        self._bind_named(node, node.name)

    def visit_MatchAs(self, node):
        self._bind_named(node, node.name)

    def visit_MatchStar(self, node):
        self._bind_named(node, node.name)

    def visit_MatchMapping(self, node):
        self._bind_named(node, node.rest)

    def _bind_named(self, node, name):
        self.bound |= {name} - {None}
        self.generic_visit(node)

    def visit_FunctionDef(self, node):
        self.bound.add(node.name)
        self._function(node, node.body, [*node.decorator_list, node.returns])

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node):
        self._function(node, [node.body])

    def _function(self, node, body, outside=()):
        inner, of = _scope(body), node.args
        arguments = [one for one in (*of.posonlyargs, *of.args, *of.kwonlyargs, of.vararg, of.kwarg) if one]
        around = _scope([*outside, *of.defaults, *of.kw_defaults, *(one.annotation for one in arguments)])
        self._take_over(around)
        local = {one.arg for one in arguments} | (inner.bound - inner.declared)
        self.read_later |= (inner.read | inner.read_later) - local
        self.bound_globally |= inner.bound_globally

    def visit_ClassDef(self, node):
        self.bound.add(node.name)
        self._take_over(_scope([*node.decorator_list, *node.bases, *node.keywords]))
        inner = _scope(node.body)
        self.read |= inner.read - inner.bound
        self.read_later |= inner.read_later
        self.bound_globally |= inner.bound_globally

    def visit_ListComp(self, node):
        self.visit(node.generators[0].iter)  # read outside, where its variable is not yet known
        local = _scope(one.target for one in node.generators).bound
        inner = _scope(ast.iter_child_nodes(node))
        self.read |= inner.read - local
        self.read_later |= inner.read_later - local
        self.bound |= inner.bound - local  # by :=
        self.bound_globally |= inner.bound_globally

    visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_ListComp

    def _take_over(self, other):
        self.read |= other.read
        self.read_later |= other.read_later
        self.bound |= other.bound


def _source(cell):
    return cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
