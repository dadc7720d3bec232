"""What the tests of the widgets that show pictures share."""

import statistics
import time
import zlib

import numpy as np
from tiny_photos import folder_of

from course_utils.data.photos import Photos, PhotoSplit

# An update of a widget may take 50 ms. Where that was measured a yardstick takes 0.95 ms; on a slower machine, longer.
MOST_YARDSTICKS = 50
CLASSES = ("cat", "dog", "cow")


class Ear:
    """Stands for the browser: keeps what it is sent."""

    def __init__(self):
        self.answers = []

    def send(self, answer, buffers):
        self.answers.append((answer, buffers))


def use(explorer, **values):
    """Change values as the browser does; return the answer."""
    if not isinstance(explorer._front, Ear):
        explorer.front()
        explorer._front = Ear()
    explorer._hear(None, {"serial": 1, "values": values})
    return explorer._front.answers[-1][0]


def seconds_of(explorer, changes):
    """Return the CPU seconds of each change, with all that is sent to the browser."""
    use(explorer, **changes[0])
    times = []
    for change in changes:
        began = time.process_time()
        use(explorer, **change)
        times.append(time.process_time() - began)
    return times


def yardstick():
    """Return the CPU seconds of a fixed piece of work of a widget's kind: NumPy, packing a picture, plain Python."""
    picture = np.random.default_rng(0).integers(0, 256, (96, 96), dtype="uint8")

    def work():
        began = time.process_time()
        for _ in range(4):
            np.sort(np.exp(picture / 255.0), axis=0)
            zlib.compress(picture.tobytes(), 1)
            sum(number * number for number in range(3_000))
        return time.process_time() - began

    return statistics.median(work() for _ in range(21))


def assert_quick(seconds):
    """Check that updates take little CPU time, measured in yardsticks: so a slow machine does not fail."""
    taken, unit = statistics.median(seconds), yardstick()
    assert taken <= MOST_YARDSTICKS * unit, f"{1e3 * taken:.1f} ms, {taken / unit:.0f} yardsticks"


def photo_split(folder, image_size=48):
    """Return nine photographs of three classes on the disk, higher than wide."""
    folder_of(folder, CLASSES)
    paths = sorted((folder / "train").glob("*/*"), key=lambda path: (CLASSES.index(path.parent.name), path.name))
    labels = np.array([CLASSES.index(path.parent.name) for path in paths])
    return PhotoSplit(Photos([str(path) for path in paths], image_size=image_size), labels, CLASSES, "train")


def assert_alike(shown, photograph):
    """Check that a photograph was cut and scaled as the model gets it, however that was computed."""
    assert shown.shape == photograph.shape and shown.dtype == np.uint8
    assert np.abs(shown.astype(int) - photograph).mean() < 4
