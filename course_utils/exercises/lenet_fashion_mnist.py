"""Checks of notebook 03: LeNet on Fashion-MNIST (four more modules hold the rest)."""

import numpy as np

from . import (  # noqa: F401
    lenet_fashion_mnist_augmentation,
    lenet_fashion_mnist_lab,
    lenet_fashion_mnist_network,
    lenet_fashion_mnist_shapes,
)
from .judging import Mistake, judge_function
from .registry import exercise

# --- 03.2: count the parameters ------------------------------------------------------------------------------------


def _count_parameters(image_shape, stack, flaw=""):
    """Count as the exercise wants it, or with one flaw."""
    rows, columns, channels = image_shape
    if flaw == "height-twice":
        columns = rows
    if flaw == "width-twice":
        rows = columns
    if flaw == "one-channel":
        channels = 1
    total, width = 0, None
    for kind, number, *size in stack[:1] if flaw == "first-layer" else stack:
        if kind == "conv":
            total += _conv_parameters(rows * columns, size[0], channels, number, flaw)
            channels = channels if flaw == "channels-kept" else number
            if flaw == "valid":
                rows, columns = rows - size[0] + 1, columns - size[0] + 1
        elif kind == "pool":
            total += 2 * channels if flaw == "pool-learns" else 0
            if flaw == "always-two":
                rows, columns = rows // 2, columns // 2
            elif flaw == "fractions":
                rows, columns = rows / number, columns / number
            elif flaw == "rounded-up":
                rows, columns = -(-rows // number), -(-columns // number)
            elif flaw != "pooling-forgotten":
                rows, columns = rows // number, columns // number
        else:
            flat = rows * columns * (1 if flaw == "maps-forgotten" else channels)
            inputs = flat if width is None or flaw == "flattened-again" else width
            total += inputs * number + _bias(flaw, number)
            width = number
    return total


def _conv_parameters(positions, size, channels, filters, flaw):
    if flaw == "channels-forgotten":
        channels = 1
    weights = (size if flaw == "size-once" else size * size) * channels * filters
    if flaw == "at-every-position":
        return positions * (weights + filters)
    if flaw == "bias-per-channel":
        return weights + channels * filters
    return weights + _bias(flaw, filters)


def _bias(flaw, units):
    return {"bias-forgotten": 0, "one-bias": 1}.get(flaw, units)


_LENET = [("conv", 6, 5), ("pool", 2), ("conv", 16, 5), ("pool", 2), ("dense", 120), ("dense", 84), ("dense", 10)]
_STACKS = [
    ((28, 28, 1), _LENET),
    ((30, 41, 3), [("conv", 8, 3), ("pool", 3), ("conv", 4, 5), ("pool", 2), ("dense", 7), ("dense", 3)]),
    ((9, 7, 2), [("conv", 5, 2), ("dense", 6)]),
    ((4, 6, 3), [("dense", 5), ("dense", 2)]),
    ((6, 8, 3), [("conv", 4, 1), ("conv", 2, 3), ("pool", 2)]),
]


def _flawed(flaw):
    return lambda image_shape, stack: _count_parameters(image_shape, stack, flaw)


_COUNT_MISTAKES = tuple(
    Mistake(flaw, _flawed(flaw), *words)
    for flaw, *words in (
        (
            "bias-forgotten",
            "You count the weights alone. Every filter and every dense unit also has a bias.",
            "How many biases has a convolution with 6 filters?",
            "One for each filter, one for each unit.",
        ),
        (
            "one-bias",
            "You add one bias per layer. Every filter and every dense unit has one of its own.",
            "Where do the brackets go: (weights of one filter + 1) times the filters.",
        ),
        (
            "channels-forgotten",
            "Your filters look at one channel only. A filter looks through all channels of its input, with a "
            "weight of its own for each.",
            "`conv2` of LeNet reads 6 maps: each of its filters has 5·5·6 weights.",
            "Keep the number of channels in a variable, and change it after each convolution.",
        ),
        (
            "bias-per-channel",
            "You give a filter one bias for each channel of its input. A filter sums over all of them first; the "
            "bias is added once.",
            "The +1 belongs outside the product with the channels.",
        ),
        (
            "at-every-position",
            "You count a convolution's weights again at every position. It uses the same weights everywhere: "
            "that is multiplications, not parameters.",
            "The picture's height and width play no part in a convolution's count.",
        ),
        (
            "pooling-forgotten",
            "Height and width stay as they were at the beginning: the dense layer gets too many inputs.",
            "Divide both by the pooling size, and round down.",
        ),
        (
            "maps-forgotten",
            "Your first dense layer reads one map. It gets the values of all maps: height × width × channels.",
            "What would `Flatten` give?",
        ),
        (
            "flattened-again",
            "All your dense layers read the flattened maps. A dense layer reads the units of the one before it.",
            "After a dense layer the number of inputs is its number of units.",
        ),
        (
            "channels-kept",
            "The number of channels stays that of the picture. After a convolution there are as many maps as it has "
            "filters, and the next layer reads those.",
            "Which variable must change after a convolution?",
        ),
        (
            "one-channel",
            "Right for grey pictures. A picture may have more channels; their number is the last one in `image_shape`.",
            "With which number of channels do you begin?",
        ),
        (
            "height-twice",
            "Right for square pictures. You use the height for both sides.",
            "Follow height and width in two variables.",
        ),
        (
            "width-twice",
            "Right for square pictures. You use the width for both sides.",
            "Follow height and width in two variables.",
        ),
        (
            "always-two",
            'Right where windows are 2×2. `("pool", 3)` has windows of 3×3.',
            "The second value of the layer tells by what to divide.",
        ),
        (
            "fractions",
            "Right wherever the sizes divide evenly. Else you go on with fractions; pooling drops what fills no whole "
            "window.",
            "Which sign divides and forgets the rest?",
            "Use //.",
        ),
        (
            "size-once",
            "You multiply by the size once. A filter of size 5 has 5·5 weights for each channel.",
            "A filter has a height and a width.",
        ),
        (
            "first-layer",
            "That is the count of the first layer alone.",
            "Does the function return before the loop is through? Look how far the `return` is indented.",
        ),
        (
            "rounded-up",
            "Right wherever the sizes divide evenly. Else you round up; pooling drops what fills no whole window.",
            "Use //.",
        ),
        (
            "valid",
            "Your convolutions make the maps smaller: that is `valid` padding. Here all of them use `same`.",
            "Only pooling changes height and width here.",
        ),
        (
            "pool-learns",
            "You give pooling parameters, as LeCun's of 1998 had. Average and maximum have nothing to learn.",
            "Pooling changes height and width, not the total.",
        ),
    )
)


def _describe_stack(case):
    names = ", ".join(" ".join(map(str, layer)) for layer in case[1])
    return "LeNet" if case[1] is _LENET else f"pictures {case[0]} and the layers {names}"


@exercise(
    "03.2",
    "count_parameters",
    "count the parameters",
    why="Your function knows what a network will cost before anybody builds it.",
)
def _count_check(answer):
    judge_function(
        answer,
        _count_parameters,
        _STACKS,
        _COUNT_MISTAKES,
        what="Your count_parameters",
        names=("image_shape", "stack"),
        tolerance=1e-9,
        limit=4,  # somebody may build the layers in Keras
        describe=_describe_stack,
    )


# --- 03.3: read the confusion matrix -------------------------------------------------------------------------------


def _rates(confusion, label, empty=0.0):
    """Recall and precision."""
    hits = confusion[label, label]
    return _share(hits, confusion[label].sum(), empty), _share(hits, confusion[:, label].sum(), empty)


def _share(part, whole, empty=0.0):
    return part / whole if whole else empty


def _against_rest(confusion, label):
    row, column, hits, total = (
        confusion[label].sum(),
        confusion[:, label].sum(),
        confusion[label, label],
        confusion.sum(),
    )
    return ((total - row - column + 2 * hits) / total,) * 2


def _per_mistake(confusion, label):
    hits = confusion[label, label]
    return _share(hits, confusion[label].sum() - hits), _share(hits, confusion[:, label].sum() - hits)


_EMPTY = np.array([[30, 6, 0, 4], [9, 21, 0, 0], [5, 3, 0, 2], [0, 0, 0, 0]])  # nobody answers 2; there is no 3


def _matrices():
    rng = np.random.default_rng(3)
    ten = rng.integers(0, 9, (10, 10)) + np.diag(rng.integers(50, 90, 10))
    small = np.array([[50, 3, 7], [4, 40, 6], [20, 5, 25]])
    return [(small, 2), (small, 0), (ten, 6), (ten, 9), (_EMPTY, 0), (_EMPTY, 2), (_EMPTY, 3)]


_RATE_MISTAKES = (
    Mistake(
        "exchanged",
        lambda confusion, label: _rates(confusion, label)[::-1],
        "Both numbers are right, but they have changed places. Rows are the true classes here, so a row's sum "
        "counts the pictures that are of a class.",
        "Recall asks: of all that are shirts, how many were found? Return recall first.",
        "Divide by the sum of the row for recall, by the sum of the column for precision.",
    ),
    Mistake(
        "row-twice",
        lambda confusion, label: _rates(confusion, label)[:1] * 2,
        "Recall is right, and you return it for precision as well. Precision looks at another line of the matrix.",
        "Where in the matrix are all the pictures that were called shirt?",
        "They are a column: confusion[:, label].",
    ),
    Mistake(
        "column-twice",
        lambda confusion, label: _rates(confusion, label)[1:] * 2,
        "Precision is right, and you return it for recall as well. Recall looks at another line of the matrix.",
        "Where in the matrix are all the pictures that are shirts?",
        "They are a row: confusion[label].",
    ),
    Mistake(
        "against-mistakes",
        _per_mistake,
        "You divide by the mistakes alone. A share is a part of the whole row or column, the right ones included.",
        "50 right ones and 10 wrong ones are 50 of 60.",
    ),
    Mistake(
        "of-all-pictures",
        lambda confusion, label: (_share(confusion[label, label], confusion.sum()),) * 2,
        "You divide by the number of all pictures. Recall is a share of one row, precision of one column.",
        "Which pictures does each question ask about? Only these belong below the fraction line.",
    ),
    Mistake(
        "accuracy",
        lambda confusion, label: (_share(np.trace(confusion), confusion.sum()),) * 2,
        "That is the accuracy over all classes: the whole diagonal among all pictures. It hides the single class.",
        "Take one field of the diagonal, and one row or column.",
    ),
    Mistake(
        "against-the-rest",
        _against_rest,
        "You count it as right, too, that a trouser was not called a shirt. With ten classes nine tenths of "
        "the pictures are easy points of that kind.",
        "Look at one row (or column) alone.",
    ),
    Mistake(
        "percent",
        lambda confusion, label: tuple(100 * rate for rate in _rates(confusion, label)),
        "Right, but in per cent. The exercise asks for shares between 0 and 1.",
        "Leave out the factor 100.",
    ),
    Mistake(
        "rounded-to-3",
        lambda confusion, label: tuple(round(rate, 3) for rate in _rates(confusion, label)),
        "Right, but rounded to three digits. Whoever computes on with it loses what was cut off.",
        "Return the shares as they are; round when you print them.",
    ),
    Mistake(
        "rounded-to-2",
        lambda confusion, label: tuple(round(rate, 2) for rate in _rates(confusion, label)),
        "Right, but rounded to two digits. Whoever computes on with it loses what was cut off.",
        "Return the shares as they are; round when you print them.",
    ),
    Mistake(
        "empty-class",
        lambda confusion, label: _rates(confusion, label, np.nan),
        "Right wherever there is something to divide by. A class that was never answered (or does not occur) "
        "gives 0/0; the exercise asks for 0.0 then.",
        "Look at the sum before you divide by it.",
    ),
)


@exercise(
    "03.3",
    "recall_and_precision",
    "read the confusion matrix",
    why="One accuracy cannot say whether a class is overlooked or named too often; these two numbers can.",
)
def _rates_check(answer):
    judge_function(
        answer,
        _rates,
        _matrices(),
        _RATE_MISTAKES,
        what="Your recall_and_precision",
        names=("confusion", "label"),
        describe=lambda case: f"class {case[1]} of a {len(case[0])}×{len(case[0])} matrix",
    )
