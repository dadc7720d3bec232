"""Break-it lab of notebook 01: a sky full of speckles."""

from types import SimpleNamespace

import numpy as np

from .labs import judge_fault, lab
from .registry import exercise

_GREY = np.array([0.299, 0.587, 0.114])  # shares of red, green, blue: ITU-R BT.601


@lab("01")
def _edge_finder(photo) -> SimpleNamespace:
    """Make a photograph grey, and subtract from each pixel its left neighbour: in uint8, where −1 is 255.

    Parameters
    ----------
    photo : ndarray, (height, width, 3), uint8 in [0, 255]

    Returns
    -------
    types.SimpleNamespace
        ``grey``, (height, width) uint8, is right; ``edges``, (height, width - 1) float32 in [0, 1], is not.
    """
    grey = np.rint(np.asarray(photo) @ _GREY).astype("uint8")
    return SimpleNamespace(grey=grey, edges=(grey[:, 1:] - grey[:, :-1]).astype("float32") / 255)


_EVIDENCE = {
    "a": (
        "channels-swapped",
        "Another mixture of the channels makes whole areas a little lighter or darker. But pixels that are nearly "
        "alike stay nearly alike in any mixture: the sky would keep differences near 0. The speckles are near 1.",
    ),
    "b": (
        "rows-and-columns",
        "Then the posts would be silent and the eaves bright. Here the posts are in the right place: "
        "compare the two pictures of edges at the posts.",
    ),
    "c": (
        "kernel-turned",
        "Turning [−1, 1] by 180° changes the sign of every answer, and nothing else: the histogram would be "
        "mirrored at 0, with as many negative numbers as before. Here there is not a single negative number.",
    ),
    "e": (
        "cut-off-not-rounded",
        "Cutting off instead of rounding changes a pixel by less than one step of 255, that is 0.004. "
        "The speckles are near 1: hundreds of such steps.",
    ),
    "f": (
        "clipped",
        "Clipping makes bright places equally white. Between equal pixels the difference is 0, so there would be "
        "fewer answers in the sky, not more. And `lab.grey` has no white patches.",
    ),
}


@exercise(
    "01b",
    "speckles",
    "the speckled sky",
    why="The sky darkens by a single step here and there, and in `uint8` −1 is 255: the faintest changes became the "
    "strongest answers. Converting to float afterwards is too late. A mountain at the far end of a histogram, "
    "where there should be next to nothing, is how wrap-around gives itself away.",
)
def _speckles_check(answer):
    judge_fault(
        answer,
        "d",
        _EVIDENCE,
        hint="Where in the histogram is the mountain that should not be there? What lies just to the left of 0 "
        "in the right picture's histogram, and where has it gone?",
        stronger="Section 5, the second half of the trap.",
    )
