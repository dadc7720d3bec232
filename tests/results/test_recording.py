import json
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

import course_utils as cu
from course_utils import session
from course_utils.errors import InputError
from course_utils.results import ledger
from course_utils.results.recording import build_record, machine, peak_memory_mb, versions
from course_utils.results.records import read_records


def test_a_record_is_kept_and_one_line_is_shown(make_report, publish, capsys):
    publish(0.908, 0.912, 0.915)
    assert cu.record("lenet", make_report(0.911)) is None
    assert capsys.readouterr().out == (
        "✓ lenet: yours 0.911, the course's 0.908–0.915 (3 seeds, laptop, fashion_mnist)\n"
    )
    (kept,) = read_records().records
    assert (kept.name, kept.accuracy, kept.n, kept.split) == ("lenet", 0.911, 10_000, "test")
    assert (kept.variant, kept.budget, kept.parameters) == ("fashion_mnist", "laptop", 107_786)
    assert kept.time.endswith("+00:00")
    assert kept.peak_memory_mb > 10
    assert kept.versions["python"].startswith("3.")


def test_when_the_weights_are_the_courses_then_nothing_is_recorded(make_report, capsys):
    history = SimpleNamespace(history={"loss": [2.0]}, params={"epochs": 1}, from_checkpoint=True)
    cu.record("lenet", make_report(0.911), history=history)
    assert capsys.readouterr().out == (
        "lenet: 0.911 with the course's weights; not recorded, for it was not your training.\n"
    )
    assert read_records().records == ()


def test_the_notebook_its_budget_and_seed_come_from_setup(make_report, monkeypatch):
    course = SimpleNamespace(name="03_lenet_fashion_mnist", budget="full", seed=7)
    monkeypatch.setattr(session, "_current", course)
    made = build_record("lenet", make_report())
    assert (made.notebook, made.budget, made.seed) == ("03_lenet_fashion_mnist", "full", 7)


def test_the_hash_of_the_notebooks_recipe_is_kept(make_report, tmp_path, write_notebook, monkeypatch):
    write_notebook(tmp_path / "03_lenet.ipynb", (["recipe:lenet"], "model = 1"))
    monkeypatch.setattr(session, "_current", SimpleNamespace(name="03_lenet", budget="laptop", seed=0))
    assert len(build_record("lenet", make_report()).recipe_hash) == 16


def test_a_history_tells_the_epochs_trained_and_asked_for(make_report):
    history = SimpleNamespace(history={"loss": [3, 2, 1], "val_loss": [3, 2, 1]}, params={"epochs": 8})
    made = build_record("lenet", make_report(), history=history)
    assert (made.epochs, made.planned_epochs) == (3, 8)
    assert build_record("lenet", make_report(), history={"loss": [2, 1]}).epochs == 2


def test_a_plain_accuracy_is_accepted_and_a_split_says_on_what():
    class Split:
        name, variant = "test", "mnist"

        def __len__(self):
            return 50

    made = build_record("forest", np.float32(0.5), split=Split())
    assert (made.accuracy, made.variant, made.split, made.n) == (0.5, "mnist", "test", 50)
    assert build_record("forest", 1).variant is None


def test_a_model_tells_its_parameters_where_the_report_does_not():
    model = SimpleNamespace(count_params=lambda: 42)
    assert build_record("lenet", 0.5, model=model).parameters == 42


def test_a_loss_that_is_not_a_number_is_left_out_and_the_line_is_valid_json(make_report, own_results):
    cu.record("lenet", make_report(loss=float("nan")), minutes=np.float64(1.5))
    line = json.loads((own_results / "records.jsonl").read_text())
    assert (line["loss"], line["minutes"]) == (None, 1.5)


@pytest.mark.parametrize("accuracy", [float("nan"), -0.1, 91.2, "high", None, True, [0.5, 0.6]])
def test_an_accuracy_that_is_none_is_refused_and_nothing_is_kept(accuracy):
    with pytest.raises(InputError, match="from 0 to 1"):
        cu.record("lenet", accuracy)
    assert read_records().records == ()


def test_percent_are_recognised():
    with pytest.raises(InputError, match=r"Divide it by 100: 0\.912"):
        cu.record("lenet", 91.2)


def test_a_record_needs_a_name(make_report):
    with pytest.raises(InputError, match="needs a name"):
        cu.record(make_report(), "lenet")


def test_when_the_results_folder_cannot_be_written_then_the_result_is_still_shown(
    make_report, monkeypatch, tmp_path, capsys
):
    (tmp_path / "taken").write_text("a file of mine")
    monkeypatch.setenv("COURSE_RESULTS_DIR", str(tmp_path / "taken" / "results"))
    cu.record("lenet", make_report(0.9))
    shown = capsys.readouterr().out
    assert "yours 0.900" in shown
    assert "not kept" in shown
    assert "COURSE_RESULTS_DIR" in shown
    assert (tmp_path / "taken").read_text() == "a file of mine"


def test_when_the_ledger_is_damaged_then_the_result_is_kept_and_the_damage_named(make_report, capsys):
    ledger.LEDGER_PATH.write_text("{")
    cu.record("lenet", make_report())
    assert "ledger of published ranges is damaged" in capsys.readouterr().out
    assert len(read_records().records) == 1


def test_a_run_that_asked_for_a_report_is_told(make_report, publish, monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_RUN_REPORT", str(tmp_path / "report.jsonl"))
    publish(0.912)
    cu.record("lenet", make_report(0.912))
    event = json.loads((tmp_path / "report.jsonl").read_text())
    assert (event["kind"], event["name"], event["verdict"]) == ("record", "lenet", "inside")
    assert "yours 0.912" in event["line"]


@pytest.mark.parametrize(
    ("budget", "minutes", "speed"), [("laptop", 2.0, {"numpy": 9.0}), ("laptop", None, None), ("smoke", 2.0, None)]
)
def test_the_speed_is_reported_with_minutes_that_are_worth_scaling(
    make_report, monkeypatch, tmp_path, budget, minutes, speed
):
    monkeypatch.setattr("course_utils.results.speed.machine_speed", lambda: {"numpy": 9.0})
    monkeypatch.setenv("COURSE_RUN_REPORT", str(tmp_path / "report.jsonl"))
    monkeypatch.setenv("COURSE_BUDGET", budget)
    cu.record("lenet", make_report(), minutes=minutes)
    assert json.loads((tmp_path / "report.jsonl").read_text())["speed"] == speed


def test_in_a_kernel_the_box_is_escaped_html(make_report, monkeypatch):
    shown = []
    monkeypatch.setattr("course_utils._display.show", lambda html, text: shown.append((html, text)))
    cu.record("a<b", make_report())
    html, text = shown[0]
    assert "a&lt;b" in html
    assert "a<b" in text


def test_recording_loads_no_tensorflow_or_keras(own_results):
    code = "import course_utils as cu, sys; cu.record('x', 0.5); cu.compare(); print({'keras'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("set()")
    assert done.stderr == ""


def test_machine_and_versions_name_no_host_or_user():
    import getpass
    import socket

    described = machine() + json.dumps(dict(versions()))
    assert "cores" in described
    assert socket.gethostname() not in described.split(", ")
    assert f"/{getpass.getuser()}/" not in described


def test_peak_memory_is_in_megabytes():
    assert 10 < peak_memory_mb() < 100_000


def test_what_cu_load_and_cu_evaluate_give_tells_the_data_variant(monkeypatch):
    monkeypatch.setenv("COURSE_DATA", "bundled")
    data = cu.load("fashion_mnist")
    train, validation = data.train.subset(200).split(0.5)
    report = cu.evaluate(lambda images: np.zeros(len(images), dtype=int), validation)
    made = build_record("zero", report)
    assert (made.variant, made.split, made.n) == ("fashion_mnist/sample", "validation", 100)
    assert (made.accuracy, made.parameters) == (0.1, None)
    assert train.variant == data.variant == "fashion_mnist/sample"
