"""Photographs of a few pixels in folders, and a tiny Imagenette with an official archive of its own."""

import hashlib
import io
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import tiny

from course_utils.data import catalog
from course_utils.data.catalog import RemoteFile

PER_CLASS = {"train": 3, "val": 1}


class PhotoWorld(tiny.World):
    """The tiny catalog with an Imagenette of 40 photographs beside the others; the practice set is tiny too."""

    def __init__(self, monkeypatch, folder, address=None, *, practice=False):
        card = catalog.CATALOG["imagenette"]
        super().__init__(monkeypatch, folder, address)
        content = archive(card.class_folders)
        (self.official / "imagenette2-160.tgz").write_bytes(content)
        file = RemoteFile(
            "imagenette2-160.tgz",
            (f"{self.address}/imagenette2-160.tgz",),
            len(content),
            hashlib.sha256(content).hexdigest(),
        )
        self.photos = replace(card, files=(file,), sizes={"train": 30, "test": 10}, practice=practice)
        self.use(self.photos)
        if practice:
            self.use(replace(catalog.CATALOG["cifar10"], practice=True))

    def use(self, card):
        """Put a card into the catalog."""
        self.monkeypatch.setitem(catalog.CATALOG, card.name, card)


def picture(label, number, size=(40, 50)):
    """Return a picture: smooth colours that tell label and number, in Pillow's (width, height)."""
    from PIL import Image

    generator = np.random.default_rng([label, number])
    small = generator.integers(0, 256, (3, 4, 3), dtype="uint8")
    return Image.fromarray(small).resize(size, Image.Resampling.BILINEAR)


def folder_of(folder, classes, per_class=None, *, suffix=".JPEG", size=(40, 50)):
    """Write ``{train,val}/<class>/*``; the first photograph of each class is called as ImageNet's validation images."""
    folder = Path(folder)
    for split, count in (per_class or PER_CLASS).items():
        for label, name in enumerate(classes):
            (folder / split / name).mkdir(parents=True)
            for number in range(count):
                stem = f"ILSVRC2012_val_{label:08}" if number == 0 else f"{name}_{number}"
                picture(label, number + 10 * (split != "train"), size).save(folder / split / name / f"{stem}{suffix}")
    return folder


def classes_of(folder, classes=("cat", "dog"), count=10, *, suffix=".jpg", size=(40, 50)):
    """Write ``<class>/*``."""
    folder = Path(folder)
    for label, name in enumerate(classes):
        (folder / name).mkdir(parents=True)
        for number in range(count):
            picture(label, number, size).save(folder / name / f"{number:03}{suffix}")
    return folder


def archive(class_folders, top="imagenette2-160", per_class=None):
    """Return a ``.tgz`` laid out as the official one."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for split, count in (per_class or PER_CLASS).items():
            for label, name in enumerate(class_folders):
                for number in range(count):
                    content = io.BytesIO()
                    picture(label, number + 10 * (split != "train")).save(content, "JPEG")
                    info = tarfile.TarInfo(f"{top}/{split}/{name}/{name}_{number}.JPEG")
                    info.size = content.tell()
                    content.seek(0)
                    tar.addfile(info, content)
    return buffer.getvalue()
