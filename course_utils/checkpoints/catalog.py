"""The catalog of checkpoints: what each one is, where it comes from, and the hash of its file."""

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import get_args, get_origin

from ..files import atomic_write
from ..listings import Listing

SCHEMA = 1
FOLDER = Path(__file__).with_name("shipped")
_NAME = "catalog.json"


@dataclass(frozen=True)
class Checkpoint:
    """What is known about one trained network.

    Attributes
    ----------
    recipe, budget, variant : str
        The key: name given to ``cu.record``, budget, and data variant (``"cifar10/jpeg"`` is not ``"cifar10"``).
    file, sha256 : str
        Name of the file beside the catalog, and its SHA-256 in hexadecimal digits.
    size : int
        Of the file, in bytes.
    accuracy : float
        Of the network with the weights as they are in the file, in [0, 1].
    recorded : float or None
        What the notebook recorded, in [0, 1]; another number where it asks the network twice, for example.
    split : str
        What the accuracy was measured on.
    images : int
        How many images that were.
    seed, epochs, parameters : int or None
    minutes : float or None
        Of training, on `machine`.
    notebook, recipe_hash : str or None
        Where the code is, and the hash of its cells (see `course_utils.results.recipes`).
    machine : str
    versions : dict of str to str
    trained : str
        UTC date, ``YYYY-MM-DD``.
    override : dict of str to int
        Rows of the notebook's budget table that had another value (``COURSE_OVERRIDE``).
    also : tuple of str
        Other recipes that record the very same network.
    """

    recipe: str
    budget: str
    variant: str
    file: str
    sha256: str
    size: int
    accuracy: float
    recorded: float | None = None
    split: str = "test"
    images: int = 0
    seed: int | None = None
    epochs: int | None = None
    parameters: int | None = None
    minutes: float | None = None
    notebook: str | None = None
    recipe_hash: str | None = None
    machine: str = ""
    versions: dict = field(default_factory=dict)
    trained: str = ""
    override: dict = field(default_factory=dict)
    also: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str, str]:
        """Recipe, budget and variant."""
        return self.recipe, self.budget, self.variant

    @property
    def names(self) -> tuple[str, ...]:
        """The names under which it is found."""
        return self.recipe, *self.also

    @property
    def dataset(self) -> str:
        """The data set without its variant: ``"cifar10"``."""
        return self.variant.partition("/")[0]

    @property
    def is_practice(self) -> bool:
        """True: trained on drawings, not on photographs."""
        return is_practice(self.variant)


_FIELDS = {item.name for item in fields(Checkpoint)}


def is_practice(variant) -> bool:
    """Say whether a data variant is the practice set.

    Examples
    --------
    >>> is_practice("cifar10/practice"), is_practice("cifar10/jpeg")
    (True, False)
    """
    return variant.endswith("/practice")


def from_json(values) -> Checkpoint:
    """Return the `Checkpoint` in a mapping; entries that this version does not know are ignored.

    Raises
    ------
    TypeError, KeyError
        If something is missing or of the wrong kind.
    """
    known = {name: value for name, value in values.items() if name in _FIELDS}
    if not isinstance(known.get("also", ()), list | tuple):
        raise TypeError(f"also is {known['also']!r}, not a list")
    made = Checkpoint(**known | {"also": tuple(known.get("also", ()))})
    for item in fields(made):
        value = getattr(made, item.name)
        if not _is_of(item.type, value) or not _is_possible(item.name, value):
            raise TypeError(f"the entry of {made.recipe!r} makes no sense: {item.name} is {value!r}")
    return made


_LISTING = Listing(
    "checkpoints",
    SCHEMA,
    "The catalog of checkpoints",
    "The catalog of checkpoints is damaged.",
    "The catalog of checkpoints was written by another version of the course.",
    "Restore the file from the repository, or install the course again.",
    "Update the course so that package and catalog match.",
)


def load_catalog(folder=None) -> list[Checkpoint]:
    """Return the checkpoints of a folder; none where there is no catalog.

    Parameters
    ----------
    folder : path-like, optional
        Default: what ships with the course.

    Raises
    ------
    CourseError
        If the catalog is damaged or of another schema.
    """
    return _LISTING.read(Path(folder or FOLDER) / _NAME, from_json)


def save_catalog(checkpoints, folder=None) -> Path:
    """Write the catalog, sorted by key so that the same checkpoints give the same bytes.

    Parameters
    ----------
    checkpoints : iterable of Checkpoint
    folder : path-like, optional

    Returns
    -------
    Path

    Raises
    ------
    DiskError
        If it cannot be written; the old one is as before.
    """
    path = Path(folder or FOLDER) / _NAME
    entries = [asdict(one) for one in sorted(checkpoints, key=lambda one: one.key)]
    content = {"schema": SCHEMA, "checkpoints": entries}
    text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    with atomic_write(path) as temporary:
        temporary.write_text(text, "utf-8", newline="\n")
    return path


def _is_of(kind, value):
    """Say whether a value is what a field of `Checkpoint` is declared to be."""
    if get_origin(kind) is tuple:
        return all(isinstance(part, str) for part in value)
    kinds = get_args(kind) or (kind,)
    return isinstance(value, (*kinds, int) if float in kinds else kinds) and not isinstance(value, bool)


def _is_possible(name, value):
    if name == "file":
        return Path(value).name == value
    return name not in ("accuracy", "recorded") or value is None or 0 <= value <= 1  # nan is not
