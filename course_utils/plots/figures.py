"""Making figures, handing them back, and showing each exactly once with its alt text."""

import base64
import io
import sys
from html import escape

import numpy as np

from .._display import in_kernel
from ..errors import InputError
from .alt import alt_text
from .style import apply_once

_SHARPNESS = 1.5  # pixels in the PNG per pixel on the page: crisp on dense screens, files stay small
_MOST_OPEN = 20  # matplotlib warns above this many open figures


class Drawing(tuple):
    """A figure and its axes, ``fig, ax = cu.show_images(...)``, that a notebook shows once.

    Unpacks like the tuple ``(fig, ax)``. As the last line of a cell it prints nothing: the notebook
    shows the open figure when the cell ends. Written again in a later cell, it shows the figure again.
    """

    __slots__ = ()

    def __new__(cls, fig, ax):
        return super().__new__(cls, (fig, ax))

    @property
    def fig(self):
        """The matplotlib Figure."""
        return self[0]

    @property
    def ax(self):
        """The Axes, or an array of them."""
        return self[1]

    def __repr__(self):
        return f"<Drawing: {alt_text(self.fig)}>"

    def _ipython_display_(self):
        if in_kernel() and not _is_open(self.fig):
            from IPython.display import display

            display(self.fig)


def new_axes(ax=None, *, size=(6.5, 4.0)):
    """Return ``(fig, ax)``: the axes given, or those of a new figure.

    Parameters
    ----------
    ax : Axes, optional
    size : tuple of float
        Width and height of a new figure, in inches.
    """
    if ax is not None:
        return _figure_of(ax), ax
    fig = new_figure(size)
    return fig, fig.add_subplot()


def new_grid(rows, columns, *, size, axes=None, **options):
    """Return ``(fig, axes)`` with axes an object array of shape (rows, columns)."""
    if axes is not None:
        given = np.empty(np.size(axes), dtype=object)
        given[:] = list(np.ravel(np.asarray(axes, dtype=object)))
        if given.size < rows * columns:
            raise InputError(
                "There are not enough axes to draw on.",
                expected=f"{rows * columns} axes",
                found=f"{given.size}",
                fix="Leave ax out, or make more with plt.subplots(rows, columns).",
            )
        return _figure_of(given[0]), given[: rows * columns].reshape(rows, columns)
    fig = new_figure(size)
    return fig, fig.subplots(rows, columns, squeeze=False, **options)


def new_figure(size):
    """Return a new figure in the course's look; pyplot knows it only where somebody will show it."""
    import matplotlib as mpl

    apply_once()
    if in_kernel() or mpl.get_backend().lower() != "agg":
        import matplotlib.pyplot as plt

        if _inline() and len(plt.get_fignums()) >= _MOST_OPEN:
            # Two hundred figures from one loop: show what is there, so that memory stays bounded.
            sys.modules["matplotlib_inline.backend_inline"].show(close=True)
        return plt.figure(figsize=size, layout="constrained")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    fig = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(fig)
    return fig


def register_figure_display() -> None:
    """In a kernel, show every matplotlib figure as a PNG that carries its alt text."""
    if not in_kernel():
        return
    from IPython import get_ipython
    from matplotlib.figure import Figure

    formatter = get_ipython().display_formatter
    # A formatter registered per type wins over the bundle, so the plain PNG one has to go.
    formatter.formatters["image/png"].pop(Figure, None)
    formatter.mimebundle_formatter.for_type(Figure, figure_bundle)


def figure_bundle(fig):
    """Return ``(data, metadata)`` of a figure for Jupyter.

    JupyterLab and nbconvert's "lab" template leave out the alt text in the metadata of an
    ``image/png``, but show an HTML ``<img alt=...>``; other tools take the PNG. So both are there.

    Parameters
    ----------
    fig : Figure

    Returns
    -------
    tuple of dict
    """
    if not fig.axes and not fig.lines and not fig.texts:
        return {}, {}
    text = alt_text(fig)
    png, width, height = _png(fig, text)
    encoded = base64.b64encode(png).decode("ascii")
    html = (
        f'<img alt="{escape(text)}" width="{width}" src="data:image/png;base64,{encoded}" '
        'style="max-width:100%;height:auto">'
    )
    data = {"text/html": html, "image/png": encoded, "text/plain": text}
    return data, {"image/png": {"alt": text, "width": width, "height": height}}


def _png(fig, text):
    stream = io.BytesIO()
    fig.savefig(
        stream,
        format="png",
        dpi=fig.dpi * _SHARPNESS,
        bbox_inches="tight",
        pad_inches=0.08,
        facecolor=fig.get_facecolor(),
        metadata={"Description": text},
    )
    png = stream.getvalue()
    # Width and height stand in the first chunk of a PNG file, bytes 16-24, big-endian.
    width, height = (int.from_bytes(png[start : start + 4], "big") for start in (16, 20))
    return png, round(width / _SHARPNESS), round(height / _SHARPNESS)


def _figure_of(ax):
    if not hasattr(ax, "get_figure"):
        raise InputError(
            "ax must be a matplotlib Axes.", found=type(ax).__name__, fix="fig, ax = plt.subplots()   and pass ax=ax"
        )
    return ax.get_figure()


def _inline():
    return "matplotlib_inline.backend_inline" in sys.modules and "inline" in sys.modules["matplotlib"].get_backend()


def _is_open(fig):
    from matplotlib._pylab_helpers import Gcf

    return any(manager.canvas.figure is fig for manager in Gcf.get_all_fig_managers())
