"""The scores of a model's classes: logits for gradients, probabilities for people."""

from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from .graph import part_of

_ENDINGS = ("Softmax", "Sigmoid")  # what the layers and the operations of keras.ops are called


@dataclass(frozen=True)
class Scores:
    """How a model comes to its answer.

    Attributes
    ----------
    output : KerasTensor
        The answer, (n, classes), or (n, 1) for two classes.
    end : KerasTensor
        What `logits` takes: the last tensor before softmax or sigmoid.
    dense : keras.layers.Dense or None
        The layer that makes logits from `end`, where softmax is part of it.
    probable : bool
        Whether `output` are probabilities; logits otherwise.
    binary : bool
        Whether there is one output for two classes.
    classes : int
    """

    output: object
    end: object
    dense: object
    probable: bool
    binary: bool
    classes: int

    def logits(self, end):
        """Return logits (n, classes) from `end`, with the backend's own operations."""
        from keras import ops

        if self.dense is not None:
            end = ops.matmul(end, self.dense.kernel)  # (n, classes)
            end = end if self.dense.bias is None else ops.add(end, self.dense.bias)
        return ops.concatenate([-end, end], axis=-1) if self.binary else end

    def total(self, end, classes):
        """Return the sum over the pictures of their class's logit; `classes` None: of the largest."""
        from keras import ops

        logits = self.logits(end)
        chosen = ops.argmax(logits, axis=-1) if classes is None else ops.convert_to_tensor(classes)
        return ops.sum(logits * ops.cast(ops.one_hot(chosen, self.classes), logits.dtype))

    def probabilities(self, model):
        """Return a function from pictures to probabilities, (n, classes), float32."""
        from scipy.special import expit, softmax

        answer = part_of(model, self.output)

        def probabilities(images):
            values = answer(images).astype("float32")  # also of mixed precision
            check_answers(values)
            if not self.probable:
                values = expit(values) if self.binary else softmax(values, axis=-1)
            return np.concatenate([1 - values, values], axis=-1) if self.binary else values  # (n, classes)

        return probabilities


def scores_of(model, graph):
    """Find where a model's logits are."""
    import keras

    output = model.outputs[0]
    if len(output.shape) != 2:
        raise InputError(
            "Only the answer of a model with one score for each class can be explained.",
            expected="output (n, classes)",
            found=f"output {tuple(output.shape)}",
        )
    last = output._keras_history.operation
    binary = output.shape[-1] == 1
    probable = _gives_probabilities(last)
    dense, end = None, output
    if probable and isinstance(last, keras.layers.Dense):
        dense, end = last, graph[last].inputs[0]
    elif probable and (isinstance(last, keras.layers.Activation) or type(last).__name__ in _ENDINGS):
        end = graph[last].inputs[0]
    return Scores(output, end, dense, probable, binary, 2 if binary else output.shape[-1])


def check_answers(values):
    """Refuse what a model answers whose training diverged."""
    if not np.isfinite(values).all():
        raise InputError(
            "The model answers NaN (not a number) or infinity.",
            fix="Check that its weights are those of a training that did not diverge.",
        )


def _gives_probabilities(last):
    """Tell whether an operation ends in softmax or sigmoid: a layer, a function of keras.ops, a model inside."""
    import keras

    if getattr(last, "outputs", None):
        return _gives_probabilities(last.outputs[0]._keras_history.operation)
    activation = getattr(last, "activation", None)
    return type(last).__name__ in _ENDINGS or activation in (
        keras.activations.softmax,
        keras.activations.sigmoid,
    )
