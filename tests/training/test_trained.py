import pytest

import course_utils as cu
from course_utils.checkpoints import loading

keras = pytest.importorskip("keras")
from training_samples import tiny_fit, tiny_model  # noqa: E402


@pytest.fixture
def fill(monkeypatch):
    """Return a function that marks a model as filled by the course's weights."""
    filled = []
    monkeypatch.setattr(loading, "is_filled", lambda model: any(model is one for one in filled))
    return filled.append


class Broken(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        raise KeyboardInterrupt


def test_a_network_is_trained_when_its_fit_has_ended_and_a_new_one_is_not():
    model = tiny_model()
    assert not cu.is_trained(model)
    tiny_fit(model, [cu.LiveTraining(plot=False)])
    assert cu.is_trained(model)
    assert not cu.is_trained(tiny_model())


def test_a_training_that_was_broken_off_does_not_count():
    model = tiny_model()
    with pytest.raises(KeyboardInterrupt):
        tiny_fit(model, [cu.LiveTraining(plot=False), Broken()])
    assert not cu.is_trained(model)


def test_a_training_in_stages_that_is_broken_off_later_counts():
    model = tiny_model()
    tiny_fit(model, [cu.LiveTraining(plot=False)])
    with pytest.raises(KeyboardInterrupt):
        tiny_fit(model, [cu.LiveTraining(plot=False), Broken()])
    assert cu.is_trained(model)


def test_the_courses_weights_count_as_trained(fill):
    model = tiny_model()
    fill(model)
    assert cu.is_trained(model)
