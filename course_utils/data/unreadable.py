"""Photographs that can no longer be read: which ones, why, and what to do."""

import os
import threading
from contextlib import suppress
from pathlib import Path

from .._display import counted
from ..errors import DataError, require
from .photo_check import in_threads, problems_of

_SHOWN = 20


class Explanation:
    """Finds out, when decoding fails, which files are to blame; is silent as long as all goes well.

    Parameters
    ----------
    photos : Photos
        What is being decoded.
    """

    def __init__(self, photos):
        self._photos = photos
        self._lock = threading.Lock()
        self._blamed = ()
        self.error = None

    def refuse(self, path: bytes):
        """Raise the error that lists all files that cannot be read; called by TensorFlow with one of them.

        TensorFlow passes on the text of the error and not its class.
        """
        path = os.fsdecode(path)
        with self._lock:  # photographs are decoded several at a time: looked for once
            if path not in self._blamed:
                bad, self.error = unreadable(self._photos)
                self._blamed = {path for path, _ in bad}
        # TensorFlow takes no text that is not valid UTF-8; names of files on Linux need not be.
        raise DataError(str(self.error).encode(errors="backslashreplace").decode())


def unreadable(photos) -> tuple[list[tuple[str, str]], DataError]:
    """Look for the photographs that cannot be decoded.

    Copies in the cache that are damaged are removed: the next load makes them again.

    Parameters
    ----------
    photos : Photos

    Returns
    -------
    bad : list of (str, str)
        Files that are read, and reasons.
    error : DataError
        Lists them, and says what to do.
    """
    bad = problems_of(photos.sources)
    copies = set(photos.sources[photos.sources != photos.paths])
    for path, _ in bad:
        if path in copies:
            with suppress(OSError):
                Path(path).unlink()
    again = "run the cell with cu.load or cu.load_folder again."
    if bad:
        what = f"{counted(len(bad), 'photograph has', 'photographs have')} changed or gone since the data was loaded."
        fix = f"Put {'it' if len(bad) == 1 else 'them'} back, or {again}"
    else:
        good = in_threads(_decodes, photos.sources)
        bad = [
            (str(path), "damaged in the middle") for path, fine in zip(photos.sources, good, strict=True) if not fine
        ]
        what = f"{len(bad):,} of {counted(len(photos), 'photograph')} cannot be decoded."
        fix = f"Replace what is listed or move it out of the folder, and {again}"
    if not bad:
        what, fix = "A photograph could not be read a moment ago, and can be read now.", "Run the cell again."
    listed = "".join(f"\n  {path}: {reason}" for path, reason in bad[:_SHOWN])
    more = f"\n  and {len(bad) - _SHOWN:,} more" if len(bad) > _SHOWN else ""
    return bad, DataError(what, found=listed + more or None, fix=fix)


def _decodes(path):
    tf = require("tensorflow")
    try:
        with tf.device("CPU:0"):
            tf.io.decode_image(tf.io.read_file(os.fsencode(path)), channels=3, expand_animations=False)
    except tf.errors.ResourceExhaustedError:
        raise
    except tf.errors.OpError:
        return False
    return True
