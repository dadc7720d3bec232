"""``cu.progress()``: what is done and what is open."""

from .. import _display
from .keeping import Standing, progress_path, standings
from .registry import exercises

_HEADER = ("", "exercise", "failed tries", "last change")


def progress(notebook=None) -> None:
    """Show which exercises you have passed, which you have tried, and which are open.

    It is kept on your computer alone, in ``progress.jsonl`` in the results folder.

    Parameters
    ----------
    notebook : str, optional
        Only this notebook, for example ``"01"``.
    """
    rows = progress_rows(standings(), notebook)
    passed = sum(row[0].startswith("✓") for row in rows)
    caption = f"{passed} of {len(rows)} exercises passed"
    where = f"Kept in {progress_path()}"
    html = _display.table_html(rows, _HEADER, caption) + f'<p style="opacity:.8;margin:2px 0">{where}</p>'
    _display.show(html, f"{_display.table_text(rows, _HEADER, caption)}\n{where}")


def progress_rows(found, notebook=None) -> list[tuple]:
    """Return the lines of the table.

    Parameters
    ----------
    found : dict of str to Standing
    notebook : str, optional
        The beginning of a notebook's name.

    Returns
    -------
    list of tuple
        State, title, failed tries, date.
    """
    rows = []
    for item in exercises().values():
        if notebook and not item.notebook.startswith(str(notebook)):
            continue
        standing = found.get(item.name, Standing())
        state = "✓ passed" if standing.passed else "✗ tried" if standing.tries else "○ open"
        rows.append((state, item.heading, standing.tries or "", standing.when))
    return rows
