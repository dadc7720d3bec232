"""Which checkpoint goes with the data that are loaded, and with the budget in force."""

import numpy as np
import pytest

import course_utils as cu
from course_utils.checkpoints.loading import candidates
from course_utils.errors import InputError


def test_when_the_data_are_the_practice_set_then_its_checkpoint_comes_first(network, ship, loaded):
    ship(network())
    ship(network(), variant="cifar10/practice", file="practice.npz")
    loaded("cifar10/practice")
    assert cu.load_checkpoint(network(), "lenet").about.variant == "cifar10/practice"


def test_when_there_is_none_of_drawings_then_that_of_photographs_is_refused(network, ship, loaded):
    ship(network())
    loaded("cifar10/practice")
    with pytest.raises(InputError, match="photographs and drawings do not mix"):
        cu.load_checkpoint(network(), "lenet")


def test_and_the_other_way_round(make_entry):
    with pytest.raises(InputError, match="do not mix"):
        candidates([make_entry(variant="cifar10/practice")], "lenet", ["cifar10"])


def test_when_nothing_is_loaded_then_photographs_come_first_and_then_the_budget_in_force(make_entry):
    entries = [
        make_entry(variant="cifar10/practice"),
        make_entry(variant="cifar10", budget="laptop"),
        make_entry(variant="cifar10", budget="full"),
    ]
    found = candidates(entries, "lenet", budget="full")
    assert [(one.variant, one.budget) for one in found[:2]] == [("cifar10", "full"), ("cifar10", "laptop")]
    assert candidates(entries, "lenet", (), "smoke")[0].budget == "laptop"


@pytest.mark.parametrize("variant", ["cifar100", "cifar100/practice", "imagewoof/jpeg", "folder:my flowers"])
def test_when_only_other_data_sets_are_loaded_then_it_is_refused_and_the_model_is_as_before(
    network, ship, loaded, variant
):
    ship(network())
    loaded(variant)
    model = network()
    before = model.get_weights()
    with pytest.raises(InputError, match="was trained on another data set than yours") as error:
        cu.load_checkpoint(model, "lenet")
    assert error.value.expected == "a JPEG copy of CIFAR-10 (cifar10/jpeg)"
    assert variant in error.value.found and 'or cu.load("cifar10").' in error.value.fix
    for mine, theirs in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    loaded("cifar10")
    assert cu.load_checkpoint(model, "lenet").about.dataset == "cifar10"


def test_of_a_name_with_several_data_sets_only_those_loaded_count(make_entry):
    entries = [make_entry(variant="fashion_mnist"), make_entry(variant="mnist"), make_entry(variant="mnist/practice")]
    assert [one.variant for one in candidates(entries, "lenet", ["mnist/sample", "cifar10"])] == ["mnist"]
    assert [one.variant for one in candidates(entries, "lenet", ["mnist/practice"])] == ["mnist/practice"]
    with pytest.raises(InputError, match="do not mix") as error:
        candidates(entries[:2], "lenet", ["cifar10", "mnist/practice"])
    assert "cifar10" not in error.value.found
