"""How the practice set is painted: the same pixels everywhere, fast, and visible."""

import time

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier

from course_utils.data import practice
from course_utils.data.arrays import digest
from course_utils.data.practice import painting
from course_utils.data.practice.painting import paint
from course_utils.data.practice.scenes import draw
from course_utils.errors import InputError

# SHA-256 of 40 images. Another value means that everybody's practice set has changed: not by accident, please.
PIXELS = {
    32: "ba730427ff648d1dc49f07776bfef8e0f0b1e5b610736a9f9bbb9079dd6189db",
    96: "fbf78cd6dbc50c9e5bf06c4ce9a7de945b4ad731545d43cedc54153eb4989adc",
    160: "772b13fdbcde06c347cb5a12d95892bce1c8a32173170b3bb0023d749194c22e",
}


@pytest.mark.parametrize("size", PIXELS)
def test_when_painted_then_the_pixels_are_the_same_on_every_machine(size):
    assert digest(paint(draw(40, [0]), size, [0])) == PIXELS[size]


def test_when_painted_on_one_core_or_many_then_the_pixels_are_the_same(monkeypatch):
    scenes = draw(300, [3])
    monkeypatch.setattr(painting.os, "cpu_count", lambda: 1)
    one = paint(scenes, 32, [0])
    monkeypatch.setattr(painting.os, "cpu_count", lambda: 7)
    assert np.array_equal(paint(scenes, 32, [0]), one)


def test_when_asked_for_twice_then_the_arrays_are_equal_and_another_seed_gives_others():
    one, two, other = (practice.arrays(train=60, test=40, seed=seed) for seed in (4, 4, 5))
    for name in ("x_train", "y_train", "x_test", "y_test"):
        assert np.array_equal(getattr(one, name), getattr(two, name))
        assert not np.array_equal(getattr(one, name), getattr(other, name))


@pytest.mark.parametrize("size", [16, 32, 96, 160])
def test_when_a_size_is_given_then_the_images_have_it(size):
    arrays = practice.arrays(image_size=size, train=20, test=20)
    assert arrays.x_train.shape == arrays.x_test.shape == (20, size, size, 3)
    assert arrays.x_train.dtype == "uint8" and arrays.y_train.dtype == "int64"
    assert np.bincount(arrays.y_train).tolist() == [2] * 10


def test_when_painted_in_two_sizes_then_the_scenes_are_the_same():
    scenes = draw(20, [0])
    small = paint(scenes, 32, [0]).astype(float)
    large = paint(scenes, 160, [0]).astype(float).reshape(20, 32, 5, 32, 5, 3).mean(axis=(2, 4))
    for one, other in zip(small, large, strict=True):
        assert np.corrcoef(one.ravel(), other.ravel())[0, 1] > 0.9


def test_when_the_test_images_are_split_then_the_halves_are_disjoint_complete_and_balanced():
    arrays = practice.arrays(train=20, test=400)
    assert list(arrays.parts) == ["same drawings", "new artist"]
    assert sorted(np.concatenate(list(arrays.parts.values()))) == list(range(400))
    for rows in arrays.parts.values():
        assert np.bincount(arrays.y_test[rows]).tolist() == [20] * 10
        assert np.all(np.diff(rows) > 0)


def test_when_the_test_images_are_split_then_each_half_shows_its_own_drawings():
    arrays = practice.arrays(train=20, test=400)
    new = paint(draw(200, (0, 2), new_artist=True), 32, (0, 2))
    half = arrays.x_test[arrays.parts["new artist"]]
    assert sorted(image.tobytes() for image in half) == sorted(image.tobytes() for image in new)


def test_when_painted_then_no_test_image_is_among_the_training_images():
    arrays = practice.arrays(train=2_000, test=500)
    train = {image.tobytes() for image in arrays.x_train}
    assert len(train) == 2_000 and not train & {image.tobytes() for image in arrays.x_test}


def test_when_only_the_background_is_seen_then_the_class_cannot_be_told():
    scenes = draw(3_000, [7])
    images = paint(scenes, 16, [7], drawings=False).reshape(3_000, -1)
    forest = RandomForestClassifier(50, random_state=0).fit(images[:2_000], scenes.labels[:2_000])
    # Chance is 10 %; 1,000 images: four standard deviations are 3.8 percentage points.
    assert 0.062 < forest.score(images[2_000:], scenes.labels[2_000:]) < 0.138


def test_when_the_drawing_is_seen_then_the_same_classifier_tells_more():
    scenes = draw(3_000, [7])
    images = paint(scenes, 16, [7]).reshape(3_000, -1)
    forest = RandomForestClassifier(50, random_state=0).fit(images[:2_000], scenes.labels[:2_000])
    assert forest.score(images[2_000:], scenes.labels[2_000:]) > 0.2


def test_when_painted_then_the_drawing_covers_a_fair_part_of_nearly_every_image():
    scenes = draw(500, [2])
    changed = np.abs(paint(scenes, 32, [2]).astype(int) - paint(scenes, 32, [2], drawings=False)).max(axis=3) > 12
    assert np.quantile(changed.mean(axis=(1, 2)), 0.02) > 0.08


@pytest.mark.parametrize(("size", "n", "seconds"), [(32, 2_000, 2.0), (160, 200, 2.0)])
def test_when_painted_then_it_takes_little_time_per_image(size, n, seconds):
    # A fifth of 10,000 images at 32 pixels: 0.5 s of processor time where this was written.
    scenes = draw(n, [0])
    paint(scenes[:50], size, [0])
    start = time.process_time()
    paint(scenes, size, [0])
    assert time.process_time() - start < seconds


@pytest.mark.parametrize(
    "wrong",
    [{"image_size": 8}, {"image_size": 1_000}, {"image_size": 32.0}, {"train": 0}, {"test": True}, {"seed": -1}],
)
def test_when_an_argument_makes_no_sense_then_its_limits_are_told(wrong):
    with pytest.raises(InputError, match=rf"as {next(iter(wrong))}[^$]*expected:[^$]* to "):
        practice.arrays(**wrong)
