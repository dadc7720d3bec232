"""Watching a fit: progress, learning curves as they grow, and a stop button that works."""

import math
import time

import keras

from .. import _display
from ..errors import InputError
from ..results.cpu_time import note_cpu_seconds
from . import _panel, _picture
from ._interrupt import StopSignal
from ._progress import Progress, clock_text
from .schedule import unfinished_schedule

_SHARE = 0.05  # of the training time that drawing may take


class LiveTraining(keras.callbacks.Callback):
    """Keras callback that shows a fit while it runs, and lets the toolbar's ■ end it cleanly.

    In a notebook: progress, time left, the best value so far and the learning curves, updated in place and drawn
    so rarely that drawing takes at most a twentieth of the training time; the last state stays in the saved notebook.
    Elsewhere: one line of text per epoch. Keras's own progress bar is switched off.

    ■ (or Ctrl-C) ends the fit after the current batch; weights and history are kept and the next cell runs as usual.
    Pressed again, it breaks off at once with a KeyboardInterrupt.

    Parameters
    ----------
    every : float, optional
        Least number of seconds between two updates; 0.5 unless given.
    metrics : sequence of str, optional
        Which curves to draw; the loss and the first metric unless given. The last one decides what is best.
    plot : bool, optional
        Whether to draw the curves.

    Raises
    ------
    InputError
        If `every` is not a number above 0.

    Examples
    --------
    >>> history = model.fit(x, y, epochs=8, verbose=0, callbacks=[cu.LiveTraining()])  # doctest: +SKIP
    """

    def __init__(self, every=None, metrics=None, plot=True, *, clock=time.monotonic):
        super().__init__()
        if every is not None and not (isinstance(every, int | float) and every > 0):
            raise InputError("every is a number of seconds above 0.", found=repr(every))
        self.every = 0.5 if every is None else every
        self.metrics = (metrics,) if isinstance(metrics, str) else metrics
        self.plot = plot
        self._clock = clock
        self._stop = StopSignal(on_abandoned=self._leave)

    def set_params(self, params):
        """Take Keras's parameters of the fit, and switch off its progress bar."""
        super().set_params(params)
        # All callbacks get this one dictionary, and Keras's progress bar, always the last, reads it after us.
        params["verbose"] = 0

    def on_train_begin(self, logs=None):
        """Open the view and take over ■."""
        self._progress = Progress(self.params.get("epochs") or 1, self.params.get("steps"), self._clock)
        self._cpu_began = time.process_time()
        self._history = {}  # with the epochs of an earlier session, where training goes on
        self._logs = {}
        self._spent = 0.0  # seconds of drawing
        self._drawn = self._progress.elapsed
        self._picture_seconds = 0.2  # a first guess of what drawing the curves costs
        self._curves_drawn = 0
        self._panel = self._curves = None
        self._stop_shown = False
        self._stop.install(self.model)

    def on_epoch_begin(self, epoch, logs=None):
        """Note the epoch; open the panel at the first one."""
        if self._progress.epoch is None:
            self._history = _earlier_epochs(self.model, epoch)
        self._progress.begin_epoch(epoch)
        self._logs = {}
        if self._panel is None and _display.in_kernel():
            self._panel = _display.live(*self._running())

    def on_train_batch_end(self, batch, logs=None):
        """Move the progress bar now and then."""
        self._progress.end_batch(batch)
        self._logs = logs or {}
        self._refresh()

    def on_test_begin(self, logs=None):
        """Say that validation runs."""
        if self._progress.epoch is not None:
            self._progress.begin_validation()

    def on_test_batch_end(self, batch, logs=None):
        """Keep the clock moving during validation."""
        self._refresh()

    def on_epoch_end(self, epoch, logs=None):
        """Add a point to the curves; in a terminal, print the epoch's line."""
        self._progress.end_epoch()
        self._logs = dict(logs or {})
        for name, value in self._logs.items():
            self._history.setdefault(name, []).append(value)
        if not _display.in_kernel():
            left = self._progress.seconds_left
            times = f"{self._progress.epoch_seconds:.1f} s" + (f", about {clock_text(left)} left" if left else "")
            line = f"epoch {epoch + 1}/{self._progress.epochs}  {_panel.numbers_text(self._logs)}  ({times})"
            _display.show("", line)
            return
        self._refresh()
        if self.plot and self._may_spend(self._picture_seconds):
            self._draw_curves()

    def on_train_end(self, logs=None):
        """Give ■ back and leave the last state in the notebook."""
        self._stop.restore()
        self._note_cpu_seconds()
        if self._progress.epoch is None:  # not one epoch was left to train
            self._history = _earlier_epochs(self.model, self._progress.epochs)
        self._close(self._summary())
        # The compiled steps take 50-150 MB per network, and nobody needs them any more: the next fit compiles anew.
        self.model.train_function = self.model.test_function = None

    def _note_cpu_seconds(self):
        fitted = (self.model, getattr(self.model, "history", None))
        note_cpu_seconds([thing for thing in fitted if thing is not None], time.process_time() - self._cpu_began)

    def _leave(self):
        """Close the view of a fit that an exception ended; Keras calls nothing then."""
        if self._progress.epoch is not None:
            self._close([f"Training was broken off in epoch {self._progress.epoch + 1} of {self._progress.epochs}."])

    def _close(self, sentences):
        if not _display.in_kernel():
            _display.show("", "\n".join(sentences))
            return
        if self._panel is None:
            self._panel = _display.live(*self._running())
        self._panel.update(_panel.finished_html(sentences), "\n".join(sentences))
        if self.plot and any(self._history.values()):
            self._draw_curves(last=True)

    def _refresh(self):
        if self._panel is None:
            return
        pressed_now = self._stop.pressed and not self._stop_shown
        if not pressed_now and (self._progress.elapsed - self._drawn < self.every or not self._may_spend(0)):
            return
        self._stop_shown = self._stop.pressed
        began = self._clock()
        self._panel.update(*self._running())
        self._spent += self._clock() - began
        self._drawn = self._progress.elapsed

    def _may_spend(self, seconds):
        return self._spent + seconds <= _SHARE * self._progress.elapsed

    def _draw_curves(self, last=False):
        began = self._clock()
        data, metadata = _picture.curves_bundle(self._history, self._shown_metrics())
        if not last:  # the PNG beside the HTML is for the saved notebook; while training it would only be sent twice
            data = {"text/html": data["text/html"], "text/plain": data["text/plain"]}
        self._curves = _picture.show_bundle(self._curves, data, metadata)
        self._picture_seconds = self._clock() - began
        self._spent += self._picture_seconds

    def _running(self):
        progress = self._progress
        doing = "validation" if progress.validating else "training"
        state = _panel.State(
            epoch=(progress.epoch or 0) + 1,
            epochs=progress.epochs,
            batch=progress.batch,
            steps=progress.steps,
            fraction=progress.fraction,
            elapsed=progress.elapsed,
            left=progress.seconds_left,
            doing="stopping" if self._stop.pressed else doing,
            numbers=_panel.numbers_text(self._logs),
            best=self._best_text(),
        )
        return _panel.running_html(state), _panel.running_text(state)

    def _summary(self):
        progress = self._progress
        time_text = clock_text(progress.elapsed)
        epoch = (progress.epoch or 0) + 1
        place = f"epoch {epoch} of {progress.epochs} after {time_text}"
        if progress.epoch is None:
            sentences = ["Nothing left to train."]
        elif self._stop.pressed:
            sentences = [f"Stopped by you in {place}. Weights and history are kept."]
            sentences += filter(None, [unfinished_schedule(self.model)])
        elif epoch < progress.epochs or (progress.epoch_fraction or 1) < 1:
            sentences = [f"Training ended early, in {place}."]
        else:
            sentences = [f"Training finished: {epoch} {'epoch' if epoch == 1 else 'epochs'} in {time_text}."]
        return [*sentences, *filter(None, [self._best_text()])]

    def _shown_metrics(self):
        if self.metrics:
            return tuple(self.metrics)
        names = [name for name in self._history if not name.startswith("val_") and name != "learning_rate"]
        return tuple(["loss", *[name for name in names if name != "loss"]][:2])

    def _best_text(self):
        name = self._shown_metrics()[-1]
        name = f"val_{name}" if f"val_{name}" in self._history else name
        values = [value for value in self._history.get(name, ()) if not math.isnan(value)]
        if not values:
            return ""
        lower_is_better = any(word in name for word in ("loss", "error", "crossentropy"))
        best = (min if lower_is_better else max)(values)
        label = name.replace("val_", "validation ").replace("_", " ")
        # With validation_freq there are fewer values than epochs, and the place in the list is not the epoch.
        epochs = len(self._history["loss"])
        where = f", epoch {values.index(best) + 1}" if len(values) == epochs else ""
        return f"{label} {values[-1]:.4f} (best {best:.4f}{where})"


def _earlier_epochs(model, epoch):
    """Return the history of the epochs before `epoch`, if it was handed on (`Resume` does)."""
    history = getattr(getattr(model, "history", None), "history", None) or {}
    return {name: list(values) for name, values in history.items()} if epoch else {}
