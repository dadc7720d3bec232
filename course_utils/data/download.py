"""Fetching official files into the cache: mirrors first, verified, bounded, atomic, one process at a time.

pooch gives the temporary file beside the target and the rename; the downloader below does the transfer
and compares the result with what was published before pooch renames it.
"""

import errno
import os
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote, urlsplit

from ..errors import CourseError, DownloadError, IntegrityError
from ..files import disk_error, free_bytes
from ..settings import Settings
from .cards.card import DatasetCard, RemoteFile
from .locking import exclusive
from .progress import Progress
from .reading import check_official
from .sources import cache_folder
from .transfer import Interrupted, Unreachable, transfer

ATTEMPTS = 4
# A host that did not answer is not asked again for this long, so that a notebook waits for it only once.
REMEMBER_SECONDS = 60.0

_failed: dict[str, tuple[float, str]] = {}
_clock = time.monotonic
_sleep = time.sleep


def fetch_files(card: DatasetCard, settings: Settings) -> None:
    """Make sure that all official files of a data set are in the cache and are the published ones.

    Files that are there and right are left alone (no connection is opened); damaged ones are set aside
    as ``<name>.damaged`` and fetched once more.

    Parameters
    ----------
    card : DatasetCard
    settings : Settings

    Raises
    ------
    DownloadError
        If a file could not be fetched; the message names every address and its problem.
    IntegrityError
        If every address that answered has another file than the published one.
    DiskError
        If the cache cannot be written or the disk is full.
    """
    folder = cache_folder(settings)
    missing = [file for file in card.files if not _is_official(card, file, folder / file.path)]
    if not missing:
        return
    if settings.offline:
        raise DownloadError(
            f"{card.title} is not in the cache and COURSE_OFFLINE forbids fetching it.",
            where=str(folder),
        )
    with _writing(folder, settings, missing):
        for file in missing:
            (folder / file.path).parent.mkdir(parents=True, exist_ok=True)
        with exclusive(folder / f".{card.name}.lock", card.title):
            for file in missing:
                _fetch_file(card, file, folder / file.path, settings)


def set_aside_damaged(card: DatasetCard, settings: Settings) -> None:
    """Rename the damaged files of a data set in the cache to ``<name>.damaged``, if the cache may be written."""
    for file in card.files:
        path = cache_folder(settings) / file.path
        if path.exists() and not _is_official(card, file, path):
            with suppress(OSError):
                _set_aside(path)


def forget_failures() -> None:
    """Ask hosts again that did not answer a moment ago."""
    _failed.clear()


def addresses(file: RemoteFile, settings: Settings) -> tuple[str, ...]:
    """Return the addresses of a file in the order they are tried: mirrors, then official hosts."""
    return (*(f"{base}/{quote(file.path)}" for base in settings.mirrors), *file.urls)


def _fetch_file(card, file, target, settings):
    if _is_official(card, file, target):  # another process was faster
        return
    if target.exists():
        _set_aside(target)
    _remove_leftovers(target.parent)
    problems = []
    for url in addresses(file, settings):
        host = urlsplit(url).netloc
        try:
            _ask_again(host)
            _retrieve(url, card, file, target, settings)
            return
        except Unreachable as error:
            _failed[host] = (_clock(), str(error))
            problems.append((url, error))
        except (DownloadError, IntegrityError) as error:
            problems.append((url, error))
    raise _failure(card, file, target, problems)


def _ask_again(host):
    """Refuse to ask a host that did not answer within the last minute."""
    since, reason = _failed.get(host, (-REMEMBER_SECONDS, ""))
    if reason and _clock() - since < REMEMBER_SECONDS:
        raise DownloadError(f"{reason} (a moment ago; not asked again within {REMEMBER_SECONDS:.0f} s)")


def _retrieve(url, card, file, target, settings):
    """Fetch one file from one address; starts again, with growing waits, only if the file had begun to arrive."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            _retrieve_once(url, card, file, target, settings)
            return
        except Interrupted as error:
            if attempt == ATTEMPTS:
                raise DownloadError(f"{error.what} ({attempt} times)") from error
            _sleep(0.5 * 2 ** (attempt - 1))


def _retrieve_once(url, card, file, target, settings):
    import pooch

    def downloader(address, part, _):
        with Progress(target.name, urlsplit(address).netloc, file.size) as progress:
            transfer(address, part, limit=2 * file.size + 2**20, timeout=settings.timeout, progress=progress)
            progress.checking()
            progress.verified = check_official(card, file, Path(part), name=file.path)
            _publishable(part)

    with _quiet(pooch):
        # known_hash=None: the downloader has compared it already, also by content for recompressed copies.
        pooch.retrieve(url, known_hash=None, fname=target.name, path=target.parent, downloader=downloader)


@contextmanager
def _quiet(pooch):
    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel("ERROR")
    try:
        yield
    finally:
        logger.setLevel(level)


def _publishable(part):
    """Make the private temporary file readable like any other, and put it on the disk before it is renamed."""
    with Path(part).open("rb+") as file:
        os.fsync(file.fileno())
    mask = os.umask(0)
    os.umask(mask)
    Path(part).chmod(0o666 & ~mask)


@contextmanager
def _writing(folder, settings, missing):
    """Check the free space, and translate what a full or read-only disk provokes."""
    needed = sum(file.size for file in missing)
    try:
        if free_bytes(folder) < needed:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        yield
    except OSError as error:
        if isinstance(error, CourseError):
            raise
        raise disk_error(error, folder, needed=needed, variable="COURSE_CACHE_DIR") from error


def _is_official(card, file, path):
    try:
        check_official(card, file, path)
    except (IntegrityError, OSError):  # OSError: not there, or not readable
        return False
    return True


def _set_aside(path):
    path.replace(path.with_name(path.name + ".damaged"))


def _remove_leftovers(folder):
    """Delete temporary files of downloads that were killed (pooch names them ``tmp…``), a day old or more."""
    for path in folder.glob("tmp*"):
        with suppress(OSError):
            if path.is_file() and time.time() - path.stat().st_mtime > 86_400:
                path.unlink()


def _failure(card, file, target, problems):
    kind = IntegrityError if all(isinstance(error, IntegrityError) for _, error in problems) else DownloadError
    tried = []
    for url, error in problems:
        details = [str(part) for part in (error.found, error.fix) if part] if kind is DownloadError else [error.found]
        tried.append(f"\n    {url}: {' '.join([error.what, *details])}")
    return kind(
        f"{file.path} of {card.title} could not be fetched.",
        where=str(target.parent),
        expected=f"{file.size:,} bytes, {file.fingerprint}" if kind is IntegrityError else None,
        found="".join(tried),
    )
