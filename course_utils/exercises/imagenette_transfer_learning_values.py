"""Checks of notebook 05 whose answers are words: five calls for help in numbers, and what each switch lets move."""

import re
from collections.abc import Mapping

from .comparing import kind_of, so_many_right
from .feedback import NotYet
from .judging import Mistake, require_attempt
from .registry import exercise

# --- 05.1 five calls for help ------------------------------------------------------------------------------------

# Each cause: its name in the notebook, and what it may be called (without spaces and hyphens); what one would see if it
# were this one; what to look at again.
_CAUSES = {
    "order": "class by class",
    "averages": "averages",
    "scaling": "scaling",
    "over-fitting": "over-fitting",
    "nothing": "nothing",
}
_CALLED = {
    "order": ("class", "shuffl", "order"),
    "averages": ("averag", "lag"),
    "scaling": ("scal",),
    "over-fitting": ("overfit",),
    "nothing": ("nothing", "healthy"),
}
_WOULD = {
    "order": "A network that gets its pictures class by class is always one class behind: in training it is right "
    "less often than one time in ten, and its training loss stays above 2.303",
    "averages": "With averages that lag, training goes well, while everything that is asked in prediction mode stays "
    "near chance from the first epoch on: new pictures, and the training pictures themselves as well",
    "scaling": "Pixels up to 255, with nothing to take the factor out, give a loss far above 2.303 before the first "
    "step, when no training can have gone wrong yet",
    "over-fitting": "Over-fitting means that the training pictures are known by heart, also in prediction mode, while "
    "new ones stay far behind",
    "nothing": "If nothing is wrong, validation rises along with training, and the training pictures, asked in "
    "prediction mode, come out about as well or a little better",
}
_LOOK = {
    "order": "Which of the five is right less often than a blind guesser *in training*?",
    "averages": "Two of them end far apart in training and validation. Compare the last column.",
    "scaling": "Look at the loss before the first step.",
    "over-fitting": "Who knows its own training pictures well, also in prediction mode?",
    "nothing": "In whose row do training and validation rise together, and does the last column agree with both?",
}
_TRUE = {"A": "over-fitting", "B": "averages", "C": "nothing", "D": "order", "E": "scaling"}
# Measured on Imagenette, 64×64 pixels, seed 0: loss before the first step; training loss of the last epoch; accuracy in
# training, and on validation images, of the first and the last epoch; accuracy on training images in prediction mode.
_MEASURED = {
    "A": (2.30, 0.37, (0.16, 0.93), (0.11, 0.34), 0.91),
    "B": (2.31, 0.87, (0.20, 0.72), (0.11, 0.12), 0.14),
    "C": (2.30, 1.77, (0.19, 0.39), (0.27, 0.37), 0.44),
    "D": (2.30, 2.42, (0.09, 0.06), (0.17, 0.14), 0.15),
    "E": (26.24, 2.30, (0.09, 0.11), (0.10, 0.10), 0.11),
}


def _shown(cause, letter):
    """What the numbers of a call for help show where one would look for `cause`."""
    before, loss, training, validation, own = _MEASURED[letter]
    return {
        "order": f"training accuracy goes from {training[0]:.2f} to {training[1]:.2f}, the last training loss is "
        f"{loss:.2f}",
        "averages": f"training accuracy ends at {training[1]:.2f}, validation accuracy goes from {validation[0]:.2f} "
        f"to {validation[1]:.2f}, and training pictures in prediction mode give {own:.2f}",
        "scaling": f"the loss before the first step is {before:.2f}",
        "over-fitting": f"training pictures in prediction mode give {own:.2f}, validation pictures {validation[1]:.2f}",
        "nothing": f"validation accuracy goes from {validation[0]:.2f} to {validation[1]:.2f}, training accuracy from "
        f"{training[0]:.2f} to {training[1]:.2f}, and training pictures in prediction mode give {own:.2f}",
    }[cause]


def _cause(text):
    """Return the cause a learner's words mean, or None."""
    said = re.sub(r"[\W_]", "", text.casefold()) if isinstance(text, str) else ""
    found = [cause for cause, words in _CALLED.items() if any(word in said for word in words)]
    return found[0] if len(found) == 1 else None


@exercise(
    "05.1",
    "calls_for_help",
    "five calls for help",
    why="Four columns of numbers were enough, before anybody opened the program. The last column, training pictures "
    "in prediction mode, costs one line and tells lagging averages from over-fitting.",
)
def _calls_check(answer):
    said = _words(answer, _TRUE, _cause, list(_CAUSES.values()))
    wrong = [letter for letter, cause in _TRUE.items() if said[letter] != cause]
    if not wrong:
        return
    # The most instructive first: who is called well, then the pair that training and validation alone do not part.
    order = ["nothing", "over-fitting", "averages", "scaling", "order"]
    first = min(wrong, key=lambda letter: order.index(said[letter]))
    cause = said[first]
    twice = " One cause is named more than once." if len(set(said.values())) < len(said) else ""
    raise NotYet(
        f"{so_many_right(len(_TRUE) - len(wrong), len(_TRUE))}{twice}",
        f"{_TRUE[first]}-taken-for-{cause}",
        meaning=f"You say of {first}: '{_CAUSES[cause]}'. {_WOULD[cause]}. Of {first}: {_shown(cause, first)}.",
        hint=_LOOK[cause],
        stronger=f"What is special about {first}: {_shown(_TRUE[first], first)}. Which of the five does that?",
    )


def _words(answer, right, understand, names):
    """Return the answer with each text understood, or say what is missing."""
    require_attempt(answer)
    if not isinstance(answer, Mapping) or answer.keys() != right.keys():
        raise NotYet(
            f"Expected a dictionary with the keys {', '.join(right)}, received {kind_of(answer)}.",
            "wrong-type",
            hint="Keep the exercise cell as it is, and put words in quotes in place of each `...`.",
        )
    said = {key: understand(answer[key]) for key in right}
    unknown = [key for key, word in said.items() if word is None]
    if unknown:
        raise NotYet(f"Not understood: {', '.join(unknown)}.", "other-word", hint=f"The words are: {', '.join(names)}.")
    return said


# --- 05.3 what moves ---------------------------------------------------------------------------------------------

_WHAT_MOVES = {"a": "both", "b": "averages", "c": "weights", "d": "nothing", "e": "averages", "f": "nothing"}


def _says(letter, *words):
    return lambda answer: answer[letter] in words


_MOVING_MISTAKES = (
    Mistake(
        "names-exchanged",
        lambda said: said["b"] == said["e"] == "weights" and said["c"] == "averages",
        "Weights and averages are exchanged. The weights of a batch normalisation are its scale and its offset: the "
        "optimiser trains them. The averages are collected from the mini-batches that pass.",
        "Which of the two is there for an optimiser, which for prediction?",
        "Learning rate 0 stops weights; it cannot stop what is only collected.",
    ),
    Mistake(
        "averages-forgotten",
        _says("a", "weights"),
        "(a) is ordinary training. The optimiser moves scale and offset; and in training mode every mini-batch moves "
        "the averages, too.",
        "Where else should the averages come from that prediction uses?",
        "Look at the first row of the experiment above: `moving mean`.",
    ),
    Mistake(
        "weights-forgotten",
        _says("a", "averages", "nothing"),
        "(a) is ordinary training, and batch normalisation has two weights per feature map that the optimiser trains: "
        "scale and offset.",
        "The first row of the experiment above says `to train 2`.",
        "Nothing is frozen in (a).",
    ),
    Mistake(
        "rate-stops-everything",
        _says("b", "nothing"),
        "Learning rate 0 stops the optimiser, and nothing else. No optimiser moves the averages: they follow whatever "
        "passes in training mode.",
        "`show_in_training_mode` had no optimiser at all. What did it move?",
        "`fit` calls the network with `training=True`, whatever the learning rate.",
    ),
    Mistake(
        "rate-zero-trains",
        _says("b", "both", "weights"),
        "With learning rate 0 every step of the optimiser has length 0: scale and offset stay where they are.",
        "A step is learning rate times gradient.",
        "What moves without the optimiser?",
    ),
    Mistake(
        "step-means-training",
        _says("c", "both"),
        "In (c) there is a step, and it moves scale and offset. But the answers were computed with `training=False`: "
        "the averages were used, not collected.",
        "Second row of the experiment above: what happens to the moving mean with `training=False`?",
        "The averages follow the argument of the call, not the optimiser.",
    ),
    Mistake(
        "argument-freezes",
        _says("c", "nothing"),
        "`training=False` says which mean and spread are used. It freezes nothing: scale and offset still get "
        "gradients, and the optimiser moves them.",
        "Second row of the experiment above: how many are there `to train`?",
        "Freezing is the other switch, `trainable`.",
    ),
    Mistake(
        "switches-exchanged",
        _says("c", "averages"),
        "The two switches are exchanged: `training=False` keeps the averages where they are and leaves scale and "
        "offset to the optimiser.",
        "Second row of the experiment above: what moves, and how many are `to train`?",
        "`training` is about averages, `trainable` is about weights (and in Keras about averages, too).",
    ),
    Mistake(
        "training-wins",
        _says("d", "averages", "both"),
        "So it was in Keras before TensorFlow 2, and so it is in PyTorch. In today's Keras `trainable=False` wins over "
        "`training=True`: a frozen batch normalisation behaves as in prediction.",
        "That is the third row of the experiment above, the surprise.",
        "What did the moving mean do in that row?",
    ),
    Mistake(
        "no-step-no-change",
        _says("e", "nothing"),
        "No optimiser is at work in (e), so no weight moves. But that is how the network with lagging averages was "
        "repaired: by calls in training mode.",
        "What did `show_in_training_mode` do?",
        "The averages are collected in every call with `training=True`.",
    ),
    Mistake(
        "evaluation-collects",
        _says("f", "averages", "both"),
        "If `evaluate` moved the averages, looking at the test pictures would change the network. It calls with "
        "`training=False`: the averages are used, not moved.",
        "Second row of the experiment above.",
        "Evaluating twice must give the same result twice.",
    ),
    Mistake(
        "weights-without-optimiser",
        lambda said: any(said[letter] in ("weights", "both") for letter in "def"),
        "Scale and offset are weights: only an optimiser moves them, and in (d), (e) and (f) there is none.",
        "In which lines does an optimiser make a step?",
        "Without a step, 'weights' and 'both' are out of the question.",
    ),
)


def _moving_word(text):
    said = text.strip(" .\"'").casefold() if isinstance(text, str) else None
    return said if said in ("both", "weights", "averages", "nothing") else None


@exercise(
    "05.3",
    "what_moves",
    "two switches",
    why="One switch belongs to the optimiser, one to the call, and a batch normalisation listens to both. Who can fill "
    "in this table finds in a minute why a 'frozen' network drifts, or why a fine-tuned one will not learn.",
)
def _what_moves_check(answer):
    said = _words(answer, _WHAT_MOVES, _moving_word, ["both", "weights", "averages", "nothing"])
    wrong = [letter for letter, right in _WHAT_MOVES.items() if said[letter] != right]
    if not wrong:
        return
    seen = f"{so_many_right(len(said) - len(wrong), len(said))} Not yet: {', '.join(wrong)}."
    for mistake in _MOVING_MISTAKES:
        if mistake.answer(said):
            raise mistake.raised(seen)
    raise NotYet(seen, "some-wrong", hint="Is there an optimiser? Is the layer in training mode? Is it frozen?")
