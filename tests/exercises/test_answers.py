"""Every check is tried on right answers of several kinds, and on wrong ones: each must get its own diagnosis."""

import inspect
import time
from collections import Counter

import pytest
from exercise_answers import all_right, all_wrong, examine

from course_utils.exercises.registry import exercises, find_exercise


def _label(value):
    return getattr(value, "misconception", None) or getattr(value, "__name__", None)


@pytest.mark.parametrize(("name", "answer"), all_right(), ids=_label)
def test_when_the_answer_is_right_in_whatever_way_then_it_passes(name, answer):
    feedback = examine(find_exercise(name), answer)
    assert feedback.passed, feedback.text()
    assert feedback.why


@pytest.mark.parametrize(("name", "wrong"), all_wrong(), ids=_label)
def test_when_the_answer_is_wrong_then_its_misconception_is_named(name, wrong):
    feedback = examine(find_exercise(name), wrong.answer)
    assert (feedback.verdict, feedback.misconception) == ("not yet", wrong.misconception), feedback.text()
    assert feedback.hint, "a failed try deserves a hint"


@pytest.mark.parametrize("name", exercises())
def test_every_exercise_has_right_answers_and_at_least_three_misconceptions(name):
    right = Counter(own for own, _ in all_right())
    wrong = {(own, answer.misconception) for own, answer in all_wrong()}
    assert right[name] >= 1
    assert sum(own == name for own, _ in wrong) >= 3


@pytest.mark.parametrize("name", exercises())
def test_when_nothing_is_filled_in_then_it_is_not_attempted(name):
    item = find_exercise(name)
    wanted = inspect.signature(item.judge).parameters.values()
    gaps = [... for parameter in wanted if parameter.default is parameter.empty]
    assert item.examine(*gaps).verdict == "not attempted"


@pytest.mark.parametrize(("name", "answer"), all_right(), ids=_label)
def test_a_check_takes_less_than_a_second(name, answer):
    item = find_exercise(name)
    examine(item, answer)  # the first call may import something
    times = []
    for _ in range(2):
        began = time.process_time()
        examine(item, answer)
        times.append(time.process_time() - began)
    assert min(times) < 1
