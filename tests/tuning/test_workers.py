from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from course_utils.tuning.workers import is_lost, worker

NOW = datetime(2026, 1, 2, 12, 0)


def running(age, owner):
    return SimpleNamespace(datetime_start=NOW - age, user_attrs={"worker": owner} if owner else {})


@pytest.mark.parametrize(
    ("age", "change", "lost"),
    [
        (timedelta(seconds=1), {}, True),  # ours, and between two trials nothing of ours runs
        (timedelta(hours=1), {"machine": "another"}, False),
        (timedelta(hours=25), {"machine": "another"}, True),
        (timedelta(hours=1), {"pid": 2**22 + 5}, True),  # larger than any process number
    ],
)
def test_a_running_trial_is_lost_when_its_process_is_gone(age, change, lost):
    assert is_lost(running(age, {**worker(), **change}), NOW) is lost


def test_a_trial_of_a_living_process_is_not_lost_but_one_of_its_predecessor_is():
    import os

    import psutil

    parent = os.getppid()
    alive = {**worker(), "pid": parent, "started": psutil.Process(parent).create_time()}
    assert not is_lost(running(timedelta(hours=3), alive), NOW)
    assert is_lost(running(timedelta(hours=3), {**alive, "started": alive["started"] - 100}), NOW)


def test_a_trial_without_a_sign_is_lost_after_a_minute():
    assert not is_lost(running(timedelta(seconds=5), None), NOW)
    assert is_lost(running(timedelta(minutes=2), None), NOW)


def test_the_machine_is_not_named():
    import platform

    assert platform.node() not in str(worker())
