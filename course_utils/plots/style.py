"""One look for every figure of the course: palette, line styles, colour maps, sizes."""

import threading

from .._display import in_kernel

# seaborn's "colorblind" palette (after Okabe and Ito), spelled out so that drawing a line needs no seaborn.
PALETTE = ("#0173b2", "#de8f05", "#029e73", "#d55e00", "#cc78bc", "#ca9161", "#949494", "#56b4e9", "#ece133", "#fbafe4")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "*")
DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)), (0, (8, 2)), (0, (3, 1, 1, 1)))
TRAIN_LINE = "-"
VALIDATION_LINE = "--"

GREY_MAP = "gray"  # pictures
SEQUENTIAL_MAP = "viridis"  # amounts
SIGNED_MAP = "RdBu_r"  # kernels and feature maps: blue below zero, white at zero, red above
COUNT_MAP = "Blues"  # tables of counts with numbers written on them

TEXT_SIZE = 12
SMALL_TEXT_SIZE = 11  # the smallest that is legible from the back of a room
WIDTH = 8.5  # inches; 850 px in a notebook
WRONG_COLOUR = PALETTE[3]
MUTED_COLOUR = "#555555"

STYLE = {
    "figure.dpi": 100,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "font.size": TEXT_SIZE,
    "axes.titlesize": TEXT_SIZE + 1,
    "axes.labelsize": TEXT_SIZE,
    "xtick.labelsize": SMALL_TEXT_SIZE,
    "ytick.labelsize": SMALL_TEXT_SIZE,
    "legend.fontsize": SMALL_TEXT_SIZE,
    "figure.titlesize": TEXT_SIZE + 2,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "grid.color": "#d8d8d8",
    "grid.linewidth": 0.8,
    "axes.axisbelow": True,
    "lines.linewidth": 2.0,
    "lines.markersize": 6,
    "legend.frameon": False,
    "image.interpolation": "nearest",
    "image.cmap": SEQUENTIAL_MAP,
}

_APPLIED = threading.Event()


def plot_style() -> None:
    """Give every figure of this session the course's look, and its alt text.

    Sets matplotlib's ``rcParams`` and, in a Jupyter kernel, makes every figure (the learner's own too)
    appear as a PNG with alt text. `setup` calls it; calling it twice does no harm.

    Examples
    --------
    >>> plot_style()
    """
    import matplotlib as mpl
    from cycler import cycler

    from .figures import register_figure_display

    if in_kernel():
        _show_inline(mpl)
    mpl.rcParams.update(STYLE)
    mpl.rcParams["axes.prop_cycle"] = cycler(color=PALETTE)
    register_figure_display()
    _APPLIED.set()


def _show_inline(mpl):
    """Load the notebook's backend now, for doing so resets settings; also if MPLBACKEND is Agg, which shows nothing."""
    from IPython import get_ipython

    if "inline" in mpl.get_backend() or mpl.get_backend().lower() == "agg":
        get_ipython().run_line_magic("matplotlib", "inline")


def apply_once() -> None:
    """Call `plot_style` unless it was called before, so that a learner's later changes to the style stay."""
    if not _APPLIED.is_set():
        plot_style()


def signed_limit(*arrays) -> float:
    """Return the largest absolute value, so that ``(-limit, limit)`` puts zero in the middle of a colour map.

    Parameters
    ----------
    *arrays : array_like
        Numbers of any shape.

    Returns
    -------
    float
        Greater than zero.

    Examples
    --------
    >>> signed_limit([-3, 1], [2])
    3.0
    """
    import numpy as np

    limit = max((float(np.abs(np.asarray(array, dtype="float64")).max(initial=0)) for array in arrays), default=0.0)
    return limit or 1.0
