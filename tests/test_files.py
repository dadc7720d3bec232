import errno
import os
import stat
import sys

import pytest

from course_utils import files
from course_utils.errors import DiskError


def test_when_writing_succeeds_then_the_file_is_complete_and_nothing_else_is_left(tmp_path):
    target = tmp_path / "new" / "file.bin"
    with files.atomic_write(target) as temporary:
        temporary.write_bytes(b"abc")
        assert not target.exists()
    assert target.read_bytes() == b"abc"
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("problem", [ValueError("boom"), KeyboardInterrupt(), ConnectionResetError(104, "reset")])
def test_when_writing_is_interrupted_then_the_old_file_stays_and_the_problem_is_told_as_it_is(tmp_path, problem):
    target = tmp_path / "file.bin"
    target.write_bytes(b"old")
    with pytest.raises(type(problem)) as caught, files.atomic_write(target) as temporary:
        temporary.write_bytes(b"half")
        raise problem
    assert caught.value is problem
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_when_the_disk_fills_up_while_writing_then_the_error_says_so_and_the_old_file_stays(tmp_path):
    target = tmp_path / "file.bin"
    target.write_bytes(b"old")
    with pytest.raises(DiskError, match=r"(?s)disk is full.*COURSE_CACHE_DIR"):
        with files.atomic_write(target, variable="COURSE_CACHE_DIR"):
            raise OSError(errno.ENOSPC, "No space left on device")
    assert target.read_bytes() == b"old"


def test_when_there_is_too_little_space_then_nothing_is_begun(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "free_bytes", lambda path: 1_000_000)
    with pytest.raises(DiskError, match=r"(?s)expected: 50 MB free.*found: .*1 MB free"):
        with files.atomic_write(tmp_path / "file.bin", needed=50_000_000):
            pytest.fail("the block must not be entered")
    assert list(tmp_path.iterdir()) == []


def test_when_the_folder_is_a_file_then_the_error_names_the_path(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DiskError, match="Cannot write here"):
        with files.atomic_write(tmp_path / "file" / "below"):
            pytest.fail("the block must not be entered")


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_when_a_file_is_written_then_others_may_read_it_as_usual(tmp_path):
    old = os.umask(0o022)
    try:
        with files.atomic_write(tmp_path / "file") as temporary:
            temporary.write_text("x")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o644


def test_when_the_folder_does_not_exist_yet_then_free_space_is_that_of_its_parent(tmp_path):
    assert files.free_bytes(tmp_path / "a" / "b") > 0
