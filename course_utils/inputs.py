"""Checks of what a learner passes in: labels, pixels, shapes. Each error names the first bad index and the fix."""

import numpy as np

from .errors import InputError

# Largest value a float image in [0, 1] may reach (noise and interpolation overshoot a little).
_UNIT_RANGE = 1.5
_TWICE_SCALED = 1.5 / 255
# No standardised pixel (zero mean, unit variance) is as large as this; unscaled ones are.
_STANDARDISED = 10


def check_labels(labels, n_classes=None, *, n_images=None, where="labels"):
    """Return labels as int64, or say what is wrong with them.

    Parameters
    ----------
    labels : array_like, (n,)
        Class numbers, integers in [0, n_classes - 1].
    n_classes : int, optional
        How many classes there are; the upper limit is not checked without it.
    n_images : int, optional
        How many images the labels belong to.
    where : str, default "labels"
        What to call them in the message.

    Returns
    -------
    ndarray, (n,), int64

    Raises
    ------
    InputError
        If there are none, or they are one-hot, in a column, fractions, NaN, text, negative, too large,
        or not as many as the images. The message names the first bad index.

    Examples
    --------
    >>> check_labels([0, 2, 1], n_classes=3)
    array([0, 2, 1])
    """
    labels = np.asarray(labels)
    _check_label_shape(labels, n_classes, where)
    if labels.dtype.kind not in "iu":
        _refuse_label_type(labels, where)
    if n_images is not None and len(labels) != n_images:
        raise InputError(
            "Every image needs exactly one label.",
            where=where,
            expected=f"{n_images:,} labels for {n_images:,} images",
            found=f"{len(labels):,} labels (index {min(len(labels), n_images)} is the first without a partner)",
            fix="images, labels = images[:n], labels[:n]   only if you know that they are in the same order",
        )
    _check_label_range(labels, n_classes, where)
    return labels.astype("int64")


def check_report(report, function):
    """Refuse what is no report of `evaluate`, in the name of the function that was called."""
    if not hasattr(report, "predictions"):
        raise InputError(
            f"{function} needs a report.",
            expected="what cu.evaluate returned",
            found=type(report).__name__,
            fix=f"report = cu.evaluate(model, data.test); cu.{function}(report)",
        )


def check_images(images, *, where="images"):
    """Return images as an array (n, height, width, channels), or say what is wrong with them.

    Parameters
    ----------
    images : array_like
        (n, height, width, channels), channels 1 or 3, any real dtype without NaN. The dtype is kept.
    where : str, default "images"
        What to call them in the message.

    Returns
    -------
    ndarray, (n, height, width, channels)

    Raises
    ------
    InputError
        If the batch or channel axis is missing, channels come first, there are no images, or one
        contains NaN or infinity. The message names the first bad index, and the shape seen.
    """
    images = np.asarray(images)
    if images.dtype.kind not in "uifb":
        raise InputError(
            "Images must be numbers.",
            where=where,
            expected="one array (n, height, width, channels), uint8",
            found=f"dtype {images.dtype}, shape {images.shape}",
            fix="images = np.stack(images)   (all must have the same size)",
        )
    _check_image_shape(images, where)
    if images.dtype.kind == "f":
        check_finite(images, where=where)
    return images


def check_finite(images, *, where="images"):
    """Raise InputError naming the first image that contains NaN or infinity; looks at 256 images at a time."""
    for start in range(0, len(images), 256):
        batch = images[start : start + 256]
        bad = ~np.isfinite(batch.reshape(len(batch), -1)).all(axis=1)
        if bad.any():
            index = start + int(bad.argmax())
            broken = images[index][~np.isfinite(images[index])]
            raise InputError(
                "Every pixel must be a finite number.",
                where=f"{where}[{index}] is the first bad one",
                found=f"{broken.size} pixels are NaN or infinite",
                fix="look for a division by zero, for example by images.std() of a blank image; "
                f"{where} = np.nan_to_num({where}) only hides it",
            )


def check_model_shape(images, input_shape, *, where="images"):
    """Compare images with the shape a model was built for.

    Parameters
    ----------
    images : ndarray
        What will be given to the model.
    input_shape : tuple
        ``model.input_shape``, for example ``(None, 28, 28, 1)``; None stands for any size.
    where : str, default "images"

    Raises
    ------
    InputError
        With the line that turns the shape seen into the one wanted.
    """
    found = images.shape
    if _fits(found, input_shape):
        return
    wanted = input_shape[1:]
    raise InputError(
        "The images do not have the shape this model was built for.",
        where=where,
        expected=f"(n, {', '.join('any' if size is None else str(size) for size in wanted)})",
        found=f"{found}",
        fix=_shape_fix(found, wanted, where),
    )


def check_pixel_scale(images, rescales, *, raw_pixels=False, where="images"):
    """Compare the range of the pixels with what a model does about it.

    Parameters
    ----------
    images : ndarray, (n, ...)
        A few thousand are enough; the range of the first 1,000 is looked at.
    rescales : bool or None
        True if the model starts with ``keras.layers.Rescaling``, False if it certainly leaves pixels
        as they are, None if nobody can tell. See `model_rescales`.
    raw_pixels : bool, default False
        True says that the model was trained on unscaled pixels (0 to 255) on purpose.
    where : str, default "images"

    Raises
    ------
    InputError
        If the pixels were scaled twice, or not at all, with the range seen and the line that fixes it.
    """
    sample = images[:1000]
    low, high = float(sample.min()), float(sample.max())
    seen = f"{sample.dtype} from {low:.4g} to {high:.4g}, shape {images.shape}"
    if high == low:
        return  # blank pictures say nothing about their scale
    if sample.dtype.kind in "uib" and high <= 1:
        raise InputError(
            "These pixels were divided by 255 and then cut to whole numbers: only 0 and 1 are left.",
            where=where,
            found=seen,
            fix=f"start again from the original pixels, and keep fractions: {where}.astype('float32') / 255",
        )
    if sample.dtype.kind == "f":
        _check_scaled_twice(low, high, rescales, seen, where)
    if rescales is False and high > _STANDARDISED and not raw_pixels:
        raise InputError(
            "These pixels go from 0 to 255 and the model does not scale them.",
            where=where,
            expected="pixels in [0, 1], or keras.layers.Rescaling(1 / 255) as the model's first layer",
            found=seen,
            fix="put keras.layers.Rescaling(1 / 255) first in the model and train again; "
            "raw_pixels=True if it was trained on 0 to 255 on purpose",
        )


def model_rescales(model):
    """Tell whether a Keras model scales its pixels itself.

    Parameters
    ----------
    model : keras.Model

    Returns
    -------
    bool or None
        True with a ``Rescaling`` layer before the first weights; False if only layers that leave the
        scale alone stand there; None if it cannot be told (normalisation, own layers, nested models).
    """
    for layer in _leading_layers(model):
        name = type(layer).__name__
        if name == "Rescaling":
            return True
        if name in ("Dense", "Conv2D", "Conv1D", "SeparableConv2D", "DepthwiseConv2D"):
            return False
        if name not in _NEUTRAL_LAYERS and not name.startswith("Random"):
            return None
    return None


_NEUTRAL_LAYERS = {
    "InputLayer",
    "Flatten",
    "Reshape",
    "Permute",
    "Dropout",
    "GaussianNoise",
    "Resizing",
    "CenterCrop",
    "Cropping2D",
    "ZeroPadding2D",
    "MaxPooling2D",
    "AveragePooling2D",
}


def _leading_layers(model):
    for layer in getattr(model, "layers", ()):
        if getattr(layer, "layers", None):
            yield from _leading_layers(layer)
        else:
            yield layer


def _check_label_shape(labels, n_classes, where):
    if labels.ndim == 1 and len(labels):
        return
    if labels.size == 0:
        raise InputError("There are no labels.", where=where, found=f"shape {labels.shape}")
    one_hot = labels.ndim == 2 and labels.shape[1] > 1 and _is_one_hot(labels[0])
    if one_hot:
        raise InputError(
            "Labels must be class numbers, one per image; these are one-hot rows.",
            where=f"{where}[0] is {np.array2string(labels[0], threshold=12)}",
            expected=f"shape ({len(labels)},), integers",
            found=f"shape {labels.shape}",
            fix=f"{where} = {where}.argmax(axis=1)",
        )
    column = labels.ndim == 2 and labels.shape[1] == 1
    raise InputError(
        "Labels must be class numbers, one per image, in one row.",
        where=f"{where}[0] is {np.array2string(np.asarray(labels.flat[0] if labels.ndim == 0 else labels[0]))}",
        expected="shape (n,), integers" + (f" from 0 to {n_classes - 1}" if n_classes else ""),
        found=f"shape {labels.shape}",
        fix=f"{where} = {where}[:, 0]"
        if column
        else f"{where} = np.asarray({where}).reshape(-1)   if they are numbers",
    )


def _is_one_hot(row):
    return row.dtype.kind in "uifb" and np.isin(row, (0, 1)).all() and row.sum() == 1


def _refuse_label_type(labels, where):
    if labels.dtype.kind == "f":
        bad = ~np.isfinite(labels)
        if bad.any():
            index = int(bad.argmax())
            raise InputError(
                "A label is missing: NaN or infinity is no class.",
                where=f"{where}[{index}] is {labels[index]}, the first of {int(bad.sum())}",
                fix=f"good = np.isfinite({where}); images, {where} = images[good], {where}[good].astype('int64')",
            )
        fractions = labels != np.floor(labels)
        index = int(fractions.argmax())
        example = f"{where}[{index}] is {labels[index]}"
        raise InputError(
            "Labels must be whole class numbers, not floats.",
            where=f"{example}, the first fraction of {int(fractions.sum())}" if fractions.any() else example,
            found=f"dtype {labels.dtype}",
            fix="fractions look like probabilities or a regression target: pass the class numbers"
            if fractions.any()
            else f"{where} = {where}.astype('int64')",
        )
    raise InputError(
        "Labels must be whole class numbers.",
        where=f"{where}[0] is {labels[0]!r}",
        expected="integers",
        found=f"dtype {labels.dtype}",
        fix=f"{where} = {where}.astype('int64')"
        if labels.dtype.kind == "b"
        else f"classes, {where} = np.unique({where}, return_inverse=True)",
    )


def _check_label_range(labels, n_classes, where):
    bad = labels < 0 if n_classes is None else (labels < 0) | (labels >= n_classes)
    if not bad.any():
        return
    index = int(bad.argmax())
    value = int(labels[index])
    counted_from_one = n_classes is not None and value == n_classes and labels.min() == 1
    raise InputError(
        "A label is outside the range of class numbers.",
        where=f"{where}[{index}] is {value}, the first of {int(bad.sum()):,}",
        expected=f"0 to {n_classes - 1}" if n_classes else "0 or more",
        found=f"{int(labels.min())} to {int(labels.max())}",
        fix=f"{where} = {where} - 1   (classes are counted from 0)"
        if counted_from_one
        else f"keep = {where} != {value}; images, {where} = images[keep], {where}[keep]",
    )


def _check_image_shape(images, where):
    shape = images.shape
    fix = None
    if images.size == 0:
        what = "There are no images."
    elif images.ndim == 4 and shape[3] in (1, 3, 4):
        return
    elif images.ndim == 4 and shape[1] in (1, 3):
        what, fix = ("Channels come first here; Keras wants them last.", f"{where} = {where}.transpose(0, 2, 3, 1)")
    elif images.ndim == 3 and shape[0] not in (1, 3, 4) and shape[2] in (1, 3, 4):
        what, fix = ("This is a single image: the batch axis is missing.", f"{where} = {where}[np.newaxis]")
    elif images.ndim == 3:
        what, fix = ("The channel axis is missing.", f"{where} = {where}[..., np.newaxis]")
    elif images.ndim == 2 and shape[0] == shape[1]:
        what = "This is a single grey image: the batch axis and the channel axis are missing."
        fix = f"{where} = {where}[np.newaxis, ..., np.newaxis]"
    elif images.ndim == 2 and round(shape[1] ** 0.5) ** 2 == shape[1]:
        side = round(shape[1] ** 0.5)
        what, fix = ("These images are flattened.", f"{where} = {where}.reshape(-1, {side}, {side}, 1)")
    else:
        what = "These are no images the course knows."
    if images.size == 0 or images.ndim != 4 or fix or shape[3] not in (1, 3, 4):
        raise InputError(what, where=where, expected="(n, height, width, channels)", found=f"{shape}", fix=fix)


def _check_scaled_twice(low, high, rescales, seen, where):
    if low >= 0 and high <= _TWICE_SCALED:
        raise InputError(
            "These pixels were divided by 255 twice.",
            where=where,
            expected="0 to 255, or 0 to 1",
            found=seen,
            fix=f"{where} = {where} * 255   or, better, divide once",
        )
    if rescales and low >= -_UNIT_RANGE and high <= _UNIT_RANGE:
        raise InputError(
            "These pixels would be scaled twice: they are scaled already, and the model divides them again.",
            where=f"{where}; the model starts with a Rescaling layer",
            expected="pixels from 0 to 255, as they come from cu.load",
            found=seen,
            fix=f"pass the original pixels, without dividing by 255: {where} * 255 brings them back",
        )


def _fits(found, input_shape):
    return len(found) == len(input_shape) and all(
        wanted is None or size == wanted for size, wanted in zip(found[1:], input_shape[1:], strict=True)
    )


def _shape_fix(found, wanted, where):
    """Return the line of code that turns shape `found` into (n, *wanted), or advice in words."""
    sizes = tuple(found)
    if sizes == tuple(wanted):
        return f"{where} = {where}[np.newaxis]   (a batch of one image)"
    if len(wanted) == 3 and sizes == tuple(wanted[:2]):
        return f"{where} = {where}[np.newaxis, ..., np.newaxis]   (a batch of one grey image)"
    if len(wanted) == 3 and wanted[2] == 1 and sizes[1:] == tuple(wanted[:2]):
        return f"{where} = {where}[..., np.newaxis]   (the channel axis is missing)"
    if len(sizes) == 4 and len(wanted) == 3 and (*sizes[2:], sizes[1]) == tuple(wanted):
        return f"{where} = {where}.transpose(0, 2, 3, 1)   (channels last)"
    if len(wanted) == 1 and wanted[0] == int(np.prod(sizes[1:])):
        return f"{where} = {where}.reshape(len({where}), -1)   or keras.layers.Flatten() first in the model"
    if len(sizes) == 2 and None not in wanted and sizes[1] == int(np.prod(wanted)):
        return f"{where} = {where}.reshape(-1, {', '.join(map(str, wanted))})"
    if len(sizes) == 4 and len(wanted) == 3 and sizes[1:3] != tuple(wanted[:2]):
        return f"keras.ops.image.resize({where}, {tuple(wanted[:2])}), or keras.layers.Resizing first in the model"
    return "build the model with keras.Input(shape=" + f"{sizes[1:]})"
