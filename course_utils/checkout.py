"""What only a clone of the course holds, beside the installed package."""

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

from .errors import CourseError

ROOT = Path(__file__).resolve().parents[1]


def benchmarks() -> ModuleType:
    """Return the module behind ``course bench``.

    Raises
    ------
    CourseError
        If the package was installed without its clone.
    """
    if not (ROOT / "benchmarks" / "bench.py").is_file():
        raise CourseError(
            "The benchmarks are part of a clone of the course, not of the installed package.",
            where=str(ROOT / "benchmarks"),
            fix="Clone the course, and run the command with the environment that `make run` makes there.",
        )
    if str(ROOT) not in sys.path:
        sys.path.append(str(ROOT))
    return import_module("benchmarks.bench")
