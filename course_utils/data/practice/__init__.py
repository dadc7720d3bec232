"""Emoji-10: the practice set, drawings of ten classes before random backgrounds, painted when asked for.

It stands in for CIFAR-10, Imagenette and their relatives where nobody can download: the same kind of task,
not the same images. Nothing measured on it is a result on those.
"""

from .card import CARD
from .files import folder
from .memory import PracticeArrays, arrays

__all__ = ["CARD", "PracticeArrays", "arrays", "folder"]
