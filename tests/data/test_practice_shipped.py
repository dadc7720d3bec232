"""What ships for the practice set: small, with a licence for every drawing, and nothing needed from npm."""

import ast
import re
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from course_utils.data import practice
from course_utils.data.practice import build, sprites
from course_utils.data.practice.sprites import CELL, CLASSES, COLUMNS, MARGIN, STYLES, TEXTURES
from course_utils.errors import IntegrityError

FOLDER = Path(sprites.__file__).parent
LICENCES = {"Apache-2.0": "Apache License", "MIT": "MIT License", "CC-BY-4.0": "Attribution 4.0 International"}


@pytest.fixture
def forgetful():
    """Pictures read during the test are not remembered after it."""
    sprites.forget()
    yield
    sprites.forget()


def test_when_shipped_then_it_is_small():
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.suffix != ".pyc") < 1.5e6


@pytest.mark.parametrize("style", STYLES)
def test_when_a_style_ships_then_its_artist_package_and_licence_stand_beside_it(style):
    entry = sprites.about()[style]
    assert re.fullmatch(rf"@iconify-json/{style} [\d.]+", entry["package"]) and entry["artist"]
    text = next(
        text
        for path in FOLDER.glob("LICENSE-*.txt")
        if f"sprites/{style}.webp" in (text := path.read_text(encoding="utf-8"))
    )
    assert LICENCES[entry["licence"]] in text
    assert re.search(r"\s".join(re.escape(word) for word in entry["package"].split()), text)
    assert entry["source"] in text


def test_when_a_picture_ships_then_a_licence_text_names_it():
    texts = "".join(path.read_text(encoding="utf-8") for path in FOLDER.rglob("LICENSE*.txt"))
    for path in FOLDER.rglob("*.webp"):
        name = path.name if path.parent.name == "textures" else f"sprites/{path.name}"
        assert re.search(rf"(?m)(^|\s){re.escape(name)}\s", texts), path


def test_when_shipped_then_pictures_and_names_agree():
    assert {path.stem for path in (FOLDER / "sprites").glob("*.webp")} == set(STYLES) == set(sprites.about())
    assert {path.stem for path in (FOLDER / "textures").glob("*.webp")} == set(TEXTURES) == set(build.TEXTURES)
    known = {(label, name) for label, names in build.GLYPHS.items() for name in names.split()}
    for style in STYLES:
        drawings = [tuple(drawing) for drawing in sprites.about()[style]["drawings"]]
        assert set(drawings) <= known and len(set(drawings)) == len(drawings)
        assert {label for label, _ in drawings} == set(CLASSES)


def test_when_shipped_then_no_texture_is_a_photograph_that_shows_a_class():
    assert not {"chelsea", "horse", "rocket", "astronaut", "motorcycle", "eagle", "camera"} & set(TEXTURES)


@pytest.mark.parametrize("style", STYLES)
def test_when_a_drawing_is_cut_out_then_it_fills_its_cell_up_to_a_clear_margin(style):
    with Image.open(FOLDER / "sprites" / f"{style}.webp") as image:
        cover = np.asarray(image.convert("RGBA"))[..., 3]
    rows = cover.shape[0] // CELL
    cells = cover.reshape(rows, CELL, COLUMNS, CELL).swapaxes(1, 2).reshape(-1, CELL, CELL)
    n = len(sprites.about()[style]["drawings"])
    assert not cells[n:].any()
    for cell in cells[:n]:
        inner = cell[MARGIN:-MARGIN, MARGIN:-MARGIN]
        assert cell.sum() == inner.sum() and inner.mean() > 30
        assert max(np.ptp(np.flatnonzero(inner.any(axis=axis))) for axis in (0, 1)) > 110


def test_when_a_class_is_drawn_by_several_artists_then_no_two_drawings_are_the_same():
    arrays = [np.asarray(sprites.sprite_image(number, 4)).tobytes() for number in range(len(sprites.sprites()))]
    assert len(set(arrays)) == len(arrays) > 200


def test_when_the_course_runs_then_only_the_maintainers_script_needs_what_npm_brings():
    for path in FOLDER.glob("*.py"):
        imported = {
            name.split(".")[0]
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Import | ast.ImportFrom) and not getattr(node, "level", 0)
            for name in ([node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
        }
        extra = imported - {*sys.stdlib_module_names, "numpy", "PIL"}
        assert extra == ({"resvg_py", "skimage"} if path.name == "build.py" else set())


def test_when_a_picture_is_damaged_then_it_is_named_with_what_to_do(tmp_path, monkeypatch, forgetful):
    shutil.copytree(FOLDER / "sprites", tmp_path / "sprites")
    (tmp_path / "sprites" / "noto.webp").write_bytes(b"RIFF")
    monkeypatch.setattr(sprites, "FOLDER", tmp_path)
    with pytest.raises(IntegrityError, match=r"noto.webp[^$]*install the course again"):
        sprites.sprite_image(0, 0)


def test_when_the_card_is_read_then_it_says_what_it_is_not_and_whose_the_drawings_are():
    card = practice.CARD
    text = repr(card)
    assert card.classes == CLASSES and card.shape == (32, 32, 3)
    for words in ("neither CIFAR-10 nor", "Apache-2.0", "MIT", "CC BY 4.0", "Twitter", "new artist", "CC0"):
        assert words in " ".join(text.split()), words
    assert set(card.imagenet) == set(CLASSES)
    indices = [index for group in card.imagenet.values() for index in group]
    assert len(set(indices)) == len(indices) and set(indices) <= set(range(1000))
