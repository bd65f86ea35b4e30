"""What each reader sees of the Group. What is adopted and has been is public; what the Group has not adopted, who has accepted,
and what its entities ask of one another are its own, and an outsider is not told of them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from services.chairs.rules.group import Group
from services.kernel import Actor, Membership, Seat, Term

View = dict[str, Any]


def answer(group: Group, by: Actor, at: datetime) -> View:
    """What a command answers: the Group now, and its rota."""
    return overview(group, by, at) | rota(group, by, at)


def overview(group: Group, by: Actor, at: datetime, as_of: datetime | None = None) -> View:
    """Who belongs, sits and chairs as of an instant, and who comes next."""
    as_of, composition = as_of or at, group.composition
    running, inside = composition.term(as_of.year), composition.is_inside(by, at)
    coming = next(terms_of(group, as_of.year + 1, as_of.year + 1, inside=inside, at=at), None)
    return {
        "as_of": as_of,
        "members": composition.members(as_of),
        "seated": composition.seated(as_of),
        "chairs": composition.chairs(as_of),
        "troika": composition.troika(as_of),
        "term": term(running, as_of, inside=inside) if running else None,
        "next_term": term(coming, as_of, inside=inside) if coming else None,
    }


def whole(group: Group, by: Actor, at: datetime, as_of: datetime | None = None) -> View:
    """The overview with the whole composition."""
    record = asdict(group.composition)
    if not group.composition.is_inside(by, at):
        for on_record in record["terms"].values():
            on_record["accepted"] = []
    return overview(group, by, at, as_of) | record


def entities(group: Group, limit: int, after: str | None) -> View:
    """A page of the entities, by code."""
    return _page((asdict(e) for e in group.composition.entities.values()), lambda e: e["code"], limit, after)


def members(group: Group, at: datetime, *, history: bool, limit: int, after: str | None) -> View:
    """A page of the memberships that hold at an instant, or of all, by entity and date."""
    return _page(_held(group.composition.memberships, at, history), _by_entity_and_date, limit, after)


def seats(group: Group, at: datetime, *, history: bool, limit: int, after: str | None) -> View:
    """A page of the seats that hold at an instant, or of all, by entity and date."""
    return _page(_held(group.composition.seats, at, history), _by_entity_and_date, limit, after)


def terms(group: Group, by: Actor, at: datetime, *, as_of: datetime | None, limit: int, after: str | None) -> View:
    """A page of the years from the first on record to the last adopted; those between that are not on
    record are shown as unknown."""
    known = {on_record.year: on_record for on_record in group.composition.terms.values()}
    reaching = range(min(known), max(*known, at.year) + 1) if known else range(0)
    inside = group.composition.is_inside(by, at)
    shown = (term(known.get(year) or Term(year, state="unknown"), as_of or at, inside=inside) for year in reaching)
    return _page(shown, lambda one: str(one["year"]), limit, after)


def rota(group: Group, by: Actor, at: datetime, years: int = 6, as_of: datetime | None = None) -> View:
    """The ``years`` years after an instant as adopted and, within the Group, as the rota would go on. What is on the table, what was
    adopted, and what entities have asked of one another are told as they stand now."""
    as_of, inside = as_of or at, group.composition.is_inside(by, at)
    coming = terms_of(group, as_of.year + 1, as_of.year + years, inside=inside, at=at)
    turns = [term(one, as_of, inside=inside) for one in coming]
    view: View = {"as_of": as_of, "turns": turns, "tabled": None, "adoptions": [], "swaps": [], "offers": []}
    if not inside:
        return view
    if (tabled := group.tabled) is not None:
        current = group.rota.proposed(tabled.turns[0].year, len(tabled.turns), tabled.together) == tabled.turns
        proposed = [asdict(turn) for turn in tabled.turns]
        view["tabled"] = {"turns": proposed, "proposed_at": tabled.at, "person": tabled.person, "current": current}
    view["adoptions"] = [
        {"turns": [asdict(t) for t in a.turns], "adopted_at": a.at, "person": a.person, "decision": a.decision} for a in group.adoptions
    ]
    view["swaps"] = [
        asdict(s) | {"swap": s.id, "state": "lapsed" if s.state == "proposed" and not group.is_open(s, at) else s.state}
        for s in group.swaps
    ]
    view["offers"] = [asdict(offer) for offer in group.open_offers(at)]
    return view


def terms_of(group: Group, first: int, last: int, *, inside: bool, at: datetime) -> Iterator[Term]:
    """The terms of these years: on record; unknown, where a year has begun that is not; and for the Group alone what the rota
    would make of those that nobody is adopted for."""
    present, reached = group.present(at), group.reached(at)
    ahead = group.rota.proposed(reached + 1, max(0, last - reached), group.together) if inside else []
    forecast = {turn.year: Term(turn.year, turn.chairs) for turn in ahead}
    for year in range(first, last + 1):
        if (on_record := group.composition.term(year)) is not None:
            yield on_record
        elif year <= present:
            yield Term(year, state="unknown")
        elif year in forecast:
            yield forecast[year]


def term(it: Term, as_of: datetime, *, inside: bool) -> View:
    """A term as of an instant; ``inside``: for a reader who is inside the Group now."""
    state = it.state
    if state in ("adopted", "begun", "ended"):  # by the date, which the clock may not have reached yet
        state = "adopted" if as_of < it.begins else "begun" if as_of < it.ends else "ended"
    return {
        "year": it.year,
        "begins": it.begins,
        "ends": it.ends,
        "chairs": it.chairs,
        "serving": it.serving(as_of) if state == "begun" else [],
        "state": state,
        "accepted": it.accepted if inside else [],
        "source": it.source,
        "stand_ins": it.stand_ins,
    }


def _held(periods: Iterable[Membership | Seat], at: datetime, history: bool) -> Iterator[View]:
    return (asdict(p) for p in periods if history or p.holds(at))


def _by_entity_and_date(period: View) -> str:
    return f"{period['entity']}.{period['since']:%Y%m%dT%H%M%S.%f}"


def _page(items: Iterable[View], key: Callable[[View], str], limit: int, after: str | None) -> View:
    """At most ``limit`` items, in the order of their keys, after the key ``after``; ``next`` is the last key while more follow."""
    rest = sorted((item for item in items if after is None or key(item) > after), key=key)
    return {"items": rest[:limit], "next": key(rest[limit - 1]) if len(rest) > limit else None}
