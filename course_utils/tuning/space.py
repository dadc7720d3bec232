"""What is searched: a trial that notices when its objective asks for other parameters or ranges than before."""

import ast
import inspect
import textwrap

from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import TrialState

from ..errors import InputError, StudyError

_FINISHED = (TrialState.COMPLETE, TrialState.PRUNED)
_PLAIN = (bool, int, float, str, type(None))
_ALWAYS_AFTER = 3  # a parameter that so many trials all had is not one that only some settings need


class SearchSpace:
    """The parameters and ranges of the finished trials of a study.

    Parameters
    ----------
    study : optuna.Study
    objective : callable
        Its source tells the names of all parameters it can ask for, where it can be read.
    """

    def __init__(self, study, objective):
        self._study = study
        self.names = suggested_names(objective)
        known = study.user_attrs.get("parameters")
        if known is None and self.names is not None:
            study.set_user_attr("parameters", sorted(self.names))
        self._known = None if known is None else set(known)
        self.refresh()

    def refresh(self):
        """Read the study again: other processes add trials too."""
        trials = self._study.get_trials(deepcopy=False, states=_FINISHED)
        self.finished = len(trials)
        self.ranges = {}
        for trial in trials:
            self.ranges = {**trial.distributions, **self.ranges}
        enough = len(trials) >= _ALWAYS_AFTER
        self.always = set.intersection(*(set(trial.params) for trial in trials)) if enough else set()

    def check(self, name, wanted):
        """Refuse a parameter that the earlier trials did not have, or had with another range."""
        earlier = self.ranges.get(name)
        if earlier is None and self.finished and self._known is not None and name not in self._known:
            raise self._other(
                name, f"no parameter {name!r} in the {self.finished} trials so far", describe_range(wanted)
            )
        if earlier is not None and earlier != wanted:
            raise self._other(name, f"{name}: {describe_range(earlier)}", f"{name}: {describe_range(wanted)}")

    def check_complete(self, names):
        """Refuse a trial without a parameter that all earlier trials had."""
        missing = sorted(self.always - set(names))
        if missing:
            raise self._other(missing[0], f"{missing[0]}: {describe_range(self.ranges[missing[0]])}", "not asked for")

    def _other(self, name, expected, found):
        return StudyError(
            "The objective searches another space than the trials of this study: their values cannot be compared.",
            where=f"parameter {name!r} of the study {self._study.study_name!r}",
            expected=expected,
            found=found,
            fix="Use the earlier range, or begin a new search with cu.tuning_study(..., fresh=True) "
            "(the trials so far are kept under another name).",
        )


class WatchedTrial:
    """The trial that an objective gets: Optuna's, with an eye on the search space, the clock and the live table.

    Parameters
    ----------
    trial : optuna.Trial
        Everything that is not defined here is its own.
    space : SearchSpace
    time_is_up : callable
        Returns whether the trial should come to an end.
    on_report : callable
        Called with value and step after each report.
    """

    def __init__(self, trial, space, time_is_up, on_report):
        self._trial = trial
        self._space = space
        self._time_is_up = time_is_up
        self._on_report = on_report

    def __getattr__(self, name):
        return getattr(self._trial, name)

    @property
    def time_is_up(self):
        """Whether the search's time is used up and it has a finished trial to show."""
        return self._time_is_up()

    def suggest_float(self, name, low, high, *, step=None, log=False):
        """Return a number from `low` to `high` (see `optuna.Trial.suggest_float`)."""
        self._space.check(name, FloatDistribution(low, high, log=log, step=step))
        return self._trial.suggest_float(name, low, high, step=step, log=log)

    def suggest_int(self, name, low, high, *, step=1, log=False):
        """Return a whole number from `low` to `high` (see `optuna.Trial.suggest_int`)."""
        self._space.check(name, IntDistribution(low, high, log=log, step=step))
        return self._trial.suggest_int(name, low, high, step=step, log=log)

    def suggest_categorical(self, name, choices):
        """Return one of `choices` (see `optuna.Trial.suggest_categorical`)."""
        choices = tuple(choices)
        odd = [choice for choice in choices if not isinstance(choice, _PLAIN)]
        if odd:
            raise InputError(
                "A choice must be a text, a number, True, False or None: only these can be kept in a file.",
                where=f"parameter {name!r}",
                found=repr(odd[0]),
                fix='Give the choices names, such as "small" and "large", and look them up in a dictionary.',
            )
        self._space.check(name, CategoricalDistribution(choices))
        return self._trial.suggest_categorical(name, choices)

    def report(self, value, step):
        """Tell the study a value before the trial's end, for example after an epoch."""
        self._space.check_complete(self._trial.params)
        self._trial.report(value, step)
        self._on_report(value, step)


def describe_range(distribution) -> str:
    """Say in words what a parameter is drawn from.

    Examples
    --------
    >>> describe_range(IntDistribution(16, 64, step=16)), describe_range(FloatDistribution(0.001, 1, log=True))
    ('whole numbers from 16 to 64 in steps of 16', 'numbers from 0.001 to 1, log scale')
    """
    if isinstance(distribution, CategoricalDistribution):
        return "one of " + ", ".join(str(choice) for choice in distribution.choices)
    kind = "whole numbers" if isinstance(distribution, IntDistribution) else "numbers"
    step = getattr(distribution, "step", None)
    steps = f" in steps of {step:g}" if step not in (None, 1) else ""
    return f"{kind} from {distribution.low:g} to {distribution.high:g}{steps}{', log scale' * distribution.log}"


def suggested_names(objective) -> set[str] | None:
    """Return the parameter names in a function's source, or None if it cannot be read or computes them.

    Examples
    --------
    >>> suggested_names(len) is None
    True
    """
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(objective)))
    except (OSError, TypeError, SyntaxError):
        return None
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr.startswith("suggest"):
            given = [*node.args[:1], *(word.value for word in node.keywords if word.arg == "name")]
            if not given or not isinstance(given[0], ast.Constant):
                return None
            names.add(given[0].value)
    return names
