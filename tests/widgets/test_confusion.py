"""Confusion explorer: cells, colours, and the pictures behind them."""

import itertools

import numpy as np
import pytest
from widget_samples import assert_alike, assert_quick, photo_split, seconds_of, use

import course_utils as cu
from course_utils.errors import InputError
from course_utils.plots import alt_text
from course_utils.widgets.confusion import most_confused_classes, surest_of, worst_pairs

RNG = np.random.default_rng(0)


def report_of(labels, predictions, classes, *, probable=True):
    """Return the report of a classifier that answers `predictions`, the surer the later the picture."""
    labels, predictions = np.asarray(labels), np.asarray(predictions)
    images = np.full((len(labels), 4, 4, 1), 9, dtype="uint8")
    if not probable:
        return cu.evaluate(lambda batch: predictions[: len(batch)], (images, labels), len(labels), classes=classes)
    own = np.linspace(0.6, 0.9, len(labels))
    rows = np.repeat(((1 - own) / (len(classes) - 1))[:, None], len(classes), axis=1)
    rows[np.arange(len(labels)), predictions] = own
    return cu.evaluate(lambda batch: rows[: len(batch)], (images, labels), len(labels), classes=classes)


def three():
    """cat: 3 right, 2 for dog; dog: 4 right, 1 for cat; cow: 1 right."""
    labels = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2]
    return report_of(labels, [0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 2], ("cat", "dog", "cow"))


def many(k=30, n=3000):
    labels = RNG.integers(0, k, n)
    fate = RNG.random(n)
    said = np.where(
        fate < 0.2, (labels * 7 + RNG.integers(0, 3, n)) % k, np.where(fate < 0.4, RNG.integers(0, k, n), labels)
    )
    return report_of(labels, said, [f"c{i}" for i in range(k)])


def test_when_it_begins_then_the_most_frequent_mistake_is_chosen_and_its_pictures_shown():
    explorer = cu.widgets.confusion_explorer(three())
    assert explorer.values["cell"] == (0, 1)
    assert explorer.view.message == (
        "2 of 5 pictures of cat were taken for dog (40.0 %), the most frequent mistake. "
        "The other way round it happened once."
    )
    assert [panel.alt for panel in explorer.view["pictures"].panels] == ["image 4.", "image 3."]  # the surest first
    assert explorer.view["picture 0"].title == "72 %"


def test_when_a_cell_is_clicked_then_its_pictures_appear():
    explorer = cu.widgets.confusion_explorer(three())
    use(explorer, cell=[1, 1])
    assert explorer.view.message == "4 of 5 pictures of dog were recognised (80.0 %)."
    assert [panel.alt for panel in explorer.view["pictures"].panels] == [f"image {n}." for n in (8, 7, 6, 5)]
    table = explorer.view["matrix"]
    assert table.at == (1, 1) and table.say[0][1] == "cat taken for dog: 2" and table.say[1][1] == "dog recognised: 4"


def test_when_a_cell_is_empty_then_it_says_so():
    explorer = cu.widgets.confusion_explorer(three())
    explorer.set(cell=(2, 0))
    assert explorer.view.message == "No picture of cow was taken for cat. The other way round it never happened."
    assert explorer.view["none"].lines == ("This never happened: there are no pictures.",)
    assert alt_text(explorer.still())


def test_when_a_class_has_no_pictures_then_it_says_so():
    explorer = cu.widgets.confusion_explorer(report_of([0, 0, 1], [0, 1, 1], ("a", "b", "c")))
    explorer.set(cell=(2, 2))
    assert explorer.view.message == "There are no pictures of c."
    explorer.set(shares=True)
    assert explorer.view["matrix"].written()[2] == ["", "", ""]


def test_when_next_is_pressed_then_the_mistakes_come_by_frequency_and_begin_again():
    explorer = cu.widgets.confusion_explorer(three())
    seen = []
    for press in (1, 2, 3):
        use(explorer, next=press)
        seen.append(explorer.values["cell"])
    assert seen == [(1, 0), (0, 1), (1, 0)]
    explorer.set(cell=(2, 2))
    explorer.set(next=4)
    assert explorer.values["cell"] == (0, 1)


def test_when_shares_are_wanted_then_each_row_is_in_percent():
    explorer = cu.widgets.confusion_explorer(three())
    use(explorer, shares=False)
    answer = use(explorer, shares=True)
    table = explorer.view["matrix"]
    assert table.written() == [["60", "40", ""], ["20", "80", ""], ["", "", "100"]]
    assert "in % of the row" in table.title
    assert [panel["key"] for panel in answer["panels"]] == ["matrix"]  # the pictures stay


def test_when_a_share_is_tiny_then_it_is_not_written_as_zero():
    labels = [0] * 500
    assert (
        cu.widgets.confusion_explorer(report_of(labels, [1] + [0] * 499, ("a", "b"))).view["matrix"].texts[0][1] == "1"
    )
    explorer = cu.widgets.confusion_explorer(report_of(labels, [1] + [0] * 499, ("a", "b")))
    explorer.set(shares=True)
    assert explorer.view["matrix"].texts[0] == ["100", "<1"]


def test_the_diagonal_is_blue_and_mistakes_are_orange():
    fills = cu.widgets.confusion_explorer(three()).view["matrix"].fills
    for row, column in itertools.product(range(3), range(3)):
        red, _, blue = (int(fills[row][column][start : start + 2], 16) for start in (1, 3, 5))
        assert (blue > red) == (row == column)
    # The most frequent mistake is as strong as the fullest cell of the diagonal, however rare it is.
    assert fills[0][1] == max(
        (fill for line in fills for fill in line if fill[1:3] > fill[5:]), key=lambda c: -int(c[3:5], 16)
    )


def test_when_nothing_was_mistaken_then_the_diagonal_is_chosen():
    explorer = cu.widgets.confusion_explorer(report_of([0, 1], [0, 1], ("a", "b")))
    assert explorer.values["cell"] == (0, 0) and "no mistakes" in explorer.view["matrix"].alt
    explorer.set(next=1)
    assert explorer.values["cell"] == (0, 0)


def test_when_there_are_no_probabilities_then_pictures_come_in_their_order():
    report = report_of([0, 0, 0, 1], [1, 0, 1, 1], ("a", "b"), probable=False)
    explorer = cu.widgets.confusion_explorer(report)
    assert [panel.alt for panel in explorer.view["pictures"].panels] == ["image 0.", "image 2."]
    assert explorer.view["picture 0"].title == ""


def test_the_pictures_of_a_cell_are_those_of_numpy_the_surest_first():
    report = many()
    for true, said in ((3, 3), (3, 21), (5, 6)):
        found = surest_of(report, true, said)
        assert set(found) == set(np.flatnonzero((report.labels == true) & (report.predictions == said)))
        assert (np.diff(report.probabilities[found, said]) <= 0).all()
        assert len(found) == report.confusion[true, said]


def test_when_there_are_many_classes_then_the_most_confused_ones_are_shown():
    report = many()
    explorer = cu.widgets.confusion_explorer(report)
    table = explorer.view["matrix"]
    shown = [int(name[1:]) for name in table.names]
    assert len(shown) == 15 and "the 15 of 30 classes most often mistaken for one another" in table.title
    np.testing.assert_array_equal(table.values, report.confusion[np.ix_(shown, shown)])
    row, column = explorer.values["cell"]
    total = report.confusion[shown[row]].sum()  # also what was taken for a class that is not in the table
    assert f"of {total:,} pictures of c{shown[row]} were taken for c{shown[column]}" in explorer.view.message
    assert len(explorer.view["pictures"].panels) == min(16, report.confusion[shown[row], shown[column]])


def test_when_classes_are_chosen_then_their_mistakes_are_nearly_the_most_there_can_be():
    counts = np.random.default_rng(1).poisson(0.7, (9, 9)) ** 2
    np.fill_diagonal(counts, 99)
    wrong = counts - np.diag(np.diag(counts))
    best = max(wrong[np.ix_(some, some)].sum() for some in itertools.combinations(range(9), 4))
    found = most_confused_classes(counts, 4)
    assert list(found) == sorted(found) and wrong[np.ix_(found, found)].sum() >= 0.9 * best
    assert list(most_confused_classes(counts, 12)) == list(range(9))


def test_when_mistakes_are_ordered_then_they_are_all_there_without_the_diagonal():
    counts = np.random.default_rng(2).integers(0, 4, (5, 5))
    pairs = worst_pairs(counts)
    assert sorted(pairs) == [(r, c) for r in range(5) for c in range(5) if r != c and counts[r, c]]
    assert sorted((counts[pair] for pair in pairs), reverse=True) == [counts[pair] for pair in pairs]


def test_when_the_images_are_photographs_in_files_then_only_those_of_the_cell_are_decoded(tmp_path):
    pytest.importorskip("tensorflow")
    split = photo_split(tmp_path)
    said = np.array([0, 1, 1, 1, 1, 1, 2, 2, 2])
    report = cu.evaluate(lambda batch: said, split)
    explorer = cu.widgets.confusion_explorer(report)
    assert explorer.values["cell"] == (0, 1)
    first = explorer.view["picture 0"]
    assert first.alt == "image 1." and first.smooth
    assert_alike(first.pixels, split.images.at(112)[1])
    assert list(explorer._show.args[0].album._kept) == [1, 2]
    use(explorer, cell=[2, 2])
    assert len(explorer.view["pictures"].panels) == 3


@pytest.mark.parametrize("report", [None, np.eye(3), ([0, 1], [0, 1])])
def test_when_it_is_given_no_report_then_the_error_says_where_to_get_one(report):
    with pytest.raises(InputError, match=r"report = cu\.evaluate"):
        cu.widgets.confusion_explorer(report)


def test_when_it_is_used_for_long_then_it_stays_quick_and_opens_no_figures():
    import matplotlib.pyplot as plt

    explorer = cu.widgets.confusion_explorer(many())
    changes = [{"cell": [k % 15, k * 7 % 15], "shares": k % 2 == 0} for k in range(200)]
    assert_quick(seconds_of(explorer, changes))
    assert not plt.get_fignums()


def test_the_still_picture_says_what_is_in_the_matrix():
    explorer = cu.widgets.confusion_explorer(three())
    text = alt_text(explorer.still())
    assert "3 classes, 8 of 11 images on the diagonal" in text and "2 of 2 pictures, answered with 72 % to 69 %" in text


def test_when_class_names_are_long_then_the_still_picture_keeps_its_width():
    names = ("a very long name of a class indeed", "another one of these long names", "short")
    explorer = cu.widgets.confusion_explorer(report_of([0, 1, 2], [1, 1, 2], names))
    assert explorer.still().get_figwidth() <= 8.5
