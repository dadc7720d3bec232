"""Files that only ever grow by one JSON line at a time: safe against crashes and several kernels at once."""

import json
import os
from contextlib import contextmanager, suppress
from pathlib import Path

from .files import disk_error


def append_line(path, values, *, variable=None) -> Path:
    """Add one JSON line to a file.

    The line is written by one call at the end of the file, under a lock, and flushed to disk. If
    a crash left half a line behind, the new line starts on a line of its own.

    Parameters
    ----------
    path : path-like
        Missing folders are created.
    values : dict
        What `json` can hold, without NaN.
    variable : str, optional
        The ``COURSE_*`` variable that moves the folder (named in errors).

    Returns
    -------
    Path
        The file.

    Raises
    ------
    DiskError
        If the disk is full or the folder cannot be written; the file is as it was.
    """
    path = Path(path)
    line = json.dumps(values, sort_keys=True, allow_nan=False).encode() + b"\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab+") as file, _locked(file):
            _append(file, line)
    except OSError as error:
        raise disk_error(error, path, needed=len(line), variable=variable) from error
    return path


def read_lines(path, *, variable=None) -> list[bytes]:
    """Return the lines of a file that are not empty; a missing file has none.

    Parameters
    ----------
    path : path-like
    variable : str, optional
        The ``COURSE_*`` variable that moves the folder (named in errors).

    Returns
    -------
    list of bytes
        Not parsed: it is for the caller to skip and count what is damaged.

    Raises
    ------
    DiskError
        If the file is there and cannot be read.
    """
    try:
        content = Path(path).read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise disk_error(error, path, variable=variable) from error
    return [line for line in content.splitlines() if line.strip()]


def _append(file, line):
    size = file.seek(0, os.SEEK_END)
    if size:
        file.seek(size - 1)
        if file.read(1) != b"\n":
            line = b"\n" + line
    try:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
    except OSError:
        # A full disk can take part of a line: put the file back as it was.
        with suppress(OSError):
            os.ftruncate(file.fileno(), size)
        raise


@contextmanager
def _locked(file):
    """Hold the file's lock; where locks are not supported (some network disks) go on without."""
    lock, unlock = _lock_functions(file)
    with suppress(OSError):
        lock()
    try:
        yield
    finally:
        with suppress(OSError):
            unlock()


def _lock_functions(file):
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        def change(mode):
            # One byte far behind the end stands for the whole file.
            position = file.tell()
            file.seek(2**30)
            msvcrt.locking(file.fileno(), mode, 1)
            file.seek(position)

        return lambda: change(msvcrt.LK_LOCK), lambda: change(msvcrt.LK_UNLCK)
    return lambda: fcntl.flock(file, fcntl.LOCK_EX), lambda: fcntl.flock(file, fcntl.LOCK_UN)
