"""Running one exercise of a notebook, with the cells it needs and no others."""

import contextlib
import io
from functools import cache
from pathlib import Path

from course_utils.exercises.reading import answer_of, load_notebook, read_exercises, source
from course_utils.exercises.registry import find_exercise
from course_utils.results.slicing import needed_cells

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("[0-9][0-9]_*.ipynb"))


@cache
def notebook_of(path):
    return load_notebook(path)


def all_exercises():
    """(notebook, exercise) of every exercise that stands in a notebook."""
    return [(path, exercise) for path in NOTEBOOKS for exercise in read_exercises(notebook_of(path))]


class Stage:
    """The names an exercise cell may use, as they are just before it; made once, used for many answers."""

    def __init__(self, path, exercise):
        notebook = notebook_of(path)
        self.exercise, self.check = exercise, notebook["cells"][exercise.check]
        places = [place for place, cell in enumerate(notebook["cells"]) if cell["cell_type"] == "code"]
        # What the solution needs counts, too: it takes the place of the exercise's cell.
        cells = [dict(notebook["cells"][place]) for place in places]
        gap = places.index(exercise.exercise)
        if exercise.code is not None:
            cells[gap]["source"] = exercise.code
        needed = needed_cells(cells, {gap, places.index(exercise.check)})
        self.names = {"__name__": "__main__"}
        for place in needed:
            if places[place] not in (exercise.exercise, exercise.check) and places[place] < exercise.check:
                run_quietly(source(cells[place]), self.names)
        self.stub = source(notebook["cells"][exercise.exercise])

    def examine(self, code):
        """Run `code` in place of the exercise's cell, and judge the answer as its check cell does."""
        names = dict(self.names)
        run_quietly(code, names)
        name, positional, keywords = answer_of(self.check)
        return find_exercise(name).examine(
            *[eval(text, names) for text in positional], **{key: eval(text, names) for key, text in keywords.items()}
        )


def run_quietly(code, names):
    """Execute a cell; what it prints or shows is not wanted here."""
    from IPython.core.inputtransformer2 import TransformerManager

    lines = TransformerManager().transform_cell(code)
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(lines, "<cell>", "exec"), names)
