"""The exercises as they stand in the notebooks: stubs, solutions, and small mutations of the solutions."""

import pytest
from exercise_mutants import EQUIVALENT, mutants
from exercise_runs import NOTEBOOKS, Stage, all_exercises, notebook_of

from course_utils.exercises.reading import read_exercises, source
from course_utils.exercises.registry import exercises

EXERCISES = all_exercises()
_stages = {}


@pytest.fixture
def stage(request, monkeypatch, tmp_path_factory):
    """The surroundings of an exercise, in the smoke budget on bundled data; made once per exercise."""
    path, exercise = request.param
    monkeypatch.setenv("COURSE_BUDGET", "smoke")
    monkeypatch.setenv("COURSE_DATA", "bundled")
    key = path.stem, exercise.name
    if key not in _stages:
        _stages[key] = Stage(path, exercise)
    return _stages[key]


def _name(item):
    return f"{item[0].stem[:2]}-{item[1].name}"


@pytest.mark.parametrize("stage", EXERCISES, indirect=True, ids=map(_name, EXERCISES))
def test_when_the_stub_is_untouched_then_it_is_not_attempted(stage):
    assert stage.examine(stage.stub).verdict == "not attempted"


@pytest.mark.parametrize("stage", EXERCISES, indirect=True, ids=map(_name, EXERCISES))
def test_the_solution_in_the_notebook_passes(stage):
    feedback = stage.examine(stage.exercise.code)
    assert feedback.passed, feedback.text()


@pytest.mark.parametrize("stage", EXERCISES, indirect=True, ids=map(_name, EXERCISES))
def test_small_mutations_of_the_solution_are_caught(stage, capsys):
    caught, survived = [], []
    for label, code in mutants(stage.exercise.code):
        if f"{stage.exercise.name}: {label}" in EQUIVALENT:
            continue
        try:
            passed = stage.examine(code).passed
        except Exception:  # noqa: BLE001 - the cell itself fails: the learner sees that without a check
            passed = False
        (survived if passed else caught).append(label)
    total = len(caught) + len(survived)
    with capsys.disabled():
        print(f"\n  {stage.exercise.name}: {len(caught)} of {total} mutants caught", end="")
    assert survived == []


def test_every_exercise_stands_in_its_notebook_and_the_other_way_round():
    in_notebooks = {exercise.name: path.stem for path, exercise in EXERCISES}
    assert in_notebooks == {name: item.notebook for name, item in exercises().items()}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem[:2])
def test_each_notebook_has_its_exercises_a_lab_and_a_quiz(path):
    notebook = notebook_of(path)
    found = [exercises()[exercise.name] for exercise in read_exercises(notebook)]
    labs = [item for item in found if item.number.endswith("b")]
    assert 3 <= len(found) - len(labs) <= 5
    assert len(labs) == 1
    number = path.stem[:2]
    assert any(f'cu.quiz("{number}")' in source(cell) for cell in notebook["cells"])


def test_the_list_of_equivalent_mutants_holds_nothing_that_is_gone():
    known = {f"{exercise.name}: {label}" for _, exercise in EXERCISES for label, _ in mutants(exercise.code)}
    assert set(EQUIVALENT) <= known
