"""Images stay bytes: what loading and splitting allocate, counted in the images' own size."""

import tracemalloc

import pytest

import course_utils as cu

# As float32 the images alone would be 4 times as large, divided by 255.0 (float64) 8 times.
WHILE_LOADING = 2.0
FOR_A_SPLIT = 1.3


def _bytes(data):
    return data.train.images.nbytes + data.test.images.nbytes


@pytest.fixture(params=["mnist", "fashion_mnist", pytest.param("cifar10", marks=pytest.mark.slow)])
def traced(request, monkeypatch):
    """Load a bundled data set while memory is watched; return it and the most that was allocated at once."""
    monkeypatch.setenv("COURSE_DATA", "bundled")
    cu.load("mnist").train.split(fraction=0.2, seed=0)  # imports what is needed
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        data = cu.load(request.param)
        yield data, tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def test_when_data_are_loaded_and_split_then_there_is_no_copy_in_floats(traced):
    data, peak = traced
    assert data.train.images.dtype == data.test.images.dtype == "uint8"
    assert peak <= WHILE_LOADING * _bytes(data)  # measured: 1.4 to 1.6
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    train, validation = data.train.split(fraction=0.2, seed=0)
    assert train.images.dtype == validation.images.dtype == "uint8"
    assert tracemalloc.get_traced_memory()[1] - before <= FOR_A_SPLIT * data.train.images.nbytes  # measured: 1.0
