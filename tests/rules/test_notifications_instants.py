"""Instants in words: in UTC for everybody, and by the clocks of who chose a zone."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel import utc, written
from services.notifications.rules import matters, notes
from services.notifications.rules.instants import by_the_clock, minute, span, told_in
from services.notifications.rules.schedules import Schedule

AT = utc(2015, 1, 5, 9)
PARIS, NEW_YORK, KATHMANDU = "Europe/Paris", "America/New_York", "Asia/Kathmandu"
CLOCKS_FORWARD, CLOCKS_BACK = utc(2015, 3, 29, 1), utc(2015, 10, 25, 1)
"""When Paris puts its clocks forward, from 02:00 to 03:00, and back, from 03:00 to 02:00."""


def announced(starts, ends, **changes) -> matters.Matter:
    told = {"briefing": "b", "uid": "b@x", "revision": 0, "title": "Consultation", "kind": "consultation", "place": "Vienna"}
    told |= {"agenda": [], "papers": [], "pillars": [], "on_margins_of": None, "capacity": None, "reply_by": None}
    return matters.briefing("briefing_announced", {**told, "starts_at": starts, "ends_at": ends, **changes}, AT)


def read(matter, zone: str, language: str) -> str:
    return told_in(zone, language, matter.summary[language], matter.data)


@pytest.mark.parametrize(
    ("zone", "en", "fr"),
    [
        (
            PARIS,
            "20 January 2015, 16:00–18:00 Europe/Paris (15:00–17:00 UTC)",
            "20 janvier 2015, 16:00–18:00 Europe/Paris (15:00–17:00 UTC)",
        ),
        (
            "Pacific/Auckland",
            "21 January 2015, 04:00–06:00 Pacific/Auckland (20 January 2015, 15:00–17:00 UTC)",
            "21 janvier 2015, 04:00–06:00 Pacific/Auckland (20 janvier 2015, 15:00–17:00 UTC)",
        ),
        (
            "Asia/Calcutta",
            "20 January 2015, 20:30–22:30 Asia/Calcutta (15:00–17:00 UTC)",
            "20 janvier 2015, 20:30–22:30 Asia/Calcutta (15:00–17:00 UTC)",
        ),
    ],
)
def test_a_briefing_is_told_by_the_readers_clocks_in_both_languages(zone, en, fr):
    matter = announced(utc(2015, 1, 20, 15), utc(2015, 1, 20, 17), on_margins_of="the Commission")
    assert read(matter, zone, "en") == f"{en}, Vienna, on the margins of the Commission."
    assert read(matter, zone, "fr") == f"{fr}, Vienna, en marge de : the Commission."
    assert "2015-01-20 15:00–17:00 UTC" in matter.summary["en"], "what is kept for all stays in UTC"


@pytest.mark.parametrize(
    ("starts", "zone", "en"),
    [
        (CLOCKS_FORWARD, PARIS, "29 March 2015, 01:30–03:30 Europe/Paris (00:30–01:30 UTC)"),
        (CLOCKS_BACK, PARIS, "25 October 2015, 02:30–02:30 Europe/Paris (00:30–01:30 UTC)"),
        (utc(2015, 3, 8, 7), NEW_YORK, "8 March 2015, 01:30–03:30 America/New_York (06:30–07:30 UTC)"),
    ],
)
def test_over_a_change_of_the_clocks_each_end_is_told_as_they_show_it_then(starts, zone, en):
    half = timedelta(minutes=30)
    assert read(announced(starts - half, starts + half), zone, "en") == f"{en}, Vienna."


def test_an_hour_that_the_clocks_show_twice_is_told_apart_by_utc():
    told = [by_the_clock(PARIS, "fr", CLOCKS_BACK + timedelta(minutes=minutes)) for minutes in (-30, 30)]
    assert told == ["25 octobre 2015, 02:30 Europe/Paris (00:30 UTC)", "25 octobre 2015, 02:30 Europe/Paris (01:30 UTC)"]


def test_what_lasts_over_midnight_here_or_there_names_both_days():
    late = announced(utc(2015, 1, 31, 22), utc(2015, 2, 1, 1))
    assert read(late, "Africa/Nairobi", "fr").startswith(
        "1er février 2015, 01:00–04:00 Africa/Nairobi (31 janvier 2015, 22:00 – 1er février 2015, 01:00 UTC), "
    )
    evening = announced(utc(2015, 1, 31, 20), utc(2015, 1, 31, 23, 30))
    assert read(evening, PARIS, "en").startswith(
        "31 January 2015, 21:00 – 1 February 2015, 00:30 Europe/Paris (31 January 2015, 20:00–23:30 UTC), "
    )


def test_deadlines_and_reminders_are_told_so_too_and_what_is_no_instant_of_theirs_stays():
    draft = {"document": "d", "title": "Text", "kind": "joint_statement", "number": None, "asked": ["ILO"], "drafters": ["IOM"]}
    round_opened = matters.comment_round_opened({**draft, "deadline": utc(2015, 6, 30, 22)}, AT)
    assert read(round_opened, PARIS, "fr").endswith("Jusqu'au 1er juillet 2015, 00:00 Europe/Paris (30 juin 2015, 22:00 UTC).")
    more = {**draft, "digest": "0", "counting": ["ILO"], "deadline": utc(2015, 6, 2, 12), "earlier": utc(2015, 3, 2, 12)}
    assert read(matters.clearance_extended(more, AT), PARIS, "en").endswith(
        "Until 2 June 2015, 14:00 Europe/Paris (12:00 UTC); it was 2 March 2015, 13:00 Europe/Paris (12:00 UTC)."
    )
    near = notes.briefing_reminded(
        {"briefing": "b", "title": "Consultation", "starts_at": utc(2015, 7, 1, 8), "place": "Geneva"}, AT, comes=True
    )
    assert read(near, "Europe/Zurich", "en") == "You are expected: 1 July 2015, 10:00 Europe/Zurich (08:00 UTC), Geneva."
    moved = announced(utc(2015, 1, 20, 15), utc(2015, 1, 20, 17), reason="It was to be on 2015-01-19 15:00 UTC.")
    assert read(moved, PARIS, "en").endswith("Reason: It was to be on 2015-01-19 15:00 UTC.")


def test_a_language_whose_months_are_not_known_has_the_day_in_figures():
    assert by_the_clock(KATHMANDU, "ar", utc(2015, 1, 20, 15)) == "2015-01-20, 20:45 Asia/Kathmandu (15:00 UTC)"


def test_utc_is_what_stands_for_no_zone():
    assert Schedule().chosen_zone is Schedule.asked({"zone": "UTC"}).chosen_zone is None
    assert Schedule.asked({"zone": PARIS}).chosen_zone == PARIS


@given(
    starts=st.datetimes(utc(2000, 1, 1).replace(tzinfo=None), utc(2060, 1, 1).replace(tzinfo=None)),
    minutes=st.integers(1, 3_000),
    zone=st.sampled_from([PARIS, NEW_YORK, KATHMANDU, "Australia/Lord_Howe", "Pacific/Apia"]),
    language=st.sampled_from(["en", "fr", "es"]),
)
def test_every_instant_of_a_text_is_told_once_and_never_twice_turned(starts, minutes, zone, language):
    begin = starts.replace(tzinfo=ZoneInfo("UTC"), second=0, microsecond=0)
    end = begin + timedelta(minutes=minutes)
    data = {"starts_at": written(begin), "ends_at": written(end), "reply_by": written(end), "digest": "2015-01-20", "revision": 3}
    text = f"{span(begin, end)}, Vienna. Until {minute(end)}; from {minute(begin)}."
    first, last = by_the_clock(zone, language, begin), by_the_clock(zone, language, end)
    assert told_in(zone, language, text, data) == f"{by_the_clock(zone, language, begin, end)}, Vienna. Until {last}; from {first}."
    assert told_in(zone, language, text, {}) == text
