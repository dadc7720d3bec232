"""Images through a model, batch by batch, in the fastest way its backend has."""

import numpy as np

from .. import inputs
from ..data.photos import decoded
from ..errors import InputError

_LARGEST_HALF = 65504.0  # of float16


def output_shape(model):
    """Return the shape of a model's output without the batch, or None if it is not known before it runs."""
    try:
        shape = model.output_shape[1:]
    except (AttributeError, ValueError, RuntimeError):  # a model class of the learner's
        return None
    return None if None in shape else tuple(shape)


def input_size(model):
    """Return height = width of the images a model takes, or None if it takes any."""
    shape = getattr(model, "input_shape", None) if getattr(model, "built", False) else None
    if not isinstance(shape, tuple) or len(shape) != 4 or isinstance(shape[0], tuple | list):
        return None
    return shape[1] if shape[1] == shape[2] else None


def outputs(model, split, places, batch_size):
    """Yield a model's output for some images of a split, in order.

    Parameters
    ----------
    model : keras.Model
    split : Split or PhotoSplit
    places : ndarray, (k,), int
        Which images.
    batch_size : int

    Yields
    ------
    ndarray, (b, …), float

    Raises
    ------
    InputError
        If the machine has not enough memory for such batches.
    DataError
        If a photograph cannot be read.
    """
    forward = compiled(model)
    for images in _batches(split, places, batch_size):
        try:
            yield forward(images)
        except Exception as error:
            if type(error).__name__ not in ("ResourceExhaustedError", "OutOfMemoryError", "XlaRuntimeError"):
                raise
            raise InputError(
                "There is not enough memory for so many images at once.",
                found=f"batch_size={batch_size}, images of shape {tuple(images.shape[1:])}",
                fix=f"batch_size={max(1, batch_size // 4)}",
            ) from error


def rounded(rows, places):
    """Return rows as float16 where its range suffices, else as float32.

    Parameters
    ----------
    rows : ndarray, (b, …)
    places : sequence of int, (b,)
        Which images they are, for the message.

    Raises
    ------
    InputError
        If a row is not finite.
    """
    rows = np.asarray(rows, "float32")
    finite = np.isfinite(rows.reshape(len(rows), -1)).all(axis=1)
    if not finite.all():
        raise InputError(
            "The model answers NaN (not a number) or infinity.",
            where=f"image {places[int((~finite).argmax())]} of the split is the first",
            fix="Check that its weights are those of a training that did not diverge.",
        )
    return rows.astype("float16") if np.abs(rows).max(initial=0) <= _LARGEST_HALF else rows


def check_arrays(model, images):
    """Refuse images in memory that do not fit the model: shape, NaN, pixels divided by 255 before a model that scales.

    Parameters
    ----------
    model : keras.Model
    images : ndarray, (n, height, width, channels)
    """
    shape = getattr(model, "input_shape", None) if getattr(model, "built", False) else None
    if isinstance(shape, tuple) and shape and not isinstance(shape[0], tuple | list):
        inputs.check_model_shape(images, shape)
    else:
        inputs.check_images(images)
    if images.dtype.kind == "f":
        inputs.check_finite(images)
    if len(images):
        inputs.check_pixel_scale(images, inputs.model_rescales(model), raw_pixels=True)


def compiled(model):
    """Return a function from images to a model's output, as NumPy arrays; it compiles at the first images of a size."""
    import keras

    if keras.config.backend() != "tensorflow":
        return lambda images: keras.ops.convert_to_numpy(model.predict_on_batch(np.asarray(images)))
    import tensorflow as tf

    dtype = model.inputs[0].dtype if getattr(model, "inputs", None) else "float32"
    # Not predict_on_batch, which leaves a function and its settings behind in the learner's model. Never XLA, which
    # is slow on a CPU where convolutions are depthwise. One graph for every size of batch.
    graph = tf.function(lambda images: model(tf.cast(images, dtype), training=False), jit_compile=False)
    signature = {}

    def forward(images):
        key = (images.shape[1:], images.dtype)
        if key not in signature:
            signature[key] = graph.get_concrete_function(tf.TensorSpec((None, *images.shape[1:]), images.dtype))
        return signature[key](tf.convert_to_tensor(images)).numpy()

    return forward


def _batches(split, places, batch_size):
    if not hasattr(split, "stream"):
        for start in range(0, len(places), batch_size):
            yield split.images[places[start : start + batch_size]]
        return
    yield from decoded(split.images.take(places), batch_size)
