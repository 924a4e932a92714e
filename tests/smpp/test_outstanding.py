"""Our requests that wait: matched by number and operation, and given up in the order of their deadlines."""

from simulator.smpp import CommandId
from simulator.smpp.outstanding import Outstanding

DELIVER, RESP, NACK = CommandId.DELIVER_SM, CommandId.DELIVER_SM_RESP, CommandId.GENERIC_NACK


def waiting_for(*deadlines: int | None) -> Outstanding:
    outstanding = Outstanding()
    for deadline in deadlines:
        number = outstanding.next_sequence()
        outstanding.add(number, DELIVER, f"request {number}", deadline)
    return outstanding


def test_a_response_is_matched_once() -> None:
    outstanding = waiting_for(100)
    assert outstanding.answered(RESP, 1) == (DELIVER, "request 1")
    assert outstanding.answered(RESP, 1) is None


def test_a_response_of_another_operation_is_for_none_of_them() -> None:
    outstanding = waiting_for(100)
    assert outstanding.answered(CommandId.DATA_SM_RESP, 1) is None
    assert 1 in outstanding
    assert outstanding.answered(NACK, 1) == (DELIVER, "request 1")


def test_they_are_abandoned_oldest_first() -> None:
    assert waiting_for(100, 200).abandon() == ["request 1", "request 2"]


def test_the_first_deadline_is_that_of_the_first_that_still_waits() -> None:
    outstanding = waiting_for(100, 200, 300)
    outstanding.answered(RESP, 2)
    assert outstanding.first_deadline() == 100
    outstanding.answered(RESP, 1)
    assert outstanding.first_deadline() == 300


def test_what_is_overdue_is_given_up_one_by_one() -> None:
    outstanding = waiting_for(100, 200, 300)
    assert outstanding.overdue(99) is None
    assert [outstanding.overdue(200)[0], outstanding.overdue(200)[0]] == [1, 2]
    assert outstanding.overdue(200) is None
    assert len(outstanding) == 1


def test_without_a_deadline_a_request_waits_for_ever() -> None:
    outstanding = waiting_for(None)
    assert outstanding.first_deadline() is None
    assert outstanding.overdue(10**12) is None
    assert len(outstanding) == 1


def test_a_number_used_again_has_its_own_deadline() -> None:
    outstanding = waiting_for(100)
    outstanding.answered(RESP, 1)
    outstanding.add(1, DELIVER, "later", 900)
    assert outstanding.first_deadline() == 900


def test_after_clearing_none_waits_and_the_counter_goes_on() -> None:
    outstanding = waiting_for(100, 200)
    assert outstanding.abandon()
    assert (len(outstanding), outstanding.first_deadline(), outstanding.next_sequence()) == (0, None, 3)


def test_answered_deadlines_do_not_pile_up() -> None:
    outstanding = Outstanding()
    for _ in range(5000):
        number = outstanding.next_sequence()
        outstanding.add(number, DELIVER, None, 100)
        outstanding.answered(RESP, number)
    assert len(outstanding._batches) < 1100
