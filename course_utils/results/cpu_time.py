"""CPU seconds of fits: `LiveTraining` notes them, `record` reads them."""

from weakref import WeakKeyDictionary

_spent = WeakKeyDictionary()  # model, or the history that its fit returned → CPU seconds


def note_cpu_seconds(things, seconds) -> None:
    """Note that a fit took so long.

    Parameters
    ----------
    things : iterable of object
        The model, whose fits are added up, and the fit's own history.
    seconds : float
        User and system time of all threads.
    """
    for thing in things:
        _spent[thing] = _spent.get(thing, 0.0) + seconds


def spent_cpu_seconds(*things) -> float | None:
    """Return the CPU seconds noted for the first of some things that any are noted for, or None.

    Parameters
    ----------
    *things : object
        A history, then the model: a history glued together from several fits, a dictionary, has no note of its own.
    """
    for thing in things:
        try:
            found = _spent.get(thing)
        except TypeError:  # None and dictionaries
            continue
        if found is not None:
            return round(found, 2)
    return None
