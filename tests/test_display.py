from course_utils import _display


def test_when_outside_a_kernel_then_text_goes_to_stdout(capsys):
    _display.show("<b>html</b>", "text")
    assert capsys.readouterr().out == "text\n"


def test_when_a_live_display_changes_outside_a_kernel_then_each_text_is_a_line(capsys):
    handle = _display.live("<b>1</b>", "one")
    handle.update("<b>2</b>", "two")
    assert capsys.readouterr().out == "one\ntwo\n"


def test_when_a_cell_has_markup_then_it_is_escaped():
    html = _display.table_html([("<script>", 1)], header=("a & b", "c"), caption="<i>")
    assert "<script>" not in html and "&lt;script&gt;" in html and "a &amp; b" in html and "&lt;i&gt;" in html


def test_when_a_table_is_text_then_columns_are_aligned():
    lines = _display.table_text([("a", 1), ("long", 22)], header=("name", "n")).splitlines()
    assert lines[0].index("n", 4) == lines[2].index("1") == lines[3].index("22")
