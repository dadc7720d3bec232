import hashlib

import numpy as np
import pytest

from course_utils.checkpoints import answers
from course_utils.checkpoints.packing import Answers


def kept(model, change=0.0, pictures=answers.PICTURES):
    values = answers.ask(model, model.input_shape[1:])
    return Answers(model.input_shape[1:], values + np.float32(change), pictures)


def test_the_pictures_are_the_same_everywhere_and_for_ever():
    """Answers to them are in files: other pictures need another number in `answers.PICTURES`."""
    small, large = answers.pictures((28, 28, 1)), answers.pictures((64, 48, 3))
    digests = [hashlib.sha256(made.tobytes()).hexdigest()[:16] for made in (small, large)]
    assert (answers.PICTURES, digests) == (1, ["d52a00609f2aa260", "cdf41bd5b55c27a5"])
    assert small.dtype == "uint8" and np.ptp(small) > 240
    assert [len(np.unique(picture)) for picture in small[:3]] == [1, 4, 14]  # 1, 4 and 16 squares, two pairs alike


@pytest.mark.parametrize("shape", [(7,), (5, 4), (4, 9, 2)])
def test_pictures_have_the_shape_asked_for(shape):
    assert answers.pictures(shape).shape == (32, *shape)


def test_what_rounding_and_hardware_explain_is_no_difference(network):
    model = network()
    assert answers.difference(kept(model, 0.009), model) == ""
    assert "differ by up to 0.011" in answers.difference(kept(model, 0.011), model)


def test_numbers_of_sixteen_bits_are_near_enough_and_bfloat16_has_a_tolerance_of_its_own():
    import keras
    from keras import layers

    def build(dtype):
        keras.utils.set_random_seed(0)
        stack = [layers.Rescaling(1 / 255), layers.Conv2D(8, 3, activation="relu", dtype=dtype)]
        stack += [layers.Flatten(), layers.Dense(10, activation="softmax", dtype=dtype)]
        return keras.Sequential([keras.Input((6, 6, 1)), *stack])

    wanted = kept(build("float32"))
    for dtype in ("mixed_float16", "mixed_bfloat16"):
        assert answers.difference(wanted, build(dtype)) == ""
    shifted = Answers(wanted.shape, wanted.values + np.float32(0.03), 1)
    assert answers.difference(shifted, build("mixed_bfloat16")) == ""
    assert answers.difference(shifted, build("mixed_float16")) != ""


def test_where_the_answers_are_large_numbers_the_tolerance_is_in_proportion():
    import keras

    model = keras.Sequential([keras.Input((6, 6, 1)), keras.layers.Flatten(), keras.layers.Dense(2)])
    large = np.abs(kept(model).values).max()
    assert large > 10
    assert answers.difference(kept(model, 0.009 * large), model) == ""
    assert answers.difference(kept(model, 0.02 * large), model) != ""


def test_answers_are_kept_with_four_decimals_so_that_the_last_bits_make_no_other_file(network):
    model = network()
    made = answers.to_keep(model, (6, 6, 1))
    np.testing.assert_array_equal(made.values, answers.ask(model, (6, 6, 1)).round(4))
    assert made.shape == (6, 6, 1)


def test_when_an_answer_is_no_number_then_it_is_a_difference(network):
    model = network()
    wanted = kept(model)
    model.weights[0].assign(np.full(model.weights[0].shape, np.nan))
    assert "differ by up to nan" in answers.difference(wanted, model)


def test_when_the_answers_are_to_other_pictures_then_nothing_can_be_said(network):
    assert answers.difference(kept(network(), 1.0, pictures=2), network()) == ""


def test_when_the_model_cannot_answer_then_it_is_told_and_does_not_stop_the_program():
    import keras

    class Broken(keras.layers.Layer):
        def call(self, inputs):
            if len(inputs.shape) == 3 and inputs.shape[0] == 32:
                raise RuntimeError("out of order")
            return inputs

    model = keras.Sequential([keras.Input((6, 2)), Broken()])
    wanted = Answers((6, 2), np.zeros((32, 6, 2), "float32"), 1)
    assert answers.difference(wanted, model).startswith("RuntimeError: ")


def test_when_there_are_other_classes_then_their_number_is_told(network):
    wanted = Answers((6, 6, 1), np.zeros((32, 5), "float32"), 1)
    assert answers.difference(wanted, network()) == "answers of shape (3,) instead of (5,)"
