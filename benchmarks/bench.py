"""``course bench``: the recipes beside the tutorials' (`benchmarks.command`), then the course's footprint."""

from pathlib import Path

from course_utils.errors import UnknownNameError
from course_utils.results.readme import write_between

from . import command, footprint_command, measuring
from .footprint import ALL, PARTS, Part
from .targets import TARGETS, select_targets

__all__ = ["chosen", "into_ledger", "listing", "run", "write_page", "written"]

BEGIN = "<!-- bench:begin -->"
END = "<!-- bench:end -->"


def chosen(names=()) -> tuple:
    """Return what is to be measured: targets, then parts of the footprint.

    Parameters
    ----------
    names : iterable of str
        Of targets and parts; ``"footprint"``: all parts. Empty: everything.

    Raises
    ------
    UnknownNameError
        If there is no such benchmark; the message lists them, closest first.
    """
    names = tuple(names)
    targets, parts = [target.name for target in TARGETS], [part.name for part in PARTS]
    for name in names:
        if name not in (*targets, ALL, *parts):
            known = (*targets, ALL, *parts)
            raise UnknownNameError("benchmark", name, known, fix="course bench --list shows them.")
    wanted = [name for name in names if name in targets]
    found = select_targets(wanted) if wanted or not names else ()
    everything = not names or ALL in names
    return *found, *(part for part in PARTS if everything or part.name in names)


def listing(benchmarks) -> str:
    """Return in words what is measured and what must be reached."""
    targets, parts = _apart(benchmarks)
    return (command.listing(targets) if targets else "") + footprint_command.listing(parts)


def written(benchmarks, results=None) -> str:
    """Return the tables of what is measured as Markdown."""
    targets, parts = _apart(benchmarks)
    texts = [command.written(targets, results)] if targets else []
    return "\n".join([*texts, *([footprint_command.written(parts, results)] if parts else [])])


def write_page(page=None, results=None) -> bool:
    """Bring the tables of ``benchmarks/README.md`` up to date, between its markers; returns True if it changed."""
    page = Path(page) if page else Path(__file__).with_name("README.md")
    return write_between(page, BEGIN, END, lambda: f"\n{written(chosen(), results)}\n")


def into_ledger(benchmarks, results=None) -> list[str]:
    """Take what the recipes recorded into the ledger, and say which; a footprint records nothing."""
    return command.into_ledger(_apart(benchmarks)[0], results)


def run(benchmarks, console, *, threads=None, timeout=None, again=False, results=None, notebooks=None, **options):
    """Measure what is missing: the recipes, then the footprint; Ctrl-C ends both.

    Parameters
    ----------
    benchmarks : tuple
        As `chosen` returns them.
    console : rich.console.Console
    threads, timeout, again, results, notebooks, **options
        As of `benchmarks.command.run`. Seeds and data do not matter to the footprint.

    Returns
    -------
    bool
        True if a measurement failed or the call was interrupted.
    """
    targets, parts = _apart(benchmarks)
    common = {"threads": threads, "timeout": timeout, "again": again, "results": results, "notebooks": notebooks}
    execute = _Interruptible(options.pop("execute", None))
    failed = command.run(targets, console, execute=execute, **common, **options) if targets else False
    if parts and not execute.interrupted:
        failed |= footprint_command.run(parts, console, **common)
    return failed


class _Interruptible:
    """Makes a recipe's measurement, and remembers whether Ctrl-C ended it."""

    def __init__(self, execute=None):
        self.execute, self.interrupted = execute, False

    def __call__(self, job, conditions):
        try:
            return (self.execute or measuring.run_worker)(job, conditions)
        except KeyboardInterrupt:
            self.interrupted = True
            raise


def _apart(benchmarks):
    targets = tuple(one for one in benchmarks if not isinstance(one, Part))
    return targets, tuple(one for one in benchmarks if isinstance(one, Part))
