"""A cloud of points, one colour for each class: features of pictures, projected to two dimensions."""

import numpy as np

from ..errors import InputError
from .alt import describe, listing, percent
from .figures import Drawing, new_axes
from .style import MARKERS, PALETTE, SMALL_TEXT_SIZE

_NEIGHBOURS = 10


def show_points(points, labels, classes=None, *, title=None, ax=None):
    """Draw points in two dimensions, told apart by colour and marker.

    Parameters
    ----------
    points : ndarray, (n, 2), float
        For example the first two components of a PCA.
    labels : ndarray, (n,), int
        The class of each point.
    classes : sequence of str, optional
        Names of the classes.
    title : str, optional
    ax : Axes, optional

    Returns
    -------
    Drawing
        ``(fig, ax)``.

    Raises
    ------
    InputError
        If these are no points in two dimensions, or not one label for each.
    """
    points, labels = np.asarray(points, dtype="float64"), np.asarray(labels)
    if points.ndim != 2 or points.shape[1] != 2 or not len(points) or not np.isfinite(points).all():
        raise InputError(
            "These are no points in two dimensions.",
            expected="finite numbers, shape (n, 2)",
            found=f"shape {points.shape}",
            fix="PCA(2).fit_transform(features)",
        )
    if labels.shape != (len(points),) or labels.dtype.kind not in "iu":
        raise InputError("Every point needs its label.", expected=f"{len(points)} integers", found=f"{labels.shape}")
    fig, ax = new_axes(ax, size=(6.0, 5.0))
    numbers = np.unique(labels)
    names = [str(number) if classes is None else str(classes[number]) for number in numbers]
    for number, name in zip(numbers, names, strict=True):
        style = {"color": PALETTE[number % len(PALETTE)], "marker": MARKERS[number % len(MARKERS)]}
        ax.scatter(*points[labels == number].T, label=name, s=14, alpha=0.8, linewidths=0, **style)
    ax.set_xticks([])
    ax.set_yticks([])
    if title:
        ax.set_title(title)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=SMALL_TEXT_SIZE, markerscale=1.6, handletextpad=0.2)
    describe(fig, _words(points, labels, names, title), ax)
    return Drawing(fig, ax)


def _words(points, labels, names, title):
    what = f"{title}: " if title else ""
    text = f"{what}{len(points):,} points of {len(names)} classes ({listing(names)})."
    count = min(_NEIGHBOURS, len(points) - 1)
    if count < 1:
        return text
    from scipy.spatial import cKDTree

    near = np.atleast_2d(cKDTree(points).query(points, count + 1)[1])[:, 1:]
    same = (labels[near] == labels[:, None]).mean()
    return f"{text} Of the {count} nearest neighbours of a point, {percent(same, 0)} are of its own class."
