"""Rules about links, pictures and badges."""

import re
from urllib.parse import unquote, urlsplit

from .anatomy import headings, platform_cell

_IMAGE = re.compile(r"!\[([^\]]*)\]\(\s*<?([^)\s>]+)>?[^)]*\)")
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)")
_REFERENCE = re.compile(r"^\s{0,3}\[[^\]]+\]:\s*<?(\S+?)>?(?:\s|$)", re.MULTILINE)
_AUTO = re.compile(r"(?<![\w\"'(=<\[])<?(https?://[^\s<>)\"']+)")
_HTML_LINK = re.compile(r"<a\b[^>]*?\bhref\s*=\s*[\"']([^\"']*)[\"']", re.IGNORECASE)
_HTML_IMAGE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"\b(src|alt)\s*=\s*[\"']([^\"']*)[\"']", re.IGNORECASE)
_REPOSITORY = re.compile(
    r"(?:github\.com/|githubusercontent\.com/|colab\.research\.google\.com/github/|mybinder\.org/v2/gh/)"
    r"([\w.-]+/[\w.-]+)"
)
_BADGE_HOSTS = ("colab.research.google.com", "mybinder.org", "kaggle.com", "www.kaggle.com")
_LOCAL = ("localhost", "127.0.0.1", "::1")


def links(cell):
    """Yield the target and line of every link and picture in a text cell."""
    # The pictures of badges stand inside links; taken out, a plain link is left.
    text = cell.prose
    for match in _IMAGE.finditer(text):
        yield match[2], _line(text, match.start())
    text = _IMAGE.sub(lambda match: " " * len(match[0]), text)
    for pattern in (_LINK, _REFERENCE, _HTML_LINK, _AUTO):
        for match in pattern.finditer(text):
            yield match[1], _line(text, match.start(1))
    for match in _HTML_IMAGE.finditer(text):
        source = dict(_ATTRIBUTE.findall(match[0])).get("src")
        if source:
            yield source, _line(text, match.start())


def _line(text, position):
    return text.count("\n", 0, position) + 1


def anchors(notebook):
    """Return the names that links within a notebook can point to, as Jupyter makes them from headings."""
    return {text.replace(" ", "-") for cell in notebook.markdown for _, text, _ in headings(cell)} | {
        name for cell in notebook.markdown for name in re.findall(r"""\bid=["']([^"']+)["']""", cell.source)
    }


def check_links(notebook):
    """link: relative links lead to files that exist, links out are absolute and https."""
    for cell in notebook.markdown:
        for target, line in links(cell):
            problem = _problem(notebook, target)
            if problem:
                message, fix = problem
                yield notebook.finding("link", f"{message}: {target}", fix, cell=cell, line=line)


def _problem(notebook, target):
    parts = urlsplit(target)
    if parts.scheme in ("http", "https"):
        if parts.scheme == "http" and parts.hostname not in _LOCAL:
            return "not https", "use https"
        if not parts.netloc or "." not in parts.netloc and parts.hostname not in _LOCAL:
            return "no host", "write the whole address"
        return None
    if parts.scheme in ("mailto", "attachment", "data"):
        return None if parts.scheme == "mailto" else ("a picture inside the notebook", "put it into a file")
    if parts.scheme or target.startswith(("/", "\\")):
        return "neither relative nor https", "use a path relative to the notebook"
    return _relative_problem(notebook, unquote(parts.path), unquote(parts.fragment))


def _relative_problem(notebook, path, fragment):
    from .finding import parse

    file = notebook.path.parent / path
    if path and not file.exists():
        return "there is no such file", "correct the path"
    if not fragment or (path and file.suffix != ".ipynb"):
        return None
    try:
        target = parse(file, file.read_text("utf-8")) if path else notebook
    except (OSError, ValueError):
        return "not a readable notebook", "correct the path"
    if fragment not in anchors(target):
        return "there is no such heading", "write the heading with hyphens for spaces"
    return None


def check_images(notebook):
    """image-alt: every picture has alternative text."""
    for cell in notebook.markdown:
        text = cell.prose
        found = [(match[1], match.start()) for match in _IMAGE.finditer(cell.prose)]
        found += [
            (dict(_ATTRIBUTE.findall(match[0])).get("alt", ""), match.start()) for match in _HTML_IMAGE.finditer(text)
        ]
        for alt, position in found:
            # Inline code was blanked out of the prose: look at the source for what it says.
            if not alt.strip() and not _original_alt(cell, position):
                fix = "say what one sees"
                yield notebook.finding(
                    "image-alt", "a picture without text", fix, cell=cell, line=_line(text, position)
                )


def _original_alt(cell, position):
    match = _IMAGE.match(cell.source, position)
    return bool(match and match[1].strip())


def check_repository(notebook):
    """repository: badges open this very notebook, in the repository that the platform cell names."""
    wanted = _REPOSITORY.search(platform_cell())
    for cell in notebook.markdown:
        for target, line in links(cell):
            parts = urlsplit(target)
            if parts.hostname not in _BADGE_HOSTS or parts.path.endswith((".svg", ".png")):
                continue
            text = unquote(unquote(target))
            found = _REPOSITORY.search(text)
            if found and wanted and found[1] != wanted[1]:
                message = f"the badge names {found[1]}, the platform cell {wanted[1]}"
                fix = "run `course badges --repo OWNER/NAME`"
                yield notebook.finding("repository", message, fix, cell=cell, line=line)
            if found and ".ipynb" in text and notebook.path.name not in text:
                message, fix = "the badge opens another notebook", f"link to notebooks/{notebook.path.name}"
                yield notebook.finding("repository", message, fix, cell=cell, line=line)
