"""Photographs in folders, ``{train,val}/<class>/*``: found, checked, and handed out as splits without decoding."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType

import numpy as np

from .._display import table_text
from ..errors import DataError
from . import listing
from .cards.card import DatasetCard
from .photo_check import REFUSED, SUFFIXES, check_photos
from .photo_view import make_view
from .photos import Photos, PhotoSplit, joined

# Names of the folder that serves as test split, in the order they are looked for.
HELD_OUT = ("test", "val", "valid", "validation")
# ImageNet's own validation images: no backbone was trained on them.
UNSEEN = "ILSVRC2012_val_"

_KNOWN = {*SUFFIXES, *REFUSED}


@dataclass(frozen=True)
class PhotoContent:
    """The photographs of a data set.

    Attributes
    ----------
    train, test : PhotoSplit
    parts : mapping of str to PhotoSplit
    view : Path or callable
        Holds ``train`` and ``val`` for ``keras.utils.image_dataset_from_directory``, or makes a folder that does.
    class_folders : tuple of str
        In the order of the classes.
    form : str
        Kind of most files, for example ``"jpeg"``.
    note : str
    verified : bool
    """

    train: PhotoSplit
    test: PhotoSplit
    parts: Mapping[str, PhotoSplit]
    view: Path | Callable[[], Path]
    class_folders: tuple[str, ...]
    form: str
    note: str = ""
    verified: bool = False


def held_out(folder) -> Path | None:
    """Return the folder beside ``train`` that serves as test split, or None without one."""
    return next((Path(folder) / name for name in HELD_OUT if _is_folder(Path(folder) / name)), None)


def has_splits(folder: Path) -> bool:
    """Return True if a folder holds ``train`` and something that serves as test split."""
    return _is_folder(folder / "train") and held_out(folder) is not None


def find_photos(card: DatasetCard, folder, image_size: int) -> Path | None:
    """Find the folder of a data set whose photographs suit a size best.

    The published ones are called after the length of the shorter side: the smallest that is large
    enough is taken, else the largest there is.

    Parameters
    ----------
    card : DatasetCard
    folder : path-like
        A prepared folder, or that of the data set itself.
    image_size : int

    Returns
    -------
    Path or None
    """
    folder = Path(folder)
    there = [path for name in card.folders if has_splits(path := folder / name)]
    if not there:
        own = has_splits(folder) and _is_folder(folder / "train" / card.class_folders[0])
        return folder if own else None
    return next((path for path in there if shorter_side(path) >= image_size), there[-1])


def shorter_side(folder: Path) -> float:
    """Return the length of the shorter side that the name of a published folder tells; infinite without one."""
    number = folder.name.rpartition("-")[2]
    return int(number) if number.isdigit() else float("inf")


def read_photo_folder(card: DatasetCard, folder, image_size: int, cache_dir: Path, name="") -> PhotoContent:
    """Read a data set of photographs; only headers are looked at, and only the first time.

    The photographs come in a fixed shuffled order, the same wherever the folder lies.

    Parameters
    ----------
    card : DatasetCard
    folder : path-like
        Holds ``train/<class folder>/*`` and ``val``, ``valid``, ``validation`` or ``test``.
    image_size : int
    cache_dir : Path
        The result of the check and copies of odd files are kept there.
    name : str, optional
        The variant to give the splits; default: the card's name and the kind of the files.

    Returns
    -------
    PhotoContent
        Unverified.

    Raises
    ------
    DataError
        If classes are missing, empty, nested or unknown (with a table), or files cannot be used (all listed).
    """
    folder = Path(folder)
    places = {"train": folder / "train", "test": held_out(folder)}
    scans = {split: listing.scan(place, _KNOWN) for split, place in places.items()}
    _require_classes(card, folder, places, scans)
    files = [file for scan in scans.values() for file in scan]
    key = listing.key(f"{card.name} 2", folder, scans.values())
    checked = check_photos(files, card.title, key, cache_dir)
    form = listing.main_form(scans.values(), SUFFIXES)
    variant = name or f"{card.name}/{form}"
    train, test = (
        make_split(scans[split], card, checked.odd, image_size, split, variant, number)
        for number, split in enumerate(scans)
    )
    if checked.odd or places["test"].name != "val":
        folder = partial(make_view, {"train": train, "val": test}, card.class_folders, card.name, key, cache_dir)
    return PhotoContent(
        train,
        test,
        unseen_part(train, test),
        folder,
        card.class_folders,
        form,
        "; ".join(filter(None, [listing.left_out(scans.values()), checked.note])),
    )


def make_split(
    scan: listing.Listing,
    card: DatasetCard,
    odd: Mapping[str, str],
    image_size: int,
    name: str,
    variant: str,
    seed: int,
) -> PhotoSplit:
    """Return the photographs of a listing in a fixed shuffled order.

    Parameters
    ----------
    scan : Listing
        Its classes are the card's, or some of them.
    card : DatasetCard
    odd : mapping of str to str
        Files that are read from a copy.
    image_size : int
    name, variant : str
    seed : int
        Of the order.
    """
    files = [scan.files.get(name, ()) for name in card.class_folders]
    paths = [file.path for some in files for file in some]
    labels = np.repeat(np.arange(len(card.classes)), list(map(len, files)))
    order = np.random.default_rng(seed).permutation(len(paths))
    photos = Photos(paths, [odd.get(path, path) for path in paths], image_size).take(order)
    return PhotoSplit(photos, labels[order].astype("int64"), card.classes, name, variant)


def unseen_part(train: PhotoSplit, test: PhotoSplit) -> Mapping[str, PhotoSplit]:
    """Return the part of Imagenette or Imagewoof that no ImageNet model was trained on, if there is one."""
    part = joined("", *(starting_with(split, UNSEEN) for split in (train, test)))
    name = f"clean-{len(part)}"
    return MappingProxyType({name: replace(part, name=name)} if len(part) else {})


def starting_with(split: PhotoSplit, start: str, name: str = "") -> PhotoSplit:
    """Return the photographs whose file names start so, as a split called `name`."""
    chosen = np.array([Path(path).name.startswith(start) for path in split.paths], bool)
    return replace(split[chosen], name=name or split.name)


def _require_classes(card, folder, places, scans: Mapping[str, listing.Listing]):
    """Refuse a folder whose classes are not those of the data set; the message shows every class and count."""
    names = list(dict.fromkeys([*card.class_folders, *(name for scan in scans.values() for name in scan.files)]))
    nested = [path for scan in scans.values() for path in scan.nested]
    unknown = [name for name in names if name not in card.class_folders]
    empty = [name for name in card.class_folders if not all(scan.files.get(name) for scan in scans.values())]
    problems = [
        empty and f"no photographs for {listed(empty)}",
        unknown and f"unknown folders {listed(unknown)}",
        nested and f"folders inside a class: {listed(nested)}",
    ]
    if any(problems):
        splits = [place.name for place in places.values()]
        meanings = dict(zip(card.class_folders, card.classes, strict=True))
        rows = [
            (name, meanings.get(name, "?"), *(len(scan.files.get(name, ())) for scan in scans.values()))
            for name in names
        ]
        raise DataError(
            f"These folders are not those of {card.title}: {'; '.join(filter(None, problems))}.",
            where=str(folder),
            expected=f"train/<class>/ and val/<class>/ with photographs, for each of {', '.join(card.class_folders)}",
            found="\n" + table_text(rows, header=("folder", "class", *splits)),
            fix="Complete the folders, or move this one out of COURSE_DATA_DIR. Nothing was changed.",
        )


def listed(names: Sequence[str], limit=10) -> str:
    """Return names separated by commas, the first few of many."""
    more = f" and {len(names) - limit:,} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more


def _is_folder(path):
    try:
        return path.is_dir()
    except OSError:  # a folder that may not be entered
        return False
