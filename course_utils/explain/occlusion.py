"""Occlusion: how much less sure a network is when a part of the picture is covered."""

import numpy as np

from ..errors import InputError, require
from .arguments import checked_classes, checked_images, checked_whole
from .graph import graph_of
from .scores import scores_of


def occlusion(model, images, classes=None, *, window=None, stride=None, fill=None, batch_size=32):
    """Measure how far a class's probability falls when a patch covers each place of a picture.

    A patch slides over the picture; at each stop the model is asked again. A pixel's value is the average, over all
    patches that cover it, of the probability for the whole picture minus that for the covered one. No gradient is
    needed. Where a network is so certain that no single patch makes it doubt, the drops are near zero.

    Method: Zeiler and Fergus 2014, "Visualizing and Understanding Convolutional Networks" (ECCV, arXiv:1311.2901).

    Parameters
    ----------
    model : keras.Model
        Sequential or functional, with one input (n, height, width, channels), one output (n, classes), logits or
        probabilities.
    images : ndarray, (n, height, width, channels) or (height, width, channels)
        What the model is given for prediction: uint8 or float.
    classes : int or sequence of int, optional
        Class for all pictures, or one for each; the predicted ones unless given.
    window : int or (int, int), optional
        Height and width of the patch in pixels; a quarter of the picture unless given.
    stride : int, optional
        Pixels from one stop to the next, at most the patch's size; half of the patch unless given. The last stop
        reaches the border in any case. Halving the stride takes four times as long.
    fill : float or sequence of float, optional
        Colour of the patch, one value or one for each channel, in the picture's own units; each picture's mean
        colour unless given.
    batch_size : int, default 32
        Covered pictures that are in memory and go through the model at once.

    Returns
    -------
    ndarray, (n, height, width), float32 in [-1, 1]
        Differences of probability, not rescaled: 0.4 says that covering the place takes 40 percentage points away;
        below zero the network was surer without the place.

    Raises
    ------
    InputError
        If the model, the pictures, the classes or the patch are not of this kind.

    Examples
    --------
    >>> drops = cu.occlusion(model, data.test.images[:3], window=6)  # doctest: +SKIP
    >>> cu.show_occlusion(data.test.images[:3], drops)  # doctest: +SKIP
    """
    require("keras")
    batch_size = checked_whole(batch_size, "batch_size")
    scores = scores_of(model, graph_of(model))
    images = checked_images(model, images)
    classes = checked_classes(classes, len(images), scores.classes)
    height, width = _checked_window(window, images.shape[1:3])
    corners = _corners(images.shape[1:3], (height, width), _checked_stride(stride, (height, width)))
    colours = _colours(fill, images)
    probabilities = scores.probabilities(model)
    whole, classes = _whole(probabilities, images, classes, batch_size)

    total = np.zeros(images.shape[:3], dtype="float32")
    for start in range(0, len(images) * len(corners), batch_size):
        numbers = np.arange(start, min(start + batch_size, len(images) * len(corners)))
        pictures, stops = np.divmod(numbers, len(corners))
        covered = images[pictures].astype("float32")  # (batch, height, width, channels)
        for picture, (top, left), colour in zip(covered, corners[stops], colours[pictures], strict=True):
            picture[top : top + height, left : left + width] = colour
        drops = whole[pictures] - probabilities(covered)[np.arange(len(numbers)), classes[pictures]]  # (batch,)
        for picture, (top, left), drop in zip(pictures, corners[stops], drops, strict=True):
            total[picture, top : top + height, left : left + width] += drop
    return total / _times_covered(images.shape[1:3], corners, (height, width))


def _whole(probabilities, images, classes, batch_size):
    """Return the probability of each picture's class, (n,), and the classes, (n,)."""
    parts = [probabilities(images[start : start + batch_size]) for start in range(0, len(images), batch_size)]
    answers = np.concatenate(parts)  # (n, classes)
    classes = answers.argmax(axis=1) if classes is None else classes
    return answers[np.arange(len(images)), classes], classes


def _corners(size, window, stride):
    """Return the top left corner of each stop, (stops, 2); the last ones lie at the border."""
    rows, columns = (
        np.unique(np.append(np.arange(0, whole - part + 1, stride), whole - part))
        for whole, part in zip(size, window, strict=True)
    )
    return np.stack(np.meshgrid(rows, columns, indexing="ij"), axis=-1).reshape(-1, 2)


def _times_covered(size, corners, window):
    times = np.zeros(size, dtype="float32")
    for top, left in corners:
        times[top : top + window[0], left : left + window[1]] += 1
    return times


def _colours(fill, images):
    """Return the patch's colour for each picture, (n, channels), float32."""
    n, channels = len(images), images.shape[-1]
    if fill is None:
        return images.mean(axis=(1, 2), dtype="float32")
    given = np.asarray(fill)
    if given.dtype.kind not in "iuf" or given.shape not in ((), (channels,)) or not np.isfinite(given).all():
        raise InputError(
            "fill is the colour of the patch.",
            expected=f"one number, or {channels}, one for each channel",
            found=repr(fill)[:80],
        )
    return np.broadcast_to(given.astype("float32"), (n, channels))


def _checked_window(window, size):
    if window is None:
        return tuple(max(1, round(pixels / 4)) for pixels in size)
    sides = window if isinstance(window, tuple | list) else (window, window)
    if len(sides) != 2:
        raise InputError(
            "window is the size of the patch.", expected="an int, or (height, width)", found=repr(window)[:80]
        )
    return tuple(checked_whole(side, "window", 1, pixels) for side, pixels in zip(sides, size, strict=True))


def _checked_stride(stride, window):
    if stride is None:
        return max(1, min(window) // 2)
    # A longer step would leave pixels that no patch ever covers.
    return checked_whole(stride, "stride", 1, min(window))
