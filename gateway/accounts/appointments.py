"""Roles with dates: what a person holds when. Pure, and told the instant.

Appointments are kept in the order of their beginnings. What has ended stays as it was; only what holds now or is to come can be
ended, prolonged or dropped.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from services.kernel.actor import ALTERNATE, FOCAL_POINT, MISSION, SECRETARIAT
from services.kernel.refusal import Refusal

INSIDE = frozenset({FOCAL_POINT, ALTERNATE})
"""The roles that speak for an entity of the Group."""


@dataclass(frozen=True)
class Appointment:
    """A role, held from ``since`` until ``until``, which is not part of it; without end when that is None."""

    role: str
    since: datetime
    until: datetime | None = None

    def holds(self, at: datetime) -> bool:
        return self.since <= at and not self.is_over(at)

    def is_over(self, at: datetime) -> bool:
        return self.until is not None and self.until <= at

    def told(self) -> dict[str, Any]:
        """As a history tells it, which is JSON."""
        return {"role": self.role, "since": self.since.isoformat(), "until": self.until.isoformat() if self.until else None}


def roles_at(appointments: Iterable[Appointment], at: datetime) -> list[str]:
    """The roles held at an instant, in order."""
    return sorted({one.role for one in appointments if one.holds(at)})


def next_change(appointments: Iterable[Appointment], at: datetime) -> datetime | None:
    """The first instant after ``at`` at which a role begins or ends."""
    return min(
        (instant for one in appointments for instant in (one.since, one.until) if instant is not None and instant > at), default=None
    )


def from_now(roles: Iterable[str], at: datetime) -> list[Appointment]:
    """These roles, from an instant on and without end."""
    return [Appointment(role, at) for role in sorted(set(roles))]


def ended(one: Appointment, at: datetime) -> list[Appointment]:
    """What remains of an appointment that ends now: nothing of one that had not begun."""
    return [replace(one, until=at)] if one.since < at else []


def held_at(appointments: Iterable[Appointment], role: str, at: datetime) -> Appointment | None:
    """The appointment by which a role is held at an instant."""
    return next((one for one in appointments if one.role == role and one.holds(at)), None)


def begun(appointments: Iterable[Appointment], role: str, since: datetime, until: datetime | None) -> list[Appointment]:
    """With a role that begins at an instant, until then or until the same role begins anew; as they are, where it is held by then."""
    found = list(appointments)
    if held_at(found, role, since) is not None:
        return found
    coming = [one.since for one in found if one.role == role and one.since > since]
    until = min([*coming, *([until] if until else [])], default=None)
    return sorted([*found, Appointment(role, since, until)], key=lambda one: (one.since, one.role))


def instead(before: Iterable[Appointment], wanted: Iterable[Mapping[str, Any]], at: datetime) -> list[Appointment]:
    """What becomes of appointments when ``wanted`` (``role``, ``since``, ``until``) is all that is to hold now or later. A role without
    ``since`` goes on, or begins now. Raises Refusal naming the appointment at fault."""
    past, standing = [], {}
    for one in before:
        if one.is_over(at):
            past.append(one)
        else:
            standing[one.role, one.since] = one
    made = {}
    for place, want in enumerate(wanted):
        role = want["role"]
        held = next((one.since for one in standing.values() if one.role == role and one.holds(at)), at)
        one = Appointment(role, want.get("since") or held, want.get("until"))
        key = (role, one.since)
        if key in made:
            raise _twice(role)
        if key not in standing and one.since < at:
            raise Refusal.invalid(
                f"appointments.{place}.since",
                "A role begins now or later; nobody held it before they were appointed.",
                rule="appointment-begins",
                accepted="now or later, or left out",
            )
        if one.until is not None and (one.until < at or one.until <= one.since):
            raise Refusal.invalid(
                f"appointments.{place}.until",
                "A role ends after it began, now or later.",
                rule="appointment-ends",
                accepted="a later instant; to end it now, leave the appointment out",
            )
        made[key] = one
    over = [rest for key, one in standing.items() if key not in made for rest in ended(one, at)]
    found = sorted([*past, *over, *made.values()], key=lambda one: (one.since, one.role))
    for role in {one.role for one in made.values()}:
        for earlier, later in pairwise([one for one in found if one.role == role]):
            if earlier.until is None or earlier.until > later.since:
                raise _twice(role)
    return found


def _twice(role: str) -> Refusal:
    return Refusal.invalid(
        "appointments",
        f"Two appointments as {role} hold at the same time.",
        rule="appointment-once",
        accepted="appointments of one role one after the other",
    )


def must_fit(entity: str | None, appointments: Iterable[Appointment], at: datetime) -> None:
    """One entity or mission per person, and only roles that go together, now and whenever one begins. Raises Refusal."""
    living = [one for one in appointments if not one.is_over(at)]
    for instant in {at, *(one.since for one in living if one.since > at)}:
        roles = set(roles_at(living, instant))
        if (INSIDE & roles or MISSION in roles) and entity is None:
            raise Refusal.invalid(
                "entity", "A focal point, an alternate or a mission's person acts for one entity or mission.", rule="entity-of-role"
            )
        if MISSION in roles and roles & (INSIDE | {SECRETARIAT}):
            raise Refusal.invalid(
                "roles",
                "Permanent missions are outside the Group: a mission's person is neither a focal point nor of the secretariat.",
                rule="mission-outside",
                accepted=["mission", "reader"],
            )
