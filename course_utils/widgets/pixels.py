"""Pictures for widgets: from numbers to colours to small PNG files, without drawing a figure."""

import functools
import io
import weakref

import numpy as np

from ..plots.style import GREY_MAP, SIGNED_MAP, signed_limit

_LEVELS = 256
_WRITTEN = {}  # id of a read-only array: (weak reference to it, its file)
_HUGE = 1e30
_EQUAL_CONTRAST = 1.05**0.5 * 0.05**0.5 - 0.05  # luminance on which black and white are equally legible: 4.6 to 1


def tinted(values, cmap=None, limits=None):
    """Colour a table of numbers.

    Parameters
    ----------
    values : array_like, (height, width) or (height, width, 1)
    cmap : str, optional
        A matplotlib colour map; by default blue, white and red if there are negative values, else grey.
    limits : (low, high), optional
        Values of the first and the last colour; by default 0 in the middle, or 0 to the largest.

    Returns
    -------
    ndarray, (height, width, 3), uint8 in [0, 255]

    Examples
    --------
    >>> tinted([[0.0, 1.0]]).tolist()
    [[[0, 0, 0], [255, 255, 255]]]
    """
    values = _finite(values)
    values = values[..., 0] if values.ndim == 3 else values
    signed = values.min(initial=0) < 0
    if limits is None:
        limit = signed_limit(values)
        limits = (-limit, limit) if signed else (0.0, limit)
    low, high = limits
    levels = (np.clip(values, low, high) - low) * ((_LEVELS - 1) / ((high - low) or 1)) + 0.5
    return _colours(cmap or (SIGNED_MAP if signed else GREY_MAP))[levels.astype("uint8")]


def shown(picture):
    """Return a picture as it is shown: uint8 as it is, floats from 0 to 1 (or 0 to 255, if any is larger than 1).

    Parameters
    ----------
    picture : array_like, (height, width), (height, width, 1) or (height, width, 3)

    Returns
    -------
    ndarray, (height, width, 3), uint8 in [0, 255]

    Examples
    --------
    >>> shown([[0.0, 1.0]]).tolist()
    [[[0, 0, 0], [255, 255, 255]]]
    """
    picture = np.asarray(picture)
    if picture.dtype != np.uint8:
        picture = _finite(picture)
        scale = 1 if picture.max(initial=0) > 1 else 255
        picture = np.clip(picture * scale + 0.5, 0, 255).astype("uint8")
    picture = picture[..., np.newaxis] if picture.ndim == 2 else picture
    return np.repeat(picture, 3, axis=2) if picture.shape[2] == 1 else picture


def png(pixels) -> bytes:
    """Write pixels as a PNG file, for speed and not for the last byte; an array that is read-only just once.

    Parameters
    ----------
    pixels : ndarray, (height, width) or (height, width, 3), uint8
    """
    from PIL import Image

    key = id(pixels)
    if key in _WRITTEN:
        return _WRITTEN[key][1]
    stream = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(stream, "PNG", compress_level=1)
    if not pixels.flags.writeable:
        # The entry goes with the array, before another can get its id.
        _WRITTEN[key] = weakref.ref(pixels, lambda _: _WRITTEN.pop(key, None)), stream.getvalue()
    return stream.getvalue()


def fills(values, limit=None, cmap=SIGNED_MAP, strongest=0.8):
    """Return the background and the ink of each cell of a table of numbers, as CSS colours that can be read.

    Parameters
    ----------
    values : array_like, (rows, columns)
    limit : float, optional
        Size of the value that gets the strongest colour; the largest by default.
    cmap : str
        Its middle stands for 0 if it is the signed one, else its first colour.
    strongest : float in [0, 1]
        How far along the colour map the largest value goes.

    Returns
    -------
    tuple of list
        Two lists of lists of str, as ``"#rrggbb"``.
    """
    values = _finite(values)
    limit = (limit or signed_limit(values)) / strongest
    low = -limit if cmap == SIGNED_MAP else 0.0
    colours = tinted(values, cmap, (low, limit)).astype(int)
    backgrounds = [["#{:02x}{:02x}{:02x}".format(*colour) for colour in row] for row in colours]
    inks = [["#000000" if bright else "#ffffff" for bright in row] for row in _luminance(colours) > _EQUAL_CONTRAST]
    return backgrounds, inks


def _luminance(colours):
    """Return the relative luminance of colours (..., 3), as WCAG 2 defines contrast by it."""
    parts = np.asarray(colours) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def _finite(values):
    """Return values as float32, with 0 for NaN; what float32 cannot compute with is cut off."""
    return np.nan_to_num(np.clip(np.asarray(values, dtype="float64"), -_HUGE, _HUGE)).astype("float32")


@functools.cache
def _colours(name):
    import matplotlib as mpl

    table = mpl.colormaps[name](np.arange(_LEVELS), bytes=True)[:, :3].copy()
    table.flags.writeable = False
    return table
