"""The data sets the course knows, by name."""

from collections.abc import Mapping
from types import MappingProxyType

from ..errors import UnknownNameError
from .cards.card import DatasetCard, RemoteFile, Sample
from .cards.cifar import CIFAR10, CIFAR100
from .cards.grey import FASHION_MNIST, MNIST
from .cards.imagenette import IMAGENETTE, IMAGEWOOF

__all__ = ["CATALOG", "DatasetCard", "RemoteFile", "Sample", "available", "card"]

CATALOG: Mapping[str, DatasetCard] = MappingProxyType(
    {card.name: card for card in (MNIST, FASHION_MNIST, CIFAR10, CIFAR100, IMAGENETTE, IMAGEWOOF)}
)


def available() -> tuple[str, ...]:
    """Return the names `load` knows."""
    return tuple(CATALOG)


def card(name: str) -> DatasetCard:
    """Return a data set's card.

    Parameters
    ----------
    name : str

    Returns
    -------
    DatasetCard

    Raises
    ------
    UnknownNameError
        Lists the valid names, closest first.

    Examples
    --------
    >>> card("mnist").shape
    (28, 28, 1)
    """
    if not isinstance(name, str) or name not in CATALOG:
        raise UnknownNameError("data set", name, CATALOG)
    return CATALOG[name]
