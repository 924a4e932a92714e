"""How durations and walks are written in reports."""

import pytest

from simulator.runner.words import number, short, span


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [
        (0, "0s"),
        (50, "50ms"),
        (999, "999ms"),
        (1000, "1s"),
        (2345, "2.3s"),
        (59_960, "1m"),
        (60_000, "1m"),
        (90_000, "1m30s"),
        (3_599_600, "1h"),
        (8_400_000, "2h20m"),
        (86_400_000, "1d"),
        (86_399_999, "1d"),
        (112_000_000, "1d7h"),
        (-1500, "-1.5s"),
    ],
)
def test_a_duration_is_short_and_has_at_most_two_units(milliseconds: int, words: str) -> None:
    assert short(milliseconds) == words


def test_a_span_is_one_time_where_both_ends_read_alike() -> None:
    assert span([2301, 2299]) == "2.3s"
    assert span([1000, 3000, 2000]) == "1s..3s"


def test_numbers_and_their_nouns_agree() -> None:
    assert [number(count, "message") for count in (0, 1, 2)] == ["0 messages", "1 message", "2 messages"]
