"""The form of a card: what to know about a data set, and where its files come from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ..._display import table_html, table_text

_NONE = MappingProxyType({})


@dataclass(frozen=True)
class RemoteFile:
    """One official file.

    Attributes
    ----------
    path : str
        Name below the cache, a mirror or ``COURSE_DATA_DIR``, with forward slashes.
    urls : tuple of str
        Official addresses, in the order they are tried.
    size : int
        Bytes.
    sha256 : str
        As published; see the comment at each entry for by whom. Empty: nobody published one.
    md5 : str
        As published. Compared only where there is no SHA-256.
    earlier : tuple of (int, str)
        Size and SHA-256 of earlier packings of the same images, accepted as well.
    """

    path: str
    urls: tuple[str, ...]
    size: int
    sha256: str = ""
    md5: str = ""
    earlier: tuple[tuple[int, str], ...] = ()

    @property
    def fingerprint(self) -> str:
        """The published hash in words, for messages."""
        if self.sha256:
            return f"SHA-256 {self.sha256}"
        return f"MD5 {self.md5}" if self.md5 else "no hash was published"


@dataclass(frozen=True)
class Sample:
    """The part of a data set that ships with the course.

    Attributes
    ----------
    sizes : mapping of str to int
        Images per split.
    digests : mapping of str to str
        SHA-256 of the C-ordered bytes of ``x_train``, ``y_train`` (uint8), ``x_test``, ``y_test`` (uint8).
    note : str
        Where the images were taken from.
    """

    sizes: Mapping[str, int]
    digests: Mapping[str, str]
    note: str


@dataclass(frozen=True)
class DatasetCard:
    """What to know about a data set before using it.

    Attributes
    ----------
    name, title : str
        Name for `load`, and for people.
    description, origin, citation, licence, label_faults : str
        In words.
    classes : tuple of str
        ``classes[label]`` is the label's name.
    shape : tuple of int
        (height, width, channels) of an image; for photographs of many sizes, height and width are the
        size they are brought to if nothing else is asked for.
    sizes : mapping of str to int
        Images in ``"train"`` and ``"test"``.
    files : tuple of RemoteFile
        The official files; empty where there is nothing to fetch.
    digests : mapping of str to str
        SHA-256 of the C-ordered bytes of ``x_train``, ``y_train`` (uint8), ``x_test``, ``y_test`` (uint8);
        empty where nobody published any (the files' own hashes are compared then).
    sample : Sample or None
        What ships with the course.
    folders : tuple of str
        Names under which a folder of this data set is recognised below ``COURSE_DATA_DIR``.
    system : tuple of str
        Where system packages put it.
    class_folders : tuple of str
        Photographs only: names of the folders of the classes, in the order of `classes`.
    practice : bool
        True if the practice set stands in for it where no other source has it.
    imagenet : mapping of str to tuple of int
        Indices of the ImageNet-1k classes (0 to 999, sorted by WordNet id, as in Keras) that mean the class.
    leak : str
        What is known about images that a backbone trained on ImageNet has seen; empty: nothing to know.
    """

    name: str
    title: str
    description: str
    origin: str
    citation: str
    licence: str
    label_faults: str
    classes: tuple[str, ...]
    shape: tuple[int, int, int]
    sizes: Mapping[str, int]
    files: tuple[RemoteFile, ...] = ()
    folders: tuple[str, ...] = ()
    digests: Mapping[str, str] = field(default_factory=lambda: _NONE)
    sample: Sample | None = None
    system: tuple[str, ...] = ()
    class_folders: tuple[str, ...] = ()
    practice: bool = False
    imagenet: Mapping[str, tuple[int, ...]] = field(default_factory=lambda: _NONE)
    leak: str = ""

    @property
    def download_size(self) -> int:
        """Bytes of all official files together."""
        return sum(file.size for file in self.files)

    @property
    def is_photos(self) -> bool:
        """True for photographs of many sizes in folders; False for images of one size in one array."""
        return bool(self.class_folders)

    def _rows(self):
        rows = [
            ("what", self.description),
            ("images", f"{self.sizes['train']:,} training, {self.sizes['test']:,} test, {self._size()}"),
            ("classes", ", ".join(self.classes)),
            ("origin", self.origin),
            ("cite as", self.citation),
            ("licence", self.licence),
            ("known faults", self.label_faults),
            ("seen by ImageNet models", self.leak),
            ("download", self._download()),
            ("ships with the course", self._ships()),
        ]
        return [(label, text) for label, text in rows if text]

    def _size(self):
        height, width, channels = self.shape
        return "photographs of many sizes" if self.is_photos else f"{height}×{width}×{channels}"

    def _download(self):
        if not self.files:
            return ""
        return f"{self.download_size / 1e6:.0f} MB, " + ", ".join(file.path for file in self.files)

    def _ships(self):
        if self.sample:
            sizes = self.sample.sizes
            return f"{sizes['train']:,} training and {sizes['test']:,} test images. {self.sample.note}"
        if self.practice:
            return "nothing of it; the practice set Emoji-10 stands in for it"
        return "nothing" if self.files else "all of it"

    def __repr__(self):
        return table_text(self._rows(), caption=self.title)

    def _repr_html_(self):
        return table_html(self._rows(), caption=self.title)


def numbered(x_train, y_train, x_test, y_test) -> Mapping[str, str]:
    """Return the digests of the four arrays under their names."""
    return MappingProxyType({"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test})


def split_sizes(train, test) -> Mapping[str, int]:
    """Return the numbers of images under the names of the splits."""
    return MappingProxyType({"train": train, "test": test})
