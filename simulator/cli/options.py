"""Options that several commands share. Each has its environment variable; a flag wins over it."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from simulator.scenario import Scenario

BAD_INPUT = 2
"""The exit code for a file or an argument that is wrong."""


class LogFormat(StrEnum):
    TEXT = "text"
    JSON = "json"


class LogLevel(StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


ScenarioOption = Annotated[
    str | None,
    typer.Option(
        "--scenario",
        "-s",
        metavar="FILE|NAME",
        envvar="CARRIER_SIM_SCENARIO",
        help="A scenario file, or the name of a shipped one (see `carrier-sim scenarios`). Default: magic suffixes.",
    ),
]
SeedOption = Annotated[
    int | None, typer.Option("--seed", envvar="CARRIER_SIM_SEED", help="What all chance comes from. Default: 0.")
]
ClockOption = Annotated[
    str | None,
    typer.Option(
        "--clock", envvar="CARRIER_SIM_CLOCK", help="real, instant, manual, or a rate such as 60x. Default: real."
    ),
]
HostOption = Annotated[str, typer.Option("--host", envvar="CARRIER_SIM_HOST", help="The address to listen on.")]
HttpPortOption = Annotated[
    int,
    typer.Option("--http-port", envvar="CARRIER_SIM_HTTP_PORT", min=0, max=65535, help="The gateway's; 0: a free one."),
]
SmppPortOption = Annotated[
    int,
    typer.Option("--smpp-port", envvar="CARRIER_SIM_SMPP_PORT", min=0, max=65535, help="The SMSC's; 0: a free one."),
]
LogFormatOption = Annotated[LogFormat, typer.Option("--log-format", envvar="CARRIER_SIM_LOG_FORMAT")]
LogLevelOption = Annotated[LogLevel, typer.Option("--log-level", envvar="CARRIER_SIM_LOG_LEVEL")]
Files = Annotated[
    list[str], typer.Argument(metavar="FILE...", help="Scenario files, folders of them, or names of shipped ones.")
]


def fail(message: str) -> NoReturn:
    """Say what is wrong with the input, and end."""
    typer.echo(message, err=True)
    raise typer.Exit(BAD_INPUT)


def collect(names: list[str]) -> list[str]:
    """The scenario files that are meant: a folder stands for the YAML files in it, in order of their names."""
    found: list[str] = []
    for name in names:
        folder = Path(name)
        if folder.is_dir():
            inside = sorted(str(file) for file in folder.iterdir() if file.suffix in (".yaml", ".yml"))
            if not inside:
                fail(f"{name}: there is no .yaml file in this folder")
            found += inside
        else:
            found.append(name)
    return found


def load_or_fail(name: str | None) -> "Scenario":
    """The scenario of a file or a name; None: the default one. What is wrong with it is printed, all of it."""
    from simulator.scenario import ScenarioErrors, default, load

    try:
        return default() if name is None else load(name)
    except ScenarioErrors as errors:
        fail(errors.render())
