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


@pytest.fixture
def measured(monkeypatch):
    """What the next measurements find, in steps per second."""
    found = []
    monkeypatch.setattr(speed, "_measured", {})
    monkeypatch.setattr(speed, "steps_per_second", lambda step, seconds: found.pop(0))
    return found


def test_a_measurement_stands_for_some_minutes(measured):
    measured += [12.3456, 99.0]
    now = Clock()
    assert list(speed.machine_speed(now).values()) == [12.346]
    now.now = speed.FRESH_SECONDS
    assert list(speed.machine_speed(now).values()) == [12.346] and len(measured) == 1


def test_when_the_computer_was_busy_at_first_then_a_later_measurement_counts(measured):
    measured += [10.0, 40.0, 20.0]
    now = Clock()
    speeds = []
    for seconds in (0, 200, 400):
        now.now = seconds
        speeds += speed.machine_speed(now).values()
    assert speeds == [10.0, 40.0, 40.0], "the faster of two: other work only makes it slower"
    assert measured == []


def test_without_keras_products_of_matrices_are_measured(monkeypatch):
    monkeypatch.setattr(speed, "_has_tensorflow", lambda: False)
    monkeypatch.setattr(speed, "SECONDS", 0)
    monkeypatch.setattr(speed, "_measured", {})
    assert list(speed.machine_speed()) == ["numpy"]
    assert speed._product_step()().shape == (600, 600)


def test_no_seed_is_touched():
    import keras

    def after(measure):
        keras.utils.set_random_seed(1)
        if measure:
            speed._convolution_step()()
        return float(keras.random.normal(())), np.random.rand()

    assert after(True) == after(False)
