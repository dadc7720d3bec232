"""Over-fitting explorer: what learning rate, number of pictures, dropout and weight decay do to the learning curves.

Every curve was measured: ``benchmarks/precomputed_runs.py`` trained a small dense network on Fashion-MNIST for each
setting, and ``precomputed_runs.json`` holds what it wrote down, with where it comes from.
"""

import functools
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..plots.alt import number, percent
from ..plots.style import PALETTE
from .controls import Slider, Toggle
from .curves import Curve, Curves
from .explorer import Explorer
from .panels import Text, View

FILE = Path(__file__).with_name("precomputed_runs.json")
CLEARLY = 1.05  # a loss that is 5 % higher; less may be chance
_LESS = 0.9  # a training loss that is 10 % lower: it has gone on learning its pictures
_NOTHING = 2.0  # with a loss above, hardly anything was learned; a guesser's is 2.303
_WINDOW = 3  # epochs
_GAP = 0.05  # accuracy that is worth a word
_TOPS = (0.8, 1.6, 2.6)  # of the loss's axis
_START = {"learning_rate": 0.003, "pictures": 1_000}


@dataclass(frozen=True)
class Run:
    """The learning curves of one training: before it and after each epoch.

    Attributes
    ----------
    loss, accuracy, val_loss, val_accuracy : ndarray, (epochs + 1,), float
        On training and on validation pictures; NaN where the loss was no number.
    """

    loss: np.ndarray
    accuracy: np.ndarray
    val_loss: np.ndarray
    val_accuracy: np.ndarray

    def until(self, epoch):
        """Return the run as it was after an epoch."""
        return Run(*(curve[: epoch + 1] for curve in (self.loss, self.accuracy, self.val_loss, self.val_accuracy)))


@functools.cache
def precomputed():
    """Return the grid of settings, ``{name: values}``, and the runs, ``{setting: Run}``."""
    content = json.loads(FILE.read_text(encoding="utf-8"))
    names = tuple(content["grid"])
    curves = ("loss", "accuracy", "val_loss", "val_accuracy")
    runs = {
        # None becomes NaN.
        tuple(run[name] for name in names): Run(*(np.array(run[curve], dtype="float64") for curve in curves))
        for run in content["runs"]
    }
    return content["grid"], runs


def reading(run):
    """Say what the curves of a training show, as one would who sees no more than them.

    Parameters
    ----------
    run : Run
        Up to the epoch in question.

    Returns
    -------
    str
    """
    loss, val_loss = run.loss, run.val_loss
    epoch = len(val_loss) - 1
    right = _percent(run.val_accuracy[-1])
    broken = ~np.isfinite(loss) | ~np.isfinite(val_loss)
    if broken.any():
        return (
            f"After epoch {broken.argmax()} the loss is no number any more (NaN): the steps are so large that the "
            "weights overflow. The learning rate is far too large."
        )
    if epoch == 0:
        return f"Before training the network is right on {right} of new pictures; a guesser would be on 10 %."
    if val_loss[-1] < _NOTHING:
        return _learned(run, epoch) + _gap(run)
    if (np.diff(val_loss) < 0).all():
        return (
            f"The validation loss falls, but in {_epochs(epoch)} only from {number(val_loss[0])} to "
            f"{number(val_loss[-1])}: the learning rate is too small for so few steps."
        )
    if epoch < _WINDOW:
        return f"The first steps were too large: the validation loss is {number(val_loss[-1])}. It may recover."
    return (
        f"After {_epochs(epoch)} the network is right on {right} of new pictures, a guesser on 10 %; the validation "
        f"loss is {number(val_loss[-1])}. Each step destroys what the others learned: the learning rate is too large."
    )


def _learned(run, epoch):
    """Say how the losses of a network moved that has learned something."""
    loss, val_loss = run.loss, run.val_loss
    best = int(val_loss.argmin())
    # One epoch may be bad luck; several in a row are none.
    recent, recent_loss = val_loss[-_WINDOW:], loss[-_WINDOW:]
    since = f"The validation loss was lowest after epoch {best} ({number(val_loss[best])})"
    if best <= epoch - _WINDOW and recent.min() > CLEARLY * val_loss[best]:
        if recent_loss.max() < loss[best] and loss[-1] < _LESS * loss[best]:
            return (
                f"{since}; since then it has risen to {number(val_loss[-1])}, while the training loss has fallen from "
                f"{number(loss[best])} to {number(loss[-1])}: over-fitting."
            )
        if recent_loss.min() > CLEARLY * loss[best]:
            return (
                f"{since}; now it is {number(val_loss[-1])}, and the training loss has risen to {number(loss[-1])}, "
                "too. That is no over-fitting: the steps are too large."
            )
    if best == epoch:
        fast = val_loss[-1] * CLEARLY < val_loss[max(0, epoch - 5)]
        how = "still falls" if fast else "falls only slowly now"
        return f"The validation loss {how}: {number(val_loss[-1])} after {_epochs(epoch)}."
    how = "is about level" if val_loss[-1] <= CLEARLY * val_loss[best] else "jumps about"
    return f"The validation loss {how}: {number(val_loss[-1])} now, {number(val_loss[best])} after epoch {best}."


def _gap(run):
    if run.accuracy[-1] - run.val_accuracy[-1] < _GAP:
        return ""
    return (
        f" The network is right on {_percent(run.accuracy[-1])} of its training pictures, "
        f"but on {_percent(run.val_accuracy[-1])} of new ones."
    )


def overfitting_explorer():
    """Choose learning rate, number of pictures, dropout and weight decay, and follow the learning curves.

    The runs were trained beforehand, once each, so every setting is there at once. The network: 784 pixels, 128 units
    with ReLU, 10 classes; the pictures: Fashion-MNIST.

    Returns
    -------
    Explorer
    """
    grid, runs = precomputed()
    last = len(next(iter(runs.values())).loss) - 1
    start = {name: grid[name].index(value) for name, value in _START.items()}
    controls = (
        _steps("learning_rate", "learning rate", grid, start, lambda rate: f"{rate:f}".rstrip("0").rstrip(".")),
        _steps("pictures", "training pictures", grid, start, lambda count: f"{count:,}"),
        Toggle("dropout", f"dropout {grid['dropout'][1]:g}"),
        Toggle("weight_decay", f"weight decay {grid['weight_decay'][1]:g}"),
        Slider("epoch", "epoch", last, 0, last, play=250),
    )

    def show(values, changed):
        setting = tuple(grid[name][int(values[name])] for name in grid)
        return overfitting_view(runs[setting], values["epoch"])

    return Explorer("Over-fitting explorer", controls, show, stills=({"dropout": False}, {"dropout": True}))


def _steps(name, label, grid, start, text):
    texts = tuple(text(value) for value in grid[name])
    return Slider(name, label, start[name], 0, len(texts) - 1, texts=texts)


def overfitting_view(run, epoch):
    """Return the explorer's view: loss and accuracy up to an epoch, and what they show.

    Parameters
    ----------
    run : Run
    epoch : int
        How much of it is shown; the axes are those of the whole run, so they stand still while it plays.
    """
    far = run.until(epoch)
    finite = np.isfinite(far.val_loss)
    best = int(np.nanargmin(far.val_loss)) if finite.any() else 0
    highest = run.val_loss[-1] if np.isfinite(run.val_loss[-1]) else np.inf
    top = next((top for top in _TOPS if top > 1.6 * highest), _TOPS[-1])
    low = 0.6 if run.val_accuracy[-1] > 0.7 else 0.0
    lowest = (best, far.val_loss[best])
    panels = (
        _curves("loss", far.loss, far.val_loss, (0, top), len(run.loss) - 1, (lowest,) if lowest[1] <= top else ()),
        _curves("accuracy", far.accuracy, far.val_accuracy, (low, 1), len(run.loss) - 1, ()),
        Text(
            "now",
            f"after epoch {epoch}" if epoch else "before training",
            (
                f"training: loss {_number(far.loss[-1])}, accuracy {_percent(far.accuracy[-1])}",
                f"validation: loss {_number(far.val_loss[-1])}, accuracy {_percent(far.val_accuracy[-1])}",
                f"lowest validation loss so far (the dot): {_number(lowest[1])}",
                "Real trainings on Fashion-MNIST, one for each setting.",
            ),
        ),
    )
    return View(panels, reading(far))


def _curves(name, train, validation, limits, epochs, points):
    parts = []
    for part, values, colour, dashed in (
        ("training", train, PALETTE[0], False),
        ("validation", validation, PALETTE[1], True),
    ):
        there = np.flatnonzero(np.isfinite(values))
        parts.append(Curve(part, there, values[there], colour, dashed))
    step = (limits[1] - limits[0]) / 4
    words = [f"{curve.name} from {_number(curve.y[0])} to {_number(curve.y[-1])}" for curve in parts if len(curve.y)]
    outside = [curve.name for curve in parts if (curve.y[1:] > limits[1]).any()]
    alt = "; ".join(words) + "".join(f"; {part} leaves the figure" for part in outside) + "."
    return Curves(
        name,
        name,
        tuple(parts),
        alt,
        x_limits=(0, epochs),
        y_limits=limits,
        x_label="epoch",
        x_ticks=tuple(range(0, epochs + 1, 5)),
        y_ticks=tuple(limits[0] + step * tick for tick in range(5)),
        points=points,
        select="epoch",
        step=1,
        width=400,
        height=310,
    )


def _number(value):
    return number(value) if np.isfinite(value) else "no number"


def _percent(share):
    return percent(share, 1)


def _epochs(count):
    return "1 epoch" if count == 1 else f"{count} epochs"
