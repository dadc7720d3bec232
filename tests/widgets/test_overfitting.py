"""Over-fitting explorer: runs that are whole, and a reading of the curves that names what they show."""

import json
import time

import numpy as np
import pytest
from widget_samples import assert_quick

import course_utils as cu
from course_utils.errors import InputError
from course_utils.plots import alt_text
from course_utils.widgets.overfitting import FILE, Run, overfitting_view, precomputed, reading

EPOCHS = 30


def run(val_loss, loss=None, accuracy=0.5, val_accuracy=0.5):
    val_loss = np.array(val_loss, dtype=float)
    n = len(val_loss)
    loss = val_loss if loss is None else np.array(loss, dtype=float)
    return Run(loss, np.full(n, accuracy), val_loss, np.full(n, val_accuracy))


CASES = {
    "Before training the network is right on 50.0 %": run([2.4]),
    "After epoch 2 the loss is no number any more (NaN)": run([2.4, 3.0, np.nan, np.nan]),
    "only from 2.4 to 2.1: the learning rate is too small": run([2.4, 2.3, 2.2, 2.1]),
    "The first steps were too large: the validation loss is 9": run([2.4, 9]),
    "the validation loss is 2.5. Each step destroys": run([2.4, 5, 2.2, 2.3, 2.5]),
    "The validation loss still falls: 0.8 after 3 epochs.": run([2.4, 1.5, 1, 0.8]),
    "The validation loss falls only slowly now: 0.8 after 8": run(
        [2.4, 0.82, 0.81, 0.808, 0.806, 0.805, 0.804, 0.802, 0.8]
    ),
    "is about level: 0.51 now, 0.5 after epoch 2.": run([2.4, 0.8, 0.5, 0.52, 0.51, 0.5, 0.51]),
    "jumps about: 0.9 now, 0.5 after epoch 2.": run([2.4, 0.8, 0.5, 0.52, 0.51, 0.5, 0.9]),
    "jumps about: 0.8 now, 0.5 after epoch 2.": run(
        [2.4, 0.8, 0.5, 0.52, 0.51, 0.51, 0.8], [2.4, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2]
    ),
    "after epoch 2 (0.5); since then it has risen to 0.7, while the training loss has fallen from 0.4 to 0.1": run(
        [2.4, 0.8, 0.5, 0.6, 0.65, 0.7], [2.4, 0.7, 0.4, 0.3, 0.2, 0.1]
    ),
    "jumps about: 0.7 now, 0.5 after epoch 2.": run([2.4, 0.8, 0.5, 0.6, 0.65, 0.7], [2.4, 0.7, 0.4, 0.39, 0.38, 0.38]),
    "now it is 0.7, and the training loss has risen to 0.8, too. That is no over-fitting": run(
        [2.4, 0.8, 0.5, 0.6, 0.65, 0.7], [2.4, 0.7, 0.4, 0.6, 0.7, 0.8]
    ),
    "right on 95.0 % of its training pictures, but on 80.0 % of new ones": run([2.4, 0.8, 0.5], None, 0.95, 0.8),
}


@pytest.mark.parametrize("words", CASES)
def test_when_curves_have_a_shape_then_the_message_names_it(words):
    assert words in reading(CASES[words])


def test_when_training_and_validation_are_alike_then_no_gap_is_told():
    assert "new ones" not in reading(run([2.4, 0.8, 0.5], None, 0.84, 0.8))


def test_when_the_file_is_read_then_it_has_a_whole_run_for_every_setting_and_says_where_it_comes_from():
    grid, runs = precomputed()
    assert len(runs) == np.prod([len(values) for values in grid.values()])
    for curves in runs.values():
        lengths = {len(curve) for curve in (curves.loss, curves.accuracy, curves.val_loss, curves.val_accuracy)}
        assert lengths == {EPOCHS + 1}
        assert np.min(curves.accuracy) >= 0 and np.max(curves.accuracy) <= 1
    about = json.loads(FILE.read_text(encoding="utf-8"))["about"]
    assert about["reproduce"] == "python benchmarks/precomputed_runs.py" and about["seed"] == 0
    assert {"network", "training", "data", "curves", "date", "versions"} <= set(about)
    assert FILE.stat().st_size < 150_000


def test_when_networks_begin_then_all_of_them_have_the_same_weights():
    _, runs = precomputed()
    assert len({curves.val_loss[0] for curves in runs.values()}) == 1


def test_when_there_are_more_pictures_then_the_lowest_validation_loss_is_lower():
    grid, runs = precomputed()
    for rate in (0.0003, 0.001, 0.003, 0.01):
        lowest = [runs[rate, count, 0.0, 0.0].val_loss.min() for count in grid["pictures"]]
        assert lowest == sorted(lowest, reverse=True)


def test_when_the_default_is_shown_then_it_over_fits_and_dropout_helps():
    explorer = cu.widgets.overfitting_explorer()
    assert explorer.view.message.endswith("of new ones.") and ": over-fitting." in explorer.view.message
    explorer.set(dropout=True)
    assert "over-fitting" not in explorer.view.message


@pytest.mark.parametrize("name", ["learning_rate", "pictures", "dropout", "weight_decay"])
def test_when_a_control_is_used_then_the_curves_are_those_of_its_run(name):
    grid, runs = precomputed()
    explorer = cu.widgets.overfitting_explorer()
    value = False if name in ("dropout", "weight_decay") else 0
    explorer.set(**{name: value})
    setting = {"learning_rate": 0.003, "pictures": 1000, "dropout": 0.0, "weight_decay": 0.0} | {name: grid[name][0]}
    expected = runs[tuple(setting[part] for part in grid)]
    training, validation = explorer.view["loss"].curves
    np.testing.assert_array_equal(training.y, expected.loss)
    np.testing.assert_array_equal(validation.y, expected.val_loss)
    np.testing.assert_array_equal(explorer.view["accuracy"].curves[1].y, expected.val_accuracy)


def test_when_both_remedies_are_on_then_the_run_had_both():
    _, runs = precomputed()
    explorer = cu.widgets.overfitting_explorer()
    explorer.set(dropout=True, weight_decay=True)
    np.testing.assert_array_equal(explorer.view["loss"].curves[0].y, runs[0.003, 1000, 0.5, 0.2].loss)


def test_when_the_epoch_moves_then_the_curves_end_there_and_the_axes_stand_still():
    explorer = cu.widgets.overfitting_explorer()
    limits = explorer.view["loss"].y_limits
    for epoch in (0, 1, 7, EPOCHS):
        explorer.set(epoch=epoch)
        assert [len(curve.x) for curve in explorer.view["loss"].curves] == [epoch + 1] * 2
        assert explorer.view["loss"].y_limits == limits
    with pytest.raises(InputError, match="out of range"):
        explorer.set(epoch=EPOCHS + 1)


def test_when_the_loss_became_nan_then_the_browser_gets_no_nan_and_the_table_says_so():
    view = overfitting_view(run([2.4, 4.0, np.nan, np.nan]), 3)
    for panel in view.panels:
        json.dumps(panel.content(), allow_nan=False)
    assert len(view["loss"].curves[1].x) == 2
    assert "loss no number" in view["now"].lines[0]
    everything = overfitting_view(run([np.nan] * 3), 2)
    for panel in everything.panels:
        json.dumps(panel.content(), allow_nan=False)


def test_when_a_curve_leaves_the_figure_then_its_description_says_so():
    assert "validation leaves the figure" in overfitting_view(run([2.4, 80.0, 3.0], [2.4, 2.3, 2.2]), 2)["loss"].alt


def test_when_the_browser_answers_without_a_kernel_then_the_view_follows():
    explorer = cu.widgets.overfitting_explorer()
    explorer.front()
    explorer._hear(None, {"serial": 1, "values": {"learning_rate": 7, "pictures": 3}})
    assert "the learning rate is too large" in explorer.view.message
    explorer._hear(None, {"serial": 2, "values": {"epoch": 0}})
    assert explorer.view.message.startswith("Before training")


def test_when_nothing_moves_then_a_run_is_shown_without_and_with_dropout():
    text = alt_text(cu.widgets.overfitting_explorer().still())
    assert "dropout 0.5: off." in text and "dropout 0.5: on." in text and "over-fitting" in text


def test_when_it_plays_two_hundred_epochs_then_each_takes_little_time_and_no_figure_stays():
    plt = pytest.importorskip("matplotlib.pyplot")
    explorer = cu.widgets.overfitting_explorer()
    seconds = []
    for step in range(200):
        start = time.process_time()
        explorer.set(epoch=step % (EPOCHS + 1), learning_rate=step % 8)
        [panel.content() for panel in explorer.view.flat()]
        seconds.append(time.process_time() - start)
    assert_quick(seconds)
    assert plt.get_fignums() == []
