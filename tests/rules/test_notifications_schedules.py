"""When what was announced may be brought: digests at the reader's hour and quiet hours, in every zone and over every change of clocks."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.kernel import Refusal, utc
from services.notifications.rules.schedules import AT_ONCE, DAILY, DAYS, OF_THE_MACHINE, WEEKLY, Schedule

STRANGE = ("Africa/Casablanca", "America/St_Johns", "Antarctica/Troll", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia")
"""Zones that change their clocks at odd hours, by half an hour, by two, or left out a day (Apia, 30 December 2011)."""

PUT_BACK = timedelta(hours=3)
"""The furthest that clocks were put back or forward within a day in these years, but for the day that Apia left out."""

zones = st.sampled_from([*STRANGE, *sorted(available_timezones() - OF_THE_MACHINE)])
clocks = st.times().map(lambda t: f"{t:%H:%M}")
instants = st.datetimes(datetime(2006, 1, 1), datetime(2037, 12, 1)).map(lambda at: at.replace(tzinfo=UTC))
patient = settings(deadline=None)
"""Reading a zone for the first time takes as long as the disk does."""

SPRING, AUTUMN = utc(2024, 3, 31), utc(2024, 10, 27)
"""Days on which Europe's clocks change, at 01:00 UTC."""


def shown(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%H:%M}"


def is_skipped(at: datetime, zone: str, clock: str) -> bool:
    """Whether the clocks were put forward over this time on the day on which an instant lies, or on the one before."""
    place = ZoneInfo(zone)
    day = at.astimezone(place).date()
    wanted = [datetime.combine(each, time.fromisoformat(clock), place) for each in (day, day - timedelta(days=1))]
    return any(each.astimezone(UTC).astimezone(place).replace(tzinfo=None) != each.replace(tzinfo=None) for each in wanted)


def lies_within(clock: str, begin: str, end: str) -> bool:
    return begin <= clock < end if begin < end else clock >= begin or clock < end


@patient
@given(instants, zones, clocks)
@example(SPRING + timedelta(minutes=30), "Europe/Paris", "02:30")
@example(AUTUMN + timedelta(minutes=30), "Europe/Paris", "02:30")
@example(utc(2011, 12, 29, 20), "Pacific/Apia", "08:00")
def test_a_daily_digest_comes_at_its_hour_within_a_day(at, zone, hour):
    held = Schedule.asked({"rhythm": DAILY, "zone": zone, "hour": hour}).held_until(at, "publications")
    assert at < held <= at + timedelta(days=1) + PUT_BACK
    assert shown(held, zone) == hour or is_skipped(held, zone, hour)


@patient
@given(instants, zones, clocks, st.sampled_from(DAYS))
def test_a_weekly_digest_comes_on_its_day_within_a_week(at, zone, hour, day):
    held = Schedule.asked({"rhythm": WEEKLY, "zone": zone, "hour": hour, "day": day}).held_until(at, "publications")
    assert at < held <= at + timedelta(weeks=1) + PUT_BACK
    at_home = held.astimezone(ZoneInfo(zone))
    assert (f"{at_home:%H:%M}", DAYS[at_home.weekday()]) == (hour, day) or is_skipped(held, zone, hour)


@patient
@given(instants, zones, clocks, st.integers(1, 20))
def test_all_of_one_day_go_in_one_digest_and_what_comes_after_in_the_next(at, zone, hour, minutes):
    schedule = Schedule.asked({"rhythm": DAILY, "zone": zone, "hour": hour})
    held = schedule.held_until(at, "publications")
    assert schedule.held_until(held - timedelta(milliseconds=1), "publications") == held
    assert schedule.held_until(held, "publications") > held
    later = schedule.held_until(min(at + timedelta(minutes=minutes), held), "publications")
    assert later >= held


@patient
@given(instants, zones, clocks, clocks)
@example(AUTUMN + timedelta(minutes=70), "Europe/Paris", "22:00", "02:30")
@example(SPRING + timedelta(minutes=-30), "Europe/Paris", "22:00", "02:30")
@example(utc(2024, 5, 5, 3), "UTC", "22:00", "07:00")
def test_nothing_is_brought_in_quiet_hours_and_all_of_it_at_their_end(at, zone, begin, end):
    if begin == end:
        return
    schedule = Schedule.asked({"zone": zone, "quiet_from": begin, "quiet_until": end})
    held = schedule.held_until(at, "publications")
    if held is None:
        assert not lies_within(shown(at, zone), begin, end)
    else:
        assert lies_within(shown(at, zone), begin, end)
        assert at < held <= at + timedelta(days=2)
        assert not lies_within(shown(held, zone), begin, end)
        assert shown(held, zone) == end or is_skipped(held, zone, end)
        assert schedule.held_until(held, "publications") is None


@patient
@given(instants, zones, clocks, clocks, clocks)
def test_a_digest_with_quiet_hours_is_refused_or_brought_outside_them(at, zone, hour, begin, end):
    wanted = {"rhythm": DAILY, "zone": zone, "hour": hour, "quiet_from": begin, "quiet_until": end}
    try:
        schedule = Schedule.asked(wanted)
    except Refusal as refused:
        assert refused.field == ("schedule.quiet_until" if begin == end else "schedule.hour")
        assert begin == end or lies_within(hour, begin, end)
        return
    held = schedule.held_until(at, "statements")
    assert held > at
    assert not lies_within(shown(held, zone), begin, end)


def test_quiet_hours_over_a_change_of_clocks():
    """At 02:00 in Paris the clocks show 03:00; in autumn at 03:00 they show 02:00 once more."""
    quiet = Schedule.asked({"zone": "Europe/Paris", "quiet_from": "22:00", "quiet_until": "07:00"})
    assert quiet.held_until(SPRING - timedelta(hours=1), "workplan") == SPRING.replace(hour=5)
    assert quiet.held_until(AUTUMN - timedelta(hours=1), "workplan") == AUTUMN.replace(hour=6)
    short = Schedule.asked({"zone": "Europe/Paris", "quiet_from": "22:00", "quiet_until": "02:30"})
    assert short.held_until(AUTUMN.replace(minute=10), "workplan") == AUTUMN.replace(minute=30)
    assert short.held_until(AUTUMN.replace(minute=40), "workplan") is None
    assert short.held_until(AUTUMN.replace(hour=1, minute=10), "workplan") == AUTUMN.replace(hour=1, minute=30)


def test_a_statement_passes_quiet_hours_unless_it_is_asked_not_to():
    night = utc(2024, 5, 5, 23)
    quiet = {"quiet_from": "22:00", "quiet_until": "07:00"}
    assert Schedule.asked(quiet).held_until(night, "statements") is None
    assert Schedule.asked(quiet).held_until(night, "publications") == utc(2024, 5, 6, 7)
    assert Schedule.asked(quiet | {"quiet_statements": True}).held_until(night, "statements") == utc(2024, 5, 6, 7)


def test_a_digest_gathers_statements_too():
    assert Schedule.asked({"rhythm": DAILY}).held_until(utc(2024, 5, 5, 9), "statements") == utc(2024, 5, 6, 8)


def test_without_a_wish_everything_comes_at_once():
    for schedule in (Schedule.asked(None), Schedule.asked({}), Schedule.asked(Schedule())):
        assert (schedule.rhythm, schedule.is_digest, schedule.held_until(utc(2024), "briefings")) == (AT_ONCE, False, None)


@pytest.mark.parametrize(
    ("wanted", "field", "rule"),
    [
        ({"zone": "Europe/Atlantis"}, "zone", "time-zone"),
        ({"zone": ""}, "zone", "time-zone"),
        ({"zone": "America"}, "zone", "time-zone"),
        ({"zone": "../../etc/passwd"}, "zone", "time-zone"),
        ({"zone": "/usr/share/zoneinfo/UTC"}, "zone", "time-zone"),
        ({"zone": "posixrules"}, "zone", "time-zone"),
        ({"zone": "localtime"}, "zone", "time-zone"),
        ({"quiet_from": "22:00"}, "quiet_until", "quiet-hours-both"),
        ({"quiet_until": "07:00"}, "quiet_from", "quiet-hours-both"),
        ({"quiet_from": "07:00", "quiet_until": "07:00"}, "quiet_until", "quiet-hours-length"),
        ({"rhythm": DAILY, "hour": "06:00", "quiet_from": "22:00", "quiet_until": "07:00"}, "hour", "digest-outside-quiet-hours"),
    ],
)
def test_a_schedule_that_cannot_be_kept_is_refused_with_its_field(wanted, field, rule):
    with pytest.raises(Refusal) as refused:
        Schedule.asked(wanted)
    assert (refused.value.kind, refused.value.field, refused.value.rule) == ("invalid", f"schedule.{field}", rule)
    assert refused.value.accepted


def test_a_zone_in_other_letters_is_named_as_it_is_written():
    with pytest.raises(Refusal) as refused:
        Schedule.asked({"zone": "europe/paris"})
    assert refused.value.accepted == "Europe/Paris"
