import json
import os
import sys

import pytest

from course_utils.errors import CourseError

keras = pytest.importorskip("keras")
from training_samples import tiny_data, tiny_fit, tiny_model  # noqa: E402

from benchmarks import worker  # noqa: E402
from benchmarks.recording import Clock, every_fit  # noqa: E402


class Seconds:
    """A clock that moves when it is told to: CPU seconds, and twice as many wall seconds."""

    def __init__(self):
        self.cpu = 100.0

    def __call__(self):
        return self.cpu, 2 * self.cpu

    def forward(self, seconds):
        self.cpu += seconds


@pytest.fixture
def seconds():
    return Seconds()


def working(seconds, each):
    """Return a callback whose epochs take so many seconds."""

    class Working(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            seconds.forward(each)

    return Working()


def test_every_epoch_is_noted_with_its_seconds_and_the_question_costs_nothing(seconds):
    clock = Clock(seconds)
    seconds.forward(5)  # importing and loading
    clock.begin()
    seconds.forward(2)  # preparing

    def test_accuracy(model):
        seconds.forward(1_000)
        return 0.75

    with every_fit(clock, test_accuracy):
        tiny_fit(tiny_model(), [working(seconds, 3)], epochs=2, validation_data=tiny_data())
    seconds.forward(50)  # judging
    assert [row["cpu_seconds"] for row in clock.epochs] == [5, 8]
    assert [row["own_cpu_seconds"] for row in clock.epochs] == [3, 3]
    assert [row["wall_seconds"] for row in clock.epochs] == [10, 16]
    assert [row["test_accuracy"] for row in clock.epochs] == [0.75, 0.75]
    assert {"accuracy", "val_accuracy"} <= set(clock.epochs[0])
    assert (clock.ended - clock.began).cpu == 8
    assert clock.fit_cpu_seconds == 6


def test_several_fits_make_one_list_of_epochs(seconds):
    clock, model = Clock(seconds), tiny_model()
    with every_fit(clock):
        tiny_fit(model, [working(seconds, 1)])
        seconds.forward(10)
        tiny_fit(model, [working(seconds, 1)])
    assert [row["cpu_seconds"] for row in clock.epochs] == [1, 12]
    assert clock.fit_cpu_seconds == 2


def test_what_must_be_prepared_is_done_once_with_the_clock_running(seconds):
    clock, done = Clock(seconds), []
    clock.begin()

    def prepare():
        done.append(1)
        seconds.forward(7)

    with every_fit(clock, lambda model: 0.5, prepare):
        tiny_fit(tiny_model(), [working(seconds, 1)])
        tiny_fit(tiny_model(), [working(seconds, 1)])
    assert done == [1]
    assert (clock.ended - clock.began).cpu == 9
    assert clock.prepared_for == 14
    assert len(clock.networks) == 2


@pytest.mark.parametrize("callbacks", [None, [], (), "one"])
def test_fit_takes_its_own_callbacks_as_before_and_is_put_back(callbacks):
    before = keras.Model.fit
    clock, images = Clock(), tiny_data()
    with every_fit(clock):
        given = keras.callbacks.Callback() if callbacks == "one" else callbacks
        tiny_model().fit(*images, verbose=0, callbacks=given)
    assert len(clock.epochs) == 1
    assert keras.Model.fit is before and "fit" not in vars(keras.Sequential)


def test_when_the_code_fails_then_fit_is_put_back():
    before = keras.Model.fit
    with pytest.raises(ZeroDivisionError), every_fit(Clock()):
        1 / 0  # noqa: B018
    assert keras.Model.fit is before


def test_stages_are_noted_with_their_share(seconds):
    clock = Clock(seconds)
    with clock.stage("features", 10, 100):
        seconds.forward(4)
    assert clock.stages == [{"name": "features", "cpu_seconds": 4, "done": 10, "of": 100}]


CELLS = [
    (["setup"], 'import course_utils as cu\n\ncourse = cu.setup("07_tiny", budgets={"epochs": (1, 2, 3)})'),
    ([], "raise ValueError('no cell of the recipe')"),
    ([], "from training_samples import tiny_data, tiny_model\n\nimages, labels = tiny_data()"),
    ([], "measure = model = tiny_model()  # also the name of a function of the worker"),
    (
        ["recipe:tiny"],
        "history = measure.fit(images, labels, verbose=0, epochs=course.epochs(), callbacks=[cu.LiveTraining()])",
    ),
    (
        ["recipe:tiny"],
        "report = cu.evaluate(measure, (images, labels), classes=tuple('abc'))\n"
        "from types import SimpleNamespace\n"
        "kept = SimpleNamespace(accuracy=report.accuracy, split_name=SPLIT, variant='tiny', n=32, model_parameters=7)\n"
        "cu.record('tiny', kept, history=history)",
    ),
]


@pytest.fixture
def job(tmp_path, monkeypatch):
    """A job for a notebook of a few cells; the process is this one, and is put back afterwards."""
    monkeypatch.setenv("COURSE_RUN_REPORT", str(tmp_path / "events.jsonl"))
    monkeypatch.setenv("COURSE_BUDGET", "laptop")
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    monkeypatch.chdir(tmp_path)

    def make(split="test", **changes):
        cells = [
            {"cell_type": "code", "metadata": {"tags": tags}, "source": source.replace("SPLIT", repr(split))}
            for tags, source in CELLS
        ]
        path = tmp_path / "notebooks" / "07_tiny.ipynb"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({"cells": cells}), "utf-8")
        test = "cu.evaluate(model, (images, labels), classes=('a', 'b', 'c')).accuracy"
        return {"side": "course", "name": "tiny", "seed": 0, "notebook": str(path), "test": test} | changes

    return make


def test_the_courses_side_executes_the_cells_of_the_recipe_and_reads_what_they_recorded(job, capsys):
    found = worker.measure(job())
    assert found["accuracy"] == pytest.approx(found["epochs"][-1]["test_accuracy"], abs=1e-4)
    assert (found["parameters"], found["variant"], found["test_images"]) == (7, "tiny", 32)
    assert len(found["epochs"]) == found["epochs_planned"] == 2
    assert 0 < found["fit_cpu_seconds"] <= found["work_cpu_seconds"] <= found["process_cpu_seconds"]
    assert found["peak_memory_mb"] > 10 and not found["partial"]
    assert "cores" in found["machine"] and found["versions"]["keras"]
    assert os.path.basename(os.getcwd()) == "notebooks"  # noqa: PTH119, PTH109
    json.dumps(found, allow_nan=False)


def test_an_accuracy_on_other_than_test_images_is_refused(job, capsys):
    with pytest.raises(CourseError, match="an accuracy on validation images"):
        worker.measure(job("validation"))


def test_what_is_recorded_under_the_recipes_name_is_kept_as_well():
    events = [{"kind": "record", "name": name, "accuracy": 0.9} for name in ("head", "head/clean-500", "header/x")]
    assert worker.other_accuracies([{"kind": "setup"}, *events], "head") == {"head/clean-500": 0.9}


def test_a_recipe_that_records_nothing_is_named():
    with pytest.raises(CourseError, match=r"recipe tiny[\s\S]*nothing was recorded"):
        worker.recorded([{"kind": "setup"}], "tiny")


def test_the_references_side_tells_test_accuracies_and_how_much_was_run(monkeypatch):
    from types import SimpleNamespace

    import course_utils as cu
    from benchmarks.references import Portion, Reference

    def train(data, clock):
        model = tiny_model()
        tiny_fit(model, epochs=2, validation_data=tiny_data())
        return model

    recipe = Reference("tiny", "", "50 %", 0.5, 6, 8, 0, portion=Portion(2))
    monkeypatch.setattr(worker, "module_of", lambda name: SimpleNamespace(REFERENCE=recipe, train=train))
    monkeypatch.setattr(cu, "load", lambda name: SimpleNamespace(variant=name, test=range(32)), raising=False)
    found = worker.measure({"side": "reference", "name": "tiny", "seed": 3, "dataset": "mnist"})
    assert found["partial"] and (len(found["epochs"]), found["epochs_planned"]) == (2, 6)
    assert found["accuracy"] == found["epochs"][-1]["test_accuracy"] == found["epochs"][-1]["val_accuracy"]
    assert (found["variant"], found["test_images"]) == ("mnist", 32)
    timing = Reference("tiny", "", "50 %", 0.5, 6, 8, 0, portion=Portion(2, timing_only=True))
    monkeypatch.setattr(worker, "module_of", lambda name: SimpleNamespace(REFERENCE=timing, train=train))
    again = worker.measure({"side": "reference", "name": "tiny", "seed": 3, "dataset": "mnist"})
    assert again["accuracy"] is None, "random weights: an accuracy would mean nothing"


def test_the_same_seed_starts_the_reference_the_same_way(monkeypatch):
    from types import SimpleNamespace

    import course_utils as cu
    from benchmarks.references import Reference

    def train(data, clock):
        model = tiny_model()
        tiny_fit(model, validation_data=tiny_data())
        return model

    recipe = Reference("tiny", "", "50 %", 0.5, 1, 8, 0)
    monkeypatch.setattr(worker, "module_of", lambda name: SimpleNamespace(REFERENCE=recipe, train=train))
    monkeypatch.setattr(cu, "load", lambda name: SimpleNamespace(variant=name, test=range(32)), raising=False)
    runs = [worker.measure({"side": "reference", "name": "t", "seed": seed, "dataset": "mnist"}) for seed in (1, 1)]
    assert runs[0]["epochs"][0]["accuracy"] == runs[1]["epochs"][0]["accuracy"]
