"""Tiny models and data for the tests of training: a fit takes milliseconds."""

import numpy as np


def tiny_data(n=32, classes=3):
    """Return images (n, 4, 4, 1) uint8 and labels (n,) that can be learned."""
    rng = np.random.default_rng(0)
    labels = np.arange(n) % classes
    images = rng.integers(0, 60, (n, 4, 4, 1)) + 60 * labels[:, None, None, None]
    return images.astype("uint8"), labels


def tiny_model(units=3, optimizer="sgd", dropout=0.0):
    """Return a compiled model; eager, because compiling it would take longer than training it."""
    import keras

    layers = [
        keras.Input((4, 4, 1)),
        keras.layers.Rescaling(1 / 255),
        keras.layers.Flatten(),
        keras.layers.Dense(units, activation="relu"),
        *([keras.layers.Dropout(dropout)] if dropout else []),
        keras.layers.Dense(3, activation="softmax"),
    ]
    model = keras.Sequential(layers)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"], run_eagerly=True)
    return model


def tiny_fit(model, callbacks=(), **options):
    """Fit on 4 batches of 8 images per epoch and return the history."""
    images, labels = tiny_data()
    options = {"epochs": 1, "batch_size": 8, "verbose": 0, "shuffle": False, **options}
    return model.fit(images, labels, callbacks=list(callbacks), **options)


def at_batch(number, action, epoch=0):
    """Return a callback that calls `action(model)` after a batch (from 0) of an epoch (from 0)."""
    import keras

    class AtBatch(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.epoch = epoch

        def on_train_batch_end(self, batch, logs=None):
            if (self.epoch, batch) == (epoch, number):
                action(self.model)

    return AtBatch()


class Clock:
    """A clock that stands still until it is told to move."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now

    def forward(self, seconds):
        self.now += seconds
