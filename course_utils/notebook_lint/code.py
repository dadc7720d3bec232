"""Rules about the code in notebooks."""

import ast
import re

_SHELL = re.compile(r"^\s*(!|%%?(?:bash|sh|script|cmd|system|sx|writefile)\b)")
_INSTALL = re.compile(r"^\s*[!%]{1,2}\s*(?:pip3?|conda|mamba|uv|apt|apt-get|npm)\b|\bpip3? install\b|-m['\", ]+pip\b")
_ROOTS = "home|Users|root|tmp|var|usr|etc|opt|mnt|media|content|kaggle|data|work|srv|Volumes"
_ABSOLUTE = re.compile(rf"^(?:/(?:{_ROOTS})(?:/|$)|[A-Za-z]:[\\/]|\\\\\w)")
_SOMEBODYS = re.compile(r"/(?:home|Users)/\w+|\b[A-Z]:\\Users\\|(?<![\w.])/root/")
_SECRETS = {
    "a cloud access key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "an access token": re.compile(
        r"\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|hf_\w{20,}|sk-[\w-]{20,}|xox[abps]-[\w-]{10,})"
    ),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "a signed address": re.compile(
        r"[?&](?:X-Amz-Signature|X-Goog-Signature|Signature|sig|token|access_token)=[\w%-]{8,}"
    ),
    "a password or key": re.compile(
        r"(?i)\b(?:password|passwd|secret|api_?key|auth_?token)\b\s*[=:]\s*['\"][^'\"\s]{6,}['\"]"
    ),
}


def _own(notebook):
    return [cell for cell in notebook.code if "platform" not in cell.tags]


def check_syntax(notebook):
    """syntax: every code cell is valid Python."""
    for cell in _own(notebook):
        try:
            compile(cell.tree, "<cell>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        except SyntaxError as error:
            yield notebook.finding("syntax", f"{error.msg}", "correct it", cell=cell, line=error.lineno or 0)


def check_installs(notebook):
    """no-install: nothing is installed, and no shell is used, outside the platform cell."""
    for cell in _own(notebook):
        for line, text in enumerate(cell.lines, 1):
            if _INSTALL.search(text) and not text.lstrip().startswith("#"):
                fix = "remove it; the environment and the platform cell install what is needed"
                yield notebook.finding("no-install", f"installs something: {text.strip()!r}", fix, cell=cell, line=line)
            elif _SHELL.search(text):
                message = f"a shell command: {text.strip()!r}"
                yield notebook.finding("no-install", message, "do it in Python", cell=cell, line=line)


def check_imports(notebook):
    """imports: `import course_utils as cu` and nothing below it; no `tf.keras`; no star imports."""
    for cell in _own(notebook):
        for node in cell.nodes(ast.Import, ast.ImportFrom, ast.Attribute):
            for rule, message, fix in _import_problems(node):
                yield notebook.finding(rule, message, fix, cell=cell, line=node.lineno)


def _import_problems(node):
    text = ast.unparse(node)
    use_keras = "Keras 3 stands on its own: `import keras`"
    if isinstance(node, ast.Attribute):
        if text in ("tf.keras", "tensorflow.keras"):
            yield "tf-keras", f"uses {text}", use_keras
        return
    from_import = isinstance(node, ast.ImportFrom)
    module = (node.module or "") if from_import else ""
    modules = [f"{module}.{alias.name}" if from_import else alias.name for alias in node.names]
    if any(f"{name}.".startswith(("tensorflow.keras.", "tensorflow.python.")) for name in modules):
        yield "tf-keras", f"{text}", use_keras
    if any(alias.name == "*" for alias in node.names):
        yield "star-import", f"{text}", "import names, or the module"
    if any(f"{name}.".startswith("course_utils.") for name in modules) and text != "import course_utils as cu":
        yield "submodule-import", f"{text}", "`import course_utils as cu`, then `cu.name`"


def check_public_names(notebook):
    """public-name: `cu.name` is one of the course's public names."""
    import course_utils
    from course_utils.errors import closest_first

    public = course_utils.__all__
    for cell in _own(notebook):
        for node in cell.nodes(ast.Attribute):
            if isinstance(node.value, ast.Name) and node.value.id == "cu" and node.attr not in public:
                fix = f"use a public name, for example cu.{closest_first(node.attr, public)[0]}"
                message = f"cu.{node.attr} is not a public name"
                yield notebook.finding("public-name", message, fix, cell=cell, line=node.lineno)


def check_show(notebook):
    """plt-show: no `plt.show()`: a notebook shows its figures by itself."""
    for cell in _own(notebook):
        for node in cell.nodes(ast.Attribute):
            if ast.unparse(node) in ("plt.show", "pyplot.show", "matplotlib.pyplot.show"):
                yield notebook.finding("plt-show", "calls plt.show", "remove it", cell=cell, line=node.lineno)


def check_paths(notebook):
    """absolute-path: no path of one machine."""
    fix = "use a path relative to the notebook, or what cu gives you"
    for cell in _own(notebook):
        for node in cell.nodes(ast.Constant):
            if isinstance(node.value, str) and _ABSOLUTE.search(node.value):
                message = f"an absolute path: {node.value!r}"
                yield notebook.finding("absolute-path", message, fix, cell=cell, line=node.lineno)
    for cell in notebook.markdown:
        for line, text in enumerate(cell.lines, 1):
            match = _SOMEBODYS.search(text)
            if match:
                message = f"a path of somebody's machine: {match[0]!r}"
                yield notebook.finding("absolute-path", message, fix, cell=cell, line=line)


def check_secrets(notebook):
    """secret: no keys, tokens, passwords or signed addresses."""
    for cell in notebook.cells:
        for line, text in enumerate(cell.lines, 1):
            for what, pattern in _SECRETS.items():
                if pattern.search(text):
                    fix = "remove it, and withdraw it where it came from"
                    yield notebook.finding("secret", f"looks like {what}", fix, cell=cell, line=line)


def check_recipes(notebook):
    """recipe-tag: a cell that calls cu.record("NAME", ...) is tagged recipe:NAME, so that the ledger finds it."""
    from fnmatch import fnmatchcase

    for cell in _own(notebook):
        recipes = [tag.removeprefix("recipe:") for tag in cell.tags if tag.startswith("recipe:")]
        for node in cell.nodes(ast.Call):
            name = node.args[0] if ast.unparse(node.func) == "cu.record" and node.args else None
            if not isinstance(name, ast.Constant) or not isinstance(name.value, str):
                continue
            fits = any(fnmatchcase(name.value, tag) or name.value.startswith(f"{tag}/") for tag in recipes)
            if not fits:
                fix = f"tag the cells of the recipe with 'recipe:{name.value}'"
                message = f"records {name.value!r} without its tag"
                yield notebook.finding("recipe-tag", message, fix, cell=cell, line=node.lineno)


def check_budget_rows(notebook):
    """budget-row: course.value(), .epochs() and .subset() name a row of the set-up cell's table, as a plain string."""
    from ..results.recipes import budget_rows, rows_read

    setup = next(iter(notebook.tagged("setup")), None)
    rows = budget_rows(setup.source) if setup else None
    if setup and rows is None:
        message, fix = "the table of budgets is put together", "write it out, with plain strings as names of rows"
        yield notebook.finding("budget-row", message, fix, cell=setup)
    for cell in _own(notebook):
        for node, row in rows_read(cell.nodes(ast.Call)):
            if row is None:
                message = f"{ast.unparse(node)} puts a row's name together"
                fix = "write the row's name, or a recipe does not notice when the row changes"
            elif rows is not None and row not in rows:
                message = f"{ast.unparse(node)} reads row {row!r}, which the table does not have"
                fix = f"add it in the set-up cell, or read one of: {', '.join(rows) or '(it is empty)'}"
            else:
                continue
            yield notebook.finding("budget-row", message, fix, cell=cell, line=node.lineno)


def check_habits(notebook):
    """habit: `model.add` outside the cell that makes the model, building and fitting in one cell, unread figures."""
    for cell in _own(notebook):
        calls = [node for node in cell.nodes(ast.Call) if isinstance(node.func, ast.Attribute)]
        names = [ast.unparse(node.func) for node in calls]
        built = [name for name in names if name in ("keras.Sequential", "keras.Model", "Sequential", "Model")]
        if built and any(name.endswith(".fit") for name in names) and not list(cell.nodes(ast.FunctionDef)):
            message, fix = "builds and fits a model in one cell", "fit it in the next cell"
            yield notebook.finding("habit", message, fix, cell=cell, severity="warning")
        if not built and any(re.fullmatch(r"\w*model\w*\.add", name) for name in names):
            message, fix = "adds layers: run twice, it adds them twice", "build the model in one cell"
            yield notebook.finding("habit", message, fix, cell=cell, severity="error")
    yield from _check_unread(notebook)
    yield from _check_rebinding(notebook)


def _check_unread(notebook):
    for cell in _own(notebook):
        if not _draws(cell):
            continue
        # Numbers may follow a figure; the next figure may not come before a word about this one.
        rest = notebook.cells[cell.position :]
        after = next((other for other in rest if other.kind == "markdown" or _draws(other)), None)
        if after is None or after.kind != "markdown":
            message, fix = "no text reads the figure", "say in a sentence what one sees"
            yield notebook.finding("habit", message, fix, cell=cell, severity="warning")


def _draws(cell):
    return cell.kind == "code" and any(
        isinstance(node, ast.Expr) and ast.unparse(node.value).startswith("cu.show_")
        for node in getattr(_tree(cell), "body", ())
    )


def _check_rebinding(notebook):
    cells = []
    for cell in _own(notebook):
        for node in getattr(_tree(cell), "body", ()):
            targets = node.targets if isinstance(node, ast.Assign) else ()
            cells += [cell for target in targets if isinstance(target, ast.Name) and target.id == "model"]
    if len(cells) >= 3:
        message, fix = f"`model` gets a {len(cells)}th meaning", "give each model a name of its own"
        yield notebook.finding("habit", message, fix, cell=cells[-1], severity="warning")


def _tree(cell):
    try:
        return cell.tree
    except SyntaxError:
        return None
