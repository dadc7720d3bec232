"""Feature map browser: what each filter of each layer answers, where, and which pictures excite it most."""

from collections import Counter, OrderedDict
from functools import partial

import numpy as np

from ..errors import InputError, require
from ..plots.alt import listing, number
from ..plots.style import SEQUENTIAL_MAP, SIGNED_MAP, signed_limit
from .albums import PHOTO, Album, for_model, named, unpacked
from .controls import Choice, Hidden, Slider
from .explorer import Explorer
from .panels import Group, Mark, Numbers, Picture, Text, View
from .pixels import fills, tinted

MOST_MAPS, BEST, MOST_CHANNELS = 32, 8, 16
SMALL_PICTURES, PHOTOGRAPHS = 500, 60  # so many are searched for what excites a filter
_KEPT = 8  # layers' answers to a picture
_WIDTH, _THUMB, _BEST_WIDTH, _ROOM = 196, 46, 84, 400  # on the page, in CSS pixels
_ACTIVATIONS = {"Activation", "ELU", "LeakyReLU", "PReLU", "ReLU"}


def layers_to_browse(model):
    """Return the convolutions, activations and poolings of a model whose output is like a picture.

    Parameters
    ----------
    model : keras.Model

    Returns
    -------
    list of keras.Layer

    Raises
    ------
    InputError
        If there are none.
    """
    from ..explain.graph import graph_of

    graph = graph_of(model)
    found = [layer for layer in model.layers if layer in graph and len(graph[layer].shape) == 4 and _kind(layer)]
    if not found:
        raise InputError(
            "This model has no feature maps to look at: no convolution, activation or pooling of pictures.",
            found=", ".join(layer.name for layer in model.layers),
        )
    return found


def feature_map_browser(model, images, labels=None, classes=None):
    """Choose a layer and one of its filters: its weights, its feature map, and the pictures that excite it most.

    Parameters
    ----------
    model : keras.Model
        Sequential or functional, with one input (n, height, width, channels).
    images : ndarray, (n, height, width, channels), or split
        What the model is given for prediction. The first 500 are searched for those that excite a filter most; of
        photographs the first 60.
    labels : array_like, (n,), int, optional
        A split brings labels and classes.
    classes : sequence of str, optional

    Returns
    -------
    Explorer

    Raises
    ------
    InputError
        If the model has no feature maps, or the pictures do not fit it.
    """
    browser = Browser(model, images, labels, classes)
    names = tuple(layer.name for layer in browser.layers)
    controls = (
        Choice("layer", "layer", names[0], names),
        Slider("filter", "filter", 0, 0, max(browser.channels(name) for name in names) - 1),
        Slider("picture", "picture", 0, 0, len(browser.images) - 1),
        Hidden("place", (0, 0)),
    )

    return Explorer("Feature map browser", controls, partial(browser_view, browser))


class Browser:
    """A model and pictures to look at, see `feature_map_browser`; what was computed is kept for a while."""

    def __init__(self, model, images, labels, classes):
        require("keras")
        from ..explain.graph import graph_of

        self.model = model
        self.graph = graph_of(model)
        self.layers = layers_to_browse(model)
        images, labels, self.classes = unpacked(images, labels, classes)
        self.images = for_model(model, images, SMALL_PICTURES, PHOTOGRAPHS)
        self.labels = None if labels is None else labels[: len(self.images)]
        self.size = tuple(self.images.shape[1:3])
        self.album, self.small = Album(self.images, max(self.size)), Album(self.images, 112)
        self._strongest = {}
        self._maps = OrderedDict()

    def layer(self, name):
        """Return the layer of that name."""
        return next(layer for layer in self.layers if layer.name == name)

    def channels(self, name):
        """Return how many maps a layer makes."""
        return self.graph[self.layer(name)].shape[-1]

    def maps(self, name, picture):
        """Return a layer's maps of one picture, (rows, columns, channels)."""
        from ..explain import feature_maps

        key = (name, picture)
        if key not in self._maps:
            self._maps[key] = feature_maps(self.model, self.images[picture], self.layer(name))[0]
        self._maps.move_to_end(key)
        while len(self._maps) > _KEPT:
            self._maps.popitem(last=False)
        return self._maps[key]

    def strongest(self, name):
        """Return what excites a layer's filters, found once for all of them."""
        from ..explain import strongest

        if name not in self._strongest:
            batch_size = 64 if min(self.size) <= PHOTO else 8
            self._strongest[name] = strongest(self.model, self.images, self.layer(name), n=BEST, batch_size=batch_size)
        return self._strongest[name]

    def window(self, name, place, shape):
        """Return what a place of a map sees of the picture, (top, left, bottom, right), and whether that is exact."""
        from ..explain.receptive_field import fields, windows_of

        seen = fields(self.graph, self.layer(name), self.size)
        return windows_of(seen, np.array(place), shape, self.size).tolist(), seen is not None

    def name(self, picture):
        """Return the class of a picture, its number where there are no labels."""
        return f"picture {picture}" if self.labels is None else named(self.classes, self.labels[picture])


def browser_view(browser, values, changed=frozenset()):
    """Return the browser's view.

    Parameters
    ----------
    browser : Browser
    values : dict
        ``layer`` (name), ``filter`` and ``picture`` (numbers), ``place`` (row, column) on the feature map.
    changed : set of str
        With another layer, filter or picture, the place is where the answer is strongest.
    """
    name, picture = values["layer"], values["picture"]
    last = browser.channels(name) - 1
    chosen = 0 if "layer" in changed and "filter" not in changed else min(values["filter"], last)
    maps = browser.maps(name, picture)
    found = maps[..., chosen]
    place = values["place"]
    if changed != {"place"} or not all(0 <= at < end for at, end in zip(place, found.shape, strict=True)):
        place = tuple(int(at) for at in np.unravel_index(found.argmax(), found.shape))
    window, exact = browser.window(name, place, found.shape)
    panels = (
        _picture(browser, picture, window),
        _map(found, name, chosen, place),
        _weights(browser, name, chosen),
        _thumbs(maps, chosen),
        _best(browser, name, chosen),
    )
    message = f"{_answers(found, name, chosen, place, window, exact)} {_excites(browser, name, chosen)}"
    return View(panels, message, {"filter": chosen, "place": place}, {"filter": (0, last)})


def _picture(browser, picture, window):
    top, left, bottom, right = window
    alt = f"picture {picture}; a frame around rows {top + 1} to {bottom}, columns {left + 1} to {right}."
    mark = Mark(top, left, bottom - top, right - left)
    pixels = browser.album[picture]
    return Picture("picture", browser.name(picture), pixels, alt, _WIDTH, browser.album.large, (mark,))


def _map(found, name, chosen, place):
    alt = f"{found.shape[1]} by {found.shape[0]} answers from {number(found.min())} to {number(found.max())}."
    title = f"{name}, map {chosen}"
    pixels = _coloured(found, signed_limit(found))
    return Picture(
        "map", title, pixels, alt, _WIDTH, marks=(Mark(*place),), select="place", cells=found.shape, at=place
    )


def _coloured(found, limit):
    """Colour a map as `show_feature_maps` does: from dark to bright, or blue, white and red with negative answers."""
    signed = found.min() < 0
    return tinted(found, SIGNED_MAP if signed else SEQUENTIAL_MAP, (-limit if signed else 0, limit))


def _weights(browser, name, chosen):
    layer = browser.layer(name)
    if _kind(layer) != "convolution":
        return Group("weights", "no weights", (Text("rule", "", (_rule(layer),)),), _rule(layer), _WIDTH)
    kernels, first = kernels_of(layer, chosen)  # (rows, columns, channels in)
    rows, columns, depth = kernels.shape
    limit = signed_limit(kernels)
    if depth == 1:
        fill, ink = fills(kernels[..., 0], limit)
        texts = [[f"{weight:.2f}".replace("-", "−") for weight in row] for row in kernels[..., 0]]
        alt = f"{rows} by {columns} weights from {number(kernels.min())} to {number(kernels.max())}."
        table = Numbers("kernel", "", kernels[..., 0], alt, texts, fill, ink, cell=44)
        return Group("weights", f"weights of filter {chosen}", (table,), alt, 50 * columns + 8)
    shown = np.sort(np.argsort(-np.abs(kernels).sum(axis=(0, 1)), kind="stable")[:MOST_CHANNELS])
    before = browser.graph[layer].inputs[0]._keras_history.operation.name
    which = "each" if len(shown) == depth else f"the {len(shown)} with the largest weights"
    title = f"weights of filter {chosen}: {rows}×{columns} for {which} of {depth} maps of {before}"
    colours = tinted(kernels.reshape(rows, -1), SIGNED_MAP, (-limit, limit)).reshape(rows, columns, depth, 3)
    pictures = tuple(
        Picture(f"kernel {channel}", str(first + channel), colours[:, :, channel], "weights.", 44)
        for channel in shown.tolist()
    )
    alt = f"from {number(kernels.min())} (blue: negative) to {number(kernels.max())} (red: positive)."
    return Group("weights", title, pictures, alt, 206)


def kernels_of(layer, chosen):
    """Return the weights that make one map of a convolution.

    Parameters
    ----------
    layer : keras.Layer
    chosen : int
        Number of the map.

    Returns
    -------
    tuple of (ndarray, int)
        ``(kernels, first)``: (rows, columns, channels in), float32, one for each map that the filter looks at; the
        number of the first of these. Of a separable convolution: the kernels of the one convolution it stands for.
    """
    from keras import ops

    name, kernel = type(layer).__name__, ops.convert_to_numpy(layer.weights[0]).astype("float32")
    depth, count = kernel.shape[2:]
    if "Depthwise" in name:
        return kernel[:, :, chosen // count, chosen % count, np.newaxis], chosen // count
    if "Separable" in name:
        mixing = ops.convert_to_numpy(layer.weights[1]).astype("float32")[0, 0, :, chosen]  # (depth times count,)
        return np.einsum("rcdm,dm->rcd", kernel, mixing.reshape(depth, count)), 0
    if "Transpose" in name:
        return kernel[:, :, chosen], 0
    groups = getattr(layer, "groups", 1)
    return kernel[..., chosen], chosen // (count // groups) * depth


def _thumbs(maps, chosen):
    count = maps.shape[-1]
    first = chosen // MOST_MAPS * MOST_MAPS
    last = min(first + MOST_MAPS, count)
    limit, step = signed_limit(maps), -(-min(maps.shape[:2]) // _THUMB)
    signed = maps.min() < 0
    small = maps[::step, ::step, first:last]
    # All in one go, as one long picture: quicker than one by one.
    rows, columns, shown = small.shape
    colours = tinted(
        small.reshape(rows, -1), SIGNED_MAP if signed else SEQUENTIAL_MAP, (-limit if signed else 0, limit)
    ).reshape(rows, columns, shown, 3)
    largest = maps.max(axis=(0, 1))
    pictures = tuple(
        Picture(
            f"map {place}",
            f"{first + place}",
            colours[:, :, place],
            f"up to {number(largest[first + place])}.",
            _THUMB,
            pick=("filter", first + place),
            picked=first + place == chosen,
        )
        for place in range(shown)
    )
    silent = int((np.abs(maps).max(axis=(0, 1)) == 0).sum())
    which = f"all {count} maps" if shown == count else f"maps {first} to {last - 1} of {count}"
    alt = f"answers from {number(maps.min())} to {number(maps.max())}; {silent} maps are zero everywhere."
    return Group("maps", f"{which}, on one scale", pictures, alt, _ROOM)


def _best(browser, name, chosen):
    found = browser.strongest(name)
    windows, values, indices = found.windows[chosen], found.values[chosen], found.images[chosen].tolist()
    pictures = []
    for place, (index, value, window) in enumerate(zip(indices, values, windows.tolist(), strict=True)):
        pixels = browser.small[index]
        scale = pixels.shape[0] / browser.size[0]
        top, left, bottom, right = (scale * end for end in window)
        title = f"{number(value)}: {browser.name(index)}"
        mark = Mark(top, left, bottom - top, right - left)
        options = {"width": _BEST_WIDTH, "smooth": browser.album.large, "marks": (mark,), "pick": ("picture", index)}
        pictures.append(Picture(f"best {place}", title, pixels, f"picture {index}.", **options))
    title = f"of {len(browser.images):,} pictures, what excites filter {chosen} most"
    return Group("best", title, tuple(pictures), f"answers from {number(values[-1])} to {number(values[0])}.", _ROOM)


def _answers(found, name, chosen, place, window, exact):
    top, left, bottom, right = window
    if found.min() == found.max():
        return f"Map {chosen} of {name} is {number(found.max())} everywhere on this picture."
    sees = "sees" if exact else "sees at least"
    peak = ", its largest" if found[place] == found.max() else ""
    return (
        f"Map {chosen} of {name} goes from {number(found.min())} to {number(found.max())}. At row {place[0] + 1}, "
        f"column {place[1] + 1} it is {number(found[place])}{peak}, and {sees} {bottom - top}×{right - left} pixels "
        "there."
    )


def _excites(browser, name, chosen):
    found = browser.strongest(name)
    if not found.values[chosen][0] > 0:
        return f"Nothing in {len(browser.images):,} pictures excites it."
    if browser.labels is None:
        return f"Picture {found.images[chosen][0]} of {len(browser.images):,} excites it most."
    counts = Counter(browser.name(index) for index in found.images[chosen].tolist())
    return f"What excites it most: {listing(f'{count} {word}' for word, count in counts.most_common())}."


def _kind(layer):
    name = type(layer).__name__
    if hasattr(layer, "kernel_size"):
        return "convolution"
    return "pooling" if "Pooling" in name else "activation" if name in _ACTIVATIONS else None


def _rule(layer):
    name = type(layer).__name__
    if _kind(layer) == "pooling":
        what = "the mean" if "Average" in name else "the largest"
        return f"Pooling: {what} of each {layer.pool_size[0]}×{layer.pool_size[1]} window."
    activation = getattr(getattr(layer, "activation", None), "__name__", name)
    return f"{activation}: changes every answer by itself."
