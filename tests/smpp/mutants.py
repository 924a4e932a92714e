"""PDUs that are wrong in every way, the same ones each time: made of valid ones, octet by octet, or of nothing."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from simulator.smpp import (
    PDUS,
    DataSm,
    DeliverSm,
    DistributionList,
    SmeAddress,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
    Tag,
    Tlvs,
    UnsuccessSme,
    encode,
)
from simulator.smpp.fields import COctetString, OctetString

T = TypeVar("T")

_TLVS: Tlvs = {Tag.USER_MESSAGE_REFERENCE: 7, Tag.RECEIPTED_MESSAGE_ID: "42", Tag.CALLBACK_NUM: b"\1\1\1" + b"447700"}
_BROADCAST: Tlvs = {
    Tag.BROADCAST_AREA_IDENTIFIER: [b"\0north", b"\0south"],
    Tag.BROADCAST_CONTENT_TYPE: b"\1\0\2",
    Tag.BROADCAST_REP_NUM: 1,
    Tag.BROADCAST_FREQUENCY_INTERVAL: b"\0\0\0",
    Tag.MESSAGE_PAYLOAD: b"storm",
}
_ADDRESSES = [SmeAddress(1, 1, "447700900123"), DistributionList("friends"), SmeAddress(5, 0, "x" * 20)]


def _filled(cls: type) -> bytes:
    """A PDU of one operation, with something in each field."""
    pdu = cls(7)
    for kind in cls.table:
        if isinstance(kind, OctetString):
            setattr(pdu, kind.name, b"hello")
        elif isinstance(kind, COctetString):
            time = kind.fixed and "000001000000000R"
            setattr(pdu, kind.name, time or "447700900123"[: kind.size - 1])
    if cls.has_tlvs:
        pdu.tlvs = dict(_BROADCAST if "broadcast" in cls.operation() else _TLVS)
    if isinstance(pdu, SubmitMulti):
        pdu.dest_addresses = list(_ADDRESSES)
    if isinstance(pdu, SubmitMultiResp):
        pdu.unsuccess_smes = [UnsuccessSme(1, 1, "447700900123", 11)]
    return encode(pdu)


VALID: list[bytes] = [
    *(encode(cls(7)) for cls in PDUS.values()),
    *(_filled(cls) for cls in PDUS.values()),
    encode(SubmitSm(9, 0, "CMT", 5, 0, "ABC", 1, 1, "447700900123", 0x40, short_message=b"\5\0\3\1\2\1hello")),
    encode(SubmitSm(9, destination_addr="1", data_coding=8, registered_delivery=0x11, short_message=b"\xd8\x3d\xde")),
    encode(SubmitSm(9, destination_addr="1", tlvs={0x0424: b"x" * 300, 0x0204: 7, 0x020C: 1})),
    encode(SubmitSm(9, destination_addr="1", registered_delivery=1, replace_if_present_flag=1, short_message=b"x")),
    encode(DataSm(9, source_addr="s" * 64, destination_addr="d" * 64, registered_delivery=1, tlvs={0x0424: b"x"})),
    encode(DeliverSm(1, esm_class=4, short_message=b"id:1 stat:DELIVRD", tlvs={0x001E: "1", 0x0427: 2})),
]
"""What is mutated: every operation, empty and full, and the forms that other code looks into."""

_OPERATIONS = [frame[4:8] for frame in VALID]
_ODD_LENGTHS = [0, 1, 4, 15, 65_537, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]


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
        return b"".join(self.below(1 << 31).to_bytes(4, "big")[1:] for _ in range(-(-count // 3)))[:count]


def mutant(chance: Chance) -> bytes:
    """One PDU whose command_length is right, and of whose rest nothing need be."""
    if chance.below(16) == 0:
        operation = chance.choice(_OPERATIONS) if chance.below(2) else chance.octets(4)
        return _framed(bytearray(b"\0\0\0\0" + operation + chance.octets(8 + chance.below(80))))
    body = bytearray(chance.choice(VALID))
    for _ in range(chance.below(5)):
        # mostly behind the header: who changes command_id has a request that nobody knows, again and again
        at = chance.below(len(body) + 1)
        if chance.below(8):
            at = min(16 + at, max(len(body) - 1, 0))
        if at >= len(body):
            body.append(chance.below(256))
        match chance.below(7):
            case 0:
                body[at] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.below(256)))
            case 1:
                body[at:at] = chance.octets(1 + chance.below(8))
            case 2:
                del body[at : at + 1 + chance.below(8)]
            case 3:
                del body[at:]
            case 4:
                body += chance.below(0x1500).to_bytes(2, "big") + chance.below(9).to_bytes(2, "big") + chance.octets(4)
            case 5:
                body[at:at] = body[at : at + chance.below(40)]
            case 6:
                body[at:] = chance.choice(VALID)[at:]
    return _framed(body)


def _framed(body: bytearray) -> bytes:
    body += bytes(max(0, 16 - len(body)))
    body[:4] = len(body).to_bytes(4, "big")
    return bytes(body)


def broken(chance: Chance) -> bytes:
    """The beginning of a PDU whose command_length can't be."""
    return chance.choice(_ODD_LENGTHS).to_bytes(4, "big") + chance.choice(_OPERATIONS) + chance.octets(8)


def mutants(seed: int, count: int) -> Iterator[bytes]:
    chance = Chance(seed)
    for _ in range(count):
        yield mutant(chance)
