import numpy as np
import pytest

from course_utils.results import speed


class Clock:
    """Each step takes what the next of `times` says; reading the clock takes nothing."""

    def __init__(self, *times):
        self.now, self.times, self.steps = 0.0, list(times), 0

    def step(self):
        self.now += self.times[min(self.steps, len(self.times) - 1)]
        self.steps += 1

    def __call__(self):
        return self.now


def test_the_median_step_counts_and_warming_up_does_not():
    clock = Clock(5, 5, 0.1, 0.1, 0.9, 0.1)
    assert speed.steps_per_second(clock.step, 1, clock) == pytest.approx(10)


def test_a_slow_computer_makes_three_steps_all_the_same():
    clock = Clock(4.0)
    assert speed.steps_per_second(clock.step, 1, clock) == pytest.approx(0.25)
    assert clock.steps == 5


def test_it_is_measured_once_per_process(monkeypatch):
    speed._measured.cache_clear()
    calls = []
    monkeypatch.setattr(speed, "steps_per_second", lambda step, seconds: calls.append(seconds) or 12.3456)
    assert speed.machine_speed() == speed.machine_speed()
    assert calls == [speed.SECONDS]
    assert list(speed.machine_speed().values()) == [12.346]
    speed._measured.cache_clear()


def test_without_keras_products_of_matrices_are_measured(monkeypatch):
    monkeypatch.setattr(speed, "_has_tensorflow", lambda: False)
    monkeypatch.setattr(speed, "SECONDS", 0)
    speed._measured.cache_clear()
    assert list(speed.machine_speed()) == ["numpy"]
    assert speed._product_step()().shape == (600, 600)
    speed._measured.cache_clear()


def test_no_seed_is_touched():
    import keras

    def after(measure):
        keras.utils.set_random_seed(1)
        if measure:
            speed._convolution_step()()
        return float(keras.random.normal(())), np.random.rand()

    assert after(True) == after(False)
