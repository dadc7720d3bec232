"""Put on a kernel's PYTHONPATH: refuses every connection that leaves this machine, and writes down the attempt.

An audit hook sees every socket of the process, whoever opens it from Python, and cannot be taken
away. What a library swallows is still in the file named by NETWORK_ATTEMPTS.
"""

import os
import sys

_LOCAL = ("127.", "::1", "localhost", "0.0.0.0")


def _is_local(host):
    if isinstance(host, bytes | bytearray):
        host = host.decode("ascii", "replace")
    return not host or str(host).startswith(_LOCAL)


def _refuse(event, arguments):
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None  # a path: a socket of this machine
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0]
    else:
        return
    if not _is_local(host):
        with open(os.environ["NETWORK_ATTEMPTS"], "a", encoding="utf-8") as file:  # noqa: PTH123 (pathlib may not be loaded)
            file.write(f"{event} {host}\n")
        raise OSError(f"network use in a test: {event} {host}")


if "NETWORK_ATTEMPTS" in os.environ:
    sys.addaudithook(_refuse)
