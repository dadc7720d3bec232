"""Saliency maps: which pixels the score of a class depends on."""

import numpy as np

from ..errors import InputError, require
from .arguments import checked_classes, checked_images, checked_whole
from .gradients import gradient_of
from .graph import graph_of
from .scores import check_answers, scores_of


def saliency(model, images, classes=None, *, noisy_copies=0, noise=0.15, seed=0, batch_size=16):
    """Show which pixels a class's score depends on: the gradient with respect to the picture.

    A pixel is bright where a small change of it would change the score most, up or down; of several colour channels
    the strongest counts. It says nothing about what the whole object does: for that, see `grad_cam` and `occlusion`.

    The score is the class's logit, before softmax. Method: Simonyan, Vedaldi and Zisserman 2013, "Deep Inside
    Convolutional Networks: Visualising Image Classification Models and Saliency Maps" (arXiv:1312.6034).
    Such maps are grainy, for the gradient of a network changes from one pixel value to the next. With `noisy_copies`,
    gradients are averaged over copies of the picture with noise added: Smilkov et al. 2017, "SmoothGrad: removing
    noise by adding noise" (arXiv:1706.03825).

    Parameters
    ----------
    model : keras.Model
        Sequential or functional, with one input (n, height, width, channels), one output (n, classes).
    images : ndarray, (n, height, width, channels) or (height, width, channels)
        What the model is given for prediction: uint8 or float.
    classes : int or sequence of int, optional
        Class for all pictures, or one for each; the predicted ones unless given.
    noisy_copies : int, default 0
        Copies of each picture to average over; 0 takes the picture itself. The paper uses 50; 10 already help.
    noise : float, default 0.15
        Standard deviation of the noise on the copies, as a share of the picture's range (largest minus smallest
        value). The paper advises 0.1 to 0.2.
    seed : int, default 0
        Of the noise, which is the same for each picture, whatever others are given with it.
    batch_size : int, default 16
        Pictures and copies that go through the model at once.

    Returns
    -------
    ndarray, (n, height, width), float32 in [0, 1]
        Each map's largest value is 1; all zero where no pixel matters.

    Raises
    ------
    InputError
        If the model, the pictures, the classes or the noise are not of this kind.

    Examples
    --------
    >>> maps = cu.saliency(model, data.test.images[:3], noisy_copies=20)  # doctest: +SKIP
    >>> cu.show_saliency(data.test.images[:3], maps)  # doctest: +SKIP
    """
    require("keras")
    batch_size, noisy_copies = checked_whole(batch_size, "batch_size"), checked_whole(noisy_copies, "noisy_copies", 0)
    noise, seed = _checked_noise(noise), checked_whole(seed, "seed", 0)
    scores = scores_of(model, graph_of(model))
    images = checked_images(model, images)
    classes = checked_classes(classes, len(images), scores.classes)
    if noisy_copies and classes is None:
        # What is predicted for the picture, not for this or that noisy copy.
        classes = _predicted(scores.probabilities(model), images, batch_size)
    gradient = gradient_of(model, scores)
    total = np.zeros(images.shape, dtype="float32")
    for pictures, copies in _batches(len(images), max(noisy_copies, 1), batch_size):
        batch = images[pictures].astype("float32")  # (batch, height, width, channels)
        if noisy_copies:
            batch += noise * _range_of(batch) * _noise(copies, batch.shape[1:], seed)
        _, gradients = gradient(batch, None if classes is None else classes[pictures])
        np.add.at(total, pictures, gradients)
    return _scaled(np.abs(total).max(axis=-1))


def _batches(n, copies, batch_size):
    """Yield the numbers of pictures and of their copies, both (batch,), batch by batch."""
    for start in range(0, n * copies, batch_size):
        yield np.divmod(np.arange(start, min(start + batch_size, n * copies)), copies)


def _predicted(probabilities, images, batch_size):
    parts = [probabilities(images[start : start + batch_size]) for start in range(0, len(images), batch_size)]
    return np.concatenate(parts).argmax(axis=1)


def _range_of(batch):
    return batch.max(axis=(1, 2, 3), keepdims=True) - batch.min(axis=(1, 2, 3), keepdims=True)  # (batch, 1, 1, 1)


def _noise(copies, shape, seed):
    """Return the noise of these copies: each has a generator of its own, so batches make no difference."""
    return np.stack([np.random.default_rng((seed, copy)).standard_normal(shape, dtype="float32") for copy in copies])


def _scaled(strength):
    check_answers(strength)
    largest = strength.max(axis=(1, 2), keepdims=True)  # (n, 1, 1)
    return np.divide(strength, largest, out=np.zeros_like(strength), where=largest > 0)


def _checked_noise(noise):
    is_number = isinstance(noise, int | float | np.number) and not isinstance(noise, bool)
    if not is_number or not 0 <= noise <= 1:
        raise InputError(
            "noise is a share of the picture's range.",
            expected="0 to 1; 0.1 to 0.2 is usual",
            found=repr(noise)[:80],
        )
    return float(noise)
