"""Who is taken for whom: the confusion matrix and the worst mistakes."""

import numpy as np

from .. import inputs
from ..errors import InputError
from .alt import describe, listing, percent
from .figures import Drawing, new_axes, new_grid
from .images import draw_picture, own_limits
from .style import COUNT_MAP, SMALL_TEXT_SIZE, WRONG_COLOUR

_MOST_WRITTEN = 20  # with more classes the numbers would not be legible


def show_confusion(report, classes=None, normalize=False, ax=None):
    """Draw the confusion matrix: true classes in rows, predicted classes in columns.

    Parameters
    ----------
    report : Report or (true labels, predicted labels)
        What `evaluate` returned, or two arrays of class numbers, (n,).
    classes : sequence of str, optional
        Names of the classes; a report brings its own.
    normalize : bool, default False
        Percentages of each row (of each true class) instead of numbers of images.
    ax : Axes, optional

    Returns
    -------
    Drawing
        ``(fig, ax)``.

    Raises
    ------
    InputError
        If the labels cannot be class numbers; the message names the first bad index.
    """
    import seaborn as sns
    from matplotlib.colors import PowerNorm
    from matplotlib.ticker import MaxNLocator

    counts, classes = _counts(report, classes)
    totals = counts.sum(axis=1, keepdims=True)
    share = 100 * counts / np.maximum(totals, 1)
    k = len(classes)
    # Cells near to square, 0.55 inches wide, and room for the names of the classes.
    names = min(2.0, 0.09 * max(map(len, classes)))
    cells = max(1.6, min(6.0, 0.55 * k))
    fig, ax = new_axes(ax, size=(cells * 1.12 + names + 1.4, cells + 0.75 * names + 0.6))
    shown = share if normalize else counts
    few = k <= _MOST_WRITTEN
    sns.heatmap(
        shown,
        ax=ax,
        cmap=COUNT_MAP,
        # The square root makes the few mistakes visible beside the many right answers.
        norm=PowerNorm(0.5, vmin=0, vmax=max(float(shown.max()), 1)),
        annot=_written(shown) if few else False,
        fmt="",
        annot_kws={"fontsize": SMALL_TEXT_SIZE},
        linewidths=0.5 if few else 0,
        linecolor="#e6e6e6",
        cbar_kws={"label": "% of the true class" if normalize else "images", "shrink": 0.8},
    )
    if not normalize:
        ax.collections[0].colorbar.ax.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, min_n_ticks=1))
    _name_axes(ax, classes)
    describe(fig, _describe_confusion(counts, classes), ax)
    return Drawing(fig, ax)


def show_mistakes(report, n=12, *, ax=None):
    """Show the worst mistakes: wrong answers given with the highest probability, most confident first.

    Parameters
    ----------
    report : Report
        What `evaluate` returned.
    n : int, default 12
        How many at most.
    ax : sequence of Axes, optional

    Returns
    -------
    Drawing
        ``(fig, ax)``, with ax an array of Axes.
    """
    inputs.check_report(report, "show_mistakes")
    order = worst_first(report)[:n]
    if not len(order):
        fig, ax = new_axes(None if ax is None else np.ravel(ax)[0], size=(6.5, 1.2))
        ax.set_axis_off()
        ax.text(0.5, 0.5, f"No mistakes among {report.n:,} images.", ha="center", va="center")
        describe(fig, f"No mistakes among {report.n:,} images.", ax)
        return Drawing(fig, np.array([ax], dtype=object))
    longest = max(map(len, report.classes))
    columns = min(len(order), 4 if longest < 16 else 3)
    rows = -(-len(order) // columns)
    fig, axes = new_grid(rows, columns, size=(max(3.4, 2.1 * columns), 2.1 * rows), axes=ax)
    words = []
    for position, panel in enumerate(axes.flat):
        if position < len(order):
            words.append(_draw_mistake(panel, report, order[position]))
        else:
            panel.set_axis_off()
    describe(fig, f"The {len(order)} worst mistakes of {len(report.mistakes):,}: {'; '.join(words)}.")
    return Drawing(fig, axes.ravel()[: len(order)])


def worst_first(report):
    """Return the indices of all mistakes, (m,), those made with the highest probability first."""
    wrong = np.flatnonzero(report.predictions != report.labels)
    if report.probabilities is None:
        return wrong
    confidence = report.probabilities[wrong, report.predictions[wrong]]
    return wrong[np.argsort(-confidence, kind="stable")]


def _draw_mistake(ax, report, index):
    true, said = (report.classes[report.labels[index]], report.classes[report.predictions[index]])
    answer = said
    if report.probabilities is not None:
        probability = float(report.probabilities[index, report.predictions[index]])
        # Never "100 %": a softmax comes near to certainty and does not reach it.
        answer += f" {percent(min(probability, 0.999), 1 if probability > 0.985 else 0)}"
    picture = report.images[index]
    draw_picture(ax, picture, limits=own_limits(picture))
    ax.set_title(f"is {true}", fontsize=SMALL_TEXT_SIZE, pad=4)
    ax.set_xlabel(f"said {answer}", fontsize=SMALL_TEXT_SIZE, color=WRONG_COLOUR, labelpad=4)
    return f"{true} called {answer}"


def _counts(report, classes):
    """Return the matrix of counts, (k, k), and the names."""
    if hasattr(report, "confusion"):
        return np.asarray(report.confusion), tuple(classes or report.classes)
    if not (isinstance(report, tuple | list) and len(report) == 2):
        raise InputError(
            "A confusion matrix needs a report, or true and predicted labels.",
            found=type(report).__name__,
            fix="cu.show_confusion(cu.evaluate(model, data.test))   or   cu.show_confusion((y_true, y_predicted))",
        )
    k = len(classes) if classes is not None else None
    true = inputs.check_labels(report[0], k, where="true labels")
    predicted = inputs.check_labels(report[1], k, n_images=len(true), where="predicted labels")
    k = k or int(max(true.max(), predicted.max())) + 1
    names = tuple(classes) if classes is not None else tuple(str(index) for index in range(k))
    return np.bincount(true * k + predicted, minlength=k * k).reshape(k, k), names


def _written(shown):
    """Numbers for the cells; zeros stay blank so that mistakes stand out."""
    whole = np.issubdtype(shown.dtype, np.integer)
    return [
        [(f"{value:d}" if whole else f"{value + 1e-9:.0f}" if value >= 0.5 else "<1") if value else "" for value in row]
        for row in shown
    ]


def _name_axes(ax, classes):
    k = len(classes)
    step = 1 if k <= 30 else 5
    places = np.arange(0, k, step)
    names = [classes[place] for place in places]
    long = max(map(len, names)) > 2
    ax.set_xticks(
        places + 0.5,
        names,
        rotation=45 if long else 0,
        ha="right" if long else "center",
        rotation_mode="anchor" if long else None,
    )
    ax.set_yticks(places + 0.5, names, rotation=0)
    ax.tick_params(length=0)
    ax.set_xlabel("predicted class")
    ax.set_ylabel("true class")


def _describe_confusion(counts, classes):
    n, right = int(counts.sum()), int(counts.trace())
    wrong = counts.copy()
    np.fill_diagonal(wrong, 0)
    order = np.argsort(-wrong, axis=None, kind="stable")[:3]
    pairs = [(int(flat // len(classes)), int(flat % len(classes))) for flat in order if wrong.flat[flat]]
    most = listing(f"{classes[row]} for {classes[column]} ({wrong[row, column]:,})" for row, column in pairs)
    share = percent(right / max(n, 1))
    text = f"Confusion matrix of {n:,} images in {len(classes)} classes: {right:,} ({share}) on the diagonal."
    return text + (f" Most often mistaken: {most}." if pairs else " No mistakes.")
