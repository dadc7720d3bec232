"""Rebuild the drawings and textures of Emoji-10 (for maintainers): ``python -m course_utils.data.practice.build``.

It needs two things the course itself never does. In an empty folder, with Node.js::

    npm install @iconify-json/noto@1.2.9 @iconify-json/noto-v1@1.2.5 @iconify-json/fluent-emoji@1.2.7 \
        @iconify-json/fluent-emoji-flat@1.2.6 @iconify-json/twemoji@1.2.5

and, in a virtual environment that also has the course, ``pip install resvg-py==0.5.0 scikit-image==0.26.0``.
Then give the folder's ``node_modules``. Every drawing is rendered large, cut to what is visible, and shrunk into
a square cell, so that no artist is told by the size of the margins. Afterwards run
``pytest tests/data -k practice``: the digests of the composed scenes there change with the files.
"""

import argparse
import io
import json
import sys
from pathlib import Path

import numpy as np

from .sprites import CELL, COLUMNS, MARGIN, STYLES, TEXTURE_SIZE

# Which drawings stand for a class, by their names in the packages; a style that lacks one is skipped.
# As in CIFAR-10 no class has pickup trucks; smiling cat faces, unicorns and canoes would be named otherwise.
GLYPHS = {
    "airplane": "airplane airplane-arrival airplane-departure small-airplane",
    "automobile": "automobile oncoming-automobile oncoming-police-car oncoming-taxi police-car racing-car "
    "sport-utility-vehicle taxi",
    "bird": "baby-chick bird black-bird blackbird chicken dodo dove duck eagle flamingo front-facing-baby-chick "
    "goose owl parrot peacock penguin rooster swan turkey",
    "cat": "black-cat cat cat-face",
    "deer": "deer moose",
    "dog": "dog dog-face guide-dog poodle service-dog",
    "frog": "frog",
    "horse": "carousel-horse horse horse-face horse-racing",
    "ship": "ferry motor-boat passenger-ship sailboat ship speedboat",
    "truck": "articulated-lorry delivery-truck fire-engine",
}

# Photographs of scikit-image without anything a class is named after: (left, top, side) of the square taken.
TEXTURES = {
    "brick": ("brick.png", (0, 0, 512)),
    "cell": ("cell.png", (0, 60, 550)),
    "clock": ("clock_motion.png", (0, 0, 300)),
    "coffee": ("coffee.png", (100, 0, 400)),
    "grass": ("grass.png", (0, 0, 512)),
    "gravel": ("gravel.png", (0, 0, 512)),
    "hubble": ("hubble_deep_field.jpg", (100, 100, 640)),
    "retina": ("retina.jpg", (300, 250, 800)),
}

_RENDERED = 512


def render(icons, name):
    """Render one drawing of an icon set in Iconify's format, cut to what is visible.

    Parameters
    ----------
    icons : dict
        The content of ``icons.json``.
    name : str

    Returns
    -------
    PIL.Image.Image or None
        Premultiplied (``"RGBa"``); None if the set has no such drawing.
    """
    import resvg_py
    from PIL import Image

    icon = icons["icons"].get(icons.get("aliases", {}).get(name, {}).get("parent", name))
    if icon is None:
        return None
    left, top, width, height = (
        icon.get(key, icons.get(key, default))
        for key, default in (("left", 0), ("top", 0), ("width", 16), ("height", 16))
    )
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{_RENDERED}" height="{_RENDERED}" viewBox="{left} {top} {width} {height}">{icon["body"]}</svg>'
    )
    with Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg)))) as image:
        image = image.convert("RGBA")
    visible = image.getchannel("A").point(lambda alpha: 255 * (alpha > 8)).getbbox()
    return image.crop(visible).convert("RGBa")


def in_cell(image):
    """Shrink a drawing into the middle of a square cell, its longer side filling it up to the margin."""
    from PIL import Image

    scale = (CELL - 2 * MARGIN) / max(image.size)
    size = tuple(max(1, round(side * scale)) for side in image.size)
    cell = Image.new("RGBa", (CELL, CELL))
    cell.paste(image.resize(size, Image.Resampling.LANCZOS), tuple((CELL - side) // 2 for side in size))
    return cell.convert("RGBA")


def sheet(icons):
    """Return a picture with the cells of all drawings of one style, and their (class, name) in order."""
    from PIL import Image

    drawn = [
        (label, name, image)
        for label, names in GLYPHS.items()
        for name in names.split()
        if (image := render(icons, name)) is not None
    ]
    picture = Image.new("RGBA", (COLUMNS * CELL, -(-len(drawn) // COLUMNS) * CELL))
    for place, (_, _, image) in enumerate(drawn):
        picture.paste(in_cell(image), (place % COLUMNS * CELL, place // COLUMNS * CELL))
    return picture, [(label, name) for label, name, _ in drawn]


def texture(path, box):
    """Cut a square out of a photograph and reduce it."""
    from PIL import Image

    left, top, side = box
    with Image.open(path) as image:
        square = image.convert("RGB").crop((left, top, left + side, top + side))
    size = min(side, TEXTURE_SIZE)
    return square.resize((size, size), Image.Resampling.LANCZOS)


def main(arguments=None):
    """Write the sheets, the textures and the index beside this file."""
    parser = argparse.ArgumentParser(description="Rebuild the drawings and textures of Emoji-10.")
    parser.add_argument("--node-modules", type=Path, required=True, help="folder that holds @iconify-json/")
    parser.add_argument("--into", type=Path, default=Path(__file__).parent)
    options = parser.parse_args(arguments)
    index = {}
    for style in STYLES:
        package = options.node_modules / "@iconify-json" / style
        icons, information, about = (
            json.loads((package / name).read_text(encoding="utf-8"))
            for name in ("icons.json", "info.json", "package.json")
        )
        picture, drawings = sheet(icons)
        _write(options.into / "sprites" / f"{style}.webp", picture, quality=90, alpha_quality=100)
        index[style] = {
            "package": f"{about['name']} {about['version']}",
            "artist": information["author"]["name"],
            "source": information["author"]["url"],
            "licence": information["license"]["spdx"],
            "drawings": drawings,
        }
    text = json.dumps(index, indent=1, ensure_ascii=False)
    (options.into / "sprites" / "index.json").write_text(f"{text}\n", encoding="utf-8", newline="\n")
    _build_textures(options.into / "textures")


def _build_textures(folder):
    import skimage

    photographs = Path(skimage.__file__).parent / "data"
    for name, (file, box) in TEXTURES.items():
        picture = texture(photographs / file, box)
        _write(folder / f"{name}.webp", picture, quality=75)


def _write(path, picture, **options):
    picture.save(path, method=6, **options)
    opaque = np.asarray(picture.convert("RGBA"))[..., 3].mean() / 255
    sys.stdout.write(f"{path.name}: {path.stat().st_size:,} bytes, {opaque:.0%} covered\n")


if __name__ == "__main__":
    main()
