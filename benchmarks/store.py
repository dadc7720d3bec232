"""``results.json``: every finished run, written as a whole after each, so that nothing is lost or half there."""

import json
from pathlib import Path

from course_utils.data.locking import exclusive
from course_utils.files import atomic_write
from course_utils.listings import Listing

RESULTS_PATH = Path(__file__).with_name("results.json")
SCHEMA = 1
KEY = ("side", "name", "budget", "override", "seed", "data", "machine", "threads")
"""What makes two runs the same measurement; the newer one replaces the older."""


_LISTING = Listing(
    "runs",
    SCHEMA,
    "The file with the results of the benchmarks",
    "The results of the benchmarks are damaged.",
    "The results of the benchmarks were written by another version of the course.",
    "Restore the file from the repository, or delete it: what it held is measured again.",
    "Move the file away; what it held is measured again.",
)


def load_runs(path=None) -> list[dict]:
    """Return the runs; a missing file has none.

    Raises
    ------
    CourseError
        If the file is damaged or of another schema.
    """
    return _LISTING.read(path or RESULTS_PATH, _checked)


def _checked(run):
    key_of(run)
    str(run["hash"]), str(run["variant"]), float(run["work_cpu_seconds"]), bool(run["partial"])
    run["accuracy"] is None or float(run["accuracy"])
    if not [float(row["cpu_seconds"]) + float(row["test_accuracy"]) for row in run["epochs"]]:
        raise ValueError("a run without epochs")
    return run


def save_run(run, path=None) -> None:
    """Add a run to the file; it replaces one of the same key.

    Parameters
    ----------
    run : dict
    path : path-like, optional
    """
    replace_run(run, Path(path) if path else RESULTS_PATH, load_runs, key_of, SCHEMA)


def replace_run(run, path, load, key_of, schema) -> None:
    """Add a run to a file of runs, in the place of one with the same key; other processes wait meanwhile.

    Parameters
    ----------
    run : dict
    path : Path
    load : callable
        Path → list of dict.
    key_of : callable
        Run → tuple.
    schema : int
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with exclusive(path.with_name(f"{path.name}.lock"), path.name, "writing"):
        others = [other for other in load(path) if key_of(other) != key_of(run)]
        runs = sorted([*others, run], key=lambda run: tuple(map(str, key_of(run))))
        lines = ",\n".join(json.dumps(run, sort_keys=True, ensure_ascii=False, allow_nan=False) for run in runs)
        with atomic_write(path) as temporary:
            temporary.write_text(f'{{"schema": {schema}, "runs": [\n{lines}\n]}}\n', "utf-8", newline="\n")


def key_of(run) -> tuple:
    """Return what identifies a run: the values of `KEY`."""
    return tuple(run[name] for name in KEY)
