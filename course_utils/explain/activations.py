"""What a layer has learned and what it answers: kernels and feature maps."""

import numpy as np

from ..errors import InputError, require
from .arguments import checked_images, checked_whole
from .graph import find_layer, first_with_kernels, graph_of, kernel_dimensions, part_of, picture_layer


def conv_kernels(model, layer=None):
    """Return the kernels of a convolution.

    Parameters
    ----------
    model : keras.Model
    layer : str, int or keras.Layer, optional
        A convolution: its name, its index in ``model.layers``, or the layer; the first one unless given.

    Returns
    -------
    ndarray, (rows, columns, channels in, channels out), float32
        A copy. Of a depthwise convolution the last axis is its depth multiplier; of a separable one these are the
        kernels of the depthwise step.

    Raises
    ------
    InputError
        If the layer is no convolution, or the model has none.
    UnknownNameError
        If the model has no such layer.

    Examples
    --------
    >>> conv_kernels(lenet).shape  # doctest: +SKIP
    (5, 5, 1, 6)
    """
    chosen = first_with_kernels(model, 4) if layer is None else find_layer(model, layer)
    if kernel_dimensions(chosen) != 4:
        others = [item.name for item in model.layers if kernel_dimensions(item) == 4]
        raise InputError(
            "This layer has no convolution kernels.",
            where=f"layer {chosen.name!r}",
            found=type(chosen).__name__,
            fix=f"choose one of: {', '.join(others)}" if others else None,
        )
    return np.array(chosen.weights[0].numpy(), dtype="float32")


def feature_maps(model, images, layer=None, *, batch_size=32):
    """Return what a layer answers to pictures.

    Only the maps of this one layer are kept, those of the layers before it are freed batch by batch; still, the first
    layers of large networks make large maps: 16 channels of 160×160 pixels are 1.6 MB for each picture.

    Parameters
    ----------
    model : keras.Model
        Sequential or functional, with one input (n, height, width, channels).
    images : ndarray, (n, height, width, channels) or (height, width, channels)
        What the model is given for prediction: uint8 or float.
    layer : str, int or keras.Layer, optional
        Layer with an output like a picture: its name, its index in ``model.layers``, or the layer; the first
        convolution unless given.
    batch_size : int, default 32
        Pictures that go through the model at once.

    Returns
    -------
    ndarray, (n, rows, columns, channels), float32

    Raises
    ------
    InputError
        If the model or the pictures are not of this kind, or the layer's output is not like a picture.
    UnknownNameError
        If the model has no such layer.

    Examples
    --------
    >>> maps = cu.feature_maps(lenet, data.test.images[:8], "conv1")  # doctest: +SKIP
    >>> maps.shape  # doctest: +SKIP
    (8, 28, 28, 6)
    """
    require("keras")
    batch_size = checked_whole(batch_size, "batch_size")
    graph = graph_of(model)
    answer = part_of(model, graph[picture_layer(model, graph, layer)].output)
    images = checked_images(model, images)
    maps = None
    for start in range(0, len(images), batch_size):
        found = answer(images[start : start + batch_size])  # (batch, rows, columns, channels)
        if maps is None:
            maps = np.empty((len(images), *found.shape[1:]), dtype="float32")
        maps[start : start + batch_size] = found
    return maps
