"""The break-it lab of notebook 03: a training curve that is fine, and a validation accuracy that is not."""

from types import SimpleNamespace

import numpy as np

from .labs import judge_fault, lab
from .registry import exercise

_EVIDENCE = {
    "a": (
        "over-fitting",
        "Then the network would know at least its training pictures. But put in the order of their classes, even "
        "they are named wrongly, and the validation pictures in mixed order are named well.",
    ),
    "b": (
        "dropout",
        "Then chance would decide at every prediction: asked twice, the network would give other probabilities. "
        "It gave exactly the same ones. And the order of the pictures would not matter.",
    ),
    "c": (
        "augmentation",
        "Then every prediction would toss a coin for each picture, and two predictions would differ; they are the "
        "same. Nor would it hurt much: the network was trained on mirrored garments.",
    ),
    "e": (
        "labels",
        "Then the pictures above would carry wrong names, and shuffling (each picture keeps its label) would help "
        "nothing. The names fit, and in mixed order the accuracy is fine.",
    ),
    "f": (
        "scaling",
        "Then the pictures would be nearly black to the network in any order. Both sets go up to 255, and in "
        "mixed order the validation pictures are named well.",
    ),
}


@lab("03")
def _make_lab(split, seed=3):
    """Return training and validation images of a split, and the function that builds the colleague's network."""
    train, validation = split.subset(5_000, seed=seed).split(fraction=0.2, seed=seed)
    by_class = np.argsort(validation.labels, kind="stable")  # as they come out of ten folders
    return SimpleNamespace(train=train, validation=validation[by_class], network=_network)


def _network():
    import keras
    from keras import layers

    class Normalization(layers.BatchNormalization):
        """The planted fault: also when it predicts, the mini-batch's own mean and spread are used."""

        def call(self, inputs, training=None, mask=None):
            return super().call(inputs, training=True, mask=mask)

    values = pictures = keras.Input((28, 28, 1))
    values = layers.RandomFlip("horizontal")(values)
    values = layers.Rescaling(1 / 255)(values)
    for filters, size in ((8, 5), (16, 3)):
        values = layers.Conv2D(filters, size, padding="same", activation="relu")(values)
        values = layers.MaxPooling2D(2)(values)
    values = layers.Dense(64, use_bias=False)(layers.Flatten()(values))
    values = layers.ReLU()(Normalization(momentum=0.9)(values))
    values = layers.Dropout(0.2)(values)
    return keras.Model(pictures, layers.Dense(10, activation="softmax")(values), name="colleague")


@exercise(
    "03b",
    "lenet_fault",
    "good in training, bad in use",
    why="Batch normalisation has two modes. In training it measures each mini-batch; when it predicts it must use its "
    "running averages, or the answer to one picture depends on the others that happen to be asked about with it. "
    "Mini-batches of mixed classes hide the fault, sorted pictures or a single one show it.",
)
def _fault_check(answer):
    judge_fault(
        answer,
        "d",
        _EVIDENCE,
        hint="What is the same about the low bars, and different about the high one? Shuffling changes nothing about "
        "a single picture; so what else does the network look at?",
        stronger="Give it one boot alone, then the same boot among a hundred mixed pictures. Which layer looks at "
        "more than one picture at a time?",
    )
