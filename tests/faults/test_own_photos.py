"""Faults 18 to 20: folders that are no data set, and files that are no photographs."""

import io
import json
import os
import struct
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
import tiny_photos
from own_photos import load, refused

import course_utils as cu
from course_utils.errors import DataError, InputError


@pytest.fixture
def folder(tmp_path):
    return tiny_photos.classes_of(tmp_path / "mine", ("cat", "dog"), 5)


# 18 -------------------------------------------------------------------------------------------------------------------
JUNK = [
    *(".DS_Store", "cat/Thumbs.db", "cat/.DS_Store", "__MACOSX/cat/._000.jpg", ".ipynb_checkpoints/x.jpg", "notes.txt"),
    *("dog/.ipynb_checkpoints/000-checkpoint.jpg", "dog/labels.csv"),
]


def test_when_junk_lies_among_the_photographs_then_it_is_left_out_and_counted(folder, capsys):
    for name in JUNK:
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_bytes(b"junk")
    data = load(folder)
    assert data.classes == ("cat", "dog") and len(data.train) + len(data.test) == 10
    assert "8 files that are no images were left out" in capsys.readouterr().out
    assert sorted(path.name for path in (data.folder / "train").iterdir()) == ["cat", "dog"]


def test_when_a_class_is_empty_then_a_table_shows_it(folder):
    (folder / "horse").mkdir()
    message = refused(folder)
    assert "no images of horse" in message
    for row in ("cat    5", "dog    5", "horse  0"):
        assert row in message


def test_when_there_is_one_class_then_it_says_so(tmp_path):
    tiny_photos.classes_of(tmp_path / "mine", ("cat",))
    assert "only one class, cat" in refused(tmp_path / "mine")


def test_when_folders_are_nested_then_they_are_named_and_the_folder_above_is_advised(folder):
    (folder / "cat" / "grey").mkdir()
    message = refused(folder)
    assert str(folder / "cat" / "grey") in message and "folder above the classes" in message


def test_when_the_folder_above_was_given_then_the_nesting_shows_it(tmp_path):
    tiny_photos.classes_of(tmp_path / "above" / "mine")
    tiny_photos.classes_of(tmp_path / "above" / "more")
    assert "folders inside a class" in refused(tmp_path / "above")


def test_when_training_and_test_classes_differ_then_the_table_shows_both(tmp_path):
    tiny_photos.classes_of(tmp_path / "mine" / "train", ("cat", "dog"), 3)
    tiny_photos.classes_of(tmp_path / "mine" / "val", ("cat", "dogs"), 2)
    message = refused(tmp_path / "mine", validation_split=None)
    assert "no images of dog in val" in message and "no images of dogs in train" in message
    for row in ("cat    3      2", "dog    3      0", "dogs   0      2"):
        assert row in message


def test_when_there_are_no_folders_of_classes_then_the_layouts_are_shown(folder):
    assert "without folders of classes" in refused(folder / "cat")
    message = refused(folder / "cat")
    assert "<folder>/<class>/*" in message and "One folder per class" in message or "one folder per class" in message


def test_when_the_folder_is_empty_then_it_says_so(tmp_path):
    (tmp_path / "mine").mkdir()
    assert "no folders of classes" in refused(tmp_path / "mine")


def test_when_only_train_is_there_then_the_call_that_splits_it_is_told(tmp_path):
    tiny_photos.classes_of(tmp_path / "mine" / "train")
    assert 'load_folder(folder / "train", validation_split=0.2)' in refused(tmp_path / "mine")


@pytest.mark.parametrize("share", [None, 0, 1, -0.1, 20, "0.2", True])
def test_when_the_share_is_missing_or_makes_no_sense_then_the_classes_and_a_good_call_are_told(folder, share):
    message = refused(folder, InputError, validation_split=share)
    assert "cat    5" in message and "validation_split=0.2" in message


def test_when_a_split_folder_is_to_be_split_again_then_it_says_so(tmp_path):
    tiny_photos.folder_of(tmp_path / "mine", ("cat", "dog"))
    assert "split already, into train and val" in refused(tmp_path / "mine", InputError)


def test_when_the_share_leaves_one_side_empty_then_it_is_refused(folder):
    with pytest.raises(InputError, match="leave images on both sides"):
        load(folder, validation_split=0.01)


def test_when_there_is_no_such_folder_then_those_beside_it_are_named(folder):
    with pytest.raises(DataError, match=r"no such folder(.|\n)*mine"):
        cu.load_folder(folder.parent / "mien")


@pytest.mark.parametrize("path", ["", "  ", "~nobody of that name/x"])
def test_when_the_path_is_empty_or_has_no_home_then_it_is_refused(folder, path, monkeypatch):
    monkeypatch.chdir(folder)
    with pytest.raises(InputError, match=r"given by its path(.|\n)*load_folder\("):
        cu.load_folder(path, validation_split=0.2)


@pytest.mark.parametrize("place", ["", 3, b"aside"])
def test_when_the_place_for_bad_files_is_no_path_then_it_is_refused(folder, place):
    assert 'quarantine="' in refused(folder, InputError, quarantine=place)


@pytest.mark.parametrize("name", ["", "  ", 3, "x" * 101])
def test_when_the_name_is_none_then_it_is_refused(folder, name):
    message = refused(folder, InputError, name=name)
    assert "needs a name" in message and repr(name) in message


@pytest.mark.parametrize("seed", [-1, 0.5, "1", None, True])
def test_when_the_seed_makes_no_sense_then_it_is_refused(folder, seed):
    assert f"seed={seed!r}" in refused(folder, InputError, seed=seed)


def test_when_an_archive_is_given_then_unpacking_is_advised(tmp_path):
    (tmp_path / "mine.zip").write_bytes(b"PK")
    with pytest.raises(DataError, match=r"a file, not a folder(.|\n)*Unpack"):
        cu.load_folder(tmp_path / "mine.zip")


def test_when_the_fault_is_removed_then_the_next_call_succeeds(folder):
    (folder / "horse").mkdir()
    refused(folder)
    (folder / "horse").rmdir()
    assert len(load(folder).train) == 8


# 19 -------------------------------------------------------------------------------------------------------------------
def bad_files(folder):
    """Put one file of every kind of broken among the good ones; returns name → part of the reason."""
    good = (folder / "cat" / "001.jpg").read_bytes()
    noise = io.BytesIO()
    from PIL import Image

    Image.fromarray(np.random.default_rng(0).integers(0, 255, (60, 60, 3), "uint8")).save(noise, "PNG")
    noise = noise.getvalue()
    files = {
        "zero.jpg": (b"", "an empty file"),
        "text.jpg": (b"a shopping list: milk, bread", "text, no image"),
        "page.png": (b"<!DOCTYPE html><html><body>not found", "text, no image"),
        "cut.jpg": (good[: len(good) // 2], "truncated"),
        "cut.png": (noise[: len(noise) // 2], "truncated"),
        "head.jpg": (good[:20], ""),
        "random.png": (bytes(range(256)) * 4, "no JPEG"),
        "phone.jpg": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(50), "HEIC"),
        "scan.jpg": (b"II*\0" + bytes(50), "TIFF"),
    }
    for name, (content, _) in files.items():
        (folder / "dog" / name).write_bytes(content)
    return {name: reason for name, (_, reason) in files.items()}


def test_when_files_are_broken_then_all_are_listed_with_reasons_in_one_pass(folder):
    reasons = bad_files(folder)
    message = refused(folder)
    assert f"{len(reasons)} of {10 + len(reasons)} files cannot be used" in message
    for name, reason in reasons.items():
        (line,) = [line for line in message.splitlines() if name in line]
        assert reason.lower() in line.lower(), line
    assert "000.jpg" not in message and "Nothing was changed" in message


def test_when_one_file_is_broken_then_it_is_not_called_several(folder, tmp_path, capsys):
    (folder / "dog" / "zero.jpg").write_bytes(b"")
    assert "1 of 11 files cannot be used as a photograph of mine" in refused(folder)
    cu.load_folder(folder, 32, 0.2, quarantine=tmp_path / "set aside")
    assert "1 file that cannot be used was moved away" in capsys.readouterr().out


def test_when_very_many_are_broken_then_the_list_is_cut_and_counted(folder):
    for number in range(60):
        (folder / "dog" / f"bad{number:02}.jpg").write_bytes(b"")
    message = refused(folder)
    assert message.count("an empty file") == 20 and "and 40 more" in message


def test_when_they_are_moved_away_then_the_next_call_succeeds(folder):
    reasons = bad_files(folder)
    refused(folder)
    for name in reasons:
        (folder / "dog" / name).unlink()
    assert len(load(folder).train) == 8


def test_when_quarantine_is_asked_for_then_the_bad_files_are_moved_with_a_list_and_the_rest_is_loaded(
    folder, tmp_path, capsys
):
    reasons = bad_files(folder)
    contents = {path.name: path.read_bytes() for path in folder.rglob("*.*")}
    data = cu.load_folder(folder, 32, 0.2, quarantine=tmp_path / "set aside")
    assert len(data.train) + len(data.test) == 10
    listed = json.loads((tmp_path / "set aside" / "manifest.json").read_text("utf-8"))
    assert {Path(entry["from"]).name for entry in listed} == set(reasons)
    for entry in listed:
        assert Path(entry["to"]).read_bytes() == contents[Path(entry["from"]).name] and entry["reason"]
        assert not Path(entry["from"]).exists()
    assert "moved away" in capsys.readouterr().out
    # Another file of the same name later: neither is lost.
    (folder / "dog" / "zero.jpg").write_bytes(b"")
    cu.load_folder(folder, 32, 0.2, quarantine=tmp_path / "set aside")
    assert len(json.loads((tmp_path / "set aside" / "manifest.json").read_text("utf-8"))) == len(listed) + 1
    assert len(list((tmp_path / "set aside" / "dog").glob("zero*"))) == 2


def test_when_all_is_well_then_nothing_is_moved(folder, tmp_path):
    load(folder, quarantine=tmp_path / "set aside")
    assert not (tmp_path / "set aside").exists()


@pytest.mark.parametrize("place", [".", "cat", "..", "new"])
def test_when_quarantine_lies_inside_or_around_the_folder_then_another_place_is_proposed(folder, place):
    bad_files(folder)
    assert "set aside" in refused(folder, InputError, quarantine=folder / place)


def test_when_quarantine_is_on_another_disk_then_files_are_copied_before_they_go(folder, tmp_path, monkeypatch):
    reasons = bad_files(folder)
    rename = Path.rename

    def across(path, target):
        if path.name in reasons:
            raise OSError(18, "Invalid cross-device link")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", across)
    cu.load_folder(folder, 32, 0.2, quarantine=tmp_path / "aside")
    assert {path.name for path in (tmp_path / "aside" / "dog").iterdir()} == set(reasons)


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="everything is readable")
def test_when_a_file_may_not_be_read_then_it_is_listed(folder):
    (folder / "cat" / "000.jpg").chmod(0)
    assert "Permission denied" in refused(folder)


def test_when_a_jpeg_has_bytes_behind_its_end_then_it_is_no_fault(folder):
    path = folder / "cat" / "000.jpg"
    path.write_bytes(path.read_bytes() + b"camera's own notes" * 30)
    assert len(load(folder).train) == 8


# 20 -------------------------------------------------------------------------------------------------------------------
def enormous_png(width, height):
    """A small PNG whose header claims any size."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(10_000)))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(("width", "height"), [(50_000, 50_000), (9_000, 8_000), (2**31 - 1, 1)])
def test_when_a_small_file_claims_enormous_dimensions_then_it_is_refused_from_the_header(folder, width, height):
    (folder / "cat" / "bomb.png").write_bytes(enormous_png(width, height))
    tracemalloc.start()
    message = refused(folder)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "bomb.png" in message and "pixels" in message
    assert peak < 20e6
