"""Data sets: one door (`load`), five sources, everything compared with published digests."""

from .catalog import CATALOG, DatasetCard, available
from .dataset import Dataset, Source, Split
from .loading import dataset_source, fetch, load

__all__ = [
    "CATALOG",
    "Dataset",
    "DatasetCard",
    "Source",
    "Split",
    "available",
    "dataset_source",
    "fetch",
    "load",
]
