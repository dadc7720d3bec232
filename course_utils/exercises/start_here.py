"""Checks of notebook 00: how exercises work, what a kernel remembers, how to read a result; and its break-it lab."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np

from .comparing import kind_of, shape_of, shortly
from .feedback import NotYet
from .judging import Mistake, judge_value, require_attempt
from .labs import judge_fault, lab
from .registry import exercise

_TEXT = Mistake(
    "text-not-number",
    lambda value: any(isinstance(part, str) for part in (value.values() if isinstance(value, dict) else [value])),
    "Quotes make it a text, and Python does not compute with texts.",
    "Write the number without quotes.",
)

_NOT_ONE_NUMBER = (
    Mistake(
        "nothing",
        lambda value: value is None,
        "None is Python's word for nothing. `print(…)`, for example, shows a number but gives nothing back.",
        "Write the calculation alone, without `print`.",
    ),
    Mistake(
        "comma",
        lambda value: isinstance(value, tuple),
        "A comma makes several numbers of it.",
        "Python writes ten thousand as 10000 or 10_000, without a comma.",
    ),
    Mistake(
        "decimal-point",
        12.544,
        "For Python that is about twelve and a half: the point separates whole numbers from fractions.",
        "Python writes ten thousand as 10000 or 10_000, without a point.",
    ),
    Mistake(
        "list",
        lambda value: shape_of(value) not in (None, ()),
        "That is a list or an array, even with a single number in it; the exercise asks for the number itself.",
        "Leave the square brackets out.",
    ),
)


@exercise(
    "00.1",
    "first_answer",
    "sixteen pictures",
    why="That is all there is to it: fill in, check, read, try again. And 12,544 is what a network looks at when it "
    "sees sixteen small digits.",
)
def _first_answer_check(answer):
    judge_value(
        answer,
        16 * 28 * 28,
        (
            Mistake(
                "one-row-each",
                16 * 28,
                "That is 16 times 28: one row of each picture.",
                "A picture has 28 such rows.",
                "One picture has 28 · 28 pixels. And there are sixteen.",
            ),
            Mistake("one-picture", 28 * 28, "That is one picture.", "How many are on the page?", "Sixteen of them."),
            Mistake(
                "sides-added",
                16 * (28 + 28),
                "That is 16 times 56: 28 and 28 added, not multiplied.",
                "Draw a grid of 3 rows and 4 columns and count its squares: 7 or 12?",
                "Height times width, for each of the sixteen.",
            ),
            Mistake(
                "all-added",
                16 + 28 + 28,
                "You have added the three numbers.",
                "28 rows of 28 pixels: how many pixels are in one picture?",
                "Multiply instead of adding.",
            ),
            _TEXT,
            *_NOT_ONE_NUMBER,
        ),
        what="`pixels`",
        hint="How many pixels has one picture? And how many pictures are there?",
    )


_ORDER_MISTAKES = (
    _TEXT,
    Mistake(
        "as-on-the-page",
        {"count": 15, "double": 30},
        "That would be right if each cell had run once, from top to bottom, as they stand on the page.",
        "Follow the order of running: A, B, B, C, A.",
        "Take a sheet of paper, write down both names, and change their numbers step by step.",
    ),
    Mistake(
        "like-a-spreadsheet",
        lambda value: value["count"] == 10 and value["double"] == 20,
        "`count` is right. But `double` does not follow it: this is no spreadsheet.",
        "When was cell C run, and what was in `count` at that moment?",
        "A name keeps its value until a cell that sets it is run again.",
    ),
    Mistake(
        "first-cell-forgotten",
        lambda value: value["count"] == 20,
        "20 is what was in `count` before the last run.",
        "The last thing that was run is cell A. What does it do?",
        "The last A sets `count` to 10 again.",
    ),
    Mistake(
        "last-value-doubled-once",
        lambda value: value["double"] == 30,
        "`double` would be 30 if cell B had run once before cell C.",
        "How often was B run before C?",
        "A: 10. B: 15. B once more: 20. And then C.",
    ),
)


@exercise(
    "00.2",
    "run_order",
    "what does the kernel remember?",
    why="Whoever can do this on paper finds most of the mysteries of notebooks. And whoever restarts and runs "
    "everything from the top does not even have to.",
)
def _run_order_check(answer):
    require_attempt(answer)
    if isinstance(answer, (list, tuple)) and len(answer) == 2:
        answer = dict(zip(("count", "double"), answer, strict=True))
    judge_value(
        answer,
        {"count": 10, "double": 40},
        _ORDER_MISTAKES,
        what="Your answer",
        hint="Write down what each name holds after each of the five runs.",
    )


_WORDS = ("fine", "nothing", "look")
_RESULTS = {"A": "fine", "B": "nothing", "C": "fine", "D": "look"}
_READINGS = (  # line, word (None: any other), misconception
    (
        "B",
        None,
        Mistake(
            "smoke-taken-seriously",
            None,
            "Line B is a run in the smoke budget. Good or bad, it says nothing.",
            "Look at the table of section 6: what is the smoke budget for?",
            "A smoke run only shows that everything runs; its accuracies mean nothing.",
        ),
    ),
    (
        "A",
        None,
        Mistake(
            "inside-the-range",
            None,
            "Line A lies inside the range.",
            "Compare its accuracy with both ends of the course's range.",
            '90.1 is more than 89.8 and less than 90.5: you would say `"fine"`.',
        ),
    ),
    (
        "C",
        None,
        Mistake(
            "a-little-off-is-alarm",
            None,
            "Line C is off the range by less than half a point.",
            "Training begins with random numbers. What does section 10 say about a little above or below?",
            "A little above or below is chance.",
        ),
    ),
    (
        "D",
        "fine",
        Mistake(
            "far-below-is-chance",
            None,
            "Line D is not a little below the range, but half of it.",
            "Chance moves such a result by a point or so. Would you trust this network with your post?",
            "Far below is worth a look at the cells.",
        ),
    ),
    (
        "D",
        "nothing",
        Mistake(
            "result-dismissed",
            None,
            "Line D was computed with the budget and the data of the course's range: it may be compared.",
            "What sets it apart from line B?",
            "B was a smoke run; D was not. Far below is worth a look at the cells.",
        ),
    ),
)


@exercise(
    "00.3",
    "read_results",
    "what does a result tell?",
    why="Budget and data first, then the number: two results may be compared only if both were made under the same "
    "conditions.",
)
def _read_results_check(answer):
    require_attempt(answer)
    if isinstance(answer, (list, tuple)) and len(answer) == len(_RESULTS):
        answer = dict(zip(_RESULTS, answer, strict=True))
    if not isinstance(answer, dict) or not _RESULTS.keys() <= answer.keys():
        raise NotYet(
            f"Expected a dictionary with A, B, C and D, received {kind_of(answer)}.",
            "wrong-type",
            hint="Keep the names of the exercise's cell and replace each `...` by a word in quotes.",
        )
    said = {line: str(answer[line]).strip().casefold() for line in _RESULTS}
    for line, word in said.items():
        if word not in _WORDS:
            raise NotYet(
                f"Line {line} says {shortly(answer[line])}.",
                "other-words",
                hint='The three words are `"fine"`, `"nothing"` and `"look"`.',
            )
    for line, word, mistake in _READINGS:
        if said[line] != _RESULTS[line] and word in (None, said[line]):
            raise mistake.raised(f'For line {line} you say "{said[line]}".')


@lab("00")
def _mixed_digits(split) -> SimpleNamespace:
    """Put the pictures of a split into a new order and leave the labels where they are.

    Parameters
    ----------
    split : Split

    Returns
    -------
    types.SimpleNamespace
        ``digits``, a `Split`.
    """
    order = np.random.default_rng(0).permutation(len(split.images))
    return SimpleNamespace(digits=replace(split, images=split.images[order]))


_EVIDENCE = {
    "a": (
        "scaled-twice",
        "Pictures that were scaled twice are black to the eye: their brightest pixel is 255 / 255 / 255 = 0.004. "
        "These show white strokes. And `lab.digits.images.max()` gives 255: they were not scaled even once.",
    ),
    "c": (
        "not-trained",
        "Then it would do just as badly on your own pictures. There the very same network is right far more often.",
    ),
    "d": (
        "on-their-side",
        "Then you would have to tilt your head. The digits stand upright.",
    ),
    "e": (
        "other-data",
        "Then you would see something else than digits. Every one of the pictures is a digit.",
    ),
}


@exercise(
    "00b",
    "borrowed_network",
    "the borrowed network",
    why="Each picture stood beside the label of another one: the pictures had been put into a new order, the labels "
    "not. No error, no odd number, pictures and labels as they should be, each for itself. So look at pictures "
    "together with their labels, before anything else.",
)
def _borrowed_network_check(answer):
    judge_fault(
        answer,
        "b",
        _EVIDENCE,
        hint="Look at the sixteen pictures once more, and at everything that is written there.",
        stronger="Read the title of each picture aloud. Is it true?",
    )
