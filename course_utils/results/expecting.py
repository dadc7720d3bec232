"""``cu.expect()``: minutes and memory before a cell that takes long, from what the course measured."""

import re
from dataclasses import dataclass
from html import escape

from .. import _display, session
from ..errors import InputError, UnknownNameError, closest_first
from ..settings import get_settings
from . import recipes
from .ledger import ledger_rows, load_ledger
from .speed import REFERENCE, machine_speed
from .verdicts import STAND_INS, describe_variant

_NEAR = 8  # how many names are offered where one is unknown


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
        How many times as fast this computer is as the one of the run that the minutes are made from.
    exact : bool
        True: both computers' speeds were measured in the same way, the first along with the row, and nothing shows
        that it had other work.
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

    The minutes are the course's, scaled by about a second of measuring this computer (again after some minutes, when
    it may be less busy). Expect them to be right within a factor of two.

    Parameters
    ----------
    name : str
        The recipe, as given to ``cu.record``, for example ``"lenet"``.

    Raises
    ------
    InputError
        If the name is no text.
    UnknownNameError
        If neither the course's measurements nor its notebooks have such a recipe.
    CourseError
        If the ledger is damaged.

    Examples
    --------
    >>> expect("lenet")  # doctest: +SKIP
    About 2.6 minutes and 1.1 GB of memory on this computer (the course needed 2.6 minutes on 2 cores; …)
    """
    import psutil

    _check(name)
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
        return Estimate(name, None, row.peak_memory_mb, row, reason=f"on a GPU; on {_where(row)} {_measured(row)}")
    speed = machine_speed()
    return scaled(row, speed, _best_speed(row.machine, *speed))


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


def scaled(row, speed, best=None) -> Estimate:
    """Return a row's minutes on a computer of another speed.

    Parameters
    ----------
    row : LedgerRow
        With minutes.
    speed : dict of str to float
        Of this computer, see `machine_speed`.
    best : float, optional
        The highest speed, of the same kind, that is known of the row's computer.

    Returns
    -------
    Estimate
    """
    ((kind, here),) = speed.items()
    known = [(minutes, there[kind]) for minutes, there in row.timings if there.get(kind)]
    runs = known or [(minutes, REFERENCE[kind]) for minutes, _ in row.timings]
    # Steps of the calibration that fit into the training: the same number on every computer. Other work makes them too
    # many if it slowed the training more, too few if it slowed the calibration more: the median, the higher one of two.
    steps, there = sorted((minutes * there, there) for minutes, there in runs)[len(runs) // 2]
    # Even with all cores busy and nothing else to do, CPU seconds take their time: those steps are the least.
    cores = re.match(r"(\d+) cores", row.machine)
    least = best * row.cpu_seconds / 60 / int(cores[1]) if best and row.cpu_seconds and cores else 0.0
    exact = bool(known) and steps >= least
    if steps < least:
        steps, there = least, best
    return Estimate(row.recipe, steps / here, row.peak_memory_mb, row, here / there, exact)


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
    where = _where(found.row)
    busy = "" if found.exact else f", perhaps while {'they' if 'cores' in where else 'it'} had other work"
    times = f"{found.ratio:{'.1f' if found.ratio >= 0.1 else '.1g'}} times as fast as that one"
    return (
        f"About {_span(found.minutes)}{f' and {memory}' if memory else ''} on this computer (the course needed "
        f"{_measured(found.row)} on {where}{busy}; this computer is about {times})."
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


def _check(name):
    """Refuse what is no recipe's name; one that is not measured yet, or whose notebook is not here, passes."""
    if not isinstance(name, str) or not name.strip():
        raise InputError("A recipe is called by its name.", found=repr(name), fix='Write cu.expect("lenet").')
    folder = recipes.notebooks_folder()
    measured = [entry["recipe"] for entry in load_ledger()]
    if folder is None or name in measured or recipes.recipe_hash(name, None, folder):
        return
    tagged = [known for path in sorted(folder.glob("*.ipynb")) for known in recipes.recipe_names(path)]
    near = closest_first(name, dict.fromkeys([*tagged, *measured]))[:_NEAR]
    raise UnknownNameError("recipe", name, near, fix="cu.ledger_rows() shows all that were measured.")


def _best_speed(machine, kind):
    """Return the highest speed that was measured along with any run on a computer, or None."""
    runs = [run for entry in load_ledger() if entry.get("machine") == machine for run in entry["runs"].values()]
    return max(((run.get("speed") or {}).get(kind, 0.0) for run in runs), default=0.0) or None


def _span(*minutes):
    """Return minutes as text: one figure, or the range of them where its ends read differently."""
    ends, unit = [f"{end:.1f}" for end in (min(minutes), max(minutes))], "minutes"
    if max(minutes) < 0.95:
        ends, unit = [f"{max(60 * end, 1):.0f}" for end in (min(minutes), max(minutes))], "seconds"
    return f"{'–'.join(dict.fromkeys(ends))} {unit}"


def _measured(row):
    """Return the minutes of a row's runs as text: a range where they differ, whose mean the README's table shows."""
    return _span(*(minutes for minutes, _ in row.timings))


def _where(row):
    return row.machine.partition(",")[0] or "another computer"


def _dataset(row):
    return row.variant.partition("/")[0]


def _stand_in(variant):
    suffix = variant.partition("/")[2]
    return suffix if suffix in STAND_INS else ""
