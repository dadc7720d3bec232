"""The glossary: made from the terms that the notebooks define, with a link at each term's first use elsewhere.

A notebook defines a term where it explains it, with HTML that every front end shows as emphasised text:
``<dfn title="what it is, in one sentence">feature map</dfn>``. Other spellings that shall be linked, too, stand in
``data-also="activation map"``; the plural with -s is found without being named. ``data-term="kernel (of a notebook)"``
gives the entry another name than the words in the text, and ``data-link="no"`` says that the word is too common, or
has too many meanings, to be linked wherever it stands.
"""

import json
import re
from dataclasses import dataclass
from html import unescape
from pathlib import Path

from .errors import NotebookError
from .files import atomic_write

FILE = "glossary.md"
_DFN = re.compile(r"<dfn\b([^>]*)>(.*?)</dfn>", re.DOTALL)
_ATTRIBUTE = re.compile(r"([\w-]+)\s*=\s*\"([^\"]*)\"")
# Where no link is put: code, comments, HTML, links, pictures, headings, tables' rules and formulas.
_CLOSED = re.compile(
    r"^(?: {0,3})(```|~~~).*?(?:^(?: {0,3})\1|\Z)"
    r"|<!--.*?-->|<(dfn|a|summary|code)\b.*?</\2>|<[^>]+>|(`+)(?!`).*?(?<!`)\3(?!`)"
    r"|!?\[[^\]]*\]\([^)]*\)|^#{1,6}[ \t].*?$|^\s*\[[^\]]+\]:.*?$|\$[^$\n]+\$|https?://\S+",
    re.MULTILINE | re.DOTALL,
)
_INTRODUCTION = """# Glossary

Every term, explained once in the course, with the place where it is introduced. Made from the notebooks by
`course glossary`; to change an entry, change it there.
"""


@dataclass(frozen=True)
class Term:
    """A term and what it means.

    Attributes
    ----------
    name, definition : str
    also : tuple of str
        Other spellings that stand for it.
    notebook : str
        Stem of the notebook that defines it.
    section : str
        Heading under which it stands.
    linked : bool
        Whether its first use in other notebooks gets a link.
    """

    name: str
    definition: str
    also: tuple[str, ...]
    notebook: str
    section: str
    linked: bool = True

    @property
    def slug(self) -> str:
        """Name of its anchor on the page.

        Examples
        --------
        >>> Term("k-nearest neighbours (k-NN)", "…", (), "05", "").slug
        'k-nearest-neighbours-k-nn'
        """
        return re.sub(r"[^a-z0-9]+", "-", self.name.casefold()).strip("-")

    @property
    def spellings(self) -> tuple[str, ...]:
        """All words that stand for it, longest first."""
        return tuple(sorted((self.name, *self.also), key=len, reverse=True))

    @property
    def link(self) -> str:
        """Where it is explained, as the notebooks link to it."""
        return f"{FILE}#{self.slug}"


def collect_terms(folder) -> list[Term]:
    """Return the terms that a folder's notebooks define, sorted by name.

    Parameters
    ----------
    folder : path-like

    Returns
    -------
    list of Term

    Raises
    ------
    NotebookError
        If a term is defined twice, or without saying what it is.
    """
    terms = {}
    for path in _notebooks(folder):
        for term in _terms_of(json.loads(path.read_text("utf-8")), path.stem):
            if not term.definition:
                raise NotebookError(
                    f"The term {term.name!r} has no definition.",
                    where=path.name,
                    fix=f'Write <dfn title="what it is">{term.name}</dfn>.',
                )
            if term.slug in terms:
                raise NotebookError(
                    f"The term {term.name!r} is defined twice.",
                    where=f"{terms[term.slug].notebook} and {path.stem}",
                    fix="Keep the first <dfn>; the later place gets a link to the glossary.",
                )
            terms[term.slug] = term
    return sorted(terms.values(), key=lambda term: term.name.casefold())


def glossary_page(terms) -> str:
    """Return the page as Markdown.

    Parameters
    ----------
    terms : iterable of Term
    """
    parts = [_INTRODUCTION]
    for term in terms:
        anchor = re.sub(r" ", "-", term.section)
        place = f"{term.notebook}.ipynb#{anchor}".replace("(", "%28").replace(")", "%29").replace("`", "")
        where = f"[{term.notebook[:2]}, {term.section}]({place})" if term.section else term.notebook[:2]
        also = f" (also: {', '.join(term.also)})" if term.also else ""
        parts.append(f'<a id="{term.slug}"></a>**{term.name}**{also}: {term.definition} *{where}*\n')
    return "\n".join(parts)


def link_first_uses(notebook, stem, terms) -> dict:
    """Return a copy of a notebook in which every term is linked at its first use, if it is defined elsewhere.

    What is linked already stays as it is; headings, code, links and formulas are left alone.

    Parameters
    ----------
    notebook : dict
        The notebook's JSON.
    stem : str
        Its file's name without ``.ipynb``.
    terms : iterable of Term
    """
    cells = [dict(cell) for cell in notebook["cells"]]
    prose = [place for place, cell in enumerate(cells) if cell["cell_type"] == "markdown" and place > 0]
    texts = {place: _text(cells[place]) for place in prose}
    for term in terms:
        if not term.linked or term.notebook == stem or any(f"]({term.link})" in text for text in texts.values()):
            continue
        longer = _longer(term, terms)
        for place in prose:
            linked = _link_once(texts[place], term, longer)
            if linked is not None:
                texts[place] = linked
                break
    for place in prose:
        if texts[place] != _text(cells[place]):
            cells[place]["source"] = texts[place].splitlines(keepends=True)
    return notebook | {"cells": cells}


def update_glossary(folder, *, check=False) -> list[Path]:
    """Write the glossary of a folder of notebooks, and the links to it.

    Parameters
    ----------
    folder : path-like
    check : bool
        Only say what would be written.

    Returns
    -------
    list of Path
        The files that have changed, or would change.

    Raises
    ------
    NotebookError
        As `collect_terms`.
    """
    folder = Path(folder)
    terms = collect_terms(folder)
    wanted = {folder / FILE: glossary_page(terms)}
    for path in _notebooks(folder):
        notebook = json.loads(path.read_text("utf-8"))
        linked = link_first_uses(notebook, path.stem, terms)
        if linked != notebook:
            wanted[path] = json.dumps(linked, indent=1, ensure_ascii=False) + "\n"
    changed = [path for path, text in wanted.items() if not path.exists() or path.read_text("utf-8") != text]
    for path in [] if check else changed:
        with atomic_write(path) as temporary:
            temporary.write_text(wanted[path], "utf-8")
    return changed


def _notebooks(folder):
    return sorted(Path(folder).glob("[0-9][0-9]_*.ipynb"))


def _terms_of(notebook, stem):
    section = ""
    for cell in notebook["cells"]:
        if cell["cell_type"] != "markdown":
            continue
        text = _text(cell)
        headings = [
            (match.start(), match[1].strip()) for match in re.finditer(r"^#{1,6}[ \t]+(.*)$", text, re.MULTILINE)
        ]
        for match in _DFN.finditer(text):
            before = [title for start, title in headings if start < match.start()]
            attributes = {name: unescape(value) for name, value in _ATTRIBUTE.findall(match[1])}
            also = tuple(part.strip() for part in attributes.get("data-also", "").split(",") if part.strip())
            name = attributes.get("data-term") or re.sub(r"[*_]", "", match[2]).strip()
            where = before[-1] if before else section
            linked = attributes.get("data-link") != "no"
            yield Term(name, attributes.get("title", "").strip(), also, stem, where, linked)
        section = headings[-1][1] if headings else section


def _longer(term, terms):
    """Return the spellings of other terms that contain one of this term's: a "feature map" is no use of "feature"."""
    own = [name.casefold() for name in term.spellings]
    others = [name for other in terms if other is not term for name in other.spellings]
    return [name for name in others if any(part in name.casefold() and part != name.casefold() for part in own)]


def _pattern(names):
    inner = "|".join(re.escape(name) + "(?:e?s)?" for name in names)
    return re.compile(rf"(?<![\w-])(?:{inner})(?![\w-])", re.IGNORECASE)


def _link_once(text, term, longer):
    """Return `text` with the first open use of a term as a link, or None if there is none."""
    closed = [match.span() for match in _CLOSED.finditer(text)]
    if longer:
        closed += [match.span() for match in _pattern(longer).finditer(text)]
    for match in _pattern(term.spellings).finditer(text):
        if not any(start < match.end() and match.start() < end for start, end in closed):
            return f"{text[: match.start()]}[{match[0]}]({term.link}){text[match.end() :]}"
    return None


def _text(cell):
    return cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
