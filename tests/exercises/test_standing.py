from html.parser import HTMLParser

import pytest

import course_utils as cu
from course_utils.errors import UnknownNameError
from course_utils.exercises.feedback import NOT_YET, PASSED, Feedback
from course_utils.exercises.keeping import keep, progress_path
from course_utils.exercises.standing import _html, by_notebook, progress_rows


@pytest.fixture
def tried(made_up):
    """One exercise passed at the second try, one tried."""
    keep(made_up["count"], Feedback(NOT_YET))
    keep(made_up["count"], Feedback(PASSED))
    keep(made_up["fault"], Feedback(NOT_YET))


@pytest.mark.usefixtures("tried")
def test_when_progress_is_shown_then_notebook_by_notebook(capsys):
    assert cu.progress() is None
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "1 of 4 exercises passed"
    first, second = (
        lines.index("00_start_here: 0 of 1 exercise passed"),
        lines.index("01_pixels_and_convolution: 1 of 3 exercises passed"),
    )
    assert lines[first + 1].split() == ["○", "open", "Exercise", "00.1:", "the", "answer"]
    assert lines[second + 1].startswith("✓ passed  Exercise 01.1: count them")
    assert lines[second + 2].startswith("○ open") and lines[second + 3].startswith("✗ tried   Break it 01:")
    assert lines[-1] == f"Kept in {progress_path()}"


@pytest.mark.usefixtures("tried")
@pytest.mark.parametrize("notebook", ["00", 0, "00_start_here"])
def test_when_a_notebook_is_named_then_only_that_is_shown(capsys, notebook):
    cu.progress(notebook)
    out = capsys.readouterr().out
    assert "0 of 1 exercise passed" in out and "01_pixels" not in out


@pytest.mark.usefixtures("made_up")
def test_when_there_is_no_such_notebook_then_those_that_exist_are_named():
    with pytest.raises(UnknownNameError, match="no notebook called '07'"):
        cu.progress("07")


@pytest.mark.usefixtures("tried")
@pytest.mark.parametrize(("n", "words"), [(1, "1 damaged line was skipped."), (3, "3 damaged lines were skipped.")])
def test_when_lines_are_damaged_then_that_is_said(capsys, n, words):
    with progress_path().open("ab") as file:
        file.write(b"{half a line\n" * n)
    cu.progress()
    out = capsys.readouterr().out
    assert words in out and "1 of 4 exercises passed" in out


@pytest.mark.usefixtures("made_up")
def test_when_rows_are_asked_for_one_notebook_then_only_those_come():
    assert [row[1][:13] for row in progress_rows({}, "01")] == ["Exercise 01.1", "Exercise 01.2", "Break it 01: "]
    assert list(by_notebook(["0", "1"])) == ["00_start_here", "01_pixels_and_convolution"]


def test_when_it_is_html_then_tags_match_and_text_is_escaped():
    class Balanced(HTMLParser):
        open = ()

        def handle_starttag(self, tag, attrs):
            self.open = (*self.open, tag)

        def handle_endtag(self, tag):
            assert self.open[-1] == tag
            self.open = self.open[:-1]

    html = _html({"01_<a>": [("✓ passed", "Exercise <b>", 2, "2025-01-01")], "02_b": []}, "Kept in /a<b>")
    page = Balanced()
    page.feed(html)
    assert page.open == () and "<b>" not in html.replace("<b>01_", "").replace("<b>02_", "")
    assert "Exercise &lt;b&gt;" in html and "/a&lt;b&gt;" in html and "<b>02_b</b>: no exercises" in html
    assert html.count('scope="rowgroup"') == 2 and html.count('scope="col"') == 4
