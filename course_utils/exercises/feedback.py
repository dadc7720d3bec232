"""What a check says: not attempted, not yet, or passed."""

from dataclasses import dataclass
from html import escape

from .. import _display

NOT_ATTEMPTED, NOT_YET, PASSED = "not attempted", "not yet", "passed"
_SIGNS = {NOT_ATTEMPTED: "○", NOT_YET: "✗", PASSED: "✓"}
_TITLES = {NOT_ATTEMPTED: "Not attempted yet.", NOT_YET: "Not yet.", PASSED: "Passed."}
_COLOURS = {NOT_ATTEMPTED: "#949494", NOT_YET: "#d55e00", PASSED: "#029e73"}  # seaborn's "colorblind"
_PRINTED_LINES = 6


@dataclass(frozen=True)
class Feedback:
    """The verdict on one answer.

    Attributes
    ----------
    verdict : str
        ``"not attempted"``, ``"not yet"`` or ``"passed"``.
    exercise : str
        The name of the check, for example ``"conv2d"``.
    title : str
        Number and title, for example ``"Exercise 01.2: conv2d"``.
    seen : str
        What was found in the answer.
    misconception : str or None
        Short name of the misunderstanding the answer suggests, for example ``"kernel-flipped"``;
        None where none could be told.
    meaning : str
        The misunderstanding in words.
    hint, stronger : str
        What to try next; `stronger` is shown from the second failed try on.
    why : str
        For a passed exercise: why it matters.
    printed : str
        What the answer printed while it was checked.
    tries : int
        Failed tries so far, this one included.
    """

    verdict: str
    exercise: str = ""
    title: str = ""
    seen: str = ""
    misconception: str | None = None
    meaning: str = ""
    hint: str = ""
    stronger: str = ""
    why: str = ""
    printed: str = ""
    tries: int = 0

    @property
    def passed(self) -> bool:
        """Whether the answer is right."""
        return self.verdict == PASSED

    @property
    def hints(self) -> tuple[str, ...]:
        """The hints to show: from the second failed try on, also the stronger one."""
        shown = (self.hint, self.stronger) if self.tries >= 2 else (self.hint,)
        return tuple(hint for hint in shown if hint)

    def text(self) -> str:
        """Return the feedback as plain text."""
        head = f"{_SIGNS[self.verdict]} {self.title + ' — ' if self.title else ''}{_TITLES[self.verdict]}"
        first = " ".join(part for part in (head, self.seen, self.meaning, self.why) if part)
        lines = [first, *(f"  Hint: {hint}" for hint in self.hints)]
        if self.printed:
            lines += ["  Your code printed:", *(f"    {line}" for line in self._printed_lines())]
        return "\n".join(lines)

    def _repr_html_(self):
        title = f'<span style="opacity:.8">{escape(self.title)}</span> ' if self.title else ""
        said = "".join(
            f"<p style='margin:2px 0'>{marked(part)}</p>" for part in (self.seen, self.meaning, self.why) if part
        )
        hints = "".join(f"<p style='margin:2px 0'><b>Hint:</b> {marked(hint)}</p>" for hint in self.hints)
        printed = ""
        if self.printed:
            lines = escape("\n".join(self._printed_lines()))
            printed = f"<p style='margin:2px 0'>Your code printed:</p><pre>{lines}</pre>"
        return (
            f'<div role="status" style="border-left:4px solid {_COLOURS[self.verdict]};padding:4px 12px;margin:4px 0">'
            f"{title}<b>{_SIGNS[self.verdict]} {_TITLES[self.verdict]}</b>{said}{hints}{printed}</div>"
        )

    def show(self) -> None:
        """Show it: as a box in a notebook, as text elsewhere."""
        _display.show(self._repr_html_(), self.text())

    def _printed_lines(self):
        lines = self.printed.rstrip("\n").splitlines()
        more = len(lines) - _PRINTED_LINES
        return lines if more <= 0 else [*lines[:_PRINTED_LINES], f"… and {more} more lines"]


class NotYet(Exception):
    """Raised inside a check: the answer is not right yet; carries what `Feedback` needs to say so.

    Parameters
    ----------
    seen : str
        What was found, in whole sentences.
    misconception : str, optional
        Short name, for example ``"kernel-flipped"``.
    meaning : str, optional
        The misconception in words: what the answer computes, and why that is not what was asked for.
    hint, stronger : str, optional
        For the first failed try, and for the later ones.
    """

    def __init__(self, seen, misconception=None, *, meaning="", hint="", stronger=""):
        super().__init__(seen)
        self.seen = seen
        self.misconception = misconception
        self.meaning = meaning
        self.hint = hint
        self.stronger = stronger


class NotAttempted(Exception):
    """Raised inside a check: there is nothing to judge yet."""


def marked(text):
    """Return text as HTML: escaped, and what stands between backticks as code."""
    pieces = text.split("`")
    if len(pieces) % 2 == 0:  # an odd backtick: leave all of them as they are
        return escape(text)
    return "".join(f"<code>{escape(piece)}</code>" if at % 2 else escape(piece) for at, piece in enumerate(pieces))
