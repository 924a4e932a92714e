"""Why a message was not delivered: the named causes that a path may give as `error:`.

Each has what either door shows of it: the gateway's `error_code` (lisoloo-api 5.2) and, on SMPP, the number of the
receipt's `err:` field and of the network_error_code TLV. Those numbers are the MAP user errors of 3GPP TS 29.002
(17.6), where the cause is one of them.
"""

from dataclasses import dataclass

from simulator.engine.statuses import Status


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason."""

    name: str
    """As paths and journals spell it."""
    error_code: str | None
    """The gateway's four digits; None shows no code."""
    network_error: int
    """0 to 65535: `err:` of a receipt, and the last two octets of network_error_code."""
    text: str
    """For people."""

    def __str__(self) -> str:
        return self.name


_CARRIER = "1502"  # SMS_REJECTED_BY_CARRIER
_TIMEOUT = "1503"  # SMS_TIMEOUT
_INTERNAL = "1401"  # INTERNAL_SERVER_ERROR

CAUSES: dict[str, Cause] = {
    cause.name: cause
    for cause in (
        Cause("unknown_subscriber", _CARRIER, 1, "The number is not assigned"),
        Cause("absent_subscriber", _CARRIER, 27, "The phone is off or out of coverage"),
        Cause("illegal_subscriber", _CARRIER, 9, "The network refused the subscriber"),
        Cause("teleservice_not_provisioned", _CARRIER, 11, "The subscription has no SMS"),
        Cause("illegal_equipment", _CARRIER, 12, "The network refused the handset"),
        Cause("call_barred", _CARRIER, 13, "The subscriber or the operator bars this sender"),
        Cause("facility_not_supported", _CARRIER, 21, "The visited network has no SMS"),
        Cause("subscriber_busy", _CARRIER, 31, "The handset is taking another message"),
        Cause("memory_capacity_exceeded", _CARRIER, 32, "The handset's memory is full"),
        Cause("message_waiting_list_full", _CARRIER, 33, "The operator's queue for this phone is full"),
        Cause("system_failure", _CARRIER, 34, "A fault in the operator's network"),
        Cause("sender_blocked", _CARRIER, 100, "The carrier does not take this sender"),
        Cause("content_blocked", _CARRIER, 101, "The carrier's filter took the text for spam"),
        Cause("no_route", _CARRIER, 102, "No route to the destination's operator"),
        Cause("rejected_by_carrier", _CARRIER, 103, "The carrier refused the message"),
        Cause("undeliverable", _CARRIER, 104, "The carrier could not deliver the message"),
        Cause("validity_expired", _TIMEOUT, 110, "The validity period ended before delivery"),
        Cause("no_receipt", _TIMEOUT, 111, "No definitive receipt came within the window"),
        Cause("timeout", _TIMEOUT, 112, "No final receipt came before the gateway's hold ended"),
        Cause("gateway_failure", _INTERNAL, 120, "A failure inside the gateway"),
        Cause("cancelled", None, 121, "Cancelled by the sender"),
    )
}

DEFAULT_CAUSE: dict[Status, Cause] = {
    Status.REJECTED: CAUSES["rejected_by_carrier"],
    Status.UNDELIVERED: CAUSES["undeliverable"],
    Status.EXPIRED: CAUSES["validity_expired"],
    Status.DELIVERY_UNKNOWN: CAUSES["no_receipt"],
    Status.FAILED: CAUSES["gateway_failure"],
}
"""What a step without `error:` gives as its cause; other statuses have none."""

TIMEOUT = CAUSES["timeout"]
CANCELLED = CAUSES["cancelled"]
