"""What a check found, and a table of it."""

import sys
from dataclasses import dataclass
from html import escape

from .. import _display

STATUSES = ("ok", "warn", "fail")
_SIGNS = {"ok": "✓ ok", "warn": "! look", "fail": "✗ fix"}
HEADER = ("", "check", "found", "needed", "what to do")


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's table.

    Attributes
    ----------
    check : str
        What was looked at; packages are ``"package NAME"``.
    status : str
        ``"ok"``, ``"warn"`` (works, with a drawback) or ``"fail"`` (will not work).
    found : str
    needed : str
        Empty where there is no requirement.
    fix : str
        What to do; empty when there is nothing to do.
    """

    check: str
    status: str
    found: str
    needed: str = ""
    fix: str = ""


def fold_packages(findings) -> list[Finding]:
    """Return the findings with the packages that are in order on one line.

    Parameters
    ----------
    findings : iterable of Finding

    Returns
    -------
    list of Finding
    """
    findings = list(findings)
    good = [finding for finding in findings if finding.check.startswith("package ") and finding.status == "ok"]
    if len(good) < 2:
        return findings
    line = Finding("packages", "ok", f"{len(good)} present and new enough", "the course's lowest versions")
    first = findings.index(good[0])
    folded = [line if index == first else finding for index, finding in enumerate(findings)]
    return [finding for finding in folded if finding is line or finding not in good]


def summary(findings) -> str:
    """Return one sentence about all findings.

    Parameters
    ----------
    findings : iterable of Finding
    """
    counts = dict.fromkeys(STATUSES, 0)
    for finding in findings:
        counts[finding.status] += 1
    if counts["fail"]:
        return f"Not everything works here yet: {_things(counts['fail'])} to fix."
    if counts["warn"]:
        return f"The course works here; {_things(counts['warn'])} worth a look."
    return "Everything is fine."


def show_findings(findings, everything=False) -> None:
    """Show the findings: an HTML table in a kernel, a rich table in a terminal.

    Parameters
    ----------
    findings : iterable of Finding
    everything : bool
        Also list the packages that are in order one by one.
    """
    findings = list(findings)
    rows = findings if everything else fold_packages(findings)
    cells = [(_SIGNS[row.status], row.check, row.found, row.needed, row.fix) for row in rows]
    if _display.in_kernel():
        text = _display.table_text(cells, HEADER)
        _display.show(_html(rows, summary(findings)), f"{summary(findings)}\n{text}")
    else:
        _print_table(cells, summary(findings))


def _html(rows, caption):
    # Three columns fit the width of a notebook; long commands may break anywhere.
    cell = "text-align:left;vertical-align:top;padding:3px 12px 3px 0"
    lines = []
    for row in rows:
        needed = f" (needed: {escape(row.needed)})" if row.needed else ""
        fix = f"<br><b>What to do:</b> {escape(row.fix)}" if row.fix else ""
        lines.append(
            f'<tr><td style="{cell};white-space:nowrap">{_SIGNS[row.status]}</td>'
            f'<th scope="row" style="{cell};font-weight:normal;white-space:nowrap">{escape(row.check)}</th>'
            f'<td style="{cell};overflow-wrap:anywhere">{escape(row.found)}{needed}{fix}</td></tr>'
        )
    return (
        '<table style="border-collapse:collapse;margin:4px 0;max-width:100%">'
        f'<caption style="text-align:left;font-weight:bold;caption-side:top">{escape(caption)}</caption>'
        f"<tbody>{''.join(lines)}</tbody></table>"
    )


def _print_table(cells, last_line):
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    # A pipe has no width of its own; 80 columns would cut commands into pieces.
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else 140, soft_wrap=False)
    table = Table(box=None, pad_edge=False)
    colours = {_SIGNS["ok"]: "green", _SIGNS["warn"]: "yellow", _SIGNS["fail"]: "red"}
    for name in HEADER:
        table.add_column(name, overflow="fold", no_wrap=name == "")
    for row in cells:
        table.add_row(Text(row[0], style=colours[row[0]]), *map(Text, row[1:]))
    console.print(table)
    console.print(Text(last_line))


def _things(n):
    return "one thing" if n == 1 else f"{n} things"
