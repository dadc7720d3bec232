"""What the tests of the search share: a quick study and what is shown on a terminal or in a kernel."""

import pytest


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Nothing has to survive a power cut here, and no model fills the memory."""
    monkeypatch.setattr("os.fsync", lambda number: None)
    monkeypatch.setattr("gc.collect", lambda: 0)


@pytest.fixture
def study():
    """A new study in the test's own results folder."""
    from course_utils.tuning import tuning_study

    return tuning_study("toy", seed=0, data="toy-data")


@pytest.fixture
def again():
    """A function that opens the study of the fixture `study` anew, as a new kernel does."""
    from course_utils.tuning import tuning_study

    return lambda **options: tuning_study("toy", **{"seed": 0, "data": "toy-data", **options})


@pytest.fixture
def screen(monkeypatch):
    """Stands in for a notebook: the HTML and text of each update."""
    from course_utils import _display

    class Screen(list):
        def update(self, html, text):
            self.append((html, text))

    shown = Screen()
    monkeypatch.setattr(_display, "in_kernel", lambda: True)
    monkeypatch.setattr(_display, "show", lambda html, text: None)
    monkeypatch.setattr(_display, "live", lambda html, text: shown.append((html, text)) or shown)
    return shown
