"""The first check of notebook 03: the output shapes of a LeNet variant."""

import numpy as np

from .comparing import shortly
from .feedback import NotYet
from .judging import require_attempt
from .registry import exercise

_INPUT = (30, 40, 3)
_SHAPES = {
    "conv1": (26, 36, 8),  # 5×5, valid
    "pool1": (13, 18, 8),
    "conv2": (13, 18, 20),  # 3×3, same
    "pool2": (6, 9, 20),
    "flatten": (1080,),
    "dense": (50,),
}
_BEFORE = dict(zip(_SHAPES, [_INPUT, *_SHAPES.values()], strict=False))
_SHAPE_WORDS = {
    "batch-axis": (
        "The first of your numbers counts pictures. The exercise asks for the shape of one picture's values.",
        "Leave the number of pictures out: height, width, number of maps.",
    ),
    "channels-first": (
        "The number of feature maps stands first in your answer. Keras puts the channels last.",
        "Write height, width, number of maps, in this order.",
    ),
    "axes-swapped": (
        "Height and width are exchanged. Rows come first: a picture of shape (30, 40, 3) is 30 high and 40 wide.",
        "Follow the 30 and the 40 separately.",
    ),
    "same-for-valid": (
        "You kept height and width: that is `same` padding. This layer says `valid`: only places where the "
        "whole window lies on the picture count.",
        "At how many places does a window of 5 fit into 30?",
        "The first place is number 0, the last one number 30 − 5; how many places are that?",
    ),
    "valid-for-same": (
        "You let the border go: that is `valid` padding. This layer says `same`: zeros are put around, so that "
        "height and width stay.",
        "Read this layer's `padding` once more.",
        "With `same` only the number of maps changes.",
    ),
    "maps-left-out": (
        "Height and width alone. A layer gives several maps, and their number belongs to the shape.",
        "Write three numbers: height, width, number of maps.",
    ),
    "one-number": (
        "That is one number. After a convolution or pooling the values still lie in rows, columns and maps.",
        "Write three numbers: height, width, number of maps. Only `Flatten` makes one number of them.",
    ),
    "border-twice": (
        "You took 4 pixels off on every side. A window of 5 has its centre only 2 pixels from its edge.",
        "2 at the top and 2 at the bottom; 2 at the left and 2 at the right.",
    ),
    "off-by-one": (
        "One place is missing: you took the size of the window off, but the first place costs nothing.",
        "Try it small: at how many places does a window of 5 fit into 5 pixels? Not at 0.",
    ),
    "one-border": (
        "You took the border off on one side only. A window of 5 cannot have its centre on the outermost 2 "
        "pixels of either side.",
        "2 at the top and 2 at the bottom; 2 at the left and 2 at the right.",
    ),
    "maps-multiplied": (
        "You multiplied the number of filters with the number of channels that come in. But one filter looks "
        "through all its input's channels at once, and gives one map.",
        "As many maps as filters.",
    ),
    "maps-added": (
        "You added the maps that come in to the number of filters. A layer hands on its own maps only.",
        "As many maps as filters.",
    ),
    "maps-kept": (
        "The last number is still that of the layer's input. Every filter gives one map, whatever comes in.",
        "How many filters does this layer have?",
    ),
    "rounded-up": (
        "You rounded up. Where a row or a column is left over that fills no whole 2×2 window, pooling drops it.",
        "How many whole pairs are there in 13?",
        "6 pairs, and one row is left over.",
    ),
    "half-place": (
        "There is no half row. Where a row or a column is left over that fills no whole 2×2 window, pooling drops it.",
        "How many whole pairs are there in 13?",
        "6 pairs, and one row is left over.",
    ),
    "windows-overlap": (
        "Your windows overlap: they move on by one pixel, as a kernel does. Pooling windows stand side by side.",
        "How many windows of 2 stand side by side in 26 pixels?",
    ),
    "not-pooled": (
        "Height and width are those of the layer's input. Pooling with size 2 joins 2×2 values into one.",
        "Halve height and width.",
    ),
    "maps-pooled": (
        "You halved the number of maps as well. Each map is pooled for itself: there are as many as before.",
        "Only height and width get smaller.",
    ),
    "not-flattened": (
        "Still a box. `Flatten` lays all its values out in one row.",
        "Multiply the three numbers.",
    ),
    "flattened-without-maps": (
        "You counted the values of one map. `Flatten` lays out the values of all maps, one after the other.",
        "There are 20 maps of this size.",
    ),
    "maps-alone": (
        "That is the number of maps. `Flatten` lays out all their values.",
        "How many values has each of the maps?",
    ),
    "input-kept": (
        "That is what the layer reads. Its output has one number for each unit.",
        "How many units has the layer?",
    ),
    "weights-counted": (
        "That is the number of this layer's parameters. Its output has one number for each unit.",
        "How many units has the layer?",
    ),
    "weights-shape": (
        "That is the shape of this layer's weights. Its output has one number for each unit.",
        "How many units has the layer?",
    ),
}

_HINTS = {
    "flatten": "How many values are there in all maps together?",
    "dense": "A dense layer gives one number for each of its units, whatever it reads.",
}


def _likely_shapes(name):
    """Yield what a misconception would give for a layer whose input was understood."""
    before, right = _BEFORE[name], _SHAPES[name]

    def less_by(pixels):
        return before[0] - pixels, before[1] - pixels, right[2]

    if name.startswith("conv"):
        size, valid = (5, True) if name == "conv1" else (3, False)
        yield ("same-for-valid", (*before[:2], right[2])) if valid else ("valid-for-same", less_by(size - 1))
        yield "off-by-one", less_by(size)
        yield "one-border", less_by(size // 2)
        yield "border-twice", less_by(2 * (size - 1))
        yield "maps-multiplied", (*right[:2], right[2] * before[2])
        yield "maps-kept", (*right[:2], before[2])
        yield "maps-added", (*right[:2], right[2] + before[2])
    elif name.startswith("pool"):
        yield "not-pooled", before
        yield "rounded-up", (-(-before[0] // 2), -(-before[1] // 2), before[2])
        yield "half-place", (before[0] / 2, before[1] / 2, before[2])
        yield "windows-overlap", (before[0] - 1, before[1] - 1, before[2])
        yield "maps-pooled", (*right[:2], before[2] // 2)
    elif name == "flatten":
        yield "not-flattened", before
        yield "flattened-without-maps", (before[0] * before[1],)
        yield "maps-alone", (before[2],)
    else:
        yield "weights-shape", (before[0], right[0])
        yield "weights-counted", (before[0] * right[0],)
        yield "weights-counted", ((before[0] + 1) * right[0],)
        yield "input-kept", before
    if len(right) == 3:
        yield "axes-swapped", (right[1], right[0], right[2])
        yield "channels-first", (right[2], right[0], right[1])
        yield "maps-left-out", right[:2]


def _as_shape(value):
    """Return a shape as a tuple of whole numbers; a leading None (Keras's number of images) is left out."""
    parts = [value] if np.isscalar(value) else list(value)
    if parts and parts[0] is None:
        parts = parts[1:]
    return tuple(int(part) if float(part) == int(part) else float(part) for part in parts)


@exercise(
    "03.1",
    "variant_shapes",
    "the shapes of a variant",
    why="Whoever can follow the shapes knows what every layer is for, and reads most error messages at a glance.",
)
def _shapes_check(answer):
    require_attempt(answer)
    if not hasattr(answer, "keys") or set(answer.keys()) != set(_SHAPES):
        seen = f"Expected a dictionary with {', '.join(map(repr, _SHAPES))}."
        raise NotYet(seen, "wrong-type", hint="Keep the dictionary, and replace each `...` by a shape.")
    for place, (name, right) in enumerate(_SHAPES.items()):
        try:
            given = _as_shape(answer[name])
        except (TypeError, ValueError):
            seen = f"`{name}` is {shortly(answer[name])}, not a shape."
            raise NotYet(seen, "wrong-type", hint="A shape is written like (28, 28, 6).") from None
        if given != right:
            praise = f"Right up to `{list(_SHAPES)[place - 1]}`. " if place else ""
            received = _written(_BEFORE[name])
            raise _wrong_shape(name, given, f"{praise}`{name}` is {_written(given)}; it receives {received}.")


def _written(shape):
    return shortly(shape[0]) if len(shape) == 1 else str(shape)


def _wrong_shape(name, given, seen):
    found = next((what for what, shape in _likely_shapes(name) if shape == given), None)
    if found is None and len(given) == len(_SHAPES[name]) + 1 and given[1:] == _SHAPES[name]:
        found = "batch-axis"
    if found is None and len(_SHAPES[name]) == 3 and len(given) == 1:
        found = "one-number"
    if found is None:
        return NotYet(
            seen, "wrong-shape", hint=_HINTS.get(name, "Take one axis at a time: height, width, number of maps.")
        )
    meaning, hint, *stronger = _SHAPE_WORDS[found]
    return NotYet(seen, found, meaning=meaning, hint=hint, stronger=" ".join(stronger))
