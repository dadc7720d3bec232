"""From runs to comparisons: means, ratios, time to the reference's accuracy, and what is extrapolated."""

from dataclasses import dataclass
from statistics import mean

from course_utils._display import counted
from course_utils.results import recipes
from course_utils.results.verdicts import STAND_INS

from .measuring import reference_hash
from .references import reference

_SAME_ACCURACY = 0.001  # the last epoch is judged like the finished recipe; rounding apart


@dataclass(frozen=True)
class Side:
    """What the runs of one side say together.

    Attributes
    ----------
    runs : tuple of dict
        One per seed.
    cpu_seconds : float or None
        Mean CPU seconds of the recipe's work: preparing, features, training with its validation; not importing,
        loading the data and judging on the test images. Extrapolated where only a part was run.
    partial : bool
        True: only a part was run.
    """

    runs: tuple[dict, ...]
    cpu_seconds: float | None
    partial: bool = False

    @property
    def accuracies(self) -> tuple[float, ...]:
        """The accuracies on the test images, one per seed; empty where they mean nothing."""
        return tuple(run["accuracy"] for run in self.runs if run["accuracy"] is not None)

    @property
    def accuracy(self) -> float | None:
        """Their mean."""
        return mean(self.accuracies) if self.accuracies else None

    @property
    def parameters(self) -> int | None:
        """As the runs say."""
        return next((run["parameters"] for run in self.runs if run["parameters"]), None)

    @property
    def peak_memory_mb(self) -> int | None:
        """The largest of the runs."""
        return max((run["peak_memory_mb"] for run in self.runs), default=None)


@dataclass(frozen=True)
class Comparison:
    """A reference recipe and a recipe of the course, measured on one machine on the same data.

    Attributes
    ----------
    target : Target
    course_recipe : CourseRecipe
    reference, course : Side
    machine, variant : str
    threads : int
    wanted : float
        The accuracy that `time_ratio` is about: what the reference reached, or what was published where only a
        part of it was run.
    reached_after : float or None
        Mean CPU seconds after which the course's recipe had reached `wanted` on the test images and kept it.
    reached : int
        Of its runs did.
    reference_after : float or None
        The same for the reference itself; None where it was run in part or not every run reached its own mean.
    notes : tuple of str
        What is extrapolated, out of date or not measured.
    """

    target: object
    course_recipe: object
    reference: Side
    course: Side
    machine: str
    variant: str
    threads: int
    wanted: float
    reached_after: float | None
    reached: int
    reference_after: float | None
    notes: tuple[str, ...]

    @property
    def ratio(self) -> float | None:
        """CPU seconds of the course's recipe as a share of the reference's."""
        return _share(self.course.cpu_seconds, self.reference.cpu_seconds)

    @property
    def time_ratio(self) -> float | None:
        """CPU seconds to `wanted` as a share of the reference's; None unless every run reached it."""
        return _share(self.reached_after, self.reference.cpu_seconds)

    @property
    def reference_time_ratio(self) -> float | None:
        """The reference's own CPU seconds to `wanted` as a share of all of them."""
        return _share(self.reference_after, self.reference.cpu_seconds)


def compare(targets, runs) -> list[Comparison]:
    """Return a comparison per target, recipe of the course, machine and data of which there are runs.

    Each side has its own seeds: where the reference takes long, it is run with fewer.

    Parameters
    ----------
    targets : iterable of Target
    runs : iterable of dict
    """
    runs = list(runs)
    found = []
    for target in targets:
        published = [run for run in runs if (run["side"], run["name"]) == ("reference", target.reference)]
        for recipe in target.courses:
            key = ("course", recipe.name, recipe.budget, recipe.override)
            own = [run for run in runs if (run["side"], run["name"], run["budget"], run["override"]) == key]
            places = dict.fromkeys(_place(run) for run in [*published, *own])
            for place in places:
                sides = [[run for run in side if _place(run) == place] for side in (published, own)]
                found.append(_comparison(target, recipe, place, *sides))
    return found


def _place(run):
    return run["machine"], run["threads"], run["data"], run["variant"]


def _comparison(target, recipe, place, published, own):
    theirs, ours = _side(_current(published)), _side(_current(own))
    whole = theirs.accuracy is not None and not theirs.partial
    wanted = theirs.accuracy if whole else reference(target.reference).published_accuracy
    times = [seconds_to(run, wanted) for run in ours.runs]
    reached = [seconds for seconds in times if seconds is not None]
    theirs_after = [seconds_to(run, wanted) for run in theirs.runs] if whole else []
    return Comparison(
        target=target,
        course_recipe=recipe,
        reference=theirs,
        course=ours,
        machine=place[0],
        threads=place[1],
        variant=place[3],
        wanted=wanted,
        reached_after=mean(reached) if reached and len(reached) == len(times) else None,
        reached=len(reached),
        reference_after=mean(theirs_after) if theirs_after and None not in theirs_after else None,
        notes=tuple(_notes(target, theirs, ours, place[3])),
    )


def _current(runs):
    """Return the runs of the recipe as it is now; where there are none, those of what it was before."""
    return [run for run in runs if not is_stale(run)] or runs


def _side(runs):
    runs = tuple(sorted(runs, key=lambda run: run["seed"]))
    seconds = [total_cpu_seconds(run) for run in runs]
    return Side(runs, mean(seconds) if seconds else None, any(run["partial"] for run in runs))


def total_cpu_seconds(run) -> float:
    """Return the CPU seconds of a run's work; of a run in part, what the whole would take.

    The first epoch also compiles: what it takes more than the others is a fixed cost and not multiplied.

    Parameters
    ----------
    run : dict
    """
    if not run["partial"]:
        return run["work_cpu_seconds"]
    first, *others = [row["own_cpu_seconds"] for row in run["epochs"]]
    epoch = mean(others) if others else first
    training = max(0.0, first - epoch) + epoch * run["epochs_planned"] * run["epoch_scale"]
    stages = sum(stage["cpu_seconds"] * stage["of"] / stage["done"] for stage in run["stages"])
    rest = run["work_cpu_seconds"] - run["fit_cpu_seconds"] - sum(stage["cpu_seconds"] for stage in run["stages"])
    return max(0.0, rest) + stages + training


def seconds_to(run, accuracy) -> float | None:
    """Return the CPU seconds of a run's work until the end of the epoch from which on it has this test accuracy.

    One lucky epoch does not count: every later one must have it, too. None if the last one has not.
    """
    seconds = None
    for row in reversed(run["epochs"]):
        if row["test_accuracy"] < accuracy:
            break
        seconds = row["cpu_seconds"]
    return seconds


def portion_text(run) -> str:
    """Say in a sentence which part of a recipe was run, and that its time is extrapolated.

    Parameters
    ----------
    run : dict
        With ``partial`` true.
    """
    parts = [f"{stage['name']} of {stage['done']:,} of {stage['of']:,} images" for stage in run["stages"]]
    share = "" if run["epoch_scale"] == 1 else f" on 1/{run['epoch_scale']:.1f} of the images"
    parts.append(f"{len(run['epochs'])} of {run['epochs_planned']} epochs{share}")
    accuracy = (
        "its accuracy is not measured"
        if run["accuracy"] is None
        else f"its accuracy is that after {len(run['epochs'])} epochs"
    )
    return (
        f"The reference was run in part ({', '.join(parts)}) and its CPU time extrapolated; {accuracy}; "
        "its peak memory is that of the part."
    )


def _notes(target, theirs, ours, variant):
    if target.note:
        yield target.note
    for name in ours.runs[0].get("also", ()) if ours.runs else ():
        found = [run["also"][name] for run in ours.runs if name in run.get("also", ())]
        yield f"{name}: {mean(found):.2%} ({min(found):.2%}–{max(found):.2%}; n {len(found)})."
    if stands_in(variant):
        yield f"On {variant}, which stands in for the full data: no goal is judged."
    if theirs.partial:
        run = theirs.runs[0]
        recipe = reference(run["name"])
        yield f"{portion_text(run)} Why: {recipe.portion.why}."
        yield f"Time to accuracy: until the published {recipe.published_accuracy:.0%}."
    apart = [run for run in ours.runs if abs(run["epochs"][-1]["test_accuracy"] - run["accuracy"]) > _SAME_ACCURACY]
    if apart:
        yield (
            "The course's accuracies after each epoch are not made like the one its recipe records "
            f"({apart[0]['epochs'][-1]['test_accuracy']:.2%} against {apart[0]['accuracy']:.2%} at the end): "
            "correct `test` in benchmarks/targets.py."
        )
    for name, side in (("reference", theirs), ("course", ours)):
        if not side.runs:
            yield f"The {name}'s side is not measured here."
            continue
        if any(is_stale(run) for run in side.runs):
            yield f"The {name}'s recipe has changed since it was measured: no goal is judged."
        if len(side.runs) < 3:
            yield f"The {name}'s side was measured with {counted(len(side.runs), 'seed')} only."
    versions = {tuple(sorted(run["versions"].items())) for side in (theirs, ours) for run in side.runs}
    if len(versions) > 1:
        yield "The runs were not all made with the same versions of Python's packages."


def is_stale(run) -> bool:
    """Say whether the recipe is another one now; not so where it is not here at all."""
    if run["side"] == "reference":
        return run["hash"] != reference_hash(run["name"])
    return recipes.recipe_hash(run["name"], run["budget"]) not in (None, run["hash"])


@dataclass(frozen=True)
class Verdict:
    """What became of a goal.

    Attributes
    ----------
    goal : Goal
    reached : bool or None
        None: not judged, because it is not measured, not on the full data, or of a recipe that has changed since.
    accuracies : tuple of float
        One per seed: at the end, or for a goal on the way after the epoch that reached it (else the best epoch).
    cpu_seconds : float or None
        Mean of the seeds that count: until the end, or until that epoch.
    share : float or None
        The same as a share of the reference's.
    counted : int
        Seeds that reached the accuracy.
    wall_seconds : float or None
        Mean of all the work by the clock on the wall.
    """

    goal: object
    reached: bool | None
    accuracies: tuple[float, ...]
    cpu_seconds: float | None
    share: float | None
    counted: int
    wall_seconds: float | None = None


def judge(comparison, goal) -> Verdict:
    """Say how far a goal is reached.

    A goal at the end is reached by the mean accuracy and the mean time of all seeds; a goal on the way only if every
    seed gets there.

    Parameters
    ----------
    comparison : Comparison
    goal : Goal
    """
    ours, theirs = comparison.course, comparison.reference.cpu_seconds
    if goal.cached:
        ours = _side([run | run["cached"] for run in ours.runs if "cached" in run])
    runs = ours.runs
    if goal.final:
        accuracies, seconds = ours.accuracies, ours.cpu_seconds
        enough = bool(accuracies) and mean(accuracies) >= goal.accuracy
        reached = sum(accuracy >= goal.accuracy for accuracy in accuracies)
    else:
        accuracies = tuple(_first_or_best(run, goal.accuracy) for run in runs)
        times = [time for run in runs if (time := seconds_to(run, goal.accuracy)) is not None]
        seconds, reached = mean(times) if times else None, len(times)
        enough = bool(runs) and reached == len(runs)
    wall = mean(run["work_wall_seconds"] for run in runs) if runs else None
    spent, limit = seconds, goal.cpu_minutes and goal.cpu_minutes * 60
    if goal.wall_minutes is not None:
        spent = wall
        limit = goal.wall_minutes * 60 if comparison.threads <= 2 else None
    if goal.share is not None:
        limit = None if theirs is None else goal.share * theirs
    small = goal.parameters is None or (ours.parameters or float("inf")) <= goal.parameters
    stale = any(is_stale(run) for run in (*runs, *comparison.reference.runs))
    verdict = None
    if runs and limit is not None and not stale and not stands_in(comparison.variant):
        verdict = enough and small and spent <= limit
    return Verdict(goal, verdict, accuracies, seconds, _share(seconds, theirs), reached, wall)


def _first_or_best(run, accuracy):
    after = seconds_to(run, accuracy)
    rows = {row["cpu_seconds"]: row["test_accuracy"] for row in run["epochs"]}
    return max(rows.values()) if after is None else rows[after]


def stands_in(variant) -> bool:
    """Say whether data are a bundled sample or the practice set, on which no goal is judged."""
    return variant.rpartition("/")[2] in STAND_INS


def _share(part, whole):
    return part / whole if part is not None and whole else None
