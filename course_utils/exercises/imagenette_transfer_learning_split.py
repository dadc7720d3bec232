"""The check of notebook 05 for a split that keeps all pictures of a photograph on one side."""

import inspect
from collections.abc import Mapping

import numpy as np

from .comparing import describe_difference, kind_of
from .feedback import NotYet
from .judging import Mistake, outcomes_of
from .registry import exercise

_PHOTOS, _MOST = 60, 6  # photographs, and at most so many pictures of one


def _pictures(seed=54):
    """Return the name of each picture's photograph, class after class, as they lie in folders."""
    rng = np.random.default_rng(seed)
    names = [f"{kind}_{number:03}" for kind in ("church", "gas pump", "tench") for number in range(_PHOTOS // 3)]
    return np.repeat(names, rng.integers(1, _MOST + 1, _PHOTOS))


def _split_cases():
    """Fractions are never one half, so that exchanged sides show; the second is the first once more."""
    sorted_, mixed = _pictures(), np.random.default_rng(55).permutation(_pictures(56))
    return [(sorted_, 0.2, 0), (sorted_, 0.2, 0), (sorted_, 0.2, 1), (sorted_, 0.2, 2), (mixed, 0.3, 3)]


_TORN = Mistake(
    "copies-torn-apart",
    None,
    "Whoever has learned the one has seen the other: the test asks for something that was handed out before.",
    "Do not draw pictures, draw photographs; then let all pictures of a photograph follow it.",
    "`np.unique(photos)` has each photograph once, `np.isin(photos, chosen)` finds all pictures of the chosen ones.",
)
_FIRST_COPY = Mistake(
    "one-copy-each",
    None,
    "Of each photograph in the test only one picture is there; its copies stayed in the training.",
    "The right photographs are drawn. Now find *all* pictures of each.",
    "`np.isin(photos, chosen)` says of every picture whether its photograph was chosen.",
)
_INDICES = Mistake(
    "places-not-mask",
    None,
    "These look like places (indices). Asked for is one True or False for each picture, in their order.",
    "Begin with `test = np.zeros(len(photos), bool)` and set the places to True.",
    "From scikit-learn you get two arrays of places: `test[places_of_the_test] = True`.",
)
_NAMES = Mistake(
    "names-not-mask",
    None,
    "These are names. Asked for is one True or False for each picture, in their order.",
    "You know the photographs; which pictures belong to them?",
    "`np.isin(photos, names)`.",
)
_DICTIONARY = Mistake(
    "photographs-not-pictures",
    None,
    "That is one answer for each photograph. Asked for is one for each picture, in their order.",
    "You know the answer of each photograph. How does it reach all pictures of that photograph?",
    "`[answers[name] for name in photos]`, where `answers` is your dictionary.",
)
_PER_PHOTO = Mistake(
    "photographs-not-pictures",
    None,
    "That is one answer for each photograph. Asked for is one for each picture, and a photograph may have several.",
    "How does the decision about a photograph reach all of its pictures?",
    "`np.isin(photos, chosen)`, where `chosen` are the names of the photographs in the test.",
)
_ONE_SIDE = Mistake(
    "one-side-empty",
    None,
    "One side of the split is empty.",
    "Print how many photographs you choose: `fraction` times how many there are, as a whole number.",
    "`round(fraction * len(names))`, with `names` each photograph once.",
)
_EXCHANGED = Mistake(
    "sides-exchanged",
    None,
    "No photograph is torn apart, but the sides are exchanged: True should stand for the test.",
    "`fraction` is the share of the test, the smaller part.",
    "`~` turns True and False round.",
)
_SHARE = Mistake(
    "other-share",
    None,
    "No photograph is torn apart, but the test has another size than asked for.",
    "How many photographs should it be? `fraction` times their number, each counted once. (Tossing a coin for each "
    "of them meets that only on average.)",
    "`round(fraction * len(np.unique(photos)))` photographs go to the test.",
)
_CHANGES = Mistake(
    "not-repeatable",
    None,
    "Called twice with the same seed, it splits differently: nobody could repeat your experiment.",
    "Where does the chance in your function come from, and does it know the seed?",
    "`np.random.default_rng(seed)`, made inside the function.",
)
_FIRST_OR_LAST = Mistake(
    "in-order",
    None,
    "The photographs of the test are not drawn: they are one block of the list. Pictures come class by class, so your "
    "test knows hardly more than one class.",
    "Draw the photographs at random.",
    "`np.random.default_rng(seed).permutation(names)`, and take the first ones of that.",
)
_EVERY_SO_MANY = Mistake(
    "in-order",
    None,
    "The photographs of the test are not drawn: from each to the next in the list it is equally far.",
    _FIRST_OR_LAST.hint,
    _FIRST_OR_LAST.stronger,
)
_SEED = Mistake(
    "seed-ignored",
    None,
    "It gives the same split for every seed.",
    "Where does `seed` enter your code?",
    "`np.random.default_rng(seed)`.",
)
_SORTED_IN_PLACE = Mistake(
    "input-changed",
    None,
    "Your function changes `photos` itself: afterwards the names belong to other pictures.",
    "`shuffle` and `.sort()` work in place; `permutation`, `np.sort` and `np.unique` make a new array.",
    "Leave `photos` as it is, and draw from `np.unique(photos)`.",
)


def _mask(value, photos):
    """Return the answer as an array of n True and False, or say why it is none."""
    if value is None or inspect.isgenerator(value) or isinstance(value, (map, zip, filter)):
        raise describe_difference(value, photos, "Your honest_split")
    known, leaves = set(photos.tolist()), _leaves(value)
    names = len(known)
    seen = f"It returned {kind_of(value)} for {len(photos)} pictures of {names} photographs."
    if isinstance(value, Mapping):
        raise _DICTIONARY.raised(seen) if value.keys() == known else _odd(seen)
    if leaves and all(isinstance(leaf, str) and leaf in known for leaf in leaves):
        raise _NAMES.raised(seen)
    try:
        table = np.asarray(value)
    except Exception:  # noqa: BLE001 - parts of different lengths, anything a learner may return
        table = np.array(None)
    if table.dtype.kind in "OU":  # no table of numbers: for example a set, or two arrays of different lengths
        raise _INDICES.raised(seen) if leaves and all(map(_is_whole, leaves)) else _odd(seen)
    if table.dtype.kind in "ui" and table.ndim == 1 and len(table) != len(photos) and _are_places(table, photos):
        raise _INDICES.raised(seen)
    if table.shape == (names,):
        raise _PER_PHOTO.raised(seen)
    if table.shape != photos.shape or not np.isin(table, (0, 1)).all():
        raise _odd(seen)
    return table.astype(bool)


def _leaves(value):
    """Return the single values inside nested lists, tuples, sets and arrays."""
    if isinstance(value, np.ndarray):
        value = value.ravel().tolist()
    if isinstance(value, (list, tuple, set, frozenset)):
        return [leaf for part in value for leaf in _leaves(part)]
    return [value]


def _is_whole(leaf):
    return isinstance(leaf, (int, np.integer)) and not isinstance(leaf, bool)


def _are_places(table, photos):
    return len(np.unique(table)) == len(table) and table.size and table.min() >= 0 and table.max() < len(photos)


def _odd(seen):
    return NotYet(seen, "wrong-shape", hint="Return n values, True (test) or False (training), one for each picture.")


def _judge_sides(test, photos, fraction):
    inside, outside = np.unique(photos[test]), np.unique(photos[~test])
    n, total = len(photos), len(np.unique(photos))
    if test.all() or not test.any():
        raise _ONE_SIDE.raised(f"{test.sum()} of {n} pictures are in the test.")
    torn = np.intersect1d(inside, outside)
    if len(torn):
        once = test.sum() == len(inside)
        seen = f"{len(torn)} of {total} photographs have pictures on both sides, for example {torn[0]}."
        # One picture of each: chance alone would hardly do that.
        raise (_FIRST_COPY if once and len(inside) >= 6 else _TORN).raised(seen)
    if _close(len(inside), fraction * total, 1.5) or _close(test.sum(), fraction * n, _MOST):
        return
    seen = f"With fraction {fraction:g}, {len(inside)} of {total} photographs ({test.sum()} of {n} pictures) are True."
    raise (_EXCHANGED if _close(len(outside), fraction * total, 1.5) else _SHARE).raised(seen)


def _close(found, wanted, tolerance):
    return abs(found - wanted) <= tolerance


@exercise(
    "05.4",
    "honest_split",
    "a split that keeps copies together",
    why="Bursts of photographs, frames of a film, several scans of a patient, augmented copies: split by what they "
    "come from, never picture by picture. It costs one line and is one of the commonest leaks there are.",
)
def _honest_split_check(answer):
    cases = _split_cases()
    outcomes = outcomes_of(answer, cases, what="Your honest_split")
    if any(outcome.changed for outcome in outcomes):
        raise _SORTED_IN_PLACE.raised()
    masks = [_mask(outcome.value, case[0]) for outcome, case in zip(outcomes, cases, strict=True)]
    for mask, (photos, fraction, _) in zip(masks, cases, strict=True):
        _judge_sides(mask, photos, fraction)
    if not np.array_equal(masks[0], masks[1]):
        raise _CHANGES.raised()
    steps = [_step(mask, case[0]) for mask, case in zip(masks[:4], cases, strict=False)]
    if all(steps):
        raise (_FIRST_OR_LAST if steps[0] == 1 else _EVERY_SO_MANY).raised()
    if np.array_equal(masks[0], masks[2]) and np.array_equal(masks[0], masks[3]):
        raise _SEED.raised()


def _step(test, photos):
    """Return how far it is from each photograph of the test to the next, 0 if that differs; once round is allowed."""
    names = np.unique(photos)
    places = np.flatnonzero(np.isin(names, photos[test]))
    apart, often = np.unique(np.diff(places, append=places[0] + len(names)), return_counts=True)
    return int(apart[often.argmax()]) if often.max() >= len(places) - 1 else 0
