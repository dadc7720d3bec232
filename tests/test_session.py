import json
import subprocess
import sys

import numpy as np
import pytest

from course_utils import session
from course_utils.errors import InputError, SettingsError, UnknownNameError

BUDGETS = {"epochs": (1, 5, 30), "images": (10, 20, None), "wrong": (0, "three", True)}


class FakeSplit:
    def __init__(self, n):
        self.n = n

    def __len__(self):
        return self.n

    def subset(self, n, seed):
        return ("subset", n, seed)


@pytest.mark.parametrize(("budget", "epochs"), [("smoke", 1), ("laptop", 5), ("full", 30)])
def test_when_a_budget_is_chosen_then_its_column_of_the_table_is_used(monkeypatch, budget, epochs):
    monkeypatch.setenv("COURSE_BUDGET", budget)
    assert session.setup("01_pixels", BUDGETS).epochs() == epochs


def test_when_nothing_is_chosen_and_there_is_no_gpu_then_the_budget_is_laptop():
    assert session.setup("01_pixels").budget == "laptop"


def test_when_a_row_is_unknown_then_the_rows_are_listed(monkeypatch):
    with pytest.raises(UnknownNameError, match="Did you mean 'epochs'"):
        session.setup("01_pixels", BUDGETS).value("epoch")


def test_when_a_row_has_not_three_values_then_it_says_which(monkeypatch):
    with pytest.raises(InputError, match="row 'epochs'"):
        session.setup("01_pixels", {"epochs": (1, 2)})


@pytest.mark.parametrize("budget", ["smoke", "laptop", "full"])
def test_when_a_number_of_epochs_is_none_then_it_says_so(monkeypatch, budget):
    monkeypatch.setenv("COURSE_BUDGET", budget)
    with pytest.raises(InputError, match="whole number of at least 1"):
        session.setup("01_pixels", BUDGETS).epochs("wrong")


def test_when_the_split_is_larger_than_the_budget_then_a_seeded_subset_is_taken(monkeypatch):
    monkeypatch.setenv("COURSE_SEED", "3")
    course = session.setup("01_pixels", BUDGETS)
    assert course.subset(FakeSplit(100)) == ("subset", 20, 3)
    small = FakeSplit(20)
    assert course.subset(small) is small


def test_when_the_budget_takes_all_images_then_the_split_itself_is_returned(monkeypatch):
    monkeypatch.setenv("COURSE_BUDGET", "full")
    split = FakeSplit(10**6)
    assert session.setup("01_pixels", BUDGETS).subset(split) is split


def test_when_a_row_is_overridden_then_it_is_used_and_shown(monkeypatch, capsys):
    monkeypatch.setenv("COURSE_OVERRIDE", "epochs=9")
    assert session.setup("01_pixels", BUDGETS).epochs() == 9
    assert "epochs=9" in capsys.readouterr().out


def test_when_an_overridden_row_does_not_exist_then_the_rows_are_listed(monkeypatch):
    monkeypatch.setenv("COURSE_OVERRIDE", "epoch=9")
    with pytest.raises(UnknownNameError, match=r"(?s)'epochs'.*COURSE_OVERRIDE"):
        session.setup("01_pixels", BUDGETS)


def test_when_set_up_twice_then_random_numbers_repeat():
    session.setup("01_pixels", seed=5)
    first = np.random.rand(3)
    session.setup("01_pixels", seed=5)
    np.testing.assert_array_equal(first, np.random.rand(3))


def test_when_a_setting_is_wrong_then_set_up_says_which(monkeypatch):
    monkeypatch.setenv("COURSE_BUDGET", "huge")
    with pytest.raises(SettingsError, match="COURSE_BUDGET"):
        session.setup("01_pixels")


def test_when_set_up_then_the_table_shows_budget_data_seed_and_interpreter(capsys, monkeypatch):
    monkeypatch.setenv("COURSE_BUDGET", "smoke")
    monkeypatch.setenv("COURSE_DATA", "bundled")
    session.setup("02_dense_baseline", data="mnist")
    table = capsys.readouterr().out
    assert "02_dense_baseline" in table and "smoke" in table and sys.executable in table
    assert "bundled" in table and "Data mnist" in table


def test_when_a_run_wants_a_report_then_events_are_appended_to_it(monkeypatch, tmp_path):
    report = tmp_path / "report.jsonl"
    monkeypatch.setenv("COURSE_RUN_REPORT", str(report))
    session.setup("01_pixels")
    session.report_event("data", name="mnist", source="bundled")
    kinds = [json.loads(line)["kind"] for line in report.read_text("utf-8").splitlines()]
    assert kinds == ["setup", "data"]


@pytest.mark.slow
def test_when_a_model_saved_with_one_cycle_is_loaded_after_set_up_then_keras_knows_the_schedule(tmp_path):
    pytest.importorskip("keras")
    save = (
        "import keras, course_utils as cu; m = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]);"
        f"m.compile(keras.optimizers.Adam(cu.OneCycle(0.01, steps=5)), 'mse'); m.save({str(tmp_path / 'm.keras')!r})"
    )
    load = (
        "import keras, course_utils as cu; cu.setup('03_lenet_fashion_mnist');"
        f"keras.saving.load_model({str(tmp_path / 'm.keras')!r})"
    )
    for code in (save, load):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr[-2000:]


def test_when_set_up_in_a_notebook_without_keras_then_keras_stays_unloaded():
    code = (
        "import sys; from course_utils import session; session.setup('01_pixels', data='mnist');"
        "sys.exit(any(name in sys.modules for name in ('keras', 'tensorflow', 'jax', 'torch')))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60).returncode == 0
