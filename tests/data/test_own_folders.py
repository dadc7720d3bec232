"""One's own photographs: both layouts, the same split everywhere, never compared with the course's results."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import tiny_photos
from own_photos import everything

import course_utils as cu
from course_utils.data import PhotoSplit, photo_view


@pytest.fixture
def folder(tmp_path):
    return tiny_photos.classes_of(tmp_path / "my flowers", ("rose", "daisy", "tulip"), 10)


@pytest.fixture
def split_folder(tmp_path):
    return tiny_photos.folder_of(tmp_path / "pets", ("cat", "dog"), {"train": 4, "val": 2})


def names(split):
    return ["/".join(Path(path).parts[-2:]) for path in split.paths]


def test_when_classes_lie_beside_each_other_then_a_share_of_each_is_kept_for_testing(folder, capsys):
    data = cu.load_folder(folder, validation_split=0.2)
    assert data.classes == data.class_folders == ("daisy", "rose", "tulip")
    assert data.test.counts() == dict.fromkeys(data.classes, 2) and len(data.train) == 24
    assert isinstance(data.train, PhotoSplit) and not set(data.train.paths) & set(data.test.paths)
    assert all(
        name.startswith(data.classes[label]) for name, label in zip(names(data.test), data.test.labels, strict=True)
    )
    assert "my flowers: 24 training and 6 test images" in capsys.readouterr().out


def test_when_it_is_split_already_then_that_is_kept(split_folder):
    data = cu.load_folder(split_folder, image_size=64)
    assert (len(data.train), len(data.test), data.train.image_size) == (8, 4, 64)
    assert data.folder == split_folder and all("val" in Path(path).parts for path in data.test.paths)


def test_when_there_are_three_splits_then_the_validation_split_is_a_part(split_folder):
    shutil.copytree(split_folder / "val", split_folder / "test")
    data = cu.load_folder(split_folder)
    assert list(data.parts) == ["validation"] and data.parts["validation"].name == "validation"
    assert all("test" in Path(path).parts for path in data.test.paths)


def test_when_a_result_is_measured_on_it_then_it_is_compared_with_nothing_of_the_course(folder):
    data = cu.load_folder(folder, validation_split=0.2)
    assert data.variant == data.train.variant == data.test.variant == "folder:my flowers"
    assert cu.load_folder(folder, validation_split=0.2, name="imagenette").variant == "folder:imagenette"
    assert data.source.kind == "folder" and data.source.verified is False and data.imagenet == {}
    assert "my flowers" in repr(data) and "Photographs of your own" in repr(data.card)


def test_when_loaded_again_or_elsewhere_then_the_split_is_the_same_and_another_seed_gives_another(folder, tmp_path):
    first = cu.load_folder(folder, validation_split=0.2)
    copy = tmp_path / "elsewhere" / "copy"
    shutil.copytree(folder, copy)
    for path in copy.rglob("*.jpg"):
        os.utime(path, (1, 1))
    second = cu.load_folder(copy, validation_split=0.2)
    assert names(first.train) == names(second.train) and names(first.test) == names(second.test)
    assert names(cu.load_folder(folder, validation_split=0.2, seed=1).test) != names(first.test)


def test_when_loaded_then_nothing_of_the_learners_is_touched(folder, split_folder):
    before = everything(folder), everything(split_folder)
    data = cu.load_folder(folder, validation_split=0.2)
    data.train.images[0]
    cu.load_folder(split_folder)
    assert (everything(folder), everything(split_folder)) == before


@pytest.mark.parametrize("link", ["symlink", "link", "copyfile"])
def test_when_keras_is_given_the_folder_then_it_finds_the_same_photographs(folder, monkeypatch, link):
    import keras

    def impossible(source, target):
        raise OSError("not here")

    if link != "symlink":
        monkeypatch.setattr(photo_view.os, "symlink", impossible)
    if link == "copyfile":
        monkeypatch.setattr(photo_view.os, "link", impossible)
    (folder / "rose" / "000.jpg").rename(folder / "rose" / "000.jfif")
    data = cu.load_folder(folder, image_size=32, validation_split=0.2)
    files = keras.utils.image_dataset_from_directory(
        data.folder / "train", image_size=(32, 32), crop_to_aspect_ratio=True, shuffle=False, verbose=0
    )
    images = np.concatenate([images for images, _ in files])
    assert len(images) == len(data.train) and files.class_names == list(data.classes)
    streamed = np.concatenate([images for images, _ in data.train.stream()])
    assert sorted(image.sum() for image in streamed) == sorted(image.sum() for image in images)


def test_when_nothing_has_to_be_written_then_a_cache_that_cannot_be_written_is_no_obstacle(
    folder, tmp_path, monkeypatch
):
    (tmp_path / "blocked").write_text("")
    monkeypatch.setenv("COURSE_CACHE_DIR", str(tmp_path / "blocked" / "cache"))
    data = cu.load_folder(folder, validation_split=0.2)
    assert len(data.train) == 24 and data.train.images[0].shape == (160, 160, 3)
    with pytest.raises(cu.CourseError, match="COURSE_CACHE_DIR"):
        _ = data.folder


def test_when_the_folder_for_keras_is_not_asked_for_then_it_is_not_made(folder):
    data = cu.load_folder(folder, validation_split=0.2)
    views = Path(os.environ["COURSE_CACHE_DIR"]) / "views"
    assert not views.exists()
    assert data.folder.parent == views and data.folder == data.folder


def test_when_laid_out_like_imagewang_then_unsup_is_left_out_and_said(split_folder, capsys):
    tiny_photos.classes_of(split_folder / "unsup" / "all of them", ("x",), 2)
    for name in ("horse", "cow"):
        shutil.copytree(split_folder / "train" / "cat", split_folder / "train" / name)
    data = cu.load_folder(split_folder, image_size=32)
    told = capsys.readouterr().out
    assert "1 folder beside train was left out (unsup)" in told
    assert "2 classes without test images: cow, horse" in told
    assert data.classes == ("cat", "cow", "dog", "horse") and data.test.counts()["cow"] == 0
    for split, place in ((data.train, "train"), (data.test, "val")):
        assert [Path(path).parts[-3:-1] for path in split.paths] == [(place, data.classes[n]) for n in split.labels]
        assert sorted(path.name for path in (data.folder / place).iterdir()) == list(data.classes)
    assert cu.evaluate(lambda images: np.zeros(len(images), int), data.test).accuracy == 0.5


def test_when_other_folders_lie_beside_the_splits_then_it_is_said_and_keras_reads_the_learners_own(
    split_folder, capsys
):
    for name in ("notes", "old"):
        (split_folder / name).mkdir()
    assert cu.load_folder(split_folder).folder == split_folder
    assert "2 folders beside train were left out (notes, old)" in capsys.readouterr().out


def test_when_the_share_is_a_number_of_numpy_then_it_is_understood(folder):
    assert len(cu.load_folder(folder, validation_split=np.float32(0.2), seed=np.int64(0)).test) == 6


def test_when_a_path_starts_at_home_then_it_is_found(folder, monkeypatch):
    monkeypatch.setenv("HOME", str(folder.parent))
    monkeypatch.setenv("USERPROFILE", str(folder.parent))
    assert len(cu.load_folder("~/my flowers", validation_split=0.2).train) == 24


def test_when_the_notebook_runs_elsewhere_then_relative_paths_are_resolved_at_once(folder, monkeypatch):
    monkeypatch.chdir(folder.parent)
    data = cu.load_folder("my flowers", validation_split=0.2)
    monkeypatch.chdir("/")
    assert data.train.images[0].shape == (160, 160, 3)
