"""The explorer: what goes to the browser and back, what happens on errors, and where a widget is live."""

import sys
import types

import numpy as np
import pytest

import course_utils as cu
from course_utils.errors import CourseError, InputError, UnknownNameError
from course_utils.plots import alt_text
from course_utils.widgets import explorer as module
from course_utils.widgets.controls import Choice, Hidden, Slider, Weights
from course_utils.widgets.explorer import Explorer, is_live, require_picture
from course_utils.widgets.panels import Numbers, Picture, Text, View

VIEW = "application/vnd.jupyter.widget-view+json"


def show(values, changed=frozenset()):
    """A grey square, and a text that names the colour; the level is at most the top, and 13 is bad luck."""
    level = min(values["level"], values["top"])
    if level == 13:
        raise ZeroDivisionError("bad luck")
    if level == 14:
        raise InputError("Not 14.", found="14")
    square = Picture("square", "square", np.full((2, 2), level, "uint8"), f"level {level}.")
    words = Text("words", "", (values["name"], f"at {values['at']}"))
    return View((square, words), f"Level {level}.", {"level": level}, {"level": (0, values["top"])})


def grey_square(**options):
    controls = (
        Slider("level", "level", 3, 0, 20),
        Slider("top", "top", 20, 0, 20),
        Choice("name", "name", "ash", ("ash", "lead")),
        Weights("table", "table", ((1.0,),)),
        Hidden("at", (0, 0)),
    )
    return Explorer("Grey square", controls, show, **options)


@pytest.fixture
def widget():
    explorer = grey_square()
    explorer.sent = []
    explorer.front().send = lambda answer, buffers: explorer.sent.append((answer, buffers))
    return explorer


def tell(widget, serial=1, **values):
    """Say something as the browser does; returns the answer and its buffers."""
    widget._hear(None, {"serial": serial, "values": values})
    return widget.sent[-1]


def test_when_the_page_asks_then_everything_is_sent(widget):
    widget._hear(None, {"ask": True})
    answer, buffers = widget.sent[-1]
    assert answer["serial"] == 0 and answer["order"] == ["square", "words"]
    assert [panel["key"] for panel in answer["panels"]] == ["square", "words"]
    assert answer["values"] == {"level": 3, "top": 20, "name": "ash", "table": ((1.0,),)}  # not what is hidden
    assert answer["message"] == "Level 3." and answer["error"] == "" and answer["limits"] == {"level": (0, 20)}
    assert len(buffers) == 1 and buffers[0].startswith(b"\x89PNG")


def test_when_a_value_changes_then_the_answer_has_its_number_and_only_the_panels_that_changed(widget):
    widget._hear(None, {"ask": True})
    answer, buffers = tell(widget, serial=7, level=5)
    assert answer["serial"] == 7 and answer["message"] == "Level 5."
    assert [panel["key"] for panel in answer["panels"]] == ["square"] and len(buffers) == 1
    answer, buffers = tell(widget, serial=8, name="lead")
    assert answer["serial"] == 8 and [panel["key"] for panel in answer["panels"]] == ["words"] and buffers == []
    assert answer["order"] == ["square", "words"]
    answer, _ = tell(widget, serial=9, name="lead")
    assert answer["panels"] == []


def test_when_the_page_asks_again_then_everything_is_sent_again(widget):
    tell(widget, level=5)
    widget._hear(None, {"ask": True})
    answer, buffers = widget.sent[-1]
    assert len(answer["panels"]) == 2 and len(buffers) == 1 and answer["values"]["level"] == 5


def test_when_a_value_is_taken_as_it_came_then_it_is_not_sent_back(widget):
    answer, _ = tell(widget, level=5)
    assert answer["values"] == {}
    answer, _ = tell(widget, table=[[2, 3]])  # nothing comes between a learner and what is being typed
    assert answer["values"] == {} and widget.values["table"] == ((2.0, 3.0),)


def test_when_a_value_is_corrected_then_the_browser_is_told(widget):
    answer, _ = tell(widget, top=2)
    assert answer["values"] == {"level": 2} and answer["limits"] == {"level": (0, 2)}
    assert widget.values["level"] == 2


def test_when_a_value_is_corrected_to_what_it_was_before_then_the_browser_is_told_too(widget):
    tell(widget, top=2)
    answer, _ = tell(widget, level=9)
    assert answer["values"] == {"level": 2}


@pytest.mark.parametrize(
    ("level", "error", "words"),
    [
        (13, ZeroDivisionError, "This did not work: ZeroDivisionError: bad luck"),
        (14, InputError, "Not 14."),
        (21, InputError, "level is out of range."),
        ("high", InputError, "level is a number."),
    ],
)
def test_when_a_change_goes_wrong_then_it_is_raised_and_told_in_the_widget(widget, level, error, words):
    view, values = widget.view, dict(widget.values)
    with pytest.raises(error):
        tell(widget, serial=4, level=level, name="lead")
    answer, _ = widget.sent[-1]
    assert answer["serial"] == 4 and answer["error"].startswith(words) and widget.error == answer["error"]
    assert widget.view is view and widget.values == values
    # The controls go back to what is shown.
    assert answer["values"] == {"level": 3, "name": "ash"} and answer["message"] == "Level 3."


def test_when_a_good_change_follows_then_the_error_is_gone(widget):
    with pytest.raises(ZeroDivisionError):
        tell(widget, level=13)
    widget._hear(None, {"ask": True})
    assert "bad luck" in widget.sent[-1][0]["error"]
    answer, _ = tell(widget, serial=2, level=12)
    assert answer["error"] == widget.error == "" and answer["message"] == "Level 12."


def test_when_a_panel_cannot_be_sent_then_the_browser_still_gets_an_answer(widget):
    def broken(values, changed):
        return View((Numbers("square", "", np.zeros((1, 1)), "", texts=5),))

    widget._show = broken
    with pytest.raises(TypeError):
        tell(widget, serial=3, level=5)
    answer, _ = widget.sent[-1]
    assert answer["serial"] == 3 and "TypeError" in answer["error"] and widget.values["level"] == 3


def test_when_a_name_is_unknown_then_the_browser_and_the_caller_learn_it(widget):
    with pytest.raises(UnknownNameError, match="Did you mean 'level'"):
        tell(widget, levle=5)
    assert "levle" in widget.sent[-1][0]["error"]
    with pytest.raises(UnknownNameError):
        widget.set(levle=5)


def test_when_a_value_is_set_in_python_then_the_browser_follows(widget):
    widget._hear(None, {"ask": True})
    widget.set(level=6)
    answer, buffers = widget.sent[-1]
    assert answer["serial"] == 0 and answer["values"]["level"] == 6 and len(buffers) == 1
    assert [panel["key"] for panel in answer["panels"]] == ["square"]


def test_when_a_value_set_in_python_is_wrong_then_nothing_is_sent_and_nothing_changes(widget):
    view = widget.view
    with pytest.raises(ZeroDivisionError):
        widget.set(level=13)
    assert widget.sent == [] and widget.view is view and widget.values["level"] == 3


def test_when_nobody_looks_then_nothing_is_made_for_a_browser():
    explorer = grey_square()
    explorer.set(level=6)
    assert explorer._front is None and explorer.view.message == "Level 6."


def test_when_a_value_changes_then_show_gets_the_names_of_what_changed():
    seen = []

    def spy(values, changed):
        seen.append((dict(values), changed))
        return show(values, changed)

    explorer = Explorer("Spy", grey_square()._controls.values(), spy)
    explorer.set(level=5, name="lead")
    assert seen[0][1] == frozenset() and seen[1][1] == {"level", "name"}
    assert seen[1][0] == {"level": 5, "top": 20, "name": "lead", "table": ((1.0,),), "at": (0, 0)}


def test_when_the_first_view_corrects_a_value_then_that_is_the_first_value():
    controls = (
        Slider("level", "level", 9, 0, 20),
        Slider("top", "top", 4, 0, 20),
        *[Choice("name", "", "ash", ("ash",))],
    )
    explorer = Explorer("Grey square", (*controls, Hidden("at", (0, 0))), show)
    assert explorer.values["level"] == 4


def test_when_the_front_is_made_then_it_knows_controls_and_the_first_view():
    explorer = grey_square()
    explorer.set(level=8)
    spec = explorer.front().spec
    assert spec["title"] == "Grey square"
    assert [control["name"] for control in spec["controls"]] == ["level", "top", "name", "table"]
    first = spec["first"]
    assert first["values"]["level"] == 8 and first["limits"] == {"level": (0, 20)}
    assert first["order"] == ["square", "words"] and first["message"] == "Level 8."
    assert first["panels"][0]["png"].startswith(b"\x89PNG")
    assert explorer.front() is explorer.front()


def test_when_there_are_states_for_the_still_then_all_of_them_are_drawn_and_described():
    explorer = grey_square(stills=({"level": 5}, {"level": 6, "at": (1, 1)}))
    text = alt_text(explorer.still())
    assert "level: 5. table: 1. square: level 5. ash at (0, 0). Level 5." in text
    assert "level: 6. table: 1. square: level 6. ash at (1, 1). Level 6." in text
    assert explorer.values["level"] == 3  # the widget itself has not moved


def test_when_weights_can_be_edited_then_the_still_has_them_as_a_table():
    explorer = grey_square()
    explorer.set(table=((2, -0.5),))
    assert "table: 2, -0.5." in alt_text(explorer.still())


def test_when_a_widget_is_printed_then_it_is_in_words():
    assert repr(grey_square()).startswith("<Grey square: square: level 3.")


def in_a_kernel(monkeypatch, answer=True):
    monkeypatch.setattr(module, "in_kernel", lambda: answer)


@pytest.mark.parametrize(
    ("kernel", "wanted", "live"),
    [
        (True, "auto", True),
        (True, "live", True),
        (True, "still", False),
        (False, "auto", False),
        (False, "live", False),
    ],
)
def test_when_in_a_kernel_then_widgets_are_live_unless_stills_are_wanted(monkeypatch, kernel, wanted, live):
    in_a_kernel(monkeypatch, kernel)
    monkeypatch.setenv("COURSE_WIDGETS", wanted)
    assert is_live() is live


def test_when_the_packages_are_missing_then_stills_are_shown_and_live_is_an_error(monkeypatch):
    in_a_kernel(monkeypatch)
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda name: None if name == "anywidget" else object())
    assert is_live() is False
    monkeypatch.setenv("COURSE_WIDGETS", "live")
    with pytest.raises(CourseError, match="pip install anywidget"):
        is_live()


def test_when_a_widget_is_live_then_a_still_stands_beside_it(monkeypatch):
    in_a_kernel(monkeypatch)
    explorer = grey_square()
    data, metadata = explorer._repr_mimebundle_()
    assert data[VIEW]["model_id"] == explorer.front().model_id
    assert (
        data["text/html"].startswith("<img alt=") and data["image/png"] and data["text/plain"].startswith("Grey square")
    )
    assert metadata["image/png"]["alt"] == data["text/plain"]


def test_when_a_widget_is_still_then_there_is_no_widget_at_all(monkeypatch):
    in_a_kernel(monkeypatch)
    monkeypatch.setenv("COURSE_WIDGETS", "still")
    explorer = grey_square()
    data, _ = explorer._repr_mimebundle_()
    assert VIEW not in data and set(data) == {"text/html", "image/png", "text/plain"}
    assert explorer._front is None


@pytest.fixture
def colab(monkeypatch):
    """Stands for Colab: counts how often widgets of others were allowed."""
    import anywidget._util

    output = types.ModuleType("google.colab.output")
    output.calls = 0
    output._widgets = types.SimpleNamespace(_installed_url=None)

    def enable():
        output.calls += 1
        output._widgets._installed_url = "manager.js"

    output.enable_custom_widget_manager = enable
    package = types.ModuleType("google.colab")
    package.output = output
    for name, fake in {"google.colab": package, "google.colab.output": output}.items():
        monkeypatch.setitem(sys.modules, name, fake)
    once = getattr(anywidget._util, "enable_custom_widget_manager_once", None)
    clear = getattr(once, "cache_clear", lambda: None)
    clear()
    yield output
    clear()


def test_when_on_colab_then_its_widget_manager_is_enabled_and_named(colab, monkeypatch):
    in_a_kernel(monkeypatch)
    explorer = grey_square()
    assert colab.calls == 0
    _, metadata = explorer._repr_mimebundle_()
    assert colab.calls >= 1
    colab.calls = 0
    module._allow_widgets_on_colab()  # also where anywidget is too old to do it
    assert colab.calls == 1
    assert metadata[VIEW] == {"colab": {"custom_widget_manager": {"url": "manager.js"}}}


def test_when_on_colab_and_still_then_nothing_is_enabled(colab, monkeypatch):
    in_a_kernel(monkeypatch)
    monkeypatch.setenv("COURSE_WIDGETS", "still")
    grey_square()._repr_mimebundle_()
    assert colab.calls == 0


@pytest.mark.parametrize(
    "picture",
    [
        None,
        "boot",
        np.zeros((2, 8, 8, 1)),
        np.zeros((8, 8, 2)),
        np.zeros((0, 3)),
        np.ones((3, 3), complex),
        [[1], [1, 2]],
    ],
)
def test_when_a_picture_is_none_then_the_argument_is_named(picture):
    with pytest.raises(InputError, match="photo is one picture"):
        require_picture(picture, "photo")


def test_when_several_pictures_are_given_then_the_error_says_how_to_take_one():
    with pytest.raises(InputError, match=r"photo=data.test.images\[0\]"):
        require_picture(np.zeros((2, 8, 8, 1)), "photo")


def test_when_widgets_are_listed_then_each_is_there_and_documented():
    assert (
        cu.widgets.__all__ == sorted(cu.widgets._HOME) == [name for name in dir(cu.widgets) if name in cu.widgets._HOME]
    )
    for name in cu.widgets.__all__:
        assert getattr(cu.widgets, name).__doc__


def test_when_a_widget_does_not_exist_then_the_nearest_is_suggested():
    with pytest.raises(AttributeError, match=r"did you mean 'cu.widgets.kernel_explorer'"):
        cu.widgets.kernel_explore  # noqa: B018


def test_when_a_widget_is_made_then_no_front_end_is_imported():
    import subprocess

    code = """
import sys, course_utils as cu
cu.widgets.kernel_explorer().set(preset="sharpen")
print([name for name in ("anywidget", "ipywidgets", "tensorflow", "matplotlib.pyplot") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr
