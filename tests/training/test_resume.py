import keras
import numpy as np
import pytest
from training_samples import at_batch, tiny_fit, tiny_model

from course_utils import session
from course_utils.errors import InputError
from course_utils.settings import get_settings
from course_utils.training import LiveTraining, OneCycle, Resume


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "runs"


def go_on(folder, epochs, *, model=None, callbacks=(), name="lenet", restart=False, **options):
    """What a notebook's cells do, in a kernel that knows nothing of the runs before."""
    keras.utils.set_random_seed(1)
    model = model or tiny_model(optimizer="adam")
    resume = Resume(name, folder=folder, restart=restart)
    history = tiny_fit(model, [*callbacks, resume], epochs=epochs, initial_epoch=resume.epoch, **options)
    return model, history, resume


def assert_same_state(model, other):
    for mine, theirs in zip(
        model.variables + model.optimizer.variables, other.variables + other.optimizer.variables, strict=True
    ):
        np.testing.assert_allclose(mine.numpy(), theirs.numpy(), rtol=1e-5, atol=1e-7)


def test_a_run_in_two_parts_ends_where_one_without_a_break_ends(folder, tmp_path):
    go_on(folder, 2)
    model, history, _ = go_on(folder, 5)
    whole_model, whole, _ = go_on(tmp_path / "whole", 5)
    assert_same_state(model, whole_model)
    assert history.epoch == whole.epoch == [0, 1, 2, 3, 4]
    assert history.history.keys() == whole.history.keys()
    np.testing.assert_allclose(history.history["loss"], whole.history["loss"], rtol=1e-5)


def test_when_the_model_has_dropout_then_its_random_numbers_go_on_too(folder, tmp_path):
    def model():
        return tiny_model(units=8, optimizer="adam", dropout=0.5)

    go_on(folder, 2, model=model())
    keras.utils.set_random_seed(1)
    first, _, _ = go_on(folder, 4, model=model())
    keras.utils.set_random_seed(0)
    second, _, _ = go_on(folder, 4, model=model())
    assert_same_state(first, second)


def test_nothing_saved_yet_means_epoch_0(folder):
    resume = Resume("lenet", folder=folder)
    assert resume.epoch == 0 and resume.history == {} and not folder.exists()


def test_when_the_fit_cell_alone_is_run_again_then_training_goes_on_from_the_last_whole_epoch(folder):
    model, _, resume = go_on(folder, 2)
    history = tiny_fit(model, [resume], epochs=3, initial_epoch=resume.epoch)
    assert history.epoch == [0, 1, 2] and resume.epoch == 3


def test_a_finished_run_is_loaded_and_not_trained_again(folder, capsys):
    model, history, resume = go_on(folder, 3)
    saved = resume.path.read_bytes()
    capsys.readouterr()
    again, history_again, resume = go_on(folder, 3)
    assert_same_state(model, again)
    assert history_again.history == history.history and history_again.epoch == [0, 1, 2]
    assert resume.path.read_bytes() == saved
    assert "has 3 epochs already: nothing was trained" in capsys.readouterr().out


def test_an_epoch_cut_short_is_trained_again(folder):
    stop = at_batch(1, lambda model: setattr(model, "stop_training", True), epoch=2)
    _, history, resume = go_on(folder, 5, callbacks=[stop])
    assert history.epoch == [0, 1, 2] and resume.epoch == 2
    assert [len(values) for values in resume.history.values()] == [2, 2]
    _, history, _ = go_on(folder, 5)
    assert history.epoch == [0, 1, 2, 3, 4] and len(history.history["loss"]) == 5


def test_when_another_callback_ends_the_fit_after_a_whole_epoch_then_that_epoch_is_saved(folder):
    early = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: setattr(early.model, "stop_training", True))
    assert go_on(folder, 5, callbacks=[early])[2].epoch == 1


def test_when_initial_epoch_is_forgotten_then_the_error_gives_the_line(folder):
    go_on(folder, 2)
    with pytest.raises(InputError, match=r"initial_epoch=resume\.epoch"):
        tiny_fit(tiny_model(optimizer="adam"), [Resume("lenet", folder=folder)], epochs=5)


def test_restart_begins_again_and_keeps_the_earlier_run_under_another_name(folder):
    go_on(folder, 3)
    _, history, _ = go_on(folder, 2, restart=True)
    assert history.epoch == [0, 1]
    assert Resume("lenet", folder=folder).epoch == 2
    assert Resume("lenet.earlier-1", folder=folder).epoch == 3


def test_when_a_restarted_run_fails_before_its_first_save_then_the_earlier_one_is_untouched(folder):
    _, _, resume = go_on(folder, 2)
    saved = resume.path.read_bytes()

    def fail(model):
        raise RuntimeError("planted")

    with pytest.raises(RuntimeError, match="planted"):
        go_on(folder, 2, restart=True, callbacks=[at_batch(0, fail)])
    assert resume.path.read_bytes() == saved
    assert Resume("lenet", folder=folder).epoch == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"units": 4}, r"another model[\s\S]*kernel \(16, 3\)[\s\S]*kernel \(16, 4\)"),
        ({"dropout": 0.1}, "another model"),
        ({"optimizer": "sgd"}, "another optimiser"),
    ],
)
def test_when_the_model_does_not_fit_then_the_error_names_the_difference_and_nothing_changes(folder, change, message):
    _, _, resume = go_on(folder, 2)
    saved = resume.path.read_bytes()
    other = tiny_model(**{"optimizer": "adam", **change})
    weights = other.get_weights()
    with pytest.raises(InputError, match=message) as caught:
        go_on(folder, 4, model=other)
    assert "restart=True" in str(caught.value)
    assert all((old == new).all() for old, new in zip(weights, other.get_weights(), strict=True))
    assert resume.path.read_bytes() == saved


def test_when_the_number_of_batches_differs_then_other_data_are_suspected(folder):
    go_on(folder, 2)
    with pytest.raises(InputError, match=r"other data or with another batch size"):
        go_on(folder, 4, batch_size=16)


def test_a_learning_rate_that_a_callback_lowered_stays_low(folder):
    lower = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 10)
    go_on(folder, 2, callbacks=[lower])
    model, _, _ = go_on(folder, 3)
    assert float(model.optimizer.learning_rate) == pytest.approx(1e-5)


def test_a_learning_rate_that_the_learner_changed_is_used(folder, capsys):
    go_on(folder, 2)
    model, _, _ = go_on(folder, 3, model=tiny_model(optimizer=keras.optimizers.Adam(0.5)))
    assert float(model.optimizer.learning_rate) == pytest.approx(0.5)
    assert "learning rate is 0.5 from here on" in capsys.readouterr().out


def test_a_one_cycle_schedule_goes_on_at_its_step(folder):
    def model():
        return tiny_model(optimizer=keras.optimizers.SGD(OneCycle(0.1, epochs=4, steps_per_epoch=4)))

    go_on(folder, 2, model=model())
    rates = []
    seen = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: rates.append(float(seen.model.optimizer.learning_rate))
    )
    go_on(folder, 4, model=model(), callbacks=[seen])
    assert rates == pytest.approx([float(OneCycle(0.1, steps=16)(step)) for step in (12, 16)])


def test_the_live_view_shows_the_epochs_of_both_sessions(folder, capsys):
    go_on(folder, 2)
    live = LiveTraining()
    go_on(folder, 3, callbacks=[live])
    assert len(live._history["loss"]) == 3
    assert "epoch 3/3" in capsys.readouterr().out


def test_each_notebook_budget_and_seed_has_runs_of_its_own(monkeypatch):
    results = get_settings().results_dir
    assert Resume("lenet").path == results / "checkpoints" / "lenet.npz"
    course = session.Course("03_lenet", "laptop", 7, get_settings())
    monkeypatch.setattr(session, "_current", course)
    assert Resume("lenet").path == results / "checkpoints" / "03_lenet" / "laptop" / "seed-7" / "lenet.npz"


@pytest.mark.parametrize("name", ["", "../lenet", "a/b", "a\\b", ".hidden", "a b", "ü", "x" * 101, None, 3])
def test_when_the_name_cannot_be_a_file_name_then_the_error_says_what_may_stand_in_it(name):
    with pytest.raises(InputError, match="letters, digits"):
        Resume(name)
