import json

import pytest

import course_utils as cu
from course_utils.errors import InputError
from course_utils.exercises.classroom import class_text, misconception_rows, read_class
from course_utils.exercises.reports import FORMAT
from course_utils.exercises.standing import by_notebook

pytestmark = pytest.mark.usefixtures("made_up")


def hand_in(folder, file, name, course=cu.__version__, **exercises):
    """Write a report; an exercise is (passed, tries, misconceptions)."""
    entries = {
        key: {"passed": passed, "tries": tries, "misconceptions": list(named), "date": "2025-01-02"}
        for key, (passed, tries, *named) in exercises.items()
    }
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"format": FORMAT, "course": course, "name": name, "exercises": entries}), "utf-8")


@pytest.fixture
def folder(tmp_path):
    hand_in(tmp_path, "1.json", "Grace", answer=(True, 0), count=(True, 2, "a", "b"), fault=(False, 12, "c"))
    hand_in(tmp_path, "2.json", "Ada", answer=(True, 1), count=(False, 1, "a"))
    hand_in(tmp_path, "3.json", "edsger")
    return tmp_path


def test_when_a_class_is_shown_then_learners_by_exercises(folder):
    lines = class_text(read_class(folder)).splitlines()
    assert lines[0].split() == ["00", "01"]
    assert lines[1].split() == ["learner", "1", "1", "2", "b", "passed"]
    assert lines[2].split() == ["Ada", "✓", "1", "·", "·", "1/4"]
    assert lines[3].split() == ["edsger", "·", "·", "·", "·", "0/4"]
    assert lines[4].split() == ["Grace", "✓", "✓", "·", "12", "2/4"]
    assert "passed" in lines[5] and "not tried" in lines[5]


def test_when_columns_have_different_widths_then_they_still_stand_below_each_other(folder):
    hand_in(folder, "4.json", "李小龍", answer=(False, 100))
    lines = class_text(read_class(folder)).splitlines()
    assert lines[1].index("b") == lines[4].index("12")
    assert lines[0].index("00") == lines[1].index("1") == lines[2].index("✓")
    assert lines[5].startswith("李小龍  ")
    assert lines[5].index("99") == lines[2].index("✓") - 3, "a wide sign takes the room of two"


def test_when_misconceptions_are_counted_then_learners_not_tries_and_most_frequent_first(folder):
    hand_in(folder, "4.json", "Alan", count=(True, 9, "b", "a", "a", "d", "e"))
    room = read_class(folder)
    rows = misconception_rows(room.learners.values(), by_notebook())
    assert rows == [
        ("Exercise 00.1: the answer", 2, 0, ""),
        ("Exercise 01.1: count them", 2, 1, "a 3, b 2, d 1"),
        ("Break it 01: what is wrong here", 0, 1, "c 1"),
    ]
    assert "a 3, b 2, d 1" in class_text(room)


def test_when_only_some_notebooks_are_asked_for_then_only_those_are_shown(folder):
    text = class_text(read_class(folder), ["00"])
    assert "count them" not in text and "1/1" in text


def test_when_two_have_the_same_name_then_their_files_tell_them_apart(folder):
    hand_in(folder, "group b/1.json", "ada", answer=(False, 3))
    hand_in(folder, "group c/1.json", "Ada")
    room = read_class(folder)
    assert list(room.learners) == ["Ada (2.json)", "ada (group b/1.json)", "Ada (group c/1.json)", "edsger", "Grace"]
    assert len([line for line in class_text(room).splitlines() if line.lower().startswith("ada (")]) == 3


def test_when_files_are_damaged_or_foreign_then_they_are_listed_and_the_others_shown(folder):
    (folder / "half.json").write_text('{"format": "cnn-')
    (folder / "notes.txt").write_text("call Ada")
    (folder / "progress.jsonl").write_text("{}")
    (folder / ".DS_Store").write_bytes(b"\0")
    text = class_text(read_class(folder))
    assert "Not read: half.json: no JSON" in text and "Not read: notes.txt: no JSON" in text
    assert "Not read: progress.jsonl: a learner's own record" in text and "--export" in text
    assert ".DS_Store" not in text and "Grace" in text


def test_when_no_file_can_be_read_then_that_is_all_there_is_to_say(tmp_path):
    (tmp_path / "a.json").write_text("x")
    text = class_text(read_class(tmp_path))
    assert text.startswith("No report could be read.") and "a.json" in text


def test_when_a_report_is_from_another_version_then_it_is_said_and_counted_all_the_same(folder):
    hand_in(folder, "4.json", "Alan", course="0.0.9", answer=(True, 0), gone=(True, 0))
    text = class_text(read_class(folder))
    assert f"Alan: made with version 0.0.9 of the course, this is {cu.__version__}" in text
    assert "Alan: exercises that this version of the course does not have: gone" in text
    assert any(line.split()[:2] == ["Alan", "✓"] for line in text.splitlines())


def test_when_the_folder_is_missing_or_empty_then_the_error_says_what_belongs_there(tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        read_class(tmp_path / "nowhere")
    with pytest.raises(InputError, match="course progress --export"):
        read_class(tmp_path)
