"""Quizzes: a few questions per notebook, with feedback on every option, in HTML alone.

The questions are shown with radio buttons, and CSS unfolds the feedback of the option that is chosen.
There is no JavaScript: it works in every front end that shows HTML, in exported pages, offline and by
keyboard. Front ends that remove styles and form elements (GitHub's preview) show the plain-text version.
"""

import itertools
import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from .. import _display
from ..errors import UnknownNameError
from .feedback import marked


@dataclass(frozen=True)
class Option:
    """One possible answer.

    Attributes
    ----------
    text : str
    right : bool
    feedback : str
        Why it is right, or which misconception it stands for.
    """

    text: str
    right: bool
    feedback: str


@dataclass(frozen=True)
class Question:
    """One question; exactly one option is right."""

    text: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Quiz:
    """The questions of one notebook.

    Attributes
    ----------
    number : str
        ``"00"`` … ``"05"``.
    questions : tuple of Question
    """

    number: str
    questions: tuple[Question, ...]

    def text(self) -> str:
        """Return the questions as plain text, with the answers at the end."""
        lines, answers = [], []
        for number, question in enumerate(self.questions, 1):
            lines.append(f"{number}. {question.text}")
            for letter, option in zip("abcdef", question.options, strict=False):
                lines.append(f"   {letter}) {option.text}")
                if option.right:
                    answers.append(f"{number}{letter}: {option.feedback}")
        return "\n".join([*lines, "", "Answers", *answers])

    def _repr_html_(self):
        # Shown twice on one page, a quiz must not share names: choosing in one would clear the other.
        shown = f"quiz-{self.number}-{next(_showings)}"
        return _STYLE + "".join(
            self._question(number, question, f"{shown}-{number}") for number, question in enumerate(self.questions, 1)
        )

    def _question(self, number, question, group):
        parts = []
        for place, option in enumerate(question.options, 1):
            name, sign = f"{group}-{place}", "✓ Right." if option.right else "✗ Not this one."
            parts.append(
                # aria-live: read aloud once it unfolds; a description would be read before one has chosen.
                f'<div class="cu-option"><input type="radio" name="{group}" id="{name}">'
                f'<label for="{name}"> {marked(option.text)}</label><div class="cu-told" aria-live="polite">'
                f'<div class="cu-said cu-{"right" if option.right else "wrong"}">'
                f"<b>{sign}</b> {marked(option.feedback)}</div></div></div>"
            )
        legend = f"<legend><b>{number}.</b> {marked(question.text)}</legend>"
        return f'<fieldset class="cu-quiz">{legend}{"".join(parts)}</fieldset>'


_STYLE = """<style>
.cu-quiz {border: 1px solid #9a9a9a; border-radius: 4px; margin: 8px 0; padding: 4px 12px 8px; max-width: 48em}
.cu-quiz legend {float: left; width: 100%; padding: 4px 0; font-size: inherit; border: 0; margin: 0}
.cu-quiz .cu-option {margin: 3px 0; clear: both}
.cu-quiz .cu-said {display: none; border-left: 4px solid #d55e00; margin: 2px 0 4px 22px; padding: 1px 10px}
.cu-quiz .cu-right {border-color: #029e73}
.cu-quiz input:checked ~ .cu-told .cu-said {display: block}
</style>"""

_showings = itertools.count(1)


def quiz(number) -> None:
    """Show the quiz of a notebook; choosing an option shows what it says about it.

    Parameters
    ----------
    number : str
        The notebook's number, for example ``"01"``.

    Raises
    ------
    UnknownNameError
        If there is no such quiz.
    """
    found = load_quiz(number)
    _display.show(found._repr_html_(), found.text())


@cache
def load_quiz(number) -> Quiz:
    """Return the quiz of a notebook.

    Raises
    ------
    UnknownNameError
        If there is no such quiz.
    """
    folder = files(__package__).joinpath("quiz_texts")
    known = sorted(path.name.removesuffix(".json") for path in folder.iterdir() if path.name.endswith(".json"))
    if number not in known:
        raise UnknownNameError("quiz", number, known, fix='Write for example cu.quiz("01").')
    questions = json.loads(folder.joinpath(f"{number}.json").read_text("utf-8"))
    return Quiz(
        number,
        tuple(
            Question(
                entry["question"],
                tuple(Option(o["text"], o.get("right", False), o["feedback"]) for o in entry["options"]),
            )
            for entry in questions
        ),
    )
