import pytest
from training_samples import Clock

from course_utils.training._progress import Progress


@pytest.fixture
def clock():
    return Clock()


def train_epoch(progress, clock, epoch, batches=10, seconds=1.0, first=None, validation=0.0):
    progress.begin_epoch(epoch)
    for batch in range(batches):
        clock.forward(first if batch == 0 and first is not None else seconds)
        progress.end_batch(batch)
    if validation:
        progress.begin_validation()
        clock.forward(validation)
    progress.end_epoch()


def test_when_nothing_is_timed_yet_then_there_is_no_estimate(clock):
    progress = Progress(epochs=3, steps=10, clock=clock)
    assert progress.seconds_left is None
    progress.begin_epoch(0)
    progress.end_batch(0)
    assert progress.seconds_left is None


def test_when_the_first_batch_compiles_the_model_then_the_estimate_leaves_it_out(clock):
    progress = Progress(epochs=3, steps=10, clock=clock)
    train_epoch(progress, clock, 0, first=60)
    assert progress.seconds_left == pytest.approx(20)
    assert progress.elapsed == pytest.approx(69)


def test_when_there_is_validation_then_the_estimate_counts_it_for_the_epochs_to_come(clock):
    progress = Progress(epochs=3, steps=10, clock=clock)
    train_epoch(progress, clock, 0, validation=5)
    assert progress.seconds_left == pytest.approx(2 * (10 + 5))
    progress.begin_epoch(1)
    assert progress.seconds_left == pytest.approx(2 * (10 + 5))


def test_when_batches_come_several_at_a_time_then_each_counts(clock):
    progress = Progress(epochs=1, steps=100, clock=clock)
    progress.begin_epoch(0)
    for batch in (9, 19, 29):
        clock.forward(1)
        progress.end_batch(batch)
    assert progress.epoch_fraction == pytest.approx(0.3)
    assert progress.seconds_left == pytest.approx(7)


def test_when_the_number_of_batches_is_unknown_then_the_first_epoch_tells_it(clock):
    progress = Progress(epochs=2, steps=None, clock=clock)
    progress.begin_epoch(0)
    progress.end_batch(0)
    assert progress.epoch_fraction is None
    train_epoch(progress, clock, 0, batches=7)
    assert progress.steps == 7
    assert progress.seconds_left == pytest.approx(7)


def test_when_training_goes_on_later_then_the_fraction_counts_the_earlier_epochs(clock):
    progress = Progress(epochs=4, steps=10, clock=clock)
    train_epoch(progress, clock, 2)
    assert progress.fraction == pytest.approx(0.75)
