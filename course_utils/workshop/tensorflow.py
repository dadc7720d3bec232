"""The doctor's check that TensorFlow can be imported: in another process, so that this one stays light."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass

from ..errors import install_command, this_python
from .findings import Finding

TIMEOUT = 60.0  # seconds; without compiled bytecode on a slow disk an import takes 20
_SLOW = 15.0
_SLOW_WORK = 6.0  # CPU seconds: with bytecode 3, without 9; a busy computer is slow in the clock alone

_PROBE = """
import json, sys, time
start = time.perf_counter()
import tensorflow as tf
import keras
seconds = time.perf_counter() - start
gpus = [device.name for device in tf.config.list_physical_devices("GPU")]
sys.stdout.write("PROBE" + json.dumps({
    "tensorflow": tf.__version__, "keras": keras.__version__, "backend": keras.config.backend(),
    "seconds": round(seconds, 1), "work": round(time.process_time(), 1), "gpus": gpus}))
"""

# The C++ part of an error message → what it means. First match wins.
_TRANSLATIONS = (
    (
        "DLL load failed",
        "a library of Windows is missing, or the processor has no AVX instructions",
        (
            "Install the Visual C++ runtime (https://aka.ms/vs/17/release/vc_redist.x64.exe) and restart Windows; "
            "if that does not help and the line 'processor' says there is no AVX, use Colab or another computer"
        ),
    ),
    (
        "compiled using NumPy 1",
        "NumPy and TensorFlow do not fit each other",
        install_command("tensorflow").replace(" install ", " install --upgrade "),
    ),
    (
        "GLIBC",
        "this Linux is too old for TensorFlow's wheels",
        "Use a newer Linux, conda, or Colab",
    ),
    (
        "MemoryError",
        "there is not enough free memory to import TensorFlow",
        "Close other programs and kernels; TensorFlow alone takes 0.6 GB",
    ),
)


@dataclass(frozen=True)
class Probe:
    """What came of the import: exit status (None: timed out), and what it wrote."""

    status: int | None
    output: str
    errors: str


class TensorFlowCheck:
    """Starts the import at once; `findings` waits for it. Other checks run meanwhile."""

    def __init__(self, timeout=TIMEOUT, command=None):
        self._timeout = timeout
        environ = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
        self._process = subprocess.Popen(
            command or [sys.executable, "-c", _PROBE],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=environ,
        )

    def findings(self) -> list[Finding]:
        """Wait for the import and return what came of it."""
        try:
            output, errors = self._process.communicate(timeout=self._timeout)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
            return explain(Probe(None, "", ""), self._timeout)
        except BaseException:
            self._process.kill()
            raise
        return explain(Probe(self._process.returncode, output, errors), self._timeout)


def explain(probe, timeout=TIMEOUT) -> list[Finding]:
    """Translate what came of the import into findings.

    Parameters
    ----------
    probe : Probe
    timeout : float
        Seconds that were allowed.

    Returns
    -------
    list of Finding
    """
    if probe.status is None:
        fix = f"Compile the packages once: {this_python()} -m compileall -q {_site_packages()}"
        return [Finding("TensorFlow", "warn", f"the import took more than {timeout:.0f} s", "importable", fix)]
    found = _answer(probe.output)
    if probe.status == 0 and found:
        return [_imported(found), _gpu(found)]
    what, fix = _translate(probe)
    return [Finding("TensorFlow", "fail", what, "importable", fix)]


def _imported(found):
    text = f"{found['tensorflow']}, Keras {found['keras']} on {found['backend']}, imported in {found['seconds']:.1f} s"
    if found["seconds"] <= _SLOW or found["work"] <= _SLOW_WORK:
        return Finding("TensorFlow", "ok", text, "importable")
    fix = f"Slow to start. Compile the packages once: {this_python()} -m compileall -q {_site_packages()}"
    return Finding("TensorFlow", "warn", text, f"≤ {_SLOW:.0f} s", fix)


def _gpu(found):
    if found["gpus"]:
        return Finding("GPU", "ok", f"{len(found['gpus'])} usable by TensorFlow")
    return Finding("GPU", "ok", "none: the laptop budget is made for the CPU")


def _answer(output):
    line = output.rpartition("PROBE")[2]
    try:
        return json.loads(line) if line != output else None
    except ValueError:
        return None


def _translate(probe):
    """Return what went wrong and what to do."""
    if "No module named 'tensorflow'" in probe.errors or "No module named 'keras'" in probe.errors:
        missing = "Keras" if "'keras'" in probe.errors else "TensorFlow"
        return f"{missing} is not installed in this Python", install_command("tensorflow")
    # POSIX gives the negative signal, Windows the exception's code.
    if probe.status in (-4, 132, 0xC000001D, 0xC000001D - 2**32):
        return (
            "the processor does not know an instruction TensorFlow uses (no AVX)",
            "Use Colab, Kaggle, Binder or a computer built after 2011; notebook 01 works without TensorFlow",
        )
    if probe.status in (-9, 137):
        return "killed by the system, usually because memory ran out", "Close other programs and kernels"
    for part, what, fix in _TRANSLATIONS:
        if part in probe.errors:
            return what, fix
    last = next((line for line in reversed(probe.errors.splitlines()) if line.strip()), f"exit status {probe.status}")
    return f"the import failed: {last.strip()[:200]}", f"Install it again: {install_command('tensorflow')}"


def _site_packages():
    import sysconfig

    folder = sysconfig.get_paths()["purelib"]
    return f'"{folder}"' if " " in folder else folder
