import json
from dataclasses import replace

import pytest

from course_utils.errors import DiskError
from course_utils.exercises import keeping
from course_utils.exercises.feedback import NOT_YET, PASSED, Feedback
from course_utils.exercises.keeping import Standing, keep, progress_path, read_progress, standings

PASS = Feedback(PASSED)
FAIL = Feedback(NOT_YET, misconception="off-by-some")


@pytest.fixture
def item(made_up):
    return made_up["count"]


def test_when_nothing_was_tried_then_nothing_is_kept():
    assert standings() == {} and read_progress().damaged == 0 and not progress_path().exists()


def test_when_tries_fail_then_they_are_counted_with_their_misconceptions(item):
    assert [keep(item, FAIL), keep(item, replace(FAIL, misconception="other")), keep(item, FAIL)] == [1, 2, 3]
    found = standings()["count"]
    assert (found.passed, found.tries, found.misconceptions) == (False, 3, ("off-by-some", "other"))
    assert len(found.when) == len("2025-01-01")


def test_when_it_was_passed_then_later_tries_are_not_kept(item):
    keep(item, FAIL)
    assert keep(item, PASS) == 1
    content = progress_path().read_bytes()
    assert keep(item, FAIL) == 2
    assert keep(item, PASS) == 1
    assert progress_path().read_bytes() == content
    assert standings()["count"].passed and standings()["count"].tries == 1


def test_when_kept_then_nothing_but_the_verdict_is_written(item):
    keep(item, replace(FAIL, seen="my answer", printed="my secret"))
    (line,) = progress_path().read_text("utf-8").splitlines()
    assert json.loads(line).keys() == {"exercise", "verdict", "misconception", "time"}


def sound(**changes):
    return json.dumps({"exercise": "count", "verdict": NOT_YET, "misconception": None, "time": "2025-01-02"} | changes)


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b'{"exercise": "count", "verd',
        b"[]",
        b"3",
        b"null",
        b"\0\0\0\0",
        b"\xff\xfe{}",
        b"[" * 100_000,
        sound(verdict="maybe").encode(),
        sound(exercise=3).encode(),
        sound(misconception=["a"]).encode(),
    ],
    ids=lambda line: repr(line[:20]),
)
def test_when_a_line_is_damaged_then_it_is_skipped_and_counted(line):
    progress_path().parent.mkdir(parents=True)
    progress_path().write_bytes(sound().encode() + b"\n" + line + b"\n\n" + sound(verdict=PASSED).encode() + b"\n")
    kept = read_progress()
    assert kept.standings == {"count": Standing(True, 1, (), "2025-01-02")}
    assert kept.damaged == 1


def test_when_lines_follow_a_passed_one_then_it_stays_passed(tmp_path):
    path = tmp_path / "two_kernels.jsonl"
    path.write_text(
        "\n".join([sound(), sound(verdict=PASSED), sound(misconception="late", time="2025-03-04")]), "utf-8"
    )
    assert standings(path) == {"count": Standing(True, 1, (), "2025-01-02")}


def test_when_another_file_is_named_then_it_is_read(tmp_path):
    path = tmp_path / "other.jsonl"
    path.write_text(sound(), "utf-8")
    assert standings(path)["count"].tries == 1 and standings() == {}


def test_when_the_file_cannot_be_read_then_the_error_names_the_variable():
    progress_path().mkdir(parents=True)
    with pytest.raises(DiskError, match="COURSE_RESULTS_DIR"):
        keeping.standings()
