"""What a running search shows: a table that grows in a kernel, one line per trial elsewhere."""

from html import escape

from optuna.trial import TrialState

from .. import _display

_MOST_ROWS = 20
_EVERY = 0.5  # seconds between two updates while a trial runs
_CELL = "text-align:left;padding:2px 12px 2px 0;vertical-align:top;white-space:nowrap"
_STATES = {TrialState.COMPLETE: "complete", TrialState.PRUNED: "pruned", TrialState.FAIL: "failed"}


class View:
    """The live table of a search.

    Parameters
    ----------
    study : optuna.Study
    trials : int
        How many the study shall have.
    minutes : float or None
        Time limit.
    clock : callable
        Returns seconds.
    """

    def __init__(self, study, trials, minutes, clock):
        self._study, self._limit, self._minutes, self._clock = study, trials, minutes, clock
        self._panel = None
        self._now = ""

    def open(self):
        """Show the table as the study is now; begin to count the time."""
        self._began = self._updated = self._clock()
        if _display.in_kernel():
            self._panel = _display.live(*self._both(self._progress()))

    def began(self, trial):
        """Say that a trial runs."""
        self._number, self._trial_began = trial.number, self._clock()
        self._now = f"trial {trial.number} runs"
        self._update()

    def reported(self, value, step):
        """Show a value of the running trial, now and then."""
        self._now = f"trial {self._number} runs: {value:.4f} after epoch {step + 1}"
        if self._clock() - self._updated >= _EVERY:
            self._update()

    def ended(self, number):
        """Add a finished trial; outside a kernel, print its line."""
        self._now = ""
        self._update()
        if self._panel is None:
            trial = self._study.get_trials(deepcopy=False)[number]
            seconds = self._clock() - self._trial_began
            words = [f"trial {number}: {value_text(trial)}  {state_text(trial)}  {seconds:.1f} s", settings_text(trial)]
            _display.show("", "  ".join([*filter(None, words), f"({self._best()})"]))

    def close(self, sentence):
        """Leave the last state in the notebook, under a sentence that says why the search ended."""
        text = f"{sentence} {self._counts()}, {times_text(self._clock() - self._began)}. {self._best(True)}"
        if self._panel is None:
            _display.show("", text)
        else:
            self._panel.update(*self._both(text))

    def _update(self):
        self._updated = self._clock()
        if self._panel is not None:
            self._panel.update(*self._both(self._progress()))

    def _progress(self):
        elapsed = self._clock() - self._began
        left = ""
        if self._minutes is not None:
            left = f", {times_text(max(60 * self._minutes - elapsed, 0))} left"
        words = [f"{self._counts()} of {self._limit}", f"{times_text(elapsed)} elapsed{left}", self._best(), self._now]
        return " · ".join(filter(None, words)) + " · ■ ends the search and keeps what is there"

    def _counts(self):
        trials = self._study.get_trials(deepcopy=False)
        states = [(name, sum(trial.state == state for trial in trials)) for state, name in _STATES.items()]
        parts = ", ".join(f"{number} {name}" for name, number in states if number)
        ended = sum(number for _, number in states)
        return f"{ended} {'trial' if ended == 1 else 'trials'}{f' ({parts})' if parts else ''}"

    def _best(self, long=False):
        best = best_trial(self._study)
        if best is None:
            return "No trial is complete yet." if long else "no best value yet"
        if long:
            return f"Best value {best.value:.4f} in trial {best.number}: {settings_text(best)}."
        return f"best {best.value:.4f} in trial {best.number}"

    def _both(self, sentence):
        trials = [trial for trial in self._study.get_trials(deepcopy=False) if trial.state != TrialState.WAITING]
        best = best_trial(self._study)
        shown = [trial for trial in trials if trial in trials[-_MOST_ROWS:] or (best and trial.number == best.number)]
        hidden = len(trials) - len(shown)
        note = f"{hidden} earlier trials are not shown." if hidden else ""
        names = list(dict.fromkeys(name for trial in trials for name in trial.params))
        rows = [(trial, row_of(trial, names)) for trial in shown]
        header = ["trial", *names, "value", "state", "time"]
        text = [sentence, _display.table_text([row for _, row in rows], header) if rows else "", note]
        number = best.number if best else None
        html = f"<div>{escape(sentence)}</div>{_table(rows, header, number) if rows else ''}<div>{note}</div>"
        return f'<div style="font-variant-numeric:tabular-nums">{html}</div>', "\n".join(filter(None, text))


def best_trial(study):
    """Return the complete trial with the best value, or None; the first of equals."""
    complete = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    sign = -1 if study.direction.name == "MAXIMIZE" else 1
    return min(complete, key=lambda trial: sign * trial.value, default=None)


def row_of(trial, names):
    """Return a trial's cells: number, settings, value, state, time."""
    settings = [number_text(trial.params[name]) if name in trial.params else "" for name in names]
    duration = trial.duration
    seconds = f"{duration.total_seconds():.0f} s" if duration is not None else ""
    return [trial.number, *settings, value_text(trial), state_text(trial), seconds]


def value_text(trial):
    """Return a trial's value; that of a pruned one is its last report."""
    return "" if trial.value is None else f"{trial.value:.4f}"


def state_text(trial):
    """Say how a trial stands, and why it was pruned or failed."""
    attributes = trial.user_attrs
    if trial.state == TrialState.RUNNING:
        return "runs"
    if trial.state == TrialState.FAIL:
        return f"failed: {attributes['error']}" if "error" in attributes else "broken off"
    again = f", trial {attributes['repeats']} again" if "repeats" in attributes else ""
    if trial.state == TrialState.PRUNED:
        last = max(trial.intermediate_values, default=None)
        after = "" if last is None else f" after epoch {last + 1}"
        return f"pruned{after}: {attributes['pruned']}" if "pruned" in attributes else f"pruned{after}{again}"
    return f"complete{again}"


def settings_text(trial):
    """Return a trial's settings as ``name=value`` pairs."""
    return " ".join(f"{name}={number_text(value)}" for name, value in trial.params.items())


def number_text(value):
    """Return a setting as text, with four significant digits.

    Examples
    --------
    >>> number_text(0.00123456), number_text(64), number_text("adam")
    ('0.001235', '64', 'adam')
    """
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def times_text(seconds):
    """Return seconds as minutes and seconds.

    Examples
    --------
    >>> times_text(75)
    '1:15 min'
    """
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes}:{seconds:02d} min"


def _table(rows, header, best):
    head = "".join(f'<th scope="col" style="{_CELL}">{escape(str(name))}</th>' for name in header)
    body = []
    for trial, row in rows:
        # Told apart by words too ("pruned", "★"), not by shade alone.
        faint = trial.state in (TrialState.PRUNED, TrialState.FAIL)
        style = "font-weight:bold" if trial.number == best else "opacity:.6" if faint else ""
        cells = [f"{value} ★" if trial.number == best and index == 0 else value for index, value in enumerate(row)]
        columns = "".join(f'<td style="{_CELL}">{escape(str(value))}</td>' for value in cells)
        body.append(f'<tr style="{style}">{columns}</tr>')
    return (
        '<table style="border-collapse:collapse;margin:4px 0">'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"
    )
