"""What a widget shows: pictures, tables of numbers, lines of text, maps of points."""

from dataclasses import dataclass, field

import numpy as np

from ..errors import InputError
from ..plots.alt import number
from ..plots.style import PALETTE, WRONG_COLOUR
from .pixels import png

MARK = WRONG_COLOUR  # the colour of what is marked


@dataclass(frozen=True)
class Mark:
    """A box around some pixels of a picture, or around some cells of a table.

    Attributes
    ----------
    row, column : int
        Its top left pixel or cell.
    height, width : int
    colour : str
        In CSS's notation.
    """

    row: int
    column: int
    height: int = 1
    width: int = 1
    colour: str = MARK


@dataclass(frozen=True)
class Picture:
    """A picture, updated in place.

    Attributes
    ----------
    key : str
        Name of the panel in its widget.
    title : str
        Written above it.
    pixels : ndarray, (height, width) or (height, width, 3), uint8
        Shown pixel by pixel, whatever the size on the page.
    alt : str
        What is to be seen, in words made from the data.
    width : int
        On the page, in CSS pixels.
    smooth : bool
        True for photographs and curves: enlarge without visible pixels.
    marks : tuple of Mark
        In pixels of the picture.
    select : str or None
        The value, ``(row, column)``, that a click or the arrow keys change.
    cells : (int, int) or None
        Rows and columns that can be selected; the pixels, by default.
    at : (int, int)
        Selected now.
    pick : (str, object) or None
        A value and what it becomes when the picture is clicked, as a button.
    picked : bool
        Whether that is its value now.
    """

    key: str
    title: str
    pixels: np.ndarray
    alt: str
    width: int = 224
    smooth: bool = False
    marks: tuple = ()
    select: str | None = None
    cells: tuple | None = None
    at: tuple = (0, 0)
    pick: tuple | None = None
    picked: bool = False

    def __post_init__(self):
        pixels = self.pixels
        fits = isinstance(pixels, np.ndarray) and pixels.dtype == np.uint8 and pixels.size
        if not fits or not (pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[2] == 3)):
            raise InputError(
                "A picture of a widget is an array of bytes.",
                where=f"panel {self.key!r}",
                expected="uint8, (height, width) or (height, width, 3), not empty",
                found=f"{getattr(pixels, 'dtype', type(pixels).__name__)}, shape {np.shape(pixels)}",
            )

    def content(self):
        """Return what the browser needs, as a dict."""
        height, width = self.pixels.shape[:2]
        marks = [
            [mark.row / height, mark.column / width, mark.height / height, mark.width / width, mark.colour]
            for mark in self.marks
        ]
        return {
            "kind": "picture",
            "key": self.key,
            "title": self.title,
            "alt": self.alt,
            "width": self.width,
            "smooth": self.smooth,
            "marks": marks,
            "select": self.select,
            "cells": list(self.cells or (height, width)),
            "at": list(self.at),
            "pick": list(self.pick) if self.pick else None,
            "picked": self.picked,
            "png": png(self.pixels),
        }


@dataclass(frozen=True)
class Numbers:
    """A table of numbers.

    Attributes
    ----------
    key, title, alt : str
        As in `Picture`.
    values : ndarray, (rows, columns), float
        NaN is an empty cell.
    texts : list of list of str or None
        What the cells say; the numbers, by default.
    fills, inks : list of list of str
        Colours of the cells and of what is written in them, see `pixels.fills`.
    marks : tuple of Mark
        In cells.
    names, columns : tuple of str
        Headings of the rows and the columns.
    select : str or None
        The value, ``(row, column)``, that clicking a cell changes.
    say : list of list of str
        What a cell that can be clicked is called by a screen reader; for tables with headings.
    at : (int, int) or None
        Selected now.
    cell : int
        Least width of a cell, in CSS pixels.
    """

    key: str
    title: str
    values: np.ndarray
    alt: str
    texts: list | None = None
    fills: list = field(default_factory=list)
    inks: list = field(default_factory=list)
    marks: tuple = ()
    names: tuple = ()
    columns: tuple = ()
    select: str | None = None
    say: list = field(default_factory=list)
    at: tuple | None = None
    cell: int = 34

    def written(self):
        """Return the texts of the cells, a list of lists of str."""
        if self.texts is not None:
            return [[str(text) for text in row] for row in self.texts]
        return [["" if np.isnan(value) else number(value).replace("-", "−") for value in row] for row in self.values]

    def content(self):
        """Return what the browser needs, as a dict."""
        empty = [[None] * len(row) for row in self.values]
        return {
            "kind": "numbers",
            "key": self.key,
            "title": self.title,
            "alt": self.alt,
            "rows": self.written(),
            "fills": self.fills or empty,
            "inks": self.inks or empty,
            "marks": [[mark.row, mark.column, mark.height, mark.width, mark.colour] for mark in self.marks],
            "names": list(self.names),
            "columns": list(self.columns),
            "select": self.select,
            "say": self.say,
            "at": list(self.at) if self.at is not None else None,
            "cell": self.cell,
        }


@dataclass(frozen=True)
class Text:
    """A few lines of text, for example a formula with its numbers filled in.

    Attributes
    ----------
    key, title : str
        As in `Picture`.
    lines : tuple of str
    """

    key: str
    title: str
    lines: tuple

    @property
    def alt(self):
        """The text itself."""
        return " ".join(self.lines)

    def content(self):
        """Return what the browser needs, as a dict."""
        return {"kind": "text", "key": self.key, "title": self.title, "lines": list(self.lines)}


@dataclass(frozen=True)
class Points:
    """A map of points of several groups.

    Attributes
    ----------
    key, title, alt : str
        As in `Picture`.
    places : ndarray, (n, 2), float
    groups : ndarray, (n,), int
        Number of each point's group.
    names : tuple of str
        Of the groups.
    select : str
        The value that pointing at a point changes: its number.
    at : int
        The chosen point.
    ringed : tuple of int
        Points with a ring around them.
    linked : tuple of int
        Points joined to the chosen one by a line.
    """

    key: str
    title: str
    places: np.ndarray
    groups: np.ndarray
    names: tuple
    select: str
    at: int
    alt: str
    ringed: tuple = ()
    linked: tuple = ()

    def content(self):
        """Return what the browser needs, as a dict."""
        places = np.round(np.asarray(self.places, dtype="float64"), 4)
        return {
            "kind": "points",
            "key": self.key,
            "title": self.title,
            "alt": self.alt,
            "cloud": {
                "x": places[:, 0].tolist(),
                "y": places[:, 1].tolist(),
                "groups": np.asarray(self.groups).astype(int).tolist(),
            },
            "legend": list(self.names),
            "colours": [PALETTE[index % len(PALETTE)] for index in range(len(self.names))],
            "select": self.select,
            "at": int(self.at),
            "ringed": [int(index) for index in self.ringed],
            "linked": [int(index) for index in self.linked],
        }


@dataclass(frozen=True)
class Group:
    """Panels that stay together under one title, for example the pictures beside a table.

    Attributes
    ----------
    key, title : str
        As in `Picture`.
    panels : tuple of panels
        Groups, too.
    alt : str
        What they show together; in a still picture it stands for the alt texts of all of them.
    width : int
        On the page, in CSS pixels; panels that do not fit beside each other go below.
    """

    key: str
    title: str
    panels: tuple
    alt: str
    width: int = 360

    def content(self):
        """Return what the browser needs, as a dict."""
        return {
            "kind": "group",
            "key": self.key,
            "title": self.title,
            "alt": self.alt,
            "width": self.width,
            "members": [panel.key for panel in self.panels],
        }


@dataclass(frozen=True)
class View:
    """All that a widget shows at one moment.

    Attributes
    ----------
    panels : tuple of Picture, Numbers, Text, Points or Group
    message : str
        One or two sentences with what is to be seen, made from the data; a screen reader reads them out.
    values : dict
        Controls that take another value because another control was used, ``{name: value}``.
    limits : dict
        Sliders that get other ends, ``{name: (low, high)}``.
    """

    panels: tuple
    message: str = ""
    values: dict = field(default_factory=dict)
    limits: dict = field(default_factory=dict)

    def __post_init__(self):
        keys = [panel.key for panel in self.flat()]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise InputError("Every panel of a view has a key of its own.", found=f"several of {', '.join(twice)}")

    def __getitem__(self, key):
        return next(panel for panel in self.flat() if panel.key == key)

    def flat(self):
        """Return all panels as a list, a group before what is in it."""
        return _flat(self.panels)

    @property
    def text(self):
        """The whole view in words: the alt text of its picture."""
        parts = [f"{panel.title}: {panel.alt}" if panel.title else panel.alt for panel in self.panels]
        return " ".join(
            part if part.endswith((".", "!", "?")) else f"{part}." for part in [*parts, self.message] if part
        )


def _flat(panels):
    return [each for panel in panels for each in (panel, *_flat(getattr(panel, "panels", ())))]
