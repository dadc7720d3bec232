import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import course_utils as cu

PACKAGE = Path(cu.__file__).parent
ROOT = PACKAGE.parent


# Least of so many processes: another program can only make an import slower.
PROCESSES = 3
SPENT = """
import sys, time
names, seconds = set(sys.modules), time.process_time()
{}
print(time.process_time() - seconds, *set(sys.modules) - names)
"""


def _python(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)


def _spent(code):
    """Return the CPU seconds that some code takes in a fresh process, and the names of the modules it loads."""
    done = _python(SPENT.format(code))
    assert done.returncode == 0, done.stderr
    seconds, *modules = done.stdout.splitlines()[-1].split()
    return float(seconds), modules


def _times_numpy(code):
    """Return the least CPU time that some code takes, in units of importing NumPy, measured alternately."""
    pairs = [(_spent(code)[0], _spent("import numpy")[0]) for _ in range(PROCESSES)]
    ours, numpys = (min(seconds) for seconds in zip(*pairs, strict=True))
    return ours / numpys


def test_when_imported_then_nothing_but_the_standard_library_is_loaded():
    modules = _spent("import course_utils")[1]
    assert {name.partition(".")[0] for name in modules} - sys.stdlib_module_names == {"course_utils"}


def test_when_imported_then_few_modules_are_loaded():
    modules = _spent("import course_utils")[1]
    assert sum(name.startswith("course_utils") for name in modules) <= 8
    assert len(modules) <= 0.7 * len(_spent("import numpy")[1])  # measured: 71 of 140


def test_when_imported_then_it_takes_no_longer_than_numpy():
    assert _times_numpy("import course_utils") <= 1  # measured: 0.34; on the same machine 0.3 s would be 4


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


def test_when_set_up_is_called_then_it_takes_as_long_as_a_few_imports_of_numpy():
    call = 'import course_utils as cu; cu.setup("01_pixels_and_convolution", data="fashion_mnist")'
    assert _times_numpy(call) <= 5  # measured: 3.1; with Keras 40
    assert not {"tensorflow", "keras", "matplotlib", "pandas", "sklearn", "scipy"} & set(_spent(call)[1])
