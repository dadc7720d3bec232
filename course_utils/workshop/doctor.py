"""``cu.doctor()`` and ``course doctor``: is everything fine here, and if not, what to do."""

from .. import session
from ..errors import CourseError, pip_install
from . import computer, network, places, software
from .findings import Finding, show_findings
from .tensorflow import TIMEOUT, TensorFlowCheck


def diagnose(*, network_probe=False, tensorflow=True, timeout=TIMEOUT) -> list[Finding]:
    """Look at everything the course needs; changes nothing.

    Parameters
    ----------
    network_probe : bool
        Also ask one host for one answer (never when ``COURSE_OFFLINE`` is set).
    tensorflow : bool
        Also import TensorFlow, in another process.
    timeout : float
        Seconds that this import may take.

    Returns
    -------
    list of Finding
        In the order in which a learner should read them.
    """
    running = TensorFlowCheck(timeout) if tensorflow else None
    settings, about_settings = places.check_settings()
    findings = [
        *_guarded("Python", _software),
        *about_settings,
        *_guarded("computer", lambda: _computer(settings)),
        *_guarded("data", lambda: places.check_data() if exit_status(about_settings) == 0 else []),
    ]
    if network_probe:
        findings += _guarded("network", lambda: [network.check_network(settings)])
    return findings + (running.findings() if running else [])


def doctor(network=False, everything=False) -> None:
    """Show a table of what the course needs, what was found here, and what to do.

    Parameters
    ----------
    network : bool
        Also try the network: one question to one host.
    everything : bool
        List every package, also those that are in order.

    Examples
    --------
    >>> doctor()  # doctest: +SKIP
    """
    show_findings(diagnose(network_probe=network), everything)


def exit_status(findings) -> int:
    """Return 1 if anything failed, else 0.

    Parameters
    ----------
    findings : iterable of Finding
    """
    return int(any(finding.status == "fail" for finding in findings))


def _software():
    try:
        import packaging.version  # noqa: F401
    except ImportError:
        fix = f"{pip_install()} packaging"
        return [Finding("package packaging", "fail", "missing", "to compare versions", fix)]
    return [
        software.check_python(),
        software.check_interpreter(),
        software.check_kernel(),
        *software.check_packages(),
        *software.check_widgets(),
    ]


def _computer(settings):
    return [
        computer.check_processor(),
        computer.check_memory(),
        computer.check_folder("cache folder", settings.cache_dir, "COURSE_CACHE_DIR"),
        computer.check_folder("results folder", settings.results_dir, "COURSE_RESULTS_DIR", needed=0.05),
        computer.check_clock(),
        *computer.check_browser(session.platform_name()),
        *computer.check_path_length(),
    ]


def _guarded(check, function):
    """Return what a check finds; a check that breaks becomes a finding, so that the others are still shown."""
    try:
        return function()
    except ImportError as error:
        name = (error.name or "").split(".")[0]
        fix = f"{pip_install()} {name}" if name and name != "course_utils" else ""
        return [Finding(check, "fail", f"cannot be checked: {error}", "", fix)]
    except (CourseError, OSError, RuntimeError, ValueError, TypeError, LookupError, AttributeError) as error:
        return [Finding(check, "fail", f"cannot be checked: {type(error).__name__}: {error}")]
