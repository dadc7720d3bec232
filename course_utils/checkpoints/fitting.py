"""Whether a model is the one whose weights were kept, and filling it."""

import itertools
from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from . import answers
from .packing import Weight

# What decides, besides the weights' shapes, what a layer computes.
_SETTINGS = (
    "activation",
    "padding",
    "strides",
    "dilation_rate",
    "pool_size",
    "scale",
    "offset",
    "epsilon",
    "negative_slope",
    "max_value",
)


@dataclass(frozen=True)
class Misfit:
    """The first difference between a model and what was kept: what the kept network has, and what the model has."""

    expected: str
    found: str


def model_weights(model) -> list:
    """Return (layer name, kind of layer, variable) of every weight, in the model's order.

    Parameters
    ----------
    model : keras.Model

    Raises
    ------
    InputError
        If it is no Keras model, or not built yet.
    """
    if not hasattr(model, "weights") or not hasattr(model, "_flatten_layers"):
        raise InputError(
            "A checkpoint goes into a Keras model.",
            found=type(model).__name__,
            fix='history = cu.load_checkpoint(model, "lenet"), the model first',
        )
    if not model.built:
        raise InputError(
            "A checkpoint can only go into a model that knows its input shape.",
            fix="Begin the model with keras.Input((height, width, channels)).",
        )
    # Outer layers come before inner ones: what is left is the innermost layer of each weight.
    owner = {id(weight): layer for layer in model._flatten_layers() for weight in layer.weights}
    owned = [(owner[id(weight)], weight) for weight in model.weights]
    return [(layer.name, type(layer).__name__, weight) for layer, weight in owned]


def layer_texts(model) -> tuple[str, ...]:
    """Return what each layer computes, without layers that work in training only; then operations that are no layers.

    Names and numbers of filters are left out: the shapes of the weights tell them.

    Parameters
    ----------
    model : keras.Model

    Returns
    -------
    tuple of str
        For example ``("Rescaling offset=0.0 scale=0.00392157", "Conv2D activation=relu padding=same …")``.
    """
    import keras

    layers = [layer for layer in model._flatten_layers(include_self=False) if not list(layer._flatten_layers())[1:]]
    texts = [_text(layer) for layer in layers if not _is_for_training(type(layer).__name__)]
    # What is not a layer, as the sum in `x + block(x)`: without it a residual network is another one.
    steps = [step for step in getattr(model, "operations", ()) if not isinstance(step, keras.Layer)]
    return (*texts, *sorted(type(step).__name__ for step in steps))


def first_misfit(content, model):
    """Return the first difference between a model's weights and layers and those that were kept, or None.

    Not every difference shows in them: `fill` finds the others.

    Parameters
    ----------
    content : Content
    model : keras.Model
        Built.

    Returns
    -------
    Misfit or None
    """
    for kept, mine in itertools.zip_longest(content.weights, model_weights(model)):
        difference = _difference(kept, mine)
        if difference:
            return difference
    layers = enumerate(itertools.zip_longest(content.layers, layer_texts(model), fillvalue="nothing more"), start=1)
    for place, (kept, mine) in layers:
        if kept != mine:
            return Misfit(f"layer {place}: {kept}", f"layer {place}: {mine}")
    return None


def fill(model, content):
    """Put the weights into a model, and take them out again if its answers then are not those that were kept.

    Parameters
    ----------
    model : keras.Model
        One for which `first_misfit` finds nothing.
    content : Content

    Returns
    -------
    Misfit or None
        If there is one, or if anything is raised, the model is as before.
    """
    before = model.get_weights()
    fits = False
    try:
        for variable, weight in zip(model.weights, content.weights, strict=True):
            variable.assign(weight.values.astype("float32"))
        found = answers.difference(content.answers, model)
        fits = not found
    finally:
        if not fits:
            model.set_weights(before)
    if fits:
        return None
    return Misfit(
        f"the same layers and weights, giving the kept answers to {answers.COUNT} fixed pictures",
        f"{found}: a function, a constant or what goes into a layer is another",
    )


def _difference(kept, mine):
    if mine is None:
        return Misfit(str(kept), "nothing more: the model has fewer weights")
    layer, kind, variable = mine
    found = f"{variable.name} of {layer} ({kind}), shape {tuple(variable.shape)}"
    if kept is None:
        return Misfit("nothing more: the kept network has fewer weights", found)
    # Keras numbers layers anew (conv2d, conv2d_1, ...) each time a cell is run: their names say nothing.
    same = (kept.kind, kept.variable, kept.values.shape) == (kind, variable.name, tuple(variable.shape))
    return None if same else Misfit(str(kept), found)


def _is_for_training(kind):
    return kind.startswith("Random") or "Dropout" in kind or kind in ("InputLayer", "GaussianNoise", "MixUp", "CutMix")


def _text(layer):
    try:
        config = layer.get_config()
    except NotImplementedError:  # a layer of the notebook's own that cannot be saved
        config = {}
    settings = [f"{name}={_value(config[name])}" for name in sorted(_SETTINGS) if config.get(name) is not None]
    return " ".join([type(layer).__name__, *settings])


def _value(value):
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, dict):  # a function or object of the notebook's own
        return str(value.get("class_name", value.get("config", "")))
    return str(tuple(value) if isinstance(value, list) else value)


def weights_of(model, shrink) -> tuple[Weight, ...]:
    """Return a model's weights as they are kept.

    Parameters
    ----------
    model : keras.Model
    shrink : callable
        ``name, ndarray → ndarray``, see `packing.shrunk`.

    Raises
    ------
    InputError
        If one of them is infinite or not a number.
    """
    import keras

    kept = []
    for layer, kind, variable in model_weights(model):
        values = keras.ops.convert_to_numpy(variable.value)
        if not np.isfinite(values).all():
            raise InputError("Its weights are not all finite numbers.", found=f"{variable.name} of {layer} ({kind})")
        kept.append(Weight(layer, kind, variable.name, shrink(variable.name, values)))
    return tuple(kept)
