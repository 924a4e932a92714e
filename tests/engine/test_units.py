"""Durations and instants."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine import format_duration, iso, iso_ms, parse_duration
from simulator.engine.units import DAY, HOUR, LONGEST, MINUTE, SECOND

SPELLED = {
    "0": 0,
    "0s": 0,
    "250ms": 250,
    "2s": 2 * SECOND,
    "1.5s": 1500,
    "1m30s": 90 * SECOND,
    "1m 30s": 90 * SECOND,
    " 4h ": 4 * HOUR,
    "10 m": 10 * MINUTE,
    "2d": 2 * DAY,
    "1d2h3m4s5ms": DAY + 2 * HOUR + 3 * MINUTE + 4 * SECOND + 5,
    "10000d": LONGEST,
}

NONSENSE = ["", " ", "5", "s", "-1s", "1w", "1,5s", "1 0s", "1..2s", ".5s", "2s!", "1e3s", "2 hours", "0x1s"]


@pytest.mark.parametrize(("text", "milliseconds"), SPELLED.items())
def test_a_duration_is_read(text, milliseconds):
    assert parse_duration(text) == milliseconds


@pytest.mark.parametrize("text", NONSENSE)
def test_what_is_no_duration_is_refused_with_an_example_of_one(text):
    with pytest.raises(ValueError, match="is not a duration: write 0, 250ms, 2s, 1m30s, 4h or 2d"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["10001d", "10000d1ms", "9" * 400 + "s"])
def test_a_duration_beyond_every_date_is_refused(text):
    with pytest.raises(ValueError, match="is too long: 10000d at most"):
        parse_duration(text)


@given(st.integers(0, LONGEST))
def test_every_duration_can_be_written_and_read_back(milliseconds):
    assert parse_duration(format_duration(milliseconds)) == milliseconds


@pytest.mark.parametrize(("milliseconds", "text"), [(0, "0"), (90_000, "1m30s"), (-1500, "-1s500ms"), (DAY, "1d")])
def test_a_duration_is_written_in_the_largest_units(milliseconds, text):
    assert format_duration(milliseconds) == text


def test_an_instant_is_written_in_utc_with_whole_seconds():
    assert iso(1_779_876_908_999) == "2026-05-27T10:15:08Z"


def test_an_instant_is_written_with_milliseconds_where_they_matter():
    assert iso_ms(1_779_876_908_042) == "2026-05-27T10:15:08.042Z"
