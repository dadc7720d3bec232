"""Pictures for a widget that was given none: the bundled sample of a data set, read without an announcement."""

import functools

BOOT = 2  # the first ankle boot among the training pictures of Fashion-MNIST's sample


@functools.cache
def sample_images(name="fashion_mnist"):
    """Return the training pictures of a bundled sample.

    Parameters
    ----------
    name : str
        ``"mnist"`` or ``"fashion_mnist"``.

    Returns
    -------
    ndarray, (n, 28, 28, 1), uint8 in [0, 255]
        Read-only.
    """
    from ..data import catalog, reading, sources

    card = catalog.card(name)
    images = reading.read_sample(card, sources.sample(card)).arrays["x_train"]
    images.flags.writeable = False
    return images
