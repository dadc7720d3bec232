"""``cu.load_checkpoint()``: the weights of a network the course has trained, into a model of your own."""

import hashlib
import weakref
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from .. import _display, session
from ..errors import CourseError, InputError, IntegrityError, UnknownNameError, likely_meant
from ..results import recipes
from ..results.verdicts import describe_variant
from . import catalog, fitting, packing

_NO_OPTIMISER = (
    "The optimiser's state is not part of it: to train on, compile the model again; "
    "optimiser and learning rate then start anew."
)

_FILLED = weakref.WeakSet()


@dataclass(frozen=True)
class CheckpointHistory:
    """The history of a training by the course; ``cu.show_history`` takes it like what ``fit`` returns.

    Attributes
    ----------
    history : dict of str to list of float
        One value per epoch: ``loss``, ``accuracy``, ``val_loss``, …
    params : dict of str to int
        ``epochs``: how many were trained.
    about : Checkpoint
        On which data it was trained, in which budget, with which seed and result.
    from_checkpoint : bool
        True: ``cu.record`` does not take the course's training for the learner's own.
    """

    history: dict = field(repr=False)
    params: dict
    about: catalog.Checkpoint
    from_checkpoint: bool = True

    @property
    def epoch(self) -> list[int]:
        """The epochs, counted from 0, as in Keras's History."""
        return list(range(max(map(len, self.history.values()), default=0)))

    def __repr__(self):
        return f"history of {_display.counted(len(self.epoch), 'epoch')}, {origin(self.about)}"


def load_checkpoint(model, name):
    """Put the weights of a network that the course has trained into your model, and return the training's history.

    The model is yours: build it as the notebook does. It is filled only if it is the same network: if its layers and
    weights are, and if it then gives the kept network's answers to a few fixed pictures. The optimiser's state is not
    part of a checkpoint.

    Parameters
    ----------
    model : keras.Model
        Built; compiled or not.
    name : str
        The recipe, as given to ``cu.record``, for example ``"lenet"``.

    Returns
    -------
    CheckpointHistory
        With ``.history`` as in Keras's History.

    Raises
    ------
    UnknownNameError
        If there is no such checkpoint; the message lists those there are.
    InputError
        If the model is another network (the message names the first difference), or the data you have loaded are
        others than the checkpoint's: another data set, or the practice set where it is of photographs, or the other
        way round. The model is as before.
    IntegrityError
        If the file is damaged or missing.

    Examples
    --------
    >>> history = cu.load_checkpoint(lenet, "lenet")  # doctest: +SKIP
    >>> cu.show_history(history)  # doctest: +SKIP
    """
    if not isinstance(name, str) or isinstance(model, str):
        raise InputError(
            "A checkpoint goes into a Keras model: the model first, then the checkpoint's name.",
            found=f"{type(model).__name__}, then {type(name).__name__}",
            fix='Write history = cu.load_checkpoint(model, "lenet").',
        )
    loaded = session.loaded_variants()
    found = candidates(catalog.load_catalog(), name, loaded, _budget())
    history, message = _first_that_fits(found, model, name, loaded)
    _FILLED.add(model)
    _display.show(*message)
    return history


def is_filled(model) -> bool:
    """Say whether a model's weights came from `load_checkpoint`, as they were or trained on since.

    Parameters
    ----------
    model : keras.Model
        Also one that has a filled one inside. A model that is built anew is another object, and not filled.

    Returns
    -------
    bool
    """
    layers = getattr(model, "_flatten_layers", None)
    return layers is not None and any(layer in _FILLED for layer in layers())


def candidates(entries, name, loaded=(), budget="laptop") -> list:
    """Return the checkpoints of a name that go with the learner's data, best first.

    First those of the very data variant that was loaded, then those of the budget in force.

    Parameters
    ----------
    entries : iterable of Checkpoint
    name : str
    loaded : iterable of str
        Variants of the data sets this process has loaded.
    budget : str

    Returns
    -------
    list of Checkpoint

    Raises
    ------
    UnknownNameError
        If no checkpoint has the name.
    InputError
        If there are only some of other data sets than those loaded, or only some of drawings for a learner with
        photographs, or the other way round.
    """
    entries = list(entries)
    named = [one for one in entries if name in one.names]
    if not named:
        known = dict.fromkeys(known for one in entries for known in one.names)
        fix = None if likely_meant(name, known) else "Train the network: its cells are in the notebook."
        raise UnknownNameError("checkpoint", name, known, fix=fix)
    mine = {(variant.partition("/")[0], catalog.is_practice(variant)) for variant in loaded}
    right = [one for one in named if not mine or (one.dataset, one.is_practice) in mine]
    if not right:
        raise _other_data(name, named, loaded)

    def rank(one):
        other_budget = (one.budget != budget, one.budget != "laptop")
        return one.variant not in loaded, one.is_practice, *other_budget, one.variant, one.budget

    return sorted(right, key=rank)


def origin(entry) -> str:
    """Return where a checkpoint comes from and how good it is, in words.

    Parameters
    ----------
    entry : Checkpoint
    """
    seed = "" if entry.seed is None else f", seed {entry.seed}"
    return (
        f"trained by the course on {_described(entry.variant)}, {entry.budget} budget{seed}: "
        f"{entry.split} accuracy {100 * entry.accuracy:.1f} % ({entry.images:,} images)"
    )


def notes_on(entry, loaded=()) -> list[str]:
    """Return what a learner should know about a checkpoint besides its origin.

    Parameters
    ----------
    entry : Checkpoint
    loaded : iterable of str
        Variants of the data sets this process has loaded.
    """
    notes = [_NO_OPTIMISER]
    for variant in loaded:
        if variant.partition("/")[0] == entry.dataset and variant != entry.variant:
            notes.append(
                f"Your data are {describe_variant(variant)}: the accuracy above was not measured on them, and some "
                "of your validation images may be among those it was trained on."
            )
    if entry.recorded is not None and abs(entry.recorded - entry.accuracy) > 0.0005:
        notes.append(
            f"The notebook records {100 * entry.recorded:.1f} %: there the network is asked in another way (twice, "
            "for example)."
        )
    if entry.override:
        changed = ", ".join(f"{row}={value}" for row, value in sorted(entry.override.items()))
        notes.append(f"It was trained with another budget table than the notebook's: {changed}.")
    if _has_changed(entry):
        notes.append("The notebook's cells have changed since it was trained: your own training may end elsewhere.")
    return notes


def read_content(entry, folder=None):
    """Return what is in a checkpoint's file, once its hash has been found right.

    Parameters
    ----------
    entry : Checkpoint
    folder : path-like, optional

    Raises
    ------
    IntegrityError
        If the file is missing or is not the one in the catalog.
    """
    path = Path(folder or catalog.FOLDER) / entry.file
    fix = "Restore the file from the repository, or install the course again; or train the network yourself."
    try:
        data = path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        raise IntegrityError(
            "A checkpoint that should ship with the course cannot be read.",
            where=str(path),
            found=getattr(error, "strerror", None) or str(error),
            fix=fix,
        ) from error
    digest = hashlib.sha256(data).hexdigest()
    if digest != entry.sha256:
        raise IntegrityError(
            "A checkpoint is damaged: its file is not the one in the catalog.",
            where=str(path),
            expected=f"{entry.size:,} bytes, SHA-256 {entry.sha256}",
            found=f"{len(data):,} bytes, SHA-256 {digest}",
            fix=fix,
        )
    return packing.unpacked(data, str(path))


def _first_that_fits(found, model, name, loaded):
    """Fill the model from the first checkpoint that fits; of the same data variant, whatever the budget.

    Returns its history, and the message as HTML and as text: both made before the model is touched.
    """
    found = [one for one in found if one.variant == found[0].variant]
    misfits = []
    for entry in found:
        content = read_content(entry)
        history = CheckpointHistory(content.history, {"epochs": entry.epochs}, entry)
        message = _message(name, entry, notes_on(entry, loaded))
        misfit = fitting.first_misfit(content, model) or fitting.fill(model, content)
        if misfit is None:
            return history, message
        misfits.append((entry, misfit))
    entry, misfit = misfits[0]
    where = f" of notebook {entry.notebook}" if entry.notebook else ""
    raise InputError(
        f"The checkpoint {name!r} belongs to another network than this model; the model is as before.",
        expected=f"{misfit.expected}   (in the checkpoint, {entry.budget} budget)",
        found=f"{misfit.found}   (in your model)",
        fix=f"Build the model as in the cells{where}; some sizes there depend on the budget. Or train yours.",
    )


def _other_data(name, named, loaded):
    datasets = sorted({one.dataset for one in named})
    mine = [variant for variant in loaded if variant.partition("/")[0] in datasets]
    if mine:
        other = "other pictures than yours: photographs and drawings do not mix"
        load = "load the data it was trained on"
    else:
        other = "another data set than yours"
        load = " or ".join(f'cu.load("{dataset}")' for dataset in datasets)
    return InputError(
        f"The checkpoint {name!r} was trained on {other}.",
        expected=" and ".join(sorted({_described(one.variant) for one in named})),
        found=" and ".join(_described(variant) for variant in mine or loaded),
        fix=f"Train the network on your data (its cells are in the notebook), or {load}.",
    )


def _described(variant):
    """Return a data variant in words; a folder of JPEG files is a copy of the data set, not a doubt about weights."""
    from ..data.catalog import CATALOG

    dataset, _, form = variant.partition("/")
    if form == "jpeg" and dataset in CATALOG:
        return f"a JPEG copy of {CATALOG[dataset].title} ({variant})"
    return describe_variant(variant)


def _has_changed(entry):
    """Say whether the recipe is another one now; no where its notebook is not here."""
    folder = recipes.notebooks_folder()
    if entry.recipe_hash is None or folder is None or not (folder / f"{entry.notebook}.ipynb").is_file():
        return False
    return recipes.recipe_hash(entry.recipe, entry.budget, folder, entry.notebook) != entry.recipe_hash


def _budget():
    from ..settings import get_settings

    course = session.current()
    try:
        return course.budget if course else session.resolve_budget(get_settings().budget)
    except CourseError:  # a wrong variable is told by setup()
        return "laptop"


def _message(name, entry, notes):
    same = "" if name == entry.recipe else f" (the same network as {entry.recipe})"
    line = f"{name}{same}: {origin(entry)}."
    html = "".join(f"<li>{escape(note)}</li>" for note in notes)
    box = '<div style="border-left:3px solid #0173b2;padding:2px 10px;margin:4px 0">'
    text = "\n".join([line, *(f"    {note}" for note in notes)])
    return f'{box}{escape(line)}<ul style="margin:2px 0">{html}</ul></div>', text
