"""What a network has learned: kernels, the weights of a dense layer, feature maps."""

import numpy as np

from ..errors import InputError
from .alt import describe, number
from .figures import Drawing, new_grid
from .images import best_columns, draw_picture
from .style import SEQUENTIAL_MAP, SIGNED_MAP, SMALL_TEXT_SIZE, WIDTH, signed_limit

_LARGEST_KERNEL = 15  # a matrix with more rows is taken for the weights of a dense layer


def show_filters(model, layer=None, *, n=32, titles=None, columns=None, ax=None):
    """Show kernels: blue weights are negative, red ones positive, white is zero.

    Parameters
    ----------
    model : keras.Model or ndarray
        A model, or kernels (kh, kw, channels in, channels out), (kh, kw), or dense weights (pixels, units).
        With three input channels a kernel is shown as a colour picture (grey is zero); with other
        numbers each row is one filter and each column one input channel. Dense weights on square grey
        pictures are shown as pictures: what a linear classifier looks for.
    layer : str or int, optional
        Name or index of the layer; the first convolution (else the first dense layer) by default.
    n : int, default 32
        Show at most this many filters.
    titles : sequence of str, optional
        For example class names over the weights of a classifier.
    columns : int, optional
    ax : sequence of Axes, optional

    Returns
    -------
    Drawing
        ``(fig, ax)``, with ax an array of Axes.

    Raises
    ------
    UnknownNameError
        If there is no such layer.
    InputError
        If the layer has no weights that are pictures.
    """
    kernels, name = _kernels(model, layer)
    kh, kw, depth, count = kernels.shape
    limit = signed_limit(kernels)
    count = min(count, n)
    if depth in (1, 3):
        panels = [kernels[..., index] for index in range(count)]
        if depth == 3:
            panels = [0.5 + panel / (2 * limit) for panel in panels]
        labels = [str(title) for title in titles] if titles is not None else [f"{index}" for index in range(count)]
        columns = columns or best_columns(count)
    else:
        # One row per filter, one column per input channel.
        count, columns = min(count, 8), min(depth, 8)
        panels = [kernels[:, :, channel, index] for index in range(count) for channel in range(columns)]
        labels = [f"channel {channel}" for channel in range(columns)] + [""] * (count - 1) * columns
    fig, axes = _panels(panels, labels, columns, (-limit, limit) if depth != 3 else (0, 1), SIGNED_MAP, ax, "weight")
    if depth not in (1, 3):
        for index in range(count):
            axes[index * columns].set_ylabel(f"filter {index}", fontsize=SMALL_TEXT_SIZE)
    colour = "grey is zero" if depth == 3 else "blue negative, red positive"
    describe(
        fig,
        f"{count} filters{name} of {kh} by {kw} weights on {depth} channel{'s' if depth > 1 else ''}, "
        f"from {number(kernels.min())} to {number(kernels.max())} ({colour}).",
    )
    return Drawing(fig, axes)


def show_feature_maps(model, image=None, layer=None, *, n=32, columns=None, ax=None):
    """Show what each filter of a layer answers to one picture.

    Parameters
    ----------
    model : keras.Model or ndarray
        A model, or feature maps (height, width, channels).
    image : ndarray, (height, width, channels), optional
        The picture, as the model wants it; needed with a model, and shown first.
    layer : str or int, optional
        Name or index of the layer; the first convolution by default.
    n : int, default 32
        Show at most this many maps.
    columns : int, optional
    ax : sequence of Axes, optional

    Returns
    -------
    Drawing
        ``(fig, ax)``, with ax an array of Axes. Maps without negative values (after ReLU) go from dark
        to bright, others from blue over white (zero) to red; one scale for all maps.
    """
    name = ""
    if hasattr(model, "layers"):
        maps, name = _maps_of(model, image, layer)
    else:
        maps = np.asarray(model)
        maps = maps[..., np.newaxis] if maps.ndim == 2 else maps
    maps = maps[0] if maps.ndim == 4 and len(maps) == 1 else maps
    if maps.ndim != 3:
        raise InputError(
            "Feature maps have a height, a width and channels.",
            expected="(height, width, channels)",
            found=f"shape {maps.shape}{name}",
            fix="choose a layer before Flatten: cu.show_feature_maps(model, image, layer='conv2d')",
        )
    count = min(maps.shape[2], n)
    panels = [maps[..., index].astype("float32") for index in range(count)]
    labels = [f"{index}" for index in range(count)]
    signed = maps.min() < 0
    limit = signed_limit(maps)
    picture = None if image is None else np.squeeze(np.asarray(image))
    limits, cmap = ((-limit, limit), SIGNED_MAP) if signed else ((0, limit), SEQUENTIAL_MAP)
    fig, axes = _panels(panels, labels, columns, limits, cmap, ax, "activation", first=picture)
    silent = int((np.abs(maps).max(axis=(0, 1)) == 0).sum())
    describe(
        fig,
        f"{count} feature maps{name} of {maps.shape[0]} by {maps.shape[1]}, activations from {number(maps.min())} to "
        f"{number(maps.max())}{f'; {silent} of them are zero everywhere' if silent else ''}.",
    )
    return Drawing(fig, axes)


def _panels(panels, labels, columns, limits, cmap, ax, quantity, first=None):
    """Draw panels on one scale with one colour bar; `first` is a picture on a scale of its own."""
    extra = 0 if first is None else 1
    columns = min(columns or best_columns(len(panels) + extra, 9), len(panels) + extra)
    rows = -(-(len(panels) + extra) // columns)
    # Seven inches of height at most: a figure that does not fit on the screen cannot be read as one.
    cell = min(1.6, (WIDTH - 1) / columns, 7 / rows)
    ratio = panels[0].shape[0] / panels[0].shape[1]
    titled = sum(any(labels[start : start + columns]) for start in range(0, len(labels), columns))
    size = (max(2.5, cell * columns + 1), max(1.7, rows * (cell * ratio + 0.05) + 0.25 * titled))
    fig, axes = new_grid(rows, columns, size=size, axes=ax)
    flat = axes.ravel()
    if extra:
        draw_picture(flat[0], first, "input")
    artist = None
    for panel, picture, label in zip(flat[extra:], panels, labels, strict=False):
        artist = draw_picture(panel, picture, label, cmap=cmap, limits=limits)
    for panel in flat[len(panels) + extra :]:
        panel.set_axis_off()
    if panels[0].ndim == 2 or panels[0].shape[-1] == 1:
        fig.colorbar(artist, ax=list(flat), label=quantity, shrink=0.9 if rows < 3 else 0.6, aspect=12 * min(rows, 3))
    return fig, flat[: len(panels) + extra]


def _kernels(model, layer):
    """Return kernels (kh, kw, in, out) and words that name their layer."""
    if not hasattr(model, "layers"):
        return _as_kernels(np.asarray(model), None), ""
    from ..explain.activations import conv_kernels
    from ..explain.graph import find_layer, first_with_kernels, kernel_dimensions

    chosen = first_with_kernels(model, 4, 2) if layer is None else find_layer(model, layer)
    name = f" of layer {chosen.name}"
    if kernel_dimensions(chosen) == 4:
        return conv_kernels(model, chosen), name
    if kernel_dimensions(chosen) != 2:
        raise InputError(
            "This layer has no kernels.",
            where=chosen.name,
            found=f"{type(chosen).__name__}",
            fix=f"choose one of: {', '.join(item.name for item in model.layers if item.weights)}",
        )
    return _as_kernels(chosen.get_weights()[0], model.input_shape), name


def _as_kernels(weights, input_shape):
    if weights.ndim == 4:
        return weights
    if weights.ndim == 3:
        return weights[:, :, np.newaxis, :]
    if weights.ndim == 2 and weights.shape[0] <= _LARGEST_KERNEL:
        return weights[:, :, np.newaxis, np.newaxis]
    if weights.ndim == 2:
        picture = tuple(input_shape[1:]) if input_shape else ()
        if int(np.prod(picture or (0,))) == weights.shape[0] and len(picture) in (2, 3):
            height, width, *depth = picture
            return weights.reshape(height, width, depth[0] if depth else 1, -1)
        side = round(weights.shape[0] ** 0.5)
        if side * side == weights.shape[0]:
            return weights.reshape(side, side, 1, -1)
    raise InputError(
        "These weights are no pictures.",
        expected="(kh, kw, channels in, channels out), or (pixels, units) of a dense layer on the pixels",
        found=f"shape {weights.shape}",
        fix="choose the first layer that sees the picture",
    )


def _maps_of(model, image, layer):
    """Return feature maps (n, rows, columns, channels) and words that name their layer."""
    if image is None:
        raise InputError("Feature maps need a picture.", fix="cu.show_feature_maps(model, data.test.images[0])")
    from ..explain.activations import feature_maps
    from ..explain.graph import graph_of, picture_layer

    chosen = picture_layer(model, graph_of(model), layer)
    return feature_maps(model, image, chosen), f" of layer {chosen.name}"
