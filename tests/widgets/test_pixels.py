"""From numbers to colours: they are matplotlib's, and no number is too odd."""

import io
import warnings

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

from course_utils.widgets.pixels import fills, png, shown, tinted

RNG = np.random.default_rng(0)
ODD = [np.nan, np.inf, -np.inf, 1e300, -1e300, 1e-300]


@pytest.mark.parametrize(("name", "limits"), [("viridis", (0, 1)), ("RdBu_r", (-2, 2)), ("gray", (0.2, 0.7))])
def test_when_a_table_is_tinted_then_the_colours_are_those_of_matplotlib(name, limits):
    values = RNG.normal(size=(9, 7))
    expected = mpl.colormaps[name](mpl.colors.Normalize(*limits)(values), bytes=True)[..., :3]
    # Matplotlib cuts the range into 256 bins, here the 256 colours are 255 steps apart: one step of the map at most.
    step = np.abs(np.diff(mpl.colormaps[name](np.arange(256), bytes=True)[:, :3].astype(int), axis=0)).max()
    assert np.abs(tinted(values, name, limits).astype(int) - expected).max() <= step


def test_when_nothing_is_said_then_zero_is_black_or_white():
    assert tinted([[0, 2.0]]).tolist() == [[[0, 0, 0], [255, 255, 255]]]
    signed = tinted([[-1.0, 0, 1.0]])[0].astype(int)
    assert signed[0, 2] > signed[0, 0] and signed[2, 0] > signed[2, 2]  # blue, red
    assert signed[1].min() >= 245


def test_when_a_map_has_one_channel_then_it_is_tinted_like_one_without():
    values = RNG.random((3, 4))
    np.testing.assert_array_equal(tinted(values), tinted(values[..., np.newaxis]))
    assert tinted(np.full((2, 2), 5), limits=(5, 5)).shape == (2, 2, 3)


@pytest.mark.parametrize("odd", ODD)
def test_when_a_number_is_odd_then_there_is_a_colour_and_no_warning(odd):
    values = np.array([[0.0, 0.5], [1.0, odd]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for made in (tinted(values), tinted(values, "viridis", (0, 1)), shown(values)):
            assert made.shape == (2, 2, 3) and made.dtype == np.uint8
        assert len(fills(values)[0]) == 2
    if np.isnan(odd):
        np.testing.assert_array_equal(shown(values)[1, 1], [0, 0, 0])


@pytest.mark.parametrize(
    ("picture", "white"),
    [
        (np.array([[0, 255]], "uint8"), 255),
        (np.array([[0.0, 1.0]]), 255),
        (np.array([[0.0, 255.0]]), 255),
        (np.array([[False, True]]), 255),
        (np.array([[0.0, 1.5]]), 2),
        (np.array([[0, 200]]), 200),
        (np.array([[-3.0, 0.5]]), 128),
        (np.array([[np.nan, 200.0]]), 200),
    ],
)
def test_when_a_picture_is_shown_then_its_range_is_understood(picture, white):
    assert shown(picture).tolist() == [[[0] * 3, [white] * 3]]
    assert shown(picture[..., np.newaxis]).tolist() == [[[0] * 3, [white] * 3]]


def test_when_a_picture_is_in_colour_then_it_stays_as_it_is():
    photo = RNG.integers(0, 256, (4, 5, 3), dtype="uint8")
    np.testing.assert_array_equal(shown(photo), photo)


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3)])
def test_when_pixels_are_written_then_a_reader_gets_the_same(shape):
    pixels = RNG.integers(0, 256, shape, dtype="uint8")
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(png(pixels)))), pixels)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(png(pixels[::-1, ::2])))), pixels[::-1, ::2])


def test_when_cells_are_filled_then_zero_is_light_and_signs_differ():
    (row,), (ink,) = fills([[-1.0, 0.0, 1.0]])
    blue, white, red = (tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5)) for colour in row)
    assert blue[2] > blue[0] and red[0] > red[2] and min(white) > 240
    assert ink[1] == "#000000" and ink[0] == ink[2] == "#ffffff"


def test_when_a_limit_is_given_then_the_same_number_has_the_same_colour_in_every_table():
    assert fills([[1.0]], limit=4)[0][0][0] == fills([[1.0, 4.0]], limit=4)[0][0][0] != fills([[1.0]])[0][0][0]
