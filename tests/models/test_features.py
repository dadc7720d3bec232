"""Features: computed once per image, found again whatever asks for them."""

import errno
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

import course_utils as cu
from course_utils.data import Split
from course_utils.data.photos import Photos, PhotoSplit
from course_utils.errors import DataError, InputError
from course_utils.models import extraction, feature_store, forward
from course_utils.settings import get_settings


def small_model(size=8, seed=1):
    keras.utils.set_random_seed(seed)
    return keras.Sequential(
        [
            keras.Input((size, size, 3)),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(4, 3, activation="relu"),
            keras.layers.BatchNormalization(),
            keras.layers.GlobalAveragePooling2D(),
        ]
    )


def arrays(n=20, size=8, seed=0):
    generator = np.random.default_rng(seed)
    images = generator.integers(0, 256, (n, size, size, 3), dtype="uint8")
    return Split(images, np.arange(n) % 2, ("a", "b"), "train", "tiny")


@pytest.fixture
def photos(tmp_path):
    """12 photographs of 16 pixels, read at 32."""
    generator = np.random.default_rng(3)
    paths = []
    for number in range(12):
        path = tmp_path / "Fotos ü" / "train" / "ab"[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(generator.integers(0, 256, (16, 16, 3), dtype="uint8")).save(path)
        paths.append(str(path))
    return PhotoSplit(Photos(paths, image_size=32), np.arange(12) % 2, ("a", "b"), "train", "tiny")


@pytest.fixture
def pushed(monkeypatch):
    """How many images went through a model, call by call."""
    counts, outputs = [], forward.outputs

    def counted(model, split, places, batch_size):
        counts.append(len(places))
        return outputs(model, split, places, batch_size)

    monkeypatch.setattr(forward, "outputs", counted)
    return counts


def test_when_computed_then_they_are_the_models_output_in_the_order_of_the_labels():
    model, split = small_model(), arrays()
    expected = keras.ops.convert_to_numpy(model(split.images, training=False))
    found = cu.features(model, split, batch_size=6)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-6)


def test_when_asked_again_then_nothing_is_computed_and_the_numbers_are_the_same(pushed, capsys):
    first = cu.features(small_model(), arrays())
    second = cu.features(small_model(), arrays())
    assert pushed == [20]
    np.testing.assert_array_equal(first, second)
    assert "20 images from the cache in" in capsys.readouterr().out.splitlines()[-1]


def test_when_a_subset_or_a_split_asks_then_rows_are_reused_and_only_new_images_computed(pushed):
    model, split = small_model(), arrays()
    half = cu.features(model, split[:10])
    train, validation = split.split(0.25, seed=1)
    parts = cu.features(model, train), cu.features(model, validation)
    everything = cu.features(model, split)
    assert sum(pushed) == 20
    np.testing.assert_array_equal(everything[:10], half)
    np.testing.assert_array_equal(cu.features(model, split[::-1]), everything[::-1])
    assert len(parts[0]) == 15 and sum(pushed) == 20


def test_when_the_same_image_occurs_twice_then_it_is_computed_once(pushed):
    split = arrays(6)[[0, 1, 1, 0, 2]]
    found = cu.features(small_model(), split)
    assert pushed == [3]
    np.testing.assert_array_equal(found[0], found[3])
    np.testing.assert_array_equal(found[1], found[2])


def test_when_one_weight_changes_then_everything_is_computed_anew(pushed):
    model, split = small_model(), arrays()
    before = cu.features(model, split)
    kernel, bias = model.layers[1].get_weights()
    kernel[0, 0, 0, 0] += 0.25
    model.layers[1].set_weights([kernel, bias])
    after = cu.features(model, split)
    assert pushed == [20, 20] and (before[:, 0] != after[:, 0]).any()


def test_when_photographs_are_given_then_the_features_are_those_of_the_decoded_pixels(photos, pushed):
    model = small_model(32)
    found = cu.features(model, photos, batch_size=5)
    in_memory = cu.features(model, photos.load())
    np.testing.assert_allclose(found, in_memory, atol=2e-3)  # load() rounds the pixels
    np.testing.assert_array_equal(cu.features(model, photos[[7, 2]]), found[[7, 2]])
    np.testing.assert_array_equal(cu.features(model, photos.without(photos[:8])), found[8:])
    assert pushed == [12, 12]


def test_when_a_photograph_changes_then_it_alone_is_computed_anew(photos, pushed):
    model = small_model(32)
    before = cu.features(model, photos)
    Image.new("RGB", (16, 16), (200, 10, 10)).save(photos.paths[4])
    after = cu.features(model, photos)
    assert pushed == [12, 1]
    assert (before[4] != after[4]).any()
    np.testing.assert_array_equal(np.delete(before, 4, 0), np.delete(after, 4, 0))


def test_when_the_model_takes_another_size_then_the_photographs_are_decoded_at_that_size(photos, pushed):
    assert cu.features(small_model(48), photos).shape == (12, 4)
    anywhere = keras.Sequential([keras.Input((None, None, 3)), keras.layers.GlobalAveragePooling2D()])
    cu.features(anywhere, photos)
    cu.features(anywhere, photos.at(64))  # any size fits: the split's counts
    assert pushed == [12, 12, 12]


def test_when_a_photograph_is_gone_then_it_is_named(photos):
    Path(photos.paths[3]).unlink()
    with pytest.raises(DataError, match=r"[/\\]3\.png"):
        cu.features(small_model(32), photos)


def test_when_a_part_of_a_model_is_asked_then_its_maps_come_in_half_the_memory():
    model = small_model()
    stage = keras.Model(model.inputs, model.layers[1].output)
    maps = cu.features(stage, arrays(), dtype="float16")
    assert maps.shape == (20, 6, 6, 4) and maps.dtype == np.float16
    np.testing.assert_array_equal(maps, cu.features(stage, arrays()))


def test_when_numbers_are_too_large_for_float16_then_they_are_kept_as_they_are(pushed):
    large = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Rescaling(1e6), keras.layers.GlobalMaxPooling2D()])
    first, second = cu.features(large, arrays()), cu.features(large, arrays())
    assert np.isfinite(first).all() and first.max() > 1e8 and pushed == [20]
    np.testing.assert_array_equal(first, second)
    with pytest.raises(InputError, match="float32"):
        cu.features(large, arrays(), dtype="float16")


def test_when_interrupted_then_what_is_done_is_kept_and_the_next_call_goes_on(monkeypatch, pushed, capsys):
    model, split = small_model(), arrays()
    outputs = forward.outputs

    def stopped(*arguments):
        for number, rows in enumerate(outputs(*arguments)):
            if number == 3:
                raise KeyboardInterrupt
            yield rows

    with monkeypatch.context() as patch:
        patch.setattr(forward, "outputs", stopped)
        with pytest.raises(KeyboardInterrupt):
            cu.features(model, split, batch_size=4)
    assert "stopped after 12 of 20 images" in capsys.readouterr().out
    cu.features(model, split, batch_size=4)
    assert pushed == [20, 8]
    assert "8 images (12 others were in the cache)" in capsys.readouterr().out


def test_when_the_model_answers_nan_then_the_first_image_is_named():
    model = small_model()
    model.layers[2].set_weights([np.full(4, np.nan, "float32"), *model.layers[2].get_weights()[1:]])
    with pytest.raises(InputError, match="image 0 of the split"):
        cu.features(model, arrays())


def test_when_memory_would_not_suffice_then_that_is_said_before_anything_is_computed(monkeypatch, pushed):
    import psutil

    monkeypatch.setattr(psutil, "virtual_memory", lambda: type("Memory", (), {"available": 100})())
    with pytest.raises(InputError, match="GlobalAveragePooling2D"):
        cu.features(small_model(), arrays())
    assert pushed == []


def test_when_the_output_is_huge_then_it_is_returned_but_not_kept(monkeypatch, pushed, capsys):
    monkeypatch.setattr(extraction, "MOST_BYTES", 100)
    cu.features(small_model(), arrays())
    cu.features(small_model(), arrays())
    assert pushed == [20, 20] and "not kept" in capsys.readouterr().out


def test_when_the_disk_is_full_then_the_features_are_returned_and_it_is_said_that_they_are_not_kept(
    monkeypatch, capsys
):
    def full(*arguments, **options):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    model, split = small_model(), arrays()
    expected = keras.ops.convert_to_numpy(model(split.images, training=False))
    np.testing.assert_allclose(cu.features(model, split), expected, rtol=1e-3, atol=1e-6)
    assert "not kept for the next time: The disk is full" in capsys.readouterr().out


def test_when_a_part_of_the_cache_is_damaged_then_only_its_images_are_computed_anew(pushed, capsys):
    model, split = small_model(), arrays()
    whole = cu.features(model, split[:12])
    (part,) = (get_settings().cache_dir / "features").rglob("*.npz")
    cu.features(model, split)
    part.write_bytes(part.read_bytes()[:-40])
    np.testing.assert_array_equal(cu.features(model, split)[:12], whole)
    assert pushed == [12, 8, 12] and "1 damaged part of the cache computed anew" in capsys.readouterr().out


def test_when_the_graphics_memory_is_full_then_a_smaller_batch_is_advised(monkeypatch):
    class ResourceExhaustedError(Exception):
        pass

    def full(model):
        def forward(images):
            raise ResourceExhaustedError

        return forward

    monkeypatch.setattr(forward, "compiled", full)
    with pytest.raises(InputError, match="batch_size=16"):
        cu.features(small_model(), arrays())


@pytest.mark.parametrize(
    ("model", "split", "options", "match"),
    [
        ("model", None, {}, "Keras model"),
        (None, np.zeros((2, 8, 8, 3)), {}, "data.train"),
        (None, arrays(4, size=9), {}, "9, 9, 3"),
        (None, arrays(4)[:0], {}, "no images"),
        (None, arrays(4), {"batch_size": 0}, "batch_size"),
        (None, arrays(4), {"dtype": "float64"}, "float16"),
        (None, Split(np.random.default_rng(0).random((4, 8, 8, 3)), np.zeros(4, int), ("a",)), {}, "twice|already"),
    ],
)
def test_when_something_does_not_fit_then_it_is_said(model, split, options, match):
    with pytest.raises(InputError, match=match):
        cu.features(model or small_model(), split, **options)


def test_when_the_store_is_used_then_no_temporary_file_is_left():
    cu.features(small_model(), arrays())
    files = [path.name for path in (get_settings().cache_dir / "features").rglob("*") if path.is_file()]
    assert sorted(name.endswith(".npz") for name in files) == [False, True] and ".lock" in files
    assert feature_store.KEPT_BYTES > feature_store.MOST_BYTES
