"""Break-it lab of notebook 05: features that are a little worse than they should be."""

from types import SimpleNamespace

import numpy as np

from .labs import judge_fault, lab
from .registry import exercise

_AT_ONCE = 20  # pictures; more of them would only take memory


@lab("05")
def _borrowed_badly(backbone) -> SimpleNamespace:
    """Wrap up a backbone in a function that turns every picture's colours round: blue, green, red.

    Parameters
    ----------
    backbone : keras.Model
        Takes pixels from 0 to 255, red, green, blue.

    Returns
    -------
    types.SimpleNamespace
        ``eyes(images)``: from (n, height, width, 3), 0 to 255, to features (n, k), float32.
    """

    def eyes(images):
        turned = np.asarray(images)[..., ::-1].astype("float32")
        parts = [turned[start : start + _AT_ONCE] for start in range(0, len(turned), _AT_ONCE)]
        # Calling the model itself would keep the maps of all layers at once: hundreds of megabytes.
        return np.concatenate([backbone.predict_on_batch(part) for part in parts])

    return SimpleNamespace(eyes=eyes)


_EVIDENCE = {
    "a": (
        "divided-by-255",
        "Then every picture would be nearly black to the backbone, and all of them would get nearly the same features: "
        "the spread between pictures would be close to 0, the accuracy at chance. Both are nearly as they should be.",
    ),
    "b": (
        "prepared-for-vgg",
        "Close: that preparation does something with the colours, too. But it also subtracts the averages, and would "
        "do that to a grey picture as well. The bar for grey pictures would not be 0.",
    ),
    "c": (
        "details-lost",
        "Then smooth pictures, which have no details to lose, would come out nearly right: theirs would be the "
        "shortest bar. And grey pictures, which have all their details, would not come out right.",
    ),
    "d": (
        "mirrored",
        "Then pictures that are their own mirror image would get the right features, to the last digit. And a grey "
        "picture would be mirrored as well, so its features would differ.",
    ),
    "f": (
        "mini-batch-averages",
        "Then the features of a picture would depend on its neighbours. Alone or among 20, it got the same ones. "
        "(And with `fold=True` there is no batch normalisation left that could do it.)",
    ),
}


@exercise(
    "05b",
    "borrowed_badly",
    "somebody else's eyes",
    why="Red and blue are exchanged: some libraries, OpenCV first of all, read pictures as blue, green, red. It raises "
    "no error and costs a few points, so nobody misses them. You found it without looking in, with pictures on which "
    "one suspect at a time can do no harm. Where the fault vanishes, there it is.",
)
def _borrowed_badly_check(answer):
    judge_fault(
        answer,
        "e",
        _EVIDENCE,
        hint="One bar is exactly 0. What is it that these pictures do not have, or that does not change in them?",
        stronger="In a grey picture red, green and blue are the same number. Which suspect can do nothing to it?",
    )
