"""Break-it lab of notebook 04: a validation accuracy that is too good to be true."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np

from .labs import judge_fault, lab
from .registry import exercise

_ORIGINALS, _COPIES, _SHARE = 400, 3, 0.2


@lab("04")
def _colleague(split, seed=4) -> SimpleNamespace:
    """Multiply some pictures by slightly altered copies, shuffle, and only then set a fifth aside for validation.

    Parameters
    ----------
    split : Split
    seed : int

    Returns
    -------
    types.SimpleNamespace
        With the splits ``train``, ``validation`` and ``fresh``; `fresh` holds other pictures of the same pile.
    """
    dice = np.random.default_rng(seed)
    n = min(_ORIGINALS, len(split) // 2)
    some = split.subset(2 * n, seed=seed)
    some = some[dice.permutation(len(some))]
    originals, fresh = some[:n], some[n:]
    images = np.concatenate([originals.images, *(_altered(originals.images, dice) for _ in range(_COPIES))])
    labels = np.tile(originals.labels, _COPIES + 1)
    order = dice.permutation(len(labels))
    aside, kept = np.split(order, [int(_SHARE * len(order))])
    return SimpleNamespace(
        train=replace(split, images=images[kept], labels=labels[kept], name="train"),
        validation=replace(split, images=images[aside], labels=labels[aside], name="validation"),
        fresh=replace(fresh, name="fresh"),
    )


def _altered(images, dice):
    """Return the images moved by at most one pixel, and a little lighter or darker."""
    height, width = images.shape[1:3]
    padded = np.pad(images, [(0, 0), (1, 1), (1, 1), (0, 0)], mode="reflect")
    corners, light = dice.integers(0, 3, (len(images), 2)), dice.uniform(0.9, 1.1, len(images))
    moved = [
        image[row : row + height, column : column + width] * factor
        for image, (row, column), factor in zip(padded, corners, light, strict=True)
    ]
    return np.clip(np.rint(moved), 0, 255).astype(images.dtype)


_EVIDENCE = {
    "a": (
        "over-fitting",
        "You have seen half of it: the network knows its training pictures by heart. But over-fitting is what "
        "validation is there to *show*: the dashed line would stay behind the solid one. Here it climbs along with "
        "it, and only the fresh pictures tell the truth.",
    ),
    "b": (
        "winners-curse",
        "The winner of many trials looks better than it is, by a few points: four after two hundred trials (the "
        "figure above). Here a single network was trained once, with nothing chosen, and tens of points are missing.",
    ),
    "d": (
        "other-pile",
        "Then something about the fresh pictures would be different: their brightness, their contrast, how often each "
        "class occurs. The table shows nothing of the kind, and a *new artist* would not make training pictures look "
        "so much like validation pictures.",
    ),
    "e": (
        "pixel-range",
        "Then the range of the numbers would differ. The table shows 0 to 255, and about the same mean, for all "
        "three; and the network scales them itself.",
    ),
    "f": (
        "labels-slipped",
        "Then the fresh pictures would be named rightly as often as by guessing. They are named clearly better than "
        "that, as well as 400 training pictures allow. It is not the low bar that is strange.",
    ),
}


@exercise(
    "04b",
    "too_good",
    "too good to be true",
    why="The pictures were multiplied first and split afterwards, so nearly every validation picture has a twin among "
    "the training pictures: whoever learns by heart passes. Split first, augment the training pictures only, and look "
    "for twins whenever a result is too good. Frames of one video, photographs of one patient, drawings by one artist "
    "are twins, too: they belong on the same side.",
)
def _too_good_check(fault):
    judge_fault(
        fault,
        "c",
        _EVIDENCE,
        hint="Two of the three bars are nearly level. Should they be, when the network was trained on the pictures of "
        "one and has never seen those of the other?",
        stronger="Look at the last two numbers: how far is it from a validation picture to the nearest training "
        "picture, and how far from a fresh one?",
    )
