import json

import pytest
from notebook_samples import code, text

from course_utils.errors import NotebookError
from course_utils.exercises.reading import (
    answer_of,
    load_notebook,
    read_exercises,
    source,
    with_solutions,
    without_solutions,
)

STUB = "def conv2d(image):\n    ..."
SOLVED = "def conv2d(image):\n    # ``` is no fence\n    return image"
SOLUTION = f"<details><summary>Solution</summary>\n\n```python\n{SOLVED}\n```\n\nBecause.\n\n</details>"
HINT = "<details><summary>A hint</summary>\n\n```python\nnot_this = 1\n```\n\n</details>"


def exercise(solution=SOLUTION, name="conv2d"):
    return [
        text(f"### Exercise 01.1: {name}"),
        code(STUB, "exercise"),
        text("Check it."),
        code(f"cu.check.{name}(conv2d, model=[1, 2])", "check"),
        text(solution),
    ]


def notebook(*cells):
    return {"cells": list(cells), "metadata": {"kernelspec": {"name": "python3"}}, "nbformat": 4, "nbformat_minor": 5}


WHOLE = notebook(text("# Title"), *exercise(), text("<details>not a solution</details>"), *exercise(name="second"))


def sources(raw):
    return [source(cell) for cell in raw["cells"]]


def test_when_read_then_every_exercise_has_its_cells():
    first, second = read_exercises(WHOLE)
    assert (first.name, first.exercise, first.check, first.solution, first.code) == ("conv2d", 2, 4, 5, SOLVED)
    assert (second.name, second.exercise, second.check, second.solution) == ("second", 8, 10, 11)


def test_when_a_solution_is_text_alone_then_it_has_no_code():
    (found,) = read_exercises(notebook(*exercise("<details><summary>Solution</summary>42</details>")))
    assert found.code is None
    assert sources(with_solutions(notebook(*exercise("<details><summary>Solution</summary>42</details>"))))[1] == STUB


def test_when_a_hint_is_folded_too_then_it_is_not_taken_for_the_solution():
    for solution in (f"{HINT}\n\n{SOLUTION}", f"{SOLUTION}\n\n{HINT}"):
        raw = notebook(*exercise(solution))
        assert read_exercises(raw)[0].code == SOLVED
        assert sources(without_solutions(raw))[-1] == HINT


@pytest.mark.parametrize(
    "cells",
    [
        exercise()[:2],
        [*exercise()[:3], exercise()[4]],
        exercise()[:4],
        exercise("The solution is 42."),
        [*exercise()[:4], code(f'"""{SOLUTION}"""')],
        [*exercise()[:3], code("check(conv2d)", "check"), exercise()[4]],
        [*exercise()[:2], exercise()[4], *exercise()[2:4], *exercise()],
    ],
    ids=["stub alone", "no check", "no solution", "not folded", "folded in code", "other call", "solution first"],
)
def test_when_an_exercise_is_incomplete_then_its_cell_is_named(cells):
    with pytest.raises(NotebookError, match="cell 2"):
        read_exercises(notebook(*cells))


def test_when_solutions_are_taken_out_then_nothing_else_changes():
    before = json.dumps(WHOLE)
    made = without_solutions(WHOLE)
    assert json.dumps(WHOLE) == before, "the original is as it was"
    assert "return image" not in json.dumps(made) and "Because" not in json.dumps(made)
    assert made["cells"] == [cell for place, cell in enumerate(WHOLE["cells"]) if place not in (5, 11)]
    assert {key: made[key] for key in made if key != "cells"} == {key: WHOLE[key] for key in WHOLE if key != "cells"}


def test_when_text_stands_beside_a_solution_then_it_stays():
    made = without_solutions(notebook(*exercise(f"Compare.\n\n{SOLUTION}\n\nThen go on.")))
    assert sources(made)[-1].startswith("Compare.") and sources(made)[-1].endswith("Then go on.")
    assert "details" not in sources(made)[-1]


def test_when_solutions_are_filled_in_then_cells_keep_their_tags_and_lines():
    made = with_solutions(WHOLE)
    assert [sources(made)[place] for place in (2, 8)] == [SOLVED, SOLVED]
    assert made["cells"][2]["source"] == ["def conv2d(image):\n", "    # ``` is no fence\n", "    return image"]
    changed = [place for place, cell in enumerate(made["cells"]) if cell != WHOLE["cells"][place]]
    assert changed == [2, 8]
    assert made["cells"][2] | {"source": ""} == WHOLE["cells"][2] | {"source": ""}


def test_when_there_are_no_exercises_then_both_copies_are_the_same():
    plain = notebook(text("# Title"), code("1"))
    assert without_solutions(plain) == with_solutions(plain) == plain


def test_when_a_check_is_read_then_name_and_arguments_are_told():
    assert answer_of(exercise()[3]) == ("conv2d", ["conv2d"], {"model": "[1, 2]"})
    with pytest.raises(NotebookError, match="calls no check"):
        answer_of(code("print(cu.check)"))


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"cells": [1]}', '{"cells": [{"cell_type": "code"}]}', "3"])
def test_when_a_file_is_no_notebook_then_it_is_named(tmp_path, content):
    path = tmp_path / "01_odd.ipynb"
    path.write_text(content, "utf-8")
    with pytest.raises(NotebookError, match="01_odd"):
        load_notebook(path)


def test_when_a_file_is_missing_then_it_is_named(tmp_path):
    with pytest.raises(NotebookError, match="02_gone"):
        load_notebook(tmp_path / "02_gone.ipynb")
