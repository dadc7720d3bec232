"""Searching for good settings with Optuna: studies that can go on later, a live table, and pruning for Keras.

The objective stays plain Keras in the notebook; Optuna itself is imported at first use.
"""

from ..errors import require

require("optuna")  # says the one command that installs it where it is missing

from .running import run_study  # noqa: E402
from .studies import tuning_study  # noqa: E402

__all__ = ["run_study", "tuning_study"]
