"""Data sets: one door (`load`), five sources, everything compared with published digests."""

from .catalog import CATALOG, DatasetCard, available
from .dataset import Dataset, Source, Split
from .loading import dataset_source, fetch, load
from .own_folders import load_folder
from .photos import Photos, PhotoSplit

__all__ = [
    "CATALOG",
    "Dataset",
    "DatasetCard",
    "PhotoSplit",
    "Photos",
    "Source",
    "Split",
    "available",
    "dataset_source",
    "fetch",
    "load",
    "load_folder",
]
