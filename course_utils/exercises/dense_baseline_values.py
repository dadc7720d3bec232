"""Checks of notebook 02 whose answers are words and numbers: which loss for which labels, counting parameters."""

from .comparing import agree, kind_of, shortly, so_many_right
from .feedback import NotYet
from .judging import Mistake, require_attempt
from .registry import exercise

# --- 02.2 sparse or one-hot --------------------------------------------------------------------------------------

_LOSSES = {"a": "sparse", "b": "categorical", "c": "categorical", "d": "sparse", "e": "neither", "f": "neither"}


def _says(letter, *losses):
    return lambda answer: answer[letter] in losses


_LOSS_MISTAKES = (
    Mistake(
        "exchanged",
        lambda answer: answer["a"] == "categorical" and answer["b"] == "sparse",
        "The two names are exchanged. Sparse says that the label is written sparingly, as one whole number.",
        "Compare (a) with `two_labels` and (b) with `one_hot` in the cells above: which loss got which?",
        "Class numbers: sparse. Rows of shares: categorical.",
    ),
    Mistake(
        "sparse-means-zeros",
        _says("b", "sparse"),
        "The rows of (b) are full of zeros, and elsewhere 'sparse' means just that. Here it does not: the sparse "
        "loss wants class numbers.",
        "How are labels written in (b), and which loss wants them so?",
        "(b) is written like `one_hot` in the cells above. Which loss got that?",
    ),
    Mistake(
        "mixture-as-number",
        _says("c", "sparse"),
        "The first label of (c) is 70 % one class and 30 % another: no whole number can say that.",
        "Which of the two losses reads a row of shares?",
        "The sparse loss reads one whole number per picture; the other one reads rows.",
    ),
    Mistake(
        "mixture-refused",
        _says("c", "neither"),
        "(c) is unusual, but allowed: each row holds shares that add up to 1.",
        "One-hot is the special case in which one share is 1. Which loss reads such rows?",
        "The formula multiplies each share with −log of the probability and adds up: any shares will do.",
    ),
    Mistake(
        "column-is-one-hot",
        _says("d", "categorical"),
        "(d) has two axes, like a one-hot table, but only one column. Look at the numbers: they are class numbers.",
        "What stands in the array decides, not how many axes it has. Keras reads (n, 1) as (n,).",
        "Read (d) as `[3, 7, 0]`.",
    ),
    Mistake(
        "column-refused",
        _says("d", "neither"),
        "(d) has a needless axis, but every row says one class number. Keras reads (n, 1) as (n,).",
        "Which loss wants class numbers?",
        "Read (d) as `[3, 7, 0]`.",
    ),
    Mistake(
        "words-understood",
        _says("e", "sparse", "categorical"),
        "(e) holds words. A loss calculates with numbers; it knows no language.",
        "Words must be numbered first. As they stand, does either loss fit?",
        "There is a third answer besides the two losses.",
    ),
    Mistake(
        "counted-from-one",
        _says("f", "sparse"),
        "(f) holds whole numbers, but look at the smallest and the largest. The network's ten outputs are numbered "
        "0 to 9: a label 10 points at an output that does not exist.",
        "Which place would label 10 have in a row of ten? What has to be done to (f) first?",
        "Something must be subtracted from (f) first; as it is, it fits neither loss.",
    ),
)


def _loss_name(text):
    word = text.strip().casefold() if isinstance(text, str) else text
    for name in ("sparse", "categorical", "neither"):
        if isinstance(word, str) and word.startswith(name):
            return name
    return word


@exercise(
    "02.2",
    "loss_for_labels",
    "sparse or one-hot?",
    why="Labels that do not fit the loss are a common first error, and some of them (counted from 1) may stay silent.",
)
def _loss_check(answer):
    require_attempt(answer)
    if not isinstance(answer, dict) or answer.keys() != _LOSSES.keys():
        raise NotYet(
            f"Expected a dictionary with the keys a to f, received {kind_of(answer)}.",
            "wrong-type",
            hint="Keep the exercise cell as it is, and put a word in quotes in place of each `...`.",
        )
    answer = {key: _loss_name(value) for key, value in answer.items()}
    unknown = [key for key, value in answer.items() if value not in ("sparse", "categorical", "neither")]
    if unknown:
        raise NotYet(
            f"Not one of the three words: {', '.join(unknown)}.",
            "other-word",
            hint='Write "sparse", "categorical" or "neither".',
        )
    wrong = [key for key, value in answer.items() if value != _LOSSES[key]]
    if not wrong:
        return
    seen = so_many_right(len(_LOSSES) - len(wrong), len(_LOSSES))
    for mistake in _LOSS_MISTAKES:
        if mistake.answer(answer):
            raise mistake.raised(seen)
    raise NotYet(
        f"{seen} Not yet: {', '.join(wrong)}.",
        "some-wrong",
        hint="Class numbers from 0: sparse. One row of shares per picture, as long as there are classes: categorical.",
    )


# --- 02.4 counting parameters ------------------------------------------------------------------------------------

_COUNTS = {"colour": 154_160, "two_hidden": 52_650, "widest": 150}

_COUNT_MISTAKES = (
    Mistake(
        "biases-forgotten",
        lambda answer: answer["colour"] == 154_100 or answer["two_hidden"] == 52_544,
        "All weights are there, but no biases.",
        "Each unit has one number more than it has inputs.",
        "A layer: inputs · units + units.",
    ),
    Mistake(
        "one-bias-per-layer",
        lambda answer: answer["colour"] == 154_102 or answer["two_hidden"] == 52_547,
        "One bias per layer was counted. Every unit has its own.",
        "How many units does each layer have?",
        "A layer: inputs · units + units.",
    ),
    Mistake(
        "answers-without-biases",
        lambda answer: answer["colour"] == 154_150 or answer["two_hidden"] == 52_640,
        "The ten biases of the last layer are missing.",
        "Units have biases in every layer.",
        "The answers are a layer like the others: inputs · units + units.",
    ),
    Mistake(
        "bias-per-input",
        lambda answer: answer["colour"] == 154_100 + 3072 + 50 or answer["two_hidden"] == 52_544 + 784 + 64 + 32,
        "There is a bias for every input. It belongs to the units that are being computed.",
        "A layer with 50 units has 50 biases, however many inputs it has.",
        "A layer: inputs · units + units.",
    ),
    Mistake(
        "inputs-have-biases",
        lambda answer: answer["colour"] == 154_160 + 3072 or answer["two_hidden"] == 52_650 + 784,
        "The pixels got biases, too. Pixels are given; nothing is learned there.",
        "Count only layers that compute something.",
        "Inputs · units + units for the first hidden layer; before it there is nothing to count.",
    ),
    Mistake(
        "channels-forgotten",
        lambda answer: answer["colour"] in (1024 * 50 + 50 + 510, 1024 * 50 + 500),
        "For the colour network you counted 32 · 32 inputs. A colour picture has three numbers per pixel.",
        "How long does the row get when all numbers of the picture are flattened?",
    ),
    Mistake(
        "grey-pictures",
        lambda answer: answer["colour"] == 784 * 50 + 50 + 510,
        "For the colour network you counted 784 inputs. Its pictures are larger, and coloured.",
        "How long does the row get when all numbers of a picture 32×32×3 are flattened?",
    ),
    Mistake(
        "layer-forgotten",
        lambda answer: answer["colour"] in (153_650, 510) or answer["two_hidden"] in (52_320, 50_570, 50_240, 2_410),
        "Not every layer is counted.",
        "The answers need units, too: so there is one layer more than there are hidden layers.",
        "One hidden layer: two terms. Two hidden layers: three.",
    ),
    Mistake(
        "past-a-layer",
        lambda answer: answer["two_hidden"] in (785 * 64 + 785 * 32 + 330, 785 * 64 + 785 * 32 + 7850),
        "In the second network, the second hidden layer is counted as if it saw the pixels. It sees only the 64 units "
        "before it.",
        "Draw the row of sizes: 784, 64, 32, 10. Each layer is wired to its neighbour alone.",
        "The second hidden layer has 64 · 32 weights.",
    ),
    Mistake(
        "not-whole",
        lambda answer: 150 < answer["widest"] < 151,
        "There is no such thing as a part of a unit.",
        "Up or down? Which of the two whole numbers stays within the budget?",
        "Count both networks.",
    ),
    Mistake(
        "rounded-up",
        lambda answer: answer["widest"] == 151,
        "151 hidden units make 120,055 parameters (785 · 151 for the hidden layer, 1,520 for the answers): just too "
        "many.",
        "Rounded up? Or biases forgotten? Count the network that you propose.",
        "785 numbers for each hidden unit, 10 more in the last layer, and 10 biases at the very end.",
    ),
    Mistake(
        "answers-for-free",
        lambda answer: answer["widest"] in (152, 153),
        "Your widest network goes over the budget once the last layer is counted: it grows with the hidden layer.",
        "One more hidden unit costs its own 785 numbers, and how many in the last layer?",
        "It is wired to all ten answers.",
    ),
    Mistake(
        "parameters-not-units",
        lambda answer: answer["widest"] == 119_260,
        "119,260 is how many parameters the widest network has. Asked is how many hidden units.",
        "With how many units did you get this number?",
    ),
    Mistake(
        "too-wide",
        lambda answer: answer["widest"] > 153,
        "Your widest network is over the budget.",
        "What does one more hidden unit cost, on both of its sides?",
        "784 weights and a bias before it, 10 weights behind it.",
    ),
    Mistake(
        "room-left",
        lambda answer: 1 <= answer["widest"] < 150,
        "Your widest network fits, but one more hidden unit would fit, too.",
        "What does one more hidden unit cost, on both of its sides? Divide what the budget leaves.",
        "It costs 784 + 1 + 10 numbers. How often does that fit into 120,000 − 10?",
    ),
)


@exercise(
    "02.4",
    "parameters",
    "count, and stay within a budget",
    why="Who can count parameters finds wrong shapes before training, and knows what a wider layer costs.",
)
def _parameters_check(answer):
    require_attempt(answer)
    if not isinstance(answer, dict) or answer.keys() != _COUNTS.keys():
        raise NotYet(
            f"Expected a dictionary with {', '.join(map(repr, _COUNTS))}, received {kind_of(answer)}.",
            "wrong-type",
            hint="Keep the exercise cell as it is, and put a number in place of each `...`.",
        )
    texts = [key for key, value in answer.items() if isinstance(value, str)]
    if texts:
        raise NotYet(
            f"Received {', '.join(f'{key} {shortly(answer[key])}' for key in texts)}.",
            "text-not-number",
            meaning="Quotes make it a text.",
            hint="Write the number without quotes, and without a comma for the thousands.",
        )
    wrong = [key for key, want in _COUNTS.items() if not agree(answer[key], want, 1e-9)]
    if not wrong:
        return
    seen = f"{so_many_right(len(_COUNTS) - len(wrong), len(_COUNTS))} Not yet: {', '.join(wrong)}."
    for mistake in _COUNT_MISTAKES:
        try:
            found = mistake.answer(answer)
        except TypeError:  # text where a number belongs
            continue
        if found:
            raise mistake.raised(seen)
    raise NotYet(seen, "some-wrong", hint="Inputs · units + units for each dense layer; then add up the layers.")
