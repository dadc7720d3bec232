"""Splits: subsets, validation, counts, indexing."""

import numpy as np
import pytest

from course_utils.data import Source, Split
from course_utils.data.dataset import stratified
from course_utils.errors import InputError

CLASSES = ("cat", "dog", "frog")


@pytest.fixture
def split():
    labels = np.repeat([0, 1, 2], [60, 30, 10])
    images = np.arange(100, dtype="uint8").reshape(100, 1, 1, 1)
    return Split(images, labels, CLASSES)


def members(split):
    return set(split.images.ravel().tolist())


def test_when_counted_then_every_class_is_named_also_without_images(split):
    assert split.counts() == {"cat": 60, "dog": 30, "frog": 10}
    assert split[:60].counts() == {"cat": 60, "dog": 0, "frog": 0}


def test_when_a_subset_is_taken_then_the_proportions_stay(split):
    assert split.subset(20).counts() == {"cat": 12, "dog": 6, "frog": 2}
    assert len(split.subset(33)) == 33


def test_when_a_subset_is_taken_then_the_seed_decides(split):
    assert members(split.subset(20, seed=1)) == members(split.subset(20, seed=1))
    assert members(split.subset(20, seed=1)) != members(split.subset(20, seed=2))


def test_when_a_subset_is_taken_then_images_and_labels_stay_together(split):
    subset = split.subset(50)
    assert all(split.labels[image] == label for image, label in zip(subset.images.ravel(), subset.labels, strict=True))


@pytest.mark.parametrize("n", [None, 100, 1000])
def test_when_the_subset_is_everything_then_it_is_the_split_itself(split, n):
    assert split.subset(n) is split


@pytest.mark.parametrize("n", [0, -1, 2.5, "10", True])
def test_when_the_size_makes_no_sense_then_the_rule_and_the_value_are_told(split, n):
    with pytest.raises(InputError, match="positive whole number") as caught:
        split.subset(n)
    assert repr(n) in str(caught.value)


def test_when_split_then_both_sides_are_disjoint_complete_and_stratified(split):
    train, validation = split.split(0.2)
    assert members(train) | members(validation) == members(split)
    assert not members(train) & members(validation)
    assert validation.counts() == {"cat": 12, "dog": 6, "frog": 2}
    assert (train.name, validation.name) == ("train", "validation")


@pytest.mark.parametrize("fraction", [0, 1, -0.1, 1.5, 0.001, "0.1", float("nan")])
def test_when_a_side_would_be_empty_then_the_fraction_is_refused(split, fraction):
    with pytest.raises(InputError, match="both sides"):
        split.split(fraction)


def test_when_indexed_then_it_is_a_split_again(split):
    assert len(split[:3]) == 3
    assert split[[99, 0]].labels.tolist() == [2, 0]
    assert len(split[split.labels == 1]) == 30
    assert split[5].images.shape == (1, 1, 1, 1)
    assert split[np.int64(5)].classes == CLASSES


def test_when_images_and_labels_differ_in_number_then_it_is_refused(split):
    with pytest.raises(InputError, match="100 images, 99 labels"):
        Split(split.images, split.labels[:99], CLASSES)


def test_when_remainders_are_equal_then_no_class_is_always_favoured():
    labels = np.repeat(np.arange(10), 10)
    extra = {tuple(np.bincount(labels[stratified(labels, 15, seed)])) for seed in range(20)}
    assert len(extra) > 1
    assert all(sum(counts) == 15 and max(counts) - min(counts) == 1 for counts in extra)


def test_when_a_source_is_shown_then_it_says_whether_it_was_verified():
    assert str(Source("folder", "/x", verified=False)) == "local folder /x (unverified)"
    assert str(Source("cache", "/x", verified=True)) == "cache /x (verified)"
    assert str(Source("bundled", "/x")) == "bundled sample that ships with the course"
