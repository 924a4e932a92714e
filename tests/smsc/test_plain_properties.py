"""Whatever comes, in whatever pieces: the common path of load and the careful one answer alike, octet for octet."""

import asyncio
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine import Account, Accounts, Engine, Limits, Rate, Rules, SmscSettings, make_clock
from simulator.engine.rules import Match, Outcomes, Refusal, Rule, glob
from simulator.engine.units import SECOND
from simulator.smpp import (
    BindTransceiver,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    Framer,
    Pdu,
    QuerySm,
    SubmitSm,
    decode,
    encode,
)
from simulator.smsc import Smsc
from simulator.smsc.connection import Connection
from tests.smpp.test_fast import mutated
from tests.smsc.test_plain import LATE, MIXED, SOON

SUBMITS = st.builds(
    lambda to, text, **fields: encode(SubmitSm(7, destination_addr=to, short_message=text, **fields)),
    st.sampled_from(["15550100001", "15550100001", "+15550100001", "1", "2" * 20, "ALPHA", ""]),
    st.one_of(st.sampled_from([b"hello", b"hello", b"hi", b"x" * 160, b"\x00\x1b\x65"]), st.binary(max_size=9)),
    source_addr=st.sampled_from(["ACME", "ACME", "B"]),
    registered_delivery=st.sampled_from([0, 0, 1, 1, 2, 16]),
    data_coding=st.sampled_from([0, 0, 0, 8, 3, 4]),
    validity_period=st.sampled_from(["", "", "", "000000000001000R"]),
    esm_class=st.sampled_from([0, 0, 0, 0x40, 3]),
    tlvs=st.sampled_from([{}, {}, {}, {0x0204: 7}]),
)
QUERY = encode(QuerySm(7, message_id="1", source_addr="ACME"))
OTHERS = st.sampled_from([encode(EnquireLink(7)), QUERY, b"\0\0\0\x10" + b"\xff" * 12])
TRAFFIC = st.lists(st.one_of(SUBMITS, SUBMITS, SUBMITS, SUBMITS, OTHERS, mutated()), min_size=1, max_size=25)


class Wire:
    """A transport that keeps what is written, and acknowledges receipts."""

    connection: Connection

    def __init__(self) -> None:
        self.framer = Framer()
        self.answers: list[Pdu] = []
        self.receipts: list[DeliverSm] = []

    def get_extra_info(self, name: str) -> Any:
        return ("127.0.0.1", 1)

    def write(self, data: bytes) -> None:
        for frame in self.framer.feed(data):
            pdu = decode(frame, validate=False)
            if isinstance(pdu, DeliverSm):
                self.receipts.append(pdu)
                response = encode(DeliverSmResp(pdu.sequence_number))
                asyncio.get_running_loop().call_soon(self.connection.data_received, response)
            else:
                self.answers.append(pdu)

    def is_closing(self) -> bool:
        return False

    def close(self) -> None: ...

    def abort(self) -> None: ...

    def pause_reading(self) -> None: ...


ACCOUNTS = st.sampled_from(
    [
        [],
        [],
        [Account("acme", system_id="acme", limits=Limits(window=4))],
        [Account("acme", system_id="acme", limits=Limits(submit=Rate(5, 7 * SECOND)))],
        [Account("acme", system_id="acme", senders=("ACM*",), limits=Limits(window=3, submit=Rate(2, SECOND)))],
    ]
)


RULES = st.sampled_from(
    [
        [MIXED],
        [Rule("r", Refusal(command_status=8), Match(to=glob(["1*"], number=True))), MIXED],
        [Rule("r", Refusal(), Match(every=3)), MIXED],
        [
            Rule("r", Outcomes([(SOON, 1), (Refusal(error_code="1301"), 1)]), Match(first=9)),
            Rule("s", LATE, Match(nth=2)),
        ],
    ]
)


async def played(
    frames: list[bytes], sizes: list[int], accounts: list[Account], rules: list[Rule], closely: bool
) -> tuple[list[Pdu], list[DeliverSm]]:
    """The answers by their numbers, and the receipts by their texts."""
    clock = make_clock("manual")
    clock.activity.quiet_s = clock.activity.patience_s = 0
    smsc = Smsc(Engine(clock, Rules(rules, LATE)), Accounts(accounts, open_to_all=True), SmscSettings())
    if closely:  # somebody who has asked for messages by their addresses makes the SMSC look at each
        smsc.index.pending("acme", "ACME", "1")
    wire = Wire()
    wire.connection = connection = Connection(smsc)
    connection.connection_made(wire)  # type: ignore[arg-type]
    connection.data_received(encode(BindTransceiver(1, system_id="acme", password="x", interface_version=0x34)))
    numbered = [frame[:12] + (number + 2).to_bytes(4, "big") + frame[16:] for number, frame in enumerate(frames)]
    stream, at, turn = b"".join(numbered), 0, 0
    while at < len(stream):
        size = sizes[turn % len(sizes)]
        connection.data_received(stream[at : at + size])
        at, turn = at + size, turn + 1
        if size >= 100:
            await clock.advance(SECOND // 2)
    await clock.advance(20 * SECOND)
    wire.receipts.sort(key=lambda pdu: (pdu.short_message, pdu.esm_class))
    for number, pdu in enumerate(wire.receipts):
        pdu.sequence_number = number
    return sorted(wire.answers, key=lambda pdu: pdu.sequence_number), wire.receipts


@settings(max_examples=150, deadline=None)
@given(
    frames=TRAFFIC,
    sizes=st.lists(st.sampled_from([1, 7, 100, 1000, 100_000]), min_size=1, max_size=4),
    accounts=ACCOUNTS,
    rules=RULES,
)
def test_both_ways_answer_alike(
    frames: list[bytes], sizes: list[int], accounts: list[Account], rules: list[Rule]
) -> None:
    common = asyncio.run(played(frames, sizes, accounts, rules, closely=False))
    careful = asyncio.run(played(frames, sizes, accounts, rules, closely=True))
    assert common == careful
