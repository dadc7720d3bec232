"""What a run is worth: the decision, apart from its display."""

from dataclasses import dataclass

from .._display import counted
from .ledger import LedgerRow

# What the part of a variant after the slash means to a learner.
_VARIANTS = {"sample": "the bundled sample", "practice": "the practice set", "jpeg": "an unverified image folder"}
# Variants of what ships with the course, in place of all of the data or of other data altogether.
STAND_INS = ("sample", "practice")

_CHANCE = 1.96  # normal quantile of a 95 % interval


@dataclass(frozen=True)
class Verdict:
    """How a run compares with the course's range.

    Attributes
    ----------
    kind : str
        ``"inside"`` the range; ``"chance"``: outside by no more than chance; ``"above"``,
        ``"below"``; ``"smoke"``: not a result; ``"unpublished"``: there is nothing to compare with.
    text : str
        One line.
    notes : tuple of str
        Likely causes and cautions.
    row : LedgerRow or None
        The row compared with.
    """

    kind: str
    text: str
    notes: tuple[str, ...] = ()
    row: LedgerRow | None = None


def judge(record, rows) -> Verdict:
    """Compare a run with the course's rows of the same recipe, budget, data variant and split.

    Parameters
    ----------
    record : Record
    rows : iterable of LedgerRow
        Any rows; those of other recipes, variants, budgets or splits are never compared with.

    Returns
    -------
    Verdict
    """
    yours = f"{record.name}: yours {record.accuracy:.3f}"
    if record.budget == "smoke":
        return Verdict("smoke", f"{yours} in a smoke run: it proves that everything runs and says nothing of accuracy")
    same = [row for row in rows if row.recipe == record.name and row.split in (None, record.split)]
    row = next((row for row in same if (row.budget, row.variant) == (record.budget, record.variant)), None)
    if row is None:
        return _unpublished(record, yours, same)
    kind = _kind(record, row)
    text = f"{yours}, the course's {row.range} ({row.origin})"
    words = {"chance": "; the difference is within chance", "above": "; above the range", "below": "; below the range"}
    notes = likely_causes(record, row, kind) if kind in ("above", "below") else _cautions(record, row)
    return Verdict(kind, text + words.get(kind, ""), tuple(notes), row)


def likely_causes(record, row, kind) -> list[str]:
    """Return what may explain a run outside the range, most telling first.

    Parameters
    ----------
    record : Record
    row : LedgerRow
    kind : str
        ``"above"`` or ``"below"``.
    """
    causes = []
    if record.planned_epochs and record.epochs and record.epochs < record.planned_epochs:
        causes.append(f"training stopped after {record.epochs} of {record.planned_epochs} epochs")
    elif row.epochs and record.epochs and record.epochs != row.epochs:
        causes.append(f"{counted(record.epochs, 'epoch')} here, {row.epochs} in the course's runs")
    if row.parameters and record.parameters and record.parameters != row.parameters:
        causes.append(f"your model has {record.parameters:,} parameters, the course's {row.parameters:,}")
    causes += _cautions(record, row)
    if row.stale:
        causes.append("the recipe's cells differ from those that were measured")
    causes += _version_differences(record, row)
    if kind == "above":
        causes.append("a model that is fitted twice (its cell run again) has trained for longer than it says")
    if not causes:
        causes.append(
            "no difference in epochs, parameters or versions was found: restart the kernel and run all cells in "
            f"order; a new seed can also fall outside a range of {counted(row.n, 'seed')}"
        )
    return causes


def describe_variant(variant) -> str:
    """Return a data variant in words.

    Parameters
    ----------
    variant : str or None

    Examples
    --------
    >>> describe_variant("fashion_mnist/sample")
    'the bundled sample (fashion_mnist/sample)'
    """
    if variant is None:
        return "data of unknown origin"
    if variant.startswith("folder:"):
        return f"photographs of your own ({variant})"
    suffix = variant.partition("/")[2]
    return f"{_VARIANTS[suffix]} ({variant})" if suffix in _VARIANTS else f"{variant}"


def _kind(record, row):
    if row.low <= record.accuracy <= row.high:
        return "inside"
    low, high = record.interval or _interval(record)
    if low <= row.high and high >= row.low:
        return "chance"
    return "above" if record.accuracy > row.high else "below"


def _interval(record):
    # Without an interval: the usual normal one, or no width where the number of images is unknown.
    accuracy = record.accuracy
    half = _CHANCE * (accuracy * (1 - accuracy) / record.n) ** 0.5 if record.n else 0.0
    return accuracy - half, accuracy + half


def _unpublished(record, yours, same):
    if record.variant is None:
        note = "pass the report of cu.evaluate(), or split=…, and it can be compared"
        return Verdict("unpublished", f"{yours}; not compared, because it is not known on which data", (note,))
    what = describe_variant(record.variant)
    budget = f" in the {record.budget} budget" if any(row.variant == record.variant for row in same) else ""
    text = f"{yours}; the course has no published range for {record.split or 'this'} accuracy on {what}{budget}"
    if not same:
        return Verdict("unpublished", f"{yours}; the course has no published range for this recipe yet")
    practice = _is_practice(record.variant)
    same = [row for row in same if _is_practice(row.variant) == practice]
    if not same:  # figures of photographs and of drawings do not belong beside each other
        return Verdict("unpublished", text)
    near = sorted(same, key=lambda row: (row.variant != record.variant, row.budget != record.budget, row.variant))
    other = near[0]
    data = "" if other.variant == record.variant else _where(other.variant) + " "
    note = f"{data}it is {other.range} ({other.origin}): another measurement, not to be compared with yours"
    return Verdict("unpublished", text, (note,), None)


def _is_practice(variant):
    return variant.endswith("/practice")


def _where(variant):
    return "on the full data" if "/" not in variant else f"on {describe_variant(variant)}"


def _cautions(record, row):
    cautions = [f"your run was changed: {name}={value} (COURSE_OVERRIDE)" for name, value in record.override.items()]
    if row.images and record.n and record.n != row.images:
        cautions.append(f"measured on {record.n:,} images here, on {row.images:,} in the course's runs")
    return cautions


def _version_differences(record, row):
    short = {name: ".".join(str(version).split(".")[:2]) for name, version in row.versions.items()}
    differences = []
    for name in ("keras", "tensorflow", "scikit-learn"):
        mine = record.versions.get(name)
        if mine and name in short and ".".join(str(mine).split(".")[:2]) != short[name]:
            differences.append(f"{name} {mine} here, {row.versions[name]} in the course's runs")
    return differences
