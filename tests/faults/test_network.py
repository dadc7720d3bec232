"""Faults 1 to 7 and 30: no network, wrong answers, broken transfers, other files, TLS."""

import gzip
import time

import pytest
import requests
import servers
import tiny

import course_utils as cu
from course_utils import data
from course_utils.data import download, transfer
from course_utils.errors import DownloadError, IntegrityError


@pytest.fixture
def cut_off(monkeypatch, tmp_path):
    """Nothing listens at the official addresses."""
    return tiny.World(monkeypatch, tmp_path)


@pytest.fixture
def connections(monkeypatch):
    """Counts the connections that are opened."""
    import socket

    opened = []
    connect = socket.socket.connect
    monkeypatch.setattr(
        socket.socket, "connect", lambda self, address: (opened.append(address), connect(self, address))
    )
    return opened


def nothing_kept(world):
    """No file in the cache but locks."""
    return [path for path in world.cache.rglob("*") if path.is_file() and path.suffix != ".lock"] == []


# 1 --------------------------------------------------------------------------------------------------------------------
def test_when_there_is_no_network_and_no_cache_then_the_sample_is_used_and_everything_is_told(cut_off, capsys):
    dataset = cu.load("mnist")
    told = capsys.readouterr().out
    card = data.catalog.card("mnist")
    assert dataset.source.kind == "bundled" and dataset.variant == "mnist/sample"
    for part in (cut_off.address, str(cut_off.cache), "mnist.npz", f"{card.files[0].size:,}", card.files[0].sha256):
        assert part in told
    assert "course fetch mnist" in told


def test_when_falling_back_again_then_it_is_not_explained_twice(cut_off, capsys):
    cu.load("mnist")
    capsys.readouterr()
    cu.load("mnist")
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_when_the_full_data_is_demanded_without_network_then_the_error_tells_where_to_put_which_file(cut_off):
    cut_off.set(COURSE_DATA="full")
    with pytest.raises(DownloadError) as caught:
        cu.load("mnist")
    card = data.catalog.card("mnist")
    for part in (cut_off.address, str(cut_off.cache), "mnist.npz", card.files[0].sha256, "refused"):
        assert part in str(caught.value)


def test_when_cifar_is_nowhere_then_the_error_names_the_files_that_help(cut_off):
    with pytest.raises(DownloadError, match=r"cifar-10-python\.tar\.gz(.|\n)*cifar10/ with train/<class>"):
        cu.load("cifar10")


def test_when_a_host_did_not_answer_then_it_is_asked_once_and_again_a_minute_later(cut_off, monkeypatch, connections):
    now = [0.0]
    monkeypatch.setattr(download, "_clock", lambda: now[0])
    cu.load("mnist")
    cu.load("fashion_mnist")
    cu.load("mnist")
    assert len(connections) == 1
    now[0] = 61
    cu.load("mnist")
    assert len(connections) == 2


def test_when_fetching_is_asked_for_then_a_host_that_failed_is_asked_at_once(cut_off, connections):
    for _ in range(2):
        with pytest.raises(DownloadError):
            data.fetch("mnist")
    assert len(connections) == 2


def test_when_there_is_nothing_to_fall_back_on_then_a_host_that_failed_is_asked_at_once(cut_off, connections):
    for _ in range(2):
        with pytest.raises(DownloadError):
            cu.load("cifar10")
    assert len(connections) == 2


# 2 --------------------------------------------------------------------------------------------------------------------
def test_when_the_cache_is_valid_then_no_connection_is_opened(cut_off, connections):
    cut_off.fill_cache()
    for name in ("mnist", "fashion_mnist", "cifar10"):
        assert cu.load(name).source.kind == "cache"
        data.fetch(name)
    assert connections == []


def test_when_offline_then_no_connection_is_opened(cut_off, connections):
    cut_off.set(COURSE_OFFLINE=1)
    assert cu.load("mnist").source.kind == "bundled"
    with pytest.raises(DownloadError, match="COURSE_OFFLINE"):
        data.fetch("mnist")
    assert cu.dataset_source("mnist").kind == "bundled"
    assert cu.dataset_source("cifar10") is None
    assert connections == []


# 3 --------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("status", [403, 404, 503])
def test_when_the_server_refuses_then_status_and_address_are_named_and_nothing_is_kept(world, server, status):
    server.misbehave("*", servers.refuse(status))
    with pytest.raises(DownloadError) as caught:
        data.fetch("mnist")
    assert f"{server.address}/mnist.npz" in str(caught.value) and str(status) in str(caught.value)
    assert nothing_kept(world)
    server.behave()
    assert data.fetch("mnist").verified


def test_when_a_mirror_refuses_then_the_next_address_is_tried(world, server, tmp_path):
    with servers.serving(tmp_path / "empty") as mirror:
        world.set(COURSE_MIRROR=f"{mirror.address}/course/")
        assert cu.load("mnist").variant == "mnist"
        assert mirror.requests == ["course/mnist.npz"]
    assert server.requests == ["mnist.npz"]


# 4 --------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("content_type", ["text/html", "application/octet-stream"])
def test_when_a_log_in_page_answers_then_it_is_called_a_web_page(world, server, content_type):
    server.misbehave("*", servers.page(content_type))
    with pytest.raises(DownloadError, match="a web page, not data"):
        data.fetch("mnist")
    assert nothing_kept(world)


# 5 --------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("fault", [servers.cut_short, servers.reset])
def test_when_a_transfer_breaks_off_then_it_is_tried_again_with_growing_waits(world, server, monkeypatch, fault):
    waits = []
    monkeypatch.setattr(download, "_sleep", waits.append)
    server.misbehave("mnist.npz", fault(5_000), times=2)
    assert data.fetch("mnist").verified
    assert len(server.requests) == 3
    assert waits == [0.5, 1.0]


def test_when_a_transfer_always_breaks_off_then_it_ends_and_nothing_is_kept(world, server):
    server.misbehave("mnist.npz", servers.cut_short(5_000))
    with pytest.raises(DownloadError, match=f"{download.ATTEMPTS} times"):
        data.fetch("mnist")
    assert len(server.requests) == download.ATTEMPTS
    assert nothing_kept(world)


def test_when_nothing_arrived_then_the_same_address_is_not_tried_again(world, server):
    server.misbehave("mnist.npz", servers.hang_up)
    with pytest.raises(DownloadError):
        data.fetch("mnist")
    assert len(server.requests) == 1


def test_when_refetching_fails_then_the_damaged_file_is_still_there_aside(world, server):
    target = world.cached("mnist.npz")
    target.parent.mkdir(parents=True)
    target.write_bytes(b"old")
    server.misbehave("*", servers.reset(3_000))
    with pytest.raises(DownloadError):
        data.fetch("mnist")
    assert target.with_name("mnist.npz.damaged").read_bytes() == b"old"
    assert not target.exists()


# 6 --------------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("sent", [0, 4_000])
def test_when_the_server_stalls_then_a_time_out_names_the_variable(world, server, monkeypatch, sent):
    monkeypatch.setattr(transfer, "STALL_FACTOR", 1)
    monkeypatch.setattr(download, "ATTEMPTS", 1)
    world.set(COURSE_TIMEOUT=0.2)
    server.misbehave("*", servers.stall(server, sent))
    started = time.monotonic()
    with pytest.raises(DownloadError, match=r"nothing for 0\.2 s(.|\n)*COURSE_TIMEOUT"):
        data.fetch("mnist")
    assert time.monotonic() - started < 5
    assert nothing_kept(world)


# 7 --------------------------------------------------------------------------------------------------------------------
def test_when_the_file_changed_upstream_then_both_hashes_are_told_and_it_is_fetched_once(world, server):
    import hashlib

    other = b"PK" + bytes(5_000)
    server.misbehave("*", servers.replace(other))
    with pytest.raises(IntegrityError) as caught:
        data.fetch("mnist")
    message = str(caught.value)
    assert data.catalog.card("mnist").files[0].sha256 in message
    assert hashlib.sha256(other).hexdigest() in message
    assert server.requests == ["mnist.npz"]
    assert nothing_kept(world)


def test_when_cifars_archive_changed_by_one_byte_then_it_is_refused(world, server):
    content = bytearray((world.official / "cifar-10-python.tar.gz").read_bytes())
    content[100] ^= 1
    server.misbehave("*", servers.replace(bytes(content)))
    with pytest.raises(IntegrityError):
        data.fetch("cifar10")
    assert nothing_kept(world)


def test_when_a_mirror_serves_the_same_content_compressed_again_then_it_is_accepted(world, server):
    for file in (world.official / "fashion-mnist").iterdir():
        file.write_bytes(gzip.compress(gzip.decompress(file.read_bytes()), compresslevel=1))
    dataset = cu.load("fashion_mnist")
    assert dataset.source.kind == "download" and dataset.source.verified and dataset.variant == "fashion_mnist"


def test_when_the_server_sends_too_much_then_it_is_stopped(world, server):
    server.misbehave("*", servers.replace(bytes(4 * 2**20)))
    with pytest.raises(DownloadError, match="too large"):
        data.fetch("mnist")


def test_when_the_server_does_not_say_how_much_it_sends_then_too_much_is_stopped_as_well(world, server):
    def endless(handler, body):
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(bytes(4 * 2**20))
        handler.close_connection = True

    server.misbehave("*", endless)
    with pytest.raises(DownloadError, match="too large: more than"):
        data.fetch("mnist")
    assert nothing_kept(world)


def test_when_a_page_without_tags_answers_then_its_type_gives_it_away(world, server):
    header = {"Content-Type": "text/html"}
    server.misbehave("*", lambda handler, body: servers.send(handler, b"Please log in", headers=header))
    with pytest.raises(DownloadError, match="a web page, not data"):
        data.fetch("mnist")


def test_when_the_server_labels_gz_files_as_encoded_then_they_are_kept_as_they_are(world, server):
    server.misbehave("*", lambda handler, body: servers.send(handler, body, headers={"Content-Encoding": "gzip"}))
    data.fetch("fashion_mnist")
    name = "fashion-mnist/t10k-labels-idx1-ubyte.gz"
    assert world.cached(name).read_bytes() == (world.official / name).read_bytes()


# 30 -------------------------------------------------------------------------------------------------------------------
def test_when_the_secure_connection_fails_then_tls_and_the_clock_are_named(world, server):
    world.set(COURSE_MIRROR=server.address.replace("http://", "https://"), COURSE_DATA="full")
    server.misbehave("mnist.npz", servers.refuse(404))
    with pytest.raises(DownloadError) as caught:
        cu.load("mnist")
    assert "TLS" in str(caught.value) and "clock" in str(caught.value) and "REQUESTS_CA_BUNDLE" in str(caught.value)
    assert "verify=False" not in str(caught.value)


def test_when_the_certificate_is_not_trusted_then_the_reason_is_told(world, monkeypatch):
    def refuse(*arguments, **options):
        raise requests.exceptions.SSLError("certificate verify failed: certificate has expired")

    monkeypatch.setattr(requests, "get", refuse)
    with pytest.raises(DownloadError, match="certificate has expired"):
        data.fetch("mnist")


def test_when_a_secure_address_leads_to_a_plain_one_then_it_is_refused():
    class Response:
        status_code, reason, headers, url = 200, "OK", {}, "http://login.example/"

    with pytest.raises(DownloadError, match="away from https"):
        transfer._refuse_bad_answers("https://files.example/mnist.npz", Response(), 10)


def test_when_fetched_then_other_users_may_read_the_file(world, server):
    import os

    data.fetch("mnist")
    mask = os.umask(0)
    os.umask(mask)
    assert world.cached("mnist.npz").stat().st_mode & 0o777 == 0o666 & ~mask
