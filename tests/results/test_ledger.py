import json
from dataclasses import FrozenInstanceError

import pytest

import course_utils as cu
from course_utils.errors import CourseError
from course_utils.results import ledger
from course_utils.results.ledger import LEDGER_PATH as SHIPPED
from course_utils.results.ledger import build_row, load_ledger, merge_run, save_ledger

LENET = (["recipe:lenet"], "model = 1")


def test_the_shipped_ledger_is_valid_and_written_as_the_course_writes_it(tmp_path):
    entries = load_ledger(SHIPPED)
    copy = save_ledger(entries, tmp_path / "copy.json")
    assert copy.read_bytes() == SHIPPED.read_bytes()
    assert all(0 < row.accuracies[0] <= 1 for row in map(build_row, entries))


def test_a_row_gives_the_range_over_its_seeds(publish):
    publish(0.915, 0.908, 0.910)
    (row,) = cu.ledger_rows()
    assert (row.low, row.high, row.n, row.seeds) == (0.908, 0.915, 3, (0, 1, 2))
    assert row.accuracies == (0.915, 0.908, 0.910)
    assert row.mean == pytest.approx(0.911)
    assert str(row) == "lenet: 0.908–0.915 (3 seeds, laptop, fashion_mnist)"


def test_a_row_cannot_be_changed(publish):
    publish(0.9)
    with pytest.raises(FrozenInstanceError):
        cu.ledger_rows()[0].low = 1.0


def test_rows_are_found_by_prefix_variant_and_budget(publish, make_record):
    entries = publish(0.9)
    entries = merge_run(entries, make_record(0.8, name="lenet_drop", budget="full"))
    publish(0.7, entries=entries, name="dense", variant="mnist/sample")

    def names(**wanted):
        return [row.recipe for row in cu.ledger_rows(**wanted)]

    assert names() == ["dense", "lenet", "lenet_drop"]
    assert names(prefix="lenet") == ["lenet", "lenet_drop"]
    assert names(variant="mnist") == []
    assert names(variant="mnist/sample") == ["dense"]
    assert names(budget="full") == ["lenet_drop"]


def test_when_the_recipe_changed_since_then_the_row_is_stale_and_says_so(publish, tmp_path, write_notebook):
    path = write_notebook(tmp_path / "notebooks" / "03_lenet_fashion_mnist.ipynb", LENET)
    measured = ledger.recipes.recipe_hash("lenet", "laptop", path.parent)
    publish(0.9, recipe_hash=measured)
    assert not cu.ledger_rows()[0].stale
    write_notebook(path, (["recipe:lenet"], "model = 2"))
    rows = cu.ledger_rows()
    assert rows[0].stale
    assert "not re-measured" in str(rows)
    assert "not re-measured" in str(rows[0])
    assert "not re-measured" in rows._repr_html_()


def test_when_the_notebook_is_not_there_then_the_row_is_not_called_stale(publish):
    publish(0.9, recipe_hash="0123456789abcdef", notebook="99_elsewhere")
    assert not cu.ledger_rows()[0].stale


def test_merging_replaces_the_same_seed_and_keeps_the_others(make_record):
    entries = merge_run([], make_record(0.90, seed=0))
    entries = merge_run(entries, make_record(0.91, seed=1))
    entries = merge_run(entries, make_record(0.92, seed=0))
    assert build_row(entries[0]).accuracies == (0.92, 0.91)


def test_merging_runs_of_a_changed_recipe_drops_the_old_ones(make_record):
    entries = merge_run([], make_record(0.90, seed=0, recipe_hash="old"))
    entries = merge_run(entries, make_record(0.95, seed=1, recipe_hash="new"))
    assert build_row(entries[0]).accuracies == (0.95,)


def test_merging_never_mixes_variants_or_budgets(make_record):
    entries = merge_run([], make_record(0.9))
    entries = merge_run(entries, make_record(0.8, variant="fashion_mnist/sample"))
    entries = merge_run(entries, make_record(0.93, budget="full"))
    assert [(entry["budget"], entry["variant"], len(entry["runs"])) for entry in entries] == [
        ("full", "fashion_mnist", 1),
        ("laptop", "fashion_mnist", 1),
        ("laptop", "fashion_mnist/sample", 1),
    ]


def test_merging_leaves_the_entries_it_was_given(make_record):
    entries = merge_run([], make_record(0.9, seed=0))
    before = json.dumps(entries)
    merge_run(entries, make_record(0.8, seed=1))
    assert json.dumps(entries) == before


def test_the_same_runs_in_another_order_give_the_same_file(make_record, tmp_path):
    runs = [make_record(0.9, seed=0), make_record(0.8, seed=1), make_record(0.7, name="dense")]
    files = []
    for order in (runs, runs[::-1]):
        entries = []
        for run in order:
            entries = merge_run(entries, run)
        files.append(save_ledger(entries, tmp_path / f"{len(files)}.json").read_bytes())
    assert files[0] == files[1]


@pytest.mark.parametrize(
    "content", ["", "[]", '{"schema": 1}', '{"schema": 1, "rows": [{}]}', '{"schema": 1, "rows": [3]}']
)
def test_when_the_ledger_is_damaged_then_the_error_names_the_file(tmp_path, content):
    path = tmp_path / "ledger.json"
    path.write_text(content)
    with pytest.raises(CourseError, match=r"damaged[\s\S]*ledger\.json"):
        load_ledger(path)


def test_when_the_ledger_is_of_another_schema_then_both_are_named(tmp_path):
    path = tmp_path / "ledger.json"
    path.write_text('{"schema": 99, "rows": []}')
    with pytest.raises(CourseError, match=r"schema 1[\s\S]*schema 99"):
        load_ledger(path)


def test_an_empty_answer_says_so():
    assert str(cu.ledger_rows("nothing")) == "The ledger has no such rows yet."


def test_cpu_seconds_are_kept_where_they_are_known_and_rows_without_them_stay_as_they_were(make_record):
    (entry,) = merge_run([], make_record(0.9, seed=0))
    assert "cpu_seconds" not in entry["runs"]["0"]
    assert build_row(entry).cpu_seconds is None
    (entry,) = merge_run([entry], make_record(0.9, seed=1, cpu_seconds=120.04))
    (entry,) = merge_run([entry], make_record(0.9, seed=2, cpu_seconds=100.0))
    assert entry["runs"]["1"]["cpu_seconds"] == 120.0
    assert build_row(entry).cpu_seconds == 110.0
