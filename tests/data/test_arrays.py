"""Arrays are read as they were written."""

import gzip

import numpy as np
import pytest
import tiny

from course_utils.data.arrays import Wanted, digest, read_idx, read_npz

ARRAYS = [
    np.arange(24, dtype="uint8").reshape(2, 3, 4),
    np.asfortranarray(np.arange(24, dtype="uint8").reshape(4, 6)),
    np.arange(5, dtype=">i4"),
    np.linspace(0, 1, 7),
    np.zeros((0, 3), "uint8"),
    np.array(5),
]


@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: f"{array.dtype}{array.shape}")
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_when_an_npz_is_read_then_arrays_are_those_numpy_reads(tmp_path, array, save):
    save(tmp_path / "a.npz", first=array, second=array)
    read = read_npz(tmp_path / "a.npz")
    assert list(read) == ["first", "second"]
    assert read["second"].dtype == array.dtype
    assert np.array_equal(read["second"], array)


def test_when_only_some_arrays_are_wanted_then_the_others_are_not_read(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.zeros(3, "uint8"), secret=np.array([print], object))
    assert list(read_npz(tmp_path / "a.npz", {"x": Wanted((None,))})) == ["x"]


def test_when_an_idx_file_is_read_then_it_is_the_array_that_was_written(tmp_path):
    array = np.arange(60, dtype="uint8").reshape(3, 4, 5)
    (tmp_path / "a").write_bytes(tiny.idx(array))
    (tmp_path / "a.gz").write_bytes(gzip.compress(tiny.idx(array)))
    assert np.array_equal(read_idx(tmp_path / "a"), array)
    assert np.array_equal(read_idx(tmp_path / "a.gz"), array)


@pytest.mark.parametrize("wanted", [Wanted((None, 4)), Wanted((3, 4)), Wanted((3, None), "integer")])
def test_when_an_array_fits_then_it_is_accepted(wanted):
    assert wanted.accepts(np.dtype("uint8"), (3, 4))
    assert not wanted.accepts(np.dtype("float32"), (3, 4))
    assert not wanted.accepts(np.dtype("uint8"), (4, 3))
    assert not wanted.accepts(np.dtype("uint8"), (3, 4, 1))


def test_when_digested_then_only_values_in_c_order_count():
    array = np.arange(6, dtype="uint8").reshape(2, 3)
    assert digest(array) == digest(np.asfortranarray(array)) == digest(array.ravel())
    assert digest(array) != digest(array.T)
