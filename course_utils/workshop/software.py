"""The doctor's checks of Python, the kernel and the packages."""

import json
import os
import sys
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from pathlib import Path

from .. import session
from ..errors import install_command, pip_install, this_python
from .findings import Finding

DISTRIBUTION = "cnn-course"
HOSTED = ("Colab", "Kaggle")

# Versions below these have published security faults; why it matters is told to those who cannot update.
SECURITY_FLOORS = {
    "keras": ("3.15.1", "older versions can run code hidden in a model file: open only models you trust"),
    "pillow": ("13", "older versions have faults when decoding images: open only images you trust"),
    "jupyter-server": ("2.20", "older versions have faults that a web page can use: run it on this computer only"),
    "jupyterlab": ("4.5.7", "older versions have faults that a notebook can use: open only notebooks you trust"),
}
# What works at all, where a floor above is for security's sake.
_WORKS_FROM = {"keras": "3.13"}


def check_python(found=None, needed=None, executable=None) -> Finding:
    """Check that this Python's version is one the course supports.

    Parameters
    ----------
    found : str, optional
        Version, default this Python's.
    needed : str, optional
        Default: what the installed course requires.
    executable : str, optional
    """
    from packaging.specifiers import SpecifierSet

    found = found or ".".join(map(str, sys.version_info[:3]))
    needed = needed or _requires_python()
    where = f"{found} ({executable or sys.executable})"
    if SpecifierSet(needed).contains(found, prereleases=True):
        return Finding("Python", "ok", where, readable(needed))
    fix = "Install Python 3.12 from https://www.python.org/downloads/ and make a new environment with it"
    return Finding("Python", "fail", where, readable(needed), fix)


def check_interpreter(prefix=None, environment=None, conda=None) -> Finding:
    """Check that this Python is the one of the course's own environment, where there is one.

    Parameters
    ----------
    prefix : path-like, optional
        Default ``sys.prefix``.
    environment : path-like, optional
        Default: ``.venv`` of the checkout, if it exists.
    conda : str, optional
        Name of the active conda environment.
    """
    prefix = Path(prefix or sys.prefix)
    environment = Path(environment) if environment else _checkout() / ".venv"
    conda = os.environ.get("CONDA_DEFAULT_ENV") if conda is None else conda
    if conda == DISTRIBUTION:
        return Finding("environment", "ok", f"conda environment {conda} ({prefix})")
    if not (environment / "pyvenv.cfg").is_file():
        return Finding("environment", "ok", str(prefix))
    if prefix.resolve() == environment.resolve():
        return Finding("environment", "ok", str(prefix), "the course's .venv")
    fix = f"Start it from the course's environment ({environment}): `make lab`, or choose that kernel in the menu"
    return Finding("environment", "warn", str(prefix), str(environment), fix)


def check_kernel(folders=None, executable=None) -> Finding:
    """Check that the kernel ``python3``, which the notebooks ask for, starts this Python.

    Parameters
    ----------
    folders : iterable of path-like, optional
        Where Jupyter looks for kernels, in its order.
    executable : str, optional
        Default ``sys.executable``.
    """
    executable = executable or sys.executable
    spec = next((path for path in _kernel_specs(folders) if path.is_file()), None)
    if spec is None:
        fix = f"{this_python(executable)} -m pip install ipykernel"
        return Finding("kernel python3", "warn", "not found", "starts this Python", fix)
    try:
        program = json.loads(spec.read_text("utf-8"))["argv"][0]
    except (OSError, ValueError, KeyError, IndexError):
        fix = f"Delete the folder {spec.parent} and run: {this_python(executable)} -m ipykernel install --sys-prefix"
        return Finding("kernel python3", "fail", f"damaged: {spec}", "starts this Python", fix)
    # A bare name is replaced by Jupyter with its own Python.
    if not Path(program).is_absolute() or _same_python(program, executable):
        return Finding("kernel python3", "ok", str(spec.parent), "starts this Python")
    fix = f"Another Python's kernel hides this one's. Remove it: jupyter kernelspec remove python3   ({spec.parent})"
    return Finding("kernel python3", "warn", program, executable, fix)


def check_packages(requirements=None, installed=None, hosted=None) -> list[Finding]:
    """Check every package that the course, TensorFlow and JupyterLab need.

    Parameters
    ----------
    requirements : iterable of str, optional
        Default: those of the installed course.
    installed : callable, optional
        Name → version, or None where it is not installed.
    hosted : bool, optional
        True on Colab and Kaggle, whose packages are theirs to update.

    Returns
    -------
    list of Finding
    """
    installed = installed or _installed
    hosted = session.platform_name() in HOSTED if hosted is None else hosted
    if requirements is None:
        requirements = _requirements()
        if requirements is None:
            fix = f'{pip_install()} -e "{_checkout()}"'
            return [Finding("course_utils", "warn", "not installed, only imported", DISTRIBUTION, fix)]
    return [
        _check_package(name, floor, extras, installed(name), hosted)
        for name, (floor, extras) in _wanted(requirements).items()
        if installed(name) is not None or not (hosted and extras)
    ]


def check_widgets(installed=None) -> list[Finding]:
    """Check that JupyterLab's half of the widgets fits the kernel's half."""
    installed = installed or _installed
    kernel, lab = installed("ipywidgets"), installed("jupyterlab-widgets")
    if installed("jupyterlab") is None or kernel is None:
        return []
    needed = "3" if _at_least(kernel, "8") else "1"
    found = f"ipywidgets {kernel}, jupyterlab_widgets {lab or 'missing'}"
    if lab is not None and _at_least(lab, needed):
        return [Finding("widgets", "ok", found)]
    fix = f'{pip_install()} "jupyterlab_widgets>={needed}"   (then reload the page)'
    return [Finding("widgets", "warn", found, f"jupyterlab_widgets ≥ {needed}", fix)]


def readable(specifier) -> str:
    """Return a version range in words.

    Parameters
    ----------
    specifier : str

    Examples
    --------
    >>> readable("<3.14,>=3.11")
    '≥ 3.11, < 3.14'
    """
    parts = sorted(specifier.replace(" ", "").split(","), reverse=True)
    return ", ".join(part.replace(">=", "≥ ").replace("<=", "≤ ").replace("<", "< ") for part in parts if part)


def _check_package(name, floor, extras, found, hosted):
    check = f"package {name}"
    secure, why = SECURITY_FLOORS.get(name, ("0", ""))
    works = _WORKS_FROM.get(name, floor if not hosted else _without_security(floor, secure))
    wanted = floor if _at_least(floor, secure) else secure
    needed = f"≥ {wanted}"
    if found is None:
        # Without JupyterLab one can still use VS Code; without the rest nothing runs.
        status = "warn" if extras == {"lab"} else "fail"
        command = install_command(name) if extras else f'{pip_install()} "{name}>={wanted}"'
        return Finding(check, status, "missing", needed, command)
    if _at_least(found, wanted):
        return Finding(check, "ok", found, needed)
    if hosted and _at_least(found, works):
        return Finding(check, "warn", found, needed, f"Works. {session.platform_name()} decides this version; {why}")
    reason = f"   ({why})" if why else ""
    return Finding(check, "fail", found, needed, f'{pip_install()} -U "{name}>={wanted}"{reason}')


def _without_security(floor, secure):
    return "0" if floor == secure else floor


def _wanted(requirements):
    """Return name → (highest floor, extras it belongs to); core packages have no extras."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name
    from packaging.version import Version

    wanted, core = {}, set()
    for requirement in map(Requirement, requirements):
        name = canonicalize_name(requirement.name)
        extra = next((extra for extra in ("cpu", "lab") if _applies(requirement, extra)), None)
        if extra is None or name.startswith("tensorflow"):  # TensorFlow has a check of its own
            continue
        if requirement.marker is None or _applies(requirement, ""):
            core.add(name)
        floors = [Version(item.version) for item in requirement.specifier if item.operator in (">=", "==", "~=")]
        floor, extras = wanted.get(name, (Version("0"), set()))
        wanted[name] = (max([floor, *floors]), extras | {extra})
    return {name: (str(floor), set() if name in core else extras) for name, (floor, extras) in wanted.items()}


def _applies(requirement, extra):
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})


def _at_least(found, needed):
    from packaging.version import InvalidVersion, Version

    try:
        return Version(found) >= Version(needed)
    except InvalidVersion:
        return True  # a private build: not for us to judge


def _installed(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _requirements():
    try:
        return requires(DISTRIBUTION) or []
    except PackageNotFoundError:
        return None


def _requires_python():
    try:
        return metadata(DISTRIBUTION)["Requires-Python"] or ">=3.11"
    except PackageNotFoundError:
        return ">=3.11,<3.14"


def _kernel_specs(folders):
    if folders is None:
        try:
            from jupyter_core.paths import jupyter_path
        except ImportError:
            return []
        folders = jupyter_path("kernels")
    return [Path(folder) / "python3" / "kernel.json" for folder in folders]


def _same_python(program, executable):
    # Not resolved: the interpreters of two virtual environments are links to one file.
    return os.path.normcase(Path(program).parent) == os.path.normcase(Path(executable).parent)


def _checkout():
    return Path(__file__).resolve().parents[2]
