"""Exercises: checks whose feedback names the misconception, break-it labs, quizzes, and what a learner has done."""

from .labs import break_it
from .quizzes import quiz
from .registry import check
from .standing import progress

__all__ = ["break_it", "check", "progress", "quiz"]
