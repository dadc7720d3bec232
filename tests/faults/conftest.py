"""A local server that stands for the official hosts, and a tiny catalog whose files it serves."""

import pytest
import servers
import tiny


@pytest.fixture
def server(tmp_path):
    with servers.serving(tmp_path / "official") as running:
        yield running


@pytest.fixture
def world(monkeypatch, tmp_path, server):
    """Official hosts are the local server."""
    return tiny.World(monkeypatch, tmp_path, server.address)
