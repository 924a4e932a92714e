"""`carrier-sim load`: a load test of any SMPP or HTTP endpoint."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.options import fail
from simulator.cli.send import DEFAULT_KEY, Via


class BindKind(StrEnum):
    TRANSCEIVER = "transceiver"
    PAIR = "transmitter+receiver"


class LongKind(StrEnum):
    UDH8 = "udh8"
    UDH16 = "udh16"
    SAR = "sar"
    PAYLOAD = "payload"


class IdForm(StrEnum):
    AUTO = "auto"
    SAME = "same"
    NUMBER = "number"
    HEX_OF_DECIMAL = "hex-of-decimal"
    DECIMAL_OF_HEX = "decimal-of-hex"
    HEX = "hex"


def _env(name: str) -> str:
    return f"CARRIER_SIM_{name}"


ENDPOINT, LOAD, CONTENT, RECEIPTS, OUTPUT = "Endpoint", "Load", "Messages", "Receipts and webhooks", "Output"


def load(
    via: Annotated[Via, typer.Option("--via", envvar=_env("VIA"), rich_help_panel=ENDPOINT)] = Via.SMPP,
    host: Annotated[str, typer.Option("--host", envvar=_env("HOST"), rich_help_panel=ENDPOINT)] = "127.0.0.1",
    port: Annotated[
        int | None,
        typer.Option(
            "--port", envvar=_env("PORT"), min=1, max=65535, rich_help_panel=ENDPOINT, help="Default: 2775, HTTP 8080."
        ),
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(
            "--url",
            envvar=_env("URL"),
            rich_help_panel=ENDPOINT,
            help="HTTP: what to POST to. Default: the gateway's /send at --host and --port.",
        ),
    ] = None,
    tls: Annotated[
        bool, typer.Option("--tls", envvar=_env("TLS"), rich_help_panel=ENDPOINT, help="SMPP over TLS.")
    ] = False,
    insecure: Annotated[
        bool,
        typer.Option("--insecure", envvar=_env("INSECURE"), rich_help_panel=ENDPOINT, help="Take any certificate."),
    ] = False,
    system_id: Annotated[
        str, typer.Option("--system-id", envvar=_env("SYSTEM_ID"), rich_help_panel=ENDPOINT)
    ] = "carrier-sim",
    password: Annotated[str, typer.Option("--password", envvar=_env("PASSWORD"), rich_help_panel=ENDPOINT)] = "secret",
    app_key: Annotated[
        str, typer.Option("--app-key", envvar=_env("APP_KEY"), rich_help_panel=ENDPOINT, help="HTTP: the key.")
    ] = DEFAULT_KEY,
    key_header: Annotated[
        str,
        typer.Option("--key-header", envvar=_env("KEY_HEADER"), rich_help_panel=ENDPOINT, help="HTTP: where it goes."),
    ] = "app-key",
    account: Annotated[
        list[str] | None,
        typer.Option(
            "--account",
            envvar=_env("ACCOUNT"),
            metavar="ID:PASSWORD|KEY",
            rich_help_panel=ENDPOINT,
            help="One of several accounts, among which the connections are shared out. Repeatable.",
        ),
    ] = None,
    accounts: Annotated[
        Path | None,
        typer.Option(
            "--accounts",
            envvar=_env("ACCOUNTS"),
            metavar="FILE",
            rich_help_panel=ENDPOINT,
            help="Accounts, one a line: ID:PASSWORD, or a key for HTTP.",
        ),
    ] = None,
    bind: Annotated[
        BindKind, typer.Option("--bind", envvar=_env("BIND"), rich_help_panel=ENDPOINT)
    ] = BindKind.TRANSCEIVER,
    system_type: Annotated[
        str, typer.Option("--system-type", envvar=_env("SYSTEM_TYPE"), rich_help_panel=ENDPOINT)
    ] = "",
    smpp_version: Annotated[
        str,
        typer.Option("--smpp-version", envvar=_env("SMPP_VERSION"), rich_help_panel=ENDPOINT, help="3.3, 3.4 or 5.0."),
    ] = "3.4",
    enquire_link: Annotated[
        str,
        typer.Option(
            "--enquire-link", envvar=_env("ENQUIRE_LINK"), rich_help_panel=ENDPOINT, help="How often; 0: never."
        ),
    ] = "30s",
    connections: Annotated[
        int, typer.Option("--connections", "-c", envvar=_env("CONNECTIONS"), min=1, max=20000, rich_help_panel=LOAD)
    ] = 1,
    window: Annotated[
        int | None,
        typer.Option(
            "--window",
            "-w",
            envvar=_env("WINDOW"),
            min=1,
            rich_help_panel=LOAD,
            help="Unanswered submits a connection may have. Default: 100; any number with a rate; 1 for HTTP.",
        ),
    ] = None,
    messages: Annotated[
        int | None,
        typer.Option("--messages", "-n", envvar=_env("MESSAGES"), min=1, rich_help_panel=LOAD, help="How many."),
    ] = None,
    duration: Annotated[
        str | None,
        typer.Option("--duration", "-d", envvar=_env("DURATION"), rich_help_panel=LOAD, help="How long. Default: 10s."),
    ] = None,
    rate: Annotated[
        str | None,
        typer.Option(
            "--rate",
            "-r",
            envvar=_env("RATE"),
            rich_help_panel=LOAD,
            help="Open loop: such as 2000/s, whatever happens.",
        ),
    ] = None,
    stages: Annotated[
        str | None,
        typer.Option(
            "--stages", envvar=_env("STAGES"), rich_help_panel=LOAD, help="Open loop: such as '1000/s:10s, 5000/s:30s'."
        ),
    ] = None,
    ramp: Annotated[
        str,
        typer.Option(
            "--ramp",
            envvar=_env("RAMP"),
            rich_help_panel=LOAD,
            help="How long a rate takes to be reached; without a rate: until all connections send.",
        ),
    ] = "0",
    to: Annotated[
        str,
        typer.Option("--to", envvar=_env("TO"), rich_help_panel=CONTENT, help="{n} is the message's number, from 1."),
    ] = "+1555{n:07}",
    text: Annotated[str, typer.Option("--text", envvar=_env("TEXT"), rich_help_panel=CONTENT)] = "hello {n}",
    source: Annotated[str, typer.Option("--from", envvar=_env("FROM"), rich_help_panel=CONTENT)] = "CarrierSim",
    length: Annotated[
        int | None,
        typer.Option(
            "--length",
            envvar=_env("LENGTH"),
            min=1,
            rich_help_panel=CONTENT,
            help="Fill the text up to so many characters.",
        ),
    ] = None,
    long: Annotated[
        LongKind,
        typer.Option(
            "--long", envvar=_env("LONG"), rich_help_panel=CONTENT, help="How a text travels that needs parts."
        ),
    ] = LongKind.UDH8,
    data_coding: Annotated[
        int | None,
        typer.Option(
            "--data-coding",
            envvar=_env("DATA_CODING"),
            min=0,
            max=255,
            rich_help_panel=CONTENT,
            help="Default: 0, or 8 if the text needs it.",
        ),
    ] = None,
    body: Annotated[
        str | None,
        typer.Option(
            "--body",
            envvar=_env("BODY"),
            metavar="JSON|@FILE",
            rich_help_panel=CONTENT,
            help="HTTP: the whole body, with {n} and {callback_url}.",
        ),
    ] = None,
    header: Annotated[
        list[str] | None,
        typer.Option(
            "--header", envvar=_env("HEADER"), rich_help_panel=CONTENT, help="HTTP: 'Name: value'. Repeatable."
        ),
    ] = None,
    registered_delivery: Annotated[
        int,
        typer.Option(
            "--registered-delivery", envvar=_env("REGISTERED_DELIVERY"), min=0, max=31, rich_help_panel=RECEIPTS
        ),
    ] = 0,
    receipt_ids: Annotated[
        IdForm,
        typer.Option(
            "--receipt-ids",
            envvar=_env("RECEIPT_IDS"),
            rich_help_panel=RECEIPTS,
            help="What a receipt's id is of the answer's. auto: find out.",
        ),
    ] = IdForm.AUTO,
    webhook_port: Annotated[
        int | None,
        typer.Option(
            "--webhook-port",
            envvar=_env("WEBHOOK_PORT"),
            min=0,
            max=65535,
            rich_help_panel=RECEIPTS,
            help="HTTP: hear webhooks here; 0: a free port.",
        ),
    ] = None,
    webhook_host: Annotated[
        str, typer.Option("--webhook-host", envvar=_env("WEBHOOK_HOST"), rich_help_panel=RECEIPTS)
    ] = "127.0.0.1",
    id_field: Annotated[
        str,
        typer.Option("--id-field", envvar=_env("ID_FIELD"), rich_help_panel=RECEIPTS, help="HTTP: JSON's name for it."),
    ] = "message_id",
    event_field: Annotated[
        str, typer.Option("--event-field", envvar=_env("EVENT_FIELD"), rich_help_panel=RECEIPTS)
    ] = "event_type",
    final_events: Annotated[
        str,
        typer.Option(
            "--final-events", envvar=_env("FINAL_EVENTS"), rich_help_panel=RECEIPTS, help="Webhooks that end a message."
        ),
    ] = "sms.delivered,sms.failed",
    wait: Annotated[
        str,
        typer.Option(
            "--wait", envvar=_env("WAIT"), rich_help_panel=RECEIPTS, help="Give up when nothing has come for this long."
        ),
    ] = "10s",
    json: Annotated[
        Path | None, typer.Option("--json", envvar=_env("JSON"), rich_help_panel=OUTPUT, help="Write the result here.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", envvar=_env("PLOT"), rich_help_panel=OUTPUT, help="Draw it here, as SVG.")
    ] = None,
    fail_if: Annotated[
        list[str] | None,
        typer.Option(
            "--fail-if",
            envvar=_env("FAIL_IF"),
            rich_help_panel=OUTPUT,
            help="Exit with 1 if so: 'p99>50ms', 'errors>1%', 'missing>0', 'rate<1000/s'. Repeatable.",
        ),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", envvar=_env("QUIET"), rich_help_panel=OUTPUT, help="Only the summary.")
    ] = False,
) -> None:
    """Put load on an SMPP or HTTP endpoint. Exit code 0: done; 1: a --fail-if holds; 2: an argument is wrong, or nobody
    answers."""
    from simulator.load.arguments import Arguments, plan_of
    from simulator.load.command import Output, execute
    from simulator.load.thresholds import parse_threshold

    arguments = Arguments(
        via=via.value,
        host=host,
        port=port,
        url=url,
        tls=tls,
        insecure=insecure,
        system_id=system_id,
        password=password,
        app_key=app_key,
        key_header=key_header,
        account=tuple(account or ()),
        accounts=accounts,
        bind=bind.value,
        system_type=system_type,
        smpp_version=smpp_version,
        enquire_link=enquire_link,
        connections=connections,
        window=window,
        messages=messages,
        duration=duration,
        rate=rate,
        stages=stages,
        ramp=ramp,
        to=to,
        text=text,
        source=source,
        length=length,
        long=long.value,
        data_coding=data_coding,
        body=body,
        header=tuple(header or ()),
        registered_delivery=registered_delivery,
        receipt_ids=receipt_ids.value,
        webhook_port=webhook_port,
        webhook_host=webhook_host,
        id_field=id_field,
        event_field=event_field,
        final_events=final_events,
        wait=wait,
    )
    try:
        plan = plan_of(arguments)
        thresholds = [parse_threshold(text) for text in fail_if or ()]
    except (ValueError, OSError) as error:
        fail(str(error))
    raise typer.Exit(execute(plan, Output(json=json, plot=plot, fail_if=thresholds, quiet=quiet)))
