import json

import pytest

from course_utils import session
from course_utils.errors import DiskError, InputError, StudyError
from course_utils.settings import get_settings
from course_utils.tuning import run_study, tuning_study
from course_utils.tuning.studies import journal_path


def parabola(trial):
    return -((trial.suggest_float("x", -10, 10) - 2) ** 2)


def settings_of(study):
    return [trial.params for trial in study.get_trials()]


def test_when_a_study_is_new_then_its_file_names_data_budget_and_seed(study):
    path = journal_path(study)
    assert path == get_settings().results_dir / "studies" / "toy.toy-data.laptop.seed-0.journal"
    search = study.user_attrs["search"]
    assert (search["variant"], search["budget"], search["seed"]) == ("toy-data", "laptop", 0)
    assert "python" in search["versions"] and "optuna" in search["versions"]


def test_when_a_kernel_begins_again_then_the_study_goes_on(study, again, capsys):
    run_study(study, parabola, trials=4)
    capsys.readouterr()
    later = again()
    assert "goes on after 4 trials" in capsys.readouterr().out
    assert settings_of(later) == settings_of(study)
    run_study(later, parabola, trials=6)
    assert len(later.trials) == 6


def test_when_a_search_is_split_over_two_kernels_then_its_trials_are_those_of_one(study, again):
    run_study(study, parabola, trials=5)
    run_study(again(), parabola, trials=12)
    whole = tuning_study("whole", seed=0, data="toy-data")
    run_study(whole, parabola, trials=12)
    assert settings_of(again()) == settings_of(whole)


def test_when_the_seed_differs_then_the_trials_differ(study):
    run_study(study, parabola, trials=3)
    other = tuning_study("toy", seed=1, data="toy-data")
    run_study(other, parabola, trials=3)
    assert settings_of(other) != settings_of(study)


def test_when_startup_trials_are_drawn_in_two_kernels_then_none_comes_twice(study, again):
    run_study(study, parabola, trials=2)
    run_study(again(), parabola, trials=4)
    values = [trial.params["x"] for trial in again().trials]
    assert len(set(values)) == 4


@pytest.mark.parametrize("change", [{"data": "cifar10/practice"}, {"seed": 1}])
def test_when_data_or_seed_is_another_then_the_trials_are_not_mixed_and_that_is_said(study, again, change, capsys):
    run_study(study, parabola, trials=2)
    capsys.readouterr()
    other = again(**change)
    assert not other.trials
    assert "not mixed in: toy.toy-data.laptop.seed-0" in capsys.readouterr().out


def test_when_the_budget_or_a_row_of_it_is_another_then_the_trials_are_not_mixed(study, again, monkeypatch):
    run_study(study, parabola, trials=2)
    monkeypatch.setenv("COURSE_BUDGET", "smoke")
    assert not again().trials
    monkeypatch.setenv("COURSE_OVERRIDE", "epochs=3")
    assert journal_path(again()).name == "toy.toy-data.smoke+epochs=3.seed-0.journal"


def test_when_no_data_is_named_then_the_variant_is_what_was_loaded(monkeypatch):
    monkeypatch.setattr(session, "_variants", {"cifar10": "cifar10/practice"})
    assert journal_path(tuning_study("toy", seed=0)).name == "toy.cifar10-practice.laptop.seed-0.journal"


def test_when_data_is_a_split_then_its_variant_counts(study):
    from types import SimpleNamespace

    named = tuning_study("toy", seed=0, data=SimpleNamespace(variant="toy-data"))
    assert journal_path(named) == journal_path(study)


def test_when_what_was_fixed_differs_then_the_study_is_refused():
    tuning_study("fixed", fixed={"images": 2000, "epochs": 5})
    with pytest.raises(StudyError, match=r"images 2000 \(the trials so far\)(?s:.*)images 10000(?s:.*)fresh=True"):
        tuning_study("fixed", fixed={"images": 10_000, "epochs": 5})
    tuning_study("fixed", fixed={"epochs": 5, "images": 2000})


def test_when_the_direction_differs_then_the_study_is_refused(study, again):
    with pytest.raises(StudyError, match="direction maximize"):
        again(direction="minimize")


def test_when_a_file_was_renamed_by_hand_then_the_study_is_refused(study, again):
    run_study(study, parabola, trials=2)
    path = journal_path(study)
    content = path.read_text("utf-8")
    other = path.with_name("toy.toy-data.laptop.seed-7.journal")
    other.write_text(content.replace(path.stem, other.stem), "utf-8")
    with pytest.raises(StudyError, match="seed 0"):
        again(seed=7)
    assert path.read_text("utf-8") == content


def test_when_fresh_then_the_old_trials_are_kept_beside(study, again, capsys):
    run_study(study, parabola, trials=2)
    old = journal_path(study).read_bytes()
    for number in (1, 2):
        new = again(fresh=True)
        assert not new.trials
        kept = journal_path(study).with_name(f"toy.toy-data.laptop.seed-0.earlier-{number}.journal")
        assert f"kept as {kept.name}" in capsys.readouterr().out
    assert kept.with_name(kept.name.replace("2.journal", "1.journal")).read_bytes() == old


def test_when_the_file_is_no_journal_then_it_is_named_and_kept(study, again):
    path = journal_path(study)
    for content in (b"\x00" * 100, b"value,seed\n1,2\n", b"<html>"):
        path.write_bytes(content)
        with pytest.raises(StudyError, match=r"cannot be read(?s:.*)fresh=True"):
            again()
        assert path.read_bytes() == content
    assert not again(fresh=True).trials
    assert path.with_name("toy.toy-data.laptop.seed-0.earlier-1.journal").read_bytes() == content


@pytest.mark.parametrize("damage", ["garbage in the middle\n", '{"op_code":99,"worker_id":"x"}\n', '{"op_code":4}\n'])
def test_when_a_line_in_the_middle_is_damaged_then_the_file_is_named_and_kept(study, again, damage):
    run_study(study, parabola, trials=2)
    path = journal_path(study)
    lines = path.read_text("utf-8").splitlines(keepends=True)
    content = "".join([*lines[:4], damage, *lines[4:]])
    path.write_text(content, "utf-8")
    with pytest.raises(StudyError, match="damaged"):
        again()
    assert path.read_text("utf-8") == content


@pytest.mark.parametrize("keep", [0, 1, 30])
def test_when_a_kill_left_half_an_event_then_it_is_cut_off_and_the_search_goes_on(study, again, keep):
    run_study(study, parabola, trials=3)
    path = journal_path(study)
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"op_code":4,"worker_id":"abc","study_id":0}'[:keep])
    run_study(again(), parabola, trials=5)
    assert len(again().trials) == 5
    assert path.read_bytes().startswith(whole)
    for line in path.read_text("utf-8").splitlines():
        json.loads(line)


def test_when_the_disk_is_full_then_the_error_says_so_and_no_half_event_stays(study, again, monkeypatch):
    import errno

    from optuna.storages.journal import JournalFileBackend

    run_study(study, parabola, trials=2)
    path = journal_path(study)
    whole = path.read_bytes()

    def full(self, logs):
        with path.open("ab") as file:
            file.write(b'{"op_code":4,"wor')
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(DiskError, match=r"disk is full(?s:.*)COURSE_RESULTS_DIR"):
        patch.setattr(JournalFileBackend, "append_logs", full)
        run_study(study, parabola, trials=4)
    assert path.read_bytes() == whole
    run_study(again(), parabola, trials=4)


def test_when_the_results_folder_is_a_file_then_the_error_names_the_variable(tmp_path, monkeypatch):
    folder = tmp_path / "results"
    monkeypatch.setenv("COURSE_RESULTS_DIR", str(folder))
    folder.mkdir()
    (folder / "studies").write_text("in the way")
    with pytest.raises(DiskError, match="COURSE_RESULTS_DIR"):
        tuning_study("toy")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"name": "../elsewhere"}, "file name"),
        ({"name": ""}, "file name"),
        ({"direction": "up"}, "maximize or minimize"),
        ({"seed": -1}, "at least 0"),
        ({"seed": 1.5}, "at least 0"),
        ({"startup_trials": 0}, "at least 1"),
        ({"fixed": {"data": object()}}, "numbers and texts"),
    ],
)
def test_when_an_argument_makes_no_sense_then_the_error_says_so(arguments, words):
    with pytest.raises(InputError, match=words):
        tuning_study(**{"name": "toy", **arguments})


def test_when_the_lock_of_a_killed_process_is_left_then_it_is_taken_over(study, again, monkeypatch):
    from course_utils.tuning import journal

    monkeypatch.setattr(journal, "_STALE_LOCK", 3)
    lock = journal_path(study).with_name(journal_path(study).name + ".lock")
    lock.touch()
    run_study(again(), parabola, trials=1)
    assert not lock.exists()


def test_when_windows_refuses_a_lock_for_a_moment_then_it_is_tried_again(tmp_path, monkeypatch):
    from course_utils.tuning import journal

    lock, calls = journal.JournalLock(str(tmp_path / "x.journal")), []
    real = journal.os.open

    def refused_once(path, flags, *rest):
        calls.append(path)
        if len(calls) == 1:
            raise PermissionError(13, "delete pending")
        return real(path, flags, *rest)

    monkeypatch.setattr(journal, "_ON_WINDOWS", True)
    monkeypatch.setattr(journal.os, "open", refused_once)
    assert lock.acquire()
    lock.release()
    assert len(calls) == 2


def test_when_many_data_sets_were_loaded_then_the_file_has_a_name_that_can_be_written_and_tells_them_apart(monkeypatch):
    paths = set()
    for last in ("a", "b"):
        loaded = {str(number): f"folder:holidays-{number}" for number in range(40)} | {"last": f"folder:{last}"}
        monkeypatch.setattr("course_utils.session._variants", loaded)
        paths.add(journal_path(tuning_study("search")))
    assert len(paths) == 2
    assert all(len(path.name) < 200 and path.exists() for path in paths)
