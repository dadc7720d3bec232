"""What the course's side recorded while it was measured: rows for its ledger, drafts for its checkpoints.

A recipe that takes half an hour is trained once, not once for each table.
"""

from dataclasses import replace
from pathlib import Path

from course_utils.results import ledger, recipes
from course_utils.results.records import parse_record

from .summary import is_stale, stands_in


def corrected(events, paused):
    """Return recorded events without the time that the benchmark's own questions took.

    Parameters
    ----------
    events : iterable of dict
        As `course_utils.session.report_event` wrote them; other kinds than ``"record"`` are left out.
    paused : Moment
        CPU and wall seconds for which the clock was stopped, all of them between the start of the first ``fit`` and
        the record.

    Returns
    -------
    list of dict
    """
    made = []
    for event in events:
        if event.get("kind") != "record":
            continue
        times = {"minutes": paused.wall / 60, "cpu_seconds": paused.cpu}
        found = {name: event[name] - spent for name, spent in times.items() if event.get(name) is not None}
        made.append(event | found)
    return made


def into_ledger(runs, path=None) -> list[str]:
    """Take the records of measured runs into the ledger, and say in a line each which.

    Left out: runs of a changed budget table, of a recipe that is another one by now, and on data that stand in for the
    full ones.

    Parameters
    ----------
    runs : iterable of dict
    path : path-like, optional
        The ledger; default: the course's.
    """
    told, entries = [], ledger.load_ledger(path)
    for run in runs:
        if run["side"] != "course" or run["override"] or is_stale(run) or stands_in(run["variant"]):
            continue
        for event in run.get("records", ()):
            record = parse_record(event)
            if record is None or record.variant is None:
                continue
            stem = Path(run["notebook"]).stem
            made = replace(
                record,
                seed=run["seed"],
                notebook=stem,
                recipe_hash=recipes.recipe_hash(record.name, run["budget"], notebook=stem),
            )
            entries = ledger.merge_run(entries, made, run["machine"], event.get("speed"))
            told.append(f"{made.name}, {made.budget}, seed {made.seed}: {made.split} accuracy {made.accuracy:.4f}")
    if told:
        ledger.save_ledger(entries, path)
    return told
