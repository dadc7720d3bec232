"""One place holds the repository's address; badges, platform cell and links follow it."""

import json
import os
import shutil
from pathlib import Path

import pytest

from course_utils import badges
from course_utils.badges import (
    MARKER,
    PLACEHOLDER,
    badge_line,
    check_repository,
    current_repository,
    find_strays,
    rewrite,
)
from course_utils.errors import CourseError, InputError
from course_utils.notebook_lint.form import canonical

ROOT = Path(__file__).resolve().parent.parent
MINE = "some-teacher/my.course"
PLATFORM = f'course = "cnn-course @ https://github.com/{PLACEHOLDER}/archive/refs/heads/main.zip"\n'


def notebook(title):
    cells = [
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": f"# {title}\n\n{MARKER}\n\nText.\n"},
        {"cell_type": "code", "id": "b", "metadata": {"tags": ["platform"]}, "source": PLATFORM, "outputs": []},
    ]
    return canonical({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture
def checkout(tmp_path):
    """A small copy of what names the repository."""
    files = {
        "pyproject.toml": f'[project]\nname = "cnn-course"\n\n[tool.course]\nrepository = "{PLACEHOLDER}"\n',
        "README.md": f"# Course\n\n{MARKER}\n\nClone https://github.com/{PLACEHOLDER}.git and "
        "thank https://github.com/zalandoresearch/fashion-mnist.\n",
        "CITATION.cff": f'repository-code: "https://github.com/{PLACEHOLDER}"\n',
        "course_utils/platform_cell.txt": PLATFORM,
        "notebooks/00_start_here.ipynb": notebook("Start"),
        "notebooks/03_lenet.ipynb": notebook("LeNet"),
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(text.encode())
    return tmp_path


def contents(root):
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def first_cell(path):
    return "".join(json.loads(path.read_text("utf-8"))["cells"][0]["source"])


def test_in_this_checkout_everything_names_the_one_repository():
    assert [str(stray) for stray in find_strays(ROOT)] == []


def test_when_the_repository_is_set_then_everything_follows(checkout):
    changed = rewrite(MINE, checkout)
    assert {path.as_posix() for path in changed} == {
        "CITATION.cff",
        "README.md",
        "course_utils/platform_cell.txt",
        "notebooks/00_start_here.ipynb",
        "notebooks/03_lenet.ipynb",
        "pyproject.toml",
    }
    assert current_repository(checkout) == MINE
    assert find_strays(checkout) == []
    for path, content in contents(checkout).items():
        assert b"YOUR_ACCOUNT" not in content, path
        assert MINE.encode() in content, path


def test_when_it_is_set_again_then_nothing_changes(checkout):
    rewrite(MINE, checkout)
    before = contents(checkout)
    assert rewrite(MINE, checkout) == []
    assert rewrite(root=checkout) == []
    assert contents(checkout) == before


def test_when_it_is_set_to_another_and_back_then_the_files_are_as_before(checkout):
    rewrite(root=checkout)
    before = contents(checkout)
    rewrite("first/one", checkout)
    rewrite(MINE, checkout)
    rewrite(PLACEHOLDER, checkout)
    assert contents(checkout) == before


def test_repositories_of_others_are_left_alone(checkout):
    rewrite("zalando/fashion-mnist", checkout)
    assert "https://github.com/zalandoresearch/fashion-mnist." in (checkout / "README.md").read_text()


def test_the_suffix_of_a_clone_address_is_kept(checkout):
    rewrite(MINE, checkout)
    assert f"https://github.com/{MINE}.git and" in (checkout / "README.md").read_text()


def test_each_notebook_gets_badges_that_open_it_and_the_readme_those_of_the_first(checkout):
    rewrite(MINE, checkout)
    text = first_cell(checkout / "notebooks" / "03_lenet.ipynb")
    assert text == f"# LeNet\n\n{MARKER}\n{badge_line('03_lenet', MINE)}\n\nText.\n"
    assert badge_line("00_start_here", MINE) in (checkout / "README.md").read_text()


def test_stale_badges_are_replaced_not_repeated(checkout):
    rewrite("first/one", checkout)
    rewrite(MINE, checkout)
    text = first_cell(checkout / "notebooks" / "03_lenet.ipynb")
    assert text.count("[![") == 3
    assert "first/one" not in text


def test_the_rewritten_notebook_is_in_its_one_form(checkout):
    rewrite(MINE, checkout)
    text = (checkout / "notebooks" / "03_lenet.ipynb").read_text("utf-8")
    assert canonical(json.loads(text)) == text


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("docs.md", "see https://colab.research.google.com/github/old/fork/blob/main/notebooks/00_start_here.ipynb"),
        ("docs.md", "see https://mybinder.org/v2/gh/old/fork/main"),
        ("docs.md", "see https://kaggle.com/kernels/welcome?src=https://github.com/old/fork/blob/main/x.ipynb"),
        ("workflow.yml", "uses: https://github.com/old/cnn-course"),
        ("Makefile", "# https://raw.githubusercontent.com/old/cnn-course/main/x"),
        ("notes.txt", f"clone {PLACEHOLDER} first"),
    ],
)
def test_a_stray_is_found_with_its_line_and_put_right(checkout, name, line):
    rewrite(MINE, checkout)
    (checkout / name).write_text(f"one\n{line}\n")
    (stray,) = find_strays(checkout)
    assert (stray.path.as_posix(), stray.line) == (name, 2)
    assert MINE in str(stray)
    assert [path.as_posix() for path in rewrite(root=checkout)] == [name]
    assert find_strays(checkout) == []


def test_missing_badges_are_strays(checkout):
    rewrite(MINE, checkout)
    path = checkout / "README.md"
    path.write_text(path.read_text().replace(badge_line("00_start_here", MINE), ""))
    assert [stray.path.name for stray in find_strays(checkout)] == ["README.md"]
    path.write_text("# Course\n")
    assert MARKER in find_strays(checkout)[0].fix


def test_badges_of_another_notebook_are_strays(checkout):
    rewrite(MINE, checkout)
    path = checkout / "notebooks" / "03_lenet.ipynb"
    shutil.copy(checkout / "notebooks" / "00_start_here.ipynb", path)
    assert [stray.path.name for stray in find_strays(checkout)] == ["03_lenet.ipynb"]


def test_links_environments_and_tests_are_not_touched(checkout):
    for name in (".venv/x.md", "tests/test_x.py", "build/page.html"):
        (checkout / name).parent.mkdir()
        (checkout / name).write_text(f"https://github.com/{PLACEHOLDER}")
    (checkout / "link.md").symlink_to(checkout / "tests" / "test_x.py")
    changed = {path.as_posix() for path in rewrite(MINE, checkout)}
    assert not changed & {".venv/x.md", "tests/test_x.py", "build/page.html", "link.md"}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no executable bit")
def test_an_executable_file_stays_executable(checkout):
    path = checkout / "postBuild"
    path.write_text(f"# {PLACEHOLDER}\n")
    path.chmod(0o755)
    rewrite(MINE, checkout)
    assert path.stat().st_mode & 0o777 == 0o755


def test_badges_open_the_notebook_in_the_repository():
    line = badge_line("03_lenet.ipynb", MINE)
    assert f"https://mybinder.org/v2/gh/{MINE}/main?labpath=notebooks%2F03_lenet.ipynb" in line
    assert f"https://colab.research.google.com/github/{MINE}/blob/main/notebooks/03_lenet.ipynb" in line
    assert (
        f"https://kaggle.com/kernels/welcome?src=https://github.com/{MINE}/blob/main/notebooks/03_lenet.ipynb" in line
    )
    assert "\n" not in line
    assert all(f"[Open in {name}]" in line for name in ("Binder", "Colab", "Kaggle"))


@pytest.mark.parametrize(
    "text", ["a/b", "some-teacher/cnn-course", "A1-b2/x_y.z", PLACEHOLDER, "a" * 39 + "/" + "b" * 100]
)
def test_repositories_that_can_exist_are_accepted(text):
    assert check_repository(text) == text


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("cnn-course", "one slash"),
        ("a/b/c", "one slash"),
        ("https://github.com/a/b", "no address around it"),
        ("/b", "both"),
        ("a/", "both"),
        ("some_one/b", "an owner has"),
        ("-a/b", "an owner has"),
        ("a-/b", "an owner has"),
        ("a--b/c", "an owner has"),
        ("a" * 40 + "/b", "an owner has"),
        ("a/b c", "a name has"),
        ("a/b\n", "a name has"),
        ("a/..", "a name has"),
        ("a/" + "b" * 101, "a name has"),
        ("a/b.git", "end in .git"),
        ("ä/b", "an owner has"),
        (None, "one slash"),
    ],
)
def test_repositories_that_cannot_exist_are_refused_with_the_rule(checkout, text, rule):
    with pytest.raises(InputError, match="OWNER/NAME") as caught:
        check_repository(text)
    assert rule in str(caught.value)


def test_when_the_address_is_refused_then_nothing_is_written(checkout):
    before = contents(checkout)
    with pytest.raises(InputError):
        rewrite("no such/thing", checkout)
    assert contents(checkout) == before


def test_outside_a_checkout_the_error_says_where_to_run_it(tmp_path):
    with pytest.raises(CourseError, match="clone of the course"):
        find_strays(tmp_path)


def test_the_placeholder_cannot_be_anybodys_account():
    assert badges._problem(PLACEHOLDER) is not None
