import signal
import subprocess
import sys

import optuna
import pytest
from optuna.trial import TrialState

from course_utils.errors import InputError, StudyError
from course_utils.tuning import run_study, tuning_study
from course_utils.tuning.running import as_value, counted, describe_error
from course_utils.tuning.studies import journal_path

WORKER = """
import os, time
from course_utils.tuning import run_study, tuning_study

def objective(trial):
    x = trial.suggest_float("x", 0, 1)
    time.sleep(0.02)
    return x

run_study(tuning_study("toy", seed=0, data="toy-data"), objective, trials=12, minutes=1)
"""


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def square(trial):
    return trial.suggest_float("x", -1, 1) ** 2


def states(study):
    return [trial.state.name for trial in study.trials]


def test_when_the_trials_are_there_then_running_again_does_nothing(study):
    calls = []
    for trials in (3, 3, 2, 4):
        assert run_study(study, lambda trial: calls.append(1) or square(trial), trials=trials) is study
    assert len(calls) == 4


def test_when_the_time_is_up_then_no_trial_begins(study):
    clock = Clock()

    def slow(trial):
        clock.now += 25
        return square(trial)

    run_study(study, slow, trials=100, minutes=1, clock=clock)
    assert len(study.trials) == 3


def test_when_time_is_up_in_a_trial_then_it_is_told_so_only_if_another_has_finished(study):
    clock, told = Clock(), []

    def slow(trial):
        trial.suggest_float("x", 0, 1)
        clock.now += 61
        told.append(trial.time_is_up)
        return 1.0

    run_study(study, slow, trials=9, minutes=1, clock=clock)
    run_study(study, slow, trials=9, minutes=1, clock=clock)
    assert told == [False, True]


def test_when_stop_is_pressed_then_the_search_ends_and_what_is_there_stays(study, capsys):
    def pressed(trial):
        value = square(trial)
        if trial.number == 2:
            signal.raise_signal(signal.SIGINT)
        return value

    run_study(study, pressed, trials=5)
    assert states(study) == ["COMPLETE", "COMPLETE", "FAIL", "WAITING"]
    assert counted(study) == 2
    assert "Search stopped by you; run the cell again to go on. " in capsys.readouterr().out


def test_when_a_stopped_search_goes_on_then_the_broken_off_trial_is_tried_again_first(study):
    test_settings = []

    def pressed(trial):
        test_settings.append(trial.suggest_float("x", -1, 1))
        if len(test_settings) == 2:
            raise KeyboardInterrupt
        return 0.0

    run_study(study, pressed, trials=4)
    run_study(study, pressed, trials=4)
    assert counted(study) == 4 and len(test_settings) == 5
    assert test_settings[2] == test_settings[1]


def test_when_live_training_took_the_stop_then_the_cut_trial_does_not_count(study):
    from training_samples import at_batch, tiny_fit, tiny_model

    from course_utils.training import LiveTraining

    def objective(trial):
        trial.suggest_float("x", 0, 1)
        press = at_batch(1, lambda _: signal.raise_signal(signal.SIGINT))
        tiny_fit(tiny_model(), [LiveTraining(), press], epochs=3)
        return 0.5

    run_study(study, objective, trials=5)
    assert states(study) == ["FAIL", "WAITING"]


@pytest.mark.parametrize("error", [ValueError("negative size\nmore"), MemoryError(), FloatingPointError("nan")])
def test_when_a_trial_fails_then_it_is_counted_shown_and_the_search_goes_on(study, capsys, error):
    def objective(trial):
        value = square(trial)
        if trial.number == 1:
            raise error
        return value

    run_study(study, objective, trials=4)
    assert states(study) == ["COMPLETE", "FAIL", "COMPLETE", "COMPLETE"]
    out = capsys.readouterr().out
    assert f"failed: {type(error).__name__}" in out and "(in: raise error)" in out
    assert "4 trials (3 complete, 1 failed)" in out


def test_when_the_objective_returns_nan_then_that_trial_failed(study):
    run_study(study, lambda trial: float("nan") if trial.number == 1 else square(trial), trials=3)
    assert states(study) == ["COMPLETE", "FAIL", "COMPLETE"]
    assert "diverged" in study.trials[1].user_attrs["error"]


def test_when_the_objective_has_a_mistake_then_the_first_trial_raises_it_with_its_traceback(study):
    def objective(trial):
        return undefined_name  # noqa: F821

    with pytest.raises(NameError) as caught:
        run_study(study, objective, trials=9)
    assert [entry.name for entry in caught.traceback][-1] == "objective"
    assert states(study) == ["FAIL"]


def test_when_a_mistake_shows_late_then_the_search_goes_on(study):
    def objective(trial):
        return {}["missing"] if trial.number == 2 else square(trial)

    run_study(study, objective, trials=4)
    assert states(study).count("FAIL") == 1 and len(study.trials) == 4


def test_when_nothing_but_failures_come_then_three_are_enough(study):
    def objective(trial):
        raise ValueError("wrong shape")

    with pytest.raises(StudyError, match=r"All 3 trials(?s:.*)wrong shape(?s:.*)fresh=True"):
        run_study(study, objective, trials=50)
    assert len(study.trials) == 3


@pytest.mark.parametrize("returned", [None, "0.5", (0.5, 0.6), True])
def test_when_the_objective_returns_no_number_then_the_error_says_what_to_return(study, returned):
    with pytest.raises(InputError, match="returns one number"):
        run_study(study, lambda trial: returned, trials=5)
    assert states(study) == ["FAIL"]


def test_when_values_are_numpy_or_whole_numbers_then_they_are_numbers():
    import numpy as np

    assert as_value(np.float32(0.5)) == 0.5 and as_value(np.array(1)) == 1.0 and as_value(3) == 3.0


@pytest.mark.parametrize("limits", [{"trials": 0}, {"trials": 2.5}, {"minutes": 0}, {"minutes": "3"}])
def test_when_a_limit_makes_no_sense_then_the_error_says_so(study, limits):
    with pytest.raises(InputError, match=r"at least 1|above 0"):
        run_study(study, square, **limits)


def test_when_two_processes_share_a_study_then_together_they_make_the_trials(again):
    command = [sys.executable, "-c", WORKER]
    workers = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for _ in range(2)]
    outputs = [worker.communicate(timeout=120)[0].decode() for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0], outputs
    study = again()
    assert states(study) == ["COMPLETE"] * 12
    assert len({trial.params["x"] for trial in study.trials}) == 12
    assert len({trial.user_attrs["worker"]["pid"] for trial in study.trials}) == 2, outputs


def test_when_a_trial_begins_then_no_other_process_can_begin_one_at_the_same_time(study, monkeypatch):
    lock, ask, seen = journal_path(study).with_name(journal_path(study).name + ".turn.lock"), study.ask, []
    monkeypatch.setattr(study, "ask", lambda: seen.append(lock.exists()) or ask())
    run_study(study, square, trials=2)
    assert seen == [True, True] and not lock.exists()


def test_when_a_process_was_killed_then_its_trial_is_tried_again_once(again):
    code = WORKER.replace("time.sleep(0.02)", "os._exit(9) if trial.number == 1 else None")
    assert subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, timeout=120).returncode == 9
    study = again()
    assert states(study) == ["COMPLETE", "RUNNING"]
    run_study(study, lambda trial: trial.suggest_float("x", 0, 1), trials=3)
    assert states(study) == ["COMPLETE", "FAIL", "COMPLETE", "COMPLETE"]
    assert study.trials[2].params == study.trials[1].params


def test_when_a_study_runs_elsewhere_then_it_cannot_be_begun_anew(study, again):
    from course_utils.tuning.workers import worker

    study.ask().set_user_attr("worker", {**worker(), "machine": "another"})
    with pytest.raises(StudyError, match="right now"):
        again(fresh=True)
    assert journal_path(study).exists()


def test_when_the_study_is_a_plain_one_of_optuna_then_it_runs_too():
    plain = optuna.create_study()
    run_study(plain, square, trials=2)
    assert states(plain) == ["COMPLETE", "COMPLETE"]


def test_when_a_trial_is_pruned_then_its_state_and_last_value_are_kept(study):
    def objective(trial):
        trial.suggest_float("x", 0, 1)
        trial.report(0.25, 0)
        raise optuna.TrialPruned

    run_study(study, objective, trials=1)
    (trial,) = study.trials
    assert (trial.state, trial.value) == (TrialState.PRUNED, 0.25)


def test_an_error_is_told_in_one_line_with_the_objectives_own_line():
    def objective():
        return int("seven")

    try:
        objective()
    except ValueError as error:
        text = describe_error(error, objective)
    assert text.startswith("ValueError: invalid literal") and text.endswith('(in: return int("seven"))')


def test_when_seeds_are_equal_then_the_trials_are_equal():
    def objective(trial):
        x = trial.suggest_float("x", 1e-4, 1, log=True)
        return trial.suggest_int("n", 1, 64) * x + (trial.suggest_categorical("kind", ["a", "b"]) == "a")

    first, second = (tuning_study(name, seed=4) for name in ("first", "second"))
    for one in (first, second):
        run_study(one, objective, trials=9)
    assert [t.params for t in first.trials] == [t.params for t in second.trials]


def test_when_a_mistake_was_corrected_then_it_does_not_take_a_trial_away(study):
    def mistaken(trial):
        return trial.suggest_float("x", -1, 1) + missing  # noqa: F821

    for _ in range(4):
        with pytest.raises(NameError):
            run_study(study, mistaken, trials=3)
    run_study(study, square, trials=3)
    assert states(study) == ["FAIL"] * 4 + ["COMPLETE"] * 3


@pytest.mark.parametrize("wrong", [None, "toy"])
def test_when_there_is_no_study_or_no_function_then_nothing_is_written(study, wrong):
    with pytest.raises(InputError, match="needs a study"):
        run_study(wrong, square)
    with pytest.raises(InputError, match="is a function"):
        run_study(study, wrong)
    assert not study.trials
