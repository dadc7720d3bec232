"""One HTTP transfer to a file, with every way it can go wrong named."""

import datetime
from pathlib import Path
from urllib.parse import urlsplit

from ..errors import DownloadError
from .arrays import looks_like_page

# Seconds without a single byte before a transfer counts as stalled, as a multiple of the connection's time-out.
STALL_FACTOR = 5

_CHUNK = 1 << 17


class Unreachable(DownloadError):
    """The host did not answer at all; asking it again at once is no use."""


class Interrupted(DownloadError):
    """The transfer broke off after it had begun; another attempt may succeed."""


def transfer(url, path, *, limit, timeout, progress):
    """Fetch one address into a file.

    Parameters
    ----------
    url : str
    path : path-like
        Overwritten.
    limit : int
        Bytes; more than that is refused.
    timeout : float
        Seconds to wait for a connection; `STALL_FACTOR` times as long for the next bytes.
    progress : callable
        Called with the bytes received so far.

    Raises
    ------
    Unreachable
        No connection: no network, a name that does not resolve, TLS trouble, time-out.
    Interrupted
        The transfer broke off after the server had begun to send the file.
    DownloadError
        The server's answer is an error, a web page, or too long.
    """
    import requests
    import urllib3

    received, begun = 0, False
    try:
        with requests.get(
            url,
            stream=True,
            timeout=(timeout, STALL_FACTOR * timeout),
            # The bytes as they are on the server: decoding would unpack .gz files on the way.
            headers={"Accept-Encoding": "identity", "User-Agent": "cnn-course"},
        ) as response:
            _refuse_bad_answers(url, response, limit)
            begun = True
            with Path(path).open("wb") as file:
                for chunk in response.raw.stream(_CHUNK, decode_content=False):
                    received += _accept(chunk, received, limit, file)
                    progress(received)
            _refuse_short_body(response, received)
    except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError) as error:
        raise _translated(error, begun, received, timeout) from error


def _refuse_bad_answers(url, response, limit):
    if response.status_code >= 400:
        raise DownloadError(f"The server answers {response.status_code} {response.reason or ''}".rstrip() + ".")
    if urlsplit(url).scheme == "https" and urlsplit(response.url).scheme != "https":
        raise DownloadError(f"The server leads away from https to {response.url}, as a network's log-in page does.")
    if "html" in response.headers.get("Content-Type", ""):
        raise _page()
    length = response.headers.get("Content-Length", "")
    if length.isdigit() and int(length) > limit:
        raise DownloadError(f"The file there is too large: {int(length):,} bytes.")


def _accept(chunk, received, limit, file):
    if received == 0 and looks_like_page(chunk):
        raise _page()
    if received + len(chunk) > limit:
        raise DownloadError(f"The file there is too large: more than {limit:,} bytes.")
    file.write(chunk)
    return len(chunk)


def _refuse_short_body(response, received):
    length = response.headers.get("Content-Length", "")
    if length.isdigit() and received < int(length):
        raise Interrupted(f"The transfer ended after {received:,} of {length} bytes.")


def _page():
    return DownloadError(
        "The answer is a web page, not data: probably the log-in page of this network or a proxy's notice.",
        fix="Open any page in a browser, log in to the network, and run this again.",
    )


def _translated(error, begun, received, timeout):
    """Turn an exception of requests or urllib3 into one of the course's, naming the cause."""
    import requests
    import urllib3

    wait = "COURSE_TIMEOUT changes how long to wait"
    if isinstance(error, requests.exceptions.SSLError | urllib3.exceptions.SSLError):
        return _tls(error)
    if isinstance(error, requests.exceptions.ProxyError):
        return Unreachable(f"The proxy set in HTTPS_PROXY or HTTP_PROXY does not let this through: {_cause(error)}.")
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return Unreachable(f"No connection within {timeout:g} s ({wait}).")
    stalled = isinstance(error, requests.exceptions.ReadTimeout | urllib3.exceptions.ReadTimeoutError)
    if stalled or "Read timed out" in str(error):
        what = f"The server sent nothing for {STALL_FACTOR * timeout:g} s ({wait})."
        return Interrupted(what) if begun else Unreachable(what)
    if begun:
        return Interrupted(f"The transfer broke off after {received:,} bytes: {_cause(error)}.")
    if isinstance(error, requests.exceptions.ConnectionError):
        return Unreachable(f"No connection: {_cause(error)}.")
    return DownloadError(f"The address does not work: {_cause(error)}.")


def _tls(error):
    now = datetime.datetime.now().astimezone()
    return Unreachable(
        f"The secure connection (TLS) failed: {_cause(error)}.",
        fix=(
            f"Check this computer's clock (it says {now:%Y-%m-%d %H:%M}). If a school, company or antivirus program "
            "inspects the traffic, ask for its certificate file and set REQUESTS_CA_BUNDLE to it; "
            "or fetch the file elsewhere and put it there by hand."
        ),
    )


def _cause(error):
    """Return the innermost reason, which is the one that says something."""
    seen = set()
    while id(error) not in seen:
        seen.add(id(error))
        inner = error.__cause__ or error.__context__ or getattr(error, "reason", None)
        error = inner if isinstance(inner, Exception) else error
    return str(error) or type(error).__name__
