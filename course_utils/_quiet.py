"""Keeps TensorFlow's start-up chatter out of the notebooks, and nothing else.

``TF_CPP_MIN_LOG_LEVEL`` hides most of it. TensorFlow 2.20 and 2.21 also write some information lines to the
process's stderr while they are imported, before any log level holds. This module looks at what is
written during that import, drops the lines listed below and passes on all others.
Set ``TF_CPP_MIN_LOG_LEVEL=0`` before importing course_utils to see everything. Should the import kill the
whole process (a CPU without AVX), its last words are lost here; ``course doctor`` imports TensorFlow in a
process of its own and shows them.
"""

import os
import re
import sys
import tempfile
from importlib import util
from importlib.abc import MetaPathFinder

VARIABLE = "TF_CPP_MIN_LOG_LEVEL"

# Information, not problems: which library computes, which CPU instructions are used, that there is no GPU,
# and GPU libraries that two parts of TensorFlow both register (marked E, harmless).
_CHATTER = re.compile(
    r"All log messages before absl::InitializeLog"
    r"|oneDNN custom operations are on"
    r"|TensorFlow binary is optimized to use available CPU instructions"
    r"|To enable the following instructions:"
    r"|Could not find cuda drivers on your machine"
    r"|Unable to register cu\w+ factory"
    r"|computation placer already registered"
    r"|Could not find TensorRT"
)


def is_chatter(line: str) -> bool:
    """Return True for a line that TensorFlow writes at every start and that needs no action."""
    return bool(_CHATTER.search(line))


def install() -> None:
    """Arrange that the next ``import tensorflow`` is quiet; does nothing if it is imported or the learner wants all."""
    if os.environ.setdefault(VARIABLE, "1") == "0" or "tensorflow" in sys.modules:
        return
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Finder(MetaPathFinder):
    """Finds TensorFlow as usual, once, and wraps its execution."""

    def find_spec(self, name, path=None, target=None):
        if name != "tensorflow":
            return None
        sys.meta_path.remove(self)
        spec = util.find_spec(name)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module
            spec.loader.exec_module = lambda module: _quietly(execute, module)
        return spec


def _quietly(execute, module):
    try:
        stderr = os.dup(2)
    except OSError:  # no stderr at all, as under pythonw
        execute(module)
        return
    with tempfile.TemporaryFile() as written:
        sys.stderr.flush()
        os.dup2(written.fileno(), 2)
        try:
            execute(module)
        finally:
            sys.stderr.flush()
            os.dup2(stderr, 2)
            _pass_on(written, stderr)
            os.close(stderr)


def _pass_on(written, stderr):
    written.seek(0)
    for line in written.read().splitlines(keepends=True):
        if not is_chatter(line.decode("utf-8", "replace")):
            os.write(stderr, line)
