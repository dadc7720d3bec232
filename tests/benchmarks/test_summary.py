import io
from dataclasses import replace

import pytest

from benchmarks import summary
from benchmarks.references import reference
from benchmarks.summary import compare, judge, portion_text, seconds_to, total_cpu_seconds
from benchmarks.table import cells, goal_cells, goal_lines, markdown, print_table
from benchmarks.targets import TARGETS, Goal, select_targets

# One recipe beside its reference, with one goal.
DENSE = [
    replace(
        target,
        courses=(replace(target.courses[0], goals=(Goal("97.5 % in at most ½ of the time", 0.975, 0.5),)),),
    )
    for target in select_targets(["mnist_dense"])
]


@pytest.fixture(autouse=True)
def nothing_is_stale(monkeypatch):
    monkeypatch.setattr(summary, "is_stale", lambda run: False)


@pytest.fixture
def runs(make_run):
    """Three seeds of both sides: the reference needs 100 CPU seconds, the course 20, half of them for 97.6 %."""
    made = []
    for seed in range(3):
        made.append(make_run("reference", 0.975, [20.0] * 5, seed=seed))
        ours = make_run("course", 0.98 + seed / 1000, [10.0, 10.0], seed=seed)
        ours["epochs"][0]["test_accuracy"] = 0.976
        made.append(ours)
    return made


def test_means_spread_and_ratios(runs):
    (item,) = compare(DENSE, runs)
    assert item.reference.accuracy == pytest.approx(0.975)
    assert item.course.accuracies == (0.98, 0.981, 0.982)
    assert item.ratio == pytest.approx(0.2)
    assert (item.wanted, item.time_ratio, item.reached) == (pytest.approx(0.975), pytest.approx(0.1), 3)
    assert item.notes == ()


def test_when_not_every_run_reaches_the_accuracy_then_there_is_no_time_ratio(runs):
    for row in runs[1]["epochs"]:
        row["test_accuracy"] = 0.9
    (item,) = compare(DENSE, runs)
    assert (item.time_ratio, item.reached) == (None, 2)
    assert cells(item)[6] == "97.5% reached by 2 of 3 runs"


def test_each_side_has_its_own_seeds_because_a_slow_reference_is_run_with_fewer(runs, make_run):
    (item,) = compare(DENSE, [*runs, make_run("course", 0.94, seed=7)])
    assert [run["seed"] for run in item.course.runs] == [0, 1, 2, 7]
    assert [run["seed"] for run in item.reference.runs] == [0, 1, 2]
    assert item.course.accuracy == pytest.approx((0.98 + 0.981 + 0.982 + 0.94) / 4)


def test_when_a_row_of_the_budget_table_is_changed_then_it_is_another_recipe(runs, make_run):
    (item,) = compare(DENSE, [*runs, make_run("course", 0.1, seed=1, override="dense_epochs=1")])
    assert [run["seed"] for run in item.course.runs] == [0, 1, 2]
    assert min(item.course.accuracies) == 0.98


@pytest.mark.parametrize("changes", [{"machine": "8 cores"}, {"variant": "mnist/sample"}, {"threads": 1}])
def test_runs_under_other_conditions_are_never_compared(runs, changes):
    others = [run | changes for run in runs if run["side"] == "course"]
    found = compare(DENSE, [run for run in runs if run["side"] == "reference"] + others)
    assert [item.ratio for item in found] == [None, None]
    assert [bool(item.course.runs) for item in found] == [False, True]
    assert "The course's side is not measured here." in found[0].notes


def test_seconds_to_an_accuracy_are_those_of_the_first_epoch_that_has_it(runs):
    assert seconds_to(runs[1], 0.976) == 10
    assert seconds_to(runs[1], 0.98) == 20
    assert seconds_to(runs[1], 0.99) is None


@pytest.fixture
def part(make_run):
    """3 of 50 epochs on an eighth of the images, the first of them with 4 seconds of compiling; features of 1 of 10."""
    stages = [{"name": "features", "cpu_seconds": 30.0, "done": 100, "of": 1_000}]
    return make_run(
        "reference",
        None,
        [5.0, 1.0, 1.0],
        name="imagenette_vgg16",
        variant="imagenette",
        partial=True,
        epochs_planned=50,
        epoch_scale=8.0,
        stages=stages,
        work_cpu_seconds=40.0,
    )


def test_of_a_part_the_whole_is_extrapolated_and_compiling_counts_once(part):
    rest, features, compiling, training = 40 - 7 - 30, 300, 4, 1 * 50 * 8
    assert total_cpu_seconds(part) == pytest.approx(rest + features + compiling + training)


def test_every_output_says_what_was_extrapolated(part, make_run):
    course = make_run("course", 0.97, [50.0], name="imagenette_head", variant="imagenette")
    found = compare(select_targets(["imagenette_vgg16"]), [part, course])
    (item,) = found
    assert item.reference.partial and item.reference.accuracy is None
    assert item.wanted == reference("imagenette_vgg16").published_accuracy
    assert cells(item)[1] == "not measured"
    assert "(extrapolated)" in cells(item)[4]
    text = markdown(found)
    assert "features of 100 of 1,000 images" in text and "3 of 50 epochs on 1/8.0 of the images" in text
    assert "its accuracy is not measured" in text and "weights=None" in text
    assert "until the published 94%" in text


def test_what_else_a_recipe_recorded_is_shown_with_its_spread(make_run):
    accuracies = {0: 0.94, 1: 0.96}
    runs = [
        make_run(name="imagenette_head", variant="imagenette", seed=seed, also={"imagenette_head/clean-500": accuracy})
        for seed, accuracy in accuracies.items()
    ]
    (item,) = compare(select_targets(["imagenette_vgg16"]), runs)
    assert "imagenette_head/clean-500: 95.00% (94.00%–96.00%; n 2)." in item.notes


def test_an_accuracy_after_some_of_the_epochs_is_called_that(make_run):
    run = make_run(
        "reference", 0.10, [9.0, 8.0, 8.0], name="imagenette_scratch", variant="imagenette", partial=True,
        epochs_planned=30,
    )  # fmt: skip
    item, _ = compare(select_targets(["imagenette_scratch"]), [run])
    assert cells(item)[1] == "10.00 % (n 1), after 3 of 30 epochs"
    assert "its accuracy is that after 3 epochs" in portion_text(run)
    assert item.wanted == 0.5, "what was published, not what three epochs reach"


@pytest.mark.parametrize(
    ("goal", "reached"),
    [
        (Goal("", 0.975, 0.1), True),
        (Goal("", 0.975, 0.09), False),
        (Goal("", 0.981, 0.2, final=True), True),
        (Goal("", 0.981, 0.19, final=True), False),
        (Goal("", 0.982, 0.5, final=True), False),
        (Goal("", 0.975, 0.1, parameters=79_000), False),
        (Goal("", 0.975, cpu_minutes=1), True),
        (Goal("", 0.99, 1), False),
    ],
)
def test_a_goal_is_reached_with_its_accuracy_its_time_and_its_size(runs, goal, reached):
    (item,) = compare(DENSE, runs)
    assert judge(item, goal).reached is reached


def test_a_goal_on_the_way_counts_the_time_until_it_and_the_seeds_that_get_there(runs):
    (item,) = compare(DENSE, runs)
    verdict = judge(item, Goal("", 0.9805, 1))
    assert (verdict.counted, verdict.accuracies, verdict.reached) == (2, (0.98, 0.981, 0.982), False)
    assert (verdict.cpu_seconds, verdict.share) == (20, pytest.approx(0.2))
    verdict = judge(item, Goal("", 0.975, 1))
    assert (verdict.counted, verdict.accuracies) == (3, (0.976, 0.976, 0.976))
    assert (verdict.cpu_seconds, verdict.share) == (10, pytest.approx(0.1))


def test_when_the_reference_is_not_measured_then_a_share_of_it_is_not_judged(runs):
    (item,) = compare(DENSE, [run for run in runs if run["side"] == "course"])
    assert judge(item, Goal("", 0.9, 0.5)).reached is None
    assert judge(item, Goal("", 0.9, cpu_minutes=1)).reached is True


def test_on_a_bundled_sample_no_goal_is_judged(runs):
    (item,) = compare(DENSE, [run | {"variant": "mnist/sample"} for run in runs])
    lines = goal_lines(item)
    assert lines and all(line.endswith("not judged") for line in lines)
    assert "stands in for the full data" in item.notes[0]


def test_the_table_has_all_figures_and_says_how_to_reproduce_them(runs):
    text = markdown(compare(DENSE, runs))
    goal, *_, row = [line for line in text.splitlines() if line.endswith("| course bench mnist_dense |")]
    for part in ("97.50 % (97.50–97.50; n 3)", "98.10 % (98.00–98.20; n 3)", "100 → 20", "0.20×",
                 "0.10× (97.5%; the reference itself 0.20×)",
                 "700 → 700", "79,510 → 79,510", "course bench mnist_dense"):  # fmt: skip
        assert part in row
    for part in ("97.5 % in at most ½ of the time", "reached: 97.60 % after 10 CPU seconds (3 of 3 seeds)", "0.10×",
                 "97.60–97.60 (n 3)", "mnist_dense, laptop"):  # fmt: skip
        assert part in goal
    assert "Further aims: MNIST, dense 98.8 %." in text
    assert "Measured on 2 cores, 2 threads, with keras 3.15.1, tensorflow 2.21.0" in text


def test_the_terminal_shows_the_same(runs):
    from rich.console import Console

    console = Console(width=240, record=True, file=io.StringIO())
    print_table(console, compare(DENSE, runs))
    text = console.export_text()
    assert "0.20×" in text and "97.5 % in at most ½ of the time: reached" in text


def test_fewer_than_three_seeds_and_changed_recipes_are_remarked(runs, monkeypatch):
    (item,) = compare(DENSE, runs[:2])
    assert [note for note in item.notes if "with 1 seed only" in note] == list(item.notes)
    assert len(item.notes) == 2
    monkeypatch.setattr(summary, "is_stale", lambda run: run["side"] == "reference")
    (item,) = compare(DENSE, runs)
    assert item.notes == ("The reference's recipe has changed since it was measured: no goal is judged.",)
    assert judge(item, Goal("", 0.1, 1)).reached is None


def test_runs_of_an_older_recipe_do_not_count_where_there_are_newer_ones(runs, make_run, monkeypatch):
    monkeypatch.setattr(summary, "is_stale", lambda run: run["hash"] == "old")
    (item,) = compare(DENSE, [*runs, make_run("course", 0.5, seed=8, hash="old")])
    assert [run["seed"] for run in item.course.runs] == [0, 1, 2]
    (item,) = compare(DENSE, [run | {"hash": "old"} for run in runs[:2]])
    assert judge(item, Goal("", 0.1, 1)).reached is None
    assert "The course's side was measured with 1 seed only." in item.notes, "both things are said"


def test_with_fewer_than_three_seeds_the_goal_itself_says_so(runs):
    (item,) = compare(DENSE, runs[:2])
    assert goal_cells(item, Goal("", 0.97, cpu_minutes=1))[2].startswith("reached (1 seed only): ")


@pytest.mark.parametrize(
    ("ours", "theirs", "text"),
    [
        (3, 3, ""),
        (3, 1, " (3 seeds; reference 1 seed only)"),
        (3, 2, " (3 seeds; reference 2 seeds only)"),
        (2, 1, " (2 seeds only; reference 1 seed only)"),
        (1, 1, " (1 seed only; reference 1 seed only)"),
        (1, 3, " (1 seed only)"),
        (1, 0, " (1 seed only)"),
        (3, 0, ""),
    ],
)
def test_a_goal_that_is_a_share_also_counts_the_references_seeds(runs, ours, theirs, text):
    kept = [run for run in runs if run["seed"] < (ours if run["side"] == "course" else theirs)]
    (item,) = compare(DENSE, kept)
    share, minutes = Goal("", 0.97, 0.5, final=True), Goal("", 0.97, cpu_minutes=1, final=True)
    sign = "reached" if theirs else "not judged"
    assert goal_cells(item, share)[2].startswith(f"{sign}{text}: 9")
    alone = "" if ours == 3 else f" ({'1 seed' if ours == 1 else '2 seeds'} only)"
    assert goal_cells(item, minutes)[2].startswith(f"reached{alone}: 9"), "no share: the reference does not matter"


def test_a_lucky_epoch_that_is_lost_again_does_not_count(runs):
    rows = [{"cpu_seconds": 10.0 * (n + 1), "test_accuracy": value} for n, value in enumerate((0.98, 0.96, 0.97, 0.98))]
    assert seconds_to({"epochs": rows}, 0.965) == 30
    assert seconds_to({"epochs": rows}, 0.985) is None
    assert seconds_to({"epochs": rows}, 0.5) == 10


def test_a_limit_in_minutes_is_judged_by_the_clock_on_the_wall_and_on_two_threads_only(runs):
    goal = Goal("", 0.9, wall_minutes=0.5, final=True)
    (item,) = compare(DENSE, runs)
    assert judge(item, goal).reached is True
    slow = [run | {"work_wall_seconds": 31} for run in runs]
    assert judge(compare(DENSE, slow)[0], goal).reached is False
    many = [run | {"threads": 16} for run in runs]
    assert judge(compare(DENSE, many)[0], goal).reached is None


def test_a_goal_with_a_full_cache_is_judged_by_the_second_runs(runs):
    goal = Goal("", 0.9, wall_minutes=1 / 6, cached=True, final=True)
    second = {"accuracy": 0.95, "work_cpu_seconds": 12.0, "work_wall_seconds": 9.0}
    quick = [run | {"cached": second} for run in runs]
    assert judge(compare(DENSE, quick)[0], goal).reached is True
    assert goal_cells(compare(DENSE, quick)[0], goal)[3] == "9 s, 12 CPU seconds"
    slow = [run | {"cached": second | {"work_wall_seconds": 11.0}} for run in runs]
    assert judge(compare(DENSE, slow)[0], goal).reached is False
    assert judge(compare(DENSE, runs)[0], goal).reached is None, "no second run, no verdict"


def test_when_epochs_are_judged_unlike_the_finished_recipe_then_it_is_remarked(runs):
    runs[1]["accuracy"] = 0.99
    (item,) = compare(DENSE, runs)
    assert "(98.00% against 99.00% at the end)" in item.notes[0]


def test_goals_without_any_run_are_listed_in_their_place(runs, make_run):
    from rich.console import Console

    targets = [*select_targets(["mnist_cnn"]), *DENSE]
    text = markdown(compare(targets, runs), targets)
    goals = [line for line in text.split("**Recipe beside recipe**")[0].splitlines() if "| course bench" in line]
    assert len(goals) == 2 and "| 0.10× |" in goals[1]
    assert "in at most ½ of the time | not judged: not measured | – | – | mnist_cnn_finish, laptop |" in goals[0]
    assert "Further aims: MNIST, convolution 99.5 %; MNIST, dense 98.8 %." in text
    console = Console(width=240, record=True, file=io.StringIO())
    print_table(console, compare(targets, runs), targets)
    shown = console.export_text()
    assert shown.count("not judged: not measured") == 1
    assert "MNIST, convolution, mnist_cnn_finish, laptop: 99.3 %" in shown
    print_table(console, compare(targets, runs[:1]), targets)
    assert console.export_text().count("97.5 % in at most ½ of the time: not judged") == 1, "compared with nothing"


def test_every_goal_there_is_stands_in_the_table_of_all_targets(runs):
    text = markdown(compare(TARGETS, runs), TARGETS).split("**Recipe beside recipe**")[0]
    for target in TARGETS:
        for recipe in target.courses:
            for goal in recipe.goals:
                assert f"| {target.title} | {goal.text} | " in text


def test_when_nothing_is_measured_then_the_table_says_so():
    assert markdown([], TARGETS) == markdown([])
    assert markdown([]).startswith("Nothing is measured yet")
