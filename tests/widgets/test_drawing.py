"""Draw and classify: every kind of model gets the picture it was built for, and the message says what preparing did."""

import time

import numpy as np
import pytest
from widget_samples import assert_quick

from course_utils.errors import InputError, UnknownNameError
from course_utils.plots import alt_text
from course_utils.widgets.drawing import KINDS, draw_and_classify
from course_utils.widgets.handwriting import drawn, prepared, shrunk, to_url

SHEET = drawn([[(40, 40), (40, 90), (70, 90)]])  # a small L in the corner
URL = to_url(SHEET)
NAMES = ("top", "bottom")


def halves(images):
    """A classifier that looks for ink: in the upper or in the lower half? uint8 (n, 28, 28, 1) -> (n, 2)."""
    assert images.dtype == np.uint8 and images.shape[1:] == (28, 28, 1)
    ink = images.reshape(len(images), 2, -1).sum(axis=2) + 1.0
    return ink / ink.sum(axis=1, keepdims=True)


def keras_halves(shape=(28, 28, 1), rescale=True, ending="softmax"):
    """The same with weights set by hand: scores are the sums of the pixels in [0, 1] over ten."""
    keras = pytest.importorskip("keras")
    first = [keras.layers.Rescaling(1 / 255)] if rescale else []
    layers = [keras.Input(shape), *first, keras.layers.Flatten(), keras.layers.Dense(2, activation=ending)]
    model = keras.Sequential(layers)
    weights = np.zeros((784, 2), "float32")
    weights[:392, 0] = weights[392:, 1] = 0.1
    model.layers[-1].set_weights([weights, np.zeros(2, "float32")])
    return model


def expected_shares(picture):
    sums = picture.reshape(2, -1).sum(axis=1) / 255 / 10
    return np.exp(sums) / np.exp(sums).sum()


def probabilities(explorer):
    return explorer.view["answers"].values[:, 0]


def test_when_the_sheet_is_empty_then_the_message_asks_for_a_drawing():
    explorer = draw_and_classify(halves, NAMES)
    assert explorer.view.panels == () and explorer.view.message.startswith("Draw something")
    explorer.set(drawing=to_url(np.zeros((280, 280), dtype="uint8")))
    assert explorer.view.message.startswith("Draw something")


def test_when_something_is_drawn_then_each_step_is_the_one_of_the_pure_functions():
    explorer = draw_and_classify(halves, NAMES)
    explorer.set(drawing=URL)
    steps = prepared(SHEET)
    pictures = {panel.key: panel for panel in explorer.view["steps"].panels}
    np.testing.assert_array_equal(pictures["drawing"].pixels, SHEET)
    np.testing.assert_array_equal(pictures["cut"].pixels, steps.cut)
    np.testing.assert_array_equal(pictures["small"].pixels, steps.small)
    np.testing.assert_array_equal(pictures["picture"].pixels, steps.picture)
    mark = pictures["drawing"].marks[0]
    assert (mark.row, mark.column, mark.height, mark.width) == steps.box
    np.testing.assert_allclose(probabilities(explorer), halves(steps.picture.reshape(1, 28, 28, 1))[0])


def test_when_preparing_is_switched_off_then_the_whole_sheet_is_shrunk_and_the_message_compares():
    explorer = draw_and_classify(halves, NAMES)
    explorer.set(drawing=URL, prepare=False)
    np.testing.assert_allclose(probabilities(explorer), halves(shrunk(SHEET).reshape(1, 28, 28, 1))[0])
    assert [panel.key for panel in explorer.view["steps"].panels] == ["drawing", "picture"]
    first = halves(prepared(SHEET).picture.reshape(1, 28, 28, 1))[0]
    assert explorer.view.message == (
        f"Prepared as MNIST did: bottom ({100 * first[1]:.0f} %). "
        f"Only shrunk to 28×28: top (99.9 %). Another answer."  # never 100 %
    )


@pytest.mark.parametrize("shape", [(28, 28, 1), (28, 28), (784,)])
@pytest.mark.parametrize("rescale", [True, False])
@pytest.mark.parametrize("ending", ["softmax", None])
def test_when_a_model_takes_pictures_of_another_form_then_it_gets_them_in_its_own_scale(shape, rescale, ending):
    explorer = draw_and_classify(keras_halves(shape, rescale, ending), NAMES)
    explorer.set(drawing=URL)
    np.testing.assert_allclose(probabilities(explorer), expected_shares(prepared(SHEET).picture), atol=1e-5)


def test_when_logits_happen_to_add_up_to_one_then_they_are_no_probabilities():
    explorer = draw_and_classify(lambda images: np.tile([2.0, -1.0], (len(images), 1)), NAMES)
    explorer.set(drawing=URL)
    np.testing.assert_allclose(probabilities(explorer), np.exp([2, -1]) / np.exp([2, -1]).sum())


def test_when_a_model_is_not_built_yet_then_it_is_built_for_pictures_of_28_by_28():
    keras = pytest.importorskip("keras")
    model = keras.Sequential([keras.layers.Rescaling(1 / 255), keras.layers.Flatten(), keras.layers.Dense(2)])
    draw_and_classify(model, NAMES)
    assert model.built


def test_when_a_garment_is_drawn_then_it_fills_the_picture():
    explorer = draw_and_classify(halves, NAMES, preprocess="garment")
    explorer.set(drawing=URL)
    picture = {panel.key: panel for panel in explorer.view["steps"].panels}["picture"].pixels
    np.testing.assert_array_equal(picture, prepared(SHEET, "garment").picture)
    assert picture.any(axis=1).all()
    assert "Prepared as Fashion-MNIST did" in explorer.view.message


def test_when_there_are_examples_then_one_of_the_class_that_was_answered_is_shown():
    images = np.stack([np.full((28, 28, 1), level, "uint8") for level in (10, 20, 30)])
    explorer = draw_and_classify(halves, NAMES, examples=(images, [1, 0, 1]))
    explorer.set(drawing=URL)
    example = explorer.view["steps"].panels[-1]
    assert example.title == "one it learned from: bottom" and (example.pixels == 10).all()
    explorer.set(prepare=False)
    assert (explorer.view["steps"].panels[-1].pixels == 20).all()


def test_when_the_answer_is_shown_then_the_top_one_is_marked_and_tiny_shares_are_no_zero():
    explorer = draw_and_classify(keras_halves(), NAMES)
    explorer.set(drawing=to_url(drawn([[(40, 40), (240, 40)], [(40, 60), (240, 60)]])), prepare=False)
    table = explorer.view["answers"]
    assert table.marks[0].row == 0 and table.names == NAMES
    assert table.texts == [["99.9 %"], ["< 1 %"]]
    assert table.alt == "most likely top 99.9 % and bottom < 1 %."


def test_when_a_model_cannot_take_such_pictures_then_the_error_says_which_it_takes():
    keras = pytest.importorskip("keras")
    model = keras.Sequential([keras.Input((32, 32, 3)), keras.layers.Flatten(), keras.layers.Dense(2)])
    with pytest.raises(InputError, match="32, 32, 3"):
        draw_and_classify(model, NAMES)


def test_when_the_classes_do_not_fit_the_answers_then_the_error_says_so():
    with pytest.raises(InputError, match="3 classes"):
        draw_and_classify(halves, ("a", "b", "c"))


def test_when_arguments_make_no_sense_then_they_are_named():
    with pytest.raises(UnknownNameError, match="'digit'"):
        draw_and_classify(halves, NAMES, preprocess="digits")
    with pytest.raises(InputError, match="cannot classify"):
        draw_and_classify("lenet", NAMES)
    with pytest.raises(InputError, match="labels"):
        draw_and_classify(halves, NAMES, examples=np.zeros((3, 28, 28, 1), "uint8"))


def test_when_the_browser_answers_without_a_kernel_then_the_view_follows_and_errors_are_told():
    explorer = draw_and_classify(halves, NAMES)
    explorer.front()
    explorer._hear(None, {"serial": 1, "values": {"drawing": URL}})
    explorer._hear(None, {"serial": 2, "values": {"prepare": False}})
    assert "Another answer" in explorer.view.message
    with pytest.raises(InputError):
        explorer._hear(None, {"serial": 3, "values": {"drawing": "data:image/png;base64,AAAA"}})
    assert "no PNG picture" in explorer.error and "Another answer" in explorer.view.message


@pytest.mark.parametrize("kind", KINDS)
def test_when_nothing_moves_then_an_example_is_drawn_prepared_and_only_shrunk(kind):
    text = alt_text(draw_and_classify(halves, NAMES, preprocess=kind).still())
    data = KINDS[kind][2]
    assert f"prepare as {data} did: on." in text and f"prepare as {data} did: off." in text
    assert "base64" not in text and "Draw something" not in text


def test_when_two_hundred_drawings_come_then_each_takes_little_time_and_no_figure_stays():
    plt = pytest.importorskip("matplotlib.pyplot")
    explorer = draw_and_classify(keras_halves(), NAMES)
    seconds = []
    for step in range(200):
        url = to_url(drawn([[(40 + step / 2, 40), (100, 200)]]))
        start = time.process_time()
        explorer.set(drawing=url)
        [panel.content() for panel in explorer.view.flat()]
        seconds.append(time.process_time() - start)
    assert_quick(seconds)
    assert plt.get_fignums() == []
