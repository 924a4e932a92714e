"""The named causes."""

import pytest

from simulator.engine import CAUSES, TERMINAL, Status
from simulator.engine.causes import CANCELLED, DEFAULT_CAUSE, TIMEOUT

MAP_ERRORS = {  # 3GPP TS 29.002, 17.6.6
    "unknown_subscriber": 1,
    "illegal_subscriber": 9,
    "teleservice_not_provisioned": 11,
    "illegal_equipment": 12,
    "call_barred": 13,
    "facility_not_supported": 21,
    "absent_subscriber": 27,
    "subscriber_busy": 31,
    "memory_capacity_exceeded": 32,
    "message_waiting_list_full": 33,
    "system_failure": 34,
}


@pytest.mark.parametrize(("name", "number"), MAP_ERRORS.items())
def test_a_fault_of_the_network_has_its_map_number(name, number):
    assert CAUSES[name].network_error == number


def test_a_table_finds_each_cause_by_the_name_that_it_shows():
    assert all(str(cause) == name for name, cause in CAUSES.items())


def test_network_error_numbers_tell_causes_apart():
    numbers = [cause.network_error for cause in CAUSES.values()]
    assert len(set(numbers)) == len(numbers)
    assert all(0 <= number <= 0xFFFF for number in numbers)


def test_gateway_codes_have_four_digits():
    assert all(cause.error_code is None or len(str(int(cause.error_code))) == 4 for cause in CAUSES.values())


def test_a_message_without_a_receipt_fails_with_1503():
    assert (TIMEOUT.name, TIMEOUT.error_code) == ("timeout", "1503")


def test_who_cancels_gets_no_error_code():
    assert CANCELLED.error_code is None


@pytest.mark.parametrize("status", Status)
def test_only_a_terminal_status_that_is_no_delivery_has_a_usual_cause(status):
    bad = status in TERMINAL and status not in (Status.DELIVERED, Status.PARTIALLY_DELIVERED)
    assert (status in DEFAULT_CAUSE) is bad
