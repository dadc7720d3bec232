import gc

import numpy as np

import course_utils as cu
from course_utils.checkpoints import is_filled, loading


def test_a_filled_model_stays_one_when_it_is_trained_on_and_inside_another(network, ship, images):
    import keras

    ship(network())
    model = network()
    assert not is_filled(model)
    cu.load_checkpoint(model, "lenet")
    assert is_filled(model)
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.fit(images, np.zeros(len(images)), verbose=0)
    assert is_filled(model)
    assert is_filled(keras.Sequential([keras.Input((6, 6, 1)), model]))


def test_a_model_that_is_built_anew_and_what_is_no_model_are_not_filled(network, ship):
    import keras

    ship(network())
    model = network()
    cu.load_checkpoint(model, "lenet")
    assert not any(map(is_filled, [network(), keras.models.clone_model(model), None, "lenet"]))


def test_a_filled_model_that_nobody_needs_is_forgotten(network, ship):

    ship(network())
    gc.collect()
    before = len(loading._FILLED)
    model = network()
    cu.load_checkpoint(model, "lenet")
    assert len(loading._FILLED) == before + 1
    del model
    gc.collect()
    assert len(loading._FILLED) == before
