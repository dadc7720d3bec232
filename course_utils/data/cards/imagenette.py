"""The cards of Imagenette and Imagewoof: ten classes of ImageNet each, as photographs in folders."""

from types import MappingProxyType

from .card import DatasetCard, RemoteFile, split_sizes

_FASTAI = "https://s3.amazonaws.com/fast-ai-imageclas"
_SIZE = (160, 160, 3)
_LICENCE = (
    "Photographs of ImageNet, whose rights remain with their owners; ImageNet's terms allow non-commercial research "
    "and teaching (image-net.org). The repository that describes the selection is under Apache-2.0."
)
_CITATION = (
    "Howard: Imagenette and Imagewoof, github.com/fastai/imagenette (2019); images: Deng, Dong, Socher, Li, Li, "
    "Fei-Fei: ImageNet: a large-scale hierarchical image database. CVPR 2009, doi:10.1109/CVPR.2009.5206848"
)
_NO_COUNT = (
    "Nobody published a count for this selection. Of ImageNet's own validation labels about 6 % are wrong "
    "(Northcutt, Athalye, Mueller 2021, arXiv:2103.14749), and many photographs show more than one thing."
)

# WordNet id → (name, index among ImageNet's thousand classes, which are sorted by WordNet id).
_NETTE = {
    "n01440764": ("tench", 0),
    "n02102040": ("English springer", 217),
    "n02979186": ("cassette player", 482),
    "n03000684": ("chain saw", 491),
    "n03028079": ("church", 497),
    "n03394916": ("French horn", 566),
    "n03417042": ("garbage truck", 569),
    "n03425413": ("gas pump", 571),
    "n03445777": ("golf ball", 574),
    "n03888257": ("parachute", 701),
}
_WOOF = {
    "n02086240": ("Shih-Tzu", 155),
    "n02087394": ("Rhodesian ridgeback", 159),
    "n02088364": ("beagle", 162),
    "n02089973": ("English foxhound", 167),
    "n02093754": ("Border terrier", 182),
    "n02096294": ("Australian terrier", 193),
    "n02099601": ("golden retriever", 207),
    "n02105641": ("Old English sheepdog", 229),
    "n02111889": ("Samoyed", 258),
    "n02115641": ("dingo", 273),
}


def _indices(table):
    return MappingProxyType({name: (index,) for name, index in table.values()})


def _folders(name):
    """Names of the published folders (shorter side 160 pixels, 320, as in ImageNet), and what people call them."""
    return (f"{name}2-160", f"{name}2-320", f"{name}2", name)


IMAGENETTE = DatasetCard(
    name="imagenette",
    title="Imagenette",
    description="Colour photographs of ten things that are easily told apart, chosen from ImageNet; version 2, with "
    "the shorter side scaled to 160 pixels. The official validation split serves as test split.",
    origin="J. Howard, fast.ai (2019), from ImageNet; github.com/fastai/imagenette",
    citation=_CITATION,
    licence=_LICENCE,
    label_faults=_NO_COUNT,
    classes=tuple(name for name, _ in _NETTE.values()),
    shape=_SIZE,
    sizes=split_sizes(9_469, 3_925),
    # SHA-256 and size: tensorflow-datasets, datasets/imagenette/checksums.tsv (size also in fastai's checks.txt);
    # MD5: torchvision. Earlier packing, without the tables of noisy labels: tensorflow-datasets until 2021.
    files=(
        RemoteFile(
            "imagenette2-160.tgz",
            (f"{_FASTAI}/imagenette2-160.tgz",),
            99_003_388,
            "64d0c4859f35a461889e0147755a999a48b49bf38a7e0f9bd27003f10db02fe5",
            "e793b78cc4c9e9a4ccc0c1155377a412",
            ((98_948_031, "88daccb09b6fce93f45e6c09ddeb269cce705549e6bff322092a2a5a11489863"),),
        ),
    ),
    folders=_folders("imagenette"),
    class_folders=tuple(_NETTE),
    practice=True,
    imagenet=_indices(_NETTE),
    leak="By their file names 3,791 of the 3,925 test images (96.6 %) are training images of ImageNet. Only the 500 "
    "called ILSVRC2012_val_* (366 in train, 134 in test) are not: data.parts['clean-500'].",
)

IMAGEWOOF = DatasetCard(
    name="imagewoof",
    title="Imagewoof",
    description="Colour photographs of ten breeds of dogs, hard to tell apart, chosen from ImageNet; version 2, with "
    "the shorter side scaled to 160 pixels. The official validation split serves as test split.",
    origin="J. Howard, fast.ai (2019), from ImageNet; github.com/fastai/imagenette",
    citation=_CITATION,
    licence=_LICENCE,
    label_faults=_NO_COUNT,
    classes=tuple(name for name, _ in _WOOF.values()),
    shape=_SIZE,
    sizes=split_sizes(9_025, 3_929),
    # Size: fastai's checks.txt. No SHA-256 of this packing was published; MD5: as several public loaders pin it
    # (deeplite-torch-zoo among them). SHA-256 of the earlier packing: tensorflow-datasets, url_checksums/imagewoof.txt.
    files=(
        RemoteFile(
            "imagewoof2-160.tgz",
            (f"{_FASTAI}/imagewoof2-160.tgz",),
            92_612_825,
            "",
            "3d200a7be99704a0d7509be2a9fbfe15",
            ((92_560_471, "663c22f69c2802d85e2a67103c017e047096702ffddf9149a14011b7002539bf"),),
        ),
    ),
    folders=_folders("imagewoof"),
    class_folders=tuple(_WOOF),
    practice=True,
    imagenet=_indices(_WOOF),
    leak="As in Imagenette, most test images are training images of ImageNet. Only those called ILSVRC2012_val_* "
    "are not: data.parts['clean-500'].",
)
