"""Photographs in files: the pixels of Keras's own function, decoded only when asked for."""

import numpy as np
import pytest
import tiny_photos
from tiny import image_folder

import course_utils as cu
from course_utils.data import Photos, PhotoSplit, photos
from course_utils.errors import DataError, InputError

CLASSES = ("cat", "dog")


@pytest.fixture
def files(tmp_path):
    """Twelve files: upright, lying, square, smaller and larger than what they are brought to; JPEG and PNG."""
    sizes = [(40, 50), (75, 41), (64, 64), (32, 32), (33, 200), (128, 97)]
    for label, name in enumerate(CLASSES):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for number, size in enumerate(sizes):
            suffix = "png" if number == 1 else "jpg"
            picture = tiny_photos.picture(label, number, size)
            picture = picture.convert("L") if number == 2 else picture
            picture.save(tmp_path / "photos" / name / f"{number}.{suffix}")
    return tmp_path / "photos"


@pytest.fixture
def split(files):
    paths = sorted(map(str, files.rglob("*.*")))
    return PhotoSplit(Photos(paths, image_size=64), np.repeat([0, 1], 6), CLASSES, "train", "folder:x")


def pixels_of(stream):
    batches = [(images.numpy(), labels.numpy()) for images, labels in stream]
    return np.concatenate([images for images, _ in batches]), np.concatenate([labels for _, labels in batches])


@pytest.mark.parametrize("size", [32, 64, 65, 160])
def test_when_streamed_then_pixels_are_those_of_keras(split, files, size):
    import keras

    reference = keras.utils.image_dataset_from_directory(
        files, image_size=(size, size), crop_to_aspect_ratio=True, shuffle=False, verbose=0
    )
    images, labels = pixels_of(split.at(size).stream(5))
    expected, wanted = pixels_of(reference)
    assert images.dtype == "float32" and labels.dtype == "int64"
    np.testing.assert_array_equal(images, expected)
    np.testing.assert_array_equal(labels, wanted)


def test_when_streamed_then_batches_have_a_known_shape_and_nothing_is_lost(split):
    stream = split.stream(5)
    assert stream.element_spec[0].shape.as_list() == [None, 64, 64, 3]
    assert [len(labels) for _, labels in stream] == [5, 5, 2]


def test_when_shuffled_then_the_seed_decides_and_every_epoch_differs(split):
    first, again = (split.stream(4, shuffle=True, seed=3) for _ in range(2))
    orders = [[pixels_of(stream)[0][:, 0, 0, 0].tolist() for _ in range(2)] for stream in (first, again)]
    assert orders[0] == orders[1]
    assert orders[0][0] != orders[0][1]
    images, labels = pixels_of(split.stream(4, shuffle=True, seed=3))
    place = {float(image.sum()): label for image, label in zip(*pixels_of(split.stream()), strict=True)}
    assert [place[float(image.sum())] for image in images] == labels.tolist()


def test_when_indexed_then_uint8_of_the_same_pixels_comes_back(split):
    streamed = np.rint(pixels_of(split.stream())[0]).astype("uint8")
    assert split.images[3].shape == (64, 64, 3) and split.images[3].dtype == "uint8"
    np.testing.assert_array_equal(split.images[3], streamed[3])
    np.testing.assert_array_equal(split.images[2:9:3], streamed[2:9:3])
    np.testing.assert_array_equal(split.images[np.array([5, 1])], streamed[[5, 1]])
    for index in [(1, 4), (slice(0, 3), slice(10, 20), 5), (..., 0), ([4, 2], slice(3)), (None, 2), ()]:
        np.testing.assert_array_equal(split.images[index], streamed[index])
    np.testing.assert_array_equal(np.asarray(split.images), streamed)
    assert (
        split.images.shape == streamed.shape and np.ndim(split.images) == 4 and split.images.nbytes == streamed.nbytes
    )


def test_when_loaded_then_it_is_an_ordinary_split(split):
    loaded = split.load()
    assert type(loaded).__name__ == "Split" and isinstance(loaded.images, np.ndarray)
    assert (loaded.variant, loaded.classes, loaded.name) == ("folder:x", CLASSES, "train")
    np.testing.assert_array_equal(loaded.images[4], split.images[4])


def test_when_split_or_cut_then_nothing_is_decoded_and_files_stay_with_their_labels(split, monkeypatch):
    monkeypatch.setattr(photos, "stream", None)  # decoding would fail
    train, validation = split.split(0.25, seed=1)
    assert isinstance(train, PhotoSplit) and validation.name == "validation"
    assert sorted([*train.paths, *validation.paths]) == sorted(split.paths)
    again, _ = split.split(0.25, seed=1)
    assert list(again.paths) == list(train.paths)
    small = split.subset(4, seed=2)
    assert small.counts() == {"cat": 2, "dog": 2} and small.at(32).image_size == 32
    for part in (train, validation, small, split[::2], split[3], split[split.labels == 1]):
        assert all(CLASSES[label] in path for path, label in zip(part.paths, part.labels, strict=True))
    assert len(split.without(validation)) == len(train) and list(split.without(validation).paths) == list(train.paths)
    assert "12 photographs" in repr(split)


def test_when_shown_then_only_those_shown_are_decoded(split, monkeypatch):
    decoded = []
    decode = Photos._decode
    monkeypatch.setattr(Photos, "_decode", staticmethod(lambda some: (decoded.append(len(some)), decode(some))[1]))
    cu.show_images(split, n=3)
    cu.show_class_counts(split)
    assert sum(decoded) == 3


@pytest.mark.parametrize(
    "use",
    [
        lambda images: images / 255,
        lambda images: 2 * images - 1,
        lambda images: 1.0 - images,
        lambda images: images.astype("float32"),
        lambda images: images.mean(),
        lambda images: images > 128,
    ],
)
def test_when_used_like_an_array_in_memory_then_the_line_that_does_it_right_is_told(split, use):
    with pytest.raises(TypeError, match=r"split\.load\(\)\.images(.|\n)*Rescaling\(1 / 255\)") as caught:
        use(split.images)
    assert isinstance(caught.value, cu.CourseError)
    assert not hasattr(split.images, "astype") and (np.asarray(split.images) / 255).max() <= 1
    with pytest.raises(AttributeError, match="no attribute 'colour'"):
        _ = split.images.colour


def test_when_a_size_only_a_backbone_takes_is_asked_for_then_the_way_to_it_is_told(split):
    with pytest.raises(InputError, match=r"from 32 to 320(.|\n)*cu\.backbone(.|\n)*image_dataset_from_directory"):
        split.at(384)


def test_when_there_is_one_then_it_is_not_called_several(split):
    assert "1 photograph," in repr(split[3]) and "1 image " in repr(split[3].load())


def test_when_too_many_are_asked_for_at_once_then_ways_to_take_fewer_are_told(split, monkeypatch):
    monkeypatch.setattr(photos, "MOST_BYTES", 10 * split.images.nbytes // 12)
    with pytest.raises(InputError, match=r"12 photographs at once(.|\n)*subset(.|\n)*stream"):
        np.asarray(split.images)
    assert len(split.images[:10]) == 10


@pytest.mark.parametrize("size", [31, 321, 64.0, "64", True, (64, 64), None])
def test_when_a_size_makes_no_sense_then_the_range_is_told(split, size):
    with pytest.raises(InputError, match=r"from 32 to 320"):
        split.at(size)


@pytest.mark.parametrize("size", [0, -3, 2.5, True, None])
def test_when_a_batch_size_makes_no_sense_then_it_is_refused(split, size):
    with pytest.raises(InputError, match="batch_size"):
        split.stream(size)


def test_when_other_photographs_are_no_files_then_without_says_so(split):
    with pytest.raises(InputError, match="in files"):
        split.without(split.load())


@pytest.mark.parametrize("name", ["ünï cødé", "with space", "50 %"])
def test_when_names_are_unusual_then_files_are_found(tmp_path, name):
    folder = image_folder(tmp_path / name, CLASSES, size=(40, 40))
    split = PhotoSplit(Photos(sorted(map(str, folder.rglob("*.png"))), image_size=40), np.zeros(8, int), CLASSES)
    assert split.images[:].shape == (8, 40, 40, 3)


@pytest.mark.parametrize("fault", ["gone", "empty", "cut"])
def test_when_a_file_changes_after_loading_then_it_is_named(split, fault):
    from pathlib import Path

    path = Path(split.paths[3])
    content = path.read_bytes()
    path.unlink()
    if fault != "gone":
        path.write_bytes(content[: len(content) // 2] if fault == "cut" else b"")
    with pytest.raises(DataError, match=r"changed or gone(.|\n)*cat.3\.jpg"):
        split.images[:]
    with pytest.raises(DataError, match="changed or gone"):
        cu.evaluate(lambda images: np.zeros(len(images), int), split)
    path.write_bytes(content)
    assert split.images[:].shape == (12, 64, 64, 3)


class TestEvaluate:
    @pytest.fixture
    def model(self):
        import keras

        return keras.Sequential(
            [
                keras.Input((48, 48, 3)),
                keras.layers.Rescaling(1 / 255),
                keras.layers.GlobalAveragePooling2D(),
                keras.layers.Dense(2, activation="softmax"),
            ]
        )

    def test_when_a_model_is_judged_then_photographs_come_at_its_size(self, model, split):
        report = cu.evaluate(model, split)
        images, labels = pixels_of(split.at(48).stream())
        expected = np.asarray(model(images, training=False))
        np.testing.assert_allclose(report.probabilities, expected, rtol=1e-5)
        assert report.accuracy == pytest.approx((expected.argmax(1) == labels).mean())
        assert (report.variant, report.n, report.images.shape) == ("folder:x", 12, (12, 48, 48, 3))

    def test_when_judged_then_pictures_of_mistakes_can_be_drawn(self, model, split):
        report = cu.evaluate(model, split)
        assert isinstance(report.images, Photos)
        cu.show_mistakes(report, n=2)

    def test_when_a_function_is_judged_then_it_is_given_uint8(self, split):
        seen = []
        cu.evaluate(lambda images: seen.append(images) or np.zeros(len(images), int), split, batch_size=8)
        assert [(batch.shape, batch.dtype) for batch in seen] == [((8, 64, 64, 3), "uint8"), ((4, 64, 64, 3), "uint8")]
        np.testing.assert_array_equal(seen[1], split.images[8:])

    def test_when_features_are_given_then_nothing_is_decoded(self, split, monkeypatch):
        monkeypatch.setattr(photos, "decoded", None)
        report = cu.evaluate(lambda rows: rows, split, features=np.eye(2)[split.labels])
        assert report.accuracy == 1 and report.images is split.images

    def test_when_the_model_wants_another_shape_then_the_error_says_so(self, split):
        import keras

        model = keras.Sequential([keras.Input((48, 32, 3)), keras.layers.Flatten(), keras.layers.Dense(2)])
        with pytest.raises(InputError, match="shape this model was built for"):
            cu.evaluate(model, split)

    def test_when_a_model_forgets_to_scale_then_it_is_noticed(self, split):
        import keras

        model = keras.Sequential([keras.Input((48, 48, 3)), keras.layers.Conv2D(2, 48), keras.layers.Flatten()])
        with pytest.raises(InputError, match="the model does not scale them"):
            cu.evaluate(model, split)

    def test_when_many_are_judged_then_memory_stays_in_the_order_of_a_batch(self, split):
        import tracemalloc

        many = split[np.tile(np.arange(12), 150)].at(160)  # 138 MB as uint8
        predict = lambda batch: np.zeros(len(batch), int)  # noqa: E731
        cu.evaluate(predict, split)
        tracemalloc.start()
        cu.evaluate(predict, many)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 60e6
