"""Every notebook runs: under nbmake, and twice in a row in one kernel, quietly, in little memory, offline."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from chromium import open_chromium, serious_violations
from figure_texts import Figures, is_meaningful
from notebook_kernels import kernel_environment

from course_utils.runner import MEMORY_LIMIT_MB, RunOptions, run_course

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
CELL_SECONDS = 300
# In the second pass the models of the first are still alive while new ones are made; Binder's limit is 2,000 MB.
SECOND_PASS_MB = 400
WITHOUT_TENSORFLOW = ("01",)

pytestmark = [pytest.mark.notebook, pytest.mark.slow]
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def test_when_notebooks_are_looked_for_then_they_are_found():
    assert NOTEBOOKS, "without notebooks the tests below would pass by doing nothing"


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=lambda path: path.stem)
def executed(request, tmp_path_factory):
    """Each notebook, run twice in one kernel; the tests below look at what came of it."""
    folder = tmp_path_factory.mktemp(request.param.stem)
    attempts = folder / "attempts.txt"
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("COURSE_")]:
            patch.delenv(name)
        patch.setenv("COURSE_CACHE_DIR", str(folder / "cache"))
        options = RunOptions(
            (request.param,),
            folder,
            budget="smoke",
            data="bundled",
            passes=2,
            timeout=CELL_SECONDS,
            environ=kernel_environment(attempts),
        )
        (outcome,) = run_course(options).outcomes
    return SimpleNamespace(outcome=outcome, page=folder / f"{request.param.stem}.html", attempts=attempts)


def test_when_a_notebook_runs_twice_in_one_kernel_then_it_passes_quietly_offline_and_small(executed):
    outcome = executed.outcome
    assert outcome.status == "passed", (
        f"cell {outcome.failure.cell}: {outcome.failure.error}: {outcome.failure.message}"
    )
    assert outcome.noise == ()
    assert outcome.pass_peaks_mb[0] <= MEMORY_LIMIT_MB
    assert outcome.peak_memory_mb <= MEMORY_LIMIT_MB + SECOND_PASS_MB
    # Notebook 05 also reads the practice set's own folder, as a learner would read a folder of photographs.
    shipped = [event for event in outcome.data if not event["name"].startswith("folder:")]
    assert {event["source"] for event in shipped} <= {"bundled", "practice"}
    assert not executed.attempts.exists(), f"it tried to use the network: {executed.attempts.read_text('utf-8')}"


def test_when_a_notebook_builds_no_network_then_its_kernel_never_loads_tensorflow(executed):
    # Only notebooks about networks may take its seconds and half a gigabyte.
    loaded = {"tensorflow", "keras"} & set(executed.outcome.libraries)
    assert loaded == (set() if executed.outcome.name[:2] in WITHOUT_TENSORFLOW else {"tensorflow", "keras"})


def test_when_a_page_shows_figures_then_each_has_an_alt_text_of_its_own(executed):
    figures = Figures()
    figures.feed(executed.page.read_text("utf-8"))
    assert figures.alts, "the page has no figure"
    faulty = [alt for alt in figures.alts if alt is None or not is_meaningful(alt)]
    assert faulty == []
    # The same words for different pictures say nothing about either.
    same = {text for text in figures.alts if len({png for alt, png in figures.pairs if alt == text}) > 1}
    assert same == set()


@pytest.mark.browser
def test_when_a_page_is_checked_by_axe_then_nothing_serious_is_found(executed):
    with open_chromium() as browser:
        page = browser.new_page()
        page.route("**/*", lambda route: route.continue_() if route.request.url.startswith("file:") else route.abort())
        page.goto(executed.page.as_uri())
        assert serious_violations(page) == []


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
