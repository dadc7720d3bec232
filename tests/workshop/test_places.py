from types import SimpleNamespace

from course_utils.errors import DataError
from course_utils.workshop.places import check_data, check_settings


def test_every_setting_that_makes_no_sense_is_a_line_and_the_defaults_are_used():
    settings, findings = check_settings({"COURSE_BUDGET": "huge", "COURSE_SEDE": "1"})
    assert [finding.status for finding in findings] == ["fail", "fail"]
    assert "COURSE_BUDGET='huge'" in findings[0].found
    assert "COURSE_SEED" in findings[1].found
    assert all(finding.fix for finding in findings)
    assert settings.budget == "auto"


def test_settings_that_make_sense_are_kept_beside_one_that_does_not(tmp_path):
    settings, (finding,) = check_settings({"COURSE_BUDGET": "lap", "COURSE_CACHE_DIR": str(tmp_path)})
    assert finding.status == "fail" and settings.cache_dir == tmp_path and settings.budget == "auto"


def test_settings_that_are_set_are_shown():
    settings, (finding,) = check_settings({"COURSE_BUDGET": "smoke", "PATH": "secret"})
    assert (finding.status, finding.found) == ("ok", "COURSE_BUDGET=smoke")
    assert settings.budget == "smoke"


def test_each_data_set_says_where_it_would_come_from():
    sources = {
        "mnist": SimpleNamespace(kind="bundled", location="x"),
        "fashion_mnist": SimpleNamespace(kind="folder", location="/disk/data"),
        "cifar10": SimpleNamespace(kind="download", location="https://example.org"),
    }
    findings = check_data(sources, sources.get)
    assert [finding.status for finding in findings] == ["ok", "ok", "ok"]
    assert "bundled sample" in findings[0].found
    assert findings[1].found == "data folder: /disk/data"
    assert "downloaded" in findings[2].found


def test_a_data_set_that_is_nowhere_fails_only_where_a_notebook_needs_it():
    needed, later = check_data(["mnist", "cifar100"], lambda name: None)
    assert (needed.status, later.status) == ("fail", "ok")
    assert "only a challenge" in later.found
    assert "course fetch mnist" in needed.fix


def test_a_source_that_raises_becomes_a_line():
    def source(name):
        raise DataError("The folder is empty.", fix="Unpack the archive there")

    (finding,) = check_data(["mnist"], source)
    assert (finding.status, finding.found, finding.fix) == ("fail", "The folder is empty.", "Unpack the archive there")
