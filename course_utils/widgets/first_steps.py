"""The tour: four small tasks with a picture of 8×8 pixels, after which one can use all widgets."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from ..plots.alt import number
from ..plots.style import COUNT_MAP, GREY_MAP, SEQUENTIAL_MAP
from .controls import Action, Choice, Hidden, Slider, Weights
from .explorer import Explorer
from .panels import Mark, Numbers, Picture, Text, View
from .pixels import tinted
from .samples import BOOT, sample_images

SIZE = 8
COLOURS = {"grey": GREY_MAP, "viridis": SEQUENTIAL_MAP, "blue": COUNT_MAP}
_START = {"brightness": 0, "threshold": ((0.0,),), "pixel": (3, 3), "colours": "grey", "done": (0, 0, 0, 0)}


@dataclass(frozen=True)
class Task:
    """One of the four.

    Attributes
    ----------
    value : str
        What has to be changed.
    text : str
        How.
    """

    value: str
    text: str


TASKS = (
    Task(
        "brightness",
        "Move the slider “brightness”: drag it, or press the Tab key until it has a frame and then ← or →.",
    ),
    Task("threshold", "Change the number beside “black below”: type another one, or use ↑ and ↓."),
    Task("pixel", "Choose a pixel of the picture: click on it, or use the arrow keys there."),
    Task("colours", "Choose other colours from the list “colours”."),
)


def small_picture(picture, size=SIZE):
    """Make a picture of few pixels: each is the mean of a block of the old one, a rim that is left over falls away.

    Parameters
    ----------
    picture : ndarray, (height, width)
    size : int

    Returns
    -------
    ndarray, (size, size), int

    Examples
    --------
    >>> small_picture(np.array([[0, 10, 20, 30], [0, 10, 20, 30]] * 2), 2).tolist()
    [[5, 25], [5, 25]]
    """
    picture = np.asarray(picture)
    block = min(picture.shape) // size
    top, left = ((length - block * size) // 2 for length in picture.shape)
    inside = picture[top : top + block * size, left : left + block * size]
    return np.rint(inside.reshape(size, block, size, block).mean(axis=(1, 3))).astype(int)


def changed_picture(picture, brightness, threshold):
    """Add to all pixels, cut off at 0 and 255, and make black what is below a threshold.

    Examples
    --------
    >>> changed_picture(np.array([[10, 100, 250]]), 20, 50).tolist()
    [[0, 120, 255]]
    """
    lighter = np.clip(picture + brightness, 0, 255)
    return np.where(lighter < threshold, 0, lighter)


def tour():
    """Learn in a minute how widgets are used: a slider, a number, a picture, a list, a button.

    Returns
    -------
    Explorer
    """
    picture = small_picture(sample_images()[BOOT][..., 0])
    controls = (
        Slider("brightness", "brightness", _START["brightness"], -100, 100, 5),
        Weights("threshold", "black below", _START["threshold"], step=10, limit=1000),
        Choice("colours", "colours", _START["colours"], tuple(COLOURS)),
        Action("again", "Start again"),
        Hidden("pixel", _START["pixel"]),
        Hidden("done", _START["done"]),
    )

    return Explorer("Tour", controls, partial(tour_view, picture))


def tour_view(picture, values, changed=frozenset()):
    """Return the tour's view: the picture, its numbers, the tasks and what comes next.

    Parameters
    ----------
    picture : ndarray, (height, width), int in [0, 255]
    values : dict
        ``brightness`` (int), ``threshold`` (table with one number), ``pixel`` (row, column), ``colours`` (str),
        ``again`` (int) and ``done`` (a 0 or 1 for each task).
    changed : set of str
        A task is done when its value was changed.
    """
    if "again" in changed:
        values, changed = {**values, **_START}, frozenset()
    done = tuple(int(old or task.value in changed) for old, task in zip(values["done"], TASKS, strict=True))
    threshold = values["threshold"][0][0]
    pixels = changed_picture(picture, values["brightness"], threshold).astype(int)
    row, column = (min(place, length - 1) for place, length in zip(values["pixel"], pixels.shape, strict=True))
    here = f"in row {row + 1}, column {column + 1} stands {pixels[row, column]}."
    words = f"pixels from {pixels.min()} to {pixels.max()}; {here}"
    mark = (Mark(row, column),)
    look = tinted(pixels, COLOURS[values["colours"]], (0, 255))
    panels = (
        Picture("picture", "picture", look, words, marks=mark, select="pixel", at=(row, column)),
        Numbers("numbers", "its numbers", pixels, words, marks=mark, select="pixel", at=(row, column), cell=32),
        Text("tasks", "four tasks", tuple(_line(task, mine) for task, mine in zip(TASKS, done, strict=True))),
    )
    happened = [
        _happened(name, values, pixels[row, column]) for name in (task.value for task in TASKS) if name in changed
    ]
    own = {name: values[name] for name in _START if name != "done"} | {"pixel": (row, column), "done": done}
    return View(panels, " ".join([*happened, _next(done)]), own)


def _line(task, done):
    return f"{'✓ Done:' if done else '○ To do:'} {task.text}"


def _happened(name, values, pixel):
    row, column = (place + 1 for place in values["pixel"])
    brightness, threshold = (
        number(value).replace("-", "−") for value in (values["brightness"], values["threshold"][0][0])
    )
    return {
        "brightness": f"{brightness} was added to every pixel; what left the range from 0 to 255 was cut off.",
        "threshold": f"Every pixel below {threshold} is black now, 0.",
        "pixel": f"The pixel in row {row}, column {column} is {pixel}.",
        "colours": f"The same numbers, in {values['colours']}.",
    }[name]


def _next(done):
    if all(done):
        return "All four tasks are done: you can use every widget of this course. “Start again” puts everything back."
    task = TASKS[done.index(0)]
    left = len(done) - sum(done)
    return f"{'One task is' if left == 1 else f'{left} tasks are'} left. Next: {task.text}"
