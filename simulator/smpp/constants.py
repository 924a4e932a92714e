"""The numbers of the standard, each under the name the standard gives it.

What it is: command ids, type of number, numbering plan, message states, and the bits of esm_class,
registered_delivery and data_coding (SMPP v3.4 section 5.1 and 5.2; SMPP v5.0 section 4.7).
Statuses are in `status`, optional parameters in `tlv`: each is a table of its own.

What it is not: a gate. A peer may send any number at all, and carriers do. Nothing in this package
turns an unknown number into an exception: `known(Ton, 9)` gives the plain int 9 back, and the field's
own declaration says which values are refused, with which status.

Why IntEnum: the members *are* ints, so the codec never converts on the hot path, and `.name` is there
for whoever prints them. Bits stay plain ints: IntFlag arithmetic costs a microsecond where an `&` will do.
"""

from enum import IntEnum
from typing import Final, TypeVar

VERSION_3_3: Final = 0x33
VERSION_3_4: Final = 0x34
VERSION_5_0: Final = 0x50

RESPONSE_BIT: Final = 0x80000000
"""Set in the command_id of every response (SMPP v3.4 section 5.1.2)."""

HEADER_LENGTH: Final = 16
MAX_SEQUENCE: Final = 0x7FFFFFFF
MAX_SHORT_MESSAGE: Final = 254
"""Octets that fit into short_message; anything longer travels in message_payload."""


class CommandId(IntEnum):
    """Which operation a PDU is (SMPP v3.4 section 5.1.2; the broadcast operations are of v5.0)."""

    GENERIC_NACK = 0x80000000
    BIND_RECEIVER = 0x00000001
    BIND_RECEIVER_RESP = 0x80000001
    BIND_TRANSMITTER = 0x00000002
    BIND_TRANSMITTER_RESP = 0x80000002
    QUERY_SM = 0x00000003
    QUERY_SM_RESP = 0x80000003
    SUBMIT_SM = 0x00000004
    SUBMIT_SM_RESP = 0x80000004
    DELIVER_SM = 0x00000005
    DELIVER_SM_RESP = 0x80000005
    UNBIND = 0x00000006
    UNBIND_RESP = 0x80000006
    REPLACE_SM = 0x00000007
    REPLACE_SM_RESP = 0x80000007
    CANCEL_SM = 0x00000008
    CANCEL_SM_RESP = 0x80000008
    BIND_TRANSCEIVER = 0x00000009
    BIND_TRANSCEIVER_RESP = 0x80000009
    OUTBIND = 0x0000000B
    ENQUIRE_LINK = 0x00000015
    ENQUIRE_LINK_RESP = 0x80000015
    SUBMIT_MULTI = 0x00000021
    SUBMIT_MULTI_RESP = 0x80000021
    ALERT_NOTIFICATION = 0x00000102
    DATA_SM = 0x00000103
    DATA_SM_RESP = 0x80000103
    BROADCAST_SM = 0x00000111
    BROADCAST_SM_RESP = 0x80000111
    QUERY_BROADCAST_SM = 0x00000112
    QUERY_BROADCAST_SM_RESP = 0x80000112
    CANCEL_BROADCAST_SM = 0x00000113
    CANCEL_BROADCAST_SM_RESP = 0x80000113


class Ton(IntEnum):
    """Type of number (SMPP v3.4 section 5.2.5)."""

    UNKNOWN = 0
    INTERNATIONAL = 1
    NATIONAL = 2
    NETWORK_SPECIFIC = 3
    SUBSCRIBER_NUMBER = 4
    ALPHANUMERIC = 5
    ABBREVIATED = 6


class Npi(IntEnum):
    """Numbering plan indicator (SMPP v3.4 section 5.2.6)."""

    UNKNOWN = 0
    ISDN = 1
    DATA = 3
    TELEX = 4
    LAND_MOBILE = 6
    NATIONAL = 8
    PRIVATE = 9
    ERMES = 10
    INTERNET = 14
    WAP_CLIENT_ID = 18


class MessageState(IntEnum):
    """Where a message is (SMPP v3.4 section 5.2.28; SCHEDULED and SKIPPED are of v5.0)."""

    SCHEDULED = 0
    ENROUTE = 1
    DELIVERED = 2
    EXPIRED = 3
    DELETED = 4
    UNDELIVERABLE = 5
    ACCEPTED = 6
    UNKNOWN = 7
    REJECTED = 8
    SKIPPED = 9


STAT: Final[dict[MessageState, str]] = {
    MessageState.SCHEDULED: "SCHEDULED",
    MessageState.ENROUTE: "ENROUTE",
    MessageState.DELIVERED: "DELIVRD",
    MessageState.EXPIRED: "EXPIRED",
    MessageState.DELETED: "DELETED",
    MessageState.UNDELIVERABLE: "UNDELIV",
    MessageState.ACCEPTED: "ACCEPTD",
    MessageState.UNKNOWN: "UNKNOWN",
    MessageState.REJECTED: "REJECTD",
    MessageState.SKIPPED: "SKIPPED",
}
"""How a receipt's text spells each state (SMPP v3.4 Appendix B). Appendix B has no word for the two
states of v5.0; they are spelled in full."""

STATE_OF_STAT: Final[dict[str, MessageState]] = {stat: state for state, stat in STAT.items()}

FINAL_STATES: Final = frozenset(
    {
        MessageState.DELIVERED,
        MessageState.EXPIRED,
        MessageState.DELETED,
        MessageState.UNDELIVERABLE,
        MessageState.REJECTED,
        MessageState.SKIPPED,
    }
)


# esm_class (SMPP v3.4 section 5.2.12): message mode in bits 0-1, type in bits 2-5, GSM features in 6-7.
ESM_MODE_MASK: Final = 0x03
ESM_MODE_DEFAULT: Final = 0x00
ESM_MODE_DATAGRAM: Final = 0x01
ESM_MODE_FORWARD: Final = 0x02
ESM_MODE_STORE_AND_FORWARD: Final = 0x03
ESM_TYPE_MASK: Final = 0x3C
ESM_TYPE_DEFAULT: Final = 0x00
ESM_TYPE_RECEIPT: Final = 0x04
ESM_TYPE_DELIVERY_ACK: Final = 0x08
ESM_TYPE_USER_ACK: Final = 0x10
ESM_TYPE_CONVERSATION_ABORT: Final = 0x18
ESM_TYPE_INTERMEDIATE: Final = 0x20
ESM_UDHI: Final = 0x40
ESM_REPLY_PATH: Final = 0x80

# registered_delivery (SMPP v3.4 section 5.2.17; value 3 of the receipt bits is of v5.0).
REGISTERED_RECEIPT_MASK: Final = 0x03
REGISTERED_RECEIPT_NONE: Final = 0x00
REGISTERED_RECEIPT_FINAL: Final = 0x01
REGISTERED_RECEIPT_FAILURE: Final = 0x02
REGISTERED_RECEIPT_SUCCESS: Final = 0x03
REGISTERED_ACK_MASK: Final = 0x0C
REGISTERED_ACK_DELIVERY: Final = 0x04
REGISTERED_ACK_USER: Final = 0x08
REGISTERED_INTERMEDIATE: Final = 0x10

# data_coding (SMPP v3.4 section 5.2.19).
CODING_DEFAULT: Final = 0x00
CODING_IA5: Final = 0x01
CODING_OCTETS: Final = 0x02
CODING_LATIN1: Final = 0x03
CODING_OCTETS_ALL: Final = 0x04
CODING_JIS: Final = 0x05
CODING_CYRILLIC: Final = 0x06
CODING_HEBREW: Final = 0x07
CODING_UCS2: Final = 0x08
CODING_PICTOGRAM: Final = 0x09
CODING_ISO_2022_JP: Final = 0x0A
CODING_EXTENDED_JIS: Final = 0x0D
CODING_KS_C_5601: Final = 0x0E

E = TypeVar("E", bound=IntEnum)


def known(enum: type[E], value: int) -> E | int:
    """The member for `value` if the standard has one, else the int itself. Never raises."""
    member = enum._value2member_map_.get(value)
    return member if isinstance(member, enum) else value


def name_of(enum: type[IntEnum], value: int) -> str:
    """The member's name, or the number in hexadecimal: for messages that people read."""
    member = enum._value2member_map_.get(value)
    return member.name if isinstance(member, enum) else f"0x{value:X}"
