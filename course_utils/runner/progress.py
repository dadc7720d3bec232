"""Telling how a run goes: a live display in a terminal, plain lines in a log."""

import time

_QUIET_SECONDS = 15


class Silent:
    """Says nothing; also the list of what a reporter is told."""

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    def started(self, name, position, total):
        """Say that a notebook is next (position counts from 1)."""

    def opened(self, code_cells):
        """Say how many code cells it has."""

    def cell(self, position, done, source):
        """Say that a cell starts, and how many code cells of the notebook are done."""

    def tick(self, seconds, memory_mb):
        """Say how long the notebook has been running, and what its kernel uses."""

    def finished(self, outcome):
        """Say what became of the notebook."""


class Plain(Silent):
    """Plain lines for logs: one at the start, one at the end, one now and then between.

    Parameters
    ----------
    console : rich.console.Console
    clock : callable, optional
        Seconds; for tests.
    """

    def __init__(self, console, clock=time.monotonic):
        self._console, self._clock = console, clock
        self._label, self._cells, self._now, self._said = "", 0, "", 0.0

    def _say(self, text):
        self._console.print(f"{self._label} {text}", markup=False, highlight=False, soft_wrap=True)
        self._said = self._clock()

    def started(self, name, position, total):
        self._label = f"[{position}/{total}] {name}:"

    def opened(self, code_cells):
        self._cells, self._now = code_cells, ""
        self._say(f"{code_cells} code cells")

    def cell(self, position, done, source):
        self._now = f"code cell {done + 1} of {self._cells}: {first_code_line(source)}"

    def tick(self, seconds, memory_mb):
        if self._now and self._clock() - self._said >= _QUIET_SECONDS:
            self._say(f"{seconds:.0f} s, {memory_mb:.0f} MB, {self._now}")

    def finished(self, outcome):
        self._say(_ending(outcome))


class Live(Silent):
    """A bar per notebook in a terminal.

    Parameters
    ----------
    console : rich.console.Console
    """

    def __init__(self, console):
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[memory]}", style="dim"),
            TextColumn("{task.fields[now]}", style="dim", markup=False),
            console=console,
        )
        self._task = None

    def __enter__(self):
        self._bars.start()
        return self

    def __exit__(self, *error):
        self._bars.stop()

    def started(self, name, position, total):
        label = f"{position}/{total} {name}"
        self._task = self._bars.add_task(label, total=None, memory="", now="starting the kernel")

    def opened(self, code_cells):
        self._bars.update(self._task, total=code_cells)

    def cell(self, position, done, source):
        self._bars.update(self._task, completed=done, now=first_code_line(source)[:48])

    def tick(self, seconds, memory_mb):
        self._bars.update(self._task, memory=f"{memory_mb:.0f} MB")

    def finished(self, outcome):
        memory = f"{outcome.peak_memory_mb:.0f} MB" if outcome.peak_memory_mb else ""
        self._bars.update(self._task, completed=outcome.cells_done, memory=memory, now=_short_ending(outcome))
        self._bars.stop_task(self._task)


def reporter(console):
    """Return the reporter that fits a console: live in a terminal, else plain lines."""
    return Live(console) if console.is_terminal and not console.is_dumb_terminal else Plain(console)


def first_code_line(source) -> str:
    """Return the first line of a cell that is neither blank nor a comment, stripped."""
    lines = [line.strip() for line in source.splitlines() if line.strip()]
    return next((line for line in lines if not line.startswith("#")), lines[0] if lines else "")


def _short_ending(outcome):
    if outcome.status == "failed" and outcome.failure is not None:
        return f"failed in cell {outcome.failure.cell}: {outcome.failure.error}"
    return outcome.status


def _ending(outcome):
    memory = f", {outcome.peak_memory_mb:.0f} MB" if outcome.peak_memory_mb else ""
    return f"{_short_ending(outcome)} ({outcome.seconds / 60:.1f} min{memory})"
