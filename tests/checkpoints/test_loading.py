import numpy as np
import pytest

import course_utils as cu
from course_utils.checkpoints.loading import candidates, notes_on
from course_utils.errors import InputError, IntegrityError, UnknownNameError


def test_when_the_model_fits_then_it_gives_the_trained_networks_answers(network, ship, images, capsys):
    trained = network()
    ship(trained)
    model = network()
    history = cu.load_checkpoint(model, "lenet")
    np.testing.assert_allclose(model(images, training=False), trained(images, training=False), atol=2e-3)
    assert history.history == {"loss": [2.0, 1.0], "accuracy": [0.5, 0.8]}
    assert (history.params, history.epoch) == ({"epochs": 2}, [0, 1])
    shown = capsys.readouterr().out
    assert "trained by the course on an unverified image folder (cifar10/jpeg), laptop budget, seed 0" in shown
    assert "test accuracy 82.3 % (10,000 images)" in shown
    assert "optimiser's state is not part" in shown


def test_the_history_can_be_drawn(network, ship):
    ship(network())
    drawing = cu.show_history(cu.load_checkpoint(network(), "lenet"))
    assert len(drawing.fig.axes) == 2


def test_layers_that_work_in_training_only_may_differ(network, ship):
    import keras
    from keras import layers

    ship(network(batch_norm=False))
    bare = keras.Sequential(
        [
            keras.Input((6, 6, 1)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(2, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(3, activation="softmax"),
        ]
    )
    cu.load_checkpoint(bare, "lenet")


@pytest.mark.parametrize(
    ("changes", "expected", "found"),
    [
        ({"filters": 4}, r"kernel of conv2d\S* \(Conv2D\), shape \(3, 3, 1, 2\)", r"shape \(3, 3, 1, 4\)"),
        ({"batch_norm": False}, r"gamma of batch_normalization\S* \(BatchNorm", r"kernel of dense\S* \(Dense\)"),
        ({"pooling": "average"}, r"layer 4: MaxPooling2D", r"layer 4: AveragePooling2D"),
    ],
)
def test_when_it_is_another_network_then_the_first_difference_is_named_and_nothing_is_changed(
    network, ship, changes, expected, found
):
    ship(network())
    model = network(**changes)
    before = model.get_weights()
    with pytest.raises(InputError, match="belongs to another network") as error:
        cu.load_checkpoint(model, "lenet")
    import re

    assert re.search(expected, error.value.expected)
    assert re.search(found, error.value.found)
    assert "04_cifar10_tuning" in error.value.fix
    for mine, theirs in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_a_residual_network_is_not_the_one_without_the_sums(ship):
    import keras
    from keras import layers

    def build(residual):
        pixels = keras.Input((6, 6, 2))
        x = layers.Conv2D(2, 3, padding="same")(pixels)
        return keras.Model(pixels, layers.Flatten()(x + pixels if residual else x))

    ship(build(residual=False))
    with pytest.raises(InputError) as error:
        cu.load_checkpoint(build(residual=True), "lenet")
    assert (error.value.expected[:21], error.value.found[:12]) == ("layer 3: nothing more", "layer 3: Add")


def test_a_layer_of_ones_own_needs_no_configuration(ship):
    import keras

    class Scale(keras.layers.Layer):
        def __init__(self, by, **others):
            super().__init__(**others)
            self.by = by

        def call(self, inputs):
            return self.by * inputs

    def build():
        return keras.Sequential([keras.Input((4,)), Scale(2.0), keras.layers.Dense(2)])

    ship(build())
    assert cu.load_checkpoint(build(), "lenet").params == {"epochs": 2}


def test_when_the_model_goes_on_where_the_kept_one_ends_then_it_says_so(network, ship):
    import keras

    ship(network())
    model = keras.Sequential([network(), keras.layers.Dense(2)])
    model.build((None, 6, 6, 1))
    with pytest.raises(InputError, match="nothing more: the kept network has fewer weights"):
        cu.load_checkpoint(model, "lenet")


def test_when_the_model_has_no_input_shape_then_it_says_what_to_add(ship, network):
    import keras

    ship(network())
    with pytest.raises(InputError, match=r"Begin the model with keras\.Input"):
        cu.load_checkpoint(keras.Sequential([keras.layers.Dense(3)]), "lenet")
    with pytest.raises(InputError, match="goes into a Keras model"):
        cu.load_checkpoint("lenet", "lenet")


def test_when_the_name_is_unknown_then_the_nearest_is_suggested(network, ship):
    ship(network())
    with pytest.raises(UnknownNameError, match="Did you mean 'lenet'"):
        cu.load_checkpoint(network(), "lennet")


def test_when_the_file_is_damaged_then_both_hashes_are_told_and_nothing_is_loaded(network, ship, own_places):
    entry = ship(network())
    path = own_places / entry.file
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(IntegrityError, match=entry.sha256):
        cu.load_checkpoint(network(), "lenet")


def test_when_the_file_is_missing_then_the_fix_is_to_restore_it(network, ship, own_places):
    (own_places / ship(network()).file).unlink()
    with pytest.raises(IntegrityError, match="Restore the file"):
        cu.load_checkpoint(network(), "lenet")


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
    assert candidates(entries, "lenet", ["mnist"], "smoke")[0].budget == "laptop"


def test_when_only_another_budgets_network_fits_then_it_is_taken(network, ship):
    ship(network(filters=4))
    ship(network(), budget="full", file="full.npz")
    assert cu.load_checkpoint(network(), "lenet").about.budget == "full"


def test_when_another_recipe_records_the_same_network_then_its_name_works_too(network, ship, capsys):
    ship(network(), also=("lenet_start",))
    cu.load_checkpoint(network(), "lenet_start")
    assert "lenet_start (the same network as lenet)" in capsys.readouterr().out


def test_when_the_variant_is_another_then_a_note_says_the_accuracy_is_not_of_these_data(make_entry):
    notes = notes_on(make_entry(variant="mnist"), ["mnist/sample", "cifar10/practice"])
    assert len(notes) == 2
    assert "bundled sample (mnist/sample): the accuracy above was not measured on them" in notes[1]


def test_when_the_recipe_has_changed_then_it_is_told_and_loaded_all_the_same(
    network, ship, write_notebook, tmp_path, monkeypatch, capsys
):
    from course_utils.results import recipes

    folder = write_notebook(tmp_path / "nb" / "04_cifar10_tuning.ipynb", (["recipe:lenet"], "a = 1")).parent
    monkeypatch.setattr(recipes, "notebooks_folder", lambda: folder)
    ship(network(), recipe_hash=recipes.recipe_hash("lenet", "laptop", folder))
    cu.load_checkpoint(network(), "lenet")
    assert "cells have changed" not in capsys.readouterr().out
    write_notebook(folder / "04_cifar10_tuning.ipynb", (["recipe:lenet"], "a = 2222"))
    recipes._hash_in.cache_clear()
    cu.load_checkpoint(network(), "lenet")
    assert "cells have changed" in capsys.readouterr().out


def test_when_the_notebook_asks_twice_then_both_accuracies_are_told(make_entry):
    assert "The notebook records 83.0 %" in " ".join(notes_on(make_entry(recorded=0.83)))
