from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.references import NAMES, imagenette_scratch, imagenette_vgg16, module_of, reference
from course_utils.data.dataset import Split

keras = pytest.importorskip("keras")
from benchmarks.recording import Clock  # noqa: E402

SHAPES = {
    "mnist_dense": (28, 28, 1),
    "mnist_cnn": (28, 28, 1),
    "lenet_fashion_mnist": (28, 28, 1),
    "cifar10_small": (32, 32, 3),
    "cifar10_deeper": (32, 32, 3),
}


def tiny_split(shape, n, name="train"):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (n, *shape)).astype("uint8")
    return Split(images, np.arange(n) % 10, tuple("abcdefghij"), name)


def tiny_data(shape):
    train, test = tiny_split(shape, 20), tiny_split(shape, 10, "test")
    return SimpleNamespace(train=train, test=test, classes=train.classes)


@pytest.mark.parametrize("name", NAMES)
def test_a_network_has_the_published_number_of_parameters(name):
    trained = sum(np.prod(weight.shape) for weight in module_of(name).build().weights)
    assert trained == reference(name).parameters


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_names_itself_its_source_and_its_slips(name):
    recipe = reference(name)
    assert recipe.name == name and recipe.path.is_file()
    assert recipe.published and 0 < recipe.published_accuracy < 1
    assert "the test set is used as validation set throughout" in recipe.slips


@pytest.mark.parametrize("name", SHAPES)
def test_a_recipe_trains_all_its_epochs_and_looks_at_the_test_images_after_each(name, monkeypatch):
    module = module_of(name)
    monkeypatch.setattr(module, "REFERENCE", replace(module.REFERENCE, epochs=2))
    model = module.train(tiny_data(SHAPES[name]), Clock())
    assert len(model.history.history["val_accuracy"]) == 2
    assert isinstance(model.optimizer, keras.optimizers.Adam)
    steps = -(-20 // module.REFERENCE.batch_size)
    assert int(model.optimizer.iterations) == 2 * steps


class Photographs(Split):
    """A split with a stream, as photographs have; notes whether it was shuffled."""

    asked = []  # noqa: RUF012

    def stream(self, batch_size=32, shuffle=False):
        import tensorflow as tf

        self.asked.append(shuffle)
        return tf.data.Dataset.from_tensor_slices((self.images.astype("float32"), self.labels)).batch(batch_size)


def photographs(size):
    parts = [tiny_split((size, size, 3), n) for n in (20, 10)]
    train, test = (Photographs(part.images, part.labels, part.classes) for part in parts)
    return SimpleNamespace(train=train, test=test, classes=train.classes)


def test_imagenette_from_scratch_keeps_its_slips_unshuffled_and_unscaled(monkeypatch):
    small = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")])
    monkeypatch.setattr(imagenette_scratch, "build", lambda: small)
    monkeypatch.setattr(Photographs, "asked", [])
    model = imagenette_scratch.train(photographs(8), Clock())
    assert Photographs.asked == [False, False]
    assert len(model.history.history["loss"]) == imagenette_scratch.REFERENCE.portion.epochs < 30
    kinds = {type(layer).__name__ for layer in keras.models.clone_model(module_of("imagenette_scratch").build()).layers}
    assert "Rescaling" not in kinds


def test_vgg16_is_timed_on_some_images_and_says_how_many_there_are(monkeypatch):
    inputs = keras.Input((14, 14, 3))
    tiny = keras.Model(inputs, keras.layers.Conv2D(512, 2, strides=2)(inputs))
    monkeypatch.setattr(imagenette_vgg16, "backbone", lambda: tiny)
    monkeypatch.setattr(imagenette_vgg16, "HEAD_IMAGES", 16)
    portion = replace(imagenette_vgg16.REFERENCE.portion, images=4, epochs=2)
    monkeypatch.setattr(imagenette_vgg16, "REFERENCE", replace(imagenette_vgg16.REFERENCE, portion=portion))
    clock = Clock()
    model = imagenette_vgg16.train(photographs(14), clock)
    (stage,) = clock.stages
    assert (stage["name"], stage["done"], stage["of"]) == ("features", 4, 30)
    assert clock.epoch_scale == 20 / 16
    assert len(model.history.history["val_loss"]) == 2
