"""The 1,000 classes that the pre-trained networks know."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).parent / "weights" / "imagenet_classes.tsv"


@dataclass(frozen=True)
class ImageNetClass:
    """A class of ImageNet-1k.

    Attributes
    ----------
    index : int
        0 to 999: the place of its number in a network's output.
    wnid : str
        WordNet id, for example ``"n01440764"``; folders of ImageNet-derived data sets have this name.
    name : str
        First English lemma, for example ``"tench"``. Two names occur twice: crane and maillot.
    """

    index: int
    wnid: str
    name: str


@cache
def imagenet_classes() -> tuple[ImageNetClass, ...]:
    """Return ImageNet's 1,000 classes in the order of a network's output.

    O. Russakovsky et al., "ImageNet large scale visual recognition challenge", International Journal of
    Computer Vision 115 (2015). The order is that of the WordNet ids, in Keras, PyTorch and here alike.

    Returns
    -------
    tuple of ImageNetClass

    Examples
    --------
    >>> imagenet_classes()[217]
    ImageNetClass(index=217, wnid='n02102040', name='English springer')
    """
    rows = (line.split("\t") for line in _TABLE.read_text("utf-8").splitlines())
    return tuple(ImageNetClass(int(index), wnid, name) for index, wnid, name in rows)
