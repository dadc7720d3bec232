import optuna

from course_utils.tuning import run_study
from course_utils.tuning.view import best_trial, settings_text


def objective(trial):
    value = trial.suggest_float("rate", 0, 1)
    trial.suggest_categorical("kind", ["<b>a", "c"])
    if trial.number == 1:
        raise ValueError("<script>")
    if trial.number == 2:
        trial.report(0.1, 0)
        trial.set_user_attr("pruned", "worse than the median at this epoch")
        raise optuna.TrialPruned
    return value


def test_in_a_kernel_one_table_grows_and_names_the_best(study, screen):
    run_study(study, objective, trials=5, minutes=2)
    html, text = screen[-1]
    best = best_trial(study)
    assert html.count("<tr") == 6 and f">{best.number} ★</td>" in html
    assert "Search finished. 5 trials (3 complete, 1 pruned, 1 failed)" in html
    assert f"Best value {best.value:.4f} in trial {best.number}: {settings_text(best)}." in text
    assert "pruned after epoch 1: worse than the median" in html
    assert any("2:00 min left" in shown for shown, _ in screen) and any("trial 3 runs" in shown for shown, _ in screen)


def test_what_a_learner_wrote_cannot_break_the_page(study, screen):
    run_study(study, objective, trials=3)
    assert "<script>" not in screen[-1][0] and "<b>a" not in screen[-1][0]


def test_when_there_are_many_trials_then_the_last_and_the_best_are_shown(study, screen):
    run_study(study, lambda trial: -float(trial.number) + 0 * trial.suggest_float("x", 0, 1), trials=25)
    assert screen[-1][0].count("<tr") == 1 + 20 + 1 and "4 earlier trials are not shown" in screen[-1][0]
    assert ">0 ★</td>" in screen[-1][0]


def test_elsewhere_each_trial_is_one_line(study, capsys):
    run_study(study, lambda trial: trial.suggest_float("rate", 0, 1), trials=2)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("trial 0: 0.") and "complete" in lines[0] and "rate=" in lines[0]
    assert lines[-1].startswith("Search finished. 2 trials (2 complete), 0:0")
    assert len(lines) == 3


def test_when_an_error_ends_the_search_then_the_table_says_so(study, screen):
    import pytest

    with pytest.raises(NameError):
        run_study(study, lambda trial: undefined, trials=2)  # noqa: F821
    assert "Search broken off by an error. 1 trial (1 failed)" in screen[-1][0]
