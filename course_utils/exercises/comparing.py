"""Comparing an answer with the right one, and saying how they differ."""

import inspect
import numbers
from collections.abc import Mapping

import numpy as np

from .feedback import NotYet


def describe_difference(value, want, what, prefix="", some_right=False, tolerance=1e-4) -> NotYet:
    """Return what to say about a wrong value for which no misconception is known.

    Parameters
    ----------
    value, want : object
        The answer's value and the right one.
    what : str
        What to call the answer.
    prefix : str
        Says for which input.
    some_right : bool
        Whether other inputs gave the right result.
    tolerance : float
        As in `agree`.
    """
    if value is None:
        return NotYet(
            f"{prefix}{what} returned nothing (None).",
            "returns-nothing",
            meaning="A function without `return` gives None, whatever it has computed.",
            hint="End it with `return` and the result.",
        )
    if inspect.isgenerator(value) or isinstance(value, (map, zip, filter)):
        return NotYet(
            f"{prefix}{what} returned {kind_of(value)}: a promise of values, not the values.",
            "generator",
            meaning="`yield`, `map`, `zip` and (… for … in …) compute nothing before somebody asks for the values.",
            hint="Collect them, for example with `list(…)`, and return that.",
        )
    got, wanted = as_numbers(value), as_numbers(want)
    if (got is None) != (wanted is None):
        return NotYet(
            f"{prefix}{what} returned {kind_of(value)}, expected {kind_of(want)}.",
            "wrong-type",
            hint="Look at what it returns.",
        )
    if got is None:
        return NotYet(f"{prefix}{what} gave {shortly(value)}.", "wrong-value", hint="Look at it once more.")
    if got.shape != wanted.shape:
        return NotYet(
            f"{prefix}{what} returned {_forms(got, wanted)}.",
            "wrong-shape",
            hint="Print the shape after each step and find the first one that surprises you."
            if got.ndim and wanted.ndim
            else "Look at what it returns.",
        )
    if np.isnan(got).any() and not np.isnan(wanted).any():
        return NotYet(
            f"{prefix}{int(np.isnan(got).sum())} of {got.size} values are NaN (not a number).",
            "nan",
            meaning="NaN comes from 0/0, from ∞/∞ or ∞ − ∞, or from the root or logarithm of a negative number.",
            hint="Find the first step that gives NaN or inf.",
        )
    return _other_values(got, wanted, what, prefix, some_right, tolerance)


def _forms(got, wanted):
    if got.ndim and wanted.ndim:
        return f"shape {got.shape}, expected {wanted.shape}"
    given, right = ("one number" if array.ndim == 0 else f"an array or list {array.shape}" for array in (got, wanted))
    return f"{given}, expected {right}"


def _other_values(got, wanted, what, prefix, some_right, tolerance):
    if got.ndim == 0:
        return NotYet(
            f"{prefix}{what} gave {_contrasted(got[()], wanted[()])}.",
            "wrong-value",
            hint="Compute one by hand.",
        )
    wrong = ~np.isclose(got, wanted, rtol=tolerance, atol=tolerance, equal_nan=True)
    first = tuple(int(index) for index in np.argwhere(wrong)[0])
    place = f"[{', '.join(map(str, first))}]"
    other = " Other inputs gave the right result." if some_right and not prefix else ""
    seen = (
        f"{prefix}the shape {got.shape} is right, but {int(wrong.sum())} of {got.size} values are not. "
        f"The first is {place}: {_contrasted(got[first], wanted[first])}.{other}"
    )
    at = int(wrong.argmax())
    if at and not got.ravel()[at:].any():
        return NotYet(
            seen,
            "never-filled-in",
            meaning="What comes before is right; from there on all is 0.",
            hint="Was the rest never filled in? A `return` inside a loop ends the loop at once.",
        )
    return NotYet(
        seen,
        "wrong-values",
        hint=f"Compute the value at {place} by hand, and compare it with each step of your code.",
    )


def _contrasted(got, wanted):
    """Show two numbers with as many digits as it takes to see that they differ; whole ones in full."""
    if all(abs(number) < 1e15 and float(number).is_integer() for number in (got, wanted)):
        return f"{int(got)}, expected {int(wanted)}"
    digits = next((digits for digits in (4, 6, 8, 12) if f"{got:.{digits}g}" != f"{wanted:.{digits}g}"), 17)
    return f"{got:.{digits}g}, expected {wanted:.{digits}g}"


def agree(value, want, tolerance=1e-4) -> bool:
    """Say whether two values are the same: numbers and arrays within a tolerance and in any dtype, else by ``==``.

    Examples
    --------
    >>> agree([1, 2.00001], np.array([1, 2], "float32")), agree((26, 26), (28, 28)), agree("b", " B ")
    (True, False, True)
    """
    if isinstance(want, str):
        return isinstance(value, str) and value.strip().casefold() == want.strip().casefold()
    if isinstance(want, Mapping):
        return (
            isinstance(value, Mapping)
            and value.keys() == want.keys()
            and all(agree(value[key], want[key], tolerance) for key in want)
        )
    got, wanted = as_numbers(value), as_numbers(want)
    if wanted is None and isinstance(want, (list, tuple)):  # several results, for example arrays of different shapes
        return (
            isinstance(value, (list, tuple))
            and len(value) == len(want)
            and all(agree(own, other, tolerance) for own, other in zip(value, want, strict=True))
        )
    if got is None or wanted is None:
        return type(value) is type(want) and np.all(value == want).item() is True
    return got.shape == wanted.shape and np.allclose(got, wanted, rtol=tolerance, atol=tolerance, equal_nan=True)


def as_numbers(value):
    """Return a float64 array of a number, list, array or Keras tensor; None if it holds no real numbers."""
    if isinstance(value, (str, bytes, Mapping)) or value is None or value is Ellipsis:
        return None
    try:
        array = np.asarray(float(value) if isinstance(value, numbers.Rational) else value)
    except Exception:  # noqa: BLE001 - rows of different lengths, tensors without values, anything a learner may return
        return None
    return array.astype("float64") if array.dtype.kind in "biuf" else None


def shape_of(value):
    """Return the shape of a number, list or array; None if it holds no numbers."""
    array = as_numbers(value)
    return None if array is None else array.shape


def kind_of(value):
    """Say what a value is, in a few words."""
    if isinstance(value, np.ndarray):
        return f"an array {value.shape} of {value.dtype}"
    if isinstance(value, numbers.Number):
        return f"the number {shortly(value)}"
    if inspect.isgenerator(value) or isinstance(value, (map, zip, filter)):
        return f"a {type(value).__name__}"
    if inspect.isroutine(value):
        return f"the function {getattr(value, '__name__', '?')}"
    if isinstance(value, str):
        return f"the text {shortly(value)}"
    if value is None:
        return "None"
    # The text of most other objects is an address in memory.
    telling = type(value).__repr__ is not object.__repr__ and not callable(value)
    name = type(value).__name__
    return f"{name} {shortly(value)}" if telling else f"{'an' if name[0] in 'AEIOUaeiou' else 'a'} {name}"


def shortly(value):
    """Return a value as short text: numbers with four digits, everything else cut off at 60 characters.

    Examples
    --------
    >>> shortly((np.float64(2 / 3), 26, "same"))
    "(0.6667, 26, 'same')"
    """
    if isinstance(value, (bool, np.bool_, numbers.Integral)):
        return str(value)
    if isinstance(value, numbers.Real):
        return f"{float(value):.4g}"
    if isinstance(value, np.ndarray) and value.ndim == 0:
        return shortly(value[()])
    return _cut(_listed(value) if type(value) in (list, tuple) and len(value) <= 20 else _repr(value))


def _listed(value):
    inside = ", ".join(_cut(_repr(part)) if isinstance(part, str) else shortly(part) for part in value)
    if isinstance(value, list):
        return f"[{inside}]"
    return f"({inside},)" if len(value) == 1 else f"({inside})"


def _repr(value):
    try:
        return " ".join(repr(value).split())
    except Exception:  # noqa: BLE001 - an object of the learner's own may be unable to speak
        return "…"


def _cut(text):
    return text if len(text) <= 60 else text[:57] + "…"


def so_many_right(right, total) -> str:
    """Say how many parts of an answer are right.

    Examples
    --------
    >>> so_many_right(1, 5), so_many_right(2, 5)
    ('1 of 5 is right.', '2 of 5 are right.')
    """
    return f"{right} of {total} {'is' if right == 1 else 'are'} right."
