"""The ledger: the ranges the course has measured, and its rows as a notebook sees them."""

import json
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from .. import _display
from ..files import atomic_write
from ..listings import Listing
from . import recipes

SCHEMA = 1
LEDGER_PATH = Path(__file__).with_name("ledger.json")


@dataclass(frozen=True)
class LedgerRow:
    """What the course measured for one recipe, budget and data variant.

    Attributes
    ----------
    recipe, budget, variant : str
        The row's key.
    accuracies : tuple of float
        One per seed, in the order of `seeds`; in [0, 1].
    seeds : tuple of int
    low, high, mean : float
        Of `accuracies`.
    n : int
        Number of seeds.
    images : int or None
        Images each accuracy was measured on.
    minutes, cpu_seconds, peak_memory_mb : float or None
        Mean minutes and CPU seconds of training, and the largest resident memory of the kernel in MB.
    timings : tuple of (float, dict)
        Minutes of each run that tells them, and the speed of its computer at that time, see
        `course_utils.results.speed` (empty for rows from before it was measured).
    parameters, epochs : int or None
    machine : str
    versions : dict of str to str
    notebook, split : str or None
    measured : str
        Date of the newest run, ``YYYY-MM-DD``.
    stale : bool
        True: the recipe has changed since; the row is shown as "not re-measured".
    """

    recipe: str
    budget: str
    variant: str
    accuracies: tuple[float, ...]
    low: float
    high: float
    mean: float
    n: int
    seeds: tuple[int, ...] = ()
    images: int | None = None
    minutes: float | None = None
    cpu_seconds: float | None = None
    parameters: int | None = None
    epochs: int | None = None
    peak_memory_mb: int | None = None
    machine: str = ""
    versions: dict = field(default_factory=dict)
    notebook: str | None = None
    split: str | None = None
    measured: str = ""
    stale: bool = False
    timings: tuple[tuple[float, dict], ...] = ()

    @property
    def range(self) -> str:
        """The range as text: ``"0.908–0.915"``, or one value where all seeds agree."""
        return format_range(self.low, self.high)

    @property
    def origin(self) -> str:
        """Where the range is from: ``"3 seeds, laptop, fashion_mnist"``."""
        seeds = "1 seed" if self.n == 1 else f"{self.n} seeds"
        old = ", not re-measured since the recipe changed" if self.stale else ""
        return f"{seeds}, {self.budget}, {self.variant}{old}"

    def __str__(self):
        return f"{self.recipe}: {self.range} ({self.origin})"

    def _repr_html_(self):
        return f"<div>{escape(str(self))}</div>"


class LedgerRows(list):
    """A list of `LedgerRow` that shows itself as a table."""

    header = ("recipe", "accuracy", "seeds", "budget", "data", "minutes", "parameters", "note")

    def _cells(self):
        return [
            (
                row.recipe,
                row.range,
                row.n,
                row.budget,
                row.variant,
                "" if row.minutes is None else f"{row.minutes:.1f}",
                "" if row.parameters is None else f"{row.parameters:,}",
                "not re-measured" if row.stale else "",
            )
            for row in self
        ]

    def _repr_html_(self):
        return _display.table_html(self._cells(), self.header) if self else escape(str(self))

    def __str__(self):
        return _display.table_text(self._cells(), self.header) if self else "The ledger has no such rows yet."

    __repr__ = __str__


def format_range(low, high):
    """Return ``"0.908–0.915"``, or ``"0.912"`` where both ends round to the same.

    Parameters
    ----------
    low, high : float

    Examples
    --------
    >>> format_range(0.9081, 0.9149)
    '0.908–0.915'
    """
    return f"{low:.3f}" if f"{low:.3f}" == f"{high:.3f}" else f"{low:.3f}–{high:.3f}"


def ledger_rows(prefix=None, variant=None, budget=None):
    """Return the course's measured rows, for tables and figures.

    Parameters
    ----------
    prefix : str, optional
        Only recipes whose name starts with this.
    variant : str, optional
        Only this data variant, for example ``data.variant``; ``"fashion_mnist/sample"`` is another
        one than ``"fashion_mnist"``.
    budget : str, optional
        Only this budget.

    Returns
    -------
    list of LedgerRow
        Sorted by recipe, budget and variant; empty where nothing was measured yet.

    Raises
    ------
    CourseError
        If the ledger file is damaged.

    Examples
    --------
    >>> rows = ledger_rows("lenet", budget="laptop")
    """
    rows = (build_row(entry) for entry in load_ledger())
    return LedgerRows(
        row
        for row in rows
        if (prefix is None or row.recipe.startswith(prefix))
        and variant in (None, row.variant)
        and budget in (None, row.budget)
    )


def build_row(entry, notebooks=None) -> LedgerRow:
    """Return one entry of the ledger file as a `LedgerRow`.

    Parameters
    ----------
    entry : dict
        As `course_utils.results` documents it.
    notebooks : path-like, optional
        Folder whose recipes decide whether the row is stale.

    Returns
    -------
    LedgerRow
    """
    runs = sorted(entry["runs"].items(), key=lambda item: int(item[0]))
    accuracies = tuple(float(run["accuracy"]) for _, run in runs)
    minutes = [run["minutes"] for _, run in runs if run.get("minutes") is not None]
    cpu = [run["cpu_seconds"] for _, run in runs if run.get("cpu_seconds") is not None]
    memory = [run["peak_memory_mb"] for _, run in runs if run.get("peak_memory_mb") is not None]
    return LedgerRow(
        recipe=entry["recipe"],
        budget=entry["budget"],
        variant=entry["variant"],
        accuracies=accuracies,
        low=min(accuracies),
        high=max(accuracies),
        mean=sum(accuracies) / len(accuracies),
        n=len(accuracies),
        seeds=tuple(int(seed) for seed, _ in runs),
        images=entry.get("images"),
        minutes=sum(minutes) / len(minutes) if minutes else None,
        cpu_seconds=sum(cpu) / len(cpu) if cpu else None,
        parameters=entry.get("parameters"),
        epochs=entry.get("epochs"),
        peak_memory_mb=max(memory) if memory else None,
        machine=entry.get("machine", ""),
        versions=entry.get("versions", {}),
        notebook=entry.get("notebook"),
        split=entry.get("split"),
        measured=entry.get("measured", ""),
        stale=_is_stale(entry, notebooks),
        timings=tuple((run["minutes"], run.get("speed") or {}) for _, run in runs if run.get("minutes") is not None),
    )


_LISTING = Listing(
    "rows",
    SCHEMA,
    "The ledger of published ranges",
    "The ledger of published ranges is damaged.",
    "The ledger was written by another version of the course.",
    "Restore the file from the repository, or install the course again.",
    "Update the course so that package and ledger match.",
)


def load_ledger(path=None) -> list[dict]:
    """Return the entries of the ledger file.

    Parameters
    ----------
    path : path-like, optional
        Default: the one that ships with the course.

    Raises
    ------
    CourseError
        If the file is damaged or of a newer schema.
    """
    return [row for row in _LISTING.read(path or LEDGER_PATH, _checked) if row["runs"]]


def _checked(row):
    row["recipe"], row["budget"], row["variant"]
    for run in row["runs"].values():
        float(run["accuracy"])
    return row


def save_ledger(entries, path=None) -> Path:
    """Write the ledger, sorted by key so that the same measurements give the same bytes.

    Parameters
    ----------
    entries : iterable of dict
    path : path-like, optional

    Returns
    -------
    Path
    """
    path = Path(path) if path else LEDGER_PATH
    rows = sorted(entries, key=entry_key)
    text = json.dumps({"schema": SCHEMA, "rows": rows}, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    with atomic_write(path) as temporary:
        temporary.write_text(text, "utf-8", newline="\n")
    return path


def entry_key(entry) -> tuple[str, str, str]:
    """Return ``(recipe, budget, variant)`` of an entry."""
    return entry["recipe"], entry["budget"], entry["variant"]


def merge_run(entries, record, machine="", speed=None) -> list[dict]:
    """Return the entries with one run added; the entries given are not changed.

    The run replaces an earlier one of the same seed. Runs of an older recipe are dropped.

    Parameters
    ----------
    entries : list of dict
    record : Record
        With budget, variant and seed.
    machine : str
        Where it ran.
    speed : dict of str to float, optional
        How fast that computer was, see `course_utils.results.speed`.

    Returns
    -------
    list of dict
    """
    key = (record.name, record.budget, record.variant)
    others = [entry for entry in entries if entry_key(entry) != key]
    known = next((entry for entry in entries if entry_key(entry) == key), {})
    same_recipe = known.get("recipe_hash") == record.recipe_hash and known.get("split") == record.split
    runs = dict(known["runs"]) if known and same_recipe else {}
    runs[str(record.seed or 0)] = {
        "accuracy": _rounded(record.accuracy, 5),
        "loss": _rounded(record.loss, 5),
        "minutes": _rounded(record.minutes, 3),
        "peak_memory_mb": record.peak_memory_mb,
        **({"speed": dict(speed)} if speed else {}),
    }
    if record.cpu_seconds is not None:
        runs[str(record.seed or 0)]["cpu_seconds"] = _rounded(record.cpu_seconds, 1)
    entry = {
        "recipe": record.name,
        "budget": record.budget,
        "variant": record.variant,
        "notebook": record.notebook,
        "split": record.split,
        "images": record.n,
        "epochs": record.epochs,
        "parameters": record.parameters,
        "recipe_hash": record.recipe_hash,
        "machine": machine,
        "versions": dict(record.versions),
        "measured": record.time[:10],
        "runs": runs,
    }
    return sorted([*others, entry], key=entry_key)


def _is_stale(entry, notebooks):
    """Say whether the recipe is another one now, or gone; not so where its notebook is not here at all."""
    folder = Path(notebooks) if notebooks else recipes.notebooks_folder()
    notebook, measured = entry.get("notebook"), entry.get("recipe_hash")
    if measured is None or folder is None or not (folder / f"{notebook}.ipynb").is_file():
        return False
    return measured != recipes.recipe_hash(entry["recipe"], entry["budget"], folder, notebook)


def _rounded(value, digits):
    return None if value is None else round(float(value), digits)
