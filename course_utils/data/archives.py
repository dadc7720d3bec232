"""Opening archives safely: refused whole, from their headers, before a byte is written or unpickled."""

import errno
import gzip
import io
import os
import pickle
import shutil
import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import ArchiveError, DiskError
from ..files import disk_error, free_bytes
from .arrays import describe
from .cards.card import DatasetCard

_DAMAGED = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    gzip.BadGzipFile,
    EOFError,
    MemoryError,
    NotImplementedError,
    RuntimeError,
)


@dataclass(frozen=True)
class Limits:
    """What an archive may claim before it is refused as a bomb.

    Attributes
    ----------
    members : int
        Files and folders.
    total : int
        Bytes after unpacking.
    ratio : int
        Unpacked bytes per byte of the archive (images hardly shrink: 1 to 5 is usual).
    metadata : int
        Bytes of a single piece read into memory (long names, extended headers, a batch of images).
    """

    members: int = 200_000
    total: int = 4 * 2**30
    ratio: int = 200
    metadata: int = 2**28


@dataclass(frozen=True)
class Member:
    """One entry of an archive: ``kind`` is ``"file"``, ``"folder"`` or what else it claims to be."""

    name: str
    size: int
    kind: str
    entry: object


def extract(path, destination, limits: Limits | None = None, *, finish=None, variable=None) -> Path:
    """Unpack a ``.zip`` or ``.tar`` (also compressed) into a new folder, all or nothing.

    Parameters
    ----------
    path : path-like
    destination : path-like
        Must not exist; appears only when everything is unpacked.
    limits : Limits, optional
    finish : callable, optional
        Called with the complete folder before it takes its name; if it raises, nothing is left.
    variable : str, optional
        The ``COURSE_*`` variable that moves the folder elsewhere (named in errors).

    Returns
    -------
    Path
        `destination`.

    Raises
    ------
    ArchiveError
        If a member would land outside, is a link or a device, if the archive is a bomb or damaged.
    DiskError
        If the disk is full or `destination` exists.
    """
    path, destination = Path(path), Path(destination)
    with _opened(path) as archive:
        members = list(_checked(path, _members(archive), limits or Limits()))
        if destination.exists():
            raise DiskError(
                "There is something here already.", where=str(destination), fix="Move it, or unpack elsewhere."
            )
        with staging(destination, sum(member.size for member in members), variable) as folder:
            for member in members:
                _write(archive, member, folder / member.name)
            if finish is not None:
                finish(folder)
    return destination


def file_names(path) -> list[str]:
    """Return the names of the files in an archive.

    Raises
    ------
    ArchiveError
        If it is damaged, unsafe or a bomb.
    """
    path = Path(path)
    with _opened(path) as archive:
        return [member.name for member in _checked(path, _members(archive), Limits()) if member.kind == "file"]


def read_cifar(path, card: DatasetCard) -> dict[str, np.ndarray]:
    """Read CIFAR's Python archive in memory; its pickles may hold nothing but arrays, lists and text.

    Parameters
    ----------
    path : path-like
        ``cifar-10-python.tar.gz`` or ``cifar-100-python.tar.gz``.
    card : DatasetCard

    Returns
    -------
    dict of str to ndarray
        ``x_train``, ``x_test`` (n, 32, 32, 3) uint8; ``y_train``, ``y_test`` (n,) int64.

    Raises
    ------
    ArchiveError
        If the archive is damaged, unsafe, or does not hold the expected batches.
    """
    path = Path(path)
    parts = {"train": [f"data_batch_{n}" for n in range(1, 6)], "test": ["test_batch"]}
    key = b"labels"
    if card.name == "cifar100":
        parts, key = {"train": ["train"], "test": ["test"]}, b"fine_labels"
    place = {
        name: (split, row * card.sizes[split] // len(names))
        for split, names in parts.items()
        for row, name in enumerate(names)
    }
    images = {split: np.empty((card.sizes[split], *card.shape), "uint8") for split in parts}
    labels = {split: np.empty(card.sizes[split], "int64") for split in parts}
    with _opened(path) as archive:
        for member in _checked(path, _members(archive), Limits()):
            split, start = place.pop(Path(member.name).name, (None, 0))
            if split is not None and member.kind == "file":
                n = card.sizes[split] // len(parts[split])
                batch, numbers = _batch(archive.extractfile(member.entry), key, f"{path}: {member.name}", n)
                # Stored as (n, 3, 32, 32); the course's images have their channels last.
                images[split][start : start + n] = batch.reshape(n, 3, 32, 32).transpose(0, 2, 3, 1)
                labels[split][start : start + n] = numbers
    if place:
        raise ArchiveError(f"Missing in this archive: {', '.join(place)}.", where=str(path))
    return {f"{axis}_{split}": array[split] for split in parts for axis, array in (("x", images), ("y", labels))}


class _Bounded(io.BufferedIOBase):
    """A file that refuses to hand out huge pieces at once: headers may claim any size for their long names."""

    def __init__(self, file, limit):
        self._file, self._limit = file, limit

    def read(self, size=-1):
        if size is None or size < 0 or size > self._limit:
            raise ArchiveError(f"A header of this archive asks for {size:,} bytes at once.")
        return self._file.read(size)

    def seek(self, position, whence=0):
        return self._file.seek(position, whence)

    def tell(self):
        return self._file.tell()

    def readable(self):
        return True

    def seekable(self):
        return True


@contextmanager
def _opened(path):
    """Open a zip or tar archive, and call whatever damage provokes by its name."""
    try:
        with path.open("rb") as file:
            start = file.read(4)
            file.seek(0)
            if start[:2] == b"PK":
                with zipfile.ZipFile(file) as archive:
                    yield archive
            elif start[:2] == b"\x1f\x8b":
                with gzip.open(file) as unpacked, _tar(unpacked) as archive:
                    yield archive
            else:
                with _tar(file) as archive:
                    yield archive
    except _DAMAGED as error:
        raise ArchiveError(
            "This archive is damaged or not an archive at all.",
            where=str(path),
            found=f"{describe(path)} ({error or type(error).__name__})",
            fix="Fetch it again; nothing was unpacked.",
        ) from error


def _tar(file):
    return tarfile.open(fileobj=_Bounded(file, Limits().metadata), mode="r:")


def _members(archive) -> Iterator[Member]:
    if isinstance(archive, zipfile.ZipFile):
        for info in archive.infolist():
            mode = info.external_attr >> 16
            special = stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR)
            kind = "link or device" if special else "folder" if info.is_dir() else "file"
            yield Member(info.filename, info.file_size, "encrypted file" if info.flag_bits & 1 else kind, info)
        return
    for info in archive:
        kind = "file" if info.isreg() else "folder" if info.isdir() else "link" if info.issym() or info.islnk() else ""
        yield Member(info.name, info.size, kind or "device or special file", info)


def _checked(path, members, limits) -> Iterator[Member]:
    """Yield the members of an archive; raise at the first that is unsafe or makes it a bomb."""
    size, total, names = path.stat().st_size, 0, set()
    for count, member in enumerate(members, start=1):
        total += member.size
        problem = _unsafe(member, names)
        if count > limits.members:
            problem = f"it has more than {limits.members:,} members"
        elif total > limits.total or (total > 50e6 and total > limits.ratio * size):
            problem = f"it would grow to {total:,} bytes or more, from {size:,}"
        if problem:
            raise ArchiveError(
                f"This archive is not safe to unpack: {problem}.",
                where=f"{path}, member {member.name[:200]!r}",
                fix="Nothing was unpacked. Get the archive from its official address.",
            )
        yield member


def _unsafe(member, names):
    """Say why a member may not be unpacked, or return an empty string."""
    name = member.name.replace("\\", "/")
    if not name.strip("/") or "\0" in name:
        return "a member has no usable name"
    if name.startswith("/") or ":" in name:  # C:/…, and what Windows takes for a hidden stream of another file
        return "a member has an absolute path or a colon in its name"
    if ".." in name.split("/"):
        return "a member points outside the folder"
    if member.kind not in ("file", "folder"):
        return f"a member is a {member.kind}"
    folded = name.rstrip("/").casefold()
    if folded in names and member.kind == "file":
        return "two members have the same name"
    names.add(folded)
    return ""


@contextmanager
def staging(destination, needed, variable=None):
    """Yield a folder beside `destination` that takes its name when the block ends well, and vanishes otherwise."""
    folder = None
    try:
        destination.parent.mkdir(parents=True, exist_ok=True)
        if free_bytes(destination) < needed:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        folder = Path(tempfile.mkdtemp(prefix=f".{destination.name[:40]}.", suffix=".part", dir=destination.parent))
        yield folder
        folder.chmod(0o755)
        folder.rename(destination)
    except OSError as error:
        if isinstance(error, DiskError):
            raise
        raise disk_error(error, destination, needed=needed, variable=variable) from error
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _write(archive, member, target):
    if member.kind == "folder":
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    opener = archive.open if isinstance(archive, zipfile.ZipFile) else archive.extractfile
    with opener(member.entry) as source, target.open("xb") as file:
        shutil.copyfileobj(source, file)


def _batch(file, key, where, n):
    """Return (images (n, 3072) uint8, labels (n,) int64) of one pickled batch."""
    wanted = f"uint8 images ({n:,}, 3072) and {n:,} whole numbers as labels"
    try:
        content = _load_plain(file, where)
        _, shape, dtype, fortran, values = content[b"data"].state
        flat = np.frombuffer(values, "uint8")
        labels = np.array(content[key], "int64")
        # np.array() would also take text and round fractions.
        good = tuple(shape) == (n, 3072) and labels.shape == (n,) and labels.tolist() == content[key]
        if dtype.code not in ("u1", b"u1") or not good:
            raise ValueError(f"{dtype.code} {shape}, labels {labels.shape}")
        return (flat.reshape(shape[::-1]).T if fortran else flat.reshape(shape)), labels
    except (pickle.UnpicklingError, LookupError, OverflowError, TypeError, ValueError, AttributeError) as error:
        raise ArchiveError(
            "This batch is damaged or not one of CIFAR's.", where=where, expected=wanted, found=str(error)
        ) from error


def _load_plain(file, where):
    """Unpickle without running anything: NumPy's constructors are replaced by holders of their arguments."""

    class Array:
        state = ()

        def __setstate__(self, state):
            self.state = state

    class Dtype:
        def __init__(self, code, *_):
            self.code = code

        def __setstate__(self, state):
            """Byte order and the like: of no meaning for single bytes."""

    def reconstruct(*_):
        return Array()

    known = {("numpy", "ndarray"): Array, ("numpy", "dtype"): Dtype}
    known |= {(f"numpy.{core}.multiarray", "_reconstruct"): reconstruct for core in ("core", "_core")}

    class Plain(pickle.Unpickler):
        def find_class(self, module, name):
            if (module, name) not in known:
                raise ArchiveError(
                    "This archive asks for code to be run, which a data set has no need of.",
                    where=where,
                    found=f"{module}.{name}",
                    fix="Do not use it; get the archive from its official address.",
                )
            return known[module, name]

    return Plain(file, encoding="bytes").load()
