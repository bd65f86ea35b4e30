"""The rota over random histories of joins, leaves, declines, swaps and step-downs.

What is proven, of a Group that adopts what the rota proposes, as far ahead as it likes:

- Between two years of one entity every other whose seat held from before the first to after the second, and had been taken
  when the second was given, has chaired. Unless one of the two declined or swapped, or moved because another did (a year that
  was declined goes to who is further on, then and whenever it falls free again), in an order that had not run out when the
  first of the two years began; the years adopted after it are fair again.
- Every instant from the first year on has a serving chair, and a single one, as long as anybody could serve.
- A begun term never changes: neither its chairs nor when it started, by whatever is tried afterwards.
- Who is adopted for a year has a seat throughout it; what is refused changes nothing.
"""

from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import HealthCheck, Phase, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.chairs.rules import Group
from services.kernel import Actor, Refusal, utc, year_begins

SECRETARIAT = Actor("Sofia", None, frozenset({"secretariat"}))
ENTITIES = [f"E{n}" for n in range(8)]
FOUNDERS = 4
FIRST = 2011
MOMENT = datetime.resolution
entities = st.sampled_from(ENTITIES)


def focal_point(entity: str) -> Actor:
    return Actor(f"of {entity}", entity, frozenset({"focal_point"}))


class Rotation(RuleBasedStateMachine):
    """Years go by, adopted as proposed, while everything that may happen to an order happens.

    ``moved`` keeps who declined or swapped, and who moved because of it, each with the last year of the order in which that
    was; ``given_among`` the seats there were when a turn was given to its chair, which moves with it: a seat taken later
    joins after it. This is all that the test knows besides the rules' own state.
    """

    def __init__(self) -> None:
        super().__init__()
        self.group = Group()
        self.now = utc(FIRST - 1, 3)
        self.moved: dict[str, int] = {}
        self.given_among: dict[int, set[tuple[str, datetime]]] = {}
        self.begun: dict[int, dict] = {}
        self.started: list[int] = []

    @initialize()
    def found(self) -> None:
        for code in ENTITIES:
            self.group.register_entity(code, names={"en": code}, acronyms={}, by=SECRETARIAT, at=self.now)
            self.group.start_membership(code, since=self.now, until=None, source=None, by=SECRETARIAT, at=self.now)
        for code in ENTITIES[:FOUNDERS]:
            self.group.take_seat(code, since=None, until=None, source=None, by=focal_point(code), at=self.now)
        self.group.take_happened()
        self.adopt_ahead(1)

    def attempt(self, act, *args, **kwargs) -> bool:
        """Whether the act was allowed; a refused one must have changed nothing."""
        before, composition, order = repr(self.group), repr(self.group.composition), self.order()
        try:
            act(*args, **kwargs, at=self.now)
        except Refusal:
            assert repr(self.group) == before
            assert not self.group.take_happened()
            return False
        facts = [fact.name for fact in self.group.take_happened()]
        assert "composition_changed" not in facts[:-1]
        assert (facts[-1] == "composition_changed") == (repr(self.group.composition) != composition)
        given = dict(self.given_among)
        for year, chairs in self.order().items():
            if order.get(year) != chairs:
                moved_from = next((y for y in sorted(order) if y > year and order[y] == chairs), None)
                self.given_among[year] = (
                    given[moved_from] if moved_from else {(s.entity, s.since) for s in self.group.composition.seats if s.holds(self.now)}
                )
                declined = any(decline.year == year for decline in self.group.declines)
                if declined or act.__name__ in ("decline_term", "agree_swap"):
                    self.moved |= dict.fromkeys([*order.get(year, ()), *chairs], max(self.order()))
        return True

    def order(self) -> dict[int, list[str]]:
        return {t.year: list(t.chairs) for t in self.group.composition.terms.values() if t.state == "adopted"}

    def seated(self) -> list[str]:
        return self.group.composition.seated(self.now)

    # What happens

    @rule(years=st.integers(1, 3))
    def adopt_ahead(self, years: int) -> None:
        """The Group adopts the rota as proposed, so far ahead as it likes, over no year that is adopted."""
        reached = max(self.order(), default=self.now.year)
        if self.attempt(self.group.propose_rota, first_year=reached + 1, years=years, together=1, by=SECRETARIAT):
            turns = [asdict(turn) for turn in self.group.tabled.turns]
            assert self.attempt(self.group.adopt_rota, turns, decision="minutes", by=SECRETARIAT)

    @rule(entity=entities)
    def join(self, entity: str) -> None:
        self.attempt(self.group.take_seat, entity, since=None, until=None, source=None, by=focal_point(entity))

    @rule(entity=entities, days=st.integers(0, 500))
    def leave(self, entity: str, days: int) -> None:
        until = self.now + timedelta(days=days)
        if sum(seat.until is None for seat in self.group.composition.seats) > 2:
            self.attempt(self.group.give_up_seat, entity, until=until, source=None, by=focal_point(entity))

    @precondition(lambda self: self.order())
    @rule(data=st.data())
    def decline(self, data) -> None:
        year = data.draw(st.sampled_from(sorted(self.order())))
        (entity,) = self.order()[year]
        if self.attempt(self.group.decline_term, year, entity, letter=None, by=focal_point(entity)):
            assert not set(self.order()[year]) & {d.entity for d in self.group.declines if d.year == year}
            event("declined")

    @precondition(lambda self: len(self.order()) > 1)
    @rule(data=st.data())
    def swap(self, data) -> None:
        years = data.draw(st.lists(st.sampled_from(sorted(self.order())), min_size=2, max_size=2, unique=True))
        (one,), (other,) = (self.order()[year] for year in years)
        asked = {"entity": one, "year": years[0], "with_entity": other, "with_year": years[1]}
        id = f"swap-{len(self.group.swaps)}"
        if self.attempt(self.group.propose_swap, id, **asked, letter=None, by=focal_point(one)):
            assert self.attempt(self.group.agree_swap, id, letter=None, by=focal_point(other))
            event("swapped")

    @rule()
    def step_down(self) -> None:
        for entity in self.group.composition.chairs(self.now)[:1]:
            if self.attempt(self.group.step_down, self.now.year, entity, letter=None, by=focal_point(entity)):
                event("stepped down")

    @rule(days=st.integers(20, 500), looks=st.integers(1, 3))
    def time_goes_by(self, days: int, looks: int) -> None:
        """The clock may look late, and more than once; the Group has adopted the years that it passes."""
        later = self.now + timedelta(days=days)
        while self.seated() and max(self.order(), default=self.now.year) < later.year:
            before = self.order()
            self.adopt_ahead(1)
            if self.order() == before:
                break
        order, self.now = self.order(), later
        for _ in range(looks):
            self.group.tick(self.now)
            for fact in self.group.take_happened():
                if fact.name in ("term_started", "term_ended"):
                    assert fact.at == year_begins(fact.data["year"] + (fact.name == "term_ended"))
                if fact.name == "term_started":
                    self.started.append(fact.data["year"])
        assert self.started == sorted(set(self.started))
        assert {year for year in order if year <= self.now.year} <= set(self.started)

    # What holds

    @invariant()
    def a_begun_term_never_changes(self) -> None:
        for term in self.group.composition.terms.values():
            if term.state in ("begun", "ended"):
                seen = {"chairs": list(term.chairs), "started_at": term.started_at, "accepted": list(term.accepted)}
                assert self.begun.setdefault(term.year, seen) == seen
                assert term.started_at == term.begins
                assert term.state == "begun" or term.ended_at == term.ends
        assert not set(self.begun) - {t.year for t in self.group.composition.terms.values()}

    @invariant()
    def no_gap_and_no_overlap(self) -> None:
        """Every instant of every year from the first has one serving chair, as long as anybody could serve."""
        terms = self.group.composition.terms
        years = sorted(int(year) for year in terms)
        assert years == list(range(FIRST, FIRST + len(years)))
        for term in terms.values():
            assert term.state in ("adopted", "begun", "ended")
            assert len(term.chairs) == 1
            changes = [change["since"] for change in term.stand_ins]
            for instant in (term.begins, *changes, *(change - MOMENT for change in changes), term.ends - MOMENT):
                assert len(self.group.composition.chairs(instant)) == 1

    @invariant()
    def who_is_adopted_has_a_seat_throughout(self) -> None:
        for year, chairs in self.order().items():
            for entity in chairs:
                assert any(
                    s.entity == entity and s.since <= year_begins(year) and (s.until is None or s.until >= year_begins(year + 1))
                    for s in self.group.composition.seats
                )

    @invariant()
    def everyone_chairs_before_anyone_chairs_twice(self) -> None:
        """Between two years of one entity, each whose seat held all the while, and already when the second
        was given, has chaired; unless one of the two was moved in an order that still ran."""
        terms = sorted(self.group.composition.terms.values(), key=lambda t: t.year)
        for entity in ENTITIES:
            mine = [t for t in terms if entity in t.chairs]
            for first, second in pairwise(mine):
                between = {code for t in terms if first.year <= t.year <= second.year for code in t.chairs}
                seats = [s for s in self.group.composition.seats if s.since <= first.begins and (s.until is None or s.until >= second.ends)]
                moved = {code for code, until in self.moved.items() if first.year <= until}
                for other in {s.entity for s in seats if (s.entity, s.since) in self.given_among[second.year]} - between:
                    assert {entity, other} & moved, (entity, other, first.year, second.year)


TestRotation = Rotation.TestCase
TestRotation.settings = settings(
    max_examples=100,
    stateful_step_count=40,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
