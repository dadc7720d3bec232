from dataclasses import replace
from html.parser import HTMLParser

import pytest

from course_utils.exercises.feedback import NOT_ATTEMPTED, NOT_YET, PASSED, Feedback, marked

FAILED = Feedback(
    NOT_YET,
    "conv2d",
    "Exercise 01.2: <conv2d>",
    seen="Shape (3 < 4) & `a[<b>]`.",
    misconception="kernel-flipped",
    meaning="<script>alert(1)</script>",
    hint="Use `x[::2]`.",
    stronger="Really: `x[1::2]`.",
    printed="<b>1</b>\n" * 3,
    tries=1,
)


class Balanced(HTMLParser):
    """Fails when a tag is not closed, or one is closed that was not open."""

    def __init__(self):
        super().__init__()
        self.open, self.said = [], ""

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.said += data


def read(feedback):
    page = Balanced()
    page.feed(feedback._repr_html_())
    assert page.open == []
    return page.said


@pytest.mark.parametrize(
    ("verdict", "sign", "words"),
    [(NOT_ATTEMPTED, "○", "Not attempted yet."), (NOT_YET, "✗", "Not yet."), (PASSED, "✓", "Passed.")],
)
def test_every_verdict_has_a_sign_and_words_not_a_colour_alone(verdict, sign, words):
    feedback = Feedback(verdict, title="Exercise 01.2: conv2d")
    assert f"{sign} {words}" in read(feedback)
    assert feedback.text() == f"{sign} Exercise 01.2: conv2d — {words}"
    assert feedback.passed is (verdict == PASSED)


def test_when_it_holds_markup_then_that_is_shown_and_not_obeyed():
    html = FAILED._repr_html_()
    assert "<script>" not in html and "<b>1</b>" not in html and "<conv2d>" not in html and "a[<b>]" not in html
    assert "<code>a[&lt;b&gt;]</code>" in html
    for words in ("<conv2d>", "(3 < 4) &", "<script>alert(1)</script>", "x[::2]", "<b>1</b>"):
        assert words in read(FAILED) and words in FAILED.text()


def test_when_the_first_try_fails_then_one_hint_is_given_and_from_the_second_on_two():
    assert FAILED.hints == ("Use `x[::2]`.",) and "Really" not in FAILED.text() + read(FAILED)
    for tries in (2, 3):
        later = replace(FAILED, tries=tries)
        assert later.hints == ("Use `x[::2]`.", "Really: `x[1::2]`.")
        assert later.text().count("Hint:") == read(later).count("Hint:") == 2


def test_when_there_is_no_hint_then_none_is_announced():
    assert "Hint" not in read(Feedback(NOT_YET, tries=5)) + Feedback(NOT_YET, tries=5).text()


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("`a` and `b`", "<code>a</code> and <code>b</code>"),
        ("a ` alone", "a ` alone"),
        ("`<i>`", "<code>&lt;i&gt;</code>"),
        ('"5 < 6"', "&quot;5 &lt; 6&quot;"),
        ("", ""),
    ],
)
def test_when_text_stands_between_backticks_then_it_is_code(text, html):
    assert marked(text) == html


def test_when_much_was_printed_then_six_lines_are_shown_and_the_rest_is_counted():
    feedback = replace(FAILED, printed="".join(f"line {n}\n" for n in range(10)))
    for said in (feedback.text(), read(feedback)):
        assert "line 5" in said and "line 6" not in said and "… and 4 more lines" in said


def test_when_it_is_passed_then_it_says_why_it_matters(capsys):
    Feedback(PASSED, title="Exercise 01.2: conv2d", why="It is everywhere.").show()
    assert capsys.readouterr().out == "✓ Exercise 01.2: conv2d — Passed. It is everywhere.\n"
