"""What a trained network looks at in a picture."""

import sys
from dataclasses import dataclass

import numpy as np

from .errors import InputError, UnknownNameError, require
from .inputs import check_images, check_model_shape, check_pixel_scale, model_rescales

_FLAT = (
    "Build the model flat: begin it with its own keras.Input and apply the layers one after the other; with "
    "cu.backbone(...), use backbone.input and backbone.output instead of calling the backbone as one layer."
)


def grad_cam(model, images, classes=None, layer=None, *, batch_size=16):
    """Show which parts of each picture speak for a class: Grad-CAM.

    The channels of the last convolution are added up, each weighted by how much the class's score would grow with it
    (the gradient, averaged over the picture); what speaks against the class is cut off at zero, and the map is scaled
    so that its largest value is 1, and resized to the picture.

    The score is the class's logit, before softmax: after it, a map would also show what speaks against the others.
    Method: Selvaraju et al. 2017, "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization"
    (ICCV, arXiv:1610.02391).

    Parameters
    ----------
    model : keras.Model
        Flat (no model inside a model), Sequential or functional, with at least one convolution; one input
        (n, height, width, channels), one output (n, classes).
    images : ndarray, (n, height, width, channels) or (height, width, channels)
        What the model is given for prediction: uint8 or float.
    classes : int or sequence of int, optional
        Class for all pictures, or one for each; the predicted ones unless given.
    layer : str or keras.Layer, optional
        Layer with a four-dimensional output to look at; the last convolution's activation unless given.
    batch_size : int, default 16

    Returns
    -------
    ndarray, (n, height, width), float32 in [0, 1]
        All zero where nothing in the picture speaks for the class.

    Raises
    ------
    InputError
        If the model, its layer, the pictures or the classes are not of this kind.
    UnknownNameError
        If the model has no layer of that name.

    Examples
    --------
    >>> maps = cu.grad_cam(model, data.test.images[:8])  # doctest: +SKIP
    >>> cu.show_grad_cam(data.test.images[:8], maps)  # doctest: +SKIP
    """
    require("keras")
    if isinstance(batch_size, bool) or not hasattr(batch_size, "__index__") or batch_size < 1:
        raise InputError("batch_size must be a whole number of at least 1.", found=repr(batch_size))
    graph = _graph(model)
    split = _split(model, graph, _layer(model, graph, layer))
    images = _checked_images(model, images)
    classes = _checked_classes(classes, len(images), split.classes)
    maps = np.zeros(images.shape[:3], dtype="float32")
    for start in range(0, len(images), batch_size):
        part = slice(start, start + batch_size)
        chosen = None if classes is None else classes[part]
        activations, gradients = _GRADIENTS[_backend()](split, images[part].astype("float32"), chosen)
        maps[part] = _maps(activations, gradients, images.shape[1:3])
    return maps


@dataclass(frozen=True)
class _Split:
    """A model, seen from one of its layers.

    Attributes
    ----------
    both : keras.Model
        From the pictures to the layer's activations (n, rows, columns, channels) and to `last`'s input or output.
    activations : KerasTensor
        What the layer gives.
    end : KerasTensor
        What `score` takes.
    weights : tuple or None
        Kernel and bias that make logits from `end`, where the model's softmax is part of a dense layer.
    binary : bool
        Whether there is one output for two classes.
    classes : int
    """

    both: object
    activations: object
    end: object
    weights: tuple | None
    binary: bool
    classes: int

    def logits(self, end):
        """Return logits (n, classes) from `end`, with the backend's own operations."""
        from keras import ops

        if self.weights is not None:
            kernel, bias = self.weights
            end = ops.matmul(end, kernel)  # (n, classes)
            end = end if bias is None else ops.add(end, bias)
        return ops.concatenate([-end, end], axis=-1) if self.binary else end

    def score(self, end, classes):
        """Return the sum over the pictures of their class's logit; `classes` None: of the largest."""
        from keras import ops

        logits = self.logits(end)
        chosen = ops.argmax(logits, axis=-1) if classes is None else ops.convert_to_tensor(classes)
        return ops.sum(logits * ops.cast(ops.one_hot(chosen, self.classes), logits.dtype))


@dataclass(frozen=True)
class _Use:
    """What a layer takes and gives in one model: the layer itself may be used in other models too."""

    inputs: tuple
    output: object

    @property
    def shape(self):
        return tuple(self.output.shape)


def _graph(model):
    """Return ``{layer: its use}`` for all layers on the way to the model's output."""
    if not getattr(model, "inputs", None) or not getattr(model, "layers", None):
        raise InputError(
            "grad_cam needs a Keras model whose layers are known: Sequential or functional, with an Input.",
            found=type(model).__name__,
            fix="Begin the model with keras.Input(shape), or call it once on pictures.",
        )
    uses, waiting = {}, [model.outputs[0]]
    while waiting:
        tensor = waiting.pop()
        # layer.output is that of the layer's first use, perhaps in another model; this is how Keras itself finds its
        # way back through a graph.
        layer, node, _ = tensor._keras_history
        if layer not in uses:
            uses[layer] = _Use(tuple(layer._inbound_nodes[node].input_tensors), tensor)
            waiting += uses[layer].inputs
    return uses


def _split(model, graph, layer):
    """Find where the logits are, and make a model that also gives the layer's activations."""
    import keras

    output = model.outputs[0]
    last = output._keras_history.operation
    if len(output.shape) != 2:
        raise InputError(
            "grad_cam explains a model with one score for each class.",
            expected="output (n, classes)",
            found=f"output {tuple(output.shape)}",
        )
    binary = output.shape[-1] == 1
    activation = getattr(last, "activation", None)
    ends = (keras.activations.softmax, keras.activations.sigmoid)
    weights, end = None, output
    if isinstance(last, keras.layers.Dense) and activation in ends:
        weights, end = (last.kernel, last.bias), graph[last].inputs[0]
    elif isinstance(last, keras.layers.Softmax) or (isinstance(last, keras.layers.Activation) and activation in ends):
        end = graph[last].inputs[0]
    activations = graph[layer].output
    both = keras.Model(model.inputs[0], [activations, end])
    return _Split(both, activations, end, weights, binary, 2 if binary else output.shape[-1])


def _layer(model, graph, wanted):
    """Return the layer to look at: the one that was asked for, or the last convolution's activation."""
    layers = [layer for layer in model.layers if layer in graph]
    if wanted is not None:
        return _named(layers, graph, wanted)
    nested = [layer.name for layer in layers if _convolutions(getattr(layer, "layers", None) or ())]
    if nested:
        raise InputError(
            "The model has another model inside: gradients of its layers cannot be looked at from outside.",
            where=f"layer {nested[0]!r}",
            fix=_FLAT,
        )
    convolutions = [layer for layer in _convolutions(layers) if len(graph[layer].shape) == 4]
    if not convolutions:
        raise InputError(
            "The model has no convolution: Grad-CAM looks at the picture-like output of one.",
            found=", ".join(dict.fromkeys(type(layer).__name__ for layer in layers)),
        )
    last = convolutions[-1]
    later = layers[layers.index(last) :]
    # Normalisation, activation and additions after it keep its rows and columns; pooling does not.
    return [layer for layer in later if graph[layer].shape[1:3] == graph[last].shape[1:3]][-1]


def _named(layers, graph, wanted):
    found = [layer for layer in layers if layer is wanted or layer.name == wanted]
    if not found:
        name = wanted if isinstance(wanted, str) else getattr(wanted, "name", repr(wanted))
        raise UnknownNameError("layer", name, [layer.name for layer in layers if len(graph[layer].shape) == 4])
    if len(graph[found[0]].shape) != 4:
        raise InputError(
            "Grad-CAM needs a layer whose output is like a picture.",
            where=f"layer {found[0].name!r}",
            expected="output (n, rows, columns, channels)",
            found=f"output {graph[found[0]].shape}",
        )
    return found[0]


def _convolutions(layers):
    """Return the two-dimensional convolutions among layers; also of models among them."""
    found = []
    for layer in layers:
        if hasattr(layer, "layers"):
            found += _convolutions(layer.layers)
        elif hasattr(layer, "kernel_size"):
            found.append(layer)
    return found


def _checked_images(model, images):
    images = np.asarray(getattr(images, "images", images))
    images = check_images(images[None] if images.ndim == 3 else images)
    check_model_shape(images, model.input_shape)
    check_pixel_scale(images, model_rescales(model), raw_pixels=True)
    return images


def _checked_classes(classes, n, count):
    if classes is None:
        return None
    given = np.asarray(classes)
    if given.dtype.kind not in "iu" or given.ndim > 1 or (given.ndim == 1 and len(given) != n):
        raise InputError(
            "classes is one class number, or one for each picture.",
            expected=f"a whole number, or {n} of them",
            found=repr(classes)[:80],
        )
    wrong = given[(given < 0) | (given >= count)]
    if wrong.size:
        raise InputError("There is no such class.", expected=f"0 to {count - 1}", found=str(wrong.ravel()[0]))
    return np.broadcast_to(given, (n,)).astype("int32")


def _maps(activations, gradients, size):
    """Weight the channels, cut off at zero, scale each map to [0, 1] and resize it to (height, width)."""
    from keras import ops

    activations, gradients = activations.astype("float32"), gradients.astype("float32")  # also of mixed precision
    weights = gradients.mean(axis=(1, 2), keepdims=True)  # (n, 1, 1, channels)
    maps = np.maximum((weights * activations).sum(axis=-1, keepdims=True), 0)  # (n, rows, columns, 1)
    largest = maps.max(axis=(1, 2, 3), keepdims=True)
    maps = np.divide(maps, largest, out=np.zeros_like(maps), where=largest > 0)
    resized = ops.convert_to_numpy(ops.image.resize(maps, size, interpolation="bilinear", data_format="channels_last"))
    return np.clip(resized[..., 0], 0, 1)


def _with_tensorflow(split, images, classes):
    tf = sys.modules["tensorflow"]
    # Watching the pictures puts all that depends on them on the tape, the layer's activations too.
    pictures = tf.convert_to_tensor(images)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(pictures)
        activations, end = split.both(pictures, training=False)
        score = split.score(end, classes)
    return activations.numpy(), tape.gradient(score, activations).numpy()


def _with_torch(split, images, classes):
    torch = sys.modules["torch"]
    from keras import ops

    with torch.enable_grad():
        pictures = ops.convert_to_tensor(images).requires_grad_()
        activations, end = split.both(pictures, training=False)
        (gradients,) = torch.autograd.grad(split.score(end, classes), activations)
    return ops.convert_to_numpy(activations), ops.convert_to_numpy(gradients)


def _with_jax(split, images, classes):
    import keras

    jax = sys.modules["jax"]
    try:
        head = keras.Model(split.activations, split.end)
    except ValueError as error:
        raise InputError(
            "With JAX, Grad-CAM needs a layer that everything passes through: here a shortcut leads around it.",
            where=f"output {split.activations.name!r}",
            fix="Choose the layer after the addition: cu.grad_cam(..., layer=...).",
        ) from error
    activations, _ = split.both(images, training=False)
    trainable, fixed = ([v.value for v in part] for part in (head.trainable_variables, head.non_trainable_variables))

    def score(values):
        end, _ = head.stateless_call(trainable, fixed, values, training=False)
        return split.score(end, classes)

    return np.asarray(activations), np.asarray(jax.grad(score)(activations))


_GRADIENTS = {"tensorflow": _with_tensorflow, "torch": _with_torch, "jax": _with_jax}


def _backend():
    import keras

    backend = keras.config.backend()
    if backend not in _GRADIENTS:
        raise InputError("Grad-CAM needs gradients.", expected=", ".join(_GRADIENTS), found=f"KERAS_BACKEND={backend}")
    return backend
