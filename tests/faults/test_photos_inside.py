"""Faults 18 and 19, second part: what a look at the headers cannot see, and folders laid out almost right."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import tiny_photos

import course_utils as cu
from course_utils.data import photo_check
from course_utils.errors import DataError, InputError


@pytest.fixture
def folder(tmp_path):
    return tiny_photos.classes_of(tmp_path / "mine", ("cat", "dog"), 5)


def load(folder, **options):
    return cu.load_folder(folder, **{"validation_split": 0.2, "image_size": 32} | options)


def damaged_png(path, mode):
    """Write a PNG whose header and end are sound and whose pixels are not."""
    pixels = np.random.default_rng(0).integers(0, 256, (60, 60, len(mode)), dtype="uint8")
    from PIL import Image

    Image.fromarray(pixels).save(path)
    content = bytearray(path.read_bytes())
    content[200:5000] = bytes(4800)
    path.write_bytes(content)


def test_when_an_odd_file_is_damaged_inside_then_it_is_listed(folder):
    damaged_png(folder / "cat" / "clear.png", "RGBA")
    damaged_png(folder / "dog" / "glass.png", "RGBA")
    with pytest.raises(DataError, match=r"2 of 12 files(.|\n)*clear\.png(.|\n)*glass\.png"):
        load(folder)


def test_when_it_is_set_aside_then_the_rest_is_loaded(folder, tmp_path):
    damaged_png(folder / "cat" / "clear.png", "RGBA")
    data = load(folder, quarantine=tmp_path / "bad")
    assert len(data.train) + len(data.test) == 10 and (tmp_path / "bad" / "cat" / "clear.png").is_file()


@pytest.mark.parametrize("way", ["images", "features"])
def test_when_an_ordinary_file_is_damaged_inside_then_decoding_names_it(folder, way):
    import keras

    damaged_png(folder / "cat" / "rain.png", "RGB")
    split = load(folder).train[:]
    with pytest.raises(DataError, match=r"1 of \d+ photographs cannot be decoded(.|\n)*rain\.png"):
        if way == "images":
            split.images[:]
        else:
            cu.features(keras.Sequential([keras.Input((32, 32, 3)), keras.layers.GlobalAveragePooling2D()]), split)


@pytest.fixture
def model():
    import keras

    model = keras.Sequential(
        [keras.Input((32, 32, 3)), keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(2, activation="softmax")]
    )
    model.compile(loss="sparse_categorical_crossentropy")
    return model


@pytest.mark.parametrize("way", ["fit", "validation", "evaluate", "loop"])
def test_when_a_file_is_damaged_while_a_model_is_trained_then_the_message_lists_it_and_says_what_to_do(
    folder, model, way
):
    damaged_png(folder / "cat" / "rain ü.png", "RGB")
    damaged_png(folder / "dog" / "fog.png", "RGB")
    split = load(folder).train
    stream = split.stream(2, shuffle=True)
    good = split[[path.endswith(".jpg") for path in split.paths]].stream()
    ways = {
        "fit": lambda: model.fit(stream, verbose=0),
        "validation": lambda: model.fit(good, validation_data=stream, verbose=0),
        "evaluate": lambda: model.evaluate(stream, verbose=0),
        "loop": lambda: list(stream),
    }
    bad = [path for path in split.paths if path.endswith(".png")]
    with pytest.raises(Exception, match="cannot be decoded") as caught:
        ways[way]()
    message = str(caught.value)
    assert all(f"{path}: damaged in the middle" in message for path in bad) and len(bad) == 2
    assert f"2 of {len(split)} photographs" in message and "what to do: Replace what is listed" in message


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_when_its_name_is_no_text_then_it_is_listed_all_the_same(folder):
    name = os.fsdecode(b"caf\xe9.jpg")
    try:
        (folder / "cat" / name).write_bytes((folder / "cat" / "000.jpg").read_bytes())
    except OSError:
        pytest.skip("names are text on this disk")
    split = load(folder).train
    for path in split.paths:
        Path(path).unlink()
    with pytest.raises(Exception, match=r"8 photographs have changed or gone|9 photographs have changed or gone"):
        list(split.stream())


def test_when_the_file_is_put_back_then_the_same_stream_goes_on(folder, model):
    split = load(folder).train
    stream = split.stream(2)
    path = Path(split.paths[3])
    content = path.read_bytes()
    path.write_bytes(content[:100])
    with pytest.raises(Exception, match=r"1 photograph has changed(.|\n)*Put it back"):
        model.fit(stream, verbose=0)
    path.write_bytes(content)
    model.fit(stream, verbose=0)
    Path(split.paths[0]).unlink()
    with pytest.raises(Exception, match=r"1 photograph has changed") as caught:
        model.fit(stream, verbose=0)
    assert split.paths[0] in str(caught.value) and str(path) not in str(caught.value)


def test_when_many_are_converted_then_it_is_announced(folder, monkeypatch, capsys):
    monkeypatch.setattr(photo_check, "_MANY", 2)
    for number in range(2):
        tiny_photos.picture(0, number).save(folder / "cat" / f"{number}.webp")
    load(folder)
    assert "Converting 2 unusual photographs of mine" in capsys.readouterr().out
    load(folder)
    assert "Converting" not in capsys.readouterr().out


@pytest.mark.skipif(os.name == "nt", reason="links need rights")
def test_when_a_link_leads_nowhere_then_it_is_listed(folder):
    (folder / "cat" / "gone.jpg").symlink_to(folder / "nowhere.jpg")
    with pytest.raises(DataError, match=r"1 of 11 files(.|\n)*gone\.jpg"):
        load(folder)


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_when_a_name_is_no_text_then_it_can_be_set_aside_and_found_again(folder, tmp_path):
    name = os.fsdecode(b"caf\xe9.jpg")
    try:
        (folder / "cat" / name).write_bytes(b"")
    except OSError:
        pytest.skip("names are text on this disk")
    load(folder, quarantine=tmp_path / "bad")
    (entry,) = json.loads((tmp_path / "bad" / "manifest.json").read_text("utf-8"))
    assert Path(entry["from"]).name == name and Path(entry["to"]).is_file()


def test_when_a_folder_may_not_be_listed_then_it_is_named(folder, monkeypatch):
    listed = os.scandir

    def refusing(path):
        if Path(path).name == "dog":
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.raises(DataError, match=r"cannot be read(.|\n)*dog(.|\n)*Permission denied"):
        load(folder)


def test_when_images_lie_beside_the_classes_then_they_are_not_called_no_images(folder, capsys):
    tiny_photos.picture(0, 0).save(folder / "loose.jpg")
    load(folder)
    assert "1 file that lies in no class was left out (loose.jpg)" in capsys.readouterr().out


@pytest.mark.parametrize("names", [("Train", "Test"), ("TRAIN", "Val"), ("train", "Validation")])
def test_when_the_splits_are_written_with_capitals_then_they_are_understood(tmp_path, names):
    for name in names:
        tiny_photos.classes_of(tmp_path / name, ("cat", "dog"), 2)
    data = load(tmp_path, validation_split=None)
    assert (len(data.train), len(data.test), data.class_folders) == (4, 4, ("cat", "dog"))
    assert sorted(path.name for path in data.folder.iterdir()) == ["train", "val"]


def test_when_the_classes_are_one_folder_deeper_then_that_one_is_proposed(tmp_path):
    tiny_photos.classes_of(tmp_path / "photos", ("cat", "dog"), 2)
    with pytest.raises(DataError, match=r"it may be .*photos"):
        load(tmp_path)


@pytest.mark.parametrize(("counts", "share"), [((1, 1), 0.3), ((1, 9), 0.2), ((5, 5), 0.1)])
def test_when_a_class_would_be_on_one_side_only_then_a_table_shows_it(tmp_path, counts, share):
    for name, count in zip(("cat", "dog"), counts, strict=True):
        tiny_photos.classes_of(tmp_path, (name,), count)
    with pytest.raises(InputError, match=r"none for testing(.|\n)*cat(.|\n)*dog"):
        load(tmp_path, validation_split=share)


@pytest.mark.parametrize("path", [None, 3])
def test_when_the_folder_is_no_path_then_it_says_so(path):
    with pytest.raises(InputError, match="given by its path"):
        cu.load_folder(path)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("way", ["symlink", "link", "copy"])
def test_when_a_converted_copy_would_take_the_name_of_another_file_then_both_are_kept(folder, monkeypatch, seed, way):
    for kind in ("symlink", "link")[: ("symlink", "link", "copy").index(way)]:
        monkeypatch.setattr(os, kind, lambda *arguments: (_ for _ in ()).throw(OSError("not on this disk")))
    for name in ("cat", "dog"):
        for number in range(3):
            path = folder / name / f"web{number}.webp"
            tiny_photos.picture(7, number).save(path)
            tiny_photos.picture(8, number).save(folder / name / f"{path.name}.jpg")
    before = {path: path.read_bytes() for path in folder.rglob("*.*")}
    data = load(folder, seed=seed)
    assert {path: path.read_bytes() for path in folder.rglob("*.*")} == before
    seen = sorted(path.read_bytes() for path in data.folder.rglob("*.*"))
    sources = [*data.train.images.sources, *data.test.images.sources]
    assert seen == sorted(Path(source).read_bytes() for source in sources)


def test_when_files_to_set_aside_would_get_the_same_name_then_all_are_kept(folder, tmp_path):
    for names in (["x.jpg"], ["x.jpg", "x 2.jpg"]):
        for name in names:
            (folder / "cat" / name).write_bytes(name.encode() * len(names))
        load(folder, quarantine=tmp_path / "bad")
    kept = sorted(path.read_bytes() for path in (tmp_path / "bad" / "cat").iterdir())
    assert kept == sorted([b"x.jpg", b"x.jpgx.jpg", b"x 2.jpgx 2.jpg"])


@pytest.mark.parametrize("content", ["{}", '{"name": "mine"}', "[1]", "not json", '["text"]'])
def test_when_the_list_is_another_file_then_nothing_is_moved(folder, tmp_path, content):
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "manifest.json").write_text(content)
    (folder / "cat" / "x.jpg").write_bytes(b"")
    with pytest.raises(InputError, match="Nothing was moved"):
        load(folder, quarantine=tmp_path / "bad")
    assert (folder / "cat" / "x.jpg").exists() and (tmp_path / "bad" / "manifest.json").read_text() == content


def test_when_a_converted_copy_is_damaged_then_the_next_load_makes_it_again(folder):
    tiny_photos.picture(0, 99).save(folder / "cat" / "odd.webp")

    def copy():
        images = load(folder).train.images
        return images, [Path(source) for source in images.sources[images.sources != images.paths]]

    images, (path,) = copy()
    whole = images[:]
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(DataError, match=r"run the cell"):
        copy()[0][:]
    np.testing.assert_array_equal(copy()[0][:], whole)


@pytest.mark.parametrize("change", ["gone", "more"])
def test_when_somebody_changed_the_folder_of_links_then_it_is_made_again_and_theirs_is_kept(folder, change):
    view = load(folder).folder
    files = sorted(path.relative_to(view) for path in view.rglob("*.*"))
    if change == "gone":
        (view / files[0]).unlink()
    else:
        (view / "train" / "mine.txt").write_text("mine")
    (view / "train" / ".DS_Store").write_text("junk")
    again = load(folder).folder
    assert again == view and sorted(path.relative_to(view) for path in view.rglob("*.*")) == files
    assert change == "gone" or [path.read_text() for path in view.parent.rglob("mine.txt")] == ["mine"]
    assert load(folder).folder == view and len(list(view.parent.iterdir())) == 2
