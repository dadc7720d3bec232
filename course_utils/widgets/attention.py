"""Attention explorer: which parts of a picture speak for a class, by maps and by covering them yourself."""

from collections import OrderedDict
from dataclasses import dataclass
from functools import partial

import numpy as np

from ..errors import InputError, require
from ..inputs import check_model_shape
from ..plots.alt import number, percent
from ..plots.style import SEQUENTIAL_MAP, SIGNED_MAP, signed_limit
from .albums import PHOTO, Album, for_model, named, unpacked
from .controls import Choice, Hidden, Slider, Toggle
from .explorer import Explorer
from .panels import Mark, Picture, Text, View
from .pixels import shown, tinted

GRAD_CAM, OCCLUSION, SALIENCY = "Grad-CAM", "occlusion", "saliency"
METHODS = (GRAD_CAM, OCCLUSION, SALIENCY)
ANSWER = "its answer"
SMALL_PICTURES, PHOTOGRAPHS = 1_000, 60
NOISY_COPIES = 10  # of a picture, over which saliency is averaged
_KEPT = 24  # maps
_TOP = 3
_PALE = 0.05  # a loss of probability that gets the strongest colour in maps without a larger one
_PLACES = 40  # along a side of a photograph, for the patch; small pictures have one for each pixel
_WIDTH = 252  # of a picture on the page, in CSS pixels
_LUMA = np.array([0.299, 0.587, 0.114], dtype="float32")  # ITU-R BT.601


@dataclass(frozen=True)
class Patch:
    """A square that covers a part of a picture: its top left pixel and its side, in pixels."""

    top: int
    left: int
    side: int

    def over(self, image):
        """Return a copy of a picture, (height, width, channels), with the patch in the picture's mean colour."""
        covered = np.array(image, dtype="float32")
        rows, columns = slice(self.top, self.top + self.side), slice(self.left, self.left + self.side)
        covered[rows, columns] = np.asarray(image, dtype="float32").mean(axis=(0, 1))
        return covered


def patch_at(place, cells, side, size):
    """Return the patch whose middle is at a place, moved so that it lies inside the picture.

    Parameters
    ----------
    place, cells : (int, int)
        Row and column, and how many of them the picture is divided into.
    side : int
        Of the patch, in pixels.
    size : (int, int)
        Height and width of the picture.

    Returns
    -------
    Patch

    Examples
    --------
    >>> patch_at((14, 0), (28, 28), 7, (28, 28))
    Patch(top=11, left=0, side=7)
    """
    middles = [(at + 0.5) * pixels / count for at, pixels, count in zip(place, size, cells, strict=True)]
    corners = [int(min(max(middle - side / 2, 0), end - side)) for middle, end in zip(middles, size, strict=True)]
    return Patch(*corners, side)


def laid_over(picture, heat, strength, signed=False):
    """Lay a map over a grey copy of a picture, as `show_grad_cam` and `show_occlusion` do.

    Parameters
    ----------
    picture : ndarray, as in `pixels.shown`
    heat : ndarray, (height, width), float
        In [0, 1], or of both signs.
    strength : float in [0, 1]
        Share of the map's colours.
    signed : bool
        Blue below zero, white at zero, red above, up to the largest; a map that is nearly zero stays pale.

    Returns
    -------
    ndarray, (height, width, 3), uint8
    """
    limit = max(signed_limit(heat), _PALE)
    colours = tinted(heat, SIGNED_MAP, (-limit, limit)) if signed else tinted(heat, SEQUENTIAL_MAP, (0, 1))
    grey = (shown(picture) @ _LUMA)[..., np.newaxis]
    return (grey * (1 - strength) + colours * strength + 0.5).astype("uint8")


def attention_explorer(model, images, labels=None, classes=None):
    """Look where a network looks: Grad-CAM, occlusion or saliency, and a patch to cover the picture yourself.

    Parameters
    ----------
    model : keras.Model
        Flat, with one input (n, height, width, channels) and one output (n, classes), as for `grad_cam`; without a
        convolution there is no Grad-CAM to choose.
    images : ndarray, (n, height, width, channels), or split
        What the model is given for prediction. At most the first 1,000; of photographs the first 60.
    labels : array_like, (n,), int, optional
        A split brings labels and classes.
    classes : sequence of str, optional

    Returns
    -------
    Explorer

    Raises
    ------
    InputError
        If the model has another model inside, or the pictures or the classes do not fit it.
    """
    watched = Watched(model, images, labels, classes)
    side = max(2, min(watched.size) // 4)
    step = 1 if min(watched.size) <= PHOTO else 8
    controls = (
        Slider("picture", "picture", 0, 0, len(watched.images) - 1),
        Choice("method", "map", watched.methods[0], watched.methods),
        Choice("class", "for the class", ANSWER, (ANSWER, *watched.names)),
        Slider("strength", "strength of the map", 0.6, 0, 1, 0.05),
        Slider(
            "side", "patch", side - side % step or step, 2 if step == 1 else step, min(watched.size) // 2, step, "px"
        ),
        Toggle("covered", "cover the picture"),
        Hidden("place", tuple(count // 2 for count in watched.cells)),
    )

    return Explorer("Attention explorer", controls, partial(attention_view, watched))


class Watched:
    """A model and pictures, see `attention_explorer`; what was computed for a picture is kept for a while."""

    def __init__(self, model, images, labels, classes):
        require("keras")
        from ..explain.graph import graph_of
        from ..explain.scores import scores_of

        self.model = model
        graph = graph_of(model)
        scores = scores_of(model, graph)
        self._probabilities = scores.probabilities(model)
        images, self.labels, given = unpacked(images, labels, classes)
        self.images = for_model(model, images, SMALL_PICTURES, PHOTOGRAPHS)
        check_model_shape(self.images, model.input_shape)
        self.names = given or tuple(str(index) for index in range(scores.classes))
        if len(self.names) != scores.classes:
            raise InputError(
                "Each score of the model needs the name of its class.",
                expected=f"{scores.classes} names",
                found=f"{len(self.names)} ({', '.join(self.names[:3])} …)",
            )
        self.size = tuple(self.images.shape[1:3])
        self.cells = tuple(pixels if pixels <= PHOTO else _PLACES for pixels in self.size)
        self.album = Album(self.images, max(self.size))
        # A model inside counts as one with convolutions: the message of `grad_cam` says what to do.
        deep = any(hasattr(layer, "kernel_size") or hasattr(layer, "layers") for layer in graph)
        self.methods = METHODS if deep else METHODS[1:]
        self._kept = OrderedDict()

    def probabilities(self, index, patch=None):
        """Return the answer to a picture, whole or with a patch, (classes,)."""
        # Always float32: each dtype is compiled anew, which takes a second with a large network.
        image = self.images[index].astype("float32")
        if patch is None:
            return self._once(("answer", index), lambda: self._probabilities(image[np.newaxis])[0])
        return self._probabilities(patch.over(image)[np.newaxis])[0]

    def heat(self, method, index, label, side):
        """Return a map, (height, width): in [0, 1], or for occlusion the loss of probability."""
        from ..explain import grad_cam, occlusion, saliency

        image = self.images[[index]]
        batch = {"batch_size": 32 if min(self.size) <= PHOTO else 4}  # large batches of photographs take much memory
        computed = {
            GRAD_CAM: lambda: grad_cam(self.model, image, label)[0],
            OCCLUSION: lambda: occlusion(self.model, image, label, window=side, **batch)[0],
            SALIENCY: lambda: saliency(self.model, image, label, noisy_copies=NOISY_COPIES, **batch)[0],
        }
        return self._once((method, index, label, side if method == OCCLUSION else None), computed[method])

    def _once(self, key, compute):
        if key not in self._kept:
            self._kept[key] = compute()
        self._kept.move_to_end(key)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return self._kept[key]


def attention_view(watched, values, changed=frozenset()):
    """Return the explorer's view: the picture, the map over it, and what the network answers.

    Parameters
    ----------
    watched : Watched
    values : dict
        ``picture``, ``method``, ``class``, ``strength``, ``side``, ``covered`` and ``place``, see the controls.
    changed : set of str
        A click on the picture, another ``place``, also covers it.
    """
    index, side = values["picture"], int(values["side"])
    covered = values["covered"] or "place" in changed
    place = tuple(min(max(at, 0), count - 1) for at, count in zip(values["place"], watched.cells, strict=True))
    whole = watched.probabilities(index)
    label = int(whole.argmax()) if values["class"] == ANSWER else watched.names.index(values["class"])
    patch = patch_at(place, watched.cells, side, watched.size) if covered else None
    after = None if patch is None else watched.probabilities(index, patch)
    heat = watched.heat(values["method"], index, label, side)
    panels = (
        _picture(watched, index, place, patch),
        _map(watched, values, index, label, heat),
        Text("answers", "what it answers", _answers(watched.names, whole, after, label)),
    )
    where = "The map is off." if not values["strength"] else _where(values["method"], heat, watched.names[label], side)
    message = f"{where} {_effect(watched, whole, after, label)}"
    return View(panels, message, {"covered": covered, "place": place})


def _picture(watched, index, place, patch):
    pixels = watched.album[index]
    title = f"picture {index}" if watched.labels is None else named(watched.names, watched.labels[index])
    marks, alt = (), f"picture {index}."
    if patch is not None:
        pixels = Patch.over(patch, pixels).astype("uint8")
        marks = (Mark(patch.top, patch.left, patch.side, patch.side),)
        covers = f"{patch.side}×{patch.side} pixels from row {patch.top + 1}, column {patch.left + 1}"
        alt = f"picture {index}; a patch covers {covers}."
    return Picture(
        "picture", title, pixels, alt, _WIDTH, watched.album.large, marks, select="place", cells=watched.cells, at=place
    )


def _map(watched, values, index, label, heat):
    method = values["method"]
    pixels = laid_over(watched.album[index], heat, values["strength"], signed=method == OCCLUSION)
    colours = "red takes probability away, blue adds" if method == OCCLUSION else "dark blue is 0, yellow is 1"
    alt = f"largest at the {_ninth(heat)}; {colours}." if values["strength"] else "off."
    title = f"{method} for {watched.names[label]}"
    return Picture("map", title, pixels, alt, _WIDTH, watched.album.large)


def _answers(names, whole, after, label):
    top = np.argsort(-whole, kind="stable")[:_TOP].tolist()
    lines = []
    for index in top if label in top else [*top, label]:
        line = f"{names[index]}: {_chance(whole[index])}"
        lines.append(line if after is None else f"{line} → {_chance(after[index])}")
    if after is not None and int(after.argmax()) not in top:
        best = int(after.argmax())
        lines.append(f"{names[best]}: {_chance(whole[best])} → {_chance(after[best])}")
    return tuple(lines) if after is None else ("whole → covered", *lines)


def _chance(probability):
    """Write a probability, never as 0 or 100 %: a softmax comes near to them and does not reach them."""
    if probability < 0.0001:
        return "under 0.01 %"
    return percent(min(float(probability), 0.9999), 2 if not 0.01 <= probability <= 0.99 else 1)


def _where(method, heat, name, side):
    place = _ninth(heat)
    if method == OCCLUSION:
        if heat.max() <= 0:
            return f"No patch of {side}×{side} pixels makes {name} less probable."
        return (
            f"Patches of {side}×{side} pixels take most from {name} at the {place}: on average "
            f"{number(round(100 * float(heat.max()), 2))} percentage points."
        )
    if not heat.max() > 0:
        return f"{method}: nothing in this picture speaks for {name}."
    if method == SALIENCY:
        return f"Saliency: the score of {name} depends most on pixels at the {place}."
    share = percent((heat >= 0.5).mean(), 0)
    return f"Grad-CAM: most speaks for {name} at the {place}; {share} of the picture are above half."


def _ninth(heat):
    row, column = np.unravel_index(heat.argmax(), heat.shape)
    down = ("top", "middle", "bottom")[min(3 * row // heat.shape[0], 2)]
    return f"{down} {('left', 'centre', 'right')[min(3 * column // heat.shape[1], 2)]}"


def _effect(watched, whole, after, label):
    if after is None:
        return "Click the picture to cover a part of it."
    name = watched.names[label]
    words = f"With the patch, {name} goes from {_chance(whole[label])} to {_chance(after[label])}"
    if after.argmax() != whole.argmax():
        return f"{words}, and the answer becomes {watched.names[int(after.argmax())]}."
    return f"{words}; the answer stays {watched.names[int(whole.argmax())]}."
