import builtins
import sys
import threading
import time

import numpy as np
import pytest

from course_utils.exercises import calling
from course_utils.exercises.calling import call, copies, overdue


def only(function, *case, limit=0.2):
    """The outcome of one call, and what was printed."""
    (outcome,), printed = call(function, [case], limit)
    return outcome, printed


def left_behind(seconds=3):
    """The threads of answers that still run; they get a moment to end."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = [thread for thread in threading.enumerate() if thread.name == "answer" and thread.is_alive()]
        if not found:
            return []
        found[0].join(0.05)
    return found


def endless():
    while True:
        pass


def endless_in_finally():
    while True:
        try:
            int("1")
        finally:
            int("2")


def swallowing():
    number = 0
    while True:
        try:
            for one in range(100_000):
                number += one
        except:  # noqa: E722 - as learners write it
            pass


def swallowing_around_calls():
    while True:
        try:  # noqa: SIM105
            time.sleep(0.01)
        except BaseException:  # noqa: BLE001
            pass


def test_when_it_returns_then_there_is_one_outcome_per_case():
    outcomes, printed = call(lambda a, b: a + b, [(1, 2), (3, 4)])
    assert [outcome.value for outcome in outcomes] == [3, 7] and printed == ""
    assert not any(outcome.late or outcome.error or outcome.changed for outcome in outcomes)


@pytest.mark.parametrize("function", [endless, endless_in_finally, swallowing])
def test_when_a_loop_never_ends_then_it_is_late_and_no_thread_is_left(function):
    assert only(function)[0].late
    assert left_behind() == []


def test_when_a_loop_swallows_every_exception_around_a_call_then_it_is_late():
    began = time.monotonic()
    assert only(swallowing_around_calls)[0].late
    assert time.monotonic() - began < 10
    if sys.version_info[:2] != (3, 12):  # there it can survive, see _Worker.stop
        assert left_behind() == []


def test_when_a_thread_was_stopped_then_it_dies_without_a_word(capfd):
    only(swallowing)
    left_behind()
    assert capfd.readouterr() == ("", "")


def test_when_only_a_later_case_never_ends_then_the_first_ones_count():
    outcomes, _ = call(lambda n: n if n < 2 else endless(), [(0,), (1,), (2,), (3,)], 0.2)
    assert [outcome.value for outcome in outcomes] == [0, 1, None, None]
    assert [outcome.late for outcome in outcomes] == [False, False, True, True]


def test_when_it_sleeps_then_waiting_for_it_ends_soon_after_the_limit():
    stopped = threading.Event()
    began = time.monotonic()
    assert only(stopped.wait, 60)[0].late
    assert time.monotonic() - began < 5
    stopped.set()
    assert left_behind() == []


@pytest.mark.parametrize(
    ("passed", "computed", "late"),
    [
        (1.9, 1.9, False),
        (2.1, 2.1, True),  # computes all the time
        (8.0, 1.5, False),  # a busy machine
        (10.1, 1.5, True),  # too busy to go on waiting
        (2.1, 0.0, True),  # sleeps
        (3.9, None, False),  # nothing is known: patience
        (4.1, None, True),
    ],
)
def test_when_the_machine_is_busy_then_what_counts_is_the_time_computed(passed, computed, late):
    assert overdue(passed, computed, 2) is late


def test_when_it_gets_little_of_a_busy_processor_then_a_right_answer_is_not_late(monkeypatch):
    began = time.monotonic()
    monkeypatch.setattr(calling, "cpu_clock", lambda: lambda: 0.3 * (time.monotonic() - began))
    outcome, _ = only(lambda: time.sleep(0.3) or "done", limit=0.15)
    assert outcome.value == "done"


@pytest.mark.parametrize("clock", [calling.cpu_clock, calling._listed_clock])
@pytest.mark.skipif(sys.platform == "darwin", reason="threads cannot be told apart there")
def test_when_a_thread_computes_then_its_clock_goes_on_and_stands_still_while_it_sleeps(clock):
    read = clock()
    end = time.thread_time() + 0.1
    while time.thread_time() < end:
        pass
    worked = read()
    time.sleep(0.1)
    assert worked > 0.05
    assert read() - worked < 0.05


def test_when_the_time_of_a_thread_cannot_be_known_then_the_wall_clock_counts(monkeypatch):
    monkeypatch.setattr(calling, "cpu_clock", lambda: None)
    began = time.monotonic()
    assert only(endless)[0].late
    assert 0.4 <= time.monotonic() - began < 5


def test_when_it_asks_at_the_keyboard_then_that_is_an_error_and_input_is_as_before():
    before = builtins.input
    outcome, _ = only(lambda: input("How many? "))
    assert "keyboard" in str(outcome.error) and builtins.input is before


def test_when_it_calls_exit_then_that_is_an_error():
    assert isinstance(only(lambda: sys.exit(1))[0].error, SystemExit)
    assert isinstance(only(lambda: exec("raise KeyboardInterrupt"))[0].error, KeyboardInterrupt)


def test_when_it_prints_megabytes_then_the_beginning_is_kept():
    outcome, printed = only(lambda: [print("x" * 1000) for _ in range(3000)] and "done", limit=2)
    assert outcome.value == "done" and len(printed) == 10_000 and set(printed) == {"x", "\n"}


def test_when_it_prints_then_nothing_reaches_the_learners_screen(capfd):
    def chatty():
        print("out")
        print("err", file=sys.stderr)

    assert only(chatty)[1] == "out\nerr\n"
    assert capfd.readouterr() == ("", "")


def test_when_it_calls_itself_forever_then_it_is_a_recursion_error():
    def deeper(n):
        return deeper(n + 1)

    outcome, _ = only(deeper, 0, limit=2)
    assert isinstance(outcome.error, RecursionError) and outcome.line is not None


def test_when_it_raises_then_the_line_of_its_own_cell_is_told():
    names = {}
    exec(compile("import json\n\ndef f(x):\n    y = x\n    return json.loads(y)", "<cell>", "exec"), names)
    outcome, _ = only(names["f"], "{")
    assert isinstance(outcome.error, ValueError) and outcome.line == 5


def fill(image):
    image[:] = 0
    return image


@pytest.mark.parametrize(
    ("function", "argument"),
    [
        (fill, np.ones((2, 2))),
        (lambda values: values.append(3), [1, 2]),
        (lambda values: fill(values[0]), [np.ones(2), np.ones(3)]),
        (lambda values: fill(values[0]), (np.ones(2), 1)),
        (lambda values: values.update(a=[]), {"a": [1]}),
        (lambda values: fill(values["a"]), {"a": np.ones(3)}),
    ],
    ids=["array", "list", "arrays in a list", "array in a tuple", "mapping", "array in a mapping"],
)
def test_when_it_changes_its_input_then_that_is_noticed_and_ours_is_as_before(function, argument):
    before = repr(argument)
    outcomes, _ = call(lambda other, given: function(given), [(1, argument), (2, argument)])
    assert [outcome.changed for outcome in outcomes] == [(1,), (1,)]
    assert repr(argument) == before


def test_when_it_changes_nothing_then_nothing_is_noticed():
    cases = [
        ([np.ones(2), np.ones(3)], np.array([np.nan]), float("nan"), {"a": float("nan")}, np.random.default_rng(0))
    ]
    (outcome,), _ = call(lambda a, b, c, d, rng: rng.random(), cases)
    assert outcome.error is None and not outcome.late and outcome.changed == ()


def test_when_an_argument_is_a_random_generator_then_every_call_gets_it_fresh():
    case = (np.random.default_rng(5),)
    outcomes, _ = call(lambda rng: rng.random(), [case, case])
    assert outcomes[0].value == outcomes[1].value == copies(case)[0].random()


def test_when_a_generator_is_returned_then_nothing_of_it_is_run():
    def promise():
        yield 1 / 0

    outcome, _ = only(promise)
    assert outcome.error is None and next(iter([outcome.value])) is outcome.value


def test_when_it_leaves_threads_behind_then_the_call_is_over():
    stop = threading.Event()
    outcome, _ = only(lambda: threading.Thread(target=stop.wait, daemon=True).start())
    stop.set()
    assert outcome.error is None and not outcome.late


def test_when_the_waiting_is_interrupted_then_the_answer_is_stopped_too(monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(calling, "_wait", interrupt)
    with pytest.raises(KeyboardInterrupt):
        only(endless)
    assert left_behind() == []


def test_when_the_fault_is_our_own_then_it_is_raised_and_not_taken_for_a_slow_answer():
    class Odd(list):
        def __len__(self):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        call(lambda odd: odd, [(Odd(),)])
