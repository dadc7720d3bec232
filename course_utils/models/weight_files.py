"""Files of weights that Keras publishes: where they are looked for, and fetching them from a mirror or from Keras.

`keras.applications` could fetch them itself, but waits for ever for a server that does not answer, asks no mirror,
and ignores ``COURSE_OFFLINE``.
"""

import hashlib
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from ..data.locking import exclusive
from ..data.progress import Progress
from ..data.transfer import Interrupted, transfer
from ..errors import CourseError, DownloadError, IntegrityError
from ..files import atomic_write, disk_error
from ..settings import get_settings

ADDRESS = "https://storage.googleapis.com/tensorflow/keras-applications"
ATTEMPTS = 3

_sleep = time.sleep

# Digests as they stand in Keras's source (a test compares them). Keras publishes none for MobileNetV2.
_DIGESTS = {
    "vgg16_weights_tf_dim_ordering_tf_kernels.h5": "64373286793e3c8b2b4e3219cbf3544b",
    "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5": "6d6bbae143d832006294945121d1f1fc",
    "efficientnetv2-b0.h5": "21ecbf6da12460d5c40bb2f29ceb2188",
    "efficientnetv2-b0_notop.h5": "893217f2bb855e2983157299931e43ff",
    "convnext_tiny.h5": "8ae6e78ce2933352b1ef4008e6dd2f17bc40771563877d156bc6426c7cf503ff",
    "convnext_tiny_notop.h5": "d547c096cabd03329d7be5562c5e14798aa39ed24b474157cef5e85ab9e49ef1",
}
# Folder at Keras's address; megabytes with and without the classifying layers (4 bytes per weight).
_PUBLISHED = {
    "vgg16": ("vgg16", 553, 59),
    "mobilenet_v2": ("mobilenet_v2", 15, 10),
    "efficientnet_v2_b0": ("efficientnet_v2", 29, 24),
    "convnext_tiny": ("convnext", 115, 112),
}


@dataclass(frozen=True)
class WeightFile:
    """A published file of weights.

    Attributes
    ----------
    name : str
        Name of the file.
    url : str
    megabytes : int
        About.
    digest : str or None
        MD5 or SHA-256 in hexadecimal digits; None if nobody published one.
    """

    name: str
    url: str
    megabytes: int
    digest: str | None


def weight_file(name, image_size, top) -> WeightFile:
    """Return the file that belongs to a network.

    Parameters
    ----------
    name : str
        Name of the network.
    image_size : int
        MobileNetV2 was trained once per size.
    top : bool
        With the classifying layers or without.
    """
    folder, large, small = _PUBLISHED[name]
    if name == "vgg16":
        file = f"vgg16_weights_tf_dim_ordering_tf_kernels{'' if top else '_notop'}.h5"
    elif name == "mobilenet_v2":
        rows = image_size if image_size in (96, 128, 160, 192, 224) else 224
        file = f"mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_{rows}{'' if top else '_no_top'}.h5"
    else:
        stem = {"efficientnet_v2_b0": "efficientnetv2-b0"}.get(name, name)
        file = f"{stem}{'' if top else '_notop'}.h5"
    return WeightFile(file, f"{ADDRESS}/{folder}/{file}", large if top else small, _DIGESTS.get(file))


def fetched(file, network) -> Path:
    """Return where a file of weights lies; fetch it first if it lies nowhere.

    Parameters
    ----------
    file : WeightFile
    network : str
        Its name, for messages.

    Returns
    -------
    Path

    Raises
    ------
    DownloadError
        If it could not be fetched; the message says what to do.
    DiskError
        If the cache cannot be written.
    """
    settings = get_settings()
    folder = settings.cache_dir / "models"
    found = _on_disk(file, folder)
    if found:
        return found
    if settings.offline:
        raise _failure(file, network, folder, ["COURSE_OFFLINE forbids opening a connection"])
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with exclusive(folder / f".{file.name}.lock", file.name):
            return _on_disk(file, folder) or _fetch(file, network, folder, settings)
    except OSError as error:
        if isinstance(error, CourseError):
            raise
        raise disk_error(error, folder, needed=file.megabytes * 10**6, variable="COURSE_CACHE_DIR") from error


def load_into(network, path, file) -> None:
    """Load a file of weights; one that does not fit is set aside, unless it lies in Keras's own folder.

    Parameters
    ----------
    network : keras.Model
    path : Path
    file : WeightFile

    Raises
    ------
    IntegrityError
        If the file does not hold this network's weights.
    """
    try:
        network.load_weights(path)
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise IntegrityError(
            "A file of weights is damaged, or not the one Keras publishes.",
            where=str(path),
            found=str(error).split("\n")[0][:200],
            fix=f"{_put_aside(path)}: run the cell again to fetch it anew.",
        ) from error


def _put_aside(path):
    """Rename a file in the course's own cache; return what was done, or what is to be done."""
    if path.parent == keras_folder():
        return "The folder is Keras's and the file was left as it is. Delete or rename it"
    try:
        path.replace(path.with_name(path.name + ".damaged"))
    except OSError:
        return "It could not be set aside. Delete or rename it"
    return "It was set aside as .damaged"


def keras_folder() -> Path | None:
    """Return the folder in which Keras itself keeps weights; None where there is no home folder for it."""
    try:
        return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "models"
    except RuntimeError:  # a user without home, as some containers have
        return None


def _on_disk(file, folder):
    for place in _places(folder):
        with suppress(OSError):
            if _is_right(file, place / file.name):
                return place / file.name
    return None


def _places(folder):
    """Return the folders in which weights are looked for: the course's, and Keras's if there is one."""
    return [place for place in (folder, keras_folder()) if place is not None]


def _is_right(file, path):
    if file.digest is None:
        return path.is_file() and path.stat().st_size > 0
    with path.open("rb") as content:
        kind = "md5" if len(file.digest) == 32 else "sha256"  # not for safety: the digest that Keras published
        return hashlib.file_digest(content, lambda: hashlib.new(kind, usedforsecurity=False)).hexdigest() == file.digest


def _fetch(file, network, folder, settings):
    target = folder / file.name
    if target.exists():
        target.replace(target.with_name(target.name + ".damaged"))
    problems = []
    for url in (*(f"{base}/models/{quote(file.name)}" for base in settings.mirrors), file.url):
        try:
            _retrieve(url, file, target, settings)
            return target
        except (DownloadError, IntegrityError) as error:
            problems.append(f"{url}: {' '.join(part for part in (error.what, error.found) if part)}")
    raise _failure(file, network, folder, problems)


def _retrieve(url, file, target, settings):
    size = file.megabytes * 10**6
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with atomic_write(target, needed=size, variable="COURSE_CACHE_DIR") as part:
                with Progress(file.name, urlsplit(url).netloc, size) as progress:
                    progress.verified = file.digest is not None
                    transfer(url, part, limit=2 * size + 2**20, timeout=settings.timeout, progress=progress)
                    if not _is_right(file, part):
                        raise IntegrityError(
                            "Another file than the published one.", found=f"{part.stat().st_size:,} bytes."
                        )
            return
        except Interrupted:
            if attempt == ATTEMPTS:
                raise
            _sleep(0.5 * 2 ** (attempt - 1))


def _failure(file, network, folder, problems):
    places = _places(folder)
    damaged = [place / file.name for place in places if (place / file.name).is_file()]
    problems = [*(f"{path} is damaged, or not the published file; it was left as it is" for path in damaged), *problems]
    return DownloadError(
        f"The weights of {network} are not on this computer and could not be fetched.",
        where=f"{' and '.join(map(str, places))} (looked for {file.name})",
        expected=f"{file.name}, about {file.megabytes} MB"
        + (f", {'MD5' if len(file.digest) == 32 else 'SHA-256'} {file.digest}" if file.digest else ""),
        found="".join(f"\n    {problem}" for problem in problems),
        fix='go on with cu.backbone("efficientnet_lite0"), which ships with the course; or fetch'
        f"\n    {file.url}\n    on another computer and put it into {folder}; or set COURSE_MIRROR to the "
        f"address of somebody who has it as models/{file.name}.",
    )
