"""Dates and times of the merchant's zone made into instants: pure (lisoloo-api 3.1.2, 3.1.3; decisions D12, D21)."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.engine.units import iso
from simulator.gateway import schedules
from simulator.gateway.schedules import days, last_day, recurring, scheduled

KINSHASA = ZoneInfo("Africa/Kinshasa")
PARIS = ZoneInfo("Europe/Paris")


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


NOW = at("2026-01-01T00:00")


def once(day: Any, time: Any, zone: ZoneInfo = KINSHASA, now: int = NOW) -> tuple[list[str], list[tuple[str, str]]]:
    """(instants, (code, field) of each problem)"""
    instants, problems = scheduled([{"date": day, "time": time}], zone, now)
    return [iso(instant) for instant in instants], [(problem.code, problem.field) for problem in problems]


def again(zone: ZoneInfo = KINSHASA, now: int = NOW, **change: Any) -> tuple[list[str], list[tuple[str, str]]]:
    schedule = {
        "start_date": "2026-06-01",
        "end_date": "2026-06-03",
        "frequency": "daily",
        "interval": 1,
        "times": ["09:00"],
        **change,
    }
    instants, problems = recurring(schedule, zone, now)
    return [iso(instant) for instant in instants], [(problem.code, problem.field) for problem in problems]


# ---- scheduled_dates ----


def test_a_time_is_the_merchants() -> None:
    assert once("2026-06-01", "09:00") == (["2026-06-01T08:00:00Z"], [])
    assert once("2026-06-01", "09:00", PARIS) == (["2026-06-01T07:00:00Z"], [])


def test_dates_are_sorted_and_duplicates_kept() -> None:
    entries = [{"date": "2026-01-0" + day, "time": "10:00"} for day in "4233"]
    instants, _ = scheduled(entries, KINSHASA, NOW)
    assert [iso(instant)[8:10] for instant in instants] == ["02", "03", "03", "04"]


@pytest.mark.parametrize(
    "day",
    [
        "2026-02-30",
        "2026-13-01",
        "26-01-01",
        "2026/01/02",
        "20260102",
        "2026-1-2",
        "2026-W01-1",
        "",
        "٢٠٢٦-٠١-٠٢",
        5,
    ],
)
def test_what_is_no_date_is_refused(day: object) -> None:
    assert once(day, "10:00") == ([], [("1106", "scheduled_dates[0].date")])


@pytest.mark.parametrize("time", ["24:00", "10:60", "9:00", "10:00:00", "10.00", "10:00 ", "10", "", "-1:00", 10, []])
def test_what_is_no_time_is_refused(time: object) -> None:
    assert once("2026-06-01", time) == ([], [("1106", "scheduled_dates[0].time")])


def test_the_past_is_refused_and_this_very_moment_is_not() -> None:
    assert once("2026-01-01", "01:00") == (["2026-01-01T00:00:00Z"], [])
    assert once("2026-01-01", "01:00", now=NOW + 1) == ([], [("1106", "scheduled_dates[0]")])


@pytest.mark.parametrize("day", ["9999-12-31", "2060-01-01"])
def test_what_is_too_far_is_refused(day: str) -> None:
    assert once(day, "10:00") == ([], [("1106", "scheduled_dates[0]")])


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_ends_of_the_calendar_break_nothing(zone: str, day: str) -> None:
    for time in ("00:00", "23:59"):
        assert once(day, time, ZoneInfo(zone))[1] == [("1106", "scheduled_dates[0]")]


def test_an_ambiguous_autumn_hour_is_its_first_occurrence() -> None:
    assert once("2026-10-25", "02:30", PARIS) == (["2026-10-25T00:30:00Z"], [])


@pytest.mark.parametrize(("time", "exists"), [("01:59", True), ("02:00", False), ("02:59", False), ("03:00", True)])
def test_a_time_that_spring_leaves_out_is_refused_with_1110(time: str, exists: bool) -> None:
    assert once("2026-03-29", time, PARIS)[1] == ([] if exists else [("1110", "scheduled_dates[0]")])


def test_all_bad_entries_are_listed() -> None:
    entries = [{"date": "2026-06-01", "time": "10:00"}, "x", {}, {"date": "2025-01-01", "time": "10:00"}]
    _, problems = scheduled(entries, KINSHASA, NOW)
    assert [problem.field for problem in problems] == [
        "scheduled_dates[1]",
        "scheduled_dates[2].date",
        "scheduled_dates[2].time",
        "scheduled_dates[3]",
    ]


# ---- recurring_schedule ----


def test_the_end_date_is_included() -> None:
    assert again()[0] == ["2026-06-01T08:00:00Z", "2026-06-02T08:00:00Z", "2026-06-03T08:00:00Z"]


def test_every_time_of_every_day() -> None:
    assert len(again(times=["18:00", "09:00"])[0]) == 6
    assert again(times=["18:00", "09:00"], end_date="2026-06-01")[0] == ["2026-06-01T08:00:00Z", "2026-06-01T17:00:00Z"]


def listed(frequency: str, start: str, end: str, interval: int = 1) -> list[str]:
    return [str(day) for day in days(date.fromisoformat(start), date.fromisoformat(end), frequency, interval)]


def test_monthly_takes_the_last_day_where_the_anchor_is_missing_and_does_not_drift() -> None:
    found = listed("monthly", "2026-01-31", "2026-12-31")
    assert [day[5:] for day in found] == [
        *("01-31", "02-28", "03-31", "04-30", "05-31", "06-30"),
        *("07-31", "08-31", "09-30", "10-31", "11-30", "12-31"),
    ]


def test_february_of_a_leap_year_has_29_days() -> None:
    assert listed("monthly", "2028-01-30", "2028-03-01") == ["2028-01-30", "2028-02-29"]


def test_yearly_on_the_29th_of_february() -> None:
    assert listed("yearly", "2028-02-29", "2032-12-31") == [
        *("2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"),
    ]


@pytest.mark.parametrize(
    ("frequency", "interval", "expected"),
    [
        ("daily", 10, ["2026-06-01", "2026-06-11", "2026-06-21"]),
        ("weekly", 1, ["2026-06-01", "2026-06-08", "2026-06-15", "2026-06-22", "2026-06-29"]),
        ("weekly", 3, ["2026-06-01", "2026-06-22"]),
        ("monthly", 1, ["2026-06-01"]),
        ("yearly", 1, ["2026-06-01"]),
        ("daily", 10**30, ["2026-06-01"]),
        ("yearly", 10**30, ["2026-06-01"]),
    ],
)
def test_interval_counts_units_of_the_frequency(frequency: str, interval: int, expected: list[str]) -> None:
    assert listed(frequency, "2026-06-01", "2026-06-30", interval) == expected


@given(
    start=st.dates(date(2020, 1, 1), date(2040, 1, 1)),
    end=st.dates(date(2020, 1, 1), date(2040, 1, 1)),
    frequency=st.sampled_from(["daily", "weekly", "monthly", "yearly"]),
    interval=st.integers(1, 50),
)
def test_days_rise_from_the_start_and_stay_within_the_period(
    start: date, end: date, frequency: str, interval: int
) -> None:
    found = list(days(start, end, frequency, interval))
    assert found == sorted(set(found))
    assert all(start <= day <= end for day in found)
    assert bool(found) == (start <= end)
    if frequency in ("monthly", "yearly"):
        assert all(day.day == min(start.day, last_day(day.year, day.month)) for day in found)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"start_date": None}, "start_date"),
        ({"interval": None}, "interval"),
        ({"times": None}, "times"),
        ({"start_date": "soon"}, "start_date"),
        ({"end_date": "2026-02-30"}, "end_date"),
        ({"end_date": "2026-05-31"}, "end_date"),
        ({"end_date": "2099-01-01"}, "end_date"),
        ({"frequency": "hourly"}, "frequency"),
        ({"frequency": ["daily"]}, "frequency"),
        ({"interval": 0}, "interval"),
        ({"interval": -1}, "interval"),
        ({"interval": 1.5}, "interval"),
        ({"interval": 1e400}, "interval"),
        ({"interval": True}, "interval"),
        ({"interval": "1"}, "interval"),
        ({"times": []}, "times"),
        ({"times": "09:00"}, "times"),
        ({"times": ["09:00", "9"]}, "times[1]"),
        ({"times": ["09:00"] * 2000}, "times"),
    ],
)
def test_a_bad_field_is_refused_with_1107(change: dict[str, Any], field: str) -> None:
    assert again(**change) == ([], [("1107", f"recurring_schedule.{field}")])


def test_an_interval_may_be_spelled_with_a_point_as_json_has_one_kind_of_number() -> None:
    assert again(interval=2.0) == again(interval=2) != again()


def test_occurrences_that_are_over_are_left_out() -> None:
    assert again(start_date="2025-12-01", end_date="2026-01-02")[0] == ["2026-01-01T08:00:00Z", "2026-01-02T08:00:00Z"]


@given(
    start=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    since=st.dates(date(2015, 1, 1), date(2040, 1, 1)),
    frequency=st.sampled_from(["daily", "weekly", "monthly", "yearly"]),
    interval=st.integers(1, 50),
)
def test_leaving_out_what_is_over_changes_nothing_else(start: date, since: date, frequency: str, interval: int) -> None:
    end = date(2035, 1, 1)
    everything = days(start, end, frequency, interval)
    assert list(days(start, end, frequency, interval, since)) == [day for day in everything if day >= since]


def test_a_start_two_thousand_years_ago_is_no_work() -> None:
    times = [f"{hour:02}:{minute:02}" for hour in range(24) for minute in range(60)]
    assert len(again(start_date="0001-01-01", end_date="2026-01-01", times=times)[0]) == 23 * 60


def test_a_schedule_that_is_over_is_refused() -> None:
    assert again(start_date="2025-12-01", end_date="2025-12-02") == ([], [("1107", "recurring_schedule")])


def test_a_schedule_with_too_many_dispatches_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedules, "MOST_DISPATCHES", 3)
    assert len(again()[0]) == 3
    assert again(end_date="2026-06-04") == ([], [("1107", "recurring_schedule")])


def test_a_recurrence_keeps_the_merchants_hour_over_a_change_of_summer_time() -> None:
    found, _ = again(PARIS, start_date="2026-03-28", end_date="2026-03-30")
    assert [instant[11:16] for instant in found] == ["08:00", "07:00", "07:00"]


def test_an_hour_that_spring_leaves_out_moves_forward_in_a_recurrence() -> None:
    found, problems = again(PARIS, start_date="2026-03-28", end_date="2026-03-30", times=["02:30"])
    assert [instant[8:16] for instant in found] == ["28T01:30", "29T01:30", "30T00:30"]
    assert not problems
