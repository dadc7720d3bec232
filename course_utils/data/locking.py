"""One process at a time: a lock that the operating system releases even if its holder is killed."""

import errno
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from .._display import show

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None
    import msvcrt

_HELD = {errno.EACCES, errno.EAGAIN, errno.EDEADLK}
_pause = time.sleep


@contextmanager
def exclusive(path, title, doing="fetching"):
    """Hold the lock of a file while the block runs; wait for another process that holds it.

    Where the file system knows no locks (some network disks) the block runs without one: files are
    renamed into place when complete, so two processes then only do the work twice.

    Parameters
    ----------
    path : path-like
        Created if missing, and left there: deleting it would let two processes hold "the" lock.
    title : str
        What is being fetched, for the message while waiting.
    doing : str
        What is done with it.
    """
    with Path(path).open("a") as file:
        told = False
        while not _acquired(file):
            if not told:
                text = f"Another notebook is {doing} {title}; waiting for it."
                show(f"<p>{text}</p>", text)
                told = True
            _pause(0.2)
        try:
            yield
        finally:
            with suppress(OSError):
                _release(file)


def _acquired(file):
    """Return False if another process holds the lock, True if it is ours or the disk has no locks."""
    try:
        if fcntl:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    except OSError as error:
        return error.errno not in _HELD
    return True


def _release(file):
    if fcntl:
        fcntl.flock(file, fcntl.LOCK_UN)
    else:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
