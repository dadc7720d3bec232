"""Photographs that stay on the disk: decoded when looked at, or streamed to a model batch by batch."""

import os
from dataclasses import dataclass, replace

import numpy as np

from .._display import counted
from ..errors import InputError, NotInMemoryError, require
from .dataset import Split
from .unreadable import Explanation

SMALLEST, LARGEST, USUAL = 32, 320, 160
# More than this is not decoded into memory by accident: a notebook on Binder has 2 GB in all.
MOST_BYTES = 2**29

_AT_ONCE = 64  # photographs decoded together when some are picked


class Photos:
    """Photographs of one size that look like an array ``(n, height, width, 3)`` and are decoded when asked for.

    Parameters
    ----------
    paths : array_like of str, (n,)
        The learner's files.
    sources : array_like of str, (n,), optional
        The files that are read: those in `paths`, or copies of odd ones in a format every reader understands.
    image_size : int
        Height and width in pixels.
    """

    dtype = np.dtype("uint8")
    ndim = 4

    def __init__(self, paths, sources=None, image_size=USUAL):
        self.paths = np.asarray(paths, dtype=str)
        self.sources = self.paths if sources is None else np.asarray(sources, dtype=str)
        self.image_size = image_size

    def __len__(self):
        return len(self.paths)

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """(n, height, width, 3)."""
        return (len(self), self.image_size, self.image_size, 3)

    @property
    def size(self) -> int:
        """Number of values, as of an array."""
        return len(self) * self.image_size**2 * 3

    nbytes = size

    def take(self, index) -> "Photos":
        """Return some of the photographs, still undecoded: a slice, integers or booleans."""
        return Photos(self.paths[index], self.sources[index], self.image_size)

    def at(self, image_size) -> "Photos":
        """Return the same photographs at another size."""
        return Photos(self.paths, self.sources, check_size(image_size))

    def __getitem__(self, index):
        """Decode one photograph, (height, width, 3), or several, (k, height, width, 3): uint8 in [0, 255]."""
        if isinstance(index, tuple):
            first, *rest = index or (...,)
            if first is None or first is ...:
                return np.asarray(self)[index]
            whole = not isinstance(first, int | np.integer)
            return self[first][(*[slice(None)] * whole, *rest)]
        if isinstance(index, int | np.integer):
            return self._decode(self.take([index]))[0]
        return self._decode(self.take(index))

    def __iter__(self):
        return (self[index] for index in range(len(self)))

    def __array__(self, dtype=None, copy=None):
        pixels = self._decode(self)
        return pixels if dtype is None else pixels.astype(dtype)

    def __getattr__(self, name):
        if not name.startswith("_") and hasattr(np.ndarray, name):
            raise _no_array(f"images.{name}")
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def _calculate(self, other=None):
        raise _no_array("arithmetic with images")

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _calculate
    __floordiv__ = __mod__ = __pow__ = __neg__ = __lt__ = __le__ = __gt__ = __ge__ = _calculate

    def __repr__(self):
        return f"Photos {self.shape} uint8, decoded when asked for"

    @staticmethod
    def _decode(photos):
        if photos.nbytes > MOST_BYTES:
            raise InputError(
                f"{len(photos):,} photographs at once would take {photos.nbytes / 1e6:,.0f} MB of memory.",
                expected=f"at most {MOST_BYTES / 1e6:,.0f} MB",
                fix="take fewer: split.subset(2_000); or work in batches: for images, labels in split.stream(32)",
            )
        pixels = np.empty(photos.shape, "uint8")
        start = 0
        for batch in decoded(photos, _AT_ONCE):
            pixels[start : start + len(batch)] = np.rint(batch)
            start += len(batch)
        return pixels


@dataclass(frozen=True, eq=False, repr=False)
class PhotoSplit(Split):
    """Photographs in files, and their labels: a `Split` whose images stay on the disk.

    Attributes
    ----------
    images : Photos, (n, height, width, 3), uint8 in [0, 255]
        Decoded when indexed; scaled so that the shorter side fits, and cut to the square in the middle.
    labels : ndarray, (n,), int64
    classes : tuple of str
    name : str
    variant : str or None
    """

    images: Photos

    @property
    def paths(self) -> np.ndarray:
        """The files, (n,), str."""
        return self.images.paths

    @property
    def image_size(self) -> int:
        """Height and width in pixels."""
        return self.images.image_size

    def __getitem__(self, index):
        """Return the chosen photographs as a split: a slice, integers or booleans; nothing is decoded."""
        if isinstance(index, int | np.integer):
            index = [index]
        return replace(self, images=self.images.take(index), labels=self.labels[index])

    def at(self, image_size: int) -> "PhotoSplit":
        """Return the same photographs at another size.

        Parameters
        ----------
        image_size : int
            Height and width in pixels, 32 to 320.

        Raises
        ------
        InputError
            If that is no such size.
        """
        return replace(self, images=self.images.at(image_size))

    def without(self, other: "PhotoSplit") -> "PhotoSplit":
        """Return the photographs whose files are not in `other`, in the original order."""
        if not isinstance(other, PhotoSplit):
            raise InputError(
                "Only photographs in files can be told apart by their files.",
                expected="a split of photographs, for example data.parts['clean-500']",
                found=type(other).__name__,
            )
        return self[~np.isin(self.paths, other.paths)]

    def load(self) -> Split:
        """Decode everything into memory.

        Returns
        -------
        Split
            ``images`` (n, height, width, 3) uint8: the pixels of `stream`, rounded.

        Raises
        ------
        InputError
            If that would take more than 512 MiB.
        """
        return Split(np.asarray(self.images), self.labels, self.classes, self.name, self.variant)

    def stream(self, batch_size: int = 32, shuffle: bool = False, seed: int | None = None):
        """Stream the photographs to a model: read, decoded and scaled in the background, never all in memory.

        The pixels are those of ``keras.utils.image_dataset_from_directory(folder, image_size=(size, size),
        crop_to_aspect_ratio=True)``.

        Parameters
        ----------
        batch_size : int, default 32
        shuffle : bool, default False
            True: in another order in every epoch.
        seed : int, optional
            The same seed gives the same orders; None: as the seed of `setup` says.

        Returns
        -------
        tf.data.Dataset
            Of (images, labels): float32 (b, size, size, 3) in [0, 255], int64 (b,). If files have gone or are
            damaged, the message of TensorFlow's error lists them, in a loop as in ``model.fit``.
        """
        if isinstance(batch_size, bool) or not isinstance(batch_size, int | np.integer) or batch_size < 1:
            raise InputError("batch_size must be a whole number of at least 1.", found=repr(batch_size))
        return stream(self.images, self.labels, int(batch_size), shuffle, seed)

    def __repr__(self):
        shape = "×".join(map(str, self.images.shape[1:]))
        photographs = f"{counted(len(self), 'photograph')}, {shape} when decoded"
        return f"PhotoSplit {self.name!r}: {photographs}, {len(self.classes)} classes"


def check_size(image_size) -> int:
    """Return `image_size` as an int, or say which sizes there are."""
    good = isinstance(image_size, int | np.integer) and not isinstance(image_size, bool)
    if not good or not SMALLEST <= image_size <= LARGEST:
        raise InputError(
            "image_size is one number: height and width of the photographs in pixels.",
            expected=f"a whole number from {SMALLEST} to {LARGEST}, for example {USUAL}",
            found=repr(image_size),
            fix=_size_fix(image_size, good),
        )
    return int(image_size)


def _size_fix(image_size, whole):
    if not whole or image_size < LARGEST:
        return f"image_size={USUAL}"
    return (
        f"image_size={LARGEST}. cu.backbone builds networks for larger images too; to give them some, read the folder "
        f"with Keras: keras.utils.image_dataset_from_directory(data.folder / 'train', image_size=(h, w))."
    )


def _no_array(found):
    return NotInMemoryError(
        "These images are photographs in files and no array: nothing is decoded before you index them.",
        found=found,
        fix="images = split.load().images decodes all of them into memory: then images / 255 and the like work. "
        "For training, keras.layers.Rescaling(1 / 255) as the model's first layer, and model.fit(split.stream()).",
    )


def joined(name, *splits) -> PhotoSplit:
    """Return several splits of the same data set, one after the other, as one."""
    images = [split.images for split in splits]
    photos = Photos(
        np.concatenate([each.paths for each in images]),
        np.concatenate([each.sources for each in images]),
        images[0].image_size,
    )
    return replace(splits[0], name=name, images=photos, labels=np.concatenate([split.labels for split in splits]))


def stream(photos, labels, batch_size, shuffle=False, seed=None, explanation=None):
    """Return a ``tf.data.Dataset`` of (images (b, size, size, 3) float32 in [0, 255], labels (b,) int64)."""
    tf = require("tensorflow")
    explanation = explanation or Explanation(photos)
    # As bytes: file names are no text on Linux, and need not be valid UTF-8.
    files = np.array([os.fsencode(path) for path in photos.sources], dtype=object)
    with tf.device("CPU:0"):
        dataset = tf.data.Dataset.from_tensor_slices((tf.constant(files, tf.string), labels))
        if shuffle and len(photos) > 1:
            dataset = dataset.shuffle(len(photos), seed=seed)
        decode = _or_refused(tf, _decoder(tf, photos.image_size), photos.image_size, explanation)
        dataset = dataset.map(lambda path, label: (decode(path), label), num_parallel_calls=tf.data.AUTOTUNE)
        return dataset.batch(batch_size).prefetch(tf.data.AUTOTUNE)


def decoded(photos: Photos, batch_size: int):
    """Yield the photographs batch by batch, (b, size, size, 3) float32 in [0, 255], in their order.

    Raises
    ------
    DataError
        If files have gone, were changed since they were checked, or are damaged where the check of their
        headers does not look: they are listed.
    """
    errors = require("tensorflow").errors
    explanation = Explanation(photos)
    try:
        for images, _ in stream(photos, np.zeros(len(photos), "int64"), batch_size, explanation=explanation):
            yield images.numpy()
    except errors.OpError as error:
        if explanation.error is None:
            raise
        raise explanation.error from error


def _or_refused(tf, decode, size, explanation):
    """Return `decode` with an error that names the file: TensorFlow's own does not say which one it is."""

    def refuse(path):
        pixels = tf.numpy_function(explanation.refuse, [path], tf.float32, stateful=False)
        return tf.ensure_shape(pixels, (size, size, 3))

    def decoded_or_refused(path):
        paths = tf.data.Dataset.from_tensors(path)
        # What cannot be decoded is left out of the first, and only then is there a second.
        return paths.map(decode).ignore_errors().concatenate(paths.map(refuse)).take(1).get_single_element()

    return decoded_or_refused


def _decoder(tf, size):
    """Return a function from a path to pixels, (size, size, 3) float32, in TensorFlow's terms."""

    def middle(length, other):
        # As keras.utils.image_utils.smart_resize: the longest piece with the wanted ratio, here a square.
        kept = tf.minimum(length, tf.cast(tf.cast(other * size, "float32") / size, "int32"))
        return tf.cast(tf.cast(length - kept, "float32") / 2, "int32"), tf.maximum(kept, 1)

    def decode(path):
        image = tf.io.decode_image(tf.io.read_file(path), channels=3, expand_animations=False)
        height, width = tf.shape(image)[0], tf.shape(image)[1]
        (top, rows), (left, columns) = middle(height, width), middle(width, height)
        image = image[top : top + rows, left : left + columns]
        pixels = tf.cond(
            (rows == size) & (columns == size),
            lambda: tf.cast(image, "float32"),  # what resizing would give
            lambda: tf.image.resize(image, (size, size), method="bilinear"),
        )
        return tf.ensure_shape(pixels, (size, size, 3))

    return decode
