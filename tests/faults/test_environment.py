"""Faults of the computer around the course: folders, packages, processor, TLS and clock (12, 29, 30)."""

import shutil
import ssl
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

import course_utils as cu
from course_utils import errors
from course_utils.settings import get_settings
from course_utils.workshop import computer, software
from course_utils.workshop.doctor import diagnose, exit_status
from course_utils.workshop.network import check_network, explain_failure
from course_utils.workshop.tensorflow import Probe, TensorFlowCheck, explain

# What no advice of the course may ever suggest.
UNSAFE = (
    "verify=false",
    "http://",
    "allow_pickle",
    "--trusted-host",
    "disable",
    "switch off",
    "ignore the cert",
    "sudo",
)


def safe(text):
    return not any(phrase in text.lower() for phrase in UNSAFE)


# --- 12: folders -----------------------------------------------------------------------------------------------


@pytest.fixture
def result(monkeypatch):
    monkeypatch.setenv("COURSE_BUDGET", "laptop")

    def record():
        cu.record("lenet", 0.5)

    return record


def test_when_the_results_folder_cannot_be_made_then_nothing_is_written_elsewhere(
    result, tmp_path, monkeypatch, capsys
):
    (tmp_path / "file").write_text("mine")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setenv("COURSE_RESULTS_DIR", str(tmp_path / "file" / "results"))
    result()
    assert "COURSE_RESULTS_DIR" in capsys.readouterr().out
    assert list(temporary.iterdir()) == []
    assert (tmp_path / "file").read_text() == "mine"


def test_when_the_folder_can_be_written_again_then_the_next_record_is_kept(result, tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("mine")
    monkeypatch.setenv("COURSE_RESULTS_DIR", str(tmp_path / "file" / "results"))
    result()
    monkeypatch.setenv("COURSE_RESULTS_DIR", str(tmp_path / "results"))
    result()
    assert len((tmp_path / "results" / "records.jsonl").read_text().splitlines()) == 1


def test_when_a_folder_has_spaces_accents_and_a_long_name_then_records_are_kept(result, tmp_path, monkeypatch):
    folder = tmp_path / "Übung mit Leerzeichen" / ("lang" * 20)
    monkeypatch.setenv("COURSE_RESULTS_DIR", str(folder))
    result()
    assert (folder / "records.jsonl").is_file()


def test_when_there_is_no_home_then_the_doctor_still_answers():
    code = (
        "import os\nfor name in ('HOME', 'USERPROFILE', 'XDG_CACHE_HOME'): os.environ.pop(name, None)\n"
        "from course_utils.workshop.doctor import diagnose\n"
        "print(sorted(f.check for f in diagnose(tensorflow=False) if f.check.endswith('folder')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "['cache folder', 'results folder']" in done.stdout


def test_when_the_cache_path_is_a_file_then_the_doctor_names_the_variable(tmp_path, monkeypatch):
    (tmp_path / "cache").write_text("mine")
    monkeypatch.setenv("COURSE_CACHE_DIR", str(tmp_path / "cache"))
    findings = diagnose(tensorflow=False)
    assert exit_status(findings) == 1
    assert any("COURSE_CACHE_DIR" in finding.found for finding in findings if finding.status == "fail")
    assert (tmp_path / "cache").read_text() == "mine"


def test_when_the_cache_is_read_only_then_it_is_a_warning_because_a_full_cache_still_serves(tmp_path):
    finding = computer.check_folder("cache folder", tmp_path, "COURSE_CACHE_DIR", writable=False)
    assert finding.status == "warn"


# --- 29: packages, GPU, memory ---------------------------------------------------------------------------------


def test_when_packages_are_missing_or_old_then_each_line_has_found_needed_and_a_command():
    installed = {"numpy": "1.20", "pillow": None, "keras": "3.15.1"}
    requirements = ["numpy>=1.26", "pillow>=13", "keras>=3.15.1; extra == 'cpu'"]
    findings = {
        finding.check: finding for finding in software.check_packages(requirements, installed.get, hosted=False)
    }
    old, missing = findings["package numpy"], findings["package pillow"]
    assert (old.found, old.needed) == ("1.20", "≥ 1.26")
    assert (missing.found, missing.needed) == ("missing", "≥ 13")
    assert all("-m pip install" in finding.fix for finding in (old, missing))
    assert findings["package keras"].status == "ok"


def test_when_tensorflow_is_missing_then_the_one_command_is_the_same_everywhere():
    (finding,) = explain(Probe(1, "", "ModuleNotFoundError: No module named 'tensorflow'"))
    with pytest.raises(errors.MissingPackageError) as caught:
        errors.require("tensorflow_that_is_not_there")
    assert "pip install" in str(caught.value)
    assert finding.fix == errors.install_command("tensorflow")


def test_when_tensorflow_crashes_the_process_then_the_others_findings_survive(monkeypatch):
    crash = [sys.executable, "-c", "import os; os.abort()"]
    findings = TensorFlowCheck(30, crash).findings()
    assert [finding.status for finding in findings] == ["fail"]
    assert findings[0].fix


def test_when_there_is_no_gpu_then_nothing_has_to_be_fixed():
    answer = 'PROBE{"tensorflow": "2", "keras": "3", "backend": "tensorflow", "seconds": 1.0, "work": 1.0, "gpus": []}'
    assert exit_status(explain(Probe(0, answer, ""))) == 0


def test_when_the_import_is_killed_for_memory_then_it_says_so():
    (finding,) = explain(Probe(-9, "", ""))
    assert "memory" in finding.found


# --- 30: TLS and clock -----------------------------------------------------------------------------------------


@pytest.fixture
def intercepted(tmp_path):
    """An https server with a certificate that nobody signed, as a filtering proxy shows one."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed; the same is tested with made-up errors")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate]
    subprocess.run(command, check=True, capture_output=True)

    class Answer(BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, *_):
            pass  # the client hangs up on us: that is the test

    server = Quiet(("127.0.0.1", 0), Answer)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{server.server_port}/", certificate
    server.shutdown()
    server.server_close()
    thread.join()


def test_when_tls_is_intercepted_then_it_is_named_and_no_safety_is_given_up(intercepted, monkeypatch):
    address, certificate = intercepted
    finding = check_network(get_settings({}), address=address)
    assert finding.status == "warn"
    assert "intercepted" in finding.found
    assert "REQUESTS_CA_BUNDLE" in finding.fix
    assert safe(finding.fix)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))  # what the fix says
    assert check_network(get_settings({}), address=address).status == "ok"


@pytest.mark.parametrize("words", ["certificate is not yet valid", "certificate has expired"])
def test_when_the_clock_is_wrong_then_the_refused_certificate_says_so(words):
    cause = ssl.SSLCertVerificationError(1, f"[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: {words}")
    finding = explain_failure(requests.exceptions.SSLError(cause), "https://example.org", 3.0)
    assert "clock" in finding.found
    assert safe(finding.fix)


def test_no_advice_of_the_doctor_gives_up_a_safety():
    old = {"numpy": "1.20", "pillow": "9", "keras": "3.1", "jupyterlab": "4.0"}
    requirements = [f"{name}>=99" for name in old]
    findings = [
        *software.check_packages(requirements, old.get, hosted=False),
        *software.check_packages(requirements, old.get, hosted=True),
        computer.check_clock(0, 1.7e9),
        computer.check_memory(1e8, 1e9),
        *(explain(Probe(1, "", text))[0] for text in ("DLL load failed", "GLIBC", "MemoryError", "other")),
        *(
            explain_failure(error("x"), "https://a", 3)
            for error in (requests.exceptions.SSLError, requests.exceptions.ProxyError, requests.exceptions.Timeout)
        ),
    ]
    assert all(safe(finding.fix) for finding in findings)
