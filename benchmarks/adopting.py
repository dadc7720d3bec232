"""What the course's side recorded while it was measured: rows for its ledger, drafts for its checkpoints.

A recipe that takes half an hour is trained once, not once for each table.
"""

import os
from dataclasses import replace
from pathlib import Path

from course_utils.results import ledger, recipes
from course_utils.results.recording import machine
from course_utils.results.records import parse_record

from .summary import stands_in


def corrected(events, clock):
    """Return recorded events without the time that the benchmark's own questions took.

    Parameters
    ----------
    events : iterable of dict
        As `course_utils.session.report_event` wrote them; other kinds than ``"record"`` are left out.
    clock : Clock
        It was stopped for the questions, all of them between the start of the first ``fit`` and the record. What was
        prepared in there is no training either. Where several networks were trained it is not known which one's time
        all this is: their times become None.
    """
    made, paused, one = [], clock.paused_for, len(clock.networks) <= 1
    for event in events:
        if event.get("kind") != "record":
            continue
        times = {"minutes": (paused.wall + clock.prepared_for) / 60, "cpu_seconds": paused.cpu}
        found = {name: event[name] - spent for name, spent in times.items() if event.get(name) is not None}
        made.append(event | {name: value if one and value > 0 else None for name, value in found.items()})
    return made


def into_ledger(runs, path=None) -> list[str]:
    """Take the records of measured runs into the ledger, and say in a line each which.

    Left out: runs of another machine than this one, with a GPU or not with all its cores, of a changed budget table,
    and on data that stand in for the full ones; and records of a recipe that is another one by now.

    Parameters
    ----------
    runs : iterable of dict
    path : path-like, optional
        The ledger; default: the course's.
    """
    told, entries, here = [], ledger.load_ledger(path), machine()
    for run in runs:
        if run["side"] != "course" or run["override"] or run["gpus"] or stands_in(run["variant"]):
            continue
        if run["machine"] != here or run["threads"] != os.cpu_count():
            continue
        for event in run.get("records", ()):
            record = parse_record(event)
            if record is None or record.variant is None:
                continue
            stem = Path(run["notebook"]).stem
            current = recipes.recipe_hash(record.name, run["budget"], notebook=stem)
            if current is None or record.recipe_hash != current:
                continue
            made = replace(record, seed=run["seed"], notebook=stem)
            entries = ledger.merge_run(entries, made, run["machine"], event.get("speed"))
            told.append(f"{made.name}, {made.budget}, seed {made.seed}: {made.split} accuracy {made.accuracy:.4f}")
    if told:
        ledger.save_ledger(entries, path)
    return told
