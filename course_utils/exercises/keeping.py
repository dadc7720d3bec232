"""What a learner has done so far: ``progress.jsonl`` in the results folder, one line per try."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ..jsonlines import append_line, read_lines
from ..settings import get_settings
from .feedback import NOT_YET, PASSED


@dataclass(frozen=True)
class Standing:
    """How far a learner is with one exercise.

    Attributes
    ----------
    passed : bool
        Once passed, always passed.
    tries : int
        Failed tries before it was passed (all of them, if it is not).
    misconceptions : tuple of str
        Those named so far, oldest first, each once.
    when : str
        Date of the last change, ``YYYY-MM-DD``.
    """

    passed: bool = False
    tries: int = 0
    misconceptions: tuple[str, ...] = ()
    when: str = ""


@dataclass(frozen=True)
class Kept:
    """What a file of progress says.

    Attributes
    ----------
    standings : dict of str to Standing
        By the name of the exercise; only those that were tried.
    damaged : int
        Lines that could not be read; they were skipped.
    """

    standings: dict[str, Standing]
    damaged: int = 0


def progress_path() -> Path:
    """Return where progress is kept: ``progress.jsonl`` in ``COURSE_RESULTS_DIR``."""
    return get_settings().results_dir / "progress.jsonl"


def keep(item, feedback) -> int:
    """Keep a try.

    Parameters
    ----------
    item : Exercise
    feedback : Feedback
        *Not yet* or *passed*. What has been passed before is not written again.

    Returns
    -------
    int
        Failed tries so far, this one included.

    Raises
    ------
    DiskError
        If it cannot be written.
    """
    before = standings().get(item.name, Standing())
    if not before.passed:
        values = {
            "exercise": item.name,
            "verdict": feedback.verdict,
            "misconception": feedback.misconception,
            "time": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        append_line(progress_path(), values, variable="COURSE_RESULTS_DIR")
    return before.tries + (feedback.verdict == NOT_YET)


def standings(path=None) -> dict[str, Standing]:
    """Return how far the learner is with every exercise that was tried; damaged lines are skipped.

    Parameters
    ----------
    path : path-like, optional
        Default: `progress_path`.

    Returns
    -------
    dict of str to Standing
    """
    return read_progress(path).standings


def read_progress(path=None) -> Kept:
    """Return how far the learner is, and how many lines of the file are damaged.

    Parameters
    ----------
    path : path-like, optional
        Default: `progress_path`.

    Returns
    -------
    Kept

    Raises
    ------
    DiskError
        If the file is there and cannot be read.
    """
    found: dict[str, Standing] = {}
    damaged = 0
    for line in read_lines(path or progress_path(), variable="COURSE_RESULTS_DIR"):
        entry = _parse(line)
        if entry is None:
            damaged += 1
            continue
        name, verdict, misconception, when = entry
        old = found.get(name, Standing())
        if old.passed:
            continue
        known = old.misconceptions
        if misconception and misconception not in known:
            known = (*known, misconception)
        found[name] = Standing(verdict == PASSED, old.tries + (verdict == NOT_YET), known, when)
    return Kept(found, damaged)


def _parse(line):
    try:
        values = json.loads(line)
        name, verdict = values["exercise"], values["verdict"]
        misconception, when = values.get("misconception"), str(values.get("time", ""))[:10]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    sound = isinstance(name, str) and verdict in (PASSED, NOT_YET) and isinstance(misconception, str | None)
    return (name, verdict, misconception, when) if sound else None
