"""The files around the package tell the same story: pyproject, conda, Binder, Makefile, README."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))


def _normal(requirement):
    """'Jupyter_Server >=2; marker' → ('jupyter-server', '>=2; marker')."""
    name, rest = re.match(r"([\w-]+)(.*)", requirement.strip()).groups()
    return name.lower().replace("_", "-"), re.sub(r"\s+", " ", rest).strip()


def _extra(*names):
    extras = PROJECT["project"]["optional-dependencies"]
    return {_normal(requirement) for name in names for requirement in extras[name]}


def test_when_conda_is_used_then_it_installs_the_same_versions_as_pip():
    conda = {_normal(item) for item in CONDA["dependencies"] if isinstance(item, str)}
    core = {_normal(requirement) for requirement in PROJECT["project"]["dependencies"]}
    lab = _extra("lab")
    core = {item for item in core if item[0] not in {name for name, _ in lab}}  # the lab's floors are higher
    missing = (core | lab) - conda
    extra = {name for name, _ in conda - core - lab} - {"python", "pip", "nbmake"}
    assert not missing and not extra


def test_when_conda_is_used_then_tensorflow_comes_through_pip_with_the_same_markers():
    (pip,) = [item["pip"] for item in CONDA["dependencies"] if isinstance(item, dict)]
    assert {_normal(requirement) for requirement in pip} == _extra("cpu")


def test_when_a_learner_uses_conda_then_the_tools_the_course_is_built_on_are_there():
    names = {_normal(item)[0] for item in CONDA["dependencies"] if isinstance(item, str)}
    assert {"jupyterlab", "ipywidgets", "matplotlib", "nbmake", "seaborn"} <= names


def test_when_core_dependencies_are_listed_then_tensorflow_is_not_among_them():
    names = {_normal(requirement)[0] for requirement in PROJECT["project"]["dependencies"]}
    assert not names & {"tensorflow", "tensorflow-cpu", "keras"}


def test_when_python_is_chosen_then_all_files_agree_on_its_range():
    assert PROJECT["project"]["requires-python"] == ">=3.11,<3.14"
    (python,) = [item for item in CONDA["dependencies"] if isinstance(item, str) and item.startswith("python=")]
    assert python.removeprefix("python=") in {"3.11", "3.12", "3.13"}
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert "(3, 11) <= sys.version_info[:2] <= (3, 13)" in makefile


def test_when_binder_builds_then_it_uses_the_projects_environment():
    link = ROOT / "binder" / "environment.yml"
    assert link.resolve() == ROOT / "environment.yml"
    post_build = (ROOT / "binder" / "postBuild").read_text("utf-8")
    assert "set -e" in post_build and "--no-deps" in post_build


def test_when_repo2docker_reads_the_project_then_it_chooses_conda_and_runs_post_build(tmp_path):
    command = shutil.which("jupyter-repo2docker", path=str(Path(sys.executable).parent)) or shutil.which(
        "jupyter-repo2docker"
    )
    if command is None:
        pytest.skip("jupyter-repo2docker is not installed (it is part of the test extra on Linux)")
    files = subprocess.run(["git", "ls-files", "binder", "environment.yml"], cwd=ROOT, capture_output=True, text=True)
    for name in files.stdout.split() or ["binder/environment.yml", "binder/postBuild", "environment.yml"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, tmp_path / name, follow_symlinks=False)
    done = subprocess.run(
        [command, "--no-build", "--debug", str(tmp_path)], capture_output=True, text=True, timeout=120
    )
    log = done.stdout + done.stderr
    assert done.returncode == 0, log[-2000:]
    assert "conda environment for python=3.12" in log
    assert '--file "binder/environment.yml"' in log and "RUN ./binder/postBuild" in log


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize("target", ["run", "test", "lab", "clean"])
def test_when_make_is_asked_then_every_target_exists(target):
    done = subprocess.run(["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_when_no_python_fits_then_make_says_which_to_get(tmp_path):
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "pyproject.toml").touch()
    done = subprocess.run(["make", "run", "PYTHON="], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0
    assert "3.11 to 3.13" in done.stdout and not (tmp_path / ".venv").exists()


def test_when_the_readme_names_a_variable_then_the_course_reads_it():
    from course_utils.settings import VARIABLES

    named = set(re.findall(r"\bCOURSE_[A-Z_]+\b", (ROOT / "README.md").read_text("utf-8")))
    assert named <= set(VARIABLES)


def test_when_the_readme_links_to_a_file_then_it_exists():
    text = (ROOT / "README.md").read_text("utf-8")
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text):
        assert (ROOT / target).exists(), target


def test_when_workflows_are_read_then_they_are_valid_and_call_what_exists():
    for file in (ROOT / ".github" / "workflows").glob("*.yml"):
        jobs = yaml.safe_load(file.read_text("utf-8"))["jobs"]
        assert jobs
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111
