import json

import pytest
from notebook_samples import as_text, code, good_cells, text

from course_utils.errors import DiskError, InputError, NotebookError
from course_utils.exercises.copies import DIFFERS, NEW, REPLACED, SAME, copy_rows, plan_copies, write_copies
from course_utils.exercises.reading import source, tags
from course_utils.runner.plan import default_notebooks_folder, find_notebooks

SOLUTION = "<details><summary>Solution</summary>\n\n```python\nanswer = 42\n```\n\nBecause.\n\n</details>"
BADGES = "\n\n<!-- badges -->\n[![Open in Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/a/b)"


@pytest.fixture
def course(tmp_path):
    """A folder with two notebooks; the first has an exercise, a picture and links."""
    folder = tmp_path / "notebooks"
    (folder / "pictures").mkdir(parents=True)
    (folder / "pictures" / "a b.png").write_bytes(b"\x89PNG")
    cells = good_cells()
    cells[0] = text(cells[0]["source"].replace("A small notebook", "A small notebook" + BADGES, 1))
    links = "![a picture](pictures/a%20b.png) [next](02_next.ipynb#There) [out](https://example.org) [here](#One-idea)"
    cells[5:5] = [
        text("### Exercise 01.1: x"),
        code("answer = ...", "exercise"),
        code("cu.check.x(answer)", "check"),
        text(SOLUTION),
        text(links),
    ]
    (folder / "01_small.ipynb").write_text(as_text(cells), "utf-8")
    (folder / "02_next.ipynb").write_text(as_text(good_cells("02_next")), "utf-8")
    return folder


def copied(course, output, names=("01_small", "02_next"), **options):
    paths = [course / f"{name}.ipynb" for name in names]
    return write_copies(plan_copies(paths, output, **options))


def actions(plan):
    return {copy.target.name: copy.action for copy in plan.copies}


def test_when_copied_then_solutions_are_gone_and_the_rest_is_there(course, tmp_path):
    done = copied(course, tmp_path / "new" / "out")
    assert actions(done) == {"01_small.ipynb": NEW, "02_next.ipynb": NEW, "a b.png": NEW}
    made = json.loads((tmp_path / "new" / "out" / "01_small.ipynb").read_text("utf-8"))
    original = json.loads((course / "01_small.ipynb").read_text("utf-8"))
    everything = json.dumps(made)
    assert "42" not in everything and "Because" not in everything and "answer = ..." in everything
    solution = next(place for place, cell in enumerate(original["cells"]) if "Because" in source(cell))
    kept = [cell for place, cell in enumerate(original["cells"]) if place != solution]
    assert made["cells"][1:] == kept[1:] and made["metadata"] == original["metadata"]
    assert [tags(cell) for cell in made["cells"]] == [tags(cell) for cell in kept]
    assert copy_rows(done)[0] == ("01_small.ipynb", 1, NEW) and done.loose_links == ()


def test_when_copied_with_solutions_then_gaps_are_filled_and_the_folded_parts_kept(course, tmp_path):
    copied(course, tmp_path / "out", solved=True)
    made = json.loads((tmp_path / "out" / "01_small.ipynb").read_text("utf-8"))
    (filled,) = [cell for cell in made["cells"] if "exercise" in tags(cell)]
    assert source(filled) == "answer = 42" and any("Because" in source(cell) for cell in made["cells"])


def test_when_copied_then_the_badges_are_left_out_for_they_open_the_solutions(course, tmp_path):
    copied(course, tmp_path / "out")
    first = json.loads((tmp_path / "out" / "01_small.ipynb").read_text("utf-8"))["cells"][0]
    assert source(first).startswith("# A small notebook\n\n**You will learn**") and "binder" not in source(first)


def test_when_a_picture_is_linked_then_it_comes_along(course, tmp_path):
    copied(course, tmp_path / "out")
    assert (tmp_path / "out" / "pictures" / "a b.png").read_bytes() == b"\x89PNG"


def test_when_a_link_leads_to_what_is_not_copied_then_it_is_told_until_it_is_there(course, tmp_path):
    assert copied(course, tmp_path / "out", ["01_small"]).loose_links == ("02_next.ipynb (from notebook 01)",)
    copied(course, tmp_path / "out", ["02_next"])
    assert copied(course, tmp_path / "out", ["01_small"]).loose_links == ()


def test_when_a_link_leads_out_of_the_folder_then_nothing_is_copied_from_there(course, tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    raw = json.loads((course / "02_next.ipynb").read_text("utf-8"))
    raw["cells"][4]["source"] = ["[there](../secret.txt)"]
    (course / "02_next.ipynb").write_text(json.dumps(raw), "utf-8")
    done = copied(course, tmp_path / "deep" / "out", ["02_next"])
    assert actions(done) == {"02_next.ipynb": NEW} and done.loose_links == ("../secret.txt (from notebook 02)",)
    assert not (tmp_path / "deep" / "secret.txt").exists()


def test_when_copied_again_then_nothing_is_written(course, tmp_path):
    copied(course, tmp_path / "out")
    before = (tmp_path / "out" / "01_small.ipynb").stat().st_mtime_ns
    assert set(actions(copied(course, tmp_path / "out")).values()) == {SAME}
    assert (tmp_path / "out" / "01_small.ipynb").stat().st_mtime_ns == before


def test_when_somebody_has_worked_in_a_copy_then_it_is_left_alone(course, tmp_path):
    copied(course, tmp_path / "out", ["01_small"])
    (tmp_path / "out" / "01_small.ipynb").write_text("my work")
    assert actions(copied(course, tmp_path / "out")) == {
        "01_small.ipynb": DIFFERS,
        "02_next.ipynb": NEW,
        "a b.png": SAME,
    }
    assert (tmp_path / "out" / "01_small.ipynb").read_text() == "my work"


def test_when_forced_then_the_work_is_kept_beside_it_every_time(course, tmp_path):
    work = tmp_path / "out" / "01_small.ipynb"
    copied(course, tmp_path / "out")
    for number, name in enumerate(("01_small (before).ipynb", "01_small (before) 2.ipynb")):
        work.write_text(f"my work {number}")
        done = copied(course, tmp_path / "out", force=True)
        assert actions(done)["01_small.ipynb"] == REPLACED and name in str(copy_rows(done)[0])
        assert work.with_name(name).read_text() == f"my work {number}"
        assert "my work" not in work.read_text("utf-8")


def test_when_the_disk_is_full_then_the_work_is_where_it_was(course, tmp_path, monkeypatch):
    copied(course, tmp_path / "out")
    work = tmp_path / "out" / "01_small.ipynb"
    work.write_text("my work")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("course_utils.files.os.fsync", full)
    with pytest.raises(DiskError, match="disk is full"):
        copied(course, tmp_path / "out", force=True)
    assert work.read_text() == "my work"
    assert sorted(path.name for path in work.parent.iterdir()) == ["01_small.ipynb", "02_next.ipynb", "pictures"]


def test_when_the_folder_is_the_courses_own_then_it_is_refused(course, tmp_path):
    before = (course / "01_small.ipynb").read_bytes()
    for output in (course, tmp_path / "out" / ".." / "notebooks"):
        with pytest.raises(InputError, match="course's own notebooks"):
            copied(course, output, force=True)
    assert (course / "01_small.ipynb").read_bytes() == before


def test_when_the_folder_is_a_file_then_it_is_refused(course, tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(InputError, match="a file, not a folder"):
        copied(course, tmp_path / "out")


def test_when_one_notebook_is_damaged_then_none_is_written(course, tmp_path):
    (course / "02_next.ipynb").write_text("{")
    with pytest.raises(NotebookError, match="02_next"):
        copied(course, tmp_path / "out")
    raw = json.loads((course / "01_small.ipynb").read_text("utf-8"))
    del raw["cells"][7]
    (course / "02_next.ipynb").write_text(json.dumps(raw), "utf-8")
    with pytest.raises(NotebookError, match=r"02_next\.ipynb, cell 7"):
        copied(course, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("solved", [False, True])
def test_the_courses_own_notebooks_can_be_copied_and_lead_nowhere_wrong(tmp_path, solved):
    plan = plan_copies(find_notebooks(default_notebooks_folder()), tmp_path / "out", solved=solved)
    assert plan.loose_links == () and set(actions(plan).values()) == {NEW}
    for copy in plan.copies:
        assert (b"<summary>Solution</summary>" in copy.content) is (solved and bool(copy.exercises))
        assert b"<!-- badges -->" not in copy.content
