"""Judging answers: is there one at all, is it right, and if not, which misconception gives just this result?"""

import dis
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .calling import LIMIT, Outcome, call, copies
from .comparing import agree, as_numbers, describe_difference, kind_of, shape_of, shortly, so_many_right
from .feedback import NotAttempted, NotYet

# What a body of `...` or `pass`, with or without a docstring, compiles to.
_IDLE = {"RESUME", "NOP", "LOAD_CONST", "RETURN_CONST", "RETURN_VALUE", "POP_TOP", "CACHE"}


@dataclass(frozen=True)
class Mistake:
    """A misconception, and what it would answer.

    Attributes
    ----------
    name : str
        Short name, for example ``"kernel-flipped"``.
    answer : callable or object
        For a function exercise: a function that makes this mistake, with the signature of the right
        one. For a value exercise: the wrong value, or a function ``value -> bool`` that recognises it.
    meaning : str
        What the answer shows, in whole sentences.
    hint, stronger : str
    """

    name: str
    answer: Any
    meaning: str
    hint: str = ""
    stronger: str = ""

    def raised(self, seen="") -> NotYet:
        """Return the exception that says so."""
        return NotYet(seen, self.name, meaning=self.meaning, hint=self.hint, stronger=self.stronger)


def require_attempt(answer) -> None:
    """Raise `NotAttempted` if an answer is `...`, or a function whose body is.

    Raises
    ------
    NotAttempted
    NotYet
        If only some of several values are filled in.
    """
    if answer is Ellipsis or is_stub(answer):
        raise NotAttempted
    parts = _parts(answer)
    open_parts = [str(key) for key, value in parts if value is Ellipsis]
    if parts and len(open_parts) == len(parts):
        raise NotAttempted
    if open_parts:
        raise NotYet(f"Still open: {', '.join(open_parts)}.", "incomplete", hint="Replace every `...`.")


def is_stub(answer) -> bool:
    """Say whether something is a Python function whose body is only ``...``, ``pass`` or a docstring."""
    code = getattr(inspect.unwrap(answer), "__code__", None) if callable(answer) else None
    if code is None:
        return False
    returned = [
        step.argval for step in dis.get_instructions(code) if step.opname.startswith(("LOAD_CONST", "RETURN_CONST"))
    ]
    idle = all(step.opname in _IDLE for step in dis.get_instructions(code))
    return idle and all(value is None or value is Ellipsis for value in returned)


def _parts(answer):
    if isinstance(answer, Mapping):
        return list(answer.items())
    if isinstance(answer, (list, tuple)):
        return [(f"number {at}", value) for at, value in enumerate(answer, 1)]
    return []


def judge_function(
    answer,
    right: Callable,
    cases: Sequence[tuple],
    mistakes: Sequence[Mistake] = (),
    *,
    what: str = "Your function",
    names: Sequence[str] = (),
    tolerance: float = 1e-4,
    limit: float = LIMIT,
    describe: Callable[[tuple], str] | None = None,
) -> str:
    """Compare a learner's function with the right one, and tell which mistake explains the difference.

    The answer is called on copies of every case's arguments, within a time limit. If all results
    agree (numbers within `tolerance`, any dtype, arrays or lists), it is right. If not, the first of
    `mistakes` whose function gives the answer's results in *all* cases is named; else what is told
    is what was seen: an exception, nothing returned, NaN, another shape, other values.

    Parameters
    ----------
    answer : callable
    right : callable
        The reference.
    cases : sequence of tuple
        Arguments of each call; the first should be the one the notebook speaks of.
    mistakes : sequence of Mistake
        Likeliest first; several that give the same results cannot be told apart.
    what : str
        What to call the answer.
    names : sequence of str
        Names of the arguments, for messages.
    tolerance : float
        Largest allowed difference, absolute, and relative to the right value.
    limit : float
        Seconds for all calls.
    describe : callable, optional
        Turns a case into a few words for the message, for example ``"stride 2 on 28×28"``.

    Returns
    -------
    str
        What the answer printed.

    Raises
    ------
    NotAttempted, NotYet
    """
    outcomes, printed = _called(answer, cases, limit)
    expected = [right(*copies(case)) for case in cases]
    try:
        _judge_outcomes(outcomes, expected, cases, mistakes, what, names, tolerance, limit, describe)
    except NotYet as problem:
        problem.printed = printed
        raise
    return printed


def outcomes_of(answer, cases: Sequence[tuple], *, what: str = "Your function", limit: float = LIMIT) -> list[Outcome]:
    """Call a learner's function on every case, for answers of which many are right; the caller judges what came out.

    Parameters
    ----------
    answer : callable
    cases : sequence of tuple
    what, limit
        As in `judge_function`.

    Returns
    -------
    list of Outcome
        One per case, all finished and none with an error.

    Raises
    ------
    NotAttempted
    NotYet
        If it is no function, takes too long, or raises.
    """
    outcomes, printed = _called(answer, cases, limit)
    try:
        _refuse_late(outcomes, what, limit)
        for outcome in outcomes:
            if outcome.error is not None:
                raise _crashed(outcome, what, "")
    except NotYet as problem:
        problem.printed = printed
        raise
    return outcomes


def _called(answer, cases, limit):
    require_attempt(answer)
    if not callable(answer):
        raise NotYet(
            f"Expected the function itself, received {kind_of(answer)}.",
            "not-a-function",
            hint="Pass the function without brackets: the check calls it on several inputs.",
        )
    outcomes, printed = call(answer, cases, limit)
    if all(outcome.value is Ellipsis for outcome in outcomes):
        raise NotAttempted
    return outcomes, printed


def _judge_outcomes(outcomes, expected, cases, mistakes, what, names, tolerance, limit, describe):
    _refuse_late(outcomes, what, limit)
    good = [
        outcome.error is None and agree(outcome.value, want, tolerance)
        for outcome, want in zip(outcomes, expected, strict=True)
    ]
    if not all(good):
        for mistake in mistakes:
            if _explains(mistake, outcomes, cases, tolerance):
                raise mistake.raised(_seen(outcomes, expected, good, cases, what, describe))
        at = good.index(False)
        prefix = _which(good, at, cases, describe)
        if outcomes[at].error is not None:
            raise _crashed(outcomes[at], what, prefix)
        raise describe_difference(outcomes[at].value, expected[at], what, prefix, any(good), tolerance)
    _refuse_changed(outcomes, what, names)


def _refuse_late(outcomes, what, limit):
    if any(outcome.late for outcome in outcomes):
        raise NotYet(
            f"{what} did not finish within {limit:g} seconds.",
            "endless",
            meaning="Either a loop never ends, or far more work is done than the small inputs of the check need.",
            hint="Look at the condition of each `while`, and at what changes inside it.",
        )


def _refuse_changed(outcomes, what, names):
    changed = sorted({at for outcome in outcomes for at in outcome.changed})
    if changed:
        listed = " and ".join(f"`{names[at]}`" if at < len(names) else f"argument {at + 1}" for at in changed)
        raise NotYet(
            f"The result is right, but {what[0].lower() + what[1:]} changes {listed} itself.",
            "input-changed",
            meaning="What is handed over is no copy: whoever calls the function finds their data altered.",
            hint="Work on a copy (`.copy()`), or put the result into a new array or list.",
        )


def _explains(mistake, outcomes, cases, tolerance):
    if not callable(mistake.answer):
        return False
    for outcome, case in zip(outcomes, cases, strict=True):
        if outcome.error is not None:
            return False
        try:
            with np.errstate(all="ignore"):
                wrong = mistake.answer(*copies(case))
        except (ValueError, TypeError, LookupError, ArithmeticError, AttributeError):  # it cannot answer such a case
            return False
        if not agree(outcome.value, wrong, tolerance):
            return False
    return True


def _crashed(outcome, what, prefix):
    place = f" in line {outcome.line} of its cell" if outcome.line else ""
    if isinstance(outcome.error, TypeError) and "ellipsis" in _words(outcome.error):
        return NotYet(f"{prefix}{what} still has a `...`{place}.", "incomplete", hint="Replace every `...`.")
    return NotYet(
        f"{prefix}{what} raised {type(outcome.error).__name__}{place}: {_words(outcome.error)[:200] or 'no message'}.",
        "raises",
        hint="Call it yourself on a small input and read the last line of the error first.",
    )


def _words(error):
    try:
        return str(error).strip().rstrip(".")
    except Exception:  # noqa: BLE001 - a learner's own exception may be unable to speak
        return ""


def _which(good, at, cases, describe):
    if describe is None:
        return ""
    right = [describe(case) for case, fine in zip(cases, good, strict=True) if fine]
    praise = f"Right for {right[0]}. " if right else ""
    return f"{praise}For {describe(cases[at])}: "


def _seen(outcomes, expected, good, cases, what, describe):
    at = good.index(False)
    prefix = _which(good, at, cases, describe)
    value, want = outcomes[at].value, expected[at]
    shapes = shape_of(value), shape_of(want)
    if None not in shapes and shapes[0] != shapes[1]:
        return f"{prefix}{what} returned shape {shapes[0]}, expected {shapes[1]}."
    if shapes[1] in ((), None):
        return f"{prefix}{what} returned {shortly(value)}, expected {shortly(want)}."
    if shapes[1] == (2,):
        given, wanted = (" and ".join(map(shortly, as_numbers(numbers))) for numbers in (value, want))
        return f"{prefix}{what} returned {given}, expected {wanted}."
    return f"{prefix}the shape {shapes[1]} is right, the values are not."


def judge_value(
    answer, right, mistakes: Sequence[Mistake] = (), *, what="Your answer", tolerance=1e-6, hint=""
) -> None:
    """Compare a value (number, tuple, text, mapping) with the right one.

    Parameters
    ----------
    answer, right : object
        A number may come in any dtype; text is compared without regard to case and outer spaces.
    mistakes : sequence of Mistake
        Their `answer` is the wrong value, or a function ``value -> bool`` that recognises it.
    what, tolerance
        As in `judge_function`.
    hint : str
        For a wrong answer that no mistake explains.

    Raises
    ------
    NotAttempted, NotYet
    """
    require_attempt(answer)
    if agree(answer, right, tolerance):
        return
    for mistake in mistakes:
        if _recognises(mistake.answer, answer, tolerance):
            raise mistake.raised(f"{what} is {shortly(answer)}.")
    if isinstance(right, Mapping):
        raise _wrong_parts(answer, right, what, tolerance, hint)
    if isinstance(right, str) and not isinstance(answer, str):
        raise NotYet(f"Expected text in quotes, received {kind_of(answer)}.", "wrong-type", hint=hint)
    if callable(answer) or (isinstance(answer, str) and as_numbers(right) is not None):
        wanted = "a number" if shape_of(right) == () else "a value"
        raise NotYet(f"Expected {wanted}, received {kind_of(answer)}.", "wrong-type", hint=hint)
    raise NotYet(f"{what} is {shortly(answer)}; that is not it.", "wrong-value", hint=hint)


def _recognises(known, answer, tolerance):
    if not callable(known):
        return agree(answer, known, tolerance)
    try:
        return bool(known(answer))
    except (TypeError, ValueError, KeyError, IndexError, AttributeError):  # made for answers of another kind
        return False


def _wrong_parts(answer, right, what, tolerance, hint):
    if not isinstance(answer, Mapping) or answer.keys() != right.keys():
        return NotYet(f"{what} should be a dictionary with {', '.join(map(repr, right))}.", "wrong-type", hint=hint)
    wrong = [str(key) for key in right if not agree(answer[key], right[key], tolerance)]
    return NotYet(
        f"{so_many_right(len(right) - len(wrong), len(right))} Not yet: {', '.join(wrong)}.", "some-wrong", hint=hint
    )
