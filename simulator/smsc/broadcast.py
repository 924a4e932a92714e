"""Cell broadcast (SMPP v5.0): a message to everybody in an area. To the engine it is a message like any other, whose
destination is the area."""

from typing import TYPE_CHECKING

from simulator.smpp import (
    BroadcastSm,
    BroadcastSmResp,
    CancelBroadcastSm,
    CommandStatus,
    QueryBroadcastSm,
    QueryBroadcastSmResp,
    Tag,
    Tlvs,
    response_to,
)
from simulator.smpp.concat import octets_of
from simulator.smsc.manage import cancel, find
from simulator.smsc.messages import Envelope, SmppMessage, shared
from simulator.smsc.states import message_state, refusal_status
from simulator.smsc.submit import admit, take, times_of

if TYPE_CHECKING:
    from simulator.smsc.connection import Connection
    from simulator.smsc.server import Smsc

REQUIRED = (
    Tag.BROADCAST_AREA_IDENTIFIER,
    Tag.BROADCAST_CONTENT_TYPE,
    Tag.BROADCAST_REP_NUM,
    Tag.BROADCAST_FREQUENCY_INTERVAL,
)
"""Parameters without which there is no broadcast (SMPP v5.0 section 4.4.1)."""

_ALIAS = 0x00
"""Format of an area that is given by its name."""

_LONGEST_NAME = 64
"""Characters of an area that count: no address field takes more."""

_ALL = 100
"""broadcast_area_success: per cent of the area that was reached."""


def broadcast_sm(smsc: "Smsc", connection: "Connection", pdu: BroadcastSm, now: int) -> None:
    """SMPP v5.0 section 4.4.1."""
    session = connection.session
    if status := admit(connection, pdu.source_addr, now):
        session.refuse(pdu, status)
        return
    if any(tag not in pdu.tlvs for tag in REQUIRED):
        session.refuse(pdu, CommandStatus.ESME_RMISSINGOPTPARAM)
        return
    times = times_of(pdu.schedule_delivery_time, pdu.validity_period, smsc.settings.validity, now)
    if isinstance(times, CommandStatus):
        session.refuse(pdu, times)
        return
    envelope = Envelope(
        pdu.service_type, pdu.source_addr_ton, pdu.source_addr_npi, 0, 0, 0, 0, pdu.priority_flag, 0, pdu.data_coding
    )
    area = _areas(pdu.tlvs)[0]
    name = area[1:].split(b"\0")[0].decode("latin-1") if area[:1] == bytes((_ALIAS,)) else area.hex()
    name = name[:_LONGEST_NAME]
    message = SmppMessage(connection, pdu.source_addr, name, shared(envelope), octets_of(pdu), pdu.tlvs)
    refusal = take(smsc, message, name, times)
    if refusal is not None:
        session.refuse(pdu, refusal_status(refusal))
        return
    connection.submitted += 1
    session.respond(BroadcastSmResp(pdu.sequence_number, message_id=message.message_id))


def query_broadcast_sm(smsc: "Smsc", connection: "Connection", pdu: QueryBroadcastSm, now: int) -> None:
    """SMPP v5.0 section 4.6.1: the state, and each area with how much of it was reached."""
    message = find(smsc, connection, pdu.message_id, pdu.source_addr)
    if message is None or message.tlvs is None:
        connection.session.refuse(pdu, CommandStatus.ESME_RINVMSGID)
        return
    areas = _areas(message.tlvs)
    tlvs: Tlvs = {
        Tag.MESSAGE_STATE: message_state(message.step_at(now)),
        Tag.BROADCAST_AREA_IDENTIFIER: list(areas),
        Tag.BROADCAST_AREA_SUCCESS: [_ALL for _ in areas],
    }
    for echoed in (Tag.USER_MESSAGE_REFERENCE,):
        if echoed in pdu.tlvs:
            tlvs[echoed] = pdu.tlvs[echoed]
    connection.session.respond(QueryBroadcastSmResp(pdu.sequence_number, message_id=pdu.message_id, tlvs=tlvs))


def cancel_broadcast_sm(smsc: "Smsc", connection: "Connection", pdu: CancelBroadcastSm, now: int) -> None:
    """SMPP v5.0 section 4.6.2."""
    message = find(smsc, connection, pdu.message_id, pdu.source_addr)
    if message is None:
        connection.session.refuse(pdu, CommandStatus.ESME_RINVMSGID)
    elif not cancel(smsc, message):
        connection.session.refuse(pdu, CommandStatus.ESME_RBCASTCANCELFAIL)
    else:
        connection.session.respond(response_to(pdu))


def _areas(tlvs: Tlvs) -> list[bytes]:
    """The areas of a broadcast, at least one."""
    found = tlvs.get(Tag.BROADCAST_AREA_IDENTIFIER, b"")
    return [area for area in (found if isinstance(found, list) else [found]) if isinstance(area, bytes)] or [b""]
