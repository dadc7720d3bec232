import json

import pytest

from course_utils.errors import UnknownNameError
from course_utils.results.slicing import slice_notebook

CELLS = [
    (["setup"], "import math"),
    ([], "data = [1, 2, 3]"),
    ([], "slow = sum(data) * 1_000"),
    ([], "def scale(values, by):\n    total = [value * by for value in values]\n    return total"),
    (["recipe:one"], "result = scale(data, math.pi)"),
    (["recipe:two"], "other = slow + 1"),
    ([], "factor = 2"),
    (["recipe:many_*"], "factor = factor + 1\nprint(factor)"),
]


@pytest.fixture
def notebook(tmp_path, write_notebook):
    return write_notebook(tmp_path / "04_cifar.ipynb", *CELLS)


def sources(sliced):
    return ["".join(cell["source"]) for cell in sliced["cells"]]


def test_when_a_recipe_is_cut_out_then_the_cells_that_define_its_names_come_along(notebook):
    assert sources(slice_notebook(notebook, ["one"])) == [CELLS[place][1] for place in (0, 1, 3, 4)]


def test_when_a_name_is_defined_by_a_cell_that_needs_others_then_those_come_too(notebook):
    assert sources(slice_notebook(notebook, ["two"])) == [CELLS[place][1] for place in (0, 1, 2, 5)]


def test_when_a_cell_uses_a_name_before_it_binds_it_anew_then_the_earlier_cell_is_kept(notebook):
    assert sources(slice_notebook(notebook, ["many_colours"])) == [CELLS[place][1] for place in (0, 6, 7)]


def test_when_two_recipes_are_wanted_then_both_are_kept_in_order(notebook):
    assert sources(slice_notebook(notebook, ["two", "one"])) == [CELLS[place][1] for place in (0, 1, 2, 3, 4, 5)]


def test_when_a_recipe_is_cut_out_then_it_runs_on_its_own(notebook):
    space = {}
    for source in sources(slice_notebook(notebook, ["one"])):
        exec(source, space)
    assert space["result"] == pytest.approx([3.14159, 6.28318, 9.42478], rel=1e-4)
    assert "slow" not in space


def test_when_there_is_no_such_recipe_then_those_there_are_named(notebook):
    with pytest.raises(UnknownNameError, match="one"):
        slice_notebook(notebook, ["on"])


def test_when_a_notebook_is_cut_then_the_file_stays_as_it_was(notebook):
    before = notebook.read_bytes()
    slice_notebook(notebook, ["one"])
    assert notebook.read_bytes() == before
    assert json.loads(before)["cells"]
