"""Networks of `keras.applications` as flat models that preprocess their pixels themselves."""

from ..errors import InputError
from .weight_files import fetched, load_into, weight_file

# What the networks were trained on (pixels 0 to 255): VGG16 without the mean blue, green and red of ImageNet, two
# others with each colour at mean 0 and variance 1; MobileNetV2 from -1 to 1.
_MEAN_BGR = (103.939, 116.779, 123.68)
_MEAN_RGB = (123.675, 116.28, 103.53)
_DEVIATION_RGB = (58.395, 57.12, 57.375)


def application(name, image_size, *, top=False, weights="imagenet"):
    """Build one of `keras.applications`; see `course_utils.models.backbone`.

    Parameters
    ----------
    name : str
    image_size : int
    top : bool
    weights : str or None

    Returns
    -------
    keras.Model

    Raises
    ------
    InputError
        If VGG16's dense layers are asked for at another size than 224.
    DownloadError, IntegrityError, DiskError
        If the weights cannot be had.
    """
    import keras

    if name == "vgg16" and top and image_size != 224:
        raise InputError(
            "VGG16's dense layers were trained for one size.",
            where='cu.backbone("vgg16", top=True)',
            expected="image_size=224",
            found=f"image_size={image_size}",
            fix="image_size=224, or top=False for the features at any size",
        )
    # Before the network is built: who has no connection learns it at once.
    file = weight_file(name, image_size, top)
    path = fetched(file, name) if weights == "imagenet" else None
    inputs = keras.Input((image_size, image_size, 3), name="pixels")
    network = _built(name, preprocessed(name, inputs), top)
    if path is not None:
        load_into(network, path, file)
    if name == "convnext_tiny":  # averages itself, as its last normalisation comes after that
        return _flat(network, name)
    outputs = network.outputs[0]
    if not top:
        outputs = keras.layers.GlobalAveragePooling2D(name="avg_pool")(outputs)
    return keras.Model(inputs, outputs, name=name)


def preprocessed(name, pixels):
    """Apply the preprocessing a network was trained with, as layers that are saved with the model.

    Parameters
    ----------
    name : str
        Name of the network.
    pixels : KerasTensor, (n, height, width, 3)
        RGB in [0, 255].

    Returns
    -------
    KerasTensor, (n, height, width, 3)
        What `preprocess_input` of the network's module in `keras.applications` (or the network itself) makes of it.
    """
    from keras import layers, ops

    if name == "vgg16":
        blue_first = ops.flip(pixels, axis=-1)
        return layers.Rescaling(1.0, offset=[-mean for mean in _MEAN_BGR], name="subtract_mean")(blue_first)
    if name == "mobilenet_v2":
        return layers.Rescaling(1 / 127.5, offset=-1.0, name="rescaling")(pixels)
    variance = [deviation**2 for deviation in _DEVIATION_RGB]
    return layers.Normalization(mean=_MEAN_RGB, variance=variance, name="normalization")(pixels)


def _built(name, pixels, top):
    import keras

    build = {
        "vgg16": keras.applications.VGG16,
        "mobilenet_v2": keras.applications.MobileNetV2,
        "efficientnet_v2_b0": keras.applications.EfficientNetV2B0,
        "convnext_tiny": keras.applications.ConvNeXtTiny,
    }[name]
    options = {"include_preprocessing": False} if name in ("efficientnet_v2_b0", "convnext_tiny") else {}
    if name == "convnext_tiny" and not top:
        options["pooling"] = "avg"
    return build(include_top=top, weights=None, input_tensor=pixels, classifier_activation=None, **options)


def _flat(network, name):
    """Return the same network with the layers of its inner `Sequential` models as its own."""
    import keras

    names = {keras.layers.GlobalAveragePooling2D: "avg_pool", keras.layers.LayerNormalization: "head_layernorm"}

    def copied(layer):
        if isinstance(layer, keras.Sequential):
            return layer
        config = layer.get_config()
        if not config["name"].startswith(name):  # numbered through by Keras
            config["name"] = names.get(type(layer), config["name"])
        return type(layer).from_config(config)

    def called(layer, *arguments, **options):
        if not isinstance(layer, keras.Sequential):
            return layer(*arguments, **options)
        (x,) = arguments
        for inner in layer.layers:
            x = copied(inner)(x)
        return x

    pixels = keras.Input(network.inputs[0].shape[1:], name="pixels")
    clone = keras.models.clone_model(network, input_tensors=pixels, clone_function=copied, call_function=called)
    flat = keras.Model(pixels, clone.outputs[0], name=name)
    flat.set_weights(network.get_weights())
    return flat
