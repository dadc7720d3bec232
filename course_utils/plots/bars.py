"""Horizontal bars that compare a few named values."""

import numpy as np

from ..errors import InputError
from .alt import describe, number
from .figures import Drawing, new_axes
from .style import MUTED_COLOUR, PALETTE, WRONG_COLOUR


def show_bars(values, *, xlabel="", reference=None, title=None, xlim=None, fmt=None, highlight=None, ax=None):
    """Compare named values, one horizontal bar each, from top to bottom.

    Parameters
    ----------
    values : {label: value or (low, high)}
        A pair is a range (for example over several seeds): the bar ends in its middle, a whisker shows it.
    xlabel : str
        What the bars show, with its unit.
    reference : float or (str, float), optional
        A dashed line to compare with, and its name.
    title : str, optional
    xlim : tuple of float, optional
        If it leaves out zero, dots are drawn instead of bars: a cut bar would mislead.
    fmt : str, optional
        How the numbers are written, for example "{:.1f}".
    highlight : str, optional
        Label of the bar that matters most, drawn in another colour and with a bold label.
    ax : Axes, optional

    Returns
    -------
    Drawing
        ``(fig, ax)``.

    Raises
    ------
    InputError
        If there is nothing to compare, or a value is no number.
    """
    labels, low, high = _ranges(values)
    middle = (low + high) / 2
    places = np.arange(len(labels))
    fig, ax = new_axes(ax, size=(7.5, 0.8 + 0.42 * len(labels) + (0.35 if title else 0) + (0.25 if reference else 0)))
    colours = [PALETTE[1] if label == highlight else PALETTE[0] for label in labels]
    if xlim is not None and not xlim[0] <= 0 <= xlim[1]:
        ax.scatter(middle, places, color=colours, s=60, zorder=3)
        ax.grid(visible=True)
    else:
        ax.barh(places, middle, color=colours, height=0.65)
        ax.grid(visible=True, axis="x")
    wide = high > low
    if wide.any():
        whiskers = [(high - low)[wide] / 2] * 2
        ax.errorbar(middle[wide], places[wide], xerr=whiskers, fmt="none", ecolor="black", capsize=4, linewidth=1.5)
    fmt = fmt or _format(low, high)
    written = [
        fmt.format(a) if a == b else f"{fmt.format(a)} to {fmt.format(b)}" for a, b in zip(low, high, strict=True)
    ]
    reference_words = _draw_reference(ax, reference, fmt)
    _finish(ax, labels, places, xlabel, title, highlight, reference)
    if xlim is not None:
        ax.set_xlim(xlim)
    _write_at_the_right(ax, places, written)
    what = f"{title}. " if title else ""
    pairs = "; ".join(f"{label} {text}" for label, text in zip(labels, written, strict=True))
    describe(fig, f"{what}Bars of {xlabel or 'values'}: {pairs}.{reference_words}", ax)
    return Drawing(fig, ax)


def _ranges(values):
    if not isinstance(values, dict) or not values:
        raise InputError(
            "show_bars needs {label: value}.", found=repr(values)[:60], fix="{'dense': 0.975, 'LeNet': 0.99}"
        )
    pairs = []
    for label, value in values.items():
        numbers = np.ravel(np.asarray(value))
        if numbers.dtype.kind not in "iuf" or numbers.size not in (1, 2) or not np.isfinite(numbers).all():
            raise InputError("A bar needs a number, or a pair (low, high).", where=str(label), found=repr(value))
        pairs.append((numbers.min(), numbers.max()))
    low, high = np.array(pairs).T
    return [str(label) for label in values], low, high


def _draw_reference(ax, reference, fmt):
    if reference is None:
        return ""
    name, value = reference if isinstance(reference, tuple) else ("reference", reference)
    ax.axvline(value, color=WRONG_COLOUR, linestyle="--", linewidth=1.5, zorder=2)
    ax.annotate(
        f"{name} {fmt.format(value)}",
        (value, 1),
        xycoords=("data", "axes fraction"),
        xytext=(0, 3),
        textcoords="offset points",
        ha="center",
        va="bottom",
        color=WRONG_COLOUR,
    )
    return f" Dashed line: {name} {fmt.format(value)}."


def _finish(ax, labels, places, xlabel, title, highlight, reference):
    ax.set_yticks(places, labels)
    ax.tick_params(axis="y", length=0)
    for tick, label in zip(ax.get_yticklabels(), labels, strict=True):
        if label == highlight:
            tick.set_fontweight("bold")
    ax.set_ylim(len(labels) - 0.4, -0.6)
    ax.axvline(0, color=MUTED_COLOUR, linewidth=0.8)
    ax.set_xlabel(xlabel)
    if max(map(abs, ax.get_xlim())) >= 10_000:
        ax.locator_params(axis="x", nbins=5)
        ax.xaxis.set_major_formatter(lambda value, _: number(value))
    if title:
        ax.set_title(title, pad=24 if reference else 8)


def _write_at_the_right(ax, places, written):
    """Put the numbers in a column beside the axes, where no bar or whisker is in their way."""
    for place, text in zip(places, written, strict=True):
        ax.annotate(
            text, (1, place), xycoords=("axes fraction", "data"), xytext=(8, 0), textcoords="offset points", va="center"
        )


def _format(low, high):
    """Three decimals for shares, none for whole numbers, else three digits."""
    numbers = np.concatenate([low, high])
    if np.array_equal(numbers, numbers.round()):
        return "{:,.0f}"
    return "{:.3f}" if np.abs(numbers).max() <= 1 else "{:,.3g}" if np.abs(numbers).max() < 1000 else "{:,.0f}"
