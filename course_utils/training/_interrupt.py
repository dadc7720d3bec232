"""Turn the toolbar's ■ (an interrupt signal) into a clean end of ``model.fit``."""

import signal
import sys
import threading
import weakref

import keras


class StopSignal:
    """Catches SIGINT while a fit is running: the first ends it cleanly, the second interrupts for real.

    The handler only sets flags, because it may run between any two lines, also in the middle of drawing.

    Parameters
    ----------
    on_abandoned : callable, optional
        Called without arguments when the fit is left through an exception.

    Attributes
    ----------
    pressed : bool
        Whether a stop was asked for since `install`.
    presses : int
        Of the class: how many fits of this process were ended by a stop; a search over many fits looks here.
    """

    presses = 0

    def __init__(self, on_abandoned=None):
        self.pressed = False
        self._model = None
        self._previous = None
        self._running = None  # weak reference to the object that lives exactly as long as the fit
        self._watch = None
        self._on_abandoned = on_abandoned

    @property
    def installed(self):
        """Whether SIGINT comes here at the moment."""
        return self._previous is not None

    def install(self, model):
        """Take over SIGINT for the fit that is calling; does nothing outside the main thread.

        Parameters
        ----------
        model : keras.Model
            Its ``stop_training`` is set when the signal comes.
        """
        self.restore()
        self.pressed = False
        self._model = model
        callbacks = _calling_callback_list()
        if callbacks is not None:
            # Keras does not call on_train_end when fit raises, but its list of callbacks goes away with the fit.
            self._running = weakref.ref(callbacks)
            self._watch = weakref.finalize(callbacks, self._abandoned)
            self._watch.atexit = False
        if threading.current_thread() is not threading.main_thread():
            return
        previous = signal.getsignal(signal.SIGINT)
        # Ignored on purpose (nohup, a background job of a shell), or set outside Python: leave it alone.
        if callable(previous):
            self._previous = previous
            signal.signal(signal.SIGINT, self._handle)

    def restore(self):
        """Give SIGINT back to whom it belonged; harmless when called twice."""
        if self._watch is not None:
            self._watch.detach()
        self._watch = self._running = self._model = None
        self._give_back()

    def _give_back(self):
        # Only the main thread may set handlers; left in place elsewhere, ours passes signals on (see _handle).
        if self._previous is None or threading.current_thread() is not threading.main_thread():
            return
        previous, self._previous = self._previous, None
        if signal.getsignal(signal.SIGINT) == self._handle:
            signal.signal(signal.SIGINT, previous)

    def _abandoned(self):
        self.restore()
        if self._on_abandoned is not None:
            self._on_abandoned()

    def _handle(self, number, frame):
        if not self.pressed and self._fit_is_running(frame):
            self.pressed = True
            StopSignal.presses += 1
            self._model.stop_training = True
            return
        previous = self._previous
        self._give_back()
        if previous is None:
            raise KeyboardInterrupt
        previous(number, frame)

    def _fit_is_running(self, frame):
        if self._model is None:
            return False
        callbacks = self._running() if self._running is not None else None
        if callbacks is None:
            return self._running is None
        # An exception that was kept (a debugger, sys.last_exc) keeps the list alive, but not on the stack.
        while frame is not None:
            if any(value is callbacks for value in frame.f_locals.values()):
                return True
            frame = frame.f_back
        return False


def _calling_callback_list():
    frame = sys._getframe(1)
    while frame is not None:
        owner = frame.f_locals.get("self")
        if isinstance(owner, keras.callbacks.CallbackList):
            return owner
        frame = frame.f_back
    return None
