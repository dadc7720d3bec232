import keras
import numpy as np
import pytest
from training_samples import tiny_fit, tiny_model

from course_utils.errors import InputError, UnknownNameError
from course_utils.training.schedule import OneCycle, unfinished_schedule


def rates(schedule, steps=None):
    return np.asarray(keras.ops.convert_to_numpy(schedule(np.arange(steps or schedule.steps))))


@pytest.mark.parametrize("shape", ["linear", "cosine"])
def test_the_rate_rises_to_the_maximum_and_falls_to_the_final_value(shape):
    values = rates(OneCycle(0.1, steps=101, warmup=0.3, start=0.1, final=0.01, shape=shape))
    assert values[[0, 30, 100]] == pytest.approx([0.01, 0.1, 0.001], rel=1e-4)
    assert (np.diff(values[:31]) > 0).all() and (np.diff(values[30:]) < 0).all()


def test_a_linear_cycle_is_made_of_straight_lines():
    values = rates(OneCycle(1.0, steps=101, warmup=0.5, start=0.0, final=0.0))
    expected = np.interp(np.arange(101), [0, 50, 100], [0, 1, 0])
    np.testing.assert_allclose(values, expected, atol=1e-6)


def test_when_training_goes_on_past_the_last_step_then_the_rate_stays_final():
    values = rates(OneCycle(0.1, steps=10, final=0.5), steps=30)
    assert values[9:] == pytest.approx(0.05)


def test_epochs_and_steps_per_epoch_give_the_steps():
    assert OneCycle(0.1, epochs=8, steps_per_epoch=469).steps == 3752


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"steps": 10, "epochs": 2, "steps_per_epoch": 5},
        {"epochs": 2},
        {"steps": 0},
        {"steps": 10.5},
        {"steps": 10, "warmup": 1.0},
        {"steps": 10, "final": 2},
        {"steps": 10, "max_learning_rate": 0},
        {"steps": 10, "max_learning_rate": float("nan")},
    ],
)
def test_when_a_value_makes_no_sense_then_the_error_says_what_is_allowed(options):
    with pytest.raises(InputError, match=r"expected|whole numbers"):
        OneCycle(**{"max_learning_rate": 0.1, **options})


def test_when_the_shape_is_unknown_then_the_valid_ones_are_listed():
    with pytest.raises(UnknownNameError, match="cosine"):
        OneCycle(0.1, steps=10, shape="cosinus")


def test_the_optimiser_follows_the_schedule():
    schedule = OneCycle(0.1, steps=8, start=0.5, final=0.25)
    model = tiny_model(optimizer=keras.optimizers.SGD(schedule))
    seen = []
    read = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.append(float(model.optimizer.learning_rate))
    )
    tiny_fit(model, [read], epochs=2)
    assert seen == pytest.approx([float(schedule(4)), 0.025])


def test_when_a_model_is_saved_then_the_keras_file_brings_the_schedule_back(tmp_path):
    model = tiny_model(optimizer=keras.optimizers.Adam(OneCycle(0.02, steps=40, warmup=0.2, shape="cosine")))
    tiny_fit(model)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    schedule = keras.optimizers.schedules.deserialize(loaded.optimizer.get_config()["learning_rate"])
    assert isinstance(schedule, OneCycle)
    np.testing.assert_allclose(rates(schedule), rates(model.optimizer._learning_rate))
    assert int(loaded.optimizer.iterations) == 4


def test_when_the_cycle_is_complete_then_there_is_nothing_to_report():
    model = tiny_model(optimizer=keras.optimizers.SGD(OneCycle(0.1, steps=4)))
    assert "0 of 4" in unfinished_schedule(model)
    tiny_fit(model)
    assert unfinished_schedule(model) is None


def test_when_there_is_another_schedule_or_none_then_there_is_nothing_to_report():
    assert unfinished_schedule(tiny_model()) is None
    decay = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
    assert unfinished_schedule(tiny_model(optimizer=keras.optimizers.SGD(decay))) is None
