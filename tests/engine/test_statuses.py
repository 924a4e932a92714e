"""The fifteen statuses and the table of transitions."""

import pytest

from simulator.engine import TERMINAL, TRANSITIONS, Status
from simulator.engine.statuses import route

S = Status
BEGUN = [status for status in Status if status is not S.NONE]
UNDERWAY = [status for status in BEGUN if status not in TERMINAL]


def test_there_are_the_gateways_fifteen_values():
    assert {str(status) for status in Status} == {
        *("none", "pending", "scheduled", "processing", "accepted", "enroute", "sent", "unknown", "delivered"),
        *("partially_delivered", "delivery_unknown", "undelivered", "rejected", "expired", "failed"),
    }


def test_the_table_has_a_row_for_every_status():
    assert set(TRANSITIONS) == set(Status)


@pytest.mark.parametrize("status", sorted(TERMINAL))
def test_a_terminal_status_is_never_left(status):
    assert TRANSITIONS[status] == ()


@pytest.mark.parametrize("status", UNDERWAY)
def test_any_earlier_status_may_fail_or_expire_directly(status):
    assert {S.FAILED, S.EXPIRED} <= set(TRANSITIONS[status])


@pytest.mark.parametrize("status", Status)
def test_nothing_leads_back_to_the_beginning(status):
    later = set(TRANSITIONS[status]) & {S.NONE, S.SCHEDULED, S.PENDING}
    assert not later or status in (S.NONE, S.SCHEDULED)


@pytest.mark.parametrize("status", BEGUN)
def test_every_status_can_be_reached(status):
    assert route(S.NONE, status) is not None


ROUTES = [
    (S.PENDING, S.DELIVERED, (S.PROCESSING, S.ACCEPTED, S.SENT, S.DELIVERED)),
    (S.PENDING, S.REJECTED, (S.PROCESSING, S.REJECTED)),
    (S.PENDING, S.ENROUTE, (S.PROCESSING, S.ACCEPTED, S.ENROUTE)),
    (S.PENDING, S.FAILED, (S.FAILED,)),
    (S.SCHEDULED, S.SENT, (S.PENDING, S.PROCESSING, S.ACCEPTED, S.SENT)),
    (S.ENROUTE, S.DELIVERED, (S.SENT, S.DELIVERED)),
    (S.UNKNOWN, S.ENROUTE, (S.ENROUTE,)),
    (S.ACCEPTED, S.UNKNOWN, (S.UNKNOWN,)),
]


@pytest.mark.parametrize(("start", "goal", "way"), ROUTES)
def test_a_route_names_the_fewest_statuses_between(start, goal, way):
    assert route(start, goal) == way


@pytest.mark.parametrize(
    ("start", "goal"),
    [
        (S.SENT, S.ENROUTE),
        (S.SENT, S.SENT),
        (S.ENROUTE, S.ENROUTE),
        (S.UNKNOWN, S.UNKNOWN),
        (S.ENROUTE, S.ACCEPTED),
        (S.DELIVERED, S.FAILED),
    ],
)
def test_there_is_no_way_back(start, goal):
    assert route(start, goal) is None


@pytest.mark.parametrize("start", Status)
@pytest.mark.parametrize("goal", Status)
def test_a_route_is_legal_and_never_invents_unknown(start, goal):
    way = route(start, goal)
    if way is not None:
        assert all(after in TRANSITIONS[before] for before, after in zip((start, *way), way, strict=False))
        assert S.UNKNOWN not in way[:-1]


def test_a_status_is_its_value_as_text_and_as_a_key():
    assert f"{S.DELIVERED}" == "delivered"
    assert {S.DELIVERED: 1}["delivered"] == 1
