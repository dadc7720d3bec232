"""From a drawing to a picture as MNIST has them: cut out, shrink into 20×20, put the centre of mass in the middle.

The steps are those of Yann LeCun, Corinna Cortes and Christopher Burges, http://yann.lecun.com/exdb/mnist/: digits were
"size normalized to fit in a 20x20 pixel box while preserving their aspect ratio", became grey by "the anti-aliasing
technique used by the normalization algorithm", and were "centered in a 28x28 image by computing the center of mass of
the pixels". Fashion-MNIST fits garments into the whole picture and centres their box (Xiao, Rasul and Vollgraf, 2017,
https://arxiv.org/abs/1708.07747).
"""

import base64
import binascii
import io
from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from .pixels import png

SIZE = 28
_INK = 32  # what is darker than this is the soft rim of a stroke
_MIDDLE = 14  # where MNIST's centres of mass are, counted from 0
_LARGEST = 2_000
_HEAD = "data:image/png;base64,"


@dataclass(frozen=True)
class Prepared:
    """A drawing on its way to the network.

    Attributes
    ----------
    box : (int, int, int, int)
        Top, left, height and width of what was drawn.
    cut : ndarray, (height, width), uint8
        What is in the box.
    small : ndarray, (height, width), uint8
        The same, shrunk.
    picture : ndarray, (28, 28), uint8
        What the network gets.
    """

    box: tuple
    cut: np.ndarray
    small: np.ndarray
    picture: np.ndarray


def prepared(sheet, kind="digit"):
    """Prepare a drawing as the pictures of MNIST or Fashion-MNIST were.

    Parameters
    ----------
    sheet : ndarray, (height, width), uint8
        White on black.
    kind : str, default "digit"
        ``"digit"``: longest side 20, centre of mass in the middle. ``"garment"``: longest side 28, box in the middle.

    Returns
    -------
    Prepared or None
        None for an empty sheet.
    """
    box = box_of(sheet)
    if box is None:
        return None
    top, left, height, width = box
    cut = sheet[top : top + height, left : left + width]
    small = fitted(cut, 20 if kind == "digit" else SIZE)
    return Prepared(box, cut, small, placed(small, by_mass=kind == "digit"))


def box_of(sheet):
    """Return top, left, height and width of the smallest box around all ink; None if there is none.

    Examples
    --------
    >>> box_of(np.pad(np.full((2, 3), 255, dtype="uint8"), ((4, 1), (5, 1))))
    (4, 5, 2, 3)
    """
    rows, columns = (np.flatnonzero((sheet > _INK).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return None
    return int(rows[0]), int(columns[0]), int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1


def fitted(cut, side):
    """Scale a picture so that its longer side has `side` pixels; each new pixel is the mean of those it covers.

    Parameters
    ----------
    cut : ndarray, (height, width), uint8
    side : int

    Returns
    -------
    ndarray, (height, width), uint8

    Examples
    --------
    >>> fitted(np.array([[0, 200], [100, 100], [0, 0], [0, 0]], dtype="uint8"), 2).tolist()
    [[100], [0]]
    """
    from PIL import Image

    scale = side / max(cut.shape)
    height, width = (max(1, round(length * scale)) for length in cut.shape)
    shrinking = Image.Resampling.BOX if scale <= 1 else Image.Resampling.BILINEAR
    return np.asarray(Image.fromarray(np.ascontiguousarray(cut)).resize((width, height), shrinking))


def placed(small, *, by_mass=True):
    """Put a small picture into one of 28×28 pixels.

    Parameters
    ----------
    small : ndarray, (height, width), uint8
        At most 28×28.
    by_mass : bool, default True
        True puts the centre of mass in the middle, False the box.

    Returns
    -------
    ndarray, (28, 28), uint8

    Examples
    --------
    >>> np.argwhere(placed(np.array([[0, 0, 255]], dtype="uint8"))).tolist()
    [[14, 14]]
    """
    room = SIZE - np.array(small.shape)
    corner = room / 2
    if by_mass:
        weights = small.astype("float64") + 1e-9
        centre = [
            np.average(np.arange(length), weights=weights.sum(axis=1 - axis)) for axis, length in enumerate(small.shape)
        ]
        corner = _MIDDLE - np.array(centre)
    top, left = np.clip(np.floor(corner + 0.5), 0, room).astype(int)
    picture = np.zeros((SIZE, SIZE), dtype="uint8")
    picture[top : top + small.shape[0], left : left + small.shape[1]] = small
    return picture


def shrunk(sheet):
    """Shrink a whole sheet to 28×28, without any of the steps above."""
    from PIL import Image

    return np.asarray(Image.fromarray(sheet).resize((SIZE, SIZE), Image.Resampling.BOX))


def from_url(url, size):
    """Return the drawing that a browser sent, (size, size), uint8; an empty text is an empty sheet.

    Raises
    ------
    InputError
        If it is no PNG picture.
    """
    from PIL import Image

    if not url:
        return np.zeros((size, size), dtype="uint8")
    try:
        image = Image.open(io.BytesIO(base64.b64decode(url.removeprefix(_HEAD), validate=True)), formats=["PNG"])
        if max(image.size) > _LARGEST:
            raise InputError("The drawing is too large.", expected=f"at most {_LARGEST} pixels", found=f"{image.size}")
        image = image.convert("L")
    except (binascii.Error, OSError, SyntaxError) as error:
        raise InputError("The drawing is no PNG picture.", found=str(error)) from error
    return np.asarray(image if image.size == (size, size) else image.resize((size, size)))


def to_url(sheet) -> str:
    """Return a drawing as the browser would send it."""
    return _HEAD + base64.b64encode(png(sheet)).decode("ascii")


def drawn(strokes, size=280, pen=20):
    """Draw strokes as the pen of the widget does.

    Parameters
    ----------
    strokes : sequence of sequence of (float, float)
        Each a line through points ``(x, y)``, in pixels.
    size, pen : int
        Of the sheet and of the pen, in pixels.

    Returns
    -------
    ndarray, (size, size), uint8
    """
    from PIL import Image, ImageDraw

    fine = 4  # drawn larger and shrunk: smooth rims
    image = Image.new("L", (fine * size, fine * size))
    draw = ImageDraw.Draw(image)
    radius = fine * pen / 2
    for stroke in strokes:
        points = [(fine * x, fine * y) for x, y in stroke]
        draw.line(points, fill=255, width=fine * pen)
        for x, y in points:
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return np.asarray(image.resize((size, size), Image.Resampling.BOX))
