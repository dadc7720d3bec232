"""Convolution stepper: a window slides over a small input, step by step, and the output fills up."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from ..errors import InputError
from ..plots.alt import listing, number
from ..plots.style import GREY_MAP, SIGNED_MAP
from .controls import Hidden, Slider, Weights
from .explorer import Explorer, require_picture
from .panels import Mark, Numbers, Text, View
from .pixels import fills, shown
from .samples import BOOT, sample_images

MOST = 12  # rows and columns of an input: more numbers are not read
_SHRUNK = 8  # the size to which a larger picture is shrunk, at most
_BRIGHTEST = 9  # of a shrunk picture
_PAD_FILL, _PAD_INK = "#f8f4b8", "#5c5600"  # the palette's yellow on white: not a grey, not a colour of signed maps
_PLAY = 600  # milliseconds

# For each size, weights that find a change from left to right; those of size 3 are Sobel x.
KERNELS = {
    1: ((2,),),
    2: ((-1, 1),) * 2,
    3: ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)),
    4: ((-1, -1, 1, 1),) * 4,
    5: ((-1, -1, 0, 1, 1),) * 5,
}


@dataclass(frozen=True)
class Slide:
    """How a kernel slides over its input.

    Attributes
    ----------
    size : int
        Of the kernel, in both directions.
    padding : int
        Rows and columns of zeros on each side.
    stride, dilation : int

    Examples
    --------
    >>> Slide(3, padding=1, stride=2).places(28)
    14
    """

    size: int
    padding: int = 0
    stride: int = 1
    dilation: int = 1

    @property
    def reach(self):
        """Pixels from the first to the last one that the kernel looks at."""
        return self.dilation * (self.size - 1) + 1

    def places(self, pixels):
        """Return how many places the kernel has along a side; less than 1: it does not fit."""
        return (pixels + 2 * self.padding - self.reach) // self.stride + 1

    def unseen(self, pixels):
        """Return the numbers (1 is the first) of the rows or columns, of so many, that no window looks at."""
        starts = range(0, self.places(pixels) * self.stride, self.stride)
        seen = {start + step * self.dilation - self.padding for start in starts for step in range(self.size)}
        return tuple(place + 1 for place in range(pixels) if place not in seen)


def windows(image, slide):
    """Return the numbers under the kernel at each place.

    Parameters
    ----------
    image : ndarray, (height, width)
    slide : Slide

    Returns
    -------
    ndarray, (rows, columns, size, size)
    """
    padded = np.pad(image, slide.padding)
    every = np.lib.stride_tricks.sliding_window_view(padded, (slide.reach, slide.reach))
    return every[:: slide.stride, :: slide.stride, :: slide.dilation, :: slide.dilation]


def convolve(image, kernel, slide):
    """Slide a kernel over an image, without turning it (cross-correlation, as deep learning does).

    Parameters
    ----------
    image : ndarray, (height, width)
    kernel : array_like, (size, size)
    slide : Slide

    Returns
    -------
    ndarray, (rows, columns), float64

    Examples
    --------
    >>> convolve(np.eye(3), [[1, 0], [0, 1]], Slide(2)).tolist()
    [[2.0, 0.0], [0.0, 2.0]]
    """
    return np.tensordot(windows(image, slide), np.asarray(kernel, dtype="float64"), axes=2)


def convolution_stepper(image=None, kernel=None):
    """Slide a kernel over a small input, one step at a time, and watch the output fill up.

    Parameters
    ----------
    image : array_like, (height, width), (height, width, 1) or (height, width, 3), optional
        At most 12×12 numbers are taken as they are; a larger picture, or one in colour, is shrunk to at most 8×8
        numbers from 0 (black) to 9 (white). A shrunk boot by default.
    kernel : array_like, (k, k), optional
        1×1 to 5×5 weights to begin with; *Sobel x* by default.

    Returns
    -------
    Explorer

    Raises
    ------
    InputError
        If the image or the kernel is none.
    """
    small = readable(sample_images()[BOOT] if image is None else image)
    first = _checked(KERNELS[3] if kernel is None else kernel)
    kernels = {**KERNELS, len(first): first}
    controls = (
        Slider("step", "step", min(9, small.size), 1, (MOST + 4) ** 2, play=_PLAY),
        Slider("size", "kernel size", len(first), 1, 5),
        Slider("stride", "stride", 1, 1, 3),
        Slider("padding", "padding", 0, 0, 2),
        Slider("dilation", "dilation", 1, 1, 3),
        Weights("kernel", "kernel", first),
        Hidden("cell", (0, 0)),
    )

    return Explorer("Convolution, step by step", controls, partial(stepper_view, small, kernels))


def stepper_view(image, kernels, values, changed=frozenset()):
    """Return the stepper's view: input, products, their sum, output and the formula for its size.

    Parameters
    ----------
    image : ndarray, (height, width)
    kernels : dict
        Weights to take when the kernel's size changes, by size.
    values : dict
        ``step`` (from 1), ``size``, ``stride``, ``padding``, ``dilation``, ``kernel`` and ``cell``, the output's cell.
    changed : set of str
        A cell that was just clicked determines the step.
    """
    another = len(values["kernel"]) != values["size"] and "kernel" not in changed
    kernel = _checked(kernels[values["size"]] if another else values["kernel"])
    slide = Slide(len(kernel), values["padding"], values["stride"], values["dilation"])
    rows, columns = (slide.places(side) for side in image.shape)
    told = {"kernel": kernel, "size": len(kernel)}
    if min(rows, columns) < 1:
        return _without_place(image, slide, told)
    row, column = values["cell"] if "cell" in changed else divmod(values["step"] - 1, columns)
    row, column = (row, column) if row < rows else (rows - 1, columns - 1)
    row, column = max(row, 0), min(max(column, 0), columns - 1)
    step = row * columns + column + 1
    inputs = windows(image, slide)[row, column].astype("float64")
    products = inputs * np.asarray(kernel, dtype="float64")
    output = convolve(image, kernel, slide)
    panels = (
        _input(image, slide, (row, column)),
        _products(products),
        _output(output, (row, column)),
        Text("formula", "size of the output", _formula(image.shape, slide)),
        Text("sum", "multiply, add", _sum(inputs, kernel, products)),  # last: its width changes with every step
    )
    message = (
        f"Step {step} of {output.size}: the window for row {row + 1}, column {column + 1} of the output "
        f"gives {_text(products.sum())}. {_size_sentence(image.shape, output.shape, slide)}"
    )
    told |= {"step": step, "cell": (row, column)}
    return View(panels, message, told, {"step": (1, output.size)})


def readable(image):
    """Return a picture as a small table of numbers that can be read.

    Parameters
    ----------
    image : array_like, as in `convolution_stepper`

    Returns
    -------
    ndarray, (height, width), int64 or float64

    Examples
    --------
    >>> readable(np.full((24, 16), 255, "uint8")).shape
    (8, 5)
    """
    picture = require_picture(image)
    if not np.isfinite(picture).all():
        raise InputError("image has only finite numbers.", found="NaN or infinity")
    if min(picture.shape[:2]) < 2:
        raise InputError("image is too small to slide over.", expected="at least 2×2", found=str(picture.shape))
    if picture.ndim == 3 and picture.shape[2] == 1:
        picture = picture[..., 0]
    if picture.ndim == 2 and max(picture.shape) <= MOST:
        return picture.astype("float64" if picture.dtype.kind == "f" else "int64")
    bright = shown(picture).mean(axis=2) * (_BRIGHTEST / 255)
    block = -(-max(bright.shape) // _SHRUNK)  # pixels that become one number, rounded up
    block = min(block, *(side // 2 for side in bright.shape))
    rows, columns = (min(side // block, MOST) for side in bright.shape)
    blocks = bright[: rows * block, : columns * block].reshape(rows, block, columns, block)
    return np.round(blocks.mean(axis=(1, 3))).astype("int64")


def _checked(kernel):
    table = Weights("kernel", "kernel", ()).accept(kernel)
    if len(table) != len(table[0]) or len(table) not in KERNELS:
        raise InputError("A kernel has as many rows as columns.", expected="1×1 to 5×5", found=_by(np.shape(table)))
    return table


def _input(image, slide, place):
    padded = np.pad(image, slide.padding)
    fill, ink = fills(padded, cmap=SIGNED_MAP if image.min() < 0 else GREY_MAP)
    inside = np.pad(np.ones(image.shape, bool), slide.padding)
    for row, column in np.argwhere(~inside):
        fill[row][column], ink[row][column] = _PAD_FILL, _PAD_INK
    alt = f"{_by(image.shape)} numbers from {_text(image.min())} to {_text(image.max())}"
    if slide.padding:
        alt += f", with {slide.padding} of zeros on each side: {_by(padded.shape)}"
    marks = ()
    if place is not None:
        top, left = (index * slide.stride for index in place)
        alt += f"; the window reaches from row {top + 1}, column {left + 1} over {_by((slide.reach,) * 2)}"
        steps = range(0, slide.reach, slide.dilation)
        marks = tuple(Mark(top + down, left + right) for down in steps for right in steps)
        marks = marks if slide.dilation > 1 else (Mark(top, left, slide.size, slide.size),)
    title = "input, padding in yellow" if slide.padding else "input"
    return Numbers("input", title, padded.astype("float64"), f"{alt}.", fills=fill, inks=ink, marks=marks)


def _products(products):
    fill, ink = fills(products)
    alt = "; ".join(", ".join(_text(value) for value in row) for row in products)
    return Numbers("products", "window × kernel", products, f"{alt}.", fills=fill, inks=ink, cell=44)


def _output(output, place):
    """Show what was computed up to a place; later cells are empty."""
    step = place[0] * output.shape[1] + place[1] + 1
    reached = np.where(np.arange(output.size).reshape(output.shape) < step, output, np.nan)
    fill, ink = fills(reached, np.abs(output).max())
    say = [
        [
            f"{'not reached yet' if np.isnan(value) else _text(value)}, row {row + 1}, column {column + 1}"
            for column, value in enumerate(line)
        ]
        for row, line in enumerate(reached)
    ]
    for row, column in np.argwhere(np.isnan(reached)):
        fill[row][column] = ink[row][column] = None
    alt = f"{_by(output.shape)} cells, {step} of them filled; the newest is {_text(output[place])}."
    return Numbers(
        "output",
        "output",
        reached,
        alt,
        fills=fill,
        inks=ink,
        marks=(Mark(*place),),
        select="cell",
        at=place,
        say=say,
    )


def _sum(inputs, kernel, products):
    """Write the sum out, a line for each row of the window."""
    lines = []
    for numbers, weights, row in zip(inputs, kernel, products, strict=True):
        terms = " + ".join(f"{_text(a)}·{_factor(b)}" for a, b in zip(numbers, weights, strict=True))
        lines.append(f"{terms} = {_text(row.sum())}")
    if len(lines) > 1:
        lines.append(f"sum: {' + '.join(_factor(row.sum()) for row in products)} = {_text(products.sum())}")
    return tuple(lines)


def _formula(shape, slide):
    names = ("",) if shape[0] == shape[1] else ("height: ", "width: ")
    lines = ["output = ⌊(n + 2p − d·(k − 1) − 1) / s⌋ + 1"]
    for name, pixels in zip(names, shape, strict=False):
        room = pixels + 2 * slide.padding - slide.reach
        lines.append(
            f"{name}⌊({pixels} + 2·{slide.padding} − {slide.dilation}·({slide.size} − 1) − 1) / {slide.stride}⌋ + 1 "
            f"= ⌊{_text(room)} / {slide.stride}⌋ + 1 = {_text(slide.places(pixels))}"
        )
    if min(slide.places(pixels) for pixels in shape) >= 1:
        kinds = ("Rows and columns",) if shape[0] == shape[1] else ("Rows", "Columns")
        unseen = [(kind, slide.unseen(pixels)) for kind, pixels in zip(kinds, shape, strict=False)]
        lines += [f"{kind} that no window sees: {listing(numbers)}." for kind, numbers in unseen if numbers]
    return tuple(lines)


def _size_sentence(before, after, slide):
    if tuple(before) == tuple(after) and slide.stride == 1:
        if not slide.padding:
            return f"A 1×1 kernel needs no padding: {_by(before)} stays {_by(after)} (valid and same at once)."
        return f"Padding {slide.padding} keeps the size (same): {_by(before)} stays {_by(after)}."
    padding = f"Padding {slide.padding}" if slide.padding else "No padding (valid)"
    return f"{padding}, stride {slide.stride}: {_by(before)} becomes {_by(after)}."


def _without_place(image, slide, told):
    """Say why there is no output, and which change makes room."""
    short = slide.reach - min(image.shape) - 2 * slide.padding
    room = f"{_by(image.shape)} pixels" + (f" with padding {slide.padding}" if slide.padding else "")
    ways = [f"padding {slide.padding + -(-short // 2)}"] if slide.padding + -(-short // 2) <= 2 else []
    ways += ["a smaller kernel"] if slide.size > 1 else []
    ways += ["less dilation"] if slide.dilation > 1 else []
    message = (
        f"The kernel does not fit: it reaches over {_by((slide.reach,) * 2)} pixels, the input has {room}. "
        f"What makes room: {' or '.join(ways)}."
    )
    panels = (
        _input(image, slide, None),
        Text("output", "output", ("None: the kernel has no place.",)),
        Text("formula", "size of the output", (*_formula(image.shape, slide), "Less than 1: no output.")),
    )
    return View(panels, message, {**told, "step": 1, "cell": (0, 0)}, {"step": (1, 1)})


def _by(shape):
    return "×".join(str(side) for side in shape)


def _text(value):
    return number(round(float(value), 6)).replace("-", "−")


def _factor(value):
    return f"({_text(value)})" if value < 0 else _text(value)
