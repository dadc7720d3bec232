"""Convolution stepper: its output is Keras', its formula is what comes out, and every step can be reached."""

import time
from itertools import product

import numpy as np
import pytest
from scipy import signal
from widget_samples import assert_quick

import course_utils as cu
from course_utils.errors import InputError, UnknownNameError
from course_utils.plots import alt_text
from course_utils.widgets.panels import Mark, Numbers, Text
from course_utils.widgets.stepper import KERNELS, Slide, convolve, readable, windows

RNG = np.random.default_rng(0)
IMAGE = RNG.integers(0, 10, (7, 9))
SETTINGS = [Slide(*setting) for setting in product((1, 2, 3, 5), (0, 1, 2), (1, 2, 3), (1, 2, 3))]


def stepper(**values):
    explorer = cu.widgets.convolution_stepper(IMAGE)
    explorer.set(**values)
    return explorer


def lines(explorer, key):
    return list(explorer.view[key].lines)


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_when_a_kernel_slides_with_any_padding_stride_and_dilation_then_the_output_is_that_of_keras(size):
    keras = pytest.importorskip("keras")
    kernel = RNG.normal(size=(size, size))
    tried = 0
    for slide in SETTINGS:
        rows, columns = (slide.places(side) for side in IMAGE.shape)
        # Keras convolves with a stride or with a dilation, not with both.
        if slide.size != size or min(rows, columns) < 1 or (slide.stride > 1 and slide.dilation > 1):
            continue
        padded = np.pad(IMAGE, slide.padding)[np.newaxis, :, :, np.newaxis].astype("float32")
        weights = kernel[:, :, np.newaxis, np.newaxis].astype("float32")
        expected = keras.ops.conv(padded, weights, slide.stride, "valid", "channels_last", slide.dilation)
        found = convolve(IMAGE, kernel, slide)
        assert found.shape == (rows, columns)
        np.testing.assert_allclose(found, np.asarray(expected)[0, :, :, 0], atol=1e-4)
        tried += 1
    assert tried >= 10


@pytest.mark.parametrize("slide", SETTINGS, ids=str)
def test_when_the_kernel_slides_then_the_output_is_that_of_scipy_and_has_the_size_of_the_formula(slide):
    kernel = RNG.normal(size=(slide.size, slide.size))
    spread = np.zeros((slide.reach, slide.reach))
    spread[:: slide.dilation, :: slide.dilation] = kernel
    padded = np.pad(IMAGE, slide.padding)
    if min(padded.shape) < slide.reach:
        assert min(slide.places(side) for side in IMAGE.shape) < 1
        return
    expected = signal.correlate2d(padded, spread, mode="valid")[:: slide.stride, :: slide.stride]
    np.testing.assert_allclose(convolve(IMAGE, kernel, slide), expected, atol=1e-9)
    assert tuple(slide.places(side) for side in IMAGE.shape) == expected.shape


def test_when_it_walks_through_all_steps_then_it_goes_row_by_row_and_the_output_fills_up():
    explorer = stepper(padding=1, stride=2)
    output = convolve(IMAGE, KERNELS[3], Slide(3, 1, 2))
    for step in range(1, output.size + 1):
        explorer.set(step=step)
        shown = explorer.view["output"].values
        row, column = divmod(step - 1, output.shape[1])
        assert explorer.values["cell"] == (row, column) == explorer.view["output"].at
        assert np.isfinite(shown).sum() == step and np.isfinite(shown.ravel()[:step]).all()
        assert shown[row, column] == output[row, column] == explorer.view["products"].values.sum()
        assert explorer.view["input"].marks == (Mark(2 * row, 2 * column, 3, 3),)
    np.testing.assert_array_equal(explorer.view["output"].values, output)
    assert explorer.view.limits == {"step": (1, output.size)}


def test_when_a_cell_of_the_output_is_clicked_then_the_window_jumps_there():
    explorer = stepper(step=1)
    explorer.set(cell=(3, 2))
    assert explorer.values["step"] == 3 * 7 + 2 + 1
    window = windows(IMAGE, Slide(3))[3, 2]
    np.testing.assert_array_equal(explorer.view["products"].values, window * np.array(KERNELS[3]))
    explorer.set(cell=(99, 99))
    assert explorer.values["cell"] == (4, 6) and explorer.values["step"] == 35
    explorer.set(cell=(-3, -3))
    assert explorer.values["cell"] == (0, 0) and explorer.values["step"] == 1


def test_when_the_output_gets_smaller_then_the_step_stays_in_range():
    explorer = stepper(step=35)
    explorer.set(stride=3)
    assert explorer.values["step"] == 6 and explorer.values["cell"] == (1, 2)


def test_when_there_is_padding_then_its_zeros_look_different_from_other_zeros():
    explorer = cu.widgets.convolution_stepper(np.zeros((4, 4), int))
    explorer.set(padding=2)
    panel = explorer.view["input"]
    colours = {panel.fills[row][column] for row, column in ((0, 0), (1, 5), (7, 7), (3, 1))}
    assert colours == {"#f8f4b8"} and panel.fills[2][2] != "#f8f4b8" and panel.values.shape == (8, 8)
    assert "2 of zeros on each side" in panel.alt and "yellow" in panel.title


def test_when_the_kernel_is_dilated_then_each_of_its_pixels_is_marked():
    panel = stepper(dilation=2, stride=2, step=2).view["input"]
    assert panel.marks == tuple(Mark(row, 2 + column) for row in (0, 2, 4) for column in (0, 2, 4))


def test_when_the_sum_is_written_out_then_it_is_right():
    explorer = cu.widgets.convolution_stepper([[1, 2], [3, 4]], [[1, 0], [0.5, -1]])
    assert lines(explorer, "sum") == ["1·1 + 2·0 = 1", "3·0.5 + 4·(−1) = −2.5", "sum: 1 + (−2.5) = −1.5"]
    assert explorer.view["output"].written() == [["−1.5"]]


def test_when_settings_change_then_the_formula_has_the_numbers():
    explorer = cu.widgets.convolution_stepper(np.ones((7, 7), int))
    explorer.set(padding=2, stride=2, dilation=2)
    assert "⌊(7 + 2·2 − 2·(3 − 1) − 1) / 2⌋ + 1 = ⌊6 / 2⌋ + 1 = 4" in lines(explorer, "formula")
    explorer.set(stride=3, dilation=1, padding=0, size=2)
    assert lines(explorer, "formula")[-1] == "Rows and columns that no window sees: 3, 6 and 7."
    explorer.set(stride=1)
    assert "no window sees" not in " ".join(lines(explorer, "formula"))
    both = stepper().view["formula"].lines
    assert both[1].startswith("height: ⌊(7") and both[2].startswith("width: ⌊(9")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "No padding (valid), stride 1: 7×9 becomes 5×7."),
        ({"padding": 1}, "Padding 1 keeps the size (same): 7×9 stays 7×9."),
        ({"padding": 2, "dilation": 2}, "Padding 2 keeps the size (same)"),
        ({"padding": 2, "size": 5}, "Padding 2 keeps the size (same)"),
        ({"padding": 2}, "Padding 2, stride 1: 7×9 becomes 9×11."),
        ({"padding": 1, "stride": 2}, "Padding 1, stride 2: 7×9 becomes 4×5."),
        ({"size": 1}, "A 1×1 kernel needs no padding: 7×9 stays 7×9 (valid and same at once)."),
    ],
)
def test_when_the_size_stays_or_shrinks_then_the_message_says_same_or_valid(values, words):
    assert words in stepper(**values).view.message


def test_when_the_kernel_does_not_fit_then_the_widget_says_what_makes_room():
    explorer = stepper(size=5, dilation=2)
    assert explorer.view.message == (
        "The kernel does not fit: it reaches over 9×9 pixels, the input has 7×9 pixels. "
        "What makes room: padding 1 or a smaller kernel or less dilation."
    )
    assert "height: ⌊(7 + 2·0 − 2·(5 − 1) − 1) / 1⌋ + 1 = ⌊−2 / 1⌋ + 1 = −1" in lines(explorer, "formula")
    assert isinstance(explorer.view["output"], Text) and explorer.view["input"].marks == ()
    assert explorer.error == "" and explorer.view.limits == {"step": (1, 1)}
    assert "does not fit" in alt_text(explorer.still())
    explorer.set(padding=1)
    assert isinstance(explorer.view["output"], Numbers) and explorer.view["output"].values.shape == (1, 3)


def test_when_the_kernel_is_one_pixel_too_large_then_it_does_not_fit():
    explorer = cu.widgets.convolution_stepper(np.ones((3, 4), int))
    explorer.set(size=4)
    assert Slide(4).places(3) == 0 and "does not fit" in explorer.view.message


def test_when_the_size_changes_then_a_kernel_of_that_size_comes_and_the_first_one_comes_back():
    mine = ((9.0, 8.0, 7.0),) * 3
    explorer = cu.widgets.convolution_stepper(IMAGE, mine)
    for size in (1, 2, 4, 5):
        explorer.set(size=size)
        assert explorer.values["kernel"] == KERNELS[size]
    explorer.set(size=3)
    assert explorer.values["kernel"] == mine


def test_when_weights_are_edited_then_the_output_is_new():
    explorer = stepper(kernel=[[0, 0, 0], [0, 1, 0], [0, 0, 0]])
    np.testing.assert_array_equal(explorer.view["output"].values.ravel()[:9], IMAGE[1:-1, 1:-1].ravel()[:9])
    explorer.set(kernel=[[2]])
    assert explorer.values["size"] == 1 and explorer.values["kernel"] == ((2.0,),)
    for wrong in ([[1, 2, 3]], np.ones((6, 6)), [[1, 2], [3, 4], [5, 6]], np.ones((3, 5))):
        with pytest.raises(InputError, match="as many rows as columns"):
            explorer.set(kernel=wrong)
    assert explorer.values["kernel"] == ((2.0,),)


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (np.arange(4).reshape(2, 2), [[0, 1], [2, 3]]),
        (np.arange(4).reshape(2, 2, 1), [[0, 1], [2, 3]]),
        (np.array([[0.5, -1], [2, 3]]), [[0.5, -1], [2, 3]]),
        (np.array([[True, False], [False, True]]), [[1, 0], [0, 1]]),
        (np.kron([[0, 255], [255, 0]], np.ones((8, 8))).astype("uint8"), np.kron([[0, 9], [9, 0]], np.ones((4, 4)))),
        (np.kron([[0, 1], [1, 0]], np.ones((160, 160))), np.kron([[0, 9], [9, 0]], np.ones((4, 4)))),
        (np.full((4, 4, 3), (0, 255, 0), "uint8"), np.full((4, 4), 3)),
    ],
)
def test_when_a_picture_is_small_it_stays_and_when_it_is_large_or_in_colour_it_becomes_whole_numbers(image, expected):
    np.testing.assert_array_equal(readable(image), expected)


@pytest.mark.parametrize("shape", [(28, 28), (320, 320), (13, 13), (2, 100), (100, 3), (12, 13), (427, 640, 3)])
def test_when_a_picture_has_any_shape_then_at_most_twelve_rows_and_columns_are_shown(shape):
    small = readable(RNG.integers(0, 256, shape, dtype="uint8"))
    assert min(small.shape) >= 2 and max(small.shape) <= 12 and small.dtype == np.int64
    assert small.min() >= 0 and small.max() <= 9


@pytest.mark.parametrize(
    ("image", "kernel"),
    [
        (np.zeros((2, 8, 8, 1)), None),
        (np.zeros((1, 5)), None),
        ("boot", None),
        ([[np.nan, 1], [1, 1]], None),
        (IMAGE, np.ones((2, 3))),
        (IMAGE, np.ones((6, 6))),
        (IMAGE, [[np.nan]]),
        (IMAGE, "Sobel x"),
        (IMAGE, 3),
    ],
)
def test_when_an_argument_makes_no_sense_then_it_is_named(image, kernel):
    with pytest.raises(InputError, match=r"image|[Kk]ernel"):
        cu.widgets.convolution_stepper(image, kernel)


@pytest.mark.parametrize(
    "values",
    [{"stride": 0}, {"stride": 4}, {"padding": 3}, {"dilation": 1.5}, {"step": 0}, {"size": True}, {"place": 1}],
)
def test_when_a_value_makes_no_sense_then_nothing_changes(values):
    explorer = stepper()
    view = explorer.view
    with pytest.raises((InputError, UnknownNameError)):
        explorer.set(**values)
    assert explorer.view is view


def test_when_nothing_is_given_then_a_boot_is_shown_and_described():
    explorer = cu.widgets.convolution_stepper()
    assert explorer.view["input"].values.shape == (7, 7)
    text = alt_text(explorer.still())
    assert text.startswith("Convolution, step by step, a still picture") and "kernel: −1, 0, 1" in text.replace(
        "-", "−"
    )
    assert "5×5 cells, 9 of them filled" in text


def test_when_the_browser_changes_something_then_it_gets_the_answer():
    explorer = cu.widgets.convolution_stepper(IMAGE)
    sent = []
    explorer.front().send = lambda answer, buffers: sent.append(answer)
    explorer._hear(None, {"serial": 1, "values": {"cell": [1, 1], "padding": 1}})
    assert sent[-1]["values"] == {"step": 11} and sent[-1]["limits"] == {"step": (1, 63)} and sent[-1]["error"] == ""
    explorer._hear(None, {"serial": 2, "values": {"step": 12}})
    assert {panel["key"] for panel in sent[-1]["panels"]} == {"input", "products", "sum", "output"}


def test_when_two_hundred_steps_are_made_then_each_takes_little_time_and_no_figure_stays():
    plt = pytest.importorskip("matplotlib.pyplot")
    explorer = cu.widgets.convolution_stepper(RNG.integers(0, 99, (12, 12)))
    explorer.front()
    explorer.set(padding=2)
    seconds = []
    for step in range(200):
        start = time.process_time()
        explorer._hear(None, {"serial": step, "values": {"step": step % 196 + 1}})
        seconds.append(time.process_time() - start)
    assert_quick(seconds)
    assert plt.get_fignums() == []


@pytest.mark.parametrize("slide", SETTINGS, ids=str)
def test_when_windows_leave_gaps_then_the_rows_that_none_of_them_sees_are_named(slide):
    looked, reach = np.zeros(7 + 2 * slide.padding), slide.dilation * (slide.size - 1) + 1
    for start in range(0, len(looked) - reach + 1, slide.stride):
        looked[start : start + reach : slide.dilation] = 1
    expected = np.flatnonzero(looked[slide.padding : slide.padding + 7] == 0) + 1
    assert slide.unseen(7) == tuple(expected.tolist())
