"""How fast this computer is: about a second of a small convolution's training, or of matrix products without Keras.

Times measured on one computer are scaled to another by the ratio of their speeds. One second says enough for "two
minutes or ten?", and no more.
"""

import statistics
import sys
import time

import numpy as np

SECONDS = 1.0
"""What a measurement may take."""

FRESH_SECONDS = 180.0
"""How long a measurement stands; after that, another one is made beside it."""

REFERENCE = {"tensorflow": 70.0, "numpy": 355.0}
"""Steps per second of the computer that the ledger's rows without a speed of their own come from (2 cores, AMD EPYC):
measured later, in 2026-11, while nothing else ran on it. Where such a row was taken on the busy computer, the estimate
is too long."""

_WARM_UP = 2
_LEAST = 3
_measured = {}  # kind → the fastest measurement of this process in steps per second, and when the last one was made


def machine_speed(clock=time.monotonic) -> dict[str, float]:
    """Return how fast this computer is: the fastest of the measurements of this process.

    Other work on the computer makes a measurement too slow and nothing makes one too fast; so a few minutes later it
    is repeated, and the faster of the two counts.

    Parameters
    ----------
    clock : callable
        Returns seconds.

    Returns
    -------
    dict of str to float
        One entry, steps per second by kind: ``"tensorflow"`` (forward and backward through a small convolution) where
        TensorFlow is loaded, else ``"numpy"`` (products of matrices). Kinds are not to be compared with each other.
    """
    kind = "tensorflow" if _has_tensorflow() else "numpy"
    fastest, when = _measured.get(kind, (0.0, None))
    if when is None or clock() - when > FRESH_SECONDS:
        step = _convolution_step() if kind == "tensorflow" else _product_step()
        fastest = max(fastest, round(steps_per_second(step, SECONDS), 3))
        _measured[kind] = fastest, clock()
    return {kind: fastest}


def steps_per_second(step, seconds, clock=time.perf_counter) -> float:
    """Return how often a step runs in a second: 1 / median of its times.

    Parameters
    ----------
    step : callable
        Without arguments.
    seconds : float
        How long to measure; at least three steps.
    clock : callable
        Returns seconds.

    Returns
    -------
    float
    """
    for _ in range(_WARM_UP):
        step()
    times, began = [], clock()
    while len(times) < _LEAST or clock() - began < seconds:
        start = clock()
        step()
        times.append(clock() - start)
    return 1 / max(statistics.median(times), 1e-9)


def _has_tensorflow():
    keras = sys.modules.get("keras")
    return keras is not None and "tensorflow" in sys.modules and keras.config.backend() == "tensorflow"


def _convolution_step():
    """Return one step of training a small convolution; nothing in it is random, so no seed is touched."""
    import tensorflow as tf

    images = tf.ones((64, 28, 28, 8))
    kernels = [tf.Variable(tf.ones((5, 5, 8, 32))), tf.Variable(tf.ones((3, 3, 32, 48)))]

    # Compiled, as in fit(): one operation after the other would leave cores idle that training uses.
    @tf.function
    def gradients():
        with tf.GradientTape() as tape:
            maps = images
            for kernel in kernels:
                maps = tf.nn.relu(tf.nn.conv2d(maps, kernel, strides=1, padding="SAME"))
                maps = tf.nn.max_pool2d(maps, 2, 2, "VALID")  # (64, 14, 14, 32), then (64, 7, 7, 48)
            loss = tf.reduce_mean(maps)
        return tape.gradient(loss, kernels)

    return lambda: gradients()[0].numpy()


def _product_step():
    left = np.ones((600, 800), dtype="float32")
    right = np.ones((800, 600), dtype="float32")
    return lambda: left @ right
