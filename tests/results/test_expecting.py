import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import course_utils as cu
from course_utils import session
from course_utils.errors import InputError, UnknownNameError
from course_utils.results import expecting, recipes, speed
from course_utils.results.expecting import estimate, estimate_text, memory_note, row_for, scaled
from course_utils.results.ledger import LedgerRow


@pytest.fixture(autouse=True)
def known_speed(monkeypatch):
    monkeypatch.setattr(expecting, "machine_speed", lambda: {"tensorflow": 20.0})
    monkeypatch.setattr(expecting, "REFERENCE", {"tensorflow": 30.0, "numpy": 100.0})


@pytest.fixture
def row():
    return LedgerRow(
        "lenet", "laptop", "fashion_mnist", (0.9,), 0.9, 0.9, 0.9, 1, minutes=2.0, peak_memory_mb=1100,
        machine="2 cores, AMD EPYC, 25 GB", timings=((2.0, {"tensorflow": 40.0}),),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("here", "minutes", "ratio"), [(40.0, 2.0, 1.0), (20.0, 4.0, 0.5), (10.0, 8.0, 0.25), (80.0, 1.0, 2.0)]
)
def test_minutes_are_scaled_by_the_ratio_of_the_speeds(row, here, minutes, ratio):
    found = scaled(row, {"tensorflow": here})
    assert (found.minutes, found.ratio, found.exact) == (pytest.approx(minutes), pytest.approx(ratio), True)


def test_runs_on_computers_of_different_speeds_agree_once_scaled(row):
    timings = ((2.0, {"tensorflow": 40.0}), (4.0, {"tensorflow": 20.0}), (8.0, {"tensorflow": 10.0}))
    assert scaled(replace(row, timings=timings), {"tensorflow": 20.0}).minutes == pytest.approx(4.0)


def test_a_run_that_shared_its_computer_does_not_count_and_the_text_tells_the_range(row):
    timings = ((10.4, {}), (2.6, {}), (2.5, {}))
    found = scaled(replace(row, minutes=5.2, timings=timings), {"tensorflow": 30.0})
    assert (found.minutes, found.ratio) == (pytest.approx(2.6), pytest.approx(1.0))
    assert "(the course needed 2.5–10.4 minutes on 2 cores, perhaps while they had" in estimate_text(found)


def test_of_two_runs_the_higher_counts_because_a_busy_calibration_makes_the_estimate_too_short(row):
    timings = ((1.08, {"tensorflow": 16.0}), (1.04, {"tensorflow": 29.0}))
    assert scaled(replace(row, timings=timings), {"tensorflow": 29.0}).minutes == pytest.approx(1.04)


def test_the_cpu_seconds_on_all_cores_at_the_best_speed_known_are_the_least(row):
    busy = replace(row, cpu_seconds=120.0, timings=((1.1, {"tensorflow": 16.0}), (1.1, {"tensorflow": 20.0})))
    found = scaled(busy, {"tensorflow": 40.0}, best=80.0)
    assert (found.minutes, found.ratio, found.exact) == (pytest.approx(2.0), pytest.approx(0.5), False)
    assert "on 2 cores, perhaps while they had other work; this computer is about 0.5 times" in estimate_text(found)
    for unknown in (replace(busy, cpu_seconds=None), replace(busy, machine="")):
        assert scaled(unknown, {"tensorflow": 40.0}, best=80.0).minutes == pytest.approx(0.55)
    slow = scaled(replace(busy, timings=((2.0, {"tensorflow": 80.0}),)), {"tensorflow": 40.0}, best=80.0)
    assert (slow.minutes, slow.exact) == (pytest.approx(4.0), True)


def test_the_best_speed_is_that_of_the_same_computer_along_with_any_recipe(make_record):
    from course_utils.results import ledger

    entries = []
    for name, machine, there in [
        ("lenet", "2 cores", {"tensorflow": 10.0}),
        ("deep", "2 cores", {"tensorflow": 60.0, "numpy": 900.0}),
        ("wide", "2 cores", None),
        ("other", "8 cores", {"tensorflow": 600.0}),
    ]:
        made = make_record(name=name, minutes=1.0, cpu_seconds=90.0)
        entries = ledger.merge_run(entries, made, machine, there)
    ledger.save_ledger(entries, ledger.LEDGER_PATH)
    assert estimate("lenet").minutes == pytest.approx(60 * 90 / 60 / 2 / 20)
    assert estimate("wide").minutes == pytest.approx(60 * 90 / 60 / 2 / 20)
    assert estimate("other").minutes == pytest.approx(30.0)


def test_runs_that_read_the_same_are_told_as_one_figure(row):
    found = scaled(replace(row, timings=((2.61, {}), (2.59, {}))), {"tensorflow": 30.0})
    assert "the course needed 2.6 minutes on" in estimate_text(found)
    quick = scaled(replace(row, timings=((0.5, {}), (0.6, {}))), {"tensorflow": 30.0})
    assert "the course needed 30–36 seconds on" in estimate_text(quick)


def test_runs_whose_speed_was_measured_along_with_them_are_preferred(row):
    timings = ((10.4, {}), (2.6, {}), (5.0, {"tensorflow": 40.0}), (9.0, {"numpy": 1.0}))
    found = scaled(replace(row, timings=timings), {"tensorflow": 20.0})
    assert (found.minutes, found.ratio, found.exact) == (pytest.approx(10.0), pytest.approx(0.5), True)
    assert "2.6–10.4 minutes" in estimate_text(found) and "other work" not in estimate_text(found)


def test_a_row_without_a_speed_is_scaled_by_the_reference_and_it_says_so(row):
    found = scaled(replace(row, timings=((2.0, {}),)), {"tensorflow": 15.0})
    assert (found.minutes, found.exact) == (pytest.approx(4.0), False)
    assert "on 2 cores, perhaps while they had other work;" in estimate_text(found)
    unknown = scaled(replace(row, timings=((2.0, {}),), machine=""), {"tensorflow": 15.0})
    assert "on another computer, perhaps while it had other work;" in estimate_text(unknown)


def test_speeds_of_another_kind_are_not_compared(row):
    found = scaled(row, {"numpy": 50.0})
    assert (found.minutes, found.exact) == (pytest.approx(4.0), False)


def test_the_line_says_minutes_memory_and_where_they_are_from(publish, capsys):
    publish(0.9, minutes=2.6, peak_memory_mb=1100)
    assert cu.expect("lenet") is None
    assert capsys.readouterr().out.startswith(
        "About 3.9 minutes and 1.1 GB of memory on this computer (the course needed 2.6 minutes on 2 cores, "
        "perhaps while they had other work; this computer is about 0.7 times as fast as that one)."
    )


def test_less_than_a_minute_is_told_in_seconds(row):
    assert estimate_text(scaled(row, {"tensorflow": 160.0})).startswith("About 30 seconds and 1.1 GB")


def test_a_very_slow_computer_is_not_called_infinitely_slow(row):
    assert "about 0.04 times as fast" in estimate_text(scaled(row, {"tensorflow": 1.6}))


def test_what_was_not_measured_is_not_invented(publish, capsys, monkeypatch):
    cu.expect("lenet")
    assert capsys.readouterr().out == "lenet: the course has not measured how long this takes.\n"
    publish(0.9, minutes=None, peak_memory_mb=900)
    assert estimate("lenet").minutes is None
    assert estimate_text(estimate("lenet")).endswith("takes (its minutes were not measured); 0.9 GB of memory.")
    monkeypatch.setenv("COURSE_BUDGET", "smoke")
    assert "(in the smoke budget)" in estimate_text(estimate("lenet"))


@pytest.mark.parametrize("name", [3, None, ["lenet"], "", "  "])
def test_what_is_no_name_is_refused(name):
    with pytest.raises(InputError, match=r'cu\.expect\("lenet"\)'):
        cu.expect(name)


def test_a_recipe_that_is_nowhere_is_named_with_the_nearest(publish, write_notebook, tmp_path):
    publish(0.9, minutes=2)
    write_notebook(tmp_path / "03_lenet.ipynb", (["recipe:deep"], ""), (["recipe:wide_*"], ""), (["recipe:part"], ""))
    with pytest.raises(UnknownNameError, match=r"'Lenet'\. Did you mean 'lenet'\?"):
        cu.expect("Lenet")
    with pytest.raises(UnknownNameError, match="Did you mean 'deep'"):
        cu.expect("deeep")


@pytest.mark.parametrize("name", ["deep", "wide_one", "part/one"])
def test_a_recipe_of_a_notebook_that_is_not_measured_yet_is_no_error(name, write_notebook, tmp_path, capsys):
    write_notebook(tmp_path / "03_lenet.ipynb", (["recipe:deep"], ""), (["recipe:wide_*"], ""), (["recipe:part"], ""))
    cu.expect(name)
    assert capsys.readouterr().out == f"{name}: the course has not measured how long this takes.\n"


def test_a_recipe_that_is_measured_in_another_budget_alone_is_no_error(publish, capsys):
    publish(0.9, minutes=2, name="of_no_notebook", budget="full")
    cu.expect("of_no_notebook")
    assert "(in the laptop budget)" in capsys.readouterr().out


def test_where_no_notebook_lies_no_name_is_called_wrong(monkeypatch, capsys):
    monkeypatch.setattr(recipes, "notebooks_folder", lambda: None)
    cu.expect("Lenet")
    assert "has not measured" in capsys.readouterr().out


def test_a_name_that_only_begins_like_another_is_not_it(publish):
    publish(0.9, minutes=2)
    assert estimate("len").row is None


def test_the_row_is_that_of_the_loaded_data(row, monkeypatch):
    sample = replace(row, variant="fashion_mnist/sample")
    assert row_for([row, sample], "lenet", "laptop", ["fashion_mnist/sample"]) == (sample, "")
    assert row_for([sample, row], "lenet", "laptop") == (row, "")
    found, reason = row_for([row], "lenet", "laptop", ["fashion_mnist/practice"])
    assert found is None and "practice set" in reason
    official, jpeg = replace(row, variant="cifar10"), replace(row, variant="cifar10/jpeg")
    assert row_for([official, jpeg], "lenet", "laptop", ["cifar10/jpeg"]) == (jpeg, "")
    assert row_for([jpeg], "lenet", "laptop", ["cifar10", "mnist/sample"]) == (jpeg, "")


def test_on_a_gpu_a_cpus_minutes_are_told_and_not_scaled(publish, monkeypatch):
    monkeypatch.setattr(session, "gpu_names", lambda: ["GPU:0"])
    publish(0.9, minutes=2.0)
    assert estimate("lenet").minutes is None
    assert "on a GPU; on 2 cores 2.0 minutes" in estimate_text(estimate("lenet"))


def test_too_little_memory_is_told(row):
    found = scaled(row, {"tensorflow": 40.0})
    assert memory_note(found, 300, 500) == "Only 0.5 GB are free: close other notebooks first."
    assert memory_note(found, 300, 900) == ""


def test_a_row_keeps_the_speed_of_each_run(make_record):
    from course_utils.results.ledger import build_row, merge_run

    entries = merge_run([], make_record(minutes=2.0), "2 cores", {"tensorflow": 31.5})
    entries = merge_run(entries, make_record(seed=1, minutes=3.0), "2 cores")
    assert build_row(entries[0]).timings == ((2.0, {"tensorflow": 31.5}), (3.0, {}))


def test_the_reference_has_a_speed_for_each_kind():
    assert set(speed.REFERENCE) == {"tensorflow", "numpy"} and min(speed.REFERENCE.values()) > 1


_TRAINING = """
import time, keras, numpy as np
from course_utils.results import speed
there = speed.machine_speed()
x = np.zeros((2000, 28, 28, 1), "float32"); y = np.zeros(2000, "int32")
layers = keras.layers
model = keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(25, 5, activation="relu"), layers.MaxPooling2D(4),
    layers.Flatten(), layers.Dense(100, activation="relu"), layers.Dense(10)])
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
model.fit(x, y, batch_size=64, verbose=0)
began = time.perf_counter(); model.fit(x, y, batch_size=64, epochs=3, verbose=0)
print(time.perf_counter() - began, there["tensorflow"])
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(__import__("os"), "sched_setaffinity"), reason="needs taskset")
def test_on_one_core_the_estimate_is_right_within_a_factor_of_two(row):
    def measured(code):
        root = str(Path(cu.__file__).parents[1])
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, timeout=300)
        seconds, here = map(float, done.stdout.split())
        return seconds, {"tensorflow": here}

    ratios = []
    for _ in range(3):  # other work on this computer may come and go between calibration and training
        seconds, there = measured(_TRAINING)
        slow_seconds, here = measured(
            f"import os; os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1]){_TRAINING}"
        )
        ratios.append(scaled(replace(row, timings=((seconds, there),)), here).minutes / slow_seconds)
        if 0.5 <= ratios[-1] <= 2:
            return
    pytest.fail(f"estimated / measured: {ratios}")
