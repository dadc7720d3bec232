import json
from types import SimpleNamespace

import pytest

from course_utils import session
from course_utils.results import ledger
from course_utils.results.ledger import merge_run, save_ledger
from course_utils.results.records import Record


@pytest.fixture(autouse=True)
def own_results(tmp_path, monkeypatch):
    """Each test has its own results folder, an empty ledger and no current notebook."""
    monkeypatch.setenv("COURSE_RESULTS_DIR", str(tmp_path / "results"))
    monkeypatch.setenv("COURSE_BUDGET", "laptop")
    monkeypatch.delenv("COURSE_RUN_REPORT", raising=False)
    monkeypatch.setattr(session, "_current", None)
    monkeypatch.setattr(ledger, "LEDGER_PATH", tmp_path / "ledger.json")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "results"


@pytest.fixture
def make_record():
    def make(accuracy=0.912, **changes):
        values = {
            "name": "lenet",
            "notebook": "03_lenet_fashion_mnist",
            "budget": "laptop",
            "variant": "fashion_mnist",
            "split": "test",
            "n": 10_000,
            "seed": 0,
            "epochs": 8,
            "parameters": 107_786,
            "minutes": 1.5,
            "time": "2026-01-31T12:00:00+00:00",
        }
        return Record(accuracy=accuracy, **{**values, **changes})

    return make


@pytest.fixture
def make_report():
    def make(accuracy=0.912, **changes):
        values = {
            "accuracy": accuracy,
            "loss": 0.25,
            "n": 10_000,
            "interval": (accuracy - 0.006, accuracy + 0.006),
            "split_name": "test",
            "variant": "fashion_mnist",
            "model_parameters": 107_786,
        }
        return SimpleNamespace(**{**values, **changes})

    return make


@pytest.fixture
def publish(make_record):
    """Write a ledger whose row holds these accuracies, one per seed."""

    def write(*accuracies, entries=(), **changes):
        entries = list(entries)
        for seed, accuracy in enumerate(accuracies):
            entries = merge_run(entries, make_record(accuracy, **{"seed": seed, **changes}), "2 cores")
        save_ledger(entries, ledger.LEDGER_PATH)
        return entries

    return write


@pytest.fixture
def write_notebook():
    """Write a notebook of (tags, source) code cells."""

    def write(path, *cells):
        made = [{"cell_type": "code", "metadata": {"tags": list(tags)}, "source": source} for tags, source in cells]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"cells": made}), "utf-8")
        return path

    return write
