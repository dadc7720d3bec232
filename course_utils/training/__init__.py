"""Helpers for ``model.fit``: a live view, a time limit, a learning-rate schedule, and training that can go on later.

All of them are plain Keras objects: callbacks for ``fit(callbacks=[...])`` and a schedule for the optimiser.
"""

from ..errors import require

require("keras")  # says the one command that installs it where it is missing

from .budget import TimeBudget  # noqa: E402
from .live import LiveTraining  # noqa: E402
from .resume import Resume  # noqa: E402
from .schedule import OneCycle  # noqa: E402
from .trained import is_trained  # noqa: E402

__all__ = ["LiveTraining", "OneCycle", "Resume", "TimeBudget", "is_trained"]
