"""Kernel explorer: its map is SciPy's, and its controls agree with one another."""

import time

import numpy as np
import pytest
from scipy import signal
from widget_samples import assert_quick

import course_utils as cu
from course_utils.errors import InputError, UnknownNameError
from course_utils.plots import alt_text
from course_utils.widgets.kernels import OWN, PRESETS, feature_map, grey, resized
from course_utils.widgets.pixels import tinted

PHOTO = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype="uint8")


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_when_a_kernel_slides_over_a_picture_then_the_answers_are_those_of_scipy(size):
    rng = np.random.default_rng(size)
    picture, kernel = rng.normal(size=(17, 23)), rng.normal(size=(size, size))
    expected = signal.correlate2d(picture, kernel, mode="valid")
    np.testing.assert_allclose(feature_map(picture, kernel), expected, atol=1e-5)


@pytest.mark.parametrize("name", PRESETS)
def test_when_a_preset_is_chosen_then_the_weights_and_the_map_are_its_own(name):
    explorer = cu.widgets.kernel_explorer(PHOTO, kernel="identity")
    explorer.set(preset=name)
    assert explorer.values["kernel"] == tuple(tuple(map(float, row)) for row in PRESETS[name])
    found = feature_map(grey(PHOTO), PRESETS[name])
    limit = np.abs(found).max() or 1
    np.testing.assert_array_equal(explorer.view["map"].pixels, tinted(found, "RdBu_r", (-limit, limit)))


def test_when_a_weight_is_edited_then_the_preset_is_the_learners_own():
    explorer = cu.widgets.kernel_explorer(PHOTO)
    explorer.set(kernel=((0, 0, 0), (0, 7, 0), (0, 0, 0)))
    assert explorer.values["preset"] == OWN
    explorer.set(kernel=PRESETS["sharpen"])
    assert explorer.values["preset"] == "sharpen"


def test_when_the_size_changes_then_the_weights_stay_and_get_or_lose_a_rim():
    explorer = cu.widgets.kernel_explorer(PHOTO, kernel="sharpen")
    small = explorer.values["kernel"]
    explorer.set(size="5×5")
    assert len(explorer.values["kernel"]) == 5
    assert explorer.view["map"].pixels.shape == (36, 56, 3)
    assert explorer.values["preset"] == "sharpen"  # with zeros around it, it is the same kernel
    explorer.set(size="3×3")
    assert explorer.values["kernel"] == small
    assert resized(np.arange(25).reshape(5, 5), 3) == ((6, 7, 8), (11, 12, 13), (16, 17, 18))


def test_when_there_are_several_pictures_then_one_is_chosen_by_name():
    explorer = cu.widgets.kernel_explorer({"noise": PHOTO, "black": np.zeros((9, 9))}, kernel="identity")
    explorer.set(picture="black")
    assert explorer.view["map"].pixels.shape == (7, 7, 3)
    assert "from 0 to 0" in explorer.view.message


def test_when_the_weights_add_up_to_zero_then_the_message_says_what_that_means():
    explorer = cu.widgets.kernel_explorer(np.full((8, 8), 0.5), kernel="Laplacian")
    assert "add up to 0, so even areas answer 0" in explorer.view.message
    explorer.set(preset="sharpen")
    assert "add up to 1, so an even area of 1 answers 1" in explorer.view.message


@pytest.mark.parametrize(
    ("image", "kernel", "error"),
    [
        (np.zeros((2, 8, 8, 1)), "identity", InputError),
        (np.zeros((4, 8)), "identity", InputError),
        ("boot", "identity", InputError),
        (PHOTO, "sobel", UnknownNameError),
        (PHOTO, np.ones((4, 4)), InputError),
        (PHOTO, [[np.nan] * 3] * 3, InputError),
    ],
)
def test_when_an_argument_makes_no_sense_then_it_is_named(image, kernel, error):
    with pytest.raises(error):
        cu.widgets.kernel_explorer(image, kernel)


def test_when_nothing_is_given_then_a_garment_is_shown_and_described():
    explorer = cu.widgets.kernel_explorer()
    assert explorer.view["picture"].pixels.shape == (28, 28, 3)
    text = alt_text(explorer.still())
    assert "weights: -1, 0, 1; -2, 0, 2; -1, 0, 1." in text and "feature map: 26 by 26 answers" in text


def test_when_weights_change_two_hundred_times_then_each_takes_little_time_and_no_figure_stays():
    plt = pytest.importorskip("matplotlib.pyplot")
    explorer = cu.widgets.kernel_explorer(np.random.default_rng(0).random((320, 320)))
    before = plt.get_fignums()
    seconds = []
    for step in range(200):
        start = time.process_time()
        explorer.set(kernel=((step, 0, 1), (0, 1, 0), (1, 0, -step)))
        [panel.content() for panel in explorer.view.panels]
        seconds.append(time.process_time() - start)
    assert_quick(seconds)
    assert plt.get_fignums() == before
