import errno
import json
import os
import subprocess
import sys

import pytest

from course_utils import jsonlines
from course_utils.errors import DiskError
from course_utils.jsonlines import append_line, read_lines


@pytest.fixture
def path(tmp_path):
    return tmp_path / "folder" / "lines.jsonl"


def test_when_lines_are_added_then_they_are_read_in_order(path):
    assert append_line(path, {"b": 1, "a": "é\u2028\n"}) == path
    append_line(path, {"c": None})
    assert [json.loads(line) for line in read_lines(path)] == [{"a": "é\u2028\n", "b": 1}, {"c": None}]
    assert path.read_bytes().count(b"\n") == 2


def test_when_the_file_is_missing_or_empty_then_there_are_no_lines(path):
    assert read_lines(path) == []
    path.parent.mkdir()
    path.write_bytes(b"\n \n\r\n")
    assert read_lines(path) == []


def test_when_a_crash_left_half_a_line_then_the_next_one_is_whole(path):
    append_line(path, {"a": 1})
    with path.open("ab") as file:
        file.write(b'{"half": ')
    append_line(path, {"b": 2})
    assert [line for line in read_lines(path) if line.endswith(b"}")] == [b'{"a": 1}', b'{"b": 2}']


def test_when_values_are_no_json_then_the_file_is_as_it_was(path):
    append_line(path, {"a": 1})
    for values in ({"a": float("nan")}, {"a": object()}):
        with pytest.raises((ValueError, TypeError)):
            append_line(path, values)
    assert read_lines(path) == [b'{"a": 1}']


def test_when_the_disk_is_full_then_half_a_line_is_taken_back(path, monkeypatch):
    append_line(path, {"a": 1})

    def full(number):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(jsonlines.os, "fsync", full)
    with pytest.raises(DiskError, match="disk is full") as caught:
        append_line(path, {"b": 2}, variable="COURSE_RESULTS_DIR")
    assert "COURSE_RESULTS_DIR" in str(caught.value)
    assert path.read_bytes() == b'{"a": 1}\n'


def test_when_the_folder_is_a_file_then_the_error_names_it(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DiskError, match=r"lines\.jsonl"):
        append_line(tmp_path / "file" / "lines.jsonl", {})
    with pytest.raises(DiskError, match="lines"):
        (tmp_path / "lines").mkdir()
        read_lines(tmp_path / "lines")


def test_when_locks_are_not_supported_then_it_goes_on_without(path, monkeypatch):
    def unsupported():
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(jsonlines, "_lock_functions", lambda file: (unsupported, unsupported))
    append_line(path, {"a": 1})
    assert read_lines(path) == [b'{"a": 1}']


def test_when_several_processes_write_then_no_line_is_lost_or_mixed(path):
    script = (
        "import sys; from course_utils.jsonlines import append_line\n"
        "for n in range(30): append_line(sys.argv[1], {'who': sys.argv[2], 'n': n, 'x': 'x' * 5000})"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", script, str(path), who], env=dict(os.environ)) for who in ("a", "b")
    ]
    assert [process.wait(60) for process in running] == [0, 0]
    found = [json.loads(line) for line in read_lines(path)]
    for who in ("a", "b"):
        assert [entry["n"] for entry in found if entry["who"] == who] == list(range(30))
