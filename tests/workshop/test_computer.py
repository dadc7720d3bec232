import pytest

from course_utils.workshop.computer import (
    check_browser,
    check_clock,
    check_folder,
    check_memory,
    check_path_length,
    check_processor,
    cpu_features,
    memory_limit,
)

GB = 1e9


def test_an_x86_processor_without_avx_fails_and_says_where_to_go():
    finding = check_processor("x86_64", {"sse4_2"}, 2)
    assert finding.status == "fail"
    assert "Colab" in finding.fix
    assert check_processor("AMD64", {"sse4_2", "avx", "avx2"}, 2).found == "2 cores, amd64, AVX2"


def test_arm_needs_no_avx_and_unknown_features_are_not_held_against_anyone():
    assert check_processor("arm64", set(), 1).found == "1 core, arm64"
    assert check_processor("x86_64", set(), 2).status == "ok"


@pytest.mark.parametrize(("free", "status"), [(0.5, "fail"), (1.5, "warn"), (8, "ok")])
def test_memory_that_is_short_is_noticed(free, status):
    assert check_memory(free * GB, 64 * GB).status == status


def test_binders_limit_is_named_even_when_the_computer_has_more():
    finding = check_memory(60 * GB, 2 * 1024**3)
    assert finding.status == "warn"
    assert "at most 2.1 GB" in finding.found
    assert "one notebook" in finding.fix


def test_limits_come_from_the_hub_and_from_the_container(tmp_path):
    (tmp_path / "max").write_text("max\n")
    (tmp_path / "limit").write_text("3000000000\n")
    (tmp_path / "unlimited").write_text("9223372036854771712\n")
    assert memory_limit({}, [tmp_path / "max", tmp_path / "unlimited"]) is None
    assert memory_limit({"MEM_LIMIT": "2147483648"}, [tmp_path / "limit"]) == 2147483648
    assert memory_limit({}, [tmp_path / "none", tmp_path / "limit"]) == 3e9


def test_a_folder_that_does_not_exist_yet_is_judged_by_its_parent_and_not_made(tmp_path):
    path = tmp_path / "a" / "b"
    assert check_folder("cache folder", path, "COURSE_CACHE_DIR", free=5 * GB).status == "ok"
    assert not (tmp_path / "a").exists()


def test_a_folder_that_cannot_be_written_names_its_variable(tmp_path):
    finding = check_folder("cache folder", tmp_path, "COURSE_CACHE_DIR", writable=False)
    assert finding.status == "warn"
    assert "COURSE_CACHE_DIR" in finding.fix


def test_a_folder_below_a_file_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()
    finding = check_folder("cache folder", tmp_path / "file" / "x", "COURSE_CACHE_DIR", free=5 * GB)
    assert "cannot be written" in finding.found


@pytest.mark.parametrize(("free", "status"), [(0.05, "fail"), (0.5, "warn"), (2, "ok")])
def test_disk_space_that_is_short_is_noticed(tmp_path, free, status):
    finding = check_folder("cache folder", tmp_path, "COURSE_CACHE_DIR", free=free * GB)
    assert finding.status == status
    assert f"{free:.1f} GB free" in finding.found


def test_a_clock_before_the_courses_files_is_wrong():
    assert check_clock(0, 1.7e9).status == "warn"
    assert "https" in check_clock(0, 1.7e9).fix
    assert check_clock(1.80e9, 1.79e9).status == "ok"
    assert check_clock(1.78e9, 1.79e9).status == "warn"
    assert check_clock(1.79e9 - 3600, 1.79e9).status == "ok"  # file systems and time zones differ by hours


def test_the_browser_is_told_and_never_a_reason_to_fail():
    (found,) = check_browser("this computer", "firefox")
    (none,) = check_browser("this computer", "")
    (hosted,) = check_browser("Colab")
    assert {found.status, none.status, hosted.status} == {"ok"}
    assert "another computer" in none.found
    assert hosted.found == "Colab"


def test_long_paths_matter_on_windows_only():
    path = "C:\\" + "long" * 30
    assert check_path_length(path, windows=False) == []
    assert check_path_length(path, windows=True)[0].status == "warn"
    assert check_path_length("C:\\course", windows=True) == []


def test_features_are_lower_case():
    assert all(name == name.lower() for name in cpu_features())
