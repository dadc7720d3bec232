"""What ships with the course: real images, balanced, verified at every load, with licences."""

import os
from pathlib import Path

import numpy as np
import pytest

import course_utils as cu
from course_utils.data import catalog, sources
from course_utils.data.samples import build
from course_utils.errors import IntegrityError

FOLDER = Path(build.__file__).parent
SIZES = {"mnist": (4_000, 1_000), "fashion_mnist": (10_000, 2_000)}


@pytest.fixture(autouse=True)
def bundled(monkeypatch):
    monkeypatch.setenv("COURSE_DATA", "bundled")


@pytest.mark.parametrize("name", SIZES)
def test_when_loaded_then_the_sample_is_verified_and_balanced(name):
    dataset = cu.load(name)
    assert dataset.source.verified and dataset.variant == f"{name}/sample"
    for split, n in zip((dataset.train, dataset.test), SIZES[name], strict=True):
        assert set(split.counts().values()) == {n // 10}
        assert split.images.shape == (n, 28, 28, 1)


@pytest.mark.parametrize("name", SIZES)
def test_when_loaded_then_no_test_image_is_among_the_training_images(name):
    dataset = cu.load(name)
    train = {image.tobytes() for image in dataset.train.images}
    assert len(train) == len(dataset.train)
    assert not train & {image.tobytes() for image in dataset.test.images}


@pytest.mark.parametrize("name", SIZES)
def test_when_loaded_then_the_classes_are_mixed(name):
    assert len(set(cu.load(name).train.labels[:50].tolist())) == 10


@pytest.mark.parametrize("name", SIZES)
def test_when_shipped_then_licence_and_origin_lie_beside_it_and_it_is_small(name):
    assert (FOLDER / f"{name}.npz").stat().st_size < 6e6
    assert len((FOLDER / f"LICENSE-{name}.txt").read_text(encoding="utf-8")) > 500
    assert f"{name}.npz" in (FOLDER / "README.md").read_text(encoding="utf-8")


def test_when_a_sample_was_altered_then_it_is_refused(monkeypatch, tmp_path):
    with np.load(FOLDER / "mnist.npz") as file:
        arrays = dict(file)
    arrays["x_train"][0, 14, 14] ^= 1
    np.savez(tmp_path / "mnist.npz", **arrays)
    monkeypatch.setattr(sources, "SAMPLES", tmp_path)
    with pytest.raises(IntegrityError, match="x_train"):
        cu.load("mnist")


def test_when_written_twice_then_the_bytes_are_the_same_and_numpy_reads_them(tmp_path):
    arrays = {"x": np.arange(300, dtype="uint8").reshape(3, 10, 10) % 7, "y": np.arange(3, dtype="uint8")}
    for name in ("one.npz", "two.npz"):
        build.write(tmp_path / name, arrays)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    with np.load(tmp_path / "one.npz") as file:
        assert all(np.array_equal(file[key], array) for key, array in arrays.items())


def test_when_stratified_then_every_class_is_taken_equally_often():
    rows = build.stratified(np.arange(100) % 10, 3, np.random.default_rng(0))
    assert np.bincount(rows % 10).tolist() == [3] * 10
    assert sorted(set(rows)) == rows.tolist()


@pytest.mark.full_data
def test_when_fashion_is_built_from_the_official_files_then_it_is_the_shipped_sample(monkeypatch):
    sample = build.fashion_sample(Path(os.environ["COURSE_DATA_DIR"]) / "fashion-mnist")
    for key, expected in catalog.card("fashion_mnist").sample.digests.items():
        assert cu.data.arrays.digest(sample[key]) == expected
