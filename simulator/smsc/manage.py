"""The operations about a message that was sent before: query_sm, cancel_sm, replace_sm."""

from typing import TYPE_CHECKING

from simulator.engine import TERMINAL, IllegalTransition, Status
from simulator.smpp import (
    CancelSm,
    CommandStatus,
    QuerySm,
    QuerySmResp,
    ReplaceSm,
    format_absolute,
    response_to,
)
from simulator.smpp.concat import octets_of
from simulator.smsc.ids import parse_id
from simulator.smsc.messages import SmppMessage
from simulator.smsc.receipts import watch_of
from simulator.smsc.states import message_state
from simulator.smsc.submit import times_of

if TYPE_CHECKING:
    from simulator.smsc.connection import Connection
    from simulator.smsc.server import Smsc


def find(smsc: "Smsc", connection: "Connection", message_id: str, source_addr: str) -> SmppMessage | None:
    """The message with this id, if it is this account's and from this source."""
    key = parse_id(message_id)
    if key is None:
        key = smsc.short_ids.key(message_id)
    message = None if key is None else smsc.engine.find(key)
    if not isinstance(message, SmppMessage):
        return None
    if message.account != connection.account_name or message.source != source_addr:
        return None
    return message


def query_sm(smsc: "Smsc", connection: "Connection", pdu: QuerySm, now: int) -> None:
    """SMPP v3.4 section 4.8. Of a submit_multi the first destination is told."""
    message = find(smsc, connection, pdu.message_id, pdu.source_addr)
    if message is None:
        connection.session.refuse(pdu, CommandStatus.ESME_RINVMSGID)
        return
    recipient = message.recipients[0]
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


def cancel_sm(smsc: "Smsc", connection: "Connection", pdu: CancelSm, now: int) -> None:
    """SMPP v3.4 section 4.9: one message by its id, or all from a source to a destination."""
    if pdu.message_id:
        message = find(smsc, connection, pdu.message_id, pdu.source_addr)
        if message is None:
            connection.session.refuse(pdu, CommandStatus.ESME_RINVMSGID)
            return
        meant = [message]
    else:
        pending = smsc.index.pending(connection.account_name, pdu.source_addr, pdu.destination_addr)
        meant = [message for message in pending if pdu.service_type in ("", message.envelope.service_type)]
    cancelled = [cancel(smsc, message) for message in meant]
    if not any(cancelled):
        connection.session.refuse(pdu, CommandStatus.ESME_RCANCELFAIL)
        return
    connection.session.respond(response_to(pdu))


def cancel(smsc: "Smsc", message: SmppMessage) -> bool:
    """Cancel whatever of a message is not final yet; False: nothing was left."""
    cancelled = False
    for recipient in message.recipients:
        try:
            smsc.engine.cancel(recipient)
            cancelled = True
        except IllegalTransition:
            continue
    return cancelled


def replace_sm(smsc: "Smsc", connection: "Connection", pdu: ReplaceSm, now: int) -> None:
    """SMPP v3.4 section 4.10: another text, and perhaps another time, for a message that is still on its way."""
    session = connection.session
    message = find(smsc, connection, pdu.message_id, pdu.source_addr)
    if message is None:
        session.refuse(pdu, CommandStatus.ESME_RINVMSGID)
        return
    if any(recipient.status_at(now) in TERMINAL for recipient in message.recipients):
        session.refuse(pdu, CommandStatus.ESME_RREPLACEFAIL)
        return
    times = times_of(pdu.schedule_delivery_time, pdu.validity_period, smsc.settings.validity, now)
    if isinstance(times, CommandStatus):
        session.refuse(pdu, times)
        return
    elapsed = now - message.started_at
    if pdu.schedule_delivery_time:
        if message.parts is not None or message.status_at(now) is not Status.SCHEDULED:
            session.refuse(pdu, CommandStatus.ESME_RREPLACEFAIL)
            return
        smsc.engine.reschedule(message, elapsed + times.start, validity=elapsed + times.validity)
    elif pdu.validity_period:
        for recipient in message.recipients:
            smsc.engine.expire_at(recipient, elapsed + times.validity)
    message.octets = octets_of(pdu)
    message.envelope = message.envelope._replace(registered_delivery=pdu.registered_delivery)
    smsc.engine.observe(message, watch_of(pdu.registered_delivery))
    session.respond(response_to(pdu))
