"""Painting the images of Emoji-10, many at a time: the same pixels on every machine and number of cores.

Pillow interpolates with coordinates rounded to 2⁻¹⁶ (products and sums are then exact), NumPy does the
rest with single multiplications and additions: nothing depends on the order of a sum or on a sine's last bit.
"""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from .scenes import Scenes
from .sprites import CELL, FRAME, MARGIN, choose_level, sprite_image, texture_image

# Pixels painted at a time: small enough for a core's cache.
_CHUNK = 2**17

# (dx, dy) -> (x, y) in the texture: the eight symmetries of the square.
_TURNS = (
    (1, 0, 0, 1),
    (0, 1, -1, 0),
    (-1, 0, 0, -1),
    (0, -1, 1, 0),
    (-1, 0, 0, 1),
    (0, 1, 1, 0),
    (1, 0, 0, -1),
    (0, -1, -1, 0),
)


def paint(scenes: Scenes, image_size: int, seed, drawings: bool = True) -> np.ndarray:
    """Paint images.

    Parameters
    ----------
    scenes : Scenes
        Of n images.
    image_size : int
        Height and width, in pixels.
    seed : sequence of int
        For the noise.
    drawings : bool
        False paints the backgrounds alone.

    Returns
    -------
    ndarray, (n, image_size, image_size, 3), uint8 in [0, 255]
    """
    images = np.empty((len(scenes), image_size, image_size, 3), "uint8")
    for rows, painted in chunks(scenes, image_size, seed, drawings):
        images[rows] = painted
    return images


def chunks(scenes: Scenes, image_size: int, seed, drawings: bool = True, then=None):
    """Paint images in order, some at a time, on all cores.

    Parameters
    ----------
    scenes, image_size, seed, drawings
        As in `paint`.
    then : callable, optional
        ``then(rows, images)`` is called for each chunk on the core that painted it; its result is yielded.

    Yields
    ------
    rows : slice
    images : ndarray, (rows, image_size, image_size, 3), uint8, or what `then` returned
    """
    step = max(1, _CHUNK // image_size**2)
    slices = [slice(start, min(start + step, len(scenes))) for start in range(0, len(scenes), step)]

    def work(number):
        rows = slices[number]
        images = _paint(scenes[rows], image_size, np.random.default_rng([*seed, 2, number]), drawings)
        return rows, then(rows, images) if then else images

    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        try:
            yield from pool.map(work, range(len(slices)))
        except BaseException:
            pool.shutdown(cancel_futures=True)  # Ctrl-C does not wait for what is left
            raise


def _paint(scenes, size, noise, drawings):
    image = _recoloured(_backgrounds(scenes, size), scenes.wall, scenes.wall_light)  # (n, 3, size, size)
    np.clip(image, 0, 255, out=image)
    if drawings:
        front, cover, shadow = _drawings(scenes, size)
        shadow *= _column(scenes.shadow)
        np.subtract(1, shadow, out=shadow)
        image *= shadow[:, None]
        front = _recoloured(front, scenes.paint, scenes.light, cover)
        np.clip(front, 0, cover[:, None], out=front)
        cover /= 255
        np.subtract(1, cover, out=cover)
        image *= cover[:, None]
        image += front
    image *= _illumination(scenes, size)[:, None]
    image += _grain(scenes, size, noise)
    np.rint(image, out=image)
    np.clip(image, 0, 255, out=image)
    return image.astype("uint8").transpose(0, 2, 3, 1)


def _recoloured(pixels, matrices, offsets, cover=None):
    """Return matrix · colour + offset (times the cover, for premultiplied colours), channels first, float32."""
    channels = [pixels[..., channel].astype("float32") for channel in range(3)]
    result = np.empty((len(pixels), 3, *pixels.shape[1:3]), "float32")
    term = np.empty_like(channels[0])
    for channel in range(3):
        row = result[:, channel]
        if cover is None:
            row[:] = _column(offsets[:, channel])
        else:
            np.multiply(cover, _column(offsets[:, channel] / 255), out=row)
        for source in range(3):
            np.multiply(channels[source], _column(matrices[:, channel, source]), out=term)
            row += term
    return result


def _backgrounds(scenes, size):
    """Cut pieces out of the textures; (n, size, size, 3) uint8."""
    images = np.empty((len(scenes), size, size, 3), "uint8")
    sides = np.array([texture_image(int(texture)).width for texture in scenes.texture], "float64")
    levels = choose_level(1.0, np.minimum(size / (scenes.crop * sides), 1))
    for row in range(len(scenes)):
        texture = texture_image(int(scenes.texture[row]), int(levels[row]))
        side = texture.width * scenes.crop[row]
        centre = [side / 2 + (texture.width - side) * place for place in (scenes.crop_x[row], scenes.crop_y[row])]
        matrix = np.array(_TURNS[scenes.turn[row]]).reshape(2, 2) * (side / size)
        images[row] = _transformed(texture, size, matrix, centre, (size / 2, size / 2))
    return images


def _drawings(scenes, size):
    """Return premultiplied colours (n, size, size, 3) uint8, cover in [0, 255] and shadow in [0, 1], float32."""
    colours = np.empty((len(scenes), size, size, 4), "uint8")
    shadows = np.empty((len(scenes), size, size), "uint8")
    pixels = scenes.size * size * (CELL / (CELL - 2 * MARGIN))  # of the whole cell
    fine = choose_level(CELL, pixels)
    coarse = choose_level(CELL, np.minimum(pixels / 3, CELL))  # a shadow has soft edges
    cosine, sine = np.cos(scenes.angle), np.sin(scenes.angle)
    for row in range(len(scenes)):
        number = int(scenes.sprite[row])
        turn = np.array([[cosine[row], sine[row]], [-sine[row], cosine[row]]])
        turn[0] *= -1 if scenes.mirrored[row] else 1
        turn[1] /= scenes.stretch[row]
        x, y = scenes.x[row] * size, scenes.y[row] * size
        soft = sprite_image(number, int(coarse[row])).getchannel("a")
        shift = scenes.shadow_x[row] * size, scenes.shadow_y[row] * size
        for image, target, (dx, dy) in (
            (sprite_image(number, int(fine[row])), colours, (0.0, 0.0)),
            (soft, shadows, shift),
        ):
            scale = (image.width - 2 * FRAME) / pixels[row]
            target[row] = _transformed(image, size, turn * scale, (image.width / 2,) * 2, (x + dx, y + dy))
    return colours, colours[..., 3].astype("float32"), shadows.astype("float32") / 255


def _transformed(image, size, matrix, origin, centre):
    """Return an image seen through ``origin + matrix · (pixel - centre)``, black or transparent outside."""
    from PIL import Image

    (a, b), (d, e) = np.round(matrix * 65536) / 65536
    c, f = (
        round((start - first * centre[0] - second * centre[1]) * 65536) / 65536
        for start, first, second in ((origin[0], a, b), (origin[1], d, e))
    )
    return image.transform((size, size), Image.Transform.AFFINE, (a, b, c, d, e, f), Image.Resampling.BILINEAR)


def _illumination(scenes, size):
    """Return (n, size, size) factors that change evenly across the image."""
    place = ((np.arange(size) + 0.5) / size - 0.5).astype("float32")
    return 1 + _column(scenes.ramp[:, 0]) * place[None, None, :] + _column(scenes.ramp[:, 1]) * place[None, :, None]


def _grain(scenes, size, noise):
    """Return triangular noise, (n, 3, size, size) float32: the difference of two random bytes."""
    shape = (len(scenes), 3, size, size)
    first, second = (np.frombuffer(noise.bytes(int(np.prod(shape))), "uint8").reshape(shape) for _ in range(2))
    grain = first.astype("float32")
    grain -= second
    grain *= _column(scenes.grain / 104)[:, None]  # 104: standard deviation of the difference
    return grain


def _column(values):
    return np.asarray(values, "float32")[:, None, None]
