import numpy as np
import pytest

keras = pytest.importorskip("keras")

from explain_samples import colour_model, noise_pictures, random_model  # noqa: E402

from course_utils.data import Split  # noqa: E402
from course_utils.errors import InputError, UnknownNameError  # noqa: E402
from course_utils.explain import feature_maps, strongest  # noqa: E402
from course_utils.explain.graph import graph_of  # noqa: E402
from course_utils.explain.receptive_field import fields, windows_of  # noqa: E402


def red_at(*corners, size=24):
    """Grey pictures, each with a red square of 3×3 pixels at a corner; brighter from picture to picture."""
    pictures = np.full((len(corners), size, size, 3), 90, dtype="uint8")
    for number, (picture, (row, column)) in enumerate(zip(pictures, corners, strict=True)):
        picture[row : row + 3, column : column + 3, 0] = 150 + 20 * number
    return pictures


def test_the_pictures_and_places_with_most_red_are_found():
    found = strongest(colour_model(), red_at((2, 3), (20, 10), (7, 21)), "bright", channel=0, n=2)
    assert found.layer == "bright" and found.exact
    np.testing.assert_array_equal(found.images, [2, 1])
    np.testing.assert_array_equal(found.places, [[7, 21], [20, 10]])  # the first of nine that are equal
    np.testing.assert_allclose(found.values, [100 / 255, 80 / 255], atol=1e-6)
    np.testing.assert_array_equal(found.windows, [[6, 20, 9, 23], [19, 9, 22, 12]])  # 3×3 around the place


def test_at_the_border_the_window_is_cut_off():
    found = strongest(colour_model(), red_at((0, 21)), "bright", channel=0)
    np.testing.assert_array_equal(found.windows, [[0, 20, 2, 23]])


@pytest.mark.parametrize("layer", ["first", "pool", "second"])
def test_all_channels_agree_with_their_feature_maps(layer):
    model, pictures = random_model(), noise_pictures(20)
    maps = feature_maps(model, pictures, layer)
    found = strongest(model, pictures, layer, n=4)
    peaks = maps.max(axis=(1, 2))  # (20, channels)
    assert found.images.shape == found.values.shape == (maps.shape[-1], 4)
    for channel in range(maps.shape[-1]):
        order = np.argsort(-peaks[:, channel], kind="stable")[:4]
        np.testing.assert_array_equal(found.images[channel], order)
        np.testing.assert_allclose(found.values[channel], peaks[order, channel], atol=1e-6)
        for value, image, (row, column) in zip(found.values[channel], order, found.places[channel], strict=True):
            assert maps[image, row, column, channel] == pytest.approx(value, abs=1e-6)


def test_one_channel_is_a_row_of_all_and_batches_make_no_difference():
    model, pictures = random_model(), noise_pictures(20)
    everything = strongest(model, pictures, "second")
    for other in (strongest(model, pictures, "second", 3), strongest(model, pictures, "second", 3, batch_size=3)):
        for name in ("images", "places", "windows"):
            np.testing.assert_array_equal(getattr(other, name), getattr(everything, name)[3])
        np.testing.assert_allclose(other.values, everything.values[3], atol=1e-6)
        assert other.images.shape == (9,) and other.windows.shape == (9, 4)


def test_the_window_alone_explains_the_value():
    model, pictures = random_model(), noise_pictures(5)
    found = strongest(model, pictures, "second", 1, n=5)
    for value, image, (top, left, bottom, right) in zip(found.values, found.images, found.windows, strict=True):
        alone = np.zeros((12, 12, 3), dtype="uint8")
        alone[top:bottom, left:right] = pictures[image, top:bottom, left:right]
        # Its place sees the same; other places may see the edge of the window.
        index = tuple(found.places[list(found.images).index(image)])
        assert feature_maps(model, alone, "second")[(0, *index, 1)] == pytest.approx(value, abs=1e-5)


def test_among_equals_the_first_come_first_and_there_may_be_fewer_than_n():
    pictures = np.tile(red_at((2, 3), (8, 9)), (100, 1, 1, 1))  # the second of each two is brighter
    found = strongest(colour_model(), pictures, "bright", 0, n=100, batch_size=150)
    np.testing.assert_array_equal(found.images, range(1, 200, 2))
    assert len(strongest(colour_model(), pictures[:5], "bright", 0).images) == 5
    silent = strongest(colour_model(), pictures, "bright", 1)
    assert not silent.values.any()


def test_when_the_path_is_not_simple_then_the_window_is_in_proportion():
    inputs = keras.Input((12, 12, 3))
    x = keras.layers.Resizing(9, 6)(inputs)
    model = keras.Model(inputs, keras.layers.ReLU(name="end")(x))
    found = strongest(model, noise_pictures(4), "end", channel=0)
    assert not found.exact
    maps = feature_maps(model, noise_pictures(4), "end")[..., 0]
    np.testing.assert_array_equal(found.values, maps[(found.images, *found.places.T)])
    top, left, bottom, right = np.moveaxis(found.windows, -1, 0)
    row, column = np.moveaxis(found.places, -1, 0)
    np.testing.assert_array_equal(left, column * 2)
    np.testing.assert_array_equal(right, column * 2 + 2)
    np.testing.assert_array_equal(top, np.floor(row * 12 / 9))
    np.testing.assert_array_equal(bottom, np.ceil((row + 1) * 12 / 9))


def test_when_a_place_sees_only_padding_then_its_window_is_not_empty():
    model = keras.Sequential([keras.Input((6, 6, 1)), keras.layers.ZeroPadding2D(2, name="pad")])
    found = strongest(model, np.zeros((1, 6, 6, 1), "uint8"), "pad", 0)
    np.testing.assert_array_equal(found.windows, [[0, 0, 1, 1]])
    seen = fields(graph_of(model), model.get_layer("pad"), (6, 6))
    np.testing.assert_array_equal(windows_of(seen, np.array([9, 9]), (10, 10), (6, 6)), [5, 5, 6, 6])


def test_a_split_is_taken_as_well():
    pictures = noise_pictures(4)
    split = Split(pictures, np.zeros(4, "int64"), ("noise",), "train", "noise")
    np.testing.assert_array_equal(strongest(random_model(), split).images, strongest(random_model(), pictures).images)


def test_photographs_on_the_disk_are_decoded_at_the_models_size(tmp_path):
    from PIL import Image

    from course_utils.data.photos import Photos, PhotoSplit

    paths = []
    for number, picture in enumerate(red_at(*[(4, 5)] * 5, size=48)):
        paths.append(tmp_path / f"{number}.png")
        Image.fromarray(picture).save(paths[-1])
    split = PhotoSplit(Photos(paths, image_size=48), np.zeros(5, "int64"), ("red",), "train", "tiny")
    found = strongest(colour_model(size=32), split, "bright", 0, n=2, batch_size=2)
    np.testing.assert_array_equal(found.images, [4, 3])
    assert (found.places < 8).all()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"channel": 4}, "channel must be a whole number from 0 to 3"),
        ({"channel": -1}, "channel"),
        ({"channel": "red"}, "channel"),
        ({"n": 0}, "n must be"),
        ({"batch_size": 0}, "batch_size"),
        ({"layer": "scores"}, "like a picture"),
        ({"images": noise_pictures(2, 16)}, r"12, 12, 3"),
        ({"images": noise_pictures() / 255}, "scaled twice"),
        ({"images": noise_pictures()[:0]}, "no images"),
        ({"model": "relu"}, "layers are known"),
    ],
)
def test_when_an_argument_makes_no_sense_then_the_error_says_so(arguments, words):
    with pytest.raises(InputError, match=words):
        strongest(**{"model": random_model(), "images": noise_pictures(), **arguments})


def test_when_a_layer_does_not_exist_then_the_nearest_is_named():
    with pytest.raises(UnknownNameError, match="Did you mean 'second'"):
        strongest(random_model(), noise_pictures(), "secnod")
