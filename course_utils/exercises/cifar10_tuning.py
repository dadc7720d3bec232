"""Checks of notebook 04, tuning: augmentations (04.2), what chance would do (04.3); the others are next door."""

import itertools
import math
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from . import cifar10_tuning_lab, cifar10_tuning_plan, cifar10_tuning_rates  # noqa: F401 - they register theirs
from .comparing import kind_of, so_many_right
from .feedback import NotYet
from .judging import Mistake, judge_function, require_attempt
from .registry import exercise

# --- 04.2 harmful or harmless ------------------------------------------------------------------------------------

_TRAINING, _EVALUATION, _BOTH, _NEVER = "training", "evaluation", "both", "never"
_PLACES = MappingProxyType(
    {
        "a": _TRAINING,
        "b": _TRAINING,
        "c": _NEVER,
        "d": _NEVER,
        "e": _BOTH,
        "f": _NEVER,
        "g": _EVALUATION,
        "h": _NEVER,
    }
)


def _says(letters, *words):
    return lambda answer: any(answer[letter] in words for letter in letters)


_PLACE_MISTAKES = (
    Mistake(
        "hands-mirrored",
        _says("c", _TRAINING, _EVALUATION, _BOTH),
        "(c) A mirrored left hand is a right hand. Half of the labels would be wrong, and the network could at best "
        "guess. What a flip does depends on the question, not on whether the picture looks natural.",
        "Take one picture, do it, and ask: is the label still true?",
    ),
    Mistake(
        "number-erased",
        _says("d", _TRAINING, _EVALUATION, _BOTH),
        "(d) Where the patch lies on the number, nobody can say whether the sign read 30 or 80, and the label claims "
        "to know. Erasing helps where the rest still tells what it is; here everything hangs on one place.",
        "What is left of the picture in the worst case, and does it still say what the label says?",
    ),
    Mistake(
        "labels-peeked",
        _says("h", _TRAINING, _EVALUATION, _BOTH),
        "(h) Which answer is right can only be known from the label. Ten attempts, of which the label chooses one: "
        "even a blind guesser would get two thirds.",
        "Could you do it with a picture whose label nobody knows?",
        "What needs the right answer in order to give an answer is no evaluation.",
    ),
    Mistake(
        "test-pictures-used",
        _says("f", _TRAINING, _EVALUATION, _BOTH),
        "(f) The filters would be made from test pictures, too. Not even labels are needed for a leak: the test "
        "pictures stand for those that do not exist yet when the network is built.",
        "When would these filters be computed, and which pictures are known by then?",
        "Compare with (e): which pictures is the mean taken from there?",
    ),
    Mistake(
        "only-while-training",
        _says("e", _TRAINING),
        "(e) The network would be trained on numbers around 0 and asked about numbers around 120: it has never seen "
        "such pictures. What *prepares* pictures must be the same on both sides.",
        "Is (e) a means against over-fitting, or a part of how pictures are fed in?",
    ),
    Mistake(
        "preparing-forbidden",
        _says("e", _NEVER, _EVALUATION),
        "(e) is as harmless as dividing by 255: the same number is subtracted from every picture, and it comes "
        "from training pictures alone.",
        "Does the label survive? Does anything leak? Then do it, and do it everywhere alike.",
    ),
    Mistake(
        "chance-at-evaluation",
        _says("ab", _BOTH, _EVALUATION),
        "(a) and (b) are drawn by lot. In training that makes new pictures out of old ones. At evaluation the answer "
        "about a picture would depend on luck, and asked again it would be another one.",
        "What should a network be asked about in the end: the picture, or a random variation of it?",
    ),
    Mistake(
        "turns-forbidden",
        _says("b", _NEVER),
        "(b) You know the rule *no turning by 180°* from digits. Playing cards are printed so that either end may be "
        "on top.",
        "Not the kind of change decides. Take a seven of hearts, turn it, and ask for its label.",
    ),
    Mistake(
        "shifts-forbidden",
        _says("a", _NEVER),
        "(a) A 3 that stands two pixels further to the left is a 3, and new digits will not stand exactly in the "
        "middle either.",
        "Is the label still true after the shift?",
    ),
    Mistake(
        "two-looks-forbidden",
        _says("g", _NEVER),
        "(g) Nothing is leaked: no label is looked at, and the rule (*ask twice, take the mean*) is fixed beforehand. "
        "It is no chance either: every picture is mirrored exactly once.",
        "Could you do it with a picture whose label nobody knows?",
    ),
    Mistake(
        "two-looks-in-training",
        _says("g", _TRAINING, _BOTH),
        "(g) is about how an answer is *asked for*, and changes no weight. In training each picture, or its mirror "
        "image, simply takes its turn.",
        "Is anything learned when two answers are averaged?",
    ),
)


@exercise(
    "04.2",
    "surviving_labels",
    "harmful or harmless?",
    why="Two questions decide: does the label survive it, and could it be done with a picture whose label, and "
    "existence, nobody knew before? No error message asks them for you.",
)
def _labels_check(answer):
    require_attempt(answer)
    if not isinstance(answer, Mapping) or answer.keys() != _PLACES.keys():
        raise NotYet(
            f"Expected a dictionary with the keys a to h, received {kind_of(answer)}.",
            "wrong-type",
            hint="Keep the exercise cell as it is, and put a word in quotes in place of each `...`.",
        )
    said = {key: value.strip(" .\"'").casefold() if isinstance(value, str) else value for key, value in answer.items()}
    words = (_TRAINING, _EVALUATION, _BOTH, _NEVER)
    unknown = [key for key, value in said.items() if value not in words]
    if unknown:
        raise NotYet(
            f"Not one of the four words: {', '.join(unknown)}.",
            "other-word",
            hint='Write "training", "evaluation", "both" or "never".',
        )
    wrong = [key for key, value in said.items() if value != _PLACES[key]]
    if wrong:
        mistake = next(mistake for mistake in _PLACE_MISTAKES if mistake.answer(said))
        stronger = mistake.stronger or "The solution of every letter: first the label, then the leak, then chance."
        raise NotYet(
            so_many_right(len(said) - len(wrong), len(said)),
            mistake.name,
            meaning=mistake.meaning,
            hint=mistake.hint,
            stronger=stronger,
        )


# --- 04.3 what would chance do? ----------------------------------------------------------------------------------


def _signs(n):
    return np.array(list(itertools.product((1, -1), repeat=n)))  # (2 ** n, n)


def _totals(start, changed):
    gains = np.subtract(changed, start)
    return _signs(len(gains)) @ gains, gains.sum()


def _chance(start, changed):
    totals, found = _totals(start, changed)
    return float(np.mean(totals >= found))


def _unpaired(start, changed):
    both = [*start, *changed]
    groups = list(itertools.combinations(range(len(both)), len(start)))
    totals = [sum(both[place] for place in group) for group in groups]
    return float(np.mean(np.array(totals) >= sum(changed)))


def _coin_tosses(start, changed):
    wins, n = int(np.sum(np.greater(changed, start))), len(start)
    return sum(math.comb(n, more) for more in range(wins, n + 1)) / 2**n


def _student(start, changed):
    from scipy import stats

    return float(stats.ttest_rel(changed, start, alternative="greater").pvalue)


_CHANCE_MISTAKES = (
    Mistake(
        "strictly-more",
        lambda start, changed: float(np.mean(np.greater(*_totals(start, changed)))),
        "You count only combinations with *more* than the gain found. The gain found is itself one of the "
        "combinations, and so are those that are level with it.",
        "At least as large: what about equal?",
        "`>=`. With three seeds, all better, one combination of eight reaches the gain: the gain itself.",
    ),
    Mistake(
        "unpaired",
        _unpaired,
        "You deal all results out anew, whatever their seed. But those of one seed belong together: the luck they "
        "share cancels only as long as they stay a pair.",
        "First subtract, seed by seed; then only the signs of the gains may change.",
    ),
    Mistake(
        "pairs-sorted",
        lambda start, changed: _chance(np.sort(start), np.sort(changed)),
        "Both lists were sorted, each by itself. After that the third result of one has another seed than the third "
        "of the other.",
        "Leave the order as it came: place k belongs to one seed.",
    ),
    Mistake(
        "coin-tosses-alone",
        _coin_tosses,
        "You count how many seeds gained, however much. A gain of 1 then weighs as much as a gain of 30.",
        "Compare the *totals* of the gains, not the number of those that are positive.",
    ),
    Mistake(
        "always-all-heads",
        lambda start, changed: 0.5 ** len(start),
        "That is the chance that all signs come out positive. It is right when every seed gained; when one lost, more "
        "combinations reach the total found.",
        "Go through all combinations, and count.",
        "`itertools.product([1, -1], repeat=n)` gives them one by one.",
    ),
    Mistake(
        "wrong-tail",
        lambda start, changed: float(np.mean(np.less_equal(*_totals(start, changed)))),
        "You count combinations with *at most* the gain found. Or were start and changed exchanged in the difference?",
        "Changed minus start; and a total at least as large as the one found.",
    ),
    Mistake(
        "one-minus",
        lambda start, changed: 1 - _chance(start, changed),
        "That is the share of combinations that do *not* reach the gain found.",
        "The larger the gains, the smaller your result should be.",
    ),
    Mistake(
        "both-sides",
        lambda start, changed: float(np.mean(np.greater_equal(*map(np.abs, _totals(start, changed))))),
        "You count large losses as well as large gains (a two-sided test). The question was only: how easily "
        "does chance bring a *gain* like this?",
        "No absolute value: a total of −17 is no gain of 17.",
    ),
    Mistake(
        "best-seed",
        lambda start, changed: float(
            np.mean((_signs(len(start)) * np.subtract(changed, start)).max(axis=1) >= np.subtract(changed, start).max())
        ),
        "You compare the best seed alone. Picking the best of several results is choosing luck.",
        "All seeds count: compare the sums of the gains.",
    ),
    Mistake(
        "number-not-share",
        lambda start, changed: float(np.sum(np.greater_equal(*_totals(start, changed)))),
        "That is how many combinations reach the gain. Asked for is their share of all combinations.",
        "Divide by how many combinations there are.",
    ),
    Mistake(
        "times-seeds",
        lambda start, changed: _chance(start, changed) * 2 ** len(start) / len(start),
        "You divide by the number of seeds. The share is to be taken of the combinations, and those are more.",
        "Two signs for each of n seeds: 2 · 2 · … · 2.",
    ),
    Mistake(
        "gain-itself",
        lambda start, changed: float(np.mean(np.subtract(changed, start))),
        "That is the mean gain. Asked for is how easily chance alone would bring as much.",
        "The gain is what every combination is compared with.",
    ),
    Mistake(
        "losing-seeds",
        lambda start, changed: float(np.mean(np.less_equal(changed, start))),
        "That is the share of seeds that did not gain. With one seed it is 0 or 1, and says nothing about luck.",
        "Go through the combinations of signs, not through the seeds.",
    ),
    Mistake(
        "formula-for-many",
        _student,
        "That is Student's t-test, which assumes bell-shaped luck and estimates its width from these few seeds. "
        "Here everything can be counted, and nothing need be assumed.",
        "All combinations of signs: for eight seeds just 256.",
    ),
)


def _chance_cases():
    rng = np.random.default_rng(43)
    cases = [
        ([600, 610, 605], [612, 611, 609]),
        ([1207, 1192, 1215, 1201, 1198], [1221, 1190, 1230, 1209, 1199]),
        ([640, 655], [650, 655]),
        ([640, 655, 648, 660], [650, 645, 652, 656]),
        ([700, 690, 705, 699], [690, 691, 700, 700]),
        ([512], [530]),
    ]
    for n in (6, 7):
        start = rng.integers(1100, 1140, n)
        cases.append((start, start + rng.integers(-9, 20, n)))
    return [(np.array(start), np.array(changed)) for start, changed in cases]


def _describe_chance(case):
    return f"gains of {', '.join(f'{gain:+d}' for gain in case[1] - case[0])}"


@exercise(
    "04.3",
    "chance_of_luck",
    "more than luck?",
    why="You have written an exact test that assumes nothing but a fair coin. It also tells what no number of decimals "
    "can: with a single seed chance does as well half of the time, and three seeds never get below one in eight.",
)
def _chance_check(answer):
    judge_function(
        answer,
        _chance,
        _chance_cases(),
        _CHANCE_MISTAKES,
        what="Your chance_of_luck",
        names=("start", "changed"),
        tolerance=1e-6,
        describe=_describe_chance,
    )
