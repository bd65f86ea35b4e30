"""When a subscription's matters are brought: at once, or in a digest of the reader's own hour, and never in the reader's quiet hours.

Hours are those of a clock on the reader's wall, so they are asked of IANA's time zone database. An hour that the clocks skip in spring
counts as if they had not been put forward yet; of one that they show twice in autumn the first is meant. What waits is let go by the
platform's clock; a digest's own record lists what it holds, and what comes too late for one goes into the next.
"""

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from services.kernel import Refusal
from services.notifications.rules.matters import STATEMENTS

NO_ZONE = "UTC"
"""The zone of whoever chose none."""

AT_ONCE, DAILY, WEEKLY = "at_once", "daily", "weekly"
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

OF_THE_MACHINE = frozenset({"localtime", "Factory"})
"""Names in the database that mean another time on every machine, or none."""


@dataclass
class Schedule:
    """``rhythm``: each matter at once, or gathered into one mail a day or a week, at ``hour`` (``HH:MM``) of ``day`` (a weekly digest's)
    in ``zone``. From ``quiet_from`` to ``quiet_until``, over midnight too, nothing is brought but statements; with ``quiet_statements``
    not even these."""

    rhythm: str = AT_ONCE
    zone: str = NO_ZONE
    hour: str = "08:00"
    day: str = "monday"
    quiet_from: str | None = None
    quiet_until: str | None = None
    quiet_statements: bool = False

    @classmethod
    def asked(cls, wanted: "Mapping[str, Any] | Schedule | None") -> "Schedule":
        """The schedule in an order. Refuses a zone that is none, quiet hours without one of their ends, of no length, or in which the
        digest would have to be brought."""
        schedule = wanted if isinstance(wanted, Schedule) else cls(**(wanted or {}))
        _must_be_a_zone(schedule.zone)
        begin, end = schedule.quiet_from, schedule.quiet_until
        if (begin is None) != (end is None):
            missing = "quiet_from" if begin is None else "quiet_until"
            raise Refusal.invalid(
                f"schedule.{missing}",
                "Quiet hours have a beginning and an end.",
                rule="quiet-hours-both",
                accepted="both quiet_from and quiet_until, or neither",
            )
        if begin is not None and begin == end:
            raise Refusal.invalid(
                "schedule.quiet_until",
                f"Quiet hours from {begin} to {end} have no length.",
                rule="quiet-hours-length",
                accepted="another time than quiet_from; to be told nothing for a while, a pause",
            )
        if schedule.is_digest and schedule._is_quiet_at(_clock(schedule.hour)):
            raise Refusal.invalid(
                "schedule.hour",
                f"A digest at {schedule.hour} would be brought within the quiet hours.",
                rule="digest-outside-quiet-hours",
                accepted=f"a time from {end} on, before {begin}",
            )
        return schedule

    @property
    def is_digest(self) -> bool:
        return self.rhythm != AT_ONCE

    @property
    def chosen_zone(self) -> str | None:
        """The zone by whose clocks its reader is told instants; None where none was chosen."""
        return self.zone if self.zone != NO_ZONE else None

    def held_until(self, announced_at: datetime, topic: str) -> datetime | None:
        """When what is announced at this instant may be brought: None for at once, else a later instant, in UTC: the digest's, or the
        end of the quiet hours."""
        if self.is_digest:
            return self._next_digest(announced_at)
        if self._is_quiet(announced_at) and (topic != STATEMENTS or self.quiet_statements):
            return self._end_of_quiet(announced_at)
        return None

    def _next_digest(self, after: datetime) -> datetime:
        instant = next(
            instant
            for day, instant in self._instants(self.hour, after, fold=0)
            if instant > after and (self.rhythm == DAILY or DAYS[day] == self.day)
        )
        # Only where the clocks were put forward over the asked hour can it have come to lie in the quiet ones.
        return self._end_of_quiet(instant) if self._is_quiet(instant) else instant

    def _end_of_quiet(self, within: datetime) -> datetime:
        """The end of the quiet hours in which an instant lies. Where the clocks show it twice, an instant between the two waits for
        the second."""
        assert self.quiet_until is not None
        first, second = (self._instants(self.quiet_until, within, fold=fold) for fold in (0, 1))
        ends = (end for (_, once), (_, again) in zip(first, second, strict=True) for end in sorted((once, again)))
        return next(end for end in ends if end > within and not self._is_quiet(end))

    def _instants(self, clock: str, about: datetime, *, fold: int) -> Iterator[tuple[int, datetime]]:
        """When the reader's clock shows this time, from the day before an instant on, each with the day of the week (Monday is 0)."""
        zone = ZoneInfo(self.zone)
        day = about.astimezone(zone).date() - timedelta(days=1)
        for _ in range(20):
            yield day.weekday(), datetime.combine(day, _clock(clock), zone).replace(fold=fold).astimezone(UTC)
            day += timedelta(days=1)

    def _is_quiet(self, at: datetime) -> bool:
        return self._is_quiet_at(at.astimezone(ZoneInfo(self.zone)).time())

    def _is_quiet_at(self, shown: time) -> bool:
        if self.quiet_from is None or self.quiet_until is None:
            return False
        begin, end = _clock(self.quiet_from), _clock(self.quiet_until)
        return begin <= shown < end if begin < end else shown >= begin or shown < end


def _clock(text: str) -> time:
    return time.fromisoformat(text)


@functools.cache
def _zones() -> dict[str, str]:
    """The zones there are, by their name in small letters."""
    return {name.lower(): name for name in sorted(available_timezones() - OF_THE_MACHINE)}


def _must_be_a_zone(name: str) -> None:
    meant = _zones().get(name.lower())
    if meant != name:
        raise Refusal.invalid(
            "schedule.zone",
            "There is no time zone of this name.",
            rule="time-zone",
            accepted=meant or "a name of IANA's time zone database, as Africa/Nairobi or UTC",
        )
