"""Making room for a folder that the course writes anew: what it wrote goes, what somebody else put there stays."""

import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from html import escape
from pathlib import Path

from .._display import show
from .listing import is_junk

_STALE_SECONDS = 86_400


def clear(folder: Path, is_ours: Callable[[Path], bool]) -> None:
    """Take a folder out of the way, and remove what the course wrote into it, for any file may be damaged.

    Parameters
    ----------
    folder : Path
    is_ours : callable
        Tells by its path, relative to the folder, whether the course wrote a file; others are kept beside the
        folder, and it is said where. Junk of operating systems goes.
    """
    aside = folder.with_name(f"{folder.name}.kept-{time.time_ns()}")
    folder.rename(aside)
    for path in sorted(aside.rglob("*"), reverse=True):  # what is inside a folder before the folder itself
        with suppress(OSError):
            if path.is_dir() and not path.is_symlink():
                path.rmdir()
            elif is_ours(path.relative_to(aside)) or is_junk(path.name):
                path.unlink()
    with suppress(OSError):
        aside.rmdir()
    if aside.exists():
        text = f"Files that do not belong to the data set were kept in {aside}"
        show(f"<p>{escape(text)}</p>", text)


def remove_stale(folder: Path) -> None:
    """Remove what a process that was killed while writing a folder left behind, a day later."""
    for path in folder.parent.glob(f".{folder.name}.*.part"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > _STALE_SECONDS:
                shutil.rmtree(path, ignore_errors=True)
