"""The Group: its composition, and the rota by which its entities take the chair.

Sources: the chairmanship rotates by the year since 2011, and so say the terms of reference of 2013
(001 ¶70); any member that wishes to sits in the working group (000 ¶28); outgoing, serving and
incoming chairs act together (000 ¶34).

How the rules on the rota are read where more than one reading is possible:

- The rota is computed from the record whenever it is asked for; only what the Group adopts becomes a
  term. The adopted order has no holes: it goes on from the year it has reached.
- *A new seat joins the end*: adopted years stay as they are; of the years after them the rota gives
  the first to who never chaired.
- *Decline*: the next in order who can serve moves up (co-chairs together; beside a co-chair who stays,
  one for one), and the decliner takes the place that this leaves. Nobody moves up to a year it has
  itself declined, unless all others who could serve have left.
- *An ended seat is passed over*: those after it move up, and the rota gives the last adopted year to
  the next in order, so that no adopted year loses its chair while somebody can serve it. To be given
  the chair of a year, a seat must hold for the whole of it.
- A co-chair keeps any other year adopted for it, and so does who stands in for a chair that stepped down.
- A year for which nobody was adopted begins without a chair. The clock invents none; the year stands
  *unknown* until the secretariat records the Group's decision.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from services.kernel import Actor, Aggregate, Composition, Entity, Membership, Refusal, Seat, Term, year_begins


@dataclass
class Turn:
    """Who is to chair in a year; nobody, when no seat holds throughout it."""

    year: int
    chairs: list[str] = field(default_factory=list)


@dataclass
class Proposal:
    """A rota put before the Group, with ``together`` entities to a term."""

    turns: list[Turn]
    together: int
    at: datetime
    person: str


@dataclass
class Adoption:
    """An order the Group adopted. ``person`` entered it; ``decision``: where it is written."""

    turns: list[Turn]
    at: datetime
    person: str
    decision: str | None = None


@dataclass
class Decline:
    """An entity's word that it will not chair a year."""

    year: int
    entity: str
    at: datetime


@dataclass
class Swap:
    """``entity`` asked ``with_entity`` to exchange their years. ``state``: proposed, agreed, refused."""

    id: str
    entity: str
    year: int
    with_entity: str
    with_year: int
    at: datetime
    state: str = "proposed"


@dataclass
class Offer:
    """``entity`` would co-chair a year with ``with_entity``, who has not said so yet."""

    year: int
    entity: str
    with_entity: str
    at: datetime


@dataclass
class Group(Aggregate):
    """The Group. Its terms that have not begun are the adopted order."""

    composition: Composition = field(default_factory=Composition)
    together: int = 1
    tabled: Proposal | None = None
    adoptions: list[Adoption] = field(default_factory=list)
    declines: list[Decline] = field(default_factory=list)
    swaps: list[Swap] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)

    # ---------------------------------------------------------------- entities, memberships, seats

    def register_entity(self, code: str, *, names: dict[str, str], acronyms: dict[str, str], by: Actor, at: datetime) -> None:
        """Make an entity known, by its code. Its English acronym is its code unless another is given."""
        by.must_be_secretariat("register an entity")
        if code in self.composition.entities:
            raise Refusal.conflict(f"{code} is registered already.", rule="entity-registered-once", field="code")
        if "en" not in names:
            raise Refusal.invalid("names", "An entity has at least its English name.", rule="entity-name", accepted='{"en": …}')
        entity = Entity(code, dict(names), {"en": code} | acronyms)
        self.composition.entities[code] = entity
        self.happen("entity_registered", at, **asdict(entity))
        self._composition_changed(at)

    def start_membership(
        self, entity: str, *, since: datetime | None, until: datetime | None, source: str | None, by: Actor, at: datetime
    ) -> None:
        """An entity belongs to the Group from ``since``. What lies in the past needs its source."""
        by.must_be_secretariat("enter a membership")
        self._must_know(entity)
        since = since or at
        _must_name_source(source, "since", since, at)
        _must_be_a_period(since, until)
        _must_not_overlap(self.composition.memberships, entity, since, until, "membership")
        membership = Membership(entity, since, until, source)
        self.composition.memberships.append(membership)
        self.happen("membership_started", at, **asdict(membership))
        self._composition_changed(at)

    def end_membership(self, entity: str, *, until: datetime | None, source: str | None, by: Actor, at: datetime) -> None:
        """An entity leaves the Group at ``until``, before the end its membership had, if it had one; its seat must
        have ended by then."""
        by.must_be_secretariat("end a membership")
        self._must_know(entity)
        until = until or at
        membership = _ending(self.composition.memberships, entity, until, at, "membership")
        _must_name_source(source, "until", until, at)
        within = [s for s in self.composition.seats if s.entity == entity and _covers(membership, s.since, s.until)]
        if any(seat.until is None or seat.until > until for seat in within):
            raise Refusal.conflict(
                f"{entity} has a seat beyond {until:%Y-%m-%d}, and only a member has a seat.",
                rule="seat-needs-membership",
                accepted="first give up the seat, by that day",
            )
        earlier = membership.until
        membership.until, membership.source = until, source or membership.source
        self.happen("membership_ended", at, **asdict(membership), earlier=earlier)
        self._composition_changed(at)

    def take_seat(
        self, entity: str, *, since: datetime | None, until: datetime | None, source: str | None, by: Actor, at: datetime
    ) -> None:
        """A member declares its wish to take part, and sits from ``since`` (000 ¶28). The secretariat may
        enter it from its source, and it alone enters a seat of the past."""
        since = since or at
        self._must_declare(entity, "since", since, source, by, at, "take its seat")
        _must_be_a_period(since, until)
        _must_not_overlap(self.composition.seats, entity, since, until, "seat")
        if not any(m.entity == entity and _covers(m, since, until) for m in self.composition.memberships):
            raise Refusal.conflict(
                f"{entity} is no member of the Group for all of that time, and only a member takes a seat.",
                rule="seat-needs-membership",
                field="since",
                accepted=[_written_period(m) for m in self.composition.memberships if m.entity == entity],
            )
        seat = Seat(entity, since, until, source)
        self.composition.seats.append(seat)
        self.happen("seat_taken", at, **asdict(seat))
        self._composition_changed(at)

    def give_up_seat(self, entity: str, *, until: datetime | None, source: str | None, by: Actor, at: datetime) -> None:
        """An entity leaves the working group at ``until``, before the end its seat had, if it had one; the years
        adopted for it beyond that pass over it."""
        until = until or at
        self._must_declare(entity, "until", until, source, by, at, "give up its seat")
        seat = _ending(self.composition.seats, entity, until, at, "seat")
        running = self._running(at)
        if running and entity in running.serving(at) and until < running.ends:
            raise Refusal.conflict(
                f"{entity} serves in the chair until the end of {running.year}; a chair has a seat.",
                rule="chair-has-seat",
                field="until",
                accepted=f"first step down, or {running.ends:%Y-%m-%d} or later",
            )
        earlier = seat.until
        seat.until, seat.source = until, source or seat.source
        self.happen("seat_given_up", at, **asdict(seat), earlier=earlier)
        self._pass_over(at)
        self._composition_changed(at)

    # ---------------------------------------------------------------- the record of terms

    def record_term(self, year: int, *, chairs: list[str], nobody_knows: bool, source: str | None, by: Actor, at: datetime) -> None:
        """Enter who chaired a year that has begun or gone, or that nobody knows. An unknown year may be
        entered again when a source is found; any other is never rewritten."""
        by.must_be_secretariat("record a term")
        if at < year_begins(year):
            raise Refusal.too_early(
                f"The term of {year} has not begun; it is adopted, not recorded.",
                rule="record-past",
                field="year",
                accepted=f"{at.year} or earlier",
            )
        if bool(chairs) == nobody_knows:
            raise Refusal.invalid(
                "chairs",
                "Either the chairs are named, or nobody knows them.",
                rule="chairs-or-unknown",
                accepted="chairs, or nobody_knows",
            )
        self._must_be_chairs(chairs, "chairs")
        if chairs and not source:
            raise Refusal.invalid("source", "A term of the past is entered with its source.", rule="past-needs-source")
        standing = self.composition.term(year)
        if standing is not None and (standing.state != "unknown" or nobody_knows):
            raise Refusal.conflict(
                f"The term of {year} is on record; a term that has begun is never rewritten.", rule="begun-term", field="year"
            )
        term = Term(year, list(chairs), "unknown", source=source)
        if chairs:
            over = at >= term.ends
            term.state, term.started_at, term.ended_at = ("ended" if over else "begun"), term.begins, (term.ends if over else None)
        self.composition.terms[str(year)] = term
        self.happen("term_recorded", at, year=year, chairs=list(chairs), source=source)
        self._composition_changed(at)

    # ---------------------------------------------------------------- the rota

    def rota(self, first: int, years: int, together: int) -> list[Turn]:
        """What the record proposes for ``years`` years from ``first``: the seats in order of *chaired longest
        ago, never first, then by the date of the seat*, ``together`` at a time. What is adopted from
        ``first`` on is not counted, so that a standing order can be compared with it."""
        last = self._last_chaired(before=first)
        turns = []
        for year in range(first, first + years):
            chairs = self._queue(year, last)[:together]
            last |= dict.fromkeys(chairs, year)
            turns.append(Turn(year, chairs))
        return turns

    def propose_rota(self, *, first_year: int | None, years: int, together: int, by: Actor, at: datetime) -> None:
        """Put the rota before the Group; an earlier proposal leaves the table."""
        self.composition.must_chair(by, at, "propose the rota")
        first = first_year or self._reached(at) + 1
        self._must_follow_on(first, at, "first_year")
        turns = self.rota(first, years, together)
        if empty := next((turn.year for turn in turns if not turn.chairs), None):
            raise Refusal.conflict(
                f"No seat holds throughout {empty}, so that the rota has nobody to propose.", rule="rota-of-seats", field="years"
            )
        self.together = together
        self.tabled = Proposal(turns, together, at, by.person)
        self.happen("rota_proposed", at, turns=[asdict(turn) for turn in turns])

    def adopt_rota(self, turns: list[dict[str, Any]], *, decision: str | None, by: Actor, at: datetime) -> None:
        """The Group adopts an order, and it holds even where it differs from the rota. ``turns``: each
        ``{"year", "chairs"}``, year after year, none of them begun."""
        by.must_be_secretariat("enter the order the Group adopted")
        adopted = [Turn(turn["year"], list(turn["chairs"])) for turn in turns]
        self._must_be_adoptable(adopted, at)
        adopted.sort(key=lambda turn: turn.year)
        proposed = self.rota(adopted[0].year, len(adopted), self.together)
        self.declines = [d for d in self.declines if not any(t.year == d.year and d.entity in t.chairs for t in adopted)]
        self.adoptions.append(Adoption(adopted, at, by.person, decision))
        self.tabled = None
        self.happen("rota_adopted", at, turns=[asdict(t) for t in adopted], proposed=[asdict(t) for t in proposed], decision=decision)
        for turn in adopted:
            self._assign(turn.year, turn.chairs, at, source=decision)
        self._composition_changed(at)

    def _must_be_adoptable(self, turns: list[Turn], at: datetime) -> None:
        if not turns:
            raise Refusal.invalid("turns", "An order names at least one year.", rule="order-of-years")
        for index, turn in enumerate(turns):
            where = f"turns.{index}"
            self._must_not_have_begun(turn.year, f"{where}.year", at)
            if not turn.chairs:
                raise Refusal.invalid(f"{where}.chairs", f"Nobody is named for {turn.year}.", rule="term-has-chairs")
            self._must_be_chairs(turn.chairs, f"{where}.chairs")
            for entity in turn.chairs:
                self._must_be_seated_throughout(entity, turn.year, f"{where}.chairs")
        years = sorted(turn.year for turn in turns)
        if years != list(range(years[0], years[0] + len(years))):
            raise Refusal.invalid("turns", "An order names each year once, and leaves none out.", rule="order-of-years")
        self._must_follow_on(years[0], at, "turns.0.year")

    def accept_term(self, year: int, entity: str, *, letter: str | None, by: Actor, at: datetime) -> None:
        """An entity accepts its year. The term begins without it too; silence is not a refusal."""
        letter = _own_word(entity, letter, by, "accept its term")
        term = self._place(year, entity, at)
        if entity in term.accepted:
            raise Refusal.conflict(f"{entity} has accepted {year} already.", rule="accepted-once")
        term.accepted.append(entity)
        self.happen("term_accepted", at, year=year, entity=entity, letter=letter)
        self._composition_changed(at)

    def decline_term(self, year: int, entity: str, *, letter: str | None, by: Actor, at: datetime) -> None:
        """An entity declines its year: the next in order moves up, and the decliner has the place which
        that one leaves. Refused when nobody can move up: an adopted year is not left empty."""
        letter = _own_word(entity, letter, by, "decline its term")
        term = self._place(year, entity, at)
        declines = [*self.declines, Decline(year, entity, at)]
        order = self._refilled(self._order(at), year, [entity], declines, keeps_place=True)
        if set(order[year]) <= {d.entity for d in declines if d.year == year}:
            raise Refusal.conflict(
                f"Nobody can move up to {year}: every other seat has declined it, or does not hold throughout it.",
                rule="nobody-moves-up",
                accepted="a swap, or another order adopted by the Group",
            )
        self.declines = declines
        moved_up = [code for code in order[year] if code not in term.chairs]
        instead = next((y for y in sorted(order) if y > year and entity in order[y]), None)
        self.happen("term_declined", at, year=year, entity=entity, moved_up=moved_up, instead=instead, letter=letter)
        self._settle(order, at)
        self._composition_changed(at)

    # ---------------------------------------------------------------- by mutual consent

    def propose_swap(
        self, swap: str, *, entity: str, year: int, with_entity: str, with_year: int, letter: str | None, by: Actor, at: datetime
    ) -> None:
        """An entity asks another to exchange their years; nothing moves until the other agrees."""
        letter = _own_word(entity, letter, by, "propose a swap of its year")
        asked = Swap(swap, entity, year, with_entity, with_year, at)
        self._must_be_possible(asked, at)
        if any(
            self._is_open(s, at) and (s.entity, s.year, s.with_entity, s.with_year) == (entity, year, with_entity, with_year)
            for s in self.swaps
        ):
            raise Refusal.conflict("This swap is proposed already.", rule="swap-once")
        self.swaps.append(asked)
        self._tell("swap_proposed", asked, letter, at)

    def agree_swap(self, swap: str, *, letter: str | None, by: Actor, at: datetime) -> None:
        """The entity that was asked agrees: the years are exchanged, and both have accepted theirs."""
        asked = self._open_swap(swap, by, at)
        letter = _own_word(asked.with_entity, letter, by, "agree to this swap")
        self._must_be_possible(asked, at)
        asked.state = "agreed"
        self._tell("swap_agreed", asked, letter, at)
        self._exchange(asked.year, asked.entity, asked.with_entity, at)
        self._exchange(asked.with_year, asked.with_entity, asked.entity, at)
        self._composition_changed(at)

    def refuse_swap(self, swap: str, *, letter: str | None, by: Actor, at: datetime) -> None:
        """The entity that was asked refuses, or the one that asked takes it back; nothing moves."""
        asked = self._open_swap(swap, by, at)
        party = asked.entity if by.speaks_for(asked.entity) else asked.with_entity
        letter = _own_word(party, letter, by, "refuse this swap")
        asked.state = "refused"
        self._tell("swap_refused", asked, letter, at)

    def co_chair(self, year: int, *, entity: str, with_entity: str, letter: str | None, by: Actor, at: datetime) -> None:
        """An entity says that it would co-chair ``year`` with another. One of the two has the year; once
        both have said so, both have it."""
        letter = _own_word(entity, letter, by, "offer to co-chair")
        self._must_know(with_entity, "with_entity")
        term = self._coming(year, at)
        if (entity in term.chairs) == (with_entity in term.chairs):
            raise Refusal.conflict(
                f"{year} is to be chaired by {' and '.join(term.chairs)}: one of the two has the year, and the other joins.",
                rule="co-chair-joins",
                field="with_entity",
            )
        joining = with_entity if entity in term.chairs else entity
        self._must_be_seated_throughout(joining, year, "with_entity" if joining == with_entity else "entity")
        said = {(offer.entity, offer.with_entity) for offer in self.offers if offer.year == year}
        if (entity, with_entity) in said:
            raise Refusal.conflict(f"{entity} has said so; it is for {with_entity} to say the same.", rule="offer-once")
        if (with_entity, entity) not in said:
            self.offers.append(Offer(year, entity, with_entity, at))
            self.happen("co_chair_offered", at, year=year, entity=entity, with_entity=with_entity, letter=letter)
            return
        self.offers = [o for o in self.offers if o.year != year or {o.entity, o.with_entity} != {entity, with_entity}]
        chairs = [*term.chairs, joining]
        self.happen("co_chair_agreed", at, year=year, entity=entity, with_entity=with_entity, chairs=chairs, letter=letter)
        self._assign(year, chairs, at, consenting=[entity, with_entity])
        self._composition_changed(at)

    # ---------------------------------------------------------------- a serving chair

    def step_down(self, year: int, entity: str, *, letter: str | None, by: Actor, at: datetime) -> None:
        """A serving chair steps down in mid-term. The incoming chair serves the rest, and its own year too;
        without one, who is next in the rota. The term itself is not rewritten."""
        letter = _own_word(entity, letter, by, "step down")
        term = self._running(at)
        if at < year_begins(year):
            raise Refusal.too_early(
                f"The term of {year} has not begun.", rule="step-down-in-term", field="year", accepted="decline the term"
            )
        if term is None or term.year != year:
            raise Refusal.conflict(f"No term of {year} is running.", rule="step-down-in-term", field="year")
        if entity not in term.serving(at):
            raise Refusal.conflict(
                f"{entity} does not serve in the chair.", rule="step-down-in-term", field="entity", accepted=term.serving(at)
            )
        stand_ins = self._stand_ins(term, entity, at)
        if not stand_ins:
            raise Refusal.conflict("Nobody with a seat could serve the rest of the year.", rule="chair-never-empty")
        term.stand_ins.extend({"entity": code, "since": at, "for": entity} for code in stand_ins)
        self.happen("chair_stepped_down", at, year=year, entity=entity, stand_ins=stand_ins, since=at, letter=letter)
        self._composition_changed(at)

    def _stand_ins(self, term: Term, leaving: str, at: datetime) -> list[str]:
        """Who serves the rest of a running term: the first coming chairs who can, else the next in the rota
        who can, else the co-chair who stays."""
        gone = {leaving} | {change["for"] for change in term.stand_ins}
        free = {s.entity for s in self.composition.seats if _covers(s, at, term.ends)} - gone
        for coming in self._coming_terms(at):
            if able := [code for code in coming.chairs if code in free]:
                return able
        serving = [code for code in term.serving(at) if code != leaving]
        last = self._last_chaired(before=term.ends.year)
        in_rota = sorted(free - set(serving), key=lambda code: (last.get(code, 0), self._seated_since(code, at), code))
        return in_rota[:1] or serving[:1]

    # ---------------------------------------------------------------- the clock

    def due(self) -> datetime | None:
        """The next New Year at which a term ends or begins by itself."""
        ends = [term.ends for term in self.composition.terms.values() if term.state == "begun"]
        begins = [term.begins for term in self.composition.terms.values() if term.state == "adopted"]
        return min(ends + begins, default=None)

    def tick(self, now: datetime) -> None:
        """Let every New Year pass that has come: the old term ends and the adopted one begins, each dated at
        1 January 00:00 UTC however late this runs."""
        while (boundary := self.due()) is not None and boundary <= now:
            self._turn_the_year(boundary)

    def _turn_the_year(self, boundary: datetime) -> None:
        old, new = self.composition.term(boundary.year - 1), self.composition.term(boundary.year)
        if old is not None and old.state == "begun":
            old.state, old.ended_at = "ended", boundary
            self.happen("term_ended", boundary, year=old.year, chairs=list(old.chairs))
        if new is not None and new.state == "adopted":
            new.state, new.started_at = "begun", boundary
            self.happen("term_started", boundary, year=new.year, chairs=list(new.chairs))
        elif new is None:
            self.composition.terms[str(boundary.year)] = Term(boundary.year, state="unknown")
            self.happen("term_missed", boundary, year=boundary.year)
        self._composition_changed(boundary)

    # ---------------------------------------------------------------- what may be seen

    def view(self, by: Actor, at: datetime) -> dict[str, Any]:
        """What a command answers: the Group now, and its rota."""
        return self.overview(by, at) | self.rota_view(by, at)

    def overview(self, by: Actor, at: datetime, as_of: datetime | None = None) -> dict[str, Any]:
        """Who belongs, sits and chairs as of an instant, and who comes next; public but for what the Group
        has not yet adopted, and who has accepted."""
        as_of = as_of or at
        running, coming = self.composition.term(as_of.year), self.composition.term(as_of.year + 1)
        inside = self.composition.is_inside(by, at)
        next_term = _term_view(coming, as_of, inside=inside) if coming else None
        ahead = as_of.year + 1 - self._reached(at)
        if coming is None and inside and ahead > 0:
            turn = self.rota(self._reached(at) + 1, ahead, self.together)[-1]
            next_term = _term_view(Term(turn.year, turn.chairs), as_of, inside=inside)
        return {
            "as_of": as_of,
            "members": self.composition.members(as_of),
            "seated": self.composition.seated(as_of),
            "chairs": self.composition.chairs(as_of),
            "troika": self.composition.troika(as_of),
            "term": _term_view(running, as_of, inside=inside) if running else None,
            "next_term": next_term,
        }

    def whole(self, by: Actor, at: datetime, as_of: datetime | None = None) -> dict[str, Any]:
        """The overview with the whole composition."""
        record = asdict(self.composition)
        if not self.composition.is_inside(by, at):
            for term in record["terms"].values():
                term["accepted"] = []
        return self.overview(by, at, as_of) | record

    def entities(self, limit: int, after: str | None) -> dict[str, Any]:
        """A page of the entities, by code."""
        return _page((asdict(e) for e in self.composition.entities.values()), lambda e: e["code"], limit, after)

    def members(self, at: datetime, *, history: bool, limit: int, after: str | None) -> dict[str, Any]:
        """A page of the memberships that hold at an instant, or of all, by entity and date."""
        return _page(_held(self.composition.memberships, at, history), _by_entity_and_date, limit, after)

    def seats(self, at: datetime, *, history: bool, limit: int, after: str | None) -> dict[str, Any]:
        """A page of the seats that hold at an instant, or of all, by entity and date."""
        return _page(_held(self.composition.seats, at, history), _by_entity_and_date, limit, after)

    def terms(self, by: Actor, at: datetime, *, as_of: datetime | None, limit: int, after: str | None) -> dict[str, Any]:
        """A page of the years from the first on record to the last adopted; those between that are not on
        record are shown as unknown."""
        known = {term.year: term for term in self.composition.terms.values()}
        years = range(min(known), max(*known, at.year) + 1) if known else range(0)
        inside = self.composition.is_inside(by, at)
        terms = (_term_view(known.get(year) or Term(year, state="unknown"), as_of or at, inside=inside) for year in years)
        return _page(terms, lambda term: str(term["year"]), limit, after)

    def rota_view(self, by: Actor, at: datetime, years: int = 6) -> dict[str, Any]:
        """The coming years as adopted and, within the Group, as the rota would go on; what is on the table,
        what was adopted, and what entities have asked of one another."""
        terms, inside = self._coming_terms(at), self.composition.is_inside(by, at)
        if inside:
            reached, adopted = self._reached(at), {term.year for term in terms}
            proposed = self.rota(reached + 1, max(0, at.year + years - reached), self.together)
            terms += [Term(turn.year, turn.chairs) for turn in proposed if turn.year not in adopted]
        turns = [_term_view(term, at, inside=inside) for term in sorted(terms, key=lambda term: term.year)]
        view: dict[str, Any] = {"as_of": at, "turns": turns[:years], "tabled": None, "adoptions": [], "swaps": [], "offers": []}
        if not inside:
            return view
        if self.tabled is not None:
            tabled = self.tabled
            current = self.rota(tabled.turns[0].year, len(tabled.turns), tabled.together) == tabled.turns
            turns = [asdict(turn) for turn in tabled.turns]
            view["tabled"] = {"turns": turns, "proposed_at": tabled.at, "person": tabled.person, "current": current}
        view["adoptions"] = [
            {"turns": [asdict(t) for t in a.turns], "adopted_at": a.at, "person": a.person, "decision": a.decision} for a in self.adoptions
        ]
        view["swaps"] = [
            asdict(s) | {"swap": s.id, "state": "lapsed" if s.state == "proposed" and not self._is_open(s, at) else s.state}
            for s in self.swaps
        ]
        view["offers"] = [asdict(offer) for offer in self._open_offers(at)]
        return view

    def awaiting(self, entity: str | None, by: Actor, at: datetime) -> dict[str, Any]:
        """What awaits an entity here, by when, and what happens if it does nothing. Without an entity:
        the asker's own, or what awaits the secretariat. Nothing awaits who is outside the Group."""
        if entity is not None:
            by.must_speak_for(entity, "see what awaits it")
        asked = entity or by.entity
        if not self.composition.is_inside(by, at):
            items = []
        elif entity is None and by.is_secretariat:
            items = self._awaiting_secretariat(at)
        else:
            items = self._awaiting_entity(asked, at) if asked else []
        return {"items": sorted(items, key=lambda item: (item["deadline"], item["what"]))}

    def _awaiting_entity(self, entity: str, at: datetime) -> list[dict[str, Any]]:
        terms = [
            _item(
                "accept_term",
                f"Accept or decline the chair of {term.year}",
                term.begins,
                f"The term begins by itself, with {entity} in the chair.",
                term.year,
            )
            for term in self._coming_terms(at)
            if entity in term.chairs and entity not in term.accepted
        ]
        swaps = [
            _item(
                "agree_swap",
                f"{s.entity} asks to exchange its year {s.year} for your {s.with_year}",
                year_begins(min(s.year, s.with_year)),
                "The request lapses and the years stay as they are.",
                s.with_year,
                swap=s.id,
                with_entity=s.entity,
            )
            for s in self.swaps
            if s.with_entity == entity and self._is_open(s, at)
        ]
        offers = [
            _item(
                "co_chair",
                f"{offer.entity} would co-chair {offer.year} with you",
                year_begins(offer.year),
                "The offer lapses and the year stays as it is.",
                offer.year,
                with_entity=offer.entity,
            )
            for offer in self._open_offers(at)
            if offer.with_entity == entity
        ]
        return terms + swaps + offers

    def _awaiting_secretariat(self, at: datetime) -> list[dict[str, Any]]:
        items = []
        if self.composition.seated(at) and self.composition.term(at.year + 1) is None:
            items.append(
                _item(
                    "adopt_rota",
                    f"Nobody is adopted for {at.year + 1}",
                    year_begins(at.year + 1),
                    "The year begins without a chair; the clock invents none.",
                    at.year + 1,
                )
            )
        if self.composition.seated(at) and not self.composition.chairs(at):
            items.append(
                _item(
                    "record_term",
                    f"No chair is on record for {at.year}",
                    year_begins(at.year + 1),
                    "The year stays unknown.",
                    at.year,
                )
            )
        return items

    # ---------------------------------------------------------------- the order

    def _present(self, at: datetime) -> int:
        """The last year that has begun: by the calendar at ``at``, or in the record, where the clock or a later
        order has been already. An order dated before a New Year may be carried out after it."""
        return max([at.year, *(term.year for term in self.composition.terms.values() if term.state != "adopted")])

    def _coming_terms(self, at: datetime) -> list[Term]:
        """The adopted terms that have not begun."""
        return sorted((t for t in self.composition.terms.values() if t.year > self._present(at)), key=lambda t: t.year)

    def _order(self, at: datetime) -> dict[int, list[str]]:
        return {term.year: list(term.chairs) for term in self._coming_terms(at)}

    def _reached(self, at: datetime) -> int:
        """The year up to which the adopted order goes without a hole; the present year when nothing is adopted."""
        order, reached = self._order(at), self._present(at)
        while reached + 1 in order:
            reached += 1
        return reached

    def _running(self, at: datetime) -> Term | None:
        """The term of the last year that has begun, if that year has one."""
        term = self.composition.term(self._present(at))
        return term if term is not None and term.state in ("adopted", "begun") else None

    def _last_chaired(self, *, before: int) -> dict[str, int]:
        """The last year each entity had before a year; who never chaired is not in it."""
        terms = sorted((t for t in self.composition.terms.values() if t.year < before), key=lambda t: t.year)
        return {code: term.year for term in terms for code in term.chairs}

    def _queue(self, year: int, last: dict[str, int]) -> list[str]:
        """The seats that hold throughout a year, in the order of the rota."""
        begins = year_begins(year)
        seated = {s.entity for s in self.composition.seats if _covers(s, begins, year_begins(year + 1))}
        return sorted(seated, key=lambda code: (last.get(code, 0), self._seated_since(code, begins), code))

    def _seated_since(self, entity: str, at: datetime) -> datetime:
        return next(s.since for s in self.composition.seats if s.entity == entity and s.holds(at))

    def _refilled(
        self, order: dict[int, list[str]], year: int, leaving: list[str], declines: list[Decline], *, keeps_place: bool
    ) -> dict[int, list[str]]:
        """The adopted order once ``leaving`` have lost their places in ``year``: the next in order who can
        serve moves up, and so on for the place that this leaves, until the rota fills the last one.
        With ``keeps_place`` those who leave have the first place so left which they can serve, or the
        year after the last. A year that no seat can serve is left empty."""
        order = {y: list(chairs) for y, chairs in order.items()}
        declined = {(d.year, d.entity) for d in declines}
        claim = leaving if keeps_place else []
        while True:
            staying = [code for code in order[year] if code not in leaving]
            source, movers = self._next_for(order, year, staying, len(leaving), declined)
            order[year] = staying + movers
            if source is None:
                after = max(order) + 1
                if movers and self._can_serve(claim, after, declined):
                    order[after] = claim
                return order
            rest = [code for code in order[source] if code not in movers]
            if self._can_serve(claim, source, declined) and not set(claim) & set(rest):
                order[source] = rest + claim
                return order
            year, leaving = source, movers

    def _next_for(
        self, order: dict[int, list[str]], year: int, staying: list[str], places: int, declined: set[tuple[int, str]]
    ) -> tuple[int | None, list[str]]:
        """Who takes so many places in a year, and the year of the order they come from; None when they come
        from the rota beyond it. Beside a chair who stays, one moves up; otherwise co-chairs together."""
        last = self._last_chaired(before=min(order)) | {code: y for y in sorted(order) if y != year for code in order[y]}
        able = [code for code in self._queue(year, last) if code not in staying]
        willing = [code for code in able if (year, code) not in declined]
        for later in sorted(y for y in order if y > year):
            for movers in [[code] for code in order[later]] if staying else [order[later]]:
                if movers and set(movers) <= set(willing):
                    return later, movers
        return None, (willing or ([] if staying else able))[:places]

    def _can_serve(self, codes: list[str], year: int, declined: set[tuple[int, str]]) -> bool:
        queue = self._queue(year, {})
        return bool(codes) and all(code in queue and (year, code) not in declined for code in codes)

    def _settle(self, order: dict[int, list[str]], at: datetime) -> None:
        """Make an order the adopted one, telling of every year that moved."""
        for year in sorted(order):
            if order[year]:
                self._assign(year, order[year], at)
            else:
                vacated = self.composition.terms.pop(str(year))
                self.happen("term_vacated", at, year=year, earlier=list(vacated.chairs))

    def _assign(self, year: int, chairs: list[str], at: datetime, *, source: str | None = None, consenting: Iterable[str] = ()) -> None:
        """Adopt ``chairs`` for a coming year, told when it is news. Who had accepted the year and keeps it
        has still accepted it; who consents has, whatever it said before."""
        self._must_not_have_begun(year, "year", at)
        before = self.composition.term(year) or Term(year)
        consenting = set(consenting)
        accepted = [code for code in chairs if code in before.accepted or code in consenting]
        self.declines = [d for d in self.declines if d.year != year or d.entity not in consenting]
        self.composition.terms[str(year)] = Term(year, list(chairs), "adopted", accepted, source or before.source)
        if before.chairs != chairs:
            self.happen("term_adopted", at, year=year, chairs=list(chairs), earlier=list(before.chairs))

    def _pass_over(self, at: datetime) -> None:
        """Take the seats that no longer hold throughout their year out of the adopted order."""
        order = self._order(at)
        for year in sorted(order):
            if gone := [code for code in order[year] if code not in self._queue(year, {})]:
                order = self._refilled(order, year, gone, self.declines, keeps_place=False)
        self._settle(order, at)

    def _exchange(self, year: int, leaving: str, coming: str, at: datetime) -> None:
        term = self._coming(year, at)
        self._assign(year, [coming if code == leaving else code for code in term.chairs], at, consenting=[coming])

    # ---------------------------------------------------------------- what must be so

    def _must_not_have_begun(self, year: int, where: str, at: datetime) -> None:
        if year <= (present := self._present(at)):
            raise Refusal.too_late(
                f"The year {year} has begun; a term that has begun is never rewritten.",
                rule="begun-term",
                field=where,
                accepted=f"{present + 1} or later",
            )

    def _coming(self, year: int, at: datetime, where: str = "year") -> Term:
        """The adopted term of a year that has not begun."""
        self._must_not_have_begun(year, where, at)
        term = self.composition.term(year)
        if term is None:
            raise Refusal.conflict(
                f"Nobody is adopted for {year}.", rule="term-adopted", field=where, accepted=[str(t.year) for t in self._coming_terms(at)]
            )
        return term

    def _place(self, year: int, entity: str, at: datetime, where: str = "year") -> Term:
        """The coming term of a year that is adopted for ``entity``."""
        term = self._coming(year, at, where)
        if entity not in term.chairs:
            years = [str(t.year) for t in self._coming_terms(at) if entity in t.chairs]
            raise Refusal.conflict(
                f"{year} is not the year of {entity}, but of {' and '.join(term.chairs)}.", rule="own-term", field=where, accepted=years
            )
        return term

    def _must_follow_on(self, first: int, at: datetime, where: str) -> None:
        self._must_not_have_begun(first, where, at)
        if first > self._reached(at) + 1:
            raise Refusal.invalid(
                where,
                f"The order has reached {self._reached(at)}; it would leave out the years before {first}.",
                rule="order-without-holes",
                accepted=f"{self._present(at) + 1} to {self._reached(at) + 1}",
            )

    def _must_know(self, entity: str, where: str = "entity") -> None:
        if entity not in self.composition.entities:
            raise Refusal.invalid(
                where, f"No entity {entity} is registered.", rule="entity-known", accepted=sorted(self.composition.entities)
            )

    def _must_be_chairs(self, chairs: list[str], where: str) -> None:
        for entity in chairs:
            self._must_know(entity, where)
        if len(set(chairs)) < len(chairs):
            raise Refusal.invalid(where, "An entity is named twice.", rule="chairs-distinct")

    def _must_be_seated_throughout(self, entity: str, year: int, where: str) -> None:
        queue = self._queue(year, self._last_chaired(before=year))
        if entity not in queue:
            raise Refusal.conflict(
                f"{entity} has no seat that holds throughout {year}.", rule="chair-has-seat", field=where, accepted=queue
            )

    def _must_declare(self, entity: str, where: str, instant: datetime, source: str | None, by: Actor, at: datetime, doing: str) -> None:
        """A member declares for itself, from now on; the rest the secretariat enters from its source."""
        by.must_speak_for(entity, doing)
        self._must_know(entity)
        if not by.speaks_for(entity) and not source:
            raise Refusal.invalid("source", "What the secretariat enters for an entity names its source.", rule="on-behalf-source")
        if instant < at and not (by.is_secretariat or by.is_system):
            raise Refusal.not_allowed(
                "What lies in the past, the secretariat enters from its source.",
                rule="past-by-secretariat",
                field=where,
                accepted=f"{at.isoformat()} or later",
            )
        _must_name_source(source, where, instant, at)

    def _must_be_possible(self, swap: Swap, at: datetime) -> None:
        """Both have their year, neither has begun, and each can serve the other's."""
        self._must_know(swap.with_entity, "with_entity")
        mine, theirs = self._place(swap.year, swap.entity, at), self._place(swap.with_year, swap.with_entity, at, "with_year")
        if swap.with_entity in mine.chairs or swap.entity in theirs.chairs:
            raise Refusal.conflict("The two would chair the same years as now.", rule="swap-moves", field="with_year")
        self._must_be_seated_throughout(swap.entity, swap.with_year, "with_year")
        self._must_be_seated_throughout(swap.with_entity, swap.year, "year")

    def _is_open(self, swap: Swap, at: datetime) -> bool:
        if swap.state != "proposed":
            return False
        try:
            self._must_be_possible(swap, at)
        except Refusal:
            return False
        return True

    def _open_swap(self, id: str, by: Actor, at: datetime) -> Swap:
        swap = next((s for s in self.swaps if s.id == id), None)
        if swap is None or not self.composition.is_inside(by, at):
            raise Refusal.not_found(f"There is no swap {id}.", field="swap")
        if swap.state != "proposed":
            raise Refusal.conflict(f"This swap is {swap.state} already.", rule="swap-open", field="swap")
        return swap

    def _open_offers(self, at: datetime) -> list[Offer]:
        years = {term.year: term.chairs for term in self._coming_terms(at)}
        return [o for o in self.offers if o.year in years and (o.entity in years[o.year]) != (o.with_entity in years[o.year])]

    # ---------------------------------------------------------------- telling

    def _tell(self, name: str, swap: Swap, letter: str | None, at: datetime) -> None:
        self.happen(
            name,
            at,
            swap=swap.id,
            entity=swap.entity,
            year=swap.year,
            with_entity=swap.with_entity,
            with_year=swap.with_year,
            letter=letter,
        )

    def _composition_changed(self, at: datetime) -> None:
        """The whole composition, last of a change's facts, so that others can keep the newest."""
        self.happen("composition_changed", at, **asdict(self.composition))


def _own_word(entity: str, letter: str | None, by: Actor, doing: str) -> str | None:
    """An entity's word, by its own people, or by the secretariat from a letter; the letter, then."""
    by.must_speak_for(entity, doing)
    if by.speaks_for(entity):
        return None
    if not letter:
        raise Refusal.invalid("letter", f"Entered on behalf of {entity}, its word names the letter it came by.", rule="on-behalf-letter")
    return letter


def _must_name_source(source: str | None, where: str, instant: datetime, at: datetime) -> None:
    if instant < at and not source:
        raise Refusal.invalid(
            "source",
            f"{where} lies in the past: what is entered about the past names its source.",
            rule="past-needs-source",
            accepted="a source, or an instant from now on",
        )


def _must_be_a_period(since: datetime, until: datetime | None) -> None:
    if until is not None and until <= since:
        raise Refusal.invalid("until", "A period ends after it starts.", rule="period", accepted=f"after {since.isoformat()}")


def _must_not_overlap(periods: list[Membership] | list[Seat], entity: str, since: datetime, until: datetime | None, what: str) -> None:
    for p in periods:
        if p.entity == entity and (until is None or p.since < until) and (p.until is None or since < p.until):
            raise Refusal.conflict(f"{entity} has a {what} then: {_written_period(p)}.", rule=f"{what}-overlap", field="since")


def _ending(periods: list[Any], entity: str, until: datetime, at: datetime, what: str) -> Any:
    """The membership or seat that is to end at ``until``: of those which last beyond ``at``, the last to start
    before then. An end that was stated may become an earlier one; what is to last longer is begun anew."""
    lasting = sorted((p for p in periods if p.entity == entity and (p.until is None or at < p.until)), key=lambda p: p.since)
    if not lasting:
        raise Refusal.conflict(f"{entity} has no {what} that lasts.", rule=f"{what}-lasts", field="entity")
    found = next((p for p in reversed(lasting) if p.since < until), lasting[0])
    _must_be_a_period(found.since, until)
    if found.until is not None and until >= found.until:
        raise Refusal.conflict(
            f"This {what} of {entity} ends at {found.until.isoformat()} already.",
            rule=f"{what}-lasts",
            field="until",
            accepted=f"before {found.until.isoformat()}",
        )
    return found


def _covers(period: Membership | Seat, since: datetime, until: datetime | None) -> bool:
    return period.since <= since and (period.until is None or (until is not None and until <= period.until))


def _written_period(period: Membership | Seat) -> str:
    return f"{period.since:%Y-%m-%d} to {period.until:%Y-%m-%d}" if period.until else f"since {period.since:%Y-%m-%d}"


def _held(periods: Iterable[Membership | Seat], at: datetime, history: bool) -> Iterable[dict[str, Any]]:
    return (asdict(p) for p in periods if history or p.holds(at))


def _by_entity_and_date(period: dict[str, Any]) -> str:
    return f"{period['entity']}.{period['since']:%Y%m%dT%H%M%S.%f}"


def _term_view(term: Term, as_of: datetime, *, inside: bool) -> dict[str, Any]:
    """A term as of an instant; ``inside``: for a reader who is inside the Group now."""
    state = term.state
    if state in ("adopted", "begun", "ended"):  # by the date, which the clock may not have reached yet
        state = "adopted" if as_of < term.begins else "begun" if as_of < term.ends else "ended"
    return {
        "year": term.year,
        "begins": term.begins,
        "ends": term.ends,
        "chairs": term.chairs,
        "serving": term.serving(as_of) if state == "begun" else [],
        "state": state,
        "accepted": term.accepted if inside else [],
        "source": term.source,
        "stand_ins": term.stand_ins,
    }


def _page(items: Iterable[dict[str, Any]], key: Callable[[dict[str, Any]], str], limit: int, after: str | None) -> dict[str, Any]:
    """At most ``limit`` items, in the order of their keys, after the key ``after``; ``next`` is the last key while more follow."""
    rest = sorted((item for item in items if after is None or key(item) > after), key=key)
    return {"items": rest[:limit], "next": key(rest[limit - 1]) if len(rest) > limit else None}


def _item(what: str, title: str, deadline: datetime, consequence: str, year: int, **more: Any) -> dict[str, Any]:
    return {"what": what, "title": title, "link": "/chairs", "deadline": deadline, "consequence": consequence, "year": year} | more
