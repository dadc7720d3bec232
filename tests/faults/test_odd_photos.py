"""Faults 21 and 22: unusual photographs that are converted, and formats that are refused."""

import os
from pathlib import Path

import numpy as np
import pytest
import tiny_photos
from own_photos import load, refused

from course_utils.data import photo_check
from course_utils.errors import DiskError

RED = (255, 0, 0)


@pytest.fixture
def folder(tmp_path):
    return tiny_photos.classes_of(tmp_path / "mine", ("cat", "dog"), 5)


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


def copy_of(data, name):
    """Return the file that is read in place of one of the learner's."""
    images = [split.images for split in (data.train, data.test)]
    return next(
        Path(source)
        for some in images
        for path, source in zip(some.paths, some.sources, strict=True)
        if Path(path).name == name
    )


def test_when_the_telephones_photograph_is_large_then_its_copy_is_small_and_shows_the_same(folder):
    from PIL import Image, ImageOps

    exif = Image.Exif()
    exif[0x0112] = 6
    noise = np.random.default_rng(0).normal(0, 6, (3000, 4000, 1))
    large = np.asarray(tiny_photos.picture(0, 9, (4000, 3000))) + noise
    turned = Image.fromarray(large.clip(0, 255).astype("uint8"))
    turned.save(folder / "cat" / "phone.jpg", exif=exif, quality=95)
    copy = copy_of(load(folder), "phone.jpg")
    assert copy.stat().st_size < 600_000
    with Image.open(copy) as image, Image.open(folder / "cat" / "phone.jpg") as original:
        assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (768, 1024))
        small = ImageOps.exif_transpose(original).resize(image.size, Image.Resampling.BOX)
        assert np.abs(np.asarray(image, int) - np.asarray(small, int)).mean() < 2


@pytest.mark.parametrize(
    ("size", "copied"),
    [((1500, 1000), (1024, 683)), ((6000, 800), (3840, 512)), ((9000, 300), (9000, 300)), ((70_000, 20), (65_000, 19))],
)
def test_when_an_odd_one_is_long_then_its_shorter_side_stays_long_enough_for_training(folder, size, copied):
    from PIL import Image

    Image.new("RGB", size).save(folder / "cat" / "long.bmp")
    with Image.open(copy_of(load(folder), "long.bmp")) as image:
        assert image.size == copied


def test_when_an_odd_one_carries_endless_notes_then_it_is_converted_all_the_same(folder):
    from PIL import Image, PngImagePlugin

    notes = PngImagePlugin.PngInfo()
    notes.add_text("comment", "x" * 100_000)
    exif = Image.Exif()
    exif[0x0112] = 3
    Image.new("RGB", (48, 40), RED).save(folder / "cat" / "notes.png", pnginfo=notes, exif=exif)
    assert copy_of(load(folder), "notes.png").stat().st_size < 5_000


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
