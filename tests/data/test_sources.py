"""Finding files, and deciding what to try in which order."""

from pathlib import Path

import pytest
import tiny

from course_utils.data import catalog, sources
from course_utils.data.sources import Found, Inventory, find, plan

HERE = Found("npz", Path("x"), (Path("x"),))
EVERYTHING = Inventory(HERE, HERE, HERE)


@pytest.fixture
def world(monkeypatch, tmp_path):
    return tiny.World(monkeypatch, tmp_path)


def kinds(name="mnist", inventory=EVERYTHING, **options):
    return [step.kind for step in plan(catalog.card(name), inventory, **options)]


def test_when_everything_is_there_then_the_order_is_that_of_the_five_sources():
    assert kinds() == ["folder", "cache", "system", "download", "bundled"]


def test_when_bundled_is_asked_for_then_nothing_else_is_tried():
    assert kinds(data="bundled") == ["bundled"]
    assert kinds("cifar10", data="bundled") == ["practice"]


def test_when_full_is_asked_for_then_the_sample_is_never_used():
    assert kinds(data="full") == ["folder", "cache", "system", "download"]


def test_when_offline_then_nothing_is_downloaded():
    assert kinds(inventory=Inventory(), offline=True) == ["bundled"]
    assert kinds("cifar10", Inventory(), offline=True) == ["practice"]


@pytest.mark.parametrize("name", ["cifar10", "cifar100", "imagenette", "imagewoof"])
def test_when_images_have_colour_then_the_practice_set_comes_last_and_never_with_full(name):
    assert kinds(name, Inventory()) == ["download", "practice"]
    assert kinds(name, Inventory(), data="full") == ["download"]
    assert kinds(name, Inventory(), data="full", offline=True) == []


def test_when_nothing_ships_with_the_course_then_the_download_is_last(world):
    assert kinds("cifar10", Inventory()) == ["download"]


@pytest.mark.parametrize("folder", ["fashion-mnist", "fashion_mnist", "."])
@pytest.mark.parametrize("compressed", [True, False])
def test_when_idx_files_lie_there_then_they_are_found(world, tmp_path, folder, compressed):
    target = tmp_path / "prepared" / folder
    target.mkdir(parents=True)
    for name, key in zip(tiny.IDX, tiny.KEYS, strict=True):
        if compressed:
            (target / f"{name}.gz").write_bytes((world.official / "fashion-mnist" / f"{name}.gz").read_bytes())
        else:
            (target / name).write_bytes(tiny.idx(world.arrays["fashion_mnist"][key]))
    found = find(catalog.card("fashion_mnist"), tmp_path / "prepared")
    assert found.layout == "idx" and len(found.paths) == 4


def test_when_loose_idx_files_are_those_of_the_other_data_set_then_they_are_not_taken(world):
    loose = world.official / "fashion-mnist"
    assert find(catalog.card("fashion_mnist"), loose).layout == "idx"
    assert find(catalog.card("mnist"), loose) is None


def test_when_an_idx_file_is_missing_then_nothing_is_found(world):
    (world.official / "fashion-mnist" / "t10k-labels-idx1-ubyte.gz").unlink()
    assert find(catalog.card("fashion_mnist"), world.official) is None


@pytest.mark.parametrize(("name", "layout"), [("mnist", "npz"), ("fashion_mnist", "idx"), ("cifar10", "archive")])
def test_when_a_folder_is_laid_out_like_a_mirror_then_all_is_found(world, name, layout):
    assert find(catalog.card(name), world.official).layout == layout


def test_when_a_folder_holds_images_then_it_is_found_after_the_official_archive(world, tmp_path):
    card = catalog.card("cifar10")
    tiny.image_folder(tmp_path / "cifar10", card.classes)
    assert find(card, tmp_path).layout == "images"
    (tmp_path / card.files[0].path).write_bytes(b"")
    assert find(card, tmp_path).layout == "archive"


def test_when_only_one_half_of_an_image_folder_is_there_then_nothing_is_found(world, tmp_path):
    (tmp_path / "cifar10" / "train").mkdir(parents=True)
    assert find(catalog.card("cifar10"), tmp_path) is None


def test_when_the_cache_holds_only_some_files_then_it_does_not_count(world):
    world.fill_cache()
    world.cached("fashion-mnist/t10k-labels-idx1-ubyte.gz").unlink()
    assert sources.find_official(catalog.card("fashion_mnist"), world.cached("")) is None
    assert sources.find_official(catalog.card("mnist"), world.cached("")).layout == "npz"
