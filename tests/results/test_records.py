import json
import os
import subprocess
import sys

import pytest

from course_utils.errors import DiskError
from course_utils.results.records import append_record, read_records


def test_when_a_record_is_appended_then_it_is_read_back_as_it_was(make_record, own_results):
    record = make_record(interval=(0.9, 0.92), versions={"keras": "3.15.1"})
    path = append_record(record)
    assert path == own_results / "records.jsonl"
    assert read_records().records == (record,)


def test_when_there_is_no_file_then_there_are_no_records():
    found = read_records()
    assert (found.records, found.damaged) == ((), 0)


def test_when_lines_are_damaged_then_they_are_counted_and_stay_in_the_file(make_record):
    path = append_record(make_record())
    damaged = b'{"name": "lenet", "accur\n\x00\xff\xfe\n[1]\n{"name": "x", "accuracy": "high"}\n'
    path.write_bytes(path.read_bytes() + damaged)
    append_record(make_record(0.9))
    found = read_records()
    assert [record.accuracy for record in found.records] == [0.912, 0.9]
    assert found.damaged == 4
    assert damaged in path.read_bytes()


def test_when_a_crash_left_half_a_line_then_the_next_record_is_not_lost(make_record):
    path = append_record(make_record())
    path.write_bytes(path.read_bytes()[:-20])
    append_record(make_record(0.9))
    found = read_records()
    assert ([record.accuracy for record in found.records], found.damaged) == ([0.9], 1)


def test_when_a_newer_version_wrote_more_fields_then_the_record_is_still_read(make_record):
    path = append_record(make_record())
    line = json.loads(path.read_text())
    path.write_text(json.dumps({**line, "colour": "blue"}) + "\n")
    assert read_records().records == (make_record(),)


def test_when_several_processes_record_at_once_then_every_line_is_whole(own_results):
    code = (
        "from course_utils.results.records import Record, append_record\n"
        "for i in range(40): append_record(Record('lenet', 0.5, notebook='x' * 3000))"
    )
    processes = [subprocess.Popen([sys.executable, "-c", code], env=dict(os.environ)) for _ in range(3)]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    found = read_records()
    assert (len(found.records), found.damaged) == (120, 0)


@pytest.mark.parametrize(
    "field", ['"accuracy": "0.9"', '"budget": 3', '"variant": ["mnist"]', '"n": "many"', '"versions": null']
)
def test_when_a_field_is_of_another_kind_then_the_line_counts_as_damaged(tmp_path, field):
    path = tmp_path / "records.jsonl"
    path.write_text('{"name": "lenet", "accuracy": 0.9, ' + field + "}\n", "utf-8")
    found = read_records(path)
    assert (found.records, found.damaged) == ((), 1)


def test_when_the_disk_fills_up_in_the_middle_then_the_file_is_as_it_was(make_record, monkeypatch):
    path = append_record(make_record())
    before = path.read_bytes()

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("course_utils.jsonlines.os.fsync", full)
    with pytest.raises(DiskError, match="disk is full") as caught:
        append_record(make_record(0.9))
    assert "COURSE_RESULTS_DIR" in str(caught.value)
    assert path.read_bytes() == before
    monkeypatch.undo()


def test_when_the_results_folder_is_a_file_then_the_error_names_the_variable(make_record, tmp_path):
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(DiskError, match="COURSE_RESULTS_DIR"):
        append_record(make_record(), tmp_path / "taken" / "records.jsonl")
    assert (tmp_path / "taken").read_text() == "mine"
