"""Answers to the exercises of notebook 04."""

import itertools
import math

import numpy as np

from exercise_answers import Wrong

# --- range tests, and where what may be done ---------------------------------------------------------------------

RATES = {"A": 0.003, "B": 0.08, "C": "larger", "D": "smaller"}
PLACES = {"a": "training", "b": "training", "c": "never", "d": "never"}
PLACES |= {"e": "both", "f": "never", "g": "evaluation", "h": "never"}

# --- more than luck ----------------------------------------------------------------------------------------------


def chance_loops(start, changed):
    gains = [int(after) - int(before) for before, after in zip(start, changed, strict=True)]
    reached = [sum(s * g for s, g in zip(signs, gains, strict=True)) >= sum(gains) for signs in signed(len(gains))]
    return sum(reached) / len(reached)


def signed(n):
    return itertools.product([-1, 1], repeat=n)


def chance_swapped_pairs(start, changed):
    """Which of a pair was the changed one? Choose in all ways."""
    totals = [sum(pair) for pair in itertools.product(*zip(start.tolist(), changed.tolist(), strict=True))]
    return np.float32(np.mean([total >= changed.sum() for total in totals]))


def chance_bits(start, changed):
    gains, hits = changed - start, 0
    for number in range(2 ** len(gains)):
        signs = np.array([1 if number >> place & 1 else -1 for place in range(len(gains))])
        hits += np.mean(signs * gains) >= np.mean(gains) - 1e-9
    return hits / 2 ** len(gains)


def chance_scipy(start, changed):
    from scipy import stats

    if len(start) == 1:  # SciPy wants two observations
        return 0.5
    found = stats.permutation_test(
        (changed, start),
        lambda x, y, axis: np.sum(x - y, axis=axis),
        permutation_type="samples",
        alternative="greater",
        vectorized=True,
    )
    return found.pvalue


def totals_of(start, changed):
    gains = changed - start
    return np.array([np.dot(signs, gains) for signs in signed(len(gains))]), gains.sum()


def chance_more(start, changed):
    totals, found = totals_of(start, changed)
    return np.mean(totals > found)


def chance_unpaired(start, changed):
    pool, n = np.concatenate([start, changed]), len(start)
    means = [pool[list(chosen)].mean() - np.delete(pool, chosen).mean() for chosen in combos(2 * n, n)]
    return np.mean(np.array(means) >= changed.mean() - start.mean() - 1e-9)


def combos(n, k):
    return itertools.combinations(range(n), k)


def chance_sorted(start, changed):
    return chance_loops(sorted(start), sorted(changed))


def chance_wins(start, changed):
    won, n = (changed > start).sum(), len(start)
    return np.mean([sum(tosses) >= won for tosses in itertools.product([0, 1], repeat=n)])


def chance_heads(start, changed):
    return 1 / 2 ** len(start)


def chance_less(start, changed):
    totals, found = totals_of(start, changed)
    return np.mean(totals <= found)


def chance_exchanged(start, changed):
    return chance_loops(changed, start)


def chance_complement(start, changed):
    return 1 - chance_loops(start, changed)


def chance_two_sided(start, changed):
    totals, found = totals_of(start, changed)
    return np.mean(abs(totals) >= abs(found))


def chance_best(start, changed):
    gains = changed - start
    return np.mean([max(np.array(signs) * gains) >= max(gains) for signs in signed(len(gains))])


def chance_number(start, changed):
    totals, found = totals_of(start, changed)
    return int((totals >= found).sum())


def chance_by_seeds(start, changed):
    totals, found = totals_of(start, changed)
    return (totals >= found).sum() / len(start)


def chance_gain(start, changed):
    return (changed - start).mean()


def chance_losers(start, changed):
    return (changed <= start).mean()


def chance_student(start, changed):
    gains = changed - start
    if len(gains) == 1:
        return math.nan
    from scipy import stats

    return stats.t.sf(gains.mean() / (gains.std(ddof=1) / math.sqrt(len(gains))), len(gains) - 1)


def chance_nothing(start, changed):
    chance_loops(start, changed)


def chance_in_place(start, changed):
    changed -= start
    return chance_loops(np.zeros(len(start)), changed)


def chance_three_only(start, changed):
    signs = np.array(list(signed(3)))
    return np.mean(signs @ (changed - start) >= (changed - start).sum())


# --- a plan ------------------------------------------------------------------------------------------------------

PLAN = [8, "pool", 16, 16, "pool", 32, 32, "pool", 64, 64]

RIGHT = {
    "range_tests": [
        RATES,
        {"A": np.float32(1e-3), "B": np.float64(0.1), "C": "Larger rates", "D": ' "smaller"'},
        {"D": "SMALLER", "C": "larger", "B": "5e-2", "A": [0.008]},
        {"A": "0.005", "B": np.array(0.1), "C": "LARGER.", "D": "smaller rates"},
    ],
    "surviving_labels": [
        PLACES,
        {key: f" {word.upper()} " for key, word in PLACES.items()},
        {key: f'"{PLACES[key]}".' for key in reversed(PLACES)},
    ],
    "chance_of_luck": [chance_loops, chance_swapped_pairs, chance_bits, chance_scipy],
    "affordable_plan": [
        PLAN,
        tuple(PLAN),
        np.array(PLAN),
        ["pool", 16, 16, "pool", 32.0, np.int64(32), "Pool", 64, 64],
        [8, "pool", 24, "pool", 32, 32, "pool", 64, "pool", 64, "pool"],
        ["pool", "pool", 24, 24, 24, 24, 32, 64],
    ],
    "too_good": ["c", " (C) ", "c) twins"],
}
WRONG = {
    "range_tests": [
        Wrong("bottom-of-the-valley", RATES | {"A": 0.018}),
        Wrong("bottom-of-the-valley", RATES | {"B": 0.316}),
        Wrong("plateau", RATES | {"A": 1e-5}),
        Wrong("plateau", RATES | {"B": 3e-4}),
        Wrong("end-of-the-plateau", RATES | {"A": 0.0004}),
        Wrong("end-of-the-plateau", RATES | {"B": 0.02}),
        Wrong("past-the-rise", RATES | {"A": 0.1}),
        Wrong("past-the-rise", RATES | {"B": 1}),
        Wrong("rate-carried-over", RATES | {"B": 0.003}),
        Wrong("complete-test", RATES | {"B": "larger"}),
        Wrong("complete-test", RATES | {"A": "smaller"}),
        Wrong("exponent-not-rate", RATES | {"A": -3}),
        Wrong("exponent-not-rate", RATES | {"C": -2}),
        Wrong("negative-rate", RATES | {"A": -0.003}),
        Wrong("beyond-the-test", RATES | {"C": 0.005}),
        Wrong("beyond-the-test", RATES | {"D": "3e-3"}),
        Wrong("range-too-short", RATES | {"C": 8e-4}),
        Wrong("range-too-short", RATES | {"C": "smaller"}),
        Wrong("broken-not-timid", RATES | {"D": "larger"}),
        Wrong("broken-not-timid", RATES | {"D": 0.05}),
        Wrong("incomplete", RATES | {"D": ...}),
        Wrong("other-word", RATES | {"A": "slope"}),
        Wrong("other-word", RATES | {"C": "larger or smaller"}),
        Wrong("other-word", RATES | {"A": 0}),
        Wrong("other-word", RATES | {"A": math.nan}),
        Wrong("other-word", RATES | {"A": (0.001, 0.01)}),
        Wrong("other-word", RATES | {"A": None}),
        Wrong("wrong-type", 0.003),
        Wrong("wrong-type", {"A": 0.003}),
        Wrong("wrong-type", {1: 0.003, "B": 0.1, "C": "larger", "D": "smaller"}),
    ],
    "surviving_labels": [
        Wrong("hands-mirrored", PLACES | {"c": "training"}),
        Wrong("hands-mirrored", PLACES | {"c": "both", "f": "both"}),
        Wrong("number-erased", PLACES | {"d": "training"}),
        Wrong("test-pictures-used", PLACES | {"f": "both"}),
        Wrong("test-pictures-used", PLACES | {"f": "training", "e": "never"}),
        Wrong("labels-peeked", PLACES | {"h": "evaluation"}),
        Wrong("only-while-training", PLACES | {"e": "training"}),
        Wrong("preparing-forbidden", PLACES | {"e": "never"}),
        Wrong("chance-at-evaluation", PLACES | {"a": "both"}),
        Wrong("chance-at-evaluation", PLACES | {"b": "both"}),
        Wrong("turns-forbidden", PLACES | {"b": "never"}),
        Wrong("shifts-forbidden", PLACES | {"a": "never"}),
        Wrong("two-looks-forbidden", PLACES | {"g": "never"}),
        Wrong("two-looks-in-training", PLACES | {"g": "both"}),
        Wrong("incomplete", PLACES | {"g": ...}),
        Wrong("other-word", PLACES | {"g": "always"}),
        Wrong("other-word", PLACES | {"g": True}),
        Wrong("wrong-type", list(PLACES.values())),
        Wrong("wrong-type", {"a": "training"}),
    ],
    "chance_of_luck": [
        Wrong("strictly-more", chance_more),
        Wrong("unpaired", chance_unpaired),
        Wrong("pairs-sorted", chance_sorted),
        Wrong("coin-tosses-alone", chance_wins),
        Wrong("always-all-heads", chance_heads),
        Wrong("wrong-tail", chance_less),
        Wrong("wrong-tail", chance_exchanged),
        Wrong("one-minus", chance_complement),
        Wrong("both-sides", chance_two_sided),
        Wrong("best-seed", chance_best),
        Wrong("number-not-share", chance_number),
        Wrong("times-seeds", chance_by_seeds),
        Wrong("gain-itself", chance_gain),
        Wrong("losing-seeds", chance_losers),
        Wrong("formula-for-many", chance_student),
        Wrong("returns-nothing", chance_nothing),
        Wrong("input-changed", chance_in_place),
        Wrong("raises", chance_three_only),
        Wrong("not-a-function", 0.125),
    ],
    "affordable_plan": [
        Wrong("works-on-large-pictures", [16, 16, "pool", 32, 32, "pool", 64, 64]),
        Wrong("works-on-large-pictures", [8, 8, 8, 8, 8, "pool", "pool", "pool", 64, 64]),
        Wrong("wide-and-dear", ["pool", 8, "pool", 64, 64, 64, 64, 64]),
        Wrong("too-shallow", [8, "pool", 16, "pool", 32, "pool", 64]),
        Wrong("too-shallow", ["pool"]),
        Wrong("narrow-end", [8, "pool", 16, 16, "pool", 32, 32, "pool", 32]),
        Wrong("sees-too-little", [8, 8, 8, 8, "pool", 16, "pool", 64]),
        Wrong("too-many-parameters", [8, "pool", 16, "pool", 32, 32, "pool", "pool", 64, 64, 64]),
        Wrong("pooled-away", [8, *["pool"] * 6, 16, 16, 32, 32, 64]),
        Wrong("odd-number-of-filters", [10, *PLAN[1:]]),
        Wrong("unknown-step", [8, "max", *PLAN[2:]]),
        Wrong("unknown-step", [8.5, *PLAN[1:]]),
        Wrong("unknown-step", [True, *PLAN[1:]]),
        Wrong("unknown-step", [*PLAN, math.inf]),
        Wrong("unknown-step", [*PLAN, math.nan]),
        Wrong("unknown-step", [PLAN]),
        Wrong("unknown-step", [0, *PLAN[1:]]),
        Wrong("unknown-step", [(8, 3), *PLAN[1:]]),
        Wrong("incomplete", [8, ...]),
        Wrong("wrong-type", 8),
        Wrong("wrong-type", []),
        Wrong("wrong-type", "pool"),
    ],
    "too_good": [
        Wrong("over-fitting", "a"),
        Wrong("winners-curse", "(b)"),
        Wrong("other-pile", "d) another pile"),
        Wrong("pixel-range", "E"),
        Wrong("labels-slipped", "f"),
        Wrong("no-such-suspect", "g"),
        Wrong("no-such-suspect", 3),
    ],
}
