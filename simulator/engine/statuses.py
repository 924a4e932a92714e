"""The fifteen statuses of a message, and which may follow which.

`TRANSITIONS` is the only place that says so: paths are completed and checked by it when a scenario is loaded, and the
engine's cuts (cancel, expiry, a forced status) go through it too, so that an illegal transition cannot be expressed.
Values and meanings: the gateway's `ELisolooSmsStatus` (lisoloo-api 6.1).
"""

from collections import deque
from enum import StrEnum
from functools import cache


class Status(StrEnum):
    """What a message, or one recipient of it, has come to."""

    NONE = "none"
    """Before anything: it never surfaces."""
    PENDING = "pending"
    """Accepted and queued; nothing handed to a carrier."""
    SCHEDULED = "scheduled"
    """Waiting for a moment to come."""
    PROCESSING = "processing"
    """The connector took the job."""
    ACCEPTED = "accepted"
    """The SMSC took it; the operator is working."""
    ENROUTE = "enroute"
    """The operator is delivering."""
    SENT = "sent"
    """The carrier confirmed dispatch; waiting for the handset."""
    UNKNOWN = "unknown"
    """The state could not be determined: for the time being."""
    DELIVERED = "delivered"
    PARTIALLY_DELIVERED = "partially_delivered"
    DELIVERY_UNKNOWN = "delivery_unknown"
    UNDELIVERED = "undelivered"
    REJECTED = "rejected"
    EXPIRED = "expired"
    FAILED = "failed"

    __hash__ = str.__hash__
    __str__ = str.__str__


S = Status

TERMINAL = frozenset(
    {S.DELIVERED, S.PARTIALLY_DELIVERED, S.DELIVERY_UNKNOWN, S.UNDELIVERED, S.REJECTED, S.EXPIRED, S.FAILED}
)
"""Never left."""

_FROM_CARRIER = (S.UNDELIVERED, S.DELIVERY_UNKNOWN, S.EXPIRED, S.REJECTED, S.FAILED)

TRANSITIONS: dict[Status, tuple[Status, ...]] = {
    S.NONE: (S.PENDING, S.SCHEDULED),
    S.SCHEDULED: (S.PENDING, S.EXPIRED, S.FAILED),
    S.PENDING: (S.PROCESSING, S.EXPIRED, S.FAILED),
    S.PROCESSING: (S.ACCEPTED, S.REJECTED, S.EXPIRED, S.FAILED),
    S.ACCEPTED: (S.SENT, S.ENROUTE, S.UNKNOWN, *_FROM_CARRIER),
    S.ENROUTE: (S.SENT, S.UNKNOWN, *_FROM_CARRIER),
    S.SENT: (S.DELIVERED, S.PARTIALLY_DELIVERED, S.UNKNOWN, *_FROM_CARRIER),
    S.UNKNOWN: (S.SENT, S.ENROUTE, *_FROM_CARRIER),
    **dict.fromkeys(sorted(TERMINAL), ()),
}
"""Status -> those that may come right after it, the usual one first."""


@cache
def route(start: Status, goal: Status) -> tuple[Status, ...] | None:
    """The fewest statuses that lead from `start` to `goal`, `goal` included: `pending` to `delivered` is
    (processing, accepted, sent, delivered). None where `goal` can't be reached, or is where it starts (decision D32).

    No route leads through `unknown`: that a state could not be determined is for a path to say, not to be inferred.
    """
    if goal is start:
        return None
    ways: deque[tuple[Status, ...]] = deque([(start,)])
    seen = {start}
    while ways:
        way = ways.popleft()
        for following in TRANSITIONS[way[-1]]:
            if following is goal:
                return (*way[1:], goal)
            if following not in seen and following is not Status.UNKNOWN:
                seen.add(following)
                ways.append((*way, following))
    return None
