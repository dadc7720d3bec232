"""A notebook whose ``import keras`` fails says the one command that helps."""

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from course_utils import _hints
from course_utils.errors import MissingPackageError


@pytest.mark.parametrize("package", ["keras", "tensorflow", "tensorflow.python"])
def test_when_a_package_of_the_course_is_missing_then_the_hint_names_command_and_python(package):
    text = _hints.hint(ModuleNotFoundError("no", name=package))
    assert "pip install" in text and "[cpu]" in text and "restart the kernel" in text


@pytest.mark.parametrize("error", [ModuleNotFoundError("no", name="pandas"), ModuleNotFoundError("no")])
def test_when_another_package_is_missing_then_there_is_no_hint(error):
    assert _hints.hint(error) is None


def test_when_the_error_already_says_what_to_do_then_nothing_is_added():
    error = MissingPackageError("keras is missing")
    error.name = "keras"
    assert _hints.hint(error) is None


def test_when_import_keras_fails_in_a_kernel_then_the_cell_fails_and_the_command_is_shown(monkeypatch):
    cells = ["import course_utils as cu", "import sys; sys.modules['tensorflow'] = None", "import tensorflow"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    with pytest.raises(CellExecutionError, match="ModuleNotFoundError"):
        NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    outputs = notebook.cells[2].outputs
    assert [output.output_type for output in outputs] == ["error", "display_data"]
    assert "pip install" in outputs[1].data["text/plain"]
