"""A search for good settings in pictures: how it went, which settings matter, which combinations are good."""

import math
import textwrap

import numpy as np

from ..errors import InputError
from .alt import describe, listing, number
from .bars import show_bars
from .figures import Drawing, new_axes
from .style import MUTED_COLOUR, PALETTE, SEQUENTIAL_MAP, SMALL_TEXT_SIZE, WRONG_COLOUR

_FAINT = "#b8b8b8"
_NOT_USED = -0.11  # where a line crosses the axis of a setting that its trial does not have


def show_study(study, *, title=None, ylabel="value", ax=None):
    """Draw a search's history: the value of each trial, and the best so far.

    Parameters
    ----------
    study : optuna.Study
    title : str, optional
    ylabel : str, default "value"
        What the objective returns, for example "validation accuracy".
    ax : Axes, optional

    Returns
    -------
    Drawing
        ``(fig, ax)``; a sentence instead of a picture if no trial is complete.
    """
    complete, pruned, failed = _trials(study)
    if not complete:
        return _sentence(_too_few(1, complete), ax)
    fig, ax = new_axes(ax, size=(7.5, 4.2))
    numbers = [trial.number for trial in complete]
    values = [trial.value for trial in complete]
    ax.scatter(numbers, values, color=PALETTE[0], s=45, zorder=3, label="complete")
    if pruned:
        pruned_numbers, reports = zip(*((trial.number, trial.value) for trial in pruned), strict=True)
        ax.scatter(pruned_numbers, reports, marker="X", color=_FAINT, s=45, label="pruned (last report)")
    best_so_far = (np.maximum if _maximizes(study) else np.minimum).accumulate(values)
    last = max(trial.number for trial in (*complete, *pruned, *failed))
    ax.step([*numbers, last], [*best_so_far, best_so_far[-1]], where="post", color=PALETTE[1], label="best so far")
    for trial in failed:
        ax.axvline(trial.number, ymax=0.05, color=WRONG_COLOUR, label="failed" if trial is failed[0] else None)
    ax.set(xlabel="trial", ylabel=ylabel, title=title or "")
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.margins(y=0.12)
    ax.grid(visible=True)
    # Above the axes: nowhere inside is sure to be free of points.
    ax.legend(ncols=4, loc="lower left", bbox_to_anchor=(-0.02, 1.0), handletextpad=0.4, columnspacing=1.2)
    if title:
        ax.set_title(title, pad=34)
    best = _best(study, complete)
    ax.annotate(
        f"{best.value:.4g}",
        (best.number, best.value),
        xytext=(0, 8 if _maximizes(study) else -8),
        textcoords="offset points",
        ha="center",
        va="bottom" if _maximizes(study) else "top",
        fontsize=SMALL_TEXT_SIZE,
    )
    subject = f"{title}. " if title else ""
    describe(fig, f"{subject}History of a search. {_history_words(study, complete, pruned, failed, ylabel)}", ax)
    return Drawing(fig, ax)


def show_importance(study, *, title=None, ax=None):
    """Compare how much each setting mattered in a search.

    The importance is the share of the differences between complete trials that a random forest puts down to the
    setting (fANOVA: Hutter, Hoos, Leyton-Brown 2014, "An Efficient Approach for Assessing Hyperparameter Importance",
    ICML). It holds for the ranges that were searched; from some twenty trials it is a hint, not a measurement.
    Settings that only some trials have are left out.

    Parameters
    ----------
    study : optuna.Study
    title : str, optional
    ax : Axes, optional

    Returns
    -------
    Drawing
        ``(fig, ax)``; a sentence instead of a picture with fewer than two complete trials or nothing to compare.
    """
    complete, *_ = _trials(study)
    if len(complete) < 2:
        return _sentence(_too_few(2, complete), ax)
    shares = _importances(study)
    if not shares:
        return _sentence("The complete trials do not differ in settings or values: nothing to compare.", ax)
    title = title or f"Importance of the settings, from {len(complete)} trials"
    drawing = show_bars(shares, xlabel="share of the differences explained", title=title, fmt="{:.2f}", ax=ax)
    left_out = sorted({name for trial in complete for name in trial.params} - set(shares))
    if left_out:
        words = f"Left out, for not all trials have them or they never changed: {listing(left_out)}."
        describe(drawing.fig, words, drawing.ax)
    return drawing


def show_parallel_coordinates(study, *, title=None, label="value", ax=None):
    """Draw each trial as a line through its settings to its value: good combinations run together.

    Lines are coloured by their value, from dark (bad) to bright (good); the best is thick; pruned trials are faint.
    Each axis shows the whole range that is searched, log-scaled where it was searched so. A setting that a trial does
    not have is "not used", below the axis.

    Parameters
    ----------
    study : optuna.Study
    title : str, optional
    label : str, default "value"
        What the objective returns.
    ax : Axes, optional

    Returns
    -------
    Drawing
        ``(fig, ax)``; a sentence instead of a picture with fewer than two complete trials.
    """
    complete, pruned, _ = _trials(study)
    if len(complete) < 2:
        return _sentence(_too_few(2, complete), ax)
    trials = [*pruned, *complete]
    scales = [*_scales(trials), _ValueScale(label, [trial.value for trial in trials])]
    wrapped = [textwrap.fill(scale.name.replace("_", " "), 14) for scale in scales]
    height = 4.8 + 0.2 * max(name.count("\n") for name in wrapped) + (0.3 if title else 0)
    fig, ax = new_axes(ax, size=(max(8.5, 1.45 * len(scales)), height))
    _draw_lines(ax, study, complete, pruned, scales)
    _draw_scales(ax, scales)
    ax.set_xticks(range(len(scales)), wrapped)
    ax.xaxis.tick_top()
    ax.tick_params(axis="x", length=0, pad=6)
    ax.set_yticks([])
    ax.set(xlim=(-0.15, len(scales) - 0.45), ylim=(-0.16 if any(scale.has_gaps for scale in scales) else -0.05, 1.05))
    key = [f"Colour: {label}, bright is good.", "Thick: the best trial.", "Grey: pruned trials." if pruned else ""]
    ax.text(0, -0.02, " ".join(key).strip(), transform=ax.transAxes, va="top", fontsize=SMALL_TEXT_SIZE)
    for spine in ax.spines.values():
        spine.set_visible(False)
    if title:
        ax.set_title(title, pad=12)
    subject = f"{title}. " if title else ""
    describe(fig, f"{subject}Parallel coordinates of {_combination_words(study, complete, pruned, label)}", ax)
    return Drawing(fig, ax)


class _Scale:
    """One vertical axis: where a setting's values lie between 0 (bottom) and 1 (top)."""

    def __init__(self, name, distribution, trials):
        self.name = name
        self.has_gaps = any(name not in trial.params for trial in trials)
        self.choices = getattr(distribution, "choices", None)
        if self.choices is None:
            self.low, self.high = distribution.low, distribution.high
            self.log = distribution.log

    def place(self, trial):
        if self.name not in trial.params:
            return _NOT_USED
        value = trial.params[self.name]
        if self.choices is not None:
            # Lines through one choice are spread a little, so that they can be told apart.
            spread = 0.12 * (trial.number % 7 - 3) / 3 if len(self.choices) > 1 else 0.0
            return (self.choices.index(value) + 0.5 + spread) / len(self.choices)
        return self.position(value)

    def position(self, value):
        low, high = (math.log(self.low), math.log(self.high)) if self.log else (self.low, self.high)
        value = math.log(value) if self.log else value
        return (value - low) / (high - low) if high > low else 0.5

    def ticks(self):
        return [*self._value_ticks(), *([(_NOT_USED, "not used")] if self.has_gaps else [])]

    def _value_ticks(self):
        if self.choices is not None:
            return [((index + 0.5) / len(self.choices), str(choice)) for index, choice in enumerate(self.choices)]
        if self.low == self.high:
            return [(0.5, _short(self.low))]
        return [(self.position(value), _short(value)) for value in self._tick_values()]

    def _tick_values(self):
        if not self.log:
            middle = (self.low + self.high) / 2
            return [self.low, int(middle) if isinstance(self.low, int) else middle, self.high]
        decades = range(math.ceil(math.log10(self.low)), math.floor(math.log10(self.high)) + 1)
        inner = [10.0**power for power in decades]
        inner = [value for value in inner if 0.15 < self.position(value) < 0.85][:5]
        if not inner:
            middle = math.sqrt(self.low * self.high)
            inner = [round(middle) if isinstance(self.low, int) else middle]
        return [self.low, *inner, self.high]


class _ValueScale(_Scale):
    """The last axis: what the objective returned."""

    def __init__(self, name, values):
        self.name, self.choices, self.log, self.has_gaps = name, None, False, False
        self.low, self.high = float(min(values)), float(max(values))

    def place(self, trial):
        return self.position(trial.value)


def _draw_lines(ax, study, complete, pruned, scales):
    import matplotlib as mpl

    colours = mpl.colormaps[SEQUENTIAL_MAP]
    values = [trial.value for trial in complete]
    low, high = min(values), max(values)
    best = _best(study, complete)
    places = range(len(scales))
    for trial in pruned:
        ax.plot(places, [scale.place(trial) for scale in scales], color=_FAINT, linewidth=1, alpha=0.6)
    # The better ones on top.
    for trial in sorted(complete, key=lambda trial: trial.value, reverse=not _maximizes(study)):
        share = (trial.value - low) / (high - low) if high > low else 1.0
        share = share if _maximizes(study) else 1 - share
        # The last tenth of the map is too pale for lines on white.
        style = {"color": colours(0.9 * share), "linewidth": 3 if trial is best else 1.8, "zorder": 3}
        if trial is best:
            ax.plot(places, [scale.place(trial) for scale in scales], color="black", linewidth=5, zorder=3)
        ax.plot(places, [scale.place(trial) for scale in scales], **style, alpha=1 if trial is best else 0.85)


def _draw_scales(ax, scales):
    box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1}
    for place, scale in enumerate(scales):
        ax.plot([place, place], [0, 1], color=MUTED_COLOUR, linewidth=1.2, zorder=4)
        for height, text in scale.ticks():
            ax.plot([place - 0.015, place + 0.015], [height, height], color=MUTED_COLOUR, linewidth=1.2, zorder=4)
            ax.annotate(
                text,
                (place, height),
                xytext=(6, 0),
                textcoords="offset points",
                va="center",
                fontsize=SMALL_TEXT_SIZE,
                bbox=box,
                zorder=5,
            )


def _trials(study):
    """Return a study's complete, pruned (with a finite last report) and failed trials."""
    if not hasattr(study, "get_trials") or not hasattr(study, "direction"):
        raise InputError(
            "This draws a study of Optuna.",
            found=type(study).__name__,
            fix='Pass what cu.tuning_study("name") or cu.run_study(study, ...) returned.',
        )
    found = {"COMPLETE": [], "PRUNED": [], "FAIL": []}
    for trial in study.get_trials(deepcopy=False):
        if trial.state.name == "FAIL" or (trial.state.name in found and _finite(trial.value)):
            found[trial.state.name].append(trial)
    return found["COMPLETE"], found["PRUNED"], found["FAIL"]


def _finite(value):
    return value is not None and math.isfinite(value)


def _maximizes(study):
    return study.direction.name == "MAXIMIZE"


def _best(study, complete):
    sign = -1 if _maximizes(study) else 1
    return min(complete, key=lambda trial: sign * trial.value)


def _importances(study):
    """Return ``{setting: share}``, the largest first; empty if the trials do not differ."""
    import optuna

    evaluator = optuna.importance.FanovaImportanceEvaluator(seed=0)
    try:
        shares = optuna.importance.get_param_importances(study, evaluator=evaluator)
    except (RuntimeError, ValueError):  # all values are equal, or no setting is in all trials
        return {}
    return {name: float(share) for name, share in shares.items() if math.isfinite(share)}


def _scales(trials):
    ranges = {}
    for trial in trials:
        ranges = {**ranges, **{name: trial.distributions[name] for name in trial.params if name not in ranges}}
    return [_Scale(name, distribution, trials) for name, distribution in ranges.items()]


def _short(value):
    text = f"{value:.3g}"
    return text.replace("e-0", "e-").replace("e+0", "e")


def _sentence(text, ax):
    """Put a sentence where the picture would be: a notebook that runs on is better than an error here."""
    fig, ax = new_axes(ax, size=(7.5, 0.9))
    ax.set_axis_off()
    ax.text(0.0, 0.5, text, va="center", fontsize=SMALL_TEXT_SIZE, transform=ax.transAxes)
    describe(fig, text, ax)
    return Drawing(fig, ax)


def _too_few(needed, complete):
    few = f"{needed} complete trial{'s' if needed > 1 else ''}"
    return f"This picture needs at least {few}; the search has {len(complete)} so far. Run cu.run_study again."


def _history_words(study, complete, pruned, failed, ylabel):
    best = _best(study, complete)
    counts = [(len(complete), "complete"), (len(pruned), "pruned"), (len(failed), "failed")]
    trials = listing([f"{count} {name}" for count, name in counts if count])
    return (
        f"Trials: {trials}. The first complete trial has {ylabel} {number(complete[0].value)}, "
        f"the best {number(best.value)} (trial {best.number})."
    )


def _combination_words(study, complete, pruned, label):
    best, worst = (f(complete, key=lambda trial: trial.value) for f in (max, min))
    if not _maximizes(study):
        best, worst = worst, best
    faint = f" and {len(pruned)} pruned" if pruned else ""
    ends = [
        f"{word} {label} {number(end.value)}: {_settings(end)}." for word, end in (("Best", best), ("Worst", worst))
    ]
    return f"{len(complete)} complete trials{faint}. {' '.join(ends)}"


def _settings(trial):
    pairs = (f"{name} {_short(value) if isinstance(value, float) else value}" for name, value in trial.params.items())
    return ", ".join(pairs) or "no settings"
