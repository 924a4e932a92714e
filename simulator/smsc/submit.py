"""The operations that bring a message: submit_sm, submit_multi, data_sm."""

from typing import TYPE_CHECKING, NamedTuple

from simulator.engine import TERMINAL, IllegalTransition, Refusal
from simulator.engine.units import SECOND
from simulator.smpp import (
    CommandStatus,
    DataSm,
    DataSmResp,
    DistributionList,
    SmeAddress,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
    Tag,
    UnsuccessSme,
    concat_of,
    parse_time,
)
from simulator.smpp.concat import octets_of
from simulator.smpp.constants import ESM_UDHI
from simulator.smsc.messages import SmppMessage, envelope_of, segments_of
from simulator.smsc.receipts import watch_of
from simulator.smsc.states import refusal_status

if TYPE_CHECKING:
    from simulator.smsc.connection import Connection
    from simulator.smsc.server import Smsc


class Times(NamedTuple):
    """When a message starts and expires: milliseconds from now."""

    start: int
    validity: int


def submit_sm(smsc: "Smsc", connection: "Connection", pdu: SubmitSm, now: int) -> None:
    """SMPP v3.4 section 4.4."""
    session = connection.session
    status = admit(connection, pdu.source_addr, now)
    if status:
        session.refuse(pdu, status)
        return
    envelope = envelope_of(pdu, pdu, session.version)
    octets, tlvs = pdu.short_message, pdu.tlvs
    if tlvs:
        octets = octets_of(pdu)
    times = Times(0, smsc.settings.validity)
    if pdu.schedule_delivery_time or pdu.validity_period:
        found = times_of(pdu.schedule_delivery_time, pdu.validity_period, smsc.settings.validity, now)
        if isinstance(found, CommandStatus):
            session.refuse(pdu, found)
            return
        times = found
    message = SmppMessage(connection, pdu.source_addr, pdu.destination_addr, envelope, octets, tlvs)
    if pdu.replace_if_present_flag and (replaced := _replace(smsc, message, times)) is not None:
        session.respond_submit(pdu.sequence_number, replaced.message_id)
        return
    refusal = take(smsc, message, pdu.destination_addr.removeprefix("+"), times)
    if refusal is not None:
        session.refuse(pdu, refusal_status(refusal))
        return
    if (pdu.esm_class & ESM_UDHI or tlvs) and (concat := concat_of(pdu)) is not None:
        smsc.parts.add(message, concat, now)
    connection.submitted += 1
    session.respond_submit(pdu.sequence_number, message.message_id)


def submit_multi(smsc: "Smsc", connection: "Connection", pdu: SubmitMulti, now: int) -> None:
    """SMPP v3.4 section 4.5: the destinations that a rule refuses are named in the response."""
    session = connection.session
    destinations: list[SmeAddress] = []
    for destination in pdu.dest_addresses:
        if isinstance(destination, DistributionList):
            members = smsc.settings.distribution_lists.get(destination.dl_name)
            if members is None:
                session.refuse(pdu, CommandStatus.ESME_RINVDLNAME)
                return
            destinations += [SmeAddress(1, 1, member) for member in members]
        else:
            destinations.append(destination)
    if not destinations:  # an empty list, and nothing else
        session.refuse(pdu, CommandStatus.ESME_RINVNUMDESTS)
        return
    times = times_of(pdu.schedule_delivery_time, pdu.validity_period, smsc.settings.validity, now)
    status = admit(connection, pdu.source_addr, now) or (times if isinstance(times, CommandStatus) else 0)
    if status or isinstance(times, CommandStatus):
        session.refuse(pdu, status)
        return
    envelope = envelope_of(pdu, destinations[0], session.version)
    numbers = [destination.destination_addr for destination in destinations]
    message = SmppMessage(connection, pdu.source_addr, numbers, envelope, octets_of(pdu), pdu.tlvs)
    refused: list[tuple[int, Refusal]] = []
    content = ",".join(number.removeprefix("+") for number in numbers)
    refusal = take(smsc, message, content, times, refused)
    if refusal is not None:
        session.refuse(pdu, refusal_status(refusal))
        return
    connection.submitted += 1
    session.respond(
        SubmitMultiResp(
            pdu.sequence_number,
            message_id=message.message_id,
            unsuccess_smes=[
                UnsuccessSme(*destinations[index], error_status_code=refusal_status(why)) for index, why in refused
            ],
        )
    )


def data_sm(smsc: "Smsc", connection: "Connection", pdu: DataSm, now: int) -> None:
    """SMPP v3.4 section 4.7; its validity is the parameter qos_time_to_live, in seconds."""
    session = connection.session
    status = admit(connection, pdu.source_addr, now)
    if status:
        session.refuse(pdu, status)
        return
    validity = smsc.settings.validity
    to_live = pdu.tlvs.get(Tag.QOS_TIME_TO_LIVE)
    if isinstance(to_live, int):
        validity = to_live * SECOND
    envelope = envelope_of(pdu, pdu, session.version)
    message = SmppMessage(connection, pdu.source_addr, pdu.destination_addr, envelope, octets_of(pdu), pdu.tlvs)
    refusal = take(smsc, message, pdu.destination_addr.removeprefix("+"), Times(0, validity))
    if refusal is not None:
        session.refuse(pdu, refusal_status(refusal))
        return
    connection.submitted += 1
    session.respond(DataSmResp(pdu.sequence_number, message_id=message.message_id))


def take(
    smsc: "Smsc",
    message: SmppMessage,
    destination: str,
    times: Times,
    refused: list[tuple[int, Refusal]] | None = None,
) -> Refusal | None:
    """Hand a message to the engine. `destination`, with the text, is what its chance hangs on."""
    envelope, octets = message.envelope, message.octets
    message.segments = segments_of(octets, envelope)
    message.watch = watch_of(envelope.registered_delivery)
    content = "\0".join((message.account, message.source, destination, message.text)).encode("utf-8", "surrogatepass")
    if smsc.watches or message.tlvs:
        smsc.prepare(message)
    refusal = smsc.engine.submit(message, content, validity=times.validity, start=times.start, refused=refused)
    if refusal is None:
        smsc.taken(message)
    return refusal


def times_of(schedule: str, validity: str, default: int, now: int) -> Times | CommandStatus:
    """What schedule_delivery_time and validity_period say; the status to refuse with if they are over."""
    start = max(0, (parse_time(schedule, now) or now) - now)
    if not validity:
        return Times(start, start + default)
    ends = (parse_time(validity, now) or now) - now
    return Times(start, ends) if ends > start else CommandStatus.ESME_RINVEXPIRY


def admit(connection: "Connection", source: str, now: int) -> int:
    """0, or the status that refuses a message for whom it comes from."""
    if not connection.may_use(source):
        return CommandStatus.ESME_RINVSRCADR
    if connection.throttle is not None and not connection.throttle.admits(now):
        return CommandStatus.ESME_RTHROTTLED
    return 0


def _replace(smsc: "Smsc", new: SmppMessage, times: Times) -> SmppMessage | None:
    """Let a message take the place of the latest from the same source to the same destination with the same
    service_type that is not final yet (SMPP v3.4 section 5.2.18). None: there is none."""
    now = smsc.clock.now()
    for old in smsc.index.pending(new.account, new.source, new.to):
        if old.envelope.service_type == new.envelope.service_type and old.status_at(now) not in TERMINAL:
            old.octets, old.tlvs, old.envelope = new.octets, new.tlvs, new.envelope
            smsc.engine.observe(old, watch_of(old.envelope.registered_delivery))
            try:
                smsc.engine.expire_at(old, now + times.validity - old.started_at)
            except IllegalTransition:
                return None
            return old
    return None
