"""A trained network as one small file: its weights, what they belong to, and the history of the training.

The format is a compressed ``.npz``: the array ``about`` is a JSON text (format, history, layers, and per weight its
layer, the layer's kind and the variable's name); ``000``, ``001``, … are the weights in the model's order; ``answers``,
which the first files lack, are those to fixed pictures (see `answers`). Nothing in it can run code.
"""

import io
import json
import zipfile
import zlib
from dataclasses import dataclass, field

import numpy as np

from ..errors import IntegrityError

FORMAT = 1
_DAMAGED = (OSError, EOFError, KeyError, TypeError, ValueError, AttributeError, RuntimeError)
_ABOUT, _ANSWERS = "about", "answers"
# Rounding these to 11 bits changes no answer worth speaking of. Statistics of batch normalisation reach beyond what
# float16 can hold, and biases are few.
_HALVED = ("kernel", "depthwise_kernel", "pointwise_kernel", "embeddings")
# What rounding to 11 bits moves a number by, at most, as a part of it. Below 6e-5 float16 has fewer bits, below 6e-8
# it has none.
_ROUNDING = 2.0**-11


@dataclass(frozen=True)
class Weight:
    """One weight of a network.

    Attributes
    ----------
    layer, kind, variable : str
        For example ``"conv1"``, ``"Conv2D"`` and ``"kernel"``.
    values : ndarray, float16 or float32
    """

    layer: str
    kind: str
    variable: str
    values: np.ndarray

    def __str__(self):
        return f"{self.variable} of {self.layer} ({self.kind}), shape {self.values.shape}"


@dataclass(frozen=True)
class Answers:
    """What a network says to a few fixed pictures.

    Attributes
    ----------
    shape : tuple of int
        Of one picture: height, width, channels.
    values : ndarray, (pictures, classes), float32
    pictures : int
        Which pictures, see `answers.PICTURES`.
    """

    shape: tuple[int, ...]
    values: np.ndarray
    pictures: int


@dataclass(frozen=True)
class Content:
    """What is in a file.

    Attributes
    ----------
    weights : tuple of Weight
    layers : tuple of str
        What each layer computes, see `fitting.layer_texts`.
    history : dict of str to list of float
        One value per epoch, as in Keras's History.
    answers : Answers or None
        None in files that were made before there were any.
    """

    weights: tuple[Weight, ...]
    layers: tuple[str, ...] = ()
    history: dict = field(default_factory=dict)
    answers: Answers | None = None


def shrunk(variable, values):
    """Return a weight in the type it is kept in: kernels as float16, everything else as float32.

    Parameters
    ----------
    variable : str
        Its name.
    values : ndarray

    Returns
    -------
    ndarray
        float32 also where a kernel is beyond what float16 can hold, or so small that float16 moves a number by more
        than 1/2048 of the largest.
    """
    full = np.asarray(values, dtype="float32")
    largest = np.abs(full).max(initial=0.0)
    if variable not in _HALVED or full.ndim < 2 or largest > np.finfo("float16").max:
        return full
    half = full.astype("float16")
    return half if np.abs(full - half).max(initial=0.0) <= _ROUNDING * largest else full


def packed(content) -> bytes:
    """Return the bytes of the file; the same content gives the same bytes.

    Parameters
    ----------
    content : Content
    """
    about = {
        "format": FORMAT,
        "history": content.history,
        "layers": content.layers,
        "weights": [[weight.layer, weight.kind, weight.variable] for weight in content.weights],
    }
    arrays = {}
    if content.answers is not None:
        about["answers"] = {"shape": content.answers.shape, "pictures": content.answers.pictures}
        arrays[_ANSWERS] = content.answers.values
    arrays |= {_ABOUT: np.frombuffer(json.dumps(about, sort_keys=True).encode(), dtype="uint8")}
    arrays |= {f"{place:03d}": weight.values for place, weight in enumerate(content.weights)}
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def unpacked(data, where="") -> Content:
    """Return what is in the bytes of a file.

    Parameters
    ----------
    data : bytes
    where : str
        For the message.

    Raises
    ------
    IntegrityError
        If they are not a checkpoint of this format.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            about = json.loads(file[_ABOUT].tobytes())
            if about["format"] != FORMAT:
                raise ValueError(f"format {about['format']}, this course reads {FORMAT}")
            weights = tuple(Weight(*names, file[f"{place:03d}"]) for place, names in enumerate(about["weights"]))
            answers = _answers(about, file)
        numbers = [weight.values for weight in weights] + ([] if answers is None else [answers.values])
        if any(array.dtype.kind != "f" for array in numbers):
            raise ValueError("an array in it does not hold numbers")
        history = {name: [float(value) for value in row] for name, row in about["history"].items()}
        return Content(weights, tuple(about["layers"]), history, answers)
    except (*_DAMAGED, zipfile.BadZipFile, zlib.error) as error:
        raise IntegrityError(
            "This is not a checkpoint that this version of the course can read.",
            where=where,
            found=str(error).split("\n")[0] or type(error).__name__,
            fix="Update the course, or restore the file from the repository.",
        ) from error


def _answers(about, file):
    if "answers" not in about:
        return None
    said = about["answers"]
    return Answers(tuple(int(size) for size in said["shape"]), file[_ANSWERS], int(said["pictures"]))
