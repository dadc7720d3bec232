import os
import subprocess
import sys

import numpy as np
import pytest

import course_utils as cu
from course_utils.errors import CourseError, UnknownNameError
from course_utils.exercises import registry
from course_utils.exercises.keeping import progress_path, standings
from course_utils.exercises.registry import exercise, exercises, find_exercise

pytestmark = pytest.mark.usefixtures("made_up")


def test_when_an_answer_is_checked_then_the_verdict_is_shown_and_kept(capsys):
    assert cu.check.count(...) is None
    assert not progress_path().exists()
    cu.check.count(41)
    cu.check.count(answer=43)
    cu.check.count(42)
    blocks = capsys.readouterr().out.split("Exercise 01.1: count them")
    assert "○" in blocks[0] and "Not attempted yet." in blocks[1]
    assert "Not yet. It is 41. Not 42." in blocks[2] and "Think." in blocks[2] and "of 42" not in blocks[2]
    assert "Think of 42." in blocks[3], "the second failed try gets the stronger hint"
    assert "Passed. Counting helps." in blocks[4]
    assert (standings()["count"].passed, standings()["count"].tries) == (True, 2)


def test_when_a_name_does_not_exist_then_it_is_an_attribute_error_with_a_suggestion():
    with pytest.raises(AttributeError, match=r"no check called 'cuont'. Did you mean 'count'?"):
        cu.check.cuont  # noqa: B018
    assert not hasattr(cu.check, "cuont") and not hasattr(cu.check, "_repr_html_")


def test_when_names_are_completed_then_all_checks_are_offered():
    assert dir(cu.check) == ["answer", "count", "fault", "pair"]
    assert hasattr(cu.check, "count") and "count" in repr(cu.check)


def test_when_help_is_asked_for_a_check_then_it_says_which_exercise_it_is():
    assert cu.check.count.__doc__.startswith("Exercise 01.1: count them.")
    assert cu.check.fault.__doc__.startswith("Break it 01: what is wrong here.")


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ((), "A check needs your answer."),
        ((1,), "missing a required argument: 'data'"),
        ((1, 2, 3), "too many positional arguments"),
    ],
)
def test_when_a_check_gets_too_few_or_too_many_answers_then_the_call_is_shown(answers, words):
    with pytest.raises(CourseError) as caught:
        cu.check.pair(*answers)
    assert words in str(caught.value) and "cu.check.pair(model, data)" in str(caught.value)


def test_when_an_answer_is_of_a_kind_that_nobody_thought_of_then_it_is_an_error_of_the_courses_own():
    with pytest.raises(CourseError, match="cannot judge an answer of this kind") as caught:
        cu.check.count(np.ones(3))
    assert "truth value" in str(caught.value) and isinstance(caught.value.__cause__, ValueError)
    assert standings() == {}


@pytest.mark.skipif(sys.platform == "win32" or not hasattr(os, "geteuid"), reason="folders are protected otherwise")
def test_when_the_results_folder_is_a_file_then_the_verdict_is_still_shown(capsys, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        monkeypatch.setenv("COURSE_RESULTS_DIR", str(folder))
        cu.check.count(42)
        out = capsys.readouterr().out
        assert "✓" in out and "Passed." in out and "could not be kept" in out and "COURSE_RESULTS_DIR" in out
        assert "✗" not in out


def test_when_the_progress_file_cannot_be_read_then_the_verdict_is_still_shown(capsys):
    progress_path().mkdir(parents=True)
    cu.check.count(41)
    out = capsys.readouterr().out
    assert "It is 41." in out and "could not be kept" in out


def test_when_exercises_are_listed_then_in_the_order_of_the_notebooks_with_labs_last():
    assert [item.number for item in exercises().values()] == ["00.1", "01.1", "01.2", "01b"]


def test_when_an_exercise_is_looked_up_then_unknown_names_get_a_suggestion():
    assert find_exercise("pair").number == "01.2"
    with pytest.raises(UnknownNameError, match=r"Did you mean 'pair'?"):
        find_exercise("pear")


def test_when_two_exercises_have_the_same_name_then_their_author_is_told(monkeypatch):
    monkeypatch.setattr(registry, "MODULES", {"01_pixels_and_convolution": "x", "02_dense_baseline": "x"})
    exercise("01.1", "count", "again, as a reload does", why="")(lambda answer: None)
    with pytest.raises(ValueError, match=r"01.1 and 02.3 are both called 'count'"):
        exercise("02.3", "count", "another", why="")(lambda answer: None)


def test_when_the_checks_are_imported_then_keras_and_tensorflow_stay_out():
    script = """
import sys
import course_utils as cu
dir(cu.check)
sys.exit(" ".join({"tensorflow", "keras", "sklearn", "matplotlib"} & set(sys.modules)) or 0)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
