"""The cards: complete, consistent, and shown."""

import re

import pytest

from course_utils import data
from course_utils.data import CATALOG, catalog
from course_utils.errors import UnknownNameError

CARDS = list(CATALOG.values())
by_name = pytest.mark.parametrize("card", CARDS, ids=list(CATALOG))


def test_when_asked_then_the_data_sets_of_the_course_are_available():
    assert data.available() == ("mnist", "fashion_mnist", "cifar10", "cifar100", "imagenette", "imagewoof")


@by_name
def test_when_a_card_is_read_then_every_part_says_something(card):
    texts = (card.title, card.description, card.origin, card.citation, card.licence, card.label_faults)
    assert all(len(text) > 3 for text in texts)
    assert len(set(card.classes)) == len(card.classes) == (100 if card.name == "cifar100" else 10)
    assert len(card.shape) == 3 and set(card.sizes) == {"train", "test"}


@by_name
def test_when_a_card_names_files_then_their_hashes_are_hashes_and_addresses_secure(card):
    for file in card.files:
        assert re.fullmatch(r"([0-9a-f]{64})?", file.sha256)
        assert re.fullmatch(r"([0-9a-f]{32})?", file.md5)
        assert file.sha256 or file.md5
        assert all(re.fullmatch(r"[0-9a-f]{64}", sha256) and size > 1000 for size, sha256 in file.earlier)
        assert file.size > 1000 and file.urls
        assert all(url.startswith("https://") and url.endswith(file.path.split("/")[-1]) for url in file.urls)
    for digests in (card.digests, card.sample.digests if card.sample else {}):
        assert all(re.fullmatch(r"[0-9a-f]{64}", value) for value in digests.values())


@pytest.mark.parametrize("name", ["mnist", "cifar10", "cifar100"])
def test_when_keras_is_installed_then_the_hashes_are_those_of_its_loaders(name):
    from importlib.util import find_spec
    from pathlib import Path

    spec = find_spec("keras")
    if spec is None:
        pytest.skip("Keras is not installed")
    source = (Path(spec.origin).parent / "src" / "datasets" / f"{name}.py").read_text(encoding="utf-8")
    assert CATALOG[name].files[0].sha256 in source
    assert CATALOG[name].files[0].urls[0].rpartition("/")[2] in source


@by_name
def test_when_a_card_is_displayed_then_text_and_html_tell_the_licence_and_the_faults(card):
    for shown in (repr(card), card._repr_html_()):
        assert card.title in shown
        assert "licence" in shown and "known faults" in shown and "ships with the course" in shown
    assert "<table" in card._repr_html_()


@pytest.mark.parametrize("name", ["imagenette", "imagewoof"])
def test_when_a_card_is_of_photographs_then_its_folders_are_wordnet_ids_in_the_order_of_imagenet(name):
    card = CATALOG[name]
    assert card.is_photos and len(card.class_folders) == len(card.classes)
    assert all(re.fullmatch(r"n\d{8}", folder) for folder in card.class_folders)
    indices = [index for cls in card.classes for index in card.imagenet[cls]]
    assert len(indices) == 10 and indices == sorted(indices)
    assert list(card.class_folders) == sorted(card.class_folders)


def test_when_a_hash_was_not_published_then_the_card_says_what_there_is():
    assert "MD5" in CATALOG["imagewoof"].files[0].fingerprint
    assert "SHA-256" in CATALOG["imagenette"].files[0].fingerprint
    assert "no hash" in catalog.RemoteFile("x", (), 5).fingerprint


def test_when_a_name_is_unknown_then_the_closest_is_offered_first():
    with pytest.raises(UnknownNameError) as caught:
        catalog.card("fashion")
    assert caught.value.valid[0] == "fashion_mnist"
    assert all(name in str(caught.value) for name in CATALOG)
