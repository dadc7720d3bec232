"""The comparisons as a table: Markdown for a page, Rich for a terminal."""

from statistics import mean

from course_utils import __version__
from course_utils._display import counted

from .summary import judge

HEADER = (
    "target",
    "reference: accuracy",
    "course: accuracy",
    "recipe",
    "CPU seconds",
    "ratio",
    "time to the reference's accuracy",
    "peak memory, MB",
    "parameters",
    "how to reproduce",
)
GOAL_HEADER = ("work", "must reach", "reached", "CPU time", "spread over seeds", "recipe", "how to reproduce")
_SIGNS = {True: "reached", False: "missed", None: "not judged"}
_UNMEASURED = "not judged: not measured"


def cells(comparison) -> tuple[str, ...]:
    """Return one row of the table, as text: as many as `HEADER`. ``a → b`` is reference → course.

    Parameters
    ----------
    comparison : Comparison
    """
    theirs, ours = comparison.reference, comparison.course
    recipe = comparison.course_recipe
    return (
        f"{comparison.target.title} ({comparison.variant})",
        _accuracy(theirs),
        _accuracy(ours),
        recipe.label,
        f"{_seconds(theirs)} → {_seconds(ours)}",
        _times(comparison.ratio),
        _time_to_accuracy(comparison),
        f"{_number(theirs.peak_memory_mb)} → {_number(ours.peak_memory_mb)}",
        f"{_number(theirs.parameters)} → {_number(ours.parameters)}",
        f"course bench {comparison.target.name}",
    )


def goal_lines(comparison) -> list[str]:
    """Return a line per goal of a comparison: in words, and whether it is reached."""
    found = [judge(comparison, goal) for goal in comparison.course_recipe.goals]
    return [f"{verdict.goal.text}: {_SIGNS[verdict.reached]}" for verdict in found]


def goal_cells(comparison, goal) -> tuple[str, ...]:
    """Return one row of the table of goals, as text: as many as `GOAL_HEADER`.

    Parameters
    ----------
    comparison : Comparison
    goal : Goal
    """
    verdict = judge(comparison, goal)
    seconds = "–" if verdict.cpu_seconds is None else f"{verdict.cpu_seconds:,.0f} CPU seconds"
    reached = "not measured"
    if verdict.accuracies:
        accuracy = mean(verdict.accuracies)
        reached = f"{accuracy * 100:.2f} %"
        if not goal.final:
            seeds = f"{verdict.counted} of {len(verdict.accuracies)} seeds"
            reached += f" after {seconds} ({seeds})" if verdict.counted else " at best"
    seeds = _few(len(verdict.accuracies), None if goal.share is None else len(comparison.reference.runs))
    low, high = min(verdict.accuracies, default=0), max(verdict.accuracies, default=0)
    spread = f"{low * 100:.2f}–{high * 100:.2f} (n {len(verdict.accuracies)})" if verdict.accuracies else "–"
    if goal.wall_minutes:
        ratio = _wall(verdict)
    elif goal.cpu_minutes:
        ratio = "–" if verdict.cpu_seconds is None else f"{verdict.cpu_seconds / 60:.1f} CPU minutes"
    else:
        ratio = _times(verdict.share)
    return (
        comparison.target.title,
        goal.text,
        f"{_SIGNS[verdict.reached]}{seeds}: {reached}",
        ratio,
        spread,
        comparison.course_recipe.label,
        f"course bench {comparison.target.name}",
    )


def _all_goals(comparisons, targets):
    """Return the rows of the table of goals, in the order of the targets: also those of which there is no run."""
    rows = []
    for target in targets:
        command = f"course bench {target.name}"
        for recipe in target.courses:
            found = [item for item in comparisons if (item.target, item.course_recipe) == (target, recipe)]
            rows += [goal_cells(item, goal) for item in found for goal in recipe.goals]
            missing = () if found else recipe.goals
            rows += [(target.title, goal.text, _UNMEASURED, "–", "–", recipe.label, command) for goal in missing]
    return rows


def markdown(comparisons, targets=()) -> str:
    """Return the table with the goals, the notes and the conditions as Markdown, ending in a line break.

    Parameters
    ----------
    comparisons : list of Comparison
    targets : iterable of Target, optional
        Whose goals are listed, measured or not; default: those of the comparisons.
    """
    if not comparisons:
        return "Nothing is measured yet: `course bench` does it.\n"
    targets = tuple(targets) or tuple(dict.fromkeys(item.target for item in comparisons))
    lines = ["**What must be reached**", "", *_markdown_rows(GOAL_HEADER, _all_goals(comparisons, targets)), ""]
    stretches = "; ".join(f"{target.title} {target.stretch}" for target in targets if target.stretch)
    lines += [f"Further aims: {stretches}.", ""] if stretches else []
    lines += ["**Recipe beside recipe** (reference → course)", ""]
    lines += [*_markdown_rows(HEADER, [cells(item) for item in comparisons]), ""]
    for item in comparisons:
        if item.notes:
            lines += [f"- {_label(item)}", *(f"    - {text}" for text in item.notes)]
    return "\n".join([*lines, "", *conditions(comparisons), ""])


def print_table(console, comparisons, targets=()) -> None:
    """Write the table, the goals and the notes to a rich console.

    Parameters
    ----------
    console : rich.console.Console
    comparisons : list of Comparison
    targets : iterable of Target, optional
        As of `markdown`.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    if not comparisons:
        console.print("Nothing is measured yet.")
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in HEADER:
        table.add_column(name, overflow="fold")
    for item in comparisons:
        table.add_row(*(Text(text) for text in cells(item)))
    console.print(table)
    for item in comparisons:
        console.print(Text(_label(item), style="bold"))
        for text in [*goal_lines(item), *item.notes]:
            console.print(Text(f"  {text}"))
    compared = [(item.target, item.course_recipe) for item in comparisons]
    others = [(one, recipe) for one in targets for recipe in one.courses if (one, recipe) not in compared]
    for target, recipe in others:
        for goal in recipe.goals:
            console.print(Text(f"{target.title}, {recipe.label}: {goal.text}: {_UNMEASURED}"))
    for line in conditions(comparisons):
        console.print(Text(line))


def conditions(comparisons) -> list[str]:
    """Return in sentences how the numbers were measured and where."""
    runs = [run for item in comparisons for side in (item.reference, item.course) for run in side.runs]
    loads = [run["load_average"] for run in runs if run.get("load_average") is not None]
    found = {f"{name} {run['versions'][name]}" for run in runs for name in ("keras", "tensorflow")
             if name in run["versions"]}  # fmt: skip
    places = sorted({f"{item.machine}, {counted(item.threads, 'thread')}" for item in comparisons})
    lines = [
        "Accuracy: on the test images, mean (lowest–highest; n seeds). CPU seconds: user and system, of the recipe's "
        "work with its own validation, without importing, loading and judging. Ratio: the course's seconds as a share "
        "of the reference's. Time to accuracy: until the end of the epoch from which on the test accuracy stays at the "
        "reference's mean or above, as a share of all of the reference's seconds; the test images are looked at after "
        "every epoch for this table "
        "only, with the clock stopped.",
        f"Measured on {'; '.join(places)}, with {', '.join(sorted(found)) or 'unknown versions'}, "
        f"course {__version__}, {min(run['time'] for run in runs)[:10]} to {max(run['time'] for run in runs)[:10]}.",
    ]
    if loads:
        lines.append(f"Load average at the start of a run: {min(loads):.1f} to {max(loads):.1f}.")
    return lines


def _label(item):
    return f"{item.target.title}, {item.course_recipe.label} ({item.variant})"


def _accuracy(side):
    if not side.accuracies:
        return "not measured"
    low, high, n = min(side.accuracies), max(side.accuracies), len(side.accuracies)
    spread = f" ({low * 100:.2f}–{high * 100:.2f}; n {n})" if n > 1 else " (n 1)"
    after = f", after {len(side.runs[0]['epochs'])} of {side.runs[0]['epochs_planned']} epochs" if side.partial else ""
    return f"{side.accuracy * 100:.2f} %{spread}{after}"


def _seconds(side):
    if side.cpu_seconds is None:
        return "–"
    digits = 1 if side.cpu_seconds < 10 else 0
    return f"{side.cpu_seconds:,.{digits}f}" + (" (extrapolated)" if side.partial else "")


def _few(ours, theirs):
    """Say on how few seeds a goal rests: the course's, and the reference's where it is a share of its time."""
    few = {seeds: f"{counted(seeds, 'seed')}{' only' if seeds < 3 else ''}" for seeds in (ours, theirs) if seeds}
    if not ours or not any(text.endswith("only") for text in few.values()):
        return ""
    return f" ({few[ours]}; reference {few[theirs]})" if theirs and theirs < 3 else f" ({few[ours]})"


def _wall(verdict):
    if verdict.wall_seconds is None:
        return "–"
    return f"{verdict.wall_seconds:,.0f} s, {verdict.cpu_seconds:,.0f} CPU seconds"


def _time_to_accuracy(item):
    if item.time_ratio is not None:
        itself = "" if item.reference_after is None else f"; the reference itself {_times(item.reference_time_ratio)}"
        return f"{_times(item.time_ratio)} ({item.wanted:.1%}{itself})"
    if not item.course.runs or not item.reference.runs:
        return "–"
    return f"{item.wanted:.1%} reached by {item.reached} of {len(item.course.runs)} runs"


def _times(share):
    return "–" if share is None else f"{share:.2f}×"


def _number(value):
    return "–" if value is None else f"{value:,}"


def _markdown_rows(header, rows):
    return [_line(header), _line(["---"] * len(header)), *map(_line, rows)]


def _line(texts):
    return "| " + " | ".join(str(text).replace("|", "\\|") for text in texts) + " |"
