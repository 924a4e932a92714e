"""aiosmpplib, another client that nobody here wrote, in a process of its own, drives the SMSC."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from simulator.engine import Account, Limits, Rate
from simulator.smpp import CommandStatus
from tests.smsc.conftest import Carrier, StartCarrier

CLIENT = Path(__file__).with_name("aiosmpplib_client.py")
LIMIT_S = 30


async def drive(carrier: Carrier, **wanted: Any) -> dict[str, Any]:
    """Run the client; what it got."""
    wanted = {"port": carrier.port, "texts": [], **wanted}
    client = await asyncio.create_subprocess_exec(
        *(sys.executable, str(CLIENT), json.dumps(wanted)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(LIMIT_S):
            out, err = await client.communicate()
    finally:
        if client.returncode is None:
            client.kill()
            await client.wait()
    assert client.returncode == 0, err.decode()
    found: dict[str, Any] = json.loads(out)
    return found


@pytest.mark.parametrize("mode", ["TRANSMITTER", "RECEIVER", "TRANSCEIVER"])
async def test_it_binds_in_every_mode_and_unbinds(start: StartCarrier, mode: str) -> None:
    carrier = await start(accounts=[Account("acme", system_id="acme", password="secret")])
    texts = [] if mode == "RECEIVER" else ["hello"]
    found = await drive(carrier, mode=mode, texts=texts, receipts=0)
    assert found["statuses"] == [0] * len(texts)
    async with asyncio.timeout(5):
        await carrier.smsc.deserted()


@pytest.mark.parametrize(
    ("encoding", "texts"),
    [("gsm0338", ["hello", "€ and ñ", "{[~]}"]), ("ucs2", ["привет", "日本"]), ("latin_1", ["café"])],
)
async def test_it_sends_any_text_and_gets_its_receipts(start: StartCarrier, encoding: str, texts: list[str]) -> None:
    carrier = await start(clock="instant")
    found = await drive(carrier, texts=texts, encoding=encoding)
    assert [message.text for message in carrier.engine.messages.values()] == texts
    assert {receipt["id"] for receipt in found["receipts"]} == set(found["ids"])
    assert {receipt["stat"] for receipt in found["receipts"]} == {"DELIVRD"}


async def test_fifty_at_once_are_answered_in_order_and_each_has_its_receipt(start: StartCarrier) -> None:
    carrier = await start(clock="instant")
    texts = [f"number {number}" for number in range(50)]
    found = await drive(carrier, texts=texts)
    assert found["statuses"] == [0] * 50
    assert [message.text for message in carrier.engine.messages.values()] == texts
    assert len(set(found["ids"])) == 50
    assert {receipt["id"] for receipt in found["receipts"]} == set(found["ids"])


async def test_a_long_text_goes_into_message_payload(start: StartCarrier) -> None:
    carrier = await start(clock="instant")
    text = "long " * 100
    found = await drive(carrier, texts=[text])
    (message,) = carrier.engine.messages.values()
    assert message.text == text
    assert message.segments == 4
    assert len(found["receipts"]) == 1


async def test_it_splits_a_long_text_into_parts_which_are_shown_as_one(start: StartCarrier) -> None:
    carrier = await start(clock="instant")
    text = "first " * 20 + "second " * 20 + "third " * 20
    await drive(carrier, texts=[text], esm_class=0x40, auto_message_payload=False, answers=1, receipts=0)
    messages = list(carrier.engine.messages.values())
    assert len(messages) == 3
    assert "".join(message.text for message in messages) == text
    assert {carrier.smsc.parts.known[message.key].text for message in messages} == {text}


async def test_it_is_throttled_and_told_so(start: StartCarrier) -> None:
    limits = Limits(submit=Rate(3, 1000))
    carrier = await start(accounts=[Account("acme", system_id="acme", limits=limits)])
    found = await drive(carrier, texts=["one", "two", "three", "four", "five"], receipts=0)
    assert found["statuses"] == [CommandStatus.ESME_ROK] * 3 + [CommandStatus.ESME_RTHROTTLED] * 2
