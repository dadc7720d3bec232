"""Faults 11 to 13: full and read-only disks, odd folders."""

import errno
import io
import os
from contextlib import contextmanager
from pathlib import Path

import pytest
import tiny

import course_utils as cu
from course_utils import data
from course_utils.data import archives, download, folders
from course_utils.errors import DataError, DiskError, SettingsError

resource = pytest.importorskip("resource", reason="limits on file sizes exist on POSIX only")


@pytest.fixture
def read_only(monkeypatch):
    """Make a folder read-only, also for root: every call that would change something below it fails."""

    def protect(folder):
        def guard(module, name, writes=lambda arguments: True):
            original = getattr(module, name)

            def guarded(path, *arguments, **options):
                below = isinstance(path, str | os.PathLike) and Path(path).is_relative_to(folder)
                if below and writes(arguments):
                    raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
                return original(path, *arguments, **options)

            monkeypatch.setattr(module, name, guarded)

        for name in ("mkdir", "replace", "rename", "unlink"):
            guard(os, name)
        guard(io, "open", lambda arguments: bool(arguments) and set(arguments[0]) & set("wax+"))
        guard(os, "open", lambda arguments: bool(arguments) and arguments[0] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))

    return protect


@contextmanager
def almost_full():
    """No file may grow beyond 20 kB, as on a disk that fills up during a write.

    Only around the call that is tested: the limit also holds for the log that pytest's output may go to.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


# 11 -------------------------------------------------------------------------------------------------------------------
def test_when_the_disk_is_full_before_fetching_then_needed_and_free_are_told(world, server, monkeypatch):
    monkeypatch.setattr(download, "free_bytes", lambda path: 10)
    with pytest.raises(DiskError, match=r"full(.|\n)*MB free(.|\n)*MB free(.|\n)*COURSE_CACHE_DIR"):
        data.fetch("mnist")
    assert server.requests == []
    assert not world.cached("mnist.npz").exists()


def test_when_the_disk_fills_up_while_fetching_then_nothing_is_left(world, server):
    assert data.catalog.card("mnist").files[0].size > 20_000
    with pytest.raises(DiskError, match=r"full(.|\n)*COURSE_CACHE_DIR"), almost_full():
        data.fetch("mnist")
    assert [path.name for path in world.cached("").iterdir()] == [".mnist.lock"]


def test_when_the_disk_is_full_then_load_falls_back_on_the_sample_and_says_why(world, monkeypatch, capsys):
    monkeypatch.setattr(download, "free_bytes", lambda path: 10)
    assert cu.load("mnist").source.kind == "bundled"
    assert "disk is full" in capsys.readouterr().out


def test_when_the_disk_fills_up_while_unpacking_then_the_folder_does_not_appear(tmp_path):
    archive = tmp_path / "a.tar"
    archive.write_bytes(tiny.tar({"small": b"1", "large": bytes(50_000)}, "w"))
    with pytest.raises(DiskError), almost_full():
        archives.extract(archive, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["a.tar"]


def test_when_the_disk_is_too_small_for_an_archive_then_it_is_refused_before_a_byte(tmp_path, monkeypatch):
    (tmp_path / "a.tar").write_bytes(tiny.tar({"file": bytes(1000)}, "w"))
    monkeypatch.setattr(archives, "free_bytes", lambda path: 999)
    with pytest.raises(DiskError, match="full"):
        archives.extract(tmp_path / "a.tar", tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["a.tar"]


def test_when_decoded_images_cannot_be_kept_then_they_are_used_all_the_same(world, tmp_path, monkeypatch):
    def full(*arguments, **options):
        raise DiskError("The disk is full.")

    tiny.image_folder(tmp_path / "prepared" / "cifar10", data.catalog.card("cifar10").classes)
    world.set(COURSE_DATA_DIR=tmp_path / "prepared")
    monkeypatch.setattr(folders, "atomic_write", full)
    dataset = cu.load("cifar10")
    assert len(dataset.train) == 20
    assert "could not be kept" in dataset.source.note


# 12 -------------------------------------------------------------------------------------------------------------------
def test_when_the_cache_is_read_only_but_valid_then_it_serves(world, server, read_only):
    world.fill_cache()
    read_only(world.cache)
    for name in ("mnist", "fashion_mnist", "cifar10"):
        assert cu.load(name).source.kind == "cache"
        assert data.fetch(name).verified
    assert server.requests == []


def test_when_the_cache_is_read_only_and_empty_then_it_is_said_and_nothing_goes_elsewhere(
    world, server, read_only, capsys
):
    world.cache.mkdir()
    read_only(world.cache)
    with pytest.raises(DiskError, match=r"COURSE_CACHE_DIR"):
        data.fetch("mnist")
    assert cu.load("mnist").source.kind == "bundled"
    assert str(world.cache) in capsys.readouterr().out
    assert server.requests == []


def test_when_the_cache_is_read_only_and_damaged_then_the_file_is_left_and_the_sample_used(world, read_only):
    world.fill_cache()
    world.cached("mnist.npz").write_bytes(b"PK rubbish")
    read_only(world.cache)
    assert cu.load("mnist").source.kind == "bundled"
    assert world.cached("mnist.npz").read_bytes() == b"PK rubbish"


def test_when_a_file_stands_where_the_cache_should_be_then_it_is_named_and_kept(world):
    world.cache.mkdir()
    (world.cache / "data").write_text("mine")
    with pytest.raises(DiskError) as caught:
        data.fetch("mnist")
    assert str(world.cache / "data") in str(caught.value)
    assert (world.cache / "data").read_text() == "mine"


# 13 -------------------------------------------------------------------------------------------------------------------
def test_when_folders_have_spaces_and_accents_then_everything_works(world, tmp_path, monkeypatch):
    odd = tmp_path / "Données du cours (été) ñ 数据"
    world.set(COURSE_CACHE_DIR=odd / "cache")
    assert cu.load("fashion_mnist").source.kind == "download"
    assert cu.load("fashion_mnist").source.kind == "cache"
    world.official.rename(odd / "prepared data")
    world.set(COURSE_DATA_DIR=odd / "prepared data")
    assert cu.load("mnist").source.kind == "folder"


def test_when_a_path_is_too_long_then_the_variable_is_named(world, tmp_path):
    world.set(COURSE_CACHE_DIR=tmp_path / ("long" * 100))
    with pytest.raises(SettingsError, match="COURSE_CACHE_DIR"):
        data.fetch("mnist")


def test_when_the_path_is_long_but_possible_then_it_works(world, tmp_path):
    world.set(COURSE_CACHE_DIR=tmp_path.joinpath(*["a folder with a rather long name"] * 20))
    assert data.fetch("fashion_mnist").verified


def test_when_a_file_may_not_be_read_then_it_is_named(world, monkeypatch):
    import zipfile

    def refuse(*arguments):
        raise PermissionError(errno.EACCES, "Permission denied")

    world.set(COURSE_DATA_DIR=world.official)
    monkeypatch.setattr(zipfile, "ZipFile", refuse)
    with pytest.raises(DataError, match=r"may not be read(.|\n)*mnist\.npz"):
        cu.load("mnist")


def test_when_started_from_another_folder_then_relative_paths_are_those_of_that_folder(world, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    world.set(COURSE_DATA_DIR="official")
    assert cu.load("mnist").source.location == str(tmp_path / "official" / "mnist.npz")
