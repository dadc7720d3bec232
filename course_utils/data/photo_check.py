"""Checking photographs from their headers, and converting the odd ones once, so that every reader agrees.

TensorFlow, Keras and Pillow read an ordinary JPEG or PNG alike. They differ on the rest: TensorFlow ignores
the orientation a telephone notes in the file, drops transparency, cannot read WebP. Such files get a copy in
the cache, a JPEG (quality 95, colour at full resolution) with three channels of 8 bits:

- turned upright as the EXIF orientation says;
- transparency laid on white;
- 16 bits to 8 (the upper ones); palettes, grey with transparency and CMYK to RGB, without colour profiles;
- of an animation the first picture;
- large ones reduced until the longer side has 1,024 pixels or the shorter one 512: a telephone's 12 megapixels
  become a few hundred kilobytes, and still more than any size the course trains with.

Every reader, in training and in prediction, is given the copy: all see the same pixels.
"""

import hashlib
import json
import math
import os
import struct
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html import escape
from pathlib import Path

from .._display import counted, show, table_text
from ..errors import CourseError, DataError, DiskError
from ..files import atomic_write
from .listing import File

# Formats Pillow may try.
FORMATS = ("JPEG", "PNG", "BMP", "WEBP", "GIF")
# What Pillow calls a JPEG, and one with a second picture behind it, as some telephones write it.
_JPEG = ("JPEG", "MPO")
SUFFIXES = {
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
    ".jpe": "jpeg",
    ".jfif": "jpeg",
    ".png": "png",
    ".bmp": "bmp",
    ".webp": "webp",
    ".gif": "gif",
}
# Images the course does not read: named, not silently left out.
REFUSED = (
    *(".heic", ".heif", ".avif", ".tif", ".tiff", ".svg", ".psd", ".jp2", ".j2k", ".jxl", ".ico", ".eps", ".pdf"),
    *(".raw", ".dng", ".cr2", ".nef", ".arw", ".tga", ".ppm", ".pgm", ".exr"),
)
# A camera's 48 megapixels fit; a file that claims much more is refused from its header.
MOST_PIXELS = 64_000_000

_SHOWN = 20
_MANY = 20  # conversions that are announced
_TAIL = 4096
# A copy is reduced until its longer or its shorter side is as long as this; the longest a JPEG may have.
_LONG_SIDE, _SHORT_SIDE, _LONGEST_JPEG = 1024, 512, 65_000
_QUALITY = 95
_ORIENTATION = 0x0112
# What Pillow raises for broken files; SyntaxError is its word for broken PNG chunks.
_UNUSABLE = (OSError, ValueError, SyntaxError, EOFError, struct.error, zlib.error, OverflowError)


@dataclass(frozen=True)
class Checked:
    """What a check found.

    Attributes
    ----------
    odd : dict of str to str
        File → its copy in the cache, for files that need one.
    note : str
        How many those are; empty without any.
    """

    odd: dict[str, str]
    note: str = ""


def check_photos(files: Sequence[File], title: str, key: str, cache_dir: Path) -> Checked:
    """Look at the header of every file, convert the odd ones, and remember the result for the next time.

    Parameters
    ----------
    files : sequence of File
    title : str
        Of the data set, for messages.
    key : str
        Digest of the listing: a result is used again as long as it stays the same.
    cache_dir : Path

    Returns
    -------
    Checked

    Raises
    ------
    DataError
        If files cannot be used: all of them are listed, with reasons. Nothing is changed or deleted.
    DiskError
        If there are odd files and the cache cannot be written.
    """
    memory = cache_dir / "checked" / f"{key}.json"
    odd = _remembered(memory)
    if odd is None:
        odd = _convert_all(_look_at_all(files, title), len(files), title, cache_dir)
        _remember(memory, odd)
    return Checked(odd, _note(odd))


def inspect(path) -> bool:
    """Look at one file's header.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    bool
        True if readers would disagree about its pixels.

    Raises
    ------
    ValueError
        If it cannot be used; says why.
    OSError
        If it cannot be read.
    """
    from PIL import Image, UnidentifiedImageError

    with Path(path).open("rb") as file:
        try:
            with Image.open(file, formats=FORMATS) as image:
                _refuse_enormous(image)
                odd = _is_odd(image)
                file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL))
                if not _is_complete(image.format, file.read()):
                    file.seek(0)
                    _decode(file)
                return odd
        except UnidentifiedImageError as error:
            raise ValueError(_what_it_is(file)) from error
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise ValueError(str(error)) from error


def problems_of(paths) -> list[tuple[str, str]]:
    """Return (file, reason) for every file that cannot be used."""
    bad = []
    for path in map(str, paths):
        try:
            inspect(path)
        except _UNUSABLE as error:
            bad.append((path, _reason(error)))
    return bad


def converted(path, cache_dir: Path) -> Path:
    """Return the copy of an odd file in the cache, a JPEG of mode RGB; it is made at the first call.

    Parameters
    ----------
    path : path-like
    cache_dir : Path

    Returns
    -------
    Path
        Named after the file's content: the same picture is converted once, wherever it lies.
    """
    from PIL import Image

    content = Path(path).read_bytes()
    target = cache_dir / "converted" / f"{hashlib.sha256(content).hexdigest()[:32]}.jpg"
    if not target.is_file():
        with Image.open(path, formats=FORMATS) as image:
            copy = _reduced(image)
        with atomic_write(target, needed=3 * copy.width * copy.height, variable="COURSE_CACHE_DIR") as part:
            copy.save(part, format="JPEG", quality=_QUALITY, subsampling=0)
    return target


def _reduced(image):
    """Return a Pillow image as `to_rgb` makes it, and no larger than a copy has to be."""
    from PIL import Image

    long, short = max(image.size), max(1, min(image.size))
    scale = min(1.0, max(_LONG_SIDE / long, _SHORT_SIDE / short), _LONGEST_JPEG / long)
    # The decoder of JPEGs can leave out what is not needed: a quarter of the time and the memory.
    image.draft(None, [math.ceil(2 * scale * side) for side in image.size])
    upright = to_rgb(image)
    scale *= long / max(upright.size)
    if scale < 1:
        size = [max(1, round(scale * side)) for side in upright.size]
        upright = upright.resize(size, Image.Resampling.LANCZOS)
    upright.info = {}  # notes of any length, which a JPEG cannot hold
    return upright


def to_rgb(image):
    """Return a Pillow image upright and in mode RGB, as this module's text says; of an animation the first picture."""
    from PIL import Image, ImageOps

    image.seek(0)
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):  # 16 bits of grey
        return image.point(lambda value: value / 256).convert("L").convert("RGB")
    if "transparency" in image.info or image.mode in ("RGBA", "LA", "PA", "La", "RGBa"):
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB")


def _is_odd(image):
    if image.format not in (*_JPEG, "PNG") or (image.format == "PNG" and getattr(image, "is_animated", False)):
        return True
    if "exif" in image.info and image.getexif().get(_ORIENTATION, 1) != 1:
        return True
    ordinary = ("RGB", "L") if image.format != "PNG" else ("RGB", "L", "P")
    return image.mode not in ordinary or "transparency" in image.info


def _refuse_enormous(image):
    if image.width * image.height > MOST_PIXELS:
        raise ValueError(f"{image.width:,}×{image.height:,} pixels, more than {MOST_PIXELS / 1e6:.0f} million")


def _is_complete(form, tail):
    """Return True if the file ends as its format ends; if not, only decoding tells whether it can be used."""
    if form in _JPEG:
        return b"\xff\xd9" in tail[-64:]
    return form == "PNG" and b"IEND" in tail[-64:]


def _decode(file):
    from PIL import Image

    with Image.open(file, formats=FORMATS) as image:
        image.load()


def _what_it_is(file):
    file.seek(0)
    start = file.read(32)
    if not start:
        return "an empty file"
    if start[4:8] == b"ftyp":
        return "a HEIC or AVIF picture or a video, which the course does not read; save it as JPEG"
    if start[:2] in (b"II", b"MM"):
        return "a TIFF or raw picture, which the course does not read; save it as JPEG"
    if start.isascii() and start.decode().isprintable():
        return "text, no image"
    return "no JPEG, PNG, BMP, WebP or GIF image"


def _reason(error):
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _look_at_all(files, title):
    """Return the odd files; raise with the list of all that cannot be used."""
    step = 200

    def look(start):
        odd, bad = [], []
        for path, *_ in files[start : start + step]:
            try:
                if Path(path).suffix.lower() in REFUSED:
                    raise ValueError("the course does not read this format; save it as JPEG")
                if inspect(path):
                    odd.append(path)
            except _UNUSABLE as error:
                bad.append((path, _reason(error)))
        return odd, bad

    parts = in_threads(look, range(0, len(files), step))
    bad = [item for _, found in parts for item in found]
    if bad:
        raise unusable(bad, len(files), title)
    return [path for found, _ in parts for path in found]


def _convert_all(paths, total, title, cache_dir):
    """Return file → copy; raise with the list of all that turn out to be damaged inside."""
    if len(paths) >= _MANY:
        text = f"Converting {len(paths):,} unusual photographs of {title}, once: large ones take a second each."
        show(f"<p>{escape(text)}</p>", text)

    def convert(path):
        try:
            return str(converted(path, cache_dir)), ""
        except CourseError:
            raise
        except _UNUSABLE as error:
            return "", _reason(error)

    results = dict(zip(paths, in_threads(convert, paths), strict=True))
    bad = [(path, reason) for path, (copy, reason) in results.items() if not copy]
    if bad:
        raise unusable(bad, total, title)
    return {path: copy for path, (copy, _) in results.items()}


def in_threads(function, items) -> list:
    """Return what a function makes of each item, in their order; several are worked on at a time."""
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        try:
            return list(pool.map(function, items))
        except BaseException:
            pool.shutdown(cancel_futures=True)  # Ctrl-C does not wait for the files that are left
            raise


def unusable(bad, total: int, title: str) -> DataError:
    """Build the error that lists files that cannot be used.

    Parameters
    ----------
    bad : list of (str, str)
        Files and reasons.
    total : int
        Files there are in all.
    title : str
        Of the data set.
    """
    more = f"\n  … and {len(bad) - _SHOWN:,} more" if len(bad) > _SHOWN else ""
    one_or_more = "a photograph" if len(bad) == 1 else "photographs"
    listed = table_text(sorted(bad)[:_SHOWN]).replace("\n", "\n  ")
    error = DataError(
        f"{len(bad):,} of {counted(total, 'file')} cannot be used as {one_or_more} of {title}.",
        found=f"\n  {listed}{more}",
        fix="Replace what is listed or move it out of the folder. Nothing was changed.",
    )
    error.problems = tuple(bad)
    return error


def _remembered(memory):
    try:
        odd = json.loads(memory.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    good = isinstance(odd, dict) and all(isinstance(copy, str) and Path(copy).is_file() for copy in odd.values())
    return odd if good else None


def _remember(memory, odd):
    try:
        with atomic_write(memory) as part:
            part.write_text(json.dumps(odd), encoding="utf-8")
    except DiskError:
        return  # a cache that cannot be written: looked at again the next time


def _note(odd):
    if not odd:
        return ""
    were = counted(len(odd), "unusual file was", "unusual files were")
    return f"{were} converted for reading (turned upright, transparency on white, 8 bits, large ones reduced)"
