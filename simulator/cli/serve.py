"""`carrier-sim serve`: opens both doors and keeps them open until it is told to end."""

import asyncio
import gc
import json
import signal
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from simulator.cli.options import (
    ClockOption,
    HostOption,
    HttpPortOption,
    LogFormat,
    LogFormatOption,
    LogLevel,
    LogLevelOption,
    ScenarioOption,
    SeedOption,
    SmppPortOption,
    fail,
    load_or_fail,
)

if TYPE_CHECKING:
    from simulator.app import Simulator
    from simulator.smsc import Connection


def serve(
    scenario: ScenarioOption = None,
    seed: SeedOption = None,
    clock: ClockOption = None,
    host: HostOption = "127.0.0.1",
    http_port: HttpPortOption = 8080,
    smpp_port: SmppPortOption = 2775,
    smpp_tls_port: Annotated[
        int | None,
        typer.Option(
            "--smpp-tls-port",
            envvar="CARRIER_SIM_SMPP_TLS_PORT",
            min=0,
            max=65535,
            help="A second port for SMPP, with TLS; 0: a free one.",
        ),
    ] = None,
    tls_cert: Annotated[
        str | None,
        typer.Option(
            "--tls-cert", envvar="CARRIER_SIM_TLS_CERT", help="Its certificate (PEM). Default: made on start."
        ),
    ] = None,
    tls_key: Annotated[
        str | None, typer.Option("--tls-key", envvar="CARRIER_SIM_TLS_KEY", help="The certificate's key (PEM).")
    ] = None,
    journal: Annotated[
        str | None,
        typer.Option("--journal", metavar="FILE", envvar="CARRIER_SIM_JOURNAL", help="Write all that happens there."),
    ] = None,
    log_pdus: Annotated[
        bool, typer.Option("--log-pdus", envvar="CARRIER_SIM_LOG_PDUS", help="Print every PDU, decoded.")
    ] = False,
    keep: Annotated[
        int, typer.Option("--keep", envvar="CARRIER_SIM_KEEP", min=1, help="How many messages are remembered.")
    ] = 1_000_000,
    keep_for: Annotated[
        str | None,
        typer.Option(
            "--keep-for", envvar="CARRIER_SIM_KEEP_FOR", help="How long after their final status, such as 1h."
        ),
    ] = None,
    log_format: LogFormatOption = LogFormat.TEXT,
    log_level: LogLevelOption = LogLevel.INFO,
) -> None:
    """Start the gateway and the SMSC, and serve until SIGTERM or ctrl-C."""
    from simulator.app import Simulator
    from simulator.cli.logs import set_up
    from simulator.engine import TlsSettings, parse_duration
    from simulator.journal import JournalWriter
    from simulator.smsc import NoCertificate

    set_up(log_format, log_level)
    loaded = load_or_fail(scenario)

    async def session() -> None:
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopped.set)
        try:
            simulator = Simulator(
                loaded,
                seed=seed,
                clock=clock,
                host=host,
                http_port=http_port,
                smpp_port=smpp_port,
                smpp_tls=None if smpp_tls_port is None else TlsSettings(smpp_tls_port, tls_cert, tls_key),
                keep=keep,
                keep_for=None if keep_for is None else parse_duration(keep_for),
                record=False,
            )
        except ValueError as error:
            fail(str(error))
        if log_pdus:
            for smsc in simulator.smscs:
                smsc.frame_listeners.append(_print_pdu)
        try:
            if journal is not None:
                JournalWriter(journal, simulator)
        except OSError as error:
            fail(f"can't write the journal: {error}")
        try:
            await simulator.start()
        except (OSError, NoCertificate) as error:
            fail(f"can't listen: {error}")
        typer.echo(_announcement(simulator, log_format))
        # a million remembered messages are no garbage: don't look through them again and again
        gc.collect()
        gc.freeze()
        gc.set_threshold(100_000, 50, 100)
        await stopped.wait()
        await simulator.stop()

    asyncio.run(session())


def _print_pdu(connection: "Connection", way: Literal["in", "out"], frame: bytes) -> None:
    from simulator.smpp import pdu_log_line

    typer.echo(pdu_log_line(way, connection.peer, frame))


def _announcement(simulator: "Simulator", form: LogFormat) -> str:
    """What listens where, and with which credentials."""
    from simulator import __version__
    from simulator.gateway import BASE_PATH

    url = simulator.base_url + BASE_PATH
    accounts = list(simulator.accounts)
    if form is LogFormat.JSON:
        return json.dumps(
            {
                "event": "listening",
                "version": __version__,
                "scenario": simulator.scenario.name,
                "seed": simulator.seed,
                "clock": simulator.clock.name,
                "http": url,
                "smpp": {smsc.settings.name: smsc.port for smsc in simulator.smscs},
                "smpp_tls": {smsc.settings.name: smsc.tls_port for smsc in simulator.smscs if smsc.tls_port},
                "host": simulator.host,
            }
        )
    lines = [
        f"carrier-sim {__version__} - scenario {simulator.scenario.name}, seed {simulator.seed}, "
        f"clock {simulator.clock.name}",
        f"  HTTP  {url}",
    ]
    for smsc in simulator.smscs:
        named = f"  {smsc.settings.name}" if len(simulator.smscs) > 1 else ""
        tls = f", with TLS {simulator.host}:{smsc.tls_port}" if smsc.tls_port else ""
        lines.append(f"  SMPP  {simulator.host}:{smsc.port}{tls}{named}")
    if not accounts:
        lines.append("  any system_id and password; any app-key of sk_test_ and 32 letters or digits")
    for account in accounts:
        shown = [f"app-key {account.api_key}"] if account.api_key else []
        if account.system_id:
            password = "any password" if account.password is None else f"password {account.password}"
            shown.append(f"system_id {account.system_id}, {password}")
        lines.append(f"  account {account.name}: {'; '.join(shown) or 'no credentials'}")
    return "\n".join(lines)
