"""``course ledger``: measure the notebooks' recipes over several seeds, and go on where it stopped."""

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import CourseError, InputError, UnknownNameError
from ..files import atomic_write
from . import ledger, recipes
from .records import parse_record
from .slicing import slice_notebook

BUDGETS = ("laptop", "full")
_FORMAT = 1
_LOAD = re.compile(r"""cu\.load\(\s*["'](\w+)["']""")


@dataclass(frozen=True)
class Measurement:
    """What became of one notebook with one seed.

    Attributes
    ----------
    notebook : str
    seed : int
    status : str
        ``"measured"`` now, ``"kept"`` from an earlier call, ``"failed"``, or ``"stopped"`` (Ctrl-C).
    recipes : tuple of str
        The recipes whose accuracies went into the ledger.
    minutes : float
    notes : tuple of str
        What was left out, and why.
    """

    notebook: str
    seed: int
    status: str
    recipes: tuple[str, ...] = ()
    minutes: float = 0.0
    notes: tuple[str, ...] = ()


def measure(
    only=(),
    budget="laptop",
    seeds=(0, 1, 2),
    data=None,
    notebooks=None,
    *,
    output=Path("build/ledger"),
    path=None,
    again=False,
    wanted=(),
    progress=None,
    tell=None,
    execute=None,
) -> list[Measurement]:
    """Execute the notebooks, once per seed, and write what they record into the ledger.

    After every notebook its results are kept in ``state.json`` in `output`: a call that was
    interrupted goes on there, and what is finished is not run again unless the recipe has changed.

    Parameters
    ----------
    only : iterable of str
        Numbers or names of notebooks; empty: all that have recipes.
    budget : str
        ``"laptop"`` or ``"full"``; a smoke run measures nothing.
    seeds : iterable of int
        Three or more make a range.
    data : str, optional
        ``"auto"``, ``"bundled"`` or ``"full"``; default: ``COURSE_DATA``.
    notebooks : path-like, optional
        Folder of the notebooks.
    output : path-like
        Folder for the state and for pages of the executed notebooks.
    path : path-like, optional
        The ledger file; default: the one that ships with the course.
    again : bool
        True: also run what is finished.
    wanted : iterable of str
        Only these recipes, each with nothing but the cells it needs (`slice_notebook`); empty: the
        notebooks as they are.
    progress : object, optional
        As made by `course_utils.runner.progress.reporter`.
    tell : callable, optional
        Called with each `Measurement` as it is made.
    execute : callable, optional
        ``RunOptions, progress → RunReport``; default `course_utils.runner.run_course`.

    Returns
    -------
    list of Measurement
        In the order in which they were made: seed by seed, so that an interrupted call leaves
        every recipe with the same number of seeds, give or take one.

    Raises
    ------
    UnknownNameError, InputError
        If a notebook, the budget or a seed makes no sense.
    CourseError
        If the ledger or the state file is damaged.
    """
    from .. import runner

    seeds = tuple(seeds)
    _check(budget, seeds)
    folder = Path(notebooks) if notebooks else runner.default_notebooks_folder()
    chosen = runner.select_notebooks(runner.find_notebooks(folder), only)
    chosen = [item for item in chosen if only or recipes.recipe_names(item)]
    wanted = tuple(wanted)
    chosen = having(chosen, wanted)
    run = _Run(Path(output), budget, data, execute or runner.run_course, progress, again, wanted)
    ledger.load_ledger(path)  # a damaged ledger is told before hours are spent
    made = []
    for seed in seeds:
        for notebook in chosen:
            measurement, records = run.notebook(notebook, seed)
            entries = ledger.load_ledger(path)  # again: another measurement may have added to it meanwhile
            for record, machine, speed in records:
                entries = ledger.merge_run(entries, record, machine, speed)
            if records:
                ledger.save_ledger(entries, path)
            made.append(measurement)
            if tell:
                tell(measurement)
            if measurement.status == "stopped":
                return made
    return made


def summary_rows(measurements) -> list[tuple]:
    """Return table rows for measurements: notebook, seed, status, minutes, recipes and notes.

    Parameters
    ----------
    measurements : iterable of Measurement
    """
    return [
        (item.notebook, item.seed, item.status, f"{item.minutes:.1f}", ", ".join(item.recipes), "; ".join(item.notes))
        for item in measurements
    ]


def cut_notebook(notebook, names, output) -> Path:
    """Write the part of a notebook that some recipes need; returns its path.

    Parameters
    ----------
    notebook : Path
    names : iterable of str
    output : Path
        The part lies in the folder ``recipes`` of it.
    """
    path = Path(output) / "recipes" / "+".join(names).replace("/", "-") / notebook.name
    with atomic_write(path) as temporary:
        temporary.write_text(json.dumps(slice_notebook(notebook, names)), "utf-8")
    return path


class _Run:
    """The surroundings of one call of `measure`, and the state kept between calls."""

    def __init__(self, output, budget, data, execute, progress, again, wanted=()):
        self.output, self.budget, self.data = output, budget, data
        self.execute, self.progress, self.again = execute, progress, again
        self.wanted = wanted
        self.path = output / "state.json"
        self.state = _read_state(self.path)

    def notebook(self, notebook, seed):
        """Return the measurement of a notebook with a seed, and its records with their machines and those' speeds."""
        key = f"{notebook.stem}|{self.budget}|{seed}|{self._data_key(notebook)}"
        hashed = recipes.notebook_hash(notebook, self.budget)
        if self.wanted:
            names = self._names(notebook)
            key += "|" + ",".join(names)
            hashed = "".join(recipes.recipe_hash(name, self.budget, notebook.parent, notebook.stem) for name in names)
        known = self.state.get(key)
        if known and known["hash"] == hashed and not self.again:
            return self._read(notebook, seed, "kept", known)
        outcome = self._executed(notebook, seed)
        if outcome.status != "passed":
            return Measurement(notebook.stem, seed, outcome.status, (), outcome.seconds / 60, (why(outcome),)), []
        fresh = {"hash": hashed, "seconds": outcome.seconds, "records": list(outcome.records)}
        self.state = _read_state(self.path)  # another measurement may have added to it meanwhile
        self.state[key] = json.loads(json.dumps(fresh, default=str))
        self._keep()
        return self._read(notebook, seed, "measured", self.state[key])

    def _executed(self, notebook, seed):
        from ..runner import RunOptions

        if self.wanted:
            notebook = self._cut(notebook)
        options = RunOptions(
            notebooks=(notebook,),
            output=self.output / f"{self.budget}-seed{seed}",
            budget=self.budget,
            data=self.data,
            seed=seed,
        )
        return self.execute(options, self.progress).outcomes[0]

    def _names(self, notebook):
        """Return those of the wanted recipes that are in a notebook."""
        return [name for name in self.wanted if recipes.recipe_hash(name, None, notebook.parent, notebook.stem)]

    def _cut(self, notebook):
        return cut_notebook(notebook, self._names(notebook), self.output)

    def _read(self, notebook, seed, status, kept):
        records, notes = [], []
        for event in kept["records"]:
            record = parse_record(event)
            if record is None or record.variant is None or record.budget != self.budget:
                name = event.get("name") if isinstance(event, dict) else event
                notes.append(f"{name}: left out, its data or budget is not known")
                continue
            found = recipes.recipe_hash(record.name, self.budget, notebook.parent, notebook.stem)
            if found is None:
                notes.append(f"{record.name}: no cell is tagged {recipes.TAG}{record.name}")
            made = replace(record, seed=seed, recipe_hash=found, notebook=notebook.stem)
            records.append((made, str(event.get("machine", "")), event.get("speed")))
        names = tuple(record.name for record, *_ in records)
        return Measurement(notebook.stem, seed, status, names, kept["seconds"] / 60, tuple(notes)), records

    def _data_key(self, notebook):
        """Say in words which data the notebook would take: other data are another measurement."""
        from ..settings import get_settings

        settings = get_settings()
        choice = self.data or settings.data
        if choice == "bundled":
            return choice
        names = sorted(set(_LOAD.findall(notebook.read_text("utf-8").replace('\\"', '"'))))
        return f"{choice}|{settings.data_dir}|" + ",".join(f"{name}={data_kind(name)}" for name in names)

    def _keep(self):
        text = json.dumps({"format": _FORMAT, "runs": self.state}, indent=1, sort_keys=True) + "\n"
        with atomic_write(self.path) as temporary:
            temporary.write_text(text, "utf-8")


def _check(budget, seeds):
    if budget == "smoke":
        raise InputError(
            "A smoke run proves that a notebook runs and measures nothing.",
            found="budget smoke",
            expected=" or ".join(BUDGETS),
            fix="course ledger --budget laptop",
        )
    if budget not in BUDGETS:
        raise UnknownNameError("budget", budget, BUDGETS)
    wrong = [seed for seed in seeds if not isinstance(seed, int) or not 0 <= seed < 2**32]
    if wrong or not seeds or len(set(seeds)) != len(seeds):
        raise InputError(
            "Seeds are different whole numbers from 0 to 4294967295.", found=repr(seeds), fix="--seeds 0 1 2"
        )


def having(notebooks, wanted):
    """Leave the notebooks that hold one of the wanted recipes; every recipe must be in one of them.

    Parameters
    ----------
    notebooks : list of Path
    wanted : iterable of str
        Empty: all notebooks are left.

    Raises
    ------
    UnknownNameError
        If a recipe is in none.
    """
    if not wanted:
        return notebooks
    found = {
        name: [item for item in notebooks if recipes.recipe_hash(name, None, item.parent, item.stem)] for name in wanted
    }
    for name, places in found.items():
        if not places:
            known = [known for item in notebooks for known in recipes.recipe_names(item)]
            raise UnknownNameError("recipe", name, dict.fromkeys(known))
    return [item for item in notebooks if any(item in places for places in found.values())]


def _read_state(path):
    try:
        content = json.loads(path.read_text("utf-8"))
        runs = content["runs"]
        for run in runs.values():
            run["hash"], run["records"], float(run["seconds"])
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CourseError(
            "The state of earlier measurements is damaged.",
            where=str(path),
            found=f"{type(error).__name__}: {error}",
            fix="Delete the file: what it held is measured again.",
        ) from error
    return runs if content.get("format") == _FORMAT else {}


def data_kind(name) -> str:
    """Return the kind of source a data set would be taken from; ``"none"`` or ``"error"`` where there is none."""
    from ..data import dataset_source

    try:
        source = dataset_source(name)
    except CourseError:
        return "error"
    return source.kind if source else "none"


def why(outcome) -> str:
    """Return in one line why a notebook did not pass."""
    failure = outcome.failure
    return f"cell {failure.cell}: {failure.error}: {failure.message.splitlines()[0]}" if failure else outcome.status
