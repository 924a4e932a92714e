"""One status, and three counters, for a message with several recipients (decisions D19 and D20)."""

from collections.abc import Iterable
from typing import NamedTuple

from simulator.engine.statuses import TERMINAL, Status

_DELIVERED = frozenset({Status.DELIVERED, Status.PARTIALLY_DELIVERED})
_BEFORE = frozenset({Status.PENDING, Status.SCHEDULED})


class Counters(NamedTuple):
    """Numbers of recipients; their sum is all of them."""

    delivered: int
    failed: int
    pending: int


def aggregate_status(statuses: Iterable[Status]) -> Status:
    """The status of a message whose recipients have these, at least one (decision D19)."""
    different = set(statuses)
    if len(different) == 1:
        return different.pop()
    if different <= TERMINAL:
        return Status.DELIVERED if different & _DELIVERED else Status.FAILED
    if different <= _BEFORE:
        return Status.PENDING
    if different <= TERMINAL | {Status.SENT}:
        return Status.SENT
    return Status.PROCESSING


def count(statuses: Iterable[Status]) -> Counters:
    """Delivered (also in part), failed (every other terminal status), and pending (the rest) (decision D20)."""
    delivered = failed = pending = 0
    for status in statuses:
        if status in _DELIVERED:
            delivered += 1
        elif status in TERMINAL:
            failed += 1
        else:
            pending += 1
    return Counters(delivered, failed, pending)
