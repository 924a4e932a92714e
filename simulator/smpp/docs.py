"""The tables of docs/smpp.md, drawn from the tables that the code works with: `python -m simulator.smpp.docs`.

    python -m simulator.smpp.docs              prints them all
    python -m simulator.smpp.docs docs/smpp.md  renews them in that file, between their markers

What is here beside the code's own: what becomes of each operation and of each optional parameter, in words. A test
holds that none is left out, and that docs/smpp.md is current.
"""

import re
import sys
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

from simulator.smpp.constants import FINAL_STATES, STAT, CommandId, MessageState
from simulator.smpp.pdus import PDUS, Pdu, SubmitMulti
from simulator.smpp.pdus.message import DATA_CODINGS
from simulator.smpp.states import BINDS, ESME_MAY, SMSC_MAY, State
from simulator.smpp.status import MEANING, CommandStatus
from simulator.smpp.text import CODINGS
from simulator.smpp.tlv import TLV_KINDS, Tag, TlvKind

C = CommandId
S = CommandStatus
T = Tag

SUPPORT: Final[dict[CommandId, str]] = {
    C.BIND_TRANSMITTER: "in full; the account is found by system_id, the password checked if it has one",
    C.BIND_RECEIVER: "in full; receipts that waited for a receiver come at once",
    C.BIND_TRANSCEIVER: "in full",
    C.OUTBIND: "in full: the SMSC connects to each ESME under `outbind:`, and again when the session has ended",
    C.UNBIND: "in full, both ways; what came before it is answered before it",
    C.ENQUIRE_LINK: "in full, both ways and in any state",
    C.SUBMIT_SM: "in full",
    C.SUBMIT_MULTI: "in full: up to 255 destinations and distribution lists, those that failed are named",
    C.DATA_SM: "in full; the SMSC sends receipts by it if `receipts: {via: data_sm}` says so, and where an address is "
    "too long for deliver_sm",
    C.DELIVER_SM: "in full: receipts, intermediate notifications, inbound messages",
    C.QUERY_SM: "in full; of a submit_multi the first destination is told",
    C.CANCEL_SM: "in full: by message_id, or all from a source to a destination, with a service_type or any",
    C.REPLACE_SM: "in full; another schedule only while the message is scheduled",
    C.ALERT_NOTIFICATION: "sent some time (`alert_after:`) after a message with set_dpf has failed",
    C.BROADCAST_SM: "in full; the engine sees one message, whose destination is the first area",
    C.QUERY_BROADCAST_SM: "in full; all areas are told, each reached to 100 %",
    C.CANCEL_BROADCAST_SM: "by message_id only",
    C.GENERIC_NACK: "sent where the standard asks for it; one that comes answers the request that it names",
}
"""How far each operation goes. Responses go with their requests."""

SINCE_5_0: Final = frozenset({C.BROADCAST_SM, C.QUERY_BROADCAST_SM, C.CANCEL_BROADCAST_SM})
SINCE_3_4: Final = frozenset({C.BIND_TRANSCEIVER, C.OUTBIND, C.DATA_SM, C.ALERT_NOTIFICATION, C.SUBMIT_MULTI})

_KEPT: Final = "kept with the message"
_ON: Final = "kept, and handed on in deliver_sm to an ESME that owns the destination"
_RECEIPT: Final = "written in receipts"
USE: Final[dict[Tag, str]] = {
    T.DEST_ADDR_SUBUNIT: _KEPT,
    T.DEST_NETWORK_TYPE: _KEPT,
    T.DEST_BEARER_TYPE: _KEPT,
    T.DEST_TELEMATICS_ID: _KEPT,
    T.SOURCE_ADDR_SUBUNIT: _KEPT,
    T.SOURCE_NETWORK_TYPE: _KEPT,
    T.SOURCE_BEARER_TYPE: _KEPT,
    T.SOURCE_TELEMATICS_ID: _KEPT,
    T.QOS_TIME_TO_LIVE: "data_sm: the validity, in seconds",
    T.PAYLOAD_TYPE: _ON,
    T.ADDITIONAL_STATUS_INFO_TEXT: "read in responses, written by nothing",
    T.RECEIPTED_MESSAGE_ID: _RECEIPT + ": the id, in the receipts' own format",
    T.MS_MSG_WAIT_FACILITIES: _KEPT,
    T.PRIVACY_INDICATOR: _ON,
    T.SOURCE_SUBADDRESS: _ON,
    T.DEST_SUBADDRESS: _ON,
    T.USER_MESSAGE_REFERENCE: "echoed in the receipts of its message and in query_broadcast_sm_resp; handed on in "
    "deliver_sm",
    T.USER_RESPONSE_CODE: _ON,
    T.SOURCE_PORT: _ON,
    T.DESTINATION_PORT: _ON,
    T.SAR_MSG_REF_NUM: "which long message this part belongs to: the parts are shown as one; handed on",
    T.LANGUAGE_INDICATOR: _ON,
    T.SAR_TOTAL_SEGMENTS: "how many parts there are; handed on",
    T.SAR_SEGMENT_SEQNUM: "which part this is; handed on",
    T.SC_INTERFACE_VERSION: "written in bind responses to clients of 3.4 and later: the version of the session",
    T.CALLBACK_NUM_PRES_IND: _ON,
    T.CALLBACK_NUM_ATAG: _ON,
    T.NUMBER_OF_MESSAGES: _KEPT,
    T.CALLBACK_NUM: _ON,
    T.DPF_RESULT: "read in responses, written by nothing",
    T.SET_DPF: "1: after a failure an alert_notification comes, when the subscriber can be reached again",
    T.MS_AVAILABILITY_STATUS: "written in alert_notification: 0, available",
    T.NETWORK_ERROR_CODE: _RECEIPT + ": network type 3 (GSM) and the error of the path's step",
    T.MESSAGE_PAYLOAD: "the message, if short_message is empty; both at once is ESME_RINVOPTPARAMVAL. Written in "
    "data_sm, and in deliver_sm for more than 254 octets",
    T.DELIVERY_FAILURE_REASON: "read in responses, written by nothing",
    T.MORE_MESSAGES_TO_SEND: _KEPT,
    T.MESSAGE_STATE: _RECEIPT + " and in query_broadcast_sm_resp",
    T.CONGESTION_STATE: "read in responses, written by nothing",
    T.USSD_SERVICE_OP: _ON,
    T.BROADCAST_CHANNEL_INDICATOR: _KEPT,
    T.BROADCAST_CONTENT_TYPE: "broadcast_sm must have it",
    T.BROADCAST_CONTENT_TYPE_INFO: _KEPT,
    T.BROADCAST_MESSAGE_CLASS: _KEPT,
    T.BROADCAST_REP_NUM: "broadcast_sm must have it; the message is sent once all the same",
    T.BROADCAST_FREQUENCY_INTERVAL: "broadcast_sm must have it; the message is sent once all the same",
    T.BROADCAST_AREA_IDENTIFIER: "broadcast_sm must have it, once or more; told in query_broadcast_sm_resp",
    T.BROADCAST_ERROR_STATUS: "read in responses, written by nothing",
    T.BROADCAST_AREA_SUCCESS: "written in query_broadcast_sm_resp: 100 for each area",
    T.BROADCAST_END_TIME: "read, written by nothing",
    T.BROADCAST_SERVICE_GROUP: _KEPT,
    T.BILLING_IDENTIFICATION: _KEPT,
    T.SOURCE_NETWORK_ID: _KEPT,
    T.DEST_NETWORK_ID: _KEPT,
    T.SOURCE_NODE_ID: _KEPT,
    T.DEST_NODE_ID: _KEPT,
    T.DEST_ADDR_NP_RESOLUTION: _KEPT,
    T.DEST_ADDR_NP_INFORMATION: _KEPT,
    T.DEST_ADDR_NP_COUNTRY: _KEPT,
    T.DISPLAY_TIME: _KEPT,
    T.SMS_SIGNAL: _KEPT,
    T.MS_VALIDITY: _KEPT,
    T.ALERT_ON_MESSAGE_DELIVERY: _KEPT,
    T.ITS_REPLY_TYPE: _KEPT,
    T.ITS_SESSION_INFO: _ON,
}
"""What the SMSC does with each optional parameter. All are read by their type, kept, and shown."""

BY_THE_SMSC: Final[dict[CommandStatus, str]] = {
    S.ESME_ROK: "all went well",
    S.ESME_RINVCMDLEN: "generic_nack, and then the connection is closed, for a command_length under 16 or over 65,536; "
    "the operation's own response for a PDU that ends too early or too late",
    S.ESME_RINVCMDID: "generic_nack, for an operation that no version has",
    S.ESME_RINVBNDSTS: "the session's state does not allow the operation",
    S.ESME_RALYBND: "a second bind",
    S.ESME_RSYSERR: "a rule with error_code 1401",
    S.ESME_RINVMSGLEN: "also a rule with error_code 1102",
    S.ESME_RINVSRCADR: "also a source that the account may not use (`senders:`), and a rule with error_code 1103",
    S.ESME_RINVDSTADR: "also a rule with error_code 1104",
    S.ESME_RINVMSGID: "query, cancel or replace: no such message of this account and source",
    S.ESME_RBINDFAIL: "more sessions than the account may have (`limits: {sessions: …}`)",
    S.ESME_RINVPASWD: "bind: the password is wrong",
    S.ESME_RINVSYSID: "bind: no account has this system_id, or none that may bind here",
    S.ESME_RCANCELFAIL: "cancel_sm: what is meant is final already",
    S.ESME_RREPLACEFAIL: "replace_sm: it is final already, or its schedule can't be changed any more",
    S.ESME_RMSGQFUL: "a rule with error_code 1402",
    S.ESME_RINVNUMDESTS: "also a submit_multi to nothing but empty distribution lists",
    S.ESME_RINVDLNAME: "also a distribution list that `distribution_lists:` does not have",
    S.ESME_RINVDESTFLAG: "submit_multi: a dest_flag that is neither 1 nor 2",
    S.ESME_RSUBMITFAIL: "a rule refuses the message without naming a status",
    S.ESME_RTHROTTLED: "more submits than the account may send (`limits: {submit: …}`); a rule with error_code 1301",
    S.ESME_RINVEXPIRY: "also a validity_period that ends before the message is to be sent",
    S.ESME_RINVOPTPARSTREAM: "the optional parameters don't fill what is left of the PDU",
    S.ESME_RINVPARLEN: "an optional parameter has a length that its type can't have",
    S.ESME_RMISSINGOPTPARAM: "broadcast_sm without one of the parameters that it must have",
    S.ESME_RINVOPTPARAMVAL: "message_payload beside a short_message",
    S.ESME_RBCASTCANCELFAIL: "cancel_broadcast_sm: it is final already",
}
"""When the SMSC sends a status, beside the fields that name it."""


_STATES: Final = (State.OPEN, State.OUTBOUND, State.BOUND_TX, State.BOUND_RX, State.BOUND_TRX)
_MARKED: Final = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows)]
    return "\n".join(lines)


def _requests() -> list[type[Pdu]]:
    return [cls for cls in PDUS.values() if not cls.is_response()]


def _senders(command_id: CommandId) -> str:
    esme = any(command_id in allowed for allowed in ESME_MAY.values())
    smsc = any(command_id in allowed for allowed in SMSC_MAY.values())
    return "both" if esme and smsc else "ESME" if esme else "SMSC"


def states() -> str:
    """Who may send which request in which state."""
    rows = []
    for cls in _requests():
        command_id = cls.command_id
        cells = []
        for state in _STATES:
            who = ["ESME"] * (command_id in ESME_MAY[state]) + ["SMSC"] * (command_id in SMSC_MAY[state])
            cells.append(", ".join(who))
        rows.append([f"`{cls.operation()}`", *cells])
    return _table(["request", *(state.name for state in _STATES)], rows)


def transitions() -> str:
    """How a session goes from one state to another."""
    rows = [["", "the connection is made", f"`{State.OPEN.name}`"]]
    rows.append([f"`{State.OPEN.name}`", "`outbind`, by the SMSC", f"`{State.OUTBOUND.name}`"])
    for bind, state in BINDS.items():
        froms = [from_.name for from_ in (State.OPEN, State.OUTBOUND) if bind in ESME_MAY[from_]]
        name = bind.name.lower()
        rows.append([", ".join(f"`{from_}`" for from_ in froms), f"`{name}`, accepted", f"`{state.name}`"])
    rows.append(["any bound one", "`unbind`, by either side, answered", f"`{State.UNBOUND.name}`"])
    rows.append(["any", "a timer, a PDU without an end, the connection lost", f"`{State.CLOSED.name}`"])
    return _table(["from", "by", "to"], rows)


def operations() -> str:
    """Every operation, with what is done about it."""
    rows = []
    for cls in [*_requests(), PDUS[C.GENERIC_NACK]]:
        command_id = cls.command_id
        answer = cls.response_class.operation() if cls.response_class is not None else ""
        since = "5.0" if command_id in SINCE_5_0 else "3.4" if command_id in SINCE_3_4 else "3.3"
        sender = "both" if command_id == C.GENERIC_NACK else _senders(command_id)
        name = f"`{cls.operation()}`"
        rows.append([name, f"0x{command_id:08X}", since, sender, answer and f"`{answer}`", SUPPORT[command_id]])
    return _table(["operation", "command_id", "since", "sent by", "answered by", "supported"], rows)


def _size(kind: TlvKind) -> str:
    return str(kind.low) if kind.low == kind.high else f"{kind.low} to {kind.high}"


def tlvs() -> str:
    """Every optional parameter."""
    shapes = {"integer": "Integer", "c_octet": "C-Octet String", "octets": "Octet String", "flag": "none"}
    rows = [
        [f"0x{tag:04X}", f"`{kind.name}`", shapes[kind.shape], _size(kind), USE[Tag(tag)]]
        for tag, kind in TLV_KINDS.items()
    ]
    return _table(["tag", "name", "type", "octets", "what the SMSC does with it"], rows)


def _fields_with(status: CommandStatus) -> dict[str, list[str]]:
    """Field -> the requests of an ESME in which a bad value of it gets this status."""
    found: dict[str, list[str]] = {}
    for cls in _requests():
        if _senders(cls.command_id) == "SMSC":
            continue
        for kind in cls.table:
            if kind.status == status != S.ESME_RSYSERR:  # that one is of fields in which anything goes
                found.setdefault(kind.name, []).append(cls.operation())
        if cls is SubmitMulti:
            inside = {
                S.ESME_RINVDSTTON: "dest_addr_ton",
                S.ESME_RINVDSTNPI: "dest_addr_npi",
                S.ESME_RINVDSTADR: "destination_addr",
                S.ESME_RINVDLNAME: "dl_name",
            }
            if status in inside:
                found.setdefault(inside[status], []).append(cls.operation())
    return found


def statuses() -> str:
    """Every status that the SMSC sends by itself, and when."""
    rows = []
    for status in CommandStatus:
        fields = _fields_with(status)
        when = [f"a bad {' or '.join(f'`{name}`' for name in fields)}"] if fields else []
        if status in BY_THE_SMSC:
            when.append(BY_THE_SMSC[status])
        if when:
            rows.append([f"0x{status:08X}", f"`{status.name}`", MEANING[status], "; ".join(when)])
    return _table(["status", "name", "meaning", "sent when"], rows)


def other_statuses() -> str:
    """Those that only a rule of a scenario sends."""
    others = [status.name for status in CommandStatus if status not in BY_THE_SMSC and not _fields_with(status)]
    return ", ".join(f"`{name}`" for name in others)


def message_states() -> str:
    """Message states, as receipts and query_sm_resp name them."""
    rows = [
        [str(int(state)), f"`{state.name}`", f"`{STAT[state]}`", "yes" if state in FINAL_STATES else "no"]
        for state in MessageState
    ]
    return _table(["message_state", "name", "`stat:` in receipts", "final"], rows)


def codings() -> str:
    """What each data_coding is read as."""
    rows = []
    for (label, accepted), group in groupby(range(256), lambda value: (CODINGS[value].label, value in DATA_CODINGS)):
        values = list(group)
        numbers = f"0x{values[0]:02X}" if len(values) == 1 else f"0x{values[0]:02X} to 0x{values[-1]:02X}"
        rows.append([numbers, label if accepted else "refused: ESME_RINVDCS", CODINGS[values[0]].encoding * accepted])
    return _table(["data_coding", "read as", "`encoding` in rules"], rows)


TABLES: Final = {
    table.__name__: table
    for table in (transitions, states, operations, tlvs, statuses, other_statuses, message_states, codings)
}
"""By the name that a marker has: `<!-- table: operations -->`."""


def renewed(text: str) -> str:
    """A document with all tables between their markers as the code has them now. Raises KeyError for a name that is
    none."""
    return _MARKED.sub(lambda found: f"{found[1]}\n{TABLES[found[2]]()}\n\n{found[3]}", text)


def main(arguments: Sequence[str]) -> None:
    """Print the tables, or renew them in the files named."""
    for name in arguments:
        file = Path(name)
        file.write_text(renewed(file.read_text(encoding="utf-8")), encoding="utf-8")
    if not arguments:
        print("\n\n".join(f"## {name}\n\n{table()}" for name, table in TABLES.items()))


if __name__ == "__main__":
    main(sys.argv[1:])
