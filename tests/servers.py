"""A web server on this machine that serves a folder, and can refuse, lie, stall, and cut short."""

import socket
import struct
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PAGE = b"<!DOCTYPE html>\n<html><head><title>Log in</title></head><body>Welcome to the school's network</body></html>\n"


class Server:
    """Serves `folder`; ``misbehave(path, how, times)`` replaces the answer for a path.

    Attributes
    ----------
    address : str
        ``http://127.0.0.1:<port>``.
    requests : list of str
        Every path asked for, in order.
    """

    def __init__(self, folder):
        self.folder = Path(folder)
        self.requests = []
        self.released = threading.Event()  # set: stalled answers end
        self._tricks = {}
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._http.server_port}"

    def misbehave(self, path, how, times=None):
        """Answer `path` (``"*"``: everything) with ``how(handler, body)``, the first `times` times or always."""
        self._tricks[path] = [how, times]

    def behave(self):
        """Answer everything properly again."""
        self._tricks.clear()

    def start(self):
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self):
        self.released.set()
        self._http.shutdown()
        self._http.server_close()

    def _trick(self, path):
        trick = self._tricks.get(path) or self._tricks.get("*")
        if trick is None or trick[1] == 0:
            return None
        if trick[1] is not None:
            trick[1] -= 1
        return trick[0]

    def _handler(self):
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                path = self.path.lstrip("/")
                server.requests.append(path)
                file = server.folder / path
                body = file.read_bytes() if file.is_file() else None
                trick = server._trick(path)
                if trick:
                    trick(self, body)
                elif body is None:
                    self.send_error(404)
                else:
                    send(self, body)

            def log_message(self, *arguments):
                """Say nothing on stderr."""

        return Handler


@contextmanager
def serving(folder):
    """Serve a folder while the block runs."""
    server = Server(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def send(handler, body, *, status=200, length=None, headers=None):
    """Send an answer; `length` may lie about it."""
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(body) if length is None else length))
    for name, value in (headers or {}).items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)
    handler.wfile.flush()


def refuse(status):
    """Answer with an error status."""
    return lambda handler, body: handler.send_error(status)


def page(content_type="text/html; charset=utf-8"):
    """Answer with a log-in page and status 200."""
    return lambda handler, body: send(handler, PAGE, headers={"Content-Type": content_type})


def replace(content):
    """Answer with other bytes."""
    return lambda handler, body: send(handler, content)


def cut_short(count):
    """Promise everything, send `count` bytes, hang up politely."""

    def answer(handler, body):
        send(handler, body[:count], length=len(body))
        handler.close_connection = True

    return answer


def hang_up(handler, body):
    """Close the connection without an answer."""
    handler.close_connection = True


def reset(count):
    """Promise everything, send `count` bytes, reset the connection."""

    def answer(handler, body):
        send(handler, body[:count], length=len(body))
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.connection.close()
        handler.close_connection = True

    return answer


def stall(server, count=0):
    """Send `count` bytes (0: not even a header) and then nothing until the server is stopped."""

    def answer(handler, body):
        if count:
            send(handler, body[:count], length=len(body))
        server.released.wait(20)
        handler.close_connection = True

    return answer


def closed_address():
    """Return an address of this machine at which nothing listens: a connection is refused at once."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"
