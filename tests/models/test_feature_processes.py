"""Two kernels at once, and a kernel that is killed: real processes."""

import os
import subprocess
import sys
import time

import keras
import numpy as np
import pytest

import course_utils as cu
from course_utils.data import Split
from course_utils.models import forward

# Computes features slowly, a part after every batch, and writes a line per batch.
WORKER = """
import sys, time
import keras, numpy as np
import course_utils as cu
from course_utils.data import Split
from course_utils.models import extraction, forward

extraction._PART_SECONDS = 0.0
outputs = forward.outputs

def slowly(*arguments):
    for rows in outputs(*arguments):
        sys.stderr.write("batch\\n")
        sys.stderr.flush()
        yield rows
        time.sleep(float(sys.argv[2]))

forward.outputs = slowly
images = np.random.default_rng(0).integers(0, 256, (40, 8, 8, 3), dtype="uint8")
cu.features(keras.saving.load_model(sys.argv[1]), Split(images, np.zeros(40, int), ("a",)), batch_size=4)
"""


@pytest.fixture
def model(tmp_path):
    model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(4, 3), keras.layers.GlobalAveragePooling2D()])
    model.save(tmp_path / "model.keras")
    return model


@pytest.fixture
def split():
    images = np.random.default_rng(0).integers(0, 256, (40, 8, 8, 3), dtype="uint8")
    return Split(images, np.zeros(40, int), ("a",))


@pytest.fixture
def pushed(monkeypatch):
    counts, outputs = [], forward.outputs

    def counted(model, split, places, batch_size):
        counts.append(len(places))
        return outputs(model, split, places, batch_size)

    monkeypatch.setattr(forward, "outputs", counted)
    return counts


@pytest.fixture
def worker(tmp_path):
    """Start a process that computes the features; returns once so many batches are done."""
    started = []

    def start(batches, pause):
        command = [sys.executable, "-c", WORKER, str(tmp_path / "model.keras"), str(pause)]
        process = subprocess.Popen(
            command, env=os.environ | {"CUDA_VISIBLE_DEVICES": "-1"}, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
        )
        started.append(process)
        while batches:
            line = process.stderr.readline()
            assert line, process.wait()
            batches -= line == b"batch\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stderr.close()


@pytest.mark.slow
def test_when_a_kernel_is_killed_then_the_next_call_goes_on_where_it_was(model, split, worker, pushed):
    process = worker(5, pause=5)  # the fifth batch is out, four parts are written
    process.kill()
    process.wait()
    found = cu.features(model, split, batch_size=4)
    assert len(pushed) == 1 and pushed[0] in (20, 24)
    expected = keras.ops.convert_to_numpy(model(split.images.astype("float32")))
    np.testing.assert_allclose(found, expected, rtol=2e-3)


@pytest.mark.slow
def test_when_two_kernels_ask_at_once_then_the_second_waits_and_computes_nothing(model, split, worker, pushed, capsys):
    process = worker(1, pause=0.3)
    began = time.monotonic()
    found = cu.features(model, split, batch_size=4)
    assert process.wait() == 0 and time.monotonic() - began > 0.3
    assert pushed == [] and found.shape == (40, 4)
    said = capsys.readouterr().out
    assert "Another notebook is computing the features" in said and "another notebook computed them" in said
