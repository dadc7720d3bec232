"""Embedding map: which picture is which point, and are neighbours on the map neighbours in the features, too?"""

from functools import partial

import numpy as np

from ..errors import InputError
from ..inputs import check_labels
from ..plots.alt import listing
from .albums import Album, named, unpacked
from .controls import Action, Hidden
from .explorer import Explorer
from .panels import Group, Mark, Picture, Points, Text, View

NEIGHBOURS = 5
MOST_POINTS = 2_000
_LARGE, _SMALL, _ROOM = 150, 60, 366  # of pictures and of the column beside the map, in CSS pixels
_BOTH = "#029e73"  # around a picture that is in both lists


def nearest(points, index, count=NEIGHBOURS):
    """Return the points nearest to one of them, without itself.

    Parameters
    ----------
    points : ndarray, (n, d), float
    index : int
    count : int, default 5

    Returns
    -------
    ndarray, (count,), int64
        The nearest first; fewer if there are no more.

    Examples
    --------
    >>> nearest(np.array([[0.0, 0], [5, 0], [1, 0], [0, 2]]), 0, 2).tolist()
    [2, 3]
    """
    away = points - points[index]
    distances = np.einsum("nd,nd->n", away, away)
    distances[index] = np.inf
    count = min(count, len(points) - 1)
    return np.argsort(distances, kind="stable")[:count]


def strays(points, labels, count=NEIGHBOURS):
    """Return the points that lie among points of another class, the loneliest first.

    Parameters
    ----------
    points : ndarray, (n, 2), float
    labels : ndarray, (n,), int
    count : int, default 5
        Neighbours that are looked at.

    Returns
    -------
    list of int
        Points of whose neighbours at most half share their class.

    Examples
    --------
    >>> strays(np.array([[0.0, 0], [0, 1], [1, 0], [9, 9], [9, 8]]), np.array([0, 0, 1, 2, 2]), 1)
    [2]
    """
    from scipy.spatial import cKDTree

    count = min(count, len(points) - 1)
    found = np.atleast_2d(cKDTree(points).query(points, count + 1)[1])
    others = found != np.arange(len(points))[:, np.newaxis]  # the point itself need not come first among equals
    same = ((labels[found] == labels[:, np.newaxis]) & others).sum(axis=1) / np.maximum(others.sum(axis=1), 1)
    order = np.argsort(same, kind="stable")
    return [int(index) for index in order[same[order] <= 0.5]]


def embedding_map(points, images, labels=None, classes=None, predictions=None, features=None):
    """Point at a map's points and look at their pictures, and at those of their neighbours.

    Parameters
    ----------
    points : array_like, (n, 2), float
        For example what t-SNE made of features; at most 2,000 points.
    images : ndarray, (n, height, width, channels), or split
        The picture of each point, in the same order. A split brings labels and classes; photographs in files are
        decoded when they are looked at.
    labels : array_like, (n,), int, optional
    classes : sequence of str, optional
    predictions : array_like, (n,), int, optional
        What a classifier answered: wrong answers get a ring.
    features : array_like, (n, d), float, optional
        What the map was made of: shows the nearest neighbours there, too, and how many of them are neighbours on the
        map.

    Returns
    -------
    Explorer

    Raises
    ------
    InputError
        If these are no points in two dimensions, or not a picture, a label, a prediction and a row of features for
        each.
    """
    cloud = Cloud(points, images, labels, classes, predictions, features)
    controls = [Hidden("point", cloud.strays[0] if cloud.strays else 0)]
    if cloud.strays:
        controls.append(Action("stray", "next picture among another class"))

    return Explorer("Embedding map", controls, partial(embedding_view, cloud))


class Cloud:
    """What the map shows, checked: see `embedding_map`.

    Attributes
    ----------
    points : ndarray, (n, 2), float64
    features : ndarray, (n, d), float32, or None
    labels : ndarray, (n,), int64
    classes : tuple of str
    wrong : tuple of int
        Points with a wrong prediction.
    strays : list of int
    """

    def __init__(self, points, images, labels, classes, predictions, features):
        self.points = _checked_points(points)
        images, labels, classes = unpacked(images, labels, classes)
        n = len(self.points)
        _check_length("images", images, n)
        if labels is None:
            raise InputError("A map is coloured by class: it needs a label for each point.", fix="labels=split.labels")
        self.labels = labels
        self.classes = classes or tuple(str(number) for number in range(int(labels.max()) + 1))
        self.predictions = None
        if predictions is not None:
            self.predictions = check_labels(predictions, len(self.classes), n_images=n, where="predictions")
        self.features = None if features is None else _checked_features(features, n)
        self.wrong = () if predictions is None else tuple(np.flatnonzero(self.predictions != labels).tolist())
        self.strays = strays(self.points, labels)
        self.large, self.small = Album(images, 180), Album(images, 64)

    def after(self, point):
        """Return the next stray point."""
        place = self.strays.index(point) + 1 if point in self.strays else 0
        return self.strays[place % len(self.strays)]


def embedding_view(cloud, values, changed=frozenset()):
    """Return the explorer's view: the map, the chosen point's picture and its neighbours.

    Parameters
    ----------
    cloud : Cloud
    values : dict
        ``point`` (its number).
    changed : set of str
        ``stray`` goes on to the next picture among another class.
    """
    point = min(max(values["point"], 0), len(cloud.points) - 1)
    if "stray" in changed:
        point = cloud.after(point)
    near = nearest(cloud.points, point)
    close = near if cloud.features is None else nearest(cloud.features, point)
    both = np.intersect1d(near, close)
    panels = [_picture(cloud, point), _row(cloud, "near", "nearest on the map", near, both)]
    if cloud.features is not None:
        title = f"nearest in {cloud.features.shape[1]:,} dimensions (framed: in both lists)"
        panels.append(_row(cloud, "close", title, close, both))
    side = Group("side", "", tuple(panels), " ".join(panel.alt for panel in panels), _ROOM)
    return View((_map(cloud, point, close), side), _message(cloud, point, near, close, both), {"point": point})


def _map(cloud, point, close):
    ringed = f" A ring says: answered wrongly ({len(cloud.wrong):,})." if cloud.predictions is not None else ""
    linked = () if cloud.features is None else tuple(close.tolist())
    lines = f" Lines lead to the nearest in {cloud.features.shape[1]:,} dimensions." if linked else ""
    alt = f"{len(cloud.points):,} points of {len(cloud.classes)} classes.{ringed}{lines}"
    title = f"{len(cloud.points):,} pictures"
    return Points(
        "map", title, cloud.points, cloud.labels, cloud.classes, "point", point, alt, ringed=cloud.wrong, linked=linked
    )


def _picture(cloud, point):
    name = named(cloud.classes, cloud.labels[point])
    lines = [name]
    if cloud.predictions is not None:
        right = cloud.predictions[point] == cloud.labels[point]
        lines.append("answered rightly" if right else f"taken for {named(cloud.classes, cloud.predictions[point])}")
    width = _LARGE if not cloud.large.large else _LARGE + 30
    picture = Picture("picture", "", cloud.large[point], f"{name}.", width=width, smooth=cloud.large.large)
    return Group(
        "chosen", f"picture {point}", (picture, Text("words", "", tuple(lines))), ", ".join(lines) + ".", _ROOM
    )


def _row(cloud, key, title, indices, both):
    pictures = []
    for place, (index, pixels) in enumerate(zip(indices.tolist(), cloud.small.several(indices), strict=True)):
        name = named(cloud.classes, cloud.labels[index])
        shared = cloud.features is not None and index in both
        marks = (Mark(0, 0, *pixels.shape[:2], colour=_BOTH),) if shared else ()
        alt = "in both lists." if shared else f"picture {index}."
        options = {"width": _SMALL, "smooth": cloud.small.large, "marks": marks, "pick": ("point", index)}
        pictures.append(Picture(f"{key} {place}", name, pixels, alt, **options))
    names = listing(named(cloud.classes, cloud.labels[index]) for index in indices)
    return Group(key, title, tuple(pictures), f"{names}.", _ROOM)


def _message(cloud, point, near, close, both):
    name, count = named(cloud.classes, cloud.labels[point]), len(near)
    same = int((cloud.labels[near] == cloud.labels[point]).sum())
    if cloud.features is None:
        return f"{name}: {same} of its {count} nearest neighbours on the map are of the same class."
    own = int((cloud.labels[close] == cloud.labels[point]).sum())
    dimensions = f"{cloud.features.shape[1]:,} dimensions"
    return (
        f"{name}: of its {count} nearest neighbours, {same} on the map and {own} in {dimensions} are of the same "
        f"class. {len(both)} of the {count} nearest in {dimensions} are also among the nearest on the map."
    )


def _checked_points(points):
    points = np.asarray(points, dtype="float64")
    if points.ndim != 2 or points.shape[1] != 2 or len(points) < 2 or not np.isfinite(points).all():
        raise InputError(
            "These are no points in two dimensions.",
            expected="finite numbers, shape (n, 2), at least two points",
            found=f"shape {points.shape}",
            fix="PCA(2).fit_transform(features)",
        )
    if len(points) > MOST_POINTS:
        raise InputError(
            "Too many points for a map to point at.",
            expected=f"at most {MOST_POINTS:,}",
            found=f"{len(points):,}",
            fix="some = split.subset(1_000), and the map of these",
        )
    return points


def _checked_features(features, n):
    features = np.asarray(features)
    if features.ndim < 2 or features.dtype.kind not in "fiu" or not np.isfinite(features).all():
        raise InputError(
            "features is what the map was made of: a row of finite numbers for each point.",
            expected=f"shape ({n}, d)",
            found=f"{features.dtype}, shape {features.shape}",
        )
    _check_length("features", features, n)
    return features.reshape(n, -1).astype("float32", copy=False)


def _check_length(name, values, n):
    if len(values) != n:
        raise InputError(
            f"Each point needs its part of {name}.",
            expected=f"{n:,}, as many as there are points",
            found=f"{len(values):,}",
            fix="Give the pictures the map was made of, in the same order.",
        )
