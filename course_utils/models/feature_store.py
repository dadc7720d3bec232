"""Features on the disk: parts of a few thousand rows, each written at once, found by the keys of the images.

A part is an ``.npz`` of ``keys`` (m, 16) uint8 and ``rows`` (m, …) float16 (float32 where float16 is too small a
range); the archive's checksums tell a damaged one. Parts never change, so a kernel that reads needs no lock.
"""

import hashlib
import shutil
import time
import zipfile
import zlib
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

import numpy as np

from ..data.locking import exclusive
from ..errors import CourseError
from ..files import atomic_write

MOST_BYTES = 10**9  # of one model's features that are kept
KEPT_BYTES = 2 * 10**9  # of all models together; the ones not used for longest go first

_DAMAGE = (ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError)


class FeatureStore:
    """The features of one model that are on the disk.

    Parameters
    ----------
    folder : path-like
        All models' features.
    key : str
        The model's key: name of its folder.

    Attributes
    ----------
    problem : str or None
        Why nothing more can be kept.
    damaged : int
        Parts that were found damaged and removed.
    """

    def __init__(self, folder, key):
        self.folder = Path(folder) / key
        self.problem = None
        self.damaged = 0
        self._seen = set()

    def look_up(self, wanted):
        """Find rows in the parts that were not looked through before.

        Parameters
        ----------
        wanted : dict of bytes to list of int
            Key → places; the keys that are found are removed.

        Yields
        ------
        places : list of int
        rows : ndarray, (len(places), …), float16 or float32
        """
        for path in self._parts():
            if not wanted:
                return
            if path.name in self._seen:
                continue
            self._seen.add(path.name)
            found = self._read(path, wanted)
            if found:
                yield found

    def add(self, keys, rows) -> None:
        """Write a part; if that is impossible, `problem` says why and nothing more is written.

        Parameters
        ----------
        keys : ndarray, (m, 16), uint8
        rows : ndarray, (m, …), float16 or float32
        """
        if self.problem or not len(keys):
            return
        name = hashlib.blake2b(keys.tobytes(), digest_size=12).hexdigest() + ".npz"
        try:
            with (
                atomic_write(
                    self.folder / name, needed=rows.nbytes + keys.nbytes + 4096, variable="COURSE_CACHE_DIR"
                ) as part,
                part.open("wb") as file,
            ):
                np.savez(file, keys=keys, rows=rows)
            self._seen.add(name)
        except (CourseError, OSError) as error:
            self.problem = getattr(error, "what", None) or str(error)

    @contextmanager
    def alone(self, title):
        """Let one process at a time compute the features of this model; the others wait and find them done."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / ".lock").touch()
            lock = exclusive(self.folder / ".lock", title, doing="computing")
        except OSError as error:  # a read-only or full disk: computed, not kept
            self.problem = f"Cannot write to {self.folder}: {error.strerror or error}."
            lock = nullcontext()
        with lock:
            yield

    def tidy(self) -> None:
        """Note that these features were used; remove those of other models that were not, beyond the limit."""
        with suppress(OSError):
            (self.folder / ".lock").touch()
            others = [path for path in self.folder.parent.iterdir() if path.is_dir() and path != self.folder]
            used = {path: _last_use(path) for path in others}
            total = _bytes_in(self.folder) + sum(map(_bytes_in, others))
            for path in sorted(others, key=used.get):
                if total <= KEPT_BYTES or time.time() - used[path] < 3600:  # another kernel may be at work there
                    return
                total -= _bytes_in(path)
                shutil.rmtree(path, ignore_errors=True)

    def _parts(self):
        try:
            return sorted(self.folder.glob("*.npz"))
        except OSError:
            return []

    def _read(self, path, wanted):
        """Return (places, rows) of the wanted rows of a part, None without any; a damaged part is removed."""
        try:
            with np.load(path, allow_pickle=False) as part:
                keys = part["keys"]
                hits = [row for row, key in enumerate(keys) if key.tobytes() in wanted]
                if not hits:
                    return None
                rows = part["rows"]
            if rows.dtype.kind != "f" or len(rows) != len(keys):
                raise ValueError("not features")
        except _DAMAGE:
            self.damaged += 1
            with suppress(OSError):
                path.unlink()
            return None
        except OSError:  # not readable for us, or another kernel has just tidied it away
            return None
        places, source = [], []
        for row in hits:
            for place in wanted.pop(keys[row].tobytes(), ()):
                places.append(place)
                source.append(row)
        return places, rows[source]


def _bytes_in(folder):
    with suppress(OSError):
        return sum(path.stat().st_size for path in folder.iterdir())
    return 0


def _last_use(folder):
    with suppress(OSError):
        return (folder / ".lock").stat().st_mtime
    return 0.0
