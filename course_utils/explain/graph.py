"""The layers of a flat model: who feeds whom, which is meant by a name, and a model that ends at one of them."""

import weakref
from dataclasses import dataclass

from ..errors import InputError, UnknownNameError
from ..models.forward import compiled


@dataclass(frozen=True)
class Use:
    """What a layer takes and gives in one model: the layer itself may be used in other models too."""

    inputs: tuple
    output: object

    @property
    def shape(self):
        """Shape of the output, None where it is not fixed."""
        return tuple(self.output.shape)


def graph_of(model):
    """Return ``{layer: its use}`` for all layers on the way to the model's output."""
    if not getattr(model, "inputs", None) or not getattr(model, "layers", None):
        raise InputError(
            "Looking into a model needs one whose layers are known: Sequential or functional, with an Input.",
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
            uses[layer] = Use(tuple(layer._inbound_nodes[node].input_tensors), tensor)
            waiting += uses[layer].inputs
    return uses


def find_layer(model, wanted, names=None):
    """Return the layer of a model that is meant.

    Parameters
    ----------
    model : keras.Model
    wanted : str, int or keras.Layer
        Its name, its index in ``model.layers``, or the layer itself.
    names : list of str, optional
        Names to suggest where there is no such layer; all of them unless given.

    Raises
    ------
    UnknownNameError
        If there is no such layer; the message lists those there are.
    """
    layers = model.layers
    if hasattr(wanted, "__index__"):
        if not -len(layers) <= wanted < len(layers):
            raise UnknownNameError("layer", str(wanted), [str(index) for index in range(len(layers))])
        return layers[wanted]
    found = [layer for layer in layers if layer is wanted or layer.name == wanted]
    if not found:
        name = wanted if isinstance(wanted, str) else getattr(wanted, "name", repr(wanted))
        raise UnknownNameError("layer", name, [layer.name for layer in layers] if names is None else names)
    return found[0]


def first_with_kernels(model, *dimensions):
    """Return the first layer whose kernel has this many dimensions: 4 for a convolution, 2 for a dense layer."""
    for wanted in dimensions:
        for layer in model.layers:
            if kernel_dimensions(layer) == wanted:
                return layer
    kind = "kernels" if 2 in dimensions else "convolution kernels"
    raise InputError(f"This model has no layer with {kind}.", found=", ".join(layer.name for layer in model.layers))


def kernel_dimensions(layer):
    """Return the number of dimensions of a layer's first weights, 0 if it has none."""
    # Not get_weights(), which copies all of them.
    return len(layer.weights[0].shape) if layer.weights else 0


def picture_layer(model, graph, wanted=None):
    """Return the layer with an output like a picture that is meant, the first convolution unless named."""
    if wanted is None:
        wanted = first_with_kernels(model, 4)
    like_pictures = [layer.name for layer in model.layers if layer in graph and len(graph[layer].shape) == 4]
    layer = find_layer(model, wanted, like_pictures)
    if layer not in graph:
        raise InputError("The model's answer does not depend on this layer.", where=f"layer {layer.name!r}")
    if len(graph[layer].shape) != 4:
        raise InputError(
            "Feature maps are like a picture: they have a height, a width and channels.",
            where=f"layer {layer.name!r}",
            expected="output (n, rows, columns, channels)",
            found=f"output {graph[layer].shape}",
            fix=f"choose a layer before Flatten: {', '.join(like_pictures)}",
        )
    return layer


# model -> {id of a tensor: (the tensor, function)}. A widget asks the same part for each move of a slider, and tracing
# it takes as long as 50 calls. Weak, and a function never holds the model itself: what is kept goes with the model.
_PARTS = weakref.WeakKeyDictionary()


def part_of(model, tensor):
    """Return a compiled function from pictures to one tensor of a model's graph, as NumPy array.

    It uses the model's weights as they are at each call, and frees a layer's output once the next has read it. As with
    ``model.predict``, what is no weight (an activation, a rate) is what it was at the first call.
    """
    import keras

    parts = _PARTS.setdefault(model, {})
    # Sequential.add() and .pop() make new tensors, so an old part is never taken for the new one.
    if id(tensor) not in parts:
        parts[id(tensor)] = (tensor, compiled(keras.Model(model.inputs[0], tensor)))
    return parts[id(tensor)][1]
