"""MNIST with one convolution, and a pooling layer that pools nothing."""

from . import SINGLE_RUN, TEST_AS_VALIDATION, Reference, fit_as_published

REFERENCE = Reference(
    name="mnist_cnn",
    recipe="conv 25 3×3, ReLU → max-pool 1×1 → dense 100, ReLU → 10, softmax; Adam, mini-batches of 128, 10 epochs",
    published="98 % and more",
    published_accuracy=0.98,
    epochs=10,
    batch_size=128,
    parameters=1_691_360,
    slips=(
        "MaxPool2D of size 1×1 does nothing",
        "a CNN is said to have fewer parameters: this one has 21 times those of the dense network",
        TEST_AS_VALIDATION,
        SINGLE_RUN,
    ),
)


def build():
    """Return the network: (n, 28, 28, 1), float32 in [0, 1] → (n, 10)."""
    import keras
    from keras import layers

    return keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.Conv2D(25, 3, activation="relu"),  # (n, 26, 26, 25)
        layers.MaxPool2D(1),  # (n, 26, 26, 25): nothing happens
        layers.Flatten(),  # (n, 16900)
        layers.Dense(100, activation="relu"),  # (n, 100)
        layers.Dense(10, activation="softmax"),  # (n, 10)
    ])  # fmt: skip


def train(data, clock):
    """Return the network, trained as published."""
    return fit_as_published(build(), REFERENCE, data)
