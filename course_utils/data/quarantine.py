"""Moving files that cannot be used out of a folder, on demand, with a list of where they were."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from ..errors import CourseError, InputError
from ..files import atomic_write, disk_error, free_name, given_path

MANIFEST = "manifest.json"


def check_place(folder: Path, quarantine) -> Path:
    """Return where unusable files will go; refuse a place inside the folder of photographs.

    Raises
    ------
    InputError
        If `quarantine` is no path, lies inside `folder` or the other way round, or is a file.
    """
    place = given_path(quarantine, "The folder for files set aside", 'quarantine="set aside"')
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
    InputError
        If there is another file of the list's name in `place`.
    DiskError
        If a file cannot be moved; those that were moved are in the list.
    """
    manifest = place / MANIFEST
    entries = _earlier(manifest)
    moves = {}
    for path, reason in problems:
        moves[free_name(place / Path(path).relative_to(folder), moves)] = (Path(path), reason)
    entries += [{"from": str(path), "to": str(target), "reason": reason} for target, (path, reason) in moves.items()]
    with atomic_write(manifest) as part:
        text = json.dumps(entries, indent=1, ensure_ascii=False) + "\n"
        # File names need not be valid text on Linux; written so, json reads the same name back.
        part.write_text(text, encoding="utf-8", errors="backslashreplace")
    for target, (path, _) in moves.items():
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            _move(path, target)
        except OSError as error:
            if isinstance(error, CourseError):
                raise
            raise disk_error(error, target) from error
    return manifest


def _earlier(manifest):
    """Return the entries of an earlier list; refuse a file that is something else."""
    try:
        entries = json.loads(manifest.read_text(encoding="utf-8")) if manifest.is_file() else []
        if not isinstance(entries, list) or not all("from" in entry for entry in entries):
            raise ValueError("no list of files that were moved")
    except (ValueError, TypeError) as error:
        raise InputError(
            f"There is a {MANIFEST} already that the course did not write, or that is damaged.",
            where=str(manifest),
            found=str(error)[:200],
            fix="Choose a new folder for quarantine. Nothing was moved.",
        ) from error
    return entries


def _move(path, target):
    try:
        path.rename(target)
    except OSError:
        # Another disk: the copy is complete under its name before the original goes.
        with atomic_write(target) as part:
            shutil.copyfile(path, part)
        path.unlink()
