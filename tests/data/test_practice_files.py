"""The practice set as a folder: written once and whole, checked, repaired; the learner's own files stay."""

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from course_utils.data import practice
from course_utils.data.practice import files, painting
from course_utils.errors import DiskError

SMALL = {"image_size": 16, "train": 40, "test": 40}


@pytest.fixture
def made(tmp_path):
    return practice.folder(tmp_path, **SMALL)


@pytest.fixture
def never_again(monkeypatch):
    """Painting a second time is an error."""

    def forbidden(*arguments, **options):
        raise RuntimeError("painted again")

    monkeypatch.setattr(files, "chunks", forbidden)


def _names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.jpg"))


def test_when_made_then_the_files_lie_in_folders_of_splits_and_classes(made, tmp_path):
    assert made.parent == tmp_path / "practice"
    assert sorted(path.name for path in made.iterdir()) == ["manifest.json", "train", "val"]
    for split, prefixes in (("train", {"train": 40}), ("val", {"same": 20, "new": 20})):
        assert sorted(path.name for path in (made / split).iterdir()) == sorted(practice.CARD.classes)
        for prefix, n in prefixes.items():
            assert len(list(made.glob(f"{split}/*/{prefix}_*.jpg"))) == n
    assert len(_names(made)) == 80


def test_when_made_then_each_file_is_the_image_of_the_arrays_as_jpeg(made):
    from PIL import Image

    arrays = practice.arrays(**SMALL)
    for row, (image, label) in enumerate(zip(arrays.x_train, arrays.y_train, strict=True)):
        path = made / "train" / practice.CARD.classes[label] / f"train_{row + 1:04d}.jpg"
        with Image.open(path) as file:
            assert file.format == "JPEG" and file.size == (16, 16)
            assert np.abs(np.asarray(file).astype(int) - image).mean() < 25


def test_when_made_then_nothing_temporary_is_left(made):
    assert [path.name for path in made.parent.iterdir() if path.suffix != ".lock"] == [made.name]


def test_when_asked_for_again_then_the_folder_is_used_as_it_is(made, tmp_path, never_again):
    assert practice.folder(tmp_path, **SMALL) == made


def test_when_another_size_or_seed_is_asked_for_then_it_has_a_folder_of_its_own(made, tmp_path):
    others = {practice.folder(tmp_path, **{**SMALL, **change}) for change in ({"seed": 1}, {"image_size": 24})}
    assert len({made, *others}) == 3


def _cut(path):
    path.write_bytes(path.read_bytes()[:-10])


def _flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [Path.unlink, _cut, _flip])
def test_when_a_file_is_damaged_or_missing_then_the_folder_is_painted_anew(made, tmp_path, damage):
    before = {name: (made / name).read_bytes() for name in _names(made)}
    damage(next(made.glob("val/frog/*.jpg")))
    assert practice.folder(tmp_path, **SMALL) == made
    assert {name: (made / name).read_bytes() for name in _names(made)} == before
    assert [path.name for path in made.parent.iterdir() if path.suffix != ".lock"] == [made.name]


@pytest.mark.parametrize("manifest", [None, "", "[]", '{"sha256": 3}', '{"name": "Emoji-10"}'])
def test_when_the_manifest_is_damaged_then_the_folder_is_painted_anew(made, tmp_path, manifest):
    path = made / "manifest.json"
    path.unlink() if manifest is None else path.write_text(manifest)
    practice.folder(tmp_path, **SMALL)
    assert len(json.loads(path.read_text())["sha256"]) == 64


def test_when_the_learner_put_an_image_there_then_it_is_kept_aside_and_not_trained_on(made, tmp_path, capsys):
    (made / "train" / "cat" / "mine.jpg").write_bytes(b"my cat")
    practice.folder(tmp_path, **SMALL)
    assert "train/cat/mine.jpg" not in _names(made)
    (kept,) = made.parent.glob(f"{made.name}.kept-*")
    assert [path.relative_to(kept).as_posix() for path in kept.rglob("*.*")] == ["train/cat/mine.jpg"]
    assert (kept / "train" / "cat" / "mine.jpg").read_bytes() == b"my cat" and str(kept) in capsys.readouterr().out


def test_when_it_is_painted_anew_then_nothing_of_the_systems_files_is_kept(made, tmp_path):
    (made / "train" / ".DS_Store").write_bytes(b"")
    _cut(next(made.glob("val/frog/*.jpg")))
    practice.folder(tmp_path, **SMALL)
    assert [path.name for path in made.parent.iterdir() if path.suffix != ".lock"] == [made.name]


def test_when_the_system_left_its_own_files_there_then_nothing_is_painted(made, tmp_path, never_again):
    (made / "train" / ".DS_Store").write_bytes(b"")
    (made / "val" / "Thumbs.db").write_bytes(b"")
    practice.folder(tmp_path, **SMALL)


def test_when_stopped_half_way_then_no_half_folder_is_left(tmp_path, monkeypatch):
    def stop(*arguments, **options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(painting, "_drawings", stop)
        with pytest.raises(KeyboardInterrupt):
            practice.folder(tmp_path, **SMALL)
    assert [path.name for path in (tmp_path / "practice").iterdir() if path.suffix != ".lock"] == []
    assert len(_names(practice.folder(tmp_path, **SMALL))) == 80


def test_when_a_killed_process_left_its_half_then_it_is_removed_but_a_fresh_one_is_not(made, tmp_path):
    old, fresh = (made.with_name(f".{made.name}.{name}.part") for name in ("old", "fresh"))
    for folder in (old, fresh):
        (folder / "train").mkdir(parents=True)
    os.utime(old, (0, 0))
    (made / "manifest.json").unlink()
    practice.folder(tmp_path, **SMALL)
    assert not old.exists() and fresh.exists()


def test_when_two_processes_make_it_at_once_then_both_get_the_whole_folder(tmp_path):
    code = (
        f"import sys; from course_utils.data import practice;print(practice.folder(sys.argv[1], **{SMALL!r}), end='')"
    )
    start = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=120)[0].splitlines()[-1] for process in start]
    assert len(set(said)) == 1 and all(process.returncode == 0 for process in start)
    assert len(_names(Path(said[0]))) == 80


def test_when_another_process_was_faster_and_there_are_no_locks_then_its_folder_is_taken(made, tmp_path, monkeypatch):
    part = tmp_path / "part"
    shutil.copytree(made, part)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "exists", lambda path, **options: False)  # as seen just before the other's rename
        files._replace(part, made)
        assert len(_names(made)) == 80
        (made / "manifest.json").unlink()
        with pytest.raises(OSError, match="part"):
            files._replace(part, made)


def test_when_the_disk_is_full_then_needed_and_free_are_told_and_nothing_is_left(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "free_bytes", lambda path: 10)
    with pytest.raises(DiskError, match=r"disk is full[^$]*1 MB free[^$]*COURSE_CACHE_DIR"):
        practice.folder(tmp_path, **SMALL)
    assert list((tmp_path / "practice").iterdir()) == []


def test_when_the_disk_fills_up_meanwhile_then_nothing_half_is_left(tmp_path, monkeypatch):
    def full(path, content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(DiskError, match="disk is full"):
        practice.folder(tmp_path, **SMALL)
    assert [path for path in (tmp_path / "practice").iterdir() if path.suffix != ".lock"] == []


def test_when_the_cache_cannot_be_written_then_the_folder_and_the_variable_are_named(tmp_path):
    (tmp_path / "practice").write_text("a file where a folder should be")
    with pytest.raises(DiskError, match=r"Cannot write here[^$]*practice[^$]*COURSE_CACHE_DIR"):
        practice.folder(tmp_path, **SMALL)


def test_when_the_cache_is_read_only_but_complete_then_it_is_used(made, tmp_path, monkeypatch):
    def refused(*arguments, **options):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(Path, "mkdir", refused)
    monkeypatch.setattr(os, "mkdir", refused)
    assert practice.folder(tmp_path, **SMALL) == made
