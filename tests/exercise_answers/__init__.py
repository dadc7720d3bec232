"""Answers to the exercises: right ones in several ways, and wrong ones with the misconception each stands for.

One module per notebook (`nb01`, …) with two dictionaries: ``RIGHT[name]`` is a list of answers that must pass,
``WRONG[name]`` a list of `Wrong`. An answer that needs several arguments is a `Given`.
"""

import importlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class Given:
    """The arguments of a check that takes more than one."""

    def __init__(self, *answer, **others):
        self.answer = answer
        self.others = others


@dataclass(frozen=True)
class Wrong:
    """A plausible wrong answer."""

    misconception: str
    answer: Any = field(repr=False)


def modules():
    return [
        importlib.import_module(f"exercise_answers.{path.stem}")
        for path in sorted(Path(__file__).parent.glob("nb*.py"))
    ]


def all_right():
    return [(name, answer) for module in modules() for name, answers in module.RIGHT.items() for answer in answers]


def all_wrong():
    return [(name, wrong) for module in modules() for name, answers in module.WRONG.items() for wrong in answers]


def examine(item, answer):
    """Judge an answer; a function without arguments called `make_…` is called first (for models: built when needed)."""
    if getattr(answer, "__name__", "").startswith("make_"):
        answer = answer()
    given = answer if isinstance(answer, Given) else Given(answer)
    return item.examine(*given.answer, **given.others)
