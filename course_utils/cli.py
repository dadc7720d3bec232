"""The command ``course``: reads the options, leaves the work to the package, shows errors without a traceback."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from . import _cli_measuring
from ._cli_options import Budget, Data, Notebooks, Only, Output, console
from .errors import CourseError

app = typer.Typer(
    name="course",
    help="Run, check and prepare the course on image classification with convolutional networks.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

# Options that take several values in a row, as in `--only 02 03`.
_SEVERAL = ("--only", "--seeds", "--recipes")


def main(argv=None) -> None:
    """Run the command line; ends with `SystemExit`.

    Parameters
    ----------
    argv : list of str, optional
        Default ``sys.argv[1:]``.
    """
    argv = spread(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # consoles that cannot show every sign should show the others
    try:
        app(args=[argument for argument in argv if argument != "--debug"], prog_name="course")
    except CourseError as error:
        if "--debug" in argv:
            raise
        _show_error(error)
        raise SystemExit(2) from None


def spread(argv) -> list[str]:
    """Repeat an option that takes several values before each of them.

    Examples
    --------
    >>> spread(["run", "--only", "02", "03", "--budget", "smoke"])
    ['run', '--only', '02', '--only', '03', '--budget', 'smoke']
    """
    result, current = [], None
    for argument in argv:
        if argument.startswith("-"):
            current = argument if argument in _SEVERAL else None
        elif current and result[-1] != current:
            result.append(current)
        result.append(argument)
    return result


def _show_error(error):
    from rich.panel import Panel
    from rich.text import Text

    title = type(error).__name__
    console(stderr=True).print(Panel(Text(str(error)), title=title, title_align="left", border_style="red"))


def _version(wanted):
    if wanted:
        from . import __version__

        typer.echo(f"course {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show it.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
):
    """Run, check and prepare the course on image classification with convolutional networks."""


@app.command()
def run(
    budget: Budget = None,
    only: Only = None,
    data: Data = None,
    seed: Annotated[int | None, typer.Option(help="Seed for cu.setup (default: COURSE_SEED, else 0)")] = None,
    output: Output = Path("build"),
    notebooks: Notebooks = None,
    timeout: Annotated[float | None, typer.Option(help="Seconds one cell may take")] = None,
    twice: Annotated[bool, typer.Option("--twice", help="Run all cells a second time in the same kernel")] = False,
    keep_records: Annotated[
        bool, typer.Option("--keep-records", help="Let cu.record write to your own records, not to OUTPUT/results")
    ] = False,
):
    """Execute the notebooks in order; show a table of what happened and write pages to build/."""
    from . import runner
    from .runner.progress import reporter
    from .runner.table import print_report

    found = runner.find_notebooks(notebooks or runner.default_notebooks_folder())
    options = runner.RunOptions(
        notebooks=runner.select_notebooks(found, only or ()),
        output=output,
        budget=budget,
        data=data,
        seed=seed,
        timeout=timeout,
        passes=2 if twice else 1,
        keep_records=keep_records,
    )
    screen = console()
    with reporter(screen) as progress:
        report = runner.run_course(options, progress)
    print_report(screen, report, output)
    raise typer.Exit(report.exit_code)


@app.command()
def lint(
    paths: Annotated[list[Path] | None, typer.Argument(help="Notebooks and folders (default: the course's)")] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Put right what is mechanical")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings fail as well")] = False,
    rules: Annotated[bool, typer.Option("--rules", help="List the rules and do nothing")] = False,
):
    """Check the notebooks against the course's rules."""
    from . import notebook_lint

    if rules:
        for rule in notebook_lint.RULES:
            typer.echo(rule.__doc__.strip())
        return
    findings, changed = notebook_lint.lint_paths(paths or (), fix=fix)
    for path in changed:
        typer.echo(f"{path}: rewritten")
    for finding in findings:
        typer.echo(str(finding))
    errors = sum(finding.severity == "error" for finding in findings)
    count = len(notebook_lint.notebook_paths(paths or ()))
    typer.echo(f"{count} notebooks: {errors} errors, {len(findings) - errors} warnings")
    raise typer.Exit(1 if errors or (strict and findings) else 0)


@app.command()
def student(
    output: Annotated[Path, typer.Argument(help="Folder for the copies; a new one is made")],
    solved: Annotated[bool, typer.Option("--solved", help="With the solutions filled into the gaps")] = False,
    only: Only = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace files that differ; the old ones are kept beside them")
    ] = False,
    notebooks: Notebooks = None,
):
    """Copy the notebooks without solutions, for learners (or with every gap filled, for yourself).

    A copy that somebody has worked in is left alone. Badges are left out: they open the notebooks
    with solutions.
    """
    from . import runner
    from ._display import table_text
    from .exercises import copies

    found = runner.find_notebooks(notebooks or runner.default_notebooks_folder())
    plan = copies.plan_copies(runner.select_notebooks(found, only or ()), output, solved=solved, force=force)
    done = copies.write_copies(plan)
    typer.echo(table_text(copies.copy_rows(done), header=("copy", "exercises", "")))
    typer.echo(f"{'With every gap filled' if solved else 'Without solutions'}, in {output}")
    for link in done.loose_links:
        typer.echo(f"A link leads to something that is not there: {link}")
    if any(copy.action == copies.DIFFERS for copy in done.copies):
        typer.echo("Some files were left alone: they may be somebody's work. --force replaces them and keeps the old.")
        raise typer.Exit(1)


@app.command()
def progress(
    export: Annotated[Path | None, typer.Option(help="Write your progress to this file, for your instructor")] = None,
    name: Annotated[str | None, typer.Option(help="Your name in that file (default: the file's name)")] = None,
    room: Annotated[
        Path | None, typer.Option("--class", help="Show the progress of everybody whose file is in this folder")
    ] = None,
    only: Only = None,
):
    """Show which exercises are passed: your own, or those of a class."""
    if room and (export or name) or name and not export:
        raise typer.BadParameter("--name goes with --export FILE, and neither goes with --class DIR")
    if room:
        _show_class(room, only)
    elif export:
        from .exercises.reports import write_report

        report = write_report(export, name)
        typer.echo(f"{export}: {report.passed} exercises passed by {report.name}")
    else:
        from .exercises import standing

        standing.progress(only)


def _show_class(folder, only):
    from .exercises.classroom import class_text, read_class

    found = read_class(folder)
    typer.echo(class_text(found, only))
    raise typer.Exit(0 if found.learners else 1)


@app.command()
def fetch(
    names: Annotated[list[str] | None, typer.Argument(help="Data sets")] = None,
    every: Annotated[bool, typer.Option("--all", help="All data sets")] = False,
    show: Annotated[bool, typer.Option("--list", help="List data sets and where they would come from")] = False,
):
    """Download data sets into the cache and verify them."""
    from . import data

    if show or not (names or every):
        _list_data(data)
        return
    wanted = list(data.available() if every else names)
    for name in wanted:
        data.catalog.card(name)  # an unknown name is told before the first download
    for name in wanted:
        typer.echo(f"{name}: {data.fetch(name).location}")


def _list_data(data):
    from ._display import table_text

    rows = []
    for name, card in data.CATALOG.items():
        source = data.dataset_source(name)
        rows.append(
            (name, f"{card.download_size / 1e6:.0f} MB", f"{source.kind}: {source.location}" if source else "-")
        )
    typer.echo(table_text(rows, header=("name", "download", "would be taken from")))


@app.command()
def doctor(
    network: Annotated[bool, typer.Option("--network", help="Also try the network: one question to one host")] = False,
    everything: Annotated[bool, typer.Option("--everything", help="List every package")] = False,
    tensorflow: Annotated[bool, typer.Option(help="Also import TensorFlow, in another process")] = True,
):
    """Check this machine and say what to do about each problem."""
    from .workshop.doctor import diagnose, exit_status
    from .workshop.findings import show_findings

    findings = diagnose(network_probe=network, tensorflow=tensorflow)
    show_findings(findings, everything)
    raise typer.Exit(exit_status(findings))


@app.command()
def badges(
    repo: Annotated[str | None, typer.Option(help="OWNER/NAME of the repository on GitHub")] = None,
    check: Annotated[bool, typer.Option("--check", help="Only say what names another repository")] = False,
):
    """Write the repository's address, and the badges made from it, everywhere it belongs."""
    from . import badges as addresses

    if check:
        strays = addresses.find_strays()
        for stray in strays:
            typer.echo(f"{stray.path}:{stray.line}: {stray.found} -> {stray.fix}")
        raise typer.Exit(1 if strays else 0)
    for path in addresses.rewrite(repo):
        typer.echo(f"{path}: rewritten")
    typer.echo(f"The repository is {addresses.current_repository()}.")


@app.command()
def glossary(
    notebooks: Notebooks = None,
    check: Annotated[bool, typer.Option("--check", help="Only say what is not up to date")] = False,
):
    """Make the glossary from the terms the notebooks define, and link each term at its first use elsewhere."""
    from .glossary import update_glossary
    from .runner import default_notebooks_folder

    changed = update_glossary(notebooks or default_notebooks_folder(), check=check)
    for path in changed:
        typer.echo(f"{path}: {'not up to date' if check else 'written'}")
    raise typer.Exit(1 if check and changed else 0)


_cli_measuring.add_to(app)
