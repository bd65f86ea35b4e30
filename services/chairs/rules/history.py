"""Who chaired, chairs and will chair, year after year; and how fair that was."""

from datetime import datetime
from typing import Any

from services.chairs.rules import views
from services.chairs.rules.group import Group
from services.kernel import Actor, Term


def history(group: Group, by: Actor, at: datetime, years: int = 6, as_of: datetime | None = None) -> dict[str, Any]:
    """Every year from the first on record to ``years`` after an instant, the record of each entity that has sat or chaired, and the
    order of *chaired longest ago*. What is not adopted is the rota's forecast, for the Group alone."""
    as_of, inside = as_of or at, group.composition.is_inside(by, at)
    first = min((term.year for term in group.composition.terms.values()), default=as_of.year + 1)
    terms = list(views.terms_of(group, first, as_of.year + years, inside=inside, at=at))
    order = group.rota.longest_ago(as_of)
    known = {seat.entity for seat in group.composition.seats if seat.since <= as_of}
    known |= {code for term in terms for code in [*term.chairs, *_held(term, as_of)]}
    return {
        "as_of": as_of,
        "terms": [views.term(term, as_of, inside=inside) | {"changes": group.changes.get(str(term.year), 0)} for term in terms],
        "entities": [_record(group, entity, terms, order, as_of) for entity in sorted(known)],
        "longest_ago": order,
    }


def _record(group: Group, entity: str, terms: list[Term], order: list[str], as_of: datetime) -> dict[str, Any]:
    """An entity's turns, and its balance: how often it chaired less its fair share. Of each term, that share is as many parts of the
    chair as were held, in as many as were seated when it began; so that what is above nothing for some is below it for others."""
    seats = [seat for seat in group.composition.seats if seat.entity == entity and seat.since <= as_of]
    held = {term.year: _held(term, as_of) for term in terms}
    chaired = [year for year, holders in held.items() if entity in holders]
    share = 0.0
    for term in terms:
        seated = group.composition.seated(term.begins)
        if entity in seated:
            share += len(held[term.year]) / len(seated)
    return {
        "entity": entity,
        "chaired": chaired,
        "coming": [term.year for term in terms if term.year > as_of.year and entity in term.chairs],
        "last": max(chaired, default=None),
        "seated_since": next((seat.since for seat in seats if seat.holds(as_of)), None),
        "seated_years": len({year for seat in seats for year in range(seat.since.year, _last_year(seat.until, as_of) + 1)}),
        "share": round(share, 6),
        "balance": round(len(chaired) - share, 6),
        "rank": order.index(entity) + 1 if entity in order else None,
    }


def _held(term: Term, as_of: datetime) -> list[str]:
    """Who held the chair of a term until an instant: its chairs, and those who had stood in by then."""
    if term.state == "unknown" or as_of < term.begins:
        return []
    return list(dict.fromkeys([*term.chairs, *(change["entity"] for change in term.stand_ins if change["since"] <= as_of)]))


def _last_year(until: datetime | None, as_of: datetime) -> int:
    """The last calendar year that a seat touches; one that ends with a year does not touch the next."""
    return min(until - datetime.resolution, as_of).year if until is not None else as_of.year
