"""The footprint as two tables, goals and notebooks: Markdown for a page, Rich for a terminal."""

from dataclasses import dataclass

from course_utils import __version__
from course_utils._display import counted
from course_utils.runner import MEMORY_LIMIT_MB

HEADER = ("what", "to reach", "reached", "", "how to reproduce")
NOTEBOOK_HEADER = (
    "notebook",
    "set-up cell: s (CPU s)",
    "memory after it, MB",
    "smoke: s (CPU s)",
    "peak, MB",
    "laptop: s (CPU s)",
    "peak, MB",
)
IMPORT_SECONDS = 0.3
UPDATE_MS = 50
COURSE_SECONDS = {"smoke": 300, "laptop": 900}
CORES = 2
"""The course's seconds are judged on at most so many."""
_LIGHT = "01"
_SIGNS = {True: "reached", False: "missed", None: "not judged"}


@dataclass(frozen=True)
class Goal:
    """One line of the table: what, the limit, what was measured, and whether it is reached (None: not judged)."""

    what: str
    limit: str
    found: str
    reached: bool | None
    part: str

    def cells(self):
        """Return the line as text: as many as `HEADER`."""
        return self.what, self.limit, self.found, _SIGNS[self.reached], f"course bench {self.part}"


@dataclass(frozen=True)
class Summary:
    """What was measured on one machine with one number of threads.

    Attributes
    ----------
    machine : str
    threads : int
    goals : list of Goal
    rows : list of tuple of str
        One per notebook: as many as `NOTEBOOK_HEADER`.
    notes : list of str
        Sentences: all widgets, where and when.
    """

    machine: str
    threads: int
    goals: list
    rows: list
    notes: list


def summaries(runs, parts, count) -> list[Summary]:
    """Return what was measured, one summary per machine and number of threads.

    Parameters
    ----------
    runs : list of dict
    parts : iterable of Part
    count : int
        Notebooks there are: a sum over fewer is not judged.
    """
    places = dict.fromkeys(_place(run) for run in runs)
    return [_summary(place, [run for run in runs if _place(run) == place], parts, count) for place in places]


def _place(run):
    return run["machine"], run["threads"]


def _summary(place, runs, parts, count):
    found = {}
    for run in runs:
        found.setdefault(run["part"], {})[run["notebook"]] = run
    goals = [goal for part in parts for goal in _GOALS[part.name](found.get(part.name, {}), count, place[1])]
    names = sorted({run["notebook"] for run in runs} - {""})
    return Summary(*place, goals, [_row(name, found) for name in names], _notes(place, runs))


def _import_goals(found, count, threads):
    run = found.get("")
    if run is None:
        return
    heavy = ", ".join(run["libraries"]) or "none of the heavy libraries"
    seconds, bare = run["wall_seconds"], run["uncompiled_wall_seconds"]
    text = f"{seconds:.3f} s ({run['cpu_seconds']:.3f} CPU s); {bare:.2f} s where nothing has bytecode"
    reached = seconds <= IMPORT_SECONDS
    yield Goal("import course_utils", f"≤ {IMPORT_SECONDS} s", text, reached, "footprint_import")
    text = f"{heavy}; {run['modules']} modules (numpy alone: {run['numpy_modules']})"
    yield Goal("what it loads", "no TensorFlow", text, _light(run), "footprint_import")


def _setup_goals(found, count, threads):
    for name, run in found.items():
        if name.startswith(_LIGHT):
            yield _light_goal(name, run, "the set-up cell", "footprint_setup")


def _widget_goals(found, count, threads):
    if "" in found:
        times = found[""]["updates"]
        slowest = max(times, key=lambda name: times[name]["wall_ms"])
        text = f"{times[slowest]['wall_ms']:.1f} ms ({slowest}, the slowest of {len(times)})"
        reached = times[slowest]["wall_ms"] <= UPDATE_MS
        yield Goal("computing one update of a widget", f"≤ {UPDATE_MS} ms", text, reached, "footprint_widgets")


def _course_goals(budget):
    part = f"footprint_{budget}"

    def goals(found, count, threads):
        if not found:
            return
        limit, seconds = COURSE_SECONDS[budget], sum(run["wall_seconds"] for run in found.values())
        cpu = sum(run["cpu_seconds"] for run in found.values())
        text = f"{seconds / 60:.1f} minutes ({cpu / 60:.1f} CPU minutes)"
        judged = threads <= CORES
        if len(found) < count:
            text, judged = f"{text} for {len(found)} of {count} notebooks", judged and seconds > limit
        reached = seconds <= limit if judged else None
        yield Goal(f"the whole course, {budget}", f"≤ {limit // 60} minutes on {CORES} cores", text, reached, part)
        largest = max(found, key=lambda name: found[name]["peak_memory_mb"])
        peak = found[largest]["peak_memory_mb"]
        yield Goal(
            f"peak memory of a notebook's kernel, {budget}",
            f"≤ {MEMORY_LIMIT_MB:,} MB (better: 1,200)",
            f"{peak:,.0f} MB ({largest})",
            peak <= MEMORY_LIMIT_MB if len(found) == count or peak > MEMORY_LIMIT_MB else None,
            part,
        )
        for name, run in found.items():
            if name.startswith(_LIGHT):
                yield _light_goal(name, run, f"from first to last cell, {budget}", part)

    return goals


def _light_goal(name, run, where, part):
    return Goal(f"{name}, {where}", "no TensorFlow", ", ".join(run["libraries"]) or "none", _light(run), part)


def _light(run):
    return not {"tensorflow", "keras"} & set(run["libraries"])


_GOALS = {
    "footprint_import": _import_goals,
    "footprint_setup": _setup_goals,
    "footprint_widgets": _widget_goals,
    "footprint_smoke": _course_goals("smoke"),
    "footprint_laptop": _course_goals("laptop"),
}


def _row(name, found):
    setup = found.get("footprint_setup", {}).get(name)
    runs = [found.get(f"footprint_{budget}", {}).get(name) for budget in COURSE_SECONDS]
    cells = _seconds_and_memory(setup, "memory_mb", 1)
    for run in runs:
        cells += _seconds_and_memory(run, "peak_memory_mb", 0)
    return name, *cells


def _seconds_and_memory(run, memory, digits):
    if run is None:
        return ["–", "–"]
    return [f"{run['wall_seconds']:.{digits}f} ({run['cpu_seconds']:.{digits}f})", f"{run[memory]:,.0f}"]


def _notes(place, runs):
    notes = [
        "Every measurement is a fresh process on the bundled data with an empty cache; of an import and a set-up cell "
        "the median of several. CPU s: user and system, of all threads and child processes. A notebook's seconds "
        "begin with its kernel's start and end with its page. MB: 1,000,000 bytes of resident memory.",
        f"Measured on {place[0]}, {counted(place[1], 'thread')}, course {__version__}, "
        f"{min(run['time'] for run in runs)[:10]} to {max(run['time'] for run in runs)[:10]}.",
    ]
    for run in runs:
        if "updates" in run:
            each = (f"{name} {times['wall_ms']:.1f} ms" for name, times in sorted(run["updates"].items()))
            notes.insert(0, f"One update of each widget, median: {', '.join(each)}.")
    loads = [run["load_average"] for run in runs if run.get("load_average") is not None]
    if loads:
        notes.append(f"Load average at the start of a measurement: {min(loads):.1f} to {max(loads):.1f}.")
    return notes


def markdown(found, stale=()) -> str:
    """Return the tables as Markdown, ending in a line break.

    Parameters
    ----------
    found : list of Summary
    stale : iterable of str
        Measurements whose code has changed.
    """
    if not found:
        return "Nothing is measured yet of the course's footprint: `course bench footprint` does it.\n"
    lines = []
    for summary in found:
        lines += [*_table(HEADER, [goal.cells() for goal in summary.goals]), ""]
        if summary.rows:
            lines += [*_table(NOTEBOOK_HEADER, summary.rows), ""]
        lines += [*summary.notes, ""]
    return "\n".join([*lines, *_stale_lines(stale)])


def print_table(console, found, stale=()) -> None:
    """Write the tables to a rich console.

    Parameters
    ----------
    console : rich.console.Console
    found : list of Summary
    stale : iterable of str
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    for summary in found:
        for header, rows in ((HEADER, [goal.cells() for goal in summary.goals]), (NOTEBOOK_HEADER, summary.rows)):
            table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
            for name in header:
                table.add_column(name, overflow="fold")
            for row in rows:
                table.add_row(*map(Text, row))
            if rows:
                console.print(table)
        for text in summary.notes:
            console.print(Text(text))
    for text in _stale_lines(stale) if found else ["Nothing is measured yet."]:
        console.print(Text(text))


def _stale_lines(stale):
    names = ", ".join(stale)
    return [f"The code has changed since these were measured: {names}.", ""] if names else []


def _table(header, rows):
    lines = [header, ["---"] * len(header), *rows]
    return ["| " + " | ".join(text.replace("|", "\\|") for text in line) + " |" for line in lines]
