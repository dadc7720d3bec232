"""Every example in a docstring does what it shows."""

import doctest
import importlib
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "course_utils"


def modules_with_examples():
    for file in sorted(PACKAGE.rglob("*.py")):
        examples = [line for line in file.read_text("utf-8").splitlines() if line.lstrip().startswith(">>> ")]
        if any("+SKIP" not in line for line in examples):
            parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
            yield ".".join(part for part in parts if part != "__init__")


@pytest.mark.parametrize("name", list(modules_with_examples()))
def test_when_the_examples_of_a_module_are_run_then_they_show_what_is_written(name):
    module = importlib.import_module(name)
    result = doctest.testmod(module, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert result.attempted > 0
    assert result.failed == 0, f"{result.failed} of {result.attempted} examples of {name} fail; see above"
