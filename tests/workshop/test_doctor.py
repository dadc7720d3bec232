import importlib
import subprocess
import sys
import time

import pytest

import course_utils as cu
from course_utils.workshop import computer, network, places
from course_utils.workshop.doctor import diagnose, exit_status
from course_utils.workshop.findings import Finding


@pytest.fixture(autouse=True)
def no_data(monkeypatch):
    monkeypatch.setattr(places, "check_data", lambda: [Finding("data mnist", "ok", "bundled sample")])


def test_the_doctor_shows_a_table_and_changes_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("COURSE_RESULTS_DIR", str(tmp_path / "results"))
    findings = diagnose(tensorflow=False)
    checks = {finding.check for finding in findings}
    assert {"Python", "environment", "processor", "memory", "cache folder", "results folder", "clock"} <= checks
    assert "data mnist" in checks
    assert all(finding.fix for finding in findings if finding.status != "ok")
    assert list(tmp_path.iterdir()) == []


def test_without_tensorflow_the_doctor_is_quick(monkeypatch):
    diagnose(tensorflow=False)
    started = time.process_time()
    diagnose(tensorflow=False)
    assert time.process_time() - started < 1.5


def test_a_check_that_breaks_does_not_hide_the_others(monkeypatch):
    def broken():
        raise OSError("no such device")

    monkeypatch.setattr(computer, "check_processor", broken)
    findings = diagnose(tensorflow=False)
    assert any("cannot be checked: OSError: no such device" in finding.found for finding in findings)
    assert any(finding.check == "data mnist" for finding in findings)


def test_a_missing_package_of_a_check_comes_with_its_command(monkeypatch):
    def broken():
        raise ModuleNotFoundError("No module named 'psutil'", name="psutil")

    monkeypatch.setattr(computer, "check_memory", broken)
    (finding,) = [finding for finding in diagnose(tensorflow=False) if "psutil" in finding.found]
    assert finding.status == "fail"
    assert finding.fix.endswith("-m pip install psutil")


def test_settings_that_make_no_sense_are_named_once_and_data_waits(monkeypatch):
    monkeypatch.setenv("COURSE_BUDGET", "huge")
    findings = diagnose(tensorflow=False)
    assert [finding.check for finding in findings if finding.status == "fail"].count("settings") == 1
    assert not any(finding.check.startswith("data") for finding in findings)


def test_the_network_is_only_tried_when_asked_for(monkeypatch):
    tried = []
    monkeypatch.setattr(network, "check_network", lambda settings: tried.append(1) or Finding("network", "ok", ""))
    diagnose(tensorflow=False)
    assert tried == []
    diagnose(tensorflow=False, network_probe=True)
    assert tried == [1]


def test_only_a_failure_makes_the_exit_status_bad():
    good, poor, bad = (Finding("x", status, "") for status in ("ok", "warn", "fail"))
    assert exit_status([good, poor]) == 0
    assert exit_status([good, bad]) == 1


def test_cu_doctor_prints_the_table(monkeypatch, capsys):
    module = importlib.import_module("course_utils.workshop.doctor")
    monkeypatch.setattr(module, "diagnose", lambda **_: [Finding("clock", "ok", "now")])
    cu.doctor()
    assert "clock" in capsys.readouterr().out


def test_looking_at_everything_but_tensorflow_loads_neither_tensorflow_nor_matplotlib():
    code = (
        "from course_utils.workshop.doctor import diagnose; import sys; diagnose(tensorflow=False);"
        "print({'keras', 'tensorflow', 'matplotlib', 'sklearn'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
