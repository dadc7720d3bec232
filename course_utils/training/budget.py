"""A time limit for ``model.fit``."""

import math
import time

import keras

from .. import _display
from ..errors import InputError
from .schedule import unfinished_schedule


class TimeBudget(keras.callbacks.Callback):
    """Keras callback that ends a fit when its time is up, and says so.

    The clock starts with each fit. After the batch in which time runs out, the epoch's validation still runs, so
    that the history is complete; weights and history are kept.

    Parameters
    ----------
    minutes : float
        Time for the whole fit, > 0.
    finish_epoch : bool, optional
        Go on to the end of the epoch in which time runs out.
    clock : callable, optional
        Returns seconds; a test puts its own here.

    Attributes
    ----------
    used_up : bool
        Whether the last fit was ended by this callback.

    Raises
    ------
    InputError
        If `minutes` is not a number above 0.

    Examples
    --------
    >>> model.fit(x, y, epochs=100, callbacks=[cu.TimeBudget(minutes=3)])  # doctest: +SKIP
    """

    def __init__(self, minutes, *, finish_epoch=False, clock=time.monotonic):
        super().__init__()
        if isinstance(minutes, bool) or not isinstance(minutes, int | float) or not 0 < minutes < math.inf:
            raise InputError(
                "A time budget is a number of minutes above 0.",
                found=repr(minutes),
                fix="Write for example cu.TimeBudget(minutes=3).",
            )
        self.minutes = minutes
        self.finish_epoch = finish_epoch
        self.used_up = False
        self._clock = clock
        self._deadline = math.inf
        self._epoch = 0

    def on_train_begin(self, logs=None):
        """Start the clock."""
        self.used_up = False
        self._deadline = self._clock() + 60 * self.minutes

    def on_epoch_begin(self, epoch, logs=None):
        """Remember the epoch, for the message."""
        self._epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        """Ask for the end of the fit when time is up."""
        if not self.finish_epoch and not (self._is_last_epoch() and batch + 1 == self.params.get("steps")):
            self._check()

    def on_epoch_end(self, epoch, logs=None):
        """Ask for the end of the fit when time is up, unless this was the last epoch anyway."""
        if not self._is_last_epoch():
            self._check()

    def on_train_end(self, logs=None):
        """Say that the time was up."""
        if not self.used_up:
            return
        text = (
            f"The time budget of {self.minutes:g} min is used up: training ended in epoch {self._epoch + 1} of "
            f"{self.params.get('epochs')}. Weights and history are kept."
        )
        text = " ".join(filter(None, [text, unfinished_schedule(self.model)]))
        _display.show(f"<p>{text}</p>", text)

    def _is_last_epoch(self):
        return self._epoch + 1 == self.params.get("epochs")

    def _check(self):
        if not self.model.stop_training and self._clock() >= self._deadline:
            self.used_up = True
            self.model.stop_training = True
