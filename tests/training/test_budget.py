import keras
import pytest
from training_samples import Clock, at_batch, tiny_fit, tiny_model

from course_utils.errors import InputError
from course_utils.training import OneCycle, TimeBudget


@pytest.fixture
def clock():
    return Clock()


def test_when_time_is_up_then_the_fit_ends_after_that_batch_and_says_so(clock, capsys):
    model = tiny_model()
    budget = TimeBudget(2, clock=clock)
    seen = []
    count = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(batch))
    history = tiny_fit(model, [at_batch(1, lambda _: clock.forward(120), epoch=1), budget, count], epochs=5)
    assert budget.used_up
    assert history.epoch == [0, 1] and seen == [0, 1, 2, 3, 0, 1]
    assert "budget of 2 min is used up: training ended in epoch 2 of 5" in capsys.readouterr().out


def test_when_the_epoch_is_to_be_finished_then_the_fit_ends_after_it(clock):
    budget = TimeBudget(2, finish_epoch=True, clock=clock)
    seen = []
    count = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(batch))
    tiny_fit(tiny_model(), [at_batch(1, lambda _: clock.forward(121)), budget, count], epochs=5)
    assert budget.used_up and seen == [0, 1, 2, 3]


def test_when_there_is_time_enough_then_nothing_is_said(clock, capsys):
    budget = TimeBudget(2, clock=clock)
    history = tiny_fit(tiny_model(), [at_batch(1, lambda _: clock.forward(119)), budget], epochs=2)
    assert not budget.used_up and len(history.epoch) == 2
    assert capsys.readouterr().out == ""


def test_when_time_is_up_with_the_very_last_batch_then_nothing_was_cut_short(clock, capsys):
    budget = TimeBudget(2, clock=clock)
    tiny_fit(tiny_model(), [at_batch(3, lambda _: clock.forward(130)), budget])
    assert not budget.used_up and capsys.readouterr().out == ""


def test_when_a_one_cycle_schedule_is_cut_short_then_the_message_warns(clock, capsys):
    model = tiny_model(optimizer=keras.optimizers.SGD(OneCycle(0.1, steps=20)))
    tiny_fit(model, [at_batch(2, lambda _: clock.forward(130)), TimeBudget(2, clock=clock)], epochs=5)
    assert "ended after 3 of 20 steps" in capsys.readouterr().out


def test_each_fit_has_the_whole_time(clock):
    budget = TimeBudget(2, clock=clock)
    tiny_fit(tiny_model(), [at_batch(0, lambda _: clock.forward(130)), budget], epochs=2)
    history = tiny_fit(tiny_model(), [budget], epochs=2)
    assert not budget.used_up and len(history.epoch) == 2


@pytest.mark.parametrize("minutes", [0, -1, float("nan"), float("inf"), "3", None, True])
def test_when_the_minutes_make_no_sense_then_the_error_shows_how_to_write_it(minutes):
    with pytest.raises(InputError, match=r"cu\.TimeBudget\(minutes=3\)"):
        TimeBudget(minutes)
