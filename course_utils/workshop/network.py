"""The doctor's one probe of the network, and what its failures mean."""

import ssl
import time
from email.utils import parsedate_to_datetime

from .findings import Finding

OFFICIAL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
_TOLERANCE = 300  # seconds that a clock may be wrong


def check_network(settings, now=None, address=None) -> Finding:
    """Ask the first mirror, or the official host, for the headers of one file.

    Parameters
    ----------
    settings : Settings
        Offline: nothing is opened.
    now : float, optional
        This computer's clock, seconds since 1970.
    address : str, optional

    Returns
    -------
    Finding
    """
    if settings.offline:
        return Finding("network", "ok", "not tried: COURSE_OFFLINE is set")
    import requests

    address = address or (settings.mirrors[0] if settings.mirrors else OFFICIAL)
    started = time.perf_counter()
    try:
        answer = requests.head(address, timeout=settings.timeout, allow_redirects=False)
    except requests.exceptions.RequestException as error:
        return explain_failure(error, address, settings.timeout)
    seconds = time.perf_counter() - started
    return _clock_or_ok(answer.headers.get("Date"), now, f"{address} answered in {seconds:.1f} s")


def explain_failure(error, address, timeout) -> Finding:
    """Translate what a connection raised.

    Parameters
    ----------
    error : Exception
    address : str
    timeout : float
        Seconds that were allowed.

    Returns
    -------
    Finding
        A warning: the course also runs without a network.
    """
    text = " ".join(map(str, _chain(error)))
    name = type(error).__name__
    if "not yet valid" in text or "has expired" in text:
        what = (
            "the certificate is refused because of its dates: this computer's clock is wrong, or the certificate is old"
        )
        fix = "Set date and time automatically, then try again"
    elif "CERTIFICATE_VERIFY_FAILED" in text or any(isinstance(e, ssl.SSLError) for e in _chain(error)):
        what = (
            "the connection is intercepted: somebody (school, company, virus scanner) shows a certificate of their own"
        )
        fix = (
            "Ask them for their root certificate (a .pem file) and set REQUESTS_CA_BUNDLE to it, "
            "or put the data into a folder and set COURSE_DATA_DIR"
        )
    elif "Proxy" in name:
        what, fix = "the proxy refused the connection", "Check the variables HTTP_PROXY and HTTPS_PROXY"
    elif "Timeout" in name:
        what = f"no answer within {timeout:g} s"
        fix = "A slow network: set COURSE_TIMEOUT=15. A blocked one: COURSE_DATA_DIR or COURSE_MIRROR"
    else:
        what = "no connection"
        fix = "Nothing to do for the bundled data; for full data sets: COURSE_DATA_DIR or COURSE_MIRROR"
    return Finding("network", "warn", f"{what} ({address})", f"an answer within {timeout:g} s", fix)


def _clock_or_ok(date, now, text):
    now = time.time() if now is None else now
    try:
        difference = now - parsedate_to_datetime(date).timestamp()
    except (TypeError, ValueError):
        return Finding("network", "ok", text)
    if abs(difference) <= _TOLERANCE:
        return Finding("network", "ok", text)
    direction = "ahead" if difference > 0 else "behind"
    fix = "Set date and time automatically: certificates are refused by a wrong clock"
    found = f"this computer's clock is {abs(difference) / 60:.0f} minutes {direction}"
    return Finding("network", "warn", found, "the right time", fix)


def _chain(error):
    """Return the error with its causes; requests and urllib3 wrap what ssl raised in `args` and `reason`."""
    found, waiting = [], [error]
    while waiting:
        current = waiting.pop()
        if isinstance(current, BaseException) and current not in found:
            found.append(current)
            waiting += [current.__cause__, current.__context__, getattr(current, "reason", None), *current.args]
    return found
