"""The network to design in notebook 03: within LeNet's parameters, and better."""

import numpy as np

from .comparing import shortly
from .feedback import NotYet
from .judging import require_attempt
from .registry import exercise

_BUDGET, _BAR = 107_786, 0.85
_MOST = 1_000  # pictures to judge with
_STEPS = 5 * 63  # what `practise` makes: 4,000 pictures, five epochs, mini-batches of 64


@exercise(
    "03.5",
    "better_network",
    "beat LeNet with LeNet's parameters",
    why="Same pictures, same steps, no more parameters, a better network: what counts is where the parameters work.",
)
def _network_check(answer, pictures):
    require_attempt(answer)
    parameters = _parameters_of(answer)
    if parameters > _BUDGET:
        name, number = _largest(answer)
        raise NotYet(
            f"Your network has {parameters:,} parameters, {parameters - _BUDGET:,} too many.",
            "over-budget",
            meaning=f"{number:,} of them sit in the layer `{name}`.",
            hint="What does this layer read, and how could that become less?",
            stronger="In front of a dense layer, pool once more: that divides its weights by four.",
        )
    images, labels = pictures.images[:_MOST], np.asarray(pictures.labels[:_MOST])
    accuracy = _accuracy(answer, images, labels)
    if accuracy < _BAR:
        raise _why_so_low(answer, images, labels, accuracy)
    steps = int(answer.optimizer.iterations) if getattr(answer, "optimizer", None) is not None else 0
    if steps > _STEPS:
        raise NotYet(
            f"{accuracy:.1%} right, but after {steps:,} training steps; `practise` makes {_STEPS}.",
            "trained-longer",
            meaning="LeNet is better, too, when it may learn from more pictures or for longer. Here all have the same.",
            hint="Build the network anew with `assemble`, and call `practise` once.",
        )


def _parameters_of(answer):
    import keras

    if isinstance(answer, keras.callbacks.History):
        raise NotYet(
            "That is what `fit` returned: the history of the training.",
            "history-not-model",
            hint="Give the network itself: `my_network`, not the result of `fit`.",
        )
    if isinstance(answer, (float, np.floating)):
        raise NotYet(
            f"Received the number {shortly(answer)}, not a network. `practise` returns the accuracy.",
            "accuracy-not-network",
            hint="Two lines: first `my_network = assemble([...])`, then `practise(my_network)`.",
        )
    if not isinstance(answer, keras.Model):
        hint = "Build it with `assemble([...])`, and train it with `practise(my_network)`."
        raise NotYet(f"Expected a Keras network, received {shortly(answer)}.", "not-a-network", hint=hint)
    if not answer.built:
        hint = "Begin with `keras.Input((28, 28, 1))`; `assemble` does."
        raise NotYet("Your network does not know the shape of its pictures yet.", "not-built", hint=hint)
    return answer.count_params()


def _largest(model):
    layer = max(model.layers, key=lambda layer: layer.count_params())
    return layer.name, layer.count_params()


def _accuracy(model, images, labels):
    try:
        output = np.asarray(model.predict(images, batch_size=500, verbose=0))
    except Exception as error:  # noqa: BLE001 - whatever Keras or TensorFlow raise
        hint = f"It should take pictures of shape {images.shape[1:]}."
        seen = f"Your network cannot take the pictures: {shortly(str(error).strip().splitlines()[0])}"
        raise NotYet(seen, "wrong-input", hint=hint) from None
    if output.ndim < 1 or len(output) != len(images):
        hint = "Let it end in one dense layer of 10 units; `assemble` adds that layer itself."
        raise NotYet("Your network does not return one row of numbers for each picture.", "wrong-output", hint=hint)
    if output.ndim != 2 or output.shape[1] != 10:
        hint = "End it with a dense layer of 10 units that reads flattened maps; `assemble` adds the layer itself."
        raise NotYet(f"For one picture it returns shape {output.shape[1:]}, not 10 numbers.", "wrong-output", hint=hint)
    if np.isnan(output).any():
        hint = "Lower the learning rate, or put batch normalisation behind each convolution."
        raise NotYet("Its probabilities are NaN (not a number): the training ran away.", "nan", hint=hint)
    return float((output.argmax(axis=1) == labels).mean())


def _why_so_low(model, images, labels, accuracy):
    import keras

    seen = f"{model.count_params():,} parameters, {accuracy:.1%} of {len(labels):,} pictures right; wanted {_BAR:.0%}."
    optimizer = getattr(model, "optimizer", None)
    if optimizer is None or int(optimizer.iterations) == 0:
        meaning = "It has not made a single training step since it was built or compiled."
        return NotYet(seen, "not-trained", meaning=meaning, hint="Call `practise(my_network)` in the same cell.")
    scaled = _accuracy(model, (images / 255).astype("float32"), labels)
    if scaled > accuracy + 0.1:
        meaning = f"Given the pictures divided by 255 it gets {scaled:.1%}: it was trained on scaled pixels."
        hint = "Keep `Rescaling` inside the network, and train on `few.images` as they are; `practise` does."
        return NotYet(seen, "scaled-outside", meaning=meaning, hint=hint)
    layers = list(_all_layers(model))
    if not any(isinstance(layer, keras.layers.Conv2D) for layer in layers):
        meaning = "There is no convolution in it: every edge must be learned anew at every place."
        return NotYet(seen, "no-convolution", meaning=meaning, hint="Start with two or three convolutions.")
    dense = [layer.count_params() for layer in layers if isinstance(layer, keras.layers.Dense)]
    share = sum(dense) / model.count_params()
    if share > 0.6 and len(dense) > 1:  # the last one alone is no choice of the learner's
        return NotYet(
            seen,
            "parameters-in-dense",
            meaning=f"{share:.0%} of its parameters sit in dense layers; in LeNet it is 98%.",
            hint="Spend them on convolutions: more filters, and one more convolution.",
            stronger="Pool until 3×3 before you flatten, and leave the hidden dense layers out.",
        )
    return NotYet(
        seen,
        "below-the-bar",
        hint="Change one thing: max-pooling, batch normalisation, or more filters. Train, compare, then the next.",
        stronger="Three convolutions with batch normalisation, each followed by pooling, get there.",
    )


def _all_layers(model):
    """Yield the layers of a network, and those of networks inside it."""
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield from _all_layers(layer)
        else:
            yield layer
