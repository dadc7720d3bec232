"""``cu.is_trained()``: whether a fit of a network came to its end, or the course's weights are in it."""


def is_trained(model) -> bool:
    """Say whether a ``fit`` of this very model has come to its end, or `course_utils.load_checkpoint` has filled it.

    A network that was built anew is another model, and not trained; neither is one whose only ``fit`` was broken off by
    an error or an interrupt (the toolbar's ■ ends it properly). Of a training in several calls of ``fit`` one that has
    come to its end is enough: broken off in a later one, the network counts as trained.

    Parameters
    ----------
    model : keras.Model

    Returns
    -------
    bool
        Of a ``fit`` only those count that had a `course_utils.LiveTraining` among their callbacks.
    """
    from ..checkpoints.loading import is_filled
    from ..results.cpu_time import spent_cpu_seconds

    return spent_cpu_seconds(model) is not None or is_filled(model)
