"""CIFAR-100 through the one door: official archive and image folders, neither of which the other tests have."""

import hashlib
import pickle
from dataclasses import replace

import numpy as np
import pytest
import tiny

import course_utils as cu
from course_utils.data import catalog
from course_utils.data.catalog import RemoteFile
from course_utils.errors import IntegrityError

NAME = "cifar-100-python.tar.gz"
SIZES = {"train": 200, "test": 100}


@pytest.fixture
def arrays():
    generator = np.random.default_rng(100)
    return {
        **{f"x_{split}": generator.integers(0, 256, (n, 32, 32, 3), "uint8") for split, n in SIZES.items()},
        **{f"y_{split}": generator.permutation(np.arange(n) % 100) for split, n in SIZES.items()},
    }


def archive_of(arrays):
    members = {}
    for split in SIZES:
        flat = np.ascontiguousarray(arrays[f"x_{split}"].transpose(0, 3, 1, 2)).reshape(-1, 3072)
        fine = arrays[f"y_{split}"].tolist()
        batch = {b"data": flat, b"fine_labels": fine, b"coarse_labels": [n // 5 for n in fine]}
        members[f"cifar-100-python/{split}"] = pickle.dumps(batch, protocol=4)
    return tiny.tar(members)


@pytest.fixture
def card(monkeypatch, tmp_path, arrays):
    """The real card, for a tiny archive that lies in a prepared folder."""
    card = catalog.CATALOG["cifar100"]
    tiny.World(monkeypatch, tmp_path)
    content = archive_of(arrays)
    (tmp_path / "prepared").mkdir()
    (tmp_path / "prepared" / NAME).write_bytes(content)
    file = RemoteFile(NAME, ("https://example.org/x",), len(content), hashlib.sha256(content).hexdigest())
    card = replace(card, sizes=SIZES, files=(file,), practice=False)
    monkeypatch.setitem(catalog.CATALOG, "cifar100", card)
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "prepared"))
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    return card


def test_when_the_official_archive_lies_there_then_it_is_read_and_verified(card, arrays):
    data = cu.load("cifar100")
    assert (data.variant, data.source.verified, len(data.classes)) == ("cifar100", True, 100)
    for split in ("train", "test"):
        assert np.array_equal(getattr(data, split).images, arrays[f"x_{split}"])
        assert np.array_equal(getattr(data, split).labels, arrays[f"y_{split}"])
    assert data.train.labels.dtype == "int64" and data.parts == {} and data.folder is None


def test_when_one_byte_of_it_differs_then_it_is_refused_before_unpickling(card, tmp_path):
    path = tmp_path / "prepared" / NAME
    content = bytearray(path.read_bytes())
    content[500] ^= 1
    path.write_bytes(content)
    with pytest.raises(IntegrityError, match="SHA-256"):
        cu.load("cifar100")


@pytest.mark.parametrize("name", ["cifar100", "cifar-100"])
def test_when_image_folders_lie_there_then_all_hundred_classes_are_read(card, tmp_path, name):
    (tmp_path / "prepared" / NAME).unlink()
    tiny.image_folder(tmp_path / "prepared" / name, card.classes, per_class=1)
    data = cu.load("cifar100")
    assert (data.variant, data.source.verified) == ("cifar100/png", False)
    assert data.train.counts() == dict.fromkeys(card.classes, 1) == data.test.counts()
