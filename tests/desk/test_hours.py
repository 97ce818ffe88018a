"""Business hours: on the team's own wall clock, whatever that clock does."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.model.hours import DayOff, Schedule, Week, Why

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
OFFICE: Week = dict.fromkeys(range(5), ((8 * 60, 12 * 60), (13 * 60, 17 * 60 + 30)))
CHRISTMAS = {
    date(2026, 12, day): DayOff(Why.HOLIDAY if day in {25, 26} else Why.CLOSED_DAY, f"the {day}th")
    for day in range(24, 32)
} | {date(2027, 1, 1): DayOff(Why.HOLIDAY, "Nieuwjaarsdag")}


def here(text: str) -> datetime:
    """A wall-clock time in Amsterdam."""
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM)


def schedule(week: Week = OFFICE, zone: ZoneInfo = AMSTERDAM) -> Schedule:
    return Schedule(zone, week, CHRISTMAS.get)


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-03-02 07:59:59", False),
        ("2026-03-02 08:00", True),
        ("2026-03-02 11:59:59", True),
        ("2026-03-02 12:00", False),
        ("2026-03-02 13:00", True),
        ("2026-03-02 17:30", False),
        ("2026-03-07 10:00", False),
    ],
)
def test_it_is_open_from_the_first_minute_of_an_interval_to_before_its_last(at: str, is_open: bool) -> None:
    assert schedule().is_open(here(at)) is is_open


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        ("2026-03-02 10:00", "2026-03-02 10:00"),
        ("2026-03-02 12:10", "2026-03-02 13:00"),
        ("2026-03-06 17:30", "2026-03-09 08:00"),
        ("2026-12-23 18:00", "2027-01-04 08:00"),
    ],
)
def test_it_opens_next_after_a_break_a_weekend_or_a_week_of_holidays(at: str, opens: str) -> None:
    assert schedule().next_opening(here(at)) == here(opens)


def test_the_reason_is_given_as_data() -> None:
    week = schedule()
    assert week.explain(here("2026-03-02 10:00")).why is Why.OPEN
    closed = week.explain(here("2026-12-25 10:00"))
    assert (closed.why, closed.name, closed.day) == (Why.HOLIDAY, "the 25th", date(2026, 12, 25))
    assert week.explain(here("2026-12-24 10:00")).why is Why.CLOSED_DAY
    assert week.explain(here("2026-03-02 12:30")).why is Why.OUTSIDE_HOURS
    # The 26th and 27th are a weekend: closed anyway, whatever they are called.
    names = [off.name for off in week.days_off(here("2026-12-23 18:00"), here("2027-01-04 08:00"))]
    assert names == ["the 24th", "the 25th", "the 28th", "the 29th", "the 30th", "the 31th", "Nieuwjaarsdag"]


def test_a_team_without_hours_or_with_nothing_but_days_off_never_opens() -> None:
    assert schedule({}).next_opening(here("2026-03-02 10:00")) is None
    assert schedule({0: ()}).next_opening(here("2026-03-02 10:00")) is None
    always_off = Schedule(AMSTERDAM, OFFICE, lambda _: DayOff(Why.CLOSED_DAY, "moved"))
    assert always_off.next_opening(here("2026-03-02 10:00")) is None


def test_a_day_that_ends_at_midnight_goes_on_into_the_next() -> None:
    nights = schedule({0: ((20 * 60, 24 * 60),), 1: ((0, 6 * 60),)})
    assert nights.is_open(here("2026-03-02 23:59:59"))
    assert nights.is_open(here("2026-03-03 00:00"))
    assert nights.open_time(here("2026-03-02 00:00"), here("2026-03-04 00:00")) == timedelta(hours=10)


def test_when_the_clock_is_put_forward_the_night_is_an_hour_shorter_and_the_morning_is_on_time() -> None:
    sunday = schedule({6: ((0, 5 * 60), (8 * 60, 9 * 60))})
    assert sunday.open_time(here("2026-03-29 00:00"), here("2026-03-29 06:00")) == timedelta(hours=4)
    assert sunday.next_opening(here("2026-03-29 06:00")) == datetime(2026, 3, 29, 6, tzinfo=UTC)
    # What begins in the hour that is skipped begins with the hour after it; what lies within it is left out.
    assert schedule({6: ((150, 240),)}).next_opening(here("2026-03-29 00:00")) == here("2026-03-29 03:00")
    assert schedule({6: ((125, 175),)}).open_time(here("2026-03-28 00:00"), here("2026-03-30 00:00")) == timedelta()


def test_when_the_clock_is_put_back_the_night_is_an_hour_longer() -> None:
    sunday = schedule({6: ((0, 5 * 60),)})
    assert sunday.open_time(here("2026-10-25 00:00"), here("2026-10-25 06:00")) == timedelta(hours=6)
    # The hour that comes twice belongs to the interval once.
    twice = schedule({6: ((135, 165),)})
    assert twice.open_time(here("2026-10-25 00:00"), here("2026-10-25 06:00")) == timedelta(minutes=30)


def test_a_day_that_a_country_left_out_is_not_worked() -> None:
    """Samoa had no 30 December 2011, a Friday."""
    apia = Schedule(ZoneInfo("Pacific/Apia"), {4: ((9 * 60, 17 * 60),)})
    thursday = datetime(2011, 12, 29, 12, tzinfo=apia.zone)
    assert apia.next_opening(thursday) == datetime(2012, 1, 6, 9, tzinfo=apia.zone)


ZONES = st.sampled_from(["Europe/Amsterdam", "America/Sao_Paulo", "Australia/Lord_Howe", "Pacific/Apia", "UTC"])


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    week = {}
    for weekday in range(7):
        edges = sorted(draw(st.lists(st.integers(0, 1440), max_size=6, unique=True)))
        week[weekday] = tuple(zip(edges[::2], edges[1::2], strict=False))
    off = draw(st.sets(st.integers(0, 30), max_size=20))
    return Schedule(
        ZoneInfo(draw(ZONES)), week, lambda day: DayOff(Why.CLOSED_DAY, "off") if day.toordinal() % 31 in off else None
    )


# Around the days when clocks change, and a year in which Brazil still had such days, at midnight.
MOMENTS = st.sampled_from(
    [datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 10, 24, tzinfo=UTC), datetime(2018, 11, 3, 12, tzinfo=UTC)]
).flatmap(lambda base: st.integers(0, 60 * 60 * 96).map(lambda seconds: base + timedelta(seconds=seconds)))


@given(schedules(), MOMENTS, st.integers(0, 10**6), st.integers(0, 10**6))
def test_open_time_of_two_stretches_is_that_of_both_together(week: Schedule, at: datetime, one: int, two: int) -> None:
    middle = at + timedelta(seconds=one)
    end = middle + timedelta(seconds=two)
    assert week.open_time(at, middle) + week.open_time(middle, end) == week.open_time(at, end)
    assert week.open_time(end, at) <= timedelta()


@given(schedules(), MOMENTS)
def test_it_is_open_at_the_next_opening_and_never_before(week: Schedule, at: datetime) -> None:
    opens = week.next_opening(at)
    if opens is None:
        assert week.open_time(at, at + timedelta(days=60)) == timedelta()
        return
    assert week.is_open(opens)
    assert week.open_time(at, opens) == timedelta()
    assert (opens == at) is week.is_open(at)


@given(schedules(), MOMENTS)
def test_a_second_counts_exactly_when_it_is_open(week: Schedule, at: datetime) -> None:
    # Hours begin and end on whole minutes, so a second is open as a whole or not at all.
    counted = week.open_time(at, at + timedelta(seconds=1))
    assert counted == (timedelta(seconds=1) if week.is_open(at) else timedelta())
    assert (week.explain(at).why is Why.OPEN) is week.is_open(at)
