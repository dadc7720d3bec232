import io
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from notebook_samples import write
from rich.console import Console

from course_utils import runner
from course_utils.errors import NotebookError, SettingsError, UnknownNameError
from course_utils.runner import failures, memory, pages, plan, progress, table
from course_utils.runner.course import read_events
from course_utils.runner.outcome import Noise, NotebookOutcome, RunReport

REPORTING = """from course_utils.session import report_event

report_event("setup", notebook="02_reports", budget="smoke", seed=0)
report_event("data", name="mnist", source="bundled", variant="mnist/sample", verified=True)
report_event("record", name="dense", accuracy=0.9, budget="smoke")
report_event("record", name="dense", accuracy=0.91234, budget="smoke")"""

CHAIN = """y = 3

try:
    divide(0)
except ZeroDivisionError as error:
    raise ValueError("first line\\nsecond line") from error"""

NOISY = """import os
import warnings

warnings.warn("be careful")
print("UserWarning: printed")
os.write(2, b"from below Python\\n");"""


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Run one small course that shows most of what can happen; return its folder and report."""
    folder = tmp_path_factory.mktemp("small course")
    notebooks = folder / "notebooks"
    notebooks.mkdir()
    write(notebooks, "00_good", "# Start [next](01_fails.ipynb#x), [text](../read.md)", "import sys\n\nsys.executable")
    (notebooks / "glossary.md").write_text('<a id="pixel"></a>**pixel**: a dot *[00](00_good.ipynb)*', "utf-8")
    title = "# Fails, a [pixel](glossary.md#pixel)"
    write(notebooks, "01_fails", title, "def divide(x):\n    return 1 / x", CHAIN, "never = 1")
    write(notebooks, "02_reports", "# Reports", REPORTING, "import os\n\nprint(os.getcwd())")
    write(notebooks, "03_noisy", "# Noisy $x^2$", NOISY)
    write(notebooks, "04_dies", "# Dies", "import os, signal\n\nos.kill(os.getpid(), signal.SIGKILL)")
    (notebooks / "05_broken.ipynb").write_text("{", "utf-8")
    (folder / "read.md").write_text("x", "utf-8")
    listening = Recorder()
    options = runner.RunOptions(runner.find_notebooks(notebooks), folder / "build", budget="smoke", seed=7)
    report = runner.run_course(options, listening)
    return folder, report, listening


class Recorder(progress.Silent):
    def __init__(self):
        self.calls = []

    def started(self, name, position, total):
        self.calls.append(("started", name, position, total))

    def opened(self, code_cells):
        self.calls.append(("opened", code_cells))

    def cell(self, position, done, source):
        self.calls.append(("cell", position, done))

    def finished(self, outcome):
        self.calls.append(("finished", outcome.status))


def outcome_of(course, name):
    return next(outcome for outcome in course[1].outcomes if outcome.name == name)


def test_when_a_notebook_fails_then_the_others_run_all_the_same(course):
    statuses = [outcome.status for outcome in course[1].outcomes]
    assert statuses == ["passed", "failed", "passed", "passed", "failed", "failed"]
    assert course[1].exit_code == 1


def test_when_a_cell_raises_then_cell_line_message_and_causes_are_told(course):
    failure = outcome_of(course, "01_fails").failure
    assert (failure.cell, failure.line) == (3, 6)
    assert failure.source.startswith("raise ValueError(")
    assert (failure.error, failure.message) == ("ValueError", "first line\nsecond line")
    assert failure.causes == ("ZeroDivisionError: division by zero",)
    assert "\x1b" not in failure.traceback
    assert outcome_of(course, "01_fails").cells_done == 1


def test_when_a_kernel_is_killed_then_plain_words_speak_of_memory(course):
    failure = outcome_of(course, "04_dies").failure
    assert failure.cell == 2 and failure.error == "kernel died"
    assert "memory ran out" in failure.message and "What to do" in failure.message


def test_when_a_file_is_no_notebook_then_it_fails_with_its_name(course):
    assert "05_broken.ipynb" in outcome_of(course, "05_broken").failure.message


def test_when_a_notebook_reports_then_data_and_last_result_are_in_the_outcome(course):
    outcome = outcome_of(course, "02_reports")
    assert outcome.budget == "smoke"
    assert [(event["name"], event["source"]) for event in outcome.data] == [("mnist", "bundled")]
    assert [event["accuracy"] for event in outcome.records] == [0.91234]
    assert table.row(outcome)[6:] == ("mnist: bundled", "dense 0.9123")


def test_when_a_cell_writes_to_stderr_or_warns_then_it_is_noise(course):
    noise = outcome_of(course, "03_noisy").noise
    assert {entry.cell for entry in noise} == {2}
    text = "\n".join(entry.text for entry in noise)
    assert "be careful" in text and "UserWarning: printed" in text and "from below Python" in text
    assert outcome_of(course, "00_good").noise == ()


def test_when_a_notebook_ran_then_it_used_this_python_and_its_own_folder(course):
    folder = course[0]
    first = json.loads((folder / "build" / "00_good.ipynb").read_text("utf-8"))
    assert first["cells"][1]["outputs"][0]["data"]["text/plain"] in (repr(sys.executable), [repr(sys.executable)])
    second = json.loads((folder / "build" / "02_reports.ipynb").read_text("utf-8"))
    assert str(folder / "notebooks") in "".join(second["cells"][2]["outputs"][0]["text"])


def test_when_a_kernel_ends_then_it_is_known_what_it_needed(course):
    outcome = outcome_of(course, "00_good")
    assert 20 < outcome.peak_memory_mb < 500
    assert outcome.pass_peaks_mb == (outcome.peak_memory_mb,)
    assert 0.1 < outcome.cpu_seconds < 60
    assert outcome.libraries == ()
    assert outcome_of(course, "01_fails").cpu_seconds > 0.1 and outcome_of(course, "01_fails").pass_peaks_mb == ()


def test_when_libraries_were_imported_then_they_are_named_and_each_pass_has_its_own_peak(tmp_path):
    cell = "import sys\n\nsys.modules['tensorflow'] = sys\nkept = globals().get('kept', []) + [b'1' * 200_000_000]"
    outcome = runner.run_course(small(tmp_path, cell, passes=2)).outcomes[0]
    assert outcome.libraries == ("tensorflow",)
    first, second = outcome.pass_peaks_mb
    assert 200 < first < second - 150 and second == outcome.peak_memory_mb


def test_when_the_run_is_over_then_run_json_says_the_same(course):
    folder, report, _ = course
    written = json.loads((folder / "build" / "run.json").read_text("utf-8"))
    assert written["passed"] is False and written["budget"] == "smoke" and written["seed"] == 7
    assert [entry["status"] for entry in written["notebooks"]] == [outcome.status for outcome in report.outcomes]
    assert written["notebooks"][1]["failure"]["line"] == 6


def test_when_a_page_is_written_then_it_needs_no_network_and_its_links_work(course):
    page = (course[0] / "build" / "00_good.html").read_text("utf-8")
    assert "<script src=" not in page
    assert 'href="01_fails.html#x"' in page and 'href="../read.md"' in page
    index = (course[0] / "build" / "index.html").read_text("utf-8")
    assert '<a href="03_noisy.html">03_noisy</a>' in index


def test_when_there_is_a_glossary_then_it_is_a_page_and_the_pages_link_to_it(course):
    page = (course[0] / "build" / "glossary.html").read_text("utf-8")
    assert 'id="pixel"' in page and 'href="00_good.html"' in page
    assert 'href="glossary.html#pixel"' in (course[0] / "build" / "01_fails.html").read_text("utf-8")


def test_when_a_page_has_formulas_then_it_does_not_wait_for_mathjax(course):
    page = (course[0] / "build" / "03_noisy.html").read_text("utf-8")
    assert page.count("<script async src=") == 1 and "<script src=" not in page


def test_when_a_cell_failed_then_the_page_marks_it_and_says_why(course):
    page = (course[0] / "build" / "01_fails.html").read_text("utf-8")
    assert page.count("celltag_failed") == 2  # the style and the cell
    assert 'href="#cell-id=cell-2"' in page and 'id="cell-id=cell-2"' in page
    assert "celltag_failed" not in (course[0] / "build" / "01_fails.ipynb").read_text("utf-8")


def test_when_a_run_goes_on_then_every_step_is_told(course):
    calls = course[2].calls
    assert calls[:5] == [
        ("started", "00_good", 1, 6),
        ("opened", 1),
        ("cell", 2, 0),
        ("finished", "passed"),
        ("started", "01_fails", 2, 6),
    ]
    assert calls[-1] == ("finished", "failed")


def test_when_the_table_is_printed_then_failures_noise_and_numbers_are_in_it(course):
    console = Console(file=io.StringIO(), width=140)
    table.print_report(console, course[1], course[0] / "build")
    text = console.file.getvalue()
    for part in (
        "01_fails: cell 3, line 6",
        "  ValueError: first line",
        "  second line",
        "caused by ZeroDivisionError: division by zero",
        "01_fails.html (the failed cell is marked)",
        "output that learners should not see",
        "dense 0.9123",
        "mnist: bundled",
        "3 of 6 notebooks failed",
    ):
        assert part in text


def small(tmp_path, *cells, name="00_one", **options):
    return runner.RunOptions((write(tmp_path, name, *cells),), tmp_path / "build", **options)


def test_when_all_cells_run_twice_then_what_breaks_the_second_time_is_found(tmp_path):
    options = small(
        tmp_path, "try:\n    seen\nexcept NameError:\n    seen = True\nelse:\n    raise ValueError('again')"
    )
    assert runner.run_course(options).passed
    outcome = runner.run_course(small(tmp_path, options.notebooks[0] and "x = 1", name="01_two", passes=2)).outcomes[0]
    assert outcome.status == "passed"
    twice = runner.RunOptions(options.notebooks, options.output, passes=2)
    assert runner.run_course(twice).outcomes[0].failure.message == "again"


def test_when_a_cell_takes_too_long_then_it_is_ended_and_the_option_is_named(tmp_path):
    started = time.monotonic()
    outcome = runner.run_course(small(tmp_path, "import time\n\ntime.sleep(60)", timeout=1)).outcomes[0]
    assert outcome.failure.error == failures.TIME_OUT and "--timeout" in outcome.failure.message
    assert time.monotonic() - started < 40


def test_when_memory_was_needed_for_a_moment_only_then_the_peak_has_it(tmp_path):
    cell = "x = b'1' * 300_000_000\ndel x"
    assert runner.run_course(small(tmp_path, cell)).outcomes[0].peak_memory_mb > 300


def test_when_a_kernel_ends_itself_then_its_last_words_are_told(tmp_path):
    cell = "import os, sys\n\nsys.__stderr__.write('no more\\n')\nsys.__stderr__.flush()\nos._exit(3)"
    failure = runner.run_course(small(tmp_path, cell)).outcomes[0].failure
    assert "exit status 3" in failure.message and "TCP without encryption" not in failure.message


def test_when_records_are_made_then_they_are_not_among_the_learners_own(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_RESULTS_DIR", str(tmp_path / "mine"))
    options = small(tmp_path, "x = 1")
    assert plan.kernel_environment(options)["COURSE_RESULTS_DIR"] == str(tmp_path / "build" / "results")
    keep = runner.RunOptions(options.notebooks, options.output, keep_records=True)
    assert plan.kernel_environment(keep)["COURSE_RESULTS_DIR"] == str(tmp_path / "mine")


def test_when_run_again_then_only_results_of_an_earlier_run_are_removed(tmp_path):
    options = small(tmp_path, "x = 1")
    own = tmp_path / "build" / "results" / "precious.txt"
    own.parent.mkdir(parents=True)
    own.write_text("mine")
    runner.run_course(options)
    assert own.exists(), "a folder that no run has made is left alone"
    runner.run_course(options)
    assert not own.exists()


def test_when_folders_are_relative_then_kernels_get_them_whole(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    environ = plan.kernel_environment(small(tmp_path, "x = 1"), {"COURSE_DATA_DIR": "data", "MPLBACKEND": "Agg"})
    assert environ["COURSE_DATA_DIR"] == str(tmp_path / "data")
    assert "MPLBACKEND" not in environ, "a back end for scripts would switch off figures"


def test_when_a_setting_makes_no_sense_then_it_is_told_before_a_kernel_starts(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_SEED", "minus one")
    with pytest.raises(SettingsError, match="COURSE_SEED"):
        runner.run_course(small(tmp_path, "x = 1"))
    with pytest.raises(UnknownNameError, match="laptop"):
        small(tmp_path, "x = 1", budget="latpop")
    with pytest.raises(UnknownNameError, match="bundled"):
        small(tmp_path, "x = 1", data="bundle")
    with pytest.raises(SettingsError, match="time-out"):
        small(tmp_path, "x = 1", timeout=-1)


@pytest.mark.skipif(sys.platform == "win32", reason="sends a POSIX signal")
def test_when_ctrl_c_is_pressed_then_the_table_so_far_is_shown_and_no_kernel_is_left(tmp_path):
    write(tmp_path, "00_good", "x = 1")
    marker = tmp_path / "running"
    cell = f"import os, pathlib, time\n\npathlib.Path({str(marker)!r}).write_text(str(os.getpid()))\ntime.sleep(120)"
    write(tmp_path, "01_long", cell)
    write(tmp_path, "02_later", "x = 1")
    output = tmp_path / "build"
    command = [sys.executable, "-c", "from course_utils.cli import main; main()", "run", "--notebooks", str(tmp_path)]
    process = subprocess.Popen(
        [*command, "--output", str(output)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 60
    while not (marker.exists() and marker.read_text()) and time.monotonic() < deadline:
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in err and "never retrieved" not in err and "was destroyed" not in err
    assert "Stopped by Ctrl-C: 1 of 3 notebooks passed before" in out
    statuses = [entry["status"] for entry in json.loads((output / "run.json").read_text("utf-8"))["notebooks"]]
    assert statuses == ["passed", "stopped", "not run"]
    with pytest.raises(ProcessLookupError):
        os.kill(int(marker.read_text()), 0)


def test_when_the_output_is_on_another_drive_then_links_are_absolute(tmp_path, monkeypatch):
    def other_drive(*_):
        raise ValueError("path is on mount 'C:', start on mount 'D:'")

    (tmp_path / "read.md").touch()
    monkeypatch.setattr(pages.os.path, "relpath", other_drive)
    options = runner.RunOptions((tmp_path / "00_one.ipynb",), output=tmp_path / "build")
    html = pages._relink('<a href="read.md">', tmp_path / "00_one.ipynb", options)
    assert html == f'<a href="{(tmp_path / "read.md").as_uri()}">'


def test_when_pages_cannot_be_made_then_it_is_said_before_the_first_notebook(tmp_path, monkeypatch):
    import nbconvert

    def broken(**options):
        raise ValueError("No template sub-directory with name 'lab' found")

    monkeypatch.setattr(nbconvert, "HTMLExporter", broken)
    with pytest.raises(NotebookError, match=r"(?s)'lab'.*force-reinstall nbconvert"):
        runner.run_course(runner.RunOptions((tmp_path / "00_never_read.ipynb",), output=tmp_path / "build"))


def test_when_a_report_ends_in_the_middle_of_a_line_then_the_rest_is_read(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_text('{"kind": "data", "name": "mnist"}\n{"kind": "rec', "utf-8")
    assert read_events(path) == [{"kind": "data", "name": "mnist"}]
    assert read_events(tmp_path / "missing") == []


def test_when_memory_is_over_the_limit_then_the_table_says_so():
    assert "over 1,500" in table.row(NotebookOutcome("x", "passed", peak_memory_mb=1501.0))[4]
    assert "over" not in table.row(NotebookOutcome("x", "passed", peak_memory_mb=1499.0))[4]


@pytest.mark.parametrize(
    ("statuses", "code"),
    [(["passed"], 0), (["passed", "failed"], 1), (["passed", "stopped", "not run"], 130), ([], 1)],
)
def test_when_a_run_is_over_then_its_exit_code_says_whether_all_passed(statuses, code):
    outcomes = tuple(NotebookOutcome(str(number), status) for number, status in enumerate(statuses))
    assert RunReport(outcomes, "smoke", "auto", 0).exit_code == code


def test_when_a_traceback_comes_from_an_older_ipython_then_the_line_is_found():
    class Cell(dict):
        source = "a = 1\nb = 2\nraise KeyError"
        outputs = ()

    cell = Cell(execution_count=3)
    old = "---------\nKeyError  Traceback\n<ipython-input-3-0> in <module>\n      2 b = 2\n----> 3 raise KeyError"
    cell.outputs = [
        type("Output", (), {"output_type": "error", "ename": "KeyError", "evalue": "", "traceback": [old]})()
    ]
    assert failures.from_error_output(cell, 5).line == 3


def test_when_the_peak_is_asked_then_it_is_at_least_what_is_used_now():
    assert memory.peak_memory_bytes() >= 0.9 * memory.memory_bytes(os.getpid()) > 10e6
    assert memory.memory_bytes(None) >= 0
    assert memory.memory_bytes(2**30) == 0


def test_when_noise_is_long_then_the_report_shows_the_beginning():
    outcome = NotebookOutcome("x", "passed", noise=tuple(Noise(number, "first\nsecond") for number in range(9)))
    text = table._noise(outcome).plain
    assert "cell 0: first (and 1 more lines)" in text and "in 6 more places" in text


def test_when_html_links_out_then_it_is_left_alone():
    html = '<a href="https://example.org/a.ipynb">x</a> <a href="#here">y</a> <a href="missing.md">z</a>'
    options = runner.RunOptions((Path("notebooks/00_one.ipynb"),))
    assert pages._relink(html, Path("notebooks/00_one.ipynb"), options) == html


def test_when_imported_then_nothing_heavy_is_loaded():
    script = textwrap.dedent("""
        import sys
        import course_utils.cli, course_utils.runner, course_utils.notebook_lint
        heavy = {"tensorflow", "keras", "matplotlib", "nbconvert", "nbclient", "numpy", "sklearn"} & set(sys.modules)
        sys.exit(" ".join(heavy) or 0)
    """)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_when_another_pythons_kernel_comes_first_on_the_machine_then_this_python_is_used_all_the_same(
    tmp_path, monkeypatch
):
    spec = tmp_path / "jupyter" / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text(json.dumps({"argv": ["/nowhere/python", "-m", "x"], "display_name": "Other", "language": "python"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    assert runner.run_course(small(tmp_path, "import course_utils")).passed


def test_when_a_figure_is_drawn_then_it_is_in_the_page(tmp_path):
    cell = "import matplotlib.pyplot as plt\n\nplt.figure(figsize=(1, 1))\nplt.plot([1, 2]);"
    assert runner.run_course(small(tmp_path, cell)).passed
    assert "data:image/png;base64," in (tmp_path / "build" / "00_one.html").read_text("utf-8")


def test_when_a_display_keeps_its_name_then_the_second_pass_shows_it_again(tmp_path):
    cell = "from IPython.display import display\n\nhandle = display(1, display_id='same')\nhandle.update(2)"
    assert runner.run_course(small(tmp_path, cell, passes=2)).passed
    written = json.loads((tmp_path / "build" / "00_one.ipynb").read_text("utf-8"))
    assert [output["data"]["text/plain"] for output in written["cells"][0]["outputs"]] in (["2"], [["2"]])
