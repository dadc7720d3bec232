"""Activation explorer: a curve, its slope at one input, and what it makes of a feature map."""

from dataclasses import dataclass

import numpy as np

from ..plots.alt import number, percent
from ..plots.style import MUTED_COLOUR, PALETTE, SIGNED_MAP, signed_limit
from .controls import Choice, Slider, Toggle
from .curves import Curve, Curves
from .explorer import Explorer
from .kernels import PRESETS, feature_map, grey
from .panels import Picture, Text, View
from .pixels import tinted
from .samples import BOOT, sample_images

# What Sobel x can answer to brightness from 0 to 1; two places at 0, where a derivative can jump.
_INPUTS = np.sort([*np.round(np.linspace(-4, 4, 161), 2), 1e-6])
_REACH = 1.2  # of the tangent, to both sides
_FLAT = 0.1  # a slope of less than a tenth lets little through


@dataclass(frozen=True)
class Activation:
    """An activation function and its derivative.

    Attributes
    ----------
    value, slope : callable
        ``value(x, leak)`` and ``slope(x, leak)``: arrays to arrays; `leak` is used by leaky ReLU alone.
    kink : bool
        Whether the curve has a corner at 0, and so no slope there; libraries take that of the left side.
    """

    value: object
    slope: object
    kink: bool = False


def _sigmoid(x):
    return 0.5 * (1 + np.tanh(0.5 * np.asarray(x)))  # 1 / (1 + exp(-x)) without its overflow


def _normal(x):
    """Return the share of a normal distribution below x, and its density there."""
    from scipy.special import erf

    x = np.asarray(x, dtype="float64")
    return 0.5 * (1 + erf(x / np.sqrt(2))), np.exp(-0.5 * x**2) / np.sqrt(2 * np.pi)


def _gelu_slope(x):
    share, density = _normal(x)
    return share + x * density


# The four of notebook 01 in its order, then two that later networks use: swish, also called SiLU
# (https://arxiv.org/abs/1710.05941), and GELU (https://arxiv.org/abs/1606.08415).
ACTIVATIONS = {
    "ReLU": Activation(lambda x, leak: np.maximum(x, 0), lambda x, leak: np.where(x > 0, 1.0, 0.0), kink=True),
    "leaky ReLU": Activation(
        lambda x, leak: np.where(x > 0, x, leak * x), lambda x, leak: np.where(x > 0, 1.0, leak), kink=True
    ),
    "sigmoid": Activation(lambda x, leak: _sigmoid(x), lambda x, leak: _sigmoid(x) * (1 - _sigmoid(x))),
    "tanh": Activation(lambda x, leak: np.tanh(x), lambda x, leak: 1 - np.tanh(x) ** 2),
    "swish": Activation(lambda x, leak: x * _sigmoid(x), lambda x, leak: _sigmoid(x) * (1 + x * (1 - _sigmoid(x)))),
    "GELU": Activation(lambda x, leak: x * _normal(x)[0], lambda x, leak: _gelu_slope(x)),
}


def activation_explorer(picture=None, activation="ReLU"):
    """Choose an activation function, walk along its curve, and see what it makes of a feature map.

    Parameters
    ----------
    picture : array_like, (height, width), (height, width, 1) or (height, width, 3), optional
        uint8 in [0, 255] or float in [0, 1]; colours are averaged. A boot by default. Its feature map is that of
        *Sobel x*, with padding.
    activation : str, default "ReLU"
        One of ReLU, leaky ReLU, sigmoid, tanh, swish and GELU.

    Returns
    -------
    Explorer

    Raises
    ------
    InputError
        If the picture is none, or is smaller than 5×5 pixels.
    UnknownNameError
        If there is no such activation function.
    """
    brightness = grey(sample_images()[BOOT] if picture is None else picture)
    edges = feature_map(np.pad(brightness, 1), PRESETS["Sobel x"])
    choice = Choice("activation", "activation", "ReLU", tuple(ACTIVATIONS))
    controls = (
        Choice("activation", "activation", choice.accept(activation), choice.options),
        Slider("input", "input", 1.0, -4.0, 4.0, 0.1, play=120),
        Slider("leak", "slope of leaky ReLU below 0", 0.1, 0.0, 0.5, 0.05),
        Toggle("derivative", "show the derivative", False),
    )

    def show(values, changed):
        return activation_view(edges, values)

    return Explorer("Activation functions", controls, show)


def activation_view(edges, values):
    """Return the explorer's view: the curve, the feature map before and after, and their numbers.

    Parameters
    ----------
    edges : ndarray, (height, width)
        A feature map.
    values : dict
        ``activation``, ``input``, ``leak`` and ``derivative``.
    """
    name, leak, x = values["activation"], values["leak"], values["input"]
    chosen = ACTIVATIONS[name]
    after = chosen.value(edges, leak)
    panels = (
        _curves(name, chosen, x, leak, values["derivative"]),
        _map("before", "feature map", edges),
        _map("after", f"after {name}", after),
        Text("numbers", "numbers", (f"before: {_summary(edges)}", f"after: {_summary(after)}")),
    )
    y, slope = float(chosen.value(x, leak)), float(chosen.slope(x, leak))
    message = (
        f"{name} makes {_text(x)} into {_text(y)}; {_slope_sentence(chosen, x, slope)} "
        f"Of the feature map's numbers, {percent(np.mean(after == 0), 0)} are exactly 0 after it, "
        f"{percent(np.mean(edges == 0), 0)} before."
    )
    return View(panels, message)


def _curves(name, chosen, x, leak, derivative):
    y, slope = float(chosen.value(x, leak)), float(chosen.slope(x, leak))
    curves = [Curve(name, _INPUTS, chosen.value(_INPUTS, leak), PALETTE[0])]
    if derivative:
        curves.append(Curve("its derivative", _INPUTS, chosen.slope(_INPUTS, leak), PALETTE[1], dashed=True))
    ends = np.array([x - _REACH, x + _REACH])
    tangent = Curve("slope at the point", ends, y + slope * (ends - x), MUTED_COLOUR)
    low, high = curves[0].y.min(), curves[0].y.max()
    alt = (
        f"the curve runs from {_text(curves[0].y[0])} at −4 to {_text(curves[0].y[-1])} at 4, between {_text(low)} "
        f"and {_text(high)}; the point is at {_text(x)}, {_text(y)}."
    )
    return Curves(
        "curve",
        "curve",
        (tangent, *curves),
        alt,
        x_limits=(-4, 4),
        y_limits=(-2.2, 4.2),
        x_label="input",
        y_label="output",
        x_ticks=tuple(range(-4, 5)),
        y_ticks=tuple(range(-2, 5)),
        points=((x, y),),
        select="input",
        width=400,
    )


def _map(key, title, numbers):
    limit = signed_limit(numbers)
    alt = (
        f"{numbers.shape[1]} by {numbers.shape[0]} numbers from {_text(numbers.min())} (blue if negative) "
        f"to {_text(numbers.max())} (red); {percent(np.mean(numbers == 0), 0)} are exactly 0."
    )
    width = min(280, max(196, numbers.shape[1]))
    return Picture(key, title, tinted(numbers, SIGNED_MAP, (-limit, limit)), alt, width=width)


def _summary(numbers):
    zeros = percent(np.mean(numbers == 0), 0)
    return f"{_text(numbers.min())} to {_text(numbers.max())}, exactly 0: {zeros}"


def _slope_sentence(chosen, x, slope):
    if chosen.kink and x == 0:
        return f"at the corner there is no slope, libraries take {_text(slope)}."
    how = "flat: a small change of the input changes nothing" if slope == 0 else ""
    if 0 < abs(slope) < _FLAT:
        how = "nearly flat: a small change of the input hardly changes the output"
    return f"the slope there is {_text(slope)}{f' ({how})' if how else ''}."


def _text(value):
    return number(round(float(value), 6)).replace("-", "−")
