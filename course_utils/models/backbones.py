"""``cu.backbone()``: pre-trained networks that take pixels from 0 to 255 and do their own preprocessing."""

from ..errors import InputError, UnknownNameError, require

MINIMUM, MAXIMUM = 32, 1024

_NAMES = ("efficientnet_lite0", "vgg16", "mobilenet_v2", "efficientnet_v2_b0", "convnext_tiny")


def backbone_names() -> tuple[str, ...]:
    """Return the names `backbone` knows; the first one ships with the course, the others are downloaded."""
    return _NAMES


def backbone(name="efficientnet_lite0", image_size=160, *, top=False, fold=False, weights="imagenet"):
    """Build a network that was trained on ImageNet, as one flat Keras model.

    Its own preprocessing is the first part of the model, so it cannot be forgotten, and it is saved with it.
    Every inner layer is reached by name: ``keras.Model(network.input, network.get_layer("block5c_add").output)``
    cuts it at a stage.

    Parameters
    ----------
    name : str
        ``"efficientnet_lite0"`` ships with the course; ``"vgg16"``, ``"mobilenet_v2"``, ``"efficientnet_v2_b0"`` and
        ``"convnext_tiny"`` come from `keras.applications`, whose weights are downloaded once.
    image_size : int
        Height and width of the images in pixels, 32 to 1,024. (`load` and `load_folder` bring photographs to at most
        320; larger ones are read with ``keras.utils.image_dataset_from_directory``.)
    top : bool
        False: the output is the average of the last feature maps over all places, (n, features).
        True: the 1,000 ImageNet classes of `imagenet_classes` as **logits**, (n, 1000), for every network;
        ``keras.ops.softmax`` turns them into probabilities.
    fold : bool
        Only for ``"efficientnet_lite0"``. True: batch normalisation is folded into the convolutions, which gives
        the same output faster (at 160 pixels 165 instead of 112 images per second of one core): for features and
        predictions. False: it stays, as fine-tuning needs it.
    weights : str or None
        ``"imagenet"``, or None for random ones (nothing is downloaded).

    Returns
    -------
    keras.Model
        Input (n, image_size, image_size, 3), uint8 or float, RGB pixels in [0, 255].

    Raises
    ------
    UnknownNameError
        If there is no such network.
    InputError
        If the network cannot take this size, or cannot be folded.
    DownloadError
        If weights have to be downloaded and cannot be; the message says what to do.
    IntegrityError
        If a file of weights is damaged.

    Examples
    --------
    >>> network = cu.backbone("efficientnet_lite0", image_size=160)  # doctest: +SKIP
    >>> network.output_shape  # doctest: +SKIP
    (None, 1280)
    """
    if name not in _NAMES:
        raise UnknownNameError("backbone", name, _NAMES, where="cu.backbone()")
    _check(name, image_size, fold, weights)
    require("keras")
    if name != "efficientnet_lite0":
        from .applications import application

        return application(name, int(image_size), top=top, weights=weights)
    from . import efficientnet_lite

    return efficientnet_lite.efficientnet_lite0(int(image_size), top=top, fold=fold, weights=weights)


def _check(name, image_size, fold, weights):
    whole = not isinstance(image_size, bool) and hasattr(image_size, "__index__")
    if not whole or not MINIMUM <= image_size <= MAXIMUM:
        raise InputError(
            f"{name} takes square images of {MINIMUM} to {MAXIMUM:,} pixels.",
            where="cu.backbone(image_size=...)",
            expected=f"a whole number from {MINIMUM} to {MAXIMUM:,}; the smaller, the faster and the less exact",
            found=repr(image_size),
            fix="image_size=160 is a good start.",
        )
    if fold and name != "efficientnet_lite0":
        raise InputError(
            "Only efficientnet_lite0 can be folded.", where="cu.backbone(fold=True)", found=name, fix="Leave fold out."
        )
    if weights not in ("imagenet", None):
        raise InputError(
            "The weights are those of ImageNet, or random ones.",
            where="cu.backbone(weights=...)",
            expected="'imagenet' or None",
            found=repr(weights),
            fix="For a file of your own: model = cu.backbone(..., weights=None), then model.load_weights(file).",
        )
