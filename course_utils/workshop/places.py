"""The doctor's checks of the settings, and of where each data set would come from."""

import os

from ..errors import CourseError, SettingsError
from ..settings import get_settings
from .findings import Finding

# The notebooks load these; the others are for a learner who changes one line, and only told.
NEEDED = ("mnist", "fashion_mnist", "cifar10", "imagenette")


def check_settings(environ=None):
    """Check the ``COURSE_*`` variables.

    Parameters
    ----------
    environ : mapping, optional
        Default ``os.environ``.

    Returns
    -------
    settings : Settings
        With the defaults, where a variable makes no sense.
    findings : list of Finding
    """
    environ = os.environ if environ is None else environ
    try:
        settings = get_settings(environ)
    except SettingsError as error:
        problems = [line.strip(" -") for line in error.what.splitlines()[1:]] or [error.what]
        findings = [Finding("settings", "fail", problem, "", error.fix or "") for problem in problems]
        return get_settings({name: environ[name] for name in environ if _makes_sense(name, environ[name])}), findings
    names = sorted(name for name in environ if name.startswith("COURSE_"))
    chosen = ", ".join(f"{name}={environ[name]}" for name in names) or "no COURSE_* variable is set"
    return settings, [Finding("settings", "ok", chosen)]


def _makes_sense(name, value):
    try:
        get_settings({name: value})
    except SettingsError:
        return False
    return True


def check_data(names=None, source=None) -> list[Finding]:
    """Say where each data set would come from; nothing is read, hashed or downloaded.

    Parameters
    ----------
    names : iterable of str, optional
        Default: all of the catalog.
    source : callable, optional
        Name → Source or None; default `course_utils.dataset_source`.

    Returns
    -------
    list of Finding
    """
    if names is None or source is None:
        from .. import data

        names = data.catalog.CATALOG if names is None else names
        source = data.dataset_source if source is None else source
    return [_check_dataset(name, source) for name in names]


def _check_dataset(name, source):
    check = f"data {name}"
    try:
        found = source(name)
    except CourseError as error:
        return Finding(check, "fail", error.what, "", error.fix or "")
    if found is None and name not in NEEDED:
        return Finding(check, "ok", "not here; only a challenge in a notebook uses it")
    if found is None:
        fix = f"course fetch {name}   (with a network), or set COURSE_DATA_DIR to a folder that holds it"
        return Finding(check, "fail", "nowhere to be found", "folder, cache, system package or download", fix)
    return Finding(check, "ok", _describe(found))


def _describe(source):
    words = {
        "folder": "data folder",
        "cache": "cache",
        "system": "system package",
        "download": "will be downloaded at first use",
        "bundled": "bundled sample (for the full data: `course fetch`, or COURSE_DATA_DIR)",
        "practice": "practice set Emoji-10 in its place (for the data itself: `course fetch`, or COURSE_DATA_DIR)",
    }
    where = words.get(source.kind, source.kind)
    return f"{where}: {source.location}" if source.kind in ("folder", "cache", "system") else where
