"""The practice set in place of colour images: told plainly, never passed off as what it stands in for."""

from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
import tiny_photos

import course_utils as cu
from course_utils.data import announcing, practice
from course_utils.errors import DataError


@pytest.fixture
def small(monkeypatch):
    """The practice set with a few images only."""
    arrays, folder = practice.arrays, practice.folder
    monkeypatch.setattr(practice, "arrays", lambda **options: arrays(**options, train=40, test=20))
    monkeypatch.setattr(practice, "folder", lambda cache_dir: folder(cache_dir, image_size=64, train=40, test=20))
    monkeypatch.setattr(announcing, "_explained", set())


@pytest.fixture
def bundled(small, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", "bundled")


@pytest.fixture
def world(small, monkeypatch, tmp_path):
    """Official hosts that do not answer; nothing prepared and nothing cached."""
    return tiny_photos.PhotoWorld(monkeypatch, tmp_path, practice=True)


@pytest.mark.parametrize(("name", "title"), [("cifar10", "CIFAR-10"), ("cifar100", "CIFAR-100")])
def test_when_small_images_are_missing_then_arrays_of_the_practice_set_come(bundled, name, title):
    data = cu.load(name)
    assert data.is_practice and data.title == f"Emoji-10 (practice set, stands in for {title})"
    assert data.train.images.shape == (40, 32, 32, 3) and data.train.images.dtype == "uint8"
    assert data.test.images.shape == (20, 32, 32, 3) and len(data.classes) == 10
    assert data.variant == data.train.variant == data.test.variant == f"{name}/practice"
    assert data.source.kind == "practice" and data.card is practice.CARD and data.name == name
    assert title not in data.card.title and data.title in repr(data) and data.title in data._repr_html_()
    assert data.imagenet["airplane"] == (404, 895)


def test_when_small_images_are_missing_then_the_halves_of_the_test_images_are_parts(bundled):
    data = cu.load("cifar10")
    assert list(data.parts) == ["same drawings", "new artist"]
    assert sum(map(len, data.parts.values())) == len(data.test)
    joined = np.concatenate([part.images for part in data.parts.values()])
    assert sorted(image.sum() for image in joined) == sorted(image.sum() for image in data.test.images)
    assert {part.variant for part in data.parts.values()} == {"cifar10/practice"}
    assert [part.name for part in data.parts.values()] == list(data.parts)


@pytest.mark.parametrize(("name", "title"), [("imagenette", "Imagenette"), ("imagewoof", "Imagewoof")])
def test_when_photographs_are_missing_then_files_of_the_practice_set_come(bundled, name, title):
    data = cu.load(name, image_size=48)
    assert data.title == f"Emoji-10 (practice set, stands in for {title})" and data.variant == f"{name}/practice"
    assert (len(data.train), len(data.test), data.train.image_size) == (40, 20, 48)
    assert data.class_folders == data.classes == practice.CARD.classes
    assert (data.folder / "train").is_dir() and (data.folder / "val").is_dir()
    assert dict(data.card.sizes) == {"train": 40, "test": 20}
    starts = {name: {Path(path).name.split("_")[0] for path in part.paths} for name, part in data.parts.items()}
    assert starts == {"same drawings": {"same"}, "new artist": {"new"}}
    assert sum(map(len, data.parts.values())) == 20
    assert [Path(path).parent.name for path in data.train.paths] == [data.classes[n] for n in data.train.labels]


@pytest.mark.parametrize("name", ["cifar10", "imagenette"])
def test_when_nothing_is_found_then_the_practice_set_is_announced_with_how_to_get_all(world, name, capsys):
    data = cu.load(name)
    told = capsys.readouterr().out
    title = {"cifar10": "CIFAR-10", "imagenette": "Imagenette"}[name]
    assert data.is_practice
    for part in (
        f"{title} is not here: the practice set Emoji-10 stands in for it",
        f"no result on {title}",
        f"course fetch {name}",
        world.address,
        str(world.cache),
        "COURSE_DATA_DIR",
    ):
        assert part in told


def test_when_it_stands_in_again_then_it_is_not_explained_twice_but_still_named(world, capsys):
    cu.load("cifar10")
    capsys.readouterr()
    cu.load("cifar10")
    lines = [line for line in capsys.readouterr().out.splitlines() if line]
    assert len(lines) == 2 and "stands in for it" in lines[0] and "no result on CIFAR-10" in lines[1]


@pytest.mark.parametrize("name", ["cifar10", "imagenette"])
def test_when_the_full_data_is_demanded_then_the_practice_set_is_refused(world, name):
    world.set(COURSE_DATA="full", COURSE_OFFLINE=1)
    with pytest.raises(DataError, match="was not found anywhere"):
        cu.load(name)
    assert cu.dataset_source(name) is None


def test_when_the_real_data_appears_then_it_is_taken(world, tmp_path):
    assert cu.load("imagenette").is_practice
    tiny_photos.folder_of(tmp_path / "prepared" / "imagenette2-160", world.photos.class_folders)
    world.set(COURSE_DATA_DIR=tmp_path / "prepared")
    data = cu.load("imagenette")
    assert not data.is_practice and data.variant == "imagenette/jpeg" and data.title == "Imagenette"


def test_when_the_folder_is_broken_then_the_practice_set_does_not_hide_it(world, tmp_path):
    root = tiny_photos.folder_of(tmp_path / "prepared" / "imagenette2-160", world.photos.class_folders[:-1])
    world.set(COURSE_DATA_DIR=tmp_path / "prepared")
    with pytest.raises(DataError, match=r"no photographs for n03888257(.|\n)*parachute"):
        cu.load("imagenette")
    assert root.is_dir()


def test_when_asked_beforehand_then_the_row_says_what_stands_in(bundled, capsys):
    source = cu.dataset_source("imagenette")
    assert source.kind == "practice" and "its results are not Imagenette's" in source.location
    cu.setup("05_test", data=("imagenette", "cifar10"))
    told = capsys.readouterr().out
    assert "practice set: Emoji-10 stands in for Imagenette; its results are not Imagenette's" in told
    assert "practice set: Emoji-10 stands in for CIFAR-10" in told


def test_when_a_download_is_possible_then_the_row_names_the_practice_set_as_the_last_resort(world, capsys):
    assert "if that fails, the practice set" in cu.dataset_source("cifar10").note
    cu.setup("04_test", data="cifar10")
    assert "once; if that fails, the practice set)" in capsys.readouterr().out


def test_when_it_is_recorded_then_it_is_never_compared_with_the_real_data(bundled):
    data = cu.load("cifar10")
    report = cu.evaluate(lambda images: np.zeros(len(images), int), data.test)
    assert report.variant == "cifar10/practice"
    assert isinstance(data.parts, MappingProxyType)
