"""Your runs, kept as one JSON line each in ``records.jsonl`` in the results folder."""

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from ..jsonlines import append_line, read_lines
from ..settings import get_settings


@dataclass(frozen=True)
class Record:
    """One run of one model.

    Attributes
    ----------
    name : str
        The recipe, as given to `course_utils.record`.
    accuracy : float
        In [0, 1].
    notebook, budget, variant, split : str or None
        Where it was measured: notebook stem, budget, data variant (``"fashion_mnist/sample"`` is
        not ``"fashion_mnist"``) and split.
    n : int or None
        Images it was measured on.
    interval : tuple of two floats or None
        95 % confidence interval of the accuracy, in [0, 1].
    loss : float or None
        Cross-entropy.
    seed, epochs, planned_epochs, parameters : int or None
        Seed of the run, epochs trained and asked for, trainable and fixed weights of the model.
    minutes : float or None
        Minutes of training.
    cpu_seconds : float or None
        CPU seconds of training, user and system, where `course_utils.LiveTraining` watched it.
    peak_memory_mb : int or None
        Largest resident memory of this process so far, in MB (10**6 bytes).
    versions : dict of str to str
        Python and the packages the result depends on.
    time : str
        UTC, ISO 8601.
    recipe_hash : str or None
        Hash of the notebook's recipe cells (see `course_utils.results.recipes`), where known.
    override : dict of str to int
        Rows of the notebook's budget table that were changed by ``COURSE_OVERRIDE``.
    """

    name: str
    accuracy: float
    notebook: str | None = None
    budget: str | None = None
    variant: str | None = None
    split: str | None = None
    n: int | None = None
    interval: tuple[float, float] | None = None
    loss: float | None = None
    seed: int | None = None
    epochs: int | None = None
    planned_epochs: int | None = None
    parameters: int | None = None
    minutes: float | None = None
    cpu_seconds: float | None = None
    peak_memory_mb: int | None = None
    versions: dict = field(default_factory=dict)
    time: str = ""
    recipe_hash: str | None = None
    override: dict = field(default_factory=dict)


@dataclass(frozen=True)
class RecordFile:
    """What was read from a file of records.

    Attributes
    ----------
    records : tuple of Record
        Oldest first.
    damaged : int
        Lines that could not be read; they stay in the file.
    path : Path
    """

    records: tuple[Record, ...]
    damaged: int
    path: Path


_FIELDS = {item.name for item in fields(Record)}


def records_path() -> Path:
    """Return where records are kept: ``records.jsonl`` in ``COURSE_RESULTS_DIR``."""
    return get_settings().results_dir / "records.jsonl"


def append_record(record, path=None) -> Path:
    """Add one line to the file of records; safe against crashes and several kernels at once.

    The line is written by one call at the end of the file, under a lock, and flushed to disk. If
    a crash left half a line behind, the new line starts on a line of its own.

    Parameters
    ----------
    record : Record
    path : path-like, optional
        Default: `records_path`.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    DiskError
        If the disk is full or the folder cannot be written; the file is as it was.
    """
    return append_line(path or records_path(), asdict(record), variable="COURSE_RESULTS_DIR")


def read_records(path=None) -> RecordFile:
    """Read the file of records; damaged lines are skipped and counted, never deleted.

    Parameters
    ----------
    path : path-like, optional
        Default: `records_path`. A missing file has no records.

    Returns
    -------
    RecordFile

    Raises
    ------
    DiskError
        If the file is there and cannot be read.
    """
    path = Path(path) if path else records_path()
    found = [parse_record(line) for line in read_lines(path, variable="COURSE_RESULTS_DIR")]
    records = tuple(record for record in found if record is not None)
    return RecordFile(records, len(found) - len(records), path)


def parse_record(line):
    """Return the `Record` in one JSON line (or its parsed mapping), or None if it holds none.

    Parameters
    ----------
    line : bytes, str or dict
        Fields that this version does not know are ignored.

    Returns
    -------
    Record or None
    """
    try:
        values = line if isinstance(line, dict) else json.loads(line)
        values = {name: value for name, value in values.items() if name in _FIELDS}
        if values.get("interval") is not None:
            low, high = values["interval"]
            values["interval"] = (float(low), float(high))
        record = Record(**values)
    except (ValueError, TypeError, AttributeError):
        return None
    return record if _is_sound(record) else None


def _is_sound(record):
    """Say whether every field is of its kind: a file that was edited by hand may hold anything."""
    texts = (record.notebook, record.budget, record.variant, record.split, record.recipe_hash)
    numbers = (record.n, record.loss, record.seed, record.epochs, record.planned_epochs)
    numbers += (record.parameters, record.minutes, record.cpu_seconds, record.peak_memory_mb)
    return (
        isinstance(record.name, str)
        and isinstance(record.accuracy, int | float)
        and 0 <= record.accuracy <= 1
        and all(text is None or isinstance(text, str) for text in texts)
        and all(number is None or isinstance(number, int | float) for number in numbers)
        and isinstance(record.versions, dict)
        and isinstance(record.override, dict)
    )
