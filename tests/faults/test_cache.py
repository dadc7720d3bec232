"""Faults 8 to 10: damaged files in the cache, interruption, several kernels at once."""

import multiprocessing
import os
import signal
import sys
import time

import pytest
import servers

import course_utils as cu
from course_utils import data
from course_utils.data import download, locking
from course_utils.errors import IntegrityError

needs_fork = pytest.mark.skipif(sys.platform == "win32", reason="uses fork")


def start(target):
    """Run a function in a process that shares the tiny catalog."""
    process = multiprocessing.get_context("fork").Process(target=target, daemon=True)
    process.start()
    return process


def wait_until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return condition()


# 8 --------------------------------------------------------------------------------------------------------------------
def flip(content):
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.mark.parametrize(
    "damage", [lambda content: content[:-1], lambda content: b"", flip], ids=["cut", "empty", "flip"]
)
@pytest.mark.parametrize("name", ["mnist", "fashion_mnist", "cifar10"])
def test_when_a_cached_file_is_damaged_then_it_is_set_aside_and_fetched_once_more(world, server, name, damage):
    world.fill_cache()
    file = world.cached(data.CATALOG[name].files[0].path)
    damaged = damage(file.read_bytes())
    file.write_bytes(damaged)
    dataset = cu.load(name)
    assert dataset.source.kind == "download" and dataset.source.verified
    assert file.with_name(file.name + ".damaged").read_bytes() == damaged
    assert len(server.requests) == 1  # the other files were left alone
    assert cu.load(name).source.kind == "cache"


def test_when_a_cached_file_is_damaged_and_fetch_is_asked_for_then_it_is_replaced(world, server):
    world.fill_cache()
    world.cached("mnist.npz").write_bytes(b"PK rubbish")
    assert data.fetch("mnist").verified
    assert len(server.requests) == 1
    assert world.cached("mnist.npz.damaged").read_bytes() == b"PK rubbish"


def test_when_the_cache_is_damaged_and_offline_then_the_sample_is_used_and_the_reason_told(world, server, capsys):
    world.fill_cache()
    world.set(COURSE_OFFLINE=1)
    world.cached("mnist.npz").write_bytes(b"PK rubbish")
    assert cu.load("mnist").source.kind == "bundled"
    assert "damaged" in capsys.readouterr().out
    assert server.requests == []
    assert world.cached("mnist.npz.damaged").exists() and not world.cached("mnist.npz").exists()


def test_when_the_cache_is_damaged_and_nothing_else_allowed_then_the_error_says_so(world):
    world.fill_cache()
    world.set(COURSE_OFFLINE=1, COURSE_DATA="full")
    world.cached("mnist.npz").write_bytes(b"PK rubbish")
    with pytest.raises(IntegrityError, match="damaged"):
        cu.load("mnist")


# 9 --------------------------------------------------------------------------------------------------------------------
def test_when_interrupted_in_the_middle_then_no_file_is_left_and_the_next_call_succeeds(world, server, monkeypatch):
    class Interrupting(download.Progress):
        def __call__(self, received):
            raise KeyboardInterrupt

    monkeypatch.setattr(download, "Progress", Interrupting)
    with pytest.raises(KeyboardInterrupt):
        cu.load("mnist")
    assert [path.name for path in world.cached("").iterdir()] == [".mnist.lock"]
    monkeypatch.undo()


def test_when_interrupted_while_checking_then_no_file_carries_the_final_name(world, server, monkeypatch):
    def interrupt(*arguments, **options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(download, "check_official", interrupt)
        with pytest.raises(KeyboardInterrupt):
            download._retrieve_once(
                f"{server.address}/mnist.npz",
                data.catalog.card("mnist"),
                data.catalog.card("mnist").files[0],
                world.official.parent / "mnist.npz",
                cu_settings(),
            )
    assert not (world.official.parent / "mnist.npz").exists()
    assert data.fetch("mnist").verified


def cu_settings():
    from course_utils.settings import get_settings

    return get_settings()


@needs_fork
def test_when_killed_in_the_middle_then_no_file_carries_the_final_name_and_the_next_call_succeeds(world, server):
    server.misbehave("mnist.npz", servers.stall(server, 5_000), times=1)
    process = start(lambda: data.fetch("mnist"))
    assert wait_until(lambda: any(world.cached("").glob("tmp*")))
    os.kill(process.pid, signal.SIGKILL)
    process.join(10)
    assert not world.cached("mnist.npz").exists()
    assert data.fetch("mnist").verified  # the killed process holds no lock


def test_when_a_killed_download_left_its_part_then_it_is_removed_a_day_later(world, server):
    world.cached("").mkdir(parents=True)
    old, fresh = world.cached("tmpold"), world.cached("tmpnew")
    for path in (old, fresh):
        path.write_bytes(b"part")
    os.utime(old, (time.time() - 90_000,) * 2)
    data.fetch("mnist")
    assert not old.exists() and fresh.exists()


# 10 -------------------------------------------------------------------------------------------------------------------
@needs_fork
def test_when_several_kernels_fetch_at_once_then_all_get_the_file_and_it_is_fetched_once(world, server):
    def slowly(handler, body):
        time.sleep(0.3)
        servers.send(handler, body)

    server.misbehave("mnist.npz", slowly)
    processes = [start(lambda: sys.exit(not cu.load("mnist").source.verified)) for _ in range(4)]
    for process in processes:
        process.join(30)
    assert [process.exitcode for process in processes] == [0] * 4
    assert server.requests == ["mnist.npz"]


def test_when_the_disk_has_no_locks_then_fetching_works_without(world, monkeypatch):
    if locking.fcntl is None:
        pytest.skip("locks of another kind on Windows")

    def unsupported(*arguments):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(locking.fcntl, "flock", unsupported)
    assert data.fetch("mnist").verified
