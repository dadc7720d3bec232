"""`load`: one door to the data, five sources behind it."""

from dataclasses import replace
from urllib.parse import urlsplit

from ..errors import DataError, DiskError, InputError
from ..session import report_event
from ..settings import get_settings
from . import catalog
from .announcing import announce, nothing
from .dataset import Dataset, Source, Split
from .download import fetch_files, forget_failures, set_aside_damaged
from .photo_folders import PhotoContent
from .photo_sets import read_photos, unpack
from .photos import SMALLEST, check_size
from .reading import Content, check_official, read, read_sample
from .sources import Step, cache_folder, find_official, how_to_get, look, plan


def load(name: str, image_size: int | None = None) -> Dataset:
    """Load a data set from the best source there is, and say which.

    In this order: the folder ``COURSE_DATA_DIR``, the cache, a system package, a mirror
    (``COURSE_MIRROR``) or the official hosts, what ships with the course: a sample of the grey data sets,
    the practice set Emoji-10 in place of the coloured ones. ``COURSE_DATA=bundled`` takes only the last,
    ``full`` never the last; ``COURSE_OFFLINE=1`` opens no connection.

    Parameters
    ----------
    name : str
        ``"mnist"``, ``"fashion_mnist"``, ``"cifar10"``, ``"cifar100"``, ``"imagenette"`` or ``"imagewoof"``.
    image_size : int, optional
        Only for photographs (Imagenette and Imagewoof): height and width in pixels, 32 to 320; default 160.

    Returns
    -------
    Dataset
        ``train`` and ``test`` with ``images`` (n, height, width, channels) uint8 in [0, 255] and
        ``labels`` (n,) int64. Photographs stay on the disk: their splits are `PhotoSplit` s.

    Raises
    ------
    UnknownNameError
        If there is no such data set.
    InputError
        If `image_size` makes no sense, or the data set has images of one size only.
    DataError
        If no source has it; the message says what was tried and where to put which file. Its kinds:
        `IntegrityError` for a file in ``COURSE_DATA_DIR`` whose content is not the published one,
        `DownloadError` if fetching was the last resort and failed.
    """
    card = catalog.card(name)
    image_size = _image_size(card, image_size)
    settings = get_settings()
    steps = plan(card, look(card, settings, image_size), data=settings.data, offline=settings.offline)
    if steps and steps[-1].kind == "download":
        forget_failures()  # nothing to fall back on: hosts that did not answer a moment ago are asked again
    reasons = []
    for step in steps:
        try:
            dataset = _take(card, step, settings, image_size)
        except (DataError, DiskError) as error:
            if step.kind in ("folder", "bundled", "practice"):
                raise
            reasons.append(error)
            continue
        if step.kind == "bundled":
            dataset = _with_reasons(dataset, reasons)
        announce(dataset, catalog.card(name), settings, reasons)
        source = dataset.source
        report_event("data", name=name, source=source.kind, variant=dataset.variant, verified=source.verified)
        return dataset
    raise nothing(card, settings, reasons)


def dataset_source(name: str) -> Source | None:
    """Say where `load` would take a data set from, without reading, hashing or downloading anything.

    Parameters
    ----------
    name : str

    Returns
    -------
    Source or None
        None: nowhere, with the present settings. ``verified`` is None, for nothing has been read yet.

    Raises
    ------
    UnknownNameError
        If there is no such data set.
    """
    card = catalog.card(name)
    settings = get_settings()
    steps = plan(card, look(card, settings, card.shape[0]), data=settings.data, offline=settings.offline)
    if not steps:
        return None
    if steps[0].kind == "practice":
        return _practice_source(card)
    if steps[0].kind == "download":
        fallbacks = {"bundled": "; if that fails, the bundled sample", "practice": "; if that fails, the practice set"}
        fallback = fallbacks.get(steps[-1].kind, "")
        hosts = ", ".join(_bases(card, settings))
        return Source(
            "download",
            hosts,
            note=f"about {card.download_size / 1e6:.0f} MB, once{fallback}",
        )
    return Source(steps[0].kind, str(steps[0].found.where))


def _practice_source(card):
    return Source("practice", f"Emoji-10 stands in for {card.title}; its results are not {card.title}'s")


def fetch(name: str) -> Source:
    """Put the official files of a data set into the cache, verified; does nothing if they are there.

    Photographs are unpacked too, and compared file by file with what was unpacked before.

    Parameters
    ----------
    name : str

    Returns
    -------
    Source
        The cache.

    Raises
    ------
    UnknownNameError
        If there is no such data set.
    DownloadError
        If the files could not be fetched, or ``COURSE_OFFLINE`` is set.
    DiskError
        If the cache cannot be written or the disk is full.
    """
    card = catalog.card(name)
    settings = get_settings()
    forget_failures()
    try:
        fetch_files(card, settings)
    except DataError as error:
        error.fix = how_to_get(card, settings)
        raise
    found = find_official(card, cache_folder(settings))
    if card.is_photos:
        folder = unpack(card, found.where, settings, thorough=True)
        return Source("cache", str(folder), verified=read_photos(card, found, settings, SMALLEST).verified)
    verified = all(check_official(card, file, path) for file, path in zip(card.files, found.paths, strict=True))
    return Source("cache", str(found.where), verified)


def _image_size(card, image_size):
    """Return the size of the photographs; refuse one where images have a size of their own."""
    if card.is_photos:
        return check_size(card.shape[0] if image_size is None else image_size)
    if image_size is not None:
        height, width, _ = card.shape
        raise InputError(
            f"The images of {card.title} have one size, {height}×{width}; only photographs can be brought to another.",
            where=f"cu.load({card.name!r}, image_size={image_size!r})",
            fix=f"data = cu.load({card.name!r}); keras.layers.Resizing(64, 64) as a layer of the model enlarges them",
        )
    return 0


def _take(card, step, settings, image_size):
    """Perform one step."""
    if step.kind == "practice":
        from .standing_in import practice_dataset

        return practice_dataset(card, settings, image_size)
    if step.kind == "bundled":
        return _of_arrays(card, step, read_sample(card, step.found))
    if step.kind == "download":
        fetch_files(card, settings)
        step = Step("download", find_official(card, cache_folder(settings)))
    try:
        if card.is_photos:
            return _of_photos(card, step, read_photos(card, step.found, settings, image_size))
        return _of_arrays(card, step, read(card, step.found, settings.cache_dir))
    except DataError:
        if step.kind == "cache":
            set_aside_damaged(card, settings)
        raise


def _of_arrays(card, step, content: Content):
    variant = f"{card.name}/{content.form}" if content.form else card.name
    arrays = content.arrays
    return Dataset(
        name=card.name,
        train=Split(arrays["x_train"], arrays["y_train"], card.classes, "train", variant),
        test=Split(arrays["x_test"], arrays["y_test"], card.classes, "test", variant),
        card=card,
        source=Source(step.kind, str(step.found.where), content.verified, content.note),
        variant=variant,
    )


def _of_photos(card, step, content: PhotoContent):
    return Dataset(
        name=card.name,
        train=content.train,
        test=content.test,
        card=card,
        source=Source(step.kind, str(step.found.where), content.verified, content.note),
        variant=content.train.variant,
        parts=content.parts,
        view=content.view,
        class_folders=content.class_folders,
    )


def _with_reasons(dataset, reasons):
    note = " ".join([dataset.source.note, *(error.what for error in reasons)])
    return replace(dataset, source=replace(dataset.source, note=note))


def _bases(card, settings):
    official = dict.fromkeys(urlsplit(url).netloc for file in card.files for url in file.urls)
    return [*settings.mirrors, *official]
