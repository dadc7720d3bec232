"""Which notebooks a run executes."""

from pathlib import Path

import pytest
from notebook_samples import write

from course_utils import runner
from course_utils.errors import NotebookError, UnknownNameError
from course_utils.runner import plan

NAMES = ["00_start_here", "01_pixels_and_convolution", "02_dense_baseline", "03_lenet_fashion_mnist"]


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        ([], [0, 1, 2, 3]),
        (["03"], [3]),
        (["3"], [3]),
        (["0"], [0]),
        (["03_lenet"], [3]),
        (["03_lenet_fashion_mnist.ipynb"], [3]),
        (["notebooks/01_pixels_and_convolution.ipynb"], [1]),
        (["03", "01", "1"], [1, 3]),
        (["02 03"], [2, 3]),
        (["02,03"], [2, 3]),
    ],
)
def test_when_notebooks_are_named_then_they_are_chosen_in_order(wanted, numbers):
    found = [Path("notebooks", f"{name}.ipynb") for name in NAMES]
    assert runner.select_notebooks(found, wanted) == tuple(found[number] for number in numbers)


@pytest.mark.parametrize("wanted", ["7", "lenet", "03_lenett", ".ipynb"])
def test_when_no_notebook_has_that_name_then_the_valid_ones_are_listed_closest_first(wanted):
    found = [Path(f"{name}.ipynb") for name in NAMES]
    with pytest.raises(UnknownNameError) as caught:
        runner.select_notebooks(found, [wanted])
    assert sorted(caught.value.valid) == NAMES
    if "lenet" in wanted:
        assert caught.value.valid[0] == NAMES[3]


def test_when_there_are_no_notebooks_then_it_is_said_where(tmp_path):
    with pytest.raises(NotebookError, match="does not exist"):
        runner.find_notebooks(tmp_path / "nowhere")
    (tmp_path / ".ipynb_checkpoints").mkdir()
    with pytest.raises(NotebookError, match="no notebooks"):
        runner.find_notebooks(tmp_path)


def test_when_started_in_a_folder_of_the_course_then_the_notebooks_are_found(tmp_path, monkeypatch):
    below = tmp_path / "notebooks" / "deeper"
    below.mkdir(parents=True)
    write(tmp_path / "notebooks", "00_start_here", "x = 1")
    monkeypatch.chdir(below)
    assert plan.default_notebooks_folder() == tmp_path / "notebooks"


def test_when_a_folder_above_holds_other_notebooks_then_they_are_left_alone(tmp_path, monkeypatch):
    below = tmp_path / "notebooks" / "deeper"
    below.mkdir(parents=True)
    write(tmp_path / "notebooks", "my_thesis", "x = 1")
    monkeypatch.chdir(below)
    assert not plan.default_notebooks_folder().is_relative_to(tmp_path)


def test_only_the_options_can_ask_that_networks_are_kept():
    outside = {"COURSE_SAVE_CHECKPOINTS": "somewhere"}
    assert "COURSE_SAVE_CHECKPOINTS" not in plan.kernel_environment(plan.RunOptions(()), outside)
    asked = plan.RunOptions((), environ={"COURSE_SAVE_CHECKPOINTS": "drafts"})
    assert plan.kernel_environment(asked, outside)["COURSE_SAVE_CHECKPOINTS"] == "drafts"
