"""Downloads show themselves: two lines in a terminal, one display updated in place in a notebook."""

import pytest

from course_utils.data import progress
from course_utils.data.progress import Progress


def test_when_in_a_terminal_then_there_are_two_lines_however_many_pieces_arrive(capsys):
    with Progress("mnist.npz", "host", 10_000_000) as show:
        for received in range(0, 10_000_000, 100_000):
            show(received)
        show.checking()
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert "10.0 MB" in lines[0] and "verified" in lines[1]


def test_when_no_byte_arrives_then_nothing_is_shown(capsys):
    with pytest.raises(ZeroDivisionError), Progress("mnist.npz", "host", 10):
        _ = 1 / 0
    assert capsys.readouterr().out == ""


def test_when_it_fails_then_the_last_line_says_so(capsys):
    with pytest.raises(ZeroDivisionError), Progress("mnist.npz", "host", 10) as show:
        show(5)
        _ = 1 / 0
    assert "failed" in capsys.readouterr().out.splitlines()[-1]


def test_when_in_a_notebook_then_one_display_is_updated_with_a_bar(monkeypatch):
    shown = []

    class Handle:
        def update(self, html, text):
            shown.append(html)

    monkeypatch.setattr(progress, "in_kernel", lambda: True)
    monkeypatch.setattr(progress, "live", lambda html, text: (shown.append(html), Handle())[1])
    clock = iter(range(100))
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    with Progress("<mnist>", "host", 10) as show:
        show(5)
        show(6)
    assert "<progress" in shown[1] and "&lt;mnist&gt;" in shown[1]
    assert "verified" in shown[-1]
