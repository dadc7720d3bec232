"""Albums: pictures of arrays and of files, in the size they are shown."""

import gc
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from widget_samples import assert_alike, photo_split

from course_utils.data.dataset import Split
from course_utils.data.photos import Photos
from course_utils.errors import DataError, InputError
from course_utils.widgets import albums, pixels
from course_utils.widgets.albums import Album, for_model, sure, unpacked

IMAGES = np.random.default_rng(0).integers(0, 256, (6, 12, 10, 1), dtype="uint8")


def test_when_pictures_are_in_memory_then_they_are_shown_as_they_are():
    found = Album(IMAGES, 50).several([2, 0])
    np.testing.assert_array_equal(found[0], np.repeat(IMAGES[2], 3, axis=2))
    assert len(found) == 2 and not Album(IMAGES, 50).large


def test_when_pictures_are_large_then_they_are_scaled_down_and_keep_their_shape():
    photos = np.random.default_rng(0).integers(0, 256, (2, 200, 100, 3), dtype="uint8")
    album = Album(photos, 64)
    assert album[1].shape == (64, 32, 3) and album[1].dtype == np.uint8 and album.large
    assert abs(album[1].mean() - photos[1].mean()) < 3


def test_when_photographs_are_asked_for_again_then_they_are_not_decoded_again(tmp_path, monkeypatch):
    pytest.importorskip("tensorflow")
    split = photo_split(tmp_path)
    album = Album(split.images, 64)
    decode, asked = album._decoded, []
    monkeypatch.setattr(album, "_decoded", lambda index: asked.append(index) or decode(index))
    first = album.several([4, 1, 4])
    again = album.several([1, 5])
    assert asked == [4, 1, 5] and album.large
    np.testing.assert_array_equal(first[0], first[2])
    np.testing.assert_array_equal(first[1], again[0])
    assert_alike(first[1], split.images.at(64)[1])


def test_when_a_photograph_is_wide_then_its_middle_is_shown_as_the_model_gets_it(tmp_path):
    pytest.importorskip("tensorflow")
    stripes = np.zeros((40, 120, 3), dtype="uint8")
    stripes[:, 40:80] = (0, 200, 0)  # the square in the middle
    Image.fromarray(stripes).save(tmp_path / "wide.png")
    photos = Photos([str(tmp_path / "wide.png")], image_size=40)
    for side in (40, 64):
        assert_alike(Album(photos, side)[0], photos.at(side)[0])
        assert Album(photos, side)[0][..., 1].min() > 190


@pytest.mark.parametrize("mode", ["L", "P", "RGBA"])
def test_when_a_photograph_has_another_mode_then_it_is_shown_in_colour(tmp_path, mode):
    Image.new("RGB", (40, 40), (10, 200, 30)).convert(mode).save(tmp_path / "odd.png")
    assert Album(Photos([str(tmp_path / "odd.png")]), 32)[0].shape == (32, 32, 3)


def test_when_a_photograph_is_gone_then_the_error_says_which(tmp_path):
    pytest.importorskip("tensorflow")
    split = photo_split(tmp_path)
    Path(split.paths[3]).unlink()
    with pytest.raises(DataError, match=Path(split.paths[3]).name):
        Album(split.images, 64)[3]


def test_when_pictures_are_for_a_model_then_they_are_the_first_ones_at_its_size(tmp_path):
    keras = pytest.importorskip("keras")
    pytest.importorskip("tensorflow")
    split = photo_split(tmp_path)
    model = keras.Sequential([keras.Input((32, 32, 3)), keras.layers.Conv2D(1, 3)])
    np.testing.assert_array_equal(for_model(model, split.images, 9, 2), split.images.at(32)[:2])
    assert len(for_model(model, IMAGES, 4, 2)) == 4
    assert len(for_model(model, np.zeros((5, 90, 90, 3)), 4, 2)) == 2


def test_when_many_photographs_were_looked_at_then_only_the_last_are_kept(tmp_path, monkeypatch):
    pytest.importorskip("tensorflow")
    monkeypatch.setattr(albums, "_KEPT", 3)
    album = Album(photo_split(tmp_path).images, 32)
    for index in (0, 1, 2, 0, 3):
        album[index]
    assert list(album._kept) == [2, 0, 3]
    assert len(album.several([4, 5, 6, 7])) == 4  # more at once than are kept


def test_when_a_split_is_given_then_labels_and_classes_are_its_own():
    split = Split(IMAGES, np.array([0, 1, 0, 1, 1, 1]), ("a", "b"))
    images, labels, classes = unpacked(split)
    assert images is IMAGES and labels.tolist() == [0, 1, 0, 1, 1, 1] and classes == ("a", "b")
    assert unpacked(split, classes=["x", "y"])[2] == ("x", "y")
    assert unpacked(IMAGES)[1:] == (None, None)


@pytest.mark.parametrize(
    ("images", "labels", "classes"),
    [
        (IMAGES[0, :, :, 0], None, None),
        (IMAGES[:0], None, None),
        (np.zeros((3, 5, 5, 2)), None, None),
        (IMAGES, [0, 1], None),
        (IMAGES, [0, 1, 2, 0, 1, 2], ("a", "b")),
        ("pictures", None, None),
    ],
)
def test_when_pictures_and_labels_do_not_fit_then_the_error_is_clear(images, labels, classes):
    with pytest.raises(InputError):
        unpacked(images, labels, classes)


def test_when_a_picture_is_shown_again_then_its_file_is_not_written_again():
    album = Album(IMAGES, 50)
    before = len(pixels._WRITTEN)
    first = pixels.png(album[2])
    assert pixels.png(album[2]) is pixels.png(album[2]) == first
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(first))), album[2])
    del album
    gc.collect()
    assert len(pixels._WRITTEN) == before


def test_when_an_array_can_change_then_its_file_is_written_each_time():
    picture = IMAGES[0, :, :, 0].copy()
    first = pixels.png(picture)
    picture[:] = 0
    assert pixels.png(picture) != first


def test_a_probability_is_never_written_as_certain():
    assert sure(1.0) == "99.9 %" and sure(0.5) == "50 %" and sure(0.99) == "99.0 %"
