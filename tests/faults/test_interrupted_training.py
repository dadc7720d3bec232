"""Training that is stopped, restarted and killed in a real kernel."""

import time
from pathlib import Path

import pytest
import training_samples
from training_samples import tiny_fit, tiny_model

from course_utils.training import Resume

SET_UP = """
import signal
from training_samples import tiny_data, tiny_fit, tiny_model
import course_utils as cu

def train(epochs):
    resume = cu.Resume("run", folder=FOLDER)
    # verbose=1: what a learner forgets to switch off
    return tiny_fit(tiny_model(optimizer="adam"), [resume, cu.LiveTraining()], epochs=epochs,
                    initial_epoch=resume.epoch, verbose=1)
"""


class Notebook:
    """A kernel, and the outputs of the cell it is executing as a saved notebook would hold them."""

    def __init__(self, folder):
        from jupyter_client import KernelManager

        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel(cwd=str(folder))
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def start(self, code):
        self.request = self.client.execute(code)
        self.displays, self.others = {}, []

    def finish(self, until=None, timeout=60):
        """Collect outputs until the cell is done, or until `until()` is true; returns the cell's status."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if until is not None and until():
                return "running"
            try:
                message = self.client.get_iopub_msg(timeout=0.05)
            except Exception as error:
                if type(error).__name__ != "Empty":
                    raise
                continue
            if message["parent_header"].get("msg_id") == self.request and self._is_end(message):
                return self.client.get_shell_msg(timeout=10)["content"]["status"]
        raise TimeoutError(f"the cell did not end: {self.displays} {self.others}")

    def _is_end(self, message):
        content = message["content"]
        if message["msg_type"] in ("display_data", "update_display_data"):
            # A saved notebook holds one output per display id: the last.
            self.displays[content["transient"].get("display_id")] = content["data"]
        elif message["msg_type"] in ("stream", "error", "execute_result"):
            self.others.append(content)
        return message["msg_type"] == "status" and content["execution_state"] == "idle"

    def run(self, code):
        self.start(code)
        status = self.finish()
        return status, self.others


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    pytest.importorskip("ipykernel")
    monkeypatch.setenv("PYTHONPATH", str(Path(training_samples.__file__).parent))
    kernel = Notebook(tmp_path)
    yield kernel
    kernel.close()


def epochs_saved(folder):
    return Resume("run", folder=folder).epoch


def test_stop_button_restart_and_sudden_death(notebook, tmp_path, capsys):
    folder = tmp_path / "runs"
    assert notebook.run(f"FOLDER = {str(folder)!r}\n{SET_UP}")[0] == "ok"

    # The toolbar's ■ ends the fit cleanly: the cell succeeds, one panel and one picture stay.
    notebook.start("history = train(100_000)")
    notebook.finish(until=lambda: epochs_saved(folder) >= 3)
    notebook.manager.interrupt_kernel()
    assert notebook.finish() == "ok"
    saved = epochs_saved(folder)
    assert saved >= 3
    said, panel, picture = notebook.displays.values()
    assert "Saving 'run' after every epoch" in said["text/plain"]
    assert "Stopped by you in epoch" in panel["text/html"]
    assert picture["text/html"].startswith('<img alt="Learning curves')
    assert "image/png" in picture
    assert not any(content.get("name") == "stdout" for content in notebook.others)

    # Afterwards ■ is what it was before, and the history is there.
    status, outputs = notebook.run("len(history.epoch), signal.getsignal(signal.SIGINT) is signal.default_int_handler")
    assert status == "ok"
    assert outputs[-1]["data"]["text/plain"] in (f"({saved}, True)", f"({saved + 1}, True)")

    # Killed in the middle of the next part: what was saved is whole, and another kernel goes on from there.
    notebook.start("history = train(100_000)")
    notebook.finish(until=lambda: epochs_saved(folder) >= saved + 2)
    notebook.manager.shutdown_kernel(now=True)
    capsys.readouterr()
    resume = Resume("run", folder=folder)
    assert resume.epoch >= saved + 2
    assert "damaged" not in capsys.readouterr().out
    history = tiny_fit(tiny_model(optimizer="adam"), [resume], epochs=resume.epoch + 1, initial_epoch=resume.epoch)
    assert history.epoch == list(range(resume.epoch))
    assert len(history.history["loss"]) == resume.epoch
