"""What in the data excites a channel most."""

from dataclasses import dataclass

import numpy as np

from ..errors import require
from ..predicting import at_size_of, batches_of, check_for_model, in_files
from .arguments import checked_images, checked_whole
from .graph import graph_of, part_of, picture_layer
from .receptive_field import fields, windows_of
from .scores import check_answers


@dataclass(frozen=True, eq=False)
class Strongest:
    """The pictures that excite a channel most, the strongest first, and where.

    Of one channel the arrays are (n, …) as stated; of all channels (channels, n, …).

    Attributes
    ----------
    layer : str
        Name of the layer.
    values : ndarray, (n,), float32
        Largest activation of the channel on each of these pictures; 0 after ReLU says that nothing excites it.
    images : ndarray, (n,), int64
        Which pictures: indices into those that were given, none twice.
    places : ndarray, (n, 2), int64
        Row and column of the largest activation on the map.
    windows : ndarray, (n, 4), int64
        What that place sees of the picture: top, left, bottom, right in pixels, as in
        ``picture[top:bottom, left:right]``. Cut off at the border.
    exact : bool
        Whether the windows are receptive fields, computed from the layers on the way. Otherwise they are the part of
        the picture that lies where the place lies on the map; the place sees more than that.
    """

    layer: str
    values: np.ndarray
    images: np.ndarray
    places: np.ndarray
    windows: np.ndarray
    exact: bool


def strongest(model, images, layer=None, channel=None, *, n=9, batch_size=64):
    """Find the pictures, and the places in them, that excite a channel of a layer most.

    All channels take no longer than one: they come out of the same pass.

    This is how Zeiler and Fergus 2014, "Visualizing and Understanding Convolutional Networks" (ECCV, arXiv:1311.2901)
    look at what a channel stands for: real pictures, each cut to what the place sees.

    Parameters
    ----------
    model : keras.Model
        Sequential or functional, with one input (n, height, width, channels).
    images : ndarray, (n, height, width, channels), or split
        What the model is given for prediction: uint8 or float. Photographs on the disk are decoded batch by batch, at
        the size the model takes.
    layer : str, int or keras.Layer, optional
        Layer with an output like a picture: its name, its index in ``model.layers``, or the layer; the first
        convolution unless given.
    channel : int, optional
        All channels unless given.
    n : int, default 9
        Return at most this many pictures for each channel.
    batch_size : int, default 64
        Pictures that go through the model at once.

    Returns
    -------
    Strongest

    Raises
    ------
    InputError
        If the model, the pictures, the layer or the channel are not of this kind.
    UnknownNameError
        If the model has no such layer.

    Examples
    --------
    >>> found = cu.strongest(lenet, data.train.subset(1000), "conv2", channel=3)  # doctest: +SKIP
    >>> top, left, bottom, right = found.windows[0]  # doctest: +SKIP
    >>> cu.show_images(data.train.images[found.images[0], top:bottom, left:right])  # doctest: +SKIP
    """
    require("keras")
    batch_size, n = checked_whole(batch_size, "batch_size"), checked_whole(n, "n")
    graph = graph_of(model)
    chosen = picture_layer(model, graph, layer)
    channels = graph[chosen].shape[-1]
    channel = None if channel is None else checked_whole(channel, "channel", 0, channels - 1)
    answer = part_of(model, graph[chosen].output)
    images = _checked(model, images)

    best, start, shape = None, 0, None
    for batch in batches_of(images, batch_size, keras_model=True):
        maps = answer(batch)  # (batch, rows, columns, channels)
        found = _peaks(maps if channel is None else maps[..., [channel]], start)
        best = _best(found if best is None else np.concatenate([best, found]), n)
        start, shape, size = start + len(batch), maps.shape[1:3], batch.shape[1:3]
    best = best.T if channel is None else best[:, 0]  # (channels, n) or (n,)
    places = np.stack(np.divmod(best["place"], shape[1]), axis=-1)  # (…, 2)
    seen = fields(graph, chosen, size)
    windows = windows_of(seen, places, shape, size)
    return Strongest(chosen.name, best["value"].copy(), best["image"].copy(), places, windows, seen is not None)


_PEAK = np.dtype([("value", "float32"), ("image", "int64"), ("place", "int64")])


def _checked(model, images):
    pixels = getattr(at_size_of(model, images), "images", images)
    if not in_files(pixels):
        return checked_images(model, pixels)
    check_for_model(model, pixels, raw_pixels=True)
    return pixels


def _peaks(maps, start):
    """Return each channel's largest activation on each picture, (batch, channels), and where it is."""
    batch, _, _, channels = maps.shape
    flat = maps.reshape(batch, -1, channels).astype("float32", copy=False)  # (batch, places, channels)
    peaks = np.empty((batch, channels), dtype=_PEAK)
    peaks["place"] = flat.argmax(axis=1)
    peaks["value"] = np.take_along_axis(flat, peaks["place"][:, np.newaxis], axis=1)[:, 0]
    peaks["image"] = np.arange(start, start + batch)[:, np.newaxis]
    check_answers(peaks["value"])
    return peaks


def _best(peaks, n):
    """Return the n strongest of each channel, (n, channels); of equal ones those that come first in the data."""
    order = np.argsort(-peaks["value"], axis=0, kind="stable")[:n]
    return np.take_along_axis(peaks, order, axis=0)
