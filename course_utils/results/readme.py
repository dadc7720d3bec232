"""The README's table of results, made from the ledger."""

import re
from pathlib import Path

from ..errors import CourseError
from ..files import atomic_write
from .ledger import build_row, load_ledger
from .verdicts import STAND_INS

BEGIN = "<!-- ledger:begin -->"
END = "<!-- ledger:end -->"
_HEADER = ("notebook", "recipe", "{split} accuracy", "seeds", "budget", "data", "minutes of training", "parameters")


def write_readme(readme=None, ledger=None) -> bool:
    """Bring the table between the markers of the README up to date.

    Parameters
    ----------
    readme : path-like, optional
        Default: that of the checkout.
    ledger : path-like, optional
        Default: the one that ships with the course.

    Returns
    -------
    bool
        True if the file changed.

    Raises
    ------
    CourseError
        If the README is not there or has no markers; nothing is written.
    """
    path = Path(readme) if readme else Path(__file__).resolve().parents[2] / "README.md"
    return write_between(path, BEGIN, END, lambda: results_table([build_row(entry) for entry in load_ledger(ledger)]))


def write_between(path, begin, end, make_text) -> bool:
    """Replace what stands between two marker lines of a text file.

    Parameters
    ----------
    path : path-like
    begin, end : str
        The lines.
    make_text : callable
        Returns the new text, ending in a line break; called once the place is found.

    Returns
    -------
    bool
        True if the file changed.

    Raises
    ------
    CourseError
        If the file is not there or has no markers; nothing is written.
    """
    path, block = Path(path), re.compile(rf"{re.escape(begin)}\n.*?{re.escape(end)}", re.DOTALL)
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError as error:
        raise CourseError("There is no README here.", where=str(path), fix="Run it in a clone.") from error
    if len(block.findall(text)) != 1:
        raise CourseError(
            "The README has no single place for the table of results.",
            where=str(path),
            expected=f"a line {begin} and below it a line {end}",
            fix="Put both lines where the table belongs.",
        )
    new = block.sub(lambda _: f"{begin}\n{make_text()}{end}", text)
    if new != text:
        with atomic_write(path) as temporary:
            temporary.write_bytes(new.encode())
    return new != text


def results_table(rows) -> str:
    """Return the Markdown tables of the measured rows, ending in a line break; empty without rows.

    Test accuracies come first; what was judged on validation images follows in a table of its own, folded.
    A row on a bundled sample or on the practice set is shown only where the recipe was not measured on the
    full data.

    Parameters
    ----------
    rows : iterable of LedgerRow
    """
    rows = _shown(rows)
    if not rows:
        return ""
    tested = [row for row in rows if row.split in (None, "test")]
    others = [row for row in rows if row not in tested]
    lines = _table("test", tested) if tested else []
    if others:
        summary = "<details><summary>Judged on validation images, the test set still closed</summary>"
        lines += [summary, "", *_table("validation", others), "</details>", ""]
    return "\n".join([*lines, _origin(rows), ""])


def _table(split, rows):
    header = [name.format(split=split) for name in _HEADER]
    return [_line(header), _line(["---"] * len(header)), *(_line(_cells(row)) for row in rows), ""]


def _shown(rows):
    rows = list(rows)
    stands_in = {row.variant: row.variant.rpartition("/")[2] in STAND_INS for row in rows}
    full = {(row.recipe, row.budget) for row in rows if not stands_in[row.variant]}
    chosen = [row for row in rows if not stands_in[row.variant] or (row.recipe, row.budget) not in full]
    order = {"laptop": 0, "full": 1}
    return sorted(
        chosen, key=lambda row: (row.notebook or "", row.mean, row.recipe, order.get(row.budget, 2), row.variant)
    )


def _cells(row):
    low, high = f"{row.low * 100:.1f}", f"{row.high * 100:.1f}"
    accuracy = f"{low} %" if low == high else f"{low}–{high} %"
    return (
        (row.notebook or "")[:2],
        f"`{row.recipe}`",
        accuracy + (" (not re-measured since the recipe changed)" if row.stale else ""),
        row.n,
        row.budget,
        row.variant,
        "" if row.minutes is None else f"{row.minutes:.1f}",
        "" if row.parameters is None else f"{row.parameters:,}",
    )


def _origin(rows):
    machines = "; ".join(sorted({row.machine for row in rows if row.machine})) or "an unknown machine"
    names = {"keras": "Keras", "tensorflow": "TensorFlow"}
    found = sorted({f"{names[name]} {row.versions[name]}" for row in rows for name in names if name in row.versions})
    return f"Measured on {machines}" + (f", with {', '.join(found)}." if found else ".")


def _line(cells):
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"
