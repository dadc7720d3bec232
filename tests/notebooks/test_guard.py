"""The guard works, or the notebooks' tests prove nothing."""

import json

import pytest
from notebook_samples import write

from course_utils.runner import RunOptions, run_course

# example.invalid: a name that by its definition no network resolves.
CONNECT = "import socket\n\nsocket.create_connection(('192.0.2.1', 80), timeout=1)"
LOOK_UP = "import socket\n\ntry:\n    socket.getaddrinfo('example.invalid', 80)\nexcept OSError:\n    pass"
HERE = """import socket

server = socket.create_server(("127.0.0.1", 0))
socket.create_connection(server.getsockname(), timeout=5).close()"""


def run(tmp_path, guarded, source):
    notebook = write(tmp_path, "01_net", source)
    return run_course(RunOptions((notebook,), tmp_path / "build", environ=guarded)).outcomes[0]


@pytest.mark.parametrize(("source", "status"), [(CONNECT, "failed"), (LOOK_UP, "passed")])
def test_when_a_kernel_tries_to_leave_the_machine_then_it_is_refused_and_written_down(
    tmp_path, guarded, attempts, source, status
):
    assert run(tmp_path, guarded, source).status == status
    assert attempts.exists()


def test_when_a_kernel_talks_to_this_machine_then_nothing_is_refused(tmp_path, guarded, attempts):
    outcome = run(tmp_path, guarded, HERE)
    assert outcome.status == "passed", json.dumps(outcome.failure and outcome.failure.message)
    assert not attempts.exists()
