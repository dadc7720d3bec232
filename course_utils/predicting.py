"""The answers of a classifier of any kind, batch by batch."""

import numpy as np

from . import inputs
from .errors import InputError

SAMPLE = 64  # photographs decoded at once: a few megabytes


def in_files(images):
    """Return True for photographs that are decoded when asked for."""
    return hasattr(images, "sources") and hasattr(images, "take")


def at_size_of(model, split):
    """Return photographs at the size a model was built for; anything else as it is."""
    shape = _input_shape(model)
    if not in_files(getattr(split, "images", None)) or shape is None or len(shape) != 4:
        return split
    height, width = shape[1:3]
    return split.at(height) if height is not None and height == width else split


def _input_shape(model):
    shape = getattr(model, "input_shape", None) if getattr(model, "built", False) else None
    return shape if isinstance(shape, tuple) and shape and not isinstance(shape[0], tuple | list) else None


def check_for_model(model, images, raw_pixels):
    """Refuse images whose shape, values or scale are not what a Keras model was built for."""
    shape = _input_shape(model)
    if shape is not None:
        inputs.check_model_shape(images, shape)
    elif not in_files(images):
        inputs.check_images(images)
    if images.dtype.kind == "f":
        inputs.check_finite(images)
    sample = images[:SAMPLE] if in_files(images) else images
    inputs.check_pixel_scale(sample, inputs.model_rescales(model), raw_pixels=raw_pixels)


def predictor(model, keras_model):
    """Return a function from a batch of images to labels, probabilities or logits."""
    if keras_model:
        from keras import ops

        # Called directly: predict() would build a graph for every model, and warn after the fifth.
        return lambda batch: ops.convert_to_numpy(model(batch, training=False))
    if hasattr(model, "predict_proba"):
        return lambda batch: _estimate(model.predict_proba, batch, model)
    if hasattr(model, "predict"):
        return lambda batch: _estimate(model.predict, batch, model)
    if callable(model):
        return model
    raise InputError(
        "evaluate needs something that can predict.",
        expected="a Keras model, a function of images, or a scikit-learn estimator",
        found=type(model).__name__,
    )


def batches_of(images, batch_size, keras_model):
    """Yield the images batch by batch, as they are; photographs for a Keras model as `PhotoSplit.stream` has them."""
    if not in_files(images):
        for start in range(0, len(images), batch_size):
            yield images[start : start + batch_size]
        return
    from .data.photos import decoded

    for pixels in decoded(images, min(batch_size, SAMPLE)):
        yield pixels if keras_model else np.rint(pixels).astype("uint8")


def in_batches(predict, batches):
    """Return the answers for all batches, (n,) or (n, k); refuse answers that do not fit their batch."""
    parts = []
    for batch in batches:
        part = np.asarray(predict(batch))
        if part.ndim not in (1, 2) or len(part) != len(batch):
            raise InputError(
                "The classifier must return one label, or one row of probabilities, per image.",
                expected=f"shape ({len(batch)},) or ({len(batch)}, classes)",
                found=f"shape {part.shape} for {len(batch)} images",
            )
        parts.append(part if part.dtype.kind in "iub" else part.astype("float32", copy=False))
    return np.concatenate(parts)


def _estimate(predict, batch, model):
    try:
        return predict(batch)
    except ValueError as error:
        if batch.ndim == 2:
            raise
        name = type(model).__name__
        raise InputError(
            f"{name} cannot take pictures; it wants one row of numbers per image.",
            expected="whatever it was fitted on, inside a function",
            found=f"images of shape {batch.shape}",
            fix="cu.evaluate(lambda images: estimator.predict_proba(images.reshape(len(images), -1) / 255), split)"
            "   (divide only if it was fitted that way)",
        ) from error
