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


def test_requests_sent_together_are_answered_each_for_itself() -> None:
    outstanding = Outstanding()
    assert list(outstanding.add_all(DELIVER, "abc", 100)) == [1, 2, 3]
    assert outstanding.answered(RESP, 2) == (DELIVER, "b")
    assert outstanding.first_deadline() == 100
    assert outstanding.abandon() == ["a", "c"]


def test_many_responses_at_once_count_those_that_somebody_waited_for() -> None:
    outstanding = Outstanding()
    outstanding.add_all(DELIVER, "abc", 100)
    assert outstanding.all_answered(DELIVER, [1, 3, 3, 99]) == 2
    assert outstanding.abandon() == ["b"]


def test_responses_of_another_operation_are_for_none_of_many() -> None:
    outstanding = waiting_for(100)
    outstanding.add(outstanding.next_sequence(), CommandId.ENQUIRE_LINK, "enquiry", 100)
    assert outstanding.all_answered(DELIVER, [1, 2]) == 1
    assert outstanding.abandon() == ["enquiry"]


def test_numbers_of_many_go_on_from_1_after_the_last() -> None:
    outstanding = Outstanding()
    outstanding.last_sequence = 0x7FFFFFFD
    assert list(outstanding.add_all(DELIVER, "abcd", 100)) == [0x7FFFFFFE, 0x7FFFFFFF, 1, 2]
    assert outstanding.next_sequence() == 3
    assert outstanding.answered(RESP, 0x7FFFFFFF) == (DELIVER, "b")
    assert outstanding.answered(RESP, 2) == (DELIVER, "d")
    assert outstanding.overdue(100) == (0x7FFFFFFE, DELIVER, "a")
    assert outstanding.overdue(100) == (1, DELIVER, "c")
    assert outstanding.overdue(100) is None
