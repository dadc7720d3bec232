"""Emoji-10 as arrays."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from ...errors import InputError
from .painting import paint
from .scenes import Scenes, draw
from .sprites import forget

SMALLEST, LARGEST = 16, 320
# Names of the two halves of the test images.
HALVES = ("same drawings", "new artist")


@dataclass(frozen=True, eq=False)
class PracticeArrays:
    """The practice set in memory.

    Attributes
    ----------
    x_train, x_test : ndarray, (n, image_size, image_size, 3), uint8 in [0, 255]
    y_train, y_test : ndarray, (n,), int64 in [0, 10)
    parts : mapping of str to ndarray, int64
        ``"same drawings"`` and ``"new artist"``: sorted places of the test images that show drawings which
        also occur in training, and those of an artist who does not. Together they are the test images.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    parts: Mapping[str, np.ndarray]


def arrays(image_size: int = 32, train: int = 8_000, test: int = 2_000, seed: int = 0) -> PracticeArrays:
    """Paint the practice set.

    Parameters
    ----------
    image_size : int
        Height and width in pixels, 16 to 320.
    train, test : int
        Numbers of images, 20 or more; the classes are equally frequent, up to one image. Half of the test
        images (rounded up) show the same drawings as the training images, half a new artist's.
    seed : int
        The same arguments give the same pixels on every machine.

    Returns
    -------
    PracticeArrays

    Raises
    ------
    InputError
        If the size or the numbers are out of range.
    """
    check(image_size, train, test, seed)
    split = {name: scenes_of(name, train, test, seed) for name in ("train", *HALVES)}
    images = {name: paint(scenes, image_size, noise_seed(name, seed)) for name, scenes in split.items()}
    forget()
    order = np.argsort(np.random.default_rng([seed, 3]).random(test), kind="stable")
    same = order < len(split[HALVES[0]])
    return PracticeArrays(
        x_train=images["train"],
        y_train=split["train"].labels,
        x_test=np.concatenate([images[name] for name in HALVES])[order],
        y_test=np.concatenate([split[name].labels for name in HALVES])[order],
        parts=MappingProxyType({HALVES[0]: np.flatnonzero(same), HALVES[1]: np.flatnonzero(~same)}),
    )


def scenes_of(name: str, train: int, test: int, seed: int) -> Scenes:
    """Return what is to be painted for ``"train"`` or one of the halves of the test images."""
    numbers = {"train": train, HALVES[0]: test - test // 2, HALVES[1]: test // 2}
    return draw(numbers[name], noise_seed(name, seed), new_artist=name == HALVES[1])


def noise_seed(name, seed):
    """Return the seed of ``"train"`` or of a half of the test images."""
    return (seed, ("train", *HALVES).index(name))


def check(image_size, train, test, seed):
    """Refuse sizes, numbers and seeds that cannot be painted."""
    rules = (
        ("image_size", image_size, SMALLEST, LARGEST),
        ("train", train, 20, 1_000_000),
        ("test", test, 20, 1_000_000),
        ("seed", seed, 0, 2**32 - 1),
    )
    for name, value, low, high in rules:
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or not low <= value <= high:
            raise InputError(
                f"The practice set needs a whole number as {name}.",
                expected=f"{low:,} to {high:,}",
                found=repr(value),
                fix=f"Choose {name} within these limits.",
            )
