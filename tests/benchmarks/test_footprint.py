"""The footprint: what is measured, kept, told and judged. One small notebook is run; nothing long."""

import io
import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from notebook_samples import as_text, code, good_cells
from rich.console import Console

import course_utils as cu
from benchmarks import bench, footprint, footprint_command, footprint_store, footprint_table, startup, widget_updates
from benchmarks.footprint import PARTS, Piece, plan_pieces
from benchmarks.measuring import Conditions
from course_utils.errors import CourseError, UnknownNameError
from course_utils.runner import MEMORY_LIMIT_MB

CONDITIONS = Conditions(threads=2, data="bundled", machine="2 cores")
NAMES = [part.name for part in PARTS]
IMPORT, SETUP, WIDGETS, SMOKE, LAPTOP = PARTS


@pytest.fixture
def notebooks(tmp_path):
    """Return a folder with two small notebooks."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    for stem in ("01_small", "02_small"):
        (folder / f"{stem}.ipynb").write_text(as_text(good_cells(stem)), "utf-8")
    return folder


@pytest.fixture
def path(tmp_path):
    return tmp_path / "footprint.json"


def found(seconds=60.0, memory=700.0, libraries=()):
    """Return what a part measures."""
    return {
        "wall_seconds": seconds,
        "cpu_seconds": seconds,
        "memory_mb": memory,
        "peak_memory_mb": memory,
        "libraries": list(libraries),
        "modules": 71,
    }


class Measuring:
    """Stands in for what a part measures: notes the order, fails or stops where it is told to."""

    def __init__(self, failing=(), stop_at=None, result=None):
        self.failing, self.stop_at, self.result, self.made = failing, stop_at, result or found(), []

    def __call__(self, piece, conditions):
        if len(self.made) == self.stop_at:
            raise KeyboardInterrupt
        self.made.append(piece.label)
        if piece.label in self.failing:
            raise CourseError("The notebook failed.", where="cell 3", found="ValueError: x")
        return self.result


def faked(measuring, *parts):
    return [replace(part, measure=measuring) for part in parts or PARTS]


def run_of(part, notebook="", **changes):
    mark = {"part": part.name, "notebook": notebook, "machine": "2 cores", "threads": 2, "hash": "0"}
    about = {"versions": {}, "load_average": 0.5, "time": "2026-01-31T12:00:00+00:00"}
    return found() | mark | about | changes


# What is measured -----------------------------------------------------------------------------------------------------
def test_when_names_are_chosen_then_recipes_come_first_and_the_footprint_last():
    assert [one.name for one in bench.chosen()][-len(PARTS) :] == NAMES
    assert bench.chosen(["footprint"]) == PARTS
    assert [one.name for one in bench.chosen(["footprint_smoke", "mnist_dense"])] == ["mnist_dense", "footprint_smoke"]
    with pytest.raises(UnknownNameError, match="Did you mean 'footprint_laptop'"):
        bench.chosen(["footprint_labtop"])
    text = bench.listing(bench.chosen(["footprint", "mnist_cnn"]))
    assert text.index("mnist_cnn:") < text.index("footprint_import: import course_utils\n    to reach    at most 0.3 s")


def test_when_it_is_planned_then_each_notebook_is_a_measurement_of_its_own(notebooks):
    labels = [piece.label for piece in plan_pieces(PARTS, notebooks)]
    both = [f"{part} {stem}" for part in NAMES for stem in ("01_small", "02_small")]
    assert labels == [NAMES[0], *both[2:4], NAMES[2], *both[6:]]


def test_when_code_changes_then_only_what_depends_on_it_has_another_hash(notebooks):
    before = {piece.label: piece.hash for piece in plan_pieces(PARTS, notebooks)}
    cells = [*good_cells("01_small"), code("2 + 2")]
    (notebooks / "01_small.ipynb").write_text(as_text(cells), "utf-8")
    after = {piece.label: piece.hash for piece in plan_pieces(PARTS, notebooks)}
    assert {label for label in before if before[label] != after[label]} == {
        "footprint_smoke 01_small",
        "footprint_laptop 01_small",
    }


def test_when_code_is_measured_then_its_modules_memory_and_seconds_are_those_of_the_code_alone():
    quick = startup.costs("import colorsys", repeats=1)
    assert quick["modules"] == ["colorsys"] and quick["libraries"] == []
    slow = startup.costs("x = b'1' * 300_000_000\nsum(range(20_000_000))\nimport numpy", repeats=1)
    assert slow["memory_mb"] > quick["memory_mb"] + 290 and slow["peak_memory_mb"] >= slow["memory_mb"]
    assert slow["cpu_seconds"] > 20 * quick["cpu_seconds"] and "numpy" in slow["modules"]


def test_when_bytecode_is_taken_away_then_an_import_takes_longer_and_the_clone_keeps_its_own(monkeypatch):
    cached = startup.costs("import course_utils.errors, argparse", repeats=2)
    bare = startup.costs("import course_utils.errors, argparse", repeats=2, compiled=False)
    assert bare["cpu_seconds"] > 1.5 * cached["cpu_seconds"]


def test_when_the_measured_code_fails_then_its_error_is_told():
    with pytest.raises(CourseError, match="ZeroDivisionError"):
        startup.costs("1 / 0", repeats=1)


@pytest.mark.parametrize("part", [IMPORT, WIDGETS])
def test_when_a_process_ends_in_silence_then_the_measurement_fails_and_the_others_go_on(
    notebooks, path, monkeypatch, part
):
    silent = subprocess.CompletedProcess([], -9, stdout="", stderr="")
    monkeypatch.setattr(subprocess, "run", lambda *arguments, **options: silent)
    measuring = Measuring()
    made = footprint.measure(plan_pieces([part, *faked(measuring, SMOKE)], notebooks), CONDITIONS, path)
    assert [outcome.status for outcome in made] == ["failed", "measured", "measured"]
    assert made[0].note.endswith("failed. (no message)")


def test_when_settings_are_made_outside_then_a_measurement_has_its_own(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_OVERRIDE", "epochs=1")
    monkeypatch.setenv("COURSE_BUDGET", "full")
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path))
    environ = startup.own_environment(tmp_path, threads=1)
    assert (environ["COURSE_BUDGET"], environ["COURSE_DATA"], environ["COURSE_OVERRIDE"]) == ("laptop", "bundled", "")
    assert environ["COURSE_DATA_DIR"] == "" and environ["COURSE_CACHE_DIR"] == str(tmp_path / "cache")
    assert environ["OMP_NUM_THREADS"] == environ["TF_NUM_INTRAOP_THREADS"] == "1"


def test_when_a_set_up_cell_is_measured_then_it_is_the_notebooks_own(notebooks):
    made = footprint.measure(plan_pieces([SETUP], notebooks)[:1], CONDITIONS, notebooks / "f.json")
    assert made[0].status == "measured", made[0].note
    assert made[0].run["libraries"] == [] and made[0].run["modules"] > 100 and 10 < made[0].run["memory_mb"] < 300
    (notebooks / "03_none.ipynb").write_text(as_text([code("1")]), "utf-8")
    with pytest.raises(CourseError, match="no cell tagged `setup`"):
        plan_pieces([SETUP], notebooks)


@pytest.mark.slow
def test_when_a_notebook_is_measured_then_the_courses_runner_runs_it_with_an_empty_cache(notebooks, path):
    cells = good_cells("01_small")
    show = "import os\nfrom pathlib import Path\n\nassert not Path(os.environ['COURSE_CACHE_DIR']).exists()\n"
    show += "assert os.environ['COURSE_DATA'] == 'bundled' and os.environ['OMP_NUM_THREADS'] == '2'\n"
    show += "assert course.budget == 'smoke'\nkept = b'1' * 200_000_000"
    (notebooks / "01_small.ipynb").write_text(as_text([*cells, code(show)]), "utf-8")
    (notebooks / "02_small.ipynb").write_text(as_text([*good_cells("02_small"), code("1 / 0")]), "utf-8")
    first, second = footprint.measure(plan_pieces([SMOKE], notebooks), CONDITIONS, path)
    assert first.status == "measured", first.note
    assert first.run["wall_seconds"] >= first.run["cpu_seconds"] / 4 > 0.05 and first.run["peak_memory_mb"] > 230
    assert second.status == "failed" and "ZeroDivisionError" in second.note and "cell 9" in second.note


def test_when_widgets_are_measured_then_none_is_left_out_and_every_update_changes_something():
    assert sorted(case.name for case in widget_updates.CASES) == cu.widgets.__all__
    for case in widget_updates.CASES:
        assert case.change(1) != case.change(2) != case.change(3), case.name
    light = ("tour", "pooling_explorer", "kernel_explorer")
    times = widget_updates.measure(updates=3, names=light)
    assert set(times) == set(light)
    assert all(0 < one["wall_ms"] <= one["longest_ms"] for one in times.values())


def test_when_an_update_works_long_then_its_time_says_so():
    class Slow:
        view = cu.widgets.tour().view

        def set(self, **values):
            np.sort(np.random.default_rng(0).random(300_000))

    times = widget_updates._times(widget_updates.Case("slow", Slow, lambda k: {}), 3)
    assert times["cpu_ms"] > 3 * widget_updates.measure(3, ["tour"])["tour"]["cpu_ms"]


# What is kept ---------------------------------------------------------------------------------------------------------
def test_when_it_was_interrupted_then_it_goes_on_there(notebooks, path):
    with pytest.raises(KeyboardInterrupt):
        footprint.measure(plan_pieces(faked(Measuring(stop_at=3)), notebooks), CONDITIONS, path)
    measuring = Measuring()
    made = footprint.measure(plan_pieces(faked(measuring), notebooks), CONDITIONS, path)
    assert [outcome.status for outcome in made] == ["kept"] * 3 + ["measured"] * 5
    assert len(footprint_store.load_runs(path)) == 8 and measuring.made[0] == "footprint_widgets"


def test_when_one_fails_then_the_others_go_on_and_it_is_tried_next_time(notebooks, path):
    pieces = plan_pieces(faked(Measuring(failing=["footprint_smoke 01_small"]), SMOKE), notebooks)
    made = footprint.measure(pieces, CONDITIONS, path)
    assert [outcome.status for outcome in made] == ["failed", "measured"]
    assert made[0].note == "The notebook failed. (cell 3; ValueError: x)"
    measuring = Measuring()
    footprint.measure(plan_pieces(faked(measuring, SMOKE), notebooks), CONDITIONS, path)
    assert measuring.made == ["footprint_smoke 01_small"]


def test_when_the_code_is_another_or_again_is_asked_then_it_is_measured_again(notebooks, path):
    (piece,) = plan_pieces(faked(Measuring(), IMPORT), notebooks)
    footprint.measure([piece], CONDITIONS, path)
    changed = Piece(piece.part, None, "new")
    (outcome,) = footprint.measure([changed], CONDITIONS, path)
    assert outcome.status == "measured" and len(footprint_store.load_runs(path)) == 1
    assert footprint.measure([changed], CONDITIONS, path)[0].status == "kept"
    assert footprint.measure([changed], CONDITIONS, path, again=True)[0].status == "measured"
    footprint.measure([changed], replace(CONDITIONS, threads=1), path)
    assert len(footprint_store.load_runs(path)) == 2


@pytest.mark.parametrize("content", ["{", "[]", '{"schema": 9, "runs": []}', '{"schema": 1, "runs": [{}]}'])
def test_when_the_file_is_damaged_then_it_is_named_and_stays(path, content):
    path.write_text(content)
    with pytest.raises(CourseError, match=r"footprint\.json"):
        footprint_store.save_run(run_of(IMPORT), path)
    assert path.read_text() == content


# What is told and judged ----------------------------------------------------------------------------------------------
def goals(runs, count=2):
    (summary,) = footprint_table.summaries(runs, PARTS, count)
    return {goal.what: goal.reached for goal in summary.goals}


def runs_of(part, *seconds, **changes):
    return [run_of(part, f"0{number + 1}_x", wall_seconds=one, **changes) for number, one in enumerate(seconds)]


@pytest.mark.parametrize(
    ("part", "seconds", "reached"),
    [(SMOKE, (200, 100), True), (SMOKE, (200, 101), False), (LAPTOP, (600, 300), True), (LAPTOP, (600, 301), False),
     (SMOKE, (100,), None), (SMOKE, (301,), False)],
)  # fmt: skip
def test_the_whole_course_is_judged_by_the_sum_of_all_notebooks(part, seconds, reached):
    budget = part.name.removeprefix("footprint_")
    assert goals(runs_of(part, *seconds))[f"the whole course, {budget}"] is reached


def test_on_more_cores_the_minutes_are_not_judged_but_memory_is():
    judged = goals([run | {"threads": 8} for run in runs_of(SMOKE, 1, 1)])
    assert judged["the whole course, smoke"] is None
    assert judged["peak memory of a notebook's kernel, smoke"] is True


@pytest.mark.parametrize(
    ("memory", "reached"), [((700, MEMORY_LIMIT_MB), True), ((MEMORY_LIMIT_MB + 1, 700), False), ((700,), None)]
)
def test_the_largest_kernel_is_judged(memory, reached):
    runs = [run_of(LAPTOP, f"0{number}_x", peak_memory_mb=one) for number, one in enumerate(memory)]
    assert goals(runs)["peak memory of a notebook's kernel, laptop"] is reached


@pytest.mark.parametrize("part", [SETUP, SMOKE, LAPTOP])
@pytest.mark.parametrize(("libraries", "reached"), [(["numpy"], True), (["tensorflow"], False), (["keras"], False)])
def test_notebook_01_is_judged_by_what_it_loads(part, libraries, reached):
    runs = [run_of(part, "01_x", libraries=libraries), run_of(part, "02_x", libraries=["tensorflow"])]
    assert [value for what, value in goals(runs).items() if what.startswith("01_x")] == [reached]


def imported(seconds=0.05, **changes):
    more = {"uncompiled_wall_seconds": 0.2, "uncompiled_cpu_seconds": 0.2, "numpy_modules": 140}
    return run_of(IMPORT, wall_seconds=seconds, **more, **changes)


def test_the_import_and_the_slowest_widget_are_judged():
    assert goals([imported()]) == {"import course_utils": True, "what it loads": True}
    assert goals([imported(0.31, libraries=["keras"])]) == {"import course_utils": False, "what it loads": False}
    times = {"tour": {"wall_ms": 1.0}, "stepper": {"wall_ms": 51.0}}
    assert goals([run_of(WIDGETS, updates=times)]) == {"computing one update of a widget": False}
    assert goals([run_of(WIDGETS, updates={"tour": {"wall_ms": 50.0}})]) == {"computing one update of a widget": True}


def test_the_table_shows_goals_notebooks_widgets_and_how_to_reproduce():
    runs = [imported(), *runs_of(SMOKE, 61, 62), run_of(SETUP, "01_x"), run_of(WIDGETS, updates={"t": {"wall_ms": 2}})]
    summary = footprint_table.summaries(runs, PARTS, 2)
    text = footprint_table.markdown(summary, ["footprint_import"])
    assert "| import course_utils | ≤ 0.3 s | 0.050 s (60.000 CPU s); 0.20 s where nothing has bytecode |" in text
    assert "| reached | course bench footprint_import |" in text
    assert "| 01_x | 60.0 (60.0) | 700 | 61 (60) | 700 | – | – |" in text
    assert "| the whole course, smoke | ≤ 5 minutes on 2 cores | 2.0 minutes (2.0 CPU minutes) | reached |" in text
    assert "One update of each widget, median: t 2.0 ms." in text and text.endswith("measured: footprint_import.\n")
    console = Console(width=200, file=io.StringIO())
    footprint_table.print_table(console, summary)
    assert "2.0 minutes (2.0 CPU minutes)" in console.file.getvalue()
    assert "Nothing is measured yet" in footprint_table.markdown([])


# The command ----------------------------------------------------------------------------------------------------------
@pytest.fixture
def quick(monkeypatch):
    """Replace every measurement; return what notes the order."""
    measuring = Measuring(result=imported() | {"updates": {"tour": {"wall_ms": 1.0}}})
    monkeypatch.setattr(bench, "PARTS", tuple(faked(measuring)))
    return measuring


def test_the_command_measures_shows_and_goes_on(quick, notebooks, tmp_path):
    console = Console(width=200, file=io.StringIO())
    options = {"results": tmp_path / "results.json", "notebooks": notebooks, "seeds": (0,), "data": None}
    assert not bench.run(bench.chosen(["footprint"]), console, **options)
    assert len(quick.made) == 8 and "[8/8] footprint_laptop 02_small: measured" in console.file.getvalue()
    assert not bench.run(bench.chosen(["footprint"]), console, **options)
    assert len(quick.made) == 8 and "kept" in console.file.getvalue()
    text = footprint_command.written(bench.chosen(["footprint_import"]), tmp_path / "results.json", notebooks)
    assert text.startswith("| what | to reach |") and "changed" not in text
    quick.failing = ["footprint_smoke 01_small"]
    assert bench.run(bench.chosen(["footprint_smoke"]), console, again=True, **options)
    assert "failed: The notebook failed. (cell 3; ValueError: x)" in console.file.getvalue()
    quick.stop_at = len(quick.made)
    assert bench.run(bench.chosen(["footprint_smoke"]), console, again=True, **options)
    assert "The same command goes on here" in console.file.getvalue()


def test_when_ctrl_c_ends_the_recipes_then_the_footprint_does_not_start(quick, notebooks, tmp_path, make_run):
    def interrupted(job, conditions):
        raise KeyboardInterrupt

    def fails(job, conditions):
        raise CourseError("The measurement failed.")

    console, everything = Console(file=io.StringIO()), bench.chosen(["mnist_dense", "footprint_import"])
    common = {"results": tmp_path / "results.json", "seeds": (0,), "data": "bundled"}
    assert bench.run(everything, console, execute=interrupted, **common)
    assert quick.made == []
    assert bench.run(everything, console, execute=fails, **common)
    assert quick.made == ["footprint_import"]


def test_what_plans_and_shows_the_footprint_loads_no_tensorflow():
    script = """
import sys
from course_utils.checkout import benchmarks
command = benchmarks()
command.written(command.chosen(["footprint"]))
sys.exit(" ".join({"tensorflow", "keras"} & set(sys.modules)) or 0)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_file_that_ships_can_be_read():
    for run in footprint_store.load_runs(footprint_store.path_beside()):
        assert run["part"] in NAMES and json.dumps(run)
