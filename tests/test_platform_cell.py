"""The first code cell of every notebook: installs on Colab and Kaggle, does nothing elsewhere."""

import importlib.util
import re
import subprocess
import tomllib
from importlib import resources
from pathlib import Path
from types import SimpleNamespace

import pytest

CELL = resources.files("course_utils").joinpath("platform_cell.txt").read_text("utf-8")
ROOT = Path(__file__).parent.parent
# What Colab and Kaggle have and what must never be replaced there, or is not needed to run a notebook.
PRESENT = {"ipython", "ipywidgets", "matplotlib", "numpy", "pillow", "scikit-learn", "scipy"}
# What a dependency needs in turn and Colab lacks: the cell installs with --no-deps.
BROUGHT_ALONG = {"colorlog", "psygnal"}  # by optuna and anywidget


@pytest.fixture
def calls(monkeypatch):
    commands = []
    result = SimpleNamespace(returncode=0, stderr="")
    monkeypatch.setattr(subprocess, "run", lambda command, **options: commands.append(command) or result)
    return SimpleNamespace(commands=commands, result=result)


def _without(monkeypatch, *missing):
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name in missing else real(name))


def test_when_run_elsewhere_then_nothing_is_installed(monkeypatch, calls):
    _without(monkeypatch, "course_utils", "pooch")
    monkeypatch.delenv("COLAB_RELEASE_TAG", raising=False)
    monkeypatch.delenv("KAGGLE_KERNEL_RUN_TYPE", raising=False)
    exec(CELL, {})
    assert calls.commands == []


@pytest.mark.parametrize("variable", ["COLAB_RELEASE_TAG", "KAGGLE_KERNEL_RUN_TYPE"])
def test_when_run_on_colab_or_kaggle_then_the_course_and_only_what_is_missing_are_installed(
    monkeypatch, calls, variable
):
    monkeypatch.setenv(variable, "x")
    _without(monkeypatch, "course_utils", "pooch")
    exec(CELL, {})
    (command,) = calls.commands
    assert "--no-deps" in command and "pooch" in command and "rich" not in command
    assert any(part.startswith("cnn-course @ https://") for part in command)
    assert not re.search(r"tensorflow|numpy|matplotlib|ipywidgets|keras", " ".join(command))


def test_when_run_twice_then_the_second_time_does_nothing(monkeypatch, calls):
    monkeypatch.setenv("COLAB_RELEASE_TAG", "x")
    exec(CELL, {})
    assert calls.commands == []


def test_when_the_installation_fails_then_the_learner_sees_why(monkeypatch, calls):
    monkeypatch.setenv("KAGGLE_KERNEL_RUN_TYPE", "Interactive")
    _without(monkeypatch, "course_utils")
    calls.result.returncode, calls.result.stderr = 1, "no route to host"
    with pytest.raises(RuntimeError, match=r"(?s)no route to host.*Internet"):
        exec(CELL, {})


def test_when_a_dependency_is_added_then_the_cell_knows_it():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needed = {re.match(r"[\w-]+", line).group() for line in project["dependencies"]}
    wanted = set(re.findall(r'"([\w-]+)"', re.search(r"wanted = \[(.*)\]", CELL).group(1)))
    assert (needed - PRESENT) | BROUGHT_ALONG == wanted
