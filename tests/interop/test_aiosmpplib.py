"""aiosmpplib, another client that nobody here wrote, drives the SMSC."""

import asyncio
from typing import Any

import pytest
from aiosmpplib import (
    ESME,
    AbstractHook,
    DeliverSm,
    PhoneNumber,
    SmppMessage,
    SubmitSm,
    SubmitSmResp,
)

from tests.smsc.conftest import StartCarrier


class Ear(AbstractHook):
    """Keeps what comes."""

    def __init__(self) -> None:
        self.responses: list[SubmitSmResp] = []
        self.receipts: asyncio.Queue[DeliverSm] = asyncio.Queue()

    async def sending(self, smpp_message: SmppMessage, pdu: bytes, client_id: str) -> None:
        pass

    async def received(self, smpp_message: SmppMessage | None, pdu: bytes, client_id: str) -> None:
        if isinstance(smpp_message, SubmitSmResp):
            self.responses.append(smpp_message)
        if isinstance(smpp_message, DeliverSm):
            await self.receipts.put(smpp_message)

    async def send_error(self, smpp_message: SmppMessage, error: Exception, client_id: str) -> None:
        raise error


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # it leaves its stream unclosed
async def test_it_sends_and_gets_its_receipts(start: StartCarrier) -> None:
    carrier = await start(clock="instant")
    ear = Ear()
    esme = ESME("127.0.0.1", carrier.port, "acme", "secret", hook=ear, log_level="CRITICAL")
    running = asyncio.create_task(esme.start())
    texts = ["hello", "€ and ñ", "привет"]
    for text in texts:
        message = SubmitSm(
            short_message=text,
            source=PhoneNumber("15550100009"),
            destination=PhoneNumber("15550100001"),
            registered_delivery=0b00000001,
            encoding="ucs2" if text == "привет" else "gsm0338",
            log_id=text,
        )
        await esme.broker.enqueue(message)
    async with asyncio.timeout(10):
        receipts = [await ear.receipts.get() for _ in texts]
    await esme.stop()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert [message.text for message in carrier.engine.messages.values()] == texts
    found: list[dict[str, Any]] = [receipt.parse_receipt() for receipt in receipts]
    assert {receipt["id"] for receipt in found} == {response.message_id for response in ear.responses}
    assert {receipt["stat"] for receipt in found} == {"DELIVRD"}
