import keras
import numpy as np
import pytest

from course_utils.models.identity import image_keys, model_key, photo_keys


def network(units=3, activation="relu", seed=1, trainable=True):
    keras.utils.set_random_seed(seed)
    inputs = keras.Input((4, 4, 1))
    x = keras.layers.Flatten()(inputs)
    x = keras.layers.Dense(units, activation=activation, trainable=trainable)(x)
    return keras.Model(inputs, x)


def test_when_keras_only_counts_its_names_on_then_the_model_is_the_same():
    first, second = network(), network()
    assert first.layers[-1].name != second.layers[-1].name
    assert model_key(first) == model_key(second)


def test_when_only_training_would_differ_then_the_model_is_the_same():
    assert model_key(network()) == model_key(network(trainable=False))


@pytest.mark.parametrize("change", [{"units": 4}, {"activation": "tanh"}, {"seed": 2}])
def test_when_layers_or_weights_differ_then_the_model_is_another(change):
    assert model_key(network()) != model_key(network(**change))


def test_when_the_wiring_differs_then_the_model_is_another():
    def wired(crossed):
        inputs = keras.Input((4,))
        a, b = keras.layers.Activation("relu")(inputs), keras.layers.Activation("tanh")(inputs)
        return keras.Model(inputs, keras.layers.Subtract()([b, a] if crossed else [a, b]))

    assert model_key(wired(False)) == model_key(wired(False))
    assert model_key(wired(False)) != model_key(wired(True))


def test_when_one_number_of_one_weight_differs_then_the_model_is_another():
    model = network()
    key = model_key(model)
    kernel, bias = model.get_weights()
    kernel[3, 1] = np.nextafter(kernel[3, 1], 1, dtype="float32")
    model.set_weights([kernel, bias])
    assert model_key(model) != key


def test_when_the_code_of_a_layer_of_ones_own_differs_then_the_model_is_another():
    def scaled(body):
        space = {"keras": keras}
        exec(f"class Own(keras.layers.Layer):\n    def call(self, x):\n        return {body}\n", space)
        return keras.Sequential([keras.Input((2,)), space["Own"]()])

    assert model_key(scaled("x * 2")) == model_key(scaled("x * 2"))
    assert model_key(scaled("x * 2")) != model_key(scaled("x * 3"))


def test_when_a_model_is_saved_and_loaded_then_it_is_the_same(tmp_path):
    model = network()
    model.save(tmp_path / "model.keras")
    assert model_key(keras.saving.load_model(tmp_path / "model.keras")) == model_key(model)


def test_when_pixels_shape_or_type_differ_then_the_image_is_another():
    image = np.zeros((1, 2, 8, 3), "uint8")
    keys = {key.tobytes() for key in (image_keys(image)[0], image_keys(image + 1)[0])}
    keys.add(image_keys(image.reshape(1, 4, 4, 3)).tobytes())
    keys.add(image_keys(image.view("int8")).tobytes())
    assert len(keys) == 4


def test_when_a_folder_of_photographs_moves_then_they_are_the_same(tmp_path):
    path = tmp_path / "here" / "train" / "cat" / "1.jpg"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"x")
    before = photo_keys([path], 160)
    moved = (tmp_path / "here").rename(tmp_path / "there") / "train" / "cat" / "1.jpg"
    np.testing.assert_array_equal(photo_keys([moved], 160), before)
    assert (photo_keys([moved], 224) != before).any()
