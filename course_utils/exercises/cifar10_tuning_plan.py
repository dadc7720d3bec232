"""Notebook 04, designing: many convolutions for few multiplications (04.4)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from .comparing import kind_of, shortly
from .feedback import NotYet
from .judging import Mistake, require_attempt
from .registry import exercise

_SIDE, _CHANNELS, _CLASSES = 32, 3, 10
_WORK, _PARAMETERS = 3_000_000, 100_000
_CONVOLUTIONS, _SEES, _LAST, _STEP = 6, 32, 64, 8


@dataclass
class _Counted:
    """What a plan amounts to.

    Attributes
    ----------
    layers : list of (int, int, int)
        For each convolution the side of its picture, its filters and its multiplications.
    parameters : int
    sees : int
        Pixels, along one side, that a value of the last map depends on (its receptive field).
    side : int
        Of the last map; 0 where pooling has left nothing.
    """

    layers: list = field(default_factory=list)
    parameters: int = 0
    sees: int = 1
    side: int = _SIDE

    @property
    def work(self):
        last = self.layers[-1][1] if self.layers else _CHANNELS
        return sum(work for _, _, work in self.layers) + last * _CLASSES


def _count(plan):
    counted, channels, jump = _Counted(), _CHANNELS, 1
    for step in plan:
        if step == "pool":
            counted.sees, jump, counted.side = counted.sees + jump, 2 * jump, counted.side // 2
            continue
        weights = 9 * channels * step
        counted.layers.append((counted.side, step, counted.side**2 * weights))
        counted.parameters += weights + step
        counted.sees += 2 * jump
        channels = step
    counted.parameters += (channels + 1) * _CLASSES
    return counted


def _steps(answer):
    """Return a plan's steps as whole numbers and "pool", or say what does not belong there."""
    require_attempt(answer)
    if not isinstance(answer, (list, tuple, np.ndarray)) or isinstance(answer, Mapping) or len(answer) == 0:
        raise NotYet(
            f"Expected a list of steps, received {kind_of(answer)}.",
            "wrong-type",
            hint='Give the plan, not the network: a list like `[8, 16, "pool", 32]`.',
        )
    steps = [_step(step) for step in answer]
    if None in steps:
        raise NotYet(
            f"This is no step of a plan: {shortly(answer[steps.index(None)])}.",
            "unknown-step",
            hint='A step is a whole number of filters, 1 or more, or `"pool"`.',
        )
    return steps


def _step(step):
    if isinstance(step, str):  # also one that NumPy has made of a number
        word = step.strip().casefold()
        return "pool" if word == "pool" else int(word) if word.isdecimal() and int(word) else None
    if isinstance(step, (bool, np.bool_)) or not isinstance(step, (int, float, np.integer, np.floating)):
        return None
    return int(step) if step >= 1 and float(step).is_integer() else None


@exercise(
    "04.4",
    "affordable_plan",
    "six convolutions for three million",
    why="Where the picture is large, every filter is dear; where it is small, filters are nearly free. Halve the side, "
    "double the filters, and a convolution costs the same again: the plan of nearly every network since VGG.",
)
def _plan_check(answer):
    steps = _steps(answer)
    counted = _count(steps)
    if counted.side < 1:
        raise Mistake(
            "pooled-away",
            None,
            "Each pooling halves the side: 32, 16, 8, 4, 2, 1, and then there is no picture left.",
            "Five poolings at most, and hardly ever that many.",
            "Three poolings end at 4×4, which is a good place to take the mean.",
        ).raised(f"Your plan pools {steps.count('pool')} times.")
    odd = [step for step in steps if step != "pool" and step % _STEP]
    if odd:
        raise NotYet(
            f"Not a multiple of {_STEP}: {', '.join(map(str, odd))}.",
            "odd-number-of-filters",
            meaning="Processors work on 8 or 16 numbers at once; a 9th filter costs nearly as much as a 16th.",
            hint=f"Use {_STEP}, {2 * _STEP}, {3 * _STEP}, …",
        )
    _refuse_small(counted)
    _refuse_dear(counted, steps)


def _refuse_small(counted):
    seen = _told(counted)
    if len(counted.layers) < _CONVOLUTIONS:
        raise Mistake(
            "too-shallow",
            None,
            f"Wanted are {_CONVOLUTIONS} convolutions or more. Poolings do not count: they learn nothing.",
            "Add convolutions where they are cheap: where the picture is small.",
        ).raised(seen)
    if counted.layers[-1][1] < _LAST:
        raise Mistake(
            "narrow-end",
            None,
            f"The last convolution has {counted.layers[-1][1]} filters; wanted are {_LAST} or more. Its maps' means "
            "are all that the answer is made from.",
            "Where the picture is small, filters are cheap: let their number grow from stage to stage.",
            "Double it after every pooling.",
        ).raised(seen)
    if counted.sees < _SEES:
        raise Mistake(
            "sees-too-little",
            None,
            f"A value of the last map depends on {counted.sees}×{counted.sees} pixels of {_SIDE}×{_SIDE}.",
            "A pooling doubles what all convolutions *behind* it add to the receptive field. Where do yours stand?",
            "Pool earlier, and put more of the convolutions behind the poolings.",
        ).raised(seen)


def _refuse_dear(counted, steps):
    if counted.work > _WORK:
        side, filters, most = max(counted.layers, key=lambda layer: layer[2])
        raise Mistake(
            "works-on-large-pictures" if side >= _SIDE // 2 else "wide-and-dear",
            None,
            f"The dearest convolution, {filters} filters on {side}×{side}, does {most / counted.work:.0%} of it.",
            "A convolution costs places · 9 · filters before · filters. Which of the factors is too large here?"
            if side < _SIDE // 2
            else "Every pooling in front of a convolution makes it four times as cheap. Could one come earlier?",
            "One convolution with 8 filters on the full picture, then pool; on 16×16, 16 filters are enough.",
        ).raised(f"{_told(counted)} That is {counted.work - _WORK:,} multiplications too many.")
    if counted.parameters > _PARAMETERS:
        raise Mistake(
            "too-many-parameters",
            None,
            "The work is within the budget, the parameters are not: on small maps width costs little time, "
            "but as many weights as anywhere.",
            "Which convolution has the most weights? 9 · filters before · filters.",
            "64 filters at the end are enough; let two such layers follow each other, not three.",
        ).raised(f"{_told(counted)} That is {counted.parameters - _PARAMETERS:,} parameters too many.")


def _told(counted):
    return (
        f"{len(counted.layers)} convolutions, {counted.work:,} multiplications, {counted.parameters:,} parameters, "
        f"sees {counted.sees}×{counted.sees} pixels."
    )
