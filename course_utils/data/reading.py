"""Reading a data set from the files that were found, and comparing its content with the published digests."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import DataError, IntegrityError
from .arrays import Wanted, digest, file_digest, read_idx, read_npz
from .cards.card import DatasetCard, RemoteFile
from .sources import KEYS, Found


@dataclass(frozen=True, eq=False)
class Content:
    """The arrays of a data set.

    Attributes
    ----------
    arrays : dict of str to ndarray
        ``x_train``, ``x_test`` (n, height, width, channels) uint8; ``y_train``, ``y_test`` (n,) int64.
    verified : bool
        True if compared with a published digest or hash.
    form : str
        ``""`` for verified official data, else what to add to the name of the variant (``"jpeg"``).
    note : str
        What the learner should know, for example how many stray files were left out.
    """

    arrays: dict[str, np.ndarray]
    verified: bool
    form: str = ""
    note: str = ""


def read(card: DatasetCard, found: Found, cache_dir: Path | None = None) -> Content:
    """Read a data set.

    Parameters
    ----------
    card : DatasetCard
    found : Found
    cache_dir : Path, optional
        Where decoded image folders may be kept for the next time.

    Returns
    -------
    Content

    Raises
    ------
    DataError
        If the files do not hold this data set.
    IntegrityError
        If they are damaged or their content is not the published one.
    """
    if found.layout == "images":
        from .folders import read_image_folder

        return read_image_folder(card, found.where, cache_dir)
    if found.layout == "archive":
        from .archives import read_cifar

        verified = check_official(card, card.files[0], found.where)
        return Content(_shaped(card, read_cifar(found.where, card)), verified, "" if verified else "archive")
    arrays = _arrays(found, _wanted(card))
    if card.digests:
        verify(card.digests, arrays, str(found.where))
    return Content(
        _shaped(card, arrays),
        verified=bool(card.digests),
        form="" if card.digests else found.layout,
    )


def read_sample(card: DatasetCard, found: Found) -> Content:
    """Read the bundled sample of a data set and compare it with its digests in the catalog."""
    arrays = _arrays(found, _wanted(card, card.sample.sizes))
    verify(card.sample.digests, arrays, str(found.where))
    return Content(_shaped(card, arrays), verified=True, form="sample", note=card.sample.note)


def verify(digests: Mapping[str, str], arrays: Mapping[str, np.ndarray], where: str) -> None:
    """Compare arrays with the digests of their content.

    Parameters
    ----------
    digests : mapping of str to str
        SHA-256 per key; labels are compared as uint8.
    arrays : mapping of str to ndarray
        At least the keys of `digests`.
    where : str
        Named in the error.

    Raises
    ------
    IntegrityError
        Names every array that differs.
    """
    found = {key: digest(array if key[0] == "x" else array.astype("u1")) for key, array in arrays.items()}
    wrong = [key for key in arrays if found[key] != digests[key]]
    if wrong:
        raise IntegrityError(
            f"The content is not the published one: {', '.join(wrong)}.",
            where=where,
            expected=", ".join(f"{key} SHA-256 {digests[key][:16]}…" for key in wrong),
            found=", ".join(f"{found[key][:16]}…" for key in wrong),
            fix="Replace the file by a fresh copy of the official one, or move it out of the way.",
        )


def check_official(card: DatasetCard, file: RemoteFile, path: Path, name: str | None = None) -> bool:
    """Compare a file with the published one: size and SHA-256, or else the digests of its content.

    Where nobody published a SHA-256 the MD5 is compared; where there is no hash at all, the size alone.
    A copy that was compressed again has another hash but the same content; it is accepted where the
    content's digests are known.

    Parameters
    ----------
    card : DatasetCard
    file : RemoteFile
        One of ``card.files``.
    path : Path
        Where the copy lies.
    name : str, optional
        Named in the error instead of `path`, for a temporary file.

    Returns
    -------
    bool
        True if a published hash agrees; False if there is none to compare with.

    Raises
    ------
    IntegrityError
        Says size and hash, expected and found.
    FileNotFoundError
        If there is no such file.
    """
    size = path.stat().st_size
    known = {(file.size, file.sha256), *file.earlier}
    look = card.digests or any(size == other for other, _ in known)
    sha256 = file_digest(path) if look else ""
    md5 = file_digest(path, "md5") if look and not file.sha256 and file.md5 else ""
    same = (size, sha256) in known or (md5 and (size, md5) == (file.size, file.md5))
    if same or (card.digests and _same_content(card, file, path)):
        return True
    if size == file.size and not (file.sha256 or file.md5):
        return False
    found = f", MD5 {md5}" if md5 else f", SHA-256 {sha256}" if sha256 else ""
    raise IntegrityError(
        "This is not the published file, or it is damaged.",
        where=name or str(path),
        expected=f"{file.size:,} bytes, {file.fingerprint}",
        found=f"{size:,} bytes{found}",
        fix=f"Replace it by a fresh copy of {file.urls[0]}",
    )


def _same_content(card, file, path):
    """Return True if the arrays in a file have the published digests, whatever the container."""
    wanted = _wanted(card)
    try:
        if file.path.endswith(".npz"):
            verify(card.digests, read_npz(path, wanted), file.path)
        else:
            key = KEYS[card.files.index(file)]
            verify(card.digests, {key: read_idx(path, wanted[key], compressed=True)}, file.path)
    except DataError:
        return False
    return True


def _wanted(card, sizes=None):
    height, width, channels = card.shape
    frame = (height, width) if channels == 1 else card.shape
    sizes = sizes or card.sizes
    return {
        key: Wanted((sizes[key[2:]], *frame)) if key[0] == "x" else Wanted((sizes[key[2:]],), "integer") for key in KEYS
    }


def _arrays(found, wanted):
    if found.layout == "npz":
        return read_npz(found.where, wanted)
    return {key: read_idx(path, wanted[key]) for key, path in zip(KEYS, found.paths, strict=True)}


def _shaped(card, arrays):
    """Give images their channel axis and labels their type; refuse labels that name no class."""
    shaped = {}
    for key, array in arrays.items():
        if key[0] == "x":
            shaped[key] = array.reshape(-1, *card.shape)
            continue
        if array.size and not 0 <= array.min() <= array.max() < len(card.classes):
            raise DataError(
                f"Labels in {key} name no class of {card.title}.",
                expected=f"whole numbers from 0 to {len(card.classes) - 1}",
                found=f"{array.min()} to {array.max()}",
            )
        shaped[key] = array.astype("int64")
    return shaped
