"""Faults 17 and 18: arrays and image folders that are not what they should be."""

import gzip
import struct
import tracemalloc
import zipfile
import zlib

import numpy as np
import pytest
import tiny

import course_utils as cu
from course_utils.data import catalog, folders
from course_utils.data.arrays import Wanted, read_idx, read_npz
from course_utils.errors import DataError, IntegrityError

CLASSES = catalog.card("cifar10").classes


@pytest.fixture
def world(monkeypatch, tmp_path):
    return tiny.World(monkeypatch, tmp_path)


@pytest.fixture
def prepared(world, tmp_path):
    """An empty folder as COURSE_DATA_DIR."""
    folder = tmp_path / "prepared"
    folder.mkdir()
    world.set(COURSE_DATA_DIR=folder, COURSE_OFFLINE=1)
    return folder


# 17 -------------------------------------------------------------------------------------------------------------------
def test_when_an_array_is_pickled_then_it_is_refused_and_no_switch_is_suggested(prepared, world):
    np.savez(prepared / "mnist.npz", **world.arrays["mnist"] | {"y_train": np.array([1, "two", None], object)})
    with pytest.raises(DataError) as caught:
        cu.load("mnist")
    assert "y_train" in str(caught.value) and "holds pickled Python objects" in str(caught.value)
    assert "allow_pickle" not in str(caught.value)


def test_when_nothing_is_wanted_in_particular_then_pickled_arrays_are_refused_all_the_same(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.array([1, None], object))
    with pytest.raises(DataError, match="holds pickled Python objects"):
        read_npz(tmp_path / "a.npz")


def test_when_keys_are_missing_then_found_and_wanted_are_listed(prepared, world):
    np.savez(prepared / "mnist.npz", images=world.arrays["mnist"]["x_train"], y_train=world.arrays["mnist"]["y_train"])
    with pytest.raises(DataError, match=r"x_train, x_test, y_test(.|\n)*images"):
        cu.load("mnist")


CHANGES = {
    "floats": (lambda x: x / np.float32(255), r"uint8 \(30, 28, 28\)(.|\n)*float32(.|\n)*0–255"),
    "too few": (lambda x: x[:7], r"uint8 \(30, 28, 28\)(.|\n)*uint8 \(7, 28, 28\)"),
    "flat": (lambda x: x.reshape(30, -1), r"uint8 \(30, 784\)"),
    "axes moved": (lambda x: np.moveaxis(x, 0, -1), "axes are in another order"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_when_an_array_has_another_form_then_found_and_wanted_are_told(prepared, world, change):
    alter, message = change
    arrays = world.arrays["mnist"]
    np.savez(prepared / "mnist.npz", **arrays | {"x_train": alter(arrays["x_train"])})
    with pytest.raises(DataError, match=message):
        cu.load("mnist")


def test_when_channels_come_first_then_the_fix_is_named(prepared, world):
    arrays = world.arrays["cifar10"]
    np.savez(prepared / "cifar10.npz", **arrays | {"x_test": arrays["x_test"].transpose(0, 3, 1, 2)})
    with pytest.raises(DataError, match="moveaxis"):
        cu.load("cifar10")


def test_when_labels_name_no_class_then_their_range_is_told(prepared, world):
    arrays = world.arrays["cifar10"]
    np.savez(prepared / "cifar10.npz", **arrays | {"y_test": arrays["y_test"] + 1})
    with pytest.raises(DataError, match=r"0 to 9(.|\n)*1 to 10"):
        cu.load("cifar10")


def test_when_labels_are_stored_as_int64_then_they_are_the_same_labels(prepared, world):
    arrays = world.arrays["mnist"]
    np.savez(prepared / "mnist.npz", **arrays | {"y_train": arrays["y_train"].astype("int64")})
    assert cu.load("mnist").source.verified


def test_when_one_pixel_differs_then_the_array_is_named(prepared, world):
    arrays = {key: array.copy() for key, array in world.arrays["mnist"].items()}
    arrays["x_test"][3, 4, 5] ^= 1
    np.savez(prepared / "mnist.npz", **arrays)
    with pytest.raises(IntegrityError, match=r"not the published one: x_test\."):
        cu.load("mnist")
    assert (prepared / "mnist.npz").exists()


def test_when_a_label_of_another_type_wraps_around_then_it_is_not_taken_for_verified(prepared, world):
    arrays = world.arrays["mnist"]
    np.savez(prepared / "mnist.npz", **arrays | {"y_train": arrays["y_train"].astype("int64") + 256})
    with pytest.raises(DataError):
        cu.load("mnist")


def claiming(path, shape):
    """Write an .npz whose header claims a shape and which holds ten bytes."""
    header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "x_train.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + bytes(10)
        )


@pytest.mark.parametrize("shape", [(10**12,), (2**40, 2**40), (60_000, 28, 28)])
def test_when_a_header_claims_a_huge_array_then_no_memory_is_taken(tmp_path, shape):
    claiming(tmp_path / "a.npz", shape)
    tracemalloc.start()
    with pytest.raises(DataError):
        read_npz(tmp_path / "a.npz")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5e6


def test_when_an_idx_header_claims_a_huge_array_then_no_memory_is_taken(tmp_path):
    (tmp_path / "a.gz").write_bytes(gzip.compress(struct.pack(">4B3I", 0, 0, 8, 3, 2**31, 2**31, 2**31)))
    with pytest.raises(DataError, match="too large"):
        read_idx(tmp_path / "a.gz")
    with pytest.raises(DataError, match=r"uint8 \(n, 28, 28\)"):
        read_idx(tmp_path / "a.gz", Wanted((None, 28, 28)))


HEADERS = [b"", b"\x93NUMPY", b"\x93NUMPY\x01\x00\xff\xff", b"\x93NUMPY\x09\x00" + bytes(200), b"no array at all"]


@pytest.mark.parametrize("content", HEADERS)
def test_when_an_array_has_no_proper_header_then_the_file_is_damaged(tmp_path, content):
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("x.npy", content)
    with pytest.raises(IntegrityError):
        read_npz(tmp_path / "a.npz")


@pytest.mark.parametrize("content", [b"", b"<!DOCTYPE html><title>Log in</title>", b"PK\x03\x04nonsense"])
def test_when_a_file_is_no_npz_then_it_is_called_what_it_is(tmp_path, content):
    (tmp_path / "mnist.npz").write_bytes(content)
    with pytest.raises(IntegrityError) as caught:
        read_npz(tmp_path / "mnist.npz")
    wanted = "web page" if b"html" in content else "bytes" if content else "empty"
    assert wanted in str(caught.value)


# 18 -------------------------------------------------------------------------------------------------------------------
def test_when_there_is_junk_then_it_is_left_out_and_counted(prepared):
    root = tiny.image_folder(prepared / "cifar10", CLASSES)
    junk = [
        root / "train" / "cat" / name for name in (".DS_Store", "Thumbs.db", "._0000.png", "desktop.ini", "notes.txt")
    ]
    junk.append(root / "train" / ".DS_Store")
    for folder in (
        root / "train" / "__MACOSX",
        root / "test" / ".ipynb_checkpoints",
        root / "test/dog/.ipynb_checkpoints",
    ):
        folder.mkdir()
        junk.append(folder / "0.png")
    for path in junk:
        path.write_bytes(b"junk")
    dataset = cu.load("cifar10")
    assert len(dataset.train) == len(dataset.test) == 20
    assert "9 files" in dataset.source.note and ".DS_Store" in dataset.source.note
    assert all(path.exists() for path in junk)


def broken(root, how):
    if how == "empty class":
        for file in (root / "train" / "cat").iterdir():
            file.unlink()
    elif how == "missing class":
        broken(root, "empty class")
        (root / "train" / "cat").rmdir()
    elif how == "one class":
        for name in CLASSES[1:]:
            (root / "train" / name).rename(root / f"elsewhere {name}")
    elif how == "other classes":
        (root / "test" / "cat").rename(root / "test" / "kitten")
    else:
        (root / "train" / "cat" / "more").mkdir()


BROKEN = {
    "empty class": "no images for cat",
    "missing class": "no images for cat",
    "one class": "no images for automobile, bird",
    "other classes": "unknown classes kitten",
    "nested": "folders inside a class",
}


@pytest.mark.parametrize("how", BROKEN)
def test_when_the_classes_are_not_right_then_a_table_shows_all_of_them(prepared, how):
    broken(tiny.image_folder(prepared / "cifar10", CLASSES), how)
    with pytest.raises(DataError, match=BROKEN[how]) as caught:
        cu.load("cifar10")
    message = str(caught.value)
    assert "class" in message and "train" in message and "test" in message
    assert all(name in message for name in CLASSES)
    assert "Rename or complete" in message


def test_when_one_image_cannot_be_used_then_it_is_not_called_several(prepared):
    root = tiny.image_folder(prepared / "cifar10", CLASSES)
    (root / "train" / "cat" / "zero.png").write_bytes(b"")
    with pytest.raises(DataError, match="1 file cannot be used as an image of"):
        cu.load("cifar10")


def test_when_images_cannot_be_used_then_all_are_listed_with_reasons_and_none_is_touched(prepared):
    from PIL import Image

    root = tiny.image_folder(prepared / "cifar10", CLASSES)
    good = (root / "train" / "cat" / "0000.png").read_bytes()
    bad = {"zero.png": b"", "text.jpg": b"hello", "cut.png": good[:60]}
    for name, content in bad.items():
        (root / "train" / "cat" / name).write_bytes(content)
    Image.new("RGB", (33, 32)).save(root / "test" / "dog" / "large.png")
    Image.new("RGB", (32, 32)).save(root / "test" / "dog" / "other.jpg", format="TIFF")
    with pytest.raises(DataError) as caught:
        cu.load("cifar10")
    message = str(caught.value)
    assert "5 files" in message and "33×32 pixels, not 32×32" in message
    assert all(name in message for name in [*bad, "large.png", "other.jpg"])
    assert all((root / "train" / "cat" / name).read_bytes() == content for name, content in bad.items())


def test_when_an_image_claims_enormous_dimensions_then_it_is_refused_from_its_header(prepared):
    root = tiny.image_folder(prepared / "cifar10", CLASSES)
    file = root / "train" / "cat" / "0000.png"
    content = bytearray(file.read_bytes())
    content[16:24] = struct.pack(">2I", 60_000, 60_000)
    content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
    file.write_bytes(content)
    with pytest.raises(DataError, match=r"0000\.png"):
        cu.load("cifar10")


def test_when_many_files_are_bad_then_the_message_stays_readable(prepared, monkeypatch):
    monkeypatch.setattr(folders, "_SHOWN", 3)
    root = tiny.image_folder(prepared / "cifar10", CLASSES)
    for file in root.rglob("0001.png"):
        file.write_bytes(b"")
    with pytest.raises(DataError, match="and 17 more"):
        cu.load("cifar10")
