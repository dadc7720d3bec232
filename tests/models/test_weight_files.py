"""Fetching Keras's weights from a server on this machine that can refuse, lie and stall."""

import hashlib
import inspect
import os
import socket
from pathlib import Path

import pytest
import servers

import course_utils as cu
from course_utils.errors import DataError, DiskError, DownloadError, IntegrityError
from course_utils.models import weight_files
from course_utils.models.weight_files import fetched, load_into, weight_file
from course_utils.settings import get_settings

CONTENT = bytes(range(256)) * 40
NAME = "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"


@pytest.fixture
def server(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("COURSE_TIMEOUT", "0.2")
    monkeypatch.setattr(weight_files, "_sleep", lambda seconds: None)
    monkeypatch.setitem(weight_files._DIGESTS, NAME, hashlib.md5(CONTENT).hexdigest())
    folder = tmp_path / "official"
    (folder / "vgg16").mkdir(parents=True)
    (folder / "vgg16" / NAME).write_bytes(CONTENT)
    with servers.serving(folder) as running:
        monkeypatch.setattr(weight_files, "ADDRESS", running.address)
        yield running


def file():
    return weight_file("vgg16", 160, False)


def in_cache():
    folder = get_settings().cache_dir / "models"
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith(".")) if folder.exists() else []


def test_when_the_file_is_nowhere_then_it_is_fetched_verified_and_fetched_no_second_time(server, capsys):
    assert fetched(file(), "vgg16").read_bytes() == CONTENT
    assert fetched(file(), "vgg16").parent == get_settings().cache_dir / "models"
    assert server.requests == [f"vgg16/{NAME}"] and "verified" in capsys.readouterr().out


def test_when_keras_has_the_file_already_then_no_socket_is_opened(server, tmp_path, monkeypatch):
    (tmp_path / "keras" / "models").mkdir(parents=True)
    (tmp_path / "keras" / "models" / NAME).write_bytes(CONTENT)
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    assert fetched(file(), "vgg16").parent == tmp_path / "keras" / "models"
    assert server.requests == []


def test_when_offline_then_no_socket_is_opened_and_the_message_says_what_to_do(server, monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_OFFLINE", "1")

    def forbidden(*arguments, **options):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", forbidden)
    with pytest.raises(DownloadError) as error:
        cu.backbone("vgg16")
    text = str(error.value)
    assert "COURSE_OFFLINE" in text and NAME in text and str(tmp_path / "keras" / "models") in text
    assert 'cu.backbone("efficientnet_lite0")' in text and "COURSE_MIRROR" in text


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (servers.refuse(404), "404"),
        (servers.refuse(503), "503"),
        (servers.page(), "web page"),
        (servers.replace(CONTENT[:-1] + b"!"), "Another file"),
        (servers.cut_short(5000), "transfer|broke off"),
        (servers.reset(5000), "broke off|nothing"),
    ],
    ids=["404", "503", "page", "hash", "short", "reset"],
)
def test_when_the_server_fails_then_the_message_says_what_to_do_and_nothing_is_kept(server, answer, reason):
    server.misbehave("*", answer)
    with pytest.raises(DownloadError, match=reason) as error:
        cu.backbone("vgg16")
    assert server.address in str(error.value) and "efficientnet_lite0" in str(error.value)
    assert in_cache() == []
    server.behave()
    assert fetched(file(), "vgg16").read_bytes() == CONTENT


@pytest.mark.parametrize("sent", [0, 100])
def test_when_the_server_stalls_then_it_is_not_waited_for_long(server, sent):
    server.misbehave("*", servers.stall(server, sent))
    with pytest.raises(DownloadError, match="COURSE_TIMEOUT"):
        fetched(file(), "vgg16")
    assert in_cache() == []


def test_when_the_transfer_breaks_off_once_then_the_second_attempt_succeeds(server):
    server.misbehave("*", servers.cut_short(5000), times=1)
    assert fetched(file(), "vgg16").read_bytes() == CONTENT and len(server.requests) == 2


def test_when_there_is_a_mirror_then_it_is_asked_first(server, tmp_path, monkeypatch):
    (tmp_path / "mirror" / "models").mkdir(parents=True)
    (tmp_path / "mirror" / "models" / NAME).write_bytes(CONTENT)
    with servers.serving(tmp_path / "mirror") as mirror:
        monkeypatch.setenv("COURSE_MIRROR", mirror.address)
        assert fetched(file(), "vgg16").read_bytes() == CONTENT
        assert mirror.requests == [f"models/{NAME}"] and server.requests == []


def test_when_the_cached_file_is_damaged_then_it_is_set_aside_and_fetched_once_more(server):
    path = fetched(file(), "vgg16")
    path.write_bytes(CONTENT[:100])
    assert fetched(file(), "vgg16").read_bytes() == CONTENT
    assert in_cache() == [NAME, NAME + ".damaged"] and len(server.requests) == 2


def test_when_the_disk_is_full_then_that_is_said(server, monkeypatch):
    monkeypatch.setattr("course_utils.files.free_bytes", lambda path: 10)
    with pytest.raises(DiskError, match="COURSE_CACHE_DIR"):
        fetched(file(), "vgg16")
    assert server.requests == []


def test_when_no_digest_is_published_then_the_file_is_called_unverified(server, capsys):
    mobile = weight_file("mobilenet_v2", 160, False)
    (server.folder / "mobilenet_v2").mkdir()
    (server.folder / "mobilenet_v2" / mobile.name).write_bytes(CONTENT)
    assert mobile.digest is None and fetched(mobile, "mobilenet_v2").read_bytes() == CONTENT
    assert "unverified" in capsys.readouterr().out


def test_when_a_file_holds_no_weights_then_it_is_set_aside(tmp_path):
    import keras

    path = tmp_path / "weights.h5"
    path.write_bytes(CONTENT)
    network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    with pytest.raises(IntegrityError, match=r"\.damaged"):
        load_into(network, path, file())
    assert [each.name for each in tmp_path.iterdir()] == ["weights.h5.damaged"]


@pytest.mark.parametrize("content", [CONTENT, b""])
def test_when_a_file_in_kerass_own_folder_holds_no_weights_then_it_is_left_there_and_said(
    server, tmp_path, monkeypatch, content
):
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    path = tmp_path / "keras" / "models" / weight_file("mobilenet_v2", 96, False).name
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"left as it (is|was)") as caught:
        cu.backbone("mobilenet_v2", image_size=96)
    assert str(path) in str(caught.value) and "set aside" not in str(caught.value)
    assert [each.name for each in path.parent.iterdir()] == [path.name] and path.read_bytes() == content


def test_when_a_file_in_kerass_own_folder_has_another_digest_then_it_is_named_and_left_there(
    server, tmp_path, monkeypatch
):
    path = tmp_path / "keras" / "models" / NAME
    path.parent.mkdir(parents=True)
    path.write_bytes(CONTENT[:100])
    with monkeypatch.context() as patch:
        patch.setenv("COURSE_OFFLINE", "1")
        with pytest.raises(DownloadError, match="is damaged, or not the published file") as caught:
            fetched(file(), "vgg16")
    assert str(path) in str(caught.value)
    assert fetched(file(), "vgg16").read_bytes() == CONTENT and path.read_bytes() == CONTENT[:100]


def test_when_a_damaged_file_cannot_be_set_aside_then_nothing_else_is_claimed(tmp_path, monkeypatch):
    import keras

    def refused(path, target):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refused)
    (tmp_path / "weights.h5").write_bytes(CONTENT)
    network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    with pytest.raises(IntegrityError, match="could not be set aside"):
        load_into(network, tmp_path / "weights.h5", file())


def test_when_there_is_no_home_then_only_the_courses_folder_is_looked_in(server, monkeypatch):
    monkeypatch.delenv("KERAS_HOME")
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    with monkeypatch.context() as patch:
        patch.setenv("COURSE_OFFLINE", "1")
        with pytest.raises(DownloadError) as caught:
            fetched(file(), "vgg16")
    assert f"{get_settings().cache_dir / 'models'} (looked for {NAME})" in str(caught.value)
    assert fetched(file(), "vgg16").read_bytes() == CONTENT


def test_when_keras_is_updated_then_addresses_and_digests_are_still_those_in_its_source():
    from keras.src.applications import convnext, efficientnet_v2, mobilenet_v2, vgg16

    def told(name, size=160):
        return [(each.url, each.digest) for each in (weight_file(name, size, True), weight_file(name, size, False))]

    assert [url for url, _ in told("vgg16")] == [vgg16.WEIGHTS_PATH, vgg16.WEIGHTS_PATH_NO_TOP]
    assert all(f'file_hash="{digest}"' in inspect.getsource(vgg16.VGG16) for _, digest in told("vgg16"))
    for name, module, key, stem in (
        ("efficientnet_v2_b0", efficientnet_v2, "b0", "efficientnetv2-b0"),
        ("convnext_tiny", convnext, "convnext_tiny", "convnext_tiny"),
    ):
        urls = [f"{module.BASE_WEIGHTS_PATH}{stem}{end}.h5" for end in ("", "_notop")]
        known = module.WEIGHTS_HASHES.get(key) or module.WEIGHTS_HASHES[f"-{key}"]
        assert told(name) == list(zip(urls, known, strict=True))
    stem = mobilenet_v2.BASE_WEIGHT_PATH + "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_"
    assert told("mobilenet_v2") == [(f"{stem}160.h5", None), (f"{stem}160_no_top.h5", None)]
    assert told("mobilenet_v2", 64) == [(f"{stem}224.h5", None), (f"{stem}224_no_top.h5", None)]
