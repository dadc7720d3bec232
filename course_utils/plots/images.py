"""Pictures in a grid: images, kernels and feature maps."""

import textwrap

import numpy as np

from ..errors import InputError
from .alt import describe, listing, number
from .figures import Drawing, new_grid
from .style import GREY_MAP, SIGNED_MAP, SMALL_TEXT_SIZE, WIDTH, signed_limit

_MOST_COLUMNS = 8
_SCALES = "None, 'each', 'shared' or a pair (low, high)"


def show_images(
    images,
    labels=None,
    *,
    titles=None,
    classes=None,
    n=16,
    columns=None,
    cmap=None,
    scale=None,
    seed=None,
    values=False,
    ax=None,
):
    """Show pictures in a grid.

    Parameters
    ----------
    images : Split, ndarray or list of ndarray
        A split (its labels become titles); (n, height, width, channels) or (n, height, width); one
        picture (height, width) or (height, width, 3); or a list of pictures of any sizes. uint8 is
        shown from 0 to 255, floats from 0 to 1 where they fit, and pictures with negative values
        (feature maps, kernels) in blue, white and red with zero in the middle.
    labels : array_like of int, optional
        Class numbers, shown as titles.
    titles : sequence of str, optional
        Titles; instead of labels.
    classes : sequence of str, optional
        Names for the labels.
    n : int, default 16
        Show at most this many: the first, or with `seed` a random choice.
    columns : int, optional
        Pictures in a row.
    cmap : str, optional
        Colour map for pictures without colour.
    scale : None, 'each', 'shared' or (low, high), optional
        Values shown as the darkest and the brightest: each picture's own, those of all, or given ones.
    seed : int, optional
        Choose the pictures at random.
    values : bool, default False
        Write the number into each pixel (small pictures only).
    ax : Axes or sequence of Axes, optional
        Where to draw.

    Returns
    -------
    Drawing
        ``(fig, ax)``, with ax an array of Axes if there are several pictures.

    Raises
    ------
    InputError
        If these are no pictures, or titles and pictures do not match in number.
    """
    pictures, captions, stacked = _gather(images, labels, titles, classes, n, seed)
    _check_scale(scale)
    columns = min(columns or best_columns(len(pictures)), len(pictures))
    rows = -(-len(pictures) // columns)
    wrapped = captions and [_wrap(caption, columns) for caption in captions]
    size = _size_with_values(pictures, rows, columns) if values else _size(pictures, rows, columns, wrapped)
    fig, axes = new_grid(rows, columns, size=size, axes=ax)
    limits = _limits(pictures, scale, stacked)
    for position, panel in enumerate(axes.flat):
        if position >= len(pictures):
            panel.set_axis_off()
            continue
        caption = wrapped[position] if wrapped else None
        artist = draw_picture(panel, pictures[position], caption, cmap=cmap, limits=limits[position], values=values)
    if len(set(limits)) == 1 and limits[0][0] < 0 < len(pictures) - 1 and not values:
        fig.colorbar(artist, ax=list(axes.flat), label="value", shrink=0.9 if rows < 3 else 0.6)
    describe(fig, _describe(pictures, captions))
    shown = axes.ravel()[: len(pictures)]
    return Drawing(fig, shown[0] if len(shown) == 1 else shown)


def draw_picture(ax, picture, title=None, *, cmap=None, limits=None, values=False):
    """Draw one picture on `ax` without ticks; returns the AxesImage."""
    picture = picture[..., 0] if picture.ndim == 3 and picture.shape[2] == 1 else picture
    low, high = limits if limits is not None else own_limits(picture)
    if picture.ndim == 3:
        shown = np.clip((picture.astype("float32") - low) / ((high - low) or 1), 0, 1)
        artist = ax.imshow(shown, interpolation="nearest")
    else:
        cmap = cmap or (SIGNED_MAP if low < 0 else GREY_MAP)
        artist = ax.imshow(picture, cmap=cmap, vmin=low, vmax=high, interpolation="nearest")
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        # A thin frame: a white background would melt into the page.
        spine.set(visible=True, color="#b0b0b0", linewidth=0.8)
    if title:
        ax.set_title(title, fontsize=SMALL_TEXT_SIZE, pad=4)
    if values:
        _write_values(ax, picture, artist)
    return artist


def best_columns(count, most=_MOST_COLUMNS):
    """Return how many panels to put in a row so that the last row is as full as can be.

    Examples
    --------
    >>> [best_columns(count) for count in (4, 7, 10, 12, 16, 17)]
    [4, 7, 5, 6, 8, 6]
    """
    if count < most:
        return count
    return min(range(most, most // 2, -1), key=lambda columns: -count % columns)


def own_limits(picture):
    """Return the values of the darkest and the brightest shade that suit one picture."""
    if picture.dtype == bool:
        return 0.0, 1.0
    if picture.dtype == np.uint8:
        return 0.0, 255.0
    low, high = float(np.nanmin(picture)), float(np.nanmax(picture))
    if low < 0:
        limit = signed_limit(low, high)
        return -limit, limit
    if high <= 1:
        return 0.0, 1.0
    return (0.0, 255.0) if 100 < high <= 256 else (0.0, high)


def as_pictures(images):
    """Return a list of pictures, each (h, w) or (h, w, 1, 3 or 4), and whether they came as one array."""
    if isinstance(images, list | tuple):
        pictures = [_as_picture(np.asarray(image), f"images[{index}]") for index, image in enumerate(images)]
        return pictures, False
    array = np.asarray(images)
    if array.ndim == 0:
        raise InputError(
            "This is no picture.",
            expected="a split such as data.train, or an array (n, height, width, channels)",
            found=type(images).__name__,
            fix="cu.show_images(data.train)",
        )
    if array.ndim == 2 or (array.ndim == 3 and _is_one_picture(array.shape)):
        return [_as_picture(array, "images")], False
    if array.ndim not in (3, 4):
        raise InputError(
            "These are no pictures.",
            expected="(n, height, width, channels), (n, height, width), or a list of pictures",
            found=f"shape {array.shape}",
            fix="images.reshape(-1, 28, 28)   if each row is a flattened picture of 28×28",
        )
    return [_as_picture(picture, f"images[{index}]") for index, picture in enumerate(array)], True


def _gather(images, labels, titles, classes, n, seed):
    """Return the pictures to show, their titles or None, and whether they came as one array."""
    if hasattr(images, "images") and hasattr(images, "labels"):
        labels = images.labels if labels is None else labels
        classes = getattr(images, "classes", None) if classes is None else classes
        images = images.images
    count = len(images) if isinstance(images, list | tuple) or np.ndim(images) == 4 else None
    if count is not None:
        captions = _captions(labels, titles, classes, count)
        chosen = _choose(count, n, seed)
        images = [images[index] for index in chosen] if isinstance(images, list | tuple) else images[chosen]
        pictures, stacked = as_pictures(images)
        return pictures, captions and [captions(index) for index in chosen], stacked
    pictures, stacked = as_pictures(images)
    captions = _captions(labels, titles, classes, len(pictures))
    chosen = _choose(len(pictures), n, seed)
    return ([pictures[index] for index in chosen], captions and [captions(index) for index in chosen], stacked)


def _choose(count, n, seed):
    if count == 0 or n < 1:
        raise InputError("There are no pictures to show.", found=f"{count} pictures, n={n}")
    if seed is None or count <= n:
        return np.arange(min(count, n))
    return np.sort(np.random.default_rng(seed).choice(count, size=n, replace=False))


def _captions(labels, titles, classes, count):
    """Return a function from index to title, or None without titles."""
    given = titles if titles is not None else labels
    if given is None:
        return None
    given = [given] if isinstance(given, str) or np.ndim(given) == 0 else given
    if len(given) != count:
        raise InputError(
            f"Every picture needs one {'title' if titles is not None else 'label'}.",
            expected=f"{count}",
            found=f"{len(given)}",
        )
    if titles is not None:
        return lambda index: str(titles[index]) if not isinstance(titles, str) else titles
    given = np.asarray(given)
    if classes is None or given.dtype.kind not in "iu":
        return lambda index: str(given[index])
    if given.min() < 0 or given.max() >= len(classes):
        from ..inputs import check_labels

        check_labels(given, len(classes))
    return lambda index: str(classes[given[index]])


def _as_picture(array, where):
    if array.ndim == 3 and array.shape[2] not in (1, 3, 4) and array.shape[0] in (1, 3, 4):
        raise InputError(
            "Channels come first here; pictures have them last.",
            where=where,
            expected="(height, width, channels)",
            found=f"{array.shape}",
            fix="image = image.transpose(1, 2, 0)",
        )
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (1, 3, 4)) or array.size == 0:
        raise InputError(
            "This is no picture.",
            where=where,
            expected="(height, width) or (height, width, 1 or 3)",
            found=f"{array.shape}",
            fix="cu.show_feature_maps shows each channel of (height, width, many)"
            if array.ndim == 3
            else "a row of pixels becomes a picture by .reshape(height, width)",
        )
    if array.dtype.kind not in "uifb":
        raise InputError("Pixels must be numbers.", where=where, found=f"dtype {array.dtype}")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        row, column = np.argwhere(~np.isfinite(array))[0][:2]
        raise InputError("A pixel is NaN or infinite.", where=f"{where}, row {row}, column {column}")
    return array


def _is_one_picture(shape):
    """(h, w, 3) or (n, h, 3)? A stack of little square kernels is the only stack that ends in 1, 3 or 4."""
    stack_of_kernels = shape[1] == shape[2] and shape[0] != shape[1]
    return shape[2] in (1, 3, 4) and not stack_of_kernels


def _check_scale(scale):
    if scale is None or (isinstance(scale, str) and scale in ("each", "shared")):
        return
    if isinstance(scale, str) or np.shape(scale) != (2,) or not scale[0] < scale[1]:
        raise InputError("scale says which values are darkest and brightest.", expected=_SCALES, found=repr(scale))


def _limits(pictures, scale, stacked):
    if scale is not None and not isinstance(scale, str):
        return [(float(scale[0]), float(scale[1]))] * len(pictures)
    if scale == "each":
        return [(float(picture.min()), float(picture.max())) for picture in pictures]
    limits = [own_limits(picture) for picture in pictures]
    if scale == "shared" or stacked:
        # Pictures from one array are compared with each other, so equal shades mean equal values.
        return [(min(low for low, _ in limits), max(high for _, high in limits))] * len(pictures)
    return limits


def _wrap(caption, columns):
    """Break a title into lines that fit over a picture; breaks after / and _ as well as at spaces."""
    width = max(9, int(100 / columns))
    pieces = str(caption).replace("/", "/\u200b").replace("_", "_\u200b").split("\n")
    lines = []
    for piece in pieces:
        words = piece.replace("\u200b", " \u200b") if len(piece) > width else piece
        lines += textwrap.wrap(words, width, break_on_hyphens=False) or [""]
    return "\n".join(lines).replace(" \u200b", "").replace("\u200b", "")


def _size(pictures, rows, columns, captions):
    cell = min(3.0, WIDTH / columns)
    ratio = max(picture.shape[0] / picture.shape[1] for picture in pictures)
    lines = max((caption.count("\n") + 1 for caption in captions), default=0) if captions else 0
    return max(cell * columns, 2.0), rows * (cell * min(ratio, 2.5) + 0.2 * lines) + 0.1


def _size_with_values(pictures, rows, columns):
    """Return the size at which every number fits into its pixel, or say that it cannot."""
    widest = 0.0
    for picture in pictures:
        grey = picture.ndim == 2 or picture.shape[2] == 1
        longest = max(map(len, map(number, picture.flat))) if grey and picture.size <= 600 else 99
        widest = max(widest, picture.shape[1] * (0.1 * max(longest, 3) + 0.12))
    if widest * columns > WIDTH * 1.15:
        raise InputError(
            "Numbers fit only into small pictures without colour.",
            expected="about 20 pixels in a row, over all pictures side by side",
            found=f"{columns} of shape {pictures[0].shape} side by side",
            fix="show a part, image[:12, :12], round the numbers, image.round(1), or show fewer in a row, columns=1",
        )
    widest = max(widest, 1.8)
    ratio = max(picture.shape[0] / picture.shape[1] for picture in pictures)
    return widest * columns, rows * (widest * ratio + 0.3)


def _write_values(ax, picture, artist):
    for (row, column), value in np.ndenumerate(picture):
        red, green, blue, _ = artist.cmap(artist.norm(value))
        dark = 0.299 * red + 0.587 * green + 0.114 * blue < 0.5
        ax.text(column, row, number(value), ha="center", va="center", color="white" if dark else "black")


def _describe(pictures, captions):
    heights = {picture.shape[:2] for picture in pictures}
    size = listing(sorted(f"{height} by {width}" for height, width in heights)) if len(heights) < 4 else "several sizes"
    kind = "colour" if any(picture.ndim == 3 and picture.shape[2] > 1 for picture in pictures) else "grey"
    noun = "picture" if len(pictures) == 1 else "pictures"
    signed = " Blue is below zero, white zero, red above." if any(picture.min() < 0 for picture in pictures) else ""
    named = ""
    if captions:
        names = [str(caption).replace("\n", " ") for caption in captions]
        named = f": {listing(names if len(names) <= 16 else [*names[:16], 'more'])}"
    return f"{len(pictures)} {kind} {noun} of {size} pixels{named}.{signed}"
