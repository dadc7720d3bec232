"""Where the course's repository is: one place holds its address, and everything that names it follows.

That place is ``[tool.course] repository`` in ``pyproject.toml``. Badges of the README and of the
notebooks, the platform cell, ``CITATION.cff`` and links are rewritten from it (``course badges``).
"""

import json
import re
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from .errors import CourseError, InputError
from .files import atomic_write

# An account that cannot exist on GitHub (an underscore), so that nobody can put code of theirs there.
PLACEHOLDER = "YOUR_ACCOUNT/cnn-course"
BRANCH = "main"
FIRST_NOTEBOOK = "00_start_here"
MARKER = "<!-- badges -->"

_OWNER = re.compile(r"[A-Za-z0-9](?:-?[A-Za-z0-9]){0,38}")
_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")
_REPOSITORY = r"([A-Za-z0-9_.-]+/[A-Za-z0-9_.-]*[A-Za-z0-9_-])"
# Addresses that open the course itself; whatever repository they name must be ours.
_OURS = re.compile(
    rf"((?:colab\.research\.google\.com/github/|mybinder\.org/v2/gh/|welcome\?src=https://github\.com/)){_REPOSITORY}"
)
# Addresses that may also name somebody else's repository, with every right.
_ANY = re.compile(
    r"((?:github\.com/|raw\.githubusercontent\.com/|api\.github\.com/repos/|nbviewer\.org/github/|img\.shields\.io/github/[\w/-]+?/))"
    + _REPOSITORY
)
_TOML = re.compile(r"^(repository\s*=\s*\")([^\"]*)(\")", re.MULTILINE)
_BADGE = "[!["

_SUFFIXES = {".cff", ".cfg", ".html", ".ipynb", ".json", ".md", ".py", ".rst", ".sh", ".toml", ".txt", ".yaml", ".yml"}
_NAMES = {"Makefile", "postBuild", "run"}
# This module and the tests hold wrong addresses on purpose.
_SKIPPED = ("course_utils/badges.py", "tests/", "build/")


@dataclass(frozen=True)
class Stray:
    """Something that does not follow the repository's address.

    Attributes
    ----------
    path : Path
        Relative to the checkout.
    line : int
        From 1.
    found : str
    fix : str
    """

    path: Path
    line: int
    found: str
    fix: str

    def __str__(self):
        return f"{self.path.as_posix()}:{self.line}: {self.found}: {self.fix}"


def check_repository(text) -> str:
    """Return ``OWNER/NAME`` if GitHub could have such a public repository.

    Parameters
    ----------
    text : str
        The placeholder ``YOUR_ACCOUNT/cnn-course`` is allowed as well.

    Raises
    ------
    InputError
        Saying which of GitHub's rules is broken.

    Examples
    --------
    >>> check_repository("some-teacher/cnn-course")
    'some-teacher/cnn-course'
    """
    if text == PLACEHOLDER:
        return text
    problem = _problem(text)
    if problem:
        raise InputError(
            f"This is no GitHub repository: {problem}.",
            expected="OWNER/NAME, for example some-teacher/cnn-course",
            found=repr(text),
            fix="course badges --repo OWNER/NAME",
        )
    return text


def current_repository(root=None) -> str:
    """Return the address that ``pyproject.toml`` holds.

    Parameters
    ----------
    root : path-like, optional
        The checkout; default: the one this package lies in.

    Raises
    ------
    CourseError
        If this is no checkout of the course, or the address is missing or impossible.
    """
    path = _root(root) / "pyproject.toml"
    try:
        return check_repository(tomllib.loads(path.read_text("utf-8"))["tool"]["course"]["repository"])
    except (OSError, KeyError, TypeError, tomllib.TOMLDecodeError) as error:
        raise CourseError(
            "The course's repository address cannot be found.",
            where=str(path),
            expected='[tool.course] with repository = "OWNER/NAME"',
            found=f"{type(error).__name__}: {error}",
            fix="Run the command in a clone of the course.",
        ) from error


def badge_line(notebook=FIRST_NOTEBOOK, repository=None) -> str:
    """Return the badges that open a notebook on Binder, Colab and Kaggle, as one line of Markdown.

    Parameters
    ----------
    notebook : str
        Name without ``.ipynb``.
    repository : str, optional
        ``OWNER/NAME``; default: the current one.
    """
    repository = repository or current_repository()
    file = f"notebooks/{notebook.removesuffix('.ipynb')}.ipynb"
    page = f"github.com/{repository}/blob/{BRANCH}/{file}"
    badges = (
        (
            "Open in Binder",
            "https://mybinder.org/badge_logo.svg",
            f"https://mybinder.org/v2/gh/{repository}/{BRANCH}?labpath={quote(file, safe='')}",
        ),
        (
            "Open in Colab",
            "https://colab.research.google.com/assets/colab-badge.svg",
            f"https://colab.research.google.com/{page.replace('github.com', 'github', 1)}",
        ),
        (
            "Open in Kaggle",
            "https://kaggle.com/static/images/open-in-kaggle.svg",
            f"https://kaggle.com/kernels/welcome?src=https://{page}",
        ),
    )
    return " ".join(f"[![{text}]({picture})]({target})" for text, picture, target in badges)


def rewrite(repository=None, root=None) -> list[Path]:
    """Make everything name this repository; running it again changes nothing.

    Parameters
    ----------
    repository : str, optional
        ``OWNER/NAME``; default: the current one (puts strays right).
    root : path-like, optional

    Returns
    -------
    list of Path
        The files that changed, relative to the checkout.

    Raises
    ------
    InputError
        If GitHub could have no such repository; nothing is written.
    """
    root = _root(root)
    old = current_repository(root)
    new = check_repository(repository) if repository is not None else old
    # All texts are made before the first is written: an error leaves the checkout as it was.
    texts = {path: (text, _rewritten(path, text, old, new)) for path, text in _files(root)}
    changed = [path for path, (before, after) in texts.items() if before != after]
    for path in changed:
        mode = (root / path).stat().st_mode
        with atomic_write(root / path) as temporary:
            temporary.write_bytes(texts[path][1].encode())
        (root / path).chmod(mode)
    return changed


def find_strays(root=None) -> list[Stray]:
    """Return every line that names another repository than ``pyproject.toml`` does, and every missing badge.

    Parameters
    ----------
    root : path-like, optional

    Returns
    -------
    list of Stray
        Empty where all is well.
    """
    root = _root(root)
    repository = current_repository(root)
    strays = []
    for path, text in _files(root):
        for number, line in enumerate(text.splitlines(), start=1):
            strays += [
                Stray(path, number, f"names {found}, not {repository}", "run `course badges`")
                for found in _foreign(line, repository)
            ]
        if not any(stray.path == path for stray in strays):
            strays += _badge_strays(path, text, repository)
    return strays


def _problem(text):
    if not isinstance(text, str) or text.count("/") != 1 or "://" in text:
        return "write OWNER/NAME, with one slash and no address around it"
    owner, name = text.split("/")
    if not owner or not name:
        return "both OWNER and NAME are needed"
    if not _OWNER.fullmatch(owner):
        rule = "1 to 39 letters, digits and single hyphens, none at either end"
        return f"an owner has {rule}, which {owner!r} has not"
    if not _NAME.fullmatch(name) or name in (".", ".."):
        return f"a name has 1 to 100 letters, digits, dots, hyphens and underscores, which {name!r} has not"
    if name.lower().endswith((".git", ".wiki", ".atom")):
        return f"a name must not end in {name[name.rindex('.') :]}"
    return None


def _root(root):
    return Path(root) if root else Path(__file__).resolve().parents[1]


def _files(root):
    """Yield the checkout's own text files, as path relative to it and text."""
    for path in _paths(root):
        wanted = path.suffix in _SUFFIXES or path.name in _NAMES
        if wanted and not path.as_posix().startswith(_SKIPPED) and not (root / path).is_symlink():
            try:
                yield path, (root / path).read_bytes().decode("utf-8")
            except (OSError, UnicodeDecodeError):
                continue


def _paths(root):
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, check=True)
        names = [name for name in done.stdout.decode("utf-8", "replace").split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        files = (path for path in root.rglob("*") if path.is_file())
        names = [path.relative_to(root).as_posix() for path in files]
        names = [name for name in names if not re.search(r"(^|/)(\.venv|\.git|node_modules|__pycache__)/", name)]
    return sorted({Path(name) for name in names})


def _is_ours(found, old):
    """Say whether a repository named in a common address is meant to be the course's."""
    owner, name = found.removesuffix(".git").split("/")
    return f"{owner}/{name}" == old or owner == PLACEHOLDER.split("/")[0] or name == PLACEHOLDER.split("/")[1]


def _foreign(line, wanted):
    """Return the repositories a line names in place of the wanted one."""
    found = [match[2] for match in _OURS.finditer(line)]
    found += [match[2] for match in _ANY.finditer(_OURS.sub("", line)) if _is_ours(match[2], wanted)]
    found += [PLACEHOLDER] if PLACEHOLDER in _ANY.sub("", _OURS.sub("", line)) else []
    return [name for name in dict.fromkeys(found) if name.removesuffix(".git") != wanted]


def _rewritten(path, text, old, new):
    if path.as_posix() == "pyproject.toml":
        head, separator, tail = text.partition("[tool.course]")
        text = head + separator + _TOML.sub(rf"\g<1>{new}\g<3>", tail, count=1)
    text = _OURS.sub(lambda match: match[1] + new, text)
    text = _ANY.sub(lambda match: match[1] + (_renamed(match[2], new) if _is_ours(match[2], old) else match[2]), text)
    text = text.replace(PLACEHOLDER, new)
    return _with_badges(path, text, new)


def _renamed(found, new):
    return new + (".git" if found.endswith(".git") else "")


def _is_notebook(path):
    return path.suffix == ".ipynb" and path.parent.as_posix() == "notebooks"


def _with_badges(path, text, repository):
    """Return the text of the README or of a notebook with its line of badges put right."""
    if path.as_posix() == "README.md":
        return _marked(text, badge_line(FIRST_NOTEBOOK, repository))
    if not _is_notebook(path):
        return text
    try:
        raw = json.loads(text)
        cell = raw["cells"][0]
        source = "".join(cell["source"])
    except (ValueError, LookupError, TypeError):
        return text
    marked = _marked(source, badge_line(path.stem, repository))
    if marked == source:
        return text
    from .notebook_lint.form import canonical

    cell["source"] = marked
    return canonical(raw)


def _marked(text, badges):
    """Put the badges on the line below the marker."""
    lines = text.split("\n")
    if MARKER not in lines:
        return text
    below = lines.index(MARKER) + 1
    stale = below < len(lines) and lines[below].startswith(_BADGE)
    lines[below : below + stale] = [badges]
    return "\n".join(lines)


def _badge_strays(path, text, repository):
    if path.as_posix() != "README.md" and not _is_notebook(path):
        return []
    badges = badge_line(FIRST_NOTEBOOK if path.suffix == ".md" else path.stem, repository)
    if (badges if path.suffix == ".md" else json.dumps(badges, ensure_ascii=False)[1:-1]) in text:
        return []
    fix = "run `course badges`" if MARKER in text else f"put a line {MARKER} below the title, then run `course badges`"
    return [Stray(path, 1, "no badges that open it", fix)]
