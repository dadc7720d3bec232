"""``cu.run_study()``: run trials until there are enough or time is up, and show them as they come."""

import gc
import linecache
import math
import sys
import time
from dataclasses import dataclass

import optuna
from optuna.trial import TrialState

from ..errors import CourseError, InputError, StudyError
from . import workers
from .journal import holding, turn_lock
from .space import SearchSpace, WatchedTrial
from .studies import journal_path
from .view import View

# Mistakes in the code: they would come again in every trial.
_MISTAKES = (NameError, TypeError, AttributeError, SyntaxError, ImportError, LookupError, AssertionError)
_HOPELESS_AFTER = 3  # failures with not one success


@dataclass(frozen=True)
class Outcome:
    """How a trial ended.

    Attributes
    ----------
    state : optuna.trial.TrialState
    value : float or None
    error : Exception or None
        What the objective raised, if that was no pruning.
    """

    state: TrialState
    value: float | None = None
    error: Exception | None = None


class _StoppedByLearner(KeyboardInterrupt):
    """A stop button was pressed: the trial's value is that of a fit cut short."""


def run_study(study, objective, *, trials=20, minutes=None, clock=time.monotonic) -> optuna.Study:
    """Run trials of an objective until the study has enough of them or time is up; show them in a live table.

    `trials` counts all that the study has, those of earlier sessions and of other processes too: run again, the cell
    does only what is missing. A trial that runs when time is up is given up after its epoch if it uses `cu.PruneTrial`
    and another trial has finished already; otherwise it is allowed to end. ■ ends the search: the trial that was
    running is tried again next time, all others are kept.

    A trial that fails (out of memory, a loss that is no number, a shape that does not fit) is counted and the search
    goes on. A mistake in the objective, such as a NameError, is raised at once if no trial of this call has finished
    yet, and is not counted; three failures without one success are raised too.

    Parameters
    ----------
    study : optuna.Study
        From `cu.tuning_study`.
    objective : callable
        Takes an ``optuna.Trial``, returns the value: a finite number.
    trials : int, default 20
        Stop when the study has so many finished trials.
    minutes : float, optional
        Stop after so many minutes of this call.
    clock : callable, optional
        Returns seconds; a test puts its own here.

    Returns
    -------
    optuna.Study
        The same study.

    Raises
    ------
    InputError
        If a limit makes no sense, or the objective returns no number.
    StudyError
        If the objective searches another space than the study's trials did, or nothing but failures came out.

    Examples
    --------
    >>> def objective(trial):  # doctest: +SKIP
    ...     model = build_model(units=trial.suggest_int("units", 32, 256, log=True))
    ...     history = model.fit(..., verbose=0, callbacks=[cu.PruneTrial(trial)])
    ...     return max(history.history["val_accuracy"])
    >>> cu.run_study(study, objective, trials=20, minutes=3)  # doctest: +SKIP
    """
    _check(study, objective, trials, minutes)
    return _Run(study, objective, trials, minutes, clock).go()


class _Run:
    def __init__(self, study, objective, trials, minutes, clock):
        self.study, self.objective, self.trials = study, objective, trials
        self.clock = clock
        self.deadline = math.inf if minutes is None else clock() + 60 * minutes
        self.turn = turn_lock(journal_path(study))
        self.space = SearchSpace(study, objective)
        self.view = View(study, trials, minutes, clock)
        self.succeeded = False  # in this call

    def go(self):
        self.view.open()
        try:
            while not (why := self._reason_to_stop()):
                self._one_trial()
                gc.collect()  # models refer to themselves: without this, memory grows from trial to trial
        except KeyboardInterrupt:
            why = "stopped by you; run the cell again to go on"
        except BaseException:
            self.view.close("Search broken off by an error.")
            raise
        self.view.close(f"Search {why}.")
        return self.study

    def _reason_to_stop(self):
        if counted(self.study) >= self.trials:
            return "finished"
        if self.clock() >= self.deadline:
            return "ended: the time is up"
        return None

    def _one_trial(self):
        with holding(self.turn):
            workers.give_up_lost(self.study)
            running = self._trials(TrialState.RUNNING)
            enough = counted(self.study) + len(running) >= self.trials
            if not enough:
                trial = self.study.ask()
                trial.set_user_attr("worker", workers.worker())
        if enough:  # other processes are at the last ones: wait, for one of them may be killed
            time.sleep(0.2)
            return
        self.view.began(trial)
        try:
            outcome = self._attempt(trial)
        except KeyboardInterrupt:
            ended = self.study.tell(trial, state=TrialState.FAIL)
            workers.try_again(self.study, ended)
            raise
        if outcome.error is not None:
            trial.set_user_attr("error", describe_error(outcome.error, self.objective))
            trial.set_user_attr("mistake", self._is_mistake(outcome.error))
        self.study.tell(trial, outcome.value, outcome.state)
        self.view.ended(trial.number)
        self._judge(outcome)

    def _attempt(self, trial):
        """Run the objective once and say how that went; only ■ comes out as an exception."""
        self.space.refresh()
        watched = WatchedTrial(trial, self.space, self._time_is_up, self.view.reported)
        presses = _presses()
        try:
            value = as_value(self.objective(watched))
            if _presses() > presses:
                raise _StoppedByLearner
            self.space.check_complete(trial.params)
        except optuna.TrialPruned:
            return Outcome(TrialState.PRUNED)
        except Exception as error:  # noqa: BLE001 - kept with the trial, and judged when that is written
            return Outcome(TrialState.FAIL, error=error)
        return Outcome(TrialState.COMPLETE, value)

    def _judge(self, outcome):
        """Raise what makes going on useless."""
        error = outcome.error
        if error is None:
            self.succeeded = True
            return
        if self._is_mistake(error):
            raise error
        failures = counted(self.study)
        if failures >= _HOPELESS_AFTER and not self._trials(TrialState.COMPLETE, TrialState.PRUNED):
            raise StudyError(
                f"All {failures} trials of this search failed, so it was stopped.",
                where=f"the study {self.study.study_name!r}",
                found=describe_error(error, self.objective),
                fix="Make the objective work with one setting first, then search again with fresh=True.",
            ) from error

    def _is_mistake(self, error):
        return isinstance(error, CourseError) or (isinstance(error, _MISTAKES) and not self.succeeded)

    def _time_is_up(self):
        return self.clock() >= self.deadline and bool(self._trials(TrialState.COMPLETE))

    def _trials(self, *states):
        return self.study.get_trials(deepcopy=False, states=states)


def counted(study) -> int:
    """Return how many trials a study has: complete, pruned and failed ones, not mistakes or those broken off."""
    return sum(is_counted(trial) for trial in study.get_trials(deepcopy=False))


def is_counted(trial) -> bool:
    """Say whether a trial has ended by itself, and not by a mistake in the code that was raised at once.

    ■ and killed kernels leave failed trials without an error behind.
    """
    if trial.state == TrialState.FAIL:
        return "error" in trial.user_attrs and not trial.user_attrs.get("mistake")
    return trial.state.is_finished()


def as_value(returned) -> float:
    """Return what an objective gave back as a number.

    Raises
    ------
    InputError
        If it is nothing like a number.
    FloatingPointError
        If it is not finite: the training diverged.
    """
    try:
        value = math.nan if isinstance(returned, bool) else float(returned)
        if isinstance(returned, bool | str):
            raise TypeError
    except (TypeError, ValueError) as error:
        raise InputError(
            "An objective returns one number.",
            expected='for example max(history.history["val_accuracy"])',
            found="None: is there a return at its end?" if returned is None else repr(returned)[:80],
        ) from error
    if not math.isfinite(value):
        raise FloatingPointError(f"the objective returned {value}: the training diverged")
    return value


def describe_error(error, objective) -> str:
    """Return an exception in one line, with the line of the objective that it came from."""
    text = str(error).strip().split("\n")[0]
    words = f"{type(error).__name__}: {text}"[:300]
    code = getattr(objective, "__code__", None)
    place = error.__traceback__
    line = None
    while place is not None and code is not None:
        if place.tb_frame.f_code is code:
            line = linecache.getline(code.co_filename, place.tb_lineno).strip()
        place = place.tb_next
    return f"{words} (in: {line[:100]})" if line else words


def _presses():
    """Return how many fits were ended by ■ so far; 0 where `cu.LiveTraining` was never used."""
    module = sys.modules.get(f"{__package__.split('.')[0]}.training._interrupt")
    return module.StopSignal.presses if module else 0


def _check(study, objective, trials, minutes):
    if not isinstance(study, optuna.Study):
        raise InputError(
            "run_study needs a study.",
            found=repr(study)[:80],
            fix='study = cu.tuning_study("my_search"), then this cell',
        )
    if not callable(objective):
        raise InputError(
            "The objective is a function that takes a trial and returns one number.",
            found=repr(objective)[:80],
            fix="cu.run_study(study, objective), without brackets behind objective",
        )
    if isinstance(trials, bool) or not isinstance(trials, int) or trials < 1:
        raise InputError("trials is a whole number of at least 1.", found=repr(trials))
    good = minutes is None or (not isinstance(minutes, bool) and isinstance(minutes, int | float) and minutes > 0)
    if not good:
        raise InputError("minutes is a number above 0, or None for no limit.", found=repr(minutes))
