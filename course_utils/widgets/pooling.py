"""Pooling explorer: one number of each window is kept; a move of the input shows what that forgives."""

from functools import partial
from itertools import product

import numpy as np

from ..errors import InputError
from ..plots.alt import number, percent
from ..plots.style import GREY_MAP, PALETTE, SIGNED_MAP, signed_limit
from .controls import Choice, Hidden, Slider
from .explorer import Explorer, require_picture
from .kernels import PRESETS, feature_map, grey
from .panels import Mark, Numbers, Picture, Text, View
from .pixels import fills, tinted
from .samples import BOOT, sample_images

KINDS = {"maximum": np.max, "average": np.mean}
READABLE = 12  # a map of at most so many rows and columns is shown as numbers
_LARGEST_MARK = PALETTE[7]
_LEAST = 4  # rows and columns of a map: the largest window


def pooled(numbers, window, stride, kind="maximum"):
    """Keep one number of each window.

    Parameters
    ----------
    numbers : ndarray, (height, width)
    window, stride : int
        Windows begin every `stride` numbers; rows and columns that fill no window are left out.
    kind : str
        ``"maximum"`` or ``"average"``.

    Returns
    -------
    ndarray, (rows, columns)

    Examples
    --------
    >>> pooled(np.arange(16).reshape(4, 4), 2, 2).tolist()
    [[5, 7], [13, 15]]
    """
    rows, columns = (_places(side, window, stride) for side in numbers.shape)
    # One slice for each place inside a window: faster than a window for each output.
    parts = [
        numbers[top : top + (rows - 1) * stride + 1 : stride, left : left + (columns - 1) * stride + 1 : stride]
        for top, left in product(range(window), repeat=2)
    ]
    return KINDS[kind](np.stack(parts), axis=0)


def shifted(numbers, pixels):
    """Move a map to the right; zeros come in from the left, what leaves on the right is lost.

    Parameters
    ----------
    numbers : ndarray, (height, width)
    pixels : int

    Returns
    -------
    ndarray, (height, width)

    Examples
    --------
    >>> shifted(np.array([[1, 2, 3]]), 1).tolist()
    [[0, 1, 2]]
    """
    return np.pad(numbers, ((0, 0), (pixels, 0)))[:, : numbers.shape[1]]


def similarity(before, after):
    """Return the correlation of two maps: 1 means the same map, 0 unrelated; NaN if one is the same number all over.

    Parameters
    ----------
    before, after : ndarray, (height, width)

    Returns
    -------
    float

    Examples
    --------
    >>> round(similarity(np.eye(2), 3 * np.eye(2)), 6)
    1.0
    """
    if np.array_equal(before, after):
        return 1.0
    if np.ptp(before) == 0 or np.ptp(after) == 0:
        return float("nan")
    return float(np.corrcoef(before.ravel(), after.ravel())[0, 1])


def changed_share(before, after):
    """Return the share of the numbers that are no longer the same, up to rounding.

    Parameters
    ----------
    before, after : ndarray, (height, width)

    Returns
    -------
    float in [0, 1]
    """
    return float(np.mean(np.abs(after - before) > 1e-6 * signed_limit(before, after)))


def pooling_explorer(maps=None):
    """Pool a feature map, look into each window, and move the map to see what pooling forgives.

    Parameters
    ----------
    maps : array_like, (height, width) or (height, width, 1), optional
        One feature map of any numbers; at most 12×12 are shown as numbers, larger ones as a picture. By default the
        edges of a boot: *Sobel x*, then ReLU.

    Returns
    -------
    Explorer

    Raises
    ------
    InputError
        If it is no map, is smaller than 4×4 or has numbers that are not finite.
    """
    numbers = _edges() if maps is None else _checked(maps)
    strongest = np.unravel_index(np.abs(numbers).argmax(), numbers.shape)
    controls = (
        Choice("kind", "keep the", "maximum", tuple(KINDS)),
        Slider("window", "window", 2, 2, 4),
        Slider("stride", "stride", 2, 1, 4),
        Slider("shift", "move to the right", 0, 0, 3, unit="px"),
        Hidden("cell", (0, 0)),
        Hidden("corner", tuple(int(part) for part in strongest)),
    )

    return Explorer("Pooling", controls, partial(pooling_view, numbers), stills=({"shift": 1},))


def pooling_view(numbers, values, changed=frozenset()):
    """Return the explorer's view: the map, one of its windows, the pooled map and, after a move, what has changed.

    Parameters
    ----------
    numbers : ndarray, (height, width)
    values : dict
        ``kind``, ``window``, ``stride``, ``shift``, ``cell`` (of the pooled map) and ``corner`` (where the window of
        that cell begins).
    changed : set of str
        With another window, the stride becomes its side; with another stride, the window stays about where it was.
    """
    kind, window, shift = values["kind"], values["window"], values["shift"]
    stride = window if "window" in changed and "stride" not in changed else values["stride"]
    moved = shifted(numbers, shift)
    small = pooled(moved, window, stride, kind)
    cell = values["cell"] if "cell" in changed else [part // stride for part in values["corner"]]
    cell = tuple(min(max(part, 0), side - 1) for part, side in zip(cell, small.shape, strict=True))
    corner = tuple(part * stride for part in cell)
    inside = moved[corner[0] : corner[0] + window, corner[1] : corner[1] + window]
    largest = divmod(int(inside.argmax()), window) if kind == "maximum" else None
    limit = signed_limit(numbers)
    marks = (Mark(*corner, window, window), *_mark(corner, largest))
    shown = _numbers if max(numbers.shape) <= READABLE else _picture
    panels = (
        shown("map", f"map, moved by {shift}" if shift else "map", moved, limit, width=308, marks=marks),
        _numbers("window", "window", inside, limit, marks=_mark((0, 0), largest), cell=50),
        shown("pooled", "pooled", small, limit, marks=(Mark(*cell),), select="cell", at=cell),
        Text("formula", "size", _formula(numbers.shape, window, stride)),
    )
    kept = f"of the window of row {cell[0] + 1}, column {cell[1] + 1} the {kind}, {_text(small[cell])}, is kept"
    message = f"{_by(numbers.shape)} becomes {_by(small.shape)}: {kept}."
    if shift:
        still = pooled(numbers, window, stride, kind)
        panels += (
            shown("change", "change, not pooled", moved - numbers, limit),
            shown("pooled_change", "change, pooled", small - still, limit),
        )
        message += f" {_tolerance((numbers, moved), (still, small), shift)}"
    return View(panels, message, {"stride": stride, "cell": cell, "corner": corner})


def _edges():
    brightness = np.pad(grey(sample_images()[BOOT]), 1)
    return np.maximum(feature_map(brightness, PRESETS["Sobel x"]), 0)


def _checked(maps):
    numbers = require_picture(maps, "maps")
    numbers = numbers[..., 0] if numbers.ndim == 3 and numbers.shape[2] == 1 else numbers
    if numbers.ndim != 2 or min(numbers.shape) < _LEAST:
        raise InputError(
            "maps is one feature map.",
            expected=f"an array (height, width) or (height, width, 1), at least {_LEAST}×{_LEAST}",
            found=f"shape {np.shape(maps)}",
        )
    if not np.isfinite(numbers).all():
        raise InputError("maps has only finite numbers.", found="NaN or infinity")
    return numbers.astype("float64")


def _numbers(key, title, numbers, limit, width=None, **options):
    """Show a map that can be read: its numbers."""
    texts = [[_text(value) for value in row] for row in numbers]
    fill, ink = fills(numbers, limit, SIGNED_MAP if numbers.min() < 0 else GREY_MAP)
    return Numbers(key, title, numbers, _alt(numbers), texts=texts, fills=fill, inks=ink, **options)


def _picture(key, title, numbers, limit, width=224, **options):
    signed = numbers.min() < 0
    colours = tinted(numbers, SIGNED_MAP, (-limit, limit)) if signed else tinted(numbers, GREY_MAP, (0, limit))
    return Picture(key, title, colours, _alt(numbers), width=width, **options)


def _alt(numbers):
    if numbers.size > 16:
        return f"{_by(numbers.shape)} numbers from {_text(numbers.min())} to {_text(numbers.max())}."
    return f"{'; '.join(', '.join(_text(value) for value in row) for row in numbers)}."


def _tolerance(maps, small, shift):
    alike = [similarity(*pair) for pair in (maps, small)]
    alone, together = ("not defined" if np.isnan(value) else _text(round(value, 2)) for value in alike)
    cells, small_cells = (percent(changed_share(*pair), 0) for pair in (maps, small))
    return (
        f"Moved by {shift} px, the similarity to the map before is {alone} without pooling, {together} with it "
        f"(1: the same map). {cells} of the map's numbers have changed, {small_cells} of the pooled ones."
    )


def _formula(shape, window, stride):
    names = ("",) if shape[0] == shape[1] else ("height: ", "width: ")
    lines = ["output = ⌊(n − window) / stride⌋ + 1"]
    lines += [
        f"{name}⌊({pixels} − {window}) / {stride}⌋ + 1 = {_places(pixels, window, stride)}"
        for name, pixels in zip(names, shape, strict=False)
    ]
    left = max((pixels - window) % stride for pixels in shape)
    if left:
        lines.append(f"{left} at the end {'is' if left == 1 else 'are'} left out.")
    if stride > window:
        lines.append("The stride is larger than the window: what lies between is skipped.")
    return tuple(lines)


def _places(pixels, window, stride):
    return (pixels - window) // stride + 1


def _mark(corner, largest):
    if largest is None:
        return ()
    return (Mark(corner[0] + largest[0], corner[1] + largest[1], colour=_LARGEST_MARK),)


def _text(value):
    return number(round(float(value), 6)).replace("-", "−")


def _by(shape):
    return "×".join(str(side) for side in shape)
