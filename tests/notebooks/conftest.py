"""Notebooks are executed in the smoke budget, on what ships with the course, without a network."""

import os
from pathlib import Path

import pytest

GUARD = Path(__file__).parent / "guard"


@pytest.fixture
def attempts(tmp_path):
    """Return the file in which attempts to use the network are written down."""
    return tmp_path / "attempts.txt"


@pytest.fixture
def guarded(attempts):
    """Return the environment variables of a kernel that can reach nothing but this machine."""
    path = os.pathsep.join([str(GUARD), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {"PYTHONPATH": path, "NETWORK_ATTEMPTS": str(attempts)}
