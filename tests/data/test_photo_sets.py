"""Official archives of photographs: fetched, unpacked once, complete or not there at all."""

import io
import multiprocessing
import shutil
import sys
import tarfile

import pytest
import servers
import tiny_photos

import course_utils as cu
from course_utils import data
from course_utils.data import archives, photo_sets
from course_utils.data.catalog import RemoteFile
from course_utils.errors import ArchiveError, DataError, DiskError, IntegrityError

NAME = "imagenette2-160.tgz"


@pytest.fixture
def server(tmp_path):
    with servers.serving(tmp_path / "official") as running:
        yield running


@pytest.fixture
def world(monkeypatch, tmp_path, server):
    return tiny_photos.PhotoWorld(monkeypatch, tmp_path, server.address)


@pytest.fixture
def unpacked(world):
    """The folder with the splits, unpacked."""
    return cu.load("imagenette").folder


def leftovers(world):
    return [path for path in (world.cache / "photos").glob(".*") if path.suffix != ".lock"]


def test_when_nothing_is_there_then_the_archive_is_fetched_and_unpacked_and_verified(world, server):
    dataset = cu.load("imagenette", image_size=64)
    assert (len(dataset.train), len(dataset.test)) == (30, 10)
    assert (dataset.variant, dataset.source.kind, dataset.source.verified) == ("imagenette", "download", True)
    assert dataset.folder == world.cache / "photos" / "imagenette" / "imagenette2-160"
    assert server.requests == [NAME] and not leftovers(world)
    assert dataset.train.images[0].shape == (64, 64, 3)


def test_when_it_is_unpacked_then_neither_network_nor_archive_is_needed(world, server, unpacked):
    world.cached(NAME).unlink()
    world.set(COURSE_OFFLINE=1)
    dataset = cu.load("imagenette")
    assert (dataset.variant, dataset.source.kind, dataset.source.verified) == ("imagenette", "cache", True)
    assert cu.dataset_source("imagenette").kind == "cache" and server.requests == [NAME]


def test_when_the_archive_lies_in_the_data_folder_then_it_is_unpacked_into_the_cache(world, server):
    world.set(COURSE_DATA_DIR=world.official, COURSE_OFFLINE=1)
    dataset = cu.load("imagenette")
    assert (dataset.source.kind, dataset.source.verified, dataset.variant) == ("folder", True, "imagenette")
    assert world.cache in dataset.folder.parents and server.requests == []
    assert sorted(path.name for path in world.official.iterdir()) == sorted(
        ["cifar-10-python.tar.gz", "fashion-mnist", NAME, "mnist.npz"]
    )


def test_when_a_file_goes_or_shrinks_then_all_is_unpacked_again_without_network(world, server, unpacked):
    world.set(COURSE_OFFLINE=1)
    first, second = sorted(unpacked.rglob("*.JPEG"))[:2]
    before = first.read_bytes()
    first.write_bytes(before[:100])
    second.unlink()
    assert len(cu.load("imagenette").train) == 30
    assert first.read_bytes() == before and second.exists() and server.requests == [NAME]


def test_when_somebody_put_files_there_then_they_are_kept_beside_what_is_unpacked_again(world, unpacked, capsys):
    (unpacked / "labels.csv").write_text("mine")
    shutil.copy(next(unpacked.rglob("*.JPEG")), unpacked / "train" / "n01440764" / "my fish.JPEG")
    (unpacked / "train" / ".DS_Store").write_text("junk")
    dataset = cu.load("imagenette")
    assert len(dataset.train) == 30 and dataset.source.verified and not (unpacked / "labels.csv").exists()
    (kept,) = unpacked.parent.parent.glob("imagenette.kept-*")
    assert str(kept) in capsys.readouterr().out
    assert sorted(path.name for path in kept.rglob("*") if path.is_file()) == ["labels.csv", "my fish.JPEG"]
    assert next(kept.rglob("labels.csv")).read_text() == "mine"


def test_when_windows_leaves_its_files_there_then_nothing_is_unpacked_again(world, unpacked, capsys):
    (unpacked / "train" / "n01440764" / "Thumbs.db").write_text("junk")
    capsys.readouterr()
    assert len(cu.load("imagenette").train) == 30 and "Unpacking" not in capsys.readouterr().out


def test_when_it_is_damaged_and_the_archive_is_gone_then_it_is_fetched_again(world, server, unpacked):
    world.cached(NAME).unlink()
    shutil.rmtree(unpacked / "val")
    assert len(cu.load("imagenette").test) == 10
    assert server.requests == [NAME, NAME]


def test_when_one_bit_flips_then_fetch_notices_and_repairs(world, server, unpacked):
    file = next(unpacked.rglob("*.JPEG"))
    before = file.read_bytes()
    file.write_bytes(before[:-20] + bytes([before[-20] ^ 1]) + before[-19:])
    source = data.fetch("imagenette")
    assert source.verified and file.read_bytes() == before and server.requests == [NAME]


def test_when_fetched_then_it_says_where_it_is_and_does_nothing_the_second_time(world, server):
    folder = world.cache / "photos" / "imagenette"
    assert data.fetch("imagenette").location == str(folder)
    changed = (folder / photo_sets.MANIFEST).stat().st_mtime_ns
    assert data.fetch("imagenette").verified
    assert (folder / photo_sets.MANIFEST).stat().st_mtime_ns == changed and server.requests == [NAME]


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_when_unpacking_is_interrupted_then_nothing_counts_as_complete_and_the_next_call_succeeds(
    world, monkeypatch, error
):
    write, count = archives._write, []

    def interrupted(*arguments):
        count.append(1)
        if len(count) == 25:
            raise error
        write(*arguments)

    monkeypatch.setattr(archives, "_write", interrupted)
    world.set(COURSE_DATA="full")
    with pytest.raises(KeyboardInterrupt if error is KeyboardInterrupt else DiskError) as caught:
        cu.load("imagenette")
    assert error is KeyboardInterrupt or "disk is full" in str(caught.value)
    assert not (world.cache / "photos" / "imagenette").exists() and not leftovers(world)
    monkeypatch.setattr(archives, "_write", write)
    assert len(cu.load("imagenette").train) == 30


def test_when_the_process_is_killed_while_unpacking_then_what_is_left_is_no_data_set(world):
    # A killed process leaves the folder under its temporary name.
    part = world.cache / "photos" / ".imagenette.abc.part" / "imagenette2-160" / "train"
    part.mkdir(parents=True)
    assert len(cu.load("imagenette").train) == 30


def test_when_the_archive_holds_something_else_then_nothing_is_left(world, monkeypatch):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        tar.addfile(tarfile.TarInfo("other/readme.txt"))
    put(world, buffer.getvalue())
    with pytest.raises(DataError, match=r"holds no photographs(.|\n)*train/<class>"):
        data.fetch("imagenette")
    assert not (world.cache / "photos" / "imagenette").exists() and not leftovers(world)


def test_when_a_member_points_outside_then_the_archive_is_refused(world):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        tar.addfile(tarfile.TarInfo("imagenette2-160/../../evil"))
    put(world, buffer.getvalue())
    with pytest.raises(ArchiveError, match="points outside"):
        data.fetch("imagenette")
    assert not list(world.cache.rglob("evil*"))


def test_when_the_server_has_another_file_then_hashes_are_told_and_nothing_is_unpacked(world, server):
    server.misbehave(NAME, servers.replace(b"x" * 5000))
    with pytest.raises(IntegrityError, match="SHA-256"):
        data.fetch("imagenette")
    assert not (world.cache / "photos").exists()


def test_when_the_cache_may_not_be_written_then_the_variable_is_named(world, tmp_path):
    (tmp_path / "file").write_text("")
    world.fill_cache()
    world.set(COURSE_DATA_DIR=world.official, COURSE_CACHE_DIR=world.cache)
    (world.cache / "photos").write_text("in the way")
    with pytest.raises(DiskError, match="COURSE_CACHE_DIR"):
        cu.load("imagenette")


# Hashes ---------------------------------------------------------------------------------------------------------------
def put(world, content, **known):
    """Make `content` the official archive."""
    import hashlib
    from dataclasses import replace

    (world.official / NAME).write_bytes(content)
    known = known or {"sha256": hashlib.sha256(content).hexdigest()}
    world.use(replace(world.photos, files=(RemoteFile(NAME, world.photos.files[0].urls, len(content), **known),)))


@pytest.fixture
def content(world):
    return (world.official / NAME).read_bytes()


def test_when_only_an_md5_was_published_then_it_is_compared(world, content):
    import hashlib

    put(world, content, md5=hashlib.md5(content).hexdigest())
    assert cu.load("imagenette").source.verified is True
    put(world, content, md5="0" * 32)
    shutil.rmtree(world.cache)
    with pytest.raises(IntegrityError, match=f"MD5 {'0' * 32}"):
        data.fetch("imagenette")


def test_when_no_hash_was_published_then_it_is_used_and_called_unverified(world, content, capsys):
    put(world, content, sha256="")
    dataset = cu.load("imagenette")
    assert (dataset.source.verified, dataset.variant) == (False, "imagenette/jpeg")
    told = capsys.readouterr().out
    assert "unverified: nobody published its hash" in told and "(unverified)" in told
    assert data.fetch("imagenette").verified is False


def test_when_an_earlier_packing_is_found_then_it_is_accepted(world, content):
    import hashlib
    from dataclasses import replace

    file = RemoteFile(NAME, ("x",), 7, "0" * 64, earlier=((len(content), hashlib.sha256(content).hexdigest()),))
    world.use(replace(world.photos, files=(file,)))
    world.set(COURSE_DATA_DIR=world.official)
    assert cu.load("imagenette").source.verified is True


# Several kernels ------------------------------------------------------------------------------------------------------
@pytest.mark.skipif(sys.platform == "win32", reason="uses fork")
def test_when_several_kernels_load_at_once_then_all_get_everything_and_it_is_fetched_once(world, server):
    context = multiprocessing.get_context("fork")
    counts = context.Queue()

    def kernel():
        dataset = cu.load("imagenette")
        counts.put((len(dataset.train), len(dataset.test), dataset.variant))

    processes = [context.Process(target=kernel, daemon=True) for _ in range(3)]
    for process in processes:
        process.start()
    assert [counts.get(timeout=30) for _ in processes] == [(30, 10, "imagenette")] * 3
    for process in processes:
        process.join(10)
    assert server.requests == [NAME] and not leftovers(world)
