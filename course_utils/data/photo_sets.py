"""Data sets of photographs the course knows: from a prepared folder, or unpacked from their official archive."""

from ..settings import Settings
from .cards.card import DatasetCard
from .photo_folders import PhotoContent, read_photo_folder
from .sources import Found


def read_photos(card: DatasetCard, found: Found, settings: Settings, image_size: int) -> PhotoContent:
    """Read a data set of photographs.

    Parameters
    ----------
    card : DatasetCard
    found : Found
        A folder, used as it is, or the official archive.
    settings : Settings
    image_size : int

    Returns
    -------
    PhotoContent

    Raises
    ------
    DataError
        If it is not this data set, or damaged.
    """
    return read_photo_folder(card, found.where, image_size, settings.cache_dir)
