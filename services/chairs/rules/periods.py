"""When entities belong and sit: dated periods that neither overlap nor end before they start."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from services.kernel import Membership, Refusal, Seat, instants

P = TypeVar("P", Membership, Seat)


def covers(period: Membership | Seat, since: datetime, until: datetime | None) -> bool:
    """Whether it holds all the time from ``since`` to ``until``, or for ever."""
    return period.since <= since and (period.until is None or (until is not None and until <= period.until))


def written(period: Membership | Seat) -> str:
    return f"{period.since:%Y-%m-%d} to {period.until:%Y-%m-%d}" if period.until else f"since {period.since:%Y-%m-%d}"


def must_be_a_period(since: datetime, until: datetime | None) -> None:
    if until is not None and until <= since:
        raise Refusal.invalid("until", "A period ends after it starts.", rule="period", accepted=f"after {instants.written(since)}")


def must_not_overlap(periods: Sequence[Membership | Seat], entity: str, since: datetime, until: datetime | None, what: str) -> None:
    """``what``: membership or seat, of which an entity has one at a time."""
    for p in periods:
        if p.entity == entity and (until is None or p.since < until) and (p.until is None or since < p.until):
            raise Refusal.conflict(f"{entity} has a {what} then: {written(p)}.", rule=f"{what}-overlap", field="since")


def must_name_source(source: str | None, where: str, instant: datetime, at: datetime) -> None:
    if instant < at and not source:
        raise Refusal.invalid(
            "source",
            f"{where} lies in the past: what is entered about the past names its source.",
            rule="past-needs-source",
            accepted="a source, or an instant from now on",
        )


def ending(periods: list[P], entity: str, until: datetime, at: datetime, what: str) -> P:
    """The membership or seat that is to end at ``until``: of those which last beyond ``at``, the last to start
    before then. An end that was stated may become an earlier one; what is to last longer is begun anew."""
    lasting = sorted((p for p in periods if p.entity == entity and (p.until is None or at < p.until)), key=lambda p: p.since)
    if not lasting:
        raise Refusal.conflict(f"{entity} has no {what} that lasts.", rule=f"{what}-lasts", field="entity")
    found = next((p for p in reversed(lasting) if p.since < until), lasting[0])
    must_be_a_period(found.since, until)
    if found.until is not None and until >= found.until:
        raise Refusal.conflict(
            f"This {what} of {entity} ends at {instants.written(found.until)} already.",
            rule=f"{what}-lasts",
            field="until",
            accepted=f"before {instants.written(found.until)}",
        )
    return found
