import pytest

from course_utils.errors import InputError, StudyError
from course_utils.tuning import run_study
from course_utils.tuning.space import suggested_names


def first(trial):
    rate = trial.suggest_float("rate", 1e-4, 1e-2, log=True)
    return rate * trial.suggest_int("units", 8, 64, step=8)


def wider(trial):
    return trial.suggest_float("rate", 1e-5, 1e-1, log=True) * trial.suggest_int("units", 8, 64, step=8)


def other_kind(trial):
    return float(trial.suggest_categorical("rate", ["high", "low"]) == "high") * trial.suggest_int(
        "units", 8, 64, step=8
    )


def more(trial):
    return first(trial) + trial.suggest_float("dropout", 0, 0.5)


def fewer(trial):
    return trial.suggest_float("rate", 1e-4, 1e-2, log=True)


@pytest.mark.parametrize(
    ("objective", "words"),
    [
        (wider, r"numbers from 0.0001 to 0.01, log scale(?s:.*)numbers from 1e-05 to 0.1, log scale"),
        (other_kind, "one of high, low"),
        (more, "no parameter 'dropout' in the 3 trials so far"),
        (fewer, r"units: whole numbers from 8 to 64 in steps of 8(?s:.*)not asked for"),
    ],
)
def test_when_the_objective_searches_another_space_then_it_is_refused_before_it_counts(study, again, objective, words):
    run_study(study, first, trials=3)
    with pytest.raises(StudyError, match=rf"(?s)another space.*{words}.*fresh=True"):
        run_study(again(), objective, trials=9)
    later = again()
    assert [trial.state.name for trial in later.trials] == ["COMPLETE"] * 3 + ["FAIL"]
    run_study(later, first, trials=5)  # with the old space it goes on
    assert [trial.state.name for trial in later.trials[4:]] == ["COMPLETE"] * 2


def test_when_a_parameter_is_needed_only_sometimes_then_the_space_is_the_same(study, again):
    def objective(trial):
        kind = trial.suggest_categorical("kind", ["a", "b"])
        return trial.suggest_float("only_b", 0, 1) if kind == "b" else 0.0

    run_study(study, objective, trials=6)
    run_study(again(), objective, trials=12)
    names = {tuple(sorted(trial.params)) for trial in again().trials}
    assert names == {("kind",), ("kind", "only_b")}


def test_when_a_report_comes_without_a_parameter_all_others_had_then_it_is_refused_at_once(study):
    run_study(study, first, trials=3)
    epochs = []

    def objective(trial):
        trial.suggest_float("rate", 1e-4, 1e-2, log=True)
        for epoch in range(5):
            epochs.append(epoch)
            trial.report(0.5, epoch)
        return 0.5

    with pytest.raises(StudyError, match="units"):
        run_study(study, objective, trials=9)
    assert epochs == [0]


def test_when_a_choice_cannot_be_kept_in_a_file_then_the_error_says_how_to_name_it(study):
    with pytest.raises(InputError, match=r"\(32, 64\)(?s:.*)names"):
        run_study(study, lambda trial: len(trial.suggest_categorical("filters", [(32, 64), (64, 128)])), trials=3)


def test_the_names_in_the_source_are_found_unless_they_are_computed():
    def computed(trial):
        return sum(trial.suggest_float(f"x{index}", 0, 1) for index in range(2))

    assert suggested_names(first) == {"rate", "units"}
    assert suggested_names(computed) is None
    assert suggested_names(len) is None
