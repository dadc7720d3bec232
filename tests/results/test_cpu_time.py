import gc
import weakref
from types import SimpleNamespace

import pytest

from course_utils.results import cpu_time
from course_utils.results.recording import build_record


class Thing:
    """Stands in for a model or a history."""


def test_the_seconds_of_a_models_fits_add_up_and_each_history_has_its_own():
    model, first, second = Thing(), Thing(), Thing()
    cpu_time.note_cpu_seconds([model, first], 2.0)
    cpu_time.note_cpu_seconds([model, second], 3.0)
    assert cpu_time.spent_cpu_seconds(second, model) == 3.0
    assert cpu_time.spent_cpu_seconds({"loss": [1.0]}, model) == 5.0
    assert cpu_time.spent_cpu_seconds(None, Thing()) is None


def test_a_model_that_is_noted_is_not_kept_alive():
    thing = Thing()
    cpu_time.note_cpu_seconds([thing], 1.0)
    gone = weakref.ref(thing)
    del thing
    gc.collect()
    assert gone() is None


def test_a_watched_fit_gives_its_record_cpu_seconds():
    pytest.importorskip("keras")
    from training_samples import tiny_fit, tiny_model

    import course_utils as cu

    model = tiny_model()
    history = tiny_fit(model, [cu.LiveTraining()], epochs=2)
    report = SimpleNamespace(accuracy=0.5)
    seconds = build_record("lenet", report, history=history).cpu_seconds
    assert 0 < seconds < 60
    assert build_record("lenet", report, history=history.history, model=model).cpu_seconds == seconds
    assert build_record("lenet", report, history=history.history).cpu_seconds is None
    assert build_record("lenet", report, history=tiny_fit(tiny_model())).cpu_seconds is None
