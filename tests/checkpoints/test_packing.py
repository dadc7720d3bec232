import io
import json
from dataclasses import replace

import numpy as np
import pytest

from course_utils.checkpoints.packing import Answers, Content, Weight, packed, shrunk, unpacked
from course_utils.errors import IntegrityError

CONTENT = Content(
    (Weight("conv1", "Conv2D", "kernel", np.ones((3, 3), "float16")), Weight("conv1", "Conv2D", "bias", np.zeros(3))),
    ("Conv2D padding=same",),
    {"loss": [2.5, 1.0]},
)


def test_when_packed_and_unpacked_then_nothing_is_lost():
    found = unpacked(packed(CONTENT))
    assert (found.layers, found.history) == (CONTENT.layers, CONTENT.history)
    for mine, theirs in zip(found.weights, CONTENT.weights, strict=True):
        assert (mine.layer, mine.kind, mine.variable) == (theirs.layer, theirs.kind, theirs.variable)
        assert mine.values.dtype == theirs.values.dtype
        np.testing.assert_array_equal(mine.values, theirs.values)


def test_answers_are_kept_with_the_shape_of_their_pictures():
    said = Answers((28, 28, 1), np.full((32, 10), 0.1, "float32"), 1)
    found = unpacked(packed(replace(CONTENT, answers=said))).answers
    assert (found.shape, found.pictures, found.values.dtype) == ((28, 28, 1), 1, "float32")
    np.testing.assert_array_equal(found.values, said.values)


def test_a_file_from_before_there_were_answers_has_none():
    assert unpacked(old_file()).answers is None
    assert packed(CONTENT) == old_file()


def old_file(weight=CONTENT.weights[0].values, history=CONTENT.history):
    names = [[one.layer, one.kind, one.variable] for one in CONTENT.weights]
    about = {"format": 1, "history": history, "layers": CONTENT.layers, "weights": names}
    text = np.frombuffer(json.dumps(about, sort_keys=True).encode(), "uint8")
    file = io.BytesIO()
    np.savez_compressed(file, about=text, **{"000": weight, "001": CONTENT.weights[1].values})
    return file.getvalue()


def test_when_what_is_in_the_file_makes_no_sense_then_it_says_so():
    for data in (old_file(np.array(["a", "b"])), old_file(history={"loss": 3}), old_file(history=[1])):
        with pytest.raises(IntegrityError, match="not a checkpoint"):
            unpacked(data)


def test_when_the_compressed_bytes_are_damaged_then_it_says_so():
    data = bytearray(packed(CONTENT))
    start = data.find(b"000.npy") + 30
    data[start : start + 20] = b"\xff" * 20
    with pytest.raises(IntegrityError, match="not a checkpoint"):
        unpacked(bytes(data))


def test_the_same_content_gives_the_same_bytes():
    assert packed(CONTENT) == packed(CONTENT)


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("kernel", np.ones((3, 3, 1, 2)), "float16"),
        ("kernel", np.full((2, 2), 1e5), "float32"),
        ("kernel", np.full((2, 2), 1e-8), "float32"),
        ("kernel", np.full((2, 2), 3.3e-6), "float32"),
        ("kernel", np.array([[1e-8, 0.1]]), "float16"),
        ("kernel", np.zeros((2, 2)), "float16"),
        ("bias", np.ones(3), "float32"),
        ("moving_variance", np.ones(3), "float32"),
        ("gamma", np.ones(3), "float32"),
    ],
)
def test_only_kernels_that_float16_can_hold_are_halved(name, values, kind):
    assert shrunk(name, values).dtype == kind


@pytest.mark.parametrize("data", [b"", b"nonsense", packed(CONTENT)[:-40], packed(CONTENT)[:100]])
def test_when_the_bytes_are_something_else_then_it_says_so(data):
    with pytest.raises(IntegrityError, match="not a checkpoint"):
        unpacked(data)


def test_when_there_is_an_object_in_the_file_then_it_is_not_unpickled():
    file = io.BytesIO()
    np.savez(file, about=np.array([{"a": 1}], dtype=object))
    with pytest.raises(IntegrityError, match="not a checkpoint"):
        unpacked(file.getvalue())
