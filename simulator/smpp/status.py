"""Every command_status of the standard, with what it means in one line.

What it is: SMPP v3.4 section 5.1.3 together with SMPP v5.0 section 4.7.6. Version 5.0 renamed the five
statuses about optional parameters (0xC0 to 0xC4); both names work and mean the same member, and the
3.4 name is the one printed, because it is the one that most clients print.

What it is not: the set of statuses that can occur. Vendors use 0x400 to 0x4FF as they like, and some use
anything. `status_of` leaves those as plain ints, and `meaning` says what can be said of them.
"""

from enum import IntEnum
from typing import Final


class CommandStatus(IntEnum):
    """Whether a request succeeded, and if not, why."""

    ESME_ROK = 0x00000000
    ESME_RINVMSGLEN = 0x00000001
    ESME_RINVCMDLEN = 0x00000002
    ESME_RINVCMDID = 0x00000003
    ESME_RINVBNDSTS = 0x00000004
    ESME_RALYBND = 0x00000005
    ESME_RINVPRTFLG = 0x00000006
    ESME_RINVREGDLVFLG = 0x00000007
    ESME_RSYSERR = 0x00000008
    ESME_RINVSRCADR = 0x0000000A
    ESME_RINVDSTADR = 0x0000000B
    ESME_RINVMSGID = 0x0000000C
    ESME_RBINDFAIL = 0x0000000D
    ESME_RINVPASWD = 0x0000000E
    ESME_RINVSYSID = 0x0000000F
    ESME_RCANCELFAIL = 0x00000011
    ESME_RREPLACEFAIL = 0x00000013
    ESME_RMSGQFUL = 0x00000014
    ESME_RINVSERTYP = 0x00000015
    ESME_RINVNUMDESTS = 0x00000033
    ESME_RINVDLNAME = 0x00000034
    ESME_RINVDESTFLAG = 0x00000040
    ESME_RINVSUBREP = 0x00000042
    ESME_RINVESMCLASS = 0x00000043
    ESME_RCNTSUBDL = 0x00000044
    ESME_RSUBMITFAIL = 0x00000045
    ESME_RINVSRCTON = 0x00000048
    ESME_RINVSRCNPI = 0x00000049
    ESME_RINVDSTTON = 0x00000050
    ESME_RINVDSTNPI = 0x00000051
    ESME_RINVSYSTYP = 0x00000053
    ESME_RINVREPFLAG = 0x00000054
    ESME_RINVNUMMSGS = 0x00000055
    ESME_RTHROTTLED = 0x00000058
    ESME_RINVSCHED = 0x00000061
    ESME_RINVEXPIRY = 0x00000062
    ESME_RINVDFTMSGID = 0x00000063
    ESME_RX_T_APPN = 0x00000064
    ESME_RX_P_APPN = 0x00000065
    ESME_RX_R_APPN = 0x00000066
    ESME_RQUERYFAIL = 0x00000067
    ESME_RINVOPTPARSTREAM = 0x000000C0
    ESME_RINVTLVSTREAM = 0x000000C0
    ESME_ROPTPARNOTALLWD = 0x000000C1
    ESME_RTLVNOTALLWD = 0x000000C1
    ESME_RINVPARLEN = 0x000000C2
    ESME_RINVTLVLEN = 0x000000C2
    ESME_RMISSINGOPTPARAM = 0x000000C3
    ESME_RMISSINGTLV = 0x000000C3
    ESME_RINVOPTPARAMVAL = 0x000000C4
    ESME_RINVTLVVAL = 0x000000C4
    ESME_RDELIVERYFAILURE = 0x000000FE
    ESME_RUNKNOWNERR = 0x000000FF
    ESME_RSERTYPUNAUTH = 0x00000100
    ESME_RPROHIBITED = 0x00000101
    ESME_RSERTYPUNAVAIL = 0x00000102
    ESME_RSERTYPDENIED = 0x00000103
    ESME_RINVDCS = 0x00000104
    ESME_RINVSRCADDRSUBUNIT = 0x00000105
    ESME_RINVDSTADDRSUBUNIT = 0x00000106
    ESME_RINVBCASTFREQINT = 0x00000107
    ESME_RINVBCASTALIAS_NAME = 0x00000108
    ESME_RINVBCASTAREAFMT = 0x00000109
    ESME_RINVNUMBCAST_AREAS = 0x0000010A
    ESME_RINVBCASTCNTTYPE = 0x0000010B
    ESME_RINVBCASTMSGCLASS = 0x0000010C
    ESME_RBCASTFAIL = 0x0000010D
    ESME_RBCASTQUERYFAIL = 0x0000010E
    ESME_RBCASTCANCELFAIL = 0x0000010F
    ESME_RINVBCAST_REP = 0x00000110
    ESME_RINVBCASTSRVGRP = 0x00000111
    ESME_RINVBCASTCHANIND = 0x00000112


STATUS_BY_NAME: Final[dict[str, CommandStatus]] = dict(CommandStatus.__members__)
"""Every name, the five renamed ones under both: what a scenario file may write."""

_BY_VALUE: Final[dict[int, CommandStatus]] = {status.value: status for status in CommandStatus}

MEANING: Final[dict[CommandStatus, str]] = {
    CommandStatus.ESME_ROK: "no error",
    CommandStatus.ESME_RINVMSGLEN: "message length is invalid",
    CommandStatus.ESME_RINVCMDLEN: "command length is invalid",
    CommandStatus.ESME_RINVCMDID: "command id is not recognised",
    CommandStatus.ESME_RINVBNDSTS: "the session is not in a bind state that allows this command",
    CommandStatus.ESME_RALYBND: "the session is already bound",
    CommandStatus.ESME_RINVPRTFLG: "priority_flag is invalid",
    CommandStatus.ESME_RINVREGDLVFLG: "registered_delivery is invalid",
    CommandStatus.ESME_RSYSERR: "system error",
    CommandStatus.ESME_RINVSRCADR: "source address is invalid",
    CommandStatus.ESME_RINVDSTADR: "destination address is invalid",
    CommandStatus.ESME_RINVMSGID: "message_id is invalid",
    CommandStatus.ESME_RBINDFAIL: "bind failed",
    CommandStatus.ESME_RINVPASWD: "password is invalid",
    CommandStatus.ESME_RINVSYSID: "system_id is invalid",
    CommandStatus.ESME_RCANCELFAIL: "cancel_sm failed",
    CommandStatus.ESME_RREPLACEFAIL: "replace_sm failed",
    CommandStatus.ESME_RMSGQFUL: "message queue is full",
    CommandStatus.ESME_RINVSERTYP: "service_type is invalid",
    CommandStatus.ESME_RINVNUMDESTS: "number of destinations is invalid",
    CommandStatus.ESME_RINVDLNAME: "distribution list name is invalid",
    CommandStatus.ESME_RINVDESTFLAG: "destination flag of submit_multi is invalid",
    CommandStatus.ESME_RINVSUBREP: "submit with replace is not possible for this message",
    CommandStatus.ESME_RINVESMCLASS: "esm_class is invalid",
    CommandStatus.ESME_RCNTSUBDL: "cannot submit to a distribution list",
    CommandStatus.ESME_RSUBMITFAIL: "submit_sm or submit_multi failed",
    CommandStatus.ESME_RINVSRCTON: "type of number of the source address is invalid",
    CommandStatus.ESME_RINVSRCNPI: "numbering plan of the source address is invalid",
    CommandStatus.ESME_RINVDSTTON: "type of number of the destination address is invalid",
    CommandStatus.ESME_RINVDSTNPI: "numbering plan of the destination address is invalid",
    CommandStatus.ESME_RINVSYSTYP: "system_type is invalid",
    CommandStatus.ESME_RINVREPFLAG: "replace_if_present_flag is invalid",
    CommandStatus.ESME_RINVNUMMSGS: "number of messages is invalid",
    CommandStatus.ESME_RTHROTTLED: "throttled: the ESME went over its allowed rate or window",
    CommandStatus.ESME_RINVSCHED: "schedule_delivery_time is invalid",
    CommandStatus.ESME_RINVEXPIRY: "validity_period is invalid",
    CommandStatus.ESME_RINVDFTMSGID: "predefined message is invalid or not found",
    CommandStatus.ESME_RX_T_APPN: "temporary error at the receiving ESME: send again later",
    CommandStatus.ESME_RX_P_APPN: "permanent error at the receiving ESME: do not send again",
    CommandStatus.ESME_RX_R_APPN: "the receiving ESME rejects the message",
    CommandStatus.ESME_RQUERYFAIL: "query_sm failed",
    CommandStatus.ESME_RINVOPTPARSTREAM: "the optional part of the PDU is malformed",
    CommandStatus.ESME_ROPTPARNOTALLWD: "optional parameter is not allowed here",
    CommandStatus.ESME_RINVPARLEN: "length of an optional parameter is invalid",
    CommandStatus.ESME_RMISSINGOPTPARAM: "an expected optional parameter is missing",
    CommandStatus.ESME_RINVOPTPARAMVAL: "value of an optional parameter is invalid",
    CommandStatus.ESME_RDELIVERYFAILURE: "delivery failed (data_sm_resp)",
    CommandStatus.ESME_RUNKNOWNERR: "unknown error",
    CommandStatus.ESME_RSERTYPUNAUTH: "the ESME is not authorised to use this service_type",
    CommandStatus.ESME_RPROHIBITED: "the ESME is prohibited from this operation",
    CommandStatus.ESME_RSERTYPUNAVAIL: "this service_type is unavailable",
    CommandStatus.ESME_RSERTYPDENIED: "this service_type is denied",
    CommandStatus.ESME_RINVDCS: "data_coding is invalid",
    CommandStatus.ESME_RINVSRCADDRSUBUNIT: "source_addr_subunit is invalid",
    CommandStatus.ESME_RINVDSTADDRSUBUNIT: "dest_addr_subunit is invalid",
    CommandStatus.ESME_RINVBCASTFREQINT: "broadcast_frequency_interval is invalid",
    CommandStatus.ESME_RINVBCASTALIAS_NAME: "broadcast area alias name is invalid",
    CommandStatus.ESME_RINVBCASTAREAFMT: "format of a broadcast area is invalid",
    CommandStatus.ESME_RINVNUMBCAST_AREAS: "number of broadcast areas is invalid",
    CommandStatus.ESME_RINVBCASTCNTTYPE: "broadcast_content_type is invalid",
    CommandStatus.ESME_RINVBCASTMSGCLASS: "broadcast_message_class is invalid",
    CommandStatus.ESME_RBCASTFAIL: "broadcast_sm failed",
    CommandStatus.ESME_RBCASTQUERYFAIL: "query_broadcast_sm failed",
    CommandStatus.ESME_RBCASTCANCELFAIL: "cancel_broadcast_sm failed",
    CommandStatus.ESME_RINVBCAST_REP: "broadcast_rep_num is invalid",
    CommandStatus.ESME_RINVBCASTSRVGRP: "broadcast_service_group is invalid",
    CommandStatus.ESME_RINVBCASTCHANIND: "broadcast_channel_indicator is invalid",
}


def status_of(value: int) -> CommandStatus | int:
    """The member for a status that the standard knows, else the int itself."""
    return _BY_VALUE.get(value, value)


def status_name(value: int) -> str:
    """`ESME_RTHROTTLED`, or `0x00000400` where the standard has no name."""
    status = _BY_VALUE.get(value)
    return f"0x{value:08X}" if status is None else status.name


def meaning(value: int) -> str:
    """What a status says, in words; also for those that only a vendor knows."""
    status = _BY_VALUE.get(value)
    if status is not None:
        return MEANING[status]
    return "a status of the vendor's own" if 0x400 <= value <= 0x4FF else "a status that the standard reserves"
