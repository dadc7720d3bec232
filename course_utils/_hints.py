"""Says, in a notebook, what to do when ``import keras`` fails because a package of the course is missing."""

import sys

from . import _display
from .errors import MissingPackageError, install_command

# A notebook imports these itself, in plain sight, so their absence is not ours to raise.
PACKAGES = ("keras", "tensorflow")


def install() -> None:
    """Let the kernel add the one command that helps below a failed import; does nothing outside a kernel."""
    if not _display.in_kernel():
        return
    shell = sys.modules["IPython"].get_ipython()
    if not shell.custom_exceptions:  # Colab and others may have handlers of their own
        shell.set_custom_exc((ModuleNotFoundError,), _explain)


def hint(error) -> str | None:
    """Return what to do about a failed import, or None if the package is not one of `PACKAGES`.

    Parameters
    ----------
    error : ModuleNotFoundError
    """
    package = (error.name or "").split(".")[0]
    if package not in PACKAGES or isinstance(error, MissingPackageError):
        return None
    return (
        f"{package} is not installed in this kernel's Python ({sys.executable}). "
        f"Run this in a terminal, then restart the kernel: {install_command(package)}"
    )


def _explain(shell, kind, error, traceback, tb_offset=None):
    shell.showtraceback((kind, error, traceback), tb_offset=tb_offset)
    text = hint(error)
    if text:
        _display.show(_display.table_html([("What to do", text)]), f"What to do: {text}")
