"""`carrier-sim run`: plays scenarios with their own traffic, and says whether what they expect held."""

from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.options import HostOption, HttpPortOption, SeedOption, SmppPortOption, fail


def run(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Scenario files, folders of them, or names of shipped ones.")
    ],
    seed: SeedOption = None,
    clock: Annotated[
        str | None,
        typer.Option(
            "--clock",
            envvar="CARRIER_SIM_CLOCK",
            help="instant, real, manual, or a rate such as 60x. Default: the scenario's, and instant for a real one.",
        ),
    ] = None,
    jobs: Annotated[
        int, typer.Option("--jobs", "-j", envvar="CARRIER_SIM_JOBS", min=1, help="How many processes play them.")
    ] = 1,
    only: Annotated[
        str | None,
        typer.Option("-k", metavar="NAME", envvar="CARRIER_SIM_K", help="Only scenarios with this in their name."),
    ] = None,
    junit: Annotated[
        Path | None, typer.Option("--junit", envvar="CARRIER_SIM_JUNIT", help="Write a JUnit XML report here.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", envvar="CARRIER_SIM_HTML", help="Write an HTML page here.")
    ] = None,
    json: Annotated[
        Path | None, typer.Option("--json", envvar="CARRIER_SIM_JSON", help="Write all that happened here, as JSON.")
    ] = None,
    journal: Annotated[
        Path | None,
        typer.Option(
            "--journal", metavar="FOLDER", envvar="CARRIER_SIM_JOURNAL", help="Write each scenario's journal there."
        ),
    ] = None,
    listen: Annotated[
        bool,
        typer.Option(
            "--listen", envvar="CARRIER_SIM_LISTEN", help="Leave the traffic to the system under test; only check."
        ),
    ] = False,
    host: HostOption = "127.0.0.1",
    http_port: HttpPortOption = 0,
    smpp_port: SmppPortOption = 0,
    time_limit: Annotated[
        str | None,
        typer.Option(
            "--time-limit", envvar="CARRIER_SIM_TIME_LIMIT", help="Real time that a scenario may take, such as 30s."
        ),
    ] = None,
) -> None:
    """Run scenarios with their own traffic. Exit code 0: all expectations held; 1: one failed; 2: a file or an
    argument is wrong."""
    from simulator.engine import make_clock, parse_duration
    from simulator.runner.command import Options, run_all
    from simulator.runner.files import files_of, load_all
    from simulator.scenario import ScenarioErrors

    try:
        if clock is not None:
            make_clock(clock)
        if journal is not None:
            journal.mkdir(parents=True, exist_ok=True)
        limit_s = None if time_limit is None else parse_duration(time_limit) / 1000
        scenarios = load_all(files_of(files), only)
    except ScenarioErrors as errors:
        fail(errors.render())
    except ValueError as error:
        fail(str(error))
    except OSError as error:
        fail(f"{journal}: {error.strerror or error}")
    options = Options(
        seed=seed,
        clock=clock,
        jobs=jobs,
        junit=junit,
        html=html,
        json=json,
        listen=listen,
        host=host,
        http_port=http_port,
        smpp_port=smpp_port,
        time_limit_s=limit_s,
        journal=journal,
    )
    raise typer.Exit(run_all(scenarios, options))
