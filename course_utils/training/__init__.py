"""Helpers for ``model.fit``: a live view, a time limit, a learning-rate schedule, and training that can go on later.

All of them are plain Keras objects: callbacks for ``fit(callbacks=[...])`` and a schedule for the optimiser.
"""

from ..errors import require

require("keras")  # says the one command that installs it where it is missing

from .budget import TimeBudget
from .live import LiveTraining
from .resume import Resume
from .schedule import OneCycle

__all__ = ["LiveTraining", "OneCycle", "Resume", "TimeBudget"]
