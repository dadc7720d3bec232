"""Reading arrays safely: NumPy ``.npz`` and idx files, checked from their headers before memory is used."""

import gzip
import hashlib
import math
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import DataError, IntegrityError

# Far above any data set of the course, far below what hurts a laptop: a header that claims more is refused.
MAX_BYTES = 2**30

_CHUNK = 1 << 20
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    struct.error,
    NotImplementedError,
    RuntimeError,
)
# The third byte of an idx file's magic number. http://yann.lecun.com/exdb/mnist/ ("the IDX file format")
_IDX_TYPES = {
    0x08: "u1",
    0x09: "i1",
    0x0B: ">i2",
    0x0C: ">i4",
    0x0D: ">f4",
    0x0E: ">f8",
}


@dataclass(frozen=True)
class Wanted:
    """What an array must look like.

    Attributes
    ----------
    shape : tuple of (int or None)
        None: any length along that axis.
    dtype : str
        NumPy name, for example ``"uint8"``; ``"integer"`` accepts every integer type.
    """

    shape: tuple[int | None, ...]
    dtype: str = "uint8"

    def __str__(self):
        lengths = ["n" if length is None else f"{length:,}" for length in self.shape]
        return f"{self.dtype} ({', '.join(lengths)}{',' if len(lengths) == 1 else ''})"

    def accepts(self, dtype, shape) -> bool:
        """Return True if an array of this type and shape will do."""
        same_type = np.issubdtype(dtype, np.integer) if self.dtype == "integer" else dtype == np.dtype(self.dtype)
        return (
            same_type
            and len(shape) == len(self.shape)
            and all(want in (None, have) for want, have in zip(self.shape, shape, strict=True))
        )


def digest(array) -> str:
    """Return the SHA-256 of an array's values in C order, without dtype or shape.

    Parameters
    ----------
    array : ndarray
        Any shape; copied only if it is not C-contiguous.

    Returns
    -------
    str
        64 hexadecimal digits.

    Examples
    --------
    >>> digest(np.arange(3, dtype="uint8"))[:8]
    'ae4b3280'
    """
    return hashlib.sha256(np.ascontiguousarray(array).reshape(-1).view("u1")).hexdigest()


def file_digest(path, algorithm="sha256") -> str:
    """Return the hash of a file's bytes, read piece by piece."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()


def read_npz(path, wanted: Mapping[str, Wanted] | None = None) -> dict[str, np.ndarray]:
    """Read the arrays of an ``.npz`` file without ever unpickling.

    Parameters
    ----------
    path : path-like
    wanted : mapping of str to Wanted, optional
        Arrays to read and what they must look like; other arrays in the file are ignored. None: all.

    Returns
    -------
    dict of str to ndarray

    Raises
    ------
    DataError
        If an array is missing, holds Python objects, or has another type or shape than wanted;
        found out from the headers, before memory is allocated.
    IntegrityError
        If the file is damaged: cut short, a flipped bit, not an ``.npz`` at all.
    """
    path = Path(path)
    with _reading(path), zipfile.ZipFile(path) as archive:
        members = {
            name.removesuffix(".npy"): archive.getinfo(name) for name in archive.namelist() if name.endswith(".npy")
        }
        keys = list(members) if wanted is None else list(wanted)
        _require_keys(path, keys, members)
        headers = {key: _npy_header(archive, members[key], f"{path}: {key}") for key in keys}
        for key, header in headers.items():
            _check(
                f"{path}: {key}",
                header,
                wanted and wanted[key],
                members[key].file_size - header.offset,
            )
        return {key: _npy_values(archive, members[key], header) for key, header in headers.items()}


def read_idx(path, wanted: Wanted | None = None, *, compressed: bool | None = None) -> np.ndarray:
    """Read an idx file, compressed (``.gz``) or not, the format MNIST is distributed in.

    Parameters
    ----------
    path : path-like
    wanted : Wanted, optional
    compressed : bool, optional
        Whether it is gzip-compressed; None: by the name's ending.

    Returns
    -------
    ndarray

    Raises
    ------
    DataError
        If the array has another type or shape than wanted.
    IntegrityError
        If the file is damaged or not an idx file.
    """
    path = Path(path)
    compressed = path.suffix == ".gz" if compressed is None else compressed
    opener = gzip.open if compressed else open
    with _reading(path), opener(path, "rb") as file:
        header = _idx_header(path, file)
        _check(str(path), header, wanted)
        array = np.empty(header.shape, header.dtype)
        _fill(file, array)
        if file.read(1):
            raise EOFError("there is more data than the header says")
        return array


class _reading:
    """Turns whatever a damaged file provokes into one `IntegrityError`."""

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        if isinstance(error, PermissionError):
            raise DataError(
                "This file may not be read.", where=str(self.path), fix="Change its permissions, or use a copy."
            ) from error
        if isinstance(error, _DAMAGED) and not isinstance(error, DataError | FileNotFoundError):
            raise IntegrityError(
                "This file is damaged or not what its name says.",
                where=str(self.path),
                found=f"{describe(self.path)} ({error or type(error).__name__})",
                fix="Replace it by a fresh copy.",
            ) from error


def describe(path) -> str:
    """Say what a file looks like from its size and first bytes, for error messages."""
    size = Path(path).stat().st_size
    if size == 0:
        return "an empty file"
    with Path(path).open("rb") as file:
        start = file.read(512)
    if looks_like_page(start):
        return f"a web page ({size:,} bytes), not data"
    return f"{size:,} bytes"


def looks_like_page(start: bytes) -> bool:
    """Return True if these first bytes are those of an HTML or XML page."""
    start = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype", b"<html", b"<head", b"<body", b"<?xml", b"<script", b"<!--"))


def _require_keys(path, keys, members):
    missing = [key for key in keys if key not in members]
    if missing:
        raise DataError(
            f"Missing in this .npz file: {', '.join(missing)}.",
            where=str(path),
            expected=", ".join(keys),
            found=", ".join(members) or "no arrays",
            fix=f"Save it with np.savez(path, {', '.join(f'{key}=…' for key in keys)}).",
        )


@dataclass(frozen=True)
class _Header:
    """What a file says about an array before its values."""

    dtype: np.dtype
    shape: tuple[int, ...]
    fortran: bool = False
    offset: int = 0

    @property
    def size(self):
        return math.prod(self.shape) * self.dtype.itemsize

    def __str__(self):
        return str(Wanted(self.shape, str(self.dtype)))


def _npy_header(archive, member, where):
    with archive.open(member) as file:
        try:
            version = np.lib.format.read_magic(file)
            read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, fortran, dtype = read(file)
        except ValueError as error:
            raise EOFError(f"{where}: {error}") from error
        return _Header(dtype, shape, fortran, file.tell())


def _check(where, header, wanted, present=None):
    """Refuse an array from its header; `present`: bytes of values the file holds, where that is known."""
    if header.dtype.hasobject:
        raise DataError(
            "This array holds pickled Python objects, which can run code when loaded; the course never loads them.",
            where=where,
            expected=str(wanted) if wanted else "numbers",
            found=str(header),
            fix="Save plain numbers: np.savez(path, x_train=images.astype('uint8'), …).",
        )
    if wanted is not None and not wanted.accepts(header.dtype, header.shape):
        raise DataError(
            "This array is not what the data set's should be.",
            where=where,
            expected=str(wanted),
            found=str(header),
            fix=_hint(wanted, header),
        )
    if header.size > MAX_BYTES:
        raise DataError(
            "This array is too large.",
            where=where,
            expected=f"at most {MAX_BYTES:,} bytes",
            found=str(header),
        )
    if present is not None and present != header.size:
        raise EOFError(f"{where}: {present:,} bytes where {header} needs {header.size:,}")


def _hint(wanted, header):
    if header.dtype != np.dtype("uint8") and wanted.dtype == "uint8":
        return "Save the pixels as they are: whole numbers 0–255, dtype uint8."
    lengths = sorted(-1 if length is None else length for length in wanted.shape)
    if sorted(header.shape) == lengths:
        return "The axes are in another order; np.moveaxis puts them right."
    return "Use the original file, or move this one out of the folder."


def _npy_values(archive, member, header):
    array = np.empty(header.shape[::-1] if header.fortran else header.shape, header.dtype)
    with archive.open(member) as file:
        file.read(header.offset)
        _fill(file, array)
        file.read(1)  # reaching the end makes zipfile compare the checksum
    return array.T if header.fortran else array


def _idx_header(path, file):
    magic = file.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in _IDX_TYPES or not 1 <= magic[3] <= 4:
        raise EOFError(f"{path.name} does not start like an idx file")
    lengths = struct.unpack(f">{magic[3]}I", file.read(4 * magic[3]))
    return _Header(np.dtype(_IDX_TYPES[magic[2]]), lengths)


def _fill(file, array):
    """Fill `array` from `file` piece by piece: nothing is held twice."""
    view = memoryview(array.reshape(-1).view("u1"))
    position = 0
    while position < len(view):
        count = file.readinto(view[position : position + _CHUNK])
        if not count:
            raise EOFError(f"the data ends after {position:,} of {len(view):,} bytes")
        position += count
