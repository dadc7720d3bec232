"""What several commands of ``course`` have in common: options, and where they write."""

from pathlib import Path
from typing import Annotated

import typer

Only = Annotated[list[str] | None, typer.Option(help="Numbers or names of notebooks, for example: --only 02 03")]
Budget = Annotated[str | None, typer.Option(help="smoke, laptop, full or auto (default: COURSE_BUDGET, else auto)")]
Data = Annotated[str | None, typer.Option(help="auto, bundled or full (default: COURSE_DATA, else auto)")]
Notebooks = Annotated[Path | None, typer.Option(help="Folder of the notebooks (default: the course's)")]
Output = Annotated[Path, typer.Option(help="Folder for pages, executed notebooks and run.json")]


def console(stderr=False):
    """Return a console on standard output or error.

    Parameters
    ----------
    stderr : bool

    Returns
    -------
    rich.console.Console
    """
    from rich.console import Console

    found = Console(stderr=stderr)
    # A log has no width of its own; at the default of 80 the tables would be cut into pieces.
    return found if found.is_terminal else Console(stderr=stderr, width=140)
