"""CIFAR-10 with more convolutions, dropout and wide dense layers."""

from . import SINGLE_RUN, TEST_AS_VALIDATION, Reference, fit_as_published

REFERENCE = Reference(
    name="cifar10_deeper",
    recipe="conv 50, 75 3×3 same → pool → dropout 0.25 → conv 125 → pool → dropout 0.25 → dense 500, dropout 0.4 → "
    "250, dropout 0.3 → 10; Adam, mini-batches of 128, 10 epochs",
    published="78–80 %",
    published_accuracy=0.80,
    epochs=10,
    batch_size=128,
    parameters=4_247_985,
    slips=(TEST_AS_VALIDATION, SINGLE_RUN),
)


def build():
    """Return the network: (n, 32, 32, 3), float32 in [0, 1] → (n, 10)."""
    import keras
    from keras import layers

    return keras.Sequential([
        keras.Input((32, 32, 3)),
        layers.Conv2D(50, 3, padding="same", activation="relu"),  # (n, 32, 32, 50)
        layers.Conv2D(75, 3, padding="same", activation="relu"),  # (n, 32, 32, 75)
        layers.MaxPooling2D(2),  # (n, 16, 16, 75)
        layers.Dropout(0.25),
        layers.Conv2D(125, 3, padding="same", activation="relu"),  # (n, 16, 16, 125)
        layers.MaxPooling2D(2),  # (n, 8, 8, 125)
        layers.Dropout(0.25),
        layers.Flatten(),  # (n, 8000)
        layers.Dense(500, activation="relu"),  # (n, 500)
        layers.Dropout(0.4),
        layers.Dense(250, activation="relu"),  # (n, 250)
        layers.Dropout(0.3),
        layers.Dense(10, activation="softmax"),  # (n, 10)
    ])  # fmt: skip


def train(data, clock):
    """Return the network, trained as published."""
    return fit_as_published(build(), REFERENCE, data)
