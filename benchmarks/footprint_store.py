"""``footprint.json``: every finished measurement of the footprint, written as a whole after each."""

from pathlib import Path

from course_utils.listings import Listing

from . import store

SCHEMA = 1
KEY = ("part", "notebook", "machine", "threads")
"""What makes two measurements the same; the newer one replaces the older."""


_LISTING = Listing(
    "runs",
    SCHEMA,
    "The file with the measurements of the course's footprint",
    "The measurements of the course's footprint cannot be read.",
    "The measurements of the course's footprint were written by another version of the course.",
    "Restore the file from the repository, or delete it: what it held is measured again.",
    "Move the file away; what it held is measured again.",
)


def path_beside(results=None) -> Path:
    """Return the path of the footprint's file: beside the results of the recipes.

    Parameters
    ----------
    results : path-like, optional
        Default ``benchmarks/results.json``.
    """
    return Path(results or store.RESULTS_PATH).with_name("footprint.json")


def load_runs(path) -> list[dict]:
    """Return the measurements; a missing file has none.

    Raises
    ------
    CourseError
        If the file is damaged or of another schema.
    """
    return _LISTING.read(path, _checked)


def _checked(run):
    key_of(run)
    run["hash"], run["time"]
    return run


def save_run(run, path) -> None:
    """Add a measurement to the file; it replaces one of the same key.

    Parameters
    ----------
    run : dict
    path : Path
    """
    store.replace_run(run, path, load_runs, key_of, SCHEMA)


def key_of(run) -> tuple:
    """Return what identifies a measurement: the values of `KEY`."""
    return tuple(run[name] for name in KEY)
