"""A folder ``{train,val}/<class>/*`` that any reader understands, where the learner's own is not one.

It holds links to the learner's files, and the converted copies of odd ones.
"""

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from ..errors import DiskError
from ..files import disk_error, free_name
from .archives import staging
from .listing import is_junk
from .photos import PhotoSplit

# Endings that keras.utils.image_dataset_from_directory looks for.
_KERAS = {".jpg", ".jpeg", ".png", ".bmp", ".gif"}


def make_view(splits: Mapping[str, PhotoSplit], class_folders, name: str, key: str, cache_dir: Path) -> Path:
    """Return a folder with the photographs of some splits, made at the first call.

    Parameters
    ----------
    splits : mapping of str to PhotoSplit
        By the name of their folder, for example ``"train"`` and ``"val"``.
    class_folders : sequence of str
        Names of the classes' folders.
    name, key : str
        Name the folder; another key is another content.
    cache_dir : Path

    Returns
    -------
    Path

    Raises
    ------
    DiskError
        If the cache cannot be written or the disk is full.
    """
    target = cache_dir / "views" / f"{name}-{key}"
    wanted = sum(map(len, splits.values()))
    if _count(target) == wanted:
        return target
    try:
        if target.is_dir():  # somebody deleted or added files
            target.rename(free_name(target.with_name(f"{target.name} changed")))
    except OSError as error:
        raise disk_error(error, target, variable="COURSE_CACHE_DIR") from error
    try:
        with staging(target, 0, "COURSE_CACHE_DIR") as folder:
            for place, split in splits.items():
                _fill(folder / place, split, class_folders)
    except DiskError:
        if _count(target) != wanted:  # else another kernel was faster
            raise
    return target


def _count(folder):
    return sum(not is_junk(name) for _, _, names in os.walk(folder) for name in names)


def _fill(folder, split, class_folders):
    for cls in class_folders:
        (folder / cls).mkdir(parents=True)
    for path, source, label in zip(split.paths, split.images.sources, split.labels, strict=True):
        # Beside x.webp, whose copy is a JPEG, there may be an x.webp.jpg.
        _link(source, free_name(folder / class_folders[label] / _file_name(path, source)))


def _file_name(path, source):
    name = Path(path).name
    if path != source:
        return f"{name}{Path(source).suffix}"
    return name if Path(name).suffix.lower() in _KERAS else f"{name}.jpg"


def _link(source, target):
    """Link where the disk can, else copy; never write into what is there, which may be a link to a learner's file."""
    for link in (os.symlink, os.link):
        with suppress(OSError, NotImplementedError):
            link(source, target)
            return
    with Path(source).open("rb") as original, target.open("xb") as copy:
        shutil.copyfileobj(original, copy)
