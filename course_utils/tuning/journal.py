"""The file that holds a study: Optuna's journal, one JSON line per event, safe against kills and several processes."""

import os
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

from ..errors import CourseError, StudyError
from ..files import disk_error

_STALE_LOCK = 10  # seconds after which the lock of a killed process is taken over; an event takes milliseconds
_BEGINNING = b'{"op_code"'
_ON_WINDOWS = os.name == "nt"


class JournalLock(JournalFileOpenLock):
    """A lock file that is created exclusively: works on Windows without rights and on network disks (NFS 3 and later).

    Optuna's default, a symbolic link, needs a privilege on Windows that learners do not have.
    """

    def acquire(self):
        """Wait for the lock; Windows refuses access for a moment to a lock file that is just being deleted."""
        until = time.monotonic() + 5
        while True:
            try:
                return super().acquire()
            except PermissionError:
                if not _ON_WINDOWS or time.monotonic() > until:
                    raise
                time.sleep(0.01)


class JournalFile(JournalFileBackend):
    """Optuna's journal in a file, which a full disk cannot damage.

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path):
        self._path = path
        self._journal_lock = JournalLock(str(path), grace_period=_STALE_LOCK)
        super().__init__(str(path), lock_obj=self._journal_lock)

    def append_logs(self, logs):
        """Write events at the end; what a full disk took only half of is cut off again."""
        try:
            super().append_logs(logs)
        except OSError as error:
            with suppress(OSError):
                self.mend()
            raise disk_error(error, self._path, variable="COURSE_RESULTS_DIR") from error

    def mend(self):
        """Cut off an event that was written only in part: Optuna would put the next one on the same line."""
        with holding(self._journal_lock), self._path.open("rb+") as file:
            content = file.read()
            if not content.endswith(b"\n"):
                file.truncate(content.rfind(b"\n") + 1)


def open_journal(path) -> JournalStorage:
    """Open a study's file, or make an empty one.

    Parameters
    ----------
    path : Path

    Returns
    -------
    JournalStorage

    Raises
    ------
    StudyError
        If the file is there and is no journal; it stays as it is.
    DiskError
        If the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        content = path.read_bytes() if path.exists() else b""
        if content and not content.startswith(_BEGINNING[: len(content)]):
            raise _damaged(path, "it does not begin like a journal")
        backend = JournalFile(path)
        storage = JournalStorage(backend)
        if content and not content.endswith(b"\n"):
            backend.mend()
    except CourseError:
        raise
    except OSError as error:
        raise disk_error(error, path, variable="COURSE_RESULTS_DIR") from error
    # An event that is no JSON, lacks a field, or is of a kind that this Optuna does not know.
    except (ValueError, LookupError, TypeError, AttributeError, AssertionError) as error:
        raise _damaged(path, f"{type(error).__name__}: {error}") from error
    return storage


def set_aside(path, word="earlier") -> Path | None:
    """Rename a study's file to a free name beside it; nothing is ever deleted.

    Parameters
    ----------
    path : Path
    word : str
        Becomes part of the name.

    Returns
    -------
    Path or None
        The new name; None if there was no file.

    Raises
    ------
    DiskError
        If the file cannot be renamed.
    """
    number = 1
    while (free := path.with_name(f"{path.stem}.{word}-{number}{path.suffix}")).exists():
        number += 1
    try:
        path.replace(free)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise disk_error(error, path, variable="COURSE_RESULTS_DIR") from error
    return free


@contextmanager
def holding(lock):
    """Hold one of Optuna's locks while the block runs; None holds nothing."""
    if lock is None:
        yield
        return
    lock.acquire()
    try:
        yield
    finally:
        lock.release()


def turn_lock(path):
    """Return the lock under which the processes of a study take their turns to begin a trial."""
    return None if path is None else JournalLock(f"{path}.turn", grace_period=3 * _STALE_LOCK)


def _damaged(path, reason):
    return StudyError(
        "The file of this search cannot be read: it is damaged, or a newer version of Optuna wrote it.",
        where=str(path),
        found=reason,
        fix="cu.tuning_study(..., fresh=True) begins a new search; the damaged file is kept under another name.",
    )
