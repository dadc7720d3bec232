"""The progress of a class: who has passed what, and which misconceptions come up most often."""

from collections import Counter
from dataclasses import dataclass

from .. import __version__, _display
from ..errors import InputError
from ..files import given_path
from .keeping import Standing
from .reports import Report, clean, read_report
from .standing import by_notebook

_LEGEND = "✓ passed   a number: failed tries so far   · not tried"
_MOST = 3  # misconceptions named per exercise


@dataclass(frozen=True)
class Classroom:
    """What a class handed in.

    Attributes
    ----------
    learners : dict of str to Report
        In the order of their names; two of one name carry the names of their files.
    unreadable : dict of str to str
        Files that are no reports, and why.
    """

    learners: dict[str, Report]
    unreadable: dict[str, str]


def read_class(folder) -> Classroom:
    """Read all reports in a folder and the folders in it.

    Parameters
    ----------
    folder : path-like

    Returns
    -------
    Classroom

    Raises
    ------
    InputError
        If it is no folder, or an empty one.
    """
    folder = given_path(folder, "The folder of a class", "course progress --class handed_in")
    if not folder.is_dir():
        raise InputError("There is no such folder.", where=str(folder), fix="Name the folder with the learners' files.")
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    if not files:
        fix = "Collect there what learners write with: course progress --export NAME.json"
        raise InputError("There are no files in this folder.", where=str(folder), fix=fix)
    read, unreadable = [], {}
    for path in files:
        name = clean(path.relative_to(folder).as_posix(), 80)
        try:
            read.append((name, _read(path)))
        except InputError as error:
            unreadable[name] = error.what
    return Classroom(_told_apart(read), unreadable)


def _read(path):
    if path.suffix == ".jsonl":
        raise InputError("a learner's own record; wanted is what `course progress --export` writes")
    return read_report(path)


def _told_apart(read):
    count = Counter(report.name.casefold() for _, report in read)
    named = [(f"{r.name} ({file})" if count[r.name.casefold()] > 1 else r.name, r) for file, r in read]
    return dict(sorted(named, key=lambda pair: pair[0].casefold()))


def class_text(room, only=None) -> str:
    """Return the tables of a class as text.

    Parameters
    ----------
    room : Classroom
    only : iterable of str, optional
        Numbers or names of notebooks.

    Returns
    -------
    str
    """
    groups = {stem: items for stem, items in by_notebook(only).items() if items}
    parts = [_matrix(room.learners, groups), _LEGEND] if room.learners else ["No report could be read."]
    told = misconception_rows(room.learners.values(), groups)
    if told:
        header = ("exercise", "passed", "trying", "misconceptions, and how many learners had them")
        parts += ["", _display.table_text(told, header)]
    notes = _notes(room)
    return "\n".join(parts + (["", *notes] if notes else []))


def _matrix(learners, groups):
    """One line per learner, one column per exercise, the notebooks' numbers above."""
    items = [item for group in groups.values() for item in group]
    table = [[_sign(report.standings.get(item.name, Standing())) for item in items] for report in learners.values()]
    heads = [item.number[2:].lstrip(".") for item in items]
    # At least as wide as a notebook's number, which stands above its first column.
    widths = [max(map(len, column)) for column in zip(heads, *table, strict=True)]
    first = {group[0].name: stem[:2] for stem, group in groups.items()}
    widths = [max(width, 2) if item.name in first else width for width, item in zip(widths, items, strict=True)]
    above = [first.get(item.name, "") for item in items]
    counts = [f"{sum(sign == '✓' for sign in signs)}/{len(items)}" for signs in table]

    names = ["", "learner", *learners]
    width = max(map(_width, names))
    lines = []
    for name, signs, count in zip(names, [above, heads, *table], ["", "passed", *counts], strict=True):
        cells = [
            ("  " if item.name in first else " ") + sign.ljust(space)
            for item, sign, space in zip(items, signs, widths, strict=True)
        ]
        lines.append(f"{name}{' ' * (width - _width(name))}{''.join(cells)}  {count}".rstrip())
    return "\n".join(lines)


def _sign(standing):
    return "✓" if standing.passed else str(min(standing.tries, 99)) if standing.tries else "·"


def _width(text):
    from rich.cells import cell_len  # a Chinese name takes twice the room

    return cell_len(text)


def misconception_rows(reports, groups) -> list[tuple]:
    """Return what comes up in a class, for every exercise that somebody has tried.

    Parameters
    ----------
    reports : iterable of Report
    groups : dict of str to list of Exercise
        See `by_notebook`.

    Returns
    -------
    list of tuple
        Heading; how many passed; how many are still trying; the most frequent misconceptions with
        the number of learners who had them.
    """
    reports, rows = list(reports), []
    for item in (item for group in groups.values() for item in group):
        found = [report.standings[item.name] for report in reports if item.name in report.standings]
        if found:
            named = Counter(name for standing in found for name in set(standing.misconceptions))
            most = sorted(named.items(), key=lambda pair: (-pair[1], pair[0]))[:_MOST]
            passed = sum(standing.passed for standing in found)
            words = ", ".join(f"{name} {count}" for name, count in most)
            rows.append((item.heading, passed, len(found) - passed, words))
    return rows


def _notes(room):
    notes = [f"Not read: {name}: {reason}" for name, reason in room.unreadable.items()]
    known = {item.name for items in by_notebook().values() for item in items}
    for name, report in room.learners.items():
        others = sorted(clean(other) for other in set(report.standings) - known)
        if others:
            notes.append(f"{name}: exercises that this version of the course does not have: {', '.join(others)}")
        if report.course != __version__:
            notes.append(f"{name}: made with version {report.course} of the course, this is {__version__}")
    return notes
