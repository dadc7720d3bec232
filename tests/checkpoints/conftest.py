import json
from dataclasses import replace

import numpy as np
import pytest

from course_utils import session
from course_utils.checkpoints import answers, catalog, fitting, packing
from course_utils.checkpoints.catalog import Checkpoint


def tiny_network(filters=2, pooling="max", batch_norm=True, shape=(6, 6, 1)):
    import keras
    from keras import layers

    return keras.Sequential(
        [
            keras.Input(shape),
            layers.RandomFlip("horizontal"),
            layers.Rescaling(1 / 255),
            layers.Conv2D(filters, 3, padding="same", activation="relu"),
            *([layers.BatchNormalization()] if batch_norm else []),
            layers.MaxPooling2D(2) if pooling == "max" else layers.AveragePooling2D(2),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(3, activation="softmax"),
        ]
    )


@pytest.fixture(autouse=True)
def own_places(tmp_path, monkeypatch):
    """An empty folder of checkpoints, and no notebooks beside it."""
    folder = tmp_path / "shipped"
    folder.mkdir()
    monkeypatch.setattr(catalog, "FOLDER", folder)
    monkeypatch.setattr("course_utils.results.recipes.notebooks_folder", lambda: None)
    monkeypatch.setenv("COURSE_BUDGET", "laptop")
    return folder


@pytest.fixture
def network():
    return tiny_network


@pytest.fixture
def make_entry():
    def make(recipe="lenet", **changes):
        values = {
            "budget": "laptop",
            "variant": "cifar10/jpeg",
            "file": f"{recipe}.npz",
            "sha256": "0" * 64,
            "size": 1,
            "accuracy": 0.823,
            "images": 10_000,
            "seed": 0,
            "epochs": 2,
            "minutes": 2.5,
            "notebook": "04_cifar10_tuning",
        }
        return Checkpoint(recipe, **values | changes)

    return make


@pytest.fixture
def ship(own_places, make_entry):
    """Write a checkpoint of a model into the folder and its catalog; returns its entry.

    The model has the weights of the file from then on. ``with_answers=False``: as files were before there were any.
    """
    import hashlib

    def write(model, recipe="lenet", history=None, with_answers=True, **changes):
        weights = fitting.weights_of(model, packing.shrunk)
        history = history or {"loss": [2.0, 1.0], "accuracy": [0.5, 0.8]}
        content = packing.Content(weights, fitting.layer_texts(model), history)
        fitting.fill(model, content)
        if with_answers:
            content = replace(content, answers=answers.to_keep(model, model.input_shape[1:]))
        data = packing.packed(content)
        changes.setdefault("file", f"{recipe}.npz")
        entry = make_entry(recipe, sha256=hashlib.sha256(data).hexdigest(), size=len(data), **changes)
        (own_places / entry.file).write_bytes(data)
        catalog.save_catalog([*catalog.load_catalog(), entry])
        return entry

    return write


@pytest.fixture
def loaded(monkeypatch):
    def load(variant):
        monkeypatch.setitem(session._variants, variant.partition("/")[0], variant)

    return load


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (40, 6, 6, 1), dtype="uint8")


@pytest.fixture
def write_notebook():
    def write(path, *cells):
        made = [{"cell_type": "code", "metadata": {"tags": list(tags)}, "source": source} for tags, source in cells]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"cells": made}), "utf-8")
        return path

    return write
