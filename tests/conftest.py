"""What all tests share: surroundings of their own, seeds, closed figures, and no network."""

import os
import random
import sys
from pathlib import Path

import pytest
import requirements

# Before matplotlib is imported: tests draw without a screen.
os.environ.setdefault("MPLBACKEND", "Agg")
# Two cores are shared by TensorFlow, scikit-learn and the notebooks' kernels.
os.environ.setdefault("OMP_NUM_THREADS", "2")


@pytest.fixture(autouse=True)
def own_surroundings(request, monkeypatch, tmp_path_factory):
    """No COURSE_* variable from outside; cache and results in a folder of the test's own."""
    for name in [name for name in os.environ if name.startswith("COURSE_")]:
        monkeypatch.delenv(name)
    folder = tmp_path_factory.mktemp("course")
    monkeypatch.setenv("COURSE_CACHE_DIR", str(folder / "cache"))
    monkeypatch.setenv("COURSE_RESULTS_DIR", str(folder / "results"))
    # What cu.setup() of an earlier test left behind.
    monkeypatch.setattr("course_utils.session._current", None)
    monkeypatch.setattr("course_utils.session._variants", {})
    if request.node.get_closest_marker("full_data"):
        if not Path(requirements.DATA_DIR or "missing").is_dir():
            pytest.skip("COURSE_DATA_DIR is not set to a folder with the full data sets")
        monkeypatch.setenv("COURSE_DATA_DIR", str(Path(requirements.DATA_DIR).absolute()))


@pytest.fixture(autouse=True)
def seeded():
    """The same random numbers in every test, whatever ran before."""
    random.seed(0)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(0)
    if "keras" in sys.modules:
        sys.modules["keras"].utils.set_random_seed(0)


@pytest.fixture(autouse=True)
def closed_figures():
    """No figure of one test is left for the next."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
