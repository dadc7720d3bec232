import io
import re
import subprocess
import sys

import pytest
from rich.console import Console

from benchmarks import bench, command, measuring, store
from benchmarks.targets import select_targets
from course_utils import checkout, cli
from course_utils.errors import CourseError


@pytest.fixture
def course(capsys):
    """Return a function that runs the command line and returns exit code, stdout and stderr."""

    def run(*argv):
        with pytest.raises(SystemExit) as caught:
            cli.main([str(argument) for argument in argv])
        out, err = capsys.readouterr()
        return caught.value.code or 0, out, re.sub(r"[\s│]+", " ", err)

    return run


@pytest.fixture
def worker(monkeypatch, make_run):
    """Replace the measuring process."""
    monkeypatch.setattr(measuring, "run_worker", lambda job, conditions: make_run(job.side, seconds=[5.0, 5.0]))


def test_a_name_that_does_not_exist_is_told_with_those_that_do(course, tmp_path):
    status, out, err = course("bench", "mnist_dens", "--results", tmp_path / "results.json")
    assert status == 2 and out == ""
    assert "There is no benchmark called 'mnist_dens'. Did you mean 'mnist_dense'?" in err
    assert "cifar10_deeper" in err


@pytest.mark.parametrize(
    ("argv", "part"),
    [
        (["--seeds", "0", "0"], "different whole numbers"),
        (["--threads", "0"], "--threads"),
        (["--timeout", "0"], "--timeout"),
        (["--data", "bundel"], "Did you mean 'bundled'?"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused_before_anything_runs(course, tmp_path, argv, part):
    status, _, err = course("bench", "mnist_dense", "--results", tmp_path / "results.json", *argv)
    assert status == 2 and part in err
    assert not (tmp_path / "results.json").exists()


def test_the_list_names_recipes_slips_and_goals(course):
    status, out, _ = course("bench", "mnist_cnn", "--list")
    assert status == 0
    assert "MaxPool2D of size 1×1 does nothing" in out and "99.3 % with at most 100,000 parameters" in out
    assert "CIFAR" not in out


def test_the_command_measures_both_sides_and_shows_the_table(course, worker, tmp_path):
    results = tmp_path / "results.json"
    status, out, _ = course("bench", "mnist_dense", "--seeds", "0", "1", "--results", results, "--data", "bundled")
    assert status == 0
    assert out.index("reference mnist_dense, seed 0") < out.index("course mnist_dense, laptop, seed 0")
    assert "] course mnist_dense, laptop, seed 1: measured, accuracy 0.9800, 10 CPU seconds" in out
    assert "1.00×" in out
    out_first = out
    status, out, _ = course("bench", "mnist_dense", "--table", "--results", results)
    assert status == 0 and out.startswith("**What must be reached**") and "1.00×" in out
    recipes = 1 + len(select_targets(["mnist_dense"])[0].courses)
    assert f"[{2 * recipes}/{2 * recipes}] " in out_first and len(store.load_runs(results)) == 2 * recipes


def test_when_a_measurement_fails_then_the_exit_code_is_one(course, worker, tmp_path, monkeypatch):
    def fails(job, conditions):
        raise CourseError("The measurement ended with an error.", where="a.log")

    monkeypatch.setattr(measuring, "run_worker", fails)
    status, out, _ = course("bench", "mnist_dense", "--seeds", "0", "--results", tmp_path / "r.json")
    assert status == 1
    assert "] reference mnist_dense, seed 0: failed: The measurement ended with an error. (a.log)" in out


def test_after_ctrl_c_what_is_finished_is_kept_and_shown(make_run, tmp_path):
    def interrupted(job, conditions):
        if job.side == "course":
            raise KeyboardInterrupt
        return make_run(job.side)

    console = Console(width=200, file=io.StringIO())
    results = tmp_path / "r.json"
    failed = command.run(select_targets(["mnist_dense"]), console, data="bundled", results=results, execute=interrupted)
    assert failed
    assert "The same command goes on here" in console.file.getvalue()
    assert [run["side"] for run in store.load_runs(results)] == ["reference"]


def test_what_plans_the_measurements_loads_no_tensorflow():
    script = """
import sys
from course_utils.checkout import benchmarks
command = benchmarks()
command.listing(command.chosen())
command.command.measuring.plan_jobs(command.chosen(["mnist_dense"]), [0])
sys.exit(" ".join({"tensorflow", "keras"} & set(sys.modules)) or 0)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_without_a_clone_the_command_says_where_the_benchmarks_are(tmp_path, monkeypatch):
    monkeypatch.setattr(checkout, "ROOT", tmp_path)
    with pytest.raises(CourseError, match="part of a clone"):
        checkout.benchmarks()


def test_the_page_shows_what_is_measured(tmp_path):
    shipped = bench.Path(bench.__file__).with_name("README.md")
    page = tmp_path / "README.md"
    page.write_bytes(shipped.read_bytes())
    assert bench.write_page(page) is False, "course bench --page"
    page.write_text(f"# Page\n{bench.BEGIN}\nold\n{bench.END}\nrest\n")
    assert bench.write_page(page) is True
    text = page.read_text()
    assert text.startswith("# Page\n") and text.endswith("rest\n") and "old" not in text
