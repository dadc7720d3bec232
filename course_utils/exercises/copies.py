"""Copies of the notebooks for learners, without solutions; and for instructors, with every gap filled."""

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ..badges import MARKER
from ..errors import InputError, NotebookError
from ..files import atomic_write, disk_error, free_name, given_path
from .reading import load_notebook, read_exercises, with_solutions, without_solutions

NEW, SAME, DIFFERS, REPLACED = "written", "as it was", "left alone: it differs", "written; the old one is beside it"


@dataclass(frozen=True)
class Copy:
    """One file of a set of copies.

    Attributes
    ----------
    target : Path
    content : bytes
    exercises : int or None
        How many there are in it; None for a picture.
    action : str
        What is to be done, or was done.
    backup : Path or None
        Where the file that stood there before is now.
    """

    target: Path
    content: bytes
    exercises: int | None
    action: str
    backup: Path | None = None


@dataclass(frozen=True)
class CopyPlan:
    """What a set of copies needs.

    Attributes
    ----------
    copies : tuple of Copy
    loose_links : tuple of str
        Relative links that lead to something that is not copied along.
    """

    copies: tuple[Copy, ...]
    loose_links: tuple[str, ...] = ()


def plan_copies(notebooks, output, *, solved=False, force=False) -> CopyPlan:
    """Make the copies in memory and decide what happens to each; nothing is written.

    Pictures that a notebook shows from a file beside it are copied along, so that relative links
    hold. A file that is there already and differs may be somebody's work: it is left alone, unless
    `force` is given, which keeps it under another name.

    Parameters
    ----------
    notebooks : sequence of Path
    output : path-like
    solved : bool
        True: fill the solutions in, and keep them folded as well. False: take them out.
    force : bool

    Returns
    -------
    CopyPlan

    Raises
    ------
    NotebookError
        If a notebook cannot be read, or an exercise in it is incomplete.
    InputError
        If `output` is a file, or the folder of the notebooks themselves.
    """
    output = given_path(output, "The folder for the copies", "course student handouts")
    _refuse_folder(output, notebooks)
    made = {path: _made(path, solved) for path in notebooks}
    copies = [_decided(Copy(output / path.name, *made[path], NEW), force) for path in notebooks]
    files, loose = _linked(notebooks, output)
    copies += [_decided(Copy(output / name, _bytes(path), None, NEW), force) for name, path in files.items()]
    return CopyPlan(tuple(copies), loose)


def _refuse_folder(output, notebooks):
    if output.exists() and not output.is_dir():
        fix = "Name a folder; a new one is made."
        raise InputError("This is a file, not a folder.", where=str(output), fix=fix)
    if output.resolve() in {path.parent.resolve() for path in notebooks}:
        fix = "Name another folder, for example: course student handouts"
        raise InputError("These are the course's own notebooks.", where=str(output), fix=fix)


def _made(path, solved):
    from ..notebook_lint.form import canonical

    raw = load_notebook(path)
    try:
        exercises = len(read_exercises(raw))
        copy = with_solutions(raw) if solved else without_solutions(raw)
    except NotebookError as error:
        raise NotebookError(error.what, where=f"{path.name}, {error.where}", fix=error.fix) from error
    return canonical(_without_badges(copy)).encode(), exercises


def _without_badges(raw):
    """Drop the badges of the first cell: they open the course's own notebook, with its solutions, not this copy."""
    first = raw["cells"][0] if raw["cells"] else {"source": ""}
    text = first["source"] if isinstance(first["source"], str) else "".join(first["source"])
    lines = text.split("\n")
    if MARKER not in lines:
        return raw
    at = lines.index(MARKER)
    del lines[at : at + 2]
    text = "\n".join(lines).replace("\n\n\n", "\n\n")
    return raw | {"cells": [first | {"source": text}, *raw["cells"][1:]]}


def _decided(copy, force):
    try:
        old = copy.target.read_bytes()
    except FileNotFoundError:
        return copy
    except OSError as error:
        raise disk_error(error, copy.target) from error
    if old == copy.content:
        return replace(copy, action=SAME)
    return replace(copy, action=REPLACED if force else DIFFERS)


def _linked(notebooks, output):
    """Return the files beside the notebooks that they show or link to, and the links that will lead nowhere."""
    from ..notebook_lint.finding import parse
    from ..notebook_lint.links import links

    copied, files, loose = {path.name for path in notebooks}, {}, {}
    for path in notebooks:
        notebook = parse(path, path.read_text("utf-8"))
        for target, _ in (link for cell in notebook.markdown for link in links(cell)):
            parts = urlsplit(target)
            name = unquote(parts.path)
            if parts.scheme or parts.netloc or not name or name in copied:
                continue
            source = path.parent / name
            inside = source.resolve().is_relative_to(path.parent.resolve())
            if inside and source.is_file() and source.suffix != ".ipynb":
                files[name] = source
            elif not (inside and (output / name).exists()):
                loose.setdefault(name, path.stem[:2])
    return files, tuple(f"{name} (from notebook {number})" for name, number in loose.items())


def _bytes(path):
    try:
        return path.read_bytes()
    except OSError as error:
        raise disk_error(error, path) from error


def write_copies(plan) -> CopyPlan:
    """Do what was decided.

    Parameters
    ----------
    plan : CopyPlan

    Returns
    -------
    CopyPlan
        With the names of the files that were kept.

    Raises
    ------
    DiskError
        If something cannot be written; what is complete by then stays.
    """
    return replace(plan, copies=tuple(map(_write, plan.copies)))


def _write(copy):
    if copy.action in (SAME, DIFFERS):
        return copy
    if copy.action == REPLACED:
        copy = replace(copy, backup=_kept(copy.target))
    with atomic_write(copy.target) as temporary:
        temporary.write_bytes(copy.content)
    return copy


def _kept(target):
    """Copy a file beside itself under a free name; the original stays until it is replaced in one step."""
    backup = free_name(target.with_name(f"{target.stem} (before){target.suffix}"))
    with atomic_write(backup) as temporary:
        shutil.copyfile(target, temporary)
    return backup


def copy_rows(plan) -> list[tuple]:
    """Return what happened to every file, as lines of a table.

    Parameters
    ----------
    plan : CopyPlan

    Returns
    -------
    list of tuple
        Name, number of exercises, what happened.
    """
    rows = []
    for copy in plan.copies:
        what = f"{copy.action}: {copy.backup.name}" if copy.backup else copy.action
        rows.append((copy.target.name, "" if copy.exercises is None else copy.exercises, what))
    return rows
