import ast
import inspect
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

import course_utils as cu

PACKAGE = Path(cu.__file__).parent
ROOT = PACKAGE.parent


def _python(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)


def test_when_imported_then_nothing_heavy_is_loaded():
    heavy = ("tensorflow", "keras", "jax", "torch", "matplotlib", "sklearn", "IPython", "optuna", "pooch")
    done = _python(f"import sys, course_utils; print([name for name in {heavy} if name in sys.modules])")
    assert done.stdout.strip() == "[]", done.stderr


def test_when_imported_then_it_takes_at_most_three_tenths_of_a_second():
    code = "import time; t = time.perf_counter(); import course_utils; print(time.perf_counter() - t)"
    assert statistics.median(float(_python(code).stdout) for _ in range(3)) <= 0.3


def test_when_imported_then_no_socket_and_no_file_of_the_learner_is_touched():
    # The audit hook sees every open(), mkdir() and socket() of the import itself.
    code = """
import sys
seen = []
def watch(event, args):
    if event in ("socket.connect", "socket.__new__", "os.mkdir", "os.rename", "os.remove"):
        seen.append(event)
    written = event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+")
    if written and "__pycache__" not in str(args[0]):
        seen.append(args)
sys.addaudithook(watch)
import course_utils
del watch
print([event for event in seen if event != "os.rename" and event != "os.mkdir"])
"""
    assert _python(code).stdout.strip() == "[]"


def test_when_names_are_listed_then_the_list_and_the_package_agree():
    assert cu.__all__ == sorted(set(cu.__all__))
    for name in cu.__all__:
        assert getattr(cu, name) is not None, name
        assert name in dir(cu)


@pytest.mark.parametrize("name", cu.__all__)
def test_when_a_name_is_public_then_it_is_documented(name):
    assert inspect.getdoc(getattr(cu, name)), name


def test_when_a_name_does_not_exist_then_the_nearest_is_suggested():
    with pytest.raises(AttributeError, match=r"did you mean 'cu.show_images'"):
        cu.show_image  # noqa: B018


def test_when_tensorflow_is_missing_then_the_error_names_the_one_command():
    code = """
import sys
sys.modules["keras"] = None  # as if it were not installed
import course_utils as cu
try:
    cu.LiveTraining
except cu.CourseError as error:
    print(error)
"""
    done = _python(code)
    assert "pip install" in done.stdout and "[cpu]" in done.stdout, done.stdout + done.stderr


def test_when_the_version_is_asked_then_package_and_project_agree():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == cu.__version__


@pytest.mark.parametrize("file", sorted(PACKAGE.rglob("*.py")), ids=lambda file: file.relative_to(PACKAGE).as_posix())
def test_when_a_module_grows_then_it_stays_below_four_hundred_lines(file):
    assert len(file.read_text("utf-8").splitlines()) <= 400


def test_when_keras_is_used_then_it_is_keras_3_and_never_tf_keras():
    for file in PACKAGE.rglob("*.py"):
        tree = ast.parse(file.read_text("utf-8"))
        used = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not used & {"tf.keras", "tensorflow.keras"}, file
        assert not any(str(module).startswith("tensorflow.keras") for module in imported), file


def test_when_set_up_is_called_then_it_answers_quickly():
    code = """
import time, course_utils as cu
t = time.perf_counter(); cu.setup("01_pixels_and_convolution"); print(time.perf_counter() - t)
"""
    start = time.perf_counter()
    assert float(_python(code).stdout.splitlines()[-1]) <= 2.0
    assert time.perf_counter() - start < 60
