"""What a model and an image are, as short keys: the same key, the same features."""

import hashlib
import inspect
import json
import os
from pathlib import Path

import numpy as np

from ..errors import DataError

KEY_BYTES = 16

# Part of a layer's configuration that does not change what it computes from given weights.
_IRRELEVANT = ("_initializer", "_regularizer", "_constraint")


def model_key(model) -> str:
    """Return a key of everything that decides a model's output: layers, their wiring, weights.

    Names that Keras numbers through (``dense_3``) do not count: the model of the next session has others.

    Parameters
    ----------
    model : keras.Model

    Returns
    -------
    str
        32 hexadecimal digits.
    """
    digest = hashlib.blake2b(digest_size=KEY_BYTES)
    digest.update(json.dumps(_architecture(model), sort_keys=True, default=str).encode())
    for variable in model.weights:
        array = np.ascontiguousarray(_numpy(variable))
        digest.update(f"{array.dtype}{array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def image_keys(images) -> np.ndarray:
    """Return one key per image of an array, from its pixels.

    Parameters
    ----------
    images : ndarray, (n, height, width, channels)

    Returns
    -------
    ndarray, (n, 16), uint8
    """
    kind = f"{images.dtype}{images.shape[1:]}".encode()
    return _stacked(_digest(kind, np.ascontiguousarray(image).tobytes()) for image in images)


def photo_keys(paths, image_size) -> np.ndarray:
    """Return one key per photograph: end of its path, size and time of the file, size in the model.

    Only the last three parts of the path count (``train/n01440764/x.JPEG``), so the folder may move.

    Parameters
    ----------
    paths : sequence of path-like
    image_size : int
        Height and width in pixels.

    Returns
    -------
    ndarray, (n, 16), uint8

    Raises
    ------
    DataError
        If a file is not there any more.
    """
    return _stacked(_photo_key(Path(path), image_size) for path in paths)


def _photo_key(path, image_size):
    try:
        status = path.stat()
    except OSError as error:
        raise DataError(
            "A photograph that was there a moment ago cannot be read.",
            where=str(path),
            found=error.strerror or str(error),
            fix="Load the data again.",
        ) from error
    end = os.fsencode("/".join(path.parts[-3:]))
    return _digest(end, f"{status.st_size} {status.st_mtime_ns} {image_size}".encode())


def _digest(kind, content):
    digest = hashlib.blake2b(kind, digest_size=KEY_BYTES)
    digest.update(b"\0")
    digest.update(content)
    return digest.digest()


def _stacked(digests):
    return np.frombuffer(b"".join(digests), "uint8").reshape(-1, KEY_BYTES)


def _architecture(model):
    """Return the configuration without names, and the code of layers that are not Keras's own."""
    layers = list(model._flatten_layers())
    names = {}
    for layer in layers:
        names.setdefault(layer.name, f"layer {len(names)}")
    return [
        [type(model).__name__, _anonymous(_configuration(model), names)],
        [_code(type(layer)) for layer in layers if not type(layer).__module__.startswith("keras.")],
    ]


def _configuration(model):
    from keras.saving import serialize_keras_object

    try:
        return serialize_keras_object(model)["config"]
    except (NotImplementedError, TypeError, KeyError):  # a model class of the learner's without get_config
        return None


def _anonymous(value, names):
    if isinstance(value, dict):
        return {
            key: _anonymous(item, names)
            for key, item in value.items()
            if key not in ("trainable", "seed") and not str(key).endswith(_IRRELEVANT)
        }
    if isinstance(value, list | tuple):
        return [_anonymous(item, names) for item in value]
    return names.get(value, value) if isinstance(value, str) else value


def _code(kind):
    """Return the source of a class, or its compiled methods where there is no source."""
    try:
        return inspect.getsource(kind)
    except (OSError, TypeError):
        code = [getattr(member, "__code__", None) for member in vars(kind).values()]
        return kind.__qualname__ + str([(each.co_code, each.co_consts, each.co_names) for each in code if each])


def _numpy(variable):
    from keras import ops

    return ops.convert_to_numpy(variable)
