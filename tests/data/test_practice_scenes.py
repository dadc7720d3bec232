"""What the practice set shows: balanced, and with backgrounds that know nothing of the class."""

import numpy as np
import pytest
from scipy.stats import chi2_contingency, f_oneway

from course_utils.data.practice.scenes import draw
from course_utils.data.practice.sprites import CLASSES, NEW_ARTIST, STYLES, TEXTURES, sprites

N = 5_000


@pytest.fixture(scope="module")
def scenes():
    return draw(N, [0, 0])


def _table(rows, columns):
    table = np.zeros((rows.max() + 1, columns.max() + 1), int)
    np.add.at(table, (rows, columns), 1)
    return table


def test_when_drawn_then_the_classes_are_equally_frequent(scenes):
    assert np.bincount(scenes.labels).tolist() == [N // 10] * 10
    assert np.ptp(np.bincount(draw(97, [1]).labels, minlength=10)) == 1


def test_when_drawn_then_every_drawing_has_the_class_of_its_label(scenes):
    shown = np.array([sprite.label for sprite in sprites()])
    assert np.array_equal(shown[scenes.sprite], scenes.labels)


def test_when_drawn_then_each_style_is_as_frequent_in_each_class_however_many_drawings_it_has(scenes):
    styles = np.array([sprite.style for sprite in sprites()])[scenes.sprite]
    share = _table(scenes.labels, styles) / (N // 10)
    assert len(STYLES) == 5 and share.shape == (10, 4)
    assert np.all(np.abs(share - 0.25) < 0.08)  # four standard deviations


def test_when_drawn_then_all_drawings_occur(scenes):
    training = [number for number, sprite in enumerate(sprites()) if STYLES[sprite.style] != NEW_ARTIST]
    assert set(scenes.sprite) == set(training)


def test_when_drawn_for_the_new_artist_then_no_drawing_of_the_training_occurs(scenes):
    new = draw(N, [0, 2], new_artist=True)
    assert not set(new.sprite) & set(scenes.sprite)
    assert {STYLES[sprites()[number].style] for number in new.sprite} == {NEW_ARTIST}
    assert set(new.labels) == set(range(10))


def test_when_drawn_then_class_and_background_are_independent(scenes):
    for column in (scenes.texture, scenes.turn, ((scenes.crop - 0.25) * 10).astype(int)):
        assert chi2_contingency(_table(scenes.labels, column)).pvalue > 0.001
    assert len(set(scenes.texture)) == len(TEXTURES)
    groups = [scenes.labels == label for label in range(len(CLASSES))]
    for values in (scenes.wall.mean(axis=(1, 2)), scenes.wall_light.mean(axis=1), scenes.grain, scenes.ramp[:, 0]):
        assert f_oneway(*(values[group] for group in groups)).pvalue > 0.001


def test_when_background_and_class_are_linked_then_the_test_of_independence_sees_it(scenes):
    linked = np.where(np.arange(N) % 10 == 0, scenes.labels % len(TEXTURES), scenes.texture)
    assert chi2_contingency(_table(scenes.labels, linked)).pvalue < 0.001


def test_when_drawn_again_then_the_scenes_are_the_same_and_another_seed_gives_others(scenes):
    again, other = draw(N, [0, 0]), draw(N, [1, 0])
    assert np.array_equal(scenes.x, again.x) and np.array_equal(scenes.wall, again.wall)
    assert not np.array_equal(scenes.x, other.x) and not np.array_equal(scenes.sprite, other.sprite)
