"""Notebook 02, reading learning curves: five patients (02.5), and the break-it lab."""

from collections.abc import Mapping
from types import SimpleNamespace

import numpy as np

from .comparing import kind_of, so_many_right
from .feedback import NotAttempted, NotYet
from .judging import Mistake, require_attempt
from .labs import first_letter, lab
from .registry import exercise

# --- 02.5 five patients ------------------------------------------------------------------------------------------

# Each name: its first word, by which an answer is recognised; what one would see if it were this one; what to look
# at again. What is seen instead is told in the numbers of the learner's own curves.
_NAMES = {
    "healthy": "healthy",
    "labels": "labels shuffled apart",
    "pixels": "pixels never scaled",
    "softmax": "softmax twice",
    "learning": "learning rate 10",
}
_WOULD = {
    "healthy": "A healthy network's validation accuracy climbs to about 0.8 or more within 8 epochs, and its training "
    "loss falls below 1",
    "labels": "With labels shuffled apart, training accuracy would creep upwards (nonsense learned by heart) while "
    "validation accuracy stays near 0.1",
    "pixels": "With pixels that were never scaled, the loss would be far above 2.303 before the first step",
    "softmax": "With softmax twice, the network would learn to answer well, and yet its loss would stay above 1.46",
    "learning": "With a learning rate of 10, the validation loss would start near 2.303 like everybody's; then the "
    "first steps would destroy the network, and the training loss of the first epoch would be enormous",
}
_LOOK = {
    "healthy": "Compare the training losses: whose falls lowest?",
    "labels": "Who learns its training pictures a little, and nothing about others?",
    "pixels": "Look at epoch 0 of the validation loss: a learning rate can do no harm before the first step.",
    "softmax": "Two patients learn to answer well. Compare how low their losses get.",
    "learning": "Two patients end flat. Look at what their validation loss was before the first step.",
}


def _shown(name, run):
    """What the curves of a patient show where one would look for `name`."""
    loss, accuracy = run["loss"], run["accuracy"]
    before, checked = run["val_loss"][0], run["val_accuracy"]
    shown = {
        "healthy": f"validation accuracy ends at {checked[-1]:.2f}, the training loss at {_number(loss[-1])}",
        "labels": f"training accuracy goes from {accuracy[0]:.2f} to {accuracy[-1]:.2f}, validation accuracy ends "
        f"at {checked[-1]:.2f}",
        "pixels": f"the validation loss is {_number(before)} before the first step",
        "softmax": f"validation accuracy ends at {checked[-1]:.2f}, the training loss at {_number(loss[-1])}",
        "learning": f"the validation loss is {_number(before)} before the first step, and the training loss of the "
        f"first epoch is {_number(loss[0])}",
    }
    return shown[name]


def _number(loss):
    return f"{loss:.2f}" if loss < 100 else f"{loss:,.0f}"


def _word(text):
    """Return the first word of a patient's name, or None if it is none."""
    word = text.split()[0].strip(",.").casefold() if isinstance(text, str) and text.strip() else None
    return word if word in _NAMES else None


@exercise(
    "02.5",
    "patients",
    "who is who?",
    why="You can now tell four everyday faults from a picture of two curves, before you read a line of code.",
)
def _patients_check(answer, letters=None, curves=None):
    require_attempt(answer)
    if letters is None or curves is None:
        raise NotYet(
            "The check needs the patients, too.",
            "wrong-type",
            hint="Call it as the check cell does: with `diagnosis`, `letters` and `curves`.",
        )
    if not isinstance(answer, Mapping) or answer.keys() != letters.keys():
        raise NotYet(
            f"Expected a dictionary with the keys {', '.join(letters)}, received {kind_of(answer)}.",
            "wrong-type",
            hint="Keep the exercise cell as it is, and put a name in quotes in place of each `...`.",
        )
    said = {letter: _word(text) for letter, text in answer.items()}
    unknown = [letter for letter, word in said.items() if word is None]
    if unknown:
        raise NotYet(
            f"Not one of the five names: {', '.join(unknown)}.",
            "other-word",
            hint=f"The names are {', '.join(_NAMES.values())}.",
        )
    _judge_patients(said, {letter: _word(name) for letter, name in letters.items()}, letters, curves)


def _judge_patients(said, truth, letters, curves):
    wrong = [letter for letter in truth if said[letter] != truth[letter]]
    if not wrong:
        return
    # The most instructive first: somebody who is called healthy, then the pair that ends flat.
    first = min(wrong, key=lambda letter: ["healthy", "learning", "pixels", "labels", "softmax"].index(said[letter]))
    name = said[first]
    twice = len(set(said.values())) < len(said)
    raise NotYet(
        f"{so_many_right(len(truth) - len(wrong), len(truth))}{' One name is given twice.' if twice else ''}",
        f"{truth[first]}-taken-for-{name}",
        meaning=f"You call {first} '{_NAMES[name]}'. {_WOULD[name]}. Of {first}: "
        f"{_shown(name, curves[letters[first]])}.",
        hint=_LOOK[name],
        stronger=_closer(truth[first], first, curves[letters[first]]),
    )


def _closer(true, letter, run):
    return f"What is special about {letter}: {_shown(true, run)}. Which of the five does that?"


# --- the break-it lab --------------------------------------------------------------------------------------------


@lab("02")
def _colleague(split, n=2_000, seed=2):
    """Pictures and labels of `split` in one new order, and then the labels one place further: label k fits picture k-1.

    Parameters
    ----------
    split : Split
    n : int
        At most this many pictures.
    seed : int

    Returns
    -------
    SimpleNamespace
        With `images` (n, height, width, channels) and `labels` (n,).
    """
    some = split.subset(n, seed=seed)
    order = np.random.default_rng(seed).permutation(len(some))
    return SimpleNamespace(images=some.images[order], labels=np.roll(some.labels[order], 1))


_SUSPECTS = {
    "a": Mistake(
        "not-the-pixels",
        "pixels",
        "If the pixels had never been scaled, the loss would begin far above 2.303, and the first epoch would be "
        "enormous. Here it begins close to 2.3 and stays near it. (And the network has a `Rescaling` layer, which gets "
        "0 to 255 as it should.)",
        "What is calm, and yet learns nothing that holds for new pictures?",
    ),
    "b": Mistake(
        "not-the-rate",
        "rate",
        "A learning rate that is far too high shows in the first epoch: the loss explodes, then all is flat, because "
        "the units are dead. Here nothing explodes, and the training loss even falls a little.",
        "The training loss falls, the validation loss does not. What could be learned by heart, but holds for no other "
        "picture?",
    ),
    "c": Mistake(
        "not-the-softmax",
        "softmax",
        "A network with two softmax layers learns to answer well; only its loss stops falling near 1.46. Here "
        "the answers are no better than guessing. (And `small_network`, as the notebook builds it, has a single one.)",
        "Leave the network, and look at what it was given.",
    ),
    "d": Mistake(
        "not-one-class",
        "same",
        "If nearly all labels were the same digit, the network would soon answer that digit and be right most of the "
        "time: high accuracy, low loss. And the bars show about equally many of each digit.",
        "The labels are of the right kinds and in the right numbers. Are they in the right places?",
    ),
    "e": Mistake(
        "not-at-random",
        "order",
        "You are close: pictures and labels do not belong together, and the curves look just like this. But with a new "
        "order, nothing would be left to find. Look at the pictures in their order, and at the titles from left to "
        "right: there is a rule.",
        "Say the digits aloud that you see; then the titles. What is the second list compared with the first?",
        "Look at a picture and at the title of the picture after it.",
    ),
}
_LAST = "Look at the twelve pictures in their order, with the title over each."


def _suspect(answer):
    """Return the letter a learner's answer means."""
    if not isinstance(answer, str):
        raise NotYet(f"Expected a letter in quotes, received {kind_of(answer)}.", "wrong-type", hint='Like "a".')
    said = answer.casefold()
    known = {"slip": "f", "shift": "f", "place": "f", "neighbour": "f", "one-off": "f", "off by one": "f"} | {
        mistake.answer: letter for letter, mistake in _SUSPECTS.items()
    }
    letter = first_letter(answer, [*_SUSPECTS, "f"])
    if letter in [*_SUSPECTS, "f"]:
        return letter
    found = {letter for word, letter in known.items() if word in said}
    if len(found) != 1:
        raise NotYet(f"'{answer}' is not one of the suspects.", "other-word", hint="Answer with a letter from a to f.")
    return found.pop()


@exercise(
    "02b",
    "colleague",
    "a colleague's training",
    why="Every label had slipped by one place (one line too many at the top of a list is enough). Nothing raises an "
    "error: there are as many labels as pictures, each digit is as common as ever. But a label says nothing about its "
    "picture any more, so the best that can be learned is to know nothing: a loss of ln 10 = 2.303, an accuracy of "
    "0.1. Twelve pictures with their labels, before every training: that is the cure.",
)
def _colleague_check(fault):
    if fault is Ellipsis:
        raise NotAttempted
    letter = _suspect(fault)
    if letter == "f":
        return
    suspect = _SUSPECTS[letter]
    raise NotYet(
        f"Suspect ({letter}) is not it.",
        suspect.name,
        meaning=suspect.meaning,
        hint=suspect.hint,
        stronger=suspect.stronger or _LAST,
    )
