"""Activation explorer: curves and slopes are Keras', and the numbers in the words are those of the map."""

import time

import numpy as np
import pytest
from widget_samples import assert_quick

import course_utils as cu
from course_utils.errors import InputError, UnknownNameError
from course_utils.plots import alt_text
from course_utils.widgets.activations import ACTIVATIONS, activation_view

PHOTO = np.random.default_rng(0).integers(0, 256, (20, 30), dtype="uint8")
INPUTS = np.unique(np.concatenate([np.linspace(-6, 6, 49), [-1e-3, 0, 1e-3, -40, 40, 800, -800]])).astype("float32")
KERAS = {
    "ReLU": "relu",
    "leaky ReLU": "leaky_relu",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "swish": "silu",
    "GELU": "gelu",
}


def of_keras(name, leak):
    keras = pytest.importorskip("keras")
    function = getattr(keras.activations, KERAS[name])
    return (lambda x: function(x, negative_slope=leak)) if name == "leaky ReLU" else function


@pytest.mark.parametrize("leak", [0.0, 0.1, 0.5])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_when_an_activation_is_computed_then_it_is_the_one_of_keras(name, leak):
    expected = np.asarray(of_keras(name, leak)(INPUTS))
    np.testing.assert_allclose(ACTIVATIONS[name].value(INPUTS, leak), expected, atol=2e-6, rtol=1e-5)


@pytest.mark.parametrize("leak", [0.0, 0.1, 0.5])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_when_a_slope_is_computed_then_it_is_the_gradient_of_tensorflow(name, leak):
    tensorflow = pytest.importorskip("tensorflow")
    inputs = tensorflow.constant(INPUTS)
    with tensorflow.GradientTape() as tape:
        tape.watch(inputs)
        outputs = of_keras(name, leak)(inputs)
    expected = tape.gradient(outputs, inputs).numpy()
    np.testing.assert_allclose(ACTIVATIONS[name].slope(INPUTS, leak), expected, atol=2e-6)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_when_a_slope_is_computed_then_it_is_the_one_of_the_curve(name):
    x = np.array([-3.3, -1.0, -0.2, 0.4, 2.0])
    activation, step = ACTIVATIONS[name], 1e-6
    measured = (activation.value(x + step, 0.1) - activation.value(x - step, 0.1)) / (2 * step)
    np.testing.assert_allclose(activation.slope(x, 0.1), measured, atol=1e-6)


def test_when_the_activations_are_listed_then_the_four_of_the_notebook_come_first():
    assert list(ACTIVATIONS)[:4] == ["ReLU", "leaky ReLU", "sigmoid", "tanh"]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_when_an_activation_is_chosen_then_the_curve_is_its_own_and_the_point_lies_on_it(name):
    explorer = cu.widgets.activation_explorer(PHOTO)
    explorer.set(activation=name, input=-1.5, leak=0.25)
    panel = explorer.view["curve"]
    tangent, curve = panel.curves
    np.testing.assert_array_equal(curve.y, ACTIVATIONS[name].value(curve.x, 0.25))
    y, slope = (float(function(-1.5, 0.25)) for function in (ACTIVATIONS[name].value, ACTIVATIONS[name].slope))
    assert panel.points == ((-1.5, y),)
    assert np.diff(tangent.y)[0] / np.diff(tangent.x)[0] == pytest.approx(slope, abs=1e-9)
    assert np.interp(-1.5, tangent.x, tangent.y) == pytest.approx(y, abs=1e-9)
    assert panel.y_limits[0] < curve.y.min() and curve.y.max() < panel.y_limits[1]
    assert explorer.view["after"].title == f"after {name}"


def test_when_the_derivative_is_wanted_then_it_is_a_second_curve():
    explorer = cu.widgets.activation_explorer(PHOTO, "tanh")
    assert [curve.name for curve in explorer.view["curve"].curves] == ["slope at the point", "tanh"]
    explorer.set(derivative=True)
    curve = explorer.view["curve"].curves[-1]
    assert curve.name == "its derivative" and curve.dashed
    np.testing.assert_allclose(curve.y, 1 - np.tanh(curve.x) ** 2)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"input": 2.0}, "ReLU makes 2 into 2; the slope there is 1."),
        (
            {"input": -2.0},
            "ReLU makes −2 into 0; the slope there is 0 (flat: a small change of the input changes nothing).",
        ),
        ({"input": 0.0}, "ReLU makes 0 into 0; at the corner there is no slope, libraries take 0."),
        (
            {"input": 0.0, "activation": "leaky ReLU", "leak": 0.2},
            "at the corner there is no slope, libraries take 0.2.",
        ),
        (
            {"input": -3.0, "activation": "leaky ReLU", "leak": 0.2},
            "leaky ReLU makes −3 into −0.6; the slope there is 0.2.",
        ),
        ({"input": 0.0, "activation": "sigmoid"}, "sigmoid makes 0 into 0.5; the slope there is 0.25."),
        ({"input": 3.0, "activation": "tanh"}, "(nearly flat: a small change of the input hardly changes the output)."),
    ],
)
def test_when_the_input_moves_then_the_message_has_value_and_slope(values, words):
    explorer = cu.widgets.activation_explorer(PHOTO)
    explorer.set(**values)
    assert words in explorer.view.message


def test_when_a_map_passes_then_its_zeros_and_ends_are_counted():
    edges = np.array([[-2.0, -1.0, 0.0, 0.0], [1.0, 2.0, 3.0, -4.0]])
    values = {"activation": "ReLU", "input": 1.0, "leak": 0.1, "derivative": False}
    view = activation_view(edges, values)
    assert view["numbers"].lines == ("before: −4 to 3, exactly 0: 25 %", "after: 0 to 3, exactly 0: 62 %")
    assert "62 % are exactly 0 after it, 25 % before" in view.message
    assert "25 % are exactly 0 after it" in activation_view(edges, {**values, "activation": "tanh"}).message
    after = activation_view(edges, {**values, "activation": "sigmoid"})["numbers"].lines[1]
    assert after == "after: 0.018 to 0.953, exactly 0: 0 %"


def test_when_a_map_passes_relu_then_nothing_blue_is_left_of_it():
    explorer = cu.widgets.activation_explorer(PHOTO)
    before, after = (explorer.view[key].pixels.astype(int) for key in ("before", "after"))
    assert ((before[..., 2] - before[..., 0]) > 20).any() and not ((after[..., 2] - after[..., 0]) > 20).any()
    assert before.shape == after.shape == (20, 30, 3)


@pytest.mark.parametrize(
    ("picture", "activation", "error"),
    [
        (np.zeros((2, 8, 8, 1)), "ReLU", InputError),
        (np.zeros((4, 8)), "ReLU", InputError),
        ("boot", "ReLU", InputError),
        (PHOTO, "relu6", UnknownNameError),
        (PHOTO, None, UnknownNameError),
    ],
)
def test_when_an_argument_makes_no_sense_then_it_is_named(picture, activation, error):
    with pytest.raises(error):
        cu.widgets.activation_explorer(picture, activation)


@pytest.mark.parametrize(
    "values", [{"input": 5}, {"input": float("nan")}, {"leak": -1}, {"derivative": 1}, {"slope": 1}]
)
def test_when_a_value_makes_no_sense_then_nothing_changes(values):
    explorer = cu.widgets.activation_explorer(PHOTO)
    view = explorer.view
    with pytest.raises((InputError, UnknownNameError)):
        explorer.set(**values)
    assert explorer.view is view


def test_when_nothing_is_given_then_the_edges_of_a_boot_are_shown_and_described():
    text = alt_text(cu.widgets.activation_explorer().still())
    assert "28 by 28 numbers from −3.99" in text and "the curve runs from 0 at −4 to 4 at 4" in text
    assert "are exactly 0 after it" in text


def test_when_the_browser_changes_something_then_it_gets_the_answer():
    explorer = cu.widgets.activation_explorer(PHOTO)
    sent = []
    explorer.front().send = lambda answer, buffers: sent.append(answer)
    explorer._hear(None, {"ask": True})
    explorer._hear(None, {"serial": 1, "values": {"input": -0.5}})
    assert [panel["key"] for panel in sent[-1]["panels"]] == ["curve"] and sent[-1]["values"] == {}
    explorer._hear(None, {"serial": 2, "values": {"activation": "GELU"}})
    assert {panel["key"] for panel in sent[-1]["panels"]} == {"curve", "after", "numbers"}


def test_when_two_hundred_inputs_are_tried_then_each_takes_little_time_and_no_figure_stays():
    plt = pytest.importorskip("matplotlib.pyplot")
    explorer = cu.widgets.activation_explorer()
    explorer.front()
    names, seconds = list(ACTIVATIONS), []
    for step in range(200):
        values = {"input": round(-4 + 0.1 * (step % 80), 1), "activation": names[step % len(names)], "derivative": True}
        start = time.process_time()
        explorer._hear(None, {"serial": step, "values": values})
        seconds.append(time.process_time() - start)
    assert_quick(seconds)
    assert plt.get_fignums() == []
