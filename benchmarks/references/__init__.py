"""The tutorials' recipes, as published: one module each, with ``REFERENCE``, ``build()`` and ``train(data, clock)``.

Importing them loads no Keras: the process that plans the measurements stays small.
"""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

NAMES = (
    "mnist_dense",
    "mnist_cnn",
    "lenet_fashion_mnist",
    "cifar10_small",
    "cifar10_deeper",
    "imagenette_scratch",
    "imagenette_vgg16",
)
"""Every recipe, in the order of the course."""

TEST_AS_VALIDATION = "the test set is used as validation set throughout"
SINGLE_RUN = "a single run, without spread"


@dataclass(frozen=True)
class Portion:
    """How much of a slow recipe is run; the rest of its time is extrapolated.

    Attributes
    ----------
    epochs : int
        Epochs that are trained.
    images : int or None
        Images that are used; None: all.
    timing_only : bool
        True: the accuracy means nothing and is not kept.
    why : str
        A sentence for the table.
    """

    epochs: int
    images: int | None = None
    timing_only: bool = False
    why: str = ""


@dataclass(frozen=True)
class Reference:
    """A published recipe.

    Attributes
    ----------
    name : str
        The module's name.
    recipe : str
        The network and its training in one line.
    published : str
        The accuracy the tutorial states.
    published_accuracy : float
        The highest of it, in [0, 1].
    epochs, batch_size, parameters : int
        As published; parameters of all layers that are trained.
    slips : tuple of str
        What is wrong or outdated in it; kept here, because it is part of the recipe.
    image_size : int or None
        Pixels, where the data are photographs.
    portion : Portion or None
        Where the whole recipe takes too long for a CPU.
    """

    name: str
    recipe: str
    published: str
    published_accuracy: float
    epochs: int
    batch_size: int
    parameters: int
    slips: tuple[str, ...] = ()
    image_size: int | None = None
    portion: Portion | None = None

    @property
    def path(self) -> Path:
        """The module's file."""
        return Path(__file__).with_name(f"{self.name}.py")


def module_of(name):
    """Return the module of a recipe.

    Parameters
    ----------
    name : str
        One of `NAMES`.
    """
    return import_module(f"{__name__}.{name}")


def reference(name) -> Reference:
    """Return a published recipe by its name."""
    return module_of(name).REFERENCE


def unit_range(images):
    """Return uint8 images in [0, 255] as float32 in [0, 1], the way the tutorials hold them in memory."""
    return images.astype("float32") / 255


def fit_as_published(model, recipe, data, inputs=unit_range):
    """Train the tutorials' way: one-hot labels, Adam, all training images, the test set as validation set.

    Parameters
    ----------
    model : keras.Model
    recipe : Reference
    data : Dataset
    inputs : callable
        uint8 images (n, height, width, channels) → what the model takes.

    Returns
    -------
    keras.Model
        Trained; its history holds the accuracy on the test set after every epoch as ``val_accuracy``.
    """
    import keras

    classes = len(data.classes)
    model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    model.fit(
        inputs(data.train.images),
        keras.utils.to_categorical(data.train.labels, classes),  # (n, classes)
        batch_size=recipe.batch_size,
        epochs=recipe.epochs,
        validation_data=(inputs(data.test.images), keras.utils.to_categorical(data.test.labels, classes)),
        verbose=0,
    )
    return model
