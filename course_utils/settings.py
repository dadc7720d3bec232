"""The course's settings: one frozen dataclass read from ``COURSE_*`` environment variables."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from .errors import SettingsError, UnknownNameError, closest_first

BUDGETS = ("smoke", "laptop", "full")
DATA_CHOICES = ("auto", "bundled", "full")
WIDGET_CHOICES = ("auto", "live", "still")

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"", "0", "false", "no", "off"}

# Every variable the course reads, and what it is for (the doctor and the README show this table).
VARIABLES = {
    "COURSE_BUDGET": "smoke, laptop, full or auto: how much work the notebooks do (auto: full with a GPU, else laptop)",
    "COURSE_SEED": "a whole number from 0 to 4294967295: the seed that cu.setup() uses (default 0)",
    "COURSE_DATA": "auto, bundled (only what ships with the course) or full (never what ships with the course)",
    "COURSE_DATA_DIR": "a folder with prepared data sets; looked at first",
    "COURSE_CACHE_DIR": "where downloads are kept",
    "COURSE_RESULTS_DIR": "where your records and saved training runs are kept",
    "COURSE_MIRROR": "http(s) addresses of mirrors, separated by spaces; tried before the official hosts",
    "COURSE_OFFLINE": "1: never open a network connection",
    "COURSE_TIMEOUT": "seconds to wait for a connection (default 3)",
    "COURSE_OVERRIDE": "rows of a notebook's budget table to change, for example: epochs=3 images=2000",
    "COURSE_WIDGETS": "auto, live or still: still shows a picture in place of each widget (auto: live in a kernel)",
    "COURSE_RUN_REPORT": "a file to which a run appends what it did (used by `course run`)",
    "COURSE_SAVE_CHECKPOINTS": "a folder in which cu.record() keeps the network as well (set by `course checkpoint`)",
    "COURSE_REQUIRE": "all: tests fail instead of skipping when a tool is missing",
}


@dataclass(frozen=True)
class Settings:
    """What the ``COURSE_*`` variables say.

    Attributes
    ----------
    budget : str
        ``"smoke"``, ``"laptop"``, ``"full"`` or ``"auto"``.
    seed : int
        In [0, 2**32 - 1].
    data : str
        ``"auto"``, ``"bundled"`` or ``"full"``.
    data_dir : Path or None
        Folder prepared by somebody, looked at first.
    cache_dir : Path
        Where downloads are kept; not created before it is needed.
    results_dir : Path
        Where records and saved training runs are kept; not created before it is needed.
    mirrors : tuple of str
        Base addresses without a trailing slash, in the order they are tried.
    offline : bool
        True: no socket is opened.
    timeout : float
        Seconds allowed for a connection.
    override : tuple of (str, int)
        Rows of the notebook's budget table that take another value.
    widgets : str
        ``"auto"``, ``"live"`` or ``"still"``.
    """

    budget: str
    seed: int
    data: str
    data_dir: Path | None
    cache_dir: Path
    results_dir: Path
    mirrors: tuple[str, ...]
    offline: bool
    timeout: float
    override: tuple[tuple[str, int], ...] = ()
    widgets: str = "auto"


class _Reader:
    """Reads one variable at a time and collects every problem, so that all are told at once."""

    def __init__(self, environ):
        self.environ = environ
        self.problems = []

    def text(self, name):
        return self.environ.get(name, "").strip()

    def problem(self, name, rule):
        self.problems.append(f"{name}={self.environ[name]!r}: {rule}")

    def choice(self, name, valid, default):
        value = self.text(name).lower() or default
        if value in valid:
            return value
        self.problem(name, "must be one of " + ", ".join(closest_first(value, valid)))
        return default

    def number(self, name, convert, low, high, default, rule):
        value = self.text(name)
        try:
            number = convert(value) if value else default
        except ValueError:
            number = None
        if number is None or not low <= number <= high:  # also catches nan
            self.problem(name, rule)
            return default
        return number

    def flag(self, name):
        value = self.text(name).lower()
        if value not in _TRUE | _FALSE:
            self.problem(name, "must be 1 (on) or 0 (off)")
        return value in _TRUE

    def usual_folder(self, name, usual):
        """Return what `usual` gives, a folder in the home folder; some containers know no home."""
        try:
            folder = usual("course_utils")
        except RuntimeError:
            folder = Path()
        if not folder.is_absolute():
            self.problems.append(f"{name} is not set, and there is no home folder here; set it to a folder to use")
        return folder

    def folder(self, name, usual=None, must_exist=False):
        value = self.text(name)
        if not value:
            return usual and self.usual_folder(name, usual)
        try:
            path = Path(value).expanduser()
        except RuntimeError:  # ~ without a home folder
            self.problem(name, "there is no such home folder; write the path without ~")
            return None
        try:
            if must_exist and not path.is_dir():
                is_what = "is a file, not a folder" if path.exists() else "does not exist"
                self.problem(name, f"the folder {is_what}; correct the path or unset the variable")
            elif path.exists() and not path.is_dir():
                self.problem(name, "is a file, not a folder")
        except OSError as error:  # for example a name that is too long
            self.problem(name, f"cannot be used ({error.strerror})")
        return path.absolute()

    def addresses(self, name):
        found = []
        for address in self.text(name).split():
            parts = urlsplit(address)
            if parts.scheme in ("http", "https") and parts.netloc:
                found.append(address.rstrip("/"))
            else:
                self.problem(name, f"{address!r} is not an http:// or https:// address")
        return tuple(found)

    def pairs(self, name):
        found = []
        for pair in self.text(name).split():
            row, _, value = pair.partition("=")
            if row and value.isdigit():
                found.append((row, int(value)))
            else:
                self.problem(name, f"{pair!r} is not of the form name=number")
        return tuple(found)

    def unknown(self):
        for name in sorted(self.environ):
            if name.startswith("COURSE_") and name not in VARIABLES:
                message = str(UnknownNameError("variable", name, VARIABLES)).split("\n")[0]
                self.problems.append(message)


def get_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the ``COURSE_*`` variables.

    Parameters
    ----------
    environ : mapping of str to str, optional
        Read instead of ``os.environ``.

    Returns
    -------
    Settings

    Raises
    ------
    SettingsError
        If any variable makes no sense or is unknown; the message lists every problem at once.

    Examples
    --------
    >>> get_settings({"COURSE_BUDGET": "smoke"}).budget
    'smoke'
    """
    import platformdirs

    read = _Reader(os.environ if environ is None else environ)
    settings = Settings(
        budget=read.choice("COURSE_BUDGET", ("auto", *BUDGETS), "auto"),
        seed=read.number("COURSE_SEED", int, 0, 2**32 - 1, 0, "must be a whole number from 0 to 4294967295"),
        data=read.choice("COURSE_DATA", DATA_CHOICES, "auto"),
        data_dir=read.folder("COURSE_DATA_DIR", must_exist=True),
        cache_dir=read.folder("COURSE_CACHE_DIR", platformdirs.user_cache_path),
        results_dir=read.folder("COURSE_RESULTS_DIR", platformdirs.user_data_path),
        mirrors=read.addresses("COURSE_MIRROR"),
        offline=read.flag("COURSE_OFFLINE"),
        timeout=read.number("COURSE_TIMEOUT", float, 0.1, 3600, 3.0, "must be a number of seconds from 0.1 to 3600"),
        override=read.pairs("COURSE_OVERRIDE"),
        widgets=read.choice("COURSE_WIDGETS", WIDGET_CHOICES, "auto"),
    )
    read.unknown()
    if read.problems:
        raise SettingsError(
            "Settings that make no sense:\n" + "\n".join(f"  - {problem}" for problem in read.problems),
            fix="Correct or unset these environment variables, then restart the kernel.",
        )
    return settings
