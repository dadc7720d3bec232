import pytest

from course_utils.errors import (
    CourseError,
    MissingPackageError,
    UnknownNameError,
    closest_first,
    install_command,
    likely_meant,
    require,
)


def test_when_an_error_has_all_parts_then_its_message_tells_all_of_them():
    message = str(CourseError("What.", where="here", expected="this", found="that", fix="do so"))
    assert message.splitlines()[0] == "What."
    for part in ("here", "this", "that", "do so"):
        assert part in message


def test_when_a_name_is_misspelt_then_the_closest_valid_name_comes_first():
    error = UnknownNameError("data set", "fashion", ["cifar10", "mnist", "fashion_mnist"])
    assert error.valid[0] == "fashion_mnist"
    assert "Did you mean 'fashion_mnist'?" in str(error)
    assert all(name in str(error) for name in ("cifar10", "mnist"))


def test_when_a_name_is_like_none_then_nothing_is_suggested_but_all_are_listed():
    message = str(UnknownNameError("budget", "zzz", ["smoke", "laptop"]))
    assert "Did you mean" not in message
    assert "smoke" in message and "laptop" in message


def test_the_name_that_was_meant_is_there_only_if_one_is_like_it():
    assert likely_meant("LeNet", ["cifar10_fast", "lenet"]) == "lenet"
    assert likely_meant("zzz", ["smoke", "laptop"]) is likely_meant("zzz", []) is None


def test_when_a_number_prefix_is_given_then_the_notebook_with_it_comes_first():
    assert closest_first("03", ["00_start_here", "03_lenet_fashion_mnist"])[0] == "03_lenet_fashion_mnist"


def test_when_a_package_is_missing_then_the_error_names_the_one_command_that_installs_it():
    with pytest.raises(MissingPackageError, match=r"-m pip install no_such_package") as caught:
        require("no_such_package")
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)


def test_when_tensorflow_is_missing_then_the_command_installs_the_course_extra():
    assert "[cpu]" in install_command("tensorflow")


def test_when_the_path_of_python_has_a_space_then_the_command_can_still_be_pasted(monkeypatch):
    monkeypatch.setattr("sys.executable", "/my course/.venv/bin/python")
    assert install_command("tensorflow").startswith('"/my course/.venv/bin/python" -m pip install -e "')
    assert install_command("torch") == '"/my course/.venv/bin/python" -m pip install torch'


def test_when_a_package_is_there_then_require_returns_it():
    import json

    assert require("json") is json
