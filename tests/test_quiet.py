"""TensorFlow's start-up messages: its chatter is dropped, everything else is passed on."""

import importlib.util
import os
import subprocess
import sys

import pytest

from course_utils import _quiet

FAKE = """
import os, sys
os.write(2, b"I0000 00:00:1 port.cc:153] oneDNN custom operations are on. You may see ...\\n")
os.write(2, b"E0000 00:00:1 real.cc:1] a real problem\\n")
sys.stderr.write("a warning of Python's\\n")
{then}
"""


def _import_fake(tmp_path, then="", **environment):
    (tmp_path / "tensorflow.py").write_text(FAKE.format(then=then))
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), **environment}
    code = "import course_utils, tensorflow; import sys; sys.stderr.write('after\\n')"
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60)


def test_when_tensorflow_is_imported_then_chatter_is_dropped_and_problems_are_passed_on(tmp_path):
    done = _import_fake(tmp_path)
    assert done.stderr.splitlines() == ["E0000 00:00:1 real.cc:1] a real problem", "a warning of Python's", "after"]


def test_when_the_learner_wants_all_messages_then_all_are_there(tmp_path):
    assert "oneDNN" in _import_fake(tmp_path, TF_CPP_MIN_LOG_LEVEL="0").stderr


def test_when_the_import_fails_then_what_was_written_and_the_error_are_told(tmp_path):
    done = _import_fake(tmp_path, then="raise ImportError('DLL load failed')")
    assert "a real problem" in done.stderr and "DLL load failed" in done.stderr and "oneDNN" not in done.stderr


def test_when_stderr_is_closed_then_the_import_works_all_the_same(tmp_path):
    (tmp_path / "tensorflow.py").write_text("value = 1")
    code = "import os; os.close(2); import course_utils, tensorflow; print(tensorflow.value)"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "1"


@pytest.mark.parametrize(
    "line",
    [
        "E0000 00:00:1 cuda_dnn.cc:8579] CUDA_ERROR_OUT_OF_MEMORY: out of memory",
        "W0000 00:00:1 gpu_device.cc:2341] Cannot dlopen some GPU libraries.",
        "The TensorFlow library was compiled to use AVX instructions, but these aren't available on your machine.",
    ],
)
def test_when_a_line_tells_of_a_problem_then_it_is_not_chatter(line):
    assert not _quiet.is_chatter(line)


@pytest.mark.slow
def test_when_the_real_tensorflow_is_imported_and_used_then_stderr_stays_empty():
    if importlib.util.find_spec("tensorflow") is None:
        pytest.skip("TensorFlow is not installed")
    code = (
        "import course_utils, keras, numpy as np; model = keras.Sequential([keras.layers.Dense(2)]);"
        "model.compile('adam', 'mse'); model.fit(np.zeros((8, 3)), np.zeros((8, 2)), verbose=0)"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0
    assert done.stderr == ""
