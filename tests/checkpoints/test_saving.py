from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import course_utils as cu
from course_utils.checkpoints import answers, catalog, saving
from course_utils.checkpoints.loading import read_content
from course_utils.errors import InputError

HISTORY = {"loss": [1.23456789, np.float32(0.5)], "accuracy": [0.5, 1]}


@pytest.fixture
def drafts(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_SAVE_CHECKPOINTS", str(tmp_path / "drafts"))
    return tmp_path / "drafts"


@pytest.fixture
def report(network, images):
    model = network()
    answers = np.asarray(model(images, training=False)).argmax(axis=1)
    labels = np.where(np.arange(len(images)) < 30, answers, (answers + 1) % 3)  # 30 of 40 right
    values = {"accuracy": 0.75, "images": images, "labels": labels, "variant": "cifar10/jpeg", "split_name": "test"}
    return SimpleNamespace(model=model, n=40, **values)


def test_when_nobody_asks_then_nothing_is_kept(report, own_places, tmp_path, monkeypatch):
    monkeypatch.delenv("COURSE_SAVE_CHECKPOINTS", raising=False)
    cu.record("lenet", report, history=HISTORY, minutes=2, model=report.model)
    assert not (tmp_path / "drafts").exists()


def test_when_asked_then_the_recorded_network_is_kept_with_its_history(report, drafts, capsys):
    before = report.model.get_weights()
    cu.record("lenet", report, history=HISTORY, minutes=2, model=report.model)
    assert "kept for a checkpoint" in capsys.readouterr().out
    (draft,) = saving.read_drafts(drafts)
    entry = draft.checkpoint
    assert (entry.recipe, entry.variant, entry.budget, entry.split) == ("lenet", "cifar10/jpeg", "laptop", "test")
    assert (entry.accuracy, entry.recorded, entry.images, entry.epochs, entry.minutes) == (0.75, 0.75, 40, 2, 2)
    assert abs(draft.change) <= saving.TOLERANCE
    content = read_content(entry, drafts)
    assert content.history == {"loss": [1.2346, 0.5], "accuracy": [0.5, 1.0]}
    for mine, theirs in zip(report.model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(mine, theirs)  # the notebook goes on with the weights as they were


def test_when_no_model_is_given_then_the_historys_own_is_kept(report, drafts):
    history = SimpleNamespace(history=HISTORY, params={}, model=report.model)
    cu.record("lenet", report, history=history, minutes=2)
    (draft,) = saving.read_drafts(drafts)
    assert (draft.skipped, draft.checkpoint.accuracy) == ("", 0.75)


def test_when_the_historys_model_is_not_what_was_recorded_then_it_is_not_kept(report, drafts):
    report.accuracy = 0.8  # of an average of networks, for example
    cu.record("lenet", report, history=SimpleNamespace(history=HISTORY, params={}, model=report.model))
    (draft,) = saving.read_drafts(drafts)
    assert "of another network" in draft.skipped and "recorded 0.8000" in draft.skipped


def test_the_answers_to_the_fixed_pictures_are_kept_and_the_same_network_gives_the_same_file(report, drafts):
    for name in ("lenet_start", "lenet"):
        cu.record(name, report, history=HISTORY, minutes=2, model=report.model)
    one, other = (draft.checkpoint for draft in saving.read_drafts(drafts))
    said = read_content(one, drafts).answers
    assert (said.shape, said.values.shape, said.values.dtype) == ((6, 6, 1), (32, 3), "float32")
    assert one.sha256 == other.sha256
    np.testing.assert_allclose(said.values, answers.ask(report.model, (6, 6, 1)), atol=2e-3)


def test_when_the_network_takes_any_size_then_the_pictures_are_as_large_as_the_images(report, drafts):
    import keras
    from keras import layers

    model = keras.Sequential([keras.Input((None, None, 1)), layers.Conv2D(3, 3), layers.GlobalAveragePooling2D()])
    report.labels = np.asarray(model(report.images, training=False)).argmax(axis=1)
    cu.record("lenet", report, history=HISTORY, minutes=2, model=model)
    (draft,) = saving.read_drafts(drafts)
    assert draft.skipped == ""
    assert read_content(draft.checkpoint, drafts).answers.shape == (6, 6, 1)


def test_when_a_weight_is_no_number_then_the_network_is_left_out_and_the_weight_named(report, drafts):
    values = report.model.get_weights()
    values[0][0, 0, 0, 0] = np.nan
    report.model.set_weights(values)
    cu.record("lenet", report, history=HISTORY, minutes=2, model=report.model)
    (draft,) = saving.read_drafts(drafts)
    assert "not all finite numbers. kernel of conv2d" in draft.skipped


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"model": None}, "NoneType"),
        ({"history": None}, "no history"),
        ({"variant": None}, "data or budget"),
        ({"images": None}, "no images"),
        ({"images": np.zeros((40, 8), "float32")}, "not answer to images"),
    ],
)
def test_when_it_cannot_be_kept_then_the_reason_is_and_the_notebook_goes_on(report, drafts, changes, reason, capsys):
    options = {"history": HISTORY, "model": report.model}
    options |= {name: value for name, value in changes.items() if name in options}
    for name in ("variant", "images"):
        if name in changes:
            setattr(report, name, changes[name])
    cu.record("lenet", report, **options)
    (draft,) = saving.read_drafts(drafts)
    assert draft.checkpoint is None and reason in draft.skipped
    assert "no checkpoint:" in capsys.readouterr().out
    assert not list(drafts.glob("*.npz"))


@pytest.mark.parametrize(
    ("changes", "minutes"),
    [
        ({}, 1.235),
        ({"minutes": None}, None),
        ({"accuracy": 0.7}, 2.0),
        ({"name": "deeper"}, 2.0),
        ({"budget": "full"}, 2.0),
        ({"variant": None}, 2.0),
    ],
)
def test_minutes_are_corrected_in_the_draft_of_the_very_network(report, drafts, changes, minutes):
    cu.record("lenet", report, history=HISTORY, minutes=2.0, model=report.model)
    (before,) = saving.read_drafts(drafts)
    record = {"name": "lenet", "variant": "cifar10/jpeg", "budget": "laptop", "accuracy": 0.75, "minutes": 1.23456}
    saving.correct_minutes(drafts, [record | changes])
    (draft,) = saving.read_drafts(drafts)
    assert draft == replace(before, checkpoint=replace(before.checkpoint, minutes=minutes))


def test_a_draft_of_no_network_has_no_minutes_to_correct(report, drafts):
    cu.record("lenet", report, history=None, minutes=2.0, model=report.model)
    record = {"name": "lenet", "variant": "cifar10/jpeg", "budget": "laptop", "accuracy": 0.75, "minutes": 1.0}
    saving.correct_minutes(drafts, [record])
    assert saving.read_drafts(drafts)[0].checkpoint is None


def test_when_the_file_would_be_too_large_then_it_is_left_out(report, drafts, monkeypatch):
    monkeypatch.setattr(saving, "LIMIT", 100)
    cu.record("lenet", report, history=HISTORY, model=report.model)
    assert "too large to ship" in saving.read_drafts(drafts)[0].skipped


def test_when_writing_changes_the_accuracy_then_it_is_left_out_and_the_weights_come_back(report, drafts, monkeypatch):
    before = report.model.get_weights()
    monkeypatch.setattr(
        saving.packing, "shrunk", lambda name, values: np.asarray(values) * (-1 if "kernel" in name else 1)
    )
    cu.record("lenet", report, history=HISTORY, model=report.model)
    assert "changes the accuracy" in saving.read_drafts(drafts)[0].skipped
    for mine, theirs in zip(report.model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_in_a_smoke_run_nothing_is_kept(report, drafts, monkeypatch):
    monkeypatch.setenv("COURSE_BUDGET", "smoke")
    cu.record("lenet", report, history=HISTORY, model=report.model)
    assert saving.read_drafts(drafts)[0].checkpoint is None


def test_the_same_random_numbers_follow_whether_a_network_is_kept_or_not(report, drafts, monkeypatch):
    import keras

    def after(keep):
        keras.utils.set_random_seed(1)
        if keep:
            cu.record("lenet", report, history=HISTORY, model=report.model)
        return float(keras.random.normal(())), np.random.rand(), float(keras.layers.Dense(1)(np.ones((1, 3)))[0, 0])

    assert after(True) == after(False)


def test_an_accuracy_is_that_of_all_batches(report):
    assert saving.own_accuracy(report.model, report.images, report.labels) == 0.75
    with pytest.raises(InputError):
        saving.own_accuracy(report.model, np.zeros((4, 5, 5, 1)), np.zeros(4))


def test_names_of_files_have_no_folders_in_them():
    assert saving.file_stem("head/clean", "imagenette/jpeg", "full") == "head-clean.imagenette-jpeg.full"
    assert catalog.from_json({**vars_of(), "file": "a.npz"}).file == "a.npz"


def vars_of():
    return {"recipe": "a", "budget": "b", "variant": "c", "file": "", "sha256": "", "size": 1, "accuracy": 0.5}
