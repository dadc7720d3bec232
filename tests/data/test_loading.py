"""One door, five sources: each is used when it should be, verified, and announced."""

import dataclasses
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import servers
import tiny

import course_utils as cu
from course_utils import data
from course_utils.data import catalog
from course_utils.errors import DataError, UnknownNameError

DEBIAN = Path("/usr/share/datasets/fashion-mnist")


@pytest.fixture
def world(monkeypatch, tmp_path):
    return tiny.World(monkeypatch, tmp_path)


def same_content(world, dataset):
    arrays = world.arrays[dataset.name]
    return all(
        np.array_equal(split.images, arrays[f"x_{split.name}"].reshape(-1, *dataset.card.shape))
        and np.array_equal(split.labels, arrays[f"y_{split.name}"])
        and split.labels.dtype == "int64"
        for split in (dataset.train, dataset.test)
    )


# The five sources -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["mnist", "fashion_mnist", "cifar10"])
def test_when_a_folder_was_prepared_then_it_comes_first(world, capsys, name):
    world.fill_cache()
    world.set(COURSE_DATA_DIR=world.official)
    dataset = cu.load(name)
    assert (dataset.source.kind, dataset.source.verified, dataset.variant) == ("folder", True, name)
    assert same_content(world, dataset)
    told = capsys.readouterr().out
    assert "local folder" in told and str(world.official) in told and "(verified)" in told


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist", "cifar10"])
def test_when_the_cache_has_it_then_it_is_used(world, capsys, name):
    world.fill_cache()
    dataset = cu.load(name)
    assert (dataset.source.kind, dataset.source.verified) == ("cache", True)
    assert same_content(world, dataset)
    assert "cache" in capsys.readouterr().out


def test_when_the_debian_package_is_installed_then_it_is_found(world, tmp_path, capsys):
    root = tmp_path / "system" / DEBIAN.relative_to("/")
    shutil.copytree(world.official / "fashion-mnist", root)
    dataset = cu.load("fashion_mnist")
    assert (dataset.source.kind, dataset.source.verified) == ("system", True)
    assert dataset.source.location == str(root)
    assert "system package" in capsys.readouterr().out


def test_when_debians_real_package_is_installed_then_all_of_fashion_mnist_is_verified(monkeypatch):
    if not DEBIAN.is_dir():
        pytest.skip("the Debian package dataset-fashion-mnist is not installed")
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    dataset = cu.load("fashion_mnist")
    assert (dataset.source.kind, dataset.variant, len(dataset.train)) == ("system", "fashion_mnist", 60_000)


def test_when_a_mirror_has_it_then_it_is_fetched_verified_and_cached(world, capsys):
    with servers.serving(world.official) as mirror:
        world.set(COURSE_MIRROR=mirror.address)
        for name in ("mnist", "fashion_mnist", "cifar10"):
            dataset = cu.load(name)
            assert (dataset.source.kind, dataset.source.verified, dataset.variant) == ("download", True, name)
            assert same_content(world, dataset)
        assert set(mirror.requests) == {file.path for card in catalog.CATALOG.values() for file in card.files}
    told = capsys.readouterr().out
    assert "Fetching mnist.npz" in told and "from the download" in told
    assert cu.load("mnist").source.kind == "cache"


def test_when_nothing_else_is_there_then_the_sample_is_used_and_explained(world, capsys):
    world.set(COURSE_OFFLINE=1)
    dataset = cu.load("fashion_mnist")
    assert (dataset.source.kind, dataset.source.verified, dataset.variant) == ("bundled", True, "fashion_mnist/sample")
    told = capsys.readouterr().out
    assert "small part" in told and "COURSE_OFFLINE" in told and "course fetch fashion_mnist" in told


def test_when_the_folder_does_not_have_it_then_the_explanation_says_so(world, tmp_path, capsys):
    (tmp_path / "prepared").mkdir()
    world.set(COURSE_OFFLINE=1, COURSE_DATA_DIR=tmp_path / "prepared")
    assert cu.load("mnist").source.kind == "bundled"
    assert str(tmp_path / "prepared") in capsys.readouterr().out


# What may be used -----------------------------------------------------------------------------------------------------
def test_when_bundled_is_asked_for_then_prepared_data_is_ignored_and_nothing_explained(world, capsys):
    world.fill_cache()
    world.set(COURSE_DATA="bundled", COURSE_DATA_DIR=world.official)
    assert cu.load("mnist").source.kind == "bundled"
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_when_bundled_is_asked_for_and_nothing_ships_then_the_error_says_what_does(world):
    world.set(COURSE_DATA="bundled")
    with pytest.raises(DataError, match=r"COURSE_DATA=bundled(.|\n)*mnist, fashion_mnist(.|\n)*course fetch cifar10"):
        cu.load("cifar10")


def test_when_full_is_asked_for_and_nothing_has_it_then_places_and_files_are_named(world, tmp_path):
    (tmp_path / "prepared").mkdir()
    world.set(COURSE_DATA="full", COURSE_OFFLINE=1, COURSE_DATA_DIR=tmp_path / "prepared")
    with pytest.raises(DataError) as caught:
        cu.load("fashion_mnist")
    for part in (str(tmp_path / "prepared"), str(world.cache), "/usr/share/datasets", "train-images-idx3-ubyte.gz"):
        assert part in str(caught.value)


def test_when_the_name_is_unknown_then_the_valid_ones_are_listed():
    for call in (cu.load, cu.dataset_source, data.fetch):
        with pytest.raises(UnknownNameError, match="cifar10"):
            call("cifar")


# Telling in advance ---------------------------------------------------------------------------------------------------
def test_when_asked_in_advance_then_nothing_is_read_or_fetched(world, monkeypatch):
    from course_utils.data import reading

    def fail(*arguments, **options):
        raise RuntimeError("read")

    for name in ("read_npz", "read_idx", "file_digest"):
        monkeypatch.setattr(reading, name, fail)
    assert cu.dataset_source("mnist").kind == "download"
    assert "bundled sample" in cu.dataset_source("mnist").note and "MB" in cu.dataset_source("mnist").note
    world.fill_cache()
    assert cu.dataset_source("fashion_mnist").kind == "cache"
    world.set(COURSE_DATA_DIR=world.official)
    source = cu.dataset_source("mnist")
    assert (source.kind, source.verified, source.location) == ("folder", None, str(world.official / "mnist.npz"))


def test_when_a_mirror_is_set_then_the_source_in_advance_names_it(world):
    world.set(COURSE_MIRROR="http://10.0.0.5:8000")
    assert "10.0.0.5" in cu.dataset_source("cifar10").location


# What comes out -------------------------------------------------------------------------------------------------------
def test_when_loaded_then_the_result_is_frozen_and_shows_itself(world):
    world.set(COURSE_OFFLINE=1)
    dataset = cu.load("mnist")
    assert dataset.classes == tuple("0123456789")
    with pytest.raises(dataclasses.FrozenInstanceError):
        dataset.name = "other"
    assert "training images" in repr(dataset) and "28×28×1" in repr(dataset)
    assert "<table" in dataset._repr_html_()
    assert "30 images" in repr(dataset.train)


def test_when_imported_then_neither_pooch_nor_pillow_nor_tensorflow_is():
    code = (
        "import sys, course_utils.data; "
        "sys.exit(sorted({'pooch', 'requests', 'PIL', 'tensorflow', 'keras', 'matplotlib'} & set(sys.modules)) or 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# The real data --------------------------------------------------------------------------------------------------------
@pytest.mark.full_data
@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_when_the_full_data_is_there_then_it_is_verified(name):
    dataset = cu.load(name)
    assert (dataset.source.kind, dataset.variant, dataset.source.verified) == ("folder", name, True)
    assert (len(dataset.train), len(dataset.test)) == (60_000, 10_000)


@pytest.mark.full_data
def test_when_cifar_lies_as_images_then_they_are_read(monkeypatch, tmp_path):
    full = Path(os.environ["COURSE_DATA_DIR"]) / "cifar10"
    if not full.is_dir():
        pytest.skip("COURSE_DATA_DIR holds no folder cifar10")
    for split in ("train", "test"):  # a hundred of each class: decoding all takes half a minute
        for name in catalog.card("cifar10").classes:
            (tmp_path / "cifar10" / split / name).mkdir(parents=True)
            for file in sorted((full / split / name).iterdir())[:100]:
                (tmp_path / "cifar10" / split / name / file.name).symlink_to(file)
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path))
    dataset = cu.load("cifar10")
    assert (dataset.source.kind, dataset.source.verified) == ("folder", False)
    assert dataset.train.images.shape == (1_000, 32, 32, 3)
    assert set(dataset.test.counts().values()) == {100}
    assert 100 < dataset.train.images.mean() < 140  # photographs: neither empty nor scaled


@pytest.mark.full_data
@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_when_the_sample_is_compared_with_the_full_data_then_every_image_is_the_official_one(name):
    full = cu.load(name)
    with np.load(Path(data.__file__).parent / "samples" / f"{name}.npz") as sample:
        for split in ("train", "test"):
            official = full.train if split == "train" or name == "mnist" else full.test
            index = sample[f"i_{split}"]
            assert np.array_equal(official.images[index, :, :, 0], sample[f"x_{split}"])
            assert np.array_equal(official.labels[index], sample[f"y_{split}"])


@pytest.mark.full_data
def test_when_a_local_server_serves_the_data_folder_then_it_works_as_a_mirror(monkeypatch):
    with servers.serving(os.environ["COURSE_DATA_DIR"]) as mirror:
        monkeypatch.delenv("COURSE_DATA_DIR")
        monkeypatch.setenv("COURSE_MIRROR", mirror.address)
        dataset = cu.load("mnist")
    assert (dataset.source.kind, dataset.variant) == ("download", "mnist")
