"""``cu.record()``: keep a result and say how it compares with the course's."""

import math
import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import cache
from html import escape
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from .. import _display, session
from ..errors import CourseError, DiskError, InputError
from ..settings import get_settings
from . import recipes
from .cpu_time import spent_cpu_seconds
from .ledger import ledger_rows
from .records import Record, append_record
from .verdicts import judge

_PACKAGES = ("cnn-course", "keras", "numpy", "scikit-learn", "tensorflow")
_SIGNS = {"inside": "✓", "chance": "✓", "above": "▲", "below": "▼", "smoke": "·", "unpublished": "·"}


def record(name, report, *, history=None, minutes=None, model=None, split=None) -> None:
    """Keep a result in your own file of records and show how it compares with the course's range.

    A network that ``cu.load_checkpoint`` has filled is not recorded, also when it was trained on: its training was the
    course's, as a whole or to begin with.

    Parameters
    ----------
    name : str
        The recipe's name, for example ``"lenet"``.
    report : Report or float
        From `course_utils.evaluate`; or an accuracy in [0, 1].
    history : keras.callbacks.History or dict of str to list, optional
        What ``fit`` returned: tells how many epochs were trained. Or what ``cu.load_checkpoint`` returned.
    minutes : float, optional
        Minutes of training.
    model : keras.Model, optional
        Tells the number of parameters where the report does not.
    split : Split, optional
        What the accuracy was measured on, where `report` is a plain number.

    Raises
    ------
    InputError
        If the accuracy is no number in [0, 1].

    Examples
    --------
    >>> record("lenet", cu.evaluate(model, data.test), history=history)  # doctest: +SKIP
    lenet: yours 0.912, the course's 0.908–0.915 (3 seeds, laptop, fashion_mnist)
    """
    made = build_record(name, report, history=history, minutes=minutes, model=model, split=split)
    if getattr(history, "from_checkpoint", False) or _is_filled(model):
        line = f"{made.name}: {made.accuracy:.3f} with the course's weights; not recorded, for it was not your training"
        _display.show(f"<div>{escape(line)}.</div>", f"{line}.")
        return
    notes = []
    try:
        append_record(made)
    except DiskError as error:
        # The training is done and its result is shown: not being able to keep it must not stop the notebook.
        notes.append(f"not kept: {error}")
    try:
        rows = ledger_rows(made.name)
    except CourseError as error:
        rows = []
        notes.append(str(error))
    verdict = judge(made, rows)
    if os.environ.get("COURSE_RUN_REPORT"):
        where = {"machine": machine(), "speed": _speed(made)}
        session.report_event("record", **asdict(made), verdict=verdict.kind, line=verdict.text, **where)
    if os.environ.get("COURSE_SAVE_CHECKPOINTS"):
        from ..checkpoints.saving import save_if_asked

        draft = save_if_asked(made, report, history, model, machine())
        notes.append(f"no checkpoint: {draft.skipped}" if draft.skipped else "kept for a checkpoint")
    show_verdict(replace(verdict, notes=(*verdict.notes, *notes)))


def build_record(name, report, *, history=None, minutes=None, model=None, split=None) -> Record:
    """Collect everything worth keeping about a run; parameters as in `record`.

    Returns
    -------
    Record

    Raises
    ------
    InputError
        If the name is empty or the accuracy is no number in [0, 1].
    """
    if not isinstance(name, str) or not name.strip():
        raise InputError("A record needs a name.", found=repr(name), fix='Write cu.record("lenet", report).')
    course = session.current()
    settings = get_settings()
    budget = course.budget if course else session.resolve_budget(settings.budget)
    notebook = course.name if course else None
    epochs, planned = _epochs(history)
    return Record(
        name=name,
        accuracy=_accuracy(report),
        notebook=notebook,
        budget=budget,
        variant=_first("variant", report, split, getattr(report, "split", None)),
        split=_first("split_name", report) or _first("name", split),
        n=_number(int, _first("n", report, default=len(split) if split is not None else None)),
        interval=_interval(report),
        loss=_number(float, _first("loss", report)),
        seed=course.seed if course else settings.seed,
        epochs=epochs,
        planned_epochs=planned,
        parameters=_parameters(report, model),
        minutes=_number(float, minutes),
        cpu_seconds=spent_cpu_seconds(history, model),
        peak_memory_mb=peak_memory_mb(),
        versions=dict(versions()),
        time=datetime.now(UTC).isoformat(timespec="seconds"),
        recipe_hash=recipes.recipe_hash(name, budget, notebook=notebook),
        override=dict(settings.override),
    )


def _speed(made):
    """Return how fast this computer is, where a time was measured that is worth scaling."""
    from .speed import machine_speed

    return None if made.minutes is None or made.budget == "smoke" else machine_speed()


def _is_filled(model):
    loading = sys.modules.get("course_utils.checkpoints.loading")  # where it is not loaded nothing was filled
    return loading is not None and model is not None and loading.is_filled(model)


def show_verdict(verdict) -> None:
    """Show a `Verdict` as a line with its notes: a box in a kernel, text elsewhere."""
    sign = _SIGNS[verdict.kind]
    text = "\n".join([f"{sign} {verdict.text}", *(f"    {note}" for note in verdict.notes)])
    notes = "".join(f"<li>{escape(note)}</li>" for note in verdict.notes)
    html = (
        '<div style="border-left:3px solid #0173b2;padding:2px 10px;margin:4px 0">'
        f"{sign} {escape(verdict.text)}" + (f'<ul style="margin:2px 0">{notes}</ul>' if notes else "") + "</div>"
    )
    _display.show(html, text)


def peak_memory_mb() -> int | None:
    """Return the largest resident memory of this process so far, in MB (10**6 bytes)."""
    try:
        import resource
    except ImportError:  # Windows
        import psutil

        return round(psutil.Process().memory_info().peak_wset / 1e6)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6)


@cache
def versions() -> Mapping[str, str]:
    """Return the versions a result depends on: Python and the packages that are installed."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version("tensorflow-cpu" if name == "tensorflow" and not _installed(name) else name)
        except PackageNotFoundError:
            continue
    return found


def machine() -> str:
    """Return what this computer is, in a few words and without its name: cores, processor, memory, GPU."""
    import psutil

    memory = psutil.virtual_memory().total / 1e9
    parts = [f"{os.cpu_count()} cores", _processor(), f"{memory:.0f} GB", *session.gpu_names()]
    return ", ".join(part for part in parts if part)


def _processor():
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8")
        lines = [line for line in text.splitlines() if line.startswith("model name")]
        return lines[0].split(":", 1)[1].strip()
    except (OSError, IndexError):
        return platform.processor() or platform.machine()


def _installed(name):
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True


def _accuracy(report):
    value = getattr(report, "accuracy", report)
    try:
        accuracy = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        accuracy = math.nan
    if not 0 <= accuracy <= 1:  # also catches nan
        percent = 1 < accuracy <= 100
        raise InputError(
            "An accuracy is a number from 0 to 1, or a report of cu.evaluate().",
            expected="for example 0.912",
            found=repr(value),
            fix=f"Divide it by 100: {accuracy / 100:.4g}."
            if percent
            else "Pass report = cu.evaluate(model, data.test).",
        )
    return accuracy


def _interval(report):
    interval = _first("interval", report)
    if interval is None:
        return None
    low, high = (float(end) for end in interval)
    return (low, high) if low <= high else None


def _epochs(history):
    """Return the epochs trained and the epochs asked for; None where unknown."""
    if history is None:
        return None, None
    metrics = getattr(history, "history", history)
    values = metrics.values() if isinstance(metrics, Mapping) else ()
    lengths = [len(one) for one in values if hasattr(one, "__len__")]
    planned = getattr(history, "params", None) or {}
    return max(lengths, default=None), _number(int, planned.get("epochs"))


def _parameters(report, model):
    known = _first("model_parameters", report)
    if known is None and model is not None and hasattr(model, "count_params"):
        known = model.count_params()
    return _number(int, known)


def _first(attribute, *objects, default=None):
    for thing in objects:
        value = getattr(thing, attribute, None)
        if value is not None and not callable(value):
            return value
    return default


def _number(convert, value):
    """Return a plain number that JSON can hold, or None for missing and not finite ones."""
    return convert(value) if value is not None and math.isfinite(value) else None
