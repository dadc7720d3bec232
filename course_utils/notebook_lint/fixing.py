"""What ``course lint --fix`` can put right without knowing what the author meant."""

import hashlib
import json

from .finding import source_text
from .form import METADATA, canonical, tidy


def fix_text(text, stem, platform_cell=None) -> str:
    """Return a notebook's text with everything mechanical put right.

    Outputs, execution counts and foreign metadata go; missing or repeated ids are given (the same for
    the same content); white space, format version and JSON form are made canonical; the platform cell
    gets its canonical text.

    Parameters
    ----------
    text : str
        The file's content.
    stem : str
        File name without ``.ipynb``.
    platform_cell : str, optional
        Text of the cell tagged ``platform``.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If the text is not the JSON of a notebook.
    """
    raw = json.loads(text)
    seen = set()
    cells = []
    for position, cell in enumerate(raw["cells"]):
        kind = cell["cell_type"]
        tags = list(dict.fromkeys((cell.get("metadata") or {}).get("tags") or []))
        source = source_text(cell)
        if kind == "code" and "platform" in tags and platform_cell is not None:
            source = platform_cell
        fixed = {"cell_type": kind, "metadata": {"tags": tags} if tags else {}, "source": tidy(source, kind)}
        fixed["id"] = _identity(cell.get("id"), seen, f"{stem} {position} {source}")
        if "attachments" in cell:
            fixed["attachments"] = cell["attachments"]  # a picture somebody pasted: not ours to throw away
        if kind == "code":
            fixed |= {"outputs": [], "execution_count": None}
        cells.append(fixed)
    return canonical({"cells": cells, "metadata": METADATA, "nbformat": 4, "nbformat_minor": 5})


def _identity(found, seen, content):
    from .form import _ID

    attempt = 0
    while not isinstance(found, str) or not _ID.fullmatch(found) or found in seen:
        found = hashlib.sha256(f"{content} {attempt}".encode()).hexdigest()[:8]
        attempt += 1
    seen.add(found)
    return found
