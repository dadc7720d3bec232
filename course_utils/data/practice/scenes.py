"""What is to be seen in each image of Emoji-10: drawn at random here, painted in `painting`."""

from dataclasses import dataclass, fields

import numpy as np

from .sprites import CLASSES, NEW_ARTIST, STYLES, TEXTURES, sprites

NEW = STYLES.index(NEW_ARTIST)


@dataclass(frozen=True, eq=False)
class Scenes:
    """Parameters of n images; lengths are fractions of the image's side, angles in radians.

    Attributes
    ----------
    labels, sprite, texture : ndarray, (n,), int64
        Class, place in `sprites.sprites`, place in `sprites.TEXTURES`.
    size, x, y, angle, stretch : ndarray, (n,), float64
        Longer side of the drawing, its centre, its turn, its height relative to its width.
    mirrored : ndarray, (n,), bool
    paint, wall : ndarray, (n, 3, 3), float32
        Colour matrices of the drawing and of the background.
    light, wall_light : ndarray, (n, 3), float32 in grey levels
        What is added to the three channels.
    crop, crop_x, crop_y : ndarray, (n,), float64 in [0, 1]
        Side of the piece of the texture, and where it lies in the room that is left.
    turn : ndarray, (n,), int64 in [0, 8)
        Which of the eight symmetries of the square.
    shadow, shadow_x, shadow_y : ndarray, (n,), float64
        Darkness in [0, 1] and offset of the drawing's shadow.
    ramp : ndarray, (n, 2), float32
        How much the light changes from left to right and from top to bottom.
    grain : ndarray, (n,), float32
        Strength of the noise, in grey levels.
    """

    labels: np.ndarray
    sprite: np.ndarray
    texture: np.ndarray
    size: np.ndarray
    x: np.ndarray
    y: np.ndarray
    angle: np.ndarray
    stretch: np.ndarray
    mirrored: np.ndarray
    paint: np.ndarray
    light: np.ndarray
    wall: np.ndarray
    wall_light: np.ndarray
    crop: np.ndarray
    crop_x: np.ndarray
    crop_y: np.ndarray
    turn: np.ndarray
    shadow: np.ndarray
    shadow_x: np.ndarray
    shadow_y: np.ndarray
    ramp: np.ndarray
    grain: np.ndarray

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        return Scenes(**{field.name: getattr(self, field.name)[index] for field in fields(self)})


def draw(n: int, seed, new_artist: bool = False) -> Scenes:
    """Draw the parameters of `n` images with the classes equally often.

    The background comes from a generator of its own, so it cannot know the class. Only
    ``Generator.random`` is used: its numbers are the same on every platform.

    Parameters
    ----------
    n : int
    seed : sequence of int
        Everything follows from it and `n`.
    new_artist : bool
        Whether the drawings are those kept for the test, instead of the training styles'.

    Returns
    -------
    Scenes
    """
    front, back = np.random.default_rng([*seed, 0]), np.random.default_rng([*seed, 1])
    labels = np.argsort(front.random(n), kind="stable") % len(CLASSES)
    size = _between(front, n, 0.5, 0.95)
    room = np.maximum(1 - 0.85 * size, 0.1)  # a little of the drawing may leave the image
    crop = _between(back, n, 0.25, 0.9)
    return Scenes(
        labels=labels,
        sprite=_choose_sprites(front, labels, new_artist),
        size=size,
        x=0.5 + room * _between(front, n, -0.5, 0.5),
        y=0.5 + room * _between(front, n, -0.5, 0.5),
        angle=np.deg2rad(_between(front, n, -30, 30)),
        stretch=_between(front, n, 0.85, 1.15),
        mirrored=front.random(n) < 0.5,
        paint=_colours(front, n, hue=50, saturation=(0.4, 1.2), gain=(0.7, 1.1)),
        light=_steps(front.random((n, 3)) * 40 - 20),
        shadow=_between(front, n, 0.0, 0.6),
        shadow_x=_between(front, n, -0.08, 0.08),
        shadow_y=_between(front, n, 0.0, 0.1),
        texture=_index(back, n, len(TEXTURES)),
        wall=_colours(back, n, hue=180, saturation=(0.3, 1.1), gain=(0.4, 1.2)),
        wall_light=_steps(back.random((n, 3)) * 100 - 40),
        crop=crop,
        crop_x=back.random(n),
        crop_y=back.random(n),
        turn=_index(back, n, 8),
        ramp=_steps(back.random((n, 2)) * 0.5 - 0.25),
        grain=_steps(_between(back, n, 0, 12)),
    )


def _choose_sprites(generator, labels, new_artist):
    """Choose first the style, then one of its drawings of the class: a class with many counts no more."""
    styles = [NEW] if new_artist else [style for style in range(len(STYLES)) if style != NEW]
    style = np.array(styles)[_index(generator, len(labels), len(styles))]
    choice = generator.random(len(labels))
    chosen = np.empty(len(labels), "int64")
    numbers = {}
    for number, sprite in enumerate(sprites()):
        numbers.setdefault((sprite.label, sprite.style), []).append(number)
    for (label, drawn), group in numbers.items():
        rows = (labels == label) & (style == drawn)
        chosen[rows] = np.array(group)[(choice[rows] * len(group)).astype("int64")]
    return chosen


def _colours(generator, n, hue, saturation, gain):
    """Return (n, 3, 3) matrices that turn the hue by up to `hue` degrees, then saturate and amplify."""
    angle = np.deg2rad(_between(generator, n, -hue, hue))[:, None, None]
    saturate = _between(generator, n, *saturation)[:, None, None]
    amplify = _between(generator, n, *gain)[:, None, None]
    # A turn about the grey axis, split into its parts along the axis and across it.
    grey = np.full((3, 3), 1 / 3)
    skew = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / np.sqrt(3)
    turned = np.cos(angle) * (np.eye(3) - grey) + np.sin(angle) * skew
    return _steps(amplify * (grey + saturate * turned))


def _between(generator, n, low, high):
    return low + (high - low) * generator.random(n)


def _index(generator, n, length):
    return (generator.random(n) * length).astype("int64")


def _steps(values):
    """Round to 1/256, so that the last bit of a platform's sine cannot reach a pixel."""
    return (np.round(values * 256) / 256).astype("float32")
