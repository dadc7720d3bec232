"""The card of Emoji-10."""

from types import MappingProxyType

from ..catalog import DatasetCard
from .sprites import CLASSES

# Indices of the ImageNet-1k classes nearest to each class, chosen by hand.
_NEAREST = {
    "airplane": (404, 895),
    # beach wagon, cab, convertible, jeep, limousine, minivan, Model T, racer, sports car
    "automobile": (436, 468, 511, 609, 627, 656, 661, 751, 817),
    "bird": (*range(7, 25), *range(80, 101), *range(127, 147)),
    "cat": tuple(range(281, 286)),
    # ImageNet-1k has no deer: ibex, hartebeest, impala, gazelle.
    "deer": (350, 351, 352, 353),
    "dog": tuple(range(151, 269)),
    "frog": (30, 31, 32),
    "horse": (339,),
    # catamaran, container ship, fireboat, lifeboat, liner, pirate, schooner, speedboat, trimaran, yawl
    "ship": (484, 510, 554, 625, 628, 724, 780, 814, 871, 914),
    # fire engine, garbage truck, moving van, tow truck, trailer truck
    "truck": (555, 569, 675, 864, 867),
}

CARD = DatasetCard(
    name="emoji10",
    title="Emoji-10 (practice set)",
    description="Emoji drawings of CIFAR-10's ten classes before random photographed textures, painted by the "
    "course itself, at any size. A stand-in where nothing can be downloaded: it is neither CIFAR-10 nor "
    "Imagenette, and no result on it is one of theirs. Half of the test images show the training drawings in new "
    "scenes (same drawings), half the drawings of an artist who is not in the training images (new artist).",
    origin="Training drawings: Noto Emoji, its current and its first version (Google), Fluent Emoji, shaded and flat "
    "(Microsoft). New artist: Twemoji (Twitter and contributors). All through Iconify's packages. Backgrounds: eight "
    "photographs of scikit-image. Composed by this course (course_utils/data/practice).",
    citation="this course; the drawings' artists as above",
    licence="Noto Emoji: Apache-2.0. Fluent Emoji: MIT. Twemoji: CC BY 4.0, "
    "https://creativecommons.org/licenses/by/4.0/ (changed: rendered, cut out, recoloured, composed). "
    "Backgrounds: CC0 or public domain. Texts and details beside the files.",
    label_faults="None: each label is the name of the drawing. Oddities: one frog per artist, and only its face; two "
    "of four airplanes come with a runway and most ships with water; some horses with a rider or a carousel's pole; "
    "deer are partly moose; colours are shifted, so a frog can be orange.",
    classes=CLASSES,
    shape=(32, 32, 3),
    sizes=MappingProxyType({"train": 8_000, "test": 2_000}),
    files=(),
    folders=(),
    imagenet=MappingProxyType(_NEAREST),
)
