"""smpplib, a client that nobody here wrote, drives the SMSC."""

import asyncio
from typing import Any

import pytest
import smpplib.client
import smpplib.consts
import smpplib.exceptions
import smpplib.gsm
import smpplib.smpp

from simulator.engine import Account, Limits, Rate, SmscSettings
from simulator.smpp import CommandStatus
from tests.smsc.conftest import Carrier, StartCarrier

ACME = Account("acme", system_id="acme", password="secret")


class Client:
    """smpplib's client, with what it got."""

    def __init__(self, port: int) -> None:
        self.client = smpplib.client.Client("127.0.0.1", port, timeout=5, allow_unknown_opt_params=True)
        self.responses: list[Any] = []
        self.received: list[Any] = []
        self.client.set_message_sent_handler(lambda pdu: self.responses.append(pdu))
        self.client.set_message_received_handler(self._receive)
        self.client.connect()

    def _receive(self, pdu: Any) -> int:
        self.received.append(pdu)
        return int(smpplib.consts.SMPP_ESME_ROK)

    def send(self, text: str, to: str = "+15550100001", **more: Any) -> int:
        """Send, in as many parts as it takes; returns their number."""
        parts, coding, esm_class = smpplib.gsm.make_parts(text)
        for part in parts:
            self.client.send_message(
                source_addr_ton=smpplib.consts.SMPP_TON_ALNUM,
                source_addr="ACME",
                dest_addr_ton=smpplib.consts.SMPP_TON_INTL,
                dest_addr_npi=smpplib.consts.SMPP_NPI_ISDN,
                destination_addr=to,
                short_message=part,
                data_coding=coding,
                esm_class=esm_class,
                registered_delivery=True,
                **more,
            )
        return len(parts)

    def read(self, number: int) -> None:
        for _ in range(number):
            self.client.read_once(auto_send_enquire_link=False)

    def close(self) -> None:
        self.client.unbind()
        self.client.disconnect()


async def drive(carrier: Carrier, steps: Any) -> Any:
    """Run a synchronous client beside the SMSC."""
    return await asyncio.to_thread(steps, carrier.port)


@pytest.mark.parametrize("text", ["hello", "€ {curly} ñ", "привет", "smile \U0001f600", "long " * 100, "длинный " * 30])
async def test_it_sends_any_text_and_gets_its_receipts(start: StartCarrier, text: str) -> None:
    carrier = await start(clock="instant")

    def steps(port: int) -> Client:
        client = Client(port)
        client.client.bind_transceiver(system_id="acme", password="secret")
        parts = client.send(text)
        client.read(2 * parts)
        client.close()
        return client

    client = await drive(carrier, steps)
    assert "".join(message.text for message in carrier.engine.messages.values()) == text
    sent = {pdu.message_id for pdu in client.responses}
    assert {pdu.receipted_message_id for pdu in client.received} == sent
    assert {pdu.message_state for pdu in client.received} == {2}


async def test_it_queries_a_message(start: StartCarrier) -> None:
    carrier = await start()

    def steps(port: int) -> list[Any]:
        client = Client(port)
        answers: list[Any] = []
        client.client.set_query_resp_handler(answers.append)
        client.client.bind_transceiver(system_id="acme", password="secret")  # its rule: no query_sm as transmitter
        client.send("hello")
        client.read(1)
        client.client.query_message(message_id=client.responses[0].message_id.decode(), source_addr="ACME")
        client.read(1)
        client.close()
        return answers

    (answer,) = await drive(carrier, steps)
    assert answer.message_state == 1


async def test_it_is_told_of_a_wrong_password(start: StartCarrier) -> None:
    carrier = await start(accounts=[ACME])

    def steps(port: int) -> None:
        client = Client(port)
        with pytest.raises(smpplib.exceptions.PDUError, match="Invalid Password"):
            client.client.bind_transceiver(system_id="acme", password="wrong")
        client.client.disconnect()

    await drive(carrier, steps)


@pytest.mark.parametrize("mode", ["transmitter", "receiver", "transceiver"])
async def test_it_binds_in_every_mode_and_unbinds(start: StartCarrier, mode: str) -> None:
    carrier = await start(accounts=[ACME])

    def steps(port: int) -> Any:
        client = Client(port)
        response = getattr(client.client, f"bind_{mode}")(system_id="acme", password="secret")
        client.close()
        return response

    response = await drive(carrier, steps)
    assert response.system_id == b"CARRIER"
    assert response.sc_interface_version == 0x34
    async with asyncio.timeout(5):
        await carrier.smsc.deserted()


async def test_a_transmitter_and_a_receiver_share_an_account(start: StartCarrier) -> None:
    carrier = await start(clock="instant")

    def steps(port: int) -> tuple[Client, Client]:
        sender, receiver = Client(port), Client(port)
        receiver.client.bind_receiver(system_id="acme", password="secret")
        sender.client.bind_transmitter(system_id="acme", password="secret")
        sender.send("hello")
        sender.read(1)
        receiver.read(1)
        sender.close()
        receiver.close()
        return sender, receiver

    sender, receiver = await drive(carrier, steps)
    assert [pdu.receipted_message_id for pdu in receiver.received] == [sender.responses[0].message_id]
    assert sender.received == []


async def test_parts_of_a_long_text_are_shown_as_one(start: StartCarrier) -> None:
    carrier = await start()
    text = "long ñ" * 100

    def steps(port: int) -> int:
        client = Client(port)
        client.client.bind_transceiver(system_id="acme", password="secret")
        parts = client.send(text)
        client.read(parts)
        client.close()
        return parts

    parts = await drive(carrier, steps)
    assert parts == len(carrier.engine.messages) > 1
    known = carrier.smsc.parts.known
    assert {known[key].text for key in carrier.engine.messages} == {text}


async def test_it_is_throttled(start: StartCarrier) -> None:
    carrier = await start(accounts=[Account("acme", system_id="acme", limits=Limits(submit=Rate(2, 1000)))])

    def steps(port: int) -> list[int]:
        client = Client(port)
        client.client.set_error_pdu_handler(lambda pdu: None)
        client.client.bind_transmitter(system_id="acme", password="secret")
        for _ in range(4):
            client.send("hello")
        client.read(4)
        client.close()
        return [pdu.status for pdu in client.responses]

    assert await drive(carrier, steps) == [0, 0, CommandStatus.ESME_RTHROTTLED, CommandStatus.ESME_RTHROTTLED]


async def test_both_sides_ask_whether_the_other_is_there(start: StartCarrier) -> None:
    carrier = await start(settings=SmscSettings(enquire_link=10_000, response_timeout=5_000))
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()

    def steps(port: int) -> str:
        client = Client(port)
        client.client.bind_transceiver(system_id="acme", password="secret")
        client.client.send_pdu(smpplib.smpp.make_pdu("enquire_link", client=client.client))
        answer = client.client.read_pdu()
        loop.call_soon_threadsafe(asked.set)
        client.read(1)  # the SMSC's question, which it answers
        client.close()
        return str(answer.command)

    client = asyncio.create_task(drive(carrier, steps))
    await asked.wait()
    await carrier.clock.advance(10_000)
    assert await client == "enquire_link_resp"
    async with asyncio.timeout(5):
        await carrier.smsc.deserted()
    assert carrier.clock.activity.in_flight == 0
