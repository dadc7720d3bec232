"""The doctor's checks of the computer: processor, memory, disk, clock, browser."""

import os
import platform
import sys
import time
from pathlib import Path

from .findings import Finding

GB = 1e9
NEEDED_MEMORY = 2.0  # GB free: a notebook's kernel takes up to 1.5, JupyterLab 0.2
LEAST_MEMORY = 1.0
NEEDED_DISK = 1.0  # GB: all data sets of notebooks 00-05 without Imagenette
LEAST_DISK = 0.1

_BEST_FEATURES = (("avx512f", "AVX-512"), ("avx2", "AVX2"), ("avx", "AVX"))

# A clock before this is wrong: the course is younger.
_COURSE_BEGAN = 1_735_689_600  # 2025-01-01 UTC


def check_processor(machine=None, features=None, cores=None) -> Finding:
    """Check for the AVX instructions that TensorFlow's wheels need on x86.

    Parameters
    ----------
    machine : str, optional
        As ``platform.machine()``.
    features : set of str or None, optional
        The processor's features in lower case; None where they cannot be found out.
    cores : int, optional
    """
    machine = (machine or platform.machine()).lower()
    cores = cores or usable_cores()
    features = cpu_features() if features is None else features
    text = f"{cores} {'core' if cores == 1 else 'cores'}, {machine}"
    if machine not in ("x86_64", "amd64", "x86"):
        return Finding("processor", "ok", text)
    if not features:
        return Finding("processor", "ok", f"{text} (its instructions could not be listed)", "AVX")
    if "avx" not in features:
        fix = "TensorFlow will not start. Use Colab, Kaggle or Binder; notebook 01 works without TensorFlow"
        return Finding("processor", "fail", f"{text}, no AVX", "AVX", fix)
    best = next(label for name, label in _BEST_FEATURES if name in features)
    return Finding("processor", "ok", f"{text}, {best}", "AVX")


def check_memory(available=None, limit=None) -> Finding:
    """Check the memory that a kernel can take.

    Parameters
    ----------
    available : float, optional
        Bytes free on this computer.
    limit : float, optional
        Bytes that this session may use altogether (Binder, containers), if limited.
    """
    if available is None:
        import psutil

        available = psutil.virtual_memory().available
    limit = memory_limit() if limit is None else limit
    free = min(available, limit or available) / GB
    text = f"{available / GB:.1f} GB free"
    needed = f"≥ {NEEDED_MEMORY:.0f} GB"
    if limit and limit < available:
        text += f", at most {limit / GB:.1f} GB for this session"
    if free < LEAST_MEMORY:
        return Finding("memory", "fail", text, needed, "Close other programs and shut down other kernels")
    if limit and limit <= 2.2 * GB:
        fix = "Keep one notebook open at a time: beyond the limit server and kernel are ended together (Binder)"
        return Finding("memory", "warn", text, needed, fix)
    if free < NEEDED_MEMORY:
        return Finding("memory", "warn", text, needed, "Keep one notebook open at a time; close other programs")
    return Finding("memory", "ok", text, needed)


def check_folder(check, path, variable, needed=NEEDED_DISK, writable=None, free=None) -> Finding:
    """Check that a folder (which need not exist yet) can be written and has space. Writes nothing.

    Parameters
    ----------
    check : str
        ``"cache folder"`` or ``"results folder"``.
    path : Path
    variable : str
        The ``COURSE_*`` variable that moves it.
    needed : float
        GB.
    writable : bool, optional
    free : float, optional
        Bytes.
    """
    from ..files import free_bytes

    path = Path(path)
    move = f"Set {variable} to a folder you can write, on a disk with space"
    writable = _can_write(path) if writable is None else writable
    wanted = f"can be written, ≥ {needed:g} GB free"
    if not writable:
        return Finding(check, "warn", f"{path}: cannot be written", wanted, move)
    free = (free_bytes(path) if free is None else free) / GB
    text = f"{path}, {free:.1f} GB free"
    if free < needed:
        status = "fail" if free < min(LEAST_DISK, needed) else "warn"
        return Finding(check, status, text, wanted, f"Free some space, or: {move[0].lower()}{move[1:]}")
    return Finding(check, "ok", text, wanted)


def check_clock(now=None, newest=None) -> Finding:
    """Check that the clock is not before the course's own files: certificates depend on it.

    Parameters
    ----------
    now, newest : float, optional
        Seconds since 1970 of the clock and of the newest file known.
    """
    now = time.time() if now is None else now
    newest = Path(__file__).stat().st_mtime if newest is None else newest
    text = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(now))
    if now >= max(_COURSE_BEGAN, newest - 86_400):
        return Finding("clock", "ok", text)
    fix = "Set date and time (automatically): with a wrong clock every https connection is refused"
    return Finding("clock", "warn", text, "today", fix)


def check_browser(platform_name, name=None) -> list[Finding]:
    """Say which browser opens; only where we can know, and never a reason to fail.

    Parameters
    ----------
    platform_name : str
        As `course_utils.session.platform_name` returns it.
    name : str, optional
        The browser's name, or ``""`` for none.
    """
    if platform_name != "this computer":
        return [Finding("front end", "ok", platform_name)]
    name = _browser() if name is None else name
    found = name or "none here: open the address that JupyterLab prints in another computer's browser"
    return [Finding("browser", "ok", found, "not older than two years")]


def check_path_length(path=None, windows=None) -> list[Finding]:
    """Warn where Windows' limit of 260 characters is near."""
    path = str(path or Path(__file__).resolve().parents[2])
    windows = sys.platform == "win32" if windows is None else windows
    if not windows or len(path) <= 100:
        return []
    fix = "Move the course to a folder with a short path, such as C:\\course"
    return [Finding("path", "warn", f"{len(path)} characters: {path}", "≤ 100", fix)]


def usable_cores() -> int:
    """Return the number of cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def memory_limit(environ=None, files=None) -> float | None:
    """Return the bytes this session may use, where a limit is set (JupyterHub, containers), else None.

    Parameters
    ----------
    environ : mapping, optional
    files : iterable of path-like, optional
        Where Linux keeps the limit of a container.
    """
    environ = os.environ if environ is None else environ
    files = files or ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
    found = [_number(environ.get("MEM_LIMIT", ""))] + [_number(_read(file)) for file in files]
    # Without a limit Linux writes a number near 2**63.
    limits = [limit for limit in found if limit and limit < 2**60]
    return min(limits, default=None)


def cpu_features() -> set[str]:
    """Return the processor's instruction sets in lower case; empty where they cannot be found out."""
    if sys.platform == "win32":
        import ctypes

        present = ctypes.windll.kernel32.IsProcessorFeaturePresent
        return {name for name, number in (("sse3", 13), ("avx", 39), ("avx2", 40), ("avx512f", 41)) if present(number)}
    if sys.platform == "darwin":
        return set()  # x86 Macs all have AVX; others do not need it
    lines = [line for line in _read("/proc/cpuinfo").splitlines() if line.startswith("flags")]
    return set(lines[0].partition(":")[2].split()) if lines else set()


def _can_write(path):
    folder = path.absolute()
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


def _browser():
    import webbrowser

    try:
        controller = webbrowser.get()
    except (webbrowser.Error, OSError):
        return ""
    return getattr(controller, "name", "") or "the system's default"


def _number(text):
    try:
        return float(text)
    except ValueError:
        return None


def _read(path):
    try:
        return Path(path).read_text("utf-8")
    except OSError:
        return ""
