"""Image folders ``{train,test}/<class>/*``: scanned, checked, decoded once and kept for the next time."""

import io
import os
import struct
import zlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import numpy as np

from .._display import counted, show, table_text
from ..errors import DataError, DiskError
from ..files import atomic_write
from . import listing
from .arrays import Wanted, read_npz
from .cards.card import DatasetCard
from .reading import Content
from .sources import KEYS

# Formats Pillow may try, and the endings of their files; anything else is left out and counted.
FORMATS = ("JPEG", "PNG", "BMP", "WEBP")
SUFFIXES = {".jpg": "jpeg", ".jpeg": "jpeg", ".png": "png", ".bmp": "bmp", ".webp": "webp"}

_SPLITS = ("train", "test")
_SHOWN = 20
_MANY = 10_000  # images that take long enough to decode for a word about it
_LARGEST = 2**24  # bytes read of one file: far more than any small image has
# What Pillow raises for broken files; SyntaxError is its word for broken PNG chunks.
_UNUSABLE = (OSError, ValueError, SyntaxError, EOFError, struct.error, zlib.error, OverflowError)


def read_image_folder(card: DatasetCard, folder, cache_dir: Path | None = None) -> Content:
    """Read a data set that lies as image files in folders named like its classes.

    The images are used as they are: nothing is verified. They come in a fixed shuffled order, so that
    taking the last tenth for validation does not take whole classes.

    Parameters
    ----------
    card : DatasetCard
    folder : path-like
        Holds ``train/<class>/*`` and ``test/<class>/*``.
    cache_dir : Path, optional
        Decoded images are kept in its folder ``decoded`` and used again while no file in `folder` changes.

    Returns
    -------
    Content
        Unverified; ``form`` is the kind of most files, for example ``"jpeg"``.

    Raises
    ------
    DataError
        If classes are missing, empty, nested or unknown (with a table of what was found), or if files
        cannot be decoded (all of them listed, with reasons).
    """
    folder = Path(folder)
    scans = {name: listing.scan(folder / name, SUFFIXES) for name in _SPLITS}
    _require_classes(card, folder, scans)
    key = listing.key(f"{card.name} {card.shape} 1", folder, scans.values())
    wanted = {
        f"{axis}_{name}": Wanted((n, *card.shape)) if axis == "x" else Wanted((n,), "int64")
        for name, scan in scans.items()
        for n in [len(scan)]
        for axis in "xy"
    }
    kept = cache_dir and cache_dir / "decoded" / f"{card.name}-{key}.npz"
    arrays = _kept_arrays(kept, wanted)
    notes = [listing.left_out(scans.values())]
    if arrays is None:
        _say_that_it_takes_time(card, scans)
        arrays = _decode(card, scans)
        notes.append(_keep(kept, arrays))
    return Content(
        arrays, verified=False, form=listing.main_form(scans.values(), SUFFIXES), note="; ".join(filter(None, notes))
    )


def _require_classes(card, folder, scans):
    """Refuse a folder whose classes are not those of the data set; the message shows every class and count."""
    names = list(dict.fromkeys([*card.classes, *(name for scan in scans.values() for name in scan.files)]))
    counts = {name: [len(scan.files.get(name, ())) for scan in scans.values()] for name in names}
    nested = [path for scan in scans.values() for path in scan.nested]
    unknown = [name for name in names if name not in card.classes]
    empty = [name for name in card.classes if not all(counts[name])]
    if not (nested or unknown or empty):
        return
    problems = [
        empty and f"no images for {', '.join(empty[:_SHOWN])}",
        unknown and f"unknown classes {', '.join(unknown[:_SHOWN])}",
        nested and f"folders inside a class: {', '.join(nested[:_SHOWN])}",
    ]
    rows = [(name, *counts[name]) for name in names]
    raise DataError(
        f"These folders are not those of {card.title}: {'; '.join(filter(None, problems))}.",
        where=str(folder),
        expected=f"train/<class>/ and test/<class>/ with images, for each of {', '.join(card.classes)}",
        found="\n" + table_text(rows, header=("class", *_SPLITS)),
        fix="Rename or complete the folders, or move this one out of COURSE_DATA_DIR. Nothing was changed.",
    )


def _say_that_it_takes_time(card, scans):
    n = sum(map(len, scans.values()))
    if n >= _MANY:
        text = f"Decoding {n:,} images of {card.title}: half a minute or so, the first time."
        show(f"<p>{text}</p>", text)


def _decode(card, scans):
    arrays, problems = {}, []
    for number, (name, scan) in enumerate(scans.items()):
        items = [(path, label) for label, cls in enumerate(card.classes) for path, *_ in scan.files[cls]]
        order = np.random.default_rng(number).permutation(len(items))
        items = [items[place] for place in order]
        arrays[f"x_{name}"] = np.empty((len(items), *card.shape), "uint8")
        arrays[f"y_{name}"] = np.array([label for _, label in items], "int64")
        problems += _decode_into(arrays[f"x_{name}"], [path for path, _ in items])
    if problems:
        more = f"\n  … and {len(problems) - _SHOWN:,} more" if len(problems) > _SHOWN else ""
        unusable = "file cannot be used as an image", "files cannot be used as images"
        raise DataError(
            f"{counted(len(problems), *unusable)} of {card.title}.",
            found="".join(f"\n  {path}: {reason}" for path, reason in sorted(problems)[:_SHOWN]) + more,
            fix="Replace what is listed or move it away. Nothing was changed.",
        )
    return {key: arrays[key] for key in KEYS}


def _decode_into(images, paths):
    """Decode files into rows of `images`, on all cores; returns every (path, reason) that failed."""
    step = 500

    def decode(start):
        problems = []
        for row in range(start, min(start + step, len(paths))):
            try:
                images[row] = _pixels(paths[row], images.shape[1:])
            except _UNUSABLE as error:
                problems.append((paths[row], str(error) or type(error).__name__))
        return problems

    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        try:
            return [problem for problems in pool.map(decode, range(0, len(paths), step)) for problem in problems]
        except BaseException:
            pool.shutdown(cancel_futures=True)  # Ctrl-C does not wait for the files that are left
            raise


def _pixels(path, shape):
    """Decode one image of exactly the wanted size; another size is refused from the header."""
    from PIL import Image, UnidentifiedImageError

    height, width, channels = shape
    mode = "RGB" if channels == 3 else "L"
    with Path(path).open("rb") as file:
        content = file.read(_LARGEST)
    try:
        # Decoding from memory takes half the time of letting Pillow read the file.
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            if image.size != (width, height):
                raise ValueError(f"is {image.width}×{image.height} pixels, not {width}×{height}")
            return np.asarray(image if image.mode == mode else image.convert(mode)).reshape(shape)
    except UnidentifiedImageError as error:
        raise ValueError("not a JPEG, PNG, BMP or WebP image") from error
    except Image.DecompressionBombError as error:
        raise ValueError(str(error)) from error


def _kept_arrays(path, wanted: Mapping[str, Wanted]):
    """Return the decoded images of last time; None if there are none or they are damaged (zip has checksums)."""
    if path is None:
        return None
    try:
        return read_npz(path, wanted)
    except (OSError, DataError):
        return None


def _keep(path, arrays):
    """Keep decoded images for the next time; says so if that is not possible."""
    if path is None:
        return ""
    try:
        with atomic_write(path, needed=sum(array.nbytes for array in arrays.values())) as part, part.open("wb") as file:
            np.savez(file, **arrays)
    except DiskError as error:
        return f"decoded images could not be kept for the next time ({error.what.rstrip('.')})"
    for other in path.parent.glob(f"{path.name.rpartition('-')[0]}-*.npz"):
        if other != path:
            with suppress(OSError):
                other.unlink()
    return ""
