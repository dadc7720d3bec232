"""Which pixels a place of a feature map sees: its receptive field."""

from dataclasses import dataclass

import numpy as np

_SAME_PLACE = {
    "Activation",
    "ActivityRegularization",
    "AlphaDropout",
    "BatchNormalization",
    "Dropout",
    "ELU",
    "GaussianDropout",
    "GaussianNoise",
    "Identity",
    "InputLayer",
    "LeakyReLU",
    "Normalization",
    "PReLU",
    "ReLU",
    "Relu",
    "Rescaling",
    "SpatialDropout2D",
}
_WINDOWS = {
    "AveragePooling2D": "pool_size",
    "Conv2D": "kernel_size",
    "DepthwiseConv2D": "kernel_size",
    "MaxPooling2D": "pool_size",
    "SeparableConv2D": "kernel_size",
}
_MERGES = {"Add", "Average", "Concatenate", "Divide", "Maximum", "Minimum", "Multiply", "Subtract", "TrueDivide"}


@dataclass(frozen=True)
class Field:
    """What the places of a map see along one axis: place i sees the pixels from start + i step to stop + i step.

    Attributes
    ----------
    start, stop : int
        Of place 0, half-open. Pixels outside the picture are padding.
    step : int
        Pixels from one place to the next.
    size : int
        Number of places.
    """

    start: int
    stop: int
    step: int
    size: int

    def through(self, kernel, stride, padding, size):
        """Return the field behind a layer that looks at `kernel` places, the first of them `padding` before place 0."""
        start = self.start - padding * self.step
        stop = self.stop + (kernel - 1 - padding) * self.step
        return Field(start, stop, self.step * stride, size)


def fields(graph, layer, size):
    """Return what the places of a layer's output see in a picture, or None where that is not a simple window.

    Parameters
    ----------
    graph : dict
        See `graph_of`.
    layer : keras.Layer
    size : tuple of int
        Height and width of the pictures.

    Returns
    -------
    tuple of Field or None
        For rows and columns; where paths of different depth meet, the window that holds them all. None with layers
        that look at the whole picture, or that are not known here.

    Notes
    -----
    The arithmetic is that of Araujo, Norris and Sim 2019, "Computing Receptive Fields of Convolutional Neural
    Networks" (Distill, doi:10.23915/distill.00021).
    """
    found, waiting = {}, [layer]
    while waiting:
        before = [tensor._keras_history.operation for tensor in graph[waiting[-1]].inputs]
        missing = [other for other in before if other not in found]
        if missing:
            waiting += missing
            continue
        now = waiting.pop()
        seen = [found[other] for other in before] or [tuple(Field(0, 1, 1, pixels) for pixels in size)]
        found[now] = None if None in seen else _through(now, seen)
    return found[layer]


def windows_of(seen, places, shape, size):
    """Return what places of a map see of the picture.

    Parameters
    ----------
    seen : tuple of Field or None
        See `fields`; None: take the part of the picture that lies where the place lies on the map.
    places : ndarray, (…, 2), int
        Rows and columns on the map.
    shape, size : (int, int)
        Rows and columns of the map; height and width of the picture.

    Returns
    -------
    ndarray, (…, 4), int
        Top, left, bottom, right in pixels, half-open, cut off at the picture's border.
    """
    starts, ends = [], []
    for axis, (count, pixels) in enumerate(zip(shape, size, strict=True)):
        place = places[..., axis]
        if seen is None:
            starts.append(place * pixels // count)
            ends.append(-(-(place + 1) * pixels // count))
        else:
            # A place that sees nothing but padding gets the pixel beside it: an empty window cannot be shown.
            starts.append(np.clip(seen[axis].start + place * seen[axis].step, 0, pixels - 1))
            ends.append(np.clip(seen[axis].stop + place * seen[axis].step, 1, pixels))
    return np.stack([*starts, *ends], axis=-1)


def _through(layer, seen):
    """Return the fields behind a layer from those of its inputs."""
    name = type(layer).__name__
    if name in _MERGES:
        return _merged(seen)
    if len(seen) != 1:
        return None
    if name in _SAME_PLACE or (name.startswith("Random") and name != "RandomCrop"):  # augmentation rests in prediction
        return seen[0]
    steps = [_looks(layer, name, axis, field) for axis, field in enumerate(seen[0])]
    return None if None in steps else tuple(field.through(*step) for field, step in zip(seen[0], steps, strict=True))


def _merged(seen):
    """Return the smallest windows that hold those of all inputs."""
    axes = list(zip(*seen, strict=True))
    if any(len({(field.step, field.size) for field in axis}) != 1 for axis in axes):
        return None
    return tuple(
        Field(min(field.start for field in axis), max(field.stop for field in axis), axis[0].step, axis[0].size)
        for axis in axes
    )


def _looks(layer, name, axis, field):
    """Return (kernel, stride, padding, size of the output) of a layer along an axis, or None."""
    if name == "ZeroPadding2D":
        before, after = layer.padding[axis]
        return 1, 1, before, field.size + before + after
    if name == "Cropping2D":
        before, after = layer.cropping[axis]
        return 1, 1, -before, field.size - before - after
    if name not in _WINDOWS:
        return None
    window = getattr(layer, _WINDOWS[name])
    dilation = getattr(layer, "dilation_rate", (1, 1))[axis]
    return _SIZES[layer.padding]((window[axis] - 1) * dilation + 1, layer.strides[axis], field.size)


def _valid(kernel, stride, size):
    return kernel, stride, 0, (size - kernel) // stride + 1


def _same(kernel, stride, size):
    # TensorFlow's rule, which Keras keeps with every backend: an odd rest of the padding goes after the picture.
    places = -(-size // stride)
    return kernel, stride, max((places - 1) * stride + kernel - size, 0) // 2, places


_SIZES = {"valid": _valid, "same": _same}
