"""Embedding map: neighbours are those of scikit-learn, and what the learner points at is shown."""

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors
from widget_samples import assert_alike, assert_quick, photo_split, seconds_of, use

import course_utils as cu
from course_utils.data.dataset import Split
from course_utils.errors import InputError
from course_utils.plots import alt_text
from course_utils.widgets.embedding import nearest, strays

RNG = np.random.default_rng(0)
N = 60
FEATURES = RNG.normal(size=(N, 8)).astype("float32")
POINTS = FEATURES[:, :2]
IMAGES = RNG.integers(0, 256, (N, 8, 8, 1), dtype="uint8")
LABELS = np.arange(N) % 3
SPLIT = Split(IMAGES, LABELS, ("cat", "dog", "cow"))


def of_sklearn(points, index, count=5):
    """Return the nearest points without the point itself."""
    return NearestNeighbors(n_neighbors=count).fit(np.delete(points, index, axis=0)).kneighbors([points[index]])[1][0]


@pytest.mark.parametrize("points", [POINTS, FEATURES])
def test_neighbours_are_those_of_scikit_learn(points):
    for index in (0, 7, N - 1):
        expected = of_sklearn(points, index)
        np.testing.assert_array_equal(nearest(points, index), expected + (expected >= index))


def test_when_there_are_few_points_then_there_are_few_neighbours():
    assert nearest(POINTS[:3], 1).tolist() in ([0, 2], [2, 0])


def test_when_points_lie_on_each_other_then_none_is_its_own_neighbour():
    points = np.zeros((8, 2))
    assert 3 not in nearest(points, 3) and len(nearest(points, 3)) == 5


def test_strays_are_those_with_few_neighbours_of_their_class_the_loneliest_first():
    shares = [np.mean(LABELS[nearest(POINTS, index)] == LABELS[index]) for index in range(N)]
    found = strays(POINTS, LABELS)
    assert sorted(found) == [index for index in range(N) if shares[index] <= 0.5]
    assert [shares[index] for index in found] == sorted(shares[index] for index in found)


def test_when_a_point_is_chosen_then_it_and_its_neighbours_are_shown():
    explorer = cu.widgets.embedding_map(POINTS, SPLIT)
    use(explorer, point=7)
    near = nearest(POINTS, 7)
    np.testing.assert_array_equal(explorer.view["picture"].pixels, np.repeat(IMAGES[7], 3, axis=2))
    assert [panel.pick for panel in explorer.view["near"].panels] == [("point", index) for index in near]
    assert [panel.title for panel in explorer.view["near"].panels] == [SPLIT.classes[LABELS[index]] for index in near]
    same = sum(LABELS[index] == LABELS[7] for index in near)
    expected = f"dog: {same} of its 5 nearest neighbours on the map are of the same class."
    assert explorer.view.message == expected and explorer.view["map"].at == 7
    assert "close" not in [panel.key for panel in explorer.view.flat()] and explorer.view["map"].linked == ()


def test_when_features_are_given_then_both_lists_are_compared():
    explorer = cu.widgets.embedding_map(POINTS, SPLIT, features=FEATURES.reshape(N, 2, 4))
    explorer.set(point=7)
    near, close = set(nearest(POINTS, 7)), nearest(FEATURES, 7)
    both = [index for index in close if index in near]
    assert explorer.view["map"].linked == tuple(close)
    assert [bool(panel.marks) for panel in explorer.view["close"].panels] == [index in both for index in close]
    assert sum(bool(panel.marks) for panel in explorer.view["near"].panels) == len(both)
    assert (
        f"{len(both)} of the 5 nearest in 8 dimensions are also among the nearest on the map." in explorer.view.message
    )
    own = sum(LABELS[index] == 1 for index in close)
    assert f"and {own} in 8 dimensions are of the same class" in explorer.view.message


def test_when_the_map_is_what_it_was_made_of_then_all_neighbours_are_in_both_lists():
    explorer = cu.widgets.embedding_map(POINTS, SPLIT, features=POINTS)
    assert "5 of the 5 nearest in 2 dimensions" in explorer.view.message


def test_when_predictions_are_given_then_wrong_answers_have_rings():
    predictions = LABELS.copy()
    predictions[[4, 9]] = 0, 1
    explorer = cu.widgets.embedding_map(POINTS, SPLIT, predictions=predictions)
    assert explorer.view["map"].ringed == (4, 9) and "answered wrongly (2)" in explorer.view["map"].alt
    explorer.set(point=4)
    assert explorer.view["words"].lines == ("dog", "taken for cat")
    explorer.set(point=5)
    assert explorer.view["words"].lines == ("cow", "answered rightly")


def test_when_a_neighbours_picture_is_clicked_then_it_is_chosen():
    explorer = cu.widgets.embedding_map(POINTS, SPLIT)
    name, index = explorer.view["near 2"].pick
    use(explorer, **{name: index})
    assert explorer.values["point"] == index


def test_when_the_button_is_pressed_then_the_strays_come_one_after_the_other():
    explorer = cu.widgets.embedding_map(POINTS, SPLIT)
    found = strays(POINTS, LABELS)
    assert explorer.values["point"] == found[0]
    use(explorer, stray=1)
    assert explorer.values["point"] == found[1]
    explorer.set(point=found[-1])
    explorer.set(stray=2)
    assert explorer.values["point"] == found[0]


def test_when_no_picture_strays_then_there_is_no_button():
    places = np.repeat([[0.0, 0], [9, 9]], 8, axis=0) + RNG.normal(size=(16, 2)) / 10
    explorer = cu.widgets.embedding_map(places, IMAGES[:16], np.repeat([0, 1], 8))
    assert list(explorer.values) == ["point"] and explorer.view["map"].names == ("0", "1")


def test_when_only_the_point_changes_then_the_map_is_not_sent_again():
    explorer = cu.widgets.embedding_map(POINTS, SPLIT, features=FEATURES)
    use(explorer, point=1)
    answer = use(explorer, point=2)
    cloud = next(panel for panel in answer["panels"] if panel["key"] == "map")
    assert cloud["at"] == 2 and "cloud" not in cloud


def test_when_the_pictures_are_photographs_in_files_then_they_are_decoded_when_looked_at(tmp_path):
    pytest.importorskip("tensorflow")
    split = photo_split(tmp_path)
    explorer = cu.widgets.embedding_map(POINTS[: len(split)], split)
    explorer.set(point=4)
    assert_alike(explorer.view["picture"].pixels, split.images.at(180)[4])
    assert explorer.view["near 0"].pixels.shape == (64, 64, 3)
    assert len(explorer.view.message.split(":")[0]) == 3


@pytest.mark.parametrize(
    "change",
    [
        {"points": POINTS[:, :1]},
        {"points": POINTS[:5]},
        {"points": np.full((N, 2), np.nan)},
        {"points": np.zeros((2001, 2))},
        {"labels": LABELS[:5]},
        {"labels": None},
        {"classes": ("cat", "dog")},
        {"predictions": LABELS + 1},
        {"predictions": LABELS[:-1]},
        {"features": FEATURES[:-1]},
        {"features": FEATURES[:, 0]},
        {"features": np.full((N, 3), np.inf)},
    ],
)
def test_when_something_does_not_fit_the_points_then_the_error_is_clear(change):
    given = {"points": POINTS, "images": IMAGES, "labels": LABELS, "classes": SPLIT.classes} | change
    with pytest.raises(InputError):
        cu.widgets.embedding_map(**given)


def test_when_it_is_used_for_long_then_it_stays_quick_and_opens_no_figures():
    import matplotlib.pyplot as plt

    n = 2_000
    features = RNG.normal(size=(n, 256)).astype("float32")
    images, labels = RNG.integers(0, 256, (n, 28, 28, 1), dtype="uint8"), RNG.integers(0, 10, n)
    explorer = cu.widgets.embedding_map(features[:, :2], images, labels, features=features)
    assert_quick(seconds_of(explorer, [{"point": 7 * k} for k in range(200)]))
    assert not plt.get_fignums()


def test_the_still_picture_tells_what_is_chosen():
    explorer = cu.widgets.embedding_map(POINTS, SPLIT, predictions=LABELS, features=FEATURES)
    fig = explorer.still()
    text = alt_text(fig)
    assert "60 points of 3 classes" in text and "Lines lead to the nearest in 8 dimensions" in text
    assert explorer.view.message in text
    assert sum(bool(ax.images) for ax in fig.axes) == 11
