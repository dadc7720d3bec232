"""Showing how far a download is: one display updated in place in a notebook, two plain lines elsewhere."""

import time
from html import escape

from .._display import in_kernel, live


class Progress:
    """Shows a download from its first byte on; use as a context manager and call with the bytes received.

    Parameters
    ----------
    name, host : str
        File and where it comes from.
    size : int
        Bytes expected.
    """

    def __init__(self, name, host, size):
        self.label = f"{name} from {host}"
        self.size = size
        self._handle = None
        self._last = 0.0
        self.verified = True  # False where nobody published a hash to compare with

    def __enter__(self):
        return self

    def __call__(self, received):
        """Show that so many bytes have arrived; at most twice a second."""
        if self._handle is None:
            self._show(f"Fetching {self.label} ({self.size / 1e6:.1f} MB) …")
        elif in_kernel() and time.monotonic() - self._last > 0.5:
            self._show(f"Fetching {self.label}: {received / 1e6:.1f} of {self.size / 1e6:.1f} MB", received)

    def checking(self):
        """Show that the file is complete and being compared with its digest."""
        if in_kernel():
            self._show(f"Checking {self.label} …", self.size)

    def __exit__(self, kind, error, traceback):
        if self._handle is not None:
            checked = "verified" if self.verified else "unverified: nobody published its hash"
            self._show(f"Fetched {self.label}, {checked}." if kind is None else f"Fetching {self.label} failed.")

    def _show(self, text, received=None):
        bar = "" if received is None else f' <progress value="{received}" max="{self.size}"></progress>'
        html = f"<p>{escape(text)}{bar}</p>"
        self._last = time.monotonic()
        if self._handle is None:
            self._handle = live(html, text)
        else:
            self._handle.update(html, text)
