import sys
from pathlib import Path

import pytest

ROOT = str(Path(__file__).resolve().parents[2])
if ROOT not in sys.path:
    sys.path.append(ROOT)


@pytest.fixture
def make_run():
    """Return a function that makes a run as a worker writes it, with what identifies it."""

    def make(side="course", accuracy=0.98, seconds=(10.0, 10.0), **changes):
        total = sum(seconds)
        epochs = [
            {"cpu_seconds": sum(seconds[: number + 1]), "own_cpu_seconds": own, "test_accuracy": accuracy}
            for number, own in enumerate(seconds)
        ]
        return {
            "side": side,
            "name": "mnist_dense",
            "budget": "laptop" if side == "course" else "",
            "override": "",
            "dataset": "mnist",
            "seed": 0,
            "data": "full: cache",
            "machine": "2 cores",
            "threads": 2,
            "hash": "0",
            "accuracy": accuracy,
            "parameters": 79_510,
            "variant": "mnist",
            "test_images": 10_000,
            "epochs_planned": len(seconds),
            "partial": False,
            "work_cpu_seconds": total,
            "work_wall_seconds": total,
            "fit_cpu_seconds": total,
            "process_cpu_seconds": total,
            "process_wall_seconds": total,
            "peak_memory_mb": 700,
            "epochs": epochs,
            "stages": [],
            "epoch_scale": 1.0,
            "load_average": 0.5,
            "gpus": [],
            "versions": {"keras": "3.15.1", "tensorflow": "2.21.0"},
            "time": "2026-01-31T12:00:00+00:00",
        } | changes

    return make
