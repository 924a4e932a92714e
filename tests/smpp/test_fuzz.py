"""Nothing that a peer sends raises. Seeded, so that a failure comes again."""

from collections.abc import Sequence
from typing import TypeVar

import pytest

from simulator.smpp import (
    PDUS,
    Bind,
    Closing,
    DeliverSm,
    PduError,
    SmscSession,
    SubmitSm,
    decode,
    describe_frame,
    encode,
    parse_receipt,
    text_of,
)

SEEDS = [encode(cls(7)) for cls in PDUS.values()] + [
    encode(SubmitSm(9, 0, "CMT", 5, 0, "ABC", 1, 1, "447700900123", 0x40, short_message=b"\5\0\3\1\2\1hello")),
    encode(SubmitSm(9, destination_addr="1", tlvs={0x0424: b"x" * 300, 0x0204: 7, 0x020C: 1})),
    encode(DeliverSm(1, esm_class=4, short_message=b"id:1 stat:DELIVRD", tlvs={0x001E: "1", 0x0427: 2})),
]

T = TypeVar("T")


class Chance:
    """A small linear congruential generator: the same numbers everywhere, for ever."""

    def __init__(self, seed: int) -> None:
        self.state = seed * 0x9E3779B97F4A7C15 + 1

    def below(self, limit: int) -> int:
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) & 0xFFFFFFFFFFFFFFFF
        return (self.state >> 33) % limit

    def choice(self, items: Sequence[T]) -> T:
        return items[self.below(len(items))]

    def octets(self, count: int) -> bytes:
        return bytes(self.below(256) for _ in range(count))


def mutate(chance: Chance, frame: bytes, *, length_too: bool) -> bytes:
    body = bytearray(frame)
    start = 0 if length_too else 4
    for _ in range(1 + chance.below(6)):
        at = start + chance.below(max(1, len(body) + 1 - start))
        what = chance.below(4)
        if what == 0 and at < len(body):
            body[at] = chance.choice([0, 1, 0xFF, chance.below(256)])
        elif what == 1:
            body[at:at] = chance.octets(1 + chance.below(8))
        elif what == 2:
            del body[at : at + 1 + chance.below(8)]
        else:
            body[at:at] = b"\x04\x24\x00" + chance.octets(2)
    if not length_too:
        body[:4] = max(len(body), 16).to_bytes(4, "big")
        body += bytes(max(0, 16 - len(body)))
    return bytes(body)


@pytest.mark.parametrize("seed", range(8))
def test_a_mutated_pdu_decodes_or_gives_a_pdu_error(seed: int) -> None:
    chance = Chance(seed)
    for _ in range(400):
        frame = mutate(chance, chance.choice(SEEDS), length_too=False)
        for validate in (True, False):
            try:
                pdu = decode(frame, validate=validate)
            except PduError as error:
                str(error)
                continue
            text_of(pdu)
            parse_receipt(pdu)
        describe_frame(frame)


@pytest.mark.parametrize("validate", [True, False])
@pytest.mark.parametrize("version", [0x33, 0x34, 0x50])
@pytest.mark.parametrize("seed", range(4))
def test_receive_never_raises(seed: int, version: int, validate: bool) -> None:
    chance = Chance(seed)
    for _ in range(60):
        session = SmscSession(validate=validate, window=chance.choice([None, 3]))
        bind = encode(PDUS[chance.choice([1, 2, 9])](1, interface_version=version))
        now = 0
        for event in session.receive(encode(PDUS[0x15](1)) if chance.below(5) == 0 else bind, now):
            session.accept_bind(event)
        for _ in range(10):
            now += chance.below(3000)
            data = mutate(chance, chance.choice(SEEDS), length_too=chance.below(10) == 0)
            for event in session.receive(data[: chance.choice([len(data), len(data), 9])], now):
                if isinstance(event, Bind) and session.close_reason is None:
                    session.accept_bind(event)
                elif isinstance(event, Closing):
                    assert session.next_deadline() is None
            if session.can_deliver:
                session.send_request(DeliverSm(), now)
            session.expired(now)
            session.take_output()
