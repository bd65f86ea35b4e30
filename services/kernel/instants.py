"""Instants: aware, in UTC, to the microsecond at most. A rule is told the instant; it never asks."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import overload


def utc(year: int, month: int = 1, day: int = 1, hour: int = 0, minute: int = 0) -> datetime:
    """The instant with these UTC figures."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def year_begins(year: int) -> datetime:
    """1 January 00:00 UTC, which is also the end of the year before."""
    return utc(year)


@overload
def written(instant: datetime) -> str: ...


@overload
def written(instant: None) -> None: ...


@overload
def written(instant: datetime | None) -> str | None: ...


def written(instant: datetime | None) -> str | None:
    """An instant as it stands in a refusal, a digest or an earlier value: ISO 8601 in UTC, to the second."""
    return None if instant is None else instant.isoformat(timespec="seconds").replace("+00:00", "Z")


def minute_from(instant: datetime) -> datetime:
    """The first whole minute that is not before this instant: deadlines are fixed to the minute."""
    whole = instant.replace(second=0, microsecond=0)
    return whole if whole == instant else whole + timedelta(minutes=1)


def minute_after(instant: datetime) -> datetime:
    """The first whole minute after this instant."""
    return instant.replace(second=0, microsecond=0) + timedelta(minutes=1)


REMINDED_BEFORE = (timedelta(hours=72), timedelta(hours=24))
"""How long before a deadline those whose word is awaited are reminded of it."""


def reminders_before(deadline: datetime, *, since: datetime) -> Iterator[datetime]:
    """When to remind of a deadline, soonest first. What would have fallen before ``since``, when it was set, is not made up for."""
    return (falls for before in REMINDED_BEFORE if (falls := deadline - before) > since)
