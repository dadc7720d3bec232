import json
import os
from pathlib import Path

import pytest

import course_utils as cu
from course_utils.errors import DiskError, InputError
from course_utils.exercises.feedback import NOT_YET, PASSED, Feedback
from course_utils.exercises.keeping import Standing, keep
from course_utils.exercises.reports import FORMAT, clean, read_report, write_report


@pytest.fixture
def tried(made_up):
    keep(made_up["fault"], Feedback(NOT_YET, misconception="other"))
    keep(made_up["count"], Feedback(NOT_YET, misconception="off-by-some", seen="my secret answer", printed="my text"))
    keep(made_up["count"], Feedback(PASSED))


@pytest.mark.usefixtures("tried")
def test_when_written_then_it_holds_the_progress_and_nothing_about_the_computer(tmp_path):
    write_report(tmp_path / "ada.json", "Ada")
    text = (tmp_path / "ada.json").read_text("utf-8")
    values = json.loads(text)
    assert values.keys() == {"format", "course", "name", "exercises"}
    assert (values["format"], values["course"], values["name"]) == (FORMAT, cu.__version__, "Ada")
    assert list(values["exercises"]) == ["count", "fault"], "in the order of the course"
    entry = values["exercises"]["count"]
    assert entry.pop("date")[:2] == "20"
    assert entry == {"passed": True, "tries": 1, "misconceptions": ["off-by-some"]}
    for secret in ("secret", "my text", str(Path.home()), str(tmp_path), os.environ["COURSE_RESULTS_DIR"], "Users"):
        assert secret not in text


@pytest.mark.usefixtures("tried")
def test_when_read_again_then_it_is_the_same(tmp_path):
    report = write_report(tmp_path / "ada.json", "Ada")
    assert read_report(tmp_path / "ada.json") == report and report.passed == 1
    assert report.standings["fault"].misconceptions == ("other",)


@pytest.mark.usefixtures("made_up")
def test_when_no_name_is_given_then_it_is_the_files(tmp_path):
    assert write_report(tmp_path / "Grace Hopper.json").name == "Grace Hopper"
    assert read_report(tmp_path / "Grace Hopper.json").standings == {}


@pytest.mark.usefixtures("made_up")
@pytest.mark.parametrize("name", ["", "  ", "\x1b", "\u202e"])
def test_when_a_name_has_no_letter_then_it_is_refused(tmp_path, name):
    with pytest.raises(InputError, match="--name"):
        write_report(tmp_path / "ada.json", name)
    assert not (tmp_path / "ada.json").exists()


@pytest.mark.usefixtures("tried")
def test_when_there_is_an_earlier_report_then_it_is_replaced(tmp_path):
    write_report(tmp_path / "ada.json", "Old")
    write_report(tmp_path / "ada.json", "Ada")
    assert read_report(tmp_path / "ada.json").name == "Ada"
    assert [path.name for path in tmp_path.iterdir()] == ["ada.json"]


@pytest.mark.usefixtures("made_up")
@pytest.mark.parametrize("content", [b"my thesis", b'{"a": 1}', b"", b"[1, 2]", b"\xff\xfe"])
def test_when_there_is_another_file_then_it_is_left_alone(tmp_path, content):
    (tmp_path / "ada.json").write_bytes(content)
    with pytest.raises(InputError, match="something else") as caught:
        write_report(tmp_path / "ada.json")
    assert "left as it is" in str(caught.value) and (tmp_path / "ada.json").read_bytes() == content


@pytest.mark.usefixtures("made_up")
def test_when_the_path_is_a_folder_or_cannot_be_written_then_it_is_said(tmp_path):
    with pytest.raises(InputError, match="a folder"):
        write_report(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(DiskError, match="Cannot write here"):
        write_report(tmp_path / "file" / "ada.json")


GOOD = {
    "format": FORMAT,
    "course": "0.1.0",
    "name": "Ada",
    "exercises": {"a": {"passed": True, "tries": 2, "misconceptions": ["b"], "date": "2025-01-02"}},
}


def entry(**changes):
    return GOOD | {"exercises": {"a": GOOD["exercises"]["a"] | changes}}


def test_when_the_file_is_good_then_it_is_read(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(GOOD))
    assert read_report(tmp_path / "a.json").standings == {"a": Standing(True, 2, ("b",), "2025-01-02")}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([], "no progress file"),
        (3, "no progress file"),
        ({}, "no progress file"),
        (GOOD | {"format": 7}, "no progress file"),
        (GOOD | {"format": FORMAT[:-1] + "2"}, "another version"),
        (GOOD | {"name": 7}, "damaged"),
        (GOOD | {"exercises": []}, "damaged"),
        (GOOD | {"exercises": {"a": 1}}, "damaged"),
        ({key: GOOD[key] for key in GOOD if key != "course"}, "damaged"),
        (entry(passed="yes"), "damaged"),
        (entry(passed=1), "damaged"),
        (entry(tries="many"), "damaged"),
        (entry(tries=-1), "damaged"),
        (entry(tries=True), "damaged"),
        (entry(misconceptions="b"), "damaged"),
        (entry(misconceptions=[["b"]]), "damaged"),
        (entry(date=None), "damaged"),
    ],
)
def test_when_the_file_is_damaged_or_foreign_then_it_is_said(tmp_path, values, words):
    (tmp_path / "a.json").write_text(json.dumps(values))
    with pytest.raises(InputError, match=words):
        read_report(tmp_path / "a.json")


@pytest.mark.parametrize("content", [b"{", b"\0" * 50, b"[" * 100_000, b"\x80"])
def test_when_the_file_is_no_json_then_it_is_said(tmp_path, content):
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(InputError, match="no JSON"):
        read_report(tmp_path / "a.json")


def test_when_the_file_is_far_too_large_then_it_is_not_even_read(tmp_path):
    (tmp_path / "a.json").write_bytes(b" " * 1_000_001)
    with pytest.raises(InputError, match="too large"):
        read_report(tmp_path / "a.json")


def test_when_text_steers_a_terminal_then_it_is_cleaned(tmp_path):
    values = entry(misconceptions=["\x1b[2Jgone"]) | {"name": "A\u202eda\nL" + "x" * 100}
    (tmp_path / "a.json").write_text(json.dumps(values))
    report = read_report(tmp_path / "a.json")
    assert report.name.startswith("Ada Lx") and len(report.name) == 60
    assert report.standings["a"].misconceptions == ("[2Jgone",)
    assert clean(" \t") == ""
