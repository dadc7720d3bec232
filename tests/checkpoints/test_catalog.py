import json
from pathlib import Path

import numpy as np
import pytest

import course_utils
from course_utils.checkpoints import answers, catalog
from course_utils.checkpoints.loading import read_content
from course_utils.checkpoints.making import TOTAL
from course_utils.checkpoints.saving import LIMIT
from course_utils.errors import CourseError

SHIPPED = Path(course_utils.__file__).parent / "checkpoints" / "shipped"


def test_when_saved_and_loaded_then_nothing_is_lost_and_the_order_is_by_key(make_entry):
    entries = [make_entry("lenet", also=("lenet_start",)), make_entry("deeper", budget="full")]
    catalog.save_catalog(entries)
    assert catalog.load_catalog() == [entries[1], entries[0]]


def test_when_there_is_no_catalog_then_there_are_no_checkpoints():
    assert catalog.load_catalog() == []


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"schema": 1}',
        '{"schema": 1, "checkpoints": [{"recipe": "lenet"}]}',
        '{"schema": 1, "checkpoints": [3]}',
    ],
)
def test_when_the_catalog_is_damaged_then_it_says_so(own_places, text):
    (own_places / "catalog.json").write_text(text)
    with pytest.raises(CourseError, match="catalog of checkpoints is damaged"):
        catalog.load_catalog()


def test_when_an_entry_names_a_file_elsewhere_then_it_is_refused(own_places, make_entry):
    path = catalog.save_catalog([make_entry()])
    path.write_text(path.read_text().replace("lenet.npz", "../lenet.npz"))
    with pytest.raises(CourseError, match="makes no sense"):
        catalog.load_catalog()


@pytest.mark.parametrize(
    "changes",
    [
        {"accuracy": "high"},
        {"accuracy": None},
        {"accuracy": 82.3},
        {"accuracy": float("nan")},
        {"accuracy": True},
        {"recorded": "0.8"},
        {"recorded": 80},
        {"images": None},
        {"size": 1.5},
        {"override": ["rows"]},
        {"versions": None},
        {"also": "lenet_start"},
        {"also": [3]},
        {"epochs": "two"},
        {"minutes": "x"},
        {"notebook": 4},
        {"machine": None},
    ],
)
def test_when_a_value_is_of_the_wrong_kind_then_the_entry_and_the_value_are_named(own_places, make_entry, changes):
    path = catalog.save_catalog([make_entry()])
    content = json.loads(path.read_text())
    content["checkpoints"][0].update(changes)
    path.write_text(json.dumps(content))
    with pytest.raises(CourseError, match="damaged") as error:
        catalog.load_catalog()
    (name,) = changes
    assert name in error.value.found


def test_numbers_without_a_point_and_values_that_are_not_known_are_sound(make_entry):
    entry = make_entry(accuracy=1, recorded=0, minutes=2, notebook=None, epochs=None, seed=None)
    catalog.save_catalog([entry])
    assert catalog.load_catalog() == [entry]


def test_when_the_catalog_is_a_folder_then_it_says_so(own_places):
    (own_places / "catalog.json").mkdir()
    with pytest.raises(CourseError, match="catalog of checkpoints cannot be read"):
        catalog.load_catalog()


@pytest.mark.parametrize("content", [{"schema": 2, "checkpoints": []}, {"schema": 2, "entries": []}])
def test_when_the_schema_is_newer_then_the_fix_is_to_update(own_places, content):
    (own_places / "catalog.json").write_text(json.dumps(content))
    with pytest.raises(CourseError, match="Update the course"):
        catalog.load_catalog()


def test_the_shipped_catalog_is_sound_and_each_file_is_the_one_it_names():
    entries = catalog.load_catalog(SHIPPED)
    for entry in entries:
        assert read_content(entry, SHIPPED).weights
        assert entry.size == (SHIPPED / entry.file).stat().st_size <= LIMIT
    assert sum(entry.size for entry in entries) <= TOTAL
    assert {path.name for path in SHIPPED.glob("*.npz")} == {entry.file for entry in entries}


def test_every_shipped_checkpoint_has_its_networks_answers_to_the_fixed_pictures():
    for entry in catalog.load_catalog(SHIPPED):
        said = read_content(entry, SHIPPED).answers
        assert said is not None, f"{entry.file}: another function in the same layers would not be noticed"
        assert said.pictures == answers.PICTURES
        assert len(said.values) == answers.COUNT and np.isfinite(said.values).all()
        assert np.ptp(said.values, axis=0).max() > answers.TOLERANCE, "the same answer to every picture tells nothing"
