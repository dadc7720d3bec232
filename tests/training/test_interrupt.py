import signal
import threading

import keras
import pytest
from training_samples import at_batch, tiny_data, tiny_fit, tiny_model

from course_utils.training import LiveTraining


@pytest.fixture
def handler():
    """A SIGINT handler of the test's own, to see that it comes back and what reaches it."""

    def own(number, frame):
        own.calls += 1
        raise KeyboardInterrupt

    own.calls = 0
    before = signal.signal(signal.SIGINT, own)
    yield own
    signal.signal(signal.SIGINT, before)


def press(model=None):
    signal.raise_signal(signal.SIGINT)


def test_the_first_press_ends_the_fit_after_the_batch_and_keeps_weights_and_history(handler):
    model = tiny_model()
    before = [weight.copy() for weight in model.get_weights()]
    batches = []
    count = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: batches.append(batch))
    history = tiny_fit(
        model, [count, LiveTraining(), at_batch(2, press, epoch=1)], epochs=9, validation_data=tiny_data()
    )
    assert batches == [0, 1, 2, 3, 0, 1, 2]
    assert history.epoch == [0, 1] and len(history.history["val_loss"]) == 2
    assert any((old != new).any() for old, new in zip(before, model.get_weights(), strict=True))
    assert handler.calls == 0 and signal.getsignal(signal.SIGINT) is handler


def test_the_second_press_interrupts_for_real(handler):
    def press_twice(model):
        press()
        press()

    with pytest.raises(KeyboardInterrupt):
        tiny_fit(tiny_model(), [LiveTraining(), at_batch(1, press_twice)], epochs=9)
    assert handler.calls == 1 and signal.getsignal(signal.SIGINT) is handler


def test_a_press_during_validation_ends_the_fit_after_it(handler):
    press_once = keras.callbacks.LambdaCallback()
    press_once.on_test_batch_end = lambda batch, logs=None: press() if batch == 0 else None
    history = tiny_fit(tiny_model(), [LiveTraining(), press_once], epochs=9, validation_data=tiny_data())
    assert history.epoch == [0] and "val_loss" in history.history


def test_the_handler_comes_back_after_an_ordinary_fit(handler):
    tiny_fit(tiny_model(), [LiveTraining()])
    assert signal.getsignal(signal.SIGINT) is handler


def fail(model):
    raise RuntimeError("planted")


def test_the_handler_comes_back_when_fit_raises(handler):
    with pytest.raises(RuntimeError, match="planted"):
        tiny_fit(tiny_model(), [LiveTraining(), at_batch(1, fail)])
    assert signal.getsignal(signal.SIGINT) is handler


def test_while_the_exception_is_still_held_a_press_goes_where_it_went_before(handler):
    kept = None
    try:
        tiny_fit(tiny_model(), [LiveTraining(), at_batch(1, fail)])
    except RuntimeError as error:
        kept = error
    with pytest.raises(KeyboardInterrupt):
        press()
    assert handler.calls == 1 and kept is not None
    assert signal.getsignal(signal.SIGINT) is handler


def test_the_next_fit_works_after_one_that_raised(handler):
    model, live = tiny_model(), LiveTraining()
    with pytest.raises(RuntimeError) as held:
        tiny_fit(model, [live, at_batch(1, fail)])
    history = tiny_fit(model, [live, at_batch(0, press, epoch=1)], epochs=5)
    assert held.value is not None and history.epoch == [0, 1]
    assert signal.getsignal(signal.SIGINT) is handler


def test_a_press_in_one_fit_does_not_stop_the_next(handler):
    model, live = tiny_model(), LiveTraining()
    tiny_fit(model, [live, at_batch(0, press)], epochs=3)
    assert len(tiny_fit(model, [live], epochs=3).epoch) == 3


def test_a_fit_inside_a_fit_hands_the_button_back_to_the_outer_one(handler):
    inner_history = []

    def fit_inside(model):
        inner_history.append(tiny_fit(tiny_model(), [LiveTraining(), at_batch(1, press)], epochs=3))

    outer = tiny_fit(tiny_model(), [LiveTraining(), at_batch(1, fit_inside), at_batch(2, press)], epochs=3)
    assert inner_history[0].epoch == [0] and outer.epoch == [0]
    assert signal.getsignal(signal.SIGINT) is handler


def test_outside_the_main_thread_the_fit_goes_on_without_the_button(handler):
    results = []
    thread = threading.Thread(target=lambda: results.append(tiny_fit(tiny_model(), [LiveTraining()], epochs=2)))
    thread.start()
    thread.join()
    assert results[0].epoch == [0, 1] and signal.getsignal(signal.SIGINT) is handler


def test_when_the_signal_is_ignored_on_purpose_then_it_stays_ignored(handler):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    history = tiny_fit(tiny_model(), [LiveTraining(), at_batch(1, press)], epochs=2)
    assert history.epoch == [0, 1] and signal.getsignal(signal.SIGINT) == signal.SIG_IGN
