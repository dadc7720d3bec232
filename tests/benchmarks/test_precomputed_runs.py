"""The program that trained the runs of the over-fitting explorer: it resumes, writes plain JSON, and repeats itself."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "course_utils" / "widgets" / "precomputed_runs.json"


@pytest.fixture
def program(monkeypatch, tmp_path):
    """The program, writing into a folder of the test's own."""
    pytest.importorskip("tensorflow")
    path = ROOT / "benchmarks" / "precomputed_runs.py"
    spec = importlib.util.spec_from_file_location("precomputed_runs", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "TARGET", tmp_path / "runs.json")
    monkeypatch.setattr(module, "use_one_core", lambda: None)
    return module


@pytest.fixture
def pictures():
    """As `read_pictures` returns them, few, with the label in the first numbers."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, 300).astype("int32")
    vectors = rng.random((300, 784), dtype="float32")
    vectors[:, :10] += 3 * np.eye(10, dtype="float32")[labels]
    return vectors, labels


def setting(**changes):
    return {"learning_rate": 0.01, "pictures": 100, "dropout": 0.0, "weight_decay": 0.0} | changes


@pytest.fixture
def small(program, monkeypatch):
    monkeypatch.setattr(program, "VALIDATION", 200)
    return program


def test_when_a_network_is_trained_then_its_curves_begin_before_training_and_go_down(small, pictures):
    curves = small.train(pictures, setting(), epochs=20)
    assert set(curves) == set(small.CURVES) and {len(curve) for curve in curves.values()} == {21}
    assert curves["loss"][-1] < curves["loss"][0] and curves["accuracy"][-1] > curves["accuracy"][0]


def test_when_a_setting_is_trained_twice_then_the_curves_are_the_same(small, pictures):
    assert small.train(pictures, setting(dropout=0.5), epochs=2) == small.train(
        pictures, setting(dropout=0.5), epochs=2
    )


def test_when_settings_differ_then_the_start_is_the_same_and_the_rest_is_not(small, pictures):
    plain = small.train(pictures, setting(), epochs=2)
    for change in ({"dropout": 0.5}, {"weight_decay": 2.0}, {"learning_rate": 0.02}):
        other = small.train(pictures, setting(**change), epochs=2)
        assert other["val_loss"][0] == plain["val_loss"][0] and other["val_loss"][-1] != plain["val_loss"][-1]


def test_when_the_loss_overflows_then_the_curve_has_none_and_no_nan(small, pictures):
    vectors, labels = pictures
    curves = small.train((np.where(vectors > 0.5, np.float32(1e38), 0), labels), setting(), epochs=1)
    assert None in curves["loss"]
    json.dumps(curves, allow_nan=False)


@pytest.mark.parametrize(("value", "expected"), [(0.123456, 0.1235), (1234567.0, 1235000.0), (float("inf"), None)])
def test_when_a_number_is_written_then_it_has_four_digits(program, value, expected):
    assert program.rounded(value) == expected


def test_when_the_grid_was_interrupted_then_only_what_is_missing_is_trained(program, monkeypatch):
    monkeypatch.setattr(program, "GRID", {name: values[:2] for name, values in program.GRID.items()})
    monkeypatch.setattr(program, "read_pictures", lambda: None)
    trained = []

    def train(pictures, setting):
        if len(trained) == 5:
            raise KeyboardInterrupt
        trained.append(tuple(setting.values()))
        return {name: [1.0, 0.5] for name in program.CURVES}

    monkeypatch.setattr(program, "train", train)
    with pytest.raises(KeyboardInterrupt):
        program.main()
    assert len(json.loads(program.TARGET.read_text())["runs"]) == 5
    first, trained[:] = list(trained), ["full"] * 10
    program.main()
    content = json.loads(program.TARGET.read_text())
    assert len(content["runs"]) == 16 and not set(first) & set(trained[10:])
    assert content["grid"] == program.GRID and content["about"]["seed"] == program.SEED


def test_when_the_data_are_only_a_sample_then_the_program_stops(program, monkeypatch):
    import course_utils as cu

    monkeypatch.setenv("COURSE_OFFLINE", "1")
    monkeypatch.setattr(cu, "load", lambda name: type("Data", (), {"train": range(4000)}))
    with pytest.raises(SystemExit, match="full Fashion-MNIST"):
        program.read_pictures()


@pytest.mark.full_data
@pytest.mark.slow
def test_when_a_run_of_the_widget_is_trained_again_then_its_curves_come_out_again(program):
    shipped = json.loads(SHIPPED.read_text())["runs"]
    for wanted in (
        setting(learning_rate=0.003, pictures=1_000),
        setting(learning_rate=0.001, pictures=200, dropout=0.5),
    ):
        run = next(run for run in shipped if all(run[name] == value for name, value in wanted.items()))
        again = program.train(program.read_pictures(), wanted, epochs=3)
        for name in program.CURVES:
            np.testing.assert_allclose(again[name], run[name][:4], rtol=0.02, err_msg=name)
