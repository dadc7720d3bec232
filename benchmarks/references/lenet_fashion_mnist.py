"""A network in the style of LeNet on Fashion-MNIST."""

from . import SINGLE_RUN, TEST_AS_VALIDATION, Reference, fit_as_published

REFERENCE = Reference(
    name="lenet_fashion_mnist",
    recipe="conv 6 5×5 same → average-pool → conv 16 5×5 same → average-pool → 120 → 84 → 10; "
    "Adam, mini-batches of 32, 30 epochs",
    published="90.67 %",
    published_accuracy=0.9067,
    epochs=30,
    batch_size=32,
    parameters=107_786,
    slips=(
        "called LeNet-5, which has about 60,000 parameters: the padding is another",
        TEST_AS_VALIDATION,
        "trained until it over-fits (97–98 % on the training images)",
        SINGLE_RUN,
    ),
)


def build():
    """Return the network: (n, 28, 28, 1), float32 in [0, 1] → (n, 10)."""
    import keras
    from keras import layers

    return keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.Conv2D(6, 5, padding="same", activation="relu"),  # (n, 28, 28, 6)
        layers.AveragePooling2D(2),  # (n, 14, 14, 6)
        layers.Conv2D(16, 5, padding="same", activation="relu"),  # (n, 14, 14, 16)
        layers.AveragePooling2D(2),  # (n, 7, 7, 16)
        layers.Flatten(),  # (n, 784)
        layers.Dense(120, activation="relu"),  # (n, 120)
        layers.Dense(84, activation="relu"),  # (n, 84)
        layers.Dense(10, activation="softmax"),  # (n, 10)
    ])  # fmt: skip


def train(data, clock):
    """Return the network, trained as published."""
    return fit_as_published(build(), REFERENCE, data)
