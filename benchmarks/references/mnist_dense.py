"""MNIST with one hidden layer."""

from . import SINGLE_RUN, TEST_AS_VALIDATION, Reference, fit_as_published, unit_range

REFERENCE = Reference(
    name="mnist_dense",
    recipe="784 → dense 100, ReLU → 10, softmax; Adam, mini-batches of 128, 10 epochs",
    published="about 97 %",
    published_accuracy=0.97,
    epochs=10,
    batch_size=128,
    parameters=79_510,
    slips=(
        TEST_AS_VALIDATION,
        "MNIST's training set is given as 50,000 images (it has 60,000)",
        "the 784 pixels are called 787",
        "np_utils, which Keras no longer has",
        SINGLE_RUN,
    ),
)


def build():
    """Return the network: (n, 784), float32 in [0, 1] → (n, 10)."""
    import keras
    from keras import layers

    return keras.Sequential([
        keras.Input((784,)),
        layers.Dense(100, activation="relu"),  # (n, 100)
        layers.Dense(10, activation="softmax"),  # (n, 10)
    ])  # fmt: skip


def train(data, clock):
    """Return the network, trained as published."""
    return fit_as_published(build(), REFERENCE, data, lambda images: unit_range(images).reshape(len(images), 784))
