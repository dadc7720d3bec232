"""Draw a digit or a garment, see it prepared step by step, and what a network takes it for."""

import numpy as np

from ..errors import InputError, UnknownNameError
from ..inputs import model_rescales
from ..plots.alt import listing, number
from ..plots.style import COUNT_MAP
from .albums import named, sure, unpacked
from .controls import Drawing, Toggle
from .explorer import Explorer
from .handwriting import SIZE, drawn, from_url, prepared, shrunk, to_url
from .panels import Group, Mark, Numbers, Picture, View
from .pixels import fills, shown

_SHEET = 280
_ZOOM = 6  # CSS pixels for a pixel of the small pictures
_STEPS_WIDTH = 610  # the widest drawing's steps fit beside each other, and the answers stay where they are

# What is drawn in the still picture: for each kind a pen and strokes of it. A 2, small and off the middle; trousers.
_TWO = (
    (58, 62),
    (64, 47),
    (80, 38),
    (98, 42),
    (106, 56),
    (104, 72),
    (92, 90),
    (74, 108),
    (58, 124),
    (56, 128),
    (112, 128),
)
_TROUSERS = (
    ((110, 50), (170, 50)),
    ((110, 75), (170, 75)),
    ((112, 75), (102, 235)),
    ((168, 75), (178, 235)),
    ((120, 60), (160, 60)),
)
KINDS = {
    "digit": (20, (_TWO,), "MNIST"),
    "garment": (28, _TROUSERS, "Fashion-MNIST"),
}


def draw_and_classify(model, classes, *, examples=None, preprocess="digit"):
    """Draw with mouse, finger, pen or keys; see how the drawing is prepared, and what a network answers.

    Parameters
    ----------
    model : keras.Model or callable
        Takes pictures of shape (28, 28, 1), (28, 28) or (784,): from 0 to 255 if it begins with ``Rescaling``, else
        from 0 to 1. A function is given uint8 (n, 28, 28, 1), as `evaluate` does. Returns probabilities or logits.
    classes : sequence of str
    examples : split or (images, labels), optional
        Pictures the model knows; one of the class it answers is shown beside the drawing.
    preprocess : str, default "digit"
        ``"digit"`` prepares as MNIST's authors did, ``"garment"`` as those of Fashion-MNIST.

    Returns
    -------
    Explorer

    Raises
    ------
    InputError
        If the model takes other pictures, or has not one answer for each class.
    UnknownNameError
        If there is no such preparation.
    """
    if preprocess not in KINDS:
        raise UnknownNameError("preparation", str(preprocess), list(KINDS))
    classes = tuple(str(name) for name in classes)
    answer = answerer(model, len(classes))
    known = _one_of_each(examples, len(classes))
    pen, strokes, data = KINDS[preprocess]
    controls = (
        Drawing("drawing", "your drawing", size=_SHEET, pen=pen),
        Toggle("prepare", f"prepare as {data} did", True),
    )

    def show(values, changed):
        return drawing_view(answer, classes, known, preprocess, values)

    example = to_url(drawn(strokes, _SHEET, pen))
    stills = ({"drawing": example, "prepare": True}, {"drawing": example, "prepare": False})
    return Explorer("Draw and classify", controls, show, stills=stills)


def answerer(model, count):
    """Return a function from pictures, (n, 28, 28) uint8, to probabilities, (n, count).

    Parameters
    ----------
    model : keras.Model or callable
    count : int
        Of classes.

    Raises
    ------
    InputError
        As `draw_and_classify`.
    """
    if not callable(model):
        raise InputError(
            "This cannot classify a drawing.", expected="a Keras model or a function", found=repr(type(model))
        )
    keras_model = hasattr(model, "layers")
    shape = _shape(model) if keras_model else (SIZE, SIZE, 1)
    scale = np.float32(1 / 255) if keras_model and model_rescales(model) is False else 1

    def answer(pictures):
        batch = pictures.reshape(-1, *shape)
        if not keras_model:
            return _probabilities(np.asarray(model(batch)), len(batch), count)
        # The graph is built once, for two pictures, and answers faster than a direct call of the model.
        return _probabilities(model.predict_on_batch(batch.astype("float32") * scale), len(batch), count)

    answer(np.zeros((2, SIZE, SIZE), dtype="uint8"))
    return answer


def _shape(model):
    wanted = getattr(model, "input_shape", None) if getattr(model, "built", False) else None
    if wanted is None:
        return (SIZE, SIZE, 1)
    for shape in ((SIZE, SIZE, 1), (SIZE, SIZE), (SIZE * SIZE,)):
        if len(wanted) == len(shape) + 1 and all(
            ours in (size, None) for size, ours in zip(shape, wanted[1:], strict=True)
        ):
            return shape
    raise InputError(
        "This model does not take pictures like those of MNIST.",
        expected="input shape (None, 28, 28, 1), (None, 28, 28) or (None, 784)",
        found=f"{wanted}",
    )


def _probabilities(scores, n, count):
    if scores.shape != (n, count):
        raise InputError(
            "The model must answer one number for each class.",
            expected=f"shape ({n}, {count}) for {n} pictures and {count} classes",
            found=f"shape {scores.shape}",
        )
    if scores.min() >= 0 and np.allclose(scores.sum(axis=1), 1, atol=0.01):
        return scores
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))  # logits
    return powers / powers.sum(axis=1, keepdims=True)


def _one_of_each(examples, count):
    """Return {class number: picture} with the first of each class."""
    if examples is None:
        return {}
    images, labels, _ = unpacked(*examples) if isinstance(examples, tuple) else unpacked(examples)
    if labels is None:
        raise InputError("examples need their labels.", fix="examples=data.train, or examples=(images, labels)")
    firsts = {number: np.flatnonzero(labels == number) for number in range(count)}
    return {number: shown(images[found[0]]) for number, found in firsts.items() if len(found)}


def drawing_view(answer, classes, examples, kind, values):
    """Return the widget's view: the steps from the drawing to the network's picture, and the answers.

    Parameters
    ----------
    answer : callable
        Pictures (n, 28, 28), uint8, to probabilities (n, classes).
    classes : sequence of str
    examples : dict of int to ndarray
        A picture for each class, as far as there are any.
    kind : str
        ``"digit"`` or ``"garment"``.
    values : dict
        ``drawing`` (a data URL) and ``prepare`` (bool).
    """
    sheet = from_url(values["drawing"], _SHEET)
    steps = prepared(sheet, kind)
    if steps is None:
        return View((), "Draw something on the black sheet: with the mouse, a finger or a pen, or with the keys.")
    both = answer(np.stack([steps.picture, shrunk(sheet)]))
    shares = both[0 if values["prepare"] else 1]
    best = int(shares.argmax())
    pictures = _steps(sheet, steps, kind) if values["prepare"] else _plainly(sheet)
    if best in examples:
        title = f"one it learned from: {named(classes, best)}"
        pictures.append(Picture("example", title, examples[best], "for comparison.", width=_ZOOM * SIZE))
    words = " ".join(f"{picture.title}: {picture.alt}" for picture in pictures)
    panels = (Group("steps", "from your drawing to what the network gets", tuple(pictures), words, _STEPS_WIDTH),)
    panels += (_answers(shares, classes),)
    data = KINDS[kind][2]
    said = [f"{named(classes, int(row.argmax()))} ({sure(row.max())})" for row in both]
    verdict = "The same answer" if both[0].argmax() == both[1].argmax() else "Another answer"
    message = f"Prepared as {data} did: {said[0]}. Only shrunk to 28×28: {said[1]}. {verdict}."
    return View(panels, message)


def _steps(sheet, steps, kind):
    top, left, height, width = steps.box
    rows, columns = steps.small.shape
    middle = "centre of mass in the middle" if kind == "digit" else "its box in the middle"
    ink = np.argwhere(steps.picture)
    return [
        Picture(
            "drawing",
            "1. drawing and box",
            sheet,
            f"the ink lies in a box {width} wide and {height} high, {left} from the left and {top} from the top.",
            width=_SHEET // 2,
            smooth=True,
            marks=(Mark(top, left, height, width),),
        ),
        Picture("cut", "2. cut out", steps.cut, f"{width} by {height} pixels.", width=max(20, width // 2), smooth=True),
        Picture(
            "small",
            f"3. shrunk to {columns}×{rows}",
            steps.small,
            f"the longer side has {max(rows, columns)} pixels; the rims of the strokes are grey.",
            width=_ZOOM * columns,
        ),
        Picture(
            "picture",
            f"4. {middle}",
            steps.picture,
            f"28 by 28 pixels, ink in rows {ink[:, 0].min()} to {ink[:, 0].max()} "
            f"and columns {ink[:, 1].min()} to {ink[:, 1].max()}; this is what the network gets.",
            width=_ZOOM * SIZE,
        ),
    ]


def _plainly(sheet):
    small = shrunk(sheet)
    alt = f"28 by 28 pixels, {number(np.mean(small > 0) * 100)} % of them with ink; this is what the network gets."
    return [
        Picture("drawing", "1. your drawing", sheet, "as it was drawn.", width=_SHEET // 2, smooth=True),
        Picture("picture", "2. only shrunk to 28×28", small, alt, width=_ZOOM * SIZE),
    ]


def _answers(shares, classes):
    background, ink = fills(shares[:, np.newaxis], 1.0, COUNT_MAP)
    order = np.argsort(-shares, kind="stable")
    alt = listing(f"{named(classes, int(index))} {_share(shares[index])}" for index in order[:3])
    return Numbers(
        "answers",
        "its answers",
        shares[:, np.newaxis],
        f"most likely {alt}.",
        texts=[[_share(share)] for share in shares],
        fills=background,
        inks=ink,
        marks=(Mark(int(order[0]), 0),),
        names=tuple(classes),
        cell=84,
    )


def _share(probability):
    return sure(probability) if probability >= 0.005 else "< 1 %"
