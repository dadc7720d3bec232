import pytest

from course_utils.results.recipes import normalise, notebook_hash, recipe_hash, recipe_names

SETUP = 'course = cu.setup("03_lenet", budgets={\n    "images": (100, 200, 300),\n    "epochs": (1, 8, 30),\n})'
MODEL = "model = keras.Sequential([keras.layers.Dense(10)])"


@pytest.fixture
def hash_of(tmp_path, write_notebook):
    def make(*cells, name="lenet", budget="laptop"):
        path = write_notebook(tmp_path / "notebooks" / "03_lenet.ipynb", *cells)
        return recipe_hash(name, budget, path.parent)

    return make


def test_when_only_comments_and_blank_lines_change_then_the_hash_stays(hash_of):
    first = hash_of((["recipe:lenet"], MODEL))
    second = hash_of((["recipe:lenet"], f"# the model\n\n{MODEL}   # ten classes\n"))
    assert first == second


def test_when_the_code_changes_then_the_hash_changes(hash_of):
    assert hash_of((["recipe:lenet"], MODEL)) != hash_of((["recipe:lenet"], MODEL.replace("10", "11")))


def test_when_a_hash_sign_stands_in_a_string_then_it_is_no_comment(hash_of):
    assert hash_of((["recipe:lenet"], 'color = "#ff0000"')) != hash_of((["recipe:lenet"], 'color = "#00ff00"'))


def test_when_another_recipe_or_an_untagged_cell_changes_then_the_hash_stays(hash_of):
    first = hash_of((["recipe:lenet"], MODEL), (["recipe:other"], "a = 1"), ([], "b = 1"))
    second = hash_of((["recipe:lenet"], MODEL), (["recipe:other"], "a = 2"), ([], "b = 2"))
    assert first == second


def test_when_the_epochs_of_this_budget_change_then_the_hash_changes_and_for_another_budget_it_stays(hash_of):
    longer = SETUP.replace("(1, 8, 30)", "(1, 9, 30)")
    recipe = (["recipe:lenet"], MODEL)
    assert hash_of((["setup"], SETUP), recipe) != hash_of((["setup"], longer), recipe)
    assert hash_of((["setup"], SETUP), recipe, budget="full") == hash_of((["setup"], longer), recipe, budget="full")


def test_rows_of_the_budget_table_that_the_recipe_names_count_and_others_do_not(hash_of):
    table = SETUP.replace("})", '    "width": (1, 2, 3),\n    "trials": (1, 5, 9),\n})')
    recipe = (["recipe:lenet"], f'{MODEL}\nwidth = course.value("width")')
    tags = ["setup", "recipe:lenet", "recipe:search"]  # the set-up cell is part of every recipe
    first = hash_of((tags, table), recipe)
    assert hash_of((tags, table.replace("(1, 5, 9)", "(1, 6, 9)")), recipe) == first
    assert hash_of((tags, table.replace('    "trials": (1, 5, 9),\n', "")), recipe) == first
    assert hash_of((tags, table.replace("(1, 2, 3)", "(1, 4, 3)")), recipe) != first
    assert hash_of((tags, table.replace("(100, 200, 300)", "(100, 250, 300)")), recipe) != first
    assert hash_of((tags, table.replace("03_lenet", "04_lenet")), recipe) != first


TABLE = 'course = cu.setup("03_lenet", budgets={"wide_epochs": (1, 2, 3), "size": (1, 2, 3), "trials": (1, 5, 9)})'


@pytest.mark.parametrize(
    "source",
    [
        'course.epochs(f"{name}_epochs")',
        'course.epochs("wide" + "_epochs")',
        "course.subset(train, row)",
        "course.value(*row)",
        "course.value(name=row)",
        '%time course.epochs("wide_epochs")',
    ],
)
def test_when_a_cell_does_not_tell_its_rows_then_every_row_counts(hash_of, source):
    def made(table):
        return hash_of((["setup", "recipe:lenet"], table), (["recipe:lenet"], source))

    assert made(TABLE) != made(TABLE.replace("(1, 2, 3)", "(1, 4, 3)", 1))
    assert made(TABLE) != made(TABLE.replace("(1, 5, 9)", "(1, 6, 9)"))


def test_rows_that_are_read_by_an_untagged_cell_count_where_the_recipe_needs_that_cell(hash_of):
    def made(table):
        needed, idle = ([], 'n = course.epochs("wide_epochs")'), ([], 'k = course.value("trials")')
        return hash_of((["setup", "recipe:lenet"], table), needed, idle, (["recipe:lenet"], "fit(n)"))

    assert made(TABLE) != made(TABLE.replace("(1, 2, 3)", "(1, 4, 3)", 1))
    assert made(TABLE) == made(TABLE.replace("(1, 5, 9)", "(1, 6, 9)"))


def test_a_table_in_second_place_counts_as_one_by_name(hash_of):
    placed = TABLE.replace("budgets=", "")
    recipe = (["recipe:lenet"], 'course.value("size")')
    longer = placed.replace('"size": (1, 2, 3)', '"size": (1, 4, 3)')
    assert hash_of((["setup"], placed), recipe) != hash_of((["setup"], longer), recipe)


def test_when_a_record_is_made_in_a_loop_then_a_pattern_or_the_part_before_the_slash_finds_its_cells(hash_of):
    assert hash_of((["recipe:lenet_*"], MODEL), name="lenet_pooling") is not None
    assert hash_of((["recipe:lenet"], MODEL), name="lenet/pooling") is not None
    assert hash_of((["recipe:lenet"], MODEL), name="lenet_pooling") is None


def test_when_a_cell_holds_a_magic_or_the_file_is_damaged_then_nothing_breaks(hash_of, tmp_path):
    assert hash_of((["recipe:lenet"], "%%time\n!ls 'x\nmodel.fit()")) is not None
    (tmp_path / "notebooks" / "03_lenet.ipynb").write_text("{")
    assert recipe_hash("lenet", "laptop", tmp_path / "notebooks") is None


def test_when_no_notebook_is_there_then_the_hash_is_unknown(tmp_path):
    assert recipe_hash("lenet", "laptop", tmp_path / "nowhere") is None


def test_when_source_is_a_list_of_lines_then_it_hashes_like_the_text(hash_of):
    assert hash_of((["recipe:lenet"], ["a = 1\n", "b = 2"])) == hash_of((["recipe:lenet"], "a = 1\nb = 2"))


def test_normalise_keeps_indentation():
    assert normalise("if x:\n\n    y = 1  # why\n") == "if x:\n    y = 1"


def test_recipe_names_are_listed_once_in_order(tmp_path, write_notebook):
    path = write_notebook(tmp_path / "03_x.ipynb", (["recipe:b"], ""), (["recipe:a"], ""), (["recipe:b"], ""))
    assert recipe_names(path) == ("b", "a")


def test_notebook_hash_notices_any_recipe(tmp_path, write_notebook):
    path = write_notebook(tmp_path / "03_x.ipynb", (["recipe:a"], "a = 1"), ([], "c = 1"))
    first = notebook_hash(path, "laptop")
    write_notebook(path, (["recipe:a"], "a = 1"), ([], "c = 2"))
    assert notebook_hash(path, "laptop") == first
    write_notebook(path, (["recipe:a"], "a = 2"), ([], "c = 2"))
    assert notebook_hash(path, "laptop") != first
