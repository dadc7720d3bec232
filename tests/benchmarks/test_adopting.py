import pytest

from benchmarks import adopting
from benchmarks.adopting import corrected, into_ledger
from benchmarks.recording import Clock, Moment
from course_utils.results import ledger
from course_utils.results.recipes import recipe_hash
from course_utils.results.records import Record


@pytest.fixture(autouse=True)
def here(monkeypatch):
    monkeypatch.setattr(adopting, "machine", lambda: "2 cores")
    monkeypatch.setattr(adopting.os, "cpu_count", lambda: 2)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.json"


def event(**changes):
    values = {"accuracy": 0.98, "variant": "mnist", "split": "test", "n": 10_000, "minutes": 2.0, "cpu_seconds": 200.0}
    values |= {"budget": "laptop", "recipe_hash": recipe_hash("mnist_dense", "laptop", notebook="02_dense_baseline")}
    return {"kind": "record", **vars(Record("mnist_dense", **(values | changes)))}


def stopped_clock(cpu, wall, networks=1):
    clock = Clock()
    clock._out, clock.networks = Moment(cpu, wall), set(range(networks))
    return clock


@pytest.fixture
def run(make_run):
    def make(**changes):
        return make_run(**({"notebook": "02_dense_baseline", "records": [event()]} | changes))

    return make


def test_the_benchmarks_own_questions_are_taken_off_the_recorded_times():
    (made,) = corrected([event(), {"kind": "cell"}], stopped_clock(cpu=50, wall=30))
    assert (made["minutes"], made["cpu_seconds"]) == (1.5, 150)
    (made,) = corrected([event(minutes=None, cpu_seconds=None)], stopped_clock(cpu=50, wall=30))
    assert (made["minutes"], made["cpu_seconds"]) == (None, None)


def test_what_was_prepared_is_work_but_no_minutes_of_training():
    clock = stopped_clock(cpu=50, wall=30)
    clock.prepared_for = 60.0
    (made,) = corrected([event()], clock)
    assert (made["minutes"], made["cpu_seconds"]) == (0.5, 150), "its CPU seconds were counted by fit alone"


def test_when_it_is_not_known_whose_time_it_was_then_none_is_told():
    (made,) = corrected([event()], stopped_clock(cpu=50, wall=30, networks=2))
    assert (made["minutes"], made["cpu_seconds"]) == (None, None)
    (made,) = corrected([event(minutes=0.1)], stopped_clock(cpu=50, wall=30))
    assert (made["minutes"], made["cpu_seconds"]) == (None, 150)


def test_what_was_recorded_becomes_rows_of_the_ledger_with_its_seeds(run, path):
    told = into_ledger([run(seed=0), run(seed=1, records=[event(accuracy=0.97)])], path)
    assert told == [
        "mnist_dense, laptop, seed 0: test accuracy 0.9800",
        "mnist_dense, laptop, seed 1: test accuracy 0.9700",
    ]
    (entry,) = ledger.load_ledger(path)
    assert {seed: row["accuracy"] for seed, row in entry["runs"].items()} == {"0": 0.98, "1": 0.97}
    assert entry["recipe_hash"], "the row would never be seen to be out of date"


@pytest.mark.parametrize(
    "changes",
    [
        {"side": "reference"},
        {"override": "dense_epochs=1"},
        {"variant": "mnist/sample"},
        {"machine": "8 cores"},
        {"threads": 1},
        {"gpus": ["GPU:0"]},
        {"records": [event(recipe_hash="an older one")]},
        {"records": []},
    ],
)
def test_other_runs_never_get_into_the_ledger(run, path, changes):
    assert into_ledger([run(**changes)], path) == []
    assert not path.exists()
