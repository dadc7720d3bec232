"""Run the course's notebooks from first to last and say what happened (the command ``course run``)."""

from .course import run_course
from .outcome import MEMORY_LIMIT_MB, Failure, Noise, NotebookOutcome, RunReport
from .plan import RunOptions, default_notebooks_folder, find_notebooks, select_notebooks

__all__ = [
    "MEMORY_LIMIT_MB",
    "Failure",
    "Noise",
    "NotebookOutcome",
    "RunOptions",
    "RunReport",
    "default_notebooks_folder",
    "find_notebooks",
    "run_course",
    "select_notebooks",
]
