"""Writing files so that a half-written one never carries a final name."""

import errno
import math
import os
import shutil
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import DiskError, InputError

_FULL = {getattr(errno, name) for name in ("ENOSPC", "EDQUOT", "EFBIG") if hasattr(errno, name)}
# Only these are about the disk: a connection reset inside the block is an OSError too, and not ours to translate.
_DISK = _FULL | {
    getattr(errno, name)
    for name in ("EROFS", "EACCES", "EPERM", "ENOTDIR", "EISDIR", "EEXIST", "ENOENT", "ENAMETOOLONG", "EIO")
}


def given_path(path, what: str, fix: str) -> Path:
    """Return a path that somebody gave, absolute and with ``~`` replaced, or refuse it.

    Parameters
    ----------
    path : path-like
    what, fix : str
        Of the message: what is given by its path, and a good example.

    Raises
    ------
    InputError
        If it is empty or no path, or starts with a ``~`` that means nothing here.
    """
    try:
        if isinstance(path, str) and not path.strip():
            raise ValueError("an empty text would mean the folder the notebook runs in")
        return Path(path).expanduser().absolute()
    except (TypeError, ValueError, RuntimeError) as error:
        reason = "" if isinstance(error, TypeError) else f" ({str(error).rstrip('.')})"
        raise InputError(f"{what} is given by its path.", found=f"{path!r}{reason}", fix=fix) from error


def free_bytes(path) -> int:
    """Return the free space, in bytes, on the disk that holds (or would hold) `path`."""
    folder = Path(path).absolute()
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def disk_error(error, path, *, needed=None, variable=None) -> DiskError:
    """Translate an `OSError` met while writing `path` into one that says what to do.

    Parameters
    ----------
    error : OSError
        What was raised.
    path : path-like
        The file being written.
    needed : int, optional
        Bytes needed, where known.
    variable : str, optional
        The ``COURSE_*`` variable that moves the folder elsewhere.

    Returns
    -------
    DiskError
    """
    elsewhere = f" or set {variable} to a folder on another disk" if variable else ""
    if error.errno in _FULL:
        wanted = f"{math.ceil(needed / 1e6)} MB" if needed else None
        return DiskError(
            "The disk is full.",
            where=str(path),
            expected=wanted and f"{wanted} free",
            found=f"{free_bytes(path) / 1e6:.0f} MB free",
            fix=f"Free some space{elsewhere}. Nothing was lost.",
        )
    return DiskError(
        f"Cannot write here: {error.strerror or error}.",
        where=str(path),
        fix=f"Check that the folder exists and may be written{elsewhere}. Nothing was lost.",
    )


@contextmanager
def atomic_write(path, *, needed=None, variable=None):
    """Write a file beside its target, then rename it.

    Yields a temporary path in the target's folder. When the block ends well the file is flushed to
    disk and renamed to `path`; when it raises, the temporary file is removed and `path` is as before.

    Parameters
    ----------
    path : path-like
        The final name; missing folders are created.
    needed : int, optional
        Bytes that will be written; checked against the free space first.
    variable : str, optional
        The ``COURSE_*`` variable that moves this folder (named in errors).

    Yields
    ------
    Path
        Where to write.

    Raises
    ------
    DiskError
        If the disk is full or the folder cannot be written.
    """
    path = Path(path)
    if needed is not None and path.parent.exists() and free_bytes(path) < needed:
        raise disk_error(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), path, needed=needed, variable=variable)
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".part", dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        # mkstemp makes files private; a shared cache should be readable as usual.
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        if isinstance(error, DiskError) or error.errno not in _DISK:
            raise
        raise disk_error(error, path, needed=needed, variable=variable) from error
    finally:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


def free_name(target, taken=()) -> Path:
    """Return `target`, or a name like it that no file, folder or link has yet and that is not in `taken`."""
    number, free = 1, Path(target)
    while os.path.lexists(free) or free in taken:
        number += 1
        free = free.with_name(f"{Path(target).stem} {number}{free.suffix}")
    return free


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask
