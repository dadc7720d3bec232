"""What `load` returns: a `Dataset` of two `Split` s, and the `Source` it came from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

import numpy as np

from .._display import counted, table_html, table_text
from ..errors import InputError
from .cards.card import DatasetCard

# How each kind of source is named to the learner.
KINDS = {
    "folder": "local folder",
    "cache": "cache",
    "system": "system package",
    "download": "download",
    "bundled": "bundled sample",
    "practice": "practice set",
}


@dataclass(frozen=True)
class Source:
    """Where a data set came from, or would come from.

    Attributes
    ----------
    kind : str
        ``"folder"``, ``"cache"``, ``"system"``, ``"download"``, ``"bundled"`` or ``"practice"``.
    location : str
        Folder, file or host.
    verified : bool or None
        True if the content was compared with a published digest, False if there is none to compare with,
        None if nothing has been read yet.
    note : str
        What else to know, for example why nothing better was found.
    """

    kind: str
    location: str
    verified: bool | None = None
    note: str = ""

    def __str__(self):
        checked = {True: " (verified)", False: " (unverified)", None: ""}[self.verified]
        ships = " that ships with the course"
        where = {"bundled": ships, "practice": ships, "download": f" from {self.location}"}
        if self.kind == "download" and checked:
            return f"{KINDS[self.kind]}{checked}, kept in {self.location}"
        return f"{KINDS[self.kind]}{where.get(self.kind, f' {self.location}')}{checked}"


@dataclass(frozen=True, eq=False)
class Split:
    """Images and their labels.

    Attributes
    ----------
    images : ndarray, (n, height, width, channels), uint8 in [0, 255]
    labels : ndarray, (n,), int64 in [0, number of classes)
    classes : tuple of str
        ``classes[label]`` is the label's name.
    name : str
        ``"train"``, ``"test"``, ``"validation"``.
    variant : str or None
        The data set's `Dataset.variant`: results on different variants are never compared.
    """

    images: np.ndarray
    labels: np.ndarray
    classes: tuple[str, ...]
    name: str = "train"
    variant: str | None = None

    def __post_init__(self):
        if len(self.images) != len(self.labels):
            raise InputError(
                "Images and labels must be equally many.",
                found=f"{len(self.images):,} images, {len(self.labels):,} labels",
                fix="Take both from the same split.",
            )

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        """Return the chosen images as a split: a slice, integers or booleans, as NumPy understands them."""
        if isinstance(index, int | np.integer):
            index = [index]
        return replace(self, images=self.images[index], labels=self.labels[index])

    def counts(self) -> dict[str, int]:
        """Return how many images each class has, as ``{class name: n}``."""
        counts = np.bincount(self.labels, minlength=len(self.classes))
        return {name: int(n) for name, n in zip(self.classes, counts, strict=True)}

    def subset(self, n: int | None, seed: int = 0) -> "Split":
        """Return at most `n` images with the classes in the same proportions (stratified).

        Parameters
        ----------
        n : int or None
            None, or more than there are: the split itself.
        seed : int
            The same seed chooses the same images.

        Returns
        -------
        Split
            In the original order.

        Raises
        ------
        InputError
            If `n` is not a positive whole number.
        """
        if n is None:
            return self
        if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 1:
            raise InputError(
                "The size of a subset is a positive whole number, or None for everything.",
                expected=f"1 to {len(self):,}, or None",
                found=repr(n),
            )
        return self if n >= len(self) else self[stratified(self.labels, int(n), seed)]

    def split(self, fraction: float = 0.1, seed: int = 0) -> tuple["Split", "Split"]:
        """Split into training and validation images: stratified, disjoint, nothing left over.

        Parameters
        ----------
        fraction : float
            Share of the validation images, between 0 and 1.
        seed : int
            The same seed chooses the same images.

        Returns
        -------
        train, validation : Split
            Both in the original order.

        Raises
        ------
        InputError
            If `fraction` leaves one side empty.
        """
        n = round(fraction * len(self)) if isinstance(fraction, int | float | np.floating) and 0 < fraction < 1 else 0
        if not 0 < n < len(self):
            raise InputError(
                "The validation share must leave images on both sides.",
                expected="a fraction between 0 and 1, for example 0.1",
                found=f"{fraction!r} of {len(self):,} images",
            )
        chosen = np.zeros(len(self), bool)
        chosen[stratified(self.labels, n, seed)] = True
        return self[~chosen], replace(self[chosen], name="validation")

    def __repr__(self):
        shape = "×".join(str(length) for length in self.images.shape[1:])
        images = f"{counted(len(self), 'image')} {shape} {self.images.dtype}"
        return f"Split {self.name!r}: {images}, {len(self.classes)} classes"


@dataclass(frozen=True, eq=False)
class Dataset:
    """A data set as `load` returns it.

    Attributes
    ----------
    name : str
        For example ``"fashion_mnist"``.
    train, test : Split
    card : DatasetCard
        Origin, licence, classes, known label faults.
    source : Source
        Where it came from.
    variant : str
        Key for results: ``"fashion_mnist"`` for the verified official data, ``"fashion_mnist/sample"`` for
        the bundled sample, ``"cifar10/jpeg"`` for an unverified folder of JPEG images,
        ``"cifar10/practice"`` for the practice set that stands in for it.
    parts : mapping of str to Split
        Further test sets by name: of the practice set its two halves, of Imagenette the images that no
        ImageNet model was trained on; empty for the others.
    view : Path, callable or None
        Where `folder` lies, or a function that makes it.
    class_folders : tuple of str
        Photographs only: names of the classes' folders, in the order of the classes.
    title : str
        For people and for the titles of figures: ``"CIFAR-10"``, or what stands in for it.
    """

    name: str
    train: Split
    test: Split
    card: DatasetCard
    source: Source
    variant: str
    parts: Mapping[str, Split] = field(default_factory=lambda: MappingProxyType({}))
    view: Path | Callable[[], Path] | None = None
    class_folders: tuple[str, ...] = ()
    title: str = ""

    def __post_init__(self):
        if not self.title:
            object.__setattr__(self, "title", self.card.title)

    @property
    def folder(self) -> Path | None:
        """Holds ``train`` and ``val`` for ``keras.utils.image_dataset_from_directory``; None without photographs.

        Where the files do not lie so, it is a folder of links to them in the cache, made when asked for: a
        `DiskError` says if the cache cannot be written.
        """
        return self.view() if callable(self.view) else self.view

    @property
    def is_practice(self) -> bool:
        """True if this is the practice set, standing in for the data set that was asked for."""
        return self.source.kind == "practice"

    @property
    def imagenet(self) -> Mapping[str, tuple[int, ...]]:
        """Class name → indices of the ImageNet-1k classes (0 to 999) that mean it; empty where unknown."""
        return self.card.imagenet

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes; ``classes[label]`` is the label's name."""
        return self.card.classes

    def _rows(self):
        shape = "×".join(str(length) for length in self.train.images.shape[1:])
        return [
            ("training images", f"{len(self.train):,}"),
            ("test images", f"{len(self.test):,}"),
            ("each image", f"{shape} {self.train.images.dtype}, values 0–255"),
            ("classes", _few(self.classes)),
            *((f"part '{name}'", counted(len(part), "image")) for name, part in self.parts.items()),
            ("source", str(self.source)),
        ]

    def __repr__(self):
        return table_text(self._rows(), caption=self.title)

    def _repr_html_(self):
        return table_html(self._rows(), caption=self.title)


def stratified(labels, n, seed):
    """Choose `n` items with the classes in the same proportions (largest remainders).

    Parameters
    ----------
    labels : ndarray, (m,), int
    n : int
        At most m.
    seed : int

    Returns
    -------
    ndarray, (n,), int64
        Sorted indices.
    """
    generator = np.random.default_rng(seed)
    values, counts = np.unique(labels, return_counts=True)
    quota = counts * n / counts.sum()
    take = np.floor(quota).astype(int)
    # Shuffled before sorting, so that equal remainders do not always favour the first classes.
    order = generator.permutation(len(values))
    order = order[np.argsort(-(quota - take)[order], kind="stable")]
    take[order[: n - take.sum()]] += 1
    chosen = [
        generator.choice(np.flatnonzero(labels == value), count, replace=False)
        for value, count in zip(values, take, strict=True)
    ]
    return np.sort(np.concatenate(chosen))


def _few(names, limit=12):
    shown = ", ".join(names[:limit])
    return shown if len(names) <= limit else f"{shown}, … ({len(names)} classes)"
