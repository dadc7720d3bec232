"""Notebooks are executed in the smoke budget, on what ships with the course, without a network."""

import pytest
from notebook_kernels import kernel_environment


@pytest.fixture
def attempts(tmp_path):
    """Return the file in which attempts to use the network are written down."""
    return tmp_path / "attempts.txt"


@pytest.fixture
def guarded(attempts):
    """Return the environment variables of a kernel that can reach nothing but this machine."""
    return kernel_environment(attempts)
