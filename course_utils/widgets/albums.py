"""Pictures of a data set for widgets: an array, or photographs that are decoded when they are looked at."""

from collections import OrderedDict

import numpy as np

from ..data.photos import LARGEST, SMALLEST
from ..errors import InputError
from ..inputs import check_labels
from ..models.forward import input_size
from ..plots.alt import percent
from ..predicting import in_files
from .explorer import require_picture
from .pixels import shown

_KEPT = 300  # pictures of an album: 10 MB at 112 pixels
PHOTO = 64  # pictures with more pixels along a side are shown as photographs


class Album:
    """Pictures by their number, as they are shown.

    Parameters
    ----------
    images : ndarray, (n, height, width) or (n, height, width, channels), or Photos
    side : int
        Photographs in files are shown at this height and width; larger arrays are scaled down to it.
    """

    def __init__(self, images, side):
        self._images = images
        self._side = side
        self._kept = OrderedDict()

    def __len__(self):
        return len(self._images)

    @property
    def large(self) -> bool:
        """Whether these are photographs, to be shown smoothly, and not small pictures of visible pixels."""
        return in_files(self._images) or min(self._images.shape[1:3]) > PHOTO

    def __getitem__(self, index):
        """Return one picture, (height, width, 3), uint8, read-only."""
        index = int(index)
        if index not in self._kept:
            pixels = self._decoded(index) if in_files(self._images) else self._scaled(shown(self._images[index]))
            self._kept[index] = np.array(pixels)
            self._kept[index].flags.writeable = False
        self._kept.move_to_end(index)
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return self._kept[index]

    def several(self, indices):
        """Return pictures as a list of (height, width, 3), uint8."""
        return [self[index] for index in indices]

    def _decoded(self, index):
        """Return the square in the middle of a photograph, to look at: a hundred times faster than for a model."""
        from PIL import Image

        try:
            with Image.open(self._images.sources[index]) as file:
                file.draft("RGB", (self._side, self._side))  # a JPEG file can be read at a fraction of its size
                side = min(file.size)
                left, top = ((length - side) // 2 for length in file.size)
                square = file.convert("RGB").crop((left, top, left + side, top + side))
                return np.asarray(square.resize((self._side, self._side), Image.Resampling.BILINEAR))
        except OSError:
            # This way is slow, and its error says which file is damaged or gone.
            return self._images.at(int(np.clip(self._side, SMALLEST, LARGEST)))[index]

    def _scaled(self, pixels):
        height, width = pixels.shape[:2]
        if max(height, width) <= self._side:
            return pixels
        from PIL import Image

        picture = Image.fromarray(pixels)
        picture.thumbnail((self._side, self._side))
        return np.asarray(picture)


def for_model(model, images, most, photographs):
    """Return the first pictures as an array, as a model takes them.

    Parameters
    ----------
    model : keras.Model
    images : ndarray, (n, height, width, channels), or Photos
    most, photographs : int
        How many at most of small pictures, and of photographs. Those in files are decoded here, together: one by one
        takes a third of a second each.

    Returns
    -------
    ndarray, (m, height, width, channels)
    """
    if in_files(images):
        size = input_size(model) or images.image_size
        return np.asarray(images.take(slice(photographs)).at(size))
    return images[: most if min(images.shape[1:3]) <= PHOTO else photographs]


def unpacked(images, labels=None, classes=None):
    """Return images, labels and names of the classes; a split brings all of them.

    Parameters
    ----------
    images : ndarray, (n, height, width) or (n, height, width, channels), Photos, or a split
    labels : array_like, (n,), int, optional
    classes : sequence of str, optional

    Returns
    -------
    tuple
        ``(images, labels, classes)``; labels and classes may be None.

    Raises
    ------
    InputError
        If these are no pictures, or there is not a label for each, or not a name for each label.
    """
    if hasattr(images, "images"):
        labels = getattr(images, "labels", None) if labels is None else labels
        classes = getattr(images, "classes", None) if classes is None else classes
        images = images.images
    if not in_files(images):
        images = np.asarray(images)
        if images.ndim not in (3, 4) or not len(images):
            raise InputError(
                "images are several pictures.",
                expected="(n, height, width, channels), or a split such as data.test",
                found=f"shape {images.shape}",
                fix="images=picture[None] for a single one" if images.ndim == 2 else None,
            )
        require_picture(images[0])
    elif not len(images):
        raise InputError("There are no pictures.", found="0 photographs")
    classes = tuple(str(name) for name in classes) if classes is not None else None
    if labels is not None:
        labels = check_labels(labels, len(classes) if classes else None, n_images=len(images))
    return images, labels, classes


def named(classes, number):
    """Return a class's name, its number where there are no names."""
    return classes[number] if classes else str(number)


def sure(probability) -> str:
    """Write a classifier's probability, never as 100 %: a softmax comes near to certainty and does not reach it.

    Examples
    --------
    >>> sure(0.87), sure(0.9999)
    ('87 %', '99.9 %')
    """
    probability = min(float(probability), 0.999)
    return percent(probability, 1 if probability > 0.985 else 0)
