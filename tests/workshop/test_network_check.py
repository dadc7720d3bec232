import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from course_utils.settings import get_settings
from course_utils.workshop.network import check_network, explain_failure


@pytest.fixture
def server():
    """A web server on this computer that answers with the right time."""
    asked = []

    class Answer(BaseHTTPRequestHandler):
        def do_HEAD(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    server.asked = asked
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def settings(server, **environ):
    return get_settings({"COURSE_MIRROR": f"http://127.0.0.1:{server.server_port}/data", **environ})


def test_the_first_mirror_is_asked_once(server):
    finding = check_network(settings(server))
    assert finding.status == "ok"
    assert "answered in" in finding.found
    assert server.asked == ["/data"]


def test_offline_nothing_is_asked(server):
    finding = check_network(settings(server, COURSE_OFFLINE="1"))
    assert "not tried" in finding.found
    assert server.asked == []


@pytest.mark.parametrize(("ahead", "word"), [(3600, "60 minutes ahead"), (-7200, "120 minutes behind")])
def test_a_wrong_clock_shows_in_the_servers_date(server, ahead, word):
    finding = check_network(settings(server), now=time.time() + ahead)
    assert finding.status == "warn"
    assert word in finding.found


def test_no_server_is_no_connection():
    finding = check_network(get_settings({}), address="http://127.0.0.1:9/")
    assert (finding.status, finding.found.split(" (")[0]) == ("warn", "no connection")
    assert "COURSE_DATA_DIR" in finding.fix


@pytest.mark.parametrize(
    ("error", "found", "fix"),
    [
        (requests.exceptions.ConnectTimeout("slow"), "no answer within 3 s", "COURSE_TIMEOUT"),
        (requests.exceptions.ProxyError("refused"), "proxy refused", "HTTPS_PROXY"),
        (requests.exceptions.ConnectionError("unreachable"), "no connection", "COURSE_MIRROR"),
    ],
)
def test_failures_are_named(error, found, fix):
    finding = explain_failure(error, "https://example.org", 3.0)
    assert found in finding.found
    assert "https://example.org" in finding.found
    assert fix in finding.fix


def wrapped(message):
    return requests.exceptions.SSLError(ssl.SSLCertVerificationError(1, message))


def test_an_intercepted_connection_is_told_from_a_wrong_clock():
    intercepted = explain_failure(
        wrapped("CERTIFICATE_VERIFY_FAILED: self-signed certificate in chain"), "https://a", 3
    )
    clock = explain_failure(wrapped("CERTIFICATE_VERIFY_FAILED: certificate is not yet valid"), "https://a", 3)
    assert "intercepted" in intercepted.found
    assert "clock" not in intercepted.found
    assert "clock" in clock.found
