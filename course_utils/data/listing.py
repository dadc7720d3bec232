"""What lies in a folder of images ``<class>/*``: the files of each class, and what was left out."""

import hashlib
import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from .._display import counted
from ..errors import DataError

_JUNK = {"thumbs.db", "desktop.ini", "__macosx", "icon\r"}


class File(NamedTuple):
    """One file: path, bytes, and the time of its last change in nanoseconds."""

    path: str
    size: int
    changed: int


@dataclass
class Listing:
    """What one folder holds.

    Attributes
    ----------
    files : dict of str to list of File
        Images by class, both in the order of their names.
    nested : list of str
        Folders inside a class.
    left_out : list of str
        Names of what is no image: junk of operating systems, notes, tables.
    loose : list of str
        Names of images that lie in no folder of a class.
    """

    files: dict[str, list[File]] = field(default_factory=dict)
    nested: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    loose: list[str] = field(default_factory=list)

    def __len__(self):
        return sum(map(len, self.files.values()))

    def __iter__(self):
        return (file for files in self.files.values() for file in files)


def scan(folder, suffixes: Collection[str]) -> Listing:
    """List a folder of classes; nothing is opened.

    Parameters
    ----------
    folder : path-like
        Holds one folder per class.
    suffixes : collection of str
        Endings of image files, in lower case with their dot; other files are left out.

    Returns
    -------
    Listing
    """
    listing = Listing()
    for entry in _entries(folder):
        if entry.is_dir() and not is_junk(entry.name):
            listing.files[entry.name] = _class_files(entry.path, suffixes, listing)
        elif not is_junk(entry.name) and Path(entry.name).suffix.lower() in suffixes:
            listing.loose.append(entry.name)
        else:
            listing.left_out.append(entry.name)
    return listing


def folders(folder) -> list[str]:
    """Return the paths of the folders inside a folder, without junk, in the order of their names."""
    return [entry.path for entry in _entries(folder) if entry.is_dir() and not is_junk(entry.name)]


def is_junk(name: str) -> bool:
    """Return True for names that operating systems and notebooks leave behind."""
    return name.startswith(".") or name.lower() in _JUNK


def key(name: str, folder, listings: Iterable[Listing]) -> str:
    """Return a digest of names, sizes and times of all files: it changes when any file does.

    Parameters
    ----------
    name : str
        Goes into the digest, so that two uses of a folder have different keys.
    folder : path-like
        Paths are taken relative to it.
    listings : iterable of Listing

    Returns
    -------
    str
        16 hexadecimal digits.
    """
    digest = hashlib.sha256(f"{name}\n".encode())
    prefix = len(str(Path(folder) / "x")) - 1
    for listing in listings:
        for path, size, changed in listing:
            digest.update(f"{path[prefix:]}\0{size}\0{changed}\n".encode(errors="surrogatepass"))
    return digest.hexdigest()[:16]


def left_out(listings: Iterable[Listing]) -> str:
    """Say how many files were no images, or lay in no class, or return an empty string."""
    listings = list(listings)
    kinds = (
        ([name for listing in listings for name in listing.left_out], "that is no image", "that are no images"),
        ([name for listing in listings for name in listing.loose], "that lies in no class", "that lie in no class"),
    )
    return "; ".join(
        f"{counted(len(names), f'file {one} was', f'files {many} were')} left out ({', '.join(sorted(set(names))[:5])})"
        for names, one, many in kinds
        if names
    )


def main_form(listings: Iterable[Listing], suffixes: dict[str, str]) -> str:
    """Return the form of most files, as `suffixes` names it, for example ``"jpeg"``."""
    counts = {}
    for listing in listings:
        for file in listing:
            form = suffixes[Path(file.path).suffix.lower()]
            counts[form] = counts.get(form, 0) + 1
    return max(counts, key=counts.get)


def _entries(folder):
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise DataError(
            "This folder cannot be read.",
            where=str(folder),
            found=error.strerror or str(error),
            fix="Give yourself the right to read it, or move it out of the folder.",
        ) from error


def _class_files(path, suffixes, listing):
    files = []
    for entry in _entries(path):
        if is_junk(entry.name):
            listing.left_out.append(entry.name)
        elif entry.is_dir():
            listing.nested.append(entry.path)
        elif Path(entry.name).suffix.lower() in suffixes:
            files.append(_file(entry))
        else:
            listing.left_out.append(entry.name)
    return files


def _file(entry):
    try:
        status = entry.stat()
    except OSError:  # a link to nowhere: the check names it beside the other files that cannot be used
        return File(entry.path, 0, 0)
    return File(entry.path, status.st_size, status.st_mtime_ns)
