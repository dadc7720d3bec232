"""What tests of figures share: is every word on the figure legible?"""

from itertools import combinations

import numpy as np
import pytest
from matplotlib.text import Text

SMALLEST = 11  # points


@pytest.fixture
def legible():
    """A function that fails unless all text of a figure is large enough, inside it, and free of overlaps."""
    return check_legible


def check_legible(drawing):
    fig = drawing[0]
    fig.canvas.draw()
    width, height = fig.canvas.get_width_height()
    boxes = []
    for text in visible_texts(fig):
        name = text.get_text()
        assert text.get_fontsize() >= SMALLEST, f"{name!r} is only {text.get_fontsize()} points"
        box = text.get_window_extent()
        inside = box.x0 >= -1 and box.y0 >= -1 and box.x1 <= width + 1 and box.y1 <= height + 1
        assert inside, f"{name!r} leaves the figure: {box} in {width} by {height}"
        if text.get_rotation() in (0, 90):
            boxes.append((name, box))
    for (first, one), (second, other) in combinations(boxes, 2):
        across = min(one.x1, other.x1) - max(one.x0, other.x0)
        down = min(one.y1, other.y1) - max(one.y0, other.y0)
        assert min(across, down) < 2, f"{first!r} and {second!r} overlap"


def visible_texts(fig):
    """All texts that are really drawn; tick labels outside the limits of an axis are not."""
    unseen = out_of_view(fig)
    for text in fig.findobj(Text):
        if not text.get_text().strip() or not text.get_visible():
            continue
        axes = text.axes
        if axes is not None and not (axes.get_visible() and axes.axison) and text not in axes.texts:
            continue
        if id(text) in unseen:
            continue
        yield text


def out_of_view(fig):
    """Ids of the labels of ticks that lie outside the limits of their axis: matplotlib keeps but does not draw them."""
    unseen = set()
    for axes in fig.axes:
        for axis, limits in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
            low, high = min(limits), max(limits)
            margin = 1e-6 * max(abs(low), abs(high), 1)
            for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
                if not low - margin <= tick.get_loc() <= high + margin or not axes.axison:
                    unseen |= {id(tick.label1), id(tick.label2)}
    return unseen


@pytest.fixture
def garments():
    """The longest class names of the course's own data."""
    return ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")


@pytest.fixture
def report(garments):
    """A report on 200 made-up images: 150 right, 50 wrong, of these 20 shirts called coats."""
    from course_utils.evaluation import evaluate

    generator = np.random.default_rng(0)
    labels = np.tile(np.arange(10), 20)
    predictions = labels.copy()
    shirts = np.flatnonzero(labels == 6)
    predictions[shirts] = 4
    others = np.setdiff1d(np.arange(200), shirts)[:60:2]
    predictions[others] = (predictions[others] + 1) % 10
    probabilities = np.full((200, 10), 0.01, dtype="float32")
    probabilities[np.arange(200), predictions] = 0.91
    # The third shirt is the worst mistake.
    probabilities[shirts[2]] = 0.001
    probabilities[shirts[2], 4] = 0.991
    images = generator.integers(0, 256, (200, 28, 28, 1), dtype="uint8")
    answers = iter(np.array_split(probabilities, [128]))
    return evaluate(lambda batch: next(answers), (images, labels), batch_size=128, classes=garments)
