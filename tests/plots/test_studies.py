import matplotlib as mpl
import numpy as np
import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from course_utils.errors import InputError
from course_utils.plots import alt_text, show_importance, show_parallel_coordinates, show_study

SPACE = {
    "learning_rate": FloatDistribution(1e-4, 1e-1, log=True),
    "filters": IntDistribution(16, 128, log=True),
    "dropout": FloatDistribution(0, 0.6),
    "augmentation": CategoricalDistribution(("none", "flip", "flip and shift")),
}
MOMENTUM = {"momentum": FloatDistribution(0.5, 0.99)}


def trial(rate, filters, dropout, augmentation, value, state="COMPLETE", **more):
    names = {"learning_rate": rate, "filters": filters, "dropout": dropout, "augmentation": augmentation, **more}
    space = {name: {**SPACE, **MOMENTUM}[name] for name in names}
    return optuna.create_trial(
        state=optuna.trial.TrialState[state],
        value=value,
        params=names,
        distributions=space,
        intermediate_values={} if value is None else {0: value},
    )


@pytest.fixture
def study():
    """Ten complete trials whose value grows with the learning rate alone, two pruned and a failed one."""
    made = optuna.create_study(direction="maximize")
    rng = np.random.default_rng(0)
    for index in range(10):
        rate = 10.0 ** (-4 + index / 3)
        choice = SPACE["augmentation"].choices[index % 3]
        made.add_trial(trial(rate, int(rng.integers(16, 129)), rng.uniform(0, 0.6), choice, 0.1 + 0.08 * index))
    made.add_trial(trial(1e-4, 16, 0.6, "none", 0.05, "PRUNED"))
    made.add_trial(trial(1e-4, 16, 0.0, "none", None, "PRUNED"))
    made.add_trial(trial(1e-1, 128, 0.6, "flip", None, "FAIL"))
    return made


def test_the_history_shows_each_trial_and_the_best_so_far(study, legible):
    drawing = show_study(study, ylabel="validation accuracy", title="Search")
    _, ax = drawing
    (line,) = [line for line in ax.get_lines() if line.get_label() == "best so far"]
    assert list(line.get_ydata()) == pytest.approx([*(0.1 + 0.08 * np.arange(10)), 0.82])
    points = {points.get_label(): points.get_offsets() for points in ax.collections}
    assert len(points["complete"]) == 10 and points["pruned (last report)"].tolist() == [[10, 0.05]]
    assert "10 complete, 1 pruned and 1 failed" in alt_text(drawing)
    assert "the best 0.82 (trial 9)" in alt_text(drawing)
    legible(drawing)


def test_when_small_is_good_then_the_best_so_far_falls():
    made = optuna.create_study(direction="minimize")
    for value in (0.5, 0.7, 0.2):
        made.add_trial(trial(1e-2, 32, 0.1, "none", value))
    drawing = show_study(made)
    (line,) = [line for line in drawing.ax.get_lines() if line.get_label() == "best so far"]
    assert list(line.get_ydata()) == [0.5, 0.5, 0.2, 0.2]
    assert "the best 0.2 (trial 2)" in alt_text(drawing)


def test_the_setting_that_decides_is_the_most_important(study, legible):
    drawing = show_importance(study)
    labels = [label.get_text() for label in drawing.ax.get_yticklabels()]
    assert labels[0] == "learning_rate" and set(labels) == set(SPACE)
    assert "from 10 trials" in alt_text(drawing)
    legible(drawing)
    assert alt_text(show_importance(study)) == alt_text(drawing)


def test_when_a_setting_is_not_in_all_trials_then_its_importance_is_left_out_and_that_is_said(study):
    study.add_trial(trial(1e-2, 64, 0.2, "none", 0.5, momentum=0.9))
    assert "Left out, for not all trials have them or they never changed: momentum" in alt_text(show_importance(study))


def test_parallel_coordinates_run_from_the_settings_to_the_value(study, legible):
    study.add_trial(trial(1e-2, 64, 0.2, "none", 0.5, momentum=0.9))
    drawing = show_parallel_coordinates(study, label="validation accuracy")
    fig, ax = drawing
    names = [label.get_text().replace("\n", " ") for label in ax.get_xticklabels()]
    assert names == ["learning rate", "filters", "dropout", "augmentation", "momentum", "validation accuracy"]
    best = max((line for line in ax.get_lines() if len(line.get_xdata()) == 6), key=lambda line: line.get_linewidth())
    heights = list(best.get_ydata())
    assert heights[0] == pytest.approx(1) and heights[-1] == pytest.approx(1)  # the highest rate, the best value
    assert heights[4] < 0  # no momentum: below its axis
    texts = {text.get_text() for text in ax.texts}
    assert {"0.0001", "0.001", "0.01", "0.1", "none", "flip", "flip and shift", "not used"} <= texts
    assert "Best validation accuracy 0.82: learning_rate 0.1, " in alt_text(fig)
    legible(drawing)


def test_lines_are_bright_where_the_value_is_good_and_pruned_ones_are_faint(study):
    _, ax = show_parallel_coordinates(study)
    lines = [line for line in ax.get_lines() if len(line.get_xdata()) == 5]
    colours = {mpl.colors.to_hex(line.get_color()) for line in lines}
    viridis = mpl.colormaps["viridis"]
    assert {mpl.colors.to_hex(viridis(0.0)), mpl.colors.to_hex(viridis(0.9)), "#b8b8b8"} <= colours


@pytest.mark.parametrize("draw", [show_study, show_importance, show_parallel_coordinates])
def test_when_there_is_too_little_to_draw_then_a_sentence_says_so(draw):
    drawing = draw(optuna.create_study())
    assert "the search has 0 so far" in alt_text(drawing)
    assert not drawing.ax.axison


@pytest.mark.parametrize("draw", [show_study, show_importance, show_parallel_coordinates])
def test_when_all_values_are_equal_then_nothing_breaks(draw, legible):
    made = optuna.create_study(direction="maximize")
    for rate in (1e-4, 1e-3, 1e-2):
        made.add_trial(trial(rate, 32, 0.1, "none", 0.5))
    legible(draw(made))


def test_when_it_is_no_study_then_the_error_says_what_to_pass():
    with pytest.raises(InputError, match=r"cu\.tuning_study"):
        show_study({"accuracy": 0.9})


def test_each_picture_draws_on_axes_that_are_given(study):
    import matplotlib.pyplot as plt

    for draw in (show_study, show_importance, show_parallel_coordinates):
        fig, ax = plt.subplots()
        drawing = draw(study, ax=ax)
        assert drawing.fig is fig and drawing.ax is ax
