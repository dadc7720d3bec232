import json
from pathlib import Path

import pytest
from notebook_samples import as_text, code, good_cells, text, write

from course_utils import notebook_lint
from course_utils.errors import NotebookError

NAME = "01_small.ipynb"


def findings(cells=None, source=None, name=NAME, folder=Path(), **changes):
    return notebook_lint.lint_text(
        folder / name, as_text(cells or good_cells(), **changes) if source is None else source
    )


def with_cell(cell, position=5):
    """Return good cells with one more, and a word about it before and after."""
    cells = good_cells()
    return [*cells[:position], text("Before."), cell, text("After."), *cells[position:]]


def replaced(position, **changes):
    cells = good_cells()
    cells[position] |= changes
    return cells


def test_when_nothing_is_wrong_then_nothing_is_found():
    assert findings() == []


SOLUTION = "<details><summary>Solution</summary>\n\n```python\nanswer = 42\n```\n\n</details>"
TASK = [
    text("### Exercise 01.2: write a convolution"),
    code("answer = ...", "exercise"),
    text("Check it."),
    code("cu.check.conv2d(answer)", "check"),
    text(SOLUTION),
]
QUIZ = [text("## Quiz\n\nChoose."), code('cu.quiz("01")')]


def with_task(changes=None, quiz=QUIZ, task=TASK):
    """Return good cells with an exercise and a quiz; cells of the exercise may be replaced or, with None, left out."""
    changes = changes or {}
    task = [changes.get(place, cell) for place, cell in enumerate(task)]
    cells = good_cells()
    return [*cells[:6], *[cell for cell in task if cell], cells[6], *quiz, *cells[7:]]


LONG = "\n".join(f"x{number} = {number}" for number in range(30))
MEDIUM = "\n".join(f"x{number} = {number}" for number in range(20))
TOKEN = "ghp_" + "a1B2" * 8

# rule, cells: each breaks one rule of a notebook that is otherwise in order
BROKEN = [
    ("title", [code("1 + 1"), *good_cells()]),
    ("title", with_cell(text("# Another title"))),
    ("title", replaced(0, source=good_cells()[0]["source"].replace("# A", "## A"))),
    ("heading-order", with_cell(text("#### Too deep"))),
    ("opening", replaced(0, source="# Title\n\n**You will learn** much.")),
    ("opening", replaced(0, source="# Title\n\n**Before you start**: 1 minute, 1 MB, no data.")),
    ("opening", replaced(0, source=good_cells()[0]["source"].replace("1 minute, ", ""))),
    ("opening", replaced(0, source=good_cells()[0]["source"].replace("- run it", "- a\n- b\n- c\n- d"))),
    ("platform-cell", replaced(1, metadata={})),
    ("platform-cell", replaced(1, source="import sys")),
    ("platform-cell", [good_cells()[0], text("Between."), *good_cells()[1:]]),
    ("setup-cell", replaced(3, metadata={})),
    ("setup-cell", replaced(3, source='import keras\nimport course_utils as cu\n\ncu.setup("01_small")')),
    ("setup-cell", replaced(3, source='import course_utils as cu\n\ncu.setup("02_other")')),
    ("setup-cell", replaced(3, source="import course_utils as cu")),
    ("setup-cell", with_cell(code("early = 1"), position=2)),
    ("ending", good_cells()[:-1]),
    ("ending", [*good_cells()[:-2], good_cells()[-1]]),
    ("ending", [*good_cells(), text("## More")]),
    ("exercise", with_task({1: code("answer = 42", "exercise")})),
    ("exercise", with_task({3: None})),
    ("exercise", with_task({4: None})),
    ("exercise", with_task({4: text("The solution is 42.")})),
    ("exercise", with_task({4: text("<details><summary>Solution</summary>42</details>")})),
    ("exercise", with_task({4: text(SOLUTION.replace("Solution", "A hint"))})),
    ("exercise", with_task({2: text(SOLUTION), 4: text("Done.")})),
    ("exercise", with_task({3: code("cu.check.conv2D(answer)", "check")})),
    ("exercise", with_task({3: code("cu.check.first_answer(answer)", "check")})),
    ("exercise", with_task({3: code("conv2d(answer)", "check")})),
    ("exercise", with_task({3: code("cu.check.conv2d(1)\ncu.check.conv2d(2)", "check")})),
    ("exercise", with_task({0: text("### Exercise 01.3: another")})),
    ("exercise", with_task({0: text("Exercise 01.2: no heading")})),
    ("exercise", with_task(task=TASK[:2] + TASK)),
    ("quiz", with_task(quiz=[])),
    ("quiz", with_task(quiz=[QUIZ[0], text("None.")])),
    ("quiz", with_task(quiz=[text("Choose."), QUIZ[1]])),
    ("quiz", with_task(quiz=[QUIZ[0], code('cu.quiz("02")')])),
    ("quiz", with_task(quiz=[*QUIZ, text("Again."), code('cu.quiz("01")')])),
    ("quiz", with_task(quiz=[*QUIZ, text("## Another")])),
    ("quiz", [*with_task(quiz=[])[:6], *QUIZ, *with_task(quiz=[])[6:]]),
    ("quiz", [*with_task(quiz=[])[:6], QUIZ[1], *with_task(quiz=[QUIZ[0], text("Above.")])[6:]]),
    ("quiz", [*good_cells()[:7], QUIZ[1], good_cells()[7]]),
    ("cell-size", with_cell(code(LONG))),
    ("cell-size", with_cell(code(MEDIUM))),
    (
        "cell-size",
        [*with_cell(code("\n".join(f"x{n} = {n}" for n in range(8)))), text("."), code(MEDIUM), text("## What next")],
    ),
    ("cell-size", with_cell(code(""))),
    ("text-cells", [*good_cells()[:6], *[code(f"x = {n}") for n in range(9)], *good_cells()[6:]]),
    ("text-cells", with_cell(text(""))),
    ("text-cells", with_cell({"cell_type": "raw", "metadata": {}, "source": "x"})),
    ("syntax", with_cell(code("a = = 1"))),
    ("syntax", with_cell(code("return 1"))),
    ("no-install", with_cell(code("!pip install torch"))),
    ("no-install", with_cell(code("%pip install torch"))),
    ("no-install", with_cell(code("%conda install torch"))),
    ("no-install", with_cell(code("!ls"))),
    ("no-install", with_cell(code("%%bash\nls"))),
    ("no-install", with_cell(code('import os\n\nos.system("pip install torch")'))),
    ("tf-keras", with_cell(code("import tensorflow as tf\n\ntf.keras.Sequential()"))),
    ("tf-keras", with_cell(code("from tensorflow import keras"))),
    ("tf-keras", with_cell(code("from tensorflow.keras import layers"))),
    ("tf-keras", with_cell(code("import tensorflow.keras as k"))),
    ("star-import", with_cell(code("from numpy import *"))),
    ("submodule-import", with_cell(code("from course_utils import load"))),
    ("submodule-import", with_cell(code("from course_utils.data import load"))),
    ("submodule-import", with_cell(code("import course_utils.plots"))),
    ("submodule-import", with_cell(code("import course_utils"))),
    ("public-name", with_cell(code("cu.show_imges([])"))),
    ("public-name", with_cell(code("cu._display"))),
    ("plt-show", with_cell(code("import matplotlib.pyplot as plt\n\nplt.show()"))),
    ("absolute-path", with_cell(code('open("/home/me/data.npz")'))),
    ("absolute-path", with_cell(code(r'open("C:\\data\\x.npz")'))),
    ("absolute-path", with_cell(text("See `/Users/me/course`."))),
    ("secret", with_cell(code(f'key = "{TOKEN}"'))),
    ("secret", with_cell(code('password = "correct-horse"'))),
    ("secret", with_cell(text("[data](https://example.org/x?X-Amz-Signature=abcdef0123456789)"))),
    ("recipe-tag", with_cell(code('cu.record("lenet", report)'))),
    ("recipe-tag", with_cell(code('cu.record("lenet", report)', "recipe:dense"))),
    ("budget-row", with_cell(code('name = "wide"\ncourse.epochs(f"{name}_epochs")'))),
    ("budget-row", with_cell(code('course.value("wide" + "_epochs")'))),
    ("budget-row", with_cell(code("course.subset(train, row)"))),
    ("budget-row", with_cell(code("course.subset(train, name=row)"))),
    ("budget-row", with_cell(code('course.value("nowhere")'))),
    ("budget-row", with_cell(code("course.epochs()"))),
    ("budget-row", with_cell(code("%matplotlib inline\ncourse.subset(train)"))),
    ("budget-row", replaced(3, source=good_cells()[3]["source"].replace("{}", "TABLE"))),
    ("budget-row", replaced(3, source=good_cells()[3]["source"].replace("{}", "{**TABLE}"))),
    ("habit", with_cell(code("model = keras.Sequential([])\nmodel.fit(x, y)"))),
    ("habit", with_cell(code("model.add(layer)"))),
    (
        "habit",
        [
            *good_cells()[:5],
            code("cu.show_images(x)"),
            *[code("1"), code("cu.show_images(y)"), text("a"), text("b")],
            *good_cells()[5:],
        ],
    ),
    ("habit", with_cell(code("model = 1\nmodel = 2\nmodel = 3"))),
    ("link", with_cell(text("[there](02_missing.ipynb)"))),
    ("link", with_cell(text("[there](#Nowhere)"))),
    ("link", with_cell(text("[there](http://example.org)"))),
    ("link", with_cell(text("[there](/etc/passwd)"))),
    ("link", with_cell(text("See http://example.org for more."))),
    ("link", with_cell(text('<a href="missing.md">there</a>'))),
    ("link", with_cell(text("[there][1]\n\n[1]: missing.md"))),
    ("link", with_cell(text("![a picture](missing.png)"))),
    ("link", with_cell(text('<img alt="a picture" src="missing.png">'))),
    ("placeholder", with_cell(text("It takes @MINUTES@ minutes."))),
    ("placeholder", with_cell(text("TODO: explain"))),
    ("image-alt", with_cell(text("![](https://example.org/a.png)"))),
    ("image-alt", with_cell(text('<img src="https://example.org/a.png">'))),
    ("repository", with_cell(text("[b](https://mybinder.org/v2/gh/other/course/main?urlpath=lab)"))),
    ("whitespace", with_cell(code("a = 1   \nb = 2"))),
    ("whitespace", with_cell(code("if a:\n\tb = 2"))),
    ("whitespace", with_cell(text("The end.\n\n"))),
    ("metadata", with_cell(code("1") | {"metadata": {"collapsed": True}})),
    ("metadata", with_cell(code("1") | {"metadata": {"tags": ["Two words"]}})),
    ("metadata", with_cell(text("x") | {"attachments": {}})),
    ("outputs", with_cell(code("1") | {"outputs": [{"output_type": "stream", "name": "stdout", "text": ["1"]}]})),
    ("outputs", with_cell(code("1") | {"execution_count": 3})),
    ("cell-id", with_cell(code("1") | {"id": "cell-0"})),
    ("cell-id", with_cell(code("1") | {"id": "not valid!"})),
]


@pytest.mark.parametrize(("rule", "cells"), BROKEN, ids=[f"{rule}-{n}" for n, (rule, _) in enumerate(BROKEN)])
def test_when_one_rule_is_broken_then_it_alone_is_named(rule, cells):
    found = {finding.rule for finding in findings(cells)}
    # Some breaches cannot be made without another: an id that is not valid is against the schema, too.
    assert rule in found
    assert found - {rule} <= {"schema", "setup-cell", "platform-cell", "no-install", "text-cells"}, found


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("nbformat-version", {"nbformat_minor": 4}),
        ("metadata", {"metadata": {}}),
        ("metadata", {"metadata": {"kernelspec": {"name": "mine", "display_name": "Mine", "language": "python"}}}),
        ("schema", {"nbformat": "four"}),
    ],
)
def test_when_the_file_is_not_as_it_should_be_then_it_is_said(rule, changes):
    assert rule in {finding.rule for finding in findings(**changes)}


def test_when_the_json_is_written_in_another_way_then_it_is_said():
    assert [finding.rule for finding in findings(source=json.dumps(json.loads(as_text(good_cells()))))] == ["json-form"]


def test_when_the_file_has_another_kind_of_name_then_it_is_said():
    cells = good_cells("Untitled1")
    assert {finding.rule for finding in findings(cells, name="Untitled1.ipynb")} == {"file-name"}


@pytest.mark.parametrize("source", ["", "{", "[]", "{}", '{"cells": [1]}', "<<<<<<< HEAD"])
def test_when_the_file_is_no_notebook_then_one_finding_says_so(source):
    (finding,) = findings(source=source)
    assert finding.rule == "schema" and finding.severity == "error"


def test_when_every_rule_is_counted_then_each_has_been_broken_by_a_test():
    broken = {rule for rule, _ in BROKEN} | {"nbformat-version", "schema", "json-form", "file-name"}
    named = {rule.__doc__.split(":")[0] for rule in notebook_lint.RULES}
    assert named - broken <= {"imports"}  # it has three names of its own, all above


def test_when_something_is_found_then_the_message_says_where_and_what_to_do():
    (finding,) = findings(with_cell(code("a = 1\n\nimport os\nopen('/tmp/x')")))
    assert str(finding).startswith(
        "01_small.ipynb: cell 7, line 4: error [absolute-path] an absolute path: '/tmp/x' -> use"
    )


def test_when_a_cell_has_sixteen_lines_then_it_is_a_warning_and_from_twenty_six_on_an_error():
    small = [cell for number in range(12) for cell in (text("Say."), code(f"x = {number}"))]
    for lines, severity in [(15, None), (16, "warning"), (25, "warning"), (26, "error")]:
        source = "\n\n".join(f"x{number} = {number}" for number in range(lines))
        found = findings([*good_cells()[:4], *small, text("."), code(source), *good_cells()[4:]])
        assert [finding.severity for finding in found] == ([severity] if severity else [])


@pytest.mark.parametrize(
    "cell",
    [
        text("Say `!pip install x`, or [this]` is code` and `[a](missing.md)`."),
        text("```python\n# not a title\n[a](missing.md)\n```"),
        text("<!-- widget: kernel_explorer [a](missing.md) -->\n\nMove the slider."),
        text("[up](#One-idea), [itself](01_small.ipynb), [out](https://example.org/a_(b))."),
        text("A line  \nbroken by hand."),
        code("%matplotlib inline\nx = 1"),
        text("Write to someone@example.org, or use `@staticmethod`."),
        code('cu.record("lenet/max_pooling", report)', "recipe:lenet"),
        code('label = "images/s"\nratio = 3 / 4'),
        code("model = keras.Sequential()\nmodel.add(keras.layers.Dense(10))"),
        text(
            "[![Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/YOUR_ACCOUNT/cnn-course/main)"
        ),
    ],
)
def test_when_something_only_looks_like_a_breach_then_nothing_is_found(cell, tmp_path):
    cells = with_cell(cell)
    (tmp_path / NAME).write_text(as_text(cells), "utf-8")
    assert findings(cells, folder=tmp_path) == []


@pytest.mark.parametrize(
    "source",
    [
        'course.value("size")',
        'course.value(name="size")',
        "course.epochs()",
        "course.subset(train)",
        'course.subset(train, "size")',
        "train.subset(n, seed=course.seed)",
        "model.value(row)",
    ],
)
@pytest.mark.parametrize("keyword", ["budgets=", ""])
def test_when_a_row_is_in_the_table_then_nothing_is_found(source, keyword):
    table = '{"size": (1, 2, 3), "epochs": (1, 1, 1), "images": (1, 2, None)}'
    cells = with_cell(code(source))
    cells[3] |= {"source": cells[3]["source"].replace("budgets={}", f"{keyword}{table}")}
    assert findings(cells) == []


def test_when_a_badge_opens_another_notebook_then_it_is_said():
    badge = "https://colab.research.google.com/github/YOUR_ACCOUNT/cnn-course/blob/main/notebooks/{}.ipynb"
    assert findings(with_cell(text(f"[b]({badge.format('01_small')})"))) == []
    (finding,) = findings(with_cell(text(f"[b]({badge.format('02_other')})")))
    assert finding.rule == "repository"


def test_when_an_exercise_and_a_quiz_are_complete_then_nothing_is_found():
    assert findings(with_task()) == []
    lab = {0: text("## Break it 01: the speckled sky"), 3: code("cu.check.speckles(answer)", "check")}
    assert findings(with_task(lab)) == []
    assert findings([*good_cells()[:7], *QUIZ, good_cells()[7]]) == [], "a quiz without an exercise"


def test_when_fixed_then_what_is_mechanical_is_right_and_the_rest_is_still_told(tmp_path):
    cells = with_cell(code("a = 1  \n") | {"outputs": [], "execution_count": 7, "metadata": {"scrolled": True}})
    cells[1] |= {"source": "old text"}
    cells.append(text("## Too late") | {"id": "cell-0"})
    path = tmp_path / NAME
    path.write_text(as_text(cells, nbformat_minor=4, metadata={"colab": {}}), "utf-8")

    found, changed = notebook_lint.lint_paths([path], fix=True)

    assert [finding.rule for finding in found] == ["ending"]
    assert changed == [path]
    assert notebook_lint.lint_paths([path], fix=True)[1] == [], "fixing twice changes nothing more"


def test_when_a_file_is_no_notebook_then_fixing_leaves_it_alone(tmp_path):
    path = tmp_path / NAME
    path.write_text("<<<<<<< HEAD", "utf-8")
    found, changed = notebook_lint.lint_paths([path], fix=True)
    assert len(found) == 1 and changed == [] and path.read_text("utf-8") == "<<<<<<< HEAD"


@pytest.mark.parametrize("content", [b"# caf\xe9", b"# \\ud83d"], ids=["latin-1", "half a pair"])
def test_when_a_file_is_not_utf8_then_fixing_leaves_it_alone(tmp_path, content):
    path = tmp_path / NAME
    path.write_bytes(as_text(with_cell(code("SOURCE"))).encode().replace(b"SOURCE", content))
    before = path.read_bytes()
    (found,), changed = notebook_lint.lint_paths([path], fix=True)
    assert "not UTF-8" in found.message and changed == [] and path.read_bytes() == before


def test_when_a_string_holds_a_form_feed_then_fixing_keeps_it():
    source = 's = "a\x0cb\u2028c\x85d"  \nlen(s)'
    fixed = notebook_lint.fix_text(as_text(with_cell(code(source))), "01_small")
    assert source.replace("  \n", "\n") in ["".join(cell["source"]) for cell in json.loads(fixed)["cells"]]


def test_when_ids_are_missing_then_fixing_gives_the_same_ones_every_time():
    raw = json.loads(as_text(good_cells()))
    for cell in raw["cells"]:
        del cell["id"]
    fixed = [notebook_lint.fix_text(json.dumps(raw), "01_small") for _ in range(2)]
    assert fixed[0] == fixed[1]
    assert findings(source=fixed[0]) == []


def test_when_written_by_nbformat_then_the_form_is_canonical(tmp_path):
    import nbformat

    path = tmp_path / NAME
    nbformat.write(nbformat.reads(as_text(with_cell(text("Grüße — ✓"))), as_version=4), path)
    assert findings(source=path.read_text("utf-8")) == []


def test_when_files_are_checked_out_with_windows_line_ends_then_only_the_form_is_told(tmp_path):
    path = tmp_path / NAME
    path.write_bytes(as_text(good_cells()).replace("\n", "\r\n").encode())
    assert [finding.rule for finding in notebook_lint.lint_paths([path])[0]] == ["json-form"]


def test_when_a_notebook_lies_below_the_working_folder_then_it_is_named_from_there(tmp_path, monkeypatch):
    write(tmp_path, "01_a", "x = 1")
    monkeypatch.chdir(tmp_path)
    assert {finding.path for finding in notebook_lint.lint_paths([tmp_path])[0]} == {"01_a.ipynb"}


def test_when_the_setup_cell_imports_pythons_own_modules_first_then_nothing_is_found():
    source = 'import math\nfrom time import sleep\n\nimport course_utils as cu\n\ncu.setup("01_small")'
    assert findings(replaced(3, source=source)) == []


def test_when_numbers_stand_between_a_figure_and_its_text_then_nothing_is_found():
    cells = good_cells()
    cells[5:5] = [code("cu.show_images(x)"), code("1"), text("One sees it."), text("Really.")]
    assert findings(cells) == []


def test_when_several_are_checked_then_findings_come_in_order(tmp_path):
    for name in ("02_b", "01_a"):
        write(tmp_path, name, "x = 1", "# Late title")
    found, _ = notebook_lint.lint_paths([tmp_path])
    keys = [(finding.path, finding.cell, finding.line, finding.rule) for finding in found]
    assert keys == sorted(keys) and len({finding.path for finding in found}) == 2


def test_when_a_path_does_not_exist_then_it_is_named(tmp_path):
    with pytest.raises(NotebookError, match="nowhere"):
        notebook_lint.lint_paths([tmp_path / "nowhere"])
