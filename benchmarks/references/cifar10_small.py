"""CIFAR-10 with three small convolutions."""

from . import SINGLE_RUN, TEST_AS_VALIDATION, Reference, fit_as_published

REFERENCE = Reference(
    name="cifar10_small",
    recipe="conv 32 → pool → conv 64 → pool → conv 64, all 3×3 valid, ReLU → dense 64 → 10; "
    "Adam, mini-batches of 32, 10 epochs",
    published="about 70 %",
    published_accuracy=0.70,
    epochs=10,
    batch_size=32,
    parameters=122_570,
    slips=(TEST_AS_VALIDATION, SINGLE_RUN),
)


def build():
    """Return the network: (n, 32, 32, 3), float32 in [0, 1] → (n, 10)."""
    import keras
    from keras import layers

    return keras.Sequential([
        keras.Input((32, 32, 3)),
        layers.Conv2D(32, 3, activation="relu"),  # (n, 30, 30, 32)
        layers.MaxPooling2D(2),  # (n, 15, 15, 32)
        layers.Conv2D(64, 3, activation="relu"),  # (n, 13, 13, 64)
        layers.MaxPooling2D(2),  # (n, 6, 6, 64)
        layers.Conv2D(64, 3, activation="relu"),  # (n, 4, 4, 64)
        layers.Flatten(),  # (n, 1024)
        layers.Dense(64, activation="relu"),  # (n, 64)
        layers.Dense(10, activation="softmax"),  # (n, 10)
    ])  # fmt: skip


def train(data, clock):
    """Return the network, trained as published."""
    return fit_as_published(build(), REFERENCE, data)
