"""Keeping a network that a notebook has just recorded, for `making`: written, read back, and judged again."""

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from ..errors import CourseError, InputError
from ..files import atomic_write
from . import answers, catalog, fitting, packing

VARIABLE = "COURSE_SAVE_CHECKPOINTS"
LIMIT = 2_500_000
"""Bytes one file may have: checkpoints ship with the package."""

TOLERANCE = 0.002
"""By how much the accuracy may change by writing the weights and reading them back."""

_BATCH = 64


@dataclass(frozen=True)
class Draft:
    """A network that was kept, or the reason why it was not.

    Attributes
    ----------
    recipe : str
    checkpoint : Checkpoint or None
    change : float or None
        Accuracy with the weights from the file, less that with the weights as they were trained.
    skipped : str
        Why there is no checkpoint; empty if there is one.
    """

    recipe: str
    checkpoint: catalog.Checkpoint | None = None
    change: float | None = None
    skipped: str = ""


def save_if_asked(record, report, history, model, machine=""):
    """Keep the model of a record if `course checkpoint` runs the notebook; a reason against it is kept instead.

    Parameters
    ----------
    record : Record
    report : Report
        With the images it was measured on.
    history : keras.callbacks.History or dict of str to list
    model : keras.Model or None
        None: the one that Keras's History was made by.
    machine : str
        Where it was trained.

    Returns
    -------
    Draft or None
        None where nobody asked.
    """
    folder = os.environ.get(VARIABLE, "").strip()
    if not folder:
        return None
    draft, data = _made(record, report, history, model, machine)
    note = _note_path(folder, record.name, record.variant, record.budget)
    if data is not None:
        with atomic_write(note.with_name(note.name.removesuffix(".json") + ".npz")) as path:
            path.write_bytes(data)
    _write(draft, note)
    return draft


def read_drafts(folder) -> list[Draft]:
    """Return the drafts in a folder, in order of their files' names.

    Raises
    ------
    CourseError
        If one is damaged.
    """
    return [_read_draft(path) for path in sorted(Path(folder).glob("*.json"))]


def correct_minutes(folder, records) -> None:
    """Give drafts the minutes that were found right after their networks had been recorded.

    Parameters
    ----------
    folder : path-like
        Of the drafts.
    records : iterable of dict
        ``name``, ``variant``, ``budget``, ``accuracy`` and ``minutes`` (a number or None) of a record each. A draft of
        another network under the same name, which recorded another accuracy, stays as it is.

    Raises
    ------
    CourseError
        If one of these drafts is damaged.
    """
    for record in records:
        note = _note_path(folder, record["name"], record["variant"], record["budget"])
        draft = _read_draft(note) if note.is_file() else None
        if draft and draft.checkpoint and draft.checkpoint.recorded == round(record["accuracy"], 5):
            minutes = record["minutes"] and round(record["minutes"], 3)
            _write(replace(draft, checkpoint=replace(draft.checkpoint, minutes=minutes)), note)


def _note_path(folder, recipe, variant, budget):
    return Path(folder) / f"{file_stem(recipe, variant or '', budget or '')}.json"


def _write(draft, path):
    with atomic_write(path) as temporary:
        temporary.write_text(json.dumps(asdict(draft)), "utf-8")


def _read_draft(path):
    try:
        values = json.loads(path.read_text("utf-8"))
        entry = values.pop("checkpoint")
        return Draft(checkpoint=entry and catalog.from_json(entry), **values)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CourseError(
            "The draft of a checkpoint is damaged.",
            where=str(path),
            found=f"{type(error).__name__}: {error}",
            fix="Delete the file, or train the network again.",
        ) from error


def file_stem(recipe, variant, budget) -> str:
    """Return the name of a checkpoint's file, without its ending.

    Examples
    --------
    >>> file_stem("lenet", "fashion_mnist/sample", "laptop")
    'lenet.fashion_mnist-sample.laptop'
    """
    return ".".join(part.replace("/", "-").replace(":", "-") for part in (recipe, variant, budget))


def _made(record, report, history, model, machine):
    """Return the draft of a record, and the bytes of its file or None."""
    guessed = model is None
    model = getattr(history, "model", None) if guessed else model
    try:
        data, before, after = _checked(record, report, history, model)
        if guessed and abs(before - record.accuracy) > TOLERANCE:
            found = f"accuracy {before:.4f}, recorded {record.accuracy:.4f}"
            raise InputError("Its history is of another network; cu.record() can be given the model.", found=found)
    except CourseError as error:
        return Draft(record.name, skipped=" ".join(filter(None, [error.what, error.found]))), None
    entry = catalog.Checkpoint(
        recipe=record.name,
        budget=record.budget,
        variant=record.variant,
        file=f"{file_stem(record.name, record.variant, record.budget)}.npz",
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        accuracy=round(after, 5),
        recorded=round(record.accuracy, 5),
        split=record.split or "test",
        images=record.n or 0,
        seed=record.seed,
        epochs=record.epochs,
        parameters=model.count_params(),
        minutes=record.minutes and round(record.minutes, 3),
        notebook=record.notebook,
        recipe_hash=record.recipe_hash,
        machine=machine,
        versions=dict(record.versions),
        trained=record.time[:10],
        override=dict(record.override),
    )
    return Draft(record.name, entry, round(after - before, 5)), data


def _checked(record, report, history, model):
    """Return the file's bytes, and the accuracies before and after; a `CourseError` says why not."""
    if record.variant is None or record.budget in (None, "smoke"):
        raise InputError("Its data or budget make no checkpoint.", found=f"{record.variant}, {record.budget}")
    content = packing.Content(
        fitting.weights_of(model, packing.shrunk), fitting.layer_texts(model), plain_history(history)
    )
    if len(data := packing.packed(content)) > LIMIT:
        raise InputError("The file would be too large to ship.", found=f"{len(data):,} of at most {LIMIT:,} bytes")
    images, labels = getattr(report, "images", None), getattr(report, "labels", None)
    if images is None or labels is None:
        raise InputError("The report has no images to judge the network on again.", found=type(report).__name__)
    before = own_accuracy(model, images, labels)
    with _filled(model, content):
        content = replace(content, answers=answers.to_keep(model, np.asarray(images[:1]).shape[1:]))
    data = packing.packed(content)
    with _filled(model, packing.unpacked(data)):
        after = own_accuracy(model, images, labels)
    if abs(after - before) > TOLERANCE:
        raise InputError("Writing and reading back changes the accuracy.", found=f"{before:.4f} to {after:.4f}")
    return data, before, after


@contextmanager
def _filled(model, content):
    """Fill the model with what is kept, starting from zeros; the weights as they were come back in any case."""
    trained = model.get_weights()
    try:
        model.set_weights([np.zeros_like(values) for values in trained])
        misfit = fitting.first_misfit(content, model) or fitting.fill(model, content)
        if misfit is not None:
            raise InputError("What was written does not fit the model.", found=f"{misfit.expected}; {misfit.found}")
        yield
    finally:
        model.set_weights(trained)


def own_accuracy(model, images, labels) -> float:
    """Return the accuracy of a model on images, batch by batch, asked once and without anything around it.

    Parameters
    ----------
    model : keras.Model
    images : ndarray or Photos, (n, height, width, channels)
    labels : ndarray, (n,), int

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    InputError
        If the model does not take images of this shape.
    """
    import keras

    right = 0
    for start in range(0, len(labels), _BATCH):
        batch = np.asarray(images[start : start + _BATCH])
        _check_shape(model, batch)
        answers = keras.ops.convert_to_numpy(model(batch, training=False))
        right += int((answers.argmax(axis=1) == np.asarray(labels[start : start + _BATCH])).sum())
    return right / len(labels)


def plain_history(history) -> dict:
    """Return a history as numbers that JSON can hold, five digits each.

    Raises
    ------
    InputError
        If there is none.
    """
    values = getattr(history, "history", history)
    if not isinstance(values, Mapping) or not values:
        raise InputError("There is no history of its training.", found=type(history).__name__)
    return {str(name): [float(f"{float(value):.5g}") for value in row] for name, row in values.items()}


def _check_shape(model, batch):
    wanted = tuple((getattr(model, "input_shape", None) or ())[1:])  # a class of the notebook's own may have none
    found = batch.shape[1:]
    if len(wanted) != len(found) or any(size not in (None, given) for size, given in zip(wanted, found, strict=True)):
        raise InputError("It does not answer to images but to something made from them.", found=f"input {wanted}")
