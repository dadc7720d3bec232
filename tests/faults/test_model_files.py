"""Saved training runs that are damaged, hostile, or were being written when something broke."""

import errno
import io
import os
import pickle
import zipfile

import keras
import numpy as np
import pytest
from training_samples import tiny_fit, tiny_model

from course_utils.errors import CourseError, DiskError
from course_utils.training import Resume, _checkpoint
from course_utils.training._checkpoint import Checkpoint, read_checkpoint, write_checkpoint


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "Läufe mit Leerzeichen"


def run(folder, epochs, **options):
    keras.utils.set_random_seed(1)
    resume = Resume("lenet", folder=folder, **options)
    return tiny_fit(tiny_model(), [resume], epochs=epochs, initial_epoch=resume.epoch), resume


def small(epoch=1):
    return Checkpoint(
        epoch=epoch,
        history={"loss": [0.5] * epoch},
        weights=(np.arange(6, dtype="float32").reshape(2, 3) + epoch,),
        optimizer=(np.array(epoch),),
        weight_names=("dense/kernel",),
    )


def npz(path, members, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def npy(array, allow_pickle=False):
    stream = io.BytesIO()
    np.lib.format.write_array(stream, array, allow_pickle=allow_pickle)
    return stream.getvalue()


def members_of(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("keep", [0, 0.5, 0.99])
def test_when_the_newest_save_is_cut_short_then_the_one_before_is_used_and_that_is_said(folder, keep, capsys):
    _, resume = run(folder, 3)
    whole = resume.path.read_bytes()
    resume.path.write_bytes(whole[: int(keep * len(whole))])
    with pytest.raises(CourseError, match="damaged"):
        read_checkpoint(resume.path)
    history, resume = run(folder, 4)
    assert history.epoch == [0, 1, 2, 3] and resume.epoch == 4
    assert "damaged" in (out := capsys.readouterr().out) and "epoch 2" in out
    assert read_checkpoint(folder / "lenet.previous.npz").epoch == 3
    assert (folder / "lenet.damaged-1.npz").exists()


def test_when_every_save_is_damaged_then_the_error_says_how_to_begin_again_and_nothing_is_deleted(folder):
    _, resume = run(folder, 2)
    for path in folder.iterdir():
        path.write_bytes(b"damaged")
    with pytest.raises(CourseError, match=r"damaged[\s\S]*restart=True"):
        Resume("lenet", folder=folder)
    assert all(path.read_bytes() == b"damaged" for path in folder.iterdir())
    _, resume = run(folder, 1, restart=True)
    assert resume.epoch == 1
    assert sum(path.read_bytes() == b"damaged" for path in folder.iterdir()) == 2


def test_when_any_one_byte_is_flipped_then_no_wrong_number_is_ever_read(tmp_path):
    path = tmp_path / "run.npz"
    write_checkpoint(path, small())
    whole = path.read_bytes()
    refused = 0
    for position in range(0, len(whole), 7):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 0x55]) + whole[position + 1 :])
        try:
            found = read_checkpoint(path)
        except CourseError:
            refused += 1
            continue
        assert (found.weights[0] == small().weights[0]).all() and found.history == small().history
    assert refused > len(whole) / 7 / 2


class Bomb:
    def __reduce__(self):
        return (os.abort, ())


@pytest.mark.parametrize(
    "content",
    [b"", b"not a zip", b"<html>log in</html>", b"\x89HDF\r\n\x1a\n" + bytes(500), pickle.dumps(Bomb())],
    ids=["empty", "text", "web page", "hdf5", "pickle"],
)
def test_when_the_file_is_something_else_then_it_is_refused_without_being_run(tmp_path, content):
    path = tmp_path / "run.npz"
    path.write_bytes(content)
    with pytest.raises(CourseError, match="damaged, or is not one") as caught:
        read_checkpoint(path)
    assert "allow_pickle" not in str(caught.value)


def test_when_an_array_is_pickled_then_it_is_refused_without_being_run(tmp_path):
    path = tmp_path / "run.npz"
    write_checkpoint(path, small())
    members = members_of(path)
    pickled = npy(np.array([1, None], dtype=object), allow_pickle=True)
    npz(path, {**members, "weights-0.npy": pickled})
    with pytest.raises(CourseError, match="can carry code") as caught:
        read_checkpoint(path)
    assert "allow_pickle" not in str(caught.value)


def test_when_a_header_claims_more_than_the_file_holds_then_no_memory_is_taken(tmp_path):
    path = tmp_path / "run.npz"
    write_checkpoint(path, small())
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"shape": (10**6, 10**6), "fortran_order": False, "descr": "<f4"})
    npz(path, {**members_of(path), "weights-0.npy": header.getvalue() + bytes(24)})
    with pytest.raises(CourseError, match="more than the file holds"):
        read_checkpoint(path)


def test_when_members_are_compressed_then_they_are_refused_before_they_are_unpacked(tmp_path):
    path = tmp_path / "run.npz"
    write_checkpoint(path, small())
    npz(path, {**members_of(path), "weights-0.npy": bytes(10**6)}, zipfile.ZIP_DEFLATED)
    with pytest.raises(CourseError, match="compressed"):
        read_checkpoint(path)


@pytest.mark.parametrize("missing", ["about.npy", "weights-0.npy", "optimizer-0.npy"])
def test_when_a_part_is_missing_then_the_file_is_damaged(tmp_path, missing):
    path = tmp_path / "run.npz"
    write_checkpoint(path, small())
    npz(path, {name: content for name, content in members_of(path).items() if name != missing})
    with pytest.raises(CourseError, match="damaged"):
        read_checkpoint(path)


def break_in_the_middle(error):
    def savez(file, **arrays):
        file.write(b"half a file")
        raise error

    return savez


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), DiskError),
        (OSError(errno.EIO, "Input/output error"), DiskError),
        (KeyboardInterrupt(), KeyboardInterrupt),
        (MemoryError(), MemoryError),
    ],
    ids=["disk full", "disk broken", "interrupt", "memory"],
)
def test_when_saving_breaks_off_then_the_save_before_it_is_as_it_was_and_the_next_call_succeeds(
    folder, monkeypatch, error, raised
):
    run(folder, 2)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with monkeypatch.context() as patch:
        patch.setattr(_checkpoint.np, "savez", break_in_the_middle(error))
        with pytest.raises(raised):
            run(folder, 3)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert run(folder, 3)[1].epoch == 3


def test_when_what_was_written_cannot_be_read_back_then_the_good_save_stays(folder, monkeypatch):
    _, resume = run(folder, 2)
    before = resume.path.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(_checkpoint.np, "savez", lambda file, **arrays: file.write(b"a disk that lies"))
        with pytest.raises(CourseError, match="damaged"):
            run(folder, 3)
    assert resume.path.read_bytes() == before


def test_when_the_power_fails_between_the_two_renames_then_the_save_before_is_found(folder):
    _, resume = run(folder, 3)
    resume.path.replace(folder / "lenet.previous.npz")
    assert Resume("lenet", folder=folder).epoch == 3
    history, _ = run(folder, 4)
    assert history.epoch == [0, 1, 2, 3]
    assert sorted(path.name for path in folder.iterdir()) == ["lenet.npz", "lenet.previous.npz"]


def test_when_the_folder_is_a_file_then_the_error_says_where_and_which_variable_moves_it(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DiskError, match=r"COURSE_RESULTS_DIR"):
        run(tmp_path / "file", 1)
    assert (tmp_path / "file").read_text() == "in the way"


def test_when_a_second_notebook_saved_under_the_same_name_then_neither_run_is_mixed_up(folder):
    _, first = run(folder, 1)
    run(folder, 2)
    with pytest.raises(CourseError, match="changed since"):
        tiny_fit(tiny_model(), [first], epochs=3, initial_epoch=first.epoch)
    assert Resume("lenet", folder=folder).epoch == 2
