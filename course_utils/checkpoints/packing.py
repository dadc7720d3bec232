"""A trained network as one small file: its weights, what they belong to, and the history of the training.

The format is a compressed ``.npz``: the array ``about`` is a JSON text (format, history, layers, and per weight its
layer, the layer's kind and the variable's name); ``000``, ``001``, … are the weights in the model's order. Nothing in
it can run code.
"""

import io
import json
import zipfile
from dataclasses import dataclass, field

import numpy as np

from ..errors import IntegrityError

FORMAT = 1
_ABOUT = "about"
# Rounding these to 11 bits changes no answer worth speaking of. Statistics of batch normalisation reach beyond what
# float16 can hold, and biases are few.
_HALVED = ("kernel", "depthwise_kernel", "pointwise_kernel", "embeddings")


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
class Content:
    """What is in a file.

    Attributes
    ----------
    weights : tuple of Weight
    layers : tuple of str
        What each layer computes, see `fitting.layer_texts`.
    history : dict of str to list of float
        One value per epoch, as in Keras's History.
    """

    weights: tuple[Weight, ...]
    layers: tuple[str, ...] = ()
    history: dict = field(default_factory=dict)


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
        float32 also where a kernel is beyond what float16 can hold.
    """
    full = np.asarray(values, dtype="float32")
    if variable not in _HALVED or full.ndim < 2 or np.abs(full).max(initial=0.0) > np.finfo("float16").max:
        return full
    return full.astype("float16")


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
    arrays = {_ABOUT: np.frombuffer(json.dumps(about, sort_keys=True).encode(), dtype="uint8")}
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
        return Content(weights, tuple(about["layers"]), dict(about["history"]))
    except (OSError, EOFError, KeyError, TypeError, ValueError, RuntimeError, zipfile.BadZipFile) as error:
        raise IntegrityError(
            "This is not a checkpoint that this version of the course can read.",
            where=where,
            found=str(error).split("\n")[0] or type(error).__name__,
            fix="Update the course, or restore the file from the repository.",
        ) from error
