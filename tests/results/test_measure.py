import json
from types import SimpleNamespace

import pytest

import course_utils as cu
from course_utils.errors import CourseError, InputError, UnknownNameError
from course_utils.notebook_lint.form import canonical
from course_utils.results import ledger
from course_utils.results.measure import measure, summary_rows

RECIPE = (["recipe:lenet"], 'data = cu.load("fashion_mnist")')


class Runner:
    """Stands in for executing a notebook: counts, and records an accuracy that depends on the seed."""

    def __init__(self, **changes):
        self.calls, self.changes, self.failing = [], changes, set()

    def __call__(self, options, progress):
        (path,) = options.notebooks
        self.calls.append((path.stem, options.seed, options.budget, options.data))
        if (path.stem, options.seed) in self.failing:
            failure = SimpleNamespace(cell=3, error="ValueError", message="no\nmore")
            outcome = SimpleNamespace(status=self.failing_status, failure=failure, seconds=6.0, records=())
        else:
            outcome = SimpleNamespace(status="passed", failure=None, seconds=60.0, records=(self.record(options),))
        return SimpleNamespace(outcomes=(outcome,))

    failing_status = "failed"

    def record(self, options):
        values = {
            "name": "lenet",
            "accuracy": 0.90 + options.seed / 100,
            "budget": options.budget,
            "variant": "fashion_mnist",
            "split": "test",
            "n": 10_000,
            "seed": options.seed,
            "time": "2026-01-31T12:00:00+00:00",
            "machine": "2 cores",
            "verdict": "unpublished",
        }
        return {**values, **self.changes}


@pytest.fixture
def folder(tmp_path, write_notebook, monkeypatch):
    monkeypatch.setattr("course_utils.results.measure.data_kind", lambda name: "cache")
    write_notebook(tmp_path / "notebooks" / "00_start.ipynb", ([], "1 + 1"))
    write_notebook(tmp_path / "notebooks" / "03_lenet.ipynb", RECIPE)
    return tmp_path / "notebooks"


@pytest.fixture
def run(folder, tmp_path):
    def call(runner, **options):
        options = {"notebooks": folder, "output": tmp_path / "state", "path": ledger.LEDGER_PATH, **options}
        return measure(execute=runner, **options)

    return call


def test_every_seed_is_run_and_makes_the_range(run):
    runner = Runner()
    made = run(runner)
    assert runner.calls == [("03_lenet", seed, "laptop", None) for seed in (0, 1, 2)]
    assert [item.status for item in made] == ["measured"] * 3
    (row,) = cu.ledger_rows()
    assert row.accuracies == (0.90, 0.91, 0.92)
    assert (row.machine, row.notebook, row.stale) == ("2 cores", "03_lenet", False)


def test_the_speed_of_the_computer_is_kept_with_each_run(run):
    run(Runner(minutes=2.0, speed={"tensorflow": 31.5}), seeds=[0])
    (row,) = cu.ledger_rows()
    assert row.timings == ((2.0, {"tensorflow": 31.5}),)


def test_notebooks_without_recipes_are_left_out_unless_asked_for(run):
    runner = Runner()
    run(runner, seeds=[0])
    assert {call[0] for call in runner.calls} == {"03_lenet"}
    run(runner, seeds=[0], only=["00"])
    assert runner.calls[-1][0] == "00_start"


def test_what_is_finished_is_not_run_again(run):
    run(Runner(), seeds=[0, 1])
    runner = Runner()
    made = run(runner, seeds=[0, 1, 2])
    assert [call[1] for call in runner.calls] == [2]
    assert [item.status for item in made] == ["kept", "kept", "measured"]
    assert cu.ledger_rows()[0].n == 3


def test_after_an_interruption_it_goes_on_where_it_stopped(run):
    class Interrupted(Runner):
        def __call__(self, options, progress):
            if options.seed == 1:
                raise KeyboardInterrupt
            return super().__call__(options, progress)

    with pytest.raises(KeyboardInterrupt):
        run(Interrupted())
    assert cu.ledger_rows()[0].seeds == (0,)
    runner = Runner()
    run(runner)
    assert [call[1] for call in runner.calls] == [1, 2]


def test_when_the_runner_was_stopped_then_no_other_notebook_is_started(run):
    runner = Runner()
    runner.failing, runner.failing_status = {("03_lenet", 0)}, "stopped"
    made = run(runner)
    assert [item.status for item in made] == ["stopped"]
    assert len(runner.calls) == 1


def test_a_changed_recipe_is_measured_again_and_the_old_runs_go(run, folder, write_notebook):
    run(Runner(), seeds=[0, 1])
    write_notebook(folder / "03_lenet.ipynb", (["recipe:lenet"], 'data = cu.load("fashion_mnist")[:10]'))
    runner = Runner()
    run(runner, seeds=[0])
    assert len(runner.calls) == 1
    assert cu.ledger_rows()[0].seeds == (0,)


def test_a_change_outside_the_recipes_measures_nothing_again(run, folder, write_notebook):
    run(Runner(), seeds=[0])
    write_notebook(folder / "03_lenet.ipynb", RECIPE, ([], "cu.show_images(data.train)"))
    runner = Runner()
    run(runner, seeds=[0])
    assert runner.calls == []


def test_another_budget_or_other_data_are_other_measurements(run, monkeypatch):
    run(Runner(), seeds=[0])
    runner = Runner()
    run(runner, seeds=[0], budget="full")
    run(runner, seeds=[0], data="bundled")
    monkeypatch.setattr("course_utils.results.measure.data_kind", lambda name: "bundled")
    run(runner, seeds=[0])
    assert len(runner.calls) == 3


def test_again_runs_what_is_finished(run):
    run(Runner(), seeds=[0])
    runner = Runner()
    run(runner, seeds=[0], again=True)
    assert len(runner.calls) == 1


def test_two_measurements_at_once_lose_nothing_of_each_other(run):
    class WhileAnotherRuns(Runner):
        def __call__(self, options, progress):
            run(Runner(), seeds=[7])
            return super().__call__(options, progress)

    run(WhileAnotherRuns(), seeds=[0])
    (row,) = cu.ledger_rows()
    assert row.seeds == (0, 7)
    runner = Runner()
    run(runner, seeds=[0, 7])
    assert runner.calls == []


def test_a_lost_ledger_is_rebuilt_from_what_is_finished(run):
    run(Runner(), seeds=[0, 1])
    before = ledger.LEDGER_PATH.read_bytes()
    ledger.LEDGER_PATH.unlink()
    runner = Runner()
    run(runner, seeds=[0, 1])
    assert runner.calls == []
    assert ledger.LEDGER_PATH.read_bytes() == before


def test_after_a_failure_the_others_go_on_and_the_failed_one_is_tried_next_time(run):
    runner = Runner()
    runner.failing = {("03_lenet", 1)}
    made = run(runner)
    assert [item.status for item in made] == ["measured", "failed", "measured"]
    assert made[1].notes == ("cell 3: ValueError: no",)
    assert cu.ledger_rows()[0].seeds == (0, 2)
    runner = Runner()
    run(runner)
    assert [call[1] for call in runner.calls] == [1]


@pytest.mark.parametrize("changes", [{"variant": None}, {"budget": "smoke"}, {"accuracy": None}])
def test_records_of_unknown_data_or_another_budget_stay_out_of_the_ledger(run, changes):
    (made,) = run(Runner(**changes), seeds=[0])
    assert cu.ledger_rows() == []
    assert "left out" in made.notes[0]


def test_a_record_without_a_tagged_cell_is_remarked(run):
    (made,) = run(Runner(name="other"), seeds=[0])
    assert "no cell is tagged recipe:other" in made.notes[0]


def test_rows_of_other_recipes_stay(run, publish):
    publish(0.5, name="dense")
    run(Runner(), seeds=[0])
    assert [row.recipe for row in cu.ledger_rows()] == ["dense", "lenet"]


def test_a_recipe_that_is_gone_makes_its_row_stale(run, folder, write_notebook, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run(Runner(), seeds=[0])
    write_notebook(folder / "03_lenet.ipynb", ([], "nothing"))
    assert cu.ledger_rows()[0].stale


@pytest.mark.parametrize(("options", "error"), [
    ({"budget": "smoke"}, InputError),
    ({"budget": "latpop"}, UnknownNameError),
    ({"seeds": []}, InputError),
    ({"seeds": [0, 0]}, InputError),
    ({"seeds": [-1]}, InputError),
    ({"only": ["09"]}, UnknownNameError),
])  # fmt: skip
def test_what_makes_no_sense_is_refused_before_anything_runs(run, options, error):
    runner = Runner()
    with pytest.raises(error):
        run(runner, **options)
    assert runner.calls == []


def test_a_damaged_state_is_named_and_not_overwritten(run, tmp_path):
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "state.json").write_text("{")
    with pytest.raises(CourseError, match=r"state\.json"):
        run(Runner())
    assert (tmp_path / "state" / "state.json").read_text() == "{"


def test_each_measurement_is_told_as_it_is_made(run):
    told = []
    made = run(Runner(), seeds=[0, 1], tell=told.append)
    assert told == made
    assert summary_rows(told)[0] == ("03_lenet", 0, "measured", "1.0", "lenet", "")


@pytest.mark.notebook
def test_a_real_notebook_is_executed_and_its_record_is_in_the_ledger(tmp_path, monkeypatch):
    monkeypatch.delenv("COURSE_RESULTS_DIR")
    budgets = 'course = cu.setup("07_coin", budgets={"tosses": (1, 2, 3)})'
    record = (
        "from types import SimpleNamespace\n"
        "report = SimpleNamespace(accuracy=0.5 + course.seed / 10, variant='coin', split_name='test', n=2)\n"
        'cu.record("coin", report)'
    )
    cells = [
        {"metadata": {"tags": ["setup"]}, "source": f"import course_utils as cu\n{budgets}"},
        {"metadata": {"tags": ["recipe:coin"]}, "source": record},
    ]
    cells = [
        {"cell_type": "code", "id": f"cell{number}", "outputs": [], "execution_count": None, **cell}
        for number, cell in enumerate(cells)
    ]
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    path = tmp_path / "notebooks" / "07_coin.ipynb"
    path.parent.mkdir()
    path.write_text(canonical({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}), "utf-8")
    made = measure(seeds=[0, 1], notebooks=path.parent, output=tmp_path / "state", path=tmp_path / "new.json")
    assert [(item.status, item.notes) for item in made] == [("measured", ()), ("measured", ())]
    (entry,) = json.loads((tmp_path / "new.json").read_text())["rows"]
    assert {seed: run["accuracy"] for seed, run in entry["runs"].items()} == {"0": 0.5, "1": 0.6}
    assert (entry["budget"], entry["variant"], entry["notebook"]) == ("laptop", "coin", "07_coin")
    assert len(entry["recipe_hash"]) == 16
    assert "cores" in entry["machine"]


def test_when_recipes_are_wanted_then_only_their_cells_run_and_the_row_is_the_notebooks(folder, run, write_notebook):
    write_notebook(folder / "03_lenet.ipynb", RECIPE, ([], "a_slow_thing()"))
    runner = Runner()
    seen = []

    def looking(options, progress):
        (path,) = options.notebooks
        seen.append([cell["source"] for cell in json.loads(path.read_text("utf-8"))["cells"]])
        return runner(options, progress)

    run(looking, seeds=[0], wanted=["lenet"])
    assert seen == [[RECIPE[1]]] or seen == [[[RECIPE[1]]]]
    (row,) = cu.ledger_rows()
    assert (row.recipe, row.notebook, row.stale) == ("lenet", "03_lenet", False)
    run(looking, seeds=[0], wanted=["lenet"])
    assert len(seen) == 1, "what is measured is kept"
    run(looking, seeds=[0])
    assert len(seen) == 2, "the whole notebook is another measurement"


def test_when_a_wanted_recipe_is_nowhere_then_the_known_ones_are_named(run):
    with pytest.raises(UnknownNameError, match="lenet"):
        run(Runner(), wanted=["lennet"])
