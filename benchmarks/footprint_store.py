"""``footprint.json``: every finished measurement of the footprint, written as a whole after each."""

import json
from pathlib import Path

from course_utils.errors import CourseError

from . import store

SCHEMA = 1
KEY = ("part", "notebook", "machine", "threads")
"""What makes two measurements the same; the newer one replaces the older."""


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
    try:
        content = json.loads(path.read_text("utf-8"))
        if content["schema"] != SCHEMA:
            raise ValueError(f"schema {content['schema']} instead of {SCHEMA}")
        for run in content["runs"]:
            key_of(run)
            run["hash"], run["time"]
    except FileNotFoundError:
        return []
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CourseError(
            "The measurements of the course's footprint cannot be read.",
            where=str(path),
            found=f"{type(error).__name__}: {error}",
            fix="Restore the file from the repository, or delete it: what it held is measured again.",
        ) from error
    return content["runs"]


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
