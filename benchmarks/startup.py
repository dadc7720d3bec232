"""What a piece of code costs in a Python that has just started: seconds, modules, memory."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from course_utils.errors import CourseError
from course_utils.runner import RunOptions
from course_utils.runner.plan import kernel_environment

ROOT = Path(__file__).resolve().parents[1]

# Nothing is imported before the clock starts but what Python itself needs.
_PROBE = """
import sys, time
path, result = sys.argv[1:]
with open(path, encoding="utf-8") as file:
    code = compile(file.read(), path, "exec")
program = {"__name__": "__main__"}  # kept: what the code made is still there when its memory is looked at
before, cpu, wall = set(sys.modules), time.process_time(), time.perf_counter()
exec(code, program)
cpu, wall, modules = time.process_time() - cpu, time.perf_counter() - wall, set(sys.modules) - before
import json, os
from course_utils.runner import memory
megabytes = memory.memory_bytes(os.getpid()) / 1e6
found = {"cpu_seconds": cpu, "wall_seconds": wall, "modules": sorted(modules), "memory_mb": megabytes}
with open(result, "w", encoding="utf-8") as file:
    json.dump(found | memory.usage() | {"cpu_seconds": cpu}, file)
"""


def costs(source, *, repeats=3, compiled=True, folder=None, threads=None) -> dict:
    """Execute Python code in fresh processes and return what it costs: medians.

    Parameters
    ----------
    source : str
    repeats : int, default 3
        Processes; one more goes first and is not counted, so that the files are in memory and have bytecode.
    compiled : bool, default True
        False: Python finds no bytecode, not even of its own library, and must compile everything it imports.
    folder : path-like, optional
        Where the code runs; default: the clone.
    threads : int, optional
        Threads TensorFlow may compute with.

    Returns
    -------
    dict
        ``cpu_seconds`` (user and system, all threads), ``wall_seconds``, ``memory_mb`` (resident, after the code),
        ``peak_memory_mb``; of the last process ``modules`` (list of str: the names it added to ``sys.modules``) and
        ``libraries`` (list of str: the heavy ones among those loaded).

    Raises
    ------
    CourseError
        If the code fails.
    """
    with tempfile.TemporaryDirectory(prefix="course-bench-", ignore_cleanup_errors=True) as own:
        own = Path(own)
        environ = own_environment(own, threads)
        if not compiled:
            environ |= {"PYTHONPYCACHEPREFIX": str(own / "no bytecode"), "PYTHONDONTWRITEBYTECODE": "1"}
        Path(own, "code.py").write_text(source, "utf-8")
        found = [_once(own, environ, folder or ROOT) for _ in range(repeats + 1)][1:]
    numbers = {name for name, value in found[0].items() if isinstance(value, int | float)}
    return found[-1] | {name: round(statistics.median(one[name] for one in found), 4) for name in numbers}


def own_settings(folder, threads=None) -> dict:
    """Return the environment variables of a measurement: nothing cached, no setting from outside.

    Parameters
    ----------
    folder : Path
        For the cache.
    threads : int, optional
        Threads TensorFlow may compute with; default: what it chooses.
    """
    # Empty is as good as not set, and can be laid over an environment.
    own = dict.fromkeys(("COURSE_OVERRIDE", "COURSE_DATA_DIR", "COURSE_RUN_REPORT", "PYTHONSTARTUP"), "")
    names = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS") if threads else ()
    return own | {"COURSE_CACHE_DIR": str(folder / "cache")} | {name: str(threads) for name in names}


def own_environment(folder, threads=None) -> dict:
    """Return the whole environment of a measuring process: bundled data, laptop budget, `own_settings`.

    Parameters
    ----------
    folder : Path
        For the cache and the results.
    threads : int, optional
    """
    options = RunOptions((), folder, "laptop", "bundled", 0, environ=own_settings(folder, threads))
    return kernel_environment(options) | {"MPLBACKEND": "Agg"}


def load_average():
    """Return the processes that wanted to run in the last minute, on average; None where it is not known."""
    try:
        return round(os.getloadavg()[0], 2)
    except (AttributeError, OSError):  # Windows
        return None


def last_words(text) -> str:
    """Return the last line that a process wrote, or "no message" where it ended in silence (killed, for example)."""
    return next(reversed(text.strip().splitlines()), "no message")


def _once(folder, environ, working):
    result = folder / "result.json"
    command = [sys.executable, "-c", _PROBE, str(folder / "code.py"), str(result)]
    done = subprocess.run(command, env=environ, cwd=working, capture_output=True, text=True, encoding="utf-8")
    if done.returncode:
        raise CourseError("The measured code failed.", found=last_words(done.stderr))
    return json.loads(result.read_text("utf-8"))
