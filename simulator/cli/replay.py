"""`carrier-sim replay`: plays a journal's inputs again, and says where the two runs first differ."""

from typing import Annotated

import typer

from simulator.cli.options import fail

DIFFERENT = 1


def replay(
    journal: Annotated[
        str, typer.Argument(metavar="JOURNAL", help="A file that `serve --journal` or `run --journal` wrote.")
    ],
    scenario: Annotated[
        str | None,
        typer.Option("--scenario", "-s", metavar="FILE|NAME", help="Play this one in place of the one in the journal."),
    ] = None,
) -> None:
    """Play a journal's inputs again. Exit code 0: the same came of them; 1: something else; 2: the file is wrong."""
    import asyncio

    from simulator.cli.options import load_or_fail
    from simulator.journal import JournalError, read_journal
    from simulator.journal import replay as play
    from simulator.scenario import ScenarioErrors

    other = None if scenario is None else load_or_fail(scenario)
    try:
        read = read_journal(journal)
        if read.cut is not None:
            typer.echo(f"{journal}:{read.cut}: the last line is cut short: left out")
        if not read.ended:
            typer.echo(f"{journal}: the simulator was killed: its last instant may lack some events")
        difference = asyncio.run(play(read, other))
    except JournalError as error:
        fail(str(error))
    except ScenarioErrors as errors:
        fail(errors.render())
    except OSError as error:
        fail(f"{journal}: {error.strerror or error}")
    if difference is not None:
        typer.echo(f"{journal}: different, first at {difference}")
        raise typer.Exit(DIFFERENT)
    typer.echo(f"{journal}: the same, {len(read.events)} events")
