"""Who may do what with the plan of a year, as of an instant. Each of these refuses, or lets pass."""

from datetime import datetime

from services.kernel import Actor, Composition, Refusal, year_begins
from services.workplan.rules.activity import Activity


def chairs(year: int, at: datetime, composition: Composition) -> list[str]:
    """Who serves now, and who holds the plan's own year: it prepares its plan before, and closes it after."""
    term = composition.term(year)
    own = term.serving(at) if term and term.state in ("adopted", "begun", "ended") else []
    return list(dict.fromkeys([*composition.chairs(at), *own]))


def moves(year: int, by: Actor, at: datetime, composition: Composition) -> bool:
    """Whether this is the chair, or the secretariat, which moves things along for it."""
    return by.is_secretariat or by.is_system or any(map(by.speaks_for, chairs(year, at, composition)))


def must_move(year: int, by: Actor, at: datetime, composition: Composition, doing: str) -> None:
    if not moves(year, by, at, composition):
        raise Refusal.not_allowed(
            f"Only the chair, or the secretariat for it, may {doing}.", rule="chair-only", accepted=chairs(year, at, composition)
        )


def must_sit(year: int, by: Actor, at: datetime, composition: Composition, doing: str) -> None:
    """Who sits now prepares the plan, and who will when its year begins."""
    seated = {*composition.seated(at), *composition.seated(max(at, year_begins(year)))}
    if not (moves(year, by, at, composition) or any(map(by.speaks_for, seated))):
        raise Refusal.not_allowed(
            f"Only an entity with a seat in the working group, or the secretariat, may {doing}.", rule="seat", accepted=sorted(seated)
        )


def must_lead(year: int, activity: Activity, by: Actor, at: datetime, composition: Composition, doing: str) -> None:
    if not (by.speaks_for(activity.lead) or moves(year, by, at, composition)):
        raise Refusal.not_allowed(
            f"Only its lead, the chair or the secretariat may {doing}.", rule="lead-or-chair", accepted=[activity.lead]
        )


def must_carry_out(year: int, activity: Activity, by: Actor, at: datetime, composition: Composition, doing: str) -> None:
    carrying = [activity.lead, *activity.contributors]
    if not (any(map(by.speaks_for, carrying)) or moves(year, by, at, composition)):
        raise Refusal.not_allowed(
            f"Only its lead, a contributor, the chair or the secretariat may {doing}.", rule="carries-it-out", accepted=carrying
        )


def voice(by: Actor, on_behalf_of: str | None) -> str:
    """The entity whose word this is: the person's own, or the one whose letter the secretariat enters."""
    if on_behalf_of is not None:
        by.must_be_secretariat("enter a position on behalf of an entity")
        return on_behalf_of
    if by.entity is None or not by.speaks_for(by.entity):
        raise Refusal.not_allowed(
            "A position is an entity's: its focal point or alternate takes it, or the secretariat on its behalf.",
            rule="own-entity",
            field="on_behalf_of" if by.is_secretariat else None,
        )
    return by.entity
