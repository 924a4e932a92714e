"""The npm package `smpp`, a client that nobody here wrote, in a process of its own, drives the SMSC.

It is installed beforehand, `npm ci --prefix tests/interop/node`: no test here asks the network for anything.
"""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from simulator.engine import Account, Limits, Rate
from simulator.smpp import CommandStatus
from tests.smsc.conftest import Carrier, StartCarrier

FOLDER = Path(__file__).parent / "node"
NODE = shutil.which("node")
LIMIT_S = 30

pytestmark = [
    pytest.mark.skipif(NODE is None, reason="node is not installed"),
    pytest.mark.skipif(
        not (FOLDER / "node_modules" / "smpp").is_dir(),
        reason="the npm package 'smpp' is not installed: npm ci --prefix tests/interop/node",
    ),
]

Step = dict[str, Any]
BIND: Step = {"call": "bind_transceiver", "with": {"system_id": "acme", "password": "secret"}}
UNBIND: Step = {"call": "unbind"}
ACME = Account("acme", system_id="acme", password="secret")


def submit(text: Any, **more: Any) -> Step:
    fields = {"source_addr": "ACME", "source_addr_ton": 5, "destination_addr": "15550100001", "short_message": text}
    return {"call": "submit_sm", "with": {**fields, "registered_delivery": 1, **more}}


async def drive(carrier: Carrier, *steps: Step) -> list[dict[str, Any]]:
    """Run the client; what it printed, line by line."""
    assert NODE is not None
    client = await asyncio.create_subprocess_exec(
        *(NODE, str(FOLDER / "client.js"), str(carrier.port), json.dumps(steps)),
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
    assert (client.returncode, err.decode()) == (0, "")
    return [json.loads(line) for line in out.splitlines()]


def of(lines: list[dict[str, Any]], command: str) -> list[dict[str, Any]]:
    return [line for line in lines if line["command"] == command]


@pytest.mark.parametrize("mode", ["transmitter", "receiver", "transceiver"])
async def test_it_binds_in_every_mode_and_unbinds(start: StartCarrier, mode: str) -> None:
    carrier = await start(accounts=[ACME])
    bound, unbound = await drive(carrier, {**BIND, "call": f"bind_{mode}"}, UNBIND)
    assert (bound["command"], bound["command_status"]) == (f"bind_{mode}_resp", 0)
    assert (bound["system_id"], bound["sc_interface_version"]) == ("CARRIER", 0x50)
    assert (unbound["command"], unbound["command_status"]) == ("unbind_resp", 0)


async def test_it_is_told_of_a_wrong_password(start: StartCarrier) -> None:
    carrier = await start(accounts=[ACME])
    (refused,) = await drive(carrier, {**BIND, "with": {"system_id": "acme", "password": "wrong"}})
    assert refused["command_status"] == CommandStatus.ESME_RINVPASWD


@pytest.mark.parametrize(
    ("text", "coding"),
    [("hello", 0), ("€ {curly} ñ", 0), ("plain", None), ("café", 3), ("привет", 8), ("smile \U0001f600", 8)],
)
async def test_it_sends_any_text_and_gets_its_receipt(start: StartCarrier, text: str, coding: int | None) -> None:
    carrier = await start(clock="instant")
    more = {} if coding is None else {"data_coding": coding}
    lines = await drive(carrier, BIND, submit(text, **more), {"receive": 1}, UNBIND)
    (message,) = carrier.engine.messages.values()
    assert message.text == text
    (response,), (receipt,) = of(lines, "submit_sm_resp"), of(lines, "deliver_sm")
    assert receipt["esm_class"] == 4
    assert receipt["receipted_message_id"] == response["message_id"]
    assert receipt["message_state"] == 2
    said = receipt["short_message"]["message"]
    assert said.startswith(f"id:{response['message_id']} sub:001 dlvrd:001 ")
    assert " stat:DELIVRD err:000 " in said


async def test_the_parts_of_a_long_text_each_get_their_receipt(start: StartCarrier) -> None:
    carrier = await start(clock="instant")
    pieces = ["first " * 25, "second " * 21, "third"]
    parts = [
        submit({"udh": f"05000309{len(pieces):02x}{number:02x}", "message": piece}, data_coding=0)
        for number, piece in enumerate(pieces, 1)
    ]
    lines = await drive(carrier, BIND, {"at_once": parts}, {"receive": 3}, UNBIND)
    assert [message.text for message in carrier.engine.messages.values()] == pieces
    ids = {response["message_id"] for response in of(lines, "submit_sm_resp")}
    assert {receipt["receipted_message_id"] for receipt in of(lines, "deliver_sm")} == ids
    assert len(ids) == 3


async def test_a_long_text_in_message_payload_is_one_message(start: StartCarrier) -> None:
    carrier = await start(clock="instant")
    text = "long " * 200
    payload = submit("", message_payload=text, data_coding=0)
    lines = await drive(carrier, BIND, payload, {"receive": 1}, UNBIND)
    (message,) = carrier.engine.messages.values()
    assert message.text == text
    assert message.segments == 7
    assert len(of(lines, "deliver_sm")) == 1


async def test_a_burst_that_waits_for_no_answer_is_answered_in_full(start: StartCarrier) -> None:
    carrier = await start(clock="instant")
    burst = {"at_once": [submit(f"number {number}", data_coding=0) for number in range(200)]}
    lines = await drive(carrier, BIND, burst, {"receive": 200}, UNBIND)
    ids = [response["message_id"] for response in of(lines, "submit_sm_resp")]
    assert len(set(ids)) == 200
    assert {receipt["receipted_message_id"] for receipt in of(lines, "deliver_sm")} == set(ids)


async def test_it_queries_and_cancels_what_is_on_its_way(start: StartCarrier) -> None:
    carrier = await start(clock="manual")
    about = {"message_id": "$0", "source_addr": "ACME"}
    lines = await drive(
        carrier,
        BIND,
        submit("hello", registered_delivery=0),
        {"call": "query_sm", "with": about},
        {"call": "cancel_sm", "with": {**about, "destination_addr": "15550100001"}},
        {"call": "query_sm", "with": about},
        {"call": "cancel_sm", "with": about},
        UNBIND,
    )
    before, after = of(lines, "query_sm_resp")
    assert (before["command_status"], before["message_state"], before["final_date"]) == (0, 1, "")
    assert (after["command_status"], after["message_state"]) == (0, 4)
    assert after["final_date"].startswith("2026-01-01T00:00:00")
    cancelled = [answer["command_status"] for answer in of(lines, "cancel_sm_resp")]
    assert cancelled == [CommandStatus.ESME_ROK, CommandStatus.ESME_RCANCELFAIL]


async def test_it_replaces_and_sends_to_many(start: StartCarrier) -> None:
    carrier = await start(clock="manual")
    to = [{"dest_addr_ton": 1, "dest_addr_npi": 1, "destination_addr": f"1555010000{n}"} for n in range(3)]
    lines = await drive(
        carrier,
        BIND,
        submit("hello", data_coding=0),
        {"call": "replace_sm", "with": {"message_id": "$0", "source_addr": "ACME", "short_message": "other"}},
        {"call": "submit_multi", "with": {"source_addr": "ACME", "dest_address": to, "short_message": "all"}},
        {"call": "data_sm", "with": {"source_addr": "A", "destination_addr": "1", "message_payload": "data"}},
        {"call": "enquire_link"},
        UNBIND,
    )
    assert [line["command_status"] for line in lines] == [0] * 7
    assert [message.text for message in carrier.engine.messages.values()] == ["other", "all", "data"]
    assert of(lines, "submit_multi_resp")[0]["unsuccess_sme"] == []


async def test_it_is_throttled(start: StartCarrier) -> None:
    limits = Limits(submit=Rate(3, 1000))
    carrier = await start(accounts=[Account("acme", system_id="acme", limits=limits)])
    lines = await drive(carrier, BIND, {"at_once": [submit("x", registered_delivery=0) for _ in range(5)]}, UNBIND)
    statuses = [answer["command_status"] for answer in of(lines, "submit_sm_resp")]
    assert statuses == [CommandStatus.ESME_ROK] * 3 + [CommandStatus.ESME_RTHROTTLED] * 2
