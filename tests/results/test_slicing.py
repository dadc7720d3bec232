import builtins
import json

import pytest

from course_utils.errors import UnknownNameError
from course_utils.results.slicing import cell_names, needed_cells, slice_notebook

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


@pytest.mark.parametrize(
    ("source", "needed"),
    [
        ("names = [name for name in CHANGES]", "CHANGES"),
        ("total = {a: b for a, b in pairs if a > low}", "low pairs"),
        ("list(x for x in x)", "x"),
        ("grid = [y for x in rows for y in x]", "rows"),
        ("f = lambda x, *y, z=later: x + y[0] + z + free", "free later"),
        ("def f(x, n=count):\n    y = x\n    return y + n + free + f(y)", "count free"),
        ("def f(x) -> Split:\n    def g(y):\n        return x + y + free\n    return g", "Split free"),
        ("def f():\n    global total\n    total += 1", "total"),
        ("def f():\n    n = 0\n    def g():\n        nonlocal n\n        n += 1\n    return g", ""),
        ("def f():\n    import os\n    for x in y:\n        with x as z:\n            print(os, z)", "y"),
        ("class A(B):\n    size = 3\n    area = size * k\n    def call(self, x):\n        return call(x)", "B call k"),
        ("model = keras.Model()\nmodel.fit(x)", "keras x"),
        ("total += 1", "total"),
        ("x = x + 1", "x"),
        ("x, y = y, x", "x y"),
        ("data[0] = 1", "data"),
        ("if x:\n    began = time()\n    took = time() - began", "time x"),
        ("if x:\n    began = 1\ntook = 2 - began", "began x"),
        ("if x:\n    began = 1\nelse:\n    began = 2\ntook = 2 - began", "x"),
        ("if x:\n    began = 1\nelse:\n    raise ValueError\ntook = 2 - began", "x"),
        ("for n in ns:\n    last = n\nprint(last)", "last ns"),
        ("for n in ns:\n    if n:\n        continue\n        y = 1\n    print(n, y)", "ns y"),
        ("while more():\n    step = 1\n    print(step)", "more"),
        ("try:\n    y = f()\nexcept E as error:\n    y = error\nprint(y)", "E f"),
        ("try:\n    y = f()\nexcept E:\n    print(y)", "E f y"),
        ("try:\n    f()\nexcept E as e:\n    e = 1\nprint(e)", "E e f"),
        ("try:\n    y = f()\nfinally:\n    z = 1\nprint(y, z)", "f"),
        ("with open(p) as file, tape() as t:\n    g = t\nprint(file, g)", "p tape"),
        ("match x:\n    case [a, *b]:\n        print(a, b)\n    case {'k': v, **w}:\n        print(v, w)", "x"),
        ("if (n := f()) > 3:\n    print(n)", "f"),
        ("sums = [total := total + x for x in xs]\ntotal", "total xs"),
        ("x = [x for y in ys]", "x ys"),
        ("x = sorted(ys, key=lambda y: x[y])", "x ys"),
        ("def f(x):\n    return f(x - 1)", ""),
        ("class A:\n    def again(self):\n        return A()", ""),
        ("del x", "x"),
        ("x = 1\ndel x\nprint(x)", "x"),
        ("import os.path as p, sys.monitoring\nfrom a import b as c\nprint(p, sys, c)", ""),
        ("%time x = f()", ""),
    ],
)  # fmt: skip
def test_a_cell_needs_what_it_reads_and_may_not_have_bound_itself(source, needed):
    assert sorted(cell_names(source).needed - set(dir(builtins))) == needed.split()


def test_what_stays_inside_a_cell_is_not_defined_by_it():
    cell = cell_names(
        "a = {k: v for k, v in pairs}\nf = lambda x: x\ndef g(y):\n    z = y\nclass C:\n    n = 1\nif a:\n    b = 1"
    )
    assert (cell.bound, cell.sure) == ({"a", "f", "g", "C", "b"}, {"a", "f", "g", "C"})


def places(own, *sources):
    return needed_cells([{"source": source, "metadata": {}} for source in sources], own)


def test_a_comprehensions_variable_is_neither_needed_nor_defined():
    assert places({1}, "last = {name: slow() for name in many}", "names = [name for name in (1, 2)]") == [1]


def test_the_nearest_cell_that_defines_a_name_is_the_one():
    assert places({2}, "x = 1", "x = 2", "print(x)") == [1, 2]
    assert places({0, 2}, "x = 1", "x = 2", "print(x)") == [0, 1, 2], "as in the notebook, the second one counts"


def test_a_name_of_pythons_own_that_a_cell_has_bound_comes_from_that_cell():
    assert places({1}, "max = 3", "print(max)") == [0, 1]


def test_where_the_nearest_cell_may_not_define_a_name_then_the_one_before_it_comes_along():
    assert places({3}, "x = 0", "x = 1", "if course.full:\n    x = 2", "print(x)") == [1, 2, 3]


def test_a_cell_that_steps_in_where_a_wanted_one_was_skipped_stays_away():
    training, enter = "history = fit()", "if 'history' not in globals():\n    history = load()"
    assert places({0, 2}, training, enter, "show(history)") == [0, 2]
    assert places({0, 2}, f"if long:\n    {training}", enter, "show(history)") == [0, 2]
    assert places({2}, training, enter, "show(history)") == [0, 1, 2]


def test_of_the_courses_own_recipes_only_the_cells_that_matter_are_kept():
    from course_utils.results.recipes import notebooks_folder

    def kept(notebook, name):
        found = slice_notebook(next(notebooks_folder().glob(f"{notebook}_*.ipynb")), [name])
        return "\n".join(sources(found))

    ladder = kept("04", "cifar10_ladder_0_start")
    assert "train_rung" in ladder and "few = " in ladder
    assert "run_study" not in ladder and "cifar10_search" not in ladder and "transplant.fit" not in ladder
    changed = kept("03", "lenet_max_pooling")
    assert "smoothed_loss" in changed and "lenet.fit(" not in changed
