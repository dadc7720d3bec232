"""A real JupyterLab, started for the tests, and a real Chromium that opens it."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from chromium import open_chromium
from requirements import need

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@pytest.fixture(scope="module")
def chromium():
    # Not for the whole session: other tests start event loops of their own.
    with open_chromium() as browser:
        yield browser


@pytest.fixture
def page(chromium):
    """An empty page; what the browser's console calls an error is collected in ``page.console_errors``."""
    page = chromium.new_page(viewport={"width": 1300, "height": 1600})
    page.console_errors = []
    page.on("console", lambda message: _is_error(message) and page.console_errors.append(message.text))
    page.on("pageerror", lambda error: page.console_errors.append(str(error)))
    yield page
    page.close()


def _is_error(message):
    """Return whether a message is an error; that a badge cannot be fetched from far away is none."""
    far = message.text.startswith("Failed to load resource") and "//127.0.0.1" not in message.location["url"]
    return message.type == "error" and not far


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """Starts JupyterLab on a copy of the notebooks; ``lab.address(name)`` is the page of one of them."""
    need("jupyterlab")
    lab = Lab(tmp_path_factory.mktemp("lab"))
    lab.start()
    yield lab
    lab.stop()


class Lab:
    def __init__(self, folder):
        self.folder = folder
        self.root = folder / "notebooks"
        shutil.copytree(NOTEBOOKS, self.root, ignore=shutil.ignore_patterns(".*"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    def start(self):
        # All cells in the page at once, or those out of sight cannot be looked at.
        self._set("notebook-extension", "tracker", {"windowingMode": "none"})
        # A question about news comes when it likes, and lies above the menus.
        self._set("apputils-extension", "notification", {"fetchNews": "false", "checkForUpdates": False})
        environment = {name: value for name, value in os.environ.items() if not name.startswith("COURSE_")}
        environment |= {
            "HOME": str(self.folder),
            "JUPYTER_CONFIG_DIR": str(self.folder / "config"),
            "JUPYTERLAB_SETTINGS_DIR": str(self.folder / "settings"),
            "COURSE_BUDGET": "smoke",
            "COURSE_DATA": "bundled",
            "COURSE_OFFLINE": "1",
            "COURSE_WIDGETS": "live",
            "COURSE_CACHE_DIR": str(self.folder / "cache"),
            "COURSE_RESULTS_DIR": str(self.folder / "results"),
        }
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--IdentityProvider.token=t"]
        command += [f"--port={self.port}", f"--ServerApp.root_dir={self.root}"]
        self.log = (self.folder / "server.log").open("w")
        self.server = subprocess.Popen(command, env=environment, stdout=self.log, stderr=subprocess.STDOUT)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.3)
        pytest.fail("JupyterLab did not start:\n" + (self.folder / "server.log").read_text()[-2000:])

    def _set(self, extension, plugin, values):
        folder = self.folder / "settings" / "@jupyterlab" / extension
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{plugin}.jupyterlab-settings").write_text(json.dumps(values))

    def stop(self):
        self.server.terminate()
        self.server.wait(20)
        self.log.close()

    def write(self, name, *sources):
        """Put a notebook made of code cells into the server's folder."""
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        notebook = nbformat.v4.new_notebook(cells=cells)
        notebook.metadata["kernelspec"] = {
            "display_name": "Python 3 (ipykernel)",
            "language": "python",
            "name": "python3",
        }
        nbformat.write(notebook, self.root / name)

    def open(self, page, name):
        """Open a notebook and wait until its kernel answers."""
        page.goto(f"http://127.0.0.1:{self.port}/lab/tree/{name}?token=t&reset")
        page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=180_000)
        # Until a kernel is chosen, Run All would ask for one.
        page.wait_for_selector(".jp-Toolbar-kernelName[aria-label='Python 3 (ipykernel)']", timeout=180_000)
        page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status='idle']", timeout=180_000)
        self.close_dialogs(page)

    def close_dialogs(self, page):
        """Answer what JupyterLab asks by itself, for example about a kernel."""
        for label in ("No", "Dismiss"):
            for button in page.get_by_role("button", name=label, exact=True).all():
                if button.is_visible():
                    button.click()

    def run_all(self, page):
        """Choose *Run All Cells* in the menu."""
        from playwright.sync_api import TimeoutError as NotYet

        for _ in range(3):
            page.get_by_role("menuitem", name="Run", exact=True).click()
            page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
            try:
                # A menu that opens while the page still settles takes the click without doing anything.
                page.wait_for_function(
                    "() => [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')]"
                    ".some(e => /\\[[\\d*]+\\]/.test(e.textContent))",
                    timeout=10_000,
                )
                return
            except NotYet:
                continue
        pytest.fail("Run All Cells did not start anything")

    def wait_until_done(self, page, timeout=300):
        """Wait until no cell is running or waiting."""
        page.wait_for_function(
            """() => {
                const prompts = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map(e => e.textContent);
                return prompts.some(text => /\\[\\d+\\]/.test(text)) && !prompts.some(text => text.includes('*'));
            }""",
            timeout=timeout * 1000,
        )
