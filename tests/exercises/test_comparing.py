from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from course_utils.exercises.comparing import agree, as_numbers, describe_difference, kind_of, shape_of, shortly


@pytest.mark.parametrize(
    ("value", "want"),
    [
        (3, 3.0),
        (np.float32(0.1), 0.1),
        (True, 1),
        (Fraction(1, 2), 0.5),
        ([1, 2], np.array([1, 2], "uint8")),
        ((26, 26), (26, 26)),
        ([26, 26], (26, 26)),
        (np.float32(1000.01), 1000),
        ([np.nan, 1], [np.nan, 1]),
        (np.inf, np.inf),
        (" Padding ", "padding"),
        (["A", "b"], ["a", "B"]),
        ({"a": [1.0]}, {"a": 1 * np.ones(1)}),
        ((np.ones((2, 2)), np.zeros(3)), [np.ones((2, 2)), np.zeros(3, int)]),
        ((np.ones(3), "same"), (np.ones(3), "SAME")),
        (None, None),
        ({1, 2}, {2, 1}),
    ],
    ids=repr,
)
def test_when_two_values_mean_the_same_then_they_agree(value, want):
    assert agree(value, want) is True


@pytest.mark.parametrize(
    ("value", "want"),
    [
        (3, 4),
        ((26, 26), (28, 28)),
        ([1, 2, 3], [1, 2]),
        (np.ones((2, 3)), np.ones((3, 2))),
        (np.ones(1), 1),
        (np.nan, 1),
        (1, np.nan),
        (np.inf, -np.inf),
        (3, "3"),
        ("3", 3),
        (None, 0),
        (..., 3),
        ({"a": 1}, {"b": 1}),
        ([1], {"a": 1}),
        ((np.ones((2, 2)), np.zeros(3)), (np.ones((2, 2)), np.ones(3))),
        ((np.ones((2, 2)),), (np.ones((2, 2)), np.ones(3))),
        (np.ones(3), (np.ones((2, 2)), np.ones(3))),
        (3, None),
        ({1, 2}, {3}),
        (1 + 2j, 1),
    ],
    ids=repr,
)
def test_when_two_values_differ_then_they_do_not_agree(value, want):
    assert agree(value, want) is False


def test_when_a_difference_is_within_the_tolerance_then_they_agree():
    assert agree(1.05, 1, 0.1) and not agree(1.05, 1, 0.01)


class Unspeakable:
    def __repr__(self):
        raise RuntimeError("no words")

    def __array__(self, *_, **__):
        raise RuntimeError("no numbers")


@pytest.mark.parametrize(
    "value", [None, ..., "3", b"3", {"a": 1}, [[1], [1, 2]], ["3"], 1j, Unspeakable(), int, [None]]
)
def test_when_there_are_no_real_numbers_then_there_is_no_array_and_no_shape(value):
    assert as_numbers(value) is None and shape_of(value) is None


def test_when_a_keras_tensor_has_no_values_then_it_holds_no_numbers():
    keras = pytest.importorskip("keras")
    assert as_numbers(keras.Input((3,))) is None
    assert shape_of(keras.ops.ones((2, 3))) == (2, 3)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.ones((2, 3), "uint8"), "an array (2, 3) of uint8"),
        (np.float32(2 / 3), "the number 0.6667"),
        (26, "the number 26"),
        ("same", "the text 'same'"),
        ([1, 2], "list [1, 2]"),
        (len, "the function len"),
        (lambda: 0, "the function <lambda>"),
        ((n for n in "ab"), "a generator"),
        (map(str, [1]), "a map"),
        (None, "None"),
        (Unspeakable(), "Unspeakable …"),
        (object(), "an object"),
    ],
)
def test_when_a_value_is_named_then_in_few_words_and_without_addresses(value, text):
    assert kind_of(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.float64(0.123456), "0.1235"),
        (np.int64(1_000_000), "1000000"),
        (True, "True"),
        (np.array(2.5), "2.5"),
        ((np.float64(0.5), np.int32(2)), "(0.5, 2)"),
        ([np.float32(0.25)], "[0.25]"),
        ((1,), "(1,)"),
        ("a" * 100, "'" + "a" * 56 + "…"),
        (np.zeros((2, 2)), "array([[0., 0.], [0., 0.]])"),
        (Decimal("1.5"), "Decimal('1.5')"),
        (list(range(1000)), "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16…"),
    ],
)
def test_when_a_value_is_shown_then_shortly(value, text):
    assert shortly(value) == text and len(shortly(value)) <= 60


ONES = np.ones((2, 3))
TAIL = np.array([[0, 0, 0], [0, 1, 1]])


@pytest.mark.parametrize(
    ("value", "want", "misconception", "words"),
    [
        (None, ONES, "returns-nothing", "`return`"),
        ("text", ONES, "wrong-type", "the text 'text'"),
        (3, "text", "wrong-type", "expected the text 'text'"),
        ("other", "text", "wrong-value", "'other'"),
        (ONES.T, ONES, "wrong-shape", "shape (3, 2), expected (2, 3)"),
        (ONES * np.nan, ONES, "nan", "6 of 6 values are NaN"),
        (ONES * 2, ONES, "wrong-values", "6 of 6 values are not"),
        (ONES * 0, ONES, "wrong-values", "6 of 6 values are not"),
        (ONES - TAIL, ONES, "never-filled-in", "2 of 6 values are not"),
        (ONES - 2 * TAIL, ONES, "wrong-values", "2 of 6 values are not"),
        (ONES + 5e-5, ONES, "wrong-values", "[0, 0]: 1.00005, expected 1."),  # with the tolerance 1e-6 below
        (7, 8, "wrong-value", "gave 7, expected 8"),
        (17594.0, 107786, "wrong-value", "gave 17594, expected 107786"),
        ([7], 7, "wrong-shape", "an array or list (1,), expected one number"),
        (7, [7, 8], "wrong-shape", "one number, expected an array or list (2,)"),
        ((n for n in [1]), ONES, "generator", "`yield`"),
        (zip([1], [2], strict=True), ONES, "generator", "`list(…)`"),
        ((ONES, np.ones(2)), (ONES, np.ones(3)), "wrong-value", "array"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_when_no_misconception_is_known_then_what_was_seen_is_told(value, want, misconception, words):
    problem = describe_difference(value, want, "Your function", tolerance=1e-6)
    assert problem.misconception == misconception and problem.hint
    assert words in f"{problem.seen} {problem.meaning} {problem.hint}"


def test_when_one_of_many_values_is_wrong_then_its_place_is_told():
    wrong = ONES.copy()
    wrong[1, 2] = 5
    problem = describe_difference(wrong, ONES, "It", some_right=True)
    told = "1 of 6 values are not. The first is [1, 2]: 5, expected 1. Other inputs gave the right result."
    assert told in problem.seen


def test_when_nan_is_right_in_one_place_then_it_is_not_what_is_wrong():
    problem = describe_difference([np.nan, 2.0], [np.nan, 1.0], "It")
    assert "1 of 2 values are not. The first is [1]" in problem.seen
