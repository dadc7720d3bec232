"""Heat maps laid over pictures: where a network looked."""

import textwrap
from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from .alt import describe, number
from .figures import Drawing, new_grid
from .images import as_pictures, draw_picture
from .style import SEQUENTIAL_MAP, SIGNED_MAP, SMALL_TEXT_SIZE, signed_limit

_STRENGTH = 0.55  # of the map over the grey picture
_PAIRS_IN_A_ROW = 3
_TITLE_WIDTH = 28  # characters over a pair
_NOTHING = 5e-4  # a smaller change of a probability is not worth a word


def show_grad_cam(images, maps, titles=None, *, n=9, ax=None):
    """Show pictures, and beside each where the network looked (`cu.grad_cam`).

    The map lies over a grey copy of the picture, so that its colours are the map's alone: dark blue is 0, yellow is 1.

    Parameters
    ----------
    images : ndarray, (n, height, width, channels) or list of ndarray
        uint8 in [0, 255] or float.
    maps : ndarray, (n, height, width), float in [0, 1]
    titles : sequence of str, optional
        One for each picture.
    n : int, default 9
        Show at most this many, the first ones.
    ax : sequence of Axes, optional
        Two for each picture.

    Returns
    -------
    Drawing
        ``(fig, ax)``, with ax an array of shape (pictures, 2).

    Raises
    ------
    InputError
        If pictures, maps and titles do not match.
    """
    return _show(images, maps, titles, n, ax, _Scale("Grad-CAM", "cu.grad_cam(model, images)"))


def show_saliency(images, maps, titles=None, *, n=9, ax=None):
    """Show pictures, and beside each the pixels that its answer depends on (`cu.saliency`).

    Drawn like `show_grad_cam`: the colours over a grey copy go from dark blue, 0, to yellow, 1.

    Parameters
    ----------
    images : ndarray, (n, height, width, channels) or list of ndarray
        uint8 in [0, 255] or float.
    maps : ndarray, (n, height, width), float in [0, 1]
    titles : sequence of str, optional
        One for each picture.
    n : int, default 9
        Show at most this many, the first ones.
    ax : sequence of Axes, optional
        Two for each picture.

    Returns
    -------
    Drawing
        ``(fig, ax)``, with ax an array of shape (pictures, 2).

    Raises
    ------
    InputError
        If pictures, maps and titles do not match.
    """
    return _show(images, maps, titles, n, ax, _Scale("saliency", "cu.saliency(model, images)"))


def show_occlusion(images, drops, titles=None, *, n=9, ax=None):
    """Show pictures, and beside each how far the answer falls where it is covered (`cu.occlusion`).

    All maps have one scale: red where covering takes probability away, white where it changes nothing, blue where
    the network was surer without the place.

    Parameters
    ----------
    images : ndarray, (n, height, width, channels) or list of ndarray
        uint8 in [0, 255] or float.
    drops : ndarray, (n, height, width), float in [-1, 1]
    titles : sequence of str, optional
        One for each picture.
    n : int, default 9
        Show at most this many, the first ones.
    ax : sequence of Axes, optional
        Two for each picture.

    Returns
    -------
    Drawing
        ``(fig, ax)``, with ax an array of shape (pictures, 2).

    Raises
    ------
    InputError
        If pictures, drops and titles do not match.
    """
    limit = signed_limit(np.asarray(drops)[:n])
    scale = _Scale("loss of probability", "cu.occlusion(model, images)", -limit, limit, SIGNED_MAP)
    return _show(images, drops, titles, n, ax, scale)


@dataclass(frozen=True)
class _Scale:
    """What the colours of a map mean.

    Attributes
    ----------
    label : str
    made_by : str
        The line that makes such maps, for error messages.
    low, high : float
        Values of the first and the last colour.
    colours : str
        Name of the colour map.
    """

    label: str
    made_by: str
    low: float = 0.0
    high: float = 1.0
    colours: str = SEQUENTIAL_MAP

    @property
    def ticks(self):
        """Values to write beside the colours; None leaves the choice to matplotlib."""
        return None if self.low < 0 else [self.low, (self.low + self.high) / 2, self.high]

    def words(self, heat):
        """Say what a map shows."""
        return _drop_words(heat) if self.low < 0 else _heat_words(heat)


def _show(images, maps, titles, n, ax, scale):
    """Draw pairs of a picture and its map, with one colour bar."""
    pictures, _ = as_pictures(getattr(images, "images", images))
    maps = _checked_maps(maps, pictures, titles, scale.made_by)
    count = min(n, len(pictures))
    if count < 1:
        raise InputError("There are no pictures to show.", found=f"{len(pictures)} pictures, n={n}")
    columns = min(count, _PAIRS_IN_A_ROW)
    rows = -(-count // columns)
    titles = None if titles is None else [textwrap.fill(str(title), _TITLE_WIDTH) for title in titles]
    title_lines = max(title.count("\n") + 1 for title in titles) if titles else 0
    size = (2.9 * columns + 0.9, (1.55 + 0.22 * title_lines) * rows + 0.1)
    fig, axes = new_grid(rows, 2 * columns, size=size, axes=ax)
    words = []
    pairs = axes.reshape(rows * columns, 2)
    for index, (left, right) in enumerate(pairs):
        if index >= count:
            left.set_axis_off()
            right.set_axis_off()
            continue
        title = titles[index] if titles else None
        draw_picture(left, pictures[index], None)
        artist = _draw_overlay(right, pictures[index], maps[index], scale)
        if title:
            left.set_title(title, fontsize=SMALL_TEXT_SIZE, pad=4, loc="left")
        name = title.replace("\n", " ") if title else f"Picture {index + 1}"
        words.append(f"{name}: {scale.words(maps[index])}")
    bar = fig.colorbar(artist, ax=list(axes.flat), shrink=0.9 if rows < 3 else 0.6, ticks=scale.ticks)
    bar.solids.set_alpha(1)
    bar.set_label(scale.label)
    how_many = "1 picture" if count == 1 else f"{count} pictures, each"
    describe(fig, f"{how_many} beside a copy with its heat map. {' '.join(words)}")
    return Drawing(fig, pairs[:count])


def _draw_overlay(ax, picture, heat, scale):
    draw_picture(ax, _grey(picture), None)
    limits = {"vmin": scale.low, "vmax": scale.high}
    return ax.imshow(heat, cmap=scale.colours, **limits, alpha=_STRENGTH, interpolation="bilinear")


def _grey(picture):
    if picture.ndim == 2 or picture.shape[2] == 1:
        return picture
    weights = np.array([0.299, 0.587, 0.114], dtype="float32")  # ITU-R BT.601 luma
    return (picture[..., :3].astype("float32") @ weights).astype(picture.dtype)


def _checked_maps(maps, pictures, titles, made_by):
    maps = np.asarray(maps, dtype="float32")
    maps = maps[None] if maps.ndim == 2 else maps
    sizes = {picture.shape[:2] for picture in pictures}
    if maps.ndim != 3 or len(maps) != len(pictures) or sizes != {maps.shape[1:]}:
        raise InputError(
            "Each picture needs a map of its own size.",
            expected=f"({len(pictures)}, height, width) with {' or '.join(map(str, sorted(sizes)))}",
            found=f"shape {maps.shape}",
            fix=f"maps = {made_by}",
        )
    if titles is not None and len(titles) != len(pictures):
        raise InputError(
            "There must be one title for each picture.", found=f"{len(titles)} titles, {len(pictures)} pictures"
        )
    return maps


def _heat_words(heat):
    """Say where a map is hot, and how much of the picture that is."""
    if not heat.max() > 0:
        return "the map is empty."
    share = number(round(100 * float((heat >= 0.5).mean())))
    return f"hottest at the {_place(heat.argmax(), heat.shape)}, {share} % of the picture above half."


def _drop_words(drops):
    """Say where covering a picture takes most away, and where it adds."""
    largest, least = float(drops.max()), float(drops.min())
    if largest < _NOTHING:
        words = "covering takes nothing away anywhere"
    else:
        words = f"covering takes away at most {number(largest)}, at the {_place(drops.argmax(), drops.shape)}"
    if least <= -_NOTHING:
        words += f", and adds at most {number(-least)}, at the {_place(drops.argmin(), drops.shape)}"
    return f"{words}."


def _place(index, shape):
    """Name the ninth of a picture in which a pixel lies."""
    row, column = np.unravel_index(index, shape)
    down = ("top", "middle", "bottom")[min(3 * row // shape[0], 2)]
    across = ("left", "centre", "right")[min(3 * column // shape[1], 2)]
    return f"{down} {across}"
