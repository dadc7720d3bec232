"""Prepared folders of photographs: which one is taken, in which order, and what is looked at."""

import os
from pathlib import Path

import numpy as np
import pytest
import tiny_photos

import course_utils as cu
from course_utils.data import catalog, photo_check
from course_utils.data.photo_folders import find_photos
from course_utils.errors import InputError


@pytest.fixture
def world(monkeypatch, tmp_path):
    world = tiny_photos.PhotoWorld(monkeypatch, tmp_path)
    (tmp_path / "prepared").mkdir()
    world.set(COURSE_DATA_DIR=tmp_path / "prepared", COURSE_OFFLINE=1)
    return world


@pytest.fixture
def root(world, tmp_path):
    return tiny_photos.folder_of(tmp_path / "prepared" / "imagenette2-160", world.photos.class_folders)


@pytest.fixture
def inspected(monkeypatch):
    """Counts the files whose headers are looked at."""
    paths = []
    inspect = photo_check.inspect
    monkeypatch.setattr(photo_check, "inspect", lambda path: (paths.append(path), inspect(path))[1])
    return paths


def test_when_loaded_then_labels_are_those_of_the_folders_and_classes_have_names(root, world):
    data = cu.load("imagenette", image_size=64)
    assert (len(data.train), len(data.test)) == (30, 10)
    assert data.classes[:2] == ("tench", "English springer") and data.title == "Imagenette" and not data.is_practice
    assert data.class_folders[0] == "n01440764" and data.imagenet["parachute"] == (701,)
    for split in (data.train, data.test):
        assert [Path(path).parent.name for path in split.paths] == [data.class_folders[n] for n in split.labels]
        assert split.image_size == 64
    assert (data.variant, data.source.kind, data.source.verified) == ("imagenette/jpeg", "folder", False)
    assert data.folder == root and "imagenette2-160" in str(data.source)
    assert "Imagenette" in repr(data) and "<table" in data._repr_html_()


def test_when_loaded_then_the_unseen_photographs_are_a_part_of_their_own(root, world):
    data = cu.load("imagenette")
    (name,) = data.parts
    part = data.parts[name]
    assert name == "clean-20" and part.name == name and len(part) == 20
    assert all(Path(path).name.startswith("ILSVRC2012_val_") for path in part.paths)
    assert len(data.train.without(part)) == 20 and len(data.test.without(part)) == 0


def test_when_loaded_then_tensorflow_is_not_needed_and_nothing_is_decoded(root, monkeypatch):
    from course_utils.data import photos

    monkeypatch.setattr(photos, "stream", None)
    cu.load("imagenette").train.split(0.1)


def test_when_the_folder_lies_elsewhere_then_order_and_splits_are_the_same(root, world, tmp_path):
    names = lambda split: [Path(path).name for path in split.paths]  # noqa: E731
    first = cu.load("imagenette")
    assert len(set(first.train.labels[:10])) > 3  # classes are mixed
    (tmp_path / "another").mkdir()
    root.rename(tmp_path / "another" / "imagenette")
    world.set(COURSE_DATA_DIR=tmp_path / "another")
    second = cu.load("imagenette")
    assert names(first.train) == names(second.train) and names(first.test) == names(second.test)
    assert names(first.train.split(0.2, 1)[1]) == names(second.train.split(0.2, 1)[1])


def test_when_loaded_again_then_no_file_is_opened_until_one_changes(root, inspected):
    cu.load("imagenette")
    assert len(inspected) == 40
    cu.load("imagenette", image_size=128)
    assert len(inspected) == 40
    file = next(root.rglob("*.JPEG"))
    os.utime(file, (5, 5))
    cu.load("imagenette")
    assert len(inspected) == 80


def test_when_what_is_remembered_is_damaged_then_files_are_looked_at_again(root, inspected, world):
    cu.load("imagenette")
    (memory,) = (world.cache / "checked").iterdir()
    memory.write_text("[1, 2")
    cu.load("imagenette")
    assert len(inspected) == 80


@pytest.mark.parametrize(
    ("there", "size", "taken"),
    [
        (["imagenette2-160", "imagenette2-320", "imagenette2"], 160, "imagenette2-160"),
        (["imagenette2-160", "imagenette2-320", "imagenette2"], 161, "imagenette2-320"),
        (["imagenette2-160", "imagenette2"], 224, "imagenette2"),
        (["imagenette2-160"], 224, "imagenette2-160"),
        (["imagenette2-320"], 96, "imagenette2-320"),
        (["imagenette"], 96, "imagenette"),
    ],
)
def test_when_several_sizes_lie_there_then_the_smallest_that_is_large_enough_is_taken(tmp_path, there, size, taken):
    for name in there:
        for split in ("train", "val"):
            (tmp_path / name / split).mkdir(parents=True)
    assert find_photos(catalog.card("imagenette"), tmp_path, size) == tmp_path / taken


def test_when_the_data_folder_is_the_data_set_itself_then_it_is_found(root, world):
    world.set(COURSE_DATA_DIR=root)
    assert cu.load("imagenette").source.location == str(root)


@pytest.mark.parametrize("name", ["val", "valid", "validation", "test"])
def test_when_the_held_out_folder_has_another_name_then_it_is_the_test_split(root, world, name):
    (root / "val").rename(root / name)
    data = cu.load("imagenette")
    assert len(data.test) == 10
    assert sorted(path.name for path in (data.folder / "val").iterdir()) == list(data.class_folders)


def test_when_the_folder_for_keras_is_not_asked_for_then_the_cache_need_not_be_written(root, world, tmp_path):
    (root / "val").rename(root / "test")
    (tmp_path / "blocked").write_text("")
    world.set(COURSE_CACHE_DIR=tmp_path / "blocked" / "cache")
    assert len(cu.load("imagenette").test) == 10


def test_when_the_folder_is_given_to_keras_then_the_pixels_are_those_of_the_splits(root):
    import keras

    data = cu.load("imagenette", image_size=32)
    files = keras.utils.image_dataset_from_directory(
        data.folder / "val", image_size=(32, 32), crop_to_aspect_ratio=True, shuffle=False, verbose=0
    )
    images = np.concatenate([images for images, _ in files])
    order = np.argsort(data.test.paths)
    (streamed, labels), *_ = data.test[order].stream(10)
    np.testing.assert_array_equal(streamed, images)
    assert files.class_names == list(data.class_folders) and labels.numpy().tolist() == list(range(10))


@pytest.mark.parametrize("name", ["mnist", "cifar10"])
def test_when_images_have_one_size_then_asking_for_another_is_refused(world, name):
    with pytest.raises(InputError, match="have one size"):
        cu.load(name, image_size=64)


def test_when_the_size_makes_no_sense_then_it_is_refused_before_anything_is_read(world):
    with pytest.raises(InputError, match="from 32 to 320"):
        cu.load("imagenette", image_size=1000)


@pytest.mark.full_data
def test_when_the_real_imagenette_is_loaded_then_it_has_the_published_numbers():
    if not (Path(os.environ["COURSE_DATA_DIR"]) / "imagenette2-160").is_dir():
        pytest.skip("COURSE_DATA_DIR has no imagenette2-160")
    data = cu.load("imagenette")
    assert {"train": len(data.train), "test": len(data.test)} == dict(data.card.sizes)
    clean = data.parts["clean-500"]
    assert (len(clean), len(data.train) - len(data.train.without(clean))) == (500, 366)
