"""Which notebooks a run executes, and in what surroundings."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import NotebookError, SettingsError, UnknownNameError
from ..settings import BUDGETS, DATA_CHOICES, get_settings

# Seconds one cell may take. A bound that only a cell which hangs should meet.
_CELL_TIMEOUT = {"smoke": 600, "laptop": 1800}

# Many people have a folder "notebooks" of their own: this file tells the course's from theirs.
_FIRST = "00_start_here.ipynb"


@dataclass(frozen=True)
class RunOptions:
    """How to run the course.

    Attributes
    ----------
    notebooks : tuple of Path
        The notebooks, in order.
    output : Path
        Folder for pages, executed notebooks and ``run.json``.
    budget, data, seed : optional
        Override ``COURSE_BUDGET``, ``COURSE_DATA`` and ``COURSE_SEED``.
    timeout : float, optional
        Seconds one cell may take; default 600 in smoke, 1800 in laptop, no bound in full.
    passes : int
        How often every cell is run in the same kernel.
    keep_records : bool
        True: ``cu.record`` and saved training runs go where the learner's own go.
    environ : mapping of str to str
        Further environment variables for the kernels.
    """

    notebooks: tuple[Path, ...]
    output: Path = Path("build")
    budget: str | None = None
    data: str | None = None
    seed: int | None = None
    timeout: float | None = None
    passes: int = 1
    keep_records: bool = False
    environ: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self):
        if self.budget is not None and self.budget not in (*BUDGETS, "auto"):
            raise UnknownNameError("budget", self.budget, BUDGETS)
        if self.data is not None and self.data not in DATA_CHOICES:
            raise UnknownNameError("choice of data", self.data, DATA_CHOICES)
        if self.timeout is not None and self.timeout <= 0:
            raise SettingsError("The time-out must be more than 0 seconds.", found=str(self.timeout))
        if self.passes < 1:
            raise SettingsError("Cells must run at least once.", found=f"{self.passes} passes")

    def cell_timeout(self, budget) -> float | None:
        """Return the seconds one cell may take, or None for no bound."""
        return self.timeout or _CELL_TIMEOUT.get("laptop" if budget == "auto" else budget)

    def results_folder(self) -> Path:
        """Return where records go when they are not the learner's."""
        return self.output.absolute() / "results"


def kernel_environment(options, environ=None) -> dict:
    """Return the environment of the kernels.

    Parameters
    ----------
    options : RunOptions
    environ : mapping of str to str, optional
        Default ``os.environ``.

    Returns
    -------
    dict of str to str

    Raises
    ------
    SettingsError
        If a ``COURSE_*`` variable makes no sense.
    """
    result = dict(os.environ if environ is None else environ)
    result.pop("COURSE_SAVE_CHECKPOINTS", None)  # only `course checkpoint` asks for it, through the options
    result |= dict(options.environ)
    # A back end chosen for scripts would switch off figures in notebooks; ipykernel does not catch
    # what libraries below Python write when it believes to be inside pytest.
    for name in ("MPLBACKEND", "COURSE_REQUIRE", "PYTEST_CURRENT_TEST"):
        result.pop(name, None)
    chosen = {"COURSE_BUDGET": options.budget, "COURSE_DATA": options.data, "COURSE_SEED": options.seed}
    result |= {name: str(value) for name, value in chosen.items() if value is not None}
    if not options.keep_records:
        result["COURSE_RESULTS_DIR"] = str(options.results_folder())
    result.setdefault("COURSE_WIDGETS", "still")  # nobody is there to play
    settings = get_settings(result)
    # Kernels start in the notebook's folder: what was relative to this folder must not change its meaning.
    folders = {"DATA_DIR": settings.data_dir, "CACHE_DIR": settings.cache_dir, "RESULTS_DIR": settings.results_dir}
    result |= {f"COURSE_{name}": str(path) for name, path in folders.items() if result.get(f"COURSE_{name}")}
    # The debugger's and Jupyter's own start-up remarks are not the learner's business.
    result |= {"PYDEVD_DISABLE_FILE_VALIDATION": "1", "JUPYTER_PLATFORM_DIRS": "1"}
    return result


def default_notebooks_folder() -> Path:
    """Return the course's ``notebooks`` of this folder or a folder above it, else that of the package's checkout.

    A folder that does not hold the course's first notebook is somebody's own and is left alone.

    Raises
    ------
    NotebookError
        If there is none.
    """
    here = Path.cwd()
    checkout = Path(__file__).resolve().parents[2]
    for folder in (here, *here.parents, checkout):
        if (folder / "notebooks" / _FIRST).is_file():
            return folder / "notebooks"
    raise NotebookError(
        "The course's notebooks are not here.",
        where=str(here / "notebooks"),
        expected=_FIRST,
        fix="Run the command in the course's folder, or name the folder: course run --notebooks FOLDER",
    )


def find_notebooks(folder) -> tuple[Path, ...]:
    """Return the notebooks of a folder, in order of their names.

    Parameters
    ----------
    folder : path-like

    Raises
    ------
    NotebookError
        If the folder does not exist or holds no notebook.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise NotebookError(
            "This folder does not exist.", where=str(folder.absolute()), fix="Name the folder that holds the notebooks."
        )
    found = sorted(path for path in folder.glob("*.ipynb") if not path.name.startswith("."))
    if not found:
        raise NotebookError(
            "There are no notebooks in this folder.",
            where=str(folder.absolute()),
            fix="Name the folder that holds the notebooks.",
        )
    return tuple(found)


def select_notebooks(found, wanted=()) -> tuple[Path, ...]:
    """Choose notebooks by number, by the beginning of the name, or by file name.

    Parameters
    ----------
    found : sequence of Path
        All notebooks, in order.
    wanted : iterable of str
        For example ``"03"``, ``"03_lenet"``, ``"03_lenet_fashion_mnist.ipynb"``; several may stand in
        one string, separated by spaces or commas. Empty: all.

    Returns
    -------
    tuple of Path
        In the order of `found`, each once.

    Raises
    ------
    UnknownNameError
        If a name fits no notebook; the message lists them, closest first.
    """
    names = [name for text in wanted for name in re.split(r"[,\s]+", str(text)) if name]
    if not names:
        return tuple(found)
    chosen = {path for name in names for path in _matches(found, name)}
    return tuple(path for path in found if path in chosen)


def _matches(found, name):
    stem = re.split(r"[/\\]", name)[-1].removesuffix(".ipynb")
    exact = [path for path in found if path.stem == stem]
    if stem.isdecimal():
        exact = [path for path in found if re.match(rf"0*{int(stem)}(?!\d)", path.stem)]
    matches = exact or [path for path in found if path.stem.startswith(stem)]
    if not stem or not matches:
        raise UnknownNameError("notebook", name, [path.stem for path in found])
    return matches
