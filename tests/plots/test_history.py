"""Learning curves."""

from types import SimpleNamespace

import numpy as np
import pytest

import course_utils as cu
from course_utils.errors import InputError, UnknownNameError

RUN = {
    "loss": [1.0, 0.6, 0.4],
    "accuracy": [0.6, 0.8, 0.9],
    "val_loss": [0.9, 0.5, 0.7],
    "val_accuracy": [0.7, 0.85, 0.8],
}


def curves(ax):
    return {line.get_label(): line for line in ax.get_lines()}


def legend(fig):
    return [text.get_text() for text in fig.legends[0].get_texts()]


def test_when_one_run_is_drawn_then_training_is_solid_and_validation_dashed(legible):
    drawing = cu.show_history(SimpleNamespace(history=RUN))
    loss, accuracy = drawing.ax
    np.testing.assert_array_equal(curves(loss)["training"].get_xydata(), [[1, 1.0], [2, 0.6], [3, 0.4]])
    np.testing.assert_array_equal(curves(accuracy)["validation"].get_ydata(), RUN["val_accuracy"])
    assert curves(loss)["training"].get_linestyle() == "-"
    assert curves(loss)["validation"].get_linestyle() == "--"
    assert (loss.get_xlabel(), accuracy.get_ylabel()) == ("epoch", "accuracy (share correct)")
    assert legend(drawing.fig) == ["training", "validation"]
    legible(drawing)


def test_when_runs_are_compared_then_each_has_one_colour_and_the_legend_names_it_once(legible):
    drawing = cu.show_history({"LeNet": RUN, "a rather long name of a run": RUN, "third": {"loss": [2, 1]}})
    lines = curves(drawing.ax[0])
    assert lines["LeNet, training"].get_color() == lines["LeNet, validation"].get_color()
    assert lines["LeNet, training"].get_color() != lines["third, training"].get_color()
    assert legend(drawing.fig) == ["LeNet", "a rather long name of a run", "third", "training", "validation"]
    legible(drawing)


def test_when_a_run_has_no_validation_then_only_training_is_drawn():
    fig, ax = cu.show_history({"loss": [3, 2]}, metrics="loss")
    assert list(curves(ax)) == legend(fig) == ["training"]


def test_when_accuracy_has_another_name_then_it_is_found():
    _, ax = cu.show_history({"sparse_categorical_accuracy": [0.5, 0.6]}, metrics="accuracy")
    np.testing.assert_array_equal(ax.get_lines()[0].get_ydata(), [0.5, 0.6])


def test_when_there_is_one_epoch_then_a_point_is_visible(legible):
    drawing = cu.show_history({"loss": [2.3], "accuracy": [0.1]})
    line = drawing.ax[0].get_lines()[0]
    assert line.get_marker() == "o" and drawing.ax[0].get_xlim() == (0.5, 1.5)
    legible(drawing)


def test_when_the_loss_becomes_nan_then_the_epoch_is_marked_and_said():
    fig, (loss, _) = cu.show_history({"loss": [2.0, np.nan, np.nan], "accuracy": [0.1, 0.1, 0.1]})
    marks = [line for line in loss.get_lines() if line.get_linestyle() == ":"]
    assert list(marks[0].get_xdata()) == [2, 2]
    assert loss.get_xlim()[1] > 3
    assert "not a number from epoch 2" in cu.alt_text(fig)


def test_when_nothing_is_finite_then_it_is_still_drawn():
    fig, _ = cu.show_history({"loss": [np.nan, np.inf]}, metrics="loss")
    assert "not a number from epoch 1" in cu.alt_text(fig)


def test_when_drawn_then_the_alt_text_tells_start_end_and_best():
    alt = cu.alt_text(cu.show_history(RUN).fig)
    assert "training from 1 to 0.4 in 3 epochs" in alt
    assert "validation from 0.9 to 0.7 in 3 epochs, best 0.5 at epoch 2" in alt
    assert "validation from 0.7 to 0.8 in 3 epochs, best 0.85 at epoch 2" in alt


def test_when_asked_for_then_axes_are_logarithmic_and_limited():
    _, (loss, accuracy) = cu.show_history(RUN, log=True, ylim={"accuracy": (0, 1)})
    assert loss.get_yscale() == "log" and accuracy.get_yscale() == "linear"
    assert accuracy.get_ylim() == (0, 1)


def test_when_axes_are_given_then_they_are_used():
    import matplotlib.pyplot as plt

    fig, axes = plt.subplots(1, 2)
    drawing = cu.show_history(RUN, ax=axes)
    assert drawing.fig is fig and axes[0].get_lines() and axes[1].get_legend() is not None


def test_when_a_metric_was_not_recorded_then_those_that_were_are_listed():
    with pytest.raises(UnknownNameError, match="loss"):
        cu.show_history(RUN, metrics="top_k")


@pytest.mark.parametrize("history", [{}, {"loss": []}, SimpleNamespace(history={}), [0.1, 0.2]])
def test_when_there_is_no_epoch_then_the_error_says_to_train(history):
    with pytest.raises(InputError, match=r"model\.fit"):
        cu.show_history(history)
