"""``cu.expect()``: minutes and memory before a cell that takes long, from what the course measured."""

import statistics
from dataclasses import dataclass
from html import escape

from .. import _display, session
from ..settings import get_settings
from .ledger import ledger_rows
from .speed import REFERENCE, machine_speed
from .verdicts import STAND_INS, describe_variant


@dataclass(frozen=True)
class Estimate:
    """What to expect of a recipe on this computer.

    Attributes
    ----------
    recipe : str
    minutes : float or None
        Of training, on this computer; None if the course has not measured it.
    memory_mb : float or None
        Largest resident memory of the kernel, in MB (10**6 bytes).
    row : LedgerRow or None
        What it is made from.
    ratio : float or None
        How many times as fast this computer is as the one that was measured.
    exact : bool
        True: both computers' speeds were measured in the same way and the first along with the row.
    reason : str
        Why there is no estimate.
    """

    recipe: str
    minutes: float | None = None
    memory_mb: float | None = None
    row: object = None
    ratio: float | None = None
    exact: bool = True
    reason: str = ""


def expect(name) -> None:
    """Show how many minutes and how much memory a recipe takes on this computer, in one line.

    The minutes are the course's, scaled by about a second of measuring this computer (once per kernel). Expect them to
    be right within a factor of two.

    Parameters
    ----------
    name : str
        The recipe, as given to ``cu.record``, for example ``"lenet"``.

    Raises
    ------
    CourseError
        If the ledger is damaged.

    Examples
    --------
    >>> expect("lenet")  # doctest: +SKIP
    About 2.6 minutes and 1.1 GB of memory on this computer (measured by the course: 2.6 minutes on 2 cores; …)
    """
    import psutil

    found = estimate(name)
    resident, free = psutil.Process().memory_info().rss / 1e6, psutil.virtual_memory().available / 1e6
    line = " ".join(filter(None, [estimate_text(found), memory_note(found, resident, free)]))
    _display.show(f"<div>{escape(line)}</div>", line)


def estimate(name) -> Estimate:
    """Return what to expect of a recipe with the data and the budget in force.

    Parameters
    ----------
    name : str

    Returns
    -------
    Estimate
    """
    course = session.current()
    budget = course.budget if course else session.resolve_budget(get_settings().budget)
    row, reason = row_for(ledger_rows(name), name, budget, session.loaded_variants())
    if row is None:
        return Estimate(name, reason=reason)
    if row.minutes is None:
        return Estimate(name, None, row.peak_memory_mb, row, reason="its minutes were not measured")
    if session.gpu_names() and "GPU" not in row.machine:
        return Estimate(name, None, row.peak_memory_mb, row, reason=f"on a GPU; on {_where(row)} {_span(row.minutes)}")
    return scaled(row, machine_speed())


def row_for(rows, name, budget, loaded=()):
    """Return the ledger's row that a run here would be compared with, or None and the reason.

    Parameters
    ----------
    rows : iterable of LedgerRow
    name, budget : str
    loaded : iterable of str
        Variants of the data sets this process has loaded.

    Returns
    -------
    tuple of (LedgerRow or None, str)
    """
    same = [row for row in rows if row.recipe == name]
    if not same:
        return None, ""
    there = [row for row in same if row.budget == budget]
    if not there:
        return None, f"in the {budget} budget"
    mine = {variant for variant in loaded if variant.partition("/")[0] in {_dataset(row) for row in there}}
    exact = [row for row in there if row.variant in mine]
    # The official files and a folder of the same pictures are equally large; samples and drawings are not.
    near = [row for row in there if not mine or {_stand_in(variant) for variant in mine} == {_stand_in(row.variant)}]
    found = exact or sorted(near, key=lambda row: (_stand_in(row.variant), row.variant))
    if not found:
        return None, f"on {' and '.join(describe_variant(variant) for variant in sorted(mine))}"
    return found[0], ""


def scaled(row, speed) -> Estimate:
    """Return a row's minutes on a computer of another speed.

    Parameters
    ----------
    row : LedgerRow
        With minutes.
    speed : dict of str to float
        Of this computer, see `machine_speed`.

    Returns
    -------
    Estimate
    """
    ((kind, here),) = speed.items()
    runs = [(minutes, (there or {}).get(kind)) for minutes, there in row.timings]
    exact = all(there for _, there in runs)
    # Steps of the calibration that fit into the training: the same number on every computer. Where one run shared its
    # computer with others, the median leaves it out (the lower one of two).
    steps = statistics.median_low(minutes * (there or REFERENCE[kind]) for minutes, there in runs)
    minutes = steps / here
    measured = statistics.median_low(minutes for minutes, _ in runs)
    return Estimate(row.recipe, minutes, row.peak_memory_mb, row, measured / minutes, exact)


def estimate_text(found) -> str:
    """Return an `Estimate` as one line.

    Parameters
    ----------
    found : Estimate
    """
    memory = "" if found.memory_mb is None else f"{found.memory_mb / 1e3:.1f} GB of memory"
    if found.minutes is None:
        also = f"; {memory}" if memory else ""
        where = f" ({found.reason})" if found.reason else ""
        return f"{found.recipe}: the course has not measured how long this takes{where}{also}."
    measured = found.minutes * found.ratio
    later = "" if found.exact else ", whose speed was measured later and which may have been busy"
    return (
        f"About {_span(found.minutes)}{f' and {memory}' if memory else ''} on this computer (measured by the course: "
        f"{_span(measured)} on {_where(found.row)}{later}; this computer is about {found.ratio:.1f} times as fast)."
    )


def memory_note(found, resident_mb, free_mb) -> str:
    """Return a warning if a recipe needs more memory than is free, else an empty text.

    Parameters
    ----------
    found : Estimate
    resident_mb, free_mb : float
        What this kernel has already, and what is free, in MB (10**6 bytes).
    """
    missing = (found.memory_mb or 0) - resident_mb - free_mb
    return f"Only {free_mb / 1e3:.1f} GB are free: close other notebooks first." if missing > 0 else ""


def _span(minutes):
    return f"{minutes:.1f} minutes" if minutes >= 0.95 else f"{max(60 * minutes, 1):.0f} seconds"


def _where(row):
    return row.machine.partition(",")[0] or "another computer"


def _dataset(row):
    return row.variant.partition("/")[0]


def _stand_in(variant):
    suffix = variant.partition("/")[2]
    return suffix if suffix in STAND_INS else ""
