import importlib
import json
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest
from notebook_samples import as_text, code, good_cells, text, write

from course_utils import __version__, cli

COMMANDS = ("run", "lint", "student", "progress", "fetch", "doctor", "ledger", "bench", "badges", "checkpoint")


@pytest.fixture
def course(capsys):
    """Return a function that runs the command line and returns exit code, stdout and stderr."""

    def run(*argv):
        with pytest.raises(SystemExit) as caught:
            cli.main([str(argument) for argument in argv])
        out, err = capsys.readouterr()
        return caught.value.code or 0, out, err

    return run


def words(text):
    """Return a rich panel's text without its frame and line breaks."""
    return " ".join(re.sub(r"[│╭╮╰╯─┌┐└┘|]", " ", text).split())


def test_when_help_is_asked_then_every_command_is_listed(course):
    status, out, _ = course("--help")
    assert status == 0 and all(command in out for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_when_help_of_a_command_is_asked_then_nothing_is_done(course, command):
    status, out, err = course(command, "--help")
    assert status == 0 and command in out and err == ""


def test_when_help_is_asked_then_tensorflow_numpy_and_matplotlib_stay_out():
    script = """
import sys
from course_utils.cli import main
try:
    main(["--help"])
except SystemExit:
    pass
sys.exit(" ".join({"tensorflow", "keras", "numpy", "matplotlib", "nbformat", "pooch"} & set(sys.modules)) or 0)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_when_the_version_is_asked_then_it_is_the_packages(course):
    assert course("--version")[:2] == (0, f"course {__version__}\n")


def test_when_everything_passes_then_the_exit_code_is_zero(course, tmp_path):
    write(tmp_path, "00_one", "1 + 1")
    status, out, _ = course("run", "--notebooks", tmp_path, "--output", tmp_path / "build", "--budget", "smoke")
    assert status == 0
    assert "[1/1] 00_one: passed" in out and "The notebook passed" in out
    assert (tmp_path / "build" / "00_one.html").exists()


def test_when_a_notebook_fails_then_the_exit_code_is_one_and_its_cell_is_named(course, tmp_path):
    write(tmp_path, "00_one", "1 / 0")
    write(tmp_path, "01_two", "1 + 1")
    status, out, _ = course("run", "--notebooks", tmp_path, "--output", tmp_path / "build")
    assert status == 1
    assert "00_one: cell 1, line 1" in out and "ZeroDivisionError: division by zero" in out
    assert "01_two" in out and "1 of 2 notebooks failed" in out


def test_when_several_notebooks_are_named_then_only_they_run(course, tmp_path):
    for name in ("00_one", "01_two", "02_three"):
        write(tmp_path, name, "1 + 1")
    assert course("run", "--only", "02", "0", "--notebooks", tmp_path, "--output", tmp_path / "build")[0] == 0
    written = json.loads((tmp_path / "build" / "run.json").read_text("utf-8"))
    assert [entry["name"] for entry in written["notebooks"]] == ["00_one", "02_three"]


def test_when_options_are_given_then_kernels_see_them(course, tmp_path):
    names = ("COURSE_BUDGET", "COURSE_DATA", "COURSE_SEED")
    wanted = {"COURSE_BUDGET": "smoke", "COURSE_DATA": "bundled", "COURSE_SEED": "5"}
    write(tmp_path, "00_one", f"import os\n\nassert {{name: os.environ[name] for name in {names}}} == {wanted}")
    options = ["--budget", "smoke", "--data", "bundled", "--seed", "5", "--output", tmp_path / "build"]
    assert course("run", "--notebooks", tmp_path, *options)[0] == 0


def test_when_asked_to_run_twice_then_the_second_time_counts(course, tmp_path):
    write(tmp_path, "00_one", "if 'seen' in globals():\n    raise ValueError\nseen = True")
    assert course("run", "--notebooks", tmp_path, "--output", tmp_path / "build")[0] == 0
    assert course("run", "--notebooks", tmp_path, "--output", tmp_path / "build", "--twice")[0] == 1


@pytest.mark.parametrize(
    ("argv", "parts"),
    [
        (["--only", "7"], ["There is no notebook called '7'", "00_one"]),
        (["--budget", "latpop"], ["There is no budget called 'latpop'", "Did you mean 'laptop'?"]),
        (["--data", "bundle"], ["Did you mean 'bundled'?"]),
        (["--seed", "-3"], ["COURSE_SEED", "whole number"]),
        (["--timeout", "0"], ["more than 0 seconds"]),
        (["--notebooks", "nowhere"], ["This folder does not exist", "nowhere"]),
    ],
)
def test_when_an_option_makes_no_sense_then_a_box_says_why_and_the_exit_code_is_two(course, tmp_path, argv, parts):
    write(tmp_path, "00_one", "1 + 1")
    status, out, err = course("run", "--notebooks", tmp_path, "--output", tmp_path / "build", *argv)
    assert status == 2 and out == ""
    assert all(part in words(err) for part in parts), err
    assert "Traceback" not in err


def test_when_a_variable_makes_no_sense_then_it_is_named(course, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_BUGDET", "smoke")
    write(tmp_path, "00_one", "1 + 1")
    status, _, err = course("run", "--notebooks", tmp_path, "--output", tmp_path / "build")
    assert status == 2 and "COURSE_BUGDET" in err and "COURSE_BUDGET" in err


def test_when_debugging_then_the_error_comes_with_its_traceback(tmp_path):
    from course_utils.errors import NotebookError

    with pytest.raises(NotebookError):
        cli.main(["--debug", "run", "--notebooks", str(tmp_path / "nowhere")])


def test_when_notebooks_keep_the_rules_then_lint_is_content(course, tmp_path):
    path = tmp_path / "01_small.ipynb"
    path.write_text(as_text(good_cells()), "utf-8")
    assert course("lint", path)[:2] == (0, "1 notebooks: 0 errors, 0 warnings\n")


def test_when_a_rule_is_broken_then_lint_fails_and_fix_mends_it(course, tmp_path):
    path = tmp_path / "01_small.ipynb"
    cells = good_cells()
    cells[5] |= {"execution_count": 3}
    path.write_text(as_text(cells), "utf-8")
    status, out, _ = course("lint", tmp_path)
    assert status == 1 and "cell 6: error [outputs]" in out
    status, out, _ = course("lint", "--fix", tmp_path)
    assert status == 0 and f"{path}: rewritten" in out


def test_when_there_are_only_warnings_then_lint_passes_unless_strict(course, tmp_path):
    small = [cell for number in range(12) for cell in (text("Say."), code(f"x = {number}"))]
    large = code("\n".join(f"x{number} = {number}" for number in range(20)))
    path = tmp_path / "01_small.ipynb"
    path.write_text(as_text([*good_cells()[:4], *small, text("."), large, *good_cells()[4:]]), "utf-8")
    assert course("lint", path)[0] == 0
    assert course("lint", "--strict", path)[0] == 1


def test_when_the_rules_are_asked_then_each_has_a_line(course):
    out = course("lint", "--rules")[1]
    assert "no-install:" in out and "cell-size:" in out and "None" not in out


EXERCISE = [
    "# A title",
    "answer = ...",
    "cu.check.x(answer)",
    "# Look\n<details><summary>Solution</summary>\n\n```python\nanswer = 42\n```\n</details>",
]


@pytest.fixture
def with_exercise(tmp_path):
    """A folder of two notebooks; the first has an exercise."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    path = write(folder, "01_one", *EXERCISE)
    raw = json.loads(path.read_text("utf-8"))
    for place, tag in ((1, "exercise"), (2, "check")):
        raw["cells"][place]["metadata"] = {"tags": [tag]}
    path.write_text(json.dumps(raw), "utf-8")
    write(folder, "02_two", "# Another")
    return folder


def test_when_copies_for_students_are_made_then_a_table_says_what_was_written(course, tmp_path, with_exercise):
    options = ["--notebooks", with_exercise]
    status, out, err = course("student", tmp_path / "out", *options)
    assert (status, err) == (0, "") and "01_one.ipynb  1          written" in out and "Without solutions" in out
    assert "42" not in (tmp_path / "out" / "01_one.ipynb").read_text("utf-8")
    status, out, _ = course("student", tmp_path / "solved", "--solved", "--only", "1", *options)
    assert status == 0 and "With every gap filled" in out and "02_two" not in out
    assert '"answer = 42"' in (tmp_path / "solved" / "01_one.ipynb").read_text("utf-8")


def test_when_a_student_has_worked_in_a_copy_then_the_exit_code_says_that_it_was_left_alone(
    course, tmp_path, with_exercise
):
    argv = ["student", tmp_path / "out", "--notebooks", with_exercise]
    course(*argv)
    (tmp_path / "out" / "01_one.ipynb").write_text("my work")
    status, out, _ = course(*argv)
    assert status == 1 and "left alone" in out and "--force" in out
    assert course(*argv, "--force")[0] == 0
    assert (tmp_path / "out" / "01_one (before).ipynb").read_text() == "my work"


def test_when_copies_would_replace_the_course_then_a_box_says_no(course, with_exercise):
    status, _, err = course("student", with_exercise, "--notebooks", with_exercise, "--force")
    assert status == 2 and "course's own notebooks" in words(err)


def test_when_progress_is_asked_then_it_is_shown_handed_in_and_collected(course, tmp_path):
    assert "exercises passed" in course("progress")[1]
    status, out, _ = course("progress", "--only", "00")
    assert status == 0 and "00_start_here" in out and "01_pixels" not in out
    status, out, _ = course("progress", "--export", tmp_path / "ada.json", "--name", "Ada")
    assert status == 0 and "0 exercises passed by Ada" in out
    status, out, _ = course("progress", "--class", tmp_path)
    assert status == 0 and "Ada" in out and "learner" in out


def test_when_no_file_of_a_class_can_be_read_then_the_exit_code_says_so(course, tmp_path):
    (tmp_path / "a.json").write_text("{")
    status, out, _ = course("progress", "--class", tmp_path)
    assert status == 1 and "Not read: a.json" in out


@pytest.mark.parametrize("argv", [["--name", "Ada"], ["--class", ".", "--export", "x.json"]])
def test_when_options_do_not_go_together_then_it_is_said(course, argv):
    status, _, err = course("progress", *argv)
    assert status == 2 and "--name goes with --export" in words(err)


def test_when_data_sets_are_listed_then_none_is_fetched(course, monkeypatch):
    from course_utils import data

    monkeypatch.setattr(data, "fetch", lambda name: pytest.fail("fetched"))
    status, out, _ = course("fetch", "--list")
    assert status == 0 and all(name in out for name in data.CATALOG)


def test_when_data_sets_are_named_then_they_are_fetched(course, monkeypatch):
    from course_utils import data

    fetched = []
    monkeypatch.setattr(data, "fetch", lambda name: fetched.append(name) or SimpleNamespace(location=f"cache/{name}"))
    assert course("fetch", "mnist", "cifar10")[:2] == (0, "mnist: cache/mnist\ncifar10: cache/cifar10\n")
    fetched.clear()
    assert course("fetch", "--all")[0] == 0 and fetched == list(data.CATALOG)


def test_when_one_data_set_is_unknown_then_none_is_fetched(course, monkeypatch):
    from course_utils import data

    monkeypatch.setattr(data, "fetch", lambda name: pytest.fail("fetched"))
    status, _, err = course("fetch", "mnist", "fashion_mist")
    assert status == 2 and "Did you mean 'fashion_mnist'?" in words(err)


@pytest.mark.parametrize(("status", "expected"), [("ok", 0), ("warn", 0), ("fail", 1)])
def test_when_the_doctor_finds_something_to_fix_then_the_exit_code_says_so(course, monkeypatch, status, expected):
    from course_utils.workshop.findings import Finding

    # The package of that name also has a function called doctor.
    doctor = importlib.import_module("course_utils.workshop.doctor")
    asked = {}
    monkeypatch.setattr(
        doctor, "diagnose", lambda **options: asked.update(options) or [Finding("disk", status, "9 GB")]
    )
    code_, out, _ = course("doctor", "--network", "--no-tensorflow")
    assert code_ == expected and "9 GB" in out
    assert asked == {"network_probe": True, "tensorflow": False}


def test_when_the_ledger_is_measured_then_names_and_seeds_arrive(course, monkeypatch):
    from course_utils.results import measure

    asked = {}

    def fake(only, budget, seeds, data, notebooks, **options):
        asked.update(only=only, budget=budget, seeds=tuple(seeds), data=data)
        return [measure.Measurement("03_lenet", 0, "failed")]

    monkeypatch.setattr(measure, "measure", fake)
    status, out, _ = course("ledger", "--only", "03", "02", "--seeds", "4", "5", "--budget", "full")
    assert asked == {"only": ["03", "02"], "budget": "full", "seeds": (4, 5), "data": None}
    assert status == 1 and "03_lenet" in out


def test_when_checkpoints_are_made_then_recipes_and_budget_arrive(course, monkeypatch, tmp_path):
    from course_utils.checkpoints import making

    asked = {}

    def fake(only, wanted, options, **others):
        asked.update(only=only, wanted=wanted, options=options)
        return [making.Made("lenet", "kept", "0.9, 0.20 MB"), making.Made("03_lenet", "failed", "cell 3")]

    monkeypatch.setattr(making, "make_checkpoints", fake)
    arguments = ("--recipes", "lenet", "lenet_modern", "--budget", "full", "--seed", "3", "--minutes", "0.5")
    status, out, _ = course("checkpoint", *arguments, "--folder", str(tmp_path))
    assert (asked["only"], asked["wanted"]) == ((), ["lenet", "lenet_modern"])
    assert asked["options"] == making.Making("full", None, 3, 0.5, folder=tmp_path)
    assert status == 1 and "0.20 MB" in out


def test_when_drafts_are_taken_then_notebooks_and_recipes_arrive(course, monkeypatch, tmp_path):
    from course_utils.checkpoints import making

    asked = {}

    def fake(folder, options, wanted, **others):
        asked.update(folder=folder, wanted=wanted, **others)
        return [making.Made("lenet", "kept", "0.9, 0.20 MB")]

    monkeypatch.setattr(making, "take_drafts", fake)
    arguments = ("--drafts", tmp_path, "--only", "03", "--recipes", "lenet", "--notebooks", tmp_path / "nb")
    assert course("checkpoint", *map(str, arguments))[0] == 0
    assert asked == {"folder": tmp_path, "wanted": ["lenet"], "only": ["03"], "notebooks": tmp_path / "nb"}


@pytest.mark.parametrize(
    ("argv", "text"),
    [
        ("ledger --show --only 03", "--show makes no use of --only:"),
        ("ledger --readme --recipes lenet --seeds 1 2", "--readme makes no use of --seeds and --recipes:"),
        ("ledger --show --again", "--show makes no use of --again:"),
        ("checkpoint --drafts drafts --data full", "--drafts makes no use of --data:"),
    ],
)
def test_when_an_option_would_not_be_read_then_it_is_refused(course, argv, text):
    status, out, err = course(*argv.split())
    assert (status, out) == (2, "") and text in words(err)


def test_when_badges_are_written_then_the_repository_is_passed_on(course, monkeypatch):
    from course_utils import badges

    asked = []
    monkeypatch.setattr(badges, "rewrite", lambda repository: asked.append(repository) or [])
    assert course("badges", "--repo", "me/course")[0] == 0
    assert asked == ["me/course"]


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["run", "--only", "1", "2"], ["run", "--only", "1", "--only", "2"]),
        (["run", "--only", "1", "--only", "2"], ["run", "--only", "1", "--only", "2"]),
        (["run", "--only", "1", "2", "--seed", "3"], ["run", "--only", "1", "--only", "2", "--seed", "3"]),
        (["lint", "a", "b"], ["lint", "a", "b"]),
        (["run", "--only"], ["run", "--only"]),
    ],
)
def test_when_an_option_has_several_values_then_it_is_repeated(argv, expected):
    assert cli.spread(argv) == expected
