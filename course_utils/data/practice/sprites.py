"""The drawings and textures of Emoji-10: read from their files once, kept at several sizes."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from ...errors import IntegrityError

FOLDER = Path(__file__).parent

# The sheets: square cells of CELL pixels in rows of COLUMNS, transparent at least MARGIN pixels wide around.
CELL = 128
MARGIN = 2
COLUMNS = 8
TEXTURE_SIZE = 320

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
STYLES = ("noto", "noto-v1", "fluent-emoji", "fluent-emoji-flat", "twemoji")
# Twitter's artists drew nothing else here: Google's two sets and Microsoft's two are relatives of each other.
NEW_ARTIST = "twemoji"
TEXTURES = ("brick", "cell", "clock", "coffee", "grass", "gravel", "hubble", "retina")

# Each level is smaller than the one before by the square root of two; the smallest side is 8 pixels.
_LEVELS = 9
# A transparent frame, so that interpolation fades a drawing out instead of cutting it off.
FRAME = 1


@dataclass(frozen=True)
class Sprite:
    """One drawing.

    Attributes
    ----------
    label : int
        Place of its class in `CLASSES`.
    style : int
        Place of its style in `STYLES`.
    name : str
        As the icon set calls it.
    place : int
        Which cell of the style's sheet it is.
    """

    label: int
    style: int
    name: str
    place: int


@cache
def about() -> dict:
    """Return the index: per style its package, artist, source, licence (SPDX) and [class, name] of each cell."""
    return json.loads((FOLDER / "sprites" / "index.json").read_text(encoding="utf-8"))


@cache
def sprites() -> tuple[Sprite, ...]:
    """Return all drawings, style by style in the order of the sheets."""
    return tuple(
        Sprite(CLASSES.index(label), STYLES.index(style), name, place)
        for style in STYLES
        for place, (label, name) in enumerate(about()[style]["drawings"])
    )


def choose_level(side, wanted):
    """Choose the smallest level that still has at least the wanted number of pixels.

    Parameters
    ----------
    side : float
        Pixels of level 0.
    wanted : ndarray of float
        Pixels needed along the same side.

    Returns
    -------
    ndarray of int64, in [0, number of levels)
        0 also if even that has too few.
    """
    sides = side * 2.0 ** (-np.arange(_LEVELS) / 2)
    return np.clip((sides[None, :] >= np.asarray(wanted)[:, None]).sum(axis=1) - 1, 0, None)


@cache
def sprite_image(number: int, level: int):
    """Return one drawing at one size.

    Parameters
    ----------
    number : int
        Place in `sprites`.
    level : int

    Returns
    -------
    PIL.Image.Image
        A premultiplied (``"RGBa"``) square with a transparent frame of `FRAME` pixels.
    """
    from PIL import Image

    sprite = sprites()[number]
    left, top = sprite.place % COLUMNS * CELL, sprite.place // COLUMNS * CELL
    full = _sheet(STYLES[sprite.style]).crop((left, top, left + CELL, top + CELL))
    reduced = _reduced(full, level)
    framed = Image.new("RGBa", (reduced.width + 2 * FRAME,) * 2)
    framed.paste(reduced, (FRAME, FRAME))
    return framed


@cache
def texture_image(number: int, level: int = 0):
    """Return one texture at one size.

    Parameters
    ----------
    number : int
        Place in `TEXTURES`.
    level : int

    Returns
    -------
    PIL.Image.Image
        A square in ``"RGB"``.
    """
    if level:
        return _reduced(texture_image(number), level)
    return _open(FOLDER / "textures" / f"{TEXTURES[number]}.webp", "RGB")


def forget():
    """Give back the memory of all pictures (up to 50 MB); they are read again when needed."""
    for remembered in (sprite_image, texture_image, _sheet):
        remembered.cache_clear()


@cache
def _sheet(style):
    return _open(FOLDER / "sprites" / f"{style}.webp", "RGBA").convert("RGBa")


def _open(path, mode):
    from PIL import Image

    try:
        with Image.open(path, formats=("WEBP",)) as image:
            return image.convert(mode)
    except OSError as error:
        raise IntegrityError(
            "A picture that ships with the course cannot be read.",
            where=str(path),
            found=str(error),
            fix="Get this file again: git checkout -- course_utils, or install the course again.",
        ) from error


def _reduced(image, level):
    from PIL import Image

    side = max(8, round(image.width * 2.0 ** (-level / 2)))
    return image if image.width == side else image.resize((side, side), Image.Resampling.BOX)
