"""What a run found out: one frozen dataclass per notebook, and one for the whole run."""

from dataclasses import asdict, dataclass, field

MEMORY_LIMIT_MB = 1500
"""Peak memory a notebook's kernel may use; Binder ends server and kernel together at 2 GB."""

STATUSES = ("passed", "failed", "stopped", "not run")


@dataclass(frozen=True)
class Failure:
    """The first cell of a notebook that went wrong.

    Attributes
    ----------
    cell : int
        Position among all cells of the notebook, counted from 1; 0 when no cell is to blame.
    line : int or None
        Line of the cell, counted from 1.
    source : str
        That line's text.
    error : str
        Name of the exception, for example ``"ValueError"``.
    message : str
        What the exception says, complete.
    causes : tuple of str
        Earlier exceptions of the chain, oldest first.
    traceback : str
        Plain text; empty when the kernel died.
    """

    cell: int
    error: str
    message: str
    line: int | None = None
    source: str = ""
    causes: tuple[str, ...] = ()
    traceback: str = ""


@dataclass(frozen=True)
class Noise:
    """Something on stderr, or a warning, in the output of a cell (counted from 1)."""

    cell: int
    text: str


@dataclass(frozen=True)
class NotebookOutcome:
    """What became of one notebook.

    Attributes
    ----------
    name : str
        File name without ``.ipynb``.
    status : str
        ``"passed"``, ``"failed"``, ``"stopped"`` (Ctrl-C) or ``"not run"``.
    cells, cells_done : int
        Code cells there are, and code cells that ran without error (in the last pass).
    seconds : float
        Wall time, kernel start included.
    peak_memory_mb : float or None
        Largest resident memory of the kernel in megabytes (1e6 bytes).
    pass_peaks_mb : tuple of float
        The same at the end of each pass: the first is what a learner's kernel needs.
    cpu_seconds : float or None
        User and system time of the kernel and of the processes it started, kernel start included.
    libraries : tuple of str
        Which of `course_utils.runner.memory.HEAVY` were imported at the end.
    data, records : tuple of dict
        What ``cu.load`` and ``cu.record`` reported.
    noise : tuple of Noise
        Empty for a notebook that keeps the course's promise of clean output.
    failure : Failure or None
    page, executed : str
        Where the HTML and the executed notebook were written; empty if they were not.
    """

    name: str
    status: str
    cells: int = 0
    cells_done: int = 0
    seconds: float = 0.0
    peak_memory_mb: float | None = None
    pass_peaks_mb: tuple[float, ...] = ()
    cpu_seconds: float | None = None
    libraries: tuple[str, ...] = ()
    budget: str = ""
    data: tuple[dict, ...] = ()
    records: tuple[dict, ...] = ()
    noise: tuple[Noise, ...] = ()
    failure: Failure | None = None
    page: str = ""
    executed: str = ""

    @property
    def over_memory(self) -> bool:
        """True if the kernel needed more than `MEMORY_LIMIT_MB`."""
        return self.peak_memory_mb is not None and self.peak_memory_mb > MEMORY_LIMIT_MB


@dataclass(frozen=True)
class RunReport:
    """What became of a run of the course."""

    outcomes: tuple[NotebookOutcome, ...]
    budget: str
    data: str
    seed: int
    seconds: float = 0.0
    machine: dict = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """True if every notebook ran from first to last cell."""
        return bool(self.outcomes) and all(outcome.status == "passed" for outcome in self.outcomes)

    @property
    def stopped(self) -> bool:
        """True if somebody ended the run with Ctrl-C."""
        return any(outcome.status == "stopped" for outcome in self.outcomes)

    @property
    def exit_code(self) -> int:
        """0 if everything passed, 130 after Ctrl-C (as shells have it), else 1."""
        return 0 if self.passed else 130 if self.stopped else 1

    def to_dict(self) -> dict:
        """Return what ``run.json`` holds."""
        head = {"format": 1, "passed": self.passed, "stopped": self.stopped}
        settings = {name: getattr(self, name) for name in ("budget", "data", "seed", "seconds", "machine")}
        return head | settings | {"notebooks": [asdict(outcome) for outcome in self.outcomes]}
