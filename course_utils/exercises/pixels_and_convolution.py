"""Checks of notebook 01: pixels and convolution."""

import math
from types import MappingProxyType

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from . import pixels_and_convolution_lab, pixels_and_convolution_layers  # noqa: F401 - they register theirs
from .comparing import as_numbers, kind_of, shortly
from .feedback import NotYet
from .judging import Mistake, judge_function, judge_value, require_attempt
from .pixels_and_convolution_layers import fractions_cut
from .registry import exercise

_SIDE = 31  # pixels of the pictures a kernel is tried on
_CLEARLY = 1.2  # how many times as strong an answer must be


def _edges():
    """Pictures of one edge each, white to the right of it or below it."""
    rows, columns = np.mgrid[:_SIDE, :_SIDE]
    middle = _SIDE // 2
    return {
        "slash": rows + columns >= 2 * middle,
        "backslash": columns >= rows,
        "upright": columns >= middle,
        "level": rows >= middle,
    }


_NOT_THE_SLASH = {
    "backslash": Mistake(
        "other-diagonal",
        None,
        "It finds the other diagonal, the one that falls to the right like a `\\`.",
        "Row 0 is the top row. Sketch a `/` on squared paper and number the rows from the top.",
        "Along a `/` runs the diagonal from [2, 0] over [1, 1] to [0, 2]: the weights on it should be alike.",
    ),
    "upright": Mistake(
        "finds-upright",
        None,
        "It answers most strongly to upright edges.",
        "An upright edge has light and dark in different columns. What lies on either side of a `/`? Two corners.",
        "Put the negative weights into one corner, the positive ones into the opposite one.",
    ),
    "level": Mistake(
        "finds-level",
        None,
        "It answers most strongly to level edges.",
        "A level edge has light and dark in different rows. What lies on either side of a `/`? Two corners.",
        "Put the negative weights into one corner, the positive ones into the opposite one.",
    ),
}


def _listed(answer):
    return answer if isinstance(answer, (list, tuple)) else []


def _weights(answer):
    """Return the answer as a float array (rows, columns), or say why it is no kernel."""
    require_attempt(answer)
    kernel = as_numbers(answer)
    if kernel is None:
        lengths = {len(row) if isinstance(row, (list, tuple)) else 0 for row in _listed(answer)}
        if len(lengths) > 1:
            raise NotYet(
                "Its rows are not equally long.", "uneven-rows", hint="Count the weights in each row of your list."
            )
        raise NotYet(
            f"Expected a grid of numbers, received {kind_of(answer)}.",
            "not-numbers",
            hint="Write `np.array([[…], […], […]])` with a number for each weight, or give your rows to `paint`.",
        )
    while kernel.ndim > 2 and 1 in kernel.shape:  # (3, 3, 1, 1), as `turned_sobel` makes it
        kernel = kernel.squeeze(kernel.shape.index(1))
    if kernel.ndim != 2 or not all(2 <= side <= 9 for side in kernel.shape):
        raise NotYet(
            f"Its shape is {kernel.shape}; the check takes one grid of 2 to 9 rows and 2 to 9 columns.",
            "wrong-shape",
            hint="One kernel, written as a list of rows.",
        )
    if not np.isfinite(kernel).all():
        raise NotYet("Some of its weights are NaN or infinite.", "nan", hint="Print your kernel.")
    return kernel


def _refuse_flat(kernel):
    if not kernel.any():
        raise NotYet(
            "All its weights are 0.",
            "all-zero",
            meaning="Whatever lies under it, the answer is 0.",
            hint="Begin with negative weights on one side of the edge and positive ones on the other.",
        )
    if abs(kernel.sum()) > 1e-3 * np.abs(kernel).sum():
        raise NotYet(
            f"Its weights add up to {shortly(kernel.sum())}: on an evenly white wall it answers that, edge or no edge.",
            "answers-to-flat",
            meaning="A kernel that looks for change must be silent where nothing changes (section 12).",
            hint="Make the weights add up to 0.",
            stronger="Take the mean of all weights from each of them, as `paint` does.",
        )


@exercise(
    "01.1",
    "diagonal_edges",
    "a kernel for diagonal edges",
    why="You have designed a question in numbers. A network does the same, only that it finds the weights by "
    "itself; edges in all directions are among the first things it comes up with.",
)
def _diagonal_edges_check(answer):
    kernel = _weights(answer)
    _refuse_flat(kernel)
    strength = {name: float(np.abs(_conv2d(picture, kernel, 1)).max()) for name, picture in _edges().items()}
    wanted = strength.pop("slash")
    rival = max(strength, key=strength.get)
    if wanted >= _CLEARLY * strength[rival]:
        return
    told = ", ".join(f"{name} {shortly(round(value, 9))}" for name, value in strength.items())
    seen = f"Its strongest answers: slash {shortly(wanted)}, {told}."
    others = [wanted, *(value for name, value in strength.items() if name != rival)]
    if strength[rival] >= _CLEARLY * max(others):
        raise _NOT_THE_SLASH[rival].raised(seen)
    raise NotYet(
        seen,
        "no-clear-preference",
        meaning=f"To the slash it should answer at least {_CLEARLY} times as strongly as to each of the others.",
        hint="Which weights answer to the others, too? Try more weight far from the diagonal, or a larger grid.",
        stronger="On the diagonal itself 0, three negative weights above it, three positive ones below it.",
    )


def _conv2d(image, kernel, stride):
    windows = sliding_window_view(image, kernel.shape)[::stride, ::stride]
    return np.tensordot(windows, kernel, axes=2)


def _stepping(image, kernel, stride):
    rows, columns = _conv2d(image, kernel, stride).shape
    return _conv2d(image, kernel, 1)[:rows, :columns]


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
        "`(window * kernel).sum()`, with the kernel as it came in.",
    ),
    Mistake(
        "stride-ignored",
        lambda image, kernel, stride: _conv2d(image, kernel, 1),
        "Stride 1 is right; with a larger stride the window should jump, not step.",
        "Where does the stride enter your code? It changes where each window begins, and how many there are.",
        "There are (h − k) // stride + 1 rows, and row r begins at r * stride.",
    ),
    Mistake(
        "window-steps",
        _stepping,
        "There are as many answers as there should be, but the window moves on by one pixel only.",
        "With stride 2, in which row of the picture does the window stand for row 1 of the answers? And for row 2?",
        "Row r of the answers belongs to the window that begins in row r * stride of the picture; columns likewise.",
    ),
    Mistake(
        "picture-thinned-out",
        lambda image, kernel, stride: _conv2d(image[::stride, ::stride], kernel, 1),
        "The stride has thinned out the picture, and the kernel lies on every few pixels of it. It is the window that "
        "should jump; inside a window no pixel is left out.",
        "Cut the window out of the whole picture.",
        "The window begins in row r * stride, and its k rows follow one another without a gap.",
    ),
    Mistake(
        "axes-swapped",
        lambda image, kernel, stride: _conv2d(image, kernel, stride).T,
        "Your answer is the right one with rows and columns exchanged.",
        "The first index is the row (from top to bottom), the second the column.",
        "The outer loop, or the first direction of your result, goes over rows.",
    ),
    Mistake(
        "kernel-transposed",
        lambda image, kernel, stride: _conv2d(image, kernel.T, stride),
        "Your numbers are right for the kernel mirrored at its diagonal: its rows and columns are exchanged.",
        "Weight [i, j] belongs to the pixel i rows down and j columns to the right.",
        "Look for a `.T`, or for two indices of the kernel that have changed places.",
    ),
    Mistake(
        "mean-not-sum",
        lambda image, kernel, stride: _conv2d(image, kernel, stride) / kernel.size,
        "Every number is too small by the factor of the kernel's size: the products are averaged.",
        "Multiply and add: the sum of the products, not their mean.",
        "`.sum()` instead of `.mean()`, and no division.",
    ),
    Mistake(
        "last-place-missing",
        lambda image, kernel, stride: _conv2d(image, kernel, 1)[:-1, :-1][::stride, ::stride],
        "The window stops one place too early: the last row and the last column of places are never visited.",
        "A kernel of 3 fits into 5 pixels at three places: 0, 1 and 2. What does your `range` say?",
        "`range(h - k + 1)`, not `range(h - k)`.",
    ),
    Mistake(
        "jumps-not-places",
        lambda image, kernel, stride: _conv2d(image, kernel, stride)[:-1, :-1],
        "The last row and the last column are missing: you have counted jumps. The place to start from counts, too.",
        "A kernel of 3 fits into 5 pixels at three places: 0, 1 and 2.",
        "(h − k) // stride + 1 rows.",
    ),
    Mistake(
        "same-padding",
        lambda image, kernel, stride: _conv2d(
            np.pad(image, [(kernel.shape[0] // 2,) * 2, (kernel.shape[1] // 2,) * 2]), kernel, stride
        ),
        "A border of zeros was added: that is 'same' padding. This exercise wants 'valid': only places where "
        "the whole kernel lies on the picture.",
        "Leave the padding out; the result is smaller than the picture.",
        'No `np.pad`, and `mode="valid"` if you use SciPy.',
    ),
    fractions_cut(_conv2d),
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
        what="Your function",
        names=("image", "kernel", "stride"),
        describe=_describe_conv2d,
    )


# Per step: kernel, padding, stride, dilation. Chosen so that every mistake below gives another number.
_STEPS = MappingProxyType({"first": (5, 0, 4, 1), "second": (3, 2, 1, 1), "third": (3, 0, 1, 3)})
_BEGIN = 96


def _places(n, kernel, padding, stride, dilation):
    return (n + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


_SIZE_MISTAKES = (
    Mistake(
        "place-zero-forgotten",
        lambda n, k, p, s, d: _places(n, k, p, s, d) - 1,
        "That is the number of jumps. The place the window starts from counts, too.",
        "A window that cannot move at all still has one place.",
        "The `+ 1` at the end of the formula.",
    ),
    Mistake(
        "rounded-up",
        lambda n, k, p, s, d: math.ceil((n + 2 * p - d * (k - 1) - 1) / s) + 1,
        "You have counted a last jump that would hang over the border.",
        "Round down before you add 1.",
        "In Python `//` rounds down: 91 // 4 is 22, not 23.",
    ),
    Mistake(
        "stride-ignored",
        lambda n, k, p, s, d: _places(n, k, p, 1, d),
        "That would be right if the window moved one pixel at a time.",
        "How far does the window jump in this step?",
        "The formula divides the room by the stride.",
    ),
    Mistake(
        "padding-once",
        lambda n, k, p, s, d: (n + p - d * (k - 1) - 1) // s + 1,
        "You have added the padding once.",
        "The rim goes all around: how many pixels does it add from left to right?",
        "In the formula it says 2·p.",
    ),
    Mistake(
        "padding-ignored",
        lambda n, k, p, s, d: _places(n, k, 0, s, d),
        "That is the size without padding.",
        "First add the rim of zeros, on both sides; then let the window slide.",
        "n + 2·p takes the place of n.",
    ),
    Mistake(
        "dilation-ignored",
        lambda n, k, p, s, d: _places(n, k, p, s, 1),
        "That would be right for a kernel without holes.",
        "With dilation 3 the kernel looks at every third pixel. Draw three crosses with two gaps of two: how wide?",
        "The reach is d·(k − 1) + 1, here 3·2 + 1.",
    ),
    Mistake(
        "reach-too-wide",
        lambda n, k, p, s, d: (n + 2 * p - d * k) // s + 1,
        "You have taken dilation times kernel size as its reach.",
        "Between three pixels there are only two gaps: the reach is d·(k − 1) + 1.",
        "3·2 + 1 = 7, not 3·3 = 9.",
    ),
    Mistake(
        "not-in-a-row",
        lambda n, k, p, s, d: _places(_BEGIN, k, p, s, d),
        f"You have begun with the picture of {_BEGIN} pixels again.",
        "Each step gets what the step before it has left over.",
        "Put your answer to the step before in place of n.",
    ),
)
_TEXT = Mistake(
    "text-not-number",
    lambda value: isinstance(value, str),
    "Quotes make it a text.",
    "Write the number without quotes.",
)
_PADDING_MISTAKES = (
    _TEXT,
    Mistake(
        "both-sides-together",
        6,
        "6 is what has to be added from left to right in all.",
        "Padding p means p pixels on each side.",
        "Half of 6 on the left, half on the right.",
    ),
    Mistake(
        "dilation-ignored",
        1,
        "1 keeps the size for a 3×3 kernel without holes.",
        "With dilation 3 its reach is 7 pixels; what would you choose for a 7×7 kernel?",
        "(k − 1)/2, with the reach 7 in place of k.",
    ),
    Mistake(
        "as-wide-as-the-reach",
        7,
        "7 is the reach of the kernel; one of these pixels is the one in the middle.",
        "How many of the seven pixels lie to the left of the middle one?",
        "(7 − 1)/2 on each side.",
    ),
)


@exercise(
    "01.3",
    "output_sizes",
    "sizes through three steps",
    why="Many an error message about shapes comes down to this sum. Who can do it on paper finds the faulty "
    "layer without running anything.",
)
def _output_sizes_check(answer):
    require_attempt(answer)
    if isinstance(answer, (list, tuple)) and len(answer) == len(_STEPS) + 1:
        answer = dict(zip((*_STEPS, "padding"), answer, strict=True))
    if not isinstance(answer, dict) or not {*_STEPS, "padding"} <= answer.keys():
        raise NotYet(
            f"Expected a dictionary with 'first', 'second', 'third' and 'padding', received {kind_of(answer)}.",
            "wrong-type",
            hint="Keep the names of the exercise's cell and replace each `...` by a number.",
        )
    require_attempt(answer)
    size = _BEGIN
    for name, step in _STEPS.items():
        _judge_step(name, answer[name], size, step)
        size = _places(size, *step)
    judge_value(
        answer["padding"],
        3,
        _PADDING_MISTAKES,
        what="The three sizes are right. The padding",
        hint="The kernel's reach takes away reach − 1 pixels; the padding must bring back as many, half on each side.",
    )


def _judge_step(name, value, size, step):
    if isinstance(value, (list, tuple)) and len(set(value)) == 1:  # (23, 23) instead of 23
        value = value[0]
    mistakes = [_TEXT] + [
        Mistake(m.name, m.answer(size, *step), m.meaning, m.hint, m.stronger)
        for m in _SIZE_MISTAKES
        if m.answer(size, *step) != _places(size, *step)
    ]
    judge_value(
        value,
        _places(size, *step),
        mistakes,
        what=f"The size after the {name} step",
        hint="Write down: pixels with padding, minus the kernel's reach; divide by the stride, round down; add 1.",
    )
