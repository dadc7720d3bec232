"""How long each widget computes after a change: ``python -m benchmarks.widget_updates RESULT.json``.

Timed is all that Python does between the browser's message and its answer: the pure function from values to a view,
and what is sent of the view. The sizes are those of the notebooks, or larger.
"""

import json
import statistics
import sys
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

import course_utils as cu
from course_utils.files import atomic_write

UPDATES = 20


@dataclass(frozen=True)
class Case:
    """A widget and how it is used.

    Attributes
    ----------
    name : str
        As in ``cu.widgets``.
    make : callable
        () → Explorer.
    change : callable
        Number of the update → the values that change; no two neighbours alike.
    """

    name: str
    make: callable
    change: callable


def measure(updates=UPDATES, names=None) -> dict:
    """Return for each widget the median and the longest time of an update.

    Parameters
    ----------
    updates : int, default 20
        One more goes first and is not counted.
    names : iterable of str, optional
        Default: all.

    Returns
    -------
    dict
        Name → ``cpu_ms``, ``wall_ms`` (medians) and ``longest_ms`` (wall).
    """
    return {case.name: _times(case, updates) for case in CASES if names is None or case.name in names}


def _times(case, updates):
    explorer, found = case.make(), []
    for number in range(updates + 1):
        values = case.change(number)
        cpu, wall = time.process_time(), time.perf_counter()
        explorer.set(**values)
        for panel in explorer.view.flat():
            panel.content()
        found.append((1e3 * (time.process_time() - cpu), 1e3 * (time.perf_counter() - wall)))
    cpu, wall = zip(*found[1:], strict=True)
    return {
        "cpu_ms": round(statistics.median(cpu), 2),
        "wall_ms": round(statistics.median(wall), 2),
        "longest_ms": round(max(wall), 2),
    }


def _pictures(n, size, depth, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (n, size, size, depth), dtype="uint8")


@cache
def _model():
    """A network like LeNet, untrained: how long it computes does not depend on its weights."""
    import keras
    from keras import layers

    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(6, 5, padding="same", activation="relu"),
            layers.AveragePooling2D(2),
            layers.Conv2D(16, 5, activation="relu"),
            layers.AveragePooling2D(2),
            layers.Flatten(),
            layers.Dense(120, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )


def _drawings():
    from course_utils.widgets.handwriting import drawn, to_url

    return [to_url(drawn([[(40 + 3 * step, 40), (100, 200)]])) for step in range(20)]


def _confusion():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, 2_000)
    said = np.where(rng.random(2_000) < 0.2, rng.integers(0, 10, 2_000), labels)
    data, classes = (_pictures(2_000, 28, 1), labels), tuple("0123456789")
    report = cu.evaluate(lambda images: said, data, classes=classes, batch_size=2_000)
    return cu.widgets.confusion_explorer(report)


def _augmentation():
    return cu.widgets.augmentation_playground(_pictures(60, 160, 3))


def _augmentation_change(number):
    from course_utils.widgets.augmentation import TRANSFORMATIONS

    names = list(TRANSFORMATIONS)
    return {"what": names[number % len(names)], "draw": number}


def _embedding():
    features = np.random.default_rng(0).normal(size=(2_000, 256)).astype("float32")
    labels = np.arange(2_000) % 10
    return cu.widgets.embedding_map(features[:, :2], _pictures(2_000, 28, 1), labels, features=features)


CASES = (
    Case("tour", lambda: cu.widgets.tour(), lambda k: {"brightness": 5 * (k % 20), "pixel": (k % 8, 1)}),
    Case(
        "kernel_explorer",
        lambda: cu.widgets.kernel_explorer(_pictures(1, 320, 1)[0]),
        lambda k: {"kernel": ((k, 0, 1), (0, 1, 0), (1, 0, -k))},
    ),
    Case("convolution_stepper", lambda: cu.widgets.convolution_stepper(), lambda k: {"step": k % 9 + 1}),
    Case(
        "activation_explorer",
        lambda: cu.widgets.activation_explorer(),
        lambda k: {"input": round(-4 + 0.3 * (k % 25), 1), "derivative": k % 2 == 0},
    ),
    Case("pooling_explorer", lambda: cu.widgets.pooling_explorer(), lambda k: {"shift": k % 4, "window": 2 + k % 3}),
    Case("confusion_explorer", _confusion, lambda k: {"cell": [k % 10, 7 * k % 10], "shares": k % 2 == 0}),
    Case(
        "draw_and_classify",
        lambda: cu.widgets.draw_and_classify(_model(), tuple("0123456789")),
        lambda k: {"drawing": _kept_drawings()[k % 20]},
    ),
    Case(
        "feature_map_browser",
        lambda: cu.widgets.feature_map_browser(_model(), _pictures(40, 28, 1)),
        lambda k: {"filter": k % 6, "picture": 7 * k % 40},
    ),
    Case(
        "overfitting_explorer",
        lambda: cu.widgets.overfitting_explorer(),
        lambda k: {"epoch": k, "learning_rate": k % 8},
    ),
    Case("augmentation_playground", _augmentation, _augmentation_change),
    Case("embedding_map", _embedding, lambda k: {"point": 7 * k}),
    Case(
        "attention_explorer",
        lambda: cu.widgets.attention_explorer(_model(), _pictures(40, 28, 1)),
        lambda k: {"picture": k % 40, "place": [k % 28, 5 * k % 28]},
    ),
)

_kept_drawings = cache(_drawings)


if __name__ == "__main__":
    with atomic_write(Path(sys.argv[1])) as temporary:
        temporary.write_text(json.dumps(measure()), "utf-8")
