"""smpplib, a client that nobody here wrote, drives the SMSC."""

import asyncio
from typing import Any

import pytest
import smpplib.client
import smpplib.consts
import smpplib.exceptions
import smpplib.gsm

from simulator.engine import Account
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
