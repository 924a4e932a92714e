"""`carrier-sim validate`: says all that is wrong with scenario files, in one go."""

import typer

from simulator.cli.options import BAD_INPUT, Files, collect


def validate(files: Files) -> None:
    """Check scenario files: each error with its place, the line, and what would be right."""
    from simulator.scenario import ScenarioErrors, load

    wrong = 0
    found = collect(files)
    for path in found:
        try:
            load(path)
        except ScenarioErrors as errors:
            wrong += 1
            typer.echo(errors.render(), err=True)
        else:
            typer.echo(f"{path}: ok")
    if wrong:
        typer.echo(f"{wrong} of {len(found)} with errors", err=True)
        raise typer.Exit(BAD_INPUT)
