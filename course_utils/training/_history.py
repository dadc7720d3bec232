"""Histories of training as dictionaries of lists, one value per epoch."""

import math


def append_epoch(history, logs):
    """Add an epoch's values in place; what an epoch has no value for is NaN, so that all lists stay equally long.

    Parameters
    ----------
    history : dict of str to list of float
    logs : dict of str to float
        What Keras hands to ``on_epoch_end``; the validation is missing where ``validation_freq`` says so.

    Examples
    --------
    >>> history = {"loss": [0.9]}
    >>> append_epoch(history, {"loss": 0.5, "val_loss": 0.6})
    >>> history
    {'loss': [0.9, 0.5], 'val_loss': [nan, 0.6]}
    """
    done = max(map(len, history.values()), default=0)
    for name in [*history, *(name for name in logs if name not in history)]:
        history.setdefault(name, [math.nan] * done).append(float(logs.get(name, math.nan)))
