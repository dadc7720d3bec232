"""Image folders: order, classes, and decoded images kept for the next time."""

import os

import numpy as np
import pytest
import tiny

import course_utils as cu
from course_utils.data import catalog, folders

CLASSES = catalog.card("cifar10").classes


@pytest.fixture
def world(monkeypatch, tmp_path):
    world = tiny.World(monkeypatch, tmp_path)
    world.set(COURSE_DATA_DIR=tmp_path / "prepared", COURSE_OFFLINE=1)
    return world


@pytest.fixture
def root(world, tmp_path):
    return tiny.image_folder(tmp_path / "prepared" / "cifar10", CLASSES, per_class=3)


@pytest.fixture
def decoded(monkeypatch):
    """Counts the files that are decoded."""
    paths = []
    pixels = folders._pixels
    monkeypatch.setattr(folders, "_pixels", lambda path, shape: (paths.append(path), pixels(path, shape))[1])
    return paths


def test_when_loaded_then_every_image_has_the_label_of_its_folder(root):
    dataset = cu.load("cifar10")
    for split in (dataset.train, dataset.test):
        assert split.images.shape == (30, 32, 32, 3) and split.images.dtype == "uint8"
        assert np.array_equal(split.images[:, 0, 0, 0], split.labels * 10)
        assert split.counts() == dict.fromkeys(CLASSES, 3)


def test_when_loaded_then_it_is_unverified_and_named_after_the_kind_of_file(root):
    dataset = cu.load("cifar10")
    assert (dataset.source.kind, dataset.source.verified, dataset.variant) == ("folder", False, "cifar10/png")
    assert "unverified" in str(dataset.source)


def test_when_the_files_are_jpeg_then_the_variant_says_so(world, tmp_path):
    tiny.image_folder(tmp_path / "prepared" / "cifar10", CLASSES, suffix=".JPG")
    assert cu.load("cifar10").variant == "cifar10/jpeg"


def test_when_loaded_then_classes_are_mixed_and_the_order_is_always_the_same(root, world):
    first = cu.load("cifar10").train.labels
    assert len(set(first[-3:])) > 1  # a validation share taken from the end does not hold one class alone
    world.set(COURSE_CACHE_DIR=root.parent.parent / "another cache")
    assert np.array_equal(cu.load("cifar10").train.labels, first)


def test_when_loaded_again_then_nothing_is_decoded_and_the_arrays_are_the_same(root, decoded):
    first = cu.load("cifar10")
    assert len(decoded) == 60
    second = cu.load("cifar10")
    assert len(decoded) == 60
    for split in ("train", "test"):
        assert np.array_equal(getattr(first, split).images, getattr(second, split).images)
        assert np.array_equal(getattr(first, split).labels, getattr(second, split).labels)


def test_when_a_file_changes_then_all_is_decoded_again_and_only_that_is_kept(root, decoded, world):
    cu.load("cifar10")
    file = root / "train" / "cat" / "0000.png"
    os.utime(file, (1, 1))
    cu.load("cifar10")
    assert len(decoded) == 120
    assert len(list((world.cache / "decoded").iterdir())) == 1


@pytest.mark.parametrize("length", [0, 50_000])
def test_when_the_kept_images_are_damaged_then_they_are_decoded_again(root, decoded, world, length):
    before = cu.load("cifar10").train.images
    (kept,) = (world.cache / "decoded").iterdir()
    kept.write_bytes(kept.read_bytes()[:length])
    assert np.array_equal(cu.load("cifar10").train.images, before)
    assert len(decoded) == 120


def test_when_one_bit_of_the_kept_images_flips_then_they_are_decoded_again(root, decoded, world):
    before = cu.load("cifar10").train.images
    (kept,) = (world.cache / "decoded").iterdir()
    content = bytearray(kept.read_bytes())
    content[20_000] ^= 4
    kept.write_bytes(content)
    assert np.array_equal(cu.load("cifar10").train.images, before)
    assert len(decoded) == 120


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "LA", "1", "CMYK"])
def test_when_an_image_has_another_mode_then_it_becomes_rgb(tmp_path, mode):
    from PIL import Image

    suffix = "jpg" if mode == "CMYK" else "png"
    Image.new("RGB", (32, 32), (255, 255, 255)).convert(mode).save(tmp_path / f"image.{suffix}", quality=100)
    pixels = folders._pixels(tmp_path / f"image.{suffix}", (32, 32, 3))
    assert pixels.shape == (32, 32, 3) and pixels.min() > 250


def test_when_the_data_set_is_grey_then_images_have_one_channel(world, tmp_path):
    digits = catalog.card("mnist").classes
    tiny.image_folder(tmp_path / "prepared" / "mnist", digits, size=(28, 28))
    assert cu.load("mnist").train.images.shape == (20, 28, 28, 1)
