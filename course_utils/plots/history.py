"""Learning curves."""

import numpy as np

from ..errors import InputError, UnknownNameError
from .alt import describe, number
from .figures import Drawing, new_grid
from .style import PALETTE, TRAIN_LINE, VALIDATION_LINE, WIDTH, WRONG_COLOUR

_UNITS = {"loss": "loss (cross-entropy)", "accuracy": "accuracy (share correct)", "learning_rate": "learning rate"}
_ACCURACIES = ("accuracy", "acc", "sparse_categorical_accuracy", "categorical_accuracy", "binary_accuracy")


def show_history(history, metrics=("loss", "accuracy"), *, log=False, ylim=None, title=None, ax=None):
    """Draw learning curves: training solid, validation dashed.

    Parameters
    ----------
    history : keras.callbacks.History, dict or {name: History or dict}
        What ``model.fit`` returned, its ``.history``, or several of them by name, to compare.
    metrics : str or sequence of str, default ("loss", "accuracy")
        One panel for each.
    log : bool, default False
        Logarithmic axis for the losses.
    ylim : tuple of float or {metric: tuple}, optional
        Limits of the vertical axes.
    title : str, optional
        Over the whole figure.
    ax : Axes or sequence of Axes, optional
        One for each metric.

    Returns
    -------
    Drawing
        ``(fig, ax)``, with ax an array of Axes if there are several metrics.

    Raises
    ------
    InputError
        If there is not a single finished epoch.
    UnknownNameError
        If none of the metrics was recorded.
    """
    runs = named_runs(history)
    metrics = [metrics] if isinstance(metrics, str) else list(metrics)
    present = [metric for metric in metrics if any(_find(run, metric) for run in runs.values())]
    if not present:
        recorded = sorted({key.removeprefix("val_") for run in runs.values() for key in run})
        raise UnknownNameError("recorded metric", metrics[0] if metrics else "", recorded)
    fig, axes = new_grid(1, len(present), size=(WIDTH if len(present) > 1 else 5.5, 3.9), axes=ax)
    words = []
    for panel, metric in zip(axes.flat, present, strict=True):
        words.append(draw_curves(panel, runs, metric))
        if log and "loss" in metric:
            panel.set_yscale("log")
        limits = ylim.get(metric) if isinstance(ylim, dict) else ylim
        if limits:
            panel.set_ylim(limits)
    _legend(fig, list(axes.flat), runs, ax is None)
    if title:
        fig.suptitle(title)
    describe(fig, "Learning curves. " + " ".join(words))
    shown = axes.ravel()
    return Drawing(fig, shown[0] if len(shown) == 1 else shown)


def draw_curves(ax, runs, metric) -> str:
    """Draw one metric of all runs on `ax`; returns the words that describe it."""
    words = []
    for index, (name, run) in enumerate(runs.items()):
        key = _find(run, metric)
        if key is None:
            continue
        curves = [("training", run.get(key), TRAIN_LINE), ("validation", run.get(f"val_{key}"), VALIDATION_LINE)]
        for part, (kind, values, dashes) in enumerate(curves):
            if values is None or not len(values):
                continue
            label = f"{name}, {kind}" if name else kind
            # One run: two colours. Several: one colour each, told apart by the dashes.
            colour = PALETTE[(index if name else part) % len(PALETTE)]
            words.append(_draw_curve(ax, values, metric, label, colour, dashes))
    ax.set_xlabel("epoch")
    ax.set_ylabel(_UNITS.get(metric, metric.replace("_", " ")))
    ax.grid(visible=True, axis="y")
    _whole_epochs(
        ax, max((len(run.get(_find(run, metric), ())) for run in runs.values() if _find(run, metric)), default=1)
    )
    return f"{metric.replace('_', ' ').capitalize()}: {'; '.join(words)}."


def named_runs(history) -> dict:
    """Return {name: {metric: [value per epoch]}}; a single run has the name ''."""
    if hasattr(history, "history"):
        history = history.history
    if not isinstance(history, dict):
        raise InputError(
            "Learning curves need what model.fit returned.",
            expected="a History, its .history, or {name: History}",
            found=type(history).__name__,
            fix="history = model.fit(...); cu.show_history(history)",
        )
    several = history and all(hasattr(value, "history") or isinstance(value, dict) for value in history.values())
    runs = {name: getattr(value, "history", value) for name, value in history.items()} if several else {"": history}
    if not any(np.size(values) for run in runs.values() for values in run.values()):
        raise InputError(
            "There is no finished epoch to draw.",
            found="an empty history",
            fix="train for at least one epoch: history = model.fit(..., epochs=1)",
        )
    return runs


def _find(run, metric):
    """Return the key under which a run recorded `metric`; the many names of accuracy count as one."""
    if metric in run:
        return metric
    if metric == "accuracy":
        return next((name for name in _ACCURACIES if name in run), None)
    return None


def _draw_curve(ax, values, metric, label, colour, dashes):
    values = np.asarray(values, dtype="float64")
    epochs = np.arange(1, len(values) + 1)
    marker = "o" if len(values) <= 30 else None
    ax.plot(epochs, values, dashes, color=colour, label=label, marker=marker, markersize=4)
    finite = np.isfinite(values)
    if not finite.all():
        first = int(epochs[~finite][0])
        ax.axvline(first, color=WRONG_COLOUR, linestyle=":", label=f"{label}: not a number from epoch {first}")
        if not finite.any():
            return f"{label} is not a number from epoch {first}"
    best = (np.nanargmax if "acc" in metric else np.nanargmin)(np.where(finite, values, np.nan))
    text = f"{label} from {number(values[finite][0])} to {number(values[finite][-1])}"
    text += f" in {len(values)} epochs" if len(values) > 1 else " after 1 epoch"
    if len(values) > 1 and best != len(values) - 1:
        text += f", best {number(values[best])} at epoch {best + 1}"
    return text + ("" if finite.all() else f", not a number from epoch {first}")


def _whole_epochs(ax, count):
    from matplotlib.ticker import MaxNLocator

    ax.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True, min_n_ticks=1))
    margin = max(0.05 * (count - 1), 0.2 if count > 1 else 0.5)
    ax.set_xlim(1 - margin, count + margin)


def _legend(fig, axes, runs, own_figure):
    """One legend for all panels: runs by colour, training and validation by dashes."""
    from matplotlib.lines import Line2D

    found = {label: line for ax in axes for line, label in zip(*ax.get_legend_handles_labels(), strict=True)}
    entries = {label: line for label, line in found.items() if "" in runs or line.get_linestyle() == ":"}
    if "" not in runs:
        colours = {name: PALETTE[index % len(PALETTE)] for index, name in enumerate(runs)}
        lines = {name: Line2D([], [], color=colour) for name, colour in colours.items()}
        dashes = {"training": TRAIN_LINE, "validation": VALIDATION_LINE}
        kinds = [kind for kind in dashes if any(label.endswith(f", {kind}") for label in found)]
        entries = lines | {kind: Line2D([], [], color="black", linestyle=dashes[kind]) for kind in kinds} | entries
    if not own_figure:
        axes[-1].legend(entries.values(), entries.keys())
        return
    longest = max(map(len, entries))
    columns = max(1, min(len(entries), int(fig.get_size_inches()[0] * 11 / (longest + 6))))
    fig.legend(entries.values(), entries.keys(), loc="outside lower center", ncols=columns)
