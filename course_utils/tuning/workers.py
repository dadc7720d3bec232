"""Who runs a trial, and what becomes of the trials of a kernel that is gone."""

import os
import platform
import uuid
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256

import psutil
from optuna.exceptions import UpdateFinishedTrialError
from optuna.trial import TrialState

_ELSEWHERE_LOST = timedelta(hours=24)  # another machine cannot be asked whether it still runs
_UNCLAIMED_LOST = timedelta(minutes=1)  # between making a trial and signing it lie milliseconds


def worker() -> dict:
    """Return what tells this process from all others: machine (a hash), process number and when it started."""
    return {"machine": _machine(), "pid": os.getpid(), "started": _started(os.getpid())}


def is_lost(trial, now=None) -> bool:
    """Say whether a running trial's process is gone.

    On this machine the process is looked for; a trial of another machine counts as lost after 24 hours.

    Parameters
    ----------
    trial : optuna.trial.FrozenTrial
        In the state RUNNING.
    now : datetime, optional
        Local time.
    """
    age = (now or datetime.now()) - (trial.datetime_start or datetime.min)
    owner = trial.user_attrs.get("worker")
    if not owner:
        return age > _UNCLAIMED_LOST
    if owner.get("machine") != _machine():
        return age > _ELSEWHERE_LOST
    # This very process asks between two trials, so a running one of its own was broken off.
    if owner["pid"] == os.getpid():
        return True
    started = _started(owner["pid"])
    # The operating system may have given the number to another process; its clock may have been set meanwhile.
    return started is None or abs(started - (owner.get("started") or started)) > 3


def give_up_lost(study) -> int:
    """End the trials of kernels that are gone, and put their settings first in line, once.

    A trial that was already tried again is given up for good: it may be what kills the kernel.

    Parameters
    ----------
    study : optuna.Study

    Returns
    -------
    int
        How many will be tried again.
    """
    again = 0
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        if not is_lost(trial):
            continue
        try:
            study.tell(trial.number, state=TrialState.FAIL)
        except (ValueError, UpdateFinishedTrialError):  # another process was faster
            continue
        again += try_again(study, trial)
    return again


def try_again(study, trial) -> bool:
    """Put a trial that was broken off first in line, unless it was one that is tried again already."""
    if not trial.params or "repeats" in trial.user_attrs:
        return False
    study.enqueue_trial(dict(trial.params), user_attrs={"repeats": trial.number})
    return True


def _started(pid):
    with suppress(psutil.Error, OSError):
        return psutil.Process(pid).create_time()
    return None


def _machine():
    # Cloned machines share their name: the network card's number tells them apart. If it has none, Python makes a
    # random one for each process and sets this bit.
    node = uuid.getnode()
    text = platform.node() + ("" if node >> 40 & 1 else f"{node:x}")
    return sha256(text.encode()).hexdigest()[:12]
