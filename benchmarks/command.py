"""What ``course bench`` does, once its options are read."""

import os
from pathlib import Path

from course_utils.results.recording import machine

from . import measuring, store, table
from .references import reference
from .summary import compare
from .targets import select_targets as chosen

__all__ = ["chosen", "into_ledger", "listing", "run", "written"]


def listing(targets) -> str:
    """Return the targets in words: the published recipe with its slips, the course's, and what must be reached."""
    lines = []
    for target in targets:
        recipe = reference(target.reference)
        lines += [
            f"{target.name}: {target.title}",
            f"    reference   {recipe.recipe}; published {recipe.published}; {recipe.parameters:,} parameters",
            *(f"    slip        {slip}" for slip in recipe.slips),
            *(line for course in target.courses for line in _course_lines(course)),
        ]
        if recipe.portion:
            lines.append(f"    run in part, the time extrapolated: {recipe.portion.why}")
    return "\n".join([*lines, ""])


def _course_lines(course):
    yield f"    course      {course.label}"
    for goal in course.goals:
        yield f"        to reach    {goal.text}"


def written(targets, results=None) -> str:
    """Return the table of what is measured as Markdown."""
    return table.markdown(compare(targets, store.load_runs(results)), targets)


def into_ledger(targets, results=None) -> list[str]:
    """Take what the course's side of the targets recorded into the ledger, and say which."""
    from .adopting import into_ledger

    names = {course.name for target in targets for course in target.courses}
    return into_ledger(run for run in store.load_runs(results) if run["name"] in names)


def run(
    targets,
    console,
    *,
    seeds=(0, 1, 2),
    data=None,
    threads=None,
    timeout=None,
    again=False,
    output=Path("build/bench"),
    results=None,
    notebooks=None,
    execute=None,
) -> bool:
    """Measure what is missing, telling a console how it goes, and show the table at the end or after Ctrl-C.

    Parameters
    ----------
    targets : iterable of Target
    console : rich.console.Console
    seeds, data, threads, timeout, again, output, notebooks
        As the options of ``course bench``.
    results : path-like, optional
        Default ``benchmarks/results.json``.
    execute : callable, optional
        As of `benchmarks.measuring.measure`.

    Returns
    -------
    bool
        True if a measurement failed or the call was interrupted.
    """
    jobs = measuring.plan_jobs(targets, seeds, notebooks)
    conditions = measuring.Conditions(threads or os.cpu_count() or 1, data, machine(), Path(output), timeout)
    teller = _Teller(console, len(jobs))
    stopped, made = False, []
    try:
        made = measuring.measure(
            jobs, conditions, path=results, again=again, tell=teller, execute=execute or measuring.run_worker
        )
    except KeyboardInterrupt:
        stopped = True
        console.print("Stopped. The same command goes on here: what is finished is kept.")
    table.print_table(console, compare(targets, store.load_runs(results)), targets)
    return stopped or any(outcome.status == "failed" for outcome in made)


class _Teller:
    """One line when a measurement starts and one when it ends."""

    def __init__(self, console, total):
        self.console, self.total, self.position = console, total, 0

    def __call__(self, news):
        job = getattr(news, "job", news)
        name = ", ".join(filter(None, [f"{job.side} {job.name}", job.budget, job.override, f"seed {job.seed}"]))
        if news is job:
            self._say(f"{name}: started")
        else:
            self.position += 1
            self._say(f"[{self.position}/{self.total}] {name}: {news.status}{_figures(news)}")

    def _say(self, text):
        self.console.print(text, markup=False, highlight=False, soft_wrap=True)


def _figures(outcome):
    if outcome.run is None:
        return f": {outcome.note}"
    run = outcome.run
    accuracy = "accuracy not measured" if run["accuracy"] is None else f"accuracy {run['accuracy']:.4f}"
    part = " of a part" if run["partial"] else ""
    return f", {accuracy}, {run['work_cpu_seconds']:.0f} CPU seconds{part}, {run['peak_memory_mb']:,} MB"
