"""The rules every notebook of the course keeps (the command ``course lint``)."""

from .finding import Finding
from .fixing import fix_text
from .linting import RULES, lint_paths, lint_text, notebook_paths

__all__ = ["RULES", "Finding", "fix_text", "lint_paths", "lint_text", "notebook_paths"]
