"""Augmentation playground: what a transformation makes of a picture, at any strength."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from ..inputs import check_images
from ..plots.alt import number, percent
from ..predicting import in_files
from . import transforms
from .albums import Album, named, unpacked
from .controls import Action, Choice, Slider
from .explorer import Explorer
from .panels import Group, Picture, Text, View

DRAWS = 8
MOST = 100  # pictures to choose from
STRONGEST = 10
_SIDE = 160  # photographs are shown this large
_WIDTH = 144
_REFLECT = 'What opens up is filled with mirrored pixels: fill_mode="reflect", which is what Keras does by itself.'
_STEPS = tuple(step / 10 for step in range(11))


@dataclass(frozen=True)
class Transformation:
    """A way to make new training pictures out of old ones.

    Attributes
    ----------
    layer : str
        Keras's layer; ``{0:g}`` stands for the amount.
    draw : callable
        ``draw(scene, amount) -> (pictures, what was drawn for each, what was drawn in all)``.
    amounts : tuple of float
        What the strengths 0, 1, 2 ... mean in Keras's layer; empty if it has no strength.
    start : int
        The strength to begin with.
    note : str
        What else the layer does.
    """

    layer: str
    draw: Callable
    amounts: tuple = ()
    start: int = 0
    note: str = ""


@dataclass(frozen=True)
class Scene:
    """What a transformation works on.

    Attributes
    ----------
    picture : ndarray, (height, width, channels), float32 in [0, 255]
    name : str
        Of its class; empty if it has none.
    others : list of (ndarray, str)
        Partners for mixup, one for each draw.
    chance : ndarray, (n, 2), float in [0, 1)
        The same numbers whatever the strength, so that a stronger draw is the same one, stronger.
    """

    picture: np.ndarray
    name: str
    others: list
    chance: np.ndarray

    def between(self, low, high, column=0):
        """Return the chance as numbers between two limits."""
        return low + (high - low) * self.chance[:, column]


def _flip(axis):
    def draw(scene, _):
        flips = scene.chance[:, 0] <= 0.5
        words = ["mirrored" if flip else "as it was" for flip in flips]
        return transforms.mirrored(scene.picture, flips, axis), words, f"{flips.sum()} of {len(flips)} mirrored"

    return draw


def _rotation(scene, factor):
    degrees = scene.between(-360 * factor, 360 * factor)
    words = [f"{_signed(angle)}°" for angle in degrees]
    said = (
        f"turned by {_signed(degrees.min())}° to {_signed(degrees.max())}° (+ is counter-clockwise), "
        f"at this strength by at most {360 * factor:g}° either way"
    )
    return transforms.turned(scene.picture, degrees), words, said


def _shift(scene, factor):
    height, width = scene.picture.shape[:2]
    # Keras rounds the place a pixel comes from; so do the words.
    down = _rounded(scene.between(-factor, factor) * height)
    right = _rounded(scene.between(-factor, factor, 1) * width)
    words = [_way(*steps) for steps in zip(down, right, strict=True)]
    farthest = max(np.abs(down).max(), np.abs(right).max())
    return transforms.moved(scene.picture, down, right), words, f"moved by up to {_pixels(farthest)} in each direction"


def _zoom(scene, factor):
    factors = scene.between(1 - factor, 1 + factor)
    shares = 1 / factors
    words = [f"{percent(share, 0)} as large" for share in shares]
    return (
        transforms.zoomed(scene.picture, factors),
        words,
        f"{percent(shares.min(), 0)} to {percent(shares.max(), 0)} as large as before",
    )


def _cutout(scene, share):
    height, width = scene.picture.shape[:2]
    pictures = transforms.erased(scene.picture, share, *scene.chance.T)
    size = f"{round(height * share**0.5)}×{round(width * share**0.5)}"
    corners = (scene.chance * (height, width) * (1 - share**0.5)).astype(int)
    words = [f"from row {row + 1}, column {column + 1}" if share else "nothing covered" for row, column in corners]
    said = f"a patch of about {size} pixels covered in each" if share else "nothing covered"
    return pictures, words, said


def _brightness(scene, factor):
    amounts = scene.between(-factor, factor)
    words = [f"{_signed(255 * amount)}" for amount in amounts]
    said = f"between {_signed(255 * amounts.min())} and {_signed(255 * amounts.max())} added to every pixel"
    return transforms.brightened(scene.picture, amounts), words, said


def _contrast(scene, factor):
    factors = scene.between(1 - factor, 1 + factor)
    said = f"distances from the mean colour multiplied by {_times(factors.min())} to {_times(factors.max())}"
    return transforms.contrasted(scene.picture, factors), [f"× {_times(factor)}" for factor in factors], said


def _saturation(scene, amount):
    place = scene.between(0.5 - amount / 2, 0.5 + amount / 2)
    factors = place / (1 - place)
    said = f"strength of the colours multiplied by {_times(factors.min())} to {_times(factors.max())}"
    return transforms.saturated(scene.picture, factors), [f"× {_times(factor)}" for factor in factors], said


def _hue(scene, factor):
    turns = 0.5 * factor * scene.chance[:, 0] * np.where(scene.chance[:, 1] > 0.5, -1, 1)
    words = [f"{_signed(360 * turn)}°" for turn in turns]
    said = f"circle of colours turned by {_signed(360 * turns.min())}° to {_signed(360 * turns.max())}°"
    return transforms.hue_turned(scene.picture, turns), words, said


def _mixup(scene, alpha):
    from scipy.special import betaincinv

    shares = betaincinv(alpha, alpha, scene.chance[:, 0]) if alpha else np.ones(len(scene.chance))
    words = [
        f"{_part(share, scene.name)} + {_part(1 - share, name)}"
        for share, (_, name) in zip(shares, scene.others, strict=True)
    ]
    others = np.stack([picture for picture, _ in scene.others])
    said = (
        f"the picture and its label keep {percent(shares.min(), 0)} to {percent(shares.max(), 0)}, others get the rest"
    )
    return transforms.mixed(scene.picture, others, shares), words, said


TRANSFORMATIONS = {
    "flip left–right": Transformation('layers.RandomFlip("horizontal")', _flip(1)),
    "flip top–bottom": Transformation('layers.RandomFlip("vertical")', _flip(0)),
    "rotation": Transformation(
        "layers.RandomRotation({0:g})",
        _rotation,
        (0, 0.01, 0.02, 0.03, 0.05, 0.1, 0.15, 0.2, 0.25, 0.35, 0.5),
        4,
        f"The number is a share of a full turn. {_REFLECT}",
    ),
    "shift (crop)": Transformation(
        'layers.RandomTranslation({0:g}, {0:g}, interpolation="nearest")',
        _shift,
        tuple(pixels / 32 for pixels in (0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 16)),
        4,
        f"The numbers are shares of height and width. {_REFLECT}",
    ),
    "zoom": Transformation("layers.RandomZoom({0:g})", _zoom, tuple(step / 2 for step in _STEPS), 4, _REFLECT),
    "cutout": Transformation(
        "layers.RandomErasing((1.0, 1.0), scale=({0:g}, {0:g}), fill_value=128)",
        _cutout,
        (0, 0.01, 0.03, 0.06, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7),
        3,
        "scale is the covered share of the picture.",
    ),
    "brightness": Transformation(
        "layers.RandomBrightness({0:g})", _brightness, _STEPS, 2, "The number is a share of 255."
    ),
    "contrast": Transformation(
        "layers.RandomContrast(({0:g}, {0:g}))",
        _contrast,
        _STEPS,
        4,
        "With a single number instead of the pair, Keras only ever raises the contrast.",
    ),
    "strength of colours": Transformation(
        "layers.RandomSaturation(({1:g}, {2:g}))",
        _saturation,
        (*_STEPS[:9], 0.85, 0.9),
        4,
        "0 takes the colours away, 0.5 leaves them, 1 is as strong as can be.",
    ),
    "hue": Transformation("layers.RandomHue({0:g})", _hue, _STEPS, 3, "1 may turn the circle of colours by half."),
    "mixup": Transformation(
        "layers.MixUp(alpha={0:g})", _mixup, _STEPS, 4, "The labels are mixed in the same shares, as one-hot rows."
    ),
}
_COLOURED = ("strength of colours", "hue")


def augmentation_playground(images, labels=None, classes=None):
    """Choose a picture, a transformation and its strength, and see eight random draws.

    The pixels are those that Keras's layers make (the tests compare them); the draws depend on how often *draw again*
    was pressed, and on nothing else.

    Parameters
    ----------
    images : ndarray, (n, height, width, 1) or (n, height, width, 3), uint8 in [0, 255], or Photos, or a split
        Of more than 100, the first 100 can be chosen. A split brings its labels and classes.
    labels : array_like, (n,), int, optional
    classes : sequence of str, optional
        Names of the classes.

    Returns
    -------
    Explorer

    Raises
    ------
    InputError
        If these are no pictures, or there is not a label for each.
    """
    images, labels, classes = unpacked(images, labels, classes)
    images = images if in_files(images) else check_images(images)
    coloured = images.shape[3:] == (3,)
    known = [name for name in TRANSFORMATIONS if coloured or name not in _COLOURED]
    if len(images) == 1:
        known.remove("mixup")
    count = min(len(images), MOST)
    names = [named(classes, int(label)) for label in labels[:count]] if labels is not None else [""] * count
    pile = Pile(Album(images, _SIDE), names, 3 if coloured else 1)
    first = "rotation"
    controls = [
        Choice("what", "transformation", first, tuple(known)),
        Slider("strength", "strength", TRANSFORMATIONS[first].start, 0, STRONGEST),
        Action("draw", "Draw again"),
    ]
    if count > 1:
        controls.insert(0, Slider("picture", "picture", 0, 0, count - 1))

    stills = [{"what": name} for name in ("rotation", "mixup") if name in known]
    return Explorer("Augmentation playground", controls, partial(augmentation_view, pile), stills=stills)


@dataclass(frozen=True)
class Pile:
    """The pictures that can be chosen.

    Attributes
    ----------
    album : Album
    names : list of str
        Of each picture's class; empty if they have none.
    channels : int
        1 or 3.
    """

    album: Album
    names: list
    channels: int

    def scene(self, number, drawn, partners):
        """Return a `Scene` of picture `number` and draw `drawn`; with `partners`, for mixup."""
        chance = np.random.default_rng(drawn).random((DRAWS, 2))
        others = []
        if partners:
            steps = 1 + (chance[:, 1] * (len(self.names) - 1)).astype(int)
            others = [(self._pixels(other), self.names[other]) for other in (number + steps) % len(self.names)]
        return Scene(self._pixels(number), self.names[number], others, chance)

    def _pixels(self, number):
        return self.album[number][..., : self.channels].astype("float32")


def augmentation_view(pile, values, changed=frozenset()):
    """Return the playground's view: the original, eight draws, and the layer that does it in Keras.

    Parameters
    ----------
    pile : Pile
    values : dict
        ``picture`` (int), ``what`` (str), ``strength`` (int) and ``draw`` (int, the seed).
    changed : set of str
        A transformation that was just chosen begins with a strength of its own.
    """
    name, strength = values["what"], values["strength"]
    transformation = TRANSFORMATIONS[name]
    amounts = transformation.amounts
    if not amounts:
        strength = 0
    elif "what" in changed and "strength" not in changed:
        strength = transformation.start
    amount = amounts[strength] if amounts else None
    scene = pile.scene(values.get("picture", 0), values["draw"], name == "mixup")
    pictures, words, said = transformation.draw(scene, amount)
    panels = (
        _picture(pile, "original", f"original: {scene.name}".rstrip(": "), scene.picture, "before any change"),
        Group(
            "draws",
            "eight draws" + (f" at strength {strength}" if amounts else ""),
            tuple(_picture(pile, f"draw{n}", words[n], pictures[n], "one draw") for n in range(DRAWS)),
            f"{name}, {said}: {', '.join(words)}.",
            width=4 * _WIDTH + 40,
        ),
        Text("layer", "in Keras", tuple(line for line in (_code(transformation, amount), transformation.note) if line)),
    )
    message = f"{said[0].upper()}{said[1:]}."
    if not amounts:
        message += " For each picture a coin is tossed; there is no strength."
    elif strength == 0:
        message += " Strength 0 changes nothing."
    return View(panels, message, {"strength": strength}, {"strength": (0, STRONGEST if amounts else 0)})


def _picture(pile, key, title, pixels, alt):
    pixels = (pixels + 0.5).astype("uint8")
    return Picture(key, title, pixels[..., 0] if pile.channels == 1 else pixels, alt, _WIDTH, smooth=pile.album.large)


def _code(transformation, amount):
    if amount is None:
        return transformation.layer
    return transformation.layer.format(amount, 0.5 - amount / 2, 0.5 + amount / 2)


def _rounded(pixels):
    return np.floor(pixels + 0.5).astype(int)


def _way(down, right):
    parts = [f"{abs(right)} {'right' if right > 0 else 'left'}"] if right else []
    parts += [f"{abs(down)} {'down' if down > 0 else 'up'}"] if down else []
    return ", ".join(parts) or "not moved"


def _pixels(count):
    return "1 pixel" if count == 1 else f"{count} pixels"


def _signed(value):
    return f"{round(value):+d}".replace("-", "−") if round(value) else "0"


def _part(share, name):
    return f"{percent(share, 0)} {name}".strip().replace(" ", "\u00a0")  # lines break between the parts, not inside


def _times(factor):
    return number(round(float(factor), 2))
