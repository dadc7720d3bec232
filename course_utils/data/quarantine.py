"""Moving files that cannot be used out of a folder, on demand, with a list of where they were."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from ..errors import CourseError, InputError
from ..files import atomic_write, disk_error

MANIFEST = "manifest.json"


def check_place(folder: Path, quarantine) -> Path:
    """Return where unusable files will go; refuse a place inside the folder of photographs.

    Raises
    ------
    InputError
        If `quarantine` lies inside `folder` or the other way round, or is a file.
    """
    place = Path(quarantine).expanduser().absolute()
    folder = folder.resolve()
    resolved = place.resolve()
    if resolved == folder or folder in resolved.parents or resolved in folder.parents or place.is_file():
        raise InputError(
            "Files set aside need a folder of their own, beside the photographs.",
            found=str(place),
            fix=f'quarantine="{folder.parent / (folder.name + " set aside")}"',
        )
    return place


def set_aside(folder: Path, problems: Sequence[tuple[str, str]], place: Path) -> Path:
    """Move unusable files away and write down where they were.

    Parameters
    ----------
    folder : Path
        Their paths inside it are kept below `place`.
    problems : sequence of (str, str)
        Files and reasons.
    place : Path

    Returns
    -------
    Path
        The list, JSON: for each file ``from``, ``to`` and ``reason``. It is written before anything moves.

    Raises
    ------
    DiskError
        If a file cannot be moved; those that were moved are in the list.
    """
    manifest = place / MANIFEST
    entries = json.loads(manifest.read_text(encoding="utf-8")) if manifest.is_file() else []
    moves = [(Path(path), _free(place / Path(path).relative_to(folder)), reason) for path, reason in problems]
    entries += [{"from": str(path), "to": str(target), "reason": reason} for path, target, reason in moves]
    with atomic_write(manifest) as part:
        text = json.dumps(entries, indent=1, ensure_ascii=False) + "\n"
        # File names need not be valid text on Linux; written so, json reads the same name back.
        part.write_text(text, encoding="utf-8", errors="backslashreplace")
    for path, target, _ in moves:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            _move(path, target)
        except OSError as error:
            if isinstance(error, CourseError):
                raise
            raise disk_error(error, target) from error
    return manifest


def _move(path, target):
    try:
        path.rename(target)
    except OSError:
        # Another disk: the copy is complete under its name before the original goes.
        with atomic_write(target) as part:
            shutil.copyfile(path, part)
        path.unlink()


def _free(target):
    """Return a name that nothing has yet."""
    number, free = 1, target
    while free.exists():
        number += 1
        free = target.with_name(f"{target.stem} {number}{target.suffix}")
    return free
