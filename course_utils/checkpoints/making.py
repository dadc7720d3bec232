"""``course checkpoint``: execute the notebooks' recipes, keep the networks they record, and write the catalog."""

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import InputError, UnknownNameError
from ..files import atomic_write
from ..results import measure, recipes
from . import catalog, loading, saving

TOTAL = 5_000_000
"""Bytes all checkpoints together may have."""


@dataclass(frozen=True)
class Made:
    """What became of one recipe.

    Attributes
    ----------
    recipe : str
        Or the notebook's name, where it failed.
    status : str
        ``"kept"``, ``"left out"`` or ``"failed"``.
    note : str
        Its accuracy and size, or why there is no checkpoint.
    """

    recipe: str
    status: str
    note: str


@dataclass(frozen=True)
class Making:
    """How checkpoints are made.

    Attributes
    ----------
    budget : str
        ``"laptop"`` or ``"full"``.
    data : str or None
        ``"auto"``, ``"bundled"`` or ``"full"``; None: ``COURSE_DATA``.
    seed : int
    least_minutes : float
        Networks that train faster need no checkpoint.
    output : Path
        For drafts and the pages of the executed notebooks.
    folder : Path or None
        For the checkpoints and their catalog; None: what ships with the course.
    """

    budget: str = "laptop"
    data: str | None = None
    seed: int = 0
    least_minutes: float = 1.0
    output: Path = Path("build/checkpoints")
    folder: Path | None = None


def make_checkpoints(only=(), wanted=(), options=None, *, notebooks=None, progress=None, execute=None) -> list[Made]:
    """Execute notebooks, or the cells that some recipes need, and keep the networks they record.

    The notebooks run one after the other; after each, its networks are in the catalog.

    Parameters
    ----------
    only : iterable of str
        Numbers or names of notebooks; empty: all that have recipes.
    wanted : iterable of str
        Only these recipes, with no cell but those they need; empty: the notebooks as they are.
    options : Making, optional
    notebooks : path-like, optional
        Folder of the notebooks.
    progress : object, optional
        As made by `course_utils.runner.progress.reporter`.
    execute : callable, optional
        ``RunOptions, progress → RunReport``; default `course_utils.runner.run_course`.

    Returns
    -------
    list of Made

    Raises
    ------
    UnknownNameError, InputError
        If a notebook, a recipe or the budget makes no sense.
    CourseError
        If the catalog is damaged.
    """
    from .. import runner

    options = options or Making()
    if options.budget not in measure.BUDGETS:
        raise UnknownNameError("budget for checkpoints", options.budget, measure.BUDGETS)
    folder = Path(notebooks) if notebooks else runner.default_notebooks_folder()
    chosen = runner.select_notebooks(runner.find_notebooks(folder), only)
    chosen = measure.having([item for item in chosen if only or recipes.recipe_names(item)], tuple(wanted))
    catalog.load_catalog(options.folder)  # a damaged one is told before minutes are spent
    made = []
    for notebook in chosen:
        drafts = options.output.absolute() / "drafts" / notebook.stem
        outcome = _executed(notebook, wanted, options, drafts, progress, execute or runner.run_course)
        if outcome.status != "passed":
            made.append(Made(notebook.stem, "failed", measure.why(outcome)))
        made += adopt(_with_hashes(saving.read_drafts(drafts), notebook), drafts, options)
        if outcome.status == "stopped":
            break
    return made


def take_drafts(folder, options=None, wanted=(), *, only=(), notebooks=None) -> list[Made]:
    """Take the networks of runs that are over: one folder per notebook, as `course bench` leaves them.

    Parameters
    ----------
    folder : path-like
    options : Making, optional
    wanted : iterable of str
        Only these recipes; empty: all.
    only : iterable of str
        Only these notebooks, by number or name; empty: all.
    notebooks : path-like, optional
        Folder of the notebooks.

    Returns
    -------
    list of Made

    Raises
    ------
    UnknownNameError
        If a folder is not named like a notebook, or there is no such notebook.
    InputError
        If there is no draft.
    """
    from .. import runner

    options, made = options or Making(), []
    found = runner.find_notebooks(Path(notebooks) if notebooks else runner.default_notebooks_folder())
    chosen = runner.select_notebooks(found, only)
    folders = sorted(path for path in Path(folder).glob("*") if path.is_dir())
    for place in folders:
        (notebook,) = runner.select_notebooks(found, [place.name])
        if notebook not in chosen:
            continue
        drafts = [draft for draft in saving.read_drafts(place) if not wanted or draft.recipe in wanted]
        made += adopt([_if_current(draft, notebook) for draft in drafts], place, options)
    if not made:
        raise InputError(
            "There is no network to take.", where=str(folder), fix="course bench keeps them while it measures."
        )
    return made


def adopt(drafts, source, options) -> list[Made]:
    """Take drafts into the folder of checkpoints and write the catalog, once all of them have been verified again.

    Parameters
    ----------
    drafts : list of Draft
    source : path-like
        Folder of their files.
    options : Making

    Returns
    -------
    list of Made
        In the order of the drafts.

    Raises
    ------
    IntegrityError
        If the file of a draft is not the one it names; nothing is changed then.
    DiskError
        If something cannot be written: the network before it is in the catalog, and its own earlier self still is.
    """
    source, target = Path(source), Path(options.folder or catalog.FOLDER)
    entries = {entry.key: entry for entry in catalog.load_catalog(target)}
    kept, made = chosen_drafts(drafts, options.least_minutes)
    for entry in kept:
        loading.read_content(entry, source)  # the file is whole
    for entry in kept:
        others = sum(other.size for key, other in entries.items() if key != entry.key)
        if others + entry.size > TOTAL:
            made.append(Made(entry.recipe, "left out", f"all together would exceed {TOTAL / 1e6:.0f} MB"))
            continue
        entries[entry.key] = entry
        with atomic_write(target / entry.file) as path:
            shutil.copyfile(source / entry.file, path)
            catalog.save_catalog(entries.values(), target)  # all is on the disk when the two get their names
        also = f", also {', '.join(entry.also)}" if entry.also else ""
        made.append(Made(entry.recipe, "kept", f"{entry.accuracy:.4f}, {entry.size / 1e6:.2f} MB{also}"))
    return made


def chosen_drafts(drafts, least_minutes=1.0):
    """Return the checkpoints worth keeping, each network once, and a `Made` for each draft that is left out.

    Parameters
    ----------
    drafts : iterable of Draft
    least_minutes : float

    Returns
    -------
    tuple of (list of Checkpoint, list of Made)
    """
    networks, left = {}, []
    for draft in drafts:
        entry = draft.checkpoint
        if entry is None:
            left.append(Made(draft.recipe, "left out", draft.skipped))
        elif entry.minutes is None or entry.minutes < least_minutes:
            minutes = "unknown" if entry.minutes is None else f"{entry.minutes:.1f} minutes"
            left.append(Made(draft.recipe, "left out", f"training takes {minutes}, less than {least_minutes:g}"))
        else:
            networks.setdefault((entry.sha256, entry.variant, entry.budget), []).append(entry)
    return [_one_of(same) for same in networks.values()], left


def _one_of(same):
    """Return one entry for records of the same network: that on the test images, known by all the names."""
    first, *others = sorted(same, key=lambda entry: (entry.split != "test", len(entry.recipe), entry.recipe))
    return replace(first, also=tuple(sorted({entry.recipe for entry in others})))


def _executed(notebook, wanted, options, drafts, progress, execute):
    from ..runner import RunOptions

    shutil.rmtree(drafts, ignore_errors=True)
    drafts.mkdir(parents=True)
    names = [name for name in wanted if recipes.recipe_hash(name, None, notebook.parent, notebook.stem)]
    run = RunOptions(
        notebooks=(measure.cut_notebook(notebook, names, options.output) if names else notebook,),
        output=options.output / "pages" / notebook.stem,
        budget=options.budget,
        data=options.data,
        seed=options.seed,
        environ={saving.VARIABLE: str(drafts)},
    )
    return execute(run, progress).outcomes[0]


def _with_hashes(drafts, notebook):
    """Give each draft the hash of its recipe in the notebook itself: what ran may have been a part of it."""
    return [
        replace(draft, checkpoint=replace(entry, notebook=notebook.stem, recipe_hash=_hash(entry, notebook)))
        if (entry := draft.checkpoint)
        else draft
        for draft in drafts
    ]


def _if_current(draft, notebook):
    """Return the draft, or none of its network where the recipe is another one now."""
    entry = draft.checkpoint
    if entry is None or entry.recipe_hash == _hash(entry, notebook):
        return draft
    return saving.Draft(draft.recipe, skipped="its recipe has changed since it was trained")


def _hash(entry, notebook):
    return recipes.recipe_hash(entry.recipe, entry.budget, notebook.parent, notebook.stem)
