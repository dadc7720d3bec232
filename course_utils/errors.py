"""The course's one family of exceptions: what happened, where, what was expected and found, what to do."""

import importlib
import sys
from difflib import SequenceMatcher
from types import ModuleType


class CourseError(Exception):
    """A problem the learner can act on.

    Parameters
    ----------
    what : str
        One sentence: what went wrong, or which rule was broken.
    where : str, optional
        File, variable, cell or address concerned.
    expected, found : str, optional
        What was wanted and what was received.
    fix : str, optional
        What to do next.

    Examples
    --------
    >>> print(CourseError("The file is damaged.", where="mnist.npz", fix="Delete it and run the cell again."))
    The file is damaged.
      where:    mnist.npz
      what to do: Delete it and run the cell again.
    """

    def __init__(self, what, *, where=None, expected=None, found=None, fix=None):
        self.what = str(what)
        self.where = where
        self.expected = expected
        self.found = found
        self.fix = fix
        super().__init__(self._message())

    def _message(self):
        details = {
            "where:   ": self.where,
            "expected:": self.expected,
            "found:   ": self.found,
            "what to do:": self.fix,
        }
        lines = [f"  {label} {value}" for label, value in details.items() if value is not None]
        return "\n".join([self.what, *lines])

    def __str__(self):
        return self._message()


class SettingsError(CourseError, ValueError):
    """One or more ``COURSE_*`` variables make no sense; the message lists all of them."""


class InputError(CourseError, ValueError):
    """Labels, pixels, shapes or arguments that a function cannot use."""


class NotInMemoryError(CourseError, TypeError, AttributeError):
    """Photographs that stay on the disk, used as if they were an array in memory."""


class NotebookError(CourseError):
    """A notebook that cannot be found, read or executed."""


class DataError(CourseError):
    """Anything about a data set: not there, not readable, not what its name says."""


class DownloadError(DataError):
    """A file could not be fetched; the message names every address that was tried."""


class IntegrityError(DataError):
    """A file's size or hash is not the published one."""


class ArchiveError(DataError):
    """An archive that is damaged or not safe to unpack."""


class StudyError(CourseError):
    """A search for good settings (a study) that cannot go on as asked."""


class DiskError(CourseError, OSError):
    """A disk that is full, read-only, or a path that is not what it should be."""


class UnknownNameError(CourseError, ValueError):
    """A name that is not one of the valid ones.

    Parameters
    ----------
    kind : str
        What is being named, for example ``"data set"`` or ``"budget"``.
    name : str
        What was received.
    valid : iterable of str
        The valid names; the message lists them closest first.
    where, fix : str, optional
        As in `CourseError`.

    Examples
    --------
    >>> print(UnknownNameError("budget", "latpop", ["smoke", "laptop", "full"]))
    There is no budget called 'latpop'. Did you mean 'laptop'?
      expected: laptop, full, smoke
    """

    def __init__(self, kind, name, valid, *, where=None, fix=None):
        self.kind = kind
        self.name = name
        self.valid = closest_first(name, valid)
        what = f"There is no {kind} called {str(name)!r}."
        meant = likely_meant(name, self.valid)
        if meant is not None:
            what += f" Did you mean {meant!r}?"
        super().__init__(what, where=where, expected=", ".join(self.valid) or "(there are none)", fix=fix)


class MissingPackageError(CourseError, ImportError):
    """A package the course needs is not installed; the message says the one command that installs it."""


# Which of the course's extras brings a package that is not among its core dependencies.
_EXTRAS = {"keras": "cpu", "tensorflow": "cpu", "nbclient": "lab", "nbconvert": "lab", "nbformat": "lab"}


def closest_first(name, valid):
    """Sort the valid names so that the one most like `name` comes first.

    Parameters
    ----------
    name : str
        What was received.
    valid : iterable of str
        The valid names.

    Returns
    -------
    list of str
    """
    return sorted(valid, key=lambda candidate: -_similarity(name, candidate))


def likely_meant(name, valid):
    """Return the valid name that was probably meant, or None where none is like the one received.

    Parameters
    ----------
    name : str
        What was received.
    valid : iterable of str
        The valid names.

    Returns
    -------
    str or None

    Examples
    --------
    >>> likely_meant("latpop", ["smoke", "laptop", "full"])
    'laptop'
    """
    first = next(iter(closest_first(name, valid)), None)
    return first if first is not None and _similarity(name, first) >= 0.6 else None


def install_command(package):
    """Return the one command that installs `package` for the course.

    Parameters
    ----------
    package : str
        Import name, for example ``"tensorflow"``.

    Returns
    -------
    str
    """
    from pathlib import Path

    extra = _EXTRAS.get(package)
    if extra is None:
        return f"{pip_install()} {package}"
    root = Path(__file__).resolve().parent.parent
    # A checkout: the distribution's name is not on an index, the folder is; -e keeps it the one that runs.
    editable = (root / "pyproject.toml").is_file()
    return f'{pip_install()} -e "{root}[{extra}]"' if editable else f'{pip_install()} "cnn-course[{extra}]"'


def pip_install() -> str:
    """Return the beginning of a command that installs into this very Python, not into another ``python``."""
    return f"{this_python()} -m pip install"


def this_python(executable=None) -> str:
    """Return this Python as it is typed in a terminal: in quotes if its path has a space.

    Parameters
    ----------
    executable : str, optional
        Default ``sys.executable``.
    """
    executable = executable or sys.executable
    return f'"{executable}"' if " " in executable else executable


def require(package: str) -> ModuleType:
    """Import a package, or say what installs it.

    Parameters
    ----------
    package : str
        Import name, for example ``"keras"``.

    Returns
    -------
    module

    Raises
    ------
    MissingPackageError
        If the package, or something it needs, is not installed.
    """
    try:
        return importlib.import_module(package)
    except ModuleNotFoundError as error:
        missing = (error.name or package).split(".")[0]
        raise MissingPackageError(
            f"The course needs {missing!r} here and it is not installed in this Python.",
            fix=f"{install_command(missing)}   (then restart the kernel)",
        ) from error


def _similarity(name, candidate):
    name, candidate = str(name).lower(), str(candidate).lower()
    bonus = 0.5 if name and (candidate.startswith(name) or name in candidate) else 0.0
    return SequenceMatcher(None, name, candidate).ratio() + bonus
