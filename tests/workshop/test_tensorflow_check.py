import sys
import time

import pytest

from course_utils.workshop.tensorflow import Probe, TensorFlowCheck, explain

ANSWER = (
    'noise PROBE{"tensorflow": "2.21.0", "keras": "3.15.1", "backend": "tensorflow", '
    '"seconds": %s, "work": %s, "gpus": %s}'
)


def test_a_good_import_tells_versions_seconds_and_that_no_gpu_is_needed():
    tensorflow, gpu = explain(Probe(0, ANSWER % (3.2, 3, "[]"), "chatter"))
    assert tensorflow.status == "ok"
    assert "2.21.0, Keras 3.15.1 on tensorflow, imported in 3.2 s" in tensorflow.found
    assert (gpu.status, gpu.fix) == ("ok", "")
    assert "none" in gpu.found


def test_a_gpu_is_counted():
    assert explain(Probe(0, ANSWER % (3.2, 3, '["a", "b"]'), ""))[1].found.startswith("2 usable")


def test_a_slow_import_advises_to_compile():
    (tensorflow, _) = explain(Probe(0, ANSWER % (25, 9, "[]"), ""))
    assert tensorflow.status == "warn"
    assert "compileall" in tensorflow.fix


def test_an_import_that_only_waited_for_a_busy_computer_is_fine():
    assert explain(Probe(0, ANSWER % (25, 3, "[]"), ""))[0].status == "ok"


@pytest.mark.parametrize(
    ("status", "errors", "found", "fix"),
    [
        (1, "ModuleNotFoundError: No module named 'tensorflow'", "TensorFlow is not installed", "pip install"),
        (1, "ModuleNotFoundError: No module named 'keras'", "Keras is not installed", "pip install"),
        (1, "ImportError: DLL load failed while importing _pywrap", "library of Windows", "vc_redist"),
        (1, "A module that was compiled using NumPy 1.x cannot", "do not fit", "pip install --upgrade"),
        (1, "ImportError: version `GLIBC_2.35' not found", "Linux is too old", "newer Linux"),
        (-4, "", "no AVX", "notebook 01 works"),
        (0xC000001D, "", "no AVX", "notebook 01 works"),
        (-9, "", "memory ran out", "Close other programs"),
        (1, "Traceback\nOSError: something strange\n\n", "OSError: something strange", "pip install"),
        (0, "", "exit status 0", "pip install"),
    ],
)
def test_a_failed_import_is_translated(status, errors, found, fix):
    (finding,) = explain(Probe(status, "", errors))
    assert finding.status == "fail"
    assert found in finding.found
    assert fix in finding.fix


def test_an_import_that_takes_for_ever_is_ended():
    check = TensorFlowCheck(0.2, [sys.executable, "-c", "import time; time.sleep(60)"])
    started = time.perf_counter()
    (finding,) = check.findings()
    assert time.perf_counter() - started < 10
    assert finding.status == "warn"
    assert "more than 0 s" in finding.found


def test_a_crash_of_the_import_leaves_this_process_alive():
    code = (
        "import os, signal; os.kill(os.getpid(), signal.SIGILL)"
        if sys.platform != "win32"
        else "import os; os._exit(-1073741795)"
    )
    (finding,) = TensorFlowCheck(30, [sys.executable, "-c", code]).findings()
    assert "no AVX" in finding.found
