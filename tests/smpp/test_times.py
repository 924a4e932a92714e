"""Times as SMPP writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.smpp import format_absolute, format_receipt_date, format_relative, is_time, parse_time

NOW = 1_769_904_000_000
"""2026-02-01 00:00:00 UTC."""


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("", None),
        ("260201000000000+", NOW),
        ("260201000000500+", NOW + 500),
        ("260201010000004+", NOW),
        ("260131230000004-", NOW),
        ("000001000000000R", NOW + 86_400_000),
        ("000000000130000R", NOW + 90_000),
    ],
)
def test_a_time_is_a_moment(text: str, ms: int | None) -> None:
    assert parse_time(text, NOW) == ms


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "260201000000000",
        "260201000000000*",
        "261301000000000+",
        "260230000000000+",
        "260201000000049+",
        "000001240000000R",
        "2602010000000००+",
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    assert not is_time(text)
    with pytest.raises(ValueError, match=r"^'"):
        parse_time(text, NOW)


@given(ms=st.integers(946_684_800_000, 4_102_444_799_900).map(lambda ms: ms // 100 * 100))
def test_a_moment_reads_back(ms: int) -> None:
    assert parse_time(format_absolute(ms), 0) == ms


@given(seconds=st.integers(0, 99 * 365 * 86_400))
def test_a_period_reads_back(seconds: int) -> None:
    assert parse_time(format_relative(seconds * 1000), NOW) == NOW + seconds * 1000


@pytest.mark.parametrize("ms", [-1, 100 * 365 * 86_400_000])
def test_a_period_that_does_not_fit_is_refused(ms: int) -> None:
    with pytest.raises(ValueError, match="not a period"):
        format_relative(ms)


@pytest.mark.parametrize(("seconds", "text"), [(False, "2602010000"), (True, "260201000059")])
def test_receipts_have_their_own_dates(seconds: bool, text: str) -> None:
    assert format_receipt_date(NOW + 59_999, seconds=seconds) == text
