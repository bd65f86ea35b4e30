"""The Group: its composition, the record of its terms, the order of its coming years, and the handover of its chair.

Sources: the chairmanship rotates by the year since 2011, and so say the terms of reference of 2013
(001 ¶70); any member that wishes to sits in the working group (000 ¶28); outgoing, serving and
incoming chairs act together (000 ¶34).

How the rules are read where more than one reading is possible (those on the rota itself: ``rota``):

- Only what the Group adopts becomes a term. The adopted order has no holes: it goes on from the year it has reached.
- A co-chair keeps any other year adopted for it, and so does who stands in for a chair that stepped down.
- A year for which nobody was adopted begins without a chair. The clock invents none; the year stands
  *unknown* until the secretariat records the Group's decision.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import chain
from typing import Any

from services.chairs.rules import periods
from services.chairs.rules.handover import INCOMING, OUTGOING, REMINDERS, Handover, Matter, Note, Signature
from services.chairs.rules.rights import RIGHTS, ToGroup
from services.chairs.rules.rota import Declined, Order, Rota, Turn
from services.kernel import Actor, Aggregate, Composition, Entity, Membership, Refusal, Seat, Term, written, year_begins


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
    """The Group. Its terms that have not begun are the adopted order. ``together``: how many the rota proposes to a term."""

    composition: Composition = field(default_factory=Composition)
    together: int = 1
    tabled: Proposal | None = None
    adoptions: list[Adoption] = field(default_factory=list)
    declines: list[Decline] = field(default_factory=list)
    swaps: list[Swap] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)
    handovers: dict[str, Handover] = field(default_factory=dict)  # by the year of the incoming chairs, written "2015"
    changes: dict[str, int] = field(default_factory=dict)  # of who is to chair, since first adopted; by the year, written "2015"

    @property
    def rota(self) -> Rota:
        """The order that the record proposes."""
        return Rota(self.composition)

    # ---------------------------------------------------------------- entities, memberships, seats

    def register_entity(self, code: str, *, names: dict[str, str], acronyms: dict[str, str], by: Actor, at: datetime) -> None:
        """Make an entity known, by its code. Its English acronym is its code unless another is given."""
        self._must("register_entity", by, at)
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
        self._must("start_membership", by, at)
        self._must_know(entity)
        since = since or at
        periods.must_name_source(source, "since", since, at)
        periods.must_be_a_period(since, until)
        periods.must_not_overlap(self.composition.memberships, entity, since, until, "membership")
        membership = Membership(entity, since, until, source)
        self.composition.memberships.append(membership)
        self.happen("membership_started", at, **asdict(membership))
        self._composition_changed(at)

    def end_membership(self, entity: str, *, until: datetime | None, source: str | None, by: Actor, at: datetime) -> None:
        """An entity leaves the Group at ``until``, before the end its membership had, if it had one; its seat must
        have ended by then."""
        self._must("end_membership", by, at)
        self._must_know(entity)
        until = until or at
        membership = periods.ending(self.composition.memberships, entity, until, at, "membership")
        periods.must_name_source(source, "until", until, at)
        within = [s for s in self.composition.seats if s.entity == entity and periods.covers(membership, s.since, s.until)]
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
        self._must_declare("take_seat", entity, "since", since, source, by, at)
        periods.must_be_a_period(since, until)
        periods.must_not_overlap(self.composition.seats, entity, since, until, "seat")
        if not any(m.entity == entity and periods.covers(m, since, until) for m in self.composition.memberships):
            raise Refusal.conflict(
                f"{entity} is no member of the Group for all of that time, and only a member takes a seat.",
                rule="seat-needs-membership",
                field="since",
                accepted=[periods.written(m) for m in self.composition.memberships if m.entity == entity],
            )
        seat = Seat(entity, since, until, source)
        self.composition.seats.append(seat)
        self.happen("seat_taken", at, **asdict(seat))
        self._composition_changed(at)

    def give_up_seat(self, entity: str, *, until: datetime | None, source: str | None, by: Actor, at: datetime) -> None:
        """An entity leaves the working group at ``until``, before the end its seat had, if it had one; the years
        adopted for it beyond that pass over it."""
        until = until or at
        self._must_declare("give_up_seat", entity, "until", until, source, by, at)
        seat = periods.ending(self.composition.seats, entity, until, at, "seat")
        running = self.running(at)
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
        self._must("record_term", by, at)
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

    def propose_rota(self, *, first_year: int | None, years: int, together: int, by: Actor, at: datetime) -> None:
        """Put the rota before the Group; an earlier proposal leaves the table."""
        self._must("propose_rota", by, at)
        first = first_year or self.reached(at) + 1
        self._must_follow_on(first, at, "first_year")
        turns = self.rota.proposed(first, years, together)
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
        self._must("adopt_rota", by, at)
        adopted = [Turn(turn["year"], list(turn["chairs"])) for turn in turns]
        self._must_be_adoptable(adopted, at)
        adopted.sort(key=lambda turn: turn.year)
        proposed = self.rota.proposed(adopted[0].year, len(adopted), self.together)
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
        letter = self._own_word("accept_term", entity, letter, by, at)
        term = self._place(year, entity, at)
        if entity in term.accepted:
            raise Refusal.conflict(f"{entity} has accepted {year} already.", rule="accepted-once")
        term.accepted.append(entity)
        self.happen("term_accepted", at, year=year, entity=entity, letter=letter)
        self._composition_changed(at)

    def decline_term(self, year: int, entity: str, *, letter: str | None, by: Actor, at: datetime) -> None:
        """An entity declines its year: the next in order moves up, and the decliner has the place which
        that one leaves. Refused when nobody can move up: an adopted year is not left empty."""
        letter = self._own_word("decline_term", entity, letter, by, at)
        term = self._place(year, entity, at)
        declines = [*self.declines, Decline(year, entity, at)]
        order = self.rota.refilled(self._order(at), year, [entity], _declined(declines), keeps_place=True)
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
        letter = self._own_word("propose_swap", entity, letter, by, at)
        asked = Swap(swap, entity, year, with_entity, with_year, at)
        self._must_be_possible(asked, at)
        if any(
            self.is_open(s, at) and (s.entity, s.year, s.with_entity, s.with_year) == (entity, year, with_entity, with_year)
            for s in self.swaps
        ):
            raise Refusal.conflict("This swap is proposed already.", rule="swap-once")
        self.swaps.append(asked)
        self._tell("swap_proposed", asked, letter, at)

    def agree_swap(self, swap: str, *, letter: str | None, by: Actor, at: datetime) -> None:
        """The entity that was asked agrees: the years are exchanged, and both have accepted theirs."""
        asked = self._open_swap("agree_swap", swap, by, at)
        letter = self._own_word("agree_swap", asked.with_entity, letter, by, at)
        self._must_be_possible(asked, at)
        asked.state = "agreed"
        self._tell("swap_agreed", asked, letter, at)
        self._exchange(asked.year, asked.entity, asked.with_entity, at)
        self._exchange(asked.with_year, asked.with_entity, asked.entity, at)
        self._composition_changed(at)

    def refuse_swap(self, swap: str, *, letter: str | None, by: Actor, at: datetime) -> None:
        """The entity that was asked refuses, or the one that asked takes it back; nothing moves."""
        asked = self._open_swap("refuse_swap", swap, by, at)
        party = asked.entity if by.speaks_for(asked.entity) else asked.with_entity
        letter = self._own_word("refuse_swap", party, letter, by, at)
        asked.state = "refused"
        self._tell("swap_refused", asked, letter, at)

    def co_chair(self, year: int, *, entity: str, with_entity: str, letter: str | None, by: Actor, at: datetime) -> None:
        """An entity says that it would co-chair ``year`` with another. One of the two has the year; once
        both have said so, both have it."""
        letter = self._own_word("co_chair", entity, letter, by, at)
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
        letter = self._own_word("step_down", entity, letter, by, at)
        term = self.running(at)
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
        stand_ins = self.rota.stand_ins(term, entity, self.coming(at), at)
        if not stand_ins:
            raise Refusal.conflict("Nobody with a seat could serve the rest of the year.", rule="chair-never-empty")
        term.stand_ins.extend({"entity": code, "since": at, "for": entity} for code in stand_ins)
        self.happen("chair_stepped_down", at, year=year, entity=entity, stand_ins=stand_ins, since=at, letter=letter)
        self._composition_changed(at)

    # ---------------------------------------------------------------- the handover

    def handover(self, year: int, by: Actor, at: datetime) -> Handover:
        """The handover to the chairs of a year, for who is inside the Group: on record, or of a year that is adopted or comes next."""
        found = self.handovers.get(str(year))
        if found is None and self.present(at) < year <= self.reached(at) + 1:
            found = Handover(year)
        who = ToGroup(by, at, self.composition, named=f"handover to {year}", field="year")
        RIGHTS.must_enter("handover", who)
        if found is None:
            raise who.unknown()
        return found

    def note_handover(self, year: int, text: str, *, by: Actor, at: datetime) -> None:
        """An outgoing or serving chair, or the secretariat, writes into the dossier what no record holds; not into one that all have
        signed."""
        handover = self.handover(year, by, at)
        serving = handover.incoming(self.composition) if at >= handover.at else self.composition.chairs(at)
        outgoing = handover.outgoing(self.composition)
        self._must("note_handover", by, at, outgoing=outgoing, serving=serving)
        entity = next((code for code in outgoing + serving if by.speaks_for(code)), None)
        handover.must_be_unsettled(self.composition)
        self.handovers[str(year)] = handover
        handover.notes.append(Note(at, by.person, entity, text))
        self.happen("handover_noted", at, year=year, entity=entity, text=text)

    def sign_handover(
        self, year: int, entity: str, digest: str, *, letter: str | None, matters: list[Matter], by: Actor, at: datetime
    ) -> None:
        """An outgoing or incoming chair signs the dossier as ``digest`` names it, ``matters`` being what is open now. A signature
        on an earlier state of it stays and counts; who gave it may sign again, until all have signed. What was signed is kept."""
        handover = self.handover(year, by, at)
        letter = self._own_word("sign_handover", entity, letter, by, at)
        handover.must_take(entity, digest, matters, self.composition, at)
        side = OUTGOING if entity in handover.outgoing(self.composition) else INCOMING
        notes = [note.text for note in handover.notes]
        self.handovers[str(year)] = handover
        handover.take(Signature(entity, side, at, by.person, letter, digest), matters)
        self.happen("handover_signed", at, year=year, entity=entity, side=side, digest=digest, letter=letter, dossier=matters, notes=notes)
        self._settle_handover(handover, at)

    def _mind_the_handover(self, at: datetime) -> None:
        """Who passes the chair on, or takes it, may have changed: from when on somebody does decides which reminders are ahead,
        and with other chairs a signed handover may want signatures again."""
        running = self.running(at)
        if running is not None:
            self.handovers.setdefault(str(running.year + 1), Handover(running.year + 1))
        for handover in self.handovers.values():
            needed = handover.is_needed(self.composition)
            handover.since = (handover.since or at) if needed else None
            self._settle_handover(handover, at)

    def _settle_handover(self, handover: Handover, at: datetime) -> None:
        """Tell, once, that both sides have signed."""
        if not handover.is_signed(self.composition):
            handover.completed_at = None
        elif handover.completed_at is None:
            handover.completed_at = at
            outgoing, incoming = handover.outgoing(self.composition), handover.incoming(self.composition)
            late = at >= handover.at
            self.happen("handover_completed", at, year=handover.year, outgoing=outgoing, incoming=incoming, late=late)

    def _reminders(self) -> list[tuple[datetime, Handover, int]]:
        """Every reminder ahead of a New Year: when it falls, of which handover, how many days before. Only those of the term that
        is running; what fell before there was anybody to remind is not made up for."""
        return [
            (handover.falls(days), handover, days)
            for handover in self.handovers.values()
            if handover.since is not None and (old := self.composition.term(handover.year - 1)) is not None and old.state == "begun"
            for days in REMINDERS
            if days and days not in handover.reminded and handover.since < handover.falls(days)
        ]

    def _remind(self, handover: Handover, days: int, at: datetime) -> None:
        handover.reminded.append(days)
        last_moment = handover.at - datetime.resolution  # on the day itself the troika is still that of the old year
        troika = self.composition.troika(min(at, last_moment))
        members = self.composition.members(at)
        self.happen(
            "handover_reminded",
            at,
            year=handover.year,
            at=at,
            days=days,
            entities=[code for code in dict.fromkeys(chain(*troika.values())) if code in members],
            outgoing=handover.outgoing(self.composition),
            incoming=handover.incoming(self.composition),
            unsigned=handover.unsigned(self.composition),
        )

    # ---------------------------------------------------------------- the clock

    def due(self) -> datetime | None:
        """The next New Year at which a term ends or begins by itself, or the next reminder before it."""
        return min([*self._new_years(), *(falls for falls, _, _ in self._reminders())], default=None)

    def tick(self, now: datetime) -> None:
        """Let every deadline pass that has come, the earliest first: reminders of the handover, and each New Year, at which the old
        term ends and the adopted one begins. All dated at their own instants however late this runs."""
        while (due := self.due()) is not None and due <= now:
            if due in self._new_years():
                self._turn_the_year(due)
            for falls, handover, days in self._reminders():
                if falls == due:
                    self._remind(handover, days, due)

    def _new_years(self) -> list[datetime]:
        ends = [term.ends for term in self.composition.terms.values() if term.state == "begun"]
        return ends + [term.begins for term in self.composition.terms.values() if term.state == "adopted"]

    def _turn_the_year(self, boundary: datetime) -> None:
        """The term begins whether or not its handover was signed; the secretariat is told who has not."""
        old, new = self.composition.term(boundary.year - 1), self.composition.term(boundary.year)
        handover = self.handovers.get(str(boundary.year))
        passed_on = handover if handover is not None and handover.since is not None else None
        if passed_on is not None:
            self._remind(passed_on, 0, boundary)
        if old is not None and old.state == "begun":
            old.state, old.ended_at = "ended", boundary
            self.happen("term_ended", boundary, year=old.year, chairs=list(old.chairs))
        if new is not None and new.state == "adopted":
            new.state, new.started_at = "begun", boundary
            self.happen("term_started", boundary, year=new.year, chairs=list(new.chairs))
        elif new is None:
            self.composition.terms[str(boundary.year)] = Term(boundary.year, state="unknown")
            self.happen("term_missed", boundary, year=boundary.year)
        if passed_on is not None and not passed_on.is_signed(self.composition):
            passed_on.escalated_at = boundary
            unsigned = passed_on.unsigned(self.composition)
            self.happen("handover_escalated", boundary, year=boundary.year, unsigned=unsigned)
        self._composition_changed(boundary)

    # ---------------------------------------------------------------- where the order stands

    def present(self, at: datetime) -> int:
        """The last year that has begun: by the calendar at ``at``, or in the record, where the clock or a later
        order has been already. An order dated before a New Year may be carried out after it."""
        return max([at.year, *(term.year for term in self.composition.terms.values() if term.state != "adopted")])

    def coming(self, at: datetime) -> list[Term]:
        """The adopted terms that have not begun."""
        return sorted((t for t in self.composition.terms.values() if t.year > self.present(at)), key=lambda t: t.year)

    def _order(self, at: datetime) -> Order:
        return {term.year: list(term.chairs) for term in self.coming(at)}

    def reached(self, at: datetime) -> int:
        """The year up to which the adopted order goes without a hole; the present year when nothing is adopted."""
        order, reached = self._order(at), self.present(at)
        while reached + 1 in order:
            reached += 1
        return reached

    def running(self, at: datetime) -> Term | None:
        """The term of the last year that has begun, if that year has one."""
        term = self.composition.term(self.present(at))
        return term if term is not None and term.state in ("adopted", "begun") else None

    def _settle(self, order: Order, at: datetime) -> None:
        """Make an order the adopted one, telling of every year that moved."""
        for year in sorted(order):
            if order[year]:
                self._assign(year, order[year], at)
            else:
                vacated = self.composition.terms.pop(str(year))
                self._count(year, 2)  # one for the step back to what is only proposed
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
            if before.chairs:
                self._count(year, 1)
            self.happen("term_adopted", at, year=year, chairs=list(chairs), earlier=list(before.chairs))

    def _count(self, year: int, changes: int) -> None:
        self.changes[str(year)] = self.changes.get(str(year), 0) + changes

    def _pass_over(self, at: datetime) -> None:
        """Take the seats that no longer hold throughout their year out of the adopted order."""
        order = self.rota.passed_over(self._order(at), _declined(self.declines))
        self._settle(order, at)

    def _exchange(self, year: int, leaving: str, coming: str, at: datetime) -> None:
        term = self._coming(year, at)
        self._assign(year, [coming if code == leaving else code for code in term.chairs], at, consenting=[coming])

    # ---------------------------------------------------------------- what must be so

    def _must_not_have_begun(self, year: int, where: str, at: datetime) -> None:
        if year <= (present := self.present(at)):
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
                f"Nobody is adopted for {year}.", rule="term-adopted", field=where, accepted=[str(t.year) for t in self.coming(at)]
            )
        return term

    def _place(self, year: int, entity: str, at: datetime, where: str = "year") -> Term:
        """The coming term of a year that is adopted for ``entity``."""
        term = self._coming(year, at, where)
        if entity not in term.chairs:
            years = [str(t.year) for t in self.coming(at) if entity in t.chairs]
            raise Refusal.conflict(
                f"{year} is not the year of {entity}, but of {' and '.join(term.chairs)}.", rule="own-term", field=where, accepted=years
            )
        return term

    def _must_follow_on(self, first: int, at: datetime, where: str) -> None:
        self._must_not_have_begun(first, where, at)
        if first > self.reached(at) + 1:
            raise Refusal.invalid(
                where,
                f"The order has reached {self.reached(at)}; it would leave out the years before {first}.",
                rule="order-without-holes",
                accepted=f"{self.present(at) + 1} to {self.reached(at) + 1}",
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
        queue = self.rota.queue(year, self.rota.last_chaired(before=year))
        if entity not in queue:
            raise Refusal.conflict(
                f"{entity} has no seat that holds throughout {year}.", rule="chair-has-seat", field=where, accepted=queue
            )

    def _must(self, order: str, by: Actor, at: datetime, **relations: Any) -> None:
        """Refuse who may not give this order."""
        RIGHTS.must(order, ToGroup(by, at, self.composition, **relations))

    def _own_word(self, order: str, entity: str, letter: str | None, by: Actor, at: datetime) -> str | None:
        """An entity's word, by its own people, or by the secretariat from a letter; the letter, then."""
        self._must(order, by, at, own=[entity])
        if by.speaks_for(entity):
            return None
        if not letter:
            raise Refusal.invalid(
                "letter", f"Entered on behalf of {entity}, its word names the letter it came by.", rule="on-behalf-letter"
            )
        return letter

    def _must_declare(self, order: str, entity: str, where: str, instant: datetime, source: str | None, by: Actor, at: datetime) -> None:
        """A member declares for itself, from now on; the rest the secretariat enters from its source."""
        self._must(order, by, at, own=[entity])
        self._must_know(entity)
        if not by.speaks_for(entity) and not source:
            raise Refusal.invalid("source", "What the secretariat enters for an entity names its source.", rule="on-behalf-source")
        if instant < at and not RIGHTS.may(f"{order}.past", ToGroup(by, at, self.composition)):
            raise Refusal.not_allowed(
                "What lies in the past, the secretariat enters from its source.",
                rule=RIGHTS[f"{order}.past"].rule,
                field=where,
                accepted=f"{written(at)} or later",
            )
        periods.must_name_source(source, where, instant, at)

    def _must_be_possible(self, swap: Swap, at: datetime) -> None:
        """Both have their year, neither has begun, and each can serve the other's."""
        self._must_know(swap.with_entity, "with_entity")
        mine, theirs = self._place(swap.year, swap.entity, at), self._place(swap.with_year, swap.with_entity, at, "with_year")
        if swap.with_entity in mine.chairs or swap.entity in theirs.chairs:
            raise Refusal.conflict("The two would chair the same years as now.", rule="swap-moves", field="with_year")
        self._must_be_seated_throughout(swap.entity, swap.with_year, "with_year")
        self._must_be_seated_throughout(swap.with_entity, swap.year, "year")

    def is_open(self, swap: Swap, at: datetime) -> bool:
        if swap.state != "proposed":
            return False
        try:
            self._must_be_possible(swap, at)
        except Refusal:
            return False
        return True

    def _open_swap(self, order: str, id: str, by: Actor, at: datetime) -> Swap:
        who = ToGroup(by, at, self.composition, named=f"swap {id}", field="swap")
        RIGHTS.must_enter(order, who)
        swap = next((s for s in self.swaps if s.id == id), None)
        if swap is None:
            raise who.unknown()
        if swap.state != "proposed":
            raise Refusal.conflict(f"This swap is {swap.state} already.", rule="swap-open", field="swap")
        return swap

    def open_offers(self, at: datetime) -> list[Offer]:
        years = {term.year: term.chairs for term in self.coming(at)}
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
        self._mind_the_handover(at)
        self.happen("composition_changed", at, **asdict(self.composition))


def _declined(declines: list[Decline]) -> Declined:
    return {(decline.year, decline.entity) for decline in declines}
