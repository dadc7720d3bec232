"""Small automatic mutations of a solution: what a slip of the hand would make of it."""

import ast
import copy

# Mutants that compute the same thing, with the reason: "exercise: label" -> why.
EQUIVALENT: dict[str, str] = {
    "max_pool: line 6: ((1, 3)) exchanged": "the largest over two directions is the same in either order",
    # Other good networks: within the budget and above the bar as well (trained once each).
    "better_network: line 2: 24 → 25": "also within the budget",
    "better_network: line 2: 24 → 23": "also within the budget",
    "better_network: line 2: 48 → 49": "also within the budget",
    "better_network: line 2: 48 → 47": "also within the budget",
    "better_network: line 2: 64 → 65": "also within the budget",
    "better_network: line 2: 64 → 63": "also within the budget",
    "better_network: line 4: 3 → 4": "also within the budget",
    "better_network: line 4: 3 → 2": "also within the budget",
    "better_network: line 4: False → True": "a bias before batch normalisation changes nothing",
}

_COMPARE = {ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq}
_BINARY = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.MatMult: ast.Mult,
}
_TEXT = {"same": "valid", "valid": "same"}


def mutants(code):
    """Yield a label and the code of every mutant of `code`; nothing for None and for code without expressions.

    Changed, one at a time: a whole number by ±1, an arithmetic operator, a comparison, True and False,
    'same' and 'valid', two arguments or two indices exchanged, a slice's step dropped, `axis=0` and `axis=1`.
    """
    if code is None:
        return
    tree = ast.parse(code)
    nodes = list(ast.walk(tree))
    for place, node in enumerate(nodes):
        for label, change in _changes(node):
            other = copy.deepcopy(tree)
            change(list(ast.walk(other))[place])
            yield f"line {getattr(node, 'lineno', 0)}: {label}", ast.unparse(ast.fix_missing_locations(other))


def _changes(node):
    if isinstance(node, ast.Constant):
        yield from _constants(node.value)
    elif isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        new = _BINARY[type(node.op)]
        yield f"{type(node.op).__name__} → {new.__name__}", lambda n: setattr(n, "op", new())
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in _COMPARE:
        new = _COMPARE[type(node.ops[0])]
        yield f"{type(node.ops[0]).__name__} → {new.__name__}", lambda n: n.ops.__setitem__(0, new())
    elif isinstance(node, ast.Slice) and node.step is not None:
        yield f"step {ast.unparse(node.step)} dropped", lambda n: setattr(n, "step", None)
    elif isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Load) and len(node.elts) == 2:
        if ast.unparse(node.elts[0]) != ast.unparse(node.elts[1]):
            yield f"({ast.unparse(node)}) exchanged", lambda n: n.elts.reverse()
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield "minus dropped", lambda n: setattr(n, "op", ast.UAdd())


def _constants(value):
    if isinstance(value, bool):
        yield f"{value} → {not value}", lambda n: setattr(n, "value", not value)
    elif isinstance(value, int):
        for step in (1, -1):
            yield f"{value} → {value + step}", lambda n, step=step: setattr(n, "value", value + step)
    elif isinstance(value, float):
        yield f"{value} → {value * 2}", lambda n: setattr(n, "value", value * 2)
    elif isinstance(value, str) and value in _TEXT:
        yield f"{value} → {_TEXT[value]}", lambda n: setattr(n, "value", _TEXT[value])
