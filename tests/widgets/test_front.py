"""The part in the browser: one module of all files, with a function for every control and panel Python has."""

import re

import numpy as np
import pytest

from course_utils.widgets import controls, curves, panels
from course_utils.widgets.front import FOLDER, PARTS, front_class, module_text

TEXT = module_text()


def kinds(table):
    """Return the entries of a table of the module: kind of thing -> name of its function."""
    (body,) = re.findall(rf"const {table} = \{{(.*?)\}};", TEXT, re.DOTALL)
    pairs = [entry.strip().split(":") for entry in body.split(",") if entry.strip()]
    return {pair[0].strip(): pair[-1].strip() for pair in pairs}


def classes(module):
    return [thing for thing in vars(module).values() if isinstance(thing, type) and thing.__module__ == module.__name__]


def test_when_the_module_is_put_together_then_every_file_of_the_folder_is_in_it():
    assert sorted(PARTS) == sorted(path.stem for path in FOLDER.glob("*.js"))
    for path in FOLDER.glob("*.js"):
        assert path.read_text(encoding="utf-8") in TEXT, path.name
    assert PARTS[0] == "elements" and PARTS[-1] == "explorer"
    assert {path.suffix for path in FOLDER.iterdir()} == {".js", ".css"}


def test_when_a_control_exists_in_python_then_it_exists_in_the_browser():
    wanted = {control.kind for control in classes(controls)} - {"hidden"}
    assert set(kinds("CONTROLS")) == wanted


def test_when_a_panel_exists_in_python_then_it_exists_in_the_browser():
    pixels = np.zeros((2, 2), "uint8")
    text = panels.Text("t", "", ())
    examples = (
        panels.Picture("p", "", pixels, ""),
        panels.Numbers("n", "", np.zeros((1, 1)), ""),
        text,
        panels.Points("m", "", np.zeros((1, 2)), [0], ("a",), "at", 0, ""),
        panels.Group("g", "", (text,), ""),
        curves.Curves("c", "", (), "", (0, 1), (0, 1)),
    )
    panel_classes = {kind for kind in (*classes(panels), *classes(curves)) if hasattr(kind, "content")}
    assert {type(example) for example in examples} == panel_classes
    assert set(kinds("PANELS")) == {example.content()["kind"] for example in examples}


@pytest.mark.parametrize("table", ["CONTROLS", "PANELS"])
def test_when_a_table_names_a_function_then_the_module_has_exactly_one(table):
    for name in kinds(table).values():
        assert len(re.findall(rf"^function {name}\(", TEXT, re.MULTILINE)) == 1, name


def test_when_files_are_joined_then_no_name_is_declared_twice():
    names = re.findall(r"^(?:export )?(?:async )?(?:function|const|let|class) (\w+)", TEXT, re.MULTILINE)
    assert len(names) == len(set(names)), sorted({name for name in names if names.count(name) > 1})
    assert TEXT.count("export default { render };") == 1


def test_when_the_module_is_read_then_it_loads_nothing_and_writes_no_markup():
    # A page without a network shows it, and nothing that a learner wrote can become part of the page's code.
    for forbidden in ("import ", "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "fetch("):
        assert forbidden not in TEXT, forbidden
    addresses = set(re.findall(r"https?://[^\s\"'`)]+", TEXT + (FOLDER / "explorer.css").read_text(encoding="utf-8")))
    assert addresses <= {"http://www.w3.org/2000/svg"}  # a name, not an address


def test_when_a_value_of_a_control_is_used_then_python_sends_it():
    sent = {name for control in classes(controls) for name in getattr(control, "__dataclass_fields__", ())}
    used = set(re.findall(r"\bcontrol\.(\w+)", TEXT))
    assert used <= sent | {"kind", "stop"}  # the last belongs to what the function returns


def test_when_the_front_is_made_then_it_carries_module_and_style():
    front = front_class()(spec={"title": "nothing"})
    assert front._esm == TEXT and front._css == (FOLDER / "explorer.css").read_text(encoding="utf-8")
    assert front.get_state()["spec"] == {"title": "nothing"}
    assert front_class() is front_class()
