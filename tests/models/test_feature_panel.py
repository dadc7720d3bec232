import pytest
from training_samples import Clock

from course_utils.models import _panel
from course_utils.models._panel import FeaturePanel


@pytest.fixture
def clock():
    return Clock()


def test_when_not_in_a_kernel_then_a_line_now_and_then_tells_speed_and_time_left(clock, capsys):
    panel = FeaturePanel("Features of net", 1000, clock)
    panel.begin()
    for done in range(10, 1010, 10):
        clock.forward(1 if done > 10 else 21)  # the first batch builds the graph
        panel.update(done)
    panel.finish("Done.")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Features of net: 1,000 images to compute …" and lines[-1] == "Done."
    assert lines[1] == "Features of net: 100 of 1,000 images, 10 images/s, about 1:30 left"
    assert len(lines) == 5


def test_when_in_a_kernel_then_one_display_is_updated_at_most_twice_a_second(clock, monkeypatch):
    shown = []

    class Handle:
        def update(self, html, text):
            shown.append(html)

    monkeypatch.setattr(_panel, "in_kernel", lambda: True)
    monkeypatch.setattr(_panel, "live", lambda html, text: shown.append(html) or Handle())
    panel = FeaturePanel("Features of <net>", 100, clock)
    panel.begin()
    for done in range(1, 101):
        clock.forward(0.1)
        panel.update(done)
    panel.finish("Done.")
    assert 18 <= len(shown) <= 22 and "&lt;net&gt;" in shown[0]
    assert '<progress value="50" max="100">' in "".join(shown)
    assert shown[-1] == "<p>Done.</p>"
