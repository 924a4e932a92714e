"""`carrier-sim send`: sends one message, as a client would, and prints what becomes of it."""

import asyncio
from enum import StrEnum
from typing import Annotated, Any

import typer

from simulator.cli.options import fail

DEFAULT_KEY = "sk_test_" + "0123456789abcdefghijklmnopqrstuv"
POLL_S = 0.5
"""Real seconds between two looks at the status: as often as the gateway's limit of 120 a minute allows."""


class Via(StrEnum):
    HTTP = "http"
    SMPP = "smpp"


def send(
    to: Annotated[str, typer.Argument(metavar="TO", help="The destination, such as +15550100001.")],
    message: Annotated[str, typer.Argument(metavar="MESSAGE")] = "Hello from carrier-sim",
    via: Annotated[Via, typer.Option("--via", envvar="CARRIER_SIM_VIA")] = Via.HTTP,
    source: Annotated[str, typer.Option("--from", envvar="CARRIER_SIM_FROM", help="The sender.")] = "CarrierSim",
    host: Annotated[str, typer.Option("--host", envvar="CARRIER_SIM_HOST")] = "127.0.0.1",
    http_port: Annotated[int, typer.Option("--http-port", envvar="CARRIER_SIM_HTTP_PORT", min=1, max=65535)] = 8080,
    smpp_port: Annotated[int, typer.Option("--smpp-port", envvar="CARRIER_SIM_SMPP_PORT", min=1, max=65535)] = 2775,
    app_key: Annotated[str, typer.Option("--app-key", envvar="CARRIER_SIM_APP_KEY")] = DEFAULT_KEY,
    system_id: Annotated[str, typer.Option("--system-id", envvar="CARRIER_SIM_SYSTEM_ID")] = "carrier-sim",
    password: Annotated[str, typer.Option("--password", envvar="CARRIER_SIM_PASSWORD")] = "secret",
    wait: Annotated[
        float, typer.Option("--wait", envvar="CARRIER_SIM_WAIT", help="Seconds to wait for the end.")
    ] = 30.0,
) -> None:
    """Send one message to a running simulator (or to the real thing), and print what became of it."""
    try:
        if via is Via.HTTP:
            asyncio.run(_over_http(f"http://{host}:{http_port}", app_key, to, source, message, wait))
        else:
            _over_smpp(host, smpp_port, system_id, password, to, source, message, wait)
    except OSError as error:
        port = http_port if via is Via.HTTP else smpp_port
        fail(f"nobody answers at {host}:{port} ({error.strerror or error}): is `carrier-sim serve` running?")


async def _over_http(base_url: str, app_key: str, to: str, source: str, message: str, wait: float) -> None:
    import aiohttp

    from simulator.engine import TERMINAL, Status
    from simulator.gateway import BASE_PATH

    loop = asyncio.get_running_loop()
    begun = loop.time()
    async with aiohttp.ClientSession(base_url, headers={"app-key": app_key}) as client:
        body = {"to": [to], "message": message, "sender_id": source}
        async with client.post(f"{BASE_PATH}/send", json=body) as response:
            answer: dict[str, Any] = await response.json()
            if response.status != 201:
                typer.echo(f"{response.status} {answer.get('error_code')}: {answer.get('message')}", err=True)
                for detail in answer.get("details") or ():
                    typer.echo(f"  {detail['field']}: {detail['message']}", err=True)
                raise typer.Exit(1)
        message_id = answer["data"]["message_id"]
        typer.echo(f"{message_id}  {response.status}")
        shown = None
        while True:
            async with client.get(f"{BASE_PATH}/status/{message_id}") as response:
                answer = await response.json()
            recipient = answer["data"]["recipients"][0] if response.status == 200 else {}
            status = recipient.get("status", shown)
            if status != shown:
                shown = status
                code = f"  error {recipient['error_code']}" if recipient["error_code"] else ""
                typer.echo(f"{loop.time() - begun:7.2f} s  {status}{code}")
            if status in {str(terminal) for terminal in TERMINAL}:
                raise typer.Exit(0 if status == Status.DELIVERED else 1)
            if loop.time() - begun > wait:
                typer.echo(f"not final after {wait:g} s", err=True)
                raise typer.Exit(1)
            await asyncio.sleep(POLL_S)


def _over_smpp(
    host: str, port: int, system_id: str, password: str, to: str, source: str, message: str, wait: float
) -> None:
    import logging

    import smpplib.client
    import smpplib.consts
    import smpplib.exceptions
    import smpplib.gsm

    logging.getLogger("smpp").setLevel(logging.CRITICAL)  # what it has to say is said here
    client = smpplib.client.Client(host, port, timeout=wait, allow_unknown_opt_params=True)
    receipts: list[str] = []

    def received(pdu: Any) -> int:
        text = (pdu.short_message or pdu.message_payload or b"").decode("latin-1")
        receipts.append(text)
        typer.echo(f"receipt    {text}")
        return int(smpplib.consts.SMPP_ESME_ROK)

    client.set_message_sent_handler(lambda pdu: typer.echo(f"message_id {pdu.message_id.decode('latin-1')}"))
    client.set_message_received_handler(received)
    parts, coding, esm_class = smpplib.gsm.make_parts(message)
    try:
        client.connect()
        client.bind_transceiver(system_id=system_id, password=password)
        numeric = source.removeprefix("+").isdigit()
        for part in parts:
            client.send_message(
                source_addr_ton=smpplib.consts.SMPP_TON_INTL if numeric else smpplib.consts.SMPP_TON_ALNUM,
                source_addr_npi=smpplib.consts.SMPP_NPI_ISDN if numeric else smpplib.consts.SMPP_NPI_UNK,
                source_addr=source,
                dest_addr_ton=smpplib.consts.SMPP_TON_INTL,
                dest_addr_npi=smpplib.consts.SMPP_NPI_ISDN,
                destination_addr=to,
                short_message=part,
                data_coding=coding,
                esm_class=esm_class,
                registered_delivery=True,
            )
        while len(receipts) < len(parts):
            client.read_once(auto_send_enquire_link=False)
        client.unbind()
    except smpplib.exceptions.PDUError as error:
        typer.echo(str(error.args[0]), err=True)
        raise typer.Exit(1) from None
    except smpplib.exceptions.ConnectionError as error:
        raise ConnectionError(str(error)) from None
    except TimeoutError:
        typer.echo(f"no receipt after {wait:g} s", err=True)
        raise typer.Exit(1) from None
    finally:
        client.disconnect()
    raise typer.Exit(0 if all("stat:DELIVRD" in receipt for receipt in receipts) else 1)
