import json
from pathlib import Path

import pytest

from course_utils.errors import NotebookError
from course_utils.glossary import Term, collect_terms, glossary_page, link_first_uses, update_glossary

DFN = '<dfn title="what a kernel answers at every place" data-also="activation map">feature map</dfn>'


def notebook(*texts):
    cells = [{"cell_type": "markdown", "id": f"a{n}", "metadata": {}, "source": text} for n, text in enumerate(texts)]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def write(folder, **notebooks):
    for name, texts in notebooks.items():
        (folder / f"{name.removeprefix('n')}.ipynb").write_text(json.dumps(notebook(*texts)), "utf-8")


TERM = Term("feature map", "what a kernel answers at every place", ("activation map",), "01_pixels", "One window")


def linked(*texts, terms=(TERM,)):
    return [
        "".join(cell["source"]) for cell in link_first_uses(notebook("# Title", *texts), "03_lenet", terms)["cells"][1:]
    ]


def test_a_term_is_read_with_its_definition_spellings_and_section(tmp_path):
    write(tmp_path, n01_pixels=["# One", f"## One window\n\nThe answers are a {DFN}."])
    assert collect_terms(tmp_path) == [TERM]


def test_when_a_term_is_defined_twice_then_both_places_are_named(tmp_path):
    write(tmp_path, n01_pixels=[DFN], n02_dense=[DFN])
    with pytest.raises(NotebookError, match="01_pixels and 02_dense"):
        collect_terms(tmp_path)


def test_when_a_definition_is_missing_then_it_is_asked_for(tmp_path):
    write(tmp_path, n01_pixels=["<dfn>stride</dfn>"])
    with pytest.raises(NotebookError, match="no definition"):
        collect_terms(tmp_path)


def test_the_page_has_an_anchor_the_definition_and_the_place():
    page = glossary_page([TERM])
    assert '<a id="feature-map"></a>**feature map** (also: activation map): what a kernel answers' in page
    assert "[01, One window](01_pixels.ipynb#One-window)" in page


def test_only_the_first_use_is_linked_and_the_plural_counts():
    assert linked("Feature maps grow. A feature map shrinks.") == [
        "[Feature maps](glossary.md#feature-map) grow. A feature map shrinks."
    ]


@pytest.mark.parametrize(
    "closed",
    ["`feature map`", "## A feature map", "[the feature map](x.md)", "```\nfeature map\n```", "<!-- feature map -->"],
)
def test_code_headings_links_and_comments_are_left_alone(closed):
    assert linked(f"{closed}\n\nThen a feature map.") == [f"{closed}\n\nThen a [feature map](glossary.md#feature-map)."]


def test_other_spellings_are_linked_and_parts_of_words_are_not():
    assert linked("A subfeature map, an activation map.") == [
        "A subfeature map, an [activation map](glossary.md#feature-map)."
    ]


def test_a_long_term_is_linked_before_a_short_one_inside_it():
    short = Term("feature", "something to look for", (), "01_pixels", "")
    assert linked("A feature map and a feature.", terms=(short, TERM)) == [
        "A [feature map](glossary.md#feature-map) and a [feature](glossary.md#feature)."
    ]


def test_nothing_is_linked_where_the_term_is_defined():
    own = link_first_uses(notebook("# T", "A feature map."), "01_pixels", [TERM])
    assert own["cells"][1]["source"] == "A feature map."


def test_an_update_writes_what_has_changed_and_a_second_one_nothing(tmp_path):
    write(tmp_path, n01_pixels=["# One", f"## One window\n\n{DFN}"], n03_lenet=["# Three", "Look at a feature map."])
    changed = update_glossary(tmp_path)
    assert sorted(path.name for path in changed) == ["03_lenet.ipynb", "glossary.md"]
    assert update_glossary(tmp_path) == []


def test_when_a_term_is_part_of_a_longer_one_then_that_place_is_not_its_first_use():
    longer, short = Term("confidence interval", "…", (), "03", ""), Term("confidence", "…", (), "03", "")
    text = "A confidence interval, again a confidence interval, then confidence."
    expected = (
        "A [confidence interval](glossary.md#confidence-interval), again a confidence interval, "
        "then [confidence](glossary.md#confidence)."
    )
    cells = link_first_uses(notebook("# T", text), "05", [short, longer])["cells"]
    assert cells[1]["source"] == [expected]


def test_a_term_may_have_another_name_than_the_words_in_the_text_and_no_links(tmp_path):
    dfn = '<dfn title="the program behind it" data-term="kernel (of a notebook)" data-link="no">**kernel**</dfn>'
    write(tmp_path, n00_start=["# Start", dfn], n01_pixels=["# One", "Restart the kernel (of a notebook)."])
    assert [(term.name, term.linked) for term in collect_terms(tmp_path)] == [("kernel (of a notebook)", False)]
    assert [path.name for path in update_glossary(tmp_path)] == ["glossary.md"]


def test_when_it_is_only_checked_then_nothing_is_written(tmp_path):
    write(tmp_path, n01_pixels=["# One", DFN])
    assert [path.name for path in update_glossary(tmp_path, check=True)] == ["glossary.md"]
    assert not (tmp_path / "glossary.md").exists()


def test_the_course_glossary_is_up_to_date():
    """If this fails: `course glossary`."""
    assert update_glossary(Path(__file__).parents[1] / "notebooks", check=True) == []
