import json
import multiprocessing
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import measuring, store
from benchmarks.measuring import Conditions, Job, measure, plan_jobs
from benchmarks.references import NAMES
from benchmarks.targets import TARGETS, select_targets
from course_utils.checkpoints.saving import read_drafts
from course_utils.errors import CourseError, InputError, UnknownNameError

CONDITIONS = Conditions(threads=2, data="bundled", machine="2 cores")


class Worker:
    """Stands in for a measuring process: notes the order, and fails or stops where it is told to."""

    def __init__(self, make_run, failing=(), stop_at=None):
        self.make_run, self.failing, self.stop_at, self.made = make_run, failing, stop_at, []

    def __call__(self, job, conditions):
        if len(self.made) == self.stop_at:
            raise KeyboardInterrupt
        self.made.append((job.side, job.seed))
        if (job.side, job.seed) in self.failing:
            raise CourseError("The measurement ended with an error.", where="a.log")
        return self.make_run(job.side, machine="what the process says")


@pytest.fixture
def jobs():
    (target,) = select_targets(["mnist_dense"])
    return plan_jobs([replace(target, courses=target.courses[:1])], [0, 1])


@pytest.fixture
def results(tmp_path):
    return tmp_path / "results.json"


BOTH = [("reference", 0), ("course", 0), ("reference", 1), ("course", 1)]


def test_for_every_seed_the_reference_comes_first_and_the_course_right_after_it(jobs, make_run, results):
    worker = Worker(make_run)
    made = measure(jobs, CONDITIONS, path=results, execute=worker)
    assert worker.made == BOTH
    assert [outcome.status for outcome in made] == ["measured"] * 4
    assert [(run["side"], run["seed"]) for run in store.load_runs(results)] == sorted(BOTH)
    assert {run["machine"] for run in store.load_runs(results)} == {"2 cores"}


def test_when_it_was_interrupted_then_it_goes_on_there(jobs, make_run, results):
    with pytest.raises(KeyboardInterrupt):
        measure(jobs, CONDITIONS, path=results, execute=Worker(make_run, stop_at=3))
    assert len(store.load_runs(results)) == 3
    worker = Worker(make_run)
    made = measure(jobs, CONDITIONS, path=results, execute=worker)
    assert worker.made == [("course", 1)]
    assert [outcome.status for outcome in made] == ["kept", "kept", "kept", "measured"]


def test_when_one_fails_then_the_others_go_on_and_it_is_tried_next_time(jobs, make_run, results):
    made = measure(jobs, CONDITIONS, path=results, execute=Worker(make_run, failing={("course", 0)}))
    assert [outcome.status for outcome in made] == ["measured", "failed", "measured", "measured"]
    assert made[1].note == "The measurement ended with an error. (a.log)"
    worker = Worker(make_run)
    measure(jobs, CONDITIONS, path=results, execute=worker)
    assert worker.made == [("course", 0)]


@pytest.mark.parametrize("changes", [{"threads": 1}, {"machine": "8 cores"}, {"data": "full"}])
def test_other_conditions_are_other_measurements(jobs, make_run, results, changes):
    measure(jobs, CONDITIONS, path=results, execute=Worker(make_run))
    worker = Worker(make_run)
    measure(jobs, Conditions(**{**vars(CONDITIONS), **changes}), path=results, execute=worker)
    assert worker.made == BOTH
    assert len(store.load_runs(results)) == 8


def test_a_changed_recipe_is_measured_again_and_replaces_the_old_run(jobs, make_run, results, monkeypatch):
    measure(jobs, CONDITIONS, path=results, execute=Worker(make_run))
    changed = [Job(**{**vars(job), "hash": "new"}) if job.side == "course" else job for job in jobs]
    worker = Worker(make_run)
    measure(changed, CONDITIONS, path=results, execute=worker)
    assert worker.made == [("course", 0), ("course", 1)]
    assert len(store.load_runs(results)) == 4


def test_again_measures_what_is_finished(jobs, make_run, results):
    measure(jobs, CONDITIONS, path=results, execute=Worker(make_run))
    worker = Worker(make_run)
    measure(jobs, CONDITIONS, path=results, execute=worker, again=True)
    assert worker.made == BOTH


def test_a_recipe_that_stands_beside_two_references_is_measured_once_per_seed(make_run, results):
    jobs = plan_jobs(select_targets(["cifar10_small", "cifar10_deeper"]), [0])
    made = measure(jobs, CONDITIONS, path=results, execute=Worker(make_run), again=True)
    names = [(outcome.job.name, outcome.job.budget) for outcome in made]
    assert names == [
        ("cifar10_small", ""),
        ("cifar10_fast", "laptop"),
        ("cifar10_deeper", ""),
        ("cifar10_fine", "full"),
    ]


def test_when_a_recipe_changes_after_the_plan_then_the_run_is_not_kept(jobs, make_run, results, monkeypatch):
    monkeypatch.setattr(measuring, "hash_of", lambda job: "another" if job.side == "course" else job.hash)
    made = measure(jobs, CONDITIONS, path=results, execute=Worker(make_run))
    assert [outcome.status for outcome in made] == ["measured", "failed"] * 2
    assert "has changed since" in made[1].note
    assert {run["side"] for run in store.load_runs(results)} == {"reference"}


def _save_thirty(side, path):
    for seed in range(30):
        run = dict.fromkeys(store.KEY, "") | {"side": side, "seed": seed, "hash": "0", "variant": "mnist"}
        row = {"cpu_seconds": 1, "test_accuracy": 0.5}
        store.save_run(run | {"work_cpu_seconds": 1, "accuracy": None, "partial": False, "epochs": [row]}, path)


def test_when_two_processes_write_results_then_none_is_lost(tmp_path):
    context = multiprocessing.get_context("spawn")
    path = tmp_path / "results.json"
    processes = [context.Process(target=_save_thirty, args=(side, path)) for side in ("course", "reference")]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert len(store.load_runs(path)) == 60


@pytest.mark.parametrize(
    "damage", [{"variant": None}, {"epochs": []}, {"accuracy": "good"}, {"epochs": [{"cpu_seconds": 1}]}]
)
def test_when_a_stored_run_makes_no_sense_then_the_file_is_called_damaged(make_run, results, damage):
    run = make_run()
    for name, value in damage.items():
        if value is None:
            del run[name]
        else:
            run[name] = value
    results.parent.mkdir(exist_ok=True)
    results.write_text(json.dumps({"schema": store.SCHEMA, "runs": [run]}))
    with pytest.raises(CourseError, match="damaged"):
        store.load_runs(results)


def test_every_target_names_a_reference_and_recipes_its_notebook_has():
    assert [target.reference for target in TARGETS] == list(NAMES)
    jobs = plan_jobs(TARGETS, [0])
    assert all(job.hash for job in jobs)
    assert all(Path(job.notebook).is_file() for job in jobs if job.side == "course")


def test_an_unknown_target_is_refused_with_the_known_ones():
    with pytest.raises(UnknownNameError, match="Did you mean 'mnist_dense'"):
        select_targets(["mnist_dens"])


@pytest.mark.parametrize("seeds", [[], [0, 0], [-1], [2**32]])
def test_seeds_that_make_no_sense_are_refused(seeds):
    with pytest.raises(InputError):
        plan_jobs(TARGETS, seeds)


@pytest.mark.parametrize("content", ["{", "[]", '{"schema": 1}', '{"schema": 1, "runs": [{}]}'])
def test_when_the_results_are_damaged_then_the_file_is_named_and_stays(jobs, make_run, results, content):
    results.write_text(content)
    with pytest.raises(CourseError, match=r"results\.json"):
        measure(jobs, CONDITIONS, path=results, execute=Worker(make_run))
    assert results.read_text() == content


def test_the_environment_differs_between_the_sides_in_the_budget_alone(jobs, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_OVERRIDE", "epochs=1")
    sides = []
    for number, job in enumerate(jobs[:2]):
        folder = tmp_path / str(number)
        folder.mkdir()
        environ = measuring.environment(job, replace(CONDITIONS, output=tmp_path), folder)
        kept = environ.pop("COURSE_SAVE_CHECKPOINTS", None)
        assert (kept is not None) is (job.side == "course"), "the networks are kept for the checkpoints"
        sides.append({name: value.replace(str(folder), "FOLDER") for name, value in environ.items()})
    assert sides[0] == sides[1], "both laptop here: a reference has no budget"
    assert sides[0]["OMP_NUM_THREADS"] == sides[0]["TF_NUM_INTRAOP_THREADS"] == "2"
    assert (sides[0]["COURSE_SEED"], sides[0]["COURSE_DATA"]) == ("0", "bundled")
    assert "COURSE_OVERRIDE" not in sides[0]


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_measurement_sees_the_cached_data_but_no_cached_features(tmp_path):
    cache = Path(os.environ["COURSE_CACHE_DIR"])
    (cache / "data").mkdir(parents=True)
    (cache / "data" / "mnist.npz").write_text("pictures")
    (cache / "features").mkdir()
    own = measuring.own_cache(tmp_path / "own")
    names = {path.name for path in own.iterdir()}
    assert {"data", "photos", "decoded"} <= names and "features" not in names
    assert (own / "data" / "mnist.npz").read_text() == "pictures"


@pytest.fixture
def process(monkeypatch):
    """Replace the process: it writes a result, or ends with an error, or takes too long."""

    def install(behaviour):
        def run(command, **options):
            behaviour(Path(command[-1]), options)
            return subprocess.CompletedProcess(command, 0)

        monkeypatch.setattr(measuring.subprocess, "run", run)

    return install


def test_the_result_of_a_process_is_read_and_its_log_goes(jobs, process, tmp_path):
    process(lambda result, options: result.write_text(json.dumps({"accuracy": 0.5})))
    conditions = Conditions(2, "bundled", "2 cores", tmp_path / "out")
    assert measuring.run_worker(jobs[0], conditions) == {"accuracy": 0.5}
    assert list((tmp_path / "out").iterdir()) == []


def test_a_second_run_finds_the_cache_of_the_first_and_its_seconds_are_kept_apart(jobs, process, tmp_path):
    caches = []

    def behaviour(result, options):
        cache = Path(options["env"]["COURSE_CACHE_DIR"])
        caches.append((cache, (cache / "features").exists()))
        (cache / "features").mkdir(exist_ok=True)
        seconds = {"work_cpu_seconds": 60.0 / len(caches), "work_wall_seconds": 30.0}
        result.write_text(json.dumps({"accuracy": 0.9, "parameters": 7} | seconds))

    process(behaviour)
    run = measuring.run_worker(replace(jobs[1], twice=True), Conditions(2, "bundled", "2 cores", tmp_path / "out"))
    (first, found), (second, found_again) = caches
    assert first == second and not found and found_again
    assert run["work_cpu_seconds"] == 60
    assert run["cached"] == {"accuracy": 0.9, "work_cpu_seconds": 30.0, "work_wall_seconds": 30.0}


def test_the_networks_of_the_first_process_are_kept_with_the_minutes_that_the_benchmarks_questions_did_not_take(
    jobs, process, tmp_path
):
    recorded = {"name": "mnist_dense", "variant": "mnist", "budget": "laptop", "accuracy": 0.98}
    entry = {"recipe": "mnist_dense", "variant": "mnist", "budget": "laptop", "recorded": 0.98, "minutes": 3.5}
    entry |= {"file": "a.npz", "sha256": "0", "size": 1, "accuracy": 0.98}
    asked = []

    def behaviour(result, options):
        asked.append(folder := options["env"].get("COURSE_SAVE_CHECKPOINTS"))
        if folder:
            text = json.dumps({"recipe": "mnist_dense", "checkpoint": entry, "change": 0.0, "skipped": ""})
            Path(folder, "mnist_dense.mnist.laptop.json").write_text(text)
        run = {"accuracy": 0.98, "work_cpu_seconds": 60.0, "work_wall_seconds": 30.0}
        result.write_text(json.dumps(run | {"records": [recorded | {"minutes": 2.04567 if folder else 1.0}]}))

    process(behaviour)
    measuring.run_worker(replace(jobs[1], twice=True), Conditions(2, "bundled", "2 cores", tmp_path / "out"))
    assert asked[0] and asked[1] is None
    (draft,) = read_drafts(asked[0])
    assert draft.checkpoint.minutes == 2.046


def test_when_a_process_fails_then_its_last_words_are_told_and_its_log_stays(jobs, process, tmp_path):
    process(lambda result, options: options["stdout"].write(b"Traceback\nValueError: no pictures\n  at last\n"))
    with pytest.raises(CourseError, match=r"ValueError: no pictures[\s\S]*course-mnist_dense-laptop-seed0\.log"):
        measuring.run_worker(jobs[1], Conditions(2, "bundled", "2 cores", tmp_path / "out"))
    assert (tmp_path / "out" / "course-mnist_dense-laptop-seed0.log").is_file()


def test_when_a_process_takes_too_long_then_it_is_given_up(jobs, process, tmp_path):
    def slow(result, options):
        raise subprocess.TimeoutExpired("python", options["timeout"])

    process(slow)
    with pytest.raises(CourseError, match="more than 7 seconds"):
        measuring.run_worker(jobs[0], Conditions(2, "bundled", "2 cores", tmp_path / "out", timeout=7))
