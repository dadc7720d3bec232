"""The practice set Emoji-10 in place of a data set of colour images that is not there."""

from dataclasses import replace
from types import MappingProxyType

from ..settings import Settings
from .cards.card import DatasetCard, split_sizes
from .dataset import Dataset, Source, Split
from .photo_folders import read_photo_folder, starting_with

# Parts of the photographs' test split, by the beginning of the file names that practice.folder() gives.
_PARTS = {"same drawings": "same_", "new artist": "new_"}


def practice_dataset(card: DatasetCard, settings: Settings, image_size: int = 0) -> Dataset:
    """Return the practice set in the form of the data set it stands in for.

    Parameters
    ----------
    card : DatasetCard
        Of the data set that was asked for: arrays of small images, or photographs in folders.
    settings : Settings
    image_size : int, optional
        Of photographs.

    Returns
    -------
    Dataset
        With Emoji-10's card and classes, and the variant ``<name>/practice``.

    Raises
    ------
    DiskError
        If the folder of photographs cannot be written into the cache.
    """
    from . import practice

    variant = f"{card.name}/practice"
    about = {
        "name": card.name,
        "source": Source("practice", practice.CARD.title, None, f"It stands in for {card.title}."),
        "variant": variant,
        "title": f"Emoji-10 (practice set, stands in for {card.title})",
    }
    if card.is_photos:
        return _photos(practice, settings, image_size, variant, about)
    arrays = practice.arrays(image_size=card.shape[0])
    classes = practice.CARD.classes
    test = Split(arrays.x_test, arrays.y_test, classes, "test", variant)
    return Dataset(
        train=Split(arrays.x_train, arrays.y_train, classes, "train", variant),
        test=test,
        card=practice.CARD,
        parts=MappingProxyType({name: replace(test[index], name=name) for name, index in arrays.parts.items()}),
        **about,
    )


def _photos(practice, settings, image_size, variant, about):
    folder = practice.folder(settings.cache_dir)
    card = replace(practice.CARD, class_folders=practice.CARD.classes)
    content = read_photo_folder(card, folder, image_size, settings.cache_dir, variant)
    return Dataset(
        train=content.train,
        test=content.test,
        card=replace(card, sizes=split_sizes(len(content.train), len(content.test))),
        parts=MappingProxyType({name: starting_with(content.test, start, name) for name, start in _PARTS.items()}),
        view=content.view,
        class_folders=content.class_folders,
        **about,
    )
