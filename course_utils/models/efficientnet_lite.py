"""EfficientNet-Lite0 as a flat Keras model, and the shipped weights it is filled with.

Definition: R. Liu, "Higher accuracy on vision models with EfficientNet-Lite" (TensorFlow blog, 2020), after
M. Tan and Q. V. Le, "EfficientNet: rethinking model scaling for convolutional neural networks" (ICML 2019):
inverted residual blocks without squeeze-and-excitation, ReLU6, 4.65 million weights.
"""

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import IntegrityError

WEIGHTS = Path(__file__).parent / "weights" / "efficientnet_lite0.npz"
SHA256 = "e2449438361c07ae08be7f11c1fc5a84e2fa9b3a60dff62e024e8c320b05618d"

_EPSILON = 1e-3  # of every batch normalisation, as trained


@dataclass(frozen=True)
class Stage:
    """A run of blocks: the first one may change size and channels, the others keep them.

    Attributes
    ----------
    repeats : int
        Number of blocks.
    kernel, stride : int
        Of the depthwise convolution; the stride is that of the first block.
    expansion : int
        Factor by which the channels grow inside a block.
    channels : int
        Channels that leave each block.
    """

    repeats: int
    kernel: int
    stride: int
    expansion: int
    channels: int


STAGES = (
    Stage(1, 3, 1, 1, 16),
    Stage(2, 3, 2, 6, 24),
    Stage(2, 5, 2, 6, 40),
    Stage(3, 3, 2, 6, 80),
    Stage(3, 5, 1, 6, 112),
    Stage(4, 5, 2, 6, 192),
    Stage(1, 3, 1, 6, 320),
)


class _Builder:
    """Adds layers one after the other; with ``fold`` a convolution takes its batch normalisation in."""

    def __init__(self, fold):
        self.fold = fold

    def convolution(self, x, name, bn, channels=None, kernel=1, stride=1, activate=True):
        """Convolution (depthwise without `channels`), batch normalisation, ReLU6."""
        from keras import layers

        options = {"strides": stride, "padding": "same", "use_bias": self.fold, "name": name}
        if channels is None:
            x = layers.DepthwiseConv2D(kernel, **options)(x)
        else:
            x = layers.Conv2D(channels, kernel, **options)(x)
        if not self.fold:
            x = layers.BatchNormalization(epsilon=_EPSILON, name=bn)(x)
        return layers.ReLU(6.0, name=bn.removesuffix("bn") + "activation")(x) if activate else x

    def block(self, x, name, stage, stride):
        """Widen with 1×1, filter each channel, project to few channels; add the input where the shapes agree."""
        from keras import layers

        inputs = x
        if stage.expansion > 1:
            wide = x.shape[-1] * stage.expansion
            x = self.convolution(x, f"{name}_expand_conv", f"{name}_expand_bn", wide)
        x = self.convolution(x, f"{name}_dwconv", f"{name}_bn", kernel=stage.kernel, stride=stride)
        x = self.convolution(x, f"{name}_project_conv", f"{name}_project_bn", stage.channels, activate=False)
        if stride == 1 and inputs.shape[-1] == stage.channels:
            x = layers.Add(name=f"{name}_add")([x, inputs])
        return x


def block_names() -> list[tuple[str, Stage, int]]:
    """Return (name, stage, stride) of every block in order: ``block1a``, ``block2a``, ``block2b`` …"""
    return [
        (f"block{number}{'abcdefg'[repeat]}", stage, stage.stride if repeat == 0 else 1)
        for number, stage in enumerate(STAGES, start=1)
        for repeat in range(stage.repeats)
    ]


def efficientnet_lite0(image_size=160, *, top=False, fold=False, weights="imagenet"):
    """Build EfficientNet-Lite0; see `course_utils.models.backbone`.

    Parameters
    ----------
    image_size : int
        Height and width in pixels.
    top : bool
        True: end in the 1,000 logits; False: in the 1,280 averaged features.
    fold : bool
        True: batch normalisation is folded into the convolutions.
    weights : str or None
        ``"imagenet"``, or None for random ones.

    Returns
    -------
    keras.Model

    Raises
    ------
    IntegrityError
        If the shipped weights are damaged.
    """
    import keras
    from keras import layers

    builder = _Builder(fold)
    inputs = keras.Input((image_size, image_size, 3), name="pixels")
    # (x - 127) / 128 as the network was trained; both constants are exact in binary.
    x = layers.Rescaling(1 / 128, offset=-127 / 128, name="rescaling")(inputs)
    x = builder.convolution(x, "stem_conv", "stem_bn", 32, kernel=3, stride=2)
    for name, stage, stride in block_names():
        x = builder.block(x, name, stage, stride)
    x = builder.convolution(x, "head_conv", "head_bn", 1280)
    x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
    if top:
        x = layers.Dropout(0.2, name="top_dropout")(x)
        x = layers.Dense(1000, name="predictions")(x)
    model = keras.Model(inputs, x, name="efficientnet_lite0")
    if weights == "imagenet":
        fill(model, read_weights())
    return model


def read_weights(path=None, sha256=None) -> dict[str, np.ndarray]:
    """Read the shipped weights after comparing the file with its SHA-256.

    Parameters
    ----------
    path, sha256 : path-like, str; optional
        Another file than the shipped one.

    Returns
    -------
    dict of str to ndarray
        ``"layer/weight"`` to float16 (kernels) or float32 (batch normalisation, bias).

    Raises
    ------
    IntegrityError
        If the file is missing or not the published one.
    """
    path = Path(path or WEIGHTS)
    fix = "Install the course again (in a checkout: git checkout -- course_utils/models), then restart the kernel."
    try:
        content = path.read_bytes()
    except OSError as error:
        raise IntegrityError(
            "The weights that ship with the course cannot be read.", where=str(path), found=str(error), fix=fix
        ) from error
    wanted, found = sha256 or SHA256, hashlib.sha256(content).hexdigest()
    if found != wanted:
        raise IntegrityError(
            "The weights that ship with the course are damaged.",
            where=str(path),
            expected=f"SHA-256 {wanted}",
            found=f"SHA-256 {found}, {len(content):,} bytes",
            fix=fix,
        )
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return dict(arrays)


def fill(model, arrays) -> None:
    """Put the weights into a model built by `efficientnet_lite0`, folding where it has no batch normalisation.

    Parameters
    ----------
    model : keras.Model
    arrays : dict of str to ndarray
        As `read_weights` returns them.
    """
    names = {layer.name for layer in model.layers}
    for layer in model.layers:
        kind = type(layer).__name__
        if kind in ("Conv2D", "DepthwiseConv2D"):
            kernel = arrays[f"{layer.name}/kernel"].astype("float32")
            bn = batch_norm_of(layer.name)
            layer.set_weights([kernel] if bn in names else folded(kernel, arrays, bn, kind == "DepthwiseConv2D"))
        elif kind == "BatchNormalization":
            layer.set_weights([arrays[f"{layer.name}/{part}"] for part in ("gamma", "beta", "mean", "variance")])
        elif kind == "Dense":
            layer.set_weights([arrays[f"{layer.name}/{part}"].astype("float32") for part in ("kernel", "bias")])


def batch_norm_of(convolution: str) -> str:
    """Return the name of the batch normalisation that follows a convolution.

    Examples
    --------
    >>> batch_norm_of("block2a_dwconv"), batch_norm_of("head_conv")
    ('block2a_bn', 'head_bn')
    """
    return convolution.removesuffix("conv").removesuffix("dw") + "bn"


def folded(kernel, arrays, bn, depthwise) -> list[np.ndarray]:
    """Return kernel and bias of the convolution that does what convolution and batch normalisation do.

    gamma * (conv(x) - mean) / sqrt(variance + epsilon) + beta is linear in x, so the factor goes into the
    kernel and the rest into the bias.

    Parameters
    ----------
    kernel : ndarray, (height, width, in, out) or depthwise (height, width, channels, 1), float32
    arrays : dict of str to ndarray
    bn : str
        Name of the batch normalisation.
    depthwise : bool

    Returns
    -------
    list of ndarray
        Kernel, bias.
    """
    gamma, beta, mean, variance = (arrays[f"{bn}/{part}"] for part in ("gamma", "beta", "mean", "variance"))
    factor = gamma / np.sqrt(variance + _EPSILON)
    return [kernel * (factor[:, None] if depthwise else factor), beta - mean * factor]
