"""Instants: aware, in UTC, to the microsecond at most. A rule is told the instant; it never asks."""

from datetime import UTC, datetime


def utc(year: int, month: int = 1, day: int = 1, hour: int = 0, minute: int = 0) -> datetime:
    """The instant with these UTC figures."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def year_begins(year: int) -> datetime:
    """1 January 00:00 UTC, which is also the end of the year before."""
    return utc(year)
