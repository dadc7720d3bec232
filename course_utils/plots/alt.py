"""Alt text: what a figure shows, in words made from its own data."""

import weakref

import numpy as np

# Figure -> {Axes or None: text}; weak, so that describing a figure does not keep it alive.
_DESCRIPTIONS = weakref.WeakKeyDictionary()


def describe(fig, text, ax=None) -> None:
    """Attach a description to a figure, or to one axes of it (several are joined).

    Parameters
    ----------
    fig : Figure
    text : str
        One or two sentences with the numbers a reader would take from the picture.
    ax : Axes, optional
        The part of the figure described. Describing it again adds to the text.
    """
    parts = _DESCRIPTIONS.setdefault(fig, {})
    key = None if ax is None else id(ax)
    parts[key] = text if key not in parts or parts[key] == text else f"{parts[key]} {text}"


def alt_text(fig) -> str:
    """Return a figure's alt text.

    Figures of the course carry a description made from their data; for any other figure the titles,
    axis labels and the range of each line are put into words.

    Parameters
    ----------
    fig : Figure
        Or what a ``cu.show_...`` function returned.

    Returns
    -------
    str

    Examples
    --------
    >>> from course_utils.plots.lines import show_lines
    >>> alt_text(show_lines({"LeNet": ([0, 90], [0.9, 0.3])}, xlabel="angle (degrees)", ylabel="accuracy"))
    'Lines of accuracy against angle (degrees). LeNet: 0.9 at 0, 0.3 at 90.'
    """
    if isinstance(fig, tuple):
        fig = fig[0]
    title = fig.get_suptitle()
    parts = _DESCRIPTIONS.get(fig)
    words = [text for text in (_describe_axes(ax) for ax in fig.axes) if text] if not parts else [*parts.values()]
    return " ".join([*([f"{title}."] if title else []), *words]) or "An empty figure."


def number(value) -> str:
    """Write a number in at most three significant digits after the point, as people do.

    Examples
    --------
    >>> number(0.12345), number(12.0), number(12345), number(float("nan"))
    ('0.123', '12', '12,345', 'not a number')
    """
    value = float(value)
    if np.isnan(value):
        return "not a number"
    if np.isinf(value):
        return "infinity" if value > 0 else "minus infinity"
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def percent(share, digits=1) -> str:
    """Write a share as a percentage.

    Examples
    --------
    >>> percent(0.975), percent(0.12, 0)
    ('97.5 %', '12 %')
    """
    return f"{100 * share:.{digits}f} %"


def listing(words) -> str:
    """Join words as in a sentence.

    Examples
    --------
    >>> listing(["shirt"]), listing(["shirt", "coat", "bag"])
    ('shirt', 'shirt, coat and bag')
    """
    words = [str(word) for word in words]
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _describe_axes(ax):
    if not ax.get_visible() or ax.get_label() == "<colorbar>":
        return ""
    name = ax.get_title() or "Axes"
    labels = " against ".join(text for text in (ax.get_ylabel(), ax.get_xlabel()) if text)
    words = [f"{name}: {labels}." if labels else f"{name}."]
    for line in ax.get_lines():
        y = np.ma.masked_invalid(np.asarray(line.get_ydata(), dtype="float64"))
        if y.count():
            label = line.get_label()
            label = "A line" if label.startswith("_") else label
            words.append(f"{label} from {number(y.compressed()[0])} to {number(y.compressed()[-1])}.")
    if ax.patches and not ax.get_lines():
        words.append(f"{len(ax.patches)} bars.")
    for image in ax.get_images():
        rows, columns = image.get_array().shape[:2]
        words.append(f"A picture of {columns} by {rows} pixels.")
    return " ".join(words)
