"""Features on the disk: damaged parts, disks that are full or read-only, old models."""

import errno
import os
import time

import numpy as np
import pytest

from course_utils.models import feature_store
from course_utils.models.feature_store import FeatureStore


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "Zwischenspeicher mit Leerzeichen"


def keys(*numbers):
    return np.array([[number] * 16 for number in numbers], "uint8")


def rows(*numbers):
    return np.array([[number, 0.5] for number in numbers], "float16")


def found(store, *numbers):
    wanted = {key.tobytes(): [place] for place, key in enumerate(keys(*numbers))}
    places = {place: row for places, part in store.look_up(wanted) for place, row in zip(places, part, strict=True)}
    return [float(places[place][0]) if place in places else None for place in range(len(numbers))]


def part(store):
    (path,) = store.folder.glob("*.npz")
    return path


def test_when_rows_were_added_then_another_store_finds_them_in_any_order(folder):
    store = FeatureStore(folder, "key")
    store.add(keys(1, 2, 3), rows(1, 2, 3))
    store.add(keys(4), rows(4).astype("float32"))
    assert found(FeatureStore(folder, "key"), 3, 9, 4, 1) == [3, None, 4, 1]
    assert found(FeatureStore(folder, "other"), 3) == [None]


def damage_flip(content):
    place = content.index(rows(2).tobytes())
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


@pytest.mark.parametrize(
    "damage",
    [
        damage_flip,
        lambda content: content[:-30],
        lambda content: content[: len(content) // 2],
        lambda content: b"",
        lambda content: b"<html>" + content,
        lambda content: content.replace(keys(2).tobytes(), keys(7).tobytes()),
    ],
    ids=["bit", "end cut", "half", "empty", "page", "key"],
)
def test_when_a_part_is_damaged_then_it_is_noticed_removed_and_counted(folder, damage):
    FeatureStore(folder, "key").add(keys(1, 2), rows(1, 2))
    FeatureStore(folder, "key").add(keys(5), rows(5))
    path = max((folder / "key").glob("*.npz"), key=lambda path: path.stat().st_size)
    path.write_bytes(damage(path.read_bytes()))
    store = FeatureStore(folder, "key")
    assert found(store, 1, 2, 5, 7) == [None, None, 5, None]
    assert store.damaged == 1 and not path.exists()
    store.add(keys(1, 2), rows(1, 2))
    assert found(FeatureStore(folder, "key"), 1, 2) == [1, 2]


def test_when_a_part_holds_pickles_then_it_is_damaged_and_nothing_runs(folder):
    store = FeatureStore(folder, "key")
    store.folder.mkdir(parents=True)
    np.savez(store.folder / "evil.npz", keys=keys(1), rows=np.array([{"a": 1}], dtype=object), allow_pickle=True)
    assert found(store, 1) == [None] and store.damaged == 1


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_when_the_disk_refuses_then_the_reason_is_kept_and_nothing_half_written_stays(folder, monkeypatch, code):
    store = FeatureStore(folder, "key")
    store.add(keys(1), rows(1))

    def refuse(*arguments, **options):
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr(np, "savez", refuse)
        store.add(keys(2), rows(2))
    assert "disk is full" in store.problem or "Cannot write" in store.problem
    assert [path.suffix for path in store.folder.iterdir()] == [".npz"]
    assert found(FeatureStore(folder, "key"), 1, 2) == [1, None]


def test_when_there_is_too_little_room_then_nothing_is_begun(folder, monkeypatch):
    store = FeatureStore(folder, "key")
    store.add(keys(1), rows(1))
    monkeypatch.setattr("course_utils.files.free_bytes", lambda path: 10)
    store.add(keys(2), rows(2))
    assert "full" in store.problem


def test_when_the_folder_cannot_be_made_then_work_goes_on_without_it(tmp_path):
    (tmp_path / "file").write_text("a file where the cache should be")
    store = FeatureStore(tmp_path / "file", "key")
    with store.alone("the features"):
        store.add(keys(1), rows(1))
    assert "Cannot write" in store.problem
    assert found(store, 1) == [None]


def test_when_the_cache_is_too_large_then_the_models_not_used_for_longest_go(folder, monkeypatch):
    for age, key in enumerate(["now", "yesterday", "long ago"]):
        store = FeatureStore(folder, key)
        with store.alone("the features"):
            store.add(keys(1), rows(1))
        used = time.time() - age * 86_400
        os.utime(store.folder / ".lock", (used, used))
    size = part(FeatureStore(folder, "now")).stat().st_size
    monkeypatch.setattr(feature_store, "KEPT_BYTES", 2 * size)
    FeatureStore(folder, "now").tidy()
    assert sorted(path.name for path in folder.iterdir()) == ["now", "yesterday"]
    monkeypatch.setattr(feature_store, "KEPT_BYTES", 0)
    os.utime(folder / "yesterday" / ".lock")  # used a moment ago, perhaps by a kernel at work
    FeatureStore(folder, "now").tidy()
    assert sorted(path.name for path in folder.iterdir()) == ["now", "yesterday"]
