"""Showing how far the computing of features is: one display updated in a notebook, a few lines elsewhere."""

import time
from html import escape

from .._display import in_kernel, live

_EVERY = {True: 0.5, False: 30.0}  # seconds between two updates, in a kernel or not


class FeaturePanel:
    """Counts images, estimates the time left, and ends with one sentence.

    Parameters
    ----------
    title : str
        For example ``"Features of efficientnet_lite0"``.
    total : int
        Images to compute.
    clock : callable, optional
        Returns seconds.
    """

    def __init__(self, title, total, clock=time.monotonic):
        self.title = title
        self.total = total
        self._clock = clock
        self._handle = None
        self._began = self._shown = clock()
        self._first = None  # images and seconds of the first batch, which includes building the graph

    @property
    def elapsed(self) -> float:
        """Seconds since the beginning."""
        return self._clock() - self._began

    def begin(self):
        """Show that the work begins."""
        self._show(f"{self.title}: {self.total:,} images to compute …", 0)

    def update(self, done):
        """Note that so many images are done; shown now and then."""
        if self._first is None:
            self._first = (done, self.elapsed)
        if self._clock() - self._shown >= _EVERY[in_kernel()] and done < self.total:
            self._show(f"{self.title}: {done:,} of {self.total:,} images{self._speed(done)}", done)

    def finish(self, text):
        """Show the last sentence."""
        self._show(text)

    def _speed(self, done):
        images, seconds = done - self._first[0], self.elapsed - self._first[1]
        if images <= 0 or seconds <= 0:
            return ""
        from ..training._progress import clock_text  # loads Keras, which whoever computes features has loaded

        rate = images / seconds
        return f", {rate:,.0f} images/s, about {clock_text((self.total - done) / rate)} left"

    def _show(self, text, done=None):
        bar = "" if done is None else f' <progress value="{done}" max="{self.total}"></progress>'
        html = f"<p>{escape(text)}{bar}</p>"
        self._shown = self._clock()
        if self._handle is None:
            self._handle = live(html, text)
        else:
            self._handle.update(html, text)
