import numpy as np
import pytest

import course_utils as cu
from course_utils.checkpoints import answers, catalog, is_filled, loading
from course_utils.checkpoints.loading import notes_on
from course_utils.errors import CourseError, InputError, IntegrityError, UnknownNameError


def assert_unchanged(model, before):
    for mine, theirs in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_when_the_model_fits_then_it_gives_the_trained_networks_answers(network, ship, images, capsys):
    trained = network()
    ship(trained)
    model = network()
    history = cu.load_checkpoint(model, "lenet")
    np.testing.assert_allclose(model(images, training=False), trained(images, training=False), atol=2e-3)
    assert history.history == {"loss": [2.0, 1.0], "accuracy": [0.5, 0.8]}
    assert (history.params, history.epoch) == ({"epochs": 2}, [0, 1])
    shown = capsys.readouterr().out
    assert "trained by the course on a JPEG copy of CIFAR-10 (cifar10/jpeg), laptop budget, seed 0" in shown
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
    assert_unchanged(model, before)
    assert not is_filled(model)


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


def double(x):
    return x * 2


def opposite(x):
    return -x


def parts(layer):
    """Return a function that builds a network with a layer in it, given by the argument."""

    def build(argument):
        import keras
        from keras import layers

        stack = [layers.Conv2D(4, 3), layer(layers, argument), layers.GlobalMaxPooling2D(), layers.Dense(10)]
        return keras.Sequential([keras.Input((8, 8, 4)), *stack])

    return build


def wired(join):
    """Return a function that builds a network whose outputs of two layers are joined in a way given by an argument."""

    def build(argument):
        import keras
        from keras import layers

        pixels = keras.Input((8, 8, 4))
        first = layers.Conv2D(4, 3, padding="same", activation="relu")(pixels)
        second = layers.Conv2D(4, 3, padding="same", activation="relu")(first)
        joined = join(argument, pixels, first, second)
        return keras.Model(pixels, layers.Dense(10)(layers.GlobalAveragePooling2D()(joined)))

    return build


def nested(sign, pixels, first, second):
    import keras

    one, other = keras.Input((8, 8, 4)), keras.Input((8, 8, 4))
    return keras.Model([one, other], one + other if sign == "+" else one - other)([second, pixels])


@pytest.mark.parametrize(
    ("build", "kept", "mine"),
    [
        (parts(lambda layers, value: layers.ReLU(threshold=value)), 0.0, 50.0),
        (parts(lambda layers, value: layers.UpSampling2D(2, interpolation=value)), "nearest", "bicubic"),
        (parts(lambda layers, value: layers.Activation(value)), double, opposite),
        (wired(lambda value, pixels, first, second: second * value), 2.0, 0.5),
        (wired(lambda value, pixels, first, second: second + (pixels, first)[value]), 0, 1),
        (wired(nested), "+", "-"),
    ],
    ids=["threshold", "interpolation", "function", "constant", "wiring", "nested"],
)
def test_when_it_computes_something_else_with_the_same_layers_then_its_answers_tell_and_nothing_is_changed(
    ship, build, kept, mine
):
    import keras

    keras.utils.set_random_seed(0)
    ship(build(kept))
    model = build(mine)
    before = model.get_weights()
    with pytest.raises(InputError, match="belongs to another network") as error:
        cu.load_checkpoint(model, "lenet")
    assert "32 fixed pictures" in error.value.expected
    assert "answers that differ" in error.value.found
    assert_unchanged(model, before)
    assert not is_filled(model)
    same = build(kept)
    cu.load_checkpoint(same, "lenet")
    assert is_filled(same)


def test_when_the_answers_are_another_budgets_then_its_network_is_taken(ship):
    build = wired(lambda value, pixels, first, second: second * value)
    ship(build(2.0))
    ship(build(0.5), budget="full", file="full.npz")
    assert cu.load_checkpoint(build(0.5), "lenet").about.budget == "full"


@pytest.mark.parametrize("inside", [False, True])
def test_before_global_pooling_another_size_of_input_is_no_other_network(ship, inside):
    import keras
    from keras import layers

    def build(size):
        pixels = keras.Input((size, size, 1))
        x = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3, activation="relu")(pixels))
        model = keras.Model(pixels, layers.Dense(10)(x))
        return keras.Sequential([keras.Input((size, size, 1)), model]) if inside else model

    ship(build(8))
    cu.load_checkpoint(model := build(12), "lenet")
    assert is_filled(model)


def test_another_size_of_input_does_not_hide_another_constant(ship):
    import keras
    from keras import layers

    def build(size, by):
        pixels = keras.Input((size, size, 1))
        x = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3)(pixels) * by)
        return keras.Model(pixels, layers.Dense(10)(x))

    ship(build(8, 2.0))
    with pytest.raises(InputError, match="fixed pictures"):
        cu.load_checkpoint(build(12, 0.5), "lenet")


def test_when_the_file_is_from_before_there_were_answers_then_it_is_loaded(network, ship, images):
    trained = network()
    ship(trained, with_answers=False)
    model = network()
    cu.load_checkpoint(model, "lenet")
    np.testing.assert_allclose(model(images, training=False), trained(images, training=False), atol=1e-5)


def test_when_asking_is_interrupted_then_the_model_is_as_before(network, ship, monkeypatch):
    ship(network())

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(answers, "difference", stop)
    model = network()
    before = model.get_weights()
    with pytest.raises(KeyboardInterrupt):
        cu.load_checkpoint(model, "lenet")
    assert_unchanged(model, before)


def test_when_the_catalog_makes_no_sense_then_the_model_is_as_before(network, ship):
    ship(network())
    path = catalog.FOLDER / "catalog.json"
    path.write_text(path.read_text().replace('"accuracy": 0.823', '"accuracy": "high"'))
    model = network()
    before = model.get_weights()
    with pytest.raises(CourseError, match="catalog of checkpoints is damaged"):
        cu.load_checkpoint(model, "lenet")
    assert_unchanged(model, before)


def test_when_the_message_cannot_be_made_then_the_model_is_as_before(network, ship, monkeypatch):
    ship(network())

    def fail(*_):
        raise InputError("no message")

    monkeypatch.setattr(loading, "notes_on", fail)
    model = network()
    before = model.get_weights()
    with pytest.raises(InputError, match="no message"):
        cu.load_checkpoint(model, "lenet")
    assert_unchanged(model, before)


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
    with pytest.raises(UnknownNameError, match="Did you mean 'lenet'") as error:
        cu.load_checkpoint(network(), "LeNet")
    assert error.value.fix is None, "it is there"
    with pytest.raises(UnknownNameError, match="Train the network"):
        cu.load_checkpoint(network(), "vgg16")


def test_when_model_and_name_are_swapped_then_their_order_is_told(network, ship):
    ship(network())
    for swapped in [("lenet", network()), ("lenet", None), (network(), network())]:
        with pytest.raises(InputError, match="the model first, then the checkpoint's name"):
            cu.load_checkpoint(*swapped)


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
