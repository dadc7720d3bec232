from pathlib import Path

import pytest

from course_utils.errors import CourseError
from course_utils.results.ledger import LEDGER_PATH as SHIPPED
from course_utils.results.ledger import build_row, load_ledger, merge_run, save_ledger
from course_utils.results.readme import BEGIN, END, results_table, write_readme

README = Path(__file__).resolve().parents[2] / "README.md"


@pytest.fixture
def rows(make_record):
    def make(*records):
        entries = []
        for record in records:
            entries = merge_run(entries, record, "2 cores, 8 GB")
        return [build_row(entry) for entry in entries]

    return make


def test_the_readme_shows_the_shipped_ledger():
    table = results_table([build_row(entry) for entry in load_ledger(SHIPPED)])
    text = README.read_text("utf-8")
    assert f"{BEGIN}\n{table}{END}" in text, "run `course ledger --readme`"


def test_a_row_gives_range_seeds_budget_and_data(rows, make_record):
    versions = {"keras": "3.15.1", "tensorflow": "2.21.0", "python": "3.12.1"}
    table = results_table(rows(make_record(0.9081), make_record(0.9149, seed=1, versions=versions)))
    assert "| 03 | `lenet` | 90.8–91.5 % | 2 | laptop | fashion_mnist | 1.5 | 107,786 |" in table.splitlines()
    assert "Measured on 2 cores, 8 GB, with Keras 3.15.1, TensorFlow 2.21.0." in table


def test_a_sample_row_gives_way_to_the_full_data(rows, make_record):
    sample = make_record(0.8, variant="fashion_mnist/sample")
    assert "fashion_mnist/sample" in results_table(rows(sample))
    assert "fashion_mnist/sample" not in results_table(rows(sample, make_record(0.9)))
    assert "fashion_mnist/sample" in results_table(rows(sample, make_record(0.9, budget="full")))


def test_laptop_stands_before_full_and_notebooks_are_in_order(rows, make_record):
    table = results_table(
        rows(make_record(0.93, budget="full"), make_record(0.9), make_record(0.97, name="z", notebook="02_dense"))
    )
    lines = [line for line in table.splitlines() if line.startswith("| 0")]
    assert [line.split(" | ")[1] for line in lines] == ["`z`", "`lenet`", "`lenet`"]
    assert "laptop" in lines[1]


def test_a_validation_accuracy_is_never_in_the_table_of_test_accuracies(rows, make_record):
    table = results_table(rows(make_record(0.9), make_record(0.95, name="picked", split="validation")))
    tested, judged = table.split("<details>")
    assert "test accuracy" in tested and "`lenet`" in tested and "`picked`" not in tested
    assert "validation accuracy" in judged and "`picked`" in judged and "`lenet`" not in judged


def test_a_stale_row_says_so(rows, make_record):
    from dataclasses import replace

    assert "not re-measured" in results_table([replace(rows(make_record(0.9))[0], stale=True)])


def test_the_table_is_put_between_the_markers_and_again_changes_nothing(tmp_path, make_record):
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    ledger = save_ledger(merge_run([], make_record(0.9)), tmp_path / "ledger.json")
    assert write_readme(readme, ledger)
    text = readme.read_text()
    assert text.startswith(f"before\n{BEGIN}\n| notebook |")
    assert text.endswith(f"{END}\nafter\n")
    assert "old" not in text
    assert not write_readme(readme, ledger)


@pytest.mark.parametrize("text", ["no markers\n", f"{END}\n{BEGIN}\n", f"{BEGIN}\n{END}\n" * 2])
def test_a_readme_without_its_place_is_left_alone(tmp_path, text):
    readme = tmp_path / "README.md"
    readme.write_text(text)
    with pytest.raises(CourseError, match="ledger:begin"):
        write_readme(readme, tmp_path / "ledger.json")
    assert readme.read_text() == text


def test_without_rows_there_is_no_table():
    assert results_table([]) == ""


def test_the_command_shows_the_ledger_and_brings_the_readme_up_to_date(monkeypatch, capsys, publish):
    from course_utils import cli
    from course_utils.results import readme

    publish(0.908, 0.915)
    monkeypatch.setattr(readme, "write_readme", lambda: True)
    for option, words in (("--show", "0.908–0.915"), ("--readme", "README.md: rewritten")):
        with pytest.raises(SystemExit) as ended:
            cli.main(["ledger", option])
        assert not ended.value.code
        assert words in capsys.readouterr().out


def test_a_practice_row_gives_way_to_real_data_of_any_container(rows, make_record):
    practice, real = make_record(0.6, variant="cifar10/practice"), make_record(0.8, variant="cifar10/jpeg")
    assert "cifar10/practice" in results_table(rows(practice))
    table = results_table(rows(practice, real))
    assert "cifar10/jpeg" in table and "practice" not in table
