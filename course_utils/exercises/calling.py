"""Calling a learner's code: with a time limit, on copies, with what it prints kept apart."""

import ctypes
import io
import threading
import time
import traceback
import warnings
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Any

import numpy as np

LIMIT = 2.0  # seconds for all calls of one check
_GRACE = 0.5  # seconds a loop has to end after it was told to
_PRINTED = 10_000  # characters


@dataclass(frozen=True)
class Outcome:
    """What became of one call.

    Attributes
    ----------
    value : object
        What was returned; None if nothing was.
    error : BaseException or None
        What was raised.
    line : int or None
        Line in the learner's cell (from 1) where it was raised.
    late : bool
        Not finished within the time limit.
    changed : tuple of int
        Positions of the arguments that the call has changed.
    """

    value: Any = None
    error: BaseException | None = None
    line: int | None = None
    late: bool = False
    changed: tuple[int, ...] = ()


class _TimeUp(BaseException):
    """Thrown into a call that takes too long."""


def call(function, cases, limit=LIMIT) -> tuple[list[Outcome], str]:
    """Call a function once per case, in a thread of its own.

    The arguments are copied first, so that a function that changes them harms nobody. A call
    that is still running when the time is up gets an exception thrown into it; if it does not
    react (it waits inside compiled code), it is left behind as a daemon thread.

    Parameters
    ----------
    function : callable
    cases : iterable of tuple
        The arguments of each call.
    limit : float, default 2
        Seconds for all calls together.

    Returns
    -------
    outcomes : list of Outcome
        One per case; cases that were never reached are `late`.
    printed : str
        What the calls wrote to stdout and stderr, at most 10,000 characters.
    """
    cases = [tuple(case) for case in cases]
    done, written = [], _Limited()

    def work():
        try:
            for case in cases:
                done.append(_call_once(function, case))
        except _TimeUp:
            pass

    thread = threading.Thread(target=work, daemon=True, name="answer")
    with redirect_stdout(written), redirect_stderr(written), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a check says itself what is wrong with an answer
        thread.start()
        _wait(thread, limit)
        if thread.is_alive():
            _stop(thread)
    # A thread left behind may still append: what counts is what was there in time.
    outcomes = list(done[: len(cases)])
    return outcomes + [Outcome(late=True)] * (len(cases) - len(outcomes)), written.getvalue()


def _call_once(function, case):
    arguments = [_copy(value) for value in case]
    try:
        value = function(*arguments)
    except _TimeUp:
        raise
    except BaseException as error:  # noqa: BLE001 - also exit() and a learner's own KeyboardInterrupt
        return Outcome(error=error, line=_line(error, function))
    changed = tuple(at for at, (old, new) in enumerate(zip(case, arguments, strict=True)) if not _same(old, new))
    return Outcome(value=value, changed=changed)


def _wait(thread, seconds):
    """Join in short steps, so that ■ still interrupts the waiting cell."""
    end = time.monotonic() + seconds
    while thread.is_alive() and time.monotonic() < end:
        thread.join(0.05)


def _stop(thread):
    end = time.monotonic() + _GRACE
    while thread.is_alive() and time.monotonic() < end:
        # https://docs.python.org/3/c-api/init.html#c.PyThreadState_SetAsyncExc: works between two bytecodes.
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(_TimeUp))
        thread.join(0.05)


def _copy(value):
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, (list, dict, set)):
        import copy

        return copy.deepcopy(value)
    return value


def _same(old, new):
    if isinstance(old, np.ndarray):
        return old.shape == new.shape and old.dtype == new.dtype and old.tobytes() == new.tobytes()
    return old == new if isinstance(old, (list, dict, set)) else True


def _line(error, function):
    """Return the line inside the learner's own function, counted from the top of its cell."""
    own = getattr(getattr(function, "__code__", None), "co_filename", None)
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == own]
    return lines[-1] if lines else None


class _Limited(io.StringIO):
    """Keeps the beginning of what is written."""

    def write(self, text):
        room = _PRINTED - self.tell()
        if room > 0:
            super().write(text[:room])
        return len(text)
