"""A learner's progress as a small file for the instructor, and nothing else about the learner or the computer."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from .. import __version__
from ..errors import InputError
from ..files import atomic_write, given_path
from . import registry
from .keeping import Standing, read_progress

FORMAT = "cnn-course progress 1"
_LARGEST = 1_000_000  # bytes; a whole course is about 10,000


@dataclass(frozen=True)
class Report:
    """What a learner handed in.

    Attributes
    ----------
    name : str
    course : str
        Version of the course it was made with.
    standings : dict of str to Standing
        By the name of the exercise.
    """

    name: str
    course: str
    standings: dict[str, Standing] = field(default_factory=dict)

    @property
    def passed(self) -> int:
        """Number of exercises passed."""
        return sum(standing.passed for standing in self.standings.values())


def write_report(path, name=None) -> Report:
    """Write the learner's progress as a JSON file.

    Parameters
    ----------
    path : path-like
        An earlier report there is replaced; anything else is not.
    name : str, optional
        How the learner wants to be called; default: the file's name without its ending.

    Returns
    -------
    Report

    Raises
    ------
    InputError
        If the path is a folder or another file, or the name is empty.
    DiskError
        If it cannot be written.
    """
    path = given_path(path, "A progress file", "course progress --export ada.json")
    report = Report(_checked_name(path.stem if name is None else name), __version__, read_progress().standings)
    _refuse_other_files(path)
    with atomic_write(path) as temporary:
        temporary.write_text(_as_json(report), "utf-8", newline="\n")
    return report


def _checked_name(name):
    found = clean(name)
    if not found:
        raise InputError("A name has at least one letter.", found=repr(name), fix='Write for example --name "Ada".')
    return found


def _refuse_other_files(path):
    if path.is_dir():
        raise InputError("This is a folder.", where=str(path), fix="Name a file in it, for example ada.json.")
    if path.exists():
        try:
            read_report(path)
        except InputError as error:
            fix = "Choose another name; this file is left as it is."
            raise InputError("This file is something else.", where=str(path), found=error.what, fix=fix) from error


def _as_json(report):
    numbers = {name: item.number for name, item in registry.exercises().items()}
    ordered = sorted(report.standings.items(), key=lambda pair: (numbers.get(pair[0], "~"), pair[0]))
    values = {
        "format": FORMAT,
        "course": report.course,
        "name": report.name,
        "exercises": {
            name: {
                "passed": standing.passed,
                "tries": standing.tries,
                "misconceptions": list(standing.misconceptions),
                "date": standing.when,
            }
            for name, standing in ordered
        },
    }
    return json.dumps(values, indent=1, ensure_ascii=False) + "\n"


def read_report(path) -> Report:
    """Read what a learner handed in.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    Report

    Raises
    ------
    InputError
        If it is no such file, or a damaged one.
    """
    path = Path(path)
    try:
        if path.stat().st_size > _LARGEST:
            raise InputError("far too large for a progress file")
        values = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        reason = error.strerror if isinstance(error, OSError) else "no JSON: damaged, or another kind of file"
        raise InputError(reason or "cannot be read", where=str(path)) from error
    kind = values.get("format") if isinstance(values, dict) else None
    if kind != FORMAT:
        newer = isinstance(kind, str) and kind.startswith(FORMAT[:-1])
        raise InputError("made by another version of the course" if newer else "no progress file of the course")
    try:
        standings = {_text(name): _standing(entry) for name, entry in values["exercises"].items()}
        return Report(clean(_text(values["name"])) or clean(path.stem), clean(_text(values["course"])), standings)
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError("a damaged progress file", where=str(path)) from error


def _standing(entry):
    passed, tries, named = entry["passed"], entry["tries"], entry["misconceptions"]
    if type(passed) is not bool or type(tries) is not int or tries < 0 or not isinstance(named, list):
        raise TypeError
    return Standing(passed, tries, tuple(clean(_text(name)) for name in named), clean(_text(entry["date"]))[:10])


def _text(value):
    if not isinstance(value, str):
        raise TypeError
    return value


def clean(text, most=60) -> str:
    """Return text that fits a table: on one line, without signs that steer a terminal, not too long.

    Examples
    --------
    >>> clean("  Ada\\x1b[31m \\n Lovelace ")
    'Ada[31m Lovelace'
    """
    visible = "".join(sign for sign in " ".join(str(text).split()) if sign.isprintable())
    return visible if len(visible) <= most else visible[: most - 1] + "…"
