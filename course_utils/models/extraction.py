"""``cu.features()``: what a pre-trained network sees in every image, computed once and kept on the disk."""

import time

import numpy as np

from ..errors import InputError
from ..settings import get_settings
from . import forward
from ._panel import FeaturePanel
from .feature_store import MOST_BYTES, FeatureStore
from .identity import image_keys, model_key, photo_keys

# A part is written after so many bytes or seconds: what a killed kernel loses at most.
_PART_BYTES = 2**24
_PART_SECONDS = 10.0

_clock = time.monotonic


def features(model, split, batch_size=64, *, dtype="float32"):
    """Return a model's output for every image of a split; what was computed before comes from the disk.

    Rows are kept per image in ``COURSE_CACHE_DIR/features`` and found again whichever subset, split or order asks
    for them, as long as the model (layers and weights) and the image (its pixels; for a photograph the end of its
    path, size, time and the size it is scaled to) are the same. ■ and a killed kernel lose at most the last ten
    seconds, and the next call goes on from there. Two notebooks may ask at once: the second waits for the first.

    Parameters
    ----------
    model : keras.Model
        Any model of one image input and one output, for example ``cu.backbone("efficientnet_lite0", fold=True)``
        or a part of one. It is called with ``training=False``: dropout off, batch normalisation frozen.
    split : Split or PhotoSplit
        Photographs are decoded at the size the model takes.
    batch_size : int, default 64
        Images that go through the model at once.
    dtype : str, default "float32"
        ``"float32"``, or ``"float16"`` for half the memory (for outputs that are maps). The values are the same:
        on the disk they are float16, rounded to 3 digits, wherever that type's range suffices.

    Returns
    -------
    ndarray, (len(split), *output shape), float32 or float16
        Row i belongs to ``split.labels[i]``.

    Raises
    ------
    InputError
        If the images do not fit the model, its output is not finite, or it would not fit into memory.
    DataError
        If a photograph cannot be read any more.

    Examples
    --------
    >>> network = cu.backbone("efficientnet_lite0", image_size=160, fold=True)  # doctest: +SKIP
    >>> cu.features(network, data.train).shape  # doctest: +SKIP
    (9469, 1280)
    """
    _check(model, batch_size, dtype)
    split = _fitting(split, model)
    began = _clock()
    keys = _keys(split)
    job = _Job(model, split, keys, int(batch_size), np.dtype(dtype))
    return job.result(began)


class _Job:
    """One call: looks rows up, computes the others, keeps them."""

    def __init__(self, model, split, keys, batch_size, dtype):
        self.model, self.split, self.keys = model, split, keys
        self.batch_size, self.dtype = batch_size, dtype
        self.title = f"Features of {model.name}"
        self.store = FeatureStore(get_settings().cache_dir / "features", model_key(model))
        self.rows = None
        self.wanted = {}
        for place, key in enumerate(keys):
            self.wanted.setdefault(key.tobytes(), []).append(place)
        shape = forward.output_shape(model)
        if shape is not None:
            self._allocate(shape)

    def result(self, began):
        """Return the features, and say where they came from."""
        self._from_store()
        if not self.wanted:
            panel = FeaturePanel(self.title, len(self.split))
            panel.finish(f"{self.title}: {len(self.split):,} images from the cache in {_clock() - began:.1f} s.")
        else:
            with self.store.alone(f"the {self.title[0].lower()}{self.title[1:]}"):
                self._from_store()
                self._compute()
        self.store.tidy()
        return self.rows

    def _from_store(self):
        for places, rows in self.store.look_up(self.wanted):
            self._put(places, rows)

    def _put(self, places, rows):
        if self.rows is None:
            self._allocate(rows.shape[1:])
        if self.dtype == np.float16 and np.abs(rows).max(initial=0) > np.finfo("float16").max:
            raise InputError(
                "The model's output is too large for float16.",
                found=f"{np.abs(rows).max():,.0f}",
                fix='cu.features(..., dtype="float32")',
            )
        self.rows[places] = rows

    def _allocate(self, shape):
        import psutil

        needed = len(self.split) * int(np.prod(shape)) * self.dtype.itemsize
        free = psutil.virtual_memory().available
        if needed > 0.8 * free:
            raise InputError(
                f"These features would take {needed / 1e6:,.0f} MB of memory.",
                expected=f"less than the {free / 1e6:,.0f} MB that are free",
                found=f"{len(self.split):,} images with an output of shape {tuple(shape)}",
                fix="Average over the places (keras.layers.GlobalAveragePooling2D), "
                'take fewer images (split.subset(1000)), or dtype="float16".',
            )
        self.rows = np.empty((len(self.split), *shape), self.dtype)

    def _compute(self):
        """Push the images that are missing through the model, once each."""
        places = np.array(sorted(places[0] for places in self.wanted.values()), dtype=int)
        panel = FeaturePanel(self.title, len(places))
        if not len(places):
            panel.finish(f"{self.title}: {len(self.split):,} images from the cache (another notebook computed them).")
            return
        panel.begin()
        self._limit(len(places))
        part = _Part(self.store)
        done = 0
        try:
            for rows in forward.outputs(self.model, self.split, places, self.batch_size):
                now = places[done : done + len(rows)]
                rows = forward.rounded(rows, now)
                self._put_all(now, rows)
                part.add(self.keys[now], rows)
                done += len(rows)
                panel.update(done)
        except KeyboardInterrupt:
            part.write()
            panel.finish(f"{self.title}: stopped after {done:,} of {len(places):,} images.{self._kept()}")
            raise
        finally:
            part.write()
        panel.finish(self._summary(panel, done))

    def _limit(self, count):
        """Keep nothing of outputs so large that they would fill the disk."""
        size = 2 * count * self.rows[0].size if self.rows is not None else 0
        if size > MOST_BYTES:
            self.store.problem = f"{size / 1e6:,.0f} MB are more than the {MOST_BYTES / 1e6:,.0f} MB kept of a model."

    def _put_all(self, places, rows):
        """Store rows in the result, also where the same image occurs again."""
        for place, row in zip(places, rows, strict=True):
            self._put(self.wanted.pop(self.keys[place].tobytes()), row[None])

    def _summary(self, panel, done):
        rest = len(self.split) - done
        known = f" ({rest:,} others were in the cache)" if rest else ""
        rate = done / max(panel.elapsed, 1e-9)
        return f"{self.title}: {done:,} images{known} in {panel.elapsed:.1f} s, {rate:,.0f} images/s.{self._kept()}"

    def _kept(self):
        damaged = self.store.damaged
        again = f" {damaged} damaged part{'s' * (damaged > 1)} of the cache computed anew." if damaged else ""
        if self.store.problem:
            return f"{again} They are not kept for the next time: {self.store.problem}"
        return f"{again} They are kept for the next time."


class _Part:
    """Collects rows until it is time to write them."""

    def __init__(self, store):
        self.store = store
        self._empty()

    def _empty(self):
        self.keys, self.rows, self.bytes = [], [], 0
        self.began = _clock()

    def add(self, keys, rows):
        self.keys.append(keys)
        self.rows.append(rows)
        self.bytes += rows.nbytes
        if self.bytes >= _PART_BYTES or _clock() - self.began >= _PART_SECONDS:
            self.write()

    def write(self):
        if self.keys:
            self.store.add(np.concatenate(self.keys), np.concatenate(self.rows))
        self._empty()


def _check(model, batch_size, dtype):
    if not (hasattr(model, "layers") and hasattr(model, "count_params") and callable(model)):
        raise InputError(
            "features needs a Keras model.",
            found=type(model).__name__,
            fix='cu.features(cu.backbone("efficientnet_lite0", fold=True), data.train)',
        )
    for kind in ("inputs", "outputs"):
        tensors = getattr(model, kind, None)
        if isinstance(tensors, list | tuple) and len(tensors) != 1:
            raise InputError(
                "features needs a model with one image input and one output.", found=f"{len(tensors)} {kind}"
            )
    if isinstance(batch_size, bool) or not hasattr(batch_size, "__index__") or batch_size < 1:
        raise InputError("batch_size must be a whole number of at least 1.", found=repr(batch_size))
    if dtype not in ("float32", "float16"):
        raise InputError("Features are float32 or float16.", where="cu.features(dtype=...)", found=repr(dtype))


def _fitting(split, model):
    """Return the split at the size the model takes, or say what does not fit."""
    if not (hasattr(split, "images") and hasattr(split, "labels")):
        raise InputError(
            "features needs a split of images.",
            expected="for example data.train",
            found=type(split).__name__,
            fix="cu.features(model, data.train)",
        )
    if not len(split):
        raise InputError("There are no images in this split.", found=repr(split))
    if _in_files(split):
        size = forward.input_size(model) or split.image_size
        return split if size == split.image_size else split.at(size)
    forward.check_arrays(model, split.images)
    return split


def _in_files(split):
    return hasattr(split, "stream") and hasattr(split, "paths")


def _keys(split):
    return photo_keys(split.paths, split.image_size) if _in_files(split) else image_keys(split.images)
