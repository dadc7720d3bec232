"""Rules about exercises and quizzes."""

import ast

from .anatomy import headings


def check_exercises(notebook):
    """exercise: a heading with its number, a gap (`...`), a check of this notebook, a folded solution with its code."""
    starts = notebook.tagged("exercise")
    for place, cell in enumerate(starts):
        before = starts[place - 1].position if place else 0
        after = starts[place + 1].position if place + 1 < len(starts) else len(notebook.cells) + 1
        above = [other for other in notebook.cells if before < other.position < cell.position]
        below = [other for other in notebook.cells if cell.position < other.position < after]
        if cell.kind == "code" and "..." not in cell.source:
            yield notebook.finding("exercise", "nothing is left to do", "leave `...` to be replaced", cell=cell)
        check = next((other for other in below if "check" in other.tags), None)
        if check is None:
            yield notebook.finding("exercise", "no cell tagged 'check' follows", "add its check", cell=cell)
        else:
            yield from _check_call(notebook, check, above)
        yield from _check_solution(notebook, cell, below, check)


def _check_call(notebook, cell, above):
    from ..errors import closest_first
    from ..exercises.registry import exercises

    names = _called(cell, "cu.check.")
    if len(names) != 1:
        message = f"it calls {len(names) or 'no'} checks"
        yield notebook.finding("exercise", message, "call cu.check.NAME(answer) once", cell=cell)
        return
    item = exercises().get(names[0])
    if item is None:
        fix = f"call for example cu.check.{closest_first(names[0], exercises())[0]}"
        yield notebook.finding("exercise", f"there is no check called {names[0]!r}", fix, cell=cell)
        return
    if item.number[:2] != notebook.path.stem[:2]:
        message = f"cu.check.{item.name} belongs to notebook {item.number[:2]}"
        yield notebook.finding("exercise", message, "call a check of this notebook", cell=cell)
        return
    wanted = item.heading.partition(":")[0]
    found = [text for other in above if other.kind == "markdown" for _, text, _ in headings(other)]
    if not any(text.startswith(wanted) for text in found):
        fix = f"head it '### {item.heading}'"
        yield notebook.finding("exercise", f"no heading '{wanted}' stands above it", fix, cell=cell)


def _check_solution(notebook, cell, below, check):
    from ..exercises.reading import folded_solutions

    found = [(other, text) for other in below if other.kind == "markdown" for text in folded_solutions(other.source)]
    if not found:
        fix = "add a Markdown cell with <details><summary>Solution</summary> … </details>"
        yield notebook.finding("exercise", "no folded solution follows", fix, cell=cell)
        return
    place, text = found[0]
    if check is not None and place.position < check.position:
        yield notebook.finding("exercise", "the solution stands before the check", "move it below", cell=place)
    if not any(line.startswith("```python") for line in text.splitlines()):
        fix = "add the code that replaces the exercise's cell, fenced with ```python"
        yield notebook.finding("exercise", "the solution has no code", fix, cell=place)


def _called(cell, prefix):
    """Return what follows `prefix` in the names of the functions that a cell calls."""
    names = [ast.unparse(node.func) for node in cell.nodes(ast.Call)]
    return [name.removeprefix(prefix) for name in names if name.startswith(prefix)]


def check_quiz(notebook):
    """quiz: a notebook with exercises has a section 'Quiz' between 'Recap' and 'What next', with its own quiz."""
    number = notebook.path.stem[:2]
    calls = [(cell, node) for cell in notebook.code for node in cell.nodes(ast.Call) if _is_quiz(node)]
    for cell, node in calls:
        if [ast.unparse(argument) for argument in node.args] != [repr(number)]:
            message = f"{ast.unparse(node)} is not this notebook's quiz"
            yield notebook.finding("quiz", message, f'call cu.quiz("{number}")', cell=cell, line=node.lineno)
    if not calls and not notebook.tagged("exercise"):
        return
    sections = [(text.lower(), cell) for cell in notebook.markdown for level, text, _ in headings(cell) if level == 2]
    first = dict(reversed(sections))
    if "quiz" not in first or len(calls) != 1:
        message = "there is no section 'Quiz'" if "quiz" not in first else f"{len(calls)} cells show a quiz"
        fix = f"add '## Quiz' before 'What next', with one cell cu.quiz(\"{number}\")"
        yield notebook.finding("quiz", message, fix)
        return
    order = [name for name, _ in sections]
    around = order[max(order.index("quiz") - 1, 0) : order.index("quiz") + 2]
    if not (len(around) == 3 and around[0].startswith("recap") and around[2].startswith("what next")):
        message = "it does not stand between 'Recap' and 'What next'"
        yield notebook.finding("quiz", message, "move the section", cell=first["quiz"])
    following = [cell.position for name, cell in sections if cell.position > first["quiz"].position]
    if not first["quiz"].position < calls[0][0].position < min([*following, len(notebook.cells) + 1]):
        yield notebook.finding("quiz", "it is not in the section 'Quiz'", "move the cell", cell=calls[0][0])


def _is_quiz(node):
    return ast.unparse(node.func) == "cu.quiz"
