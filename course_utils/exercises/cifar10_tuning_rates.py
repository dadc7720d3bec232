"""Notebook 04, reading: four learning-rate range tests (04.1)."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from .comparing import as_numbers, kind_of, so_many_right
from .feedback import NotYet
from .judging import Mistake, require_attempt
from .registry import exercise

_LARGER, _SMALLER = "larger", "smaller"
# Where the loss starts to move, where the slope is good to use, and from where on the loss rises.
_REGIONS = MappingProxyType({"A": (2e-4, 8e-4, 1.2e-2, 3e-2), "B": (1.5e-2, 4e-2, 0.15, 0.42)})
_REPEAT = MappingProxyType({"C": _LARGER, "D": _SMALLER})
_TESTED = MappingProxyType({"C": (1e-6, 1e-3), "D": (0.03, 3)})  # the rates that were tried, rounded outwards


def _answered(value):
    """Return a rate as a float, or one of the two words; None for anything else."""
    if isinstance(value, str):
        words = [word for word in (_LARGER, _SMALLER) if word in value.casefold()]
        if len(words) == 1:
            return words[0]
        try:
            value = float(value)
        except ValueError:
            return None
    number = as_numbers(value)
    return number.item() if number is not None and number.size == 1 and np.isfinite(number).all() else None


@exercise(
    "04.1",
    "range_tests",
    "read four range tests",
    why="You have read the slope, not the minimum, and you ask for another test where one shows only half of the "
    "picture. With a new network, optimiser or batch size that is the first thing to do, and it takes seconds.",
)
def _range_tests_check(answer):
    require_attempt(answer)
    letters = [*_REGIONS, *_REPEAT]
    if not isinstance(answer, Mapping) or answer.keys() != set(letters):
        raise NotYet(
            f"Expected a dictionary with the keys {', '.join(letters)}, received {kind_of(answer)}.",
            "wrong-type",
            hint="Keep the exercise cell as it is, and put a number or a word in place of each `...`.",
        )
    said = {letter: _answered(value) for letter, value in answer.items()}
    unknown = [letter for letter in letters if said[letter] is None or (said[letter] == 0)]
    if unknown:
        raise NotYet(
            f"Neither a learning rate nor one of the two words: {', '.join(unknown)}.",
            "other-word",
            hint='Write a number like 0.05 or 5e-2, or `"larger"` or `"smaller"`.',
        )
    problems = {letter: _rate_mistake(letter, said) for letter in _REGIONS}
    problems |= {letter: _repeat_mistake(letter, said[letter]) for letter in _REPEAT}
    wrong = [letter for letter in letters if problems[letter]]
    if wrong:
        raise problems[wrong[0]].raised(f"{so_many_right(len(letters) - len(wrong), 4)} Not yet: {', '.join(wrong)}.")


def _rate_mistake(letter, said):
    value, (moves, low, high, rises) = said[letter], _REGIONS[letter]
    if isinstance(value, str):
        return Mistake(
            "complete-test",
            None,
            f"{letter} shows all there is to see: a flat beginning, a slope, a valley and the rise behind it.",
            "Which part of this curve would you choose a rate from?",
            "Go from the rise to the left until you are on the slope.",
        )
    if low <= value <= high:
        return None
    if value < 0:
        return _negative(letter, value)
    if letter == "B" and _REGIONS["A"][1] <= value <= _REGIONS["A"][2]:
        return Mistake(
            "rate-carried-over",
            None,
            "For B you name a rate that would suit A. The network is the same, but B was trained by plain SGD, and at "
            "this rate its loss hardly moves.",
            "Read B by itself: where does *its* loss fall?",
            "An optimiser has its own scale. B's slope lies to the right of A's by more than a factor of ten.",
        )
    return _zone(letter, value, moves, low, rises)


def _negative(letter, value):
    asked = " Did you write the exponent alone?" if value <= -0.5 else ""
    return Mistake(
        "exponent-not-rate" if asked else "negative-rate",
        None,
        f"Your rate for {letter} is negative: every step would go uphill.{asked}",
        "The axis is logarithmic: the mark 10⁻³ means 0.001.",
    )


def _zone(letter, value, moves, low, rises):
    told = f"At {value:g}, curve {letter}"
    if value > rises:
        return Mistake(
            "past-the-rise",
            None,
            f"{told} has already turned upwards: such steps leap over the valley, or throw the network out of it.",
            "Find the place from which the loss rises, and stay well to the left of it.",
            "A tenth to a third of that rate.",
        )
    if value > low:
        return Mistake(
            "bottom-of-the-valley",
            None,
            f"{told} is near the bottom of its valley. But low is not the same as good: the loss is low there because "
            "of all the steps made before. A little further, and it rises.",
            "You want the rate at which the loss falls, not the one at which it has fallen.",
            "A tenth to a third of the rate at which it begins to rise.",
        )
    if value < moves:
        return Mistake(
            "plateau",
            None,
            f"{told} is still flat: these steps are too small to learn anything in a useful time.",
            "Go to the right until the loss falls clearly.",
            "A tenth to a third of the rate at which it begins to rise.",
        )
    return Mistake(
        "end-of-the-plateau",
        None,
        f"{told} only begins to move. The first rate that does anything works, but several times as slowly as need be.",
        "Where is the curve steepest?",
        "A tenth to a third of the rate at which it begins to rise.",
    )


def _repeat_mistake(letter, value):
    if value == _REPEAT[letter]:
        return None
    if not isinstance(value, str):
        if value < 0:
            return _negative(letter, value)
        if not _TESTED[letter][0] <= value <= _TESTED[letter][1]:
            return Mistake(
                "beyond-the-test",
                None,
                f"{value:g} is not among the rates that {letter} was tested with: what would happen there, nobody "
                "has seen.",
                "When a test does not show what you need, it is repeated with other rates. Which of the two words "
                "says so?",
            )
    if letter == "C":
        return Mistake(
            "range-too-short",
            None,
            "C ends while its loss is still falling, faster and faster. Neither the valley nor the rise has come into "
            "sight: how far the slope goes nobody can tell.",
            "What would you have to see on C before you can choose, and in which direction does it lie?",
            "The lowest point of C is merely the last one.",
        )
    return Mistake(
        "broken-not-timid",
        None,
        "D is flat, but not for being timid: look at its first points. The loss begins *above* 2.3, the loss of "
        "knowing nothing. The first, far too large steps have broken the network, and nothing moves any more.",
        "Compare the rates of D with those at which A had its accident. Where would the interesting part of D lie?",
        "Everything on D lies to the right of the slope.",
    )
