import os
from pathlib import Path

import pytest

from course_utils.errors import SettingsError
from course_utils.settings import VARIABLES, get_settings


def test_when_nothing_is_set_then_the_defaults_hold():
    settings = get_settings({})
    assert (settings.budget, settings.seed, settings.data, settings.offline) == ("auto", 0, "auto", False)
    assert settings.data_dir is None and settings.mirrors == () and settings.timeout == 3.0


def test_when_everything_is_set_then_it_is_read(tmp_path):
    settings = get_settings(
        {
            "COURSE_BUDGET": "Smoke",
            "COURSE_SEED": "7",
            "COURSE_DATA": "full",
            "COURSE_DATA_DIR": str(tmp_path),
            "COURSE_CACHE_DIR": str(tmp_path / "cache"),
            "COURSE_MIRROR": "http://10.0.0.1:8000/ https://mirror.example/data",
            "COURSE_OFFLINE": "1",
            "COURSE_TIMEOUT": "0.5",
        }
    )
    assert settings.budget == "smoke" and settings.seed == 7 and settings.offline and settings.timeout == 0.5
    assert settings.data_dir == tmp_path and settings.cache_dir == tmp_path / "cache"
    assert settings.mirrors == ("http://10.0.0.1:8000", "https://mirror.example/data")


def test_when_several_variables_make_no_sense_then_all_are_told_at_once(tmp_path):
    wrong = {
        "COURSE_BUDGET": "latpop",
        "COURSE_SEED": "-1",
        "COURSE_DATA": "some",
        "COURSE_DATA_DIR": str(tmp_path / "nowhere"),
        "COURSE_MIRROR": "ftp://mirror",
        "COURSE_OFFLINE": "perhaps",
        "COURSE_TIMEOUT": "nan",
        "COURSE_OVERRIDE": "epochs=many",
        "COURSE_BUGDET": "smoke",
    }
    with pytest.raises(SettingsError) as caught:
        get_settings(wrong)
    message = str(caught.value)
    assert all(name in message for name in wrong)
    assert "Did you mean 'COURSE_BUDGET'?" in message
    assert "must be one of laptop" in message


def test_when_the_cache_folder_is_a_file_then_it_says_so(tmp_path):
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(SettingsError, match=r"COURSE_CACHE_DIR=.*is a file, not a folder"):
        get_settings({"COURSE_CACHE_DIR": str(file)})


def test_when_a_path_starts_with_a_tilde_then_it_is_the_home_folder():
    assert get_settings({"COURSE_CACHE_DIR": "~/kept"}).cache_dir == Path.home() / "kept"


def test_when_there_is_no_home_then_the_variables_to_set_are_told_instead_of_a_folder_called_tilde(monkeypatch):
    for name in [name for name in os.environ if name.startswith("XDG_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    with pytest.raises(SettingsError, match=r"CACHE_DIR is not set, and there is no home(.|\n)*RESULTS_DIR"):
        get_settings({})
    with pytest.raises(SettingsError, match=r"COURSE_CACHE_DIR='~/x': there is no such home"):
        get_settings({"COURSE_CACHE_DIR": "~/x", "COURSE_RESULTS_DIR": "/r"})
    assert get_settings({"COURSE_CACHE_DIR": "/c", "COURSE_RESULTS_DIR": "/r"}).offline is False


def test_when_settings_are_read_then_no_folder_is_made(tmp_path):
    get_settings({"COURSE_CACHE_DIR": str(tmp_path / "a"), "COURSE_RESULTS_DIR": str(tmp_path / "b")})
    assert list(tmp_path.iterdir()) == []


def test_when_the_package_reads_a_variable_then_it_is_in_the_table_of_variables():
    import re

    import course_utils

    package = Path(course_utils.__file__).parent
    used = {
        name for file in package.rglob("*.py") for name in re.findall(r"\bCOURSE_[A-Z_]+\b", file.read_text("utf-8"))
    }
    assert used <= set(VARIABLES), used - set(VARIABLES)
