"""Data sets of a few images with cards, digests and official files of their own, for the tests of the data door."""

import gzip
import hashlib
import io
import pickle
import struct
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import servers

from course_utils.data import announcing, catalog, download, locking, sources
from course_utils.data.arrays import digest
from course_utils.data.catalog import RemoteFile

SIZES = {"train": 30, "test": 10}
IDX = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
KEYS = ("x_train", "y_train", "x_test", "y_test")


class World:
    """Replaces the catalog by three tiny data sets whose official files lie in ``official/``.

    Attributes
    ----------
    official : Path
        Laid out like a mirror or a prepared data folder.
    arrays : dict of str to dict of str to ndarray
        Content by data set.
    """

    def __init__(self, monkeypatch, folder, address=None):
        self.monkeypatch = monkeypatch
        self.official = folder / "official"
        self.cache = folder / "cache"
        self.address = address or servers.closed_address()
        self.arrays = {name: make_arrays(name) for name in ("mnist", "fashion_mnist", "cifar10")}
        write_official(self.official, self.arrays)
        cards = {name: tiny_card(name, self) for name in self.arrays}
        monkeypatch.setattr(catalog, "CATALOG", cards)
        monkeypatch.setattr(sources, "SAMPLES", folder / "samples")
        monkeypatch.setattr(sources, "SYSTEM_ROOT", folder / "system")
        monkeypatch.setattr(announcing, "_explained", set())
        monkeypatch.setattr(download, "_failed", {})
        monkeypatch.setattr(download, "_sleep", lambda seconds: None)
        monkeypatch.setattr(locking, "_pause", lambda seconds: None)
        write_samples(folder / "samples", self.arrays)
        self.set(COURSE_CACHE_DIR=self.cache, COURSE_TIMEOUT=0.5)

    def set(self, **variables):
        """Set environment variables."""
        for name, value in variables.items():
            self.monkeypatch.setenv(name, str(value))

    def cached(self, path):
        """Return where the cache keeps an official file."""
        return self.cache / "data" / path

    def fill_cache(self):
        """Put every official file into the cache."""
        for file in self.official.rglob("*"):
            if file.is_file():
                target = self.cached(file.relative_to(self.official))
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(file.read_bytes())


def make_arrays(name):
    """Return random images and labels, every class present."""
    generator = np.random.default_rng(list(name.encode()))
    shape = (28, 28) if "mnist" in name else (32, 32, 3)
    arrays = {}
    for split, n in SIZES.items():
        arrays[f"x_{split}"] = generator.integers(0, 256, (n, *shape), dtype="uint8")
        arrays[f"y_{split}"] = generator.permutation(np.arange(n, dtype="uint8") % 10)
    return arrays


def tiny_card(name, world):
    """Return the real card with sizes, digests, files and addresses of the tiny data set."""
    card = catalog.CATALOG[name]
    files = []
    for file in card.files:
        content = (world.official / file.path).read_bytes()
        sha256 = hashlib.sha256(content).hexdigest()
        files.append(RemoteFile(file.path, (f"{world.address}/{file.path}",), len(content), sha256))
    digests = {key: digest(array) for key, array in world.arrays[name].items()}
    sample = card.sample and replace(card.sample, sizes=SIZES, digests=digests)
    return replace(
        card, sizes=SIZES, files=tuple(files), digests=digests if card.digests else {}, sample=sample, practice=False
    )


def write_official(folder, arrays):
    """Write mnist.npz, fashion-mnist/*.gz and cifar-10-python.tar.gz."""
    (folder / "fashion-mnist").mkdir(parents=True)
    np.savez_compressed(folder / "mnist.npz", **arrays["mnist"])
    for name, key in zip(IDX, KEYS, strict=True):
        (folder / "fashion-mnist" / f"{name}.gz").write_bytes(
            gzip.compress(idx(arrays["fashion_mnist"][key]), compresslevel=6, mtime=0)
        )
    (folder / "cifar-10-python.tar.gz").write_bytes(cifar_archive(arrays["cifar10"]))


def write_samples(folder, arrays):
    """Write what ships with the course."""
    folder.mkdir()
    for name in ("mnist", "fashion_mnist"):
        np.savez_compressed(folder / f"{name}.npz", **arrays[name])


def idx(array):
    """Return an array in the format of MNIST's files."""
    return struct.pack(f">4B{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def cifar_archive(arrays, *, pickled=None):
    """Return CIFAR-10's archive: six pickled batches, channels first; `pickled` replaces the test batch."""
    batches = {}
    for n in range(5):
        rows = slice(n * 6, n * 6 + 6)
        batches[f"data_batch_{n + 1}"] = batch(arrays["x_train"][rows], arrays["y_train"][rows])
    batches["test_batch"] = pickled or batch(arrays["x_test"], arrays["y_test"])
    return tar({f"cifar-10-batches-py/{name}": content for name, content in batches.items()})


def batch(images, labels):
    """Return one pickled batch."""
    flat = np.ascontiguousarray(images.transpose(0, 3, 1, 2)).reshape(len(images), -1)
    return pickle.dumps({b"data": flat, b"labels": [int(label) for label in labels]}, protocol=4)


def tar(files, mode="w:gz"):
    """Return a tar archive with these files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def image_folder(folder, classes, *, per_class=2, size=(32, 32), suffix=".png"):
    """Write ``{train,test}/<class>/*``; the red channel of every pixel is ten times the label."""
    from PIL import Image

    for split in ("train", "test"):
        for label, name in enumerate(classes):
            (folder / split / name).mkdir(parents=True)
            for number in range(per_class):
                image = Image.new("RGB", size, (label * 10, number, 7))
                image.save(Path(folder) / split / name / f"{number:04}{suffix}")
    return Path(folder)
