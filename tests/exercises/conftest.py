"""Exercises made up for the tests, so that these do not depend on what the notebooks ask."""

import pytest

from course_utils.exercises import registry
from course_utils.exercises.feedback import NotYet
from course_utils.exercises.judging import require_attempt
from course_utils.exercises.registry import Exercise


def _twice(answer):
    require_attempt(answer)
    if answer != 42:
        raise NotYet(f"It is {answer}.", "off-by-some", meaning="Not 42.", hint="Think.", stronger="Think of 42.")


def _pair(model, data):
    if (model, data) != (1, 2):
        raise NotYet("No.", None, hint="Look.")


MADE_UP = (
    Exercise("answer", "00.1", "the answer", "00_start_here", _twice, "It is the answer."),
    Exercise("count", "01.1", "count them", "01_pixels_and_convolution", _twice, "Counting helps."),
    Exercise("pair", "01.2", "find a pair", "01_pixels_and_convolution", _pair, "Two are more."),
    Exercise("fault", "01b", "what is wrong here", "01_pixels_and_convolution", _twice, "Look first."),
)


@pytest.fixture
def made_up(monkeypatch):
    """Three exercises and a lab in place of the course's."""
    found = {item.name: item for item in MADE_UP}
    registry.exercises.cache_clear()
    harmless = "feedback"  # a module without exercises
    monkeypatch.setattr(registry, "MODULES", dict.fromkeys(("00_start_here", "01_pixels_and_convolution"), harmless))
    monkeypatch.setattr(registry, "_found", found)
    yield found
    registry.exercises.cache_clear()
