"""Start-up, memory and time of the course itself: ``course bench footprint``, or one part of it.

Every measurement is a fresh process on bundled data with an empty cache. What is finished lies in ``footprint.json``,
beside the results of the recipes; a call that was interrupted goes on there. A measurement is made again when the code
told by `Part.hashed` has changed, or with ``--again``.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from course_utils import runner
from course_utils.errors import CourseError
from course_utils.results import recipes

from . import footprint_store as store
from . import startup
from .measuring import Outcome

PACKAGE = startup.ROOT / "course_utils"


@dataclass(frozen=True)
class Part:
    """One kind of measurement.

    Attributes
    ----------
    name, title : str
    goal : str
        What must be reached, in words.
    measure : callable
        Piece, Conditions → dict.
    hashed : callable
        Path of a notebook or None → str, the code that the measurement depends on.
    per_notebook : bool
        True: a measurement for each notebook.
    """

    name: str
    title: str
    goal: str
    measure: Callable
    hashed: Callable
    per_notebook: bool = True


@dataclass(frozen=True)
class Piece:
    """One measurement to make: a part, and the notebook if it has one."""

    part: Part
    notebook: Path | None
    hash: str

    @property
    def label(self) -> str:
        """The part, and the notebook if there is one."""
        return f"{self.part.name} {self.stem}" if self.notebook else self.part.name

    @property
    def stem(self) -> str:
        """The notebook's name without ``.ipynb``; empty if there is none."""
        return self.notebook.stem if self.notebook else ""


def plan_pieces(parts, notebooks=None) -> list[Piece]:
    """Return the measurements of some parts, in order.

    Parameters
    ----------
    parts : iterable of Part
    notebooks : path-like, optional
        Folder of the notebooks.
    """
    found = runner.find_notebooks(notebooks or runner.default_notebooks_folder())
    chosen = [(part, path.absolute()) for part in parts if part.per_notebook for path in found]
    chosen += [(part, None) for part in parts if not part.per_notebook]
    order = {part.name: number for number, part in enumerate(parts)}
    return [
        Piece(part, path, hashlib.sha256(part.hashed(path).encode()).hexdigest()[:16])
        for part, path in sorted(chosen, key=lambda pair: order[pair[0].name])
    ]


def measure(pieces, conditions, path, *, again=False, tell=None) -> list[Outcome]:
    """Make the measurements that are not finished, one after the other; a failed one does not stop the others.

    Parameters
    ----------
    pieces : iterable of Piece
    conditions : Conditions
        Its choice of data does not matter here: the data are the bundled ones.
    path : Path
        The file of results. It is brought up to date after every piece.
    again : bool
        True: also what is finished.
    tell : callable, optional
        Called with a `Piece` before it is measured, and with its `Outcome` after.

    Returns
    -------
    list of Outcome
    """
    tell, made = tell or (lambda news: None), []
    for piece in pieces:
        mark = identity(piece, conditions)
        known = [run for run in store.load_runs(path) if store.key_of(run) == store.key_of(mark)]
        if known and known[0]["hash"] == piece.hash and not again:
            outcome = Outcome(piece, "kept", known[0])
        else:
            tell(piece)
            outcome = _measured(piece, conditions, mark)
            if outcome.run:
                store.save_run(outcome.run, path)
        tell(outcome)
        made.append(outcome)
    return made


def identity(piece, conditions) -> dict:
    """Return what tells this measurement from others, and the hash of the code it depends on."""
    return {
        "part": piece.part.name,
        "notebook": piece.stem,
        "machine": conditions.machine,
        "threads": conditions.threads,
        "hash": piece.hash,
    }


def _measured(piece, conditions, mark):
    from course_utils.results.recording import versions

    load = startup.load_average()
    try:
        found = piece.part.measure(piece, conditions)
    except CourseError as error:
        details = [str(text) for text in (error.where, error.found) if text]
        return Outcome(piece, "failed", note=error.what + (f" ({'; '.join(details)})" if details else ""))
    time = datetime.now(UTC).isoformat(timespec="seconds")
    about = {"versions": dict(versions()), "load_average": load, "time": time}
    return Outcome(piece, "measured", found | about | mark)


def _import(piece, conditions):
    found = startup.costs("import course_utils", repeats=7)
    bare = startup.costs("import course_utils", repeats=3, compiled=False)
    numpy = startup.costs("import numpy", repeats=7)
    return found | {
        "modules": len(found["modules"]),
        "uncompiled_cpu_seconds": bare["cpu_seconds"],
        "uncompiled_wall_seconds": bare["wall_seconds"],
        "numpy_cpu_seconds": numpy["cpu_seconds"],
        "numpy_modules": len(numpy["modules"]),
    }


def _setup(piece, conditions):
    found = startup.costs(setup_cell(piece.notebook), folder=piece.notebook.parent, threads=conditions.threads)
    return found | {"modules": len(found["modules"])}


def _widgets(piece, conditions):
    with tempfile.TemporaryDirectory(prefix="course-bench-", ignore_cleanup_errors=True) as folder:
        result = Path(folder, "result.json")
        environ = startup.own_environment(Path(folder), conditions.threads)
        command = [sys.executable, "-m", "benchmarks.widget_updates", str(result)]
        done = subprocess.run(command, env=environ, cwd=startup.ROOT, capture_output=True, text=True)
        if done.returncode:
            raise CourseError("The updates of the widgets failed.", found=startup.last_words(done.stderr))
        return {"updates": json.loads(result.read_text("utf-8"))}


def _run(budget):
    def run(piece, conditions):
        """Execute a notebook as ``course run`` does, its page included, and return what the report says."""
        with tempfile.TemporaryDirectory(prefix="course-bench-", ignore_cleanup_errors=True) as folder:
            own = startup.own_settings(Path(folder), conditions.threads)
            output = Path(folder, "build")
            options = runner.RunOptions(
                (piece.notebook,), output, budget, "bundled", 0, conditions.timeout, environ=own
            )
            report = runner.run_course(options)
        (outcome,) = report.outcomes
        if outcome.status == "stopped":
            raise KeyboardInterrupt
        if outcome.failure is not None:
            failure = outcome.failure
            raise CourseError(
                "The notebook failed.", where=f"cell {failure.cell}", found=f"{failure.error}: {failure.message[:200]}"
            )
        names = ("cells", "cpu_seconds", "peak_memory_mb")
        return {name: getattr(outcome, name) for name in names} | {
            "wall_seconds": report.seconds,
            "libraries": list(outcome.libraries),
        }

    return run


def setup_cell(path) -> str:
    """Return the source of a notebook's set-up cell.

    Raises
    ------
    CourseError
        If it has none.
    """
    found = [source for source, tags in _code(path) if "setup" in tags]
    if not found:
        raise CourseError("The notebook has no cell tagged `setup`.", where=str(path))
    return found[0]


def _code(path):
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            yield "".join(cell["source"]), cell["metadata"].get("tags", ())


def _package_code(pattern):
    return "\0".join(recipes.normalise(path.read_text("utf-8")) for path in sorted(PACKAGE.glob(pattern)))


def _all_cells(path):
    return "\0".join(source for source, _ in _code(path))


ALL = "footprint"
"""The name of all parts together."""

PARTS = (
    Part(
        "footprint_import",
        "import course_utils",
        "at most 0.3 s, and no TensorFlow",
        _import,
        lambda _: _package_code("*.py"),
        per_notebook=False,
    ),
    Part(
        "footprint_setup",
        "the set-up cell of every notebook",
        "no TensorFlow in notebook 01",
        _setup,
        lambda path: setup_cell(path) + _package_code("*.py"),
    ),
    Part(
        "footprint_widgets",
        "computing one update of each widget",
        "at most 50 ms",
        _widgets,
        lambda _: _package_code("widgets/*.py"),
        per_notebook=False,
    ),
    Part(
        "footprint_smoke",
        "the whole course in the smoke budget",
        "at most 5 minutes on 2 cores, at most 1,500 MB in every kernel, no TensorFlow in notebook 01",
        _run("smoke"),
        _all_cells,
    ),
    Part(
        "footprint_laptop",
        "the whole course in the laptop budget",
        "at most 15 minutes on 2 cores, at most 1,500 MB in every kernel, no TensorFlow in notebook 01",
        _run("laptop"),
        _all_cells,
    ),
)
