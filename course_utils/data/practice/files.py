"""Emoji-10 as a folder of JPEG files, written once into the cache."""

import errno
import hashlib
import io
import json
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

from ..._display import show
from ...files import disk_error, free_bytes
from ..clearing import clear, remove_stale
from ..locking import exclusive
from .memory import HALVES, check, noise_seed, scenes_of
from .painting import chunks
from .sprites import CLASSES, FOLDER, forget

MANIFEST = "manifest.json"
_QUALITY = 92
_VARIABLE = "COURSE_CACHE_DIR"
# Beginnings of the files' names: they tell the half of the test images.
_PREFIXES = {"train": "train", HALVES[0]: "same", HALVES[1]: "new"}


def folder(cache_dir, image_size: int = 160, train: int = 2_000, test: int = 600, seed: int = 0) -> Path:
    """Return a folder with the practice set as JPEG files; painted at the first call, checked at later ones.

    ``train/<class>/train_0001.jpg``, ``val/<class>/same_0001.jpg`` (drawings that occur in training too) and
    ``val/<class>/new_0001.jpg`` (a new artist's). A folder that is damaged or incomplete is painted anew.

    Parameters
    ----------
    cache_dir : path-like
        The folder is made below its folder ``practice``.
    image_size, train, test, seed
        As in `arrays`.

    Returns
    -------
    Path

    Raises
    ------
    InputError
        If the size or the numbers are out of range.
    DiskError
        If the disk is full or the cache cannot be written.
    """
    check(image_size, train, test, seed)
    target = Path(cache_dir) / "practice" / f"emoji10-{image_size}px-{train}-{test}-seed{seed}-{_version()}"
    if is_complete(target):
        return target
    needed = (train + test) * image_size**2 // 2
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if free_bytes(target) < needed:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        with exclusive(target.with_name(f".{target.name}.lock"), "the practice set"):
            if not is_complete(target):
                _announce(train + test, image_size)
                _build(target, image_size, train, test, seed)
    except OSError as error:
        raise disk_error(error, target, needed=needed, variable=_VARIABLE) from error
    return target


def is_complete(target) -> bool:
    """Return whether a folder holds all files as they were written and no others (hidden ones apart)."""
    try:
        manifest = json.loads((Path(target) / MANIFEST).read_text(encoding="utf-8"))
        return manifest["sha256"] == _digest(target)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _build(target, image_size, train, test, seed):
    """Paint into a folder beside the target, then rename it."""
    remove_stale(target)
    part = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent))
    try:
        for name in _PREFIXES:
            _write(part, name, scenes_of(name, train, test, seed), image_size, noise_seed(name, seed))
        about = {"name": "Emoji-10", "image_size": image_size, "train": train, "test": test, "seed": seed}
        forget()
        text = json.dumps({**about, "sha256": _digest(part)}, indent=1)
        (part / MANIFEST).write_text(f"{text}\n", encoding="utf-8")
        part.chmod(0o777 & ~_umask())
        _replace(part, target)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _write(part, name, scenes, image_size, noise):
    split = part / ("train" if name == "train" else "val")
    for label in CLASSES:
        (split / label).mkdir(parents=True, exist_ok=True)

    def save(rows, images):
        from PIL import Image

        for row, image in zip(range(rows.start, rows.stop), images, strict=True):
            buffer = io.BytesIO()
            Image.fromarray(image).save(buffer, "JPEG", quality=_QUALITY)
            path = split / CLASSES[scenes.labels[row]] / f"{_PREFIXES[name]}_{row + 1:04d}.jpg"
            path.write_bytes(buffer.getbuffer())

    for _ in chunks(scenes, image_size, noise, then=save):
        pass


def _replace(part, target):
    """Rename the new folder into place; what was there goes, except files the course did not write."""
    if target.exists():
        clear(target, _is_ours)
    try:
        part.rename(target)
    except OSError:
        # Without locks another process may have been faster; its folder is as good.
        if not is_complete(target):
            raise


def _is_ours(path):
    names = tuple(f"{prefix}_" for prefix in _PREFIXES.values())
    image = len(path.parts) == 3 and path.suffix == ".jpg" and path.name.startswith(names)
    return image or path == Path(MANIFEST)


def _digest(target):
    """Digest of names and contents of all files but the manifest and hidden ones."""
    target = Path(target)
    digest = hashlib.sha256()
    paths = {path.relative_to(target).as_posix(): path for path in target.rglob("*") if path.is_file()}
    for name, path in sorted(paths.items()):
        if name != MANIFEST and not path.name.startswith(".") and path.name not in ("Thumbs.db", "desktop.ini"):
            content = path.read_bytes()
            digest.update(f"{name}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()


@cache
def _version():
    """Eight digits that change with the drawings, the textures and the code that composes them."""
    digest = hashlib.sha256()
    for pattern in ("sprites/*", "textures/*.webp", "sprites.py", "scenes.py", "painting.py"):
        for path in sorted(FOLDER.glob(pattern)):
            digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:8]


def _announce(n, image_size):
    text = f"Painting the practice set: {n:,} images of {image_size}×{image_size} pixels, once, in a few seconds."
    show(f"<p>{text}</p>", text)


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask
