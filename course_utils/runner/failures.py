"""Turns what nbclient raises into words a learner can act on."""

import re
import signal

from .outcome import Failure

TIME_OUT = "time-out"
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_LINE = re.compile(r"(?:Cell )?In\s?\[(\d+)\], line (\d+)")
_ARROW = re.compile(r"^-+>\s*(\d+)", re.MULTILINE)
_CHAIN = re.compile(
    r"\n\s*(?:During handling of the above exception, another exception occurred|"
    r"The above exception was the direct cause of the following exception):\s*\n"
)
_WARNING = re.compile(r"^.*\b[A-Z]\w*Warning: .*$", re.MULTILINE)


def plain(text) -> str:
    """Return `text` without terminal colours."""
    return _ANSI.sub("", text)


def from_error_output(cell, position) -> Failure:
    """Describe the exception that ended a cell.

    Parameters
    ----------
    cell : NotebookNode
        With an output of type ``error``.
    position : int
        Of the cell in its notebook, counted from 1.

    Returns
    -------
    Failure
    """
    output = [output for output in cell.outputs if output.output_type == "error"][-1]
    traceback = plain("\n".join(output.traceback))
    line = _failing_line(traceback, cell.get("execution_count"))
    lines = cell.source.splitlines()
    return Failure(
        cell=position,
        line=line,
        source=lines[line - 1].strip() if line and line <= len(lines) else "",
        error=output.ename,
        message=plain(output.evalue),
        causes=_causes(traceback),
        traceback=traceback,
    )


def _failing_line(traceback, execution_count):
    """Return the line of the cell itself, not of a function from another cell that it called."""
    for count, line in _LINE.findall(traceback):
        if int(count) == execution_count:
            return int(line)
    arrow = _ARROW.search(traceback)  # IPython 7
    return int(arrow[1]) if arrow else None


def _causes(traceback):
    links = _CHAIN.split(traceback)[:-1]
    return tuple(next((line for line in reversed(link.splitlines()) if line.strip()), "").strip() for link in links)


def from_timeout(cell, position, seconds) -> Failure:
    """Describe a cell that did not end in time."""
    return Failure(
        cell=position,
        error=TIME_OUT,
        message=f"The cell was still running after {seconds:g} seconds.\n"
        "What to do: allow more with --timeout SECONDS, or choose a smaller --budget.",
        source=_first_line(cell),
    )


def from_dead_kernel(cell, position, code, memory_mb, log) -> Failure:
    """Describe a cell during which the kernel's process ended.

    Parameters
    ----------
    cell : NotebookNode
    position : int
    code : int or None
        The process's exit status; negative for a signal.
    memory_mb : float
        What the kernel used when it was last looked at.
    log : str
        What the process wrote on its way out.

    Returns
    -------
    Failure
    """
    import psutil

    machine = psutil.virtual_memory()
    memory = (
        f"It used {memory_mb:.0f} MB when last seen; the machine has {machine.total / 1e6:.0f} MB, "
        f"{machine.available / 1e6:.0f} MB of them free now."
    )
    if code == -getattr(signal, "SIGKILL", 9):
        what = "The operating system ended the kernel, most likely because memory ran out."
        fix = "What to do: close other programs, choose a smaller --budget, or use smaller batches."
    else:
        what = f"The kernel ended by itself ({_exit_words(code)}): the cell crashed or left Python."
        fix = "What to do: run the cell alone in JupyterLab; a crash in a library shows its reason in the terminal."
    parts = [what, memory, fix, *(["It last said:\n" + log] if log else [])]
    return Failure(cell=position, error="kernel died", message="\n".join(parts), source=_first_line(cell))


def _exit_words(code):
    if code is None:
        return "exit status unknown"
    if code >= 0:
        return f"exit status {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"


def _first_line(cell):
    return next((line.strip() for line in cell.source.splitlines() if line.strip()), "")


def noise_in(cell) -> list[str]:
    """Return what a cell wrote to stderr, and the warnings among its other text, one string each."""
    found = []
    for output in cell.get("outputs", ()):
        if output.output_type == "stream" and output.name == "stderr":
            found.append(plain(output.text).strip())
        elif output.output_type == "stream":
            found += [line.strip() for line in _WARNING.findall(plain(output.text))]
    return [text for text in found if text]
