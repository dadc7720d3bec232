"""Every notebook runs: under nbmake, and twice in a row in one kernel, quietly, in little memory, offline."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from course_utils.runner import MEMORY_LIMIT_MB, RunOptions, run_course

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
CELL_SECONDS = 300
# In the second pass the models of the first are still alive while new ones are made; Binder's limit is 2,000 MB.
SECOND_PASS_MB = 400

pytestmark = [pytest.mark.notebook, pytest.mark.slow]
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def test_when_notebooks_are_looked_for_then_they_are_found():
    assert NOTEBOOKS, "without notebooks the tests below would pass by doing nothing"


@each_notebook
def test_when_a_notebook_runs_twice_in_one_kernel_then_it_passes_quietly_offline_and_small(
    path, tmp_path, guarded, attempts
):
    options = RunOptions(
        (path,), tmp_path, budget="smoke", data="bundled", passes=2, timeout=CELL_SECONDS, environ=guarded
    )
    (outcome,) = run_course(options).outcomes
    assert outcome.status == "passed", (
        f"cell {outcome.failure.cell}: {outcome.failure.error}: {outcome.failure.message}"
    )
    assert outcome.noise == ()
    assert outcome.peak_memory_mb <= MEMORY_LIMIT_MB + SECOND_PASS_MB
    # Notebook 05 also reads the practice set's own folder, as a learner would read a folder of photographs.
    shipped = [event for event in outcome.data if not event["name"].startswith("folder:")]
    assert {event["source"] for event in shipped} <= {"bundled", "practice"}
    assert not attempts.exists(), f"it tried to use the network: {attempts.read_text('utf-8')}"


@each_notebook
def test_when_nbmake_runs_a_notebook_then_it_passes(path, tmp_path, guarded, attempts):
    # nbmake takes the kernel called "python3", wherever that comes from: make it the Python of this test.
    kernel = tmp_path / "jupyter" / "kernels" / "python3"
    kernel.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kernel.joinpath("kernel.json").write_text(json.dumps({"argv": argv, "display_name": "x", "language": "python"}))
    environ = {name: value for name, value in os.environ.items() if name not in ("MPLBACKEND", "PYTEST_ADDOPTS")}
    environ |= guarded | {"JUPYTER_PATH": str(tmp_path / "jupyter"), "COURSE_BUDGET": "smoke", "COURSE_DATA": "bundled"}
    command = [sys.executable, "-m", "pytest", "-q", "--nbmake", f"--nbmake-timeout={CELL_SECONDS}", "--no-summary"]
    command += ["-c", os.devnull, "--rootdir", str(ROOT), "-p", "no:cacheprovider", str(path)]
    done = subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
    assert not attempts.exists(), f"it tried to use the network: {attempts.read_text('utf-8')}"
