"""Calling a learner's code: with a time limit, on copies, with what it prints kept apart."""

import builtins
import copy
import ctypes
import functools
import io
import random
import sys
import threading
import time
import traceback
import warnings
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Any

import numpy as np

LIMIT = 2.0  # seconds for all calls of one check
_GRACE = 0.5  # seconds a loop has to end after it was told to
_PRINTED = 10_000  # characters
# A thread that computed for less than this share of the time is not held up by a busy machine: it waits.
_IDLE = 0.02
# As multiples of the limit: how long a thread may take on a busy machine, and where nothing is known about it.
_PATIENCE, _UNKNOWN = 5, 2
_PLAIN = (int, float, complex, str, bytes, set, type(None))


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

    The arguments are copied first, so that a function that changes them harms nobody. What counts
    is the time that the thread computes: a machine that is busy with other things makes no right
    answer wrong. (Where that cannot be measured, and for calls that only wait, time is what the
    clock on the wall says.) A call that is still running when its time is up gets an exception thrown
    into it; if it does not react (it waits inside compiled code), it is left behind as a daemon thread.

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
    written, worker = _Limited(), _Worker(function, cases)
    with redirect_stdout(written), redirect_stderr(written), warnings.catch_warnings(), _no_keyboard():
        warnings.simplefilter("ignore")  # a check says itself what is wrong with an answer
        worker.start()
        try:
            _wait(worker, limit)
        finally:  # also when ■ interrupts the waiting
            if worker.is_alive():
                worker.stop()
    if worker.failure is not None:
        raise worker.failure
    # A thread left behind may still append: what counts is what was there in time.
    outcomes = list(worker.done[: len(cases)])
    return outcomes + [Outcome(late=True)] * (len(cases) - len(outcomes)), written.getvalue()


class _Worker(threading.Thread):
    """Calls the function on every case, and can be told to stop."""

    def __init__(self, function, cases):
        super().__init__(daemon=True, name="answer")
        self.function, self.cases = function, cases
        self.done, self.clock, self.failure = [], None, None
        self.time_up = type("_TimeUp", (_TimeUp,), {})  # one per thread, see stop()

    def run(self):
        self.clock, quiet = cpu_clock(), _thrower(threading.get_ident())
        try:
            for case in self.cases:
                self.done.append(_call_once(self.function, case))
        except BaseException as error:  # noqa: BLE001 - time is up; or a fault of ours, told in the caller's thread
            self.time_up.__init__ = BaseException.__init__
            quiet()  # the next one is under way already
            self.failure = None if isinstance(error, _TimeUp) else error

    def stop(self):
        """Throw an exception into the running call, and wait a moment for it to end.

        A loop around ``except: pass`` would swallow it. So each such exception, when it is made, has
        the next one thrown, which meets the loop outside of its ``try`` (not always in Python 3.12,
        where a jump back counts as part of what it jumps to).
        """
        again = _thrower(self.ident, self.time_up)
        self.time_up.__init__ = again
        again()
        self.join(_GRACE)


def _thrower(thread, *kind):
    """Return a function that has an exception raised in a thread between two bytecodes; no kind: takes it back."""
    # https://docs.python.org/3/c-api/init.html#c.PyThreadState_SetAsyncExc; [ ] gives a function object of our own.
    throw = ctypes.pythonapi["PyThreadState_SetAsyncExc"]
    throw.restype = None  # as an __init__ has to return it
    return functools.partial(throw, ctypes.c_ulong(thread), ctypes.py_object(*kind))


def cpu_clock():
    """Return a function that says how many seconds the calling thread has computed; None if it cannot be known."""
    if hasattr(time, "pthread_getcpuclockid"):
        return functools.partial(time.clock_gettime, time.pthread_getcpuclockid(threading.get_ident()))
    return _listed_clock() if sys.platform == "win32" else None  # macOS numbers its threads in another way


def _listed_clock():
    import psutil

    process, own = psutil.Process(), threading.get_native_id()
    return lambda: sum(thread.user_time + thread.system_time for thread in process.threads() if thread.id == own)


def _wait(worker, limit):
    """Wait in short steps, so that ■ still interrupts the waiting cell."""
    began = time.monotonic()
    while worker.is_alive() and not overdue(time.monotonic() - began, _computed(worker), limit):
        worker.join(0.05)


def _computed(worker):
    try:
        return worker.clock()
    except (TypeError, OSError):  # not begun, just ended, or not known on this system
        return None


def overdue(passed, computed, limit) -> bool:
    """Say whether a call has had its time.

    Parameters
    ----------
    passed : float
        Seconds since it began.
    computed : float or None
        Seconds in which it computed; None: not known.
    limit : float
    """
    if passed < limit:
        return False
    if computed is None:
        return passed >= _UNKNOWN * limit
    return computed >= limit or computed < _IDLE * passed or passed >= _PATIENCE * limit


@contextmanager
def _no_keyboard():
    """Let ``input()`` fail at once: nobody could answer it."""

    def refuse(prompt=""):
        raise RuntimeError("input() asks somebody at the keyboard; a function gets what it needs as arguments")

    old, builtins.input = builtins.input, refuse
    try:
        yield
    finally:
        builtins.input = old


def _call_once(function, case):
    arguments = copies(case)
    try:
        value = function(*arguments)
    except _TimeUp:
        raise
    except BaseException as error:  # noqa: BLE001 - also exit() and a learner's own KeyboardInterrupt
        return Outcome(error=error, line=_line(error, function))
    changed = tuple(at for at, (old, new) in enumerate(zip(case, arguments, strict=True)) if not _same(old, new))
    return Outcome(value=value, changed=changed)


def copies(case) -> tuple:
    """Return the arguments of a call, copied where a function could change them: arrays, lists, random generators."""
    return tuple(_copy(value) for value in case)


def _copy(value):
    if isinstance(value, np.ndarray):
        return value.copy()
    if type(value) in (list, tuple):
        return type(value)(_copy(part) for part in value)
    if type(value) is dict:
        return {key: _copy(part) for key, part in value.items()}
    if isinstance(value, (list, dict, set, np.random.Generator, np.random.RandomState, random.Random)):
        return copy.deepcopy(value)
    return value  # numbers, text; tensors cannot be changed; a model would take too long


def _same(old, new):
    if isinstance(old, np.ndarray):
        return old.shape == new.shape and old.dtype == new.dtype and old.tobytes() == new.tobytes()
    if isinstance(old, (list, tuple)):
        return len(old) == len(new) and all(map(_same, old, new))
    if isinstance(old, dict):
        return old.keys() == new.keys() and all(_same(old[key], new[key]) for key in old)
    # NaN is not equal to itself, hence `is`.
    return old is new or (type(old) is type(new) and bool(old == new)) if isinstance(old, _PLAIN) else True


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
