"""The cards of CIFAR-10 and CIFAR-100."""

from .card import DatasetCard, RemoteFile, split_sizes

_TORONTO = "https://www.cs.toronto.edu/~kriz"

_CIFAR_LICENCE = "None stated by its authors; used for teaching and research with citation."
_CIFAR_CITATION = "Krizhevsky: Learning multiple layers of features from tiny images. Technical report, 2009"

CIFAR10 = DatasetCard(
    name="cifar10",
    title="CIFAR-10",
    description="Small colour photographs of ten kinds of animals and vehicles.",
    origin="A. Krizhevsky, V. Nair and G. Hinton, University of Toronto (2009), from the 80 Million Tiny Images",
    citation=_CIFAR_CITATION,
    licence=_CIFAR_LICENCE,
    label_faults="At least 54 of the 10,000 test labels are wrong (Northcutt, Athalye, Mueller 2021, "
    "arXiv:2103.14749); 3.3 % of the test images have a near-duplicate among the training images "
    "(Barz, Denzler 2020, doi:10.3390/jimaging6060041).",
    classes=(
        "airplane",
        "automobile",
        "bird",
        "cat",
        "deer",
        "dog",
        "frog",
        "horse",
        "ship",
        "truck",
    ),
    shape=(32, 32, 3),
    sizes=split_sizes(50_000, 10_000),
    # SHA-256: keras/src/datasets/cifar10.py. MD5 and size: the data set's page and its download.
    files=(
        RemoteFile(
            "cifar-10-python.tar.gz",
            (f"{_TORONTO}/cifar-10-python.tar.gz",),
            170_498_071,
            "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
            "c58f30108f718f92721af3b95e74349a",
        ),
    ),
    folders=("cifar10", "cifar-10"),
    practice=True,
)

_FINE = """
apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can castle
caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant
flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree
motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree plain plate
poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper snail snake spider
squirrel streetcar sunflower sweet_pepper table tank telephone television tiger tractor train trout tulip turtle
wardrobe whale willow_tree wolf woman worm
"""

CIFAR100 = DatasetCard(
    name="cifar100",
    title="CIFAR-100",
    description="Small colour photographs of a hundred kinds of things (the fine labels).",
    origin="A. Krizhevsky, V. Nair and G. Hinton, University of Toronto (2009), from the 80 Million Tiny Images",
    citation=_CIFAR_CITATION,
    licence=_CIFAR_LICENCE,
    label_faults="At least 585 of the 10,000 test labels are wrong (Northcutt, Athalye, Mueller 2021, "
    "arXiv:2103.14749); 10 % of the test images have a near-duplicate among the training images "
    "(Barz, Denzler 2020, doi:10.3390/jimaging6060041).",
    classes=tuple(_FINE.split()),
    shape=(32, 32, 3),
    sizes=split_sizes(50_000, 10_000),
    # SHA-256: keras/src/datasets/cifar100.py. MD5 and size: the data set's page and its download.
    files=(
        RemoteFile(
            "cifar-100-python.tar.gz",
            (f"{_TORONTO}/cifar-100-python.tar.gz",),
            169_001_437,
            "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
            "eb9058c3a382ffc7106e4002c42a8d85",
        ),
    ),
    folders=("cifar100", "cifar-100"),
    practice=True,
)
