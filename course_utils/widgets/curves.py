"""A panel with curves, drawn in the browser from their points: sharp on every screen."""

from dataclasses import dataclass

import numpy as np

from ..plots.style import PALETTE, SMALL_TEXT_SIZE, WRONG_COLOUR


@dataclass(frozen=True)
class Curve:
    """One line.

    Attributes
    ----------
    name : str
        For the legend; ``""`` leaves it out of there.
    x, y : ndarray, (n,), float
    colour : str
        In CSS's notation.
    dashed : bool
    """

    name: str
    x: np.ndarray
    y: np.ndarray
    colour: str = PALETTE[0]
    dashed: bool = False


@dataclass(frozen=True)
class Curves:
    """Curves over one axis.

    Attributes
    ----------
    key, title, alt : str
        As in `Picture`.
    curves : tuple of Curve
        The last one is drawn on top.
    x_limits, y_limits : (float, float)
        What is outside is not drawn.
    x_label, y_label : str
    x_ticks, y_ticks : tuple of float
        Where numbers stand.
    points : tuple of (float, float)
        Marked with a dot.
    select : str or None
        The value that a click or drag changes: the place along the horizontal axis.
    step : float
        To which that value is rounded.
    width, height : int
        On the page, in CSS pixels.
    """

    key: str
    title: str
    curves: tuple
    alt: str
    x_limits: tuple
    y_limits: tuple
    x_label: str = ""
    y_label: str = ""
    x_ticks: tuple = ()
    y_ticks: tuple = ()
    points: tuple = ()
    select: str | None = None
    step: float = 0.1
    width: int = 420
    height: int = 330

    def content(self):
        """Return what the browser needs, as a dict."""
        names = ("key", "title", "alt", "x_label", "y_label", "select", "step", "width", "height")
        lists = ("x_limits", "y_limits", "x_ticks", "y_ticks")
        return {
            "kind": "curves",
            **{name: getattr(self, name) for name in names},
            **{name: [float(value) for value in getattr(self, name)] for name in lists},
            "points": [[float(x), float(y)] for x, y in self.points],
            "curves": [_plain(curve) for curve in self.curves],
        }

    def draw(self, ax):
        """Draw it for a still picture, inside the box of `ax`."""
        inner = ax.inset_axes((0.13, 0.17, 0.85, 0.8))
        for curve in self.curves:
            style = "--" if curve.dashed else "-"
            label = curve.name or "_"
            inner.plot(curve.x, curve.y, color=curve.colour, linestyle=style, linewidth=2, label=label)
        for x, y in self.points:
            inner.plot(x, y, "o", color=WRONG_COLOUR, markeredgecolor="black", markersize=9, clip_on=False, zorder=5)
        for line in (inner.axhline, inner.axvline):
            line(0, color="#767676", linewidth=0.8, zorder=0)
        inner.set(xlim=self.x_limits, ylim=self.y_limits, xticks=self.x_ticks, yticks=self.y_ticks)
        inner.set_xlabel(self.x_label, fontsize=SMALL_TEXT_SIZE)
        inner.set_ylabel(self.y_label, fontsize=SMALL_TEXT_SIZE)
        inner.legend(loc="upper left", fontsize=SMALL_TEXT_SIZE)


def _plain(curve):
    # Two decimals more than the screen shows; the points of a curve are most of a message.
    places = np.round(np.stack([curve.x, curve.y], axis=1).astype("float64"), 4).tolist()
    return {"name": curve.name, "colour": curve.colour, "dashed": curve.dashed, "places": places}
