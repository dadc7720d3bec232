import course_utils as cu
from course_utils.results.comparison import comparison_rows
from course_utils.results.records import append_record


def test_compare_shows_last_best_and_the_courses_range(publish, make_record, capsys):
    publish(0.908, 0.915)
    for accuracy in (0.85, 0.92, 0.91):
        append_record(make_record(accuracy))
    cu.compare()
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("lenet"))
    assert line.split("  ")[0] == "lenet"
    for part in ("0.910", "0.920", "0.908–0.915 (2)", "in the range"):
        assert part in line


def test_runs_on_other_data_budgets_or_splits_stand_on_lines_of_their_own(make_record):
    runs = [
        make_record(0.9),
        make_record(0.8, variant="fashion_mnist/sample"),
        make_record(0.7, budget="smoke"),
        make_record(0.6, split="validation"),
    ]
    rows = comparison_rows(runs, [])
    assert sorted(row[1] for row in rows) == ["0.600", "0.700", "0.800", "0.900"]
    assert all(row[3] == 1 for row in rows)


def test_ranges_without_a_run_are_shown_as_not_run_yet(publish, capsys):
    publish(0.908, 0.915)
    cu.compare()
    assert "not run yet" in capsys.readouterr().out


def test_a_name_limits_the_table(publish, make_record, capsys):
    publish(0.9, name="dense")
    append_record(make_record(0.9))
    append_record(make_record(0.5, name="dense"))
    cu.compare("len")
    assert "dense" not in capsys.readouterr().out


def test_when_there_is_nothing_then_it_says_what_to_do(capsys):
    cu.compare("lenet")
    assert "cu.record(name, report)" in capsys.readouterr().out


def test_damaged_lines_are_mentioned(make_record, capsys):
    path = append_record(make_record())
    with path.open("a") as file:
        file.write("half a li\n")
    cu.compare()
    shown = capsys.readouterr().out
    assert "1 damaged line was skipped" in shown
    assert "0.912" in shown
