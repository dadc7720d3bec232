import json
from dataclasses import asdict, replace
from types import SimpleNamespace

import pytest

import course_utils as cu
from course_utils.checkpoints import catalog, making
from course_utils.checkpoints.catalog import load_catalog
from course_utils.checkpoints.loading import read_content
from course_utils.checkpoints.making import Making, chosen_drafts, make_checkpoints, take_drafts
from course_utils.checkpoints.saving import Draft
from course_utils.errors import CourseError, DiskError, InputError, IntegrityError, UnknownNameError
from course_utils.results.recipes import recipe_hash


@pytest.fixture
def notebooks(tmp_path, write_notebook):
    cells = [
        (["setup"], "import math"),
        (["recipe:lenet", "recipe:lenet_start"], "a = 1"),
        (["recipe:deeper"], "b = 2"),
    ]
    write_notebook(tmp_path / "notebooks" / "00_start_here.ipynb", ([], "1"))
    return write_notebook(tmp_path / "notebooks" / "03_lenet.ipynb", *cells).parent


@pytest.fixture
def execute(ship, network, own_places):
    """Stands in for executing a notebook: its kernel leaves drafts of a network under two names, and of none."""
    calls = []

    def run(options, progress):
        from pathlib import Path

        calls.append(options)
        folder = Path(options.environ["COURSE_SAVE_CHECKPOINTS"])
        entry = ship(network(), variant="fashion_mnist")
        data = (own_places / entry.file).read_bytes()
        for path in own_places.iterdir():
            path.unlink()
        (folder / entry.file).write_bytes(data)
        start = {**asdict(entry), "recipe": "lenet_start", "split": "validation"}
        for place, draft in enumerate([start, asdict(entry)]):
            text = json.dumps({"recipe": draft["recipe"], "checkpoint": draft, "change": 0.0, "skipped": ""})
            (folder / f"{place}.json").write_text(text)
        (folder / "2.json").write_text(json.dumps(asdict(Draft("deeper", skipped="too large"))))
        return SimpleNamespace(outcomes=[SimpleNamespace(status=run.status, failure=None)])

    run.calls, run.status = calls, "passed"
    return run


def make(notebooks, execute, tmp_path, **options):
    call = {name: options.pop(name) for name in ("only", "wanted") if name in options}
    return make_checkpoints(
        **call, options=Making(output=tmp_path / "out", **options), notebooks=notebooks, execute=execute
    )


def test_when_a_notebook_has_run_then_its_networks_are_in_the_catalog_once(notebooks, execute, tmp_path, network):
    made = make(notebooks, execute, tmp_path)
    assert [(one.recipe, one.status) for one in made] == [("deeper", "left out"), ("lenet", "kept")]
    (entry,) = load_catalog()
    assert (entry.recipe, entry.also, entry.split, entry.notebook) == ("lenet", ("lenet_start",), "test", "03_lenet")
    assert entry.recipe_hash
    assert cu.load_checkpoint(network(), "lenet_start").about == entry
    assert [options.notebooks[0].stem for options in execute.calls] == ["03_lenet"]
    assert (execute.calls[0].budget, execute.calls[0].seed) == ("laptop", 0)


def test_when_recipes_are_wanted_then_only_the_cells_they_need_are_run(notebooks, execute, tmp_path):
    make(notebooks, execute, tmp_path, wanted=["lenet"])
    cells = json.loads(execute.calls[0].notebooks[0].read_text())["cells"]
    assert [cell["source"] for cell in cells] == ["import math", "a = 1"]


def test_when_a_recipe_or_the_budget_is_unknown_then_nothing_is_run(notebooks, execute, tmp_path):
    with pytest.raises(UnknownNameError, match="Did you mean 'lenet'"):
        make(notebooks, execute, tmp_path, wanted=["lennet"])
    with pytest.raises(UnknownNameError, match="budget for checkpoints"):
        make(notebooks, execute, tmp_path, budget="smoke")
    assert execute.calls == []


def test_when_a_notebook_fails_then_what_it_kept_before_is_taken_and_the_failure_told(notebooks, execute, tmp_path):
    execute.status = "failed"
    made = make(notebooks, execute, tmp_path)
    assert (made[0].recipe, made[0].status) == ("03_lenet", "failed")
    assert len(load_catalog()) == 1


def test_a_network_replaces_its_earlier_self_and_no_other(notebooks, execute, tmp_path, make_entry, monkeypatch):
    make(notebooks, execute, tmp_path)
    make(notebooks, execute, tmp_path)
    assert len(load_catalog()) == 1


def test_when_all_together_would_be_too_large_then_the_network_is_left_out(notebooks, execute, tmp_path, monkeypatch):
    monkeypatch.setattr(making, "TOTAL", 10)
    made = make(notebooks, execute, tmp_path)
    assert "all together would exceed" in made[-1].note
    assert load_catalog() == [] and not list(catalog.FOLDER.glob("*.npz"))


def test_networks_that_train_in_no_time_are_left_out(make_entry):
    drafts = [Draft("fast", make_entry("fast", minutes=0.2)), Draft("slow", make_entry("slow", minutes=1.0))]
    kept, left = chosen_drafts([*drafts, Draft("unknown", make_entry(minutes=None))])
    assert [entry.recipe for entry in kept] == ["slow"]
    assert [one.note for one in left] == [
        "training takes 0.2 minutes, less than 1",
        "training takes unknown, less than 1",
    ]


@pytest.fixture
def drafts(notebooks, network, ship, own_places, tmp_path):
    """The folder a benchmark leaves: the network of recipe lenet, whose hash is the notebook's or another."""

    def leave(recipe_hash):
        entry = ship(network(), variant="fashion_mnist")
        data = (own_places / entry.file).read_bytes()
        for path in own_places.iterdir():
            path.unlink()
        folder = tmp_path / "drafts" / "03_lenet"
        folder.mkdir(parents=True)
        (folder / entry.file).write_bytes(data)
        draft = Draft("lenet", replace(entry, recipe_hash=recipe_hash, notebook="03_lenet"))
        (folder / "lenet.json").write_text(json.dumps(asdict(draft)))
        return folder.parent

    return leave


def test_when_a_benchmark_left_networks_then_they_are_taken_without_training(notebooks, drafts, network):
    folder = drafts(recipe_hash("lenet", "laptop", notebooks, "03_lenet"))
    (made,) = take_drafts(folder, notebooks=notebooks)
    assert (made.recipe, made.status) == ("lenet", "kept")
    assert cu.load_checkpoint(network(), "lenet").about.recipe == "lenet"


def test_when_the_recipe_has_changed_since_then_its_network_is_left_out(notebooks, drafts):
    (made,) = take_drafts(drafts("0123456789abcdef"), notebooks=notebooks)
    assert (made.status, made.note) == ("left out", "its recipe has changed since it was trained")
    assert load_catalog() == []


def test_when_only_other_notebooks_are_asked_for_then_nothing_is_taken(notebooks, drafts):
    folder = drafts(recipe_hash("lenet", "laptop", notebooks, "03_lenet"))
    with pytest.raises(InputError, match="no network to take"):
        take_drafts(folder, only=["00"], notebooks=notebooks)
    assert load_catalog() == []
    (made,) = take_drafts(folder, only=["03"], notebooks=notebooks)
    assert made.status == "kept"


def test_when_there_is_no_network_to_take_then_it_is_told_where_they_come_from(notebooks, tmp_path):
    with pytest.raises(InputError, match="no network to take"):
        take_drafts(tmp_path / "nothing", notebooks=notebooks)


@pytest.fixture
def two_drafts(tmp_path, make_entry):
    """Two networks in a folder of drafts, each of one number; the second one's file may be damaged."""
    import hashlib

    import numpy as np

    from course_utils.checkpoints.packing import Content, Weight, packed

    folder = tmp_path / "two"
    folder.mkdir()

    def write(number, sound=True):
        made = []
        for name in ("a", "b"):
            data = packed(Content((Weight("d", "Dense", "kernel", np.full((2, 2), number, "float32")),)))
            (folder / f"{name}.npz").write_bytes(data if sound or name == "a" else data[:-3])
            digest = hashlib.sha256(data).hexdigest()
            made.append(Draft(name, make_entry(name, sha256=digest, size=len(data), variant=f"of_{name}")))
        return made, folder

    return write


def numbers():
    """Return the number in each shipped file, once its hash has been found right."""
    return [float(read_content(entry).weights[0].values[0, 0]) for entry in load_catalog()]


def test_when_one_draft_is_damaged_then_the_shipped_folder_is_as_before(two_drafts):
    making.adopt(*two_drafts(1.0), Making())
    assert numbers() == [1.0, 1.0]
    with pytest.raises(IntegrityError, match="damaged"):
        making.adopt(*two_drafts(2.0, sound=False), Making())
    assert numbers() == [1.0, 1.0]


@pytest.mark.parametrize(("at", "left"), [(1, [1.0, 1.0]), (2, [2.0, 1.0])])
def test_when_the_disk_fails_while_drafts_are_taken_then_catalog_and_files_still_agree(
    two_drafts, monkeypatch, at, left
):
    making.adopt(*two_drafts(1.0), Making())
    calls, save = [], catalog.save_catalog

    def fail(*arguments):
        calls.append(arguments)
        if len(calls) == at:
            raise DiskError("The disk is full.")
        return save(*arguments)

    monkeypatch.setattr(catalog, "save_catalog", fail)
    with pytest.raises(DiskError):
        making.adopt(*two_drafts(2.0), Making())
    assert numbers() == left


@pytest.mark.parametrize("text", ["{", "[]", '{"recipe": "lenet"}', '{"recipe": "lenet", "checkpoint": {"seed": 0}}'])
def test_when_a_draft_makes_no_sense_then_its_file_is_named(notebooks, drafts, text):
    folder = drafts("0123456789abcdef")
    (folder / "03_lenet" / "other.json").write_text(text)
    with pytest.raises(CourseError, match="draft of a checkpoint is damaged") as error:
        take_drafts(folder, notebooks=notebooks)
    assert error.value.where.endswith("other.json")
