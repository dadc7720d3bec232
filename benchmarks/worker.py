"""One measurement in a process of its own: ``python -m benchmarks.worker JOB.json RESULT.json``.

Both sides run here in the same way: plain Python, the same clock, the same callback in every ``fit``. The course's
side executes the code cells of its notebook that the recipe needs, unchanged and in order.
"""

import json
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

from course_utils.files import atomic_write
from course_utils.runner.course import read_events
from course_utils.runner.memory import peak_memory_bytes

from .references import module_of


def main(job_path, result_path):
    """Run the job and write what was measured.

    Parameters
    ----------
    job_path, result_path : path-like
        JSON files; see `benchmarks.measuring` for the job, `measure` for the result.
    """
    result = measure(json.loads(Path(job_path).read_text("utf-8")))
    with atomic_write(result_path) as temporary:
        temporary.write_text(json.dumps(result, allow_nan=False), "utf-8")


def measure(job) -> dict:
    """Return the run: its accuracy, seconds, memory, parameters and epochs, as JSON values.

    Parameters
    ----------
    job : dict
        ``side`` (``"reference"`` or ``"course"``), ``name``, ``seed``; for the course ``notebook`` and ``test``.
    """
    import psutil

    from .recording import Clock
    from .startup import load_average

    load, clock = load_average(), Clock()
    facts = (reference_side if job["side"] == "reference" else course_side)(job, clock)
    used = os.times()
    work = clock.ended - clock.began
    return facts | {
        "work_cpu_seconds": round(work.cpu, 3),
        "work_wall_seconds": round(work.wall, 3),
        "fit_cpu_seconds": round(clock.fit_cpu_seconds, 3),
        "process_cpu_seconds": round(used.user + used.system + used.children_user + used.children_system, 3),
        "process_wall_seconds": round(time.time() - psutil.Process().create_time(), 3),
        "peak_memory_mb": round(peak_memory_bytes() / 1e6),
        "epochs": clock.epochs,
        "stages": clock.stages,
        "epoch_scale": round(clock.epoch_scale, 4),
        "load_average": load,
        **surroundings(),
    }


def surroundings() -> dict:
    """Return the versions, the machine and the time."""
    from course_utils import session
    from course_utils.results import recording

    return {
        "gpus": session.gpu_names(),
        "versions": dict(recording.versions()),
        "machine": recording.machine(),
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def reference_side(job, clock) -> dict:
    """Train a tutorial's recipe; its validation set is the test set, so every epoch tells the test accuracy."""
    import keras

    import course_utils as cu

    from .recording import every_fit

    module = module_of(job["name"])
    recipe = module.REFERENCE
    keras.utils.set_random_seed(job["seed"])
    data = cu.load(job["dataset"], **({"image_size": recipe.image_size} if recipe.image_size else {}))
    clock.begin()
    with every_fit(clock):
        model = module.train(data, clock)
    for row in clock.epochs:
        row["test_accuracy"] = row["val_accuracy"]
    portion = recipe.portion
    return {
        "accuracy": None if portion and portion.timing_only else clock.epochs[-1]["test_accuracy"],
        "parameters": model.count_params(),
        "variant": data.variant,
        "test_images": len(data.test),
        "epochs_planned": recipe.epochs,
        "partial": portion is not None,
    }


def course_side(job, clock) -> dict:
    """Execute the cells of a notebook that a recipe needs, and read what it recorded."""
    from course_utils.results.slicing import slice_notebook

    from .adopting import corrected
    from .recording import every_fit

    notebook = Path(job["notebook"])
    cells = slice_notebook(notebook, [job["name"]])["cells"]
    os.chdir(notebook.parent)  # where a kernel would start
    # The cells are a program of their own: what they define must not replace what this module uses.
    program = sys.modules["__main__"] = ModuleType("__main__")
    names = vars(program)
    prepare = job.get("prepare") and (lambda: eval(job["prepare"], names))
    with every_fit(clock, lambda model: eval(job["test"], names, {"model": model}), prepare):
        for number, cell in enumerate(cells, 1):
            source = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
            exec(compile(source, f"{notebook.name}, cell {number} of the recipe", "exec"), names)
            if "setup" in cell["metadata"].get("tags", ()) or "cu.load(" in source:
                clock.begin()  # importing and loading are not the recipe's work
    events = read_events(os.environ["COURSE_RUN_REPORT"])
    record = recorded(events, job["name"])
    return {
        "accuracy": record["accuracy"],
        "parameters": record["parameters"] or job.get("parameters"),
        "variant": record["variant"],
        "test_images": record["n"],
        "epochs_planned": record["planned_epochs"],
        "partial": False,
        "also": other_accuracies(events, job["name"]),
        "records": corrected(events, clock),
        "notebook": notebook.stem,
    }


def recorded(events, name) -> dict:
    """Return the last thing that ``cu.record`` said about a recipe.

    Raises
    ------
    CourseError
        If the recipe recorded nothing, or not on test images.
    """
    from course_utils.errors import CourseError

    found = [event for event in events if event.get("kind") == "record" and event.get("name") == name]
    if not found or found[-1].get("split") != "test":
        raise CourseError(
            "A benchmark compares accuracies on the test images.",
            where=f"recipe {name}",
            found=f"an accuracy on {found[-1].get('split')} images" if found else "nothing was recorded",
            fix="Choose a recipe that records its test accuracy in this budget.",
        )
    return found[-1]


def other_accuracies(events, name) -> dict:
    """Return what else was recorded under a recipe's name, for example on photographs no backbone has seen."""
    found = [event for event in events if event.get("kind") == "record"]
    return {event["name"]: event["accuracy"] for event in found if event["name"].startswith(f"{name}/")}


if __name__ == "__main__":
    main(*sys.argv[1:])
