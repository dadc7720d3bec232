"""Albums: pictures of arrays and of files, in the size they are shown."""

import numpy as np
import pytest
from widget_samples import photo_split

from course_utils.data.dataset import Split
from course_utils.errors import InputError
from course_utils.widgets import albums
from course_utils.widgets.albums import Album, sure, unpacked

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
    asked = []
    decode = type(split.images).__getitem__

    def counted(photos, index):
        asked.append(list(index))
        return decode(photos, index)

    monkeypatch.setattr(type(split.images), "__getitem__", counted)
    first = album.several([4, 1, 4])
    again = album.several([1, 5])
    assert asked == [[4, 1], [5]]  # the two that were missing, together; then only the new one
    np.testing.assert_array_equal(first[0], first[2])
    np.testing.assert_array_equal(first[1], again[0])
    np.testing.assert_array_equal(first[1], decode(split.images.at(64), 1))


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


def test_a_probability_is_never_written_as_certain():
    assert sure(1.0) == "99.9 %" and sure(0.5) == "50 %" and sure(0.99) == "99.0 %"
