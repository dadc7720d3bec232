"""Checks of notebook 01, second half: a layer with several channels and kernels, and pooling."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .feedback import NotYet
from .judging import Mistake, judge_function
from .registry import exercise


def fractions_cut(right):
    """Return the mistake of writing fractions into an array of whole numbers."""
    return Mistake(
        "fractions-cut",
        lambda *case: np.trunc(right(*case)),
        "Your numbers would be right, but their fractions are cut off: all of them are whole.",
        "Which dtype has the array that you write your answers into?",
        "`dtype=int` was enough in section 7, where all answers were whole. `np.zeros(…)` without it holds fractions.",
    )


def _layer(image, kernels, biases):
    windows = sliding_window_view(image, kernels.shape[:2], axis=(0, 1))  # (height, width, c, k, k)
    return np.tensordot(windows, kernels, axes=([3, 4, 2], [0, 1, 2])) + biases


def _layer_cases():
    rng = np.random.default_rng(2)
    shapes = [
        ((28, 28, 3), (3, 3, 3, 4)),
        ((6, 9, 2), (3, 3, 2, 5)),
        ((5, 8, 4), (1, 1, 4, 2)),
        ((7, 7, 1), (5, 5, 1, 3)),
    ]
    return [
        (
            rng.random(picture, "float32"),
            rng.normal(size=kernels).astype("float32"),
            rng.normal(size=kernels[-1]).astype("float32"),
        )
        for picture, kernels in shapes
    ]


def _describe_layer(case):
    (height, width, channels), (k, _, _, f) = case[0].shape, case[1].shape
    return f"a picture of {height}×{width}×{channels} with {f} kernels of {k}×{k}×{channels}"


_LAYER_MISTAKES = (
    Mistake(
        "bias-forgotten",
        lambda image, kernels, biases: _layer(image, kernels, 0 * biases),
        "The maps are right except for their biases.",
        "Each kernel has a bias: one number that is added to its whole map.",
        "Add `biases` at the very end: its f numbers meet the f maps in the last direction.",
    ),
    Mistake(
        "bias-per-channel",
        lambda image, kernels, biases: _layer(image, kernels, biases * image.shape[2]),
        "The bias is in there once for every channel of the input.",
        "Add the maps of the channels first; then add the bias, once.",
        "Move the bias out of the loop over the channels.",
    ),
    Mistake(
        "channels-averaged",
        lambda image, kernels, biases: _layer(image, kernels / image.shape[2], biases),
        "The channels are averaged; a convolution adds them.",
        "One window is a block of k·k·c numbers, and all its products are added into one number.",
        "`sum(parts)`, not their mean.",
    ),
    Mistake(
        "window-averaged",
        lambda image, kernels, biases: _layer(image, kernels / kernels[..., 0].size, biases),
        "The products of each window are averaged; a convolution adds them.",
        "Multiply and add: a sum, not a mean.",
        "`.sum()` instead of `.mean()`.",
    ),
    Mistake(
        "first-channel-only",
        lambda image, kernels, biases: _layer(image[..., :1], kernels[:, :, :1], biases),
        "Only the first channel of the picture is used.",
        "Every kernel has weights for every channel: do the same for the others, and add.",
        "A loop over `range(kernels.shape[2])`, and the sum of what it gives.",
    ),
    Mistake(
        "last-channel-only",
        lambda image, kernels, biases: _layer(image[..., -1:], kernels[:, :, -1:], biases),
        "Only the last channel of the picture is left in the result.",
        "Does each channel replace what was computed before, or is it added to it?",
        "`total = total + …` inside the loop over the channels.",
    ),
    Mistake(
        "kernels-pile-up",
        lambda image, kernels, biases: np.cumsum(_layer(image, kernels, 0 * biases), axis=-1) + biases,
        "The first map is right. Every later one still contains the maps before it.",
        "Each kernel begins its sum again. Where do you set yours to 0?",
        "Set it to 0 inside the loop over the kernels, before the loop over the channels.",
    ),
    Mistake(
        "channels-apart",
        lambda image, kernels, biases: np.stack(
            [_layer(image[..., [c]], kernels[:, :, [c]], biases) for c in range(image.shape[2])], axis=2
        ),
        "The channels stay apart: you return a map for each pair of channel and kernel.",
        "One kernel makes one map, however many channels go in. Add over the channels.",
        "The loop over channels ends in a sum, the loop over kernels in a stack.",
    ),
    Mistake(
        "kernels-added",
        lambda image, kernels, biases: _layer(image, kernels, biases).sum(axis=-1),
        "The maps of all kernels are added into one.",
        "f kernels make an output of depth f: keep their maps apart, in a last direction.",
        "The loop over channels ends in a sum, the loop over kernels in a stack.",
    ),
    Mistake(
        "kernels-first",
        lambda image, kernels, biases: np.moveaxis(_layer(image, kernels, biases), -1, 0),
        "The numbers are right, but the maps stand in the first direction: (f, height, width).",
        "This course keeps channels last. `np.stack` has an argument for the place of the new direction.",
        "`np.stack(maps, axis=-1)`.",
    ),
    Mistake(
        "kernel-flipped",
        lambda image, kernels, biases: _layer(image, kernels[::-1, ::-1], biases),
        "Your numbers are right for kernels turned by 180°.",
        "Multiply each weight with the pixel it lies on: no `[::-1]`, and not `convolve2d` (section 10).",
        "`conv2d` from section 17 does not turn them.",
    ),
    fractions_cut(_layer),
)


@exercise(
    "01.4",
    "many_channels",
    "all channels, several kernels",
    why="That is a whole convolutional layer, as Keras computes it; what is still missing, and comes with the next "
    "notebooks, is a way to learn the weights.",
)
def _many_channels_check(answer):
    judge_function(
        answer,
        _layer,
        _layer_cases(),
        _LAYER_MISTAKES,
        what="Your function",
        names=("image", "kernels", "biases"),
        describe=_describe_layer,
    )


def _pool(picture, size, how=np.max):
    rows, columns = picture.shape[0] // size, picture.shape[1] // size
    return how(picture[: rows * size, : columns * size].reshape(rows, size, columns, size), axis=(1, 3))


def _pool_partly(picture, size):
    rim = [(0, -side % size) for side in picture.shape]
    return _pool(np.pad(picture.astype("float64"), rim, constant_values=-np.inf), size)


def _pool_stepping(picture, size):
    rows, columns = picture.shape[0] // size, picture.shape[1] // size
    return sliding_window_view(picture, (size, size)).max(axis=(2, 3))[:rows, :columns]


def _pool_stopping_early(picture, size):
    rows, columns = (len(range(0, side - size, size)) for side in picture.shape)
    return _pool(picture, size)[:rows, :columns]


def _pool_cases():
    rng = np.random.default_rng(3)
    return [
        (rng.normal(size=(28, 28)), 2),
        (rng.normal(size=(7, 9)), 2),
        (-1000 - 5000 * rng.random((10, 13)), 3),  # for searches that begin at 0, −1 or −999
        (rng.normal(size=(8, 12)), 4),
    ]


def _shape_and_size(case):
    return f"a picture of {case[0].shape[0]}×{case[0].shape[1]} and squares of {case[1]}×{case[1]}"


_POOL_MISTAKES = (
    Mistake(
        "mean-not-max",
        lambda picture, size: _pool(picture, size, np.mean),
        "That is average pooling.",
        "This time keep the largest number of each square.",
        "`.max(…)` instead of `.mean(…)`.",
    ),
    Mistake(
        "squares-overlap",
        lambda picture, size: sliding_window_view(picture, (size, size)).max(axis=(2, 3)),
        "The squares overlap: yours move by one pixel, like the windows of a convolution.",
        "In pooling the squares lie side by side: each pixel belongs to one of them at most.",
        "Square number r begins in row r * size.",
    ),
    Mistake(
        "squares-overlap",
        _pool_stepping,
        "The number of squares is right, but each begins only one pixel after the one before it.",
        "Where does the second square begin, and where the third, when the side is 2?",
        "Square number r begins in row r * size, and square number c in column c * size.",
    ),
    Mistake(
        "last-square-missing",
        _pool_stopping_early,
        "You stop too early: when the squares fill the picture exactly, the last row and column of them are missing.",
        "A picture of 4 rows has squares of 2 in rows 0 and 2. What does your `range` say?",
        "`range(h // size)` counts the squares; `range(0, h - size + 1, size)` counts where they begin.",
    ),
    Mistake(
        "leftovers-kept",
        _pool_partly,
        "Rows and columns that do not fill a square have got squares of their own.",
        "7 rows hold three whole squares of 2; the seventh row is left out.",
        "`h // size` says how many whole squares there are.",
    ),
    Mistake(
        "leftovers-in-front",
        lambda picture, size: _pool(picture[picture.shape[0] % size :, picture.shape[1] % size :], size),
        "The right number of squares, but what is left over was cut off at the top and on the left.",
        "The first square begins in row 0, column 0; cut at the bottom and on the right.",
        "`picture[:rows * size, :columns * size]` keeps the whole squares.",
    ),
    Mistake(
        "starts-at-zero",
        lambda picture, size: np.maximum(_pool(picture, size), 0),
        "Right where the largest number is positive; where a whole square is negative, you return 0.",
        "What is the largest of −3 and −5? If you begin with 0 and look for larger numbers, you never find it.",
        "Begin with the first number of the square instead of 0, or use `.max()`.",
    ),
    Mistake(
        "largest-without-sign",
        lambda picture, size: _pool(np.abs(picture), size),
        "You return the largest number without its sign: for −5 and 3 that is 5.",
        "Max pooling keeps the largest number as it is: of −5 and 3 it keeps 3.",
        "Leave `abs` out.",
    ),
    Mistake(
        "first-of-each-square",
        lambda picture, size: picture[
            : picture.shape[0] // size * size : size, : picture.shape[1] // size * size : size
        ],
        "You keep the first number of each square; that is a stride without looking.",
        "Look at all numbers of the square and keep the largest.",
        "`picture[top:top + size, left:left + size].max()` for each square.",
    ),
    Mistake(
        "cut-into-strips",
        lambda picture, size: (
            picture[: picture.shape[0] // size * size, : picture.shape[1] // size * size]
            .reshape(picture.shape[0] // size, picture.shape[1] // size, size, size)
            .max(axis=(2, 3))
        ),
        "The shape is right, but `reshape` has cut the picture into pieces of rows, not into squares.",
        "`reshape` reads row by row: the order must be square row, row in it, square column, column in it.",
        "`.reshape(rows, size, columns, size)`, then the largest over directions 1 and 3.",
    ),
    fractions_cut(_pool),
)


_LEFTOVERS_IN_THE_WAY = Mistake(
    "leftovers-in-the-way",
    None,
    "7 rows and 9 columns cannot be shared out among squares of 2 without a remainder.",
    "Rows and columns that do not fill a square have to go before `reshape`.",
    "`picture[:rows * size, :columns * size]` keeps the whole squares.",
)


@exercise(
    "01.5",
    "max_pool",
    "max pooling",
    why="A few lines that throw most of the numbers away, and the network is better for it: it has less to "
    "compute, and it forgives small shifts.",
)
def _max_pool_check(answer):
    try:
        judge_function(
            answer,
            _pool,
            _pool_cases(),
            _POOL_MISTAKES,
            what="Your function",
            names=("picture", "size"),
            describe=_shape_and_size,
        )
    except NotYet as problem:
        if problem.misconception == "raises" and "cannot reshape array of size 63" in problem.seen:
            raise _LEFTOVERS_IN_THE_WAY.raised(problem.seen) from None
        raise
