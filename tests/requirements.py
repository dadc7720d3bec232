"""What a test needs beyond Python: where missing, a skip with its reason, or a failure under COURSE_REQUIRE=all."""

import importlib.util
import os
import shutil

import pytest

# Read before the fixtures take the COURSE_* variables out of the environment.
REQUIRE_ALL = os.environ.get("COURSE_REQUIRE", "").strip().lower() == "all"
DATA_DIR = os.environ.get("COURSE_DATA_DIR", "").strip()


def need(tool, found=None):
    """Go on if `tool` is there; else skip, or fail under ``COURSE_REQUIRE=all``.

    Parameters
    ----------
    tool : str
        A program on the PATH or a module; several names of one thing are separated by ``|``, for
        example ``"chromium|chromium-browser|google-chrome"``.
    found : bool, optional
        Whether it is there, where only the caller can tell.

    Returns
    -------
    str or None
        Path of the program, if it is one.
    """
    names = tool.split("|")
    path = next((path for path in map(shutil.which, names) if path), None)
    if found is None:
        found = path is not None or any(_is_module(name) for name in names)
    if not found:
        missing(f"{' or '.join(names)} is not installed here")
    return path


def missing(reason):
    """Skip with `reason`, or fail under ``COURSE_REQUIRE=all``."""
    if REQUIRE_ALL:
        pytest.fail(f"COURSE_REQUIRE=all, but {reason}", pytrace=False)
    pytest.skip(reason)


def _is_module(name):
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False
