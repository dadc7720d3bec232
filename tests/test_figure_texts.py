"""The judge of alt texts is judged: it must refuse what says nothing."""

import pytest
from figure_texts import Figures, is_meaningful


@pytest.mark.parametrize(
    "alt",
    [
        "",
        "image.png",
        "Figure",
        "An empty figure.",
        "No description has been provided for this image",
        "Figure size 640x480 with 1 Axes",
        "<Figure size 640x480 with 1 Axes>",
    ],
)
def test_when_an_alt_text_is_empty_or_boilerplate_then_it_is_refused(alt):
    assert not is_meaningful(alt)


def test_when_an_alt_text_has_the_numbers_then_it_is_accepted():
    assert is_meaningful("Lines of accuracy against angle (degrees). LeNet: 0.9 at 0, 0.3 at 90.")


def test_when_a_page_has_pictures_then_all_are_found_also_those_without_a_text():
    figures = Figures()
    figures.feed('<p><img src="data:a"><img alt="" src="data:b"></p><img alt="badge" src="https://example.org/c.svg">')
    assert figures.pairs == [(None, "data:a"), ("", "data:b")]
