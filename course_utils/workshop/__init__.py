"""For learners and instructors: the doctor."""

from .doctor import doctor
from .findings import Finding

__all__ = ["Finding", "doctor"]
