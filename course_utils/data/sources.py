"""Where a data set could be taken from: looking (disk only, nothing read whole) and planning (pure).

Below ``COURSE_DATA_DIR``, in the cache and on a mirror the official files have the same names::

    mnist.npz
    fashion-mnist/train-images-idx3-ubyte.gz   (and the three other idx files)
    cifar-10-python.tar.gz
    cifar-100-python.tar.gz
    imagenette2-160.tgz
    imagewoof2-160.tgz

``COURSE_DATA_DIR`` may also hold ``<name>.npz``, uncompressed idx files, image folders
``<name>/{train,test}/<class>/*``, or unpacked photographs ``imagenette2-160/{train,val}/<class>/*``
(also ``imagenette2-320``, ``imagenette2``, ``imagenette``, and the same of Imagewoof).
"""

from dataclasses import dataclass
from pathlib import Path

from ..errors import IntegrityError
from ..settings import Settings
from .arrays import digest, read_idx
from .cards.card import DatasetCard
from .photo_folders import find_photos

KEYS = ("x_train", "y_train", "x_test", "y_test")
SAMPLES = Path(__file__).parent / "samples"
SYSTEM_ROOT = Path("/")

_IDX = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


@dataclass(frozen=True)
class Found:
    """Files of a data set that lie somewhere; nothing is said yet about their content.

    Attributes
    ----------
    layout : str
        ``"npz"``, ``"idx"``, ``"archive"``, ``"images"`` (decoded into arrays), ``"photos"`` (left in files)
        or ``"unpacked"`` (photographs the course unpacked into its cache).
    where : Path
        The file or folder to name to the learner.
    paths : tuple of Path
        One file; four idx files in the order of `KEYS`; or the folder with ``train`` and ``test``.
    """

    layout: str
    where: Path
    paths: tuple[Path, ...]


@dataclass(frozen=True)
class Inventory:
    """What was found where; None: nothing there."""

    folder: Found | None = None
    cache: Found | None = None
    system: Found | None = None


@dataclass(frozen=True)
class Step:
    """One thing to try: ``kind`` as in `Source`, and the files where there are any."""

    kind: str
    found: Found | None = None


def plan(
    card: DatasetCard,
    inventory: Inventory,
    *,
    data: str = "auto",
    offline: bool = False,
) -> tuple[Step, ...]:
    """Decide what to try, in which order; touches nothing.

    Parameters
    ----------
    card : DatasetCard
    inventory : Inventory
    data : str
        ``"bundled"``: only what ships with the course (a sample, or the practice set that stands in);
        ``"full"``: never that; ``"auto"``: that last.
    offline : bool
        True: no download.

    Returns
    -------
    tuple of Step
        Empty if there is nothing to try.
    """
    bundled = (Step("bundled", sample(card)),) if card.sample else (Step("practice"),) if card.practice else ()
    if data == "bundled":
        return bundled
    local = tuple(
        Step(kind, found) for kind in ("folder", "cache", "system") if (found := getattr(inventory, kind)) is not None
    )
    download = () if offline else (Step("download"),)
    return (*local, *download, *(() if data == "full" else bundled))


def look(card: DatasetCard, settings: Settings, image_size: int = 0) -> Inventory:
    """Look where files of a data set lie: names only, except that loose idx files are told apart by their labels.

    `image_size` chooses among folders that hold the same photographs at several sizes.
    """
    if settings.data == "bundled":
        return Inventory()
    return Inventory(
        folder=settings.data_dir and find(card, settings.data_dir, image_size),
        cache=_unpacked(card, settings) or find_official(card, cache_folder(settings)),
        system=next(filter(None, (_idx_files(SYSTEM_ROOT / path) for path in card.system)), None),
    )


def unpacked_folder(card: DatasetCard, settings: Settings) -> Path:
    """Return the folder in the cache into which the photographs of an official archive are unpacked."""
    return settings.cache_dir / "photos" / card.name


def cache_folder(settings: Settings) -> Path:
    """Return the folder in the cache that holds the official files."""
    return settings.cache_dir / "data"


def find(card: DatasetCard, folder, image_size: int = 0) -> Found | None:
    """Find a data set in a folder somebody prepared.

    Parameters
    ----------
    card : DatasetCard
    folder : path-like
    image_size : int, optional
        Chooses among folders that hold the same photographs at several sizes.

    Returns
    -------
    Found or None
    """
    folder = Path(folder)
    if card.is_photos:
        return _photos(card, folder, image_size) or _archive(card, folder)
    return (
        _npz(card, folder)
        or _archive(card, folder)
        or next(
            filter(
                None,
                (_idx_files(folder / name) for name in card.folders if card.shape[2] == 1),
            ),
            None,
        )
        or _loose_idx(card, folder)
        or next(filter(None, (_images(folder / name) for name in card.folders)), None)
    )


def find_official(card: DatasetCard, folder) -> Found | None:
    """Find the official files, all of them, under their names in a cache or on a mirror."""
    folder = Path(folder)
    paths = tuple(folder / file.path for file in card.files)
    if not paths or not all(_is_file(path) for path in paths):
        return None
    one = "npz" if paths[0].suffix == ".npz" else "archive"
    layout = one if len(paths) == 1 else "idx"
    return Found(layout, paths[0] if len(paths) == 1 else paths[0].parent, paths)


def wanted_names(card: DatasetCard) -> str:
    """Say which files or folders `find` looks for, for messages."""
    official = ", ".join(file.path for file in card.files)
    if card.is_photos:
        return f"{official}; or one of the folders {', '.join(card.folders)} with train/<class>/ and val/<class>/"
    return f"{official}; or the folder {card.name}/ with train/<class>/ and test/<class>/"


def how_to_get(card: DatasetCard, settings: Settings) -> str:
    """Say how to get the full data: the command, and which file to put where, with size and hash."""
    files = "".join(
        f"\n      {file.path}  ({file.size:,} bytes, {file.fingerprint})\n        from {file.urls[0]}"
        for file in card.files
    )
    return (
        f"With a connection, run this again, or type in a terminal: course fetch {card.name}"
        f"  ({card.download_size / 1e6:.0f} MB).\n"
        f"    Or put the following into {cache_folder(settings)},\n"
        f"    or into any other folder and set COURSE_DATA_DIR to it:{files}"
    )


def _photos(card, folder, image_size):
    found = find_photos(card, folder, image_size)
    return found and Found("photos", found, (found,))


def _unpacked(card, settings):
    folder = unpacked_folder(card, settings)
    return Found("unpacked", folder, (folder,)) if card.is_photos and _is_folder(folder) else None


def sample(card):
    """Return where the bundled sample of a data set is."""
    path = SAMPLES / f"{card.name}.npz"
    return Found("npz", path, (path,))


def _npz(card, folder):
    for name in (card.name, *card.folders):
        if _is_file(path := folder / f"{name}.npz"):
            return Found("npz", path, (path,))
    return None


def _archive(card, folder):
    path = folder / card.files[0].path
    return Found("archive", path, (path,)) if path.name.endswith((".tar.gz", ".tgz")) and _is_file(path) else None


def _idx_files(folder):
    paths = []
    for name in _IDX:
        spellings = (f"{name}.gz", name, name.replace("-idx", ".idx"))
        path = next(
            (folder / spelling for spelling in spellings if _is_file(folder / spelling)),
            None,
        )
        if path is None:
            return None
        paths.append(path)
    return Found("idx", folder, tuple(paths))


def _loose_idx(card, folder):
    """MNIST and Fashion-MNIST use the same file names: their test labels (10 kB) tell them apart."""
    found = _idx_files(folder) if card.shape[2] == 1 else None
    if found is None:
        return None
    try:
        same = digest(read_idx(found.paths[3])) == card.digests["y_test"]
    except IntegrityError:
        same = True  # reading it will say what is wrong with it
    return found if same else None


def _images(folder):
    both = all(_is_folder(folder / split) for split in ("train", "test"))
    return Found("images", folder, (folder,)) if both else None


def _is_file(path):
    try:
        return path.is_file()
    except OSError:  # a folder that may not be entered
        return False


def _is_folder(path):
    try:
        return path.is_dir()
    except OSError:
        return False
