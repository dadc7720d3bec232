"""Can the model's confidence be believed? The reliability diagram."""

from ..calibration import calibration
from .alt import describe, number
from .figures import Drawing, new_axes
from .style import MUTED_COLOUR, PALETTE, SMALL_TEXT_SIZE


def show_calibration(report, bins=10, *, ax=None):
    """Draw accuracy against confidence: on the diagonal, 80 % sure means right in 80 % of the cases.

    Under the diagonal the model is over-confident, above it too modest. The expected calibration error
    (ECE) is the mean distance from the diagonal, weighted by the number of images (Guo et al., "On
    calibration of modern neural networks", ICML 2017).

    Parameters
    ----------
    report : Report
        With probabilities.
    bins : int, default 10
        Intervals of equal width.
    ax : Axes, optional

    Returns
    -------
    Drawing
        ``(fig, ax)``.

    Raises
    ------
    InputError
        If the report has no probabilities.
    """
    result = calibration(report, bins)
    fig, ax = new_axes(ax, size=(5.8, 5.0))
    ax.plot([0, 1], [0, 1], "--", color=MUTED_COLOUR, linewidth=1.5, label="perfectly calibrated")
    ax.vlines(
        result.confidence, result.accuracy, result.confidence, color=PALETTE[1], linewidth=4, alpha=0.6, label="gap"
    )
    # Area grows with the number of images, so that the eye weighs the bins as the error does.
    area = 25 + 275 * result.counts / result.counts.max()
    ax.plot(result.confidence, result.accuracy, color=PALETTE[0], linewidth=1.5)
    ax.scatter(
        result.confidence, result.accuracy, s=area, color=PALETTE[0], zorder=3, label="this model (size: images)"
    )
    ax.set(
        xlabel="confidence (probability of the answer)",
        ylabel="accuracy (share correct)",
        xlim=(0, 1.03),
        ylim=(0, 1.03),
    )
    ax.set_aspect("equal")
    ax.grid(visible=True)
    legend = ax.legend(loc="upper left", fontsize=SMALL_TEXT_SIZE)
    for handle in legend.legend_handles[2:]:
        handle.set_sizes([60])
    ax.set_title(f"Expected calibration error {result.error:.3f}")
    describe(fig, _describe(report, result), ax)
    return Drawing(fig, ax)


def _describe(report, result):
    mean = float(report.probabilities.max(axis=1).mean())
    side = "over-confident" if mean > report.accuracy else "too modest"
    points = ", ".join(f"{number(a)} at {number(c)}" for c, a in zip(result.confidence, result.accuracy, strict=True))
    return (
        f"Reliability diagram of {report.n:,} images: accuracy {points} confidence. Mean confidence {number(mean)}, "
        f"accuracy {number(report.accuracy)}: {side}. Expected calibration error {number(result.error)}."
    )
