import keras
import optuna
import pytest
from training_samples import tiny_data, tiny_fit, tiny_model

from course_utils.errors import InputError
from course_utils.tuning import run_study, tuning_study
from course_utils.tuning.pruning import PruneTrial


def objective(trial):
    """The first trial reports what a good model would; the second is a real one that learns nothing."""
    trial.suggest_float("x", 0, 1)
    if trial.number == 0:
        for epoch in range(4):
            trial.report(0.9, epoch)
        return 0.9
    model = tiny_model(optimizer=keras.optimizers.SGD(0.0))
    history = tiny_fit(model, [PruneTrial(trial)], epochs=4, validation_data=tiny_data())
    return max(history.history["val_accuracy"])


def test_when_a_trial_does_worse_than_the_median_then_it_is_pruned():
    study = tuning_study("toy", startup_trials=1)
    run_study(study, objective, trials=2)
    good, bad = study.trials
    assert good.state.name == "COMPLETE" and bad.state.name == "PRUNED"
    # Not before the second epoch, and then at once.
    assert list(bad.intermediate_values) == [0, 1]
    assert bad.user_attrs["pruned"] == "worse than the median at this epoch"


def fit(trial, monitor, **options):
    tiny_fit(tiny_model(**options.pop("model", {})), [PruneTrial(trial, monitor=monitor)], **options)


def test_when_the_metric_does_not_exist_then_the_error_lists_those_that_do(study):
    with pytest.raises(InputError, match=r"accuracy, loss(?s:.*)validation_data"):
        run_study(study, lambda trial: fit(trial, "val_accuracy"), trials=3)


@pytest.mark.parametrize(("direction", "monitor"), [("maximize", "val_loss"), ("minimize", "val_accuracy")])
def test_when_metric_and_study_want_opposite_things_then_the_error_says_so(direction, monitor):
    study = tuning_study("opposite", direction=direction)
    with pytest.raises(InputError, match="the other way round"):
        run_study(study, lambda trial: fit(trial, monitor, validation_data=tiny_data()), trials=3)


def test_when_the_training_diverges_then_the_trial_is_pruned(study):
    def diverging(trial):
        rate = trial.suggest_float("rate", 0, 1)
        fit(trial, "accuracy", model={"optimizer": keras.optimizers.SGD(float("inf"))}, epochs=5)
        return rate

    run_study(study, diverging, trials=1)
    (trial,) = study.trials
    assert trial.state.name == "PRUNED" and len(trial.intermediate_values) <= 2
    assert "diverged" in trial.user_attrs["pruned"]


def test_when_time_is_up_then_the_running_trial_ends_after_its_epoch(study):
    class Clock:
        now = 0.0

        def __call__(self):
            return self.now

    clock = Clock()

    def slow(trial):
        trial.suggest_float("x", 0, 1)
        tick = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: setattr(clock, "now", clock.now + 25))
        tiny_fit(tiny_model(), [tick, PruneTrial(trial, monitor="accuracy")], epochs=2)
        return 0.5

    run_study(study, slow, trials=9, minutes=1, clock=clock)
    assert [trial.state.name for trial in study.trials] == ["COMPLETE", "PRUNED"]
    assert study.trials[1].user_attrs["pruned"] == "the time was up"
    assert list(study.trials[1].intermediate_values) == [0]


def test_with_a_study_of_optunas_own_it_works_too():
    study = optuna.create_study(direction="maximize")
    study.optimize(objective, n_trials=2)
    assert len(study.trials[1].intermediate_values) == 4
