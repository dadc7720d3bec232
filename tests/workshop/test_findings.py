from course_utils.workshop.findings import Finding, fold_packages, show_findings, summary

GOOD = [Finding(f"package {name}", "ok", "1.0", "≥ 1") for name in ("numpy", "scipy", "rich")]
OLD = Finding("package pillow", "fail", "10", "≥ 13", "python -m pip install -U pillow")


def test_packages_in_order_are_folded_into_one_line_and_the_others_stay():
    folded = fold_packages([Finding("Python", "ok", "3.12"), GOOD[0], OLD, *GOOD[1:]])
    assert [finding.check for finding in folded] == ["Python", "packages", "package pillow"]
    assert folded[1].found.startswith("3 present")


def test_one_good_package_is_not_folded():
    assert fold_packages([GOOD[0], OLD]) == [GOOD[0], OLD]


def test_the_summary_names_the_worst():
    assert summary(GOOD) == "Everything is fine."
    assert summary([*GOOD, Finding("clock", "warn", "1970")]) == "The course works here; one thing worth a look."
    assert "2 things to fix" in summary([OLD, OLD, Finding("clock", "warn", "1970")])


def test_in_a_terminal_every_cell_of_the_table_is_readable(capsys):
    show_findings([*GOOD, OLD])
    shown = capsys.readouterr().out
    assert "✗ fix" in shown
    assert "python -m pip install -U pillow" in shown
    assert "3 present" in shown
    assert "…" not in shown


def test_brackets_in_commands_are_not_taken_for_styles(capsys):
    show_findings([Finding("TensorFlow", "fail", "missing", "", 'pip install "cnn-course[cpu]"')])
    assert "cnn-course[cpu]" in capsys.readouterr().out


def test_in_a_kernel_the_table_is_escaped_html(monkeypatch):
    shown = []
    monkeypatch.setattr("course_utils._display.in_kernel", lambda: True)
    monkeypatch.setattr("course_utils._display.show", lambda html, text: shown.append((html, text)))
    show_findings([Finding("path", "warn", "<folder>", "", "move it")], everything=True)
    html, text = shown[0]
    assert "&lt;folder&gt;" in html
    assert "<folder>" in text
    assert "! look" in html  # the status is told in words, not by colour alone
