import numpy as np
import pytest

from course_utils.errors import InputError
from course_utils.plots import alt_text, show_grad_cam, show_occlusion, show_saliency


@pytest.fixture
def pictures():
    return np.random.default_rng(0).integers(0, 256, (5, 20, 30, 3), dtype="uint8")


def hot(row, column, n=5):
    maps = np.zeros((n, 20, 30), dtype="float32")
    maps[:, row, column] = 1
    return maps


def test_each_picture_stands_beside_its_map(pictures, legible):
    titles = ["tench", "English springer", "cassette player", "French horn of a rather long name", "gas pump"]
    drawing = show_grad_cam(pictures, hot(18, 2), titles=titles)
    fig, axes = drawing
    assert axes.shape == (5, 2)
    grey, heat = (image.get_array() for image in axes[0, 1].get_images())
    np.testing.assert_array_equal(heat, hot(18, 2)[0])
    assert grey.ndim == 2 and heat.shape == grey.shape == (20, 30)
    np.testing.assert_allclose(axes[0, 0].get_images()[0].get_array(), pictures[0] / 255, atol=1e-6)
    assert "tench: hottest at the bottom left" in alt_text(fig)
    legible(drawing)


def test_the_colours_mean_the_same_on_every_map(pictures):
    _, axes = show_grad_cam(pictures, hot(0, 29) * 0.3)
    for _, right in axes:
        heat = right.get_images()[1]
        assert heat.get_clim() == (0, 1) and heat.get_cmap().name == "viridis"


def test_when_a_map_is_empty_then_the_alt_text_says_so(pictures):
    words = alt_text(show_grad_cam(pictures[:1], np.zeros((1, 20, 30))))
    assert words.startswith("1 picture beside") and "Picture 1: the map is empty" in words


@pytest.mark.parametrize("n", [1, 2, 4])
def test_any_number_of_pictures_fits(pictures, legible, n):
    drawing = show_grad_cam(pictures, hot(9, 15), n=n)
    assert drawing.ax.shape == (n, 2)
    legible(drawing)


def test_grey_pictures_and_floats_are_shown_too():
    grey = np.random.default_rng(0).random((2, 20, 30, 1)).astype("float32")
    assert show_grad_cam(grey, hot(9, 15, 2)).ax.shape == (2, 2)
    assert show_grad_cam(np.repeat(grey, 3, axis=-1), hot(9, 15, 2)).ax.shape == (2, 2)


@pytest.mark.parametrize(
    ("maps", "titles"),
    [(np.zeros((5, 7, 7)), None), (np.zeros((4, 20, 30)), None), (np.zeros((5, 20, 30)), ["one"])],
)
def test_when_pictures_maps_and_titles_do_not_match_then_the_error_says_so(pictures, maps, titles):
    with pytest.raises(InputError):
        show_grad_cam(pictures, maps, titles=titles)


def test_saliency_is_drawn_like_grad_cam_under_its_own_name(pictures, legible):
    drawing = show_saliency(pictures, hot(2, 28), n=2)
    heat = drawing.ax[0, 1].get_images()[1]
    np.testing.assert_array_equal(heat.get_array(), hot(2, 28)[0])
    assert heat.get_clim() == (0, 1) and heat.get_cmap().name == "viridis"
    assert drawing.fig.axes[-1].get_ylabel() == "saliency"
    assert "hottest at the top right" in alt_text(drawing)
    legible(drawing)


def test_drops_have_zero_in_the_middle_and_one_scale_for_all(pictures, legible):
    drops = 0.25 * hot(18, 2) - 0.5 * hot(9, 15)
    drops[4] *= 100  # not among those that are shown
    drawing = show_occlusion(pictures, drops, n=4)
    for _, right in drawing.ax:
        heat = right.get_images()[1]
        assert heat.get_clim() == (-0.5, 0.5) and heat.get_cmap().name == "RdBu_r"
    np.testing.assert_array_equal(drawing.ax[3, 1].get_images()[1].get_array(), drops[3])
    assert drawing.fig.axes[-1].get_ylabel() == "loss of probability"
    words = (
        "Picture 1: covering takes away at most 0.25, at the bottom left, and adds at most 0.5, at the middle centre."
    )
    assert words in alt_text(drawing)
    legible(drawing)


@pytest.mark.parametrize(
    ("drops", "words"),
    [
        (0, "nothing away anywhere."),
        (-3e-5, "nothing away anywhere."),
        (-0.125, "nothing away anywhere, and adds at most 0.125, at the top left."),
    ],
)
def test_when_covering_takes_nothing_away_then_the_alt_text_says_so(pictures, drops, words):
    assert alt_text(show_occlusion(pictures[:1], drops * hot(0, 0, 1))).endswith(f"covering takes {words}")


def test_when_maps_do_not_match_then_the_error_names_the_function_that_makes_them(pictures):
    for show, function in (
        (show_saliency, "cu.saliency"),
        (show_occlusion, "cu.occlusion"),
        (show_grad_cam, "grad_cam"),
    ):
        with pytest.raises(InputError, match=function):
            show(pictures, hot(0, 0, 4))
