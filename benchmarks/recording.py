"""The clock of a measurement, and a callback that every ``fit`` of the process is given from outside."""

import time
from contextlib import contextmanager
from dataclasses import dataclass

import keras


@dataclass(frozen=True)
class Moment:
    """CPU seconds (user and system, all threads) and wall seconds."""

    cpu: float
    wall: float

    def __sub__(self, other):
        return Moment(self.cpu - other.cpu, self.wall - other.wall)


class Clock:
    """Seconds of this process, without what was spent on measuring, and what was noted meanwhile.

    Parameters
    ----------
    seconds : callable, optional
        () → (CPU seconds, wall seconds); for tests.

    Attributes
    ----------
    epochs : list of dict
        One per epoch of every ``fit``: ``cpu_seconds`` and ``wall_seconds`` since the work began, ``own_cpu_seconds``
        of the epoch, its accuracies.
    stages : list of dict
        What was done in part: ``name``, ``cpu_seconds``, ``done`` of ``of``.
    epoch_scale : float
        How many times longer an epoch on all images is.
    networks : set of int
        One per model that was trained.
    prepared_for : float
        Wall seconds of what was prepared before the first ``fit``: the work's, but not the training's.
    """

    def __init__(self, seconds=None):
        self._seconds = seconds or (lambda: (time.process_time(), time.perf_counter()))
        self._out = Moment(0.0, 0.0)
        self.began = self.ended = self.now()
        self.epochs, self.stages, self.fit_cpu_seconds, self.epoch_scale = [], [], 0.0, 1.0
        self.networks, self.prepared_for = set(), 0.0

    def now(self) -> Moment:
        """Return the seconds since the process began, pauses left out."""
        return Moment(*self._seconds()) - self._out

    @property
    def paused_for(self) -> Moment:
        """The seconds left out so far."""
        return self._out

    def begin(self):
        """The data are loaded: from here on it is the recipe's work."""
        self.began = self.ended = self.now()

    @contextmanager
    def paused(self):
        """Leave out what happens in the block."""
        before = Moment(*self._seconds())
        try:
            yield
        finally:
            spent = Moment(*self._seconds()) - before
            self._out = Moment(self._out.cpu + spent.cpu, self._out.wall + spent.wall)

    @contextmanager
    def stage(self, name, done, of):
        """Note a step that was done for so many pieces of the whole, so that its time can be extrapolated."""
        before = self.now()
        yield
        spent = (self.now() - before).cpu
        self.stages.append({"name": name, "cpu_seconds": round(spent, 3), "done": done, "of": of})

    def scale_epochs(self, images, of_images):
        """Note that the epochs to come see only some of the images."""
        self.epoch_scale = of_images / images


def recorder(clock, test_accuracy=None):
    """Return a callback that notes every epoch on a clock.

    Parameters
    ----------
    clock : Clock
    test_accuracy : callable, optional
        Model → accuracy on the test images; asked after every epoch with the clock stopped.
    """

    class Recorder(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            clock.networks.add(id(self.model))
            self.began = self.last = clock.now()

        def on_epoch_end(self, epoch, logs=None):
            now = clock.now()
            since, own = now - clock.began, now - self.last
            row = {
                "cpu_seconds": round(since.cpu, 3),
                "wall_seconds": round(since.wall, 3),
                "own_cpu_seconds": round(own.cpu, 3),
                **{name: round(float(value), 5) for name, value in (logs or {}).items() if "accuracy" in name},
            }
            if test_accuracy is not None:
                with clock.paused():
                    row["test_accuracy"] = round(float(test_accuracy(self.model)), 5)
            clock.epochs.append(row)
            self.last = clock.now()

        def on_train_end(self, logs=None):
            clock.ended = clock.now()
            clock.fit_cpu_seconds += (clock.ended - self.began).cpu

    return Recorder()


@contextmanager
def every_fit(clock, test_accuracy=None, before=None):
    """Give every ``model.fit`` in the block one more callback; the code that calls it stays as it is.

    Parameters
    ----------
    clock : Clock
    test_accuracy : callable, optional
        As of `recorder`.
    before : callable, optional
        Called once before the first ``fit``, with the clock running: work that `test_accuracy` would else do with the
        clock stopped.
    """
    original, waiting = keras.Model.fit, [before] if before else []

    def fit(model, *args, callbacks=None, **options):
        while waiting:
            began = clock.now()
            waiting.pop()()
            clock.prepared_for += (clock.now() - began).wall
        given = list(callbacks) if isinstance(callbacks, list | tuple) else [callbacks] if callbacks else []
        return original(model, *args, callbacks=[*given, recorder(clock, test_accuracy)], **options)

    own = "fit" in vars(keras.Model)
    keras.Model.fit = fit
    try:
        yield
    finally:
        if own:
            keras.Model.fit = original
        else:
            del keras.Model.fit
