"""A run of the course: notebook after notebook, going on after a failure."""

import json
import os
import platform
import shutil
import sys
import tempfile
import time
from pathlib import Path

from ..errors import NotebookError
from ..files import atomic_write
from ..settings import get_settings
from . import pages
from .execute import Execution
from .outcome import Failure, NotebookOutcome, RunReport
from .plan import kernel_environment
from .progress import Silent

# Lies in the results folder of a run, and only there: what is beside it may be removed by the next run.
_MARKER = ".course-run"


def run_course(options, progress=None) -> RunReport:
    """Execute notebooks in order, each in a kernel of its own.

    Writes to ``options.output``: per notebook a page (HTML) and the executed ``.ipynb``, an
    ``index.html``, and ``run.json``, which is brought up to date after every notebook.

    Parameters
    ----------
    options : RunOptions
    progress : object, optional
        As made by `course_utils.runner.progress.reporter`; default: nobody is told.

    Returns
    -------
    RunReport
        Its ``exit_code`` is 0 only if all notebooks passed.

    Raises
    ------
    SettingsError
        If a ``COURSE_*`` variable makes no sense.
    DiskError
        If the output folder cannot be written.
    MissingPackageError, NotebookError
        If what makes the pages is not there or does not work.
    """
    progress = progress or Silent()
    environ = kernel_environment(options)
    pages.make_exporter()
    _prepare_output(options)
    started = time.monotonic()
    outcomes = [NotebookOutcome(path.stem, "not run") for path in options.notebooks]
    report = _report(outcomes, environ, started)
    pages.write_glossary(options)
    for position, path in enumerate(options.notebooks):
        progress.started(path.stem, position + 1, len(options.notebooks))
        try:
            outcomes[position] = _run_notebook(path, options, environ, progress)
        except KeyboardInterrupt:  # between kernels, or a second Ctrl-C
            outcomes[position] = NotebookOutcome(path.stem, "stopped")
        progress.finished(outcomes[position])
        report = _report(outcomes, environ, started)
        _write_report(report, options.output)
        if report.stopped:
            break
    return report


def _prepare_output(options):
    with atomic_write(options.output / "run.json") as path:
        path.write_text('{"format": 1, "passed": false, "stopped": true, "notebooks": []}\n', "utf-8")
    results = options.results_folder()
    if options.keep_records:
        return
    # A saved training run of an earlier `course run` would be resumed instead of trained again.
    if (results / _MARKER).exists():
        shutil.rmtree(results)
    results.mkdir(parents=True, exist_ok=True)
    (results / _MARKER).touch()


def _run_notebook(path, options, environ, progress) -> NotebookOutcome:
    with tempfile.TemporaryDirectory(prefix="course-run-", ignore_cleanup_errors=True) as folder:
        events = Path(folder, "events.jsonl")
        try:
            execution = Execution(
                path,
                environ | {"COURSE_RUN_REPORT": str(events)},
                timeout=options.cell_timeout(environ.get("COURSE_BUDGET", "auto")),
                passes=options.passes,
                log=Path(folder, "kernel.log"),
                progress=progress,
            )
        except NotebookError as error:
            return NotebookOutcome(path.stem, "failed", failure=Failure(0, "NotebookError", str(error)))
        progress.opened(execution.code_cells)
        execution.run()
        return _outcome(path, execution, read_events(events), options)


def _outcome(path, execution, events, options):
    page = pages.write_pages(execution.notebook, path, options, execution.failure)
    setups = [event for event in events if event.get("kind") == "setup"]
    return NotebookOutcome(
        name=path.stem,
        status=execution.status,
        cells=execution.code_cells,
        cells_done=execution.cells_done,
        seconds=round(execution.seconds, 2),
        peak_memory_mb=round(execution.peak_memory_mb, 1) or None,
        pass_peaks_mb=tuple(round(peak, 1) for peak in execution.pass_peaks_mb),
        cpu_seconds=execution.cpu_seconds,
        libraries=execution.libraries,
        budget=str(setups[-1].get("budget", "")) if setups else "",
        data=_once(events, "data"),
        records=_once(events, "record"),
        noise=tuple(execution.noise),
        failure=execution.failure,
        page=str(page),
        executed=str(page.with_suffix(".ipynb")),
    )


def read_events(path) -> list[dict]:
    """Return the events a kernel appended to its report; a line cut short by a dying kernel is left out."""
    events = []
    try:
        lines = Path(path).read_text("utf-8").splitlines()
    except OSError:
        return events
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict):
            events.append(event)
    return events


def _once(events, kind):
    """Return the events of one kind, the last per name, in order of first appearance."""
    found = {}
    for event in events:
        if event.get("kind") == kind:
            found[event.get("name")] = {key: value for key, value in event.items() if key not in ("kind", "pid")}
    return tuple(found.values())


def _report(outcomes, environ, started):
    settings = get_settings(environ)
    budgets = {outcome.budget for outcome in outcomes if outcome.budget}
    return RunReport(
        outcomes=tuple(outcomes),
        budget=budgets.pop() if len(budgets) == 1 else settings.budget,
        data=settings.data,
        seed=settings.seed,
        seconds=round(time.monotonic() - started, 2),
        machine={
            "system": platform.system(),
            "processor": platform.machine(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "executable": sys.executable,
        },
    )


def _write_report(report, output):
    with atomic_write(output / "run.json") as path:
        path.write_text(json.dumps(report.to_dict(), indent=1, ensure_ascii=False, default=str) + "\n", "utf-8")
    pages.write_index(report, output)
