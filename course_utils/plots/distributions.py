"""How values are spread: pixel histograms and class counts."""

import numpy as np

from ..errors import InputError
from .alt import describe, number, percent
from .figures import Drawing, new_axes
from .style import DASHES, PALETTE

_SLICE = 2_000_000  # values counted at once
_CHANNELS = (("red", "#c8321f"), ("green", PALETTE[2]), ("blue", PALETTE[0]))


def show_histogram(images, *, bins=64, log=False, title=None, xlabel="pixel value", ax=None):
    """Draw how often each pixel value occurs; colour pictures get one line per channel.

    Parameters
    ----------
    images : Split, ndarray or {name: ndarray}
        Any number of images, or several sets of values to compare.
    bins : int, default 64
        uint8 values are counted from 0 to 255, others from the lowest to the highest.
    log : bool, default False
        Logarithmic counts: most pixels of a digit are black and would hide the others.
    title : str, optional
    xlabel : str, default "pixel value"
    ax : Axes, optional

    Returns
    -------
    Drawing
        ``(fig, ax)``.

    Raises
    ------
    InputError
        If there are no values, or one is NaN or infinite.
    """
    series = _series(images)
    limits = _limits([values for values, _ in series.values()])
    fig, ax = new_axes(ax, size=(6.5, 3.6))
    words = []
    for index, (name, (values, colour)) in enumerate(series.items()):
        counts, edges = _count(values, bins, limits)
        style = {"color": colour or PALETTE[index % len(PALETTE)], "label": name}
        if len(series) == 1:
            ax.stairs(counts, edges, fill=True, **style)
        else:
            ax.stairs(counts, edges, linewidth=2, linestyle=DASHES[index % len(DASHES)], **style)
        words.append(_describe(name, values, counts, edges))
    whole = limits == (0, 256)
    ax.set(xlabel=f"{xlabel} (0 to 255)" if whole else xlabel, ylabel="number of pixels", title=title or "")
    ax.set_xlim(limits)
    if whole:
        ax.set_xticks([0, 64, 128, 192, 255])
    if log:
        ax.set_yscale("log")
    else:
        ax.yaxis.set_major_formatter(lambda value, _: number(value))
    ax.grid(visible=True, axis="y")
    if len(series) > 1:
        ax.legend()
    describe(fig, f"{f'{title}. ' if title else ''}Histogram of {xlabel}s. {' '.join(words)}", ax)
    return Drawing(fig, ax)


def show_class_counts(split, *, title=None, ax=None):
    """Draw how many images of each class a split has.

    Parameters
    ----------
    split : Split or {class name: count}
    title : str, optional
    ax : Axes, optional

    Returns
    -------
    Drawing
        ``(fig, ax)``.
    """
    counts = dict(split) if isinstance(split, dict) else _class_counts(split)
    if not counts:
        raise InputError("There are no classes to count.")
    places = np.arange(len(counts))
    fig, ax = new_axes(ax, size=(6.5, 0.9 + 0.36 * min(len(counts), 30)))
    ax.barh(places, list(counts.values()), color=PALETTE[0], height=0.7)
    top = max(counts.values()) or 1
    if len(counts) <= 30:
        ax.set_yticks(places, list(counts))
        for place, count in zip(places, counts.values(), strict=True):
            ax.annotate(f"{count:,}", (count, place), xytext=(5, 0), textcoords="offset points", va="center")
    else:
        ax.set_ylabel("class number")
    ax.set_ylim(len(counts) - 0.4, -0.6)
    ax.set_xlim(0, top * 1.14)
    ax.xaxis.set_major_formatter(lambda value, _: number(value))
    ax.tick_params(axis="y", length=0)
    ax.grid(visible=True, axis="x")
    ax.set(xlabel="number of images", title=title or "")
    low, high = min(counts, key=counts.get), max(counts, key=counts.get)
    spread = (
        f"{counts[low]:,} images in every class"
        if counts[low] == counts[high]
        else f"from {counts[low]:,} ({low}) to {counts[high]:,} ({high})"
    )
    total = sum(counts.values())
    describe(fig, f"{f'{title}. ' if title else ''}{total:,} images in {len(counts)} classes: {spread}.", ax)
    return Drawing(fig, ax)


def _class_counts(split):
    if not hasattr(split, "labels"):
        raise InputError(
            "show_class_counts needs a split.",
            expected="a split such as data.train, or {class name: count}",
            found=type(split).__name__,
        )
    labels = np.asarray(split.labels)
    names = getattr(split, "classes", None) or tuple(str(index) for index in range(int(labels.max()) + 1))
    return dict(zip(names, np.bincount(labels, minlength=len(names)).tolist(), strict=True))


def _series(images):
    """Return {name: (values, colour or None)}."""
    if isinstance(images, dict):
        series = {str(name): (np.asarray(values), None) for name, values in images.items()}
    else:
        array = np.asarray(getattr(images, "images", images))
        if array.ndim in (3, 4) and array.shape[-1] == 3 and array.shape[-2] != 3:
            series = {name: (array[..., index], colour) for index, (name, colour) in enumerate(_CHANNELS)}
        else:
            series = {"pixels": (array, None)}
    for name, (values, _) in series.items():
        if values.size == 0 or values.dtype.kind not in "uifb":
            raise InputError("A histogram needs numbers.", where=name, found=f"{values.dtype}, shape {values.shape}")
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            first = int(np.flatnonzero(~np.isfinite(values))[0])
            raise InputError("A value is NaN or infinite.", where=f"{name}, flat index {first}")
    if not series:
        raise InputError("A histogram needs numbers.", found="an empty dict")
    return series


def _limits(arrays):
    if all(values.dtype == np.uint8 for values in arrays):
        return 0, 256
    low = min(float(values.min()) for values in arrays)
    high = max(float(values.max()) for values in arrays)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _count(values, bins, limits):
    """Count values in slices: np.histogram of sixty thousand pictures at once would copy them as floats."""
    counts = np.zeros(bins, dtype="int64")
    edges = np.linspace(*limits, bins + 1)
    values = np.atleast_1d(values)
    step = max(1, _SLICE // max(1, values[0].size))
    for start in range(0, len(values), step):
        part = values[start : start + step].ravel()
        if part.dtype == np.uint8:
            # Ten times faster: count the 256 values first, then put those into bins.
            counts += np.histogram(np.arange(256), bins=edges, weights=np.bincount(part, minlength=256))[0].astype(int)
        else:
            counts += np.histogram(part, bins=edges)[0]
    return counts, edges


def _describe(name, values, counts, edges):
    place = int(counts.argmax())
    mean = number(float(values.mean(dtype="float64")))
    peak = f"most often between {number(edges[place])} and {number(edges[place + 1])}"
    return f"{name.capitalize()}: mean {mean}, {peak} ({percent(counts[place] / counts.sum(), 0)})."
