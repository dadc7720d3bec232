import json
import sys
from pathlib import Path

import pytest

from course_utils.workshop import software
from course_utils.workshop.software import (
    check_interpreter,
    check_kernel,
    check_packages,
    check_python,
    check_widgets,
    readable,
)

REQUIREMENTS = [
    "numpy>=1.26",
    "pillow>=11",
    "keras>=3.15.1; extra == 'cpu'",
    "tensorflow-cpu>=2.20; extra == 'cpu'",
    "jupyterlab>=4.5.7; extra == 'lab'",
    "pillow>=13; extra == 'lab'",
    "pytest>=8; extra == 'test'",
]
FINE = {"numpy": "2.1", "pillow": "13.0", "keras": "3.15.1", "jupyterlab": "4.6"}


def packages(hosted=False, **changes):
    installed = {**FINE, **changes}
    return {finding.check: finding for finding in check_packages(REQUIREMENTS, installed.get, hosted)}


@pytest.mark.parametrize(
    ("version", "status"), [("3.10.9", "fail"), ("3.11.0", "ok"), ("3.13.5", "ok"), ("3.14.0", "fail")]
)
def test_only_supported_pythons_pass(version, status):
    finding = check_python(version, ">=3.11,<3.14", "/opt/python")
    assert (finding.status, finding.needed) == (status, "≥ 3.11, < 3.14")
    assert "/opt/python" in finding.found
    assert bool(finding.fix) == (status == "fail")


def test_the_interpreter_of_another_environment_is_noticed(tmp_path):
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "pyvenv.cfg").touch()
    assert check_interpreter(tmp_path / ".venv", tmp_path / ".venv", "").status == "ok"
    other = check_interpreter("/usr", tmp_path / ".venv", "base")
    assert (other.status, other.needed) == ("warn", str(tmp_path / ".venv"))
    assert "make lab" in other.fix


def test_without_a_course_environment_any_interpreter_is_fine(tmp_path):
    assert check_interpreter("/usr", tmp_path / "none", "").status == "ok"


def test_the_courses_conda_environment_is_fine(tmp_path):
    (tmp_path / "pyvenv.cfg").touch()
    assert check_interpreter("/opt/conda/envs/x", tmp_path, "cnn-course").status == "ok"


def kernel(folder, program):
    (folder / "python3").mkdir(parents=True)
    (folder / "python3" / "kernel.json").write_text(json.dumps({"argv": [program, "-m", "ipykernel"]}))
    return folder


def test_a_kernel_that_starts_this_python_is_fine(tmp_path):
    folder = kernel(tmp_path / "a", str(Path("/venv/bin/python3").absolute()))
    assert check_kernel([folder], str(Path("/venv/bin/python").absolute())).status == "ok"
    assert check_kernel([kernel(tmp_path / "b", "python")], "/venv/bin/python").status == "ok"


def test_a_kernel_of_another_python_that_hides_ours_is_noticed(tmp_path):
    ours = kernel(tmp_path / "ours", str(Path("/venv/bin/python").absolute()))
    user = kernel(tmp_path / "user", str(Path("/usr/bin/python3").absolute()))
    finding = check_kernel([user, ours], str(Path("/venv/bin/python").absolute()))
    assert finding.status == "warn"
    assert "kernelspec remove python3" in finding.fix
    assert check_kernel([ours, user], str(Path("/venv/bin/python").absolute())).status == "ok"


def test_a_missing_or_damaged_kernel_is_told_apart(tmp_path):
    assert "ipykernel" in check_kernel([tmp_path]).fix
    folder = kernel(tmp_path / "a", "python")
    (folder / "python3" / "kernel.json").write_text("{")
    assert check_kernel([folder]).status == "fail"


def test_packages_in_order_pass_and_tests_tools_are_not_asked_for():
    found = packages()
    assert {finding.status for finding in found.values()} == {"ok"}
    assert "package pytest" not in found
    assert not any("tensorflow" in check for check in found)


def test_the_highest_floor_of_all_requirements_counts():
    assert packages()["package pillow"].needed == "≥ 13"


def test_a_missing_package_comes_with_the_command():
    finding = packages(numpy=None)["package numpy"]
    assert (finding.status, finding.found, finding.needed) == ("fail", "missing", "≥ 1.26")
    assert finding.fix == f'{sys.executable} -m pip install "numpy>=1.26"'


def test_without_jupyterlab_the_course_still_works_in_other_front_ends():
    assert packages(jupyterlab=None)["package jupyterlab"].status == "warn"


@pytest.mark.parametrize(
    ("name", "old"), [("keras", "3.13.2"), ("pillow", "11.3"), ("jupyterlab", "4.4"), ("numpy", "1.24")]
)
def test_a_package_that_is_too_old_fails_here(name, old):
    finding = packages(**{name: old})[f"package {name}"]
    assert (finding.status, finding.found) == ("fail", old)
    assert f'-m pip install -U "{name}>=' in finding.fix


@pytest.mark.parametrize(("name", "old"), [("keras", "3.13.2"), ("pillow", "11.3")])
def test_on_a_hosted_platform_an_old_package_is_told_with_its_reason_but_not_reinstalled(name, old):
    finding = packages(hosted=True, **{name: old})[f"package {name}"]
    assert finding.status == "warn"
    assert "you trust" in finding.fix
    assert "pip install" not in finding.fix


def test_on_a_hosted_platform_a_keras_that_cannot_work_fails():
    assert packages(hosted=True, keras="3.5")["package keras"].status == "fail"


def test_on_a_hosted_platform_a_missing_jupyterlab_is_not_asked_for():
    assert "package jupyterlab" not in packages(hosted=True, jupyterlab=None)


def test_the_courses_own_requirements_can_be_read_and_hold_the_security_floors():
    found = {finding.check: finding for finding in check_packages()}
    for name, (floor, _) in software.SECURITY_FLOORS.items():
        assert found[f"package {name}"].needed == f"≥ {floor}"


def test_when_the_course_is_not_installed_then_it_says_how(monkeypatch):
    monkeypatch.setattr(software, "DISTRIBUTION", "no-such-distribution")
    (finding,) = check_packages()
    assert finding.status == "warn"
    assert "pip install -e" in finding.fix


@pytest.mark.parametrize(
    ("ipywidgets", "lab", "status"),
    [("8.1", "3.0.15", "ok"), ("7.7.1", "1.1.1", "ok"), ("8.1", "1.1.1", "warn"), ("8.1", None, "warn")],
)
def test_both_halves_of_the_widgets_must_fit(ipywidgets, lab, status):
    installed = {"ipywidgets": ipywidgets, "jupyterlab-widgets": lab, "jupyterlab": "4.6"}
    (finding,) = check_widgets(installed.get)
    assert finding.status == status


def test_without_jupyterlab_its_widgets_are_not_asked_for():
    assert check_widgets({"ipywidgets": "7.7.1"}.get) == []


def test_ranges_are_readable():
    assert readable(">=3.11, <3.14") == "≥ 3.11, < 3.14"
