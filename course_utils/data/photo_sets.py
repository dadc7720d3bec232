"""Data sets of photographs the course knows: from a prepared folder, or unpacked once from their official archive."""

import hashlib
import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from .._display import show
from ..errors import CourseError, DataError, IntegrityError
from ..files import disk_error
from ..settings import Settings
from .archives import extract, file_names
from .arrays import file_digest
from .cards.card import DatasetCard
from .clearing import clear, remove_stale
from .listing import is_junk
from .locking import exclusive
from .photo_folders import PhotoContent, has_splits, read_photo_folder
from .reading import check_official
from .sources import Found, cache_folder, unpacked_folder

MANIFEST = "manifest.json"
_VARIABLE = "COURSE_CACHE_DIR"


def read_photos(card: DatasetCard, found: Found, settings: Settings, image_size: int) -> PhotoContent:
    """Read a data set of photographs.

    Parameters
    ----------
    card : DatasetCard
    found : Found
        A prepared folder, used as it is; the official archive; or what was unpacked from it.
    settings : Settings
    image_size : int

    Returns
    -------
    PhotoContent
        Verified if it was unpacked from an archive whose hash was published.

    Raises
    ------
    DataError
        If it is not this data set, or damaged.
    DiskError
        If the archive has to be unpacked and the cache cannot be written or the disk is full.
    """
    if found.layout == "photos":
        return read_photo_folder(card, found.where, image_size, settings.cache_dir)
    archive = found.where if found.layout == "archive" else cache_folder(settings) / card.files[0].path
    folder = unpack(card, archive, settings)
    manifest = _manifest(folder)
    name = card.name if manifest["verified"] else ""
    content = read_photo_folder(card, _top(folder), image_size, settings.cache_dir, name)
    return replace(content, verified=manifest["verified"])


def unpack(card: DatasetCard, archive: Path, settings: Settings, *, thorough: bool = False) -> Path:
    """Unpack the official archive of a data set into the cache, or return what is there already.

    Parameters
    ----------
    card : DatasetCard
    archive : Path
        Compared with the published hash before it is opened.
    settings : Settings
    thorough : bool
        True: also compare the content of every file that is there; else names and sizes.

    Returns
    -------
    Path
        Complete: an interrupted or damaged one is never returned.

    Raises
    ------
    IntegrityError
        If the archive is not the published one.
    ArchiveError, DataError
        If it is damaged, unsafe, or holds something else.
    DiskError
        If the cache cannot be written or the disk is full.
    """
    folder = unpacked_folder(card, settings)
    if is_complete(folder, thorough=thorough):
        return folder
    if not archive.is_file():
        raise IntegrityError(
            f"The photographs of {card.title} in the cache are damaged or incomplete.",
            where=str(folder),
            fix=f"Type in a terminal: course fetch {card.name}",
        )
    verified = check_official(card, card.files[0], archive)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with exclusive(folder.parent / f".{card.name}.lock", card.title, "unpacking"):
            if not is_complete(folder, thorough=thorough):
                _unpack(card, archive, folder, verified)
    except OSError as error:
        if isinstance(error, CourseError):
            raise
        raise disk_error(error, folder, variable=_VARIABLE) from error
    return folder


def is_complete(folder: Path, *, thorough: bool = False) -> bool:
    """Return True if all files are there as they were unpacked, by name and size; `thorough`: also by content."""
    try:
        manifest = _manifest(folder)
        top = _top(folder)
        return manifest["listing"] == _listing(top) and (not thorough or manifest["content"] == _content(top))
    except (OSError, ValueError, LookupError, TypeError, DataError):
        return False


def _unpack(card, archive, folder, verified):
    text = f"Unpacking {archive.name}, once, in a few seconds …"
    show(f"<p>{text}</p>", text)
    remove_stale(folder)
    if folder.exists():
        ours = {Path(name) for name in (*file_names(archive), MANIFEST)}
        clear(folder, ours.__contains__)

    def finish(part):
        top = _top(part)
        manifest = {"verified": verified, "listing": _listing(top), "content": _content(top)}
        (part / MANIFEST).write_text(json.dumps({"name": card.name, **manifest}, indent=1) + "\n", encoding="utf-8")

    extract(archive, folder, finish=finish, variable=_VARIABLE)


def _manifest(folder):
    return json.loads((folder / MANIFEST).read_text(encoding="utf-8"))


def _top(folder):
    """Return the folder with the splits: the archives have one folder at their top."""
    candidates = [folder, *sorted(path for path in folder.iterdir() if path.is_dir())]
    found = next(filter(has_splits, candidates), None)
    if found is None:
        raise DataError(
            "This archive holds no photographs of a data set.",
            where=str(folder),
            expected="train/<class>/ and val/<class>/",
            found=", ".join(sorted(path.name for path in folder.iterdir())[:10]) or "nothing",
            fix="Get the archive from its official address.",
        )
    return found


def _files(top):
    return sorted((path.relative_to(top).as_posix(), path) for path in map(Path, _walk(top)) if not is_junk(path.name))


def _walk(top):
    with os.scandir(top) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _walk(entry.path)
            else:
                yield entry.path


def _listing(top):
    digest = hashlib.sha256()
    for name, path in _files(top):
        digest.update(f"{name}\0{path.stat().st_size}\n".encode(errors="surrogatepass"))
    return digest.hexdigest()


def _content(top):
    files = _files(top)
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        hashes = pool.map(file_digest, [path for _, path in files], chunksize=200)
        lines = [f"{name}\0{value}\n" for (name, _), value in zip(files, hashes, strict=True)]
    return hashlib.sha256("".join(lines).encode(errors="surrogatepass")).hexdigest()
