"""Naming the fault in a break-it lab."""

import pytest

import course_utils as cu
from course_utils.errors import UnknownNameError
from course_utils.exercises import labs
from course_utils.exercises.feedback import NotAttempted, NotYet
from course_utils.exercises.labs import judge_fault

EVIDENCE = {"a": ("unscaled", "Then the loss would be huge."), "c": ("shuffled", "Then nothing would be learned.")}


def judge(answer):
    judge_fault(answer, "b", EVIDENCE, hint="Look at the histogram.", stronger="At its right end.")


@pytest.mark.parametrize("answer", ["b", "B", " b) the second", "(b)", "**b**", "b, a slip", "b) a and c are not it"])
def test_when_the_fault_is_named_by_its_letter_then_it_passes(answer):
    judge(answer)


def test_when_another_suspect_is_named_then_the_evidence_against_it_is_told():
    with pytest.raises(NotYet) as problem:
        judge("C. shuffled")
    assert problem.value.misconception == "shuffled"
    assert problem.value.meaning == "Then nothing would be learned."
    assert (problem.value.hint, problem.value.stronger) == ("Look at the histogram.", "At its right end.")


@pytest.mark.parametrize("answer", ["bad labels", "d", "", 2, None, ["b"], "b or c", "b, c", "b/a", "b c", "b and a"])
def test_when_it_is_no_suspect_then_the_letters_are_listed(answer):
    with pytest.raises(NotYet, match="a, b, c") as problem:
        judge(answer)
    assert problem.value.misconception == "no-such-suspect"


def test_when_nothing_is_named_then_it_is_not_attempted():
    with pytest.raises(NotAttempted):
        judge(...)


def test_when_a_lab_is_asked_for_then_it_is_made_from_what_is_given(monkeypatch):
    monkeypatch.setattr(labs, "_labs", {})
    monkeypatch.setattr(labs, "_all_labs", lambda: sorted(labs._labs))
    made = labs.lab("07")(lambda *ingredients, **others: (ingredients, others))
    assert cu.break_it("07", "data", epochs=3) == made("data", epochs=3) == (("data",), {"epochs": 3})


@pytest.mark.parametrize("number", ["99", 7, "7", None])
def test_when_there_is_no_such_lab_then_those_that_exist_are_named(number, monkeypatch):
    monkeypatch.setattr(labs, "_labs", {"07": list})
    monkeypatch.setattr(labs, "_all_labs", lambda: sorted(labs._labs))
    with pytest.raises(UnknownNameError, match="no break-it lab called") as caught:
        cu.break_it(number)
    assert "07" in str(caught.value)
