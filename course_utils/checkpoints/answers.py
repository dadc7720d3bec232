"""A network's answers to a few fixed pictures: they tell apart what has the same layers and weights, and computes
something else (another constant, another function, a sum taken from elsewhere).
"""

import math

import numpy as np

from .packing import Answers

PICTURES = 1
"""Which pictures: to be raised if `pictures` ever makes others, so that old answers are not held against new ones."""

COUNT = 32
TOLERANCE = 0.01
"""By how much an answer may differ, as a part of the largest answer or of 1.

Measured on eight trained networks (dense, LeNet and its modern form, residual; 28 to 64 pixels), each with the weights
of its file: pictures asked one by one change no probability by more than 1e-6, weights and pictures cut to the ten
bits of TF32 (a GPU's convolutions) by at most 1e-3, ``mixed_float16`` by at most 1.6e-3. Another activation function
or another kind of pooling changes one by at least 0.34.
"""

_BFLOAT16 = 0.1  # seven bits: at most 0.035 on the same networks
_SEED = 0
_DIGITS = 4


def pictures(shape) -> np.ndarray:
    """Return the fixed pictures: squares of random grey or colour, from one per picture to 32 by 32.

    Pure noise would not do: most networks give all of it to one class with near certainty.

    Parameters
    ----------
    shape : tuple of int
        Height, width and channels; one axis or two work as well.

    Returns
    -------
    ndarray, (32, *shape), uint8 in [0, 255]
        The same on every computer: integers made from the generator's raw stream, which NumPy keeps as it is.

    Examples
    --------
    >>> pictures((28, 28, 1)).shape
    (32, 28, 28, 1)
    """
    height, width, channels = *(*shape, 1)[:2], math.prod(shape[2:])
    stream = np.random.PCG64(_SEED)
    made = np.empty((COUNT, height, width, channels), dtype="uint8")
    for place in range(COUNT):
        squares = min(2 ** (place % 6), max(height, width))
        *values, low, high = (stream.random_raw(squares * squares * channels + 2) >> np.uint64(56)).astype(int)
        low, high = min(low, high), max(low, high)
        values = low + (np.reshape(values, (squares, squares, channels)) * (high - low + 1) >> 8)
        made[place] = values[np.arange(height) * squares // height][:, np.arange(width) * squares // width]
    return made.reshape(COUNT, *shape)


def ask(model, shape) -> np.ndarray:
    """Return a model's answers to the fixed pictures.

    Parameters
    ----------
    model : keras.Model
    shape : tuple of int
        Of one picture. A model that was built for another size is asked all the same if its layers allow it.

    Returns
    -------
    ndarray, (32, classes), float32
    """
    import keras

    # Only calling a model as a whole checks the size it was built for.
    answering = model if _takes(model, shape) else model.call
    answers = answering(pictures(shape), training=False)
    return np.asarray(keras.ops.convert_to_numpy(answers), dtype="float32")


def to_keep(model, shape) -> Answers:
    """Return a model's answers as they are kept: rounded, so that the same network gives the same file.

    Parameters
    ----------
    model : keras.Model
        With the weights as they are in the file.
    shape : tuple of int
    """
    return Answers(tuple(int(size) for size in shape), ask(model, shape).round(_DIGITS), PICTURES)


def difference(kept, model) -> str:
    """Say in words how a model's answers differ from those that were kept; nothing if they do not.

    Parameters
    ----------
    kept : Answers or None
        None, or answers to other pictures: nothing can be said.
    model : keras.Model
        With the weights of the file.

    Returns
    -------
    str
    """
    if kept is None or kept.pictures != PICTURES:
        return ""
    try:
        found = ask(model, kept.shape)
    except Exception as error:  # noqa: BLE001 - whatever Keras, TensorFlow or a layer of the notebook's own raise
        # Built for another size and unable to take this one: then its answers cannot be compared.
        return f"{type(error).__name__}: {error}".split("\n")[0] if _takes(model, kept.shape) else ""
    if found.shape != kept.values.shape:
        return f"answers of shape {found.shape[1:]} instead of {kept.values.shape[1:]}"
    apart = np.abs(found - kept.values).max()
    if apart <= _tolerance(model) * max(1.0, np.abs(kept.values).max()):  # never with nan
        return ""
    others = np.count_nonzero(found.argmax(axis=-1) != kept.values.argmax(axis=-1))
    return f"answers that differ by up to {apart:.2g}, with another largest one for {others} of the {len(found)}"


def _takes(model, shape):
    built = getattr(model, "input_shape", None)  # a class of the notebook's own may have none
    if not isinstance(built, tuple) or len(built) != len(shape) + 1:
        return True
    return all(size in (None, given) for size, given in zip(built[1:], shape, strict=True))


def _tolerance(model):
    kinds = {getattr(layer, "compute_dtype", None) for layer in model._flatten_layers()}
    return _BFLOAT16 if "bfloat16" in kinds else TOLERANCE
