import numpy as np
import pytest

from course_utils.checkpoints.packing import Content, Weight, packed, shrunk, unpacked
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


def test_the_same_content_gives_the_same_bytes():
    assert packed(CONTENT) == packed(CONTENT)


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("kernel", np.ones((3, 3, 1, 2)), "float16"),
        ("kernel", np.full((2, 2), 1e5), "float32"),
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
    import io

    file = io.BytesIO()
    np.savez(file, about=np.array([{"a": 1}], dtype=object))
    with pytest.raises(IntegrityError, match="not a checkpoint"):
        unpacked(file.getvalue())
