"""What a learner can change in a widget; each control checks what comes back from the browser."""

from dataclasses import dataclass

import numpy as np

from ..errors import InputError, UnknownNameError

_LARGEST = 1e6  # of a weight: what is made from larger ones overflows in float32, and no cell can show it


@dataclass(frozen=True)
class Slider:
    """A number between two ends.

    Attributes
    ----------
    name, label : str
        Name of the value; what stands beside the control.
    value, low, high, step : int or float
    unit : str
        Written after the number.
    texts : tuple of str
        Instead of numbers: what to write for 0, 1, 2 ...
    play : int
        Milliseconds between two steps of a play button; 0: no button.
    """

    name: str
    label: str
    value: float
    low: float
    high: float
    step: float = 1
    unit: str = ""
    texts: tuple = ()
    play: int = 0

    kind = "slider"

    def accept(self, value):
        """Return the value as int (whole steps) or float; raise `InputError` if it is no number or not in range."""
        numeric = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
        if not numeric or value != value:
            raise InputError(f"{self.label} is a number.", found=_brief(value))
        if not self.low <= value <= self.high:
            raise InputError(
                f"{self.label} is out of range.", expected=f"{self.low} to {self.high}", found=_brief(value)
            )
        if not all(float(part).is_integer() for part in (self.low, self.high, self.step)):
            return float(value)
        if value != int(value):
            raise InputError(f"{self.label} is a whole number.", found=_brief(value))
        return int(value)

    def content(self):
        """Return what the browser needs, as a dict."""
        names = ("name", "kind", "label", "value", "low", "high", "step", "unit", "play")
        return {**{name: getattr(self, name) for name in names}, "texts": list(self.texts) or None}


@dataclass(frozen=True)
class Choice:
    """One of several words.

    Attributes
    ----------
    name, label, value : str
    options : tuple of str
    """

    name: str
    label: str
    value: str
    options: tuple

    kind = "choice"

    def accept(self, value):
        """Return the value; raise `UnknownNameError` if it is none of the options."""
        if not isinstance(value, str) or value not in self.options:
            name = value[:80] if isinstance(value, str) else _brief(value)
            raise UnknownNameError(self.label, name, list(self.options))
        return value

    def content(self):
        """Return what the browser needs, as a dict."""
        return {name: getattr(self, name) for name in ("name", "kind", "label", "value")} | {
            "options": list(self.options)
        }


@dataclass(frozen=True)
class Toggle:
    """On or off.

    Attributes
    ----------
    name, label : str
    value : bool
    """

    name: str
    label: str
    value: bool = False

    kind = "toggle"

    def accept(self, value):
        """Return the value; raise `InputError` if it is neither True nor False."""
        if not isinstance(value, bool | np.bool_):
            raise InputError(f"{self.label} is True or False.", found=_brief(value))
        return bool(value)

    def content(self):
        """Return what the browser needs, as a dict."""
        return {name: getattr(self, name) for name in ("name", "kind", "label", "value")}


@dataclass(frozen=True)
class Action:
    """A button; its value is how often it was pressed.

    Attributes
    ----------
    name, label : str
    value : int
    """

    name: str
    label: str
    value: int = 0

    kind = "action"

    def accept(self, value):
        """Return the count; raise `InputError` if it is none."""
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise InputError(f"{self.label} counts how often it was pressed.", found=_brief(value))
        return value

    def content(self):
        """Return what the browser needs, as a dict."""
        return {name: getattr(self, name) for name in ("name", "kind", "label", "value")}


@dataclass(frozen=True)
class Weights:
    """A small table of numbers to edit, for example a kernel.

    Attributes
    ----------
    name, label : str
    value : tuple of tuple of float
        Rows of the table.
    step : float
        Of the little arrows in a cell.
    limit : float
        Size of a number that gets the strongest colour.
    """

    name: str
    label: str
    value: tuple
    step: float = 1.0
    limit: float = 2.0

    kind = "weights"

    def accept(self, value):
        """Return a tuple of tuples of float; raise `InputError` if it is no such table of bearable numbers."""
        try:
            table = np.asarray(value)
        except ValueError:  # rows of different lengths
            table = np.empty(0)
        if table.ndim != 2 or not table.size or table.dtype.kind not in "iuf":
            raise InputError(f"{self.label} is a table of numbers, all rows equally long.", found=_brief(value))
        table = table.astype("float64")
        if not (np.abs(table) <= _LARGEST).all():  # neither if one is NaN
            raise InputError(
                f"{self.label}: every number is finite and not too large.",
                expected="at most 1,000,000 in size",
                found=_brief(value),
            )
        return tuple(tuple(row) for row in table.tolist())

    def content(self):
        """Return what the browser needs, as a dict."""
        names = ("name", "kind", "label", "step", "limit")
        return {**{name: getattr(self, name) for name in names}, "value": [list(row) for row in self.value]}


@dataclass(frozen=True)
class Drawing:
    """A black square to draw on in white.

    Attributes
    ----------
    name, label : str
    value : str
        A data URL of a PNG file, or ``""`` for an empty sheet.
    size : int
        Height and width, in pixels.
    pen : int
        Width of the pen, in pixels.
    """

    name: str
    label: str
    value: str = ""
    size: int = 280
    pen: int = 20

    kind = "drawing"

    def accept(self, value):
        """Return the value; raise `InputError` if it is no PNG picture of a bearable size."""
        if not isinstance(value, str) or (value and not value.startswith("data:image/png;base64,")):
            raise InputError("A drawing comes as a PNG data URL.", found=_brief(value))
        if len(value) > 4_000_000:
            raise InputError("The drawing is too large.", expected="at most 3 MB", found=f"{len(value):,} characters")
        return value

    def content(self):
        """Return what the browser needs, as a dict."""
        return {name: getattr(self, name) for name in ("name", "kind", "label", "value", "size", "pen")}


@dataclass(frozen=True)
class Hidden:
    """A value without a control: what is selected in a panel.

    Attributes
    ----------
    name : str
    value : object
        A whole number, or a pair of them.
    """

    name: str
    value: object

    kind = "hidden"

    def accept(self, value):
        """Return an int or a tuple of int; raise `InputError` if it is neither."""
        several = isinstance(value, list | tuple)
        numbers = tuple(value) if several else (value,)
        if not numbers or any(isinstance(part, bool) or not isinstance(part, int | np.integer) for part in numbers):
            raise InputError(f"{self.name} is a whole number, or several.", found=_brief(value))
        return tuple(int(part) for part in numbers) if several else int(value)


def _brief(value):
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:80]}…"
