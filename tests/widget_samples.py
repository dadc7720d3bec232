"""What the tests of the widgets that show pictures share."""

import statistics
import time

import numpy as np
from tiny_photos import folder_of

from course_utils.data.photos import Photos, PhotoSplit

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
    """Return the median time of a change, with all that is sent to the browser."""
    use(explorer, **changes[0])
    times = []
    for change in changes:
        began = time.perf_counter()
        use(explorer, **change)
        times.append(time.perf_counter() - began)
    return statistics.median(times)


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
