"""Controls: what comes back from the browser is checked, whatever it is."""

import json

import numpy as np
import pytest

from course_utils.errors import InputError, UnknownNameError
from course_utils.widgets.controls import Action, Choice, Drawing, Hidden, Slider, Toggle, Weights

STRIDE = Slider("stride", "stride", 1, 1, 3)
STRENGTH = Slider("strength", "strength", 0.5, 0.0, 1.0, 0.1)
WEIGHTS = Weights("kernel", "weights", ((0, 1), (2, 3)))
PNG = "data:image/png;base64,"
CONTROLS = (
    STRIDE,
    STRENGTH,
    WEIGHTS,
    Choice("kind", "kind", "max", ("max", "mean")),
    Toggle("on", "on"),
    Action("again", "again"),
    Drawing("sheet", "sheet"),
)


@pytest.mark.parametrize(
    ("slider", "value", "accepted"),
    [(STRIDE, 2, 2), (STRIDE, 3.0, 3), (STRIDE, np.int64(2), 2), (STRENGTH, 0.3, 0.3), (STRENGTH, 1, 1.0)],
)
def test_when_a_slider_gets_a_number_then_it_is_whole_or_not_as_its_steps_are(slider, value, accepted):
    got = slider.accept(value)
    assert got == accepted and type(got) is type(accepted)


@pytest.mark.parametrize("value", [float("nan"), True, np.True_, "2", None, [2], 1j, np.complex64(2)])
def test_when_a_slider_gets_no_number_then_the_error_says_so(value):
    with pytest.raises(InputError, match="stride is a number"):
        STRIDE.accept(value)


@pytest.mark.parametrize("value", [0, 4, -1, float("inf"), -float("inf"), 10**400, 1e300])
def test_when_a_number_is_out_of_range_then_the_error_has_the_range(value):
    with pytest.raises(InputError, match="1 to 3") as caught:
        STRIDE.accept(value)
    assert len(str(caught.value)) < 250


def test_when_a_slider_of_whole_steps_gets_a_half_then_the_error_says_so():
    with pytest.raises(InputError, match="stride is a whole number"):
        STRIDE.accept(1.5)


def test_when_a_choice_is_none_of_the_options_then_they_are_listed():
    choice = CONTROLS[3]
    assert choice.accept("mean") == "mean"
    with pytest.raises(UnknownNameError, match="mean, max"):
        choice.accept("min")


@pytest.mark.parametrize("value", [None, 3, ["max"], np.array(["max", "mean"]), "x" * 5_000_000, float("nan")])
def test_when_a_choice_is_no_word_at_all_then_the_error_is_short(value):
    with pytest.raises(UnknownNameError) as caught:
        CONTROLS[3].accept(value)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("value", [True, False, np.True_])
def test_when_a_toggle_is_used_then_it_is_true_or_false(value):
    assert CONTROLS[4].accept(value) is bool(value)


@pytest.mark.parametrize("value", [1, 0, "True", None, float("nan"), []])
def test_when_a_toggle_gets_something_else_then_the_error_says_so(value):
    with pytest.raises(InputError, match="on is True or False"):
        CONTROLS[4].accept(value)


@pytest.mark.parametrize("value", [-1, True, 1.0, "1", None, float("nan")])
def test_when_a_button_was_pressed_no_number_of_times_then_the_error_says_so(value):
    assert CONTROLS[5].accept(2) == 2
    with pytest.raises(InputError, match="how often"):
        CONTROLS[5].accept(value)


@pytest.mark.parametrize("value", [[[1, 2.5]], ((1, 2.5),), np.array([[1, 2.5]], "float32")])
def test_when_a_table_is_edited_then_it_becomes_tuples_of_floats(value):
    assert WEIGHTS.accept(value) == ((1.0, 2.5),)


@pytest.mark.parametrize(
    "value",
    [
        [1, 2],
        [[1, 2], [3]],
        [[[1]]],
        [],
        [[]],
        "kernel",
        [["1", "2"]],
        [[None, 1]],
        [[True, False]],
        None,
        5,
        [[10**400]],
        [[1j]],
        {"a": 1},
    ],
)
def test_when_a_table_is_nested_wrong_or_holds_no_numbers_then_the_error_says_what_it_is(value):
    with pytest.raises(InputError, match="weights is a table of numbers, all rows equally long"):
        WEIGHTS.accept(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e7, -1e300])
def test_when_a_weight_is_not_finite_or_too_large_then_the_error_says_how_large_it_may_be(value):
    with pytest.raises(InputError, match="1,000,000"):
        WEIGHTS.accept([[0, value]])


def test_when_a_drawing_comes_then_it_is_a_png_of_a_bearable_size():
    sheet = CONTROLS[6]
    assert sheet.accept("") == "" and sheet.accept(PNG + "AAAA") == PNG + "AAAA"
    for wrong in (None, 3, "data:image/svg+xml;base64,AAAA", "javascript:alert(1)", b"\x89PNG", ["x"], float("nan")):
        with pytest.raises(InputError, match="PNG data URL"):
            sheet.accept(wrong)
    with pytest.raises(InputError, match="too large") as caught:
        sheet.accept(PNG + "A" * 5_000_000)
    assert len(str(caught.value)) < 250


def test_when_something_is_selected_then_it_is_whole_numbers():
    cell = Hidden("cell", (0, 0))
    assert cell.accept([1, 2]) == (1, 2) and cell.accept(np.int64(3)) == 3 and type(cell.accept(np.int64(3))) is int
    for wrong in ([], [1.5, 2], "12", None, [True, 1], [[1, 2]], float("nan"), 2.0):
        with pytest.raises(InputError, match="cell is a whole number"):
            cell.accept(wrong)


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.kind)
def test_when_a_control_is_sent_then_it_is_json_and_has_all_that_any_control_has(control):
    content = json.loads(json.dumps(control.content()))
    assert {"name", "kind", "label", "value"} <= set(content)
    assert content["kind"] == control.kind


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.kind)
def test_when_a_control_has_its_first_value_then_it_accepts_it(control):
    assert control.accept(control.value) == control.value


def test_when_a_slider_has_words_or_a_play_button_then_the_browser_learns_it():
    slider = Slider("level", "level", 0, 0, 2, texts=("low", "middle", "high"), play=500)
    assert slider.content()["texts"] == ["low", "middle", "high"] and slider.content()["play"] == 500
    assert STRIDE.content()["texts"] is None
