"""Feature map browser: weights, maps, windows and the pictures that excite a filter are those of Keras."""

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from explain_samples import colour_model, patches  # noqa: E402
from widget_samples import assert_quick, photo_split, seconds_of, use  # noqa: E402

import course_utils as cu  # noqa: E402
from course_utils.data.dataset import Split  # noqa: E402
from course_utils.errors import InputError, UnknownNameError  # noqa: E402
from course_utils.plots import alt_text  # noqa: E402
from course_utils.widgets.feature_maps import kernels_of  # noqa: E402
from course_utils.widgets.pixels import tinted  # noqa: E402

layers = keras.layers
RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (40, 16, 16, 1), dtype="uint8")
LABELS = np.arange(40) % 2
SPLIT = Split(IMAGES, LABELS, ("cat", "dog"))


def small_model(size=16, depth=1, filters=(3, 5)):
    """Return a network of the same family as LeNet."""
    keras.utils.set_random_seed(1)
    return keras.Sequential(
        [
            keras.Input((size, size, depth)),
            layers.Rescaling(1 / 255, name="scale"),
            layers.Conv2D(filters[0], 5, padding="same", activation="relu", name="conv1"),
            layers.AveragePooling2D(2, name="pool1"),
            layers.Conv2D(filters[1], 3, name="conv2"),
            layers.BatchNormalization(name="norm"),
            layers.ReLU(name="relu"),
            layers.MaxPooling2D(2, name="pool2"),
            layers.Flatten(name="flatten"),
            layers.Dense(2, activation="softmax", name="answers"),
        ]
    )


def of_keras(model, name, images):
    """Return a layer's output as Keras computes it."""
    return keras.Model(model.inputs[0], model.get_layer(name).output).predict(images, verbose=0)


@pytest.fixture(scope="module")
def model():
    return small_model()


@pytest.fixture
def explorer(model):
    return cu.widgets.feature_map_browser(model, SPLIT)


def test_the_layers_to_choose_are_convolutions_activations_and_poolings(explorer):
    assert explorer._controls["layer"].options == ("conv1", "pool1", "conv2", "relu", "pool2")


@pytest.mark.parametrize("name", ["conv1", "pool1", "conv2", "relu", "pool2"])
def test_when_a_layer_is_chosen_then_the_map_is_what_keras_computes(model, explorer, name):
    use(explorer, layer=name, filter=2, picture=7)
    maps = of_keras(model, name, IMAGES[7:8])[0]
    limit = np.abs(maps[..., 2]).max()
    signed = maps[..., 2].min() < 0
    expected = tinted(maps[..., 2], "RdBu_r" if signed else "viridis", (-limit if signed else 0, limit))
    np.testing.assert_allclose(explorer.view["map"].pixels.astype(int), expected.astype(int), atol=2)
    row, column = explorer.values["place"]
    assert maps[row, column, 2] == pytest.approx(maps[..., 2].max(), abs=1e-5)
    assert len(explorer.view["maps"].panels) == maps.shape[2]
    assert [panel.picked for panel in explorer.view["maps"].panels].index(True) == 2


@pytest.mark.parametrize("name", ["conv1", "relu"])
def test_what_excites_a_filter_most_is_found_among_all_pictures(model, explorer, name):
    explorer.set(layer=name, filter=1)
    largest = of_keras(model, name, IMAGES)[..., 1].max(axis=(1, 2))
    best = [panel.pick[1] for panel in explorer.view["best"].panels]
    assert best == np.argsort(-largest, kind="stable")[:8].tolist()
    names = [panel.title.split(": ")[1] for panel in explorer.view["best"].panels]
    assert names == [SPLIT.classes[LABELS[index]] for index in best]


def test_when_one_of_the_best_is_clicked_then_it_is_looked_at_and_its_window_is_the_same(explorer):
    explorer.set(layer="conv2", filter=3)
    first = explorer.view["best 0"]
    name, picture = first.pick
    use(explorer, **{name: picture})
    assert explorer.values["picture"] == picture
    mark, window = first.marks[0], explorer.view["picture"].marks[0]
    assert (mark.row, mark.column, mark.height, mark.width) == (window.row, window.column, window.height, window.width)


def test_when_a_place_is_clicked_then_the_frame_shows_what_it_sees(explorer):
    explorer.set(layer="conv2", picture=3)
    use(explorer, place=[4, 2])
    mark = explorer.view["picture"].marks[0]
    # 5 pixels, joined by pooling to 6, three of them 2 pixels apart: 10; the first begins 2 before the picture.
    assert (mark.row, mark.column, mark.height, mark.width) == (6, 2, 10, 10)
    assert "At row 5, column 3 it is" in explorer.view.message and "sees 10×10 pixels there" in explorer.view.message
    use(explorer, filter=1)  # another map: back to where its answer is largest
    assert ", its largest, and sees" in explorer.view.message


def test_a_window_holds_all_that_a_place_depends_on(model, explorer):
    explorer.set(layer="conv2", picture=3)
    explorer.set(place=(4, 2))
    mark = explorer.view["picture"].marks[0]
    inside = np.zeros((16, 16), dtype=bool)
    inside[mark.row : mark.row + mark.height, mark.column : mark.column + mark.width] = True
    changed = np.where(inside[..., None], IMAGES[3], 255 - IMAGES[3])
    before, outside = of_keras(model, "conv2", np.stack([IMAGES[3], changed]))
    np.testing.assert_allclose(before[4, 2], outside[4, 2], atol=1e-5)


def test_when_the_new_layer_is_smaller_then_filter_and_place_fit_it(explorer):
    explorer.set(layer="conv2", filter=4)
    use(explorer, layer="conv1")
    assert explorer.values["filter"] == 0 and explorer.view.limits == {"filter": (0, 2)}
    explorer.set(filter=4)  # the slider's end as it was before
    assert explorer.values["filter"] == 2
    explorer.set(place=(15, 15))
    explorer.set(layer="pool2")
    rows, columns = explorer.view["map"].cells
    assert explorer.values["place"][0] < rows and explorer.values["place"][1] < columns


def test_when_there_is_one_channel_then_the_weights_are_a_table(model, explorer):
    explorer.set(filter=2)
    np.testing.assert_array_equal(explorer.view["kernel"].values, model.get_layer("conv1").get_weights()[0][:, :, 0, 2])


def test_when_there_are_several_channels_then_each_has_its_weights(model, explorer):
    explorer.set(layer="conv2", filter=4)
    kernel = model.get_layer("conv2").get_weights()[0][..., 4]
    panels = explorer.view["weights"].panels
    assert "3×3 for each of 3 maps of pool1" in explorer.view["weights"].title
    limit = np.abs(kernel).max()
    for channel, panel in enumerate(panels):
        np.testing.assert_array_equal(panel.pixels, tinted(kernel[..., channel], "RdBu_r", (-limit, limit)))


def test_when_there_are_many_channels_then_those_with_the_largest_weights_are_shown():
    model = small_model(filters=(40, 2))
    explorer = cu.widgets.feature_map_browser(model, IMAGES)
    explorer.set(filter=35)
    assert [panel.title for panel in explorer.view["maps"].panels] == [str(index) for index in range(32, 40)]
    explorer.set(layer="conv2")
    sums = np.abs(model.get_layer("conv2").get_weights()[0][..., 0]).sum(axis=(0, 1))
    shown = [int(panel.title) for panel in explorer.view["weights"].panels]
    assert (
        set(shown) == set(np.argsort(-sums)[:16])
        and "the 16 with the largest weights of 40" in explorer.view["weights"].title
    )


def test_when_a_layer_has_no_weights_then_its_rule_is_told(explorer):
    explorer.set(layer="pool1")
    assert explorer.view["rule"].lines == ("Pooling: the mean of each 2×2 window.",)
    explorer.set(layer="pool2")
    assert explorer.view["rule"].lines == ("Pooling: the largest of each 2×2 window.",)
    explorer.set(layer="relu")
    assert explorer.view["rule"].lines == ("ReLU: changes every answer by itself.",)


@pytest.mark.parametrize(
    ("layer", "chosen", "first"),
    [
        (layers.Conv2D(4, 3, groups=2, use_bias=False), 3, 2),
        (layers.DepthwiseConv2D(3, depth_multiplier=2, use_bias=False), 5, 2),
        (layers.SeparableConv2D(5, 3, depth_multiplier=2, use_bias=False), 4, 0),
        (layers.Conv2DTranspose(5, 3, use_bias=False), 4, 0),
    ],
)
def test_whatever_the_convolution_its_weights_make_the_map(layer, chosen, first):
    from scipy.signal import convolve2d, correlate2d

    picture = RNG.normal(size=(1, 7, 7, 4)).astype("float32")
    found = keras.ops.convert_to_numpy(layer(picture))[0, ..., chosen]
    kernels, start = kernels_of(layer, chosen)
    assert start == first
    slide = (
        (lambda x, k: convolve2d(x, k))
        if "Transpose" in type(layer).__name__
        else lambda x, k: correlate2d(x, k, "valid")
    )
    by_hand = sum(slide(picture[0, ..., start + channel], kernels[..., channel]) for channel in range(kernels.shape[2]))
    np.testing.assert_allclose(found, by_hand, atol=1e-4)


def test_when_a_filter_answers_nothing_then_it_says_so():
    model = small_model()
    kernel, bias = model.get_layer("conv1").get_weights()
    bias[:] = -1000
    model.get_layer("conv1").set_weights([kernel, bias])
    explorer = cu.widgets.feature_map_browser(model, SPLIT)
    assert explorer.view.message == (
        "Map 0 of conv1 is 0 everywhere on this picture. Nothing in 40 pictures excites it."
    )
    assert "3 maps are zero everywhere" in explorer.view["maps"].alt


def test_when_there_are_no_labels_then_pictures_have_numbers(model):
    explorer = cu.widgets.feature_map_browser(model, IMAGES)
    assert explorer.view["picture"].title == "picture 0" and "of 40 excites it most" in explorer.view.message


def test_when_there_are_many_pictures_then_the_first_five_hundred_are_searched(model):
    explorer = cu.widgets.feature_map_browser(model, np.repeat(IMAGES, 20, axis=0), np.repeat(LABELS, 20), ("a", "b"))
    assert explorer._controls["picture"].high == 499 and "of 500 pictures" in explorer.view["best"].title


def test_a_hand_made_network_is_excited_by_its_colour():
    explorer = cu.widgets.feature_map_browser(colour_model(), patches())
    explorer.set(layer="bright")
    row, column = explorer.values["place"]
    assert 3 <= row < 8 and 3 <= column < 8  # red
    explorer.set(filter=1)
    row, column = explorer.values["place"]
    assert 14 <= row < 20 and 15 <= column < 21  # green


def test_when_the_pictures_are_photographs_in_files_then_they_are_decoded_at_the_models_size(tmp_path):
    pytest.importorskip("tensorflow")
    split = photo_split(tmp_path)
    explorer = cu.widgets.feature_map_browser(small_model(32, 3), split)
    explorer.set(picture=4)
    np.testing.assert_array_equal(explorer.view["picture"].pixels, split.images.at(32)[4])
    assert explorer.view["picture"].title == "dog" and len(explorer.view["best"].panels) == 8


@pytest.mark.parametrize(
    ("network", "images", "error"),
    [
        (keras.Sequential([keras.Input((16, 16, 1)), layers.Flatten(), layers.Dense(2)]), IMAGES, InputError),
        (small_model(), IMAGES[:, :10], InputError),
        (small_model(), IMAGES[0, :, :, 0], InputError),
        (small_model(), (IMAGES / 255).astype("float32"), InputError),
        ("lenet", IMAGES, InputError),
    ],
)
def test_when_model_and_pictures_do_not_fit_then_the_error_is_clear(network, images, error):
    with pytest.raises(error):
        cu.widgets.feature_map_browser(network, images)


def test_when_there_is_no_such_layer_then_the_error_names_those_there_are(explorer):
    with pytest.raises(UnknownNameError, match="conv1"):
        explorer.set(layer="conv3")


def test_when_it_is_used_for_long_then_it_stays_quick_and_opens_no_figures(explorer):
    import matplotlib.pyplot as plt

    names = explorer._controls["layer"].options
    changes = [{"layer": names[k // 40], "filter": k % 3, "picture": k * 7 % 40} for k in range(200)]
    assert_quick(seconds_of(explorer, changes))
    assert len(explorer._show.args[0]._maps) <= 8
    assert not plt.get_fignums()


def test_the_still_picture_tells_what_is_seen(explorer):
    fig = explorer.still()
    text = alt_text(fig)
    assert "conv1, map 0: 16 by 16 answers" in text and "of 40 pictures, what excites filter 0 most" in text
    assert sum(bool(ax.images) for ax in fig.axes) == 2 + 3 + 8
