"""What augmentation does to pixels: the arithmetic of Keras's layers, with the chance taken out.

Each function makes several pictures out of one, one for each amount. Keras's layers draw the amounts by lot; given the
same amounts, they answer the same pixels. All pictures are float32 in [0, 255].
"""

import numpy as np

GREY = 128  # what cutout puts in the place of the pixels


def mirrored(picture, flips, axis=1):
    """Mirror a picture, or leave it, as ``RandomFlip`` does.

    Parameters
    ----------
    picture : ndarray, (height, width, channels), float32
    flips : array_like, (n,), bool
    axis : int
        1: left to right, 0: top to bottom.

    Returns
    -------
    ndarray, (n, height, width, channels), float32

    Examples
    --------
    >>> mirrored(np.array([[[1.0], [2.0]]]), [False, True])[..., 0].tolist()
    [[[1.0, 2.0]], [[2.0, 1.0]]]
    """
    other = np.flip(picture, axis)
    return np.stack([other if flip else picture for flip in flips])


def turned(picture, degrees):
    """Turn a picture about its middle, as ``RandomRotation`` does.

    Parameters
    ----------
    picture : ndarray, (height, width, channels), float32
    degrees : array_like, (n,)
        Counter-clockwise.

    Returns
    -------
    ndarray, (n, height, width, channels), float32
        Between pixels, the mean of the four neighbours counts (bilinear); what opens up at the corners is filled with
        mirrored pixels (``fill_mode="reflect"``).
    """
    angles = np.deg2rad(np.asarray(degrees, dtype="float64"))
    cosine, sine = np.cos(angles), np.sin(angles)
    # Where in the old picture a pixel (row, column) of the new one comes from.
    matrices = np.stack([np.stack([cosine, sine], 1), np.stack([-sine, cosine], 1)], 1)  # (n, 2, 2)
    return _about_the_middle(picture, matrices)


def moved(picture, down, right):
    """Move a picture, as ``RandomTranslation`` with ``interpolation="nearest"`` does: by whole pixels.

    Parameters
    ----------
    picture : ndarray, (height, width, channels), float32
    down, right : array_like, (n,)
        In pixels; what opens up at the border is filled with mirrored pixels.

    Returns
    -------
    ndarray, (n, height, width, channels), float32

    Examples
    --------
    >>> moved(np.arange(4.0).reshape(1, 4, 1), [0], [1])[0, 0, :, 0].tolist()
    [0.0, 0.0, 1.0, 2.0]
    """
    offsets = -np.stack([np.asarray(down, dtype="float64"), np.asarray(right, dtype="float64")], 1)
    return _sampled(picture, np.broadcast_to(np.eye(2), (len(offsets), 2, 2)), offsets, order=0)


def zoomed(picture, factors):
    """Make a picture smaller (factor above 1) or larger (below 1), as ``RandomZoom`` does.

    Parameters
    ----------
    picture : ndarray, (height, width, channels), float32
    factors : array_like, (n,)
        How much of the old picture's height and width the new one shows; the rest is mirrored pixels.

    Returns
    -------
    ndarray, (n, height, width, channels), float32
    """
    return _about_the_middle(picture, np.asarray(factors)[:, np.newaxis, np.newaxis] * np.eye(2))


def erased(picture, share, top, left):
    """Put a grey patch over a picture (cutout), as ``RandomErasing`` with ``fill_value=128`` does.

    Parameters
    ----------
    picture : ndarray, (height, width, channels), float32
    share : float in [0, 1]
        Of the picture's area; the patch has its proportions.
    top, left : array_like, (n,), float in [0, 1]
        Where the patch is: 0 at one border, 1 at the other.

    Returns
    -------
    ndarray, (n, height, width, channels), float32
    """
    inside = [
        (first <= pixel) & (pixel < first + length * share**0.5)
        for length, place in zip(picture.shape[:2], (top, left), strict=True)
        for first in [(np.asarray(place) * length * (1 - share**0.5))[:, np.newaxis]]
        for pixel in [np.arange(length)]
    ]
    patch = inside[0][:, :, np.newaxis] & inside[1][:, np.newaxis, :]  # (n, height, width)
    return np.where(patch[..., np.newaxis], np.float32(GREY), picture)


def brightened(picture, amounts):
    """Add a share of 255 to every pixel, as ``RandomBrightness`` does; what leaves the range is cut off.

    Examples
    --------
    >>> brightened(np.full((1, 1, 1), 100.0), [0.2, -1])[:, 0, 0, 0].tolist()
    [151.0, 0.0]
    """
    return np.clip(picture + 255 * _column(amounts), 0, 255).astype("float32")


def contrasted(picture, factors):
    """Stretch the distances from each channel's mean, as ``RandomContrast`` does; what leaves the range is cut off.

    Examples
    --------
    >>> contrasted(np.array([[[90.0], [110.0]]]), [0.5, 2])[:, 0, :, 0].tolist()
    [[95.0, 105.0], [80.0, 120.0]]
    """
    mean = picture.mean(axis=(0, 1))
    return np.clip((picture - mean) * _column(factors) + mean, 0, 255).astype("float32")


def saturated(picture, factors):
    """Make colours paler (factor below 1) or stronger (above 1), as ``RandomSaturation`` does.

    In the model hue, saturation, value: the saturation is multiplied, hue and value (the largest of the three channels)
    stay. What leaves the range is cut off here; Keras's layer lets colours go below 0.

    Examples
    --------
    >>> saturated(np.array([[[200.0, 100.0, 150.0]]]), [0.5])[0, 0, 0].tolist()
    [200.0, 150.0, 175.0]
    """
    value = picture.max(axis=2, keepdims=True)
    return np.clip(value + (picture - value) * _column(factors), 0, 255).astype("float32")


def hue_turned(picture, turns):
    """Turn the circle of colours, as ``RandomHue`` does; brightness and strength of the colours stay.

    Parameters
    ----------
    picture : ndarray, (height, width, 3), float32
    turns : array_like, (n,)
        1/3 makes red green, green blue, and blue red.

    Returns
    -------
    ndarray, (n, height, width, 3), float32

    Examples
    --------
    >>> hue_turned(np.array([[[200.0, 0.0, 0.0]]]), [1 / 3])[0, 0, 0].round().tolist()
    [0.0, 200.0, 0.0]
    """
    value = picture.max(axis=2)
    chroma = value - picture.min(axis=2)
    red, green, blue = np.moveaxis(picture, 2, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        sixths = np.where(
            value == red,
            (green - blue) / chroma,
            np.where(value == green, 2 + (blue - red) / chroma, 4 + (red - green) / chroma),
        )
    sixths = np.nan_to_num(sixths, posinf=0, neginf=0).astype("float32")  # grey has no hue
    colours = np.empty((len(turns), *picture.shape), dtype="float32")
    for channel, start in enumerate((5, 3, 1)):
        places = sixths + (6 * _column(turns)[..., 0] + np.float32(start))  # (n, height, width)
        places -= 6 * np.floor(places / 6)
        colours[..., channel] = value - chroma * np.clip(np.minimum(places, 4 - places), 0, 1)
    return colours


def mixed(picture, others, shares):
    """Blend a picture with others, as ``MixUp`` does.

    Parameters
    ----------
    picture : ndarray, (height, width, channels), float32
    others : ndarray, (n, height, width, channels), float32
    shares : array_like, (n,), float in [0, 1]
        What the picture itself keeps; its label keeps the same share.

    Returns
    -------
    ndarray, (n, height, width, channels), float32
    """
    shares = _column(shares)
    return (shares * picture + (1 - shares) * others).astype("float32")


def _about_the_middle(picture, matrices):
    middle = (np.array(picture.shape[:2]) - 1) / 2
    return _sampled(picture, matrices, middle - matrices @ middle, order=1)


def _sampled(picture, matrices, offsets, order):
    """Fetch each pixel from ``matrix @ (row, column) + offset`` of the old picture."""
    from scipy import ndimage

    found = np.empty((len(matrices), *picture.shape), dtype="float32")
    for n, (matrix, offset) in enumerate(zip(matrices, offsets, strict=True)):
        for channel in range(picture.shape[2]):
            # SciPy's "reflect" is that of Keras: d c b a | a b c d | d c b a.
            ndimage.affine_transform(
                picture[..., channel], matrix, offset, output=found[n, ..., channel], order=order, mode="reflect"
            )
    return found


def _column(numbers):
    return np.asarray(numbers, dtype="float32").reshape(-1, 1, 1, 1)
