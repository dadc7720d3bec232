"""What ``course bench footprint`` does, once its options are read."""

import os

from course_utils.results.recording import machine

from . import footprint, footprint_store, footprint_table
from .measuring import Conditions


def listing(parts) -> str:
    """Return the parts in words: what is measured and what must be reached."""
    return "".join(f"{part.name}: {part.title}\n    to reach    {part.goal}\n" for part in parts)


def written(parts, results=None, notebooks=None) -> str:
    """Return the tables of what is measured of some parts as Markdown."""
    return footprint_table.markdown(*_known(parts, results, notebooks))


def run(parts, console, *, threads=None, timeout=None, again=False, results=None, notebooks=None) -> bool:
    """Measure what is missing of some parts, telling a console how it goes, and show the tables at the end.

    Parameters
    ----------
    parts : iterable of Part
    console : rich.console.Console
    threads, timeout, again, notebooks
        As the options of ``course bench``; the time-out is that of a cell.
    results : path-like, optional
        The results of the recipes; the footprint's lie beside them.

    Returns
    -------
    bool
        True if a measurement failed or the call was interrupted.
    """
    pieces = footprint.plan_pieces(parts, notebooks)
    conditions = Conditions(threads or os.cpu_count() or 1, "bundled", machine(), timeout=timeout)
    path, stopped, made = footprint_store.path_beside(results), False, []
    try:
        made = footprint.measure(pieces, conditions, path, again=again, tell=_Teller(console, len(pieces)))
    except KeyboardInterrupt:
        stopped = True
        console.print("Stopped. The same command goes on here: what is finished is kept.")
    footprint_table.print_table(console, *_known(parts, results, notebooks))
    return stopped or any(outcome.status == "failed" for outcome in made)


def _known(parts, results, notebooks):
    """Return summaries of what is measured of some parts, and the labels of what has changed since."""
    pieces = {(piece.part.name, piece.stem): piece for piece in footprint.plan_pieces(parts, notebooks)}
    count = len({piece.stem for piece in pieces.values()} - {""})
    runs = footprint_store.load_runs(footprint_store.path_beside(results))
    # A notebook that is gone counts no more.
    runs = [run for run in runs if (run["part"], run["notebook"]) in pieces]
    found = ((pieces[run["part"], run["notebook"]], run) for run in runs)
    stale = [piece.label for piece, run in found if piece.hash != run["hash"]]
    return footprint_table.summaries(runs, parts, count), stale


class _Teller:
    """One line when a measurement starts and one when it ends."""

    def __init__(self, console, total):
        self.console, self.total, self.position = console, total, 0

    def __call__(self, news):
        piece = getattr(news, "job", news)
        if news is piece:
            text = f"{piece.label}: started"
        else:
            self.position += 1
            text = f"[{self.position}/{self.total}] {piece.label}: {news.status}{_figures(news)}"
        self.console.print(text, markup=False, highlight=False, soft_wrap=True)


def _figures(outcome):
    if outcome.run is None:
        return f": {outcome.note}"
    if "updates" in outcome.run:
        slowest = max(times["wall_ms"] for times in outcome.run["updates"].values())
        return f", {slowest:.1f} ms at most"
    run = outcome.run
    return f", {run['wall_seconds']:.2f} s, {run['cpu_seconds']:.2f} CPU seconds, {run['peak_memory_mb']:,.0f} MB"
