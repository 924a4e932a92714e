"""How the engine's statuses and the refusals of its rules look to an ESME. The only two tables that say so."""

from simulator.engine import Refusal, Status, Step
from simulator.smpp import CommandStatus, MessageState

MESSAGE_STATES: dict[Status, MessageState] = {
    Status.NONE: MessageState.UNKNOWN,
    Status.SCHEDULED: MessageState.SCHEDULED,
    Status.PENDING: MessageState.ENROUTE,
    Status.PROCESSING: MessageState.ENROUTE,
    Status.ACCEPTED: MessageState.ACCEPTED,
    Status.ENROUTE: MessageState.ENROUTE,
    Status.SENT: MessageState.ENROUTE,
    Status.UNKNOWN: MessageState.UNKNOWN,
    Status.DELIVERED: MessageState.DELIVERED,
    Status.PARTIALLY_DELIVERED: MessageState.DELIVERED,
    Status.DELIVERY_UNKNOWN: MessageState.UNKNOWN,
    Status.UNDELIVERED: MessageState.UNDELIVERABLE,
    Status.REJECTED: MessageState.REJECTED,
    Status.EXPIRED: MessageState.EXPIRED,
    Status.FAILED: MessageState.UNDELIVERABLE,
}
"""Status -> message state (SMPP v3.4 section 5.2.28)."""

VERSION_5_0 = 0x50


def message_state(step: Step, version: int = VERSION_5_0) -> MessageState:
    """The message state that a step stands for, as a session of `version` may see it: SCHEDULED is 5.0's."""
    if step.status is Status.FAILED and step.cause is not None and step.cause.name == "cancelled":
        return MessageState.DELETED
    if step.status is Status.SCHEDULED and version < VERSION_5_0:
        return MessageState.ENROUTE
    return MESSAGE_STATES[step.status]


COMMAND_STATUSES: dict[str, CommandStatus] = {
    "1102": CommandStatus.ESME_RINVMSGLEN,
    "1103": CommandStatus.ESME_RINVSRCADR,
    "1104": CommandStatus.ESME_RINVDSTADR,
    "1301": CommandStatus.ESME_RTHROTTLED,
    "1401": CommandStatus.ESME_RSYSERR,
    "1402": CommandStatus.ESME_RMSGQFUL,
}
"""The gateway's error_code -> what an ESME is told, where a rule names only the former."""


def refusal_status(refusal: Refusal) -> int:
    """The command_status of a response that refuses a message."""
    if refusal.command_status is not None:
        return refusal.command_status
    return COMMAND_STATUSES.get(refusal.error_code or "", CommandStatus.ESME_RSUBMITFAIL)
