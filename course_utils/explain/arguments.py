"""Checks of what the functions of this package are given."""

import numpy as np

from ..errors import InputError
from ..inputs import check_images, check_model_shape, check_pixel_scale, model_rescales


def checked_images(model, images):
    """Return pictures as an array (n, height, width, channels) that fits the model; one picture becomes n = 1."""
    images = np.asarray(getattr(images, "images", images))
    images = check_images(images[None] if images.ndim == 3 else images)
    check_model_shape(images, model.input_shape)
    check_pixel_scale(images, model_rescales(model), raw_pixels=True)
    return images


def checked_classes(classes, n, count):
    """Return a class number of each of n pictures, (n,), int32, below `count`; None stays None."""
    if classes is None:
        return None
    given = np.asarray(classes)
    if given.dtype.kind not in "iu" or given.ndim > 1 or (given.ndim == 1 and len(given) != n):
        raise InputError(
            "classes is one class number, or one for each picture.",
            expected=f"a whole number, or {n} of them",
            found=repr(classes)[:80],
        )
    wrong = given[(given < 0) | (given >= count)]
    if wrong.size:
        raise InputError("There is no such class.", expected=f"0 to {count - 1}", found=str(wrong.ravel()[0]))
    return np.broadcast_to(given, (n,)).astype("int32")


def checked_whole(value, name, least=1, most=None):
    """Return a whole number as int, or say what it must be."""
    is_whole = hasattr(value, "__index__") and not isinstance(value, bool | np.bool_)
    if is_whole and value >= least and (most is None or value <= most):
        return int(value)
    limits = f"of at least {least}" if most is None else f"from {least} to {most}"
    raise InputError(f"{name} must be a whole number {limits}.", found=repr(value)[:80])
