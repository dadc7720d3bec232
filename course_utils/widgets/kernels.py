"""Kernel explorer: change the weights and watch the feature map."""

import numpy as np

from ..errors import InputError
from ..plots.alt import number
from ..plots.style import signed_limit
from .controls import Choice, Weights
from .explorer import Explorer, require_picture
from .panels import Picture, View
from .pixels import shown, tinted
from .samples import sample_images

PRESETS = {
    "identity": ((0, 0, 0), (0, 1, 0), (0, 0, 0)),
    "box blur": ((1 / 9,) * 3,) * 3,
    "Gaussian blur": ((1 / 16, 2 / 16, 1 / 16), (2 / 16, 4 / 16, 2 / 16), (1 / 16, 2 / 16, 1 / 16)),
    "sharpen": ((0, -1, 0), (-1, 5, -1), (0, -1, 0)),
    "emboss": ((-2, -1, 0), (-1, 1, 1), (0, 1, 2)),
    "Sobel x": ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)),
    "Sobel y": ((-1, -2, -1), (0, 0, 0), (1, 2, 1)),
    "Laplacian": ((0, 1, 0), (1, -4, 1), (0, 1, 0)),
    "all zero": ((0, 0, 0),) * 3,
}
OWN = "your own"
SIZES = ("3×3", "5×5")


def feature_map(picture, kernel):
    """Slide a kernel over a picture, without turning it and without padding.

    Parameters
    ----------
    picture : ndarray, (height, width), float
    kernel : array_like, (k, k)

    Returns
    -------
    ndarray, (height - k + 1, width - k + 1), float32

    Examples
    --------
    >>> feature_map(np.eye(3), [[1, 0], [0, 1]]).tolist()
    [[2.0, 0.0], [0.0, 2.0]]
    """
    picture, kernel = np.asarray(picture, dtype="float32"), np.asarray(kernel, dtype="float32")
    size = len(kernel)
    rows, columns = picture.shape[0] - size + 1, picture.shape[1] - size + 1
    total = np.zeros((rows, columns), dtype="float32")
    # One addition for each weight: faster than a window for each pixel.
    for row, column in np.argwhere(kernel):
        total += kernel[row, column] * picture[row : row + rows, column : column + columns]
    return total


def resized(kernel, size):
    """Return the kernel in another odd size: with a rim of zeros, or without its rim.

    Examples
    --------
    >>> resized(((1, 2, 3), (4, 5, 6), (7, 8, 9)), 5)[1]
    (0.0, 1.0, 2.0, 3.0, 0.0)
    """
    kernel = np.asarray(kernel, dtype="float64")
    rim = (size - len(kernel)) // 2
    kernel = np.pad(kernel, rim) if rim >= 0 else kernel[-rim:rim, -rim:rim]
    return tuple(tuple(row) for row in kernel.tolist())


def kernel_explorer(image=None, kernel="Sobel x"):
    """Change a kernel's weights, or choose one, and watch its feature map.

    Parameters
    ----------
    image : array_like, (height, width), (height, width, 1) or (height, width, 3), optional
        uint8 in [0, 255] or float in [0, 1]; colours are averaged. A garment by default. Or several, to choose from:
        ``{name: image}``.
    kernel : str or array_like, (3, 3) or (5, 5), default "Sobel x"
        Name of a preset, or weights to begin with.

    Returns
    -------
    Explorer

    Raises
    ------
    InputError
        If the image is none, or is smaller than 5×5 pixels; if the kernel has another size.
    UnknownNameError
        If there is no such preset.
    """
    named = image if isinstance(image, dict) and image else {"picture": image}
    pictures = {str(name): grey(one) for name, one in named.items()}
    which = Choice("picture", "picture", next(iter(pictures)), tuple(pictures))
    preset = Choice("preset", "preset", kernel if isinstance(kernel, str) else OWN, (*PRESETS, OWN))
    first = PRESETS[preset.accept(kernel)] if isinstance(kernel, str) else _checked(kernel)
    weights = Weights("kernel", "weights", first, step=0.5)
    size = Choice("size", "size", SIZES[len(first) == 5], SIZES)

    def show(values, changed):
        return kernel_view(pictures[values.get("picture", which.value)], values, changed)

    several = (which,) if len(pictures) > 1 else ()
    return Explorer("Kernel explorer", (*several, preset, size, weights), show)


def kernel_view(picture, values, changed=frozenset()):
    """Return the explorer's view: the picture and its feature map.

    Parameters
    ----------
    picture : ndarray, (height, width), float in [0, 1]
    values : dict
        ``preset`` (str), ``size`` ("3×3" or "5×5") and ``kernel`` (rows of weights).
    changed : set of str
        A preset that was just chosen replaces the weights.
    """
    kernel, preset, size = values["kernel"], values["preset"], 5 if values["size"] == SIZES[1] else 3
    if "preset" in changed and preset != OWN:
        kernel = resized(PRESETS[preset], size)
    elif len(kernel) != size:
        kernel = resized(kernel, size)
    preset = next((name for name, rows in PRESETS.items() if np.array_equal(resized(rows, size), kernel)), OWN)
    found = feature_map(picture, kernel)
    limit = signed_limit(found)
    total = float(np.sum(kernel))
    input_alt = f"{picture.shape[1]} by {picture.shape[0]} pixels."
    map_alt = (
        f"{found.shape[1]} by {found.shape[0]} answers, from {number(found.min())} to {number(found.max())}; "
        f"{np.mean(found < -0.05 * limit):.0%} of them clearly negative (blue), "
        f"{np.mean(found > 0.05 * limit):.0%} clearly positive (red)."
    )
    panels = (
        Picture("picture", "picture", shown(picture), input_alt, width=_width(picture)),
        Picture("map", "feature map", tinted(found, "RdBu_r", (-limit, limit)), map_alt, width=_width(picture)),
    )
    even = "so even areas answer 0" if abs(total) < 1e-6 else f"so an even area of 1 answers {number(total)}"
    message = (
        f"{preset}: answers from {number(found.min())} to {number(found.max())}. "
        f"The weights add up to {number(round(total, 6))}, {even}."
    )
    return View(panels, message.replace("-", "−"), {"kernel": kernel, "preset": preset})


def grey(image):
    """Return a picture as brightness, (height, width), float32 in [0, 1]; None: a garment of the sample."""
    picture = require_picture(sample_images()[0] if image is None else image)
    if min(picture.shape[:2]) < 5:
        raise InputError("The picture is too small for a kernel.", expected="at least 5×5", found=str(picture.shape))
    return shown(picture).mean(axis=2, dtype="float32") / np.float32(255)


def _checked(kernel):
    table = np.asarray(kernel)
    if table.shape not in ((3, 3), (5, 5)) or table.dtype.kind not in "buif" or not np.isfinite(table).all():
        raise InputError("A kernel of the explorer has 3×3 or 5×5 weights.", found=f"shape {table.shape}")
    return tuple(tuple(row) for row in table.astype(float).tolist())


def _width(picture):
    return min(336, max(224, picture.shape[1]))
