import itertools
import math

import keras
import pytest
from training_samples import Clock, at_batch, tiny_data, tiny_fit, tiny_model

from course_utils import _display
from course_utils.errors import InputError
from course_utils.training import LiveTraining, OneCycle, TimeBudget, _picture


class Screen:
    """Stands in for a notebook's front end: keeps what is shown in the panel and as a picture."""

    def __init__(self, monkeypatch, clock, seconds_per_picture=0.0):
        self.panels, self.pictures, self.times, self.opened = [], [], [], 0
        self._clock, self._seconds = clock, seconds_per_picture
        monkeypatch.setattr(_display, "in_kernel", lambda: True)
        monkeypatch.setattr(_display, "live", self._open)
        monkeypatch.setattr(_picture, "curves_bundle", self._draw)
        monkeypatch.setattr(_picture, "show_bundle", self._show)

    def _open(self, html, text):
        self.opened += 1
        self.update(html, text)
        return self

    def update(self, html, text):
        self.panels.append(html)
        self.times.append(self._clock())

    def _draw(self, history, metrics):
        self._clock.forward(self._seconds)
        drawn = {name: list(values) for name, values in history.items()}
        return {"text/html": "<img>", "text/plain": "", "image/png": "", "curves": (metrics, drawn)}, {}

    def _show(self, handle, data, metadata):
        self.pictures.append(data)
        return "handle"


@pytest.fixture
def clock():
    return Clock()


def ticking(clock, seconds):
    return keras.callbacks.LambdaCallback(on_train_batch_begin=lambda batch, logs: clock.forward(seconds))


def test_when_there_is_no_kernel_then_each_epoch_is_one_plain_line(capsys):
    tiny_fit(tiny_model(), [LiveTraining()], epochs=2, validation_data=tiny_data())
    out, err = capsys.readouterr()
    first, second, *end = out.splitlines()
    assert first.startswith("epoch 1/2  loss 1.") and "  val_loss " in first and "  val_accuracy 0." in first
    assert second.startswith("epoch 2/2") and "left" not in second
    assert end[0].startswith("Training finished: 2 epochs in 0:0")
    assert "\r" not in out and err == ""


@pytest.mark.parametrize("verbose", [1, 2, "auto"])
def test_when_verbose_is_left_on_then_the_bar_of_keras_stays_away(capsys, verbose):
    tiny_fit(tiny_model(), [LiveTraining()], verbose=verbose)
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_it_is_a_callback_of_keras():
    assert isinstance(LiveTraining(), keras.callbacks.Callback)


def test_in_a_kernel_one_panel_is_updated_at_most_twice_a_second(monkeypatch, clock):
    screen = Screen(monkeypatch, clock)
    tiny_fit(tiny_model(), [ticking(clock, 0.22), LiveTraining(clock=clock)], epochs=8)
    assert screen.opened == 1
    running = screen.times[1:-1]
    assert len(running) >= 8
    assert min(later - earlier for earlier, later in itertools.pairwise(running)) >= 0.5
    assert "epoch 8 of 8" in screen.panels[-2] and 'aria-valuenow="' in screen.panels[-2]


def test_in_a_kernel_drawing_takes_at_most_a_twentieth_of_the_time(monkeypatch, clock):
    screen = Screen(monkeypatch, clock, seconds_per_picture=0.4)
    tiny_fit(tiny_model(), [ticking(clock, 1.0), LiveTraining(clock=clock)], epochs=10)  # 40 s and the drawing
    while_training = screen.pictures[:-1]
    assert 3 <= len(while_training) <= 0.05 * (40 + 0.4 * 6) / 0.4


def test_when_training_is_over_at_once_then_the_curves_are_still_drawn_once(monkeypatch, clock):
    screen = Screen(monkeypatch, clock)
    tiny_fit(tiny_model(), [LiveTraining(clock=clock)], validation_data=tiny_data())
    (picture,) = screen.pictures
    metrics, history = picture["curves"]
    assert metrics == ("loss", "accuracy") and set(history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert "image/png" in picture and "Training finished: 1 epoch in 0:00." in screen.panels[-1]


def test_the_best_value_is_the_one_of_the_validation(monkeypatch, clock):
    screen = Screen(monkeypatch, clock)
    history = tiny_fit(tiny_model(), [LiveTraining(clock=clock)], epochs=3, validation_data=tiny_data())
    best = max(history.history["val_accuracy"])
    epoch = history.history["val_accuracy"].index(best) + 1
    assert f"(best {best:.4f}, epoch {epoch})" in screen.panels[-1]


def test_when_the_loss_decides_then_lower_is_better(monkeypatch, clock):
    screen = Screen(monkeypatch, clock)
    history = tiny_fit(tiny_model(), [LiveTraining(metrics="loss", clock=clock)], epochs=3)
    assert f"(best {min(history.history['loss']):.4f}, " in screen.panels[-1]


def test_when_validation_does_not_run_each_epoch_then_no_epoch_is_claimed_for_the_best(monkeypatch, clock):
    screen = Screen(monkeypatch, clock)
    options = {"validation_data": tiny_data(), "validation_freq": 2}
    tiny_fit(tiny_model(), [LiveTraining(clock=clock)], epochs=4, **options)
    assert "validation accuracy" in screen.panels[-1] and ", epoch" not in screen.panels[-1]


def test_when_plot_is_off_then_only_the_panel_is_shown(monkeypatch, clock):
    screen = Screen(monkeypatch, clock)
    tiny_fit(tiny_model(), [ticking(clock, 9), LiveTraining(plot=False, clock=clock)], epochs=2)
    assert screen.panels and not screen.pictures


def test_when_the_loss_is_not_a_number_then_the_view_goes_on(monkeypatch, clock):
    screen = Screen(monkeypatch, clock)
    model = tiny_model(optimizer=keras.optimizers.SGD(float("inf")))
    history = tiny_fit(model, [LiveTraining(metrics="loss", clock=clock)], epochs=2)
    assert math.isnan(history.history["loss"][-1])
    assert screen.panels[-1].startswith("<div><b>Training finished")


def test_when_another_callback_ends_the_fit_then_the_view_says_where(monkeypatch, clock, capsys):
    screen = Screen(monkeypatch, clock)
    callbacks = [at_batch(1, lambda _: clock.forward(70)), LiveTraining(clock=clock), TimeBudget(1, clock=clock)]
    monkeypatch.setattr(_display, "show", lambda html, text: None)
    tiny_fit(tiny_model(), callbacks, epochs=5)
    assert "Training ended early, in epoch 1 of 5 after 1:10." in screen.panels[-1]


def test_when_fit_raises_then_the_view_says_that_training_was_broken_off(monkeypatch, clock):
    screen = Screen(monkeypatch, clock)

    def fail(model):
        raise RuntimeError("planted")

    with pytest.raises(RuntimeError, match="planted"):
        tiny_fit(tiny_model(), [LiveTraining(clock=clock), at_batch(1, fail, epoch=1)], epochs=3)
    assert screen.panels[-1] == "<div><b>Training was broken off in epoch 2 of 3.</b></div>"


def test_one_callback_serves_several_fits(monkeypatch, clock):
    screen = Screen(monkeypatch, clock)
    model, live = tiny_model(), LiveTraining(clock=clock)
    tiny_fit(model, [live], epochs=2)
    tiny_fit(model, [live], epochs=3)
    assert screen.opened == 2
    assert len(screen.pictures[-1]["curves"][1]["loss"]) == 3


def test_when_a_metric_has_a_strange_name_then_it_cannot_break_the_page(monkeypatch, clock):
    screen = Screen(monkeypatch, clock)
    model = tiny_model()
    metric = keras.metrics.SparseCategoricalAccuracy(name="<b>acc")
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=[metric], run_eagerly=True)
    tiny_fit(model, [ticking(clock, 1), LiveTraining(clock=clock)])
    assert not any("<b>acc" in panel for panel in screen.panels)


@pytest.mark.parametrize("every", [0, -1, "often"])
def test_when_every_makes_no_sense_then_the_error_says_so(every):
    with pytest.raises(InputError, match="seconds above 0"):
        LiveTraining(every=every)


def test_when_a_stopped_fit_had_a_one_cycle_schedule_then_the_view_warns(capsys):
    import signal

    model = tiny_model(optimizer=keras.optimizers.SGD(OneCycle(0.1, steps=20)))
    stop = at_batch(1, lambda _: signal.raise_signal(signal.SIGINT))
    tiny_fit(model, [LiveTraining(), stop], epochs=5)
    out = capsys.readouterr().out
    assert "Stopped by you in epoch 1 of 5" in out and "ended after 2 of 20 steps" in out


def test_the_curves_are_a_picture_with_alt_text():
    history = {"loss": [0.9, 0.5], "val_loss": [0.8, 0.6], "accuracy": [0.5, 0.7], "val_accuracy": [0.6, 0.7]}
    data, metadata = _picture.curves_bundle(history, ("loss", "accuracy"))
    assert "0.9 to 0.5" in metadata["image/png"]["alt"]
    assert '<img alt="Learning curves' in data["text/html"]


def test_the_curves_leave_no_figure_open_to_be_shown_a_second_time():
    import matplotlib.pyplot as plt

    _picture.curves_bundle({"loss": [0.9, 0.5]}, ("loss",))
    assert plt.get_fignums() == []
