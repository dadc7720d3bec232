"""``cu.progress()``: what is done and what is open, notebook by notebook."""

from html import escape
from pathlib import Path

from .. import _display
from . import registry
from .keeping import Standing, progress_path, read_progress

_HEADER = ("", "exercise", "failed tries", "last change")


def progress(notebook=None) -> None:
    """Show which exercises you have passed, which you have tried, and which are open.

    It is kept on your computer alone, in ``progress.jsonl`` in the results folder.

    Parameters
    ----------
    notebook : str, optional
        Only this notebook, for example ``"01"``.

    Raises
    ------
    UnknownNameError
        If there is no such notebook.
    """
    kept = read_progress()
    parts = {stem: progress_rows(kept.standings, stem) for stem in by_notebook(notebook)}
    where = f"Kept in {progress_path()}"
    if kept.damaged:
        where = f"! {_display.counted(kept.damaged, 'damaged line was', 'damaged lines were')} skipped. {where}"
    _display.show(_html(parts, where), _text(parts, where))


def by_notebook(only=None) -> dict[str, list]:
    """Return the exercises of every notebook, in order; a notebook without any has an empty list.

    Parameters
    ----------
    only : str or iterable of str, optional
        Numbers or names of notebooks, for example ``"01"``.

    Returns
    -------
    dict of str to list of Exercise

    Raises
    ------
    UnknownNameError
        If there is no such notebook.
    """
    from ..runner.plan import select_notebooks

    wanted = [only] if isinstance(only, (str, int)) else only or ()
    stems = [path.name for path in select_notebooks([Path(stem) for stem in registry.MODULES], wanted)]
    return {stem: [item for item in registry.exercises().values() if item.notebook == stem] for stem in stems}


def progress_rows(found, notebook=None) -> list[tuple]:
    """Return the lines of the table.

    Parameters
    ----------
    found : dict of str to Standing
    notebook : str, optional
        A notebook's number or name.

    Returns
    -------
    list of tuple
        State, title, failed tries, date.
    """
    rows = []
    for item in (item for items in by_notebook(notebook).values() for item in items):
        standing = found.get(item.name, Standing())
        state = "✓ passed" if standing.passed else "✗ tried" if standing.tries else "○ open"
        rows.append((state, item.heading, standing.tries or "", standing.when))
    return rows


def _passed(rows):
    done = sum(row[0].startswith("✓") for row in rows)
    return f"{done} of {_display.counted(len(rows), 'exercise')} passed" if rows else "no exercises"


def _caption(parts):
    return _passed([row for rows in parts.values() for row in rows])


def _text(parts, where):
    rows = [row for part in parts.values() for row in part]
    lines = _display.table_text(rows, _HEADER).splitlines()
    head, body = lines[:2], iter(lines[2:])
    for stem, part in parts.items():
        head += ["", f"{stem}: {_passed(part)}", *(next(body) for _ in part)]
    return "\n".join([_caption(parts), *head, "", where])


def _html(parts, where):
    cell = "text-align:left;padding:2px 12px 2px 0;vertical-align:top"
    wide = f"{cell};white-space:nowrap"
    names = "".join(f'<th scope="col" style="{wide}">{name}</th>' for name in _HEADER)
    html = [
        '<table style="border-collapse:collapse;margin:4px 0">',
        f'<caption style="text-align:left;font-weight:bold;caption-side:top">{_caption(parts)}</caption>',
        f"<thead><tr>{names}</tr></thead>",
    ]
    for stem, rows in parts.items():
        style = f"{cell};padding-top:8px;font-weight:normal"
        title = f'<th scope="rowgroup" colspan="4" style="{style}"><b>{escape(stem)}</b>: {_passed(rows)}</th>'
        lines = ["".join(f'<td style="{wide}">{escape(str(value))}</td>' for value in row) for row in rows]
        html.append(f"<tbody><tr>{title}</tr>{''.join(f'<tr>{line}</tr>' for line in lines)}</tbody>")
    return "".join([*html, f'</table><p style="opacity:.8;margin:2px 0">{escape(where)}</p>'])
