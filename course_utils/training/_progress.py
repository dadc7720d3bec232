"""How far a fit is and how long it will take: plain numbers, no drawing."""

import time


class Progress:
    """Counts batches and epochs and estimates the time left.

    The first batch of a fit is left out of the estimate: it includes compiling the model.

    Parameters
    ----------
    epochs : int
        Number of the last epoch.
    steps : int or None
        Batches of an epoch; None if unknown, then known from the first epoch on.
    clock : callable, optional
        Returns seconds.
    """

    def __init__(self, epochs, steps=None, clock=time.monotonic):
        self.epochs = epochs
        self.steps = steps
        self.epoch = None  # the epoch being trained, from 0
        self.batch = 0  # batches done in this epoch
        self.validating = False
        self._clock = clock
        self._began = clock()
        self._epoch_began = self._began
        self._batch_seconds = 0.0
        self._batches_timed = 0
        self._last_batch_end = None
        self._validation_began = None
        self._validation_seconds = 0.0

    @property
    def elapsed(self):
        """Seconds since the fit began."""
        return self._clock() - self._began

    @property
    def epoch_seconds(self):
        """Seconds since the current epoch began."""
        return self._clock() - self._epoch_began

    @property
    def epoch_fraction(self):
        """Part of the epoch's batches that is done, in [0, 1]; None if the number of batches is unknown."""
        return min(self.batch / self.steps, 1.0) if self.steps else None

    @property
    def fraction(self):
        """Part of all epochs that is done, in [0, 1]."""
        return min(
            ((self.epoch or 0) + (self.epoch_fraction or 0.0)) / max(self.epochs, 1),
            1.0,
        )

    @property
    def seconds_left(self):
        """Estimate of the seconds left, or None while there is nothing to go by."""
        if not self.steps or not self._batches_timed or self.epoch is None:
            return None
        per_batch = self._batch_seconds / self._batches_timed
        epochs_to_come = self.epochs - self.epoch - 1
        batches = self.steps - min(self.batch, self.steps) + epochs_to_come * self.steps
        validations = epochs_to_come + (0 if self.epoch_ended else 1)
        return per_batch * batches + self._validation_seconds * validations

    def begin_epoch(self, epoch):
        """Note that an epoch begins; `epoch` counts from 0."""
        self.epoch, self.batch, self.epoch_ended = epoch, 0, False
        self._epoch_began = self._clock()
        self._last_batch_end = None

    def end_batch(self, batch):
        """Note that a batch is done; `batch` counts from 0 within the epoch."""
        now = self._clock()
        if self._last_batch_end is not None:
            self._batch_seconds += now - self._last_batch_end
            self._batches_timed += batch + 1 - self.batch
        self.batch = batch + 1
        self._last_batch_end = now

    def begin_validation(self):
        """Note that the epoch's batches are done and validation begins."""
        self.validating = True
        self._validation_began = self._clock()

    def end_epoch(self):
        """Note that an epoch is done."""
        if self._validation_began is not None:
            self._validation_seconds = self._clock() - self._validation_began
        self._validation_began, self.validating, self.epoch_ended = None, False, True
        self.steps = self.steps or self.batch

    epoch_ended = False


def clock_text(seconds):
    """Return seconds as minutes and seconds, or hours, minutes and seconds.

    Examples
    --------
    >>> clock_text(75), clock_text(3675)
    ('1:15', '1:01:15')
    """
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
