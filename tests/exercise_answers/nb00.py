"""Answers to the exercises of notebook 00."""

import numpy as np

from exercise_answers import Wrong


def lines(a, b, c, d):
    return {"A": a, "B": b, "C": c, "D": d}


RIGHT = {
    "first_answer": [12544, 12_544.0, np.int64(784) * 16, np.array(12544)],
    "run_order": [{"count": 10, "double": 40}, (10, 40), {"double": np.float32(40), "count": 10.0}],
    "read_results": [
        lines("fine", "nothing", "fine", "look"),
        ["fine", "nothing", "fine", "look"],
        lines(" Fine", "NOTHING", "fine", "look "),
    ],
    "borrowed_network": ["b", "B", "b: the order"],
}
WRONG = {
    "first_answer": [
        Wrong("one-row-each", 448),
        Wrong("one-picture", 784),
        Wrong("sides-added", 16 * 28 + 16 * 28),
        Wrong("all-added", 72),
        Wrong("text-not-number", "12544"),
        Wrong("wrong-value", 12543),
        Wrong("wrong-value", True),
        Wrong("nothing", None),
        Wrong("comma", (12, 544)),
        Wrong("decimal-point", 12.544),
        Wrong("list", [12544]),
        Wrong("list", np.array([12544])),
    ],
    "run_order": [
        Wrong("as-on-the-page", {"count": 15, "double": 30}),
        Wrong("like-a-spreadsheet", (10, 20)),
        Wrong("first-cell-forgotten", {"count": 20, "double": 40}),
        Wrong("last-value-doubled-once", {"count": 10, "double": 30}),
        Wrong("some-wrong", {"count": 10, "double": 80}),
        Wrong("text-not-number", {"count": "10", "double": "40"}),
        Wrong("incomplete", {"count": 10, "double": ...}),
        Wrong("wrong-type", 40),
    ],
    "read_results": [
        Wrong("smoke-taken-seriously", lines("fine", "look", "fine", "look")),
        Wrong("smoke-taken-seriously", lines("fine", "fine", "fine", "look")),
        Wrong("inside-the-range", lines("look", "nothing", "fine", "look")),
        Wrong("a-little-off-is-alarm", lines("fine", "nothing", "look", "look")),
        Wrong("far-below-is-chance", lines("fine", "nothing", "fine", "fine")),
        Wrong("result-dismissed", lines("fine", "nothing", "fine", "nothing")),
        Wrong("other-words", lines("good", "nothing", "fine", "look")),
        Wrong("wrong-type", "look"),
        Wrong("incomplete", lines("fine", "nothing", ..., "look")),
    ],
    "borrowed_network": [
        Wrong("scaled-twice", "a"),
        Wrong("not-trained", "C"),
        Wrong("on-their-side", "d) sideways"),
        Wrong("other-data", "e"),
        Wrong("no-such-suspect", "labels"),
    ],
}
