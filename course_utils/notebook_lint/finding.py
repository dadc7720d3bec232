"""One breach of a rule, and the notebook as the rules see it."""

import ast
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

_MAGIC = re.compile(r"^(\s*)(%|!)")
_FENCE = re.compile(r"^(?: {0,3})(```|~~~).*?(?:^(?: {0,3})\1|\Z)", re.MULTILINE | re.DOTALL)
_INLINE_CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


@dataclass(frozen=True)
class Finding:
    """A breach of a rule.

    Attributes
    ----------
    path : str
        The notebook.
    cell : int
        Position among all cells, counted from 1; 0: the notebook as a whole.
    line : int
        Line within the cell, counted from 1; 0: the cell as a whole.
    rule : str
        Name of the rule.
    message, fix : str
        What is wrong, and what to do.
    severity : str
        ``"error"`` or ``"warning"``.
    """

    path: str
    cell: int
    line: int
    rule: str
    message: str
    fix: str
    severity: str = "error"

    def __str__(self):
        place = f"cell {self.cell}" if self.cell else "notebook"
        place += f", line {self.line}" if self.line else ""
        return f"{self.path}: {place}: {self.severity} [{self.rule}] {self.message} -> {self.fix}"


@dataclass(frozen=True)
class Cell:
    """A cell as the rules see it.

    Attributes
    ----------
    position : int
        Counted from 1.
    kind : str
        ``"markdown"``, ``"code"`` or ``"raw"``.
    source : str
    tags : tuple of str
    raw : dict
        The cell's JSON.
    """

    position: int
    kind: str
    source: str
    tags: tuple[str, ...]
    raw: dict

    @property
    def lines(self) -> list[str]:
        """The source, line by line."""
        return self.source.splitlines()

    @property
    def size(self) -> int:
        """Number of lines that are neither blank nor, in code, only a comment."""
        remark = "#" if self.kind == "code" else "\0"
        return sum(bool(line.strip()) and not line.lstrip().startswith(remark) for line in self.lines)

    @cached_property
    def prose(self) -> str:
        """Markdown with code, inline code and comments blanked out, line for line."""
        text = self.source
        for pattern in (_FENCE, _COMMENT, _INLINE_CODE):
            text = pattern.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
        return text

    @cached_property
    def tree(self) -> ast.Module:
        """The code's syntax tree; lines that are IPython's, not Python's, count as ``pass``.

        Raises
        ------
        SyntaxError
        """
        lines = [_MAGIC.sub(r"\1pass  # \2", line) for line in self.lines]
        return ast.parse("\n".join(lines))

    def nodes(self, *kinds):
        """Yield the nodes of the syntax tree of these kinds, in order of lines; none if it does not parse."""
        try:
            found = [node for node in ast.walk(self.tree) if isinstance(node, kinds)]
        except SyntaxError:
            return
        yield from sorted(found, key=lambda node: (getattr(node, "lineno", 0), getattr(node, "col_offset", 0)))


@dataclass(frozen=True)
class Notebook:
    """A notebook as the rules see it: its path, its JSON, its text and its cells."""

    path: Path
    name: str
    raw: dict
    text: str
    cells: tuple[Cell, ...]

    @property
    def code(self) -> tuple[Cell, ...]:
        """The code cells."""
        return tuple(cell for cell in self.cells if cell.kind == "code")

    @property
    def markdown(self) -> tuple[Cell, ...]:
        """The text cells."""
        return tuple(cell for cell in self.cells if cell.kind == "markdown")

    def tagged(self, tag) -> list[Cell]:
        """Return the cells that carry `tag`."""
        return [cell for cell in self.cells if tag in cell.tags]

    def finding(self, rule, message, fix, *, cell=None, line=0, severity="error") -> Finding:
        """Return a finding at `cell` (None: about the notebook) and `line`."""
        return Finding(self.name, cell.position if cell else 0, line, rule, message, fix, severity)


def parse(path, text, name=None) -> Notebook:
    """Read a notebook's JSON.

    Parameters
    ----------
    path : Path
    text : str
        The file's content.
    name : str, optional
        How findings call it; default the path.

    Raises
    ------
    ValueError
        If the text is not the JSON of a notebook.
    """
    import json

    raw = json.loads(text)
    cells = raw.get("cells") if isinstance(raw, dict) else None
    if not isinstance(cells, list):
        raise ValueError("there is no list of cells in it")
    if not all(isinstance(cell, dict) and "cell_type" in cell for cell in raw["cells"]):
        raise ValueError("a cell has no type")
    try:
        json.dumps(raw, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError("it is not UTF-8 text") from error
    cells = tuple(_cell(position, cell) for position, cell in enumerate(raw["cells"], 1))
    return Notebook(Path(path), str(name or path), raw, text, cells)


def _cell(position, raw):
    tags = (raw.get("metadata") or {}).get("tags") or ()
    source = source_text(raw)
    return Cell(position, str(raw["cell_type"]), source, tuple(map(str, tags)), raw)


def source_text(raw) -> str:
    """Return a cell's source as one string."""
    source = raw.get("source", "")
    return source if isinstance(source, str) else "".join(source)
