"""A saved training run as one file: weights, optimiser state, epoch and history.

The format is a plain ``.npz`` of numeric arrays with a JSON text among them. Nothing in it can run code, unlike a
pickle, and it has no links to other files, unlike HDF5.
"""

import itertools
import json
import math
import zipfile
from dataclasses import dataclass

import numpy as np

from ..errors import CourseError, InputError
from ..files import atomic_write, disk_error

_VERSION = 1
_ABOUT = "about"
_UNREADABLE = (
    OSError,
    EOFError,
    KeyError,
    TypeError,
    ValueError,
    RuntimeError,
    zipfile.BadZipFile,
)


@dataclass(frozen=True)
class Checkpoint:
    """The state of a training run at the end of an epoch.

    Attributes
    ----------
    epoch : int
        Whole epochs trained.
    history : dict of str to list of float
        As in Keras's History: one value per epoch, fewer for a validation that did not run each time.
    weights, optimizer : tuple of ndarray
        Variables of the model and of its optimiser, in Keras's order.
    weight_names : tuple of str
        For messages.
    optimizer_name : str
        Class of the optimiser.
    learning_rate : float or None
        What the model was compiled with; None for a schedule.
    steps : int or None
        Batches of an epoch.
    saved : str
        Local time of saving.
    """

    epoch: int
    history: dict
    weights: tuple
    optimizer: tuple
    weight_names: tuple = ()
    optimizer_name: str = ""
    learning_rate: float | None = None
    steps: int | None = None
    saved: str = ""

    def __post_init__(self):
        longest = max((len(values) for values in self.history.values()), default=0)
        if not isinstance(self.epoch, int) or longest > self.epoch:
            raise ValueError(f"{self.epoch} epochs, but a history of {longest}")
        if len(self.weight_names) != len(self.weights):
            raise ValueError("not one name per weight")


def write_checkpoint(path, checkpoint, before_rename=None):
    """Write a checkpoint, read it back, and only then give it its name.

    Parameters
    ----------
    path : Path
    checkpoint : Checkpoint
    before_rename : callable, optional
        Called without arguments when the new file is known to be good and the old one is still in place.

    Raises
    ------
    DiskError
        If the disk is full or the folder cannot be written; the old file is as before.
    """
    about = {
        "version": _VERSION,
        "weights": len(checkpoint.weights),
        "optimizer": len(checkpoint.optimizer),
        **{name: getattr(checkpoint, name) for name in _IN_ABOUT},
    }
    arrays = {_ABOUT: np.frombuffer(json.dumps(about).encode(), dtype="uint8")}
    for kind in ("weights", "optimizer"):
        arrays.update({f"{kind}-{index}": array for index, array in enumerate(getattr(checkpoint, kind))})
    needed = sum(array.nbytes for array in arrays.values()) + 1024 * len(arrays)
    with atomic_write(path, needed=needed, variable="COURSE_RESULTS_DIR") as temporary:
        with temporary.open("wb") as file:
            np.savez(file, **arrays)
        read_checkpoint(temporary)
        if before_rename is not None:
            before_rename()


_IN_ABOUT = (
    "epoch",
    "history",
    "weight_names",
    "optimizer_name",
    "learning_rate",
    "steps",
    "saved",
)


def read_checkpoint(path):
    """Read a checkpoint and check all of it.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Checkpoint

    Raises
    ------
    CourseError
        If the file is damaged, is not a checkpoint, or holds anything but plain numbers.
    FileNotFoundError
        If there is no such file.
    """
    try:
        file = path.open("rb")
    except NotADirectoryError as error:
        raise FileNotFoundError(*error.args) from error
    except OSError as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise disk_error(error, path, variable="COURSE_RESULTS_DIR") from error
    try:
        with file, zipfile.ZipFile(file) as archive:
            members = {info.filename: info for info in archive.infolist()}
            about = json.loads(_read_array(archive, members[f"{_ABOUT}.npy"]).tobytes())
            if about["version"] != _VERSION:
                raise ValueError(f"format version {about['version']}, this course reads {_VERSION}")
            arrays = {
                kind: tuple(_read_array(archive, members[f"{kind}-{index}.npy"]) for index in range(about[kind]))
                for kind in ("weights", "optimizer")
            }
        return Checkpoint(**arrays, **{name: about[name] for name in _IN_ABOUT})
    except _UNREADABLE as error:
        raise CourseError(
            "This saved training run is damaged, or is not one.",
            where=str(path),
            expected="a file written by cu.Resume: arrays of numbers, complete",
            found=str(error) or type(error).__name__,
        ) from error


def _read_array(archive, info):
    """Read one array after checking that its header promises no more than the file holds."""
    if info.compress_type != zipfile.ZIP_STORED:
        raise ValueError(f"{info.filename} is compressed, which cu.Resume never does")
    with archive.open(info) as member:
        version = np.lib.format.read_magic(member)
        header = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }[version]
        shape, _, dtype = header(member)
    if dtype.kind not in "biuf":
        raise ValueError(f"{info.filename} holds {dtype} and not numbers: such data can carry code and is not read")
    if math.prod(shape) * dtype.itemsize > info.file_size:
        raise ValueError(f"{info.filename} claims the shape {shape}, more than the file holds")
    with archive.open(info) as member:
        return np.lib.format.read_array(member, allow_pickle=False)


def snapshot(model, epoch, history, **about):
    """Return a model's present state as a checkpoint.

    Parameters
    ----------
    model : keras.Model
        Built and compiled.
    epoch : int
        Whole epochs trained.
    history : dict of str to list of float
    **about
        ``learning_rate``, ``steps`` and ``saved`` of the checkpoint.

    Returns
    -------
    Checkpoint
    """
    return Checkpoint(
        epoch=epoch,
        history=history,
        weights=tuple(_to_numpy(variable) for variable in model.variables),
        optimizer=tuple(_to_numpy(variable) for variable in model.optimizer.variables),
        weight_names=tuple(variable.path for variable in model.variables),
        optimizer_name=type(model.optimizer).__name__,
        **about,
    )


def restore(checkpoint, model, where):
    """Put a checkpoint into a model, or say why it does not fit; then nothing is changed.

    Parameters
    ----------
    checkpoint : Checkpoint
    model : keras.Model
        Built and compiled.
    where : str
        Named in messages.

    Raises
    ------
    InputError
        If the model's weights or its optimiser are others than those saved.
    """
    if not model.built:
        raise InputError(
            "A saved run can only be put into a model that knows its input shape.",
            where=where,
            fix="Begin the model with keras.Input((height, width, channels)).",
        )
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    optimizer_name = type(model.optimizer).__name__
    if checkpoint.optimizer_name != optimizer_name:
        raise _misfit("optimiser", checkpoint.optimizer_name, optimizer_name, where)
    names = checkpoint.weight_names
    _check("model", model.variables, checkpoint.weights, names, where)
    slots = [f"variable {index} of {optimizer_name}" for index in range(len(checkpoint.optimizer))]
    _check("optimiser", model.optimizer.variables, checkpoint.optimizer, slots, where)
    for variable, value in zip(model.variables, checkpoint.weights, strict=True):
        variable.assign(value)
    for variable, value in zip(model.optimizer.variables, checkpoint.optimizer, strict=True):
        variable.assign(value)


def _check(kind, variables, values, names, where):
    for variable, value, name in itertools.zip_longest(variables, values, names):
        saved = "nothing more" if value is None else f"{name} {value.shape}"
        now = "nothing more" if variable is None else f"{variable.path} {tuple(variable.shape)}"
        fits = value is not None and variable is not None and value.shape == tuple(variable.shape)
        # Keras numbers layers anew (conv2d, conv2d_1, ...) each time a cell is run; the last part of a name stays.
        if not fits or (kind == "model" and saved.split("/")[-1] != now.split("/")[-1]):
            raise _misfit(kind, saved, now, where)


def _misfit(kind, saved, now, where):
    return InputError(
        f"The saved run belongs to another {kind}.",
        where=where,
        expected=f"{saved}   (as saved)",
        found=f"{now}   (as it is now)",
        fix="Build and compile the model as it was, choose another name for this run, or add restart=True "
        "to begin again; the saved run is kept.",
    )


def _to_numpy(variable):
    import keras

    array = np.asarray(keras.ops.convert_to_numpy(keras.ops.convert_to_tensor(variable)))
    # bfloat16 is not one of NumPy's own types; every bfloat16 number is a float32 number.
    return array if array.dtype.kind in "biuf" else array.astype("float32")
