"""How a run tells of its progress: plain lines, or a live bar in a terminal."""

import io

from rich.console import Console

from course_utils.runner import progress
from course_utils.runner.outcome import Failure, NotebookOutcome


def test_when_there_is_no_terminal_then_progress_is_a_few_plain_lines():
    now = [0.0]
    console = Console(file=io.StringIO(), width=80)
    telling = progress.Plain(console, clock=lambda: now[0])
    telling.started("03_lenet", 4, 4)
    telling.opened(20)
    for second in range(40):
        now[0] = float(second)
        telling.cell(2 + second, second, "# say\nmodel.fit(x)\n")
        telling.tick(now[0], 600.0)
    telling.finished(NotebookOutcome("03_lenet", "failed", seconds=60, failure=Failure(7, "ValueError", "x")))
    lines = console.file.getvalue().splitlines()
    assert lines == [
        "[4/4] 03_lenet: 20 code cells",
        "[4/4] 03_lenet: 15 s, 600 MB, code cell 16 of 20: model.fit(x)",
        "[4/4] 03_lenet: 30 s, 600 MB, code cell 31 of 20: model.fit(x)",
        "[4/4] 03_lenet: failed in cell 7: ValueError (1.0 min)",
    ]


def test_when_there_is_a_terminal_then_progress_is_a_live_bar():
    console = Console(file=io.StringIO(), force_terminal=True, width=120, _environ={"TERM": "xterm"})
    with progress.reporter(console) as telling:
        telling.started("03_lenet", 4, 4)
        telling.opened(20)
        telling.cell(2, 0, "model.fit([1])")
        telling.tick(1.0, 600.0)
        telling.finished(NotebookOutcome("03_lenet", "passed", cells=20, cells_done=20))
    assert isinstance(telling, progress.Live)
    assert "4/4 03_lenet" in console.file.getvalue() and "20/20" in console.file.getvalue()
