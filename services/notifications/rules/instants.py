"""Instants in words: in UTC as a matter and a note write them for everybody, and by the clocks of a reader who chose a zone.

A text is written once, for all its readers, and never changes. Whoever tells it to one of them looks in it for the instants among its
particulars, as they are written here, and says these by the reader's clock. What a person wrote is left as it is, but where it names one
of the same instants in the same words. The zone is named and UTC stands in brackets, so an hour that the clocks show twice is told apart.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

MONTHS = {
    "en": ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"],
    "fr": ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"],
}
"""The months by language; a day is told in figures in a language that is not here."""

AN_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
"""An instant as it stands among a matter's particulars."""


def minute(instant: datetime) -> str:
    """An instant as texts write it: ``2015-01-20 15:00 UTC``."""
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def span(starts: datetime, ends: datetime) -> str:
    """From one instant to another, as texts write it: ``2015-01-20 15:00–17:00 UTC``."""
    begin, end = starts.astimezone(UTC), ends.astimezone(UTC)
    until = f"{end:%H:%M}" if end.date() == begin.date() else f"{end:%Y-%m-%d %H:%M}"
    return f"{begin:%Y-%m-%d %H:%M}–{until} UTC"


def by_the_clock(zone: str, language: str, starts: datetime, ends: datetime | None = None) -> str:
    """An instant, or the time from one to another, by the clocks of a zone of IANA's database, with UTC in brackets:
    ``20 January 2015, 10:00–12:00 America/New_York (15:00–17:00 UTC)``. The day stands in the brackets too where it is another one."""
    instants = [starts] if ends is None else [starts, ends]
    there = [instant.astimezone(ZoneInfo(zone)) for instant in instants]
    in_utc = [instant.astimezone(UTC) for instant in instants]
    same_days = [each.date() for each in there] == [each.date() for each in in_utc]
    elsewhere = "–".join(f"{each:%H:%M}" for each in in_utc) if same_days else _told(in_utc, language)
    return f"{_told(there, language)} {zone} ({elsewhere} UTC)"


def told_in(zone: str, language: str, text: str, particulars: Mapping[str, Any]) -> str:
    """The text of a matter or a note with the instants among its particulars by the clocks of a zone."""
    known = dict(_known(zone, language, particulars))
    if not known:
        return text
    # The longest first: what ends on another day than it starts ends as a single instant is written.
    longest_first = sorted(known, key=len, reverse=True)
    return re.sub("|".join(map(re.escape, longest_first)), lambda found: known[found[0]], text)


def _known(zone: str, language: str, particulars: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each instant, and the time from the start to the end, as the text has it and as it is to be told."""
    found = {name: datetime.fromisoformat(v) for name, v in particulars.items() if isinstance(v, str) and AN_INSTANT.fullmatch(v)}
    for instant in found.values():
        yield minute(instant), by_the_clock(zone, language, instant)
    if "starts_at" in found and "ends_at" in found:
        starts, ends = found["starts_at"], found["ends_at"]
        yield span(starts, ends), by_the_clock(zone, language, starts, ends)


def _told(instants: list[datetime], language: str) -> str:
    first, last = instants[0], instants[-1]
    if len(instants) == 1:
        return f"{_day(first, language)}, {first:%H:%M}"
    if first.date() == last.date():
        return f"{_day(first, language)}, {first:%H:%M}–{last:%H:%M}"
    return f"{_day(first, language)}, {first:%H:%M} – {_day(last, language)}, {last:%H:%M}"


def _day(day: date, language: str) -> str:
    if language not in MONTHS:
        return f"{day:%Y-%m-%d}"
    return f"{'1er' if language == 'fr' and day.day == 1 else day.day} {MONTHS[language][day.month - 1]} {day.year}"
