"""What a process needed: memory, CPU time, libraries. The runner asks each kernel with it before the kernel ends."""

import os
import sys
from contextlib import suppress
from pathlib import Path

HEAVY = ("jax", "keras", "matplotlib", "pandas", "scipy", "seaborn", "sklearn", "tensorflow", "torch")
"""Libraries whose import takes long or needs much memory."""


def usage() -> dict:
    """Return what this process has needed so far.

    Returns
    -------
    dict
        ``peak_memory_mb`` (float, 1e6 bytes), ``cpu_seconds`` (float; user and system, of all threads and of the child
        processes that have ended) and ``libraries``, those of `HEAVY` that it has imported.
    """
    times = os.times()
    return {
        "peak_memory_mb": peak_memory_bytes() / 1e6,
        "cpu_seconds": round(times.user + times.system + times.children_user + times.children_system, 2),
        "libraries": [name for name in HEAVY if name in sys.modules],
    }


def peak_memory_bytes() -> int:
    """Return the largest resident memory this process has had, in bytes.

    On Linux the kernel's VmHWM: unlike ``ru_maxrss`` it does not include what the parent used before
    ``exec``.
    """
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text("ascii", "replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    if sys.platform == "win32":
        import psutil

        return psutil.Process().memory_info().peak_wset
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def memory_bytes(pid) -> int:
    """Return the resident memory of process `pid` now, in bytes; 0 if it has ended."""
    import psutil

    try:
        return psutil.Process(pid).memory_info().rss
    except (psutil.Error, ValueError, TypeError):
        return 0
