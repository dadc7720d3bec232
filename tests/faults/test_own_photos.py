"""Faults 18 to 22: folders that are no data set, files that are no photographs, and odd ones."""

import io
import json
import os
import struct
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
import tiny_photos

import course_utils as cu
from course_utils.data import photo_check
from course_utils.errors import CourseError, DataError, DiskError, InputError

RED = (255, 0, 0)


@pytest.fixture
def folder(tmp_path):
    return tiny_photos.classes_of(tmp_path / "mine", ("cat", "dog"), 5)


def everything(folder):
    return {path: (path.stat().st_size, path.stat().st_mtime_ns) for path in sorted(folder.rglob("*"))}


def load(folder, **options):
    before = everything(folder)
    try:
        return cu.load_folder(folder, **{"validation_split": 0.2, "image_size": 32} | options)
    finally:
        assert everything(folder) == before


def refused(folder, kind=DataError, **options):
    with pytest.raises(kind) as caught:
        load(folder, **options)
    assert isinstance(caught.value, CourseError)
    assert "what to do" in str(caught.value)
    return str(caught.value)


# 18 -------------------------------------------------------------------------------------------------------------------
JUNK = [
    *(".DS_Store", "cat/Thumbs.db", "cat/.DS_Store", "__MACOSX/cat/._000.jpg", ".ipynb_checkpoints/x.jpg", "notes.txt"),
    *("dog/.ipynb_checkpoints/000-checkpoint.jpg", "dog/labels.csv"),
]


def test_when_junk_lies_among_the_photographs_then_it_is_left_out_and_counted(folder, capsys):
    for name in JUNK:
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_bytes(b"junk")
    data = load(folder)
    assert data.classes == ("cat", "dog") and len(data.train) + len(data.test) == 10
    assert "8 files that are no images were left out" in capsys.readouterr().out
    assert sorted(path.name for path in (data.folder / "train").iterdir()) == ["cat", "dog"]


def test_when_a_class_is_empty_then_a_table_shows_it(folder):
    (folder / "horse").mkdir()
    message = refused(folder)
    assert "no images of horse" in message
    for row in ("cat    5", "dog    5", "horse  0"):
        assert row in message


def test_when_there_is_one_class_then_it_says_so(tmp_path):
    tiny_photos.classes_of(tmp_path / "mine", ("cat",))
    assert "only one class, cat" in refused(tmp_path / "mine")


def test_when_folders_are_nested_then_they_are_named_and_the_folder_above_is_advised(folder):
    (folder / "cat" / "grey").mkdir()
    message = refused(folder)
    assert str(folder / "cat" / "grey") in message and "folder above the classes" in message


def test_when_the_folder_above_was_given_then_the_nesting_shows_it(tmp_path):
    tiny_photos.classes_of(tmp_path / "above" / "mine")
    tiny_photos.classes_of(tmp_path / "above" / "more")
    assert "folders inside a class" in refused(tmp_path / "above")


def test_when_training_and_test_classes_differ_then_the_table_shows_both(tmp_path):
    tiny_photos.classes_of(tmp_path / "mine" / "train", ("cat", "dog"), 3)
    tiny_photos.classes_of(tmp_path / "mine" / "val", ("cat", "dogs"), 2)
    message = refused(tmp_path / "mine", validation_split=None)
    assert "no images of dog in val" in message and "no images of dogs in train" in message
    for row in ("cat    3      2", "dog    3      0", "dogs   0      2"):
        assert row in message


def test_when_there_are_no_folders_of_classes_then_the_layouts_are_shown(folder):
    assert "without folders of classes" in refused(folder / "cat")
    message = refused(folder / "cat")
    assert "<folder>/<class>/*" in message and "One folder per class" in message or "one folder per class" in message


def test_when_the_folder_is_empty_then_it_says_so(tmp_path):
    (tmp_path / "mine").mkdir()
    assert "no folders of classes" in refused(tmp_path / "mine")


def test_when_only_train_is_there_then_the_call_that_splits_it_is_told(tmp_path):
    tiny_photos.classes_of(tmp_path / "mine" / "train")
    assert 'load_folder(folder / "train", validation_split=0.2)' in refused(tmp_path / "mine")


@pytest.mark.parametrize("share", [None, 0, 1, -0.1, 20, "0.2", True])
def test_when_the_share_is_missing_or_makes_no_sense_then_the_classes_and_a_good_call_are_told(folder, share):
    message = refused(folder, InputError, validation_split=share)
    assert "cat    5" in message and "validation_split=0.2" in message


def test_when_a_split_folder_is_to_be_split_again_then_it_says_so(tmp_path):
    tiny_photos.folder_of(tmp_path / "mine", ("cat", "dog"))
    assert "split already, into train and val" in refused(tmp_path / "mine", InputError)


def test_when_the_share_leaves_one_side_empty_then_it_is_refused(folder):
    with pytest.raises(InputError, match="leave images on both sides"):
        load(folder, validation_split=0.01)


def test_when_there_is_no_such_folder_then_those_beside_it_are_named(folder):
    with pytest.raises(DataError, match=r"no such folder(.|\n)*mine"):
        cu.load_folder(folder.parent / "mien")


def test_when_an_archive_is_given_then_unpacking_is_advised(tmp_path):
    (tmp_path / "mine.zip").write_bytes(b"PK")
    with pytest.raises(DataError, match=r"a file, not a folder(.|\n)*Unpack"):
        cu.load_folder(tmp_path / "mine.zip")


def test_when_the_fault_is_removed_then_the_next_call_succeeds(folder):
    (folder / "horse").mkdir()
    refused(folder)
    (folder / "horse").rmdir()
    assert len(load(folder).train) == 8


# 19 -------------------------------------------------------------------------------------------------------------------
def bad_files(folder):
    """Put one file of every kind of broken among the good ones; returns name → part of the reason."""
    good = (folder / "cat" / "001.jpg").read_bytes()
    noise = io.BytesIO()
    from PIL import Image

    Image.fromarray(np.random.default_rng(0).integers(0, 255, (60, 60, 3), "uint8")).save(noise, "PNG")
    noise = noise.getvalue()
    files = {
        "zero.jpg": (b"", "an empty file"),
        "text.jpg": (b"a shopping list: milk, bread", "text, no image"),
        "page.png": (b"<!DOCTYPE html><html><body>not found", "text, no image"),
        "cut.jpg": (good[: len(good) // 2], "truncated"),
        "cut.png": (noise[: len(noise) // 2], "truncated"),
        "head.jpg": (good[:20], ""),
        "random.png": (bytes(range(256)) * 4, "no JPEG"),
        "phone.jpg": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(50), "HEIC"),
        "scan.jpg": (b"II*\0" + bytes(50), "TIFF"),
    }
    for name, (content, _) in files.items():
        (folder / "dog" / name).write_bytes(content)
    return {name: reason for name, (_, reason) in files.items()}


def test_when_files_are_broken_then_all_are_listed_with_reasons_in_one_pass(folder):
    reasons = bad_files(folder)
    message = refused(folder)
    assert f"{len(reasons)} of {10 + len(reasons)} files cannot be used" in message
    for name, reason in reasons.items():
        (line,) = [line for line in message.splitlines() if name in line]
        assert reason.lower() in line.lower(), line
    assert "000.jpg" not in message and "Nothing was changed" in message


def test_when_very_many_are_broken_then_the_list_is_cut_and_counted(folder):
    for number in range(60):
        (folder / "dog" / f"bad{number:02}.jpg").write_bytes(b"")
    message = refused(folder)
    assert message.count("an empty file") == 20 and "and 40 more" in message


def test_when_they_are_moved_away_then_the_next_call_succeeds(folder):
    reasons = bad_files(folder)
    refused(folder)
    for name in reasons:
        (folder / "dog" / name).unlink()
    assert len(load(folder).train) == 8


def test_when_quarantine_is_asked_for_then_the_bad_files_are_moved_with_a_list_and_the_rest_is_loaded(
    folder, tmp_path, capsys
):
    reasons = bad_files(folder)
    contents = {path.name: path.read_bytes() for path in folder.rglob("*.*")}
    data = cu.load_folder(folder, 32, 0.2, quarantine=tmp_path / "set aside")
    assert len(data.train) + len(data.test) == 10
    listed = json.loads((tmp_path / "set aside" / "manifest.json").read_text("utf-8"))
    assert {Path(entry["from"]).name for entry in listed} == set(reasons)
    for entry in listed:
        assert Path(entry["to"]).read_bytes() == contents[Path(entry["from"]).name] and entry["reason"]
        assert not Path(entry["from"]).exists()
    assert "moved away" in capsys.readouterr().out
    # Another file of the same name later: neither is lost.
    (folder / "dog" / "zero.jpg").write_bytes(b"")
    cu.load_folder(folder, 32, 0.2, quarantine=tmp_path / "set aside")
    assert len(json.loads((tmp_path / "set aside" / "manifest.json").read_text("utf-8"))) == len(listed) + 1
    assert len(list((tmp_path / "set aside" / "dog").glob("zero*"))) == 2


def test_when_all_is_well_then_nothing_is_moved(folder, tmp_path):
    load(folder, quarantine=tmp_path / "set aside")
    assert not (tmp_path / "set aside").exists()


@pytest.mark.parametrize("place", [".", "cat", "..", "new"])
def test_when_quarantine_lies_inside_or_around_the_folder_then_another_place_is_proposed(folder, place):
    bad_files(folder)
    assert "set aside" in refused(folder, InputError, quarantine=folder / place)


def test_when_quarantine_is_on_another_disk_then_files_are_copied_before_they_go(folder, tmp_path, monkeypatch):
    reasons = bad_files(folder)
    rename = Path.rename

    def across(path, target):
        if path.name in reasons:
            raise OSError(18, "Invalid cross-device link")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", across)
    cu.load_folder(folder, 32, 0.2, quarantine=tmp_path / "aside")
    assert {path.name for path in (tmp_path / "aside" / "dog").iterdir()} == set(reasons)


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="everything is readable")
def test_when_a_file_may_not_be_read_then_it_is_listed(folder):
    (folder / "cat" / "000.jpg").chmod(0)
    assert "Permission denied" in refused(folder)


def test_when_a_jpeg_has_bytes_behind_its_end_then_it_is_no_fault(folder):
    path = folder / "cat" / "000.jpg"
    path.write_bytes(path.read_bytes() + b"camera's own notes" * 30)
    assert len(load(folder).train) == 8


# 20 -------------------------------------------------------------------------------------------------------------------
def enormous_png(width, height):
    """A small PNG whose header claims any size."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(10_000)))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(("width", "height"), [(50_000, 50_000), (9_000, 8_000), (2**31 - 1, 1)])
def test_when_a_small_file_claims_enormous_dimensions_then_it_is_refused_from_the_header(folder, width, height):
    (folder / "cat" / "bomb.png").write_bytes(enormous_png(width, height))
    tracemalloc.start()
    message = refused(folder)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "bomb.png" in message and "pixels" in message
    assert peak < 20e6


# 21 -------------------------------------------------------------------------------------------------------------------
def save(path, image, **options):
    image.save(path, **options)
    return path


def odd_files():
    """Return name → (writer, the colour of every pixel it must become)."""
    from PIL import Image

    red = Image.new("RGB", (48, 40), RED)
    seen = Image.new("RGBA", (48, 40), (255, 0, 0, 255))
    hidden = Image.new("RGBA", (48, 40), (0, 0, 255, 0))
    palette = red.convert("P", palette=Image.Palette.ADAPTIVE)
    clear = Image.new("P", (48, 40), 3)
    clear.putpalette([0, 0, 255] * 256)
    grey16 = Image.fromarray(np.full((40, 48), 200 * 256 + 77, "uint16"))
    frames = {"save_all": True, "append_images": [Image.new("RGB", (48, 40), "blue")], "duration": 50}
    return {
        "grey.jpg": (lambda path: save(path, Image.new("L", (48, 40), 90)), (90, 90, 90)),
        "grey.png": (lambda path: save(path, Image.new("L", (48, 40), 90)), (90, 90, 90)),
        "bits.png": (lambda path: save(path, Image.new("1", (48, 40), 1)), (255, 255, 255)),
        "rgba.png": (lambda path: save(path, seen), RED),
        "hidden.png": (lambda path: save(path, hidden), (255, 255, 255)),
        "grey alpha.png": (lambda path: save(path, hidden.convert("LA")), (255, 255, 255)),
        "palette.png": (lambda path: save(path, palette), RED),
        "palette alpha.png": (lambda path: save(path, clear, transparency=3), (255, 255, 255)),
        "sixteen.png": (lambda path: save(path, grey16), (200, 200, 200)),
        "cmyk.jpg": (lambda path: save(path, red.convert("CMYK"), quality=100), RED),
        "animated.gif": (lambda path: save(path, red, **frames), RED),
        "animated.png": (lambda path: save(path, red, **frames), RED),
        "animated.webp": (lambda path: save(path, red, lossless=True, **frames), RED),
        "still.webp": (lambda path: save(path, red, lossless=True), RED),
        "bitmap.bmp": (lambda path: save(path, red), RED),
        "really png.jpg": (lambda path: save(path, red, format="PNG"), RED),
        "really webp.jpg": (lambda path: save(path, red, format="WEBP", lossless=True), RED),
        "really jpeg.png": (lambda path: save(path, red, format="JPEG", quality=100), RED),
        "UPPER.PNG": (lambda path: save(path, red, format="PNG"), RED),
    }


ODD = list(odd_files())


@pytest.mark.parametrize("name", ODD)
def test_when_an_image_is_odd_then_every_reader_sees_the_documented_pixels(folder, name):
    import keras

    writer, colour = odd_files()[name]
    writer(folder / "cat" / name)
    data = load(folder)
    split = next(split for split in (data.train, data.test) if any(Path(path).name == name for path in split.paths))
    split = split[[Path(path).name == name for path in split.paths]]
    ((streamed, _),) = split.stream()
    assert np.abs(streamed.numpy()[0] - colour).max() <= 2
    assert np.abs(split.images[0].astype(int) - colour).max() <= 2
    place = data.folder / ("train" if split.name == "train" else "val") / "cat"
    (file,) = [path for path in place.iterdir() if path.name.startswith(name)]
    pixels = keras.utils.img_to_array(keras.utils.load_img(file, target_size=(32, 32)))
    assert np.abs(pixels - colour).max() <= 2


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_when_the_telephone_was_turned_then_the_photograph_is_upright(folder, orientation, suffix):
    from PIL import Image, ImageOps

    pixels = np.zeros((64, 64, 3), "uint8")
    pixels[:32, :32] = RED  # the upper left of the upright picture
    pixels[:32, 32:] = (0, 255, 0)
    upright = Image.fromarray(pixels)
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned = Image.fromarray(pixels)
    # Turning the stored pixels by what the note means must give the upright picture.
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}.get(orientation)
    turned = turned if undo is None else turned.transpose(Image.Transpose(undo))
    turned.save(folder / "cat" / f"turned.{suffix}", exif=exif, quality=100, subsampling=0)
    with Image.open(folder / "cat" / f"turned.{suffix}") as image:
        assert np.abs(np.asarray(ImageOps.exif_transpose(image), int) - pixels).mean() < 3
    data = load(folder, image_size=64)
    split = next(split for split in (data.train, data.test) if any("turned" in path for path in split.paths))
    found = split[["turned" in path for path in split.paths]].images[0]
    assert np.abs(found.astype(int) - np.asarray(upright)).mean() < 3


def test_when_odd_ones_are_converted_then_it_is_told_once_per_load_and_done_once(folder, capsys, monkeypatch):
    for name in ("rgba.png", "still.webp", "grey.jpg"):
        odd_files()[name][0](folder / "cat" / name)
    load(folder)
    assert "2 unusual files were converted" in capsys.readouterr().out
    monkeypatch.setattr(photo_check, "to_rgb", None)
    load(folder)
    load(folder, image_size=64, validation_split=0.3)


def test_when_converted_copies_were_deleted_then_they_are_made_again(folder):
    odd_files()["rgba.png"][0](folder / "cat" / "rgba.png")
    load(folder)
    cache = Path(os.environ["COURSE_CACHE_DIR"]) / "converted"
    (copy,) = cache.iterdir()
    copy.unlink()
    load(folder)
    assert copy.is_file()


def test_when_the_cache_may_not_be_written_then_ordinary_files_are_used_and_odd_ones_say_what_to_do(
    folder, tmp_path, monkeypatch
):
    split = tiny_photos.folder_of(tmp_path / "pets", ("cat", "dog"))
    (tmp_path / "blocked").write_text("")
    monkeypatch.setenv("COURSE_CACHE_DIR", str(tmp_path / "blocked" / "cache"))
    assert len(load(split, validation_split=None).train) == 6
    odd_files()["rgba.png"][0](split / "train" / "cat" / "rgba.png")
    with pytest.raises(DiskError, match="COURSE_CACHE_DIR"):
        load(split, validation_split=None)


# 22 -------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("suffix", [".heic", ".tif", ".svg", ".avif", ".HEIC"])
def test_when_a_format_is_not_on_the_list_then_it_is_named_before_decoding(folder, suffix, monkeypatch):
    from PIL import Image

    file = folder / "cat" / f"photo{suffix}"
    Image.new("RGB", (40, 40)).save(file, format="TIFF")
    opened = []
    inspect = photo_check.inspect
    monkeypatch.setattr(photo_check, "inspect", lambda path: (opened.append(path), inspect(path))[1])
    message = refused(folder)
    assert file.name in message and "save it as JPEG" in message
    assert str(file) not in opened


@pytest.mark.parametrize("form", ["TIFF", "ICO", "PPM", "TGA"])
def test_when_another_format_hides_behind_jpg_then_it_is_refused(folder, form):
    from PIL import Image

    Image.new("RGB", (40, 40)).save(folder / "cat" / "hidden.jpg", format=form)
    assert "hidden.jpg" in refused(folder)
