"""Faults 14 to 16: archives that reach outside, bombs, damaged ones."""

import gzip
import io
import os
import pickle
import stat
import tarfile
import zipfile
from dataclasses import replace

import numpy as np
import pytest
import tiny

from course_utils.data import archives, catalog
from course_utils.data.archives import Limits, extract, read_cifar
from course_utils.errors import ArchiveError, DiskError


@pytest.fixture
def world(monkeypatch, tmp_path):
    return tiny.World(monkeypatch, tmp_path)


def zipped(path, names):
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, b"content")
    return path


def tarred(path, infos):
    with tarfile.open(path, "w:gz") as archive:
        for info in infos:
            archive.addfile(info, io.BytesIO(bytes(info.size)) if info.isreg() else None)
    return path


def entry(name, kind=tarfile.REGTYPE, target="", size=0):
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, target, size
    return info


def untouched(tmp_path):
    """Only the archive is there: nothing unpacked, here or one folder up."""
    return [path.name for path in tmp_path.iterdir()] == ["archive"]


# 14 -------------------------------------------------------------------------------------------------------------------
OUTSIDE = [
    "../evil",
    "a/../../evil",
    "/etc/evil",
    "C:/evil",
    "c:evil",
    "good.png:evil",
    "..\\evil",
    "\\\\server\\evil",
    "..",
]


@pytest.mark.parametrize("name", OUTSIDE)
@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_when_a_member_points_outside_then_the_whole_archive_is_refused(tmp_path, kind, name):
    path = tmp_path / "archive"
    if kind == "zip":
        zipped(path, ["good", name])
    else:
        tarred(path, [entry("good", size=3), entry(name)])
    with pytest.raises(ArchiveError) as caught:
        extract(path, tmp_path / "out")
    assert name.split("\\")[-1].strip("/") in str(caught.value)
    assert untouched(tmp_path)


LINKS = [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE]


@pytest.mark.parametrize("kind", LINKS)
def test_when_a_member_is_a_link_or_device_then_the_whole_archive_is_refused(tmp_path, kind):
    path = tarred(tmp_path / "archive", [entry("good", size=3), entry("bad", kind, "good")])
    with pytest.raises(ArchiveError, match="'bad'"):
        extract(path, tmp_path / "out")
    assert untouched(tmp_path)


def test_when_a_zip_holds_a_symbolic_link_then_it_is_refused(tmp_path):
    info = zipfile.ZipInfo("link")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "archive", "w") as archive:
        archive.writestr(info, "/etc")
    with pytest.raises(ArchiveError, match="link"):
        extract(tmp_path / "archive", tmp_path / "out")
    assert untouched(tmp_path)


def test_when_two_members_have_one_name_then_the_archive_is_refused(tmp_path):
    path = tarred(tmp_path / "archive", [entry("a/Image.png"), entry("a/image.PNG")])
    with pytest.raises(ArchiveError, match="same name"):
        extract(path, tmp_path / "out")


# 15 -------------------------------------------------------------------------------------------------------------------
def test_when_a_zip_would_grow_enormously_then_it_is_refused_from_its_headers(tmp_path):
    with zipfile.ZipFile(tmp_path / "archive", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(60_000_000))
    with pytest.raises(ArchiveError, match="would grow"):
        extract(tmp_path / "archive", tmp_path / "out")
    assert untouched(tmp_path)


def test_when_a_tar_claims_a_huge_member_then_it_is_refused_before_unpacking(tmp_path):
    header = entry("huge", size=10**13).tobuf(tarfile.GNU_FORMAT)
    (tmp_path / "archive").write_bytes(gzip.compress(header + bytes(1024)))
    with pytest.raises(ArchiveError, match="would grow"):
        extract(tmp_path / "archive", tmp_path / "out")
    assert untouched(tmp_path)


@pytest.mark.parametrize("kind", [tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE])
def test_when_a_tar_claims_an_endless_name_then_no_memory_is_taken(tmp_path, kind):
    header = entry("name", kind, size=2**33).tobuf(tarfile.GNU_FORMAT)
    (tmp_path / "archive").write_bytes(gzip.compress(header + bytes(10_000)))
    with pytest.raises(ArchiveError, match="at once"):
        extract(tmp_path / "archive", tmp_path / "out")
    assert untouched(tmp_path)


def test_when_there_are_too_many_members_then_the_archive_is_refused(tmp_path):
    path = zipped(tmp_path / "archive", [str(number) for number in range(30)])
    with pytest.raises(ArchiveError, match="more than 20 members"):
        extract(path, tmp_path / "out", Limits(members=20))
    assert untouched(tmp_path)


# 16 -------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "content", [b"", b"<!DOCTYPE html><html>Log in</html>", b"PK\x03\x04 rubbish", b"\x1f\x8b\x08 no"]
)
def test_when_it_is_no_archive_then_it_is_called_damaged(tmp_path, content):
    (tmp_path / "archive").write_bytes(content)
    with pytest.raises(ArchiveError, match="damaged") as caught:
        extract(tmp_path / "archive", tmp_path / "out")
    if b"html" in content:
        assert "web page" in str(caught.value)
    assert untouched(tmp_path)


@pytest.mark.parametrize("kind", ["zip", "tar", "gz"])
def test_when_an_archive_is_cut_short_then_nothing_is_unpacked(tmp_path, kind):
    path = tmp_path / "archive"
    content = np.random.default_rng(0).bytes(50_000)
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("file", content)
    else:
        path.write_bytes(tiny.tar({"file": content}, "w" if kind == "tar" else "w:gz"))
    whole = path.read_bytes()
    for length in (100, len(whole) // 2, len(whole) - 600 if kind != "tar" else 50_000):
        path.write_bytes(whole[:length])
        with pytest.raises(ArchiveError):
            extract(path, tmp_path / "out")
        assert untouched(tmp_path)


def test_when_unpacking_is_interrupted_then_the_folder_does_not_appear(tmp_path, monkeypatch):
    path = zipped(tmp_path / "archive", ["one", "two"])
    write = archives._write

    def interrupted(archive, member, target):
        if member.name == "two":
            raise KeyboardInterrupt
        write(archive, member, target)

    with monkeypatch.context() as patch:
        patch.setattr(archives, "_write", interrupted)
        with pytest.raises(KeyboardInterrupt):
            extract(path, tmp_path / "out")
    assert untouched(tmp_path)
    assert sorted(file.name for file in extract(path, tmp_path / "out").iterdir()) == ["one", "two"]


@pytest.mark.parametrize("kind", ["zip", "w", "w:gz"])
def test_when_an_archive_is_good_then_it_is_unpacked(tmp_path, kind):
    files = {"cats/1.png": b"one", "dogs/été 2.png": b"two"}
    path = tmp_path / "archive"
    if kind == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
    else:
        path.write_bytes(tiny.tar(files, kind))
    out = extract(path, tmp_path / "new" / "out")
    assert {str(file.relative_to(out)): file.read_bytes() for file in out.rglob("*.png")} == files
    with pytest.raises(DiskError, match="already"):
        extract(path, out)


# CIFAR ----------------------------------------------------------------------------------------------------------------
def written(world, tmp_path, pickled):
    path = tmp_path / "cifar.tar.gz"
    path.write_bytes(tiny.cifar_archive(world.arrays["cifar10"], pickled=pickled))
    return path


def test_when_cifars_archive_is_good_then_images_have_their_channels_last(world, tmp_path):
    arrays = read_cifar(written(world, tmp_path, None), catalog.card("cifar10"))
    for key, array in world.arrays["cifar10"].items():
        assert np.array_equal(arrays[key], array)
    assert arrays["x_train"].dtype == "uint8" and arrays["y_train"].dtype == "int64"


def test_when_cifars_pickle_is_from_python_2_then_it_is_read(world, tmp_path):
    # What Python 2's pickle writes, byte by byte: text as bytes, NumPy's constructor called by its old name.
    images, labels = world.arrays["cifar10"]["x_test"], world.arrays["cifar10"]["y_test"]
    values = images.transpose(0, 3, 1, 2).tobytes()
    old = b"".join(
        [
            b"\x80\x02}(U\x04datacnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R",
            b"(K\x01K\x0aM\x00\x0c\x86cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R",
            b"(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89",
            b"T" + len(values).to_bytes(4, "little") + values + b"tb",
            b"U\x06labels](" + b"".join(b"K" + bytes([label]) for label in labels) + b"eu.",
        ]
    )
    arrays = read_cifar(written(world, tmp_path, old), catalog.card("cifar10"))
    assert np.array_equal(arrays["x_test"], images) and np.array_equal(arrays["y_test"], labels)


class Malicious:
    def __reduce__(self):
        return (os.mkdir, ("pwned",))


@pytest.mark.parametrize("value", [Malicious(), print, np.random.default_rng, np.array([Malicious()], object)])
def test_when_a_pickle_wants_to_run_code_then_it_is_refused_and_not_run(world, tmp_path, monkeypatch, value):
    monkeypatch.chdir(tmp_path)
    path = written(world, tmp_path, pickle.dumps({b"data": value, b"labels": [0] * 10}, protocol=4))
    with pytest.raises(ArchiveError, match="code to be run"):
        read_cifar(path, catalog.card("cifar10"))
    assert not (tmp_path / "pwned").exists()


def plain(**changes):
    content = {b"data": np.zeros((10, 3072), "uint8"), b"labels": [0] * 10}
    content |= {key.encode(): value for key, value in changes.items()}
    return pickle.dumps(content, protocol=4)


WRONG = {
    "not a dictionary": pickle.dumps([1, 2]),
    "no images": pickle.dumps({b"labels": [0] * 10}),
    "other shape": plain(data=np.zeros((9, 3072), "uint8")),
    "floats": plain(data=np.zeros((10, 3072), "float64")),
    "too few labels": plain(labels=[0] * 9),
    "labels are text": plain(labels=["a"] * 10),
    "labels are numbers in text": plain(labels=["1"] * 10),
    "labels are fractions": plain(labels=[0.5] * 10),
    "labels are huge": plain(labels=[10**30] * 10),
    "images are text": plain(data="text"),
    "cut": plain()[:500],
    "rubbish": b"rubbish",
    "empty": b".",
}


@pytest.mark.parametrize("pickled", WRONG.values(), ids=WRONG.keys())
def test_when_a_batch_is_not_what_it_should_be_then_it_is_an_archive_error(world, tmp_path, pickled):
    with pytest.raises(ArchiveError):
        read_cifar(written(world, tmp_path, pickled), catalog.card("cifar10"))


def test_when_a_batch_is_missing_then_it_is_named(world, tmp_path):
    path = tmp_path / "cifar.tar.gz"
    path.write_bytes(tiny.tar({"cifar-10-batches-py/test_batch": plain()}))
    with pytest.raises(ArchiveError, match="data_batch_1"):
        read_cifar(path, catalog.card("cifar10"))


def test_when_it_is_cifar_100_then_the_fine_labels_are_read(world, tmp_path):
    arrays = world.arrays["cifar10"]
    parts = {}
    for split in ("train", "test"):
        flat = np.ascontiguousarray(arrays[f"x_{split}"].transpose(0, 3, 1, 2)).reshape(-1, 3072)
        fine = [int(label) + 50 for label in arrays[f"y_{split}"]]
        content = {b"data": flat, b"fine_labels": fine, b"coarse_labels": [0] * len(fine)}
        parts[f"cifar-100-python/{split}"] = pickle.dumps(content, protocol=2 + 2)
    (tmp_path / "cifar.tar.gz").write_bytes(tiny.tar(parts))
    read = read_cifar(tmp_path / "cifar.tar.gz", replace(catalog.card("cifar10"), name="cifar100"))
    assert np.array_equal(read["x_train"], arrays["x_train"])
    assert np.array_equal(read["y_test"], arrays["y_test"].astype(int) + 50)
