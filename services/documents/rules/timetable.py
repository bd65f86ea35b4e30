"""The timetable of a joint statement, worked out backwards from its instant (DOMAIN.md, *Documents*)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from services.documents.rules.kinds import PUBLIC
from services.kernel import minute_from

if TYPE_CHECKING:
    from services.documents.rules.issuing import Issuing

STEPS: dict[str, int] = {
    "first_draft": 60,
    "comments": 40,
    "final_text": 21,
    "clearance_opened": 14,
    "cleared": 5,
    "languages": 2,
    "issued": 0,
}
"""Days before its instant by which each step of a statement is done."""

TIME = timedelta(days=75)
"""What all of it takes. A statement that is proposed later than that has less time for each step, in proportion."""

WORLD_DAY = "World Day against Trafficking in Persons"
"""What the Group speaks to each year on 30 July (A/RES/68/192)."""


@dataclass(frozen=True)
class Step:
    """One step: ``due``, when it was done (None until then), and whether it is due and not done."""

    step: str
    due: datetime
    done_at: datetime | None
    late: bool


def steps(it: "Issuing", at: datetime) -> list[Step]:
    """The steps in order, as they stand as of ``at``; none of what is no statement. When one was done is read from the record: a text
    that must come before the entities again takes back what was done for the one before."""
    if it.issue_at is None:
        return []
    over = it.state in PUBLIC or it.withdrawn is not None
    done = _done(it, at)
    return [Step(step, due(it, step), done[step], done[step] is None and due(it, step) <= at and not over) for step in STEPS]


def due(it: "Issuing", step: str) -> datetime:
    """When a step of this statement is due: to the minute, and never after its instant."""
    instant = it.issue_at or it.proposed_at
    if not STEPS[step]:
        return instant
    before = min(instant - it.proposed_at, TIME) * (timedelta(days=STEPS[step]) / TIME)
    return min(minute_from(instant - before), instant)


def is_done(it: "Issuing", step: str, at: datetime) -> bool:
    """Whether a step is done as of ``at``, by what is on record now."""
    return _done(it, at)[step] is not None


def world_day(year: int) -> datetime:
    """The first instant of that day."""
    return datetime(year, 7, 30, tzinfo=UTC)


def world_day_ahead(year: int, at: datetime) -> str | None:
    """The id of the statement that is proposed for that day, one a year; None when the day is past as of ``at``."""
    return f"world-day-{year}" if at < world_day(year) else None


def _done(it: "Issuing", at: datetime) -> dict[str, datetime | None]:
    clearance, versions = it.in_question, [made[-1] for made in it.translations.values()]
    answered = _answered(it, at)
    return {
        "first_draft": it.revisions[0].at if it.revisions else None,
        "comments": answered,
        "final_text": max(it.revisions[-1].at, answered) if answered else None,
        "clearance_opened": clearance.opened_at if clearance else None,
        "cleared": clearance.settled_at if clearance and clearance.state == "passed" else None,
        "languages": max(one.at for one in versions) if versions and not any(one.behind for one in versions) else None,
        "issued": it.published_at,
    }


def _answered(it: "Issuing", at: datetime) -> datetime | None:
    """When the comments were in and answered. There may be none: then they are in when the time for them is over, or the text comes
    before the entities."""
    if not it.revisions or it.undisposed:
        return None
    closed = min([due(it, "comments"), *(one.opened_at for one in it.clearances)])
    if closed > at:
        return None
    return max(closed, it.revisions[0].at, *([it.answered_at] if it.answered_at else []))
