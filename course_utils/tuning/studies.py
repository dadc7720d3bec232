"""``cu.tuning_study()``: a search for good settings that is kept in a file and goes on where it stopped."""

import hashlib
import json
import re
import warnings
from contextlib import suppress
from html import escape
from weakref import WeakKeyDictionary

import optuna
from optuna.trial import TrialState

from .. import _display, session
from ..errors import DiskError, InputError, StudyError
from ..files import disk_error
from ..settings import get_settings
from .journal import open_journal, set_aside
from .sampler import SeededTPE
from .workers import is_lost

_DIRECTIONS = ("maximize", "minimize")
_paths = WeakKeyDictionary()  # study → its file
_SHARED = "variant", "budget", "seed"
_LONGEST_PART = 60  # characters of a file's name; file systems allow 255 bytes in all


def tuning_study(
    name, *, seed=None, direction="maximize", data=None, fixed=None, fresh=False, startup_trials=5
) -> optuna.Study:
    """Begin a search for good settings, or go on with the one that is in the results folder.

    Every trial is written to a file as it happens, so a stopped search goes on after ■, a closed notebook or a killed
    kernel; several notebooks or machines that see the same results folder work on it together. Data variant, budget
    and seed are part of the file's name: trials on the practice set never mix with trials on the real data.

    The first trials are random, then Optuna's TPE sampler learns from them; after `startup_trials` finished ones,
    trials that do worse than the median at the same epoch can be pruned (see `cu.PruneTrial`).

    Parameters
    ----------
    name : str
        Letters, digits, ``-`` and ``_``.
    seed : int, optional
        Seed of the choices; that of `cu.setup` unless given. One process and the same seed: the same trials.
    direction : str, default "maximize"
        ``"minimize"`` for a loss.
    data : Split, Dataset or str, optional
        What the trials train on: its variant keeps searches apart. Default: what `cu.load` loaded.
    fixed : dict, optional
        Whatever is the same for all trials, for example ``{"images": 10_000, "epochs": 5}``. A study with other
        values is refused, for its results cannot be compared.
    fresh : bool, default False
        Begin a new search; the old one is kept under another name.
    startup_trials : int, default 5

    Returns
    -------
    optuna.Study

    Raises
    ------
    InputError
        If an argument makes no sense.
    StudyError
        If the study in the file was made under other conditions, is damaged, or (with `fresh`) is in use.
    DiskError
        If the results folder cannot be written.

    Examples
    --------
    >>> study = cu.tuning_study("cifar10_search", seed=course.seed, data=train)  # doctest: +SKIP
    >>> cu.run_study(study, objective, trials=20, minutes=3)  # doctest: +SKIP
    """
    _check(name, direction, fixed, startup_trials)
    conditions = _conditions(seed, data)
    path = study_path(name, conditions)
    kept = _begin_again(path) if fresh else None
    study = _open(path, direction, SeededTPE(conditions["seed"], startup_trials), startup_trials)
    _paths[study] = path
    search = {"name": name, **conditions, "fixed": fixed or {}}
    if "search" in study.user_attrs or study.get_trials(deepcopy=False):
        _check_same(study, path, search, direction)
    else:  # one event, so that another process never sees half of it
        study.set_user_attr("search", {**search, "notebook": _notebook(), "versions": _versions()})
    _announce(study, path, kept)
    return study


def study_path(name, conditions):
    """Return a study's file: what it was searched on, with which budget and seed are part of the name."""
    parts = [name, conditions["variant"] or "any-data", conditions["budget"], f"seed-{conditions['seed']}"]
    file = ".".join(map(_file_part, parts))
    return get_settings().results_dir / "studies" / f"{file}.journal"


def _file_part(text):
    """Return text as part of a file name; a long one (many data sets) is cut and gets a digest of the whole."""
    part = re.sub(r"[^A-Za-z0-9_+=-]+", "-", text)
    return (
        part
        if len(part) <= _LONGEST_PART
        else f"{part[:_LONGEST_PART]}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
    )


def journal_path(study):
    """Return the file of a study that `tuning_study` opened; None for any other study."""
    return _paths.get(study)


def _check(name, direction, fixed, startup_trials):
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}", name):
        raise InputError(
            "A study's name becomes part of a file name.",
            expected="1 to 60 letters, digits, '-' or '_', beginning with a letter or digit",
            found=repr(name),
        )
    if direction not in _DIRECTIONS:
        raise InputError(
            "A search makes its value large or small.", expected=" or ".join(_DIRECTIONS), found=repr(direction)
        )
    if isinstance(startup_trials, bool) or not isinstance(startup_trials, int) or startup_trials < 1:
        raise InputError("startup_trials is a whole number of at least 1.", found=repr(startup_trials))
    try:
        json.dumps(fixed or {}, allow_nan=False)
        dict(fixed or {})
    except (TypeError, ValueError) as error:
        raise InputError(
            "fixed is a dictionary of numbers and texts.", found=repr(fixed)[:80], fix='fixed={"epochs": 5}'
        ) from error


def _conditions(seed, data):
    course, settings = session.current(), get_settings()
    budget = course.budget if course else session.resolve_budget(settings.budget)
    changed = "".join(f"+{row}={value}" for row, value in settings.override)
    if data is None:
        variant = "+".join(session.loaded_variants()) or None
    else:
        variant = data if isinstance(data, str) else getattr(data, "variant", None)
    if seed is None:
        seed = course.seed if course else settings.seed
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise InputError("A seed is a whole number of at least 0.", found=repr(seed))
    return {"variant": variant, "budget": budget + changed, "seed": seed}


def _begin_again(path):
    if not path.exists():
        return None
    try:
        study = _open(path, None, None, 1)
        active = [trial for trial in study.get_trials(deepcopy=False) if trial.state == TrialState.RUNNING]
    except StudyError:  # damaged: nobody works on it
        active = []
    if any(not is_lost(trial) for trial in active):
        raise StudyError(
            "This search is running in another notebook or on another machine right now.",
            where=str(path),
            fix="Stop it there first, or go on together: leave out fresh=True.",
        )
    return set_aside(path)


def _open(path, direction, sampler, startup_trials):
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    storage = open_journal(path)
    pruner = optuna.pruners.MedianPruner(n_startup_trials=startup_trials, n_warmup_steps=1)
    options = {"storage": storage, "study_name": path.stem, "sampler": sampler, "pruner": pruner}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            with suppress(KeyError):  # create_study alone would write an event each time
                return optuna.load_study(**options)
            return optuna.create_study(direction=direction, load_if_exists=True, **options)
    except DiskError:
        raise
    except OSError as error:
        raise disk_error(error, path, variable="COURSE_RESULTS_DIR") from error


def _check_same(study, path, search, direction):
    """Refuse a study made under other conditions; a file can be copied or renamed by hand."""
    earlier = study.user_attrs.get("search", {})
    wanted = {key: search[key] for key in _SHARED} | {"direction": direction} | search["fixed"]
    found = {key: earlier.get(key) for key in _SHARED} | {"direction": study.direction.name.lower()}
    found |= earlier.get("fixed", {})
    different = sorted(key for key in wanted.keys() | found.keys() if wanted.get(key) != found.get(key))
    if different:
        raise StudyError(
            "The search in this file was made under other conditions: its trials cannot be compared with new ones.",
            where=str(path),
            expected=", ".join(f"{key} {found.get(key, 'not given')}" for key in different) + " (the trials so far)",
            found=", ".join(f"{key} {wanted.get(key, 'not given')}" for key in different),
            fix="Go back to these, or begin a new search with fresh=True; the trials so far are kept.",
        )


def _notebook():
    course = session.current()
    return course.name if course else None


def _versions():
    from ..results.recording import versions

    return {**versions(), "optuna": optuna.__version__}


def _announce(study, path, kept):
    search = study.user_attrs["search"]
    where = ", ".join(search[key] for key in ("variant", "budget") if search[key])
    about = f"{search['name']!r} ({where}, seed {search['seed']})"
    ended = [trial for trial in study.get_trials(deepcopy=False) if trial.state.is_finished()]
    lines = [f"Search {about}: new." if not ended else f"Search {about}: goes on after {len(ended)} trials."]
    if kept:
        lines.append(f"The earlier one is kept as {kept.name}.")
    others = [other for other in _siblings(path, search["name"]) if other != kept]
    if others:
        lines.append(
            f"Of the same name, with other data, budget or seed, and not mixed in: {', '.join(p.stem for p in others)}."
        )
    text = " ".join(lines)
    _display.show(f"<div>{escape(text)}</div>", text)


def _siblings(path, name):
    files = sorted(path.parent.glob(f"{name}.*.journal"))
    return [file for file in files if file != path and not re.search(r"\.earlier-\d+\.journal$", file.name)][:5]
