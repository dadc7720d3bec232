import hashlib

import numpy as np
import pytest

import course_utils as cu
from course_utils.errors import IntegrityError
from course_utils.models import efficientnet_lite
from course_utils.models.efficientnet_lite import SHA256, WEIGHTS, block_names, folded, read_weights
from course_utils.models.weights.build import class_table, convert, original_names


def test_when_read_then_kernels_are_float16_and_the_rest_float32_and_all_is_there():
    arrays = read_weights()
    assert sum(array.size for array in arrays.values()) == 4_694_024
    for name, array in arrays.items():
        assert array.dtype == ("float16" if name.endswith("kernel") else "float32") and np.isfinite(array).all(), name
    assert WEIGHTS.stat().st_size < 10_000_000
    assert (WEIGHTS.parent / "LICENSE-efficientnet_lite0.txt").read_text("utf-8").count("Apache License") > 1


@pytest.mark.parametrize(
    "damage", [lambda content: content[:-1], lambda content: b"", lambda content: content[:99] + b"?" + content[100:]]
)
def test_when_the_file_is_damaged_then_it_is_refused_before_use(tmp_path, monkeypatch, damage):
    path = tmp_path / "weights.npz"
    path.write_bytes(damage(WEIGHTS.read_bytes()))
    monkeypatch.setattr(efficientnet_lite, "WEIGHTS", path)
    with pytest.raises(IntegrityError, match=SHA256) as error:
        cu.backbone("efficientnet_lite0")
    assert str(path) in str(error.value) and "Install the course again" in str(error.value)


def test_when_the_file_is_missing_then_that_is_said(tmp_path):
    with pytest.raises(IntegrityError, match="cannot be read"):
        read_weights(tmp_path / "none.npz")


def test_when_folded_then_kernel_and_bias_do_what_both_layers_did():
    generator = np.random.default_rng(0)
    kernel = generator.normal(size=(1, 1, 5, 3)).astype("float32")
    parts = {part: generator.uniform(0.5, 2, 3).astype("float32") for part in ("gamma", "beta", "mean", "variance")}
    x = generator.normal(size=(7, 5)).astype("float32")
    expected = parts["gamma"] * (x @ kernel[0, 0] - parts["mean"]) / np.sqrt(parts["variance"] + 1e-3) + parts["beta"]
    new, bias = folded(kernel, {f"bn/{part}": array for part, array in parts.items()}, "bn", depthwise=False)
    np.testing.assert_allclose(x @ new[0, 0] + bias, expected, rtol=1e-4, atol=1e-5)


def test_when_the_original_is_converted_then_every_weight_finds_its_place_and_order():
    state = {}
    for ours, (convolution, bn) in original_names().items():
        shape = read_weights()[f"{ours}/kernel"].shape if ours == "stem_conv" else (1, 2, 3, 4)
        if ours != "stem_conv" and ours.endswith("dwconv"):
            shape = (1, 2, 4, 1)
        height, width, inner, outer = shape
        order = (inner, outer) if ours.endswith("dwconv") else (outer, inner)
        state[f"{convolution}.weight"] = np.arange(np.prod(shape), dtype="float32").reshape(*order, height, width)
        state |= {f"{bn}.{part}": np.ones(1) for part in ("weight", "bias", "running_mean", "running_var")}
    state |= {"_fc.weight": np.ones((5, 2), "float32"), "_fc.bias": np.ones(5, "float32")}
    arrays = convert(state | {"_bn0.num_batches_tracked": np.ones(1)})
    assert arrays["block2a_expand_conv/kernel"][0, 1, 2, 3] == state["_blocks.1._expand_conv.weight"][3, 2, 0, 1]
    assert arrays["block2a_dwconv/kernel"][0, 1, 2, 0] == state["_blocks.1._depthwise_conv.weight"][2, 0, 0, 1]
    assert arrays["predictions/kernel"].shape == (2, 5)
    with pytest.raises(ValueError, match="in the checkpoint"):
        convert(state | {"left_over": np.ones(3)})


def test_when_blocks_are_named_then_stages_count_on_and_letters_follow():
    names = [name for name, _, _ in block_names()]
    assert names[:4] == ["block1a", "block2a", "block2b", "block3a"] and len(names) == 16
    assert sum(stride == 2 for _, _, stride in block_names()) == 4


def test_when_classes_are_listed_then_their_order_is_that_of_the_output():
    classes = cu.imagenet_classes()
    assert [each.index for each in classes] == list(range(1000))
    assert [each.wnid for each in classes] == sorted({each.wnid for each in classes})
    known = {
        0: ("n01440764", "tench"),
        217: ("n02102040", "English springer"),
        482: ("n02979186", "cassette player"),
        491: ("n03000684", "chain saw"),
        497: ("n03028079", "church"),
        566: ("n03394916", "French horn"),
        569: ("n03417042", "garbage truck"),
        571: ("n03425413", "gas pump"),
        574: ("n03445777", "golf ball"),
        701: ("n03888257", "parachute"),
    }
    assert {index: (classes[index].wnid, classes[index].name) for index in known} == known


def test_when_the_class_table_is_rebuilt_from_another_order_then_it_is_refused(tmp_path):
    wnids = [each.wnid for each in cu.imagenet_classes()]
    lemmas = "\n".join(f"{each.wnid}\t{each.name}, other" for each in cu.imagenet_classes())
    (tmp_path / "imagenet_synset_to_lemma.txt").write_text(lemmas, "utf-8")
    (tmp_path / "imagenet_synsets.txt").write_text("\n".join(wnids))
    rebuilt = class_table(tmp_path).encode()
    shipped = (WEIGHTS.parent / "imagenet_classes.tsv").read_bytes()
    assert hashlib.sha256(rebuilt).digest() == hashlib.sha256(shipped.replace(b"\r\n", b"\n")).digest()
    (tmp_path / "imagenet_synsets.txt").write_text("\n".join(wnids[::-1]))
    with pytest.raises(ValueError, match="order"):
        class_table(tmp_path)
