"""Train the small network of `cu.widgets.overfitting_explorer` on a grid of settings and write down its curves.

From the repository's root, with the full Fashion-MNIST in COURSE_DATA_DIR (about a quarter of an hour on one core)::

    python benchmarks/precomputed_runs.py

Runs that the file holds already are kept, so an interrupted grid goes on where it stopped; delete the file to begin
afresh. The widget needs neither this program nor TensorFlow: it reads the file.
"""

import gc
import itertools
import json
import logging
import math
import platform
import sys
import time
from datetime import date
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
TARGET = ROOT / "course_utils" / "widgets" / "precomputed_runs.json"

SEED = 0
EPOCHS = 30
BATCH = 50
VALIDATION = 10_000  # pictures kept back from the 60,000 for training
MEASURED = 5_000  # training pictures on which the training loss is measured, at most
GRID = {
    "learning_rate": [0.00001, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.1, 1.0],
    "pictures": [200, 1_000, 5_000, 50_000],
    "dropout": [0.0, 0.5],
    "weight_decay": [0.0, 0.2],
}
CURVES = ("loss", "accuracy", "val_loss", "val_accuracy")

_log = logging.getLogger("precomputed_runs")


def main():
    """Train what is missing in the file; after each run the file is whole."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    use_one_core()
    pictures = read_pictures()
    content = json.loads(TARGET.read_text(encoding="utf-8")) if TARGET.exists() else {"runs": []}
    settings = [dict(zip(GRID, values, strict=True)) for values in itertools.product(*GRID.values())]
    for setting in sorted(settings, key=lambda setting: setting["pictures"]):
        if any(all(run[name] == value for name, value in setting.items()) for run in content["runs"]):
            continue
        began = time.monotonic()
        run = setting | train(pictures, setting)
        gc.collect()  # what TensorFlow made for this network holds on to itself
        content["runs"].append(run)
        write({"about": about(), "grid": GRID, "runs": content["runs"]})
        _log.info("%s: %.0f s, validation loss %s", setting, time.monotonic() - began, run["val_loss"][-1])


def use_one_core():
    """Let TensorFlow compute on one core, so that the grid disturbs nobody and repeats exactly."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()


def read_pictures():
    """Return (vectors, labels) in the order of the draw: first those for validation, then those for training."""
    import tensorflow as tf

    import course_utils as cu

    train_set = cu.load("fashion_mnist").train
    if len(train_set) != 60_000:
        raise SystemExit("This needs the full Fashion-MNIST; set COURSE_DATA_DIR.")
    order = np.random.default_rng(SEED).permutation(len(train_set))
    vectors = train_set.images.reshape(-1, 784).astype("float32")[order] / 255
    return tf.constant(vectors), tf.constant(train_set.labels.astype("int32")[order])


def build(dropout):
    """Return the network: 784 numbers → 128 units with ReLU → dropout → 10 scores; always with the same weights."""
    import keras

    def dense(units, seed, activation=None):
        return keras.layers.Dense(units, activation, kernel_initializer=keras.initializers.GlorotUniform(seed))

    off = keras.layers.Dropout(dropout, seed=SEED)
    return keras.Sequential([keras.Input((784,)), dense(128, SEED, "relu"), off, dense(10, SEED + 1)])


def train(pictures, setting, epochs=EPOCHS):
    """Train one network and measure it before training and after each epoch, with dropout switched off.

    Parameters
    ----------
    pictures : (ndarray, ndarray)
        What `read_pictures` returned.
    setting : dict
        One point of the grid.
    epochs : int

    Returns
    -------
    dict of str to list
        The curves, of `epochs` + 1 numbers each; None stands for what is no number.
    """
    import keras
    import tensorflow as tf

    vectors, labels = (tf.convert_to_tensor(array) for array in pictures)
    used = slice(VALIDATION, VALIDATION + min(setting["pictures"], MEASURED))
    network = build(setting["dropout"])
    optimiser = keras.optimizers.AdamW(setting["learning_rate"], weight_decay=setting["weight_decay"])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    epoch = one_epoch(network, optimiser, loss)
    training = vectors[used], labels[used]
    validation = vectors[:VALIDATION], labels[:VALIDATION]
    draw = np.random.default_rng(SEED)
    rows = [measure(network, loss, *training) + measure(network, loss, *validation)]
    for _ in range(epochs):
        order = VALIDATION + draw.permutation(setting["pictures"])
        epoch(vectors, labels, tf.constant(order.reshape(-1, BATCH)))
        rows.append(measure(network, loss, *training) + measure(network, loss, *validation))
    return {
        name: [rounded(value) for value in curve] for name, curve in zip(CURVES, zip(*rows, strict=True), strict=True)
    }


def one_epoch(network, optimiser, loss):
    """Return a function that trains on the rows of a table of picture numbers, one row after the other.

    The pictures are handed over and not kept: functions of TensorFlow live longer than one expects.
    """
    import tensorflow as tf

    optimiser.build(network.trainable_variables)

    @tf.function
    def epoch(vectors, labels, order):  # (n, 784), (n,), (steps, BATCH)
        for numbers in order:
            with tf.GradientTape() as tape:
                scores = network(tf.gather(vectors, numbers), training=True)  # (BATCH, 10)
                wrong = loss(tf.gather(labels, numbers), scores)
            optimiser.apply(tape.gradient(wrong, network.trainable_variables))

    return epoch


def measure(network, loss, vectors, labels):
    """Return loss and accuracy."""
    scores = network(vectors, training=False)
    return float(loss(labels, scores)), float(np.mean(np.argmax(scores, axis=1) == labels.numpy()))


def rounded(value):
    """Return a number with four significant digits; None for NaN and infinity, which JSON does not know."""
    return float(f"{value:.4g}") if math.isfinite(value) else None


def about():
    """Return where the numbers come from."""
    import keras
    import tensorflow as tf

    return {
        "network": "784 pixels in [0, 1], 128 units with ReLU, dropout, 10 scores; 101,770 parameters",
        "training": f"AdamW, mini-batches of {BATCH}, {EPOCHS} epochs, constant learning rate",
        "data": "Fashion-MNIST, the 60,000 training pictures in an order drawn with the seed: the first 10,000 "
        "for validation, of the others as many as the run says for training; the test set is not used",
        "curves": "before training and after each epoch, dropout switched off: loss and accuracy on the training "
        f"pictures (the first {MEASURED:,} at most), val_loss and val_accuracy on the validation pictures",
        "seed": SEED,
        "trained": "once each, with one seed: small differences between runs may be luck",
        "date": date.today().isoformat(),
        "versions": {"python": platform.python_version(), "keras": keras.__version__, "tensorflow": tf.__version__},
        "reproduce": "python benchmarks/precomputed_runs.py",
    }


def write(content):
    """Write the file as a whole, one run a line."""
    from course_utils.files import atomic_write

    runs = ",\n".join(json.dumps(run, separators=(",", ":"), allow_nan=False) for run in content["runs"])
    rest = {name: value for name, value in content.items() if name != "runs"}
    text = json.dumps(rest, indent=1, allow_nan=False)[:-2] + f',\n "runs": [\n{runs}\n]\n}}\n'
    with atomic_write(TARGET) as temporary:
        temporary.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
