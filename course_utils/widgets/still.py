"""The still picture of a widget: its panels in a figure, for pages and papers where nothing moves."""

import textwrap

import numpy as np

from ..plots.alt import describe
from ..plots.style import MUTED_COLOUR, PALETTE, SMALL_TEXT_SIZE, TEXT_SIZE, WIDTH, apply_once
from .curves import Curves
from .panels import Group, Numbers, Picture, Points

_NOTE = "A still picture: in Jupyter you can play with it."
_GAP = 0.25  # inches between panels
_SMALL_GAP = 0.1  # between those of a group
_LINE = 0.21  # inches of a line of text
_TITLE = 0.3
_PIXELS = 100  # CSS pixels in an inch, as the course's figures have it
_CELL = 0.27  # height of a table's cell, in inches
_POINTS_SIZE = 4.6
_LEGEND_COLUMNS = 3
_THUMB = 1.2  # inches: what is narrower has a small title
_THUMB_TEXT_SIZE = 9


def draw_still(title, views):
    """Draw views one below the other.

    Parameters
    ----------
    title : str
        Of the widget; begins the alt text.
    views : sequence of (str, View)
        A label for each view (may be empty), and the view.

    Returns
    -------
    Figure
        Not known to pyplot, so it is shown only where it is displayed.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    apply_once()
    lines = [line for label, view in views for line in _lines(label, view)]
    height = sum(line.height for line in lines) + _LINE + 0.1
    fig = Figure(figsize=(WIDTH, height))
    FigureCanvasAgg(fig)
    top = height
    for line in lines:
        line.draw(fig, top / height, height)
        top -= line.height
    fig.text(0, 0.02 / height, _NOTE, fontsize=SMALL_TEXT_SIZE, color=MUTED_COLOUR, va="bottom", style="italic")
    words = [f"{label}. {view.text}" if label else view.text for label, view in views]
    describe(fig, f"{title}, a still picture of a widget. {' '.join(words)}")
    return fig


class _Words:
    """Lines of text over the whole width."""

    def __init__(self, text, **options):
        self.lines = textwrap.wrap(text, 105) or [""]
        self.options = options
        self.height = _LINE * len(self.lines) + 0.08

    def draw(self, fig, top, height):
        fig.text(0, top, "\n".join(self.lines), fontsize=SMALL_TEXT_SIZE, va="top", linespacing=1.25, **self.options)


class _Row:
    """Panels side by side."""

    def __init__(self, panels, gap=_GAP):
        self.panels, self.gap = panels, gap
        self.sizes = [_size(panel) for panel in panels]
        self.fonts = [_THUMB_TEXT_SIZE if width < _THUMB else TEXT_SIZE for width, _ in self.sizes]
        letters = [max(8, int(width * 140 / font)) for (width, _), font in zip(self.sizes, self.fonts, strict=True)]
        self.titles = [textwrap.wrap(panel.title, count) for panel, count in zip(panels, letters, strict=True)]
        self.title = _TITLE * max((len(words) for words in self.titles), default=0) * 0.75
        self.height = max(size[1] for size in self.sizes) + self.title + 0.15

    def draw(self, fig, top, height, left=0.0):
        everything = zip(self.panels, self.sizes, self.titles, self.fonts, strict=True)
        for panel, (wide, high), words, font in everything:
            bottom = top - (self.title + high) / height
            ax = fig.add_axes((left / WIDTH, bottom, wide / WIDTH, high / height))
            ax.set_axis_off()
            if words:
                ax.set_title("\n".join(words), fontsize=font, loc="left", pad=3)
            if isinstance(panel, Group):
                _draw_rows(fig, _rows(panel.panels, wide, _SMALL_GAP), top - self.title / height, height, left)
            else:
                _draw(panel, ax)
            left += wide + self.gap


def _draw_rows(fig, rows, top, height, left):
    for row in rows:
        row.draw(fig, top, height, left)
        top -= row.height / height


def _lines(label, view):
    lines = [_Words(label, weight="bold")] if label else []
    lines += _rows(view.panels, WIDTH)
    return [*lines, _Words(view.message)] if view.message else lines


def _rows(panels, room, gap=_GAP):
    """Put panels side by side where there is room."""
    rows, used = [], 0.0
    for panel in panels:
        width = _size(panel)[0]
        if not rows or used + width > room + 0.01:
            rows.append([])
            used = 0.0
        rows[-1].append(panel)
        used += width + gap
    return [_Row(row, gap) for row in rows]


def _size(panel):
    """Return a panel's width and height, in inches."""
    if isinstance(panel, Picture):
        rows, columns = panel.pixels.shape[:2]
        width = min(panel.width / _PIXELS, WIDTH)
        return width, width * rows / columns
    if isinstance(panel, Numbers):
        rows, columns = panel.values.shape
        cell = max(panel.cell / _PIXELS * 1.15, 0.3)
        names = 0.09 * max((len(name) for name in panel.names), default=0)
        above = 0.09 * max((len(name) for name in panel.columns), default=0)
        return min(names + columns * cell, WIDTH), above + rows * _CELL
    if isinstance(panel, Points):
        return _POINTS_SIZE, _POINTS_SIZE + _LINE * -(-len(panel.names) // _LEGEND_COLUMNS)
    if isinstance(panel, Curves):
        return panel.width / _PIXELS, panel.height / _PIXELS
    if isinstance(panel, Group):
        width = min(panel.width / _PIXELS, WIDTH)
        return width, sum(row.height for row in _rows(panel.panels, width, _SMALL_GAP))
    lines = [part for line in panel.lines for part in textwrap.wrap(line, 60) or [""]]
    return min(0.085 * max(map(len, lines), default=1) + 0.1, WIDTH), _LINE * 1.1 * len(lines)


def _draw(panel, ax):
    kind = {Picture: _draw_picture, Numbers: _draw_numbers, Points: _draw_points, Curves: Curves.draw}
    kind.get(type(panel), _draw_text)(panel, ax)


def _draw_picture(panel, ax):
    from matplotlib.patches import Rectangle

    pixels = panel.pixels
    ax.imshow(pixels, cmap="gray", vmin=0, vmax=255, interpolation="antialiased" if panel.smooth else "nearest")
    ax.set_aspect("auto")
    for mark in panel.marks:
        corner = (mark.column - 0.5, mark.row - 0.5)
        ax.add_patch(Rectangle(corner, mark.width, mark.height, fill=False, linewidth=2, edgecolor=mark.colour))


def _draw_numbers(panel, ax):
    from matplotlib.patches import Rectangle

    rows, columns = panel.values.shape
    names = 0.09 * max((len(name) for name in panel.names), default=0)
    above = 0.09 * max((len(name) for name in panel.columns), default=0)
    width, _ = _size(panel)
    ax.set_xlim(-names / ((width - names) / columns), columns)
    ax.set_ylim(rows, -above / _CELL)
    size = min(SMALL_TEXT_SIZE, 30 * (width - names) / columns)
    for row, texts in enumerate(panel.written()):
        for column, text in enumerate(texts):
            fill = panel.fills[row][column] if panel.fills else "white"
            ink = panel.inks[row][column] if panel.inks else "black"
            ax.add_patch(Rectangle((column, row), 1, 1, facecolor=fill or "white", edgecolor="#bdbdbd", linewidth=0.8))
            ax.text(column + 0.5, row + 0.5, text, ha="center", va="center", fontsize=size, color=ink or "black")
    for row, name in enumerate(panel.names):
        ax.text(-0.15, row + 0.5, name, ha="right", va="center", fontsize=SMALL_TEXT_SIZE)
    for column, name in enumerate(panel.columns):
        ax.text(column + 0.5, -0.15, name, ha="center", va="bottom", rotation=90, fontsize=SMALL_TEXT_SIZE)
    for mark in panel.marks:
        corner = (mark.column, mark.row)
        ax.add_patch(
            Rectangle(corner, mark.width, mark.height, fill=False, edgecolor=mark.colour, linewidth=2.5, clip_on=False)
        )


def _draw_text(panel, ax):
    lines = [part for line in panel.lines for part in textwrap.wrap(line, 60) or [""]]
    ax.text(0, 1, "\n".join(lines), transform=ax.transAxes, va="top", fontsize=SMALL_TEXT_SIZE, linespacing=1.3)


def _draw_points(panel, ax):
    places, groups = np.asarray(panel.places), np.asarray(panel.groups)
    for group, name in enumerate(panel.names):
        chosen = places[groups == group]
        marker = "s" if group % 2 else "o"
        ax.scatter(chosen[:, 0], chosen[:, 1], s=14, marker=marker, color=PALETTE[group % len(PALETTE)], label=name)
    for index in panel.linked:
        ax.plot(*places[[panel.at, index]].T, color="black", linewidth=1.2)
    ringed = places[list(panel.ringed)]
    ax.scatter(ringed[:, 0], ringed[:, 1], s=60, facecolors="none", edgecolors="black", linewidths=1.2)
    ax.scatter(*places[panel.at], s=150, facecolors="none", edgecolors="black", linewidths=2.2)
    # A square for the points, and room for the legend below it.
    low, high = places.min(axis=0), places.max(axis=0)
    middle, half = (low + high) / 2, (high - low).max() * 0.52 or 1.0
    ax.set_xlim(middle[0] - half, middle[0] + half)
    ax.set_ylim(middle[1] + half - 2 * half * _size(panel)[1] / _POINTS_SIZE, middle[1] + half)
    ax.legend(loc="lower left", ncols=_LEGEND_COLUMNS, fontsize=_THUMB_TEXT_SIZE, handletextpad=0.2, borderpad=0)
