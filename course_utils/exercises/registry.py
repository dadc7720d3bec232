"""Which exercises there are, and how a check runs: judge, count the tries, keep, show."""

import functools
import importlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from html import escape

from .. import _display
from ..errors import CourseError, UnknownNameError
from . import keeping
from .feedback import NOT_ATTEMPTED, NOT_YET, PASSED, Feedback, NotAttempted, NotYet

# One module per notebook; importing them loads neither TensorFlow nor Keras.
MODULES = {
    "00_start_here": "start_here",
    "01_pixels_and_convolution": "pixels_and_convolution",
    "02_dense_baseline": "dense_baseline",
    "03_lenet_fashion_mnist": "lenet_fashion_mnist",
    "04_cifar10_tuning": "cifar10_tuning",
    "05_imagenette_transfer_learning": "imagenette_transfer_learning",
}


@dataclass(frozen=True)
class Exercise:
    """One exercise of a notebook.

    Attributes
    ----------
    name : str
        The name of its check, for example ``"conv2d"``.
    number : str
        ``"01.2"``; break-it labs end in ``"b"``.
    title : str
    notebook : str
        Stem of the notebook.
    judge : callable
        Takes the answer (and what else the check is given); raises `NotAttempted` or `NotYet`.
    why : str
        One sentence that says why it matters; shown when passed.
    """

    name: str
    number: str
    title: str
    notebook: str
    judge: Callable
    why: str

    @property
    def heading(self) -> str:
        """Number and title as a learner sees them."""
        kind = "Break it" if self.number.endswith("b") else "Exercise"
        return f"{kind} {self.number.rstrip('b')}: {self.title}"

    def examine(self, *answer, **others) -> Feedback:
        """Judge an answer without keeping or showing anything; never raises for a wrong answer.

        Returns
        -------
        Feedback
        """
        same = Feedback(NOT_ATTEMPTED, self.name, self.heading)
        try:
            self.judge(*answer, **others)
        except NotAttempted:
            return same
        except NotYet as problem:
            return replace(
                same,
                verdict=NOT_YET,
                seen=problem.seen,
                misconception=problem.misconception,
                meaning=problem.meaning,
                hint=problem.hint,
                stronger=problem.stronger,
                printed=getattr(problem, "printed", "") or "",
                tries=1,
            )
        return replace(same, verdict=PASSED, why=self.why)


_found: dict[str, Exercise] = {}


def exercise(number, name, title, *, why):
    """Register a function that judges answers as an exercise; its check is ``cu.check.NAME``.

    Parameters
    ----------
    number : str
        ``"01.2"``; the first two digits name the notebook. Break-it labs end in ``"b"``: ``"01b"``.
    name : str
    title : str
    why : str
        Shown when it is passed: one sentence that says why it matters.
    """

    def register(judge):
        notebook = next(stem for stem in MODULES if stem.startswith(number[:2]))
        if name in _found and _found[name].number != number:
            raise ValueError(f"exercises {_found[name].number} and {number} are both called {name!r}")
        _found[name] = Exercise(name, number, title, notebook, judge, why)
        return judge

    return register


@functools.cache
def exercises() -> dict[str, Exercise]:
    """Return all exercises by name, in the order of their numbers (a lab after its notebook's exercises)."""
    for module in MODULES.values():
        importlib.import_module(f".{module}", __package__)
    return dict(
        sorted(_found.items(), key=lambda item: (item[1].number[:2], item[1].number.endswith("b"), item[1].number))
    )


def find_exercise(name) -> Exercise:
    """Return an exercise by name.

    Raises
    ------
    UnknownNameError
    """
    if name not in exercises():
        raise UnknownNameError("exercise", name, exercises(), fix="The cell below each exercise calls its check.")
    return exercises()[name]


class Checks:
    """``cu.check``: one method per exercise. ``cu.check.conv2d(my_function)`` says what it thinks of an answer.

    A check says one of three things: *not attempted*, *not yet* (what was seen, which misconception
    it suggests, a hint; a stronger one after a second failed try) or *passed* (and why it matters).
    Passed exercises and failed tries are kept for `cu.progress`.

    Examples
    --------
    >>> cu.check.output_size(...)  # doctest: +SKIP
    ○ Exercise 01.1: output size — Not attempted yet.
    """

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in exercises():
            # An AttributeError, so that hasattr() and completion work; with our words.
            raise AttributeError(str(UnknownNameError("check", name, exercises())))
        return _method(exercises()[name])

    def __dir__(self):
        return sorted(exercises())

    def __repr__(self):
        return "cu.check: " + ", ".join(sorted(exercises()))


def _method(item):
    def check_answer(*answer, **others):
        _check(item, *answer, **others)

    check_answer.__name__ = check_answer.__qualname__ = item.name
    check_answer.__doc__ = f"{item.heading}. Judge an answer, count a failed try, and show what there is to say."
    return check_answer


def _check(item, *answer, **others):
    """Judge an answer, count a failed try, keep what was passed, and show the feedback."""
    _require_answers(item, answer, others)
    try:
        feedback = item.examine(*answer, **others)
    except CourseError:
        raise
    except Exception as error:
        raise CourseError(
            "The check cannot judge an answer of this kind.",
            found=f"{type(error).__name__}: {error}",
            fix="Compare what you hand over with what the exercise asks for.",
        ) from error
    note = ""
    if feedback.verdict != NOT_ATTEMPTED:
        try:
            feedback = replace(feedback, tries=keeping.keep(item, feedback))
        except CourseError as error:  # the verdict matters more than keeping it
            note = f"This try could not be kept for cu.progress(). {error}"
    feedback.show()
    if note:
        _display.show(f'<pre style="margin:4px 0">{escape(note)}</pre>', note)


def _require_answers(item, answer, others):
    wanted = inspect.signature(item.judge)
    try:
        wanted.bind(*answer, **others)
    except TypeError as error:
        names = ", ".join(wanted.parameters)
        what = (
            "A check needs your answer." if not answer and not others else f"This check cannot be called so: {error}."
        )
        raise CourseError(what, fix=f"Write cu.check.{item.name}({names}).") from None


check = Checks()
