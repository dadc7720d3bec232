"""Imagenette from scratch at 224 pixels, with images in the order of their classes.

The tutorial names neither padding nor mini-batch: here "valid" and 32, the usual values of the functions it calls. It
took larger copies of the photographs; here both sides read those of at least 160 pixels.
"""

from . import SINGLE_RUN, TEST_AS_VALIDATION, Portion, Reference

REFERENCE = Reference(
    name="imagenette_scratch",
    recipe="224 px; conv 25 5×5 → pool → conv 50 5×5 stride 2 → pool → BN → conv 70 3×3 stride 2 → pool → BN → "
    "100 → 100 → dropout 0.25 → 10; Adam, mini-batches of 32, 30 epochs",
    published="40–50 %",
    published_accuracy=0.50,
    epochs=30,
    batch_size=32,
    parameters=328_460,
    slips=(
        "the training generator does not shuffle: every mini-batch holds one class (decisive)",
        "the pixels are not scaled",
        TEST_AS_VALIDATION,
        "fit_generator and ImageDataGenerator, which Keras no longer has",
        SINGLE_RUN,
    ),
    image_size=224,
    portion=Portion(epochs=3, why="30 epochs at 224 px take more than an hour of CPU time"),
)


def build():
    """Return the network: (n, 224, 224, 3), float32 in [0, 255] → (n, 10)."""
    import keras
    from keras import layers

    return keras.Sequential([
        keras.Input((224, 224, 3)),  # unscaled: the published slip
        layers.Conv2D(25, 5, activation="relu"),  # (n, 220, 220, 25)
        layers.MaxPooling2D(2),  # (n, 110, 110, 25)
        layers.Conv2D(50, 5, strides=2, activation="relu"),  # (n, 53, 53, 50)
        layers.MaxPooling2D(2),  # (n, 26, 26, 50)
        layers.BatchNormalization(),
        layers.Conv2D(70, 3, strides=2, activation="relu"),  # (n, 12, 12, 70)
        layers.MaxPooling2D(2),  # (n, 6, 6, 70)
        layers.BatchNormalization(),
        layers.Flatten(),  # (n, 2520)
        layers.Dense(100, activation="relu"),  # (n, 100)
        layers.Dense(100, activation="relu"),  # (n, 100)
        layers.Dropout(0.25),
        layers.Dense(10, activation="softmax"),  # (n, 10)
    ])  # fmt: skip


def train(data, clock):
    """Return the network, trained as published, but for so many epochs only as the portion says."""
    model = build()
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    batch = REFERENCE.batch_size
    model.fit(
        data.train.stream(batch, shuffle=False),  # in the order of the classes: the published slip
        shuffle=False,
        epochs=REFERENCE.portion.epochs,
        validation_data=data.test.stream(batch),
        verbose=0,
    )
    return model
