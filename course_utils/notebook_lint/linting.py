"""Applies the rules to notebooks, in an order that is always the same."""

from pathlib import Path

from ..errors import NotebookError
from . import anatomy, code, form, links, tasks
from .finding import Finding, parse
from .fixing import fix_text

RULES = (
    form.check_version,
    form.check_file_name,
    form.check_schema,
    form.check_metadata,
    form.check_outputs,
    form.check_ids,
    form.check_whitespace,
    form.check_json,
    anatomy.check_title,
    anatomy.check_opening,
    anatomy.check_platform,
    anatomy.check_setup,
    anatomy.check_heading_order,
    anatomy.check_placeholders,
    anatomy.check_ending,
    anatomy.check_sizes,
    anatomy.check_text,
    tasks.check_exercises,
    tasks.check_quiz,
    code.check_syntax,
    code.check_installs,
    code.check_imports,
    code.check_public_names,
    code.check_show,
    code.check_paths,
    code.check_secrets,
    code.check_recipes,
    code.check_budget_rows,
    code.check_habits,
    links.check_links,
    links.check_images,
    links.check_repository,
)
"""Every rule: a function of a notebook that yields findings; its docstring says what it asks for."""


def notebook_paths(paths=()) -> tuple[Path, ...]:
    """Return the notebooks meant by files and folders; none given: the course's own.

    Parameters
    ----------
    paths : iterable of path-like

    Returns
    -------
    tuple of Path
        Sorted, each once.

    Raises
    ------
    NotebookError
        If a path does not exist or holds no notebook.
    """
    from ..runner.plan import default_notebooks_folder, find_notebooks

    found = set()
    for path in map(Path, paths or (default_notebooks_folder(),)):
        if path.is_file():
            found.add(path)
        elif path.is_dir():
            found.update(find_notebooks(path))
        else:
            raise NotebookError("There is no such notebook or folder.", where=str(path), fix="Correct the path.")
    return tuple(sorted(found))


def lint_text(path, text, name=None) -> list[Finding]:
    """Return every breach of a rule in a notebook's text, in order of place.

    Parameters
    ----------
    path : path-like
        Where the notebook lies (its links are relative to that).
    text : str
    name : str, optional
        How findings call it; default the path.

    Returns
    -------
    list of Finding
    """
    try:
        notebook = parse(Path(path), text, name)
    except (ValueError, TypeError, AttributeError) as error:
        fix = "fetch the original again, or resolve the merge conflict in it"
        return [Finding(str(name or path), 0, 0, "schema", f"not a notebook: {error}", fix)]
    found = [finding for rule in RULES for finding in rule(notebook)]
    return sorted(set(found), key=lambda finding: (finding.cell, finding.line, finding.rule, finding.message))


def lint_paths(paths=(), fix=False) -> tuple[list[Finding], list[Path]]:
    """Check notebooks, and put right what is mechanical if asked to.

    Parameters
    ----------
    paths : iterable of path-like
        Files and folders; none: the course's own notebooks.
    fix : bool

    Returns
    -------
    findings : list of Finding
        What is wrong (still, after fixing), in order of path and place.
    changed : list of Path
        The files that were rewritten.

    Raises
    ------
    NotebookError
        If a path does not exist.
    DiskError
        If a file cannot be written.
    """
    findings, changed = [], []
    for path in notebook_paths(paths):
        text = path.read_bytes().decode("utf-8", "surrogateescape")  # other bytes make it no notebook, see parse
        if fix:
            text = _fixed(path, text, changed)
        findings += lint_text(path, text, _shown(path))
    return findings, changed


def _shown(path):
    """Return a path as findings name it: from the working folder where that is possible."""
    here = Path.cwd()
    return (path.relative_to(here) if path.is_relative_to(here) else path).as_posix()


def _fixed(path, text, changed):
    from ..files import atomic_write

    try:
        fixed = fix_text(text, path.stem, anatomy.platform_cell())
        content = fixed.encode("utf-8")
    except (ValueError, KeyError, TypeError, AttributeError):
        return text  # not a notebook: lint says so
    if fixed != text:
        with atomic_write(path) as temporary:
            temporary.write_bytes(content)
        changed.append(path)
    return fixed
