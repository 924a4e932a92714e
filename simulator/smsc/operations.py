"""What the SMSC does for each operation of an ESME: one function each, and the table that finds it.

Every function answers its request, now; what comes of a message later comes through its receipts.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from simulator.engine import TERMINAL, IllegalTransition, Recipient
from simulator.smpp import (
    BroadcastSm,
    CancelBroadcastSm,
    CancelSm,
    CommandStatus,
    DataSm,
    Pdu,
    QueryBroadcastSm,
    QuerySm,
    QuerySmResp,
    ReplaceSm,
    SubmitMulti,
    SubmitSm,
    Tag,
    format_absolute,
    parse_time,
    response_to,
)
from simulator.smpp.constants import ESM_UDHI
from simulator.smpp.text import decode_text
from simulator.smsc.ids import parse_id, spell_id
from simulator.smsc.messages import Envelope, SmppMessage, segments_of, shared
from simulator.smsc.receipts import watch_of
from simulator.smsc.states import message_state, refusal_status

if TYPE_CHECKING:
    from simulator.smsc.connection import Connection
    from simulator.smsc.server import Smsc

_PAYLOAD = int(Tag.MESSAGE_PAYLOAD)


def submit_sm(smsc: "Smsc", connection: "Connection", pdu: SubmitSm, now: int) -> None:
    """SMPP v3.4 section 4.4."""
    session, account = connection.session, connection.account
    assert account is not None
    if connection.throttle is not None and not connection.throttle.admits(now):
        session.refuse(pdu, CommandStatus.ESME_RTHROTTLED)
        return
    envelope = shared(
        Envelope(
            pdu.service_type,
            pdu.source_addr_ton,
            pdu.source_addr_npi,
            pdu.dest_addr_ton,
            pdu.dest_addr_npi,
            pdu.esm_class,
            pdu.protocol_id,
            pdu.priority_flag,
            pdu.registered_delivery,
            pdu.data_coding,
        )
    )
    octets, tlvs = pdu.short_message, pdu.tlvs
    if tlvs:
        octets = octets or _payload(tlvs)
    message = SmppMessage(account.name, pdu.source_addr, pdu.destination_addr, envelope, octets, tlvs)
    if len(octets) > 140:
        message.segments = segments_of(octets, envelope)
    message.watch = watch_of(pdu.registered_delivery)
    start, validity = 0, smsc.settings.validity
    if pdu.schedule_delivery_time:
        start = max(0, (parse_time(pdu.schedule_delivery_time, now) or now) - now)
    if pdu.validity_period:
        validity = (parse_time(pdu.validity_period, now) or now) - now
        if validity <= 0:
            session.refuse(pdu, CommandStatus.ESME_RINVEXPIRY)
            return
    else:
        validity += start
    text = decode_text(octets, pdu.data_coding, bool(pdu.esm_class & ESM_UDHI))
    content = "\0".join((account.name, pdu.source_addr, pdu.destination_addr.removeprefix("+"), text))
    refusal = smsc.engine.submit(message, content.encode("utf-8", "surrogatepass"), validity=validity, start=start)
    if refusal is not None:
        session.refuse(pdu, refusal_status(refusal))
        return
    connection.submitted += 1
    session.respond_submit(pdu.sequence_number, spell_id(message.key, smsc.settings.message_id))


def _payload(tlvs: dict[int, Any]) -> bytes:
    payload = tlvs.get(_PAYLOAD, b"")
    return payload if isinstance(payload, bytes) else b""


def query_sm(smsc: "Smsc", connection: "Connection", pdu: QuerySm, now: int) -> None:
    """SMPP v3.4 section 4.8."""
    message = _find(smsc, connection, pdu.message_id, pdu.source_addr)
    if message is None:
        connection.session.refuse(pdu, CommandStatus.ESME_RINVMSGID)
        return
    recipient: Recipient = message.recipients[0]
    step = recipient.step_at(now)
    connection.session.respond(
        QuerySmResp(
            pdu.sequence_number,
            message_id=pdu.message_id,
            final_date=format_absolute(recipient.started_at + step.offset) if step.status in TERMINAL else "",
            message_state=message_state(step, connection.session.version),
            error_code=min(step.cause.network_error, 255) if step.cause is not None else 0,
        )
    )


def _find(smsc: "Smsc", connection: "Connection", message_id: str, source_addr: str) -> SmppMessage | None:
    """The message with this id, if it is this account's and from this source."""
    key = parse_id(message_id)
    message = None if key is None else smsc.engine.find(key)
    if not isinstance(message, SmppMessage) or connection.account is None:
        return None
    if message.account != connection.account.name or message.source != source_addr:
        return None
    return message


def cancel_sm(smsc: "Smsc", connection: "Connection", pdu: CancelSm, now: int) -> None:
    """SMPP v3.4 section 4.9: by id."""
    message = _find(smsc, connection, pdu.message_id, pdu.source_addr)
    if message is None:
        connection.session.refuse(pdu, CommandStatus.ESME_RINVMSGID)
        return
    try:
        for recipient in message.recipients:
            smsc.engine.cancel(recipient)
    except IllegalTransition:
        connection.session.refuse(pdu, CommandStatus.ESME_RCANCELFAIL)
        return
    connection.session.respond(response_to(pdu))


def not_supported(smsc: "Smsc", connection: "Connection", pdu: Pdu, now: int) -> None:
    """An operation that this SMSC doesn't offer."""
    connection.session.refuse(pdu, CommandStatus.ESME_RINVCMDID)


Operation = Callable[["Smsc", "Connection", Any, int], None]

OPERATIONS: dict[type[Pdu], Operation] = {
    SubmitSm: submit_sm,
    QuerySm: query_sm,
    CancelSm: cancel_sm,
    ReplaceSm: not_supported,
    SubmitMulti: not_supported,
    DataSm: not_supported,
    BroadcastSm: not_supported,
    QueryBroadcastSm: not_supported,
    CancelBroadcastSm: not_supported,
}
"""Bind, unbind, enquire_link and whatever is malformed never come here: the session answers them."""
