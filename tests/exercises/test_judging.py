import functools
import time

import numpy as np
import pytest

from course_utils.exercises.feedback import NotAttempted, NotYet
from course_utils.exercises.judging import Mistake, is_stub, judge_function, judge_value, outcomes_of, require_attempt

CASES = [(np.array([[1.0, -2.0, 3.0], [4.0, 5.0, -6.0]]),), (np.array([[0.5, 7.0], [1.0, 1.0], [2.0, 9.0]]),)]
MISTAKES = (
    Mistake("columns", lambda table: table.sum(axis=0), "These are the sums of the columns.", "Which axis?", "axis=1"),
    Mistake("absolute", lambda table: abs(table).sum(axis=1), "The signs are lost.", "Look at the signs."),
    Mistake("cannot", lambda table: {}["missing"] if len(table) > 2 else table, "Never meant."),
)


def right(table):
    return table.sum(axis=1)


def judge(answer, **others):
    return judge_function(answer, right, CASES, MISTAKES, what="Your row_sums", names=("table",), **others)


def refused(answer, **others):
    with pytest.raises(NotYet) as caught:
        judge(answer, **others)
    return caught.value


def stub(table):
    """Sum the rows."""
    ...  # noqa: PIE790


def stub_pass(table):
    pass


def half_done(table):
    total = ...
    return total  # noqa: RET504


def loops(table):
    return [sum(float(value) for value in row) for row in table]


@pytest.mark.parametrize(
    "answer", [stub, stub_pass, half_done, ..., lambda table: ..., [...], {"a": ..., "b": ...}, (..., ...)]
)
def test_when_nothing_is_filled_in_then_it_is_not_attempted(answer):
    with pytest.raises(NotAttempted):
        judge(answer)


@pytest.mark.parametrize("answer", [loops, len, functools.partial(stub, 1), "x", 3, None, lambda x: x, lambda: 3, int])
def test_when_there_is_something_then_it_is_no_stub(answer):
    assert not is_stub(answer)


def test_when_only_some_values_are_filled_in_then_the_open_ones_are_named():
    for answer, words in [({"a": 1, "b": ...}, "Still open: b."), ((1, ..., ...), "Still open: number 2, number 3.")]:
        with pytest.raises(NotYet, match=words) as caught:
            require_attempt(answer)
        assert caught.value.misconception == "incomplete"


@pytest.mark.parametrize(
    "answer",
    [right, loops, np.vectorize(sum, signature="(n)->()"), lambda table: tuple(table.sum(axis=1).astype("float32"))],
    ids=["vectorised", "loops", "numpy", "tuple of float32"],
)
def test_when_it_is_right_in_whatever_form_then_it_passes(answer):
    assert judge(answer) == ""


def test_when_it_is_right_and_prints_then_that_is_returned():
    assert judge(lambda table: print(table.shape) or right(table)) == "(2, 3)\n(3, 2)\n"


def test_when_all_results_are_those_of_a_mistake_then_it_is_named():
    problem = refused(lambda table: list(table.sum(axis=0)))
    assert (problem.misconception, problem.hint, problem.stronger) == ("columns", "Which axis?", "axis=1")
    assert "shape (3,), expected (2,)" in problem.seen
    assert refused(lambda table: np.abs(table).sum(1)).misconception == "absolute"


def test_when_a_pair_of_numbers_is_that_of_a_mistake_then_both_are_told():
    swapped = Mistake("swapped", lambda low, high: (high, low), "They have changed places.")
    with pytest.raises(NotYet) as problem:
        judge_function(lambda low, high: [high, low], lambda low, high: (low, high), [(1, 2.5)], [swapped])
    assert problem.value.misconception == "swapped"
    assert problem.value.seen == "Your function returned 2.5 and 1, expected 1 and 2.5."


def test_when_only_some_results_are_those_of_a_mistake_then_it_is_not_blamed():
    problem = refused(lambda table: table.sum(axis=0 if len(table) == 2 else 1))
    assert problem.misconception == "wrong-shape"


def test_when_a_mistake_cannot_answer_an_input_then_it_is_not_blamed():
    assert refused(lambda table: table).misconception == "wrong-shape"


def test_when_inputs_are_described_then_it_is_said_for_which_it_is_right():
    problem = refused(lambda table: right(table) + (len(table) > 2), describe=lambda case: f"{len(case[0])} rows")
    assert problem.seen.startswith("Right for 2 rows. For 3 rows: the shape (3,) is right, but 3 of 3")


@pytest.mark.parametrize(
    ("answer", "misconception", "words"),
    [
        (lambda table: None or print("x"), "returns-nothing", "returned nothing"),
        (lambda table: 1 / 0, "raises", "ZeroDivisionError in line"),
        (lambda: 3, "raises", "takes 0 positional arguments but 1 was given."),
        (lambda table: exit(), "raises", "SystemExit"),
        (lambda table: input(), "raises", "keyboard"),
        (lambda table: table.sum(axis=1) * np.nan, "nan", "NaN"),
        (lambda table: (sum(row) for row in table), "generator", "a generator"),
        (lambda table: ... + 1, "incomplete", "still has a `...`"),
        (lambda table: "six", "wrong-type", "the text 'six'"),
        (np.ones(3), "not-a-function", "an array (3,) of float64"),
        (3, "not-a-function", "the number 3"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_when_it_goes_wrong_in_another_way_then_that_is_told(answer, misconception, words):
    problem = refused(answer)
    assert problem.misconception == misconception and problem.hint
    assert words in problem.seen


def test_when_an_exception_cannot_speak_then_it_is_still_told():
    class Mute(Exception):
        def __str__(self):
            raise RuntimeError

    def answer(table):
        raise Mute

    assert "Mute" in refused(answer).seen and "no message" in refused(answer).seen


def test_when_it_never_ends_then_the_limit_is_told():
    def endless(table):
        while True:
            pass

    problem = refused(endless, limit=0.2)
    assert problem.misconception == "endless" and "0.2 seconds" in problem.seen


def test_when_it_changes_its_input_then_the_argument_is_named_and_the_mistake_functions_see_the_original():
    def changing(table):
        result = right(table)
        table[0, 0] = 99
        return result

    problem = refused(changing)
    assert problem.misconception == "input-changed" and "your row_sums changes `table`" in problem.seen
    assert CASES[0][0][0, 0] == 1


def test_when_the_reference_itself_changes_its_arguments_then_no_answer_suffers():
    def careless(table):
        table -= 1
        return table.sum(axis=1)

    cases = [(np.ones((2, 2)),)]
    mistake = Mistake("other", careless, "")
    assert judge_function(lambda table: (table - 1).sum(axis=1), careless, cases, [mistake]) == ""
    assert cases[0][0].sum() == 4


def test_when_a_wrong_answer_printed_then_the_feedback_has_it():
    assert refused(lambda table: print("hello")).printed == "hello\n" * 2


def test_when_several_results_are_returned_then_they_are_compared_one_by_one():
    def split(values):
        return values[:2], values[2:]

    cases = [(np.arange(5),), (np.arange(7),)]
    assert judge_function(lambda values: [values[:2], list(values[2:])], split, cases) == ""
    with pytest.raises(NotYet) as caught:
        judge_function(lambda values: (values[:3], values[3:]), split, cases)
    assert caught.value.misconception == "wrong-value"


def test_when_the_tolerance_is_fine_then_a_small_difference_is_told():
    with pytest.raises(NotYet) as caught:
        judge_function(lambda x: x + 1e-5, lambda x: x, [(np.ones(3),)], tolerance=1e-7)
    assert "3 of 3 values are not" in caught.value.seen and "1.00001, expected 1." in caught.value.seen


def test_when_an_honest_answer_is_judged_then_quickly():
    began = time.process_time()
    judge(loops)
    assert time.process_time() - began < 1


SIZES = (
    Mistake("same", (28, 28), "That is 'same' padding.", "Which padding?"),
    Mistake("channels", lambda value: len(value) == 3, "Three numbers.", "Two are enough."),
)


@pytest.mark.parametrize("answer", [(26, 26), [26, 26], np.array([26, 26]), (26.0, np.float32(26))])
def test_when_a_value_is_right_in_whatever_form_then_it_passes(answer):
    assert judge_value(answer, (26, 26), SIZES) is None


@pytest.mark.parametrize(
    ("answer", "wanted", "misconception", "words"),
    [
        ([28, 28.0], (26, 26), "same", "Your answer is [28, 28]."),
        ((26, 26, 1), (26, 26), "channels", "(26, 26, 1)"),
        ((27, 27), (26, 26), "wrong-value", "Your answer is (27, 27); that is not it."),
        (27, (26, 26), "wrong-value", "is 27"),
        (None, (26, 26), "wrong-value", "is None"),
        ("26", 26, "wrong-type", "Expected a number, received the text '26'"),
        (len, 26, "wrong-type", "Expected a number, received the function len"),
        ("(26, 26)", (26, 26), "wrong-type", "Expected a value, received the text"),
        (3, "padding", "wrong-type", "Expected text in quotes, received the number 3"),
        ("stride", "padding", "wrong-value", "'stride'"),
        ({"a": 1, "b": 3}, {"a": 1, "b": 2}, "some-wrong", "1 of 2 is right. Not yet: b."),
        ({"a": 1}, {"a": 1, "b": 2}, "wrong-type", "'a', 'b'"),
        (3, {"a": 1}, "wrong-type", "dictionary"),
    ],
    ids=repr,
)
def test_when_a_value_is_wrong_then_it_is_said_how(answer, wanted, misconception, words):
    with pytest.raises(NotYet) as caught:
        judge_value(answer, wanted, SIZES, hint="Once more.")
    assert caught.value.misconception == misconception and caught.value.hint
    assert words in caught.value.seen


def test_when_a_value_is_text_then_case_and_spaces_do_not_matter():
    judge_value(" Padding", "padding")
    with pytest.raises(NotAttempted):
        judge_value(..., "padding")


def test_when_many_answers_are_right_then_the_outcomes_are_handed_on():
    outcomes = outcomes_of(right, CASES)
    assert [outcome.value.tolist() for outcome in outcomes] == [[2.0, 3.0], [7.5, 2.0, 11.0]]


def test_when_one_call_of_many_fails_then_it_is_told_with_what_was_printed():
    def answer(table):
        print("so far")
        return table[2]

    with pytest.raises(NotYet, match="Your function raised IndexError") as caught:
        outcomes_of(answer, CASES)
    assert caught.value.misconception == "raises" and caught.value.printed == "so far\nso far\n"


@pytest.mark.parametrize(("answer", "misconception"), [(3, "not-a-function"), (lambda table: time.sleep(9), "endless")])
def test_when_there_are_no_outcomes_then_it_is_said_why(answer, misconception):
    with pytest.raises(NotYet) as caught:
        outcomes_of(answer, CASES, limit=0.1)
    assert caught.value.misconception == misconception


@pytest.mark.parametrize("answer", [..., lambda table: ...])
def test_when_a_function_gives_nothing_but_gaps_then_it_is_not_attempted(answer):
    with pytest.raises(NotAttempted):
        outcomes_of(answer, CASES)
