"""Imagenette with features of VGG16; measured without its weights, for the time alone."""

from . import SINGLE_RUN, TEST_AS_VALIDATION, Portion, Reference

REFERENCE = Reference(
    name="imagenette_vgg16",
    recipe="224 px; features of VGG16 (7×7×512), once → dense 100 → dropout 0.5 → BN → 10; "
    "Adam, mini-batches of 128, 50 epochs",
    published="94 % and more in 10 epochs",
    published_accuracy=0.94,
    epochs=50,
    batch_size=128,
    parameters=2_510_310,
    slips=(
        "no preprocess_input before VGG16",
        'VGG is said to mean "Visual Graphics Group" (Visual Geometry Group)',
        "ImageNet's images are said to be 224×224",
        TEST_AS_VALIDATION,
        SINGLE_RUN,
    ),
    image_size=224,
    portion=Portion(
        epochs=3,
        images=256,
        timing_only=True,
        why="VGG16's features of all images take a CPU half an hour; its weights would have to be downloaded, so it "
        "runs with random ones (weights=None), which take the same time",
    ),
)

HEAD_IMAGES = 1_280
"""Rows the head is timed with: the features of the portion over and over, since their values do not matter."""


def build():
    """Return the head: (n, 7, 7, 512) → (n, 10)."""
    import keras
    from keras import layers

    return keras.Sequential([
        keras.Input((7, 7, 512)),
        layers.Flatten(),  # (n, 25088)
        layers.Dense(100, activation="relu"),  # (n, 100)
        layers.Dropout(0.5),
        layers.BatchNormalization(),
        layers.Dense(10, activation="softmax"),  # (n, 10)
    ])  # fmt: skip


def backbone():
    """Return VGG16 without its top and without its weights: (n, 224, 224, 3) → (n, 7, 7, 512)."""
    import keras

    return keras.applications.VGG16(weights=None, include_top=False, input_shape=(224, 224, 3))


def train(data, clock):
    """Return the head, after timing the features of some images and some epochs of training."""
    import numpy as np

    vgg, portion = backbone(), REFERENCE.portion
    batches = data.train[: portion.images].stream(32)
    vgg.predict(data.train[:32].stream(32), verbose=0)  # compiles; a fixed cost, not to be multiplied
    with clock.stage("features", portion.images, len(data.train) + len(data.test)):
        # Unprocessed pixels: the published slip.
        features = vgg.predict(batches, verbose=0)  # (images, 7, 7, 512)
    rows = np.resize(features, (HEAD_IMAGES, 7, 7, 512))
    labels = np.resize(data.train.labels, HEAD_IMAGES)
    model = build()
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    held_out = int(HEAD_IMAGES * len(data.test) / len(data.train))  # as many to validate with as published
    clock.scale_epochs(HEAD_IMAGES, len(data.train))
    model.fit(
        rows,
        labels,
        batch_size=REFERENCE.batch_size,
        epochs=portion.epochs,
        validation_data=(rows[:held_out], labels[:held_out]),
        verbose=0,
    )
    return model
