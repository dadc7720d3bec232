"""Curves: one quantity against another, several of them compared."""

import numpy as np

from ..errors import InputError
from .alt import describe, number
from .figures import Drawing, new_axes
from .style import DASHES, MARKERS, PALETTE


def show_lines(lines, *, xlabel="", ylabel="", title=None, ylim=None, markers=None, ax=None):
    """Draw curves, told apart by colour, dashes and markers.

    Parameters
    ----------
    lines : {name: (x, y)}
        Two sequences of equal length each, for example accuracy against the angle of rotation. A third
        and fourth sequence (lowest, highest) are drawn as a band.
    xlabel, ylabel : str
        What the axes show, with its unit.
    title : str, optional
    ylim : tuple of float, optional
    markers : bool, optional
        Mark the points; by default if a curve has at most 30.
    ax : Axes, optional

    Returns
    -------
    Drawing
        ``(fig, ax)``.

    Raises
    ------
    InputError
        If there is nothing to draw, or x and y differ in length.
    """
    if not isinstance(lines, dict) or not lines:
        raise InputError(
            "show_lines needs {name: (x, y)}.", found=repr(lines)[:60], fix="{'LeNet': (angles, accuracies)}"
        )
    fig, ax = new_axes(ax, size=(6.5, 4.0))
    words = []
    for index, (name, line) in enumerate(lines.items()):
        x, y, *band = _numbers(name, line)
        if x.ndim != 1 or x.shape != y.shape or not len(x):
            raise InputError(
                "x and y must have one number for each point.", where=name, found=f"shapes {x.shape}, {y.shape}"
            )
        colour = PALETTE[index % len(PALETTE)]
        marked = len(x) <= 30 if markers is None else markers
        style = {"linestyle": DASHES[index % len(DASHES)], "marker": MARKERS[index % len(MARKERS)] if marked else None}
        ax.plot(x, y, color=colour, label=name, **style)
        if band:
            ax.fill_between(x, *band, color=colour, alpha=0.2, linewidth=0)
        words.append(f"{name}: {_ends(x, y)}.")
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title or "")
    if ylim:
        ax.set_ylim(ylim)
    ax.grid(visible=True)
    if len(lines) > 1:
        ax.legend()
    subject = f"{title}. " if title else ""
    describe(fig, f"{subject}Lines of {ylabel or 'values'} against {xlabel or 'position'}. {' '.join(words)}", ax)
    return Drawing(fig, ax)


def _numbers(name, line):
    try:
        parts = [np.asarray(part, dtype="float64") for part in line]
    except (TypeError, ValueError):
        parts = []
    if len(parts) not in (2, 4):
        raise InputError(
            "A curve needs two sequences of numbers, x and y, or four with the band (x, y, lowest, highest).",
            where=str(name),
            found=repr(line)[:60],
        )
    return parts


def _ends(x, y):
    """Say where a curve starts and ends, and where it is highest or lowest in between."""
    words = [f"{number(y[0])} at {number(x[0])}"]
    inner = np.where(np.isfinite(y), y, -np.inf)
    if len(x) > 2:
        for name, place in (
            ("highest", int(inner.argmax())),
            ("lowest", int(np.where(np.isfinite(y), y, np.inf).argmin())),
        ):
            if 0 < place < len(x) - 1:
                words.append(f"{name} {number(y[place])} at {number(x[place])}")
    if len(x) > 1:
        words.append(f"{number(y[-1])} at {number(x[-1])}")
    return ", ".join(words)
