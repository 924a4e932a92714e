"""The command `carrier-sim`: one file a command, put together here.

Each command imports what it needs when it runs, so that `carrier-sim --help` is quick.
"""

from typing import Annotated

import typer

from simulator import __version__
from simulator.cli.load import load
from simulator.cli.replay import replay
from simulator.cli.run import run
from simulator.cli.scenarios import scenarios
from simulator.cli.schema import schema
from simulator.cli.send import send
from simulator.cli.serve import serve
from simulator.cli.validate import validate

app = typer.Typer(
    name="carrier-sim",
    help="A carrier that lives on your laptop: a fake SMS gateway (HTTP) and a fake SMSC (SMPP) over one engine.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (serve, run, validate, schema, scenarios, send, load, replay):
    app.command()(command)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[bool, typer.Option("--version", callback=_print_version, is_eager=True)] = False,
) -> None:
    """What comes before the command."""


def main() -> None:
    """The entry point."""
    app()
