"""Break-it labs: a small pipeline with one planted fault, to be found from its symptoms."""

import functools
import importlib
import re
from types import SimpleNamespace

from ..errors import UnknownNameError
from .comparing import shortly
from .feedback import NotYet
from .judging import require_attempt
from .registry import MODULES

_labs = {}


def lab(number):
    """Register a function as the lab of a notebook; what it returns is what `break_it` gives to the learner.

    Parameters
    ----------
    number : str
        The notebook's number, for example ``"02"``.
    """

    def register(make):
        _labs[number] = make
        return make

    return register


def break_it(number, *ingredients, **others) -> SimpleNamespace:
    """Return what a colleague has prepared for a notebook's break-it lab: one thing in it is wrong.

    Find out what from its symptoms (learning curves, confusion matrix, histogram, pictures), then
    name the fault to the check below it.

    Parameters
    ----------
    number : str
        The notebook's number, for example ``"02"``.
    *ingredients, **others
        What the lab is made from; the notebook's cell shows it.

    Returns
    -------
    types.SimpleNamespace
        Its contents differ from lab to lab; the notebook names them.

    Raises
    ------
    UnknownNameError
        If there is no such lab.
    """
    if number not in _all_labs():
        raise UnknownNameError("break-it lab", number, _all_labs(), fix='Write for example cu.break_it("02", data).')
    return _labs[number](*ingredients, **others)


@functools.cache
def _all_labs():
    for module in MODULES.values():
        importlib.import_module(f".{module}", __package__)
    return sorted(_labs)


def first_letter(answer, letters):
    """Return the letter an answer begins with, as in ``"d"`` or ``"(d) the second"``.

    Parameters
    ----------
    answer : object
    letters : sequence of str
        Those of the suspects.

    Returns
    -------
    str or None
        None if it begins with no letter of its own. Whoever names two (``"a or b"``) has named none.
    """
    if not isinstance(answer, str):
        return None
    said = answer.lower()
    named = re.match(r"\W*([a-z])(?![a-z])", said)
    also = "|".join(rf"{letter}(?:\W*$|\W+or\b)" if letter == "a" else rf"{letter}(?!\w)" for letter in letters)
    twice = named and re.match(rf"\W*(?:(?:or|and)\W+)?(?:{also})", said[named.end() :])
    return named[1] if named and not twice else None


def judge_fault(answer, right, evidence, *, hint, stronger="") -> None:
    """Judge which suspect a learner names.

    Parameters
    ----------
    answer : str
        The suspect's letter; what follows it, as in ``"d) …"``, does not matter.
    right : str
        The letter of the fault.
    evidence : dict of str to (str, str)
        For every other suspect a short name, and what speaks against it.
    hint, stronger : str
        For the first failed try, and for the later ones.

    Raises
    ------
    NotAttempted, NotYet
    """
    require_attempt(answer)
    letters = sorted([right, *evidence])
    letter = first_letter(answer, letters)
    if letter == right:
        return
    if letter not in evidence:
        raise NotYet(
            f"Received {shortly(answer)}; the suspects are {', '.join(letters)}.",
            "no-such-suspect",
            hint=f'Write one letter in quotes, for example `"{letters[0]}"`.',
        )
    name, against = evidence[letter]
    raise NotYet(f"It is not suspect {letter}.", name, meaning=against, hint=hint, stronger=stronger)
