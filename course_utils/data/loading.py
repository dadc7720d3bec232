"""`load`: one door to the data, five sources behind it."""

from dataclasses import replace
from html import escape
from urllib.parse import urlsplit

from .._display import show
from ..errors import DataError, DiskError, InputError
from ..session import report_event
from ..settings import get_settings
from . import catalog
from .dataset import Dataset, Source, Split
from .download import fetch_files, forget_failures, set_aside_damaged
from .photo_folders import PhotoContent
from .photo_sets import read_photos
from .photos import check_size
from .reading import Content, read, read_sample
from .sources import Step, cache_folder, find_official, how_to_get, look, plan, wanted_names

# Data sets for which falling back on the sample has been explained in this process: once is enough.
_explained = set()


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
        _announce(dataset, settings, reasons)
        source = dataset.source
        report_event("data", name=name, source=source.kind, variant=dataset.variant, verified=source.verified)
        return dataset
    raise _nothing(card, settings, reasons)


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
    return Source("cache", str(find_official(card, cache_folder(settings)).where), verified=True)


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
        folder=content.folder,
        class_folders=content.class_folders,
    )


def _with_reasons(dataset, reasons):
    note = " ".join([dataset.source.note, *(error.what for error in reasons)])
    return replace(dataset, source=replace(dataset.source, note=note))


def _bases(card, settings):
    official = dict.fromkeys(urlsplit(url).netloc for file in card.files for url in file.urls)
    return [*settings.mirrors, *official]


def _announce(dataset, settings, reasons):
    """Say in one line where the data came from; explain the first time that the sample had to do."""
    sizes = f"{len(dataset.train):,} training and {len(dataset.test):,} test images"
    line = f"{dataset.card.title}: {sizes}, from the {dataset.source}."
    explain = dataset.source.kind == "bundled" and settings.data == "auto" and dataset.name not in _explained
    if not explain:
        show(f"<p>{escape(line)}</p>", line)
        return
    _explained.add(dataset.name)
    full = dataset.card.sizes
    small = (
        f"This is a small part of {dataset.card.title} ({full['train']:,} + {full['test']:,} images): fine for "
        "learning, but accuracies are lower than on all of it."
    )
    why = f"Why: {_why(settings, reasons)}"
    more = f"All of it: {how_to_get(dataset.card, settings)}"
    html = (
        '<div style="border-left:4px solid #c77c02;padding:4px 12px;margin:4px 0">'
        f"{escape(line)}<br>{escape(small)}"
        "<details><summary>Why, and how to get all of it</summary>"
        f'<div style="white-space:pre-wrap;overflow-wrap:anywhere">{escape(why)}\n{escape(more)}</div></details></div>'
    )
    show(html, "\n".join([line, small, why, more]))


def _why(settings, reasons):
    causes = [str(error).replace("\n", "\n  ") for error in reasons]
    if settings.data_dir is not None:
        causes.insert(0, f"It is not in COURSE_DATA_DIR ({settings.data_dir}).")
    if settings.offline:
        causes.append("COURSE_OFFLINE is set and the cache does not have it.")
    return "\n  ".join(causes)


def _nothing(card, settings, reasons):
    """Build the error for a data set that no source has."""
    if settings.data == "bundled":
        return DataError(
            f"No part of {card.title} ships with the course, and COURSE_DATA=bundled allows nothing else.",
            expected=", ".join(name for name, other in catalog.CATALOG.items() if other.sample),
            found=card.name,
            fix=f"Unset COURSE_DATA to look everywhere. {how_to_get(card, settings)}",
        )
    kind = type(reasons[-1]) if reasons else DataError
    places = [
        f"the cache {cache_folder(settings)}",
        *(f"/{path}" for path in card.system),
    ]
    if settings.data_dir is not None:
        places.insert(0, f"COURSE_DATA_DIR {settings.data_dir}")
    return kind(
        f"{card.title} was not found anywhere.",
        where="; ".join(places),
        expected=wanted_names(card),
        found=_why(settings, reasons),
        fix=how_to_get(card, settings),
    )
