"""Drawings are prepared as MNIST's authors did it: the oracle is MNIST itself."""

import numpy as np
import pytest
from PIL import Image

from course_utils.errors import InputError
from course_utils.widgets.handwriting import box_of, drawn, fitted, from_url, placed, prepared, shrunk, to_url
from course_utils.widgets.samples import sample_images


def enlarged(picture):
    return np.asarray(Image.fromarray(picture).resize((280, 280), Image.Resampling.NEAREST))


def alikeness(name, kind, n=300):
    """For each picture of a sample, enlarged like a drawing and prepared again: how much it is like the original."""
    pictures = sample_images(name)[:n, ..., 0]
    again = [prepared(enlarged(picture), kind).picture for picture in pictures]
    return np.array([np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(pictures, again, strict=True)])


def test_when_a_digit_of_mnist_is_drawn_again_then_its_steps_lead_back_to_it():
    found = alikeness("mnist", "digit")
    assert np.mean(found > 0.999) > 0.97


def test_when_a_garment_is_drawn_again_then_its_steps_lead_back_to_it():
    assert np.mean(alikeness("fashion_mnist", "garment") > 0.999) > 0.75


def test_when_a_digit_is_prepared_as_a_garment_then_it_is_another_picture():
    assert np.median(alikeness("mnist", "garment", 50)) < 0.95


def test_when_a_drawing_is_moved_then_the_network_gets_the_same_picture():
    stroke = ((60, 60), (120, 80), (90, 150))
    here, there = (drawn([[(x + way, y + way) for x, y in stroke]]) for way in (0, 90))
    np.testing.assert_array_equal(prepared(here).picture, prepared(there).picture)
    assert not np.array_equal(shrunk(here), shrunk(there))


def test_when_a_drawing_is_prepared_then_its_centre_of_mass_is_in_the_middle_and_its_longer_side_is_20():
    picture = prepared(drawn([[(20, 20), (20, 200), (60, 200)]])).picture.astype(float)
    rows, columns = np.indices(picture.shape)
    centre = (rows * picture).sum() / picture.sum(), (columns * picture).sum() / picture.sum()
    assert np.abs(np.array(centre) - 14).max() <= 0.5
    assert np.ptp(np.argwhere(picture > 0), axis=0).max() + 1 == 20


def test_when_nearly_all_ink_is_at_one_end_then_no_ink_falls_out_of_the_picture():
    small = np.zeros((20, 3), dtype="uint8")
    small[0, 1], small[17:] = 40, 255
    picture = placed(small)
    assert picture.sum() == small.sum(dtype=int)


def test_when_the_box_is_put_in_the_middle_then_as_much_is_free_on_both_sides():
    picture = placed(np.full((28, 10), 255, dtype="uint8"), by_mass=False)
    assert np.flatnonzero(picture.any(axis=0)).tolist() == list(range(9, 19))


@pytest.mark.parametrize(("shape", "expected"), [((200, 100), (20, 10)), ((3, 90), (1, 20)), ((1, 1), (20, 20))])
def test_when_a_cut_is_fitted_then_it_keeps_its_proportions(shape, expected):
    small = fitted(np.full(shape, 255, dtype="uint8"), 20)
    assert small.shape == expected and small.min() == 255


def test_when_a_stroke_is_shrunk_then_each_pixel_is_the_mean_of_those_it_covers():
    sheet = np.random.default_rng(0).integers(0, 256, (280, 280), dtype="uint8")
    blocks = sheet.reshape(28, 10, 28, 10).mean(axis=(1, 3))
    assert np.abs(shrunk(sheet) - blocks).max() < 1  # rounded twice: by rows, by columns
    assert np.abs(fitted(sheet, 28) - blocks).max() < 1


@pytest.mark.parametrize("level", [0, 20])
def test_when_there_is_no_ink_then_there_is_nothing_to_prepare(level):
    sheet = np.full((280, 280), level, dtype="uint8")
    assert box_of(sheet) is None and prepared(sheet) is None


def test_when_a_drawing_travels_as_a_url_then_it_arrives_unchanged():
    sheet = drawn([[(50, 50), (200, 90)]])
    np.testing.assert_array_equal(from_url(to_url(sheet), 280), sheet)
    assert not from_url("", 280).any()


@pytest.mark.parametrize(
    "url", ["data:image/png;base64,iVBOR", "data:image/png;base64,!!!", to_url(np.zeros((4, 4), dtype="uint8"))[:-30]]
)
def test_when_what_arrives_is_no_picture_then_the_error_says_so(url):
    with pytest.raises(InputError, match="no PNG picture"):
        from_url(url, 280)


def test_when_a_picture_is_far_too_large_then_it_is_refused():
    with pytest.raises(InputError, match="too large"):
        from_url(to_url(np.zeros((3000, 3), dtype="uint8")), 280)


def test_when_a_pen_draws_a_line_then_it_has_the_width_of_the_pen_and_round_ends():
    sheet = drawn([[(100, 140), (180, 140)]], pen=20)
    np.testing.assert_allclose(box_of(sheet), (130, 90, 20, 100), atol=1)
    assert sheet[131, 92] == 0 and sheet[140, 92] == 255
