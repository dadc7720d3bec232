"""What the live view says: the same state as HTML for a kernel and as text for a terminal."""

from dataclasses import dataclass
from html import escape

from ._progress import clock_text

_BAR = "height:8px;border-radius:4px;background:rgba(128,128,128,.25);overflow:hidden"
_FILL = "height:8px;background:#0173b2"
_GRID = "display:grid;grid-template-columns:max-content minmax(120px,420px) max-content;gap:4px 12px;align-items:center"


@dataclass(frozen=True)
class State:
    """A moment of a fit.

    Attributes
    ----------
    epoch, epochs : int
        The epoch being trained, from 1, and the number of the last one.
    batch : int
        Batches done in this epoch.
    steps : int or None
        Batches of an epoch.
    fraction : float
        Part of the whole training that is done, in [0, 1].
    elapsed : float
        Seconds since the fit began.
    left : float or None
        Estimate of the seconds left.
    doing : str
        ``"training"``, ``"validation"`` or ``"stopping"``.
    numbers : str
        Losses and metrics of the moment.
    best : str
        Best value so far, or "".
    """

    epoch: int
    epochs: int
    batch: int
    steps: int | None
    fraction: float
    elapsed: float
    left: float | None
    doing: str
    numbers: str
    best: str


def running_html(state):
    """Return the panel of a running fit: two progress bars, times, numbers, and how to stop."""
    batches = f"batch {state.batch:,} of {state.steps:,}" if state.steps else f"batch {state.batch:,}"
    doing = {"training": batches, "validation": "validating", "stopping": "stopping"}[state.doing]
    within = state.batch / state.steps if state.steps else 0.0
    rows = [
        (f"epoch {state.epoch} of {state.epochs}", within, doing),
        ("whole training", state.fraction, times_text(state)),
    ]
    cells = "".join(
        f"<span>{escape(label)}</span>{_bar(part, label)}<span>{escape(note)}</span>" for label, part, note in rows
    )
    hint = "Press ■ in the toolbar to end after this batch: weights and history are kept."
    if state.doing == "stopping":
        hint = "Stopping: the validation of this epoch still runs. Press ■ again to break off at once."
    numbers = f"this epoch: {state.numbers}" if state.numbers else "the first batch takes longer: the model is compiled"
    text = "<br>".join(escape(line).replace("  ", " · ") for line in (numbers, state.best))
    return (
        f'<div style="font-variant-numeric:tabular-nums"><div style="{_GRID}">{cells}</div>'
        f'<div style="margin:6px 0;min-height:2.8em">{text}</div><div style="opacity:.75">{hint}</div></div>'
    )


def finished_html(sentences):
    """Return the panel of a fit that has ended; the first sentence stands out."""
    first, *rest = [escape(sentence) for sentence in sentences]
    return f"<div><b>{first}</b>{''.join(f'<br>{sentence}' for sentence in rest)}</div>"


def running_text(state):
    """Return the same as one line of text."""
    return f"epoch {state.epoch} of {state.epochs}, {state.fraction:.0%} done, {times_text(state)}"


def times_text(state):
    """Return elapsed and remaining time in words."""
    left = "" if state.left is None else f", about {clock_text(state.left)} left"
    return f"{clock_text(state.elapsed)} elapsed{left}"


def numbers_text(logs):
    """Return logs as text, the loss first, the validation last; other values than numbers are left out.

    Examples
    --------
    >>> numbers_text({"accuracy": 0.9, "loss": 0.41234})
    'loss 0.4123  accuracy 0.9000'
    """
    numbers = {name: value for name, value in logs.items() if isinstance(value, int | float)}
    names = sorted(numbers, key=lambda name: (name.startswith("val_"), name.removeprefix("val_") != "loss"))
    return "  ".join(f"{name} {numbers[name]:{_form(numbers[name])}}" for name in names)


def _form(value):
    return ".4f" if 0.001 <= abs(value) < 10_000 or value == 0 else ".3g"


def _bar(part, label):
    percent = round(100 * part)
    return (
        f'<div role="progressbar" aria-label="{escape(label)}" aria-valuemin="0" aria-valuemax="100" '
        f'aria-valuenow="{percent}" style="{_BAR}"><div style="{_FILL};width:{percent}%"></div></div>'
    )
