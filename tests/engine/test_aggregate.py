"""One status and three counters for several recipients (decisions D19 and D20)."""

from itertools import combinations_with_replacement

import pytest

from simulator.engine import TERMINAL, Status, aggregate_status, count

S = Status

TABLE = [
    ("all alike", [S.ENROUTE, S.ENROUTE], S.ENROUTE),
    ("all delivered", [S.DELIVERED, S.DELIVERED], S.DELIVERED),
    ("all undelivered", [S.UNDELIVERED, S.UNDELIVERED], S.UNDELIVERED),
    ("all scheduled", [S.SCHEDULED, S.SCHEDULED], S.SCHEDULED),
    ("none has left pending", [S.PENDING, S.SCHEDULED], S.PENDING),
    ("one has left pending", [S.PENDING, S.PROCESSING], S.PROCESSING),
    ("one is through, one is pending", [S.PENDING, S.DELIVERED], S.PROCESSING),
    ("one is sent, one is pending", [S.PENDING, S.SENT], S.PROCESSING),
    ("in the carrier's hands", [S.ACCEPTED, S.ENROUTE], S.PROCESSING),
    ("sent or on the way", [S.SENT, S.ENROUTE], S.PROCESSING),
    ("sent or final", [S.SENT, S.DELIVERED, S.FAILED], S.SENT),
    ("on the way or final", [S.ENROUTE, S.DELIVERED], S.PROCESSING),
    ("unknown or final", [S.UNKNOWN, S.DELIVERED], S.PROCESSING),
    ("mixed, one delivered", [S.FAILED, S.DELIVERED, S.EXPIRED], S.DELIVERED),
    ("mixed, one in part", [S.FAILED, S.PARTIALLY_DELIVERED], S.DELIVERED),
    ("mixed, delivered and in part", [S.DELIVERED, S.PARTIALLY_DELIVERED], S.DELIVERED),
    ("mixed, none delivered", [S.UNDELIVERED, S.EXPIRED], S.FAILED),
    ("mixed, unknown whether", [S.DELIVERY_UNKNOWN, S.REJECTED], S.FAILED),
]


@pytest.mark.parametrize(("statuses", "aggregate"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_the_status_of_a_batch(statuses, aggregate):
    assert aggregate_status(statuses) is aggregate
    assert aggregate_status(reversed(statuses)) is aggregate


@pytest.mark.parametrize("status", Status)
def test_a_single_recipient_lends_its_status(status):
    assert aggregate_status([status]) is status


def test_a_batch_is_final_exactly_when_every_recipient_is():
    for statuses in combinations_with_replacement(sorted(set(Status) - {S.NONE}), 3):
        assert (aggregate_status(statuses) in TERMINAL) is all(status in TERMINAL for status in statuses)


@pytest.mark.parametrize("status", Status)
def test_a_recipient_counts_once(status):
    delivered, failed, pending = count([status])
    assert delivered == (status in (S.DELIVERED, S.PARTIALLY_DELIVERED))
    assert failed == (status in TERMINAL and not delivered)
    assert delivered + failed + pending == 1


def test_counters_add_up():
    assert count([S.DELIVERED, S.PARTIALLY_DELIVERED, S.EXPIRED, S.SENT, S.UNKNOWN, S.PENDING]) == (2, 1, 3)
