"""Gradients of a class's score, with each of Keras's backends that has them."""

import sys
from dataclasses import dataclass
from functools import partial

import numpy as np

from ..errors import InputError


@dataclass(frozen=True)
class _Task:
    """A gradient to compute.

    Attributes
    ----------
    part : keras.Model
        From the pictures to `tensor`, unless that is None, and to the end of `scores`.
    tensor : KerasTensor or None
        With respect to what; None: to the pixels.
    scores : Scores
    """

    part: object
    tensor: object
    scores: object

    def values_and_end(self, pictures):
        """Return the tensor, or the pictures themselves, and what the scores are made of."""
        answer = self.part(pictures, training=False)
        return (pictures, answer) if self.tensor is None else answer


def gradient_of(model, scores, tensor=None):
    """Return a function to compute gradients of the class's logit with respect to a tensor of the model's graph.

    Parameters
    ----------
    model : keras.Model
    scores : Scores
    tensor : KerasTensor, optional
        The pixels unless given.

    Returns
    -------
    callable
        Takes pictures (n, height, width, channels), float32, and classes (n,), int32, or None for the predicted ones;
        returns what the tensor is for each picture, and the gradient, both (n, …), float32.
    """
    import keras

    backend = keras.config.backend()
    if backend not in _GRADIENTS:
        raise InputError(
            "Gradients need a backend that has them.",
            expected=", ".join(_GRADIENTS),
            found=f"KERAS_BACKEND={backend}",
        )
    # Not a list of one, which Keras would take for its only member.
    ends = scores.end if tensor is None else [tensor, scores.end]
    return partial(_gradient, _GRADIENTS[backend], _Task(keras.Model(model.inputs[0], ends), tensor, scores))


def _gradient(compute, task, images, classes):
    values, gradients = compute(task, images, classes)
    if gradients is None:
        raise InputError(
            "No gradient reaches the pixels: the model turns them into whole numbers.",
            found=f"keras.Input of dtype {task.part.inputs[0].dtype}",
            fix="Build the model with keras.Input(shape), whose dtype is float32; it takes uint8 pictures as well.",
        )
    return values.astype("float32"), gradients.astype("float32")  # also of mixed precision


def _with_tensorflow(task, images, classes):
    tf = sys.modules["tensorflow"]
    # Watching the pictures puts all that depends on them on the tape, the layer's activations too.
    pictures = tf.convert_to_tensor(images)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(pictures)
        values, end = task.values_and_end(pictures)
        total = task.scores.total(end, classes)
    gradients = tape.gradient(total, values)
    return values.numpy(), None if gradients is None else gradients.numpy()


def _with_torch(task, images, classes):
    torch = sys.modules["torch"]
    from keras import ops

    with torch.enable_grad():
        pictures = ops.convert_to_tensor(images).requires_grad_()
        values, end = task.values_and_end(pictures)
        total = task.scores.total(end, classes)
        gradients = torch.autograd.grad(total, values, allow_unused=True)[0] if total.requires_grad else None
    return ops.convert_to_numpy(values), None if gradients is None else ops.convert_to_numpy(gradients)


def _with_jax(task, images, classes):
    import keras

    jax = sys.modules["jax"]
    if not keras.backend.is_float_dtype(task.part.inputs[0].dtype):
        return images, None  # jax.grad would answer zero
    head = task.part if task.tensor is None else _head(task)
    values = images if task.tensor is None else task.values_and_end(images)[0]
    trainable, fixed = ([v.value for v in part] for part in (head.trainable_variables, head.non_trainable_variables))

    def total(values):
        end, _ = head.stateless_call(trainable, fixed, values, training=False)
        return task.scores.total(end, classes)

    return np.asarray(values), np.asarray(jax.grad(total)(values))


def _head(task):
    """Return the model from the tensor to the end: JAX derives functions, and knows no tape to look back on."""
    import keras

    try:
        return keras.Model(task.tensor, task.scores.end)
    except ValueError as error:
        raise InputError(
            "With JAX, Grad-CAM needs a layer that everything passes through: here a shortcut leads around it.",
            where=f"output {task.tensor.name!r}",
            fix="Choose the layer after the addition: cu.grad_cam(..., layer=...).",
        ) from error


_GRADIENTS = {"tensorflow": _with_tensorflow, "torch": _with_torch, "jax": _with_jax}
