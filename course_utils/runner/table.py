"""The table at the end of a run, and the failures in words."""

from pathlib import Path

from .outcome import MEMORY_LIMIT_MB

HEADER = ("Notebook", "Status", "Cells", "Minutes", "Peak memory", "Noise", "Data", "Results")
_STYLES = {"passed": "green", "failed": "bold red", "stopped": "yellow", "not run": "dim"}


def row(outcome) -> tuple[str, ...]:
    """Return one row of the table, as text.

    Parameters
    ----------
    outcome : NotebookOutcome

    Returns
    -------
    tuple of str
        As many as `HEADER`.
    """
    if outcome.status == "not run":
        return (outcome.name, outcome.status, *[""] * (len(HEADER) - 2))
    return (
        outcome.name,
        outcome.status,
        f"{outcome.cells_done}/{outcome.cells}",
        f"{outcome.seconds / 60:.1f}",
        _memory(outcome),
        f"{len(outcome.noise)} !" if outcome.noise else "none",
        "\n".join(_data(event) for event in outcome.data) or "-",
        "\n".join(_record(event) for event in outcome.records) or "-",
    )


def _memory(outcome):
    if outcome.peak_memory_mb is None:
        return "?"
    text = f"{outcome.peak_memory_mb:,.0f} MB"
    return f"{text}\n! over {MEMORY_LIMIT_MB:,}" if outcome.over_memory else text


def _data(event):
    text = f"{event.get('name')}: {event.get('source')}"
    return text if event.get("verified", True) else f"{text}, unverified"


def _record(event):
    accuracy = event.get("accuracy")
    return f"{event.get('name')} {accuracy:.4f}" if isinstance(accuracy, int | float) else str(event.get("name"))


def print_report(console, report, output):
    """Write the final table, every failure and the noise to a rich console.

    Parameters
    ----------
    console : rich.console.Console
    report : RunReport
    output : Path
        Where the pages are.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    for outcome in report.outcomes:
        if outcome.failure is not None:
            console.print(_failure(outcome))
    for outcome in report.outcomes:
        if outcome.noise:
            console.print(_noise(outcome))
    table = Table(box=box.SIMPLE_HEAD, title=_title(report), title_justify="left", title_style="bold", pad_edge=False)
    for position, name in enumerate(HEADER):
        table.add_column(name, justify="right" if position in (2, 3, 4) else "left", overflow="fold")
    for outcome in report.outcomes:
        cells = [Text(text) for text in row(outcome)]
        cells[1].stylize(_STYLES[outcome.status])
        table.add_row(*cells)
    console.print(table)
    console.print(Text(_summary(report, output)), soft_wrap=True)


def _title(report):
    return f"budget {report.budget} · data {report.data} · seed {report.seed} · {report.seconds / 60:.1f} minutes"


def _failure(outcome):
    from rich.text import Text

    failure = outcome.failure
    place = f"cell {failure.cell}" if failure.cell else "before the first cell"
    place += f", line {failure.line}" if failure.line else ""
    text = Text(f"{outcome.name}: {place}\n", style="bold red")
    if failure.source:
        begins = "" if failure.line else "the cell begins with: "
        text.append(f"    {begins}{failure.source}\n", style="bold")
    text.append(_indent(f"{failure.error}: {failure.message}", 2) + "\n", style="default")
    for cause in reversed(failure.causes):
        text.append(f"  caused by {cause}\n", style="default")
    if outcome.page:
        text.append(f"  page: {outcome.page} (the failed cell is marked)\n", style="default")
    return text


def _noise(outcome, most=3):
    from rich.text import Text

    text = Text(f"{outcome.name}: output that learners should not see\n", style="yellow")
    for noise in outcome.noise[:most]:
        lines = noise.text.splitlines()
        more = f" (and {len(lines) - 1} more lines)" if len(lines) > 1 else ""
        text.append(f"  cell {noise.cell}: {lines[0][:200]}{more}\n", style="default")
    if len(outcome.noise) > most:
        text.append(f"  and in {len(outcome.noise) - most} more places\n", style="default")
    return text


def _indent(text, width):
    return "\n".join(" " * width + line for line in text.splitlines())


def _summary(report, output):
    count = len(report.outcomes)
    passed = sum(outcome.status == "passed" for outcome in report.outcomes)
    page = Path(output) / "index.html"
    if report.passed:
        return f"All {count} notebooks passed. Pages: {page}" if count > 1 else f"The notebook passed. Page: {page}"
    if report.stopped:
        return f"Stopped by Ctrl-C: {passed} of {count} notebooks passed before. Pages: {page}"
    return f"{count - passed} of {count} notebooks failed. Pages: {page}"
