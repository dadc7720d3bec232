import json
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest

import course_utils as cu
from course_utils.errors import UnknownNameError
from course_utils.exercises import quizzes
from course_utils.exercises.quizzes import Option, Question, Quiz, load_quiz

TEXTS = sorted((Path(quizzes.__file__).parent / "quiz_texts").glob("*.json"))
VOID = {"input"}
MADE_UP = Quiz(
    "07",
    (
        Question("Is `1 < 2`?", (Option("<b>yes</b>", True, "It `is`."), Option("no", False, "Look & see."))),
        Question("And 2 < 1?", (Option("yes", False, "No."), Option("no", True, "Right so."))),
    ),
)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_every_quiz_has_its_questions_options_and_feedback(path):
    quiz = load_quiz(path.stem)
    assert 4 <= len(quiz.questions) <= 6
    assert len({question.text for question in quiz.questions}) == len(quiz.questions)
    for question in quiz.questions:
        assert question.text.strip()
        assert 3 <= len(question.options) <= 4, question.text
        assert sum(option.right for option in question.options) == 1, question.text
        assert len({option.text for option in question.options}) == len(question.options), question.text
        for option in question.options:
            assert option.text.strip() and option.feedback.strip() and option.right in (True, False), question.text
        for text in (question.text, *(part for option in question.options for part in (option.text, option.feedback))):
            assert text.count("`") % 2 == 0, f"an odd backtick: {text}"


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_every_quiz_file_has_only_the_keys_that_are_read(path):
    for question in json.loads(path.read_text("utf-8")):
        assert question.keys() == {"question", "options"}
        for option in question["options"]:
            assert {"text", "feedback"} <= option.keys() <= {"text", "feedback", "right"}


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_the_right_option_does_not_always_stand_in_the_same_place(path):
    places = Counter(
        place for question in load_quiz(path.stem).questions for place, o in enumerate(question.options) if o.right
    )
    assert len(places) > 1


class Page(HTMLParser):
    """The elements of a page with their attributes; fails where tags do not match."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.open, self.said = [], [], ""
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        assert len(dict(attrs)) == len(attrs), "an attribute twice"
        self.elements.append((tag, dict(attrs), tuple(self.open)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.said += data if "style" not in self.open else ""

    def all(self, tag):
        return [attributes for name, attributes, _ in self.elements if name == tag]


@pytest.mark.parametrize("quiz", [MADE_UP, *(load_quiz(path.stem) for path in TEXTS)], ids=lambda quiz: quiz.number)
def test_when_a_quiz_is_shown_twice_on_a_page_then_nothing_is_shared(quiz):
    page = Page(quiz._repr_html_() + quiz._repr_html_())
    ids = [attributes["id"] for _, attributes, _ in page.elements if "id" in attributes]
    assert len(set(ids)) == len(ids)
    groups = Counter(box["name"] for box in page.all("input"))
    assert len(groups) == 2 * len(quiz.questions)
    assert list(groups.values()) == [len(question.options) for question in quiz.questions] * 2


@pytest.mark.parametrize("quiz", [MADE_UP, *(load_quiz(path.stem) for path in TEXTS)], ids=lambda quiz: quiz.number)
def test_every_option_has_a_label_and_every_group_a_legend(quiz):
    page = Page(quiz._repr_html_())
    boxes = page.all("input")
    assert {box["type"] for box in boxes} == {"radio"} and not any("checked" in box for box in boxes)
    assert [box["id"] for box in boxes] == [label["for"] for label in page.all("label")]
    assert len(page.all("legend")) == len(page.all("fieldset")) == len(quiz.questions)
    assert all(path[-1] == "fieldset" for tag, _, path in page.elements if tag == "legend")


def test_when_nothing_is_chosen_then_the_feedback_is_hidden_also_from_screen_readers():
    html = MADE_UP._repr_html_()
    assert "aria-describedby" not in html, "a description would be read aloud before one has chosen"
    assert ".cu-said {display: none" in html and "input:checked ~ .cu-told .cu-said {display: block}" in html
    assert html.count('aria-live="polite"') == 4


def test_when_an_option_is_right_or_wrong_then_words_say_so_not_a_colour_alone():
    page = Page(MADE_UP._repr_html_())
    assert page.said.count("✓ Right.") == 2 and page.said.count("✗ Not this one.") == 2


def test_when_a_text_holds_markup_then_it_is_shown_and_not_obeyed():
    html = MADE_UP._repr_html_()
    assert "&lt;b&gt;yes&lt;/b&gt;" in html and "<code>1 &lt; 2</code>" in html and "Look &amp; see." in html
    assert "<script" not in html
    assert not any(name.startswith("on") for _, attributes, _ in Page(html).elements for name in attributes)


def test_when_there_is_no_html_then_questions_options_and_answers_are_text(capsys, monkeypatch):
    monkeypatch.setattr(quizzes, "load_quiz", lambda number: MADE_UP)
    assert cu.quiz("07") is None
    assert capsys.readouterr().out == (
        "1. Is `1 < 2`?\n   a) <b>yes</b>\n   b) no\n2. And 2 < 1?\n   a) yes\n   b) no\n\n"
        "Answers\n1a: It `is`.\n2b: Right so.\n"
    )


@pytest.mark.parametrize("number", ["99", 1, "", None])
def test_when_there_is_no_such_quiz_then_those_that_exist_are_named(number):
    with pytest.raises(UnknownNameError, match="no quiz called"):
        cu.quiz(number)
