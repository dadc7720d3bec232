"""Checks of notebook 03: LeNet on Fashion-MNIST (three more modules hold its shapes, its network and its lab)."""

import numpy as np

from . import lenet_fashion_mnist_lab, lenet_fashion_mnist_network, lenet_fashion_mnist_shapes  # noqa: F401
from .comparing import shortly
from .feedback import NotYet
from .judging import Mistake, judge_function, require_attempt
from .registry import exercise

# --- 03.2: count the parameters ------------------------------------------------------------------------------------


def _count_parameters(image_shape, stack, flaw=""):
    """Count as the exercise wants it, or with one flaw."""
    rows, columns, channels = image_shape
    total, width = 0, None
    for kind, number, *size in stack:
        if kind == "conv":
            total += _conv_parameters(rows * columns, size[0], channels, number, flaw)
            channels = number
            if flaw == "valid":
                rows, columns = rows - size[0] + 1, columns - size[0] + 1
        elif kind == "pool":
            total += 2 * channels if flaw == "pool-learns" else 0
            if flaw == "rounded-up":
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
    weights = size * size * channels * filters
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


# --- 03.4: harmful or harmless -------------------------------------------------------------------------------------

_WORDS = {"garments": {"garments"}, "digits": {"digits"}, "both": {"garments", "digits"}, "neither": set()}
_HARMLESS = {
    "mirror": "garments",
    "upside_down": "neither",
    "shift_2": "both",
    "shift_14": "neither",
    "turn_10": "both",
    "darker": "both",
}
_TOO_BOLD = {
    ("mirror", "digits"): (
        "mirrored-digits",
        "A mirrored 3 is no digit that anybody writes, and a mirrored 2 comes close to a 5 or an S. The network "
        "would learn shapes that never turn up, and blur the borders between those that do.",
        "Write 2, 3, 5 and 7 on a thin sheet and look at it from behind, against the light.",
    ),
    ("upside_down", "digits"): (
        "six-becomes-nine",
        "A 6 upside down comes close to a 9, and would keep the label 6: two classes are stirred together.",
        "Write a 6 and turn the sheet.",
    ),
    ("upside_down", "garments"): (
        "never-turns-up",
        "A boot upside down is still a boot, but no such picture is among those the network will be asked about: "
        "this shop's garments all stand upright. It would spend its few parameters on pictures that never come.",
        "Ask the second question of the rule: could it turn up?",
    ),
    ("shift_14", "garments"): (
        "cut-off",
        "14 pixels are half of the picture: what is left is a sleeve, or nothing. Nobody could name it any more.",
        "Look at the boot that was shifted by 14.",
    ),
    ("shift_14", "digits"): (
        "cut-off",
        "14 pixels are half of the picture: of an 8 shifted that far a 3 may remain, of a 1 nothing at all.",
        "Cover the left half of a few digits with your hand.",
    ),
}
_TOO_CAUTIOUS = {
    "mirror": "A mirrored shirt is a shirt; shoes exist for the left and for the right.",
    "shift_2": "Two pixels of 28 leave everything in the frame, and no camera and no pen is more exact than that.",
    "turn_10": "10 degrees is how far people's handwriting differs, and a garment may lie a little askew.",
    "darker": "Neither a dark shirt nor a pale pencil changes the name; only the shape carries it.",
}


@exercise(
    "03.4",
    "harmless_changes",
    "harmful or harmless?",
    why="Augmentation is a claim about the world: this change does not matter. Whether that is true depends on the "
    "data, and no error message tells you.",
)
def _harmless_check(answer):
    require_attempt(answer)
    if not hasattr(answer, "keys") or set(answer.keys()) != set(_HARMLESS):
        seen = f"Expected a dictionary with {', '.join(map(repr, _HARMLESS))}."
        raise NotYet(seen, "wrong-type", hint="Keep the dictionary, and replace each `...`.")
    given = {key: str(value).strip().casefold() for key, value in answer.items()}
    unknown = [key for key in _HARMLESS if given[key] not in _WORDS]
    if unknown:
        seen = f"`{unknown[0]}` is {shortly(answer[unknown[0]])}."
        raise NotYet(seen, "unknown-word", hint='Write "garments", "digits", "both" or "neither", in quotes.')
    right = sum(given[key] == word for key, word in _HARMLESS.items())
    for key, word in _HARMLESS.items():  # what does harm first
        for pictures in sorted(_WORDS[given[key]] - _WORDS[word]):
            name, meaning, hint = _TOO_BOLD[key, pictures]
            raise NotYet(f"{right} of 6 are right. You allow `{key}` for {pictures}.", name, meaning=meaning, hint=hint)
    for key, word in _HARMLESS.items():
        for pictures in sorted(_WORDS[word] - _WORDS[given[key]]):
            seen = f"{right} of 6 are right. You forbid `{key}` for {pictures}."
            hint = "Ask both questions of the rule: the same label? Could it turn up?"
            raise NotYet(seen, "too-cautious", meaning=_TOO_CAUTIOUS[key], hint=hint)
