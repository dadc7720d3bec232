"""`load_folder`: one's own photographs as a data set."""

import re
from dataclasses import dataclass, replace
from functools import partial
from html import escape
from pathlib import Path
from types import MappingProxyType

import numpy as np

from .._display import counted, show, table_text
from ..errors import DataError, InputError
from ..files import given_path
from ..session import report_event
from ..settings import get_settings
from . import listing
from .announcing import what
from .cards.card import DatasetCard, split_sizes
from .dataset import Dataset, Source
from .photo_check import REFUSED, SUFFIXES, Checked, check_photos
from .photo_folders import HELD_OUT, listed, make_split
from .photo_view import make_view
from .photos import USUAL, check_size
from .quarantine import check_place, set_aside

_KNOWN = {*SUFFIXES, *REFUSED}
_LAYOUTS = "<folder>/<class>/* with validation_split=0.2, or <folder>/train/<class>/* and <folder>/val/<class>/*"
# Beside train and val: photographs without labels. Such sets (Imagewang) may have classes only in train.
_UNLABELLED = "unsup"


def load_folder(
    path,
    image_size: int = USUAL,
    validation_split: float | None = None,
    name: str | None = None,
    seed: int = 0,
    quarantine=None,
) -> Dataset:
    """Load photographs of your own: one folder per class; the folders' names are the names of the classes.

    Nothing in the folder is changed, moved or deleted, unless `quarantine` asks for it. Files that are no
    images are left out and counted; unusual images (turned by the telephone, with transparency, WebP …) are
    converted once, into the cache: upright JPEG copies, of large ones reduced (1,024 pixels on the longer side).

    Parameters
    ----------
    path : path-like
        Holds ``train/<class>/*`` and ``val`` (or ``valid``, ``validation``, ``test``) with the same classes;
        or ``<class>/*`` alone, then `validation_split` is needed. Other folders beside ``train`` are left out;
        if one of them is ``unsup`` (images without labels), ``val`` may lack classes.
    image_size : int, default 160
        Height and width of the photographs in pixels, 32 to 320.
    validation_split : float, optional
        Share of each class that becomes the test split, for example 0.2.
    name : str, optional
        Name of the data set; default: that of the folder.
    seed : int, default 0
        0 or more. Of the split: the same seed and files give the same split, wherever the folder lies.
    quarantine : path-like, optional
        A folder beside this one into which files that cannot be used are moved, with a list of where they
        were and why (``manifest.json``); without it they are an error that lists them.

    Returns
    -------
    Dataset
        ``train`` and ``test`` are `PhotoSplit` s; ``variant`` is ``"folder:<name>"``, so that results are never
        compared with the course's. Where there is ``val`` beside ``test``, it is ``parts["validation"]``.

    Raises
    ------
    InputError
        If an argument makes no sense for this folder.
    DataError
        If the folder is laid out otherwise (with a table of what was found), or if files cannot be used: all
        of them are listed, with reasons.
    DiskError
        If unusual images have to be converted and the cache cannot be written.

    Examples
    --------
    >>> data = load_folder("my photographs", validation_split=0.2)  # doctest: +SKIP
    """
    folder = _folder(path)
    size = check_size(image_size)
    name = _name(name, folder)
    seed = _seed(seed)
    settings = get_settings()
    place = None if quarantine is None else check_place(folder, quarantine)
    found = _checked(folder, name, validation_split, settings.cache_dir, place)
    classes = found.classes
    card = _card(name, classes)
    variant = f"folder:{name}"
    splits = {
        place: make_split(scan, card, found.checked.odd, size, place, variant, number)
        for number, (place, scan) in enumerate(found.scans.items())
    }
    splits = _named(splits, validation_split, seed)
    view = {"train": splits["train"], "val": splits["test"]}
    share = f"{validation_split}-{seed}-" if validation_split else ""
    dataset = Dataset(
        name=variant,
        train=splits.pop("train"),
        test=splits.pop("test"),
        card=replace(card, sizes=split_sizes(len(view["train"]), len(view["val"]))),
        source=Source("folder", str(folder), False, found.note()),
        variant=variant,
        parts=MappingProxyType(splits),
        view=folder
        if found.as_keras_reads_it()
        else partial(make_view, view, classes, _slug(name), f"{share}{found.key}", settings.cache_dir),
        class_folders=classes,
    )
    lines = what(dataset, dataset.card)
    show("".join(f"<p>{escape(line)}</p>" for line in lines), "\n".join(lines))
    report_event("data", name=variant, source="folder", variant=variant, verified=False)
    return dataset


@dataclass(frozen=True)
class _Found:
    """What lies in a folder: its splits, the folders beside them, the classes, and what the check of the files said."""

    folder: Path
    scans: dict[str, listing.Listing]
    beside: list[str]
    classes: tuple[str, ...]
    key: str
    checked: Checked

    def untested(self):
        """Return the classes that have no photographs in some split."""
        return [name for name in self.classes if not all(scan.files.get(name) for scan in self.scans.values())]

    def as_keras_reads_it(self):
        """Return True if Keras's own function finds the same photographs with the same labels in the folder itself."""
        places = set(self.scans) == {"train", "val"} and all((self.folder / place).is_dir() for place in self.scans)
        whole = not any(scan.left_out or scan.loose for scan in self.scans.values())
        return places and whole and not self.checked.odd and not self.untested()

    def note(self):
        beside, untested = self.beside, self.untested()
        were = "folder beside train was", "folders beside train were"
        notes = [
            beside and f"{counted(len(beside), *were)} left out ({listed(beside, 5)})",
            untested and f"{counted(len(untested), 'class', 'classes')} without test images: {listed(untested, 5)}",
            listing.left_out(self.scans.values()),
            self.checked.note,
        ]
        return "; ".join(filter(None, notes))


def _checked(folder, name, validation_split, cache_dir, place=None):
    """Scan and check a folder; unusable files go to `place`, if there is one, and it is looked at again."""
    scans, beside = _scans(folder, validation_split)
    classes = _classes(folder, scans, may_lack=_UNLABELLED in map(str.lower, beside))
    key = listing.key(f"{name} own 2", folder, scans.values())
    files = [file for scan in scans.values() for file in scan]
    try:
        return _Found(folder, scans, beside, classes, key, check_photos(files, name, key, cache_dir))
    except DataError as error:
        if place is None or not getattr(error, "problems", ()):
            raise
        manifest = set_aside(folder, error.problems, place)
        were = "file that cannot be used was", "files that cannot be used were"
        text = f"{counted(len(error.problems), *were)} moved away; listed in {manifest}"
        show(f"<p>{escape(text)}</p>", text)
    return _checked(folder, name, validation_split, cache_dir)


def _folder(path):
    folder = given_path(path, "The folder", 'cu.load_folder("my photographs")')
    if folder.is_dir():
        return folder
    parent = folder.parent
    beside = sorted(entry.name for entry in parent.iterdir() if entry.is_dir())[:10] if parent.is_dir() else []
    fix = f"Folders beside it: {', '.join(beside)}" if beside else f"The notebook runs in {Path.cwd()}"
    if folder.exists():
        fix = "Unpack it first, and give the folder." if folder.suffix in (".zip", ".tgz", ".gz", ".tar") else fix
        raise DataError("This is a file, not a folder of photographs.", where=str(folder), fix=fix)
    raise DataError("There is no such folder.", where=str(folder), expected=_LAYOUTS, fix=fix)


def _name(name, folder):
    wanted = folder.name if name is None else name
    if not isinstance(wanted, str) or not 0 < len(wanted.strip()) <= 100:
        raise InputError(
            "A data set needs a name of up to 100 characters.",
            found=repr(wanted),
            fix='name="my flowers", or leave name out: the folder\'s own is taken',
        )
    return wanted.strip()


def _seed(seed):
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise InputError(
            "The seed of the split is a whole number of at least 0.",
            found=f"seed={seed!r}",
            fix="seed=0; another number gives another split.",
        )
    return int(seed)


def _slug(name):
    return re.sub(r"[^A-Za-z0-9_-]+", "_", name)[:40]


def _scans(folder, validation_split):
    """Return what lies there by split, ``{"train", "val" …}`` or ``{"all"}``, and the folders that are no split."""
    names = sorted(path.name for path in map(Path, listing.folders(folder)))
    places = {name.lower(): name for name in names}  # Train/ is train/, which comes last and wins
    kept = [name for name in HELD_OUT if name in places]
    if "train" in places and kept:
        if validation_split is not None:
            raise InputError(
                "This folder is split already, into train and " + " and ".join(kept) + ".",
                where=str(folder),
                found=f"validation_split={validation_split!r}",
                fix="Leave validation_split out.",
            )
        used = {name: places[name] for name in ("train", *kept)}
        scans = {name: listing.scan(folder / place, _KNOWN) for name, place in used.items()}
        return scans, [name for name in names if name not in used.values()]
    if "train" in places or kept:
        there = places["train"] if "train" in places else places[kept[0]]
        raise DataError(
            f"There is {there}/ here and nothing to go with it.",
            where=str(folder),
            expected=_LAYOUTS,
            found=", ".join(names),
            fix=f'cu.load_folder(folder / "{there}", validation_split=0.2) splits the images of {there}/.',
        )
    scan = listing.scan(folder, _KNOWN)
    if len(scan.files) >= 1 and len(scan):
        _check_share(folder, scan, validation_split)
    return {"all": scan}, []


def _check_share(folder, scan, share):
    good = isinstance(share, int | float | np.floating) and not isinstance(share, bool) and 0 < share < 1
    if not good:
        rows = [(name, len(files)) for name, files in scan.files.items()]
        raise InputError(
            "This folder is not split yet; say which share of its photographs is kept for testing.",
            where=str(folder),
            expected="validation_split between 0 and 1",
            found=f"validation_split={share!r}, and these classes:\n" + table_text(rows, header=("class", "images")),
            fix="cu.load_folder(path, validation_split=0.2)",
        )


def _classes(folder, scans, may_lack=False):
    """Return the names of the classes, or refuse the layout with a table of what was found.

    `may_lack` allows classes that are only in train.
    """
    names = sorted({name for scan in scans.values() for name in scan.files})
    nested = [path for scan in scans.values() for path in scan.nested]
    missing = [
        f"no images of {name} in {place}" if place != "all" else f"no images of {name}"
        for name in names
        for place, scan in scans.items()
        if not scan.files.get(name) and not (may_lack and place != "train" and len(scan))
    ]
    loose = any(scan.loose for scan in scans.values())
    problems = [
        not names
        and ("images lie beside each other, without folders of classes" if loose else "no folders of classes"),
        len(names) == 1 and f"only one class, {names[0]}: there is nothing to tell apart",
        nested and f"folders inside a class: {listed(nested, 5)}",
        not nested and missing and listed(missing),
    ]
    if not any(problems):
        return tuple(names)
    places = ["images" if place == "all" else place for place in scans]
    rows = [(name, *(len(scan.files.get(name, ())) for scan in scans.values())) for name in names]
    fix = "Give the folder above the classes" if nested else "Make one folder per class, called after it"
    if nested and len(names) == 1:
        fix += f", it may be {folder / names[0]}"
    raise DataError(
        f"This folder is not laid out as a data set: {'; '.join(filter(None, problems))}.",
        where=str(folder),
        expected=_LAYOUTS,
        found=("\n" + table_text(rows, header=("class", *places))) if rows else "no classes",
        fix=f"{fix}, with images of every class in every split. Nothing was changed.",
    )


def _card(name, classes):
    return DatasetCard(
        name=f"folder:{name}",
        title=name,
        description="Photographs of your own.",
        origin="your own folder",
        citation="none",
        licence="As you have the right to use them.",
        label_faults="Not known: look at the mistakes of your model.",
        classes=classes,
        shape=(USUAL, USUAL, 3),
        sizes=split_sizes(0, 0),
        class_folders=classes,
    )


def _named(splits, share, seed):
    """Return ``train``, ``test`` and what else there is, with their names."""
    if "all" in splits:
        train, test = splits["all"].split(share, seed)
        _check_classes(train, test, share)
        return {"train": replace(train, name="train"), "test": replace(test, name="test")}
    test, *others = [place for place in HELD_OUT if place in splits]
    named = {"train": splits["train"], "test": replace(splits[test], name="test")}
    if others:
        named["validation"] = replace(splits[others[0]], name="validation")
    return named


def _check_classes(train, test, share):
    """Refuse a split that leaves a class without photographs on one side."""
    counts = {name: (n, test.counts()[name]) for name, n in train.counts().items()}
    if all(map(all, counts.values())):
        return
    rows = [(name, *both) for name, both in counts.items()]
    raise InputError(
        "With this share a class has no photographs left for training, or none for testing.",
        expected="at least one photograph of every class on each side",
        found=f"validation_split={share!r}, which gives\n" + table_text(rows, header=("class", "train", "test")),
        fix="More photographs of these classes, or another share, for example validation_split=0.2.",
    )
