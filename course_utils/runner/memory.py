"""How much memory a process needed; the runner asks each kernel with it before the kernel ends."""

import sys
from contextlib import suppress
from pathlib import Path


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
