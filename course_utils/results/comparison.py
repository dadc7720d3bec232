"""``cu.compare()``: your runs beside the course's ranges."""

from .. import _display
from .ledger import ledger_rows
from .records import read_records
from .verdicts import judge

_HEADER = ("recipe", "yours (last)", "yours (best)", "runs", "the course's", "budget", "data", "verdict")
_WORDS = {
    "inside": "in the range",
    "chance": "within chance of the range",
    "above": "above the range",
    "below": "below the range",
    "smoke": "smoke run: not a result",
    "unpublished": "no published range",
}


def compare(name=None) -> None:
    """Show your runs beside the course's ranges, one line per recipe, budget and data variant.

    Parameters
    ----------
    name : str, optional
        Only recipes whose name starts with this.

    Raises
    ------
    CourseError
        If the ledger is damaged.
    """
    kept = read_records()
    rows = comparison_rows(kept.records, ledger_rows(name), name)
    notes = []
    if not rows:
        what = f" for {name!r}" if name else ""
        notes.append(f"No runs and no published ranges{what} yet: train a model and call cu.record(name, report).")
    if kept.damaged:
        lines = "1 damaged line was" if kept.damaged == 1 else f"{kept.damaged} damaged lines were"
        notes.append(f"{lines} skipped in {kept.path}")
    html = (_display.table_html(rows, _HEADER) if rows else "") + "".join(_paragraph(note) for note in notes)
    text = "\n".join(([_display.table_text(rows, _HEADER)] if rows else []) + notes)
    _display.show(html, text)


def comparison_rows(records, ledger, name=None) -> list[tuple]:
    """Return the lines of the table.

    Parameters
    ----------
    records : iterable of Record
        Oldest first.
    ledger : iterable of LedgerRow
    name : str, optional
        Only recipes whose name starts with this.

    Returns
    -------
    list of tuple
        Sorted by recipe; ranges you have no run for come with empty cells.
    """
    ledger = list(ledger)
    groups = {}
    for record in records:
        if name is None or record.name.startswith(name):
            key = (record.name, record.budget or "", record.variant or "", record.split or "")
            groups.setdefault(key, []).append(record)
    lines = {key: _line(runs, ledger) for key, runs in groups.items()}
    run = {key[:3] for key in groups}
    for row in ledger:
        key = (row.recipe, row.budget, row.variant)
        if key not in run:
            lines[*key, row.split or ""] = (row.recipe, "", "", 0, _range(row), row.budget, row.variant, "not run yet")
    return [lines[key] for key in sorted(lines)]


def _line(runs, ledger):
    last, best = runs[-1], max(runs, key=lambda run: run.accuracy)
    verdict = judge(last, ledger)
    return (
        last.name,
        f"{last.accuracy:.3f}",
        f"{best.accuracy:.3f}",
        len(runs),
        _range(verdict.row) if verdict.row else "",
        last.budget or "",
        (last.variant or "unknown") + ("" if last.split in (None, "test") else f", {last.split}"),
        _WORDS[verdict.kind],
    )


def _range(row):
    return f"{row.range} ({row.n})" + (", not re-measured" if row.stale else "")


def _paragraph(note):
    from html import escape

    return f"<p>{escape(note)}</p>"
