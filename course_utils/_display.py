"""Showing things: HTML in a Jupyter kernel, plain text in a terminal."""

import sys
from html import escape


def in_kernel() -> bool:
    """Return True inside a Jupyter kernel (also one run by nbclient), False in a plain Python or terminal."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and hasattr(shell, "kernel")


def show(html: str, text: str) -> None:
    """Display `html` in a kernel (with `text` for front ends without HTML), or write `text` to stdout."""
    if in_kernel():
        from IPython.display import display

        display({"text/html": html, "text/plain": text}, raw=True)
    else:
        sys.stdout.write(text.rstrip("\n") + "\n")


def counted(n: int, noun: str, nouns: str | None = None) -> str:
    """Return a number and its noun, for example ``"1 file"`` and ``"2,000 files"``.

    Parameters
    ----------
    n : int
    noun : str
    nouns : str, optional
        For more than one; default: `noun` with an s.

    Examples
    --------
    >>> counted(1, "file that is no image", "files that are no images")
    '1 file that is no image'
    """
    return f"{n:,} {noun if n == 1 else nouns or f'{noun}s'}"


class _TextHandle:
    """Stands in for a display handle outside a kernel: writes each new text as a line."""

    def update(self, html, text):
        sys.stdout.write(text.rstrip("\n") + "\n")


class _KernelHandle:
    def __init__(self, handle):
        self._handle = handle

    def update(self, html, text):
        self._handle.update({"text/html": html, "text/plain": text}, raw=True)


def live(html: str, text: str):
    """Show something that will change; returns a handle with ``update(html, text)``."""
    if in_kernel():
        from IPython.display import display

        return _KernelHandle(display({"text/html": html, "text/plain": text}, raw=True, display_id=True))
    handle = _TextHandle()
    handle.update(html, text)
    return handle


def table_html(rows, header=None, caption=None) -> str:
    """Return an HTML table with every cell escaped, left-aligned and readable in light and dark themes.

    Parameters
    ----------
    rows : iterable of sequences
        Cells; anything with ``str()``.
    header, caption : sequence, str; optional
    """
    cell = "text-align:left;padding:2px 12px 2px 0;vertical-align:top"
    parts = ['<table style="border-collapse:collapse;margin:4px 0">']
    if caption:
        parts.append(
            f'<caption style="text-align:left;font-weight:bold;caption-side:top">{escape(str(caption))}</caption>'
        )
    if header:
        cells = "".join(f'<th scope="col" style="{cell}">{escape(str(name))}</th>' for name in header)
        parts.append(f"<thead><tr>{cells}</tr></thead>")
    parts.append("<tbody>")
    for row in rows:
        parts.append("<tr>" + "".join(f'<td style="{cell}">{escape(str(value))}</td>' for value in row) + "</tr>")
    return "".join([*parts, "</tbody></table>"])


def table_text(rows, header=None, caption=None) -> str:
    """Return the same table as aligned plain text."""
    lines = [[str(value) for value in row] for row in ([header] if header else []) + [list(row) for row in rows]]
    if not lines:
        return caption or ""
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    text = ["  ".join(value.ljust(width) for value, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    if header:
        text.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(([caption] if caption else []) + text)
