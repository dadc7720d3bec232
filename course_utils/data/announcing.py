"""Telling the learner where the data came from, why, and how to get all of it; or what to do if nothing was found."""

from html import escape

from .._display import show
from ..errors import DataError
from ..settings import Settings
from . import catalog
from .cards.card import DatasetCard
from .dataset import Dataset
from .sources import cache_folder, how_to_get, wanted_names

# Data sets for which falling back on what ships has been explained in this process: once is enough.
_explained = set()


def announce(dataset: Dataset, card: DatasetCard, settings: Settings, reasons) -> None:
    """Say in one line where the data came from; explain the first time that what ships with the course had to do.

    Parameters
    ----------
    dataset : Dataset
    card : DatasetCard
        Of the data set that was asked for.
    settings : Settings
    reasons : list of CourseError
        Why nothing better was found.
    """
    lines = what(dataset, card)
    ships = dataset.source.kind in ("bundled", "practice")
    if not ships or settings.data != "auto" or dataset.name in _explained:
        show("".join(f"<p>{escape(line)}</p>" for line in lines), "\n".join(lines))
        return
    _explained.add(dataset.name)
    if dataset.source.kind == "bundled":
        lines.append(_small(card))
    why = f"Why: {_why(settings, reasons)}"
    more = f"All of {card.title}: {how_to_get(card, settings)}"
    html = (
        '<div style="border-left:4px solid #c77c02;padding:4px 12px;margin:4px 0">'
        f"{'<br>'.join(map(escape, lines))}"
        f"<details><summary>Why, and how to get all of {escape(card.title)}</summary>"
        f'<div style="white-space:pre-wrap;overflow-wrap:anywhere">{escape(why)}\n{escape(more)}</div></details></div>'
    )
    show(html, "\n".join([*lines, why, more]))


def what(dataset: Dataset, card: DatasetCard) -> list[str]:
    """Return the lines that say what was loaded and where it came from."""
    sizes = f"{len(dataset.train):,} training and {len(dataset.test):,} test images"
    if not dataset.is_practice:
        note = f" {dataset.source.note}." if dataset.source.kind == "folder" and dataset.source.note else ""
        return [f"{dataset.title}: {sizes}, from the {dataset.source}.{note}"]
    return [
        f"{card.title} is not here: the practice set Emoji-10 stands in for it, {sizes}, drawn and not photographed.",
        f"What you measure on it is no result on {card.title} and is never compared with one.",
    ]


def _small(card):
    full = card.sizes
    return (
        f"This is a small part of {card.title} ({full['train']:,} + {full['test']:,} images): fine for "
        "learning, but accuracies are lower than on all of it."
    )


def _why(settings, reasons):
    causes = [str(error).replace("\n", "\n  ") for error in reasons]
    if settings.data_dir is not None:
        causes.insert(0, f"It is not in COURSE_DATA_DIR ({settings.data_dir}).")
    if settings.offline:
        causes.append("COURSE_OFFLINE is set and the cache does not have it.")
    return "\n  ".join(causes)


def nothing(card, settings, reasons):
    """Build the error for a data set that no source has.

    Parameters
    ----------
    card : DatasetCard
    settings : Settings
    reasons : list of CourseError
        What became of every source that was tried.
    """
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
