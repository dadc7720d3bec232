"""A notebook can be entered behind a training: the cell after it loads the course's weights instead."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from course_utils.checkpoints.catalog import load_catalog
from course_utils.results.slicing import needed_cells

ROOT = Path(__file__).resolve().parents[2]
ENTRANCES = {
    ("03_lenet_fashion_mnist", "enter-lenet"): ("history", "lenet"),
    ("03_lenet_fashion_mnist", "enter-modern"): ("modern_history", "modern"),
    ("04_cifar10_tuning", "enter-fast"): ("fast_history", "fast"),
    ("05_imagenette_transfer_learning", "enter-scratch"): ("scratch_history", "scratch"),
}


def program(notebook, entrance, then):
    """Return the code of an entrance, of what follows it and of the cells both need, without the one that trains."""
    history, _ = ENTRANCES[notebook, entrance]
    cells = json.loads((ROOT / "notebooks" / f"{notebook}.ipynb").read_text("utf-8"))["cells"]
    cells = [cell for cell in cells if cell["cell_type"] == "code"]
    place = next(place for place, cell in enumerate(cells) if cell["id"] == entrance)
    sources = ["".join(cell["source"]) for cell in cells]
    training = max(number for number in range(place) if f"{history} = " in sources[number] and "fit" in sources[number])
    kept = [cell for number, cell in enumerate(cells[: place + 1]) if number != training]
    kept.append({"source": then, "metadata": {}})
    needed = needed_cells(kept, {len(kept) - 2, len(kept) - 1})
    return "\n".join("".join(kept[number]["source"]) for number in needed)


def run(code, **environ):
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT / "notebooks",
        env=os.environ | {"MPLBACKEND": "Agg"} | environ,
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.mark.notebook
@pytest.mark.parametrize("entrance", ["enter-lenet", "enter-modern"])
def test_when_the_training_is_skipped_then_the_courses_weights_step_in(entrance, tmp_path):
    history, network = ENTRANCES["03_lenet_fashion_mnist", entrance]
    then = f"report = cu.evaluate({network}, validation)\nprint('ACCURACY', report.accuracy, len({history}.epoch))"
    then += f"\ncu.record('lenet', report, history={history})"
    done = run(
        program("03_lenet_fashion_mnist", entrance, then),
        COURSE_BUDGET="smoke",
        COURSE_DATA="bundled",
        COURSE_RESULTS_DIR=str(tmp_path),
    )
    assert done.returncode == 0, done.stderr[-2000:]
    accuracy, epochs = next(line for line in done.stdout.splitlines() if line.startswith("ACCURACY")).split()[1:]
    assert float(accuracy) > 0.85 and int(epochs) > 1, "better than any smoke run"
    assert "trained by the course on" in done.stdout
    assert "not recorded, for it was not your training" in done.stdout
    assert not list(tmp_path.rglob("*.jsonl"))


@pytest.mark.notebook
@pytest.mark.full_data
@pytest.mark.parametrize(
    ("notebook", "entrance", "split", "least"),
    [
        ("04_cifar10_tuning", "enter-fast", "validation", 0.75),
        ("05_imagenette_transfer_learning", "enter-scratch", "validation.at(view)", 0.7),
    ],
)
def test_on_the_full_data_the_weights_are_as_good_as_the_course_says(notebook, entrance, split, least):
    _, network = ENTRANCES[notebook, entrance]
    then = f"report = cu.evaluate({network}, {split}, batch_size=32)\nprint('ACCURACY', report.accuracy)"
    done = run(program(notebook, entrance, then), COURSE_BUDGET="laptop", COURSE_DATA="full")
    assert done.returncode == 0, done.stderr[-2000:]
    assert float(done.stdout.split("ACCURACY")[1]) > least


def test_every_entrance_has_a_checkpoint_that_fits_the_laptop_budget():
    names = {name for entry in load_catalog() if entry.budget in ("laptop", "full") for name in entry.names}
    assert {"lenet", "lenet_modern", "cifar10_fast", "cifar10_fine", "imagenette_scratch"} <= names
