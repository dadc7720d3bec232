"""The learning curves of a fit that is still running, as a picture for the notebook."""


def curves_bundle(history, metrics):
    """Draw learning curves and return what Jupyter shows.

    Parameters
    ----------
    history : dict of str to list of float
        As in ``keras.callbacks.History.history``; one value per epoch.
    metrics : sequence of str
        Which curves: each in its own axes, with its ``val_`` twin.

    Returns
    -------
    data, metadata : dict
        MIME bundle with HTML, PNG and text, each with the alt text.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from ..plots import show_history
    from ..plots.figures import figure_bundle
    from ..plots.style import WIDTH, apply_once

    apply_once()
    # Not made through pyplot: an open figure would be shown a second time when the cell ends.
    fig = Figure(figsize=(WIDTH, 3.2), layout="constrained")
    FigureCanvasAgg(fig)
    axes = fig.subplots(1, len(metrics), squeeze=False)[0]
    show_history(history, metrics=tuple(metrics), ax=axes)
    return figure_bundle(fig)


def show_bundle(handle, data, metadata):
    """Show a bundle in a place of its own, or in the place of an earlier one.

    Parameters
    ----------
    handle : DisplayHandle or None
        What an earlier call returned.
    data, metadata : dict
        From `curves_bundle`.

    Returns
    -------
    DisplayHandle
    """
    if handle is not None:
        handle.update(data, metadata=metadata, raw=True)
        return handle
    from IPython.display import display

    return display(data, metadata=metadata, raw=True, display_id=True)
