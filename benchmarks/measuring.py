"""Which measurement is next, in which process it runs, and what is kept of it."""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from course_utils import runner
from course_utils.checkpoints.saving import VARIABLE as CHECKPOINTS
from course_utils.checkpoints.saving import correct_minutes
from course_utils.errors import CourseError, InputError, UnknownNameError
from course_utils.results import recipes
from course_utils.results.measure import data_kind
from course_utils.runner.plan import kernel_environment
from course_utils.settings import DATA_CHOICES, get_settings

from . import store
from .references import reference

ROOT = Path(__file__).resolve().parents[1]
_DATA_FOLDERS = ("data", "photos", "decoded", "checked", "converted")
# Set alike for every process, before TensorFlow reads them.
_THREADS = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")


@dataclass(frozen=True)
class Job:
    """One measurement to make.

    Attributes
    ----------
    side : str
        ``"reference"`` or ``"course"``.
    name : str
        The reference's, or the recipe's as given to ``cu.record``.
    dataset, budget : str
        ``budget`` is empty for a reference: it is what was published.
    seed : int
    hash : str
        Of the recipe: when it changes, the run is made again.
    notebook, test : str
        For the course: the notebook's path, and how to judge it after an epoch.
    parameters : int or None
    override : str
        As ``COURSE_OVERRIDE``.
    prepare : str
        What to do before the first ``fit``, with the clock running.
    twice : bool
        True: once more with what the first run left in the cache; its seconds are kept as ``cached``.
    """

    side: str
    name: str
    dataset: str
    budget: str
    seed: int
    hash: str
    notebook: str = ""
    test: str = ""
    parameters: int | None = None
    override: str = ""
    prepare: str = ""
    twice: bool = False


@dataclass(frozen=True)
class Outcome:
    """What became of a job: ``status`` is ``"measured"``, ``"kept"`` or ``"failed"``."""

    job: Job
    status: str
    run: dict | None = None
    note: str = ""


@dataclass(frozen=True)
class Conditions:
    """What is the same for all measurements of a call.

    Attributes
    ----------
    threads : int
        Threads TensorFlow may compute with.
    data : str or None
        ``"auto"``, ``"bundled"`` or ``"full"``; None: ``COURSE_DATA``.
    machine : str
    output : Path
        Folder for the logs of failed measurements.
    timeout : float or None
        Seconds one measurement may take.
    """

    threads: int
    data: str | None
    machine: str
    output: Path = Path("build/bench")
    timeout: float | None = None

    def __post_init__(self):
        if self.data is not None and self.data not in DATA_CHOICES:
            raise UnknownNameError("choice of data", self.data, DATA_CHOICES)


def plan_jobs(targets, seeds, notebooks=None) -> list[Job]:
    """Return the jobs in the order they are made: for each target and seed the reference, then the course's recipes.

    The two sides alternate, so that a machine that gets slower or busier does so for both.

    Parameters
    ----------
    targets : iterable of Target
    seeds : iterable of int
    notebooks : path-like, optional
        Folder of the notebooks.

    Raises
    ------
    InputError
        If the seeds make no sense.
    """
    seeds = tuple(seeds)
    if not seeds or len(set(seeds)) != len(seeds) or any(not 0 <= seed < 2**32 for seed in seeds):
        raise InputError("Seeds are different whole numbers from 0 to 4294967295.", found=repr(seeds))
    folder = Path(notebooks) if notebooks else runner.default_notebooks_folder()
    found = runner.find_notebooks(folder)
    numbered = list(enumerate(seeds))
    return [job for target in targets for number, seed in numbered for job in _pair(target, number, seed, found)]


def _pair(target, number, seed, notebooks):
    if target.reference_seeds is None or number < target.reference_seeds:
        yield Job("reference", target.reference, target.dataset, "", seed, reference_hash(target.reference))
    for course in target.courses:
        if course.most_seeds is not None and number >= course.most_seeds:
            continue
        (path,) = runner.select_notebooks(notebooks, [course.notebook])
        found = recipes.recipe_hash(course.name, course.budget, path.parent, path.stem)
        if found is None:
            raise CourseError(
                "A benchmark names a recipe that its notebook does not have.",
                where=str(path),
                expected=f"cells tagged {recipes.TAG}{course.name}",
                fix="Correct benchmarks/targets.py.",
            )
        place = str(path.absolute())
        yield Job(
            "course", course.name, target.dataset, course.budget, seed, found, place, course.test,
            course.parameters, course.override, course.prepare, course.twice,
        )  # fmt: skip


def hash_of(job):
    """Return the hash of a job's recipe as it is now, or None where it is gone."""
    if job.side == "reference":
        return reference_hash(job.name)
    notebook = Path(job.notebook)
    return recipes.recipe_hash(job.name, job.budget, notebook.parent, notebook.stem)


def reference_hash(name) -> str:
    """Return a hash of the code of a reference recipe, comments left out."""
    own = reference(name).path
    text = "\0".join(recipes.normalise(path.read_text("utf-8")) for path in (own, own.with_name("__init__.py")))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def measure(jobs, conditions, *, path=None, again=False, tell=None, execute=None) -> list[Outcome]:
    """Make the measurements that are not finished, one after the other; a failed one does not stop the others.

    Parameters
    ----------
    jobs : iterable of Job
    conditions : Conditions
    path : path-like, optional
        The file of results; default ``benchmarks/results.json``. It is brought up to date after every job.
    again : bool
        True: also what is finished.
    tell : callable, optional
        Called with a `Job` before it is made, and with its `Outcome` after.
    execute : callable, optional
        Job, Conditions → dict; default `run_worker`.

    Returns
    -------
    list of Outcome
    """
    tell, execute = tell or (lambda news: None), execute or run_worker
    made, done = [], {}
    for job in jobs:
        mark = identity(job, conditions)
        key = store.key_of(mark)
        known = next((run for run in store.load_runs(path) if store.key_of(run) == key), None)
        if key in done:  # the same recipe stands beside two references
            continue
        if known and known["hash"] == job.hash and not again:
            outcome = Outcome(job, "kept", known)
        else:
            tell(job)
            outcome = _measured(job, conditions, mark, execute)
            if outcome.run:
                store.save_run(outcome.run, path)
        done[key] = outcome
        tell(outcome)
        made.append(outcome)
    return made


def identity(job, conditions) -> dict:
    """Return what tells this measurement from others: the values of `store.KEY`, and the recipe's hash."""
    return {
        "side": job.side,
        "name": job.name,
        "budget": job.budget,
        "override": job.override,
        "seed": job.seed,
        "data": data_text(job.dataset, conditions.data),
        "machine": conditions.machine,
        "threads": conditions.threads,
        "hash": job.hash,
        "dataset": job.dataset,
    }


def data_text(dataset, choice=None) -> str:
    """Say in a word or two which data would be taken: other data are another measurement.

    Two folders of prepared data are told apart by the variant their runs name, not here: after changing from one to
    the other, measure with ``--again``.
    """
    choice = choice or get_settings().data
    return choice if choice == "bundled" else f"{choice}: {data_kind(dataset)}"


def _measured(job, conditions, mark, execute):
    try:
        result = execute(job, conditions)
    except CourseError as error:
        return Outcome(job, "failed", note=f"{error.what} ({error.where})" if error.where else error.what)
    if hash_of(job) != job.hash:
        return Outcome(job, "failed", note="the recipe has changed since the measurements were planned: start again")
    return Outcome(job, "measured", result | mark)


def run_worker(job, conditions) -> dict:
    """Make one measurement in a fresh process; where wanted, a second one with what it left in the cache.

    Raises
    ------
    CourseError
        If the process fails; what it wrote is in a log in the output folder.
    """
    parts = [job.side, job.name, job.budget or "published", job.override.replace(" ", "-"), f"seed{job.seed}"]
    log = conditions.output.absolute() / f"{'-'.join(filter(None, parts))}.log"
    with tempfile.TemporaryDirectory(prefix="course-bench-", ignore_cleanup_errors=True) as folder:
        environ = environment(job, conditions, folder)
        run = _in_a_process(job, environ, folder, log, conditions.timeout)
        if drafts := environ.pop(CHECKPOINTS, None):  # its networks are kept once
            correct_minutes(drafts, run.get("records", ()))
        if job.twice:
            again = _in_a_process(job, environ, folder, log, conditions.timeout)
            run["cached"] = {name: again[name] for name in ("accuracy", "work_cpu_seconds", "work_wall_seconds")}
        return run


def _in_a_process(job, environ, folder, log, timeout):
    order, result = Path(folder, "job.json"), Path(folder, "result.json")
    order.write_text(json.dumps(vars(job)), "utf-8")
    result.unlink(missing_ok=True)
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "benchmarks.worker", str(order), str(result)]
    with log.open("wb") as output:
        try:
            done = subprocess.run(command, env=environ, cwd=ROOT, stdout=output, stderr=output, timeout=timeout)
        except subprocess.TimeoutExpired as error:
            raise CourseError(f"The measurement took more than {timeout:.0f} seconds.", where=str(log)) from error
    if done.returncode or not result.is_file():
        raise CourseError(f"The measurement ended with {_last_line(log)}", where=str(log))
    log.unlink()
    return json.loads(result.read_text("utf-8"))


def environment(job, conditions, folder) -> dict:
    """Return the environment of a measurement: the same for both sides but for the budget.

    Parameters
    ----------
    job : Job
    conditions : Conditions
    folder : path-like
        For its results and for a cache that holds the data, but no features of an earlier run.
    """
    folder = Path(folder)
    options = runner.RunOptions(
        notebooks=(),
        output=folder,
        budget=job.budget or "laptop",
        data=conditions.data,
        seed=job.seed,
        environ={name: str(conditions.threads) for name in _THREADS},
    )
    environ = kernel_environment(options)
    for name in ("COURSE_OVERRIDE", "PYTHONSTARTUP"):
        environ.pop(name, None)
    if job.override:
        environ["COURSE_OVERRIDE"] = job.override
    elif job.side == "course" and job.seed == 0:  # one of them becomes the checkpoint
        environ[CHECKPOINTS] = str(drafts_folder(conditions.output, job))
    path = os.pathsep.join(filter(None, [str(ROOT), environ.get("PYTHONPATH")]))
    return environ | {
        "PYTHONPATH": path,
        "MPLBACKEND": "Agg",
        "COURSE_CACHE_DIR": str(own_cache(folder / "cache")),
        "COURSE_RUN_REPORT": str(folder / "events.jsonl"),
    }


def drafts_folder(output, job) -> Path:
    """Make and return the folder that the networks of a job are kept in, for ``course checkpoint --drafts``."""
    folder = Path(output).absolute() / "drafts" / Path(job.notebook).stem
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def own_cache(folder) -> Path:
    """Make a cache folder that shows what the real one holds, except the features: they are part of the work."""
    folder.mkdir()
    real = get_settings().cache_dir
    with suppress(OSError):
        for name in _DATA_FOLDERS:  # what the first run unpacks or decodes, the next one finds
            (real / name).mkdir(parents=True, exist_ok=True)
    for entry in real.iterdir() if real.is_dir() else ():
        if entry.name != "features":
            with suppress(OSError):  # no links on this disk: the data are found, or made, as in an empty cache
                (folder / entry.name).symlink_to(entry.absolute(), target_is_directory=entry.is_dir())
    return folder


def _last_line(log):
    lines = [line for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
    return next((line for line in reversed(lines) if line[:1].isalpha()), "no message")
