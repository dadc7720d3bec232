import pytest

from course_utils.results.ledger import build_row, merge_run
from course_utils.results.verdicts import describe_variant, judge


@pytest.fixture
def row(make_record):
    def make(*accuracies, **changes):
        entries = []
        for seed, accuracy in enumerate(accuracies or (0.908, 0.912, 0.915)):
            entries = merge_run(entries, make_record(accuracy, **{"seed": seed, **changes}))
        return build_row(entries[0])

    return make


def test_a_run_in_the_range_says_yours_and_the_courses(make_record, row):
    verdict = judge(make_record(0.912), [row()])
    assert verdict.kind == "inside"
    assert verdict.text == "lenet: yours 0.912, the course's 0.908–0.915 (3 seeds, laptop, fashion_mnist)"
    assert verdict.notes == ()


def test_a_run_outside_by_no_more_than_chance_says_so(make_record, row):
    verdict = judge(make_record(0.905, interval=(0.899, 0.911)), [row()])
    assert verdict.kind == "chance"
    assert "within chance" in verdict.text


def test_without_an_interval_chance_follows_from_the_number_of_images(make_record, row):
    assert judge(make_record(0.905, n=10_000), [row()]).kind == "chance"
    assert judge(make_record(0.905, n=1_000_000), [row()]).kind == "below"
    assert judge(make_record(0.907, n=None), [row()]).kind == "below"


@pytest.mark.parametrize(("accuracy", "kind"), [(0.85, "below"), (0.95, "above")])
def test_a_run_far_outside_comes_with_a_likely_cause(make_record, row, accuracy, kind):
    verdict = judge(make_record(accuracy), [row()])
    assert verdict.kind == kind
    assert verdict.notes


def causes(record, row):
    return "\n".join(judge(record, [row]).notes)


def test_causes_name_training_that_was_stopped(make_record, row):
    assert "stopped after 3 of 8 epochs" in causes(make_record(0.8, epochs=3, planned_epochs=8), row())


def test_causes_name_other_epochs_parameters_images_and_versions(make_record, row):
    published = row(versions={"keras": "3.15.1", "numpy": "2.1"})
    other = {"epochs": 1, "parameters": 5, "n": 1000, "versions": {"keras": "3.13.2", "numpy": "2.2"}}
    text = causes(make_record(0.5, **other), published)
    assert "1 epoch here, 8 in the course's runs" in text
    assert "5 parameters, the course's 107,786" in text
    assert "1,000 images here, on 10,000" in text
    assert "keras 3.13.2 here, 3.15.1" in text
    assert "numpy" not in text


def test_a_run_with_a_changed_budget_table_says_so_even_in_the_range(make_record, row):
    verdict = judge(make_record(0.912, override={"epochs": 3}), [row()])
    assert verdict.kind == "inside"
    assert any("epochs=3" in note for note in verdict.notes)


def test_causes_name_a_changed_recipe(make_record, row):
    from dataclasses import replace

    assert "cells differ" in causes(make_record(0.8), replace(row(), stale=True))


def test_a_sample_result_is_never_compared_with_the_full_data(make_record, row):
    verdict = judge(make_record(0.912, variant="fashion_mnist/sample"), [row()])
    assert verdict.kind == "unpublished"
    assert verdict.row is None
    assert "no published range for test accuracy on the bundled sample" in verdict.text
    assert "on the full data it is 0.908–0.915" in verdict.notes[0]
    assert "not to be compared" in verdict.notes[0]


def test_a_sample_result_is_compared_with_the_samples_own_row(make_record, row):
    sample = row(0.86, 0.87, variant="fashion_mnist/sample")
    verdict = judge(make_record(0.865, variant="fashion_mnist/sample"), [row(), sample])
    assert (verdict.kind, verdict.row) == ("inside", sample)


def test_another_budget_or_split_is_never_compared(make_record, row):
    other_budget = judge(make_record(0.912, budget="full"), [row()])
    assert (other_budget.kind, other_budget.row) == ("unpublished", None)
    assert "in the full budget" in other_budget.text
    assert judge(make_record(0.912, split="validation"), [row()]).kind == "unpublished"


def test_another_recipe_is_never_compared(make_record, row):
    verdict = judge(make_record(0.912, name="lenet_drop"), [row()])
    assert verdict.kind == "unpublished"
    assert "this recipe yet" in verdict.text


def test_a_smoke_run_is_no_result_even_when_a_row_would_fit(make_record, row):
    verdict = judge(make_record(0.5, budget="smoke"), [row(budget="smoke")])
    assert verdict.kind == "smoke"
    assert "says nothing of accuracy" in verdict.text


def test_data_of_unknown_origin_is_not_compared(make_record, row):
    verdict = judge(make_record(0.912, variant=None), [row()])
    assert verdict.kind == "unpublished"
    assert "not known on which data" in verdict.text


def test_variants_in_words():
    assert describe_variant("fashion_mnist") == "fashion_mnist"
    assert describe_variant("cifar10/jpeg") == "an unverified image folder (cifar10/jpeg)"
    assert describe_variant("cifar10/other") == "cifar10/other"


def test_a_practice_run_is_never_set_beside_the_real_data(make_record, row):
    real = row(name="lenet", variant="cifar10/jpeg")
    verdict = judge(make_record(0.6, variant="cifar10/practice"), [real])
    assert verdict.kind == "unpublished" and "the practice set (cifar10/practice)" in verdict.text
    assert "0.908" not in f"{verdict.text} {verdict.notes}"
    practice = row(0.5, 0.6, variant="cifar10/practice")
    assert "0.500" not in str(judge(make_record(0.9, variant="cifar10/jpeg"), [practice]))
    assert judge(make_record(0.55, variant="cifar10/practice"), [real, practice]).kind == "inside"


def test_photographs_of_ones_own_are_called_so():
    assert describe_variant("folder:my flowers") == "photographs of your own (folder:my flowers)"
