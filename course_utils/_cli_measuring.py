"""The commands of ``course`` that measure: ``ledger``, ``bench`` and ``checkpoint``."""

from pathlib import Path
from typing import Annotated

import typer

from ._cli_options import Data, Notebooks, Only, Output, console


def add_to(app):
    """Add the commands to a `typer.Typer`."""
    for command in (ledger, bench, checkpoint):
        app.command()(command)


def ledger(
    only: Only = None,
    budget: Annotated[str, typer.Option(help="laptop or full")] = "laptop",
    seeds: Annotated[list[int] | None, typer.Option(help="For example: --seeds 0 1 2 (the default)")] = None,
    data: Data = None,
    notebooks: Notebooks = None,
    output: Output = Path("build/ledger"),
    wanted: Annotated[
        list[str] | None, typer.Option("--recipes", help="Only these, with no cell but those they need")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Also run what is finished")] = False,
    show: Annotated[bool, typer.Option("--show", help="Only show the ledger")] = False,
    readme: Annotated[bool, typer.Option("--readme", help="Only bring the README's table up to date")] = False,
):
    """Measure the notebooks' recipes over several seeds and write the ranges into the ledger; resumable."""
    from ._display import table_text
    from .results.measure import measure, summary_rows
    from .runner.progress import reporter

    if show or readme:
        given = {"--only": only, "--seeds": seeds, "--data": data, "--notebooks": notebooks, "--recipes": wanted}
        _refuse("--show" if show else "--readme", given | {"--again": again})
        _show_ledger(show, readme)
        return
    with reporter(console()) as progress:
        options = {"output": output, "again": again, "wanted": wanted or (), "progress": progress}
        made = measure(only or (), budget, seeds or (0, 1, 2), data, notebooks, **options)
    typer.echo(table_text(summary_rows(made), header=("notebook", "seed", "status", "minutes", "recipes", "notes")))
    raise typer.Exit(int(any(item.status in ("failed", "stopped") for item in made)))


def _refuse(mode, given):
    """Refuse options that a mode of a command would leave unread."""
    unread = [option for option, value in given.items() if value]
    if unread:
        raise typer.BadParameter(f"{mode} makes no use of {' and '.join(unread)}: leave one or the other out.")


def _show_ledger(show, readme):
    from .results import ledger_rows
    from .results.readme import write_readme

    if show:
        typer.echo(str(ledger_rows()))
    if readme:
        typer.echo("README.md: rewritten" if write_readme() else "README.md: up to date")


def bench(
    names: Annotated[
        list[str] | None, typer.Argument(help="For example mnist_dense, footprint, footprint_smoke (default: all)")
    ] = None,
    seeds: Annotated[list[int] | None, typer.Option(help="For example: --seeds 0 1 2 (the default)")] = None,
    data: Data = None,
    threads: Annotated[int | None, typer.Option(min=1, help="Threads of TensorFlow (default: the cores)")] = None,
    timeout: Annotated[float | None, typer.Option(min=1, help="Seconds one measurement may take")] = None,
    output: Annotated[Path, typer.Option(help="Folder for the logs of failed measurements")] = Path("build/bench"),
    results: Annotated[Path | None, typer.Option(help="The file of results (default: the course's)")] = None,
    notebooks: Notebooks = None,
    again: Annotated[bool, typer.Option("--again", help="Also measure what is finished")] = False,
    table: Annotated[
        bool, typer.Option("--table", help="Only show the table of what is measured, as Markdown")
    ] = False,
    page: Annotated[bool, typer.Option("--page", help="Only bring benchmarks/README.md up to date")] = False,
    show: Annotated[bool, typer.Option("--list", help="Only list the benchmarks and what must be reached")] = False,
    ledger: Annotated[
        bool, typer.Option("--ledger", help="Only take what the course's side has recorded into the ledger")
    ] = False,
):
    """Measure well-known tutorials' recipes beside the course's, and the course's own footprint; resumable."""
    from .checkout import benchmarks

    command = benchmarks()
    targets = command.chosen(names or ())
    if show:
        typer.echo(command.listing(targets), nl=False)
    elif table:
        typer.echo(command.written(targets, results), nl=False)
    elif page:
        typer.echo(f"benchmarks/README.md: {'rewritten' if command.write_page(results=results) else 'up to date'}")
    elif ledger:
        typer.echo("\n".join(command.into_ledger(targets, results)) or "Nothing to take.")
    else:
        options = {"seeds": seeds or (0, 1, 2), "data": data, "threads": threads, "timeout": timeout, "again": again}
        failed = command.run(targets, console(), output=output, results=results, notebooks=notebooks, **options)
        raise typer.Exit(int(failed))


def checkpoint(
    only: Only = None,
    wanted: Annotated[
        list[str] | None, typer.Option("--recipes", help="Only these, with no cell but those they need")
    ] = None,
    budget: Annotated[str, typer.Option(help="laptop or full")] = "laptop",
    data: Data = None,
    seed: Annotated[int, typer.Option(help="Seed for cu.setup")] = 0,
    minutes: Annotated[float, typer.Option(help="Keep only networks that train at least so long")] = 1.0,
    notebooks: Notebooks = None,
    output: Output = Path("build/checkpoints"),
    folder: Annotated[Path | None, typer.Option(help="Where checkpoints go (default: into the package)")] = None,
    drafts: Annotated[
        Path | None, typer.Option(help="Train nothing: take the networks that `course bench` kept in this folder")
    ] = None,
):
    """Train the notebooks' networks and keep their weights, so that learners can start anywhere."""
    from ._display import table_text
    from .checkpoints.making import Making, make_checkpoints, take_drafts
    from .runner.progress import reporter

    options = Making(budget, data, seed, minutes, output, folder)
    if drafts is not None:
        _refuse("--drafts", {"--data": data})
        made = take_drafts(drafts, options, wanted or (), only=only or (), notebooks=notebooks)
        typer.echo(table_text([(one.recipe, one.status, one.note) for one in made], header=("recipe", "", "")))
        return
    with reporter(console()) as progress:
        made = make_checkpoints(only or (), wanted or (), options, notebooks=notebooks, progress=progress)
    typer.echo(table_text([(one.recipe, one.status, one.note) for one in made], header=("recipe", "", "")))
    raise typer.Exit(int(any(one.status == "failed" for one in made)))
