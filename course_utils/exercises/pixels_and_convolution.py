"""Checks of notebook 01: pixels and convolution."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .judging import Mistake, judge_function
from .registry import exercise


def _conv2d(image, kernel, stride):
    windows = sliding_window_view(image, kernel.shape)[::stride, ::stride]
    return np.tensordot(windows, kernel, axes=2)


def _conv2d_cases():
    rng = np.random.default_rng(1)
    image, small = rng.random((28, 28), "float32"), rng.random((7, 9), "float32")
    kernel, five = rng.normal(size=(3, 3)).astype("float32"), rng.normal(size=(5, 5)).astype("float32")
    return [(image, kernel, 1), (image, kernel, 2), (small, five, 1), (small, kernel, 3), (image, five[:3], 2)]


def _describe_conv2d(case):
    image, kernel, stride = case
    return f"{image.shape[0]}×{image.shape[1]} with a kernel of {kernel.shape[0]}×{kernel.shape[1]} and stride {stride}"


_CONV2D_MISTAKES = (
    Mistake(
        "kernel-flipped",
        lambda image, kernel, stride: _conv2d(image, kernel[::-1, ::-1], stride),
        "Your numbers are right for the kernel turned by 180°. That is the mathematician's convolution; "
        "deep-learning libraries do not turn it.",
        "Multiply each weight with the pixel it lies on: no `[::-1]`, and not `convolve2d`.",
    ),
    Mistake(
        "stride-ignored",
        lambda image, kernel, stride: _conv2d(image, kernel, 1),
        "Stride 1 is right; with a larger stride the window should jump, not step.",
        "Where does the stride enter your code? It changes where each window begins, and how many there are.",
        "There are (h − k) // stride + 1 rows, and row r begins at r * stride.",
    ),
    Mistake(
        "axes-swapped",
        lambda image, kernel, stride: _conv2d(image, kernel, stride).T,
        "Your answer is the right one with rows and columns exchanged.",
        "The first index is the row (from top to bottom), the second the column.",
    ),
    Mistake(
        "kernel-transposed",
        lambda image, kernel, stride: _conv2d(image, kernel.T, stride),
        "Your numbers are right for the kernel mirrored at its diagonal: its rows and columns are exchanged.",
        "Weight [i, j] belongs to the pixel i rows down and j columns to the right.",
    ),
    Mistake(
        "mean-not-sum",
        lambda image, kernel, stride: _conv2d(image, kernel, stride) / kernel.size,
        "Every number is too small by the factor of the kernel's size: the products are averaged.",
        "Multiply and *add*: the sum of the products, not their mean.",
    ),
    Mistake(
        "same-padding",
        lambda image, kernel, stride: _conv2d(
            np.pad(image, [(kernel.shape[0] // 2,) * 2, (kernel.shape[1] // 2,) * 2]), kernel, stride
        ),
        "A border of zeros was added: that is 'same' padding. This exercise wants 'valid': only places where "
        "the whole kernel lies on the picture.",
        "Leave the padding out; the result is smaller than the picture.",
    ),
)


@exercise(
    "01.2",
    "conv2d",
    "write a convolution",
    why="You have written what a graphics card does billions of times a second, and it agrees with SciPy.",
)
def _conv2d_check(answer):
    judge_function(
        answer,
        _conv2d,
        _conv2d_cases(),
        _CONV2D_MISTAKES,
        what="Your conv2d",
        names=("image", "kernel", "stride"),
        describe=_describe_conv2d,
    )
