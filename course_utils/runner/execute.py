"""Executes one notebook in a kernel of its own, watching its memory."""

import ast
import asyncio
import sys
import time
from contextlib import suppress
from pathlib import Path

from ..errors import NotebookError, require
from . import failures
from .kernel import exit_status, own_kernel_manager, process_id
from .memory import memory_bytes
from .outcome import Failure, Noise

_USAGE = "__import__('course_utils.runner.memory', fromlist=['memory']).usage()"
_WATCH_SECONDS = 0.5


class Execution:
    """One notebook on its way through a kernel; read the attributes when `run` has returned.

    Parameters
    ----------
    path : Path
        The notebook.
    environ : dict of str to str
        The kernel's environment.
    timeout : float or None
        Seconds one cell may take.
    passes : int
        How often all cells are run.
    log : Path
        File for what the kernel's process writes outside of cells.
    progress : object
        Told about every cell (``cell(position, code_cells_done, source)``) and, twice a second, how
        it goes (``tick(seconds, memory_mb)``).

    Attributes
    ----------
    notebook : NotebookNode
        With the outputs of the last pass.
    status : str
        ``"passed"``, ``"failed"`` or ``"stopped"``.
    failure : Failure or None
    noise : list of Noise
    cells_done : int
    seconds, peak_memory_mb : float
    pass_peaks_mb : list of float
        ``peak_memory_mb`` at the end of each pass that went through.
    cpu_seconds : float or None
    libraries : tuple of str
        See `NotebookOutcome`.
    """

    def __init__(self, path, environ, *, timeout, passes, log, progress):
        self.path = Path(path)
        self.notebook = read_notebook(path)
        self.environ, self.timeout, self.passes, self.log = environ, timeout, passes, Path(log)
        self.progress = progress
        self.status, self.failure, self.noise = "stopped", None, []
        self.cells_done, self.seconds, self.peak_memory_mb = 0, 0.0, 0.0
        self.pass_peaks_mb, self.cpu_seconds, self.libraries = [], None, ()
        self._last_memory_mb = 0.0

    @property
    def code_cells(self) -> int:
        """Number of code cells with something in them."""
        return sum(cell.cell_type == "code" and bool(cell.source.strip()) for cell in self.notebook.cells)

    def run(self):
        """Execute the notebook. Ctrl-C ends the kernel and leaves the status ``"stopped"``."""
        # Jupyter's sockets need a selector loop, which is not the default on Windows.
        factory = asyncio.SelectorEventLoop if sys.platform == "win32" else None
        started = time.monotonic()
        try:
            with asyncio.Runner(loop_factory=factory) as runner:
                runner.run(self._run(started))
        except KeyboardInterrupt:
            self.status = "stopped"
        finally:
            self.seconds = time.monotonic() - started

    async def _run(self, started):
        client = self._client()
        with self.log.open("w", encoding="utf-8") as log:
            try:
                if not await self._start(client, log):
                    return
                watch = asyncio.create_task(self._watch(client.km, started))
                try:
                    await self._run_passes(client)
                finally:
                    watch.cancel()
            finally:
                await _end(client)

    def _client(self):
        client = require("nbclient").NotebookClient(
            self.notebook,
            km=own_kernel_manager(),
            timeout=self.timeout,
            startup_timeout=180,
            iopub_timeout=60,  # the default of 4 s loses outputs on a busy machine
            coalesce_streams=True,
            resources={"metadata": {"path": str(self.path.parent.absolute())}},
        )
        client.log.disabled = True  # what it has to say is said by `failures`
        return client

    async def _start(self, client, log):
        """Start the kernel; False, with a failure, if it does not come up."""
        try:
            await client.async_start_new_kernel(env=self.environ, stdout=log, stderr=log)
            await client.async_start_new_kernel_client()
        except (RuntimeError, OSError) as error:
            message = "\n".join(["The kernel did not start.", str(error), _tail(self.log)])
            self.status, self.failure = "failed", Failure(0, "kernel did not start", message.strip())
        return self.failure is None

    async def _watch(self, manager, started):
        while True:
            memory = memory_bytes(process_id(manager)) / 1e6
            self._last_memory_mb = memory or self._last_memory_mb
            self.peak_memory_mb = max(self.peak_memory_mb, memory)
            self.progress.tick(time.monotonic() - started, memory)
            await asyncio.sleep(_WATCH_SECONDS)

    async def _run_passes(self, client):
        for _ in range(self.passes):
            await self._run_pass(client)
            await self._ask_usage(client)
            if self.failure is not None:
                self.status = "failed"
                return
            self.pass_peaks_mb.append(self.peak_memory_mb)
        client.set_widgets_metadata()
        self.status = "passed"

    async def _run_pass(self, client):
        client.reset_execution_trackers()  # the first pass's displays are not the second's
        self.cells_done = 0
        for index, cell in enumerate(self.notebook.cells):
            if cell.cell_type == "code" and cell.source.strip():
                self.progress.cell(index + 1, self.cells_done, cell.source)
                self.failure = await self._run_cell(client, cell, index)
                self.noise += [Noise(index + 1, text) for text in failures.noise_in(cell)]
                if self.failure is not None:
                    return
                self.cells_done += 1

    async def _run_cell(self, client, cell, index):
        exceptions = require("nbclient.exceptions")
        try:
            await client.async_execute_cell(cell, index)
        except exceptions.CellTimeoutError:
            return failures.from_timeout(cell, index + 1, self.timeout)
        except exceptions.DeadKernelError:
            # nbclient turns a cancellation into a dead kernel as well.
            if asyncio.current_task().cancelling():
                raise asyncio.CancelledError from None
            code = await exit_status(client.km)
            return failures.from_dead_kernel(cell, index + 1, code, self._last_memory_mb, _tail(self.log))
        except exceptions.CellExecutionError as error:
            if not any(output.output_type == "error" for output in cell.outputs):
                return Failure(index + 1, error.ename, failures.plain(error.evalue), traceback=str(error))
            return failures.from_error_output(cell, index + 1)
        return None

    async def _ask_usage(self, client):
        """Ask the kernel, silently, what it needed: sampling may have missed its peak."""
        busy = self.failure is not None and self.failure.error == failures.TIME_OUT
        if busy or not await client.km.is_alive():
            return
        message = client.kc.execute("", silent=True, user_expressions={"usage": _USAGE})
        reply = {"parent_header": {}}
        with suppress(TimeoutError):
            async with asyncio.timeout(30):
                while reply["parent_header"].get("msg_id") != message:
                    reply = await client.kc.get_shell_msg()
                answer = reply["content"].get("user_expressions", {}).get("usage", {})
                if answer.get("status") == "ok":
                    usage = ast.literal_eval(answer["data"]["text/plain"])
                    self.peak_memory_mb = max(self.peak_memory_mb, usage["peak_memory_mb"])
                    self.cpu_seconds, self.libraries = usage["cpu_seconds"], tuple(usage["libraries"])


async def _end(client):
    manager, kernel_client = client.km, client.kc
    if kernel_client is not None:
        kernel_client.stop_channels()
    with suppress(RuntimeError):  # it never started, or is gone already
        await manager.shutdown_kernel(now=True)
    await manager.cleanup_resources()


def _tail(path, lines=8):
    text = failures.plain(path.read_text("utf-8", "replace")).strip()
    # ipykernel says this at every start; it is about machines shared with people one does not trust.
    kept = [line for line in text.splitlines() if "Kernel is running over TCP without encryption" not in line]
    return "\n".join(kept[-lines:])


def read_notebook(path):
    """Read a notebook, or say why it cannot be read.

    Raises
    ------
    NotebookError
        If the file is not a notebook.
    """
    nbformat = require("nbformat")
    try:
        return nbformat.read(path, as_version=4)
    except (OSError, ValueError, AttributeError, KeyError, nbformat.ValidationError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise NotebookError(
            "This file cannot be read as a notebook.",
            where=str(path),
            found=reason,
            fix="Fetch the original again (git checkout, or download); `course lint` shows what is wrong with it.",
        ) from error
