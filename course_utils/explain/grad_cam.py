"""Grad-CAM: which parts of a picture speak for a class, seen from the last convolution."""

import numpy as np

from ..errors import InputError, require
from .arguments import checked_classes, checked_images, checked_whole
from .gradients import gradient_of
from .graph import graph_of, picture_layer
from .scores import scores_of

_FLAT = (
    "Build the model flat: begin it with its own keras.Input and apply the layers one after the other; with "
    "cu.backbone(...), use backbone.input and backbone.output instead of calling the backbone as one layer."
)


def grad_cam(model, images, classes=None, layer=None, *, batch_size=16):
    """Show which parts of each picture speak for a class: Grad-CAM.

    The channels of the last convolution are added up, each weighted by how much the class's score would grow with it
    (the gradient, averaged over the picture); what speaks against the class is cut off at zero, and the map is scaled
    so that its largest value is 1, and resized to the picture.

    The score is the class's logit, before softmax: after it, a map would also show what speaks against the others.
    Method: Selvaraju et al. 2017, "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization"
    (ICCV, arXiv:1610.02391).

    Parameters
    ----------
    model : keras.Model
        Flat (no model inside a model), Sequential or functional, with at least one convolution; one input
        (n, height, width, channels), one output (n, classes).
    images : ndarray, (n, height, width, channels) or (height, width, channels)
        What the model is given for prediction: uint8 or float.
    classes : int or sequence of int, optional
        Class for all pictures, or one for each; the predicted ones unless given.
    layer : str, int or keras.Layer, optional
        Layer with a four-dimensional output to look at (its name, or its index in ``model.layers``); the last
        convolution's activation unless given.
    batch_size : int, default 16

    Returns
    -------
    ndarray, (n, height, width), float32 in [0, 1]
        All zero where nothing in the picture speaks for the class.

    Raises
    ------
    InputError
        If the model, its layer, the pictures or the classes are not of this kind.
    UnknownNameError
        If the model has no layer of that name.

    Examples
    --------
    >>> maps = cu.grad_cam(model, data.test.images[:8])  # doctest: +SKIP
    >>> cu.show_grad_cam(data.test.images[:8], maps)  # doctest: +SKIP
    """
    require("keras")
    batch_size = checked_whole(batch_size, "batch_size")
    graph = graph_of(model)
    scores = scores_of(model, graph)
    gradient = gradient_of(model, scores, graph[_layer(model, graph, layer)].output)
    images = checked_images(model, images)
    classes = checked_classes(classes, len(images), scores.classes)
    maps = np.zeros(images.shape[:3], dtype="float32")
    for start in range(0, len(images), batch_size):
        part = slice(start, start + batch_size)
        chosen = None if classes is None else classes[part]
        activations, gradients = gradient(images[part].astype("float32"), chosen)
        maps[part] = _maps(activations, gradients, images.shape[1:3])
    return maps


def _layer(model, graph, wanted):
    """Return the layer to look at: the one that was asked for, or the last convolution's activation."""
    if wanted is not None:
        return picture_layer(model, graph, wanted)
    layers = [layer for layer in model.layers if layer in graph]
    nested = [layer.name for layer in layers if _convolutions(getattr(layer, "layers", None) or ())]
    if nested:
        raise InputError(
            "The model has another model inside: gradients of its layers cannot be looked at from outside.",
            where=f"layer {nested[0]!r}",
            fix=_FLAT,
        )
    convolutions = [layer for layer in _convolutions(layers) if len(graph[layer].shape) == 4]
    if not convolutions:
        raise InputError(
            "The model has no convolution: Grad-CAM looks at the picture-like output of one.",
            found=", ".join(dict.fromkeys(type(layer).__name__ for layer in layers)),
        )
    last = convolutions[-1]
    later = layers[layers.index(last) :]
    # Normalisation, activation and additions after it keep its rows and columns; pooling does not.
    return [layer for layer in later if graph[layer].shape[1:3] == graph[last].shape[1:3]][-1]


def _convolutions(layers):
    """Return the two-dimensional convolutions among layers; also of models among them."""
    found = []
    for layer in layers:
        if hasattr(layer, "layers"):
            found += _convolutions(layer.layers)
        elif hasattr(layer, "kernel_size"):
            found.append(layer)
    return found


def _maps(activations, gradients, size):
    """Weight the channels, cut off at zero, scale each map to [0, 1] and resize it to (height, width)."""
    from keras import ops

    weights = gradients.mean(axis=(1, 2), keepdims=True)  # (n, 1, 1, channels)
    maps = np.maximum((weights * activations).sum(axis=-1, keepdims=True), 0)  # (n, rows, columns, 1)
    largest = maps.max(axis=(1, 2, 3), keepdims=True)
    maps = np.divide(maps, largest, out=np.zeros_like(maps), where=largest > 0)
    resized = ops.convert_to_numpy(ops.image.resize(maps, size, interpolation="bilinear", data_format="channels_last"))
    return np.clip(resized[..., 0], 0, 1)
