"""Confusion explorer: click a cell of the confusion matrix and look at its pictures."""

from functools import partial

import numpy as np

from ..inputs import check_report
from ..plots.alt import listing, percent
from ..plots.style import COUNT_MAP
from .albums import Album, sure
from .controls import Action, Hidden, Toggle
from .explorer import Explorer
from .panels import Group, Mark, Numbers, Picture, Text, View
from .pixels import fills

MISTAKE_MAP = "Oranges"
MOST_CLASSES, CHOSEN_CLASSES = 20, 15  # a table of more does not fit on the page; then this many are chosen
_CELL, _CHOSEN = 34, "#000000"
_SMALL, _LARGE = (68, 16), (94, 12)  # width on the page and number of pictures: small ones, photographs
_BESIDE, _BELOW = 312, 790  # width of all of them, beside the table, and below a large one
_LARGE_TABLE = 12


def most_confused_classes(confusion, count=CHOSEN_CLASSES):
    """Choose the classes that are most often mistaken for one another.

    Again and again the class with the fewest mistakes among those that are left is taken out. That need not find the
    very largest sum, but comes near it: Asahiro, Iwama, Tamaki and Tokuyama 2000, "Greedily Finding a Dense Subgraph"
    (Journal of Algorithms 34, 203-221).

    Parameters
    ----------
    confusion : ndarray, (k, k), int
        Images by true class (row) and predicted class (column).
    count : int, default 15

    Returns
    -------
    ndarray, (count,), int
        Their numbers, in ascending order; all if there are no more.

    Examples
    --------
    >>> most_confused_classes(np.array([[9, 0, 4], [1, 9, 0], [5, 0, 9]]), 2).tolist()
    [0, 2]
    """
    both = np.array(confusion, dtype="int64") + np.transpose(confusion)
    np.fill_diagonal(both, 0)
    left = np.arange(len(both))
    while len(left) > count:
        left = np.delete(left, both[np.ix_(left, left)].sum(axis=1).argmin())
    return left


def worst_pairs(confusion):
    """Return the cells beside the diagonal that are not empty, the fullest first, as a list of (row, column).

    Examples
    --------
    >>> worst_pairs(np.array([[9, 0, 4], [1, 9, 0], [5, 0, 9]]))
    [(2, 0), (0, 2), (1, 0)]
    """
    wrong = np.array(confusion)
    np.fill_diagonal(wrong, 0)
    order = np.argsort(-wrong, axis=None, kind="stable")[: np.count_nonzero(wrong)]
    return [tuple(int(place) for place in np.unravel_index(flat, wrong.shape)) for flat in order]


def surest_of(report, true, predicted):
    """Return the images of a cell, those answered with the highest probability first.

    Parameters
    ----------
    report : Report
    true, predicted : int
        Row and column of the matrix.

    Returns
    -------
    ndarray, (m,), int64
        Their numbers; in the order of the data where the classifier gives no probabilities.
    """
    members = np.flatnonzero((report.labels == true) & (report.predictions == predicted))
    if report.probabilities is None:
        return members
    return members[np.argsort(-report.probabilities[members, predicted], kind="stable")]


def confusion_explorer(report):
    """Click a cell of the confusion matrix and look at its pictures, the surest first.

    With more than 20 classes, only the 15 are shown that are most often mistaken for one another.

    Parameters
    ----------
    report : Report
        What `evaluate` returned.

    Returns
    -------
    Explorer

    Raises
    ------
    InputError
        If this is no report.
    """
    check_report(report, "widgets.confusion_explorer")
    matrix = Matrix(report)
    controls = (
        Action("next", "next most frequent mistake"),
        Toggle("shares", "% of the row"),
        Hidden("cell", matrix.pairs[0] if matrix.pairs else (0, 0)),
    )

    return Explorer("Confusion explorer", controls, partial(confusion_view, matrix))


class Matrix:
    """The part of a report that is shown: all of its classes, or the most confused ones.

    Parameters
    ----------
    report : Report

    Attributes
    ----------
    classes : ndarray, (k,), int
        Numbers of the classes shown.
    names : tuple of str
    counts : ndarray, (k, k), int
    totals : ndarray, (k,), int
        Images of each of these classes, also those taken for a class that is not shown.
    pairs : list of (int, int)
        See `worst_pairs`.
    album : Album
    """

    def __init__(self, report):
        confusion = np.asarray(report.confusion)
        self.report = report
        self.classes = most_confused_classes(confusion) if len(confusion) > MOST_CLASSES else np.arange(len(confusion))
        self.names = tuple(str(report.classes[number]) for number in self.classes)
        self.counts = confusion[np.ix_(self.classes, self.classes)]
        self.totals = confusion.sum(axis=1)[self.classes]
        self.shares = self.counts / np.maximum(self.totals, 1)[:, np.newaxis]
        self.pairs = worst_pairs(self.counts)
        self.album = Album(report.images, 112)
        # All that the table can say is written once; only the mark moves.
        self.colours, self.share_colours = _colours(self.counts), _colours(self.shares)
        self.numbers = [[f"{count:,}" if count else "" for count in line] for line in self.counts]
        self.percents = [[_percent(share) if share else "" for share in line] for line in self.shares]
        self.spoken = [
            [f"{_pair(true, answer)}: {count:,}" for answer, count in zip(self.names, line, strict=True)]
            for true, line in zip(self.names, self.counts, strict=True)
        ]
        self.alt = _alt(self)

    def after(self, cell):
        """Return the next most frequent mistake; the first after the last, or where `cell` is none."""
        if not self.pairs:
            return cell
        return self.pairs[(self.pairs.index(cell) + 1) % len(self.pairs) if cell in self.pairs else 0]


def confusion_view(matrix, values, changed=frozenset()):
    """Return the explorer's view: the matrix, and the pictures of the chosen cell.

    Parameters
    ----------
    matrix : Matrix
    values : dict
        ``cell`` (row, column), ``shares`` (bool) and ``next``.
    changed : set of str
        ``next`` goes on to the next most frequent mistake.
    """
    last = len(matrix.names) - 1
    row, column = (min(max(place, 0), last) for place in values["cell"])
    if "next" in changed:
        row, column = matrix.after((row, column))
    found = surest_of(matrix.report, matrix.classes[row], matrix.classes[column])
    panels = (_table(matrix, values["shares"], (row, column)), _pictures(matrix, row, column, found))
    return View(panels, _message(matrix, row, column, len(found)), {"cell": (row, column)})


def _table(matrix, shares, cell):
    texts, (colours, inks) = (matrix.percents, matrix.share_colours) if shares else (matrix.numbers, matrix.colours)
    few = len(matrix.names) < len(matrix.report.classes)
    chosen = f"; the {len(matrix.names)} of {len(matrix.report.classes)} classes most often mistaken for one another"
    return Numbers(
        "matrix",
        f"rows: true class; columns: answer{', in % of the row' if shares else ''}{chosen if few else ''}",
        (matrix.shares if shares else matrix.counts).astype("float64"),
        matrix.alt,
        texts,
        colours,
        inks,
        (Mark(*cell, colour=_CHOSEN),),
        names=matrix.names,
        columns=matrix.names,
        select="cell",
        say=matrix.spoken,
        at=cell,
        cell=_CELL,
    )


def _pictures(matrix, row, column, found):
    width, most = _LARGE if matrix.album.large else _SMALL
    report, numbers = matrix.report, found[:most]
    title = _pair(matrix.names[row], matrix.names[column])
    room = _BESIDE if len(matrix.names) < _LARGE_TABLE else _BELOW
    if not len(numbers):
        nothing = Text("none", "", ("This never happened: there are no pictures.",))
        return Group("pictures", title, (nothing,), "no pictures.", room)
    texts = [""] * len(numbers)
    if report.probabilities is not None:
        texts = [sure(share) for share in report.probabilities[numbers, matrix.classes[column]]]
    pictures = tuple(
        Picture(f"picture {place}", text, pixels, f"image {number}.", width=width, smooth=matrix.album.large)
        for place, (text, number, pixels) in enumerate(zip(texts, numbers, matrix.album.several(numbers), strict=True))
    )
    given = f", answered with {texts[0]} to {texts[-1]}" if texts[0] else ""
    return Group("pictures", title, pictures, f"{len(numbers)} of {len(found):,} pictures{given}.", room)


def _colours(amounts):
    """Return backgrounds and inks of the cells: one scale for the diagonal, another for mistakes."""
    # The square root makes rare mistakes visible beside frequent ones. Each scale ends with its own largest value.
    strength = np.sqrt(amounts)
    right = np.eye(len(amounts), dtype=bool)
    both = [
        np.array(fills(np.where(own, strength, 0), strength[own].max(initial=0) or 1, scale))
        for own, scale in ((right, COUNT_MAP), (~right, MISTAKE_MAP))
    ]
    return np.where(right, *both).tolist()


def _percent(share):
    """Write a share that is not zero, as the course's confusion matrices have it."""
    return f"{100 * share + 1e-9:.0f}" if share >= 0.005 else "<1"


def _pair(true, answer):
    return f"{true} recognised" if true == answer else f"{true} taken for {answer}"


def _alt(matrix):
    counts, names = matrix.counts, matrix.names
    most = [f"{_pair(names[row], names[column])} ({counts[row, column]:,})" for row, column in matrix.pairs[:3]]
    words = f"{len(names)} classes, {counts.trace():,} of {counts.sum():,} images on the diagonal"
    return f"{words}; most frequent mistakes: {listing(most)}." if most else f"{words}, no mistakes."


def _message(matrix, row, column, count):
    true, answer, total = matrix.names[row], matrix.names[column], int(matrix.totals[row])
    if not total:
        return f"There are no pictures of {true}."
    was = "was" if count == 1 else "were"
    share = f"{count:,} of {total:,} pictures of {true} {was}", f"({percent(count / total)})"
    if row == column:
        return f"{share[0]} recognised {share[1]}."
    if not count:
        words = f"No picture of {true} was taken for {answer}."
    else:
        words = f"{share[0]} taken for {answer} {share[1]}" + (
            ", the most frequent mistake." if (row, column) == matrix.pairs[0] else "."
        )
    return f"{words} The other way round it {_times(int(matrix.counts[column, row]))}."


def _times(count):
    return {0: "never happened", 1: "happened once", 2: "happened twice"}.get(count, f"happened {count:,} times")
