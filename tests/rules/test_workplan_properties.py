"""Whatever positions and edits come in whatever order, a plan is adopted only on what everyone cleared."""

from contextlib import suppress
from copy import deepcopy
from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from contracts import workplan as contract
from services.kernel import Actor, Composition, Membership, Refusal, Seat, Term, digest_of, utc
from services.kernel.clearance import WORDS
from services.workplan.rules import Activity, Deliverable, Funding, Milestone, Plan, Seen
from services.workplan.rules.activity import Note
from services.workplan.rules.funding import Cancellation

SEATED = ["ILO", "IOM", "UNODC"]
COMPOSITION = Composition(
    memberships=[Membership(code, utc(2010)) for code in SEATED],
    seats=[Seat(code, utc(2010)) for code in SEATED],
    terms={"2014": Term(2014, ["IOM"], "begun")},
)
PEOPLE = {code: Actor(code.lower(), code, frozenset({"focal_point"})) for code in [*SEATED, "WB"]}
SECRETARIAT = Actor("sec", None, frozenset({"secretariat"}))
MISSION = Actor("mission", "BRA", frozenset({"mission"}))
ACTORS = [SECRETARIAT, *PEOPLE.values(), MISSION]
PASSING = {"endorse", "no_objection", "stand_aside", "recuse"}
WHOLE = {"title": "One", "lead": "IOM"}
NEED = {"purpose": "Printing", "amount": "3.00", "currency": "USD"}
DEPENDING = [{"depends_on": ["a"]}, {"depends_on": ["b"]}, {"depends_on": ["a", "c"]}, {"depends_on": []}]
CHANGES = [{"title": "Two"}, {"lead": "ILO"}, {"objective": "Much"}, WHOLE, {"needs": [NEED]}, *DEPENDING]


class AYearOfAPlan(RuleBasedStateMachine):
    """Orders come by random actors at growing instants; the clock runs, or does not, in between.

    Beside the plan stands a plain reckoning of who said what of which digest since the procedure opened,
    and each adoption that happens is held against it.
    """

    @initialize(stage=st.sampled_from(["draft", "adoption", "in force", "amendments in clearance"]))
    def begin(self, stage):
        """Begun at some stage of its life, so that the steps are spent on what can go wrong there."""
        self.at = utc(2014, 1, 2)
        self.plan = Plan.begin(2014, at=self.at)
        self.plan.take_happened()
        self.said: dict[str | None, dict[str, tuple[str, str]]] = {}  # of the plan (None) or an amendment: entity → digest, word
        self.opened: dict[str | None, tuple] = {}
        self.adopted: str | None = None
        if stage != "draft":
            self.add(SECRETARIAT, "a", WHOLE)
            self.consult(SECRETARIAT)
            self.put_to_the_entities("express", None, None)
        if stage in ("in force", "amendments in clearance"):
            self.several_agree(SEATED, "endorse", None)
            assert self.plan.state == "in_force"
        if stage == "amendments in clearance":
            for id, wording in (("x", CHANGES[0]), ("y", CHANGES[1])):
                self.propose(id, "change", "a", wording)
                self.put_to_the_entities("silence", 3, id)

    def order(self, do) -> bool:
        """Carried out as the store does it: decided on a copy, kept only when not refused, facts against the contract."""
        attempt = deepcopy(self.plan)
        try:
            do(attempt)
        except Refusal:
            return False
        facts = attempt.take_happened()
        assert facts or attempt == self.plan, "a change that no fact tells of"
        self.plan = attempt
        for fact in facts:
            contract.contract.events[fact.name].publish(fact.data)
            self.reckon(fact)
        return True

    def reckon(self, fact):
        data, about = fact.data, fact.data.get("amendment")
        if fact.name == "adoption_opened":
            self.opened[about] = (data["digest"], data["procedure"], data["deadline"], set(data["counting"]))
            self.said[about] = {}
        elif fact.name == "adoption_extended":
            digest, procedure, _, counting = self.opened[about]
            self.opened[about] = (digest, procedure, data["deadline"], counting)
        elif fact.name == "position_taken":
            self.said[about][data["entity"]] = (data["digest"], data["word"])
        elif fact.name in ("adoption_broken", "adoption_lapsed", "adoption_superseded"):
            del self.opened[about]
        elif fact.name in ("plan_adopted", "amendment_adopted"):
            digest, procedure, deadline, counting = self.opened.pop(about)
            assert data["digest"] == digest
            self.adopted = digest
            for entity in counting:
                on, word = self.said[about].get(entity, (None, None))
                if procedure == "silence":
                    assert word != "object"
                    assert fact.at == deadline or (on == digest and word in PASSING)
                else:
                    assert on == digest
                    assert word in PASSING

    @rule(minutes=st.sampled_from([1, 60, 60 * 24, 60 * 24 * 4]), ticks=st.booleans())
    def time_passes(self, minutes, ticks):
        self.at += timedelta(minutes=minutes)
        if ticks:
            self.order(lambda plan: plan.tick(self.at))

    @rule(by=st.sampled_from(ACTORS), id=st.sampled_from("ab"), wording=st.sampled_from(CHANGES))
    def add(self, by, id, wording):
        self.order(lambda plan: plan.add_activity(id, WHOLE | wording, by=by, at=self.at, composition=COMPOSITION))

    @rule(by=st.sampled_from(ACTORS), id=st.sampled_from("ab"), wording=st.sampled_from(CHANGES))
    def change(self, by, id, wording):
        self.order(lambda plan: plan.change_activity(id, wording, by=by, at=self.at, composition=COMPOSITION))

    @rule(by=st.sampled_from(ACTORS), id=st.sampled_from("ab"))
    def cancel(self, by, id):
        self.order(lambda plan: plan.cancel_activity(id, "r", by=by, at=self.at, composition=COMPOSITION))

    @rule(by=st.sampled_from([SECRETARIAT, PEOPLE["IOM"], PEOPLE["ILO"]]))
    def consult(self, by):
        self.order(lambda plan: plan.open_consultation(by=by, at=self.at, composition=COMPOSITION))

    @rule(
        procedure=st.sampled_from(["express", "silence"]), days=st.sampled_from([None, 3, 10]), amendment=st.sampled_from([None, "x", "y"])
    )
    def put_to_the_entities(self, procedure, days, amendment):
        deadline = None if days is None else self.at + timedelta(days=days)
        if amendment is None:
            self.order(lambda plan: plan.open_adoption(procedure, deadline, by=SECRETARIAT, at=self.at, composition=COMPOSITION))
        else:
            self.order(
                lambda plan: plan.open_amendment(amendment, procedure, deadline, by=SECRETARIAT, at=self.at, composition=COMPOSITION)
            )

    @rule(amendment=st.sampled_from([None, "x", "y"]))
    def extend(self, amendment):
        deadline = self.at + timedelta(days=20)
        self.order(lambda plan: plan.extend_adoption(deadline, by=SECRETARIAT, at=self.at, composition=COMPOSITION, amendment=amendment))

    @rule(
        by=st.sampled_from(ACTORS),
        word=st.sampled_from(WORDS),
        amendment=st.sampled_from([None, "x", "y"]),
        stale=st.booleans(),
    )
    def speak(self, by, word, amendment, stale):
        digest = "0" * 64 if stale else self.opened.get(amendment, (self.plan.digest,))[0]
        told = {"by": by, "at": self.at, "composition": COMPOSITION, "amendment": amendment}
        took = self.order(lambda plan: plan.take_position(digest, word, reasons="r", **told))
        assert not (took and (stale or by not in PEOPLE.values() or by.entity == "WB"))

    @rule(
        entities=st.sampled_from([SEATED, SEATED[:2]]),
        word=st.sampled_from(["endorse", "no_objection"]),
        amendment=st.sampled_from([None, "x", "y"]),
    )
    def several_agree(self, entities, word, amendment):
        for entity in entities:
            self.speak(PEOPLE[entity], word, amendment, False)

    @rule(
        id=st.sampled_from("xy"),
        kind=st.sampled_from(["add", "change", "drop"]),
        activity=st.sampled_from("abc"),
        wording=st.sampled_from(CHANGES),
    )
    def propose(self, id, kind, activity, wording):
        changes = {"add": WHOLE | wording, "change": wording, "drop": None}[kind]
        self.order(
            lambda plan: plan.propose_amendment(
                id, kind=kind, activity=activity, changes=changes, reason="r", by=PEOPLE["ILO"], at=self.at, composition=COMPOSITION
            )
        )

    @rule(id=st.sampled_from("xy"))
    def withdraw(self, id):
        self.order(lambda plan: plan.withdraw_amendment(id, "r", by=PEOPLE["ILO"], at=self.at, composition=COMPOSITION))

    @rule(id=st.sampled_from("abc"))
    def progress(self, id):
        self.record(lambda plan: plan.report_progress(id, "n", [], by=SECRETARIAT, at=self.at, composition=COMPOSITION))

    @rule(
        id=st.sampled_from("abc"), funding=st.sampled_from("fg"), amount=st.sampled_from(["1.00", "2.50"]), days=st.sampled_from([None, 5])
    )
    def secure(self, id, funding, amount, days):
        ends = None if days is None else self.at + timedelta(days=days)
        money = {"donor": "N", "amount": amount, "currency": "USD", "ends": ends}
        self.record(lambda plan: plan.secure_funding(id, funding, by=SECRETARIAT, at=self.at, composition=COMPOSITION, **money))

    @rule(id=st.sampled_from("abc"), funding=st.sampled_from("fg"))
    def lose(self, id, funding):
        self.record(lambda plan: plan.end_funding(id, funding, "r", by=SECRETARIAT, at=self.at, composition=COMPOSITION))

    def record(self, do):
        """What grows the record touches no digest."""
        self.order(lambda plan: plan.tick(self.at))
        before = self.plan.digest
        self.order(do)
        assert self.plan.digest == before

    @rule(by=st.sampled_from(ACTORS), ids=st.permutations("abc"), wordings=st.lists(st.sampled_from(CHANGES), min_size=1, max_size=3))
    def take_in(self, by, ids, wordings):
        rows = [{"activity": id, **WHOLE, **wording} for id, wording in zip(ids, wordings, strict=False)]
        told = {"by": by, "at": self.at, "composition": COMPOSITION}
        problems: list = []
        with suppress(Refusal):
            expected = deepcopy(self.plan)
            expected.tick(self.at)
            problems = expected.check_import(rows, **told).problems
        took = self.order(lambda plan: plan.take_in(rows, **told))
        assert not (took and problems)
        if took:
            standing = {activity.id: activity for activity in self.plan.activities}
            assert all(standing[row["activity"]].title == row["title"] for row in rows), "all or nothing"

    @precondition(lambda self: self.plan.adopted_at is not None)
    @rule()
    def carrying_over_twice_changes_nothing(self):
        told = {"by": SECRETARIAT, "at": self.at, "composition": COMPOSITION}
        into = Plan.begin(2015, at=self.at)
        into.carry_over(self.plan, None, **told)
        once = deepcopy(into)
        into.take_happened()
        into.carry_over(self.plan, None, **told)
        assert into.take_happened() == []
        assert into == once
        unfinished = {a.id for a in self.plan.activities if a.status(self.at) not in ("delivered", "cancelled")}
        assert {a.carried_from.activity for a in into.activities if a.carried_from} == unfinished

    @invariant()
    def a_plan_in_force_is_the_text_that_was_cleared(self):
        assert (self.plan.adopted_at is not None) == (self.plan.state in ("in_force", "closed"))
        if self.plan.adopted_at is not None:
            assert self.plan.digest == digest_of(self.plan.substance()) == self.adopted

    @invariant()
    def what_is_in_clearance_names_the_text_as_it_stands(self):
        running = {amendment.id if amendment else None: clearance for amendment, clearance in self.plan._cleared}
        assert set(running) == set(self.opened)
        for about, clearance in running.items():
            amendment = next((a for a in self.plan.amendments if a.id == about), None)
            assert clearance.digest == (self.plan.digest_with(amendment) if amendment else self.plan.digest)
        for amendment in self.plan.amendments:
            if amendment.is_pending:
                applies = amendment.applies_to(self.plan.activities)
                assert amendment.digest == (self.plan.digest_with(amendment) if applies else None)

    @invariant()
    def no_activity_waits_for_itself(self):
        standing = {a.id: a.depends_on for a in self.plan.activities if a.cancelled is None}
        while free := [id for id, before in standing.items() if not any(other in standing for other in before)]:
            for id in free:
                del standing[id]
        assert standing == {}

    @invariant()
    def the_balance_adds_up(self):
        for activity in self.plan.activities:
            usable = [Decimal(f.amount) for f in activity.funding if not f.ended and (f.ends is None or f.ends > self.at)]
            needed = sum(Decimal(need.amount) for need in activity.needs)
            rows = self.plan.seen(SECRETARIAT, self.at, COMPOSITION).activity(activity.id)["balance"]
            assert bool(rows) == bool(usable or needed)
            for row in rows:
                assert (Decimal(row["needed"]), Decimal(row["secured"])) == (needed, sum(usable))
                assert Decimal(row["gap"]) == max(needed - sum(usable), 0)

    @invariant()
    def outsiders_see_a_plan_only_once_adopted(self):
        try:
            self.plan.seen(MISSION, self.at, COMPOSITION)
        except Refusal as refusal:
            assert refusal.kind == "not_found"
            assert self.plan.adopted_at is None
        else:
            assert self.plan.adopted_at is not None


AYearOfAPlan.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestAYearOfAPlan = AYearOfAPlan.TestCase


# What was seen -------------------------------------------------------------------------------------------------------

DAYS = st.integers(1, 3).map(lambda day: utc(2014, 6, day))
MAYBE = st.none() | DAYS
FALLEN = st.none() | st.builds(Cancellation, DAYS, st.just("sec"), st.just("r"))
DELIVERABLES = st.lists(st.builds(Deliverable, st.just("d"), st.just("outcome"), st.just("D"), MAYBE, delivered_at=MAYBE), max_size=2)
ACTIVITIES = st.lists(
    st.builds(
        Activity,
        st.sampled_from("ab"),
        st.just("A"),
        st.just("IOM"),
        deliverables=DELIVERABLES,
        dropped=DELIVERABLES,
        milestones=st.lists(st.builds(Milestone, st.just("m"), st.just("M"), DAYS, met_at=MAYBE), max_size=2),
        progress=st.lists(st.builds(Note, DAYS, st.just("sec"), st.none(), st.just("n")), max_size=1),
        funding=st.lists(
            st.builds(Funding, st.just("f"), st.just("X"), st.just("1.00"), st.just("USD"), DAYS, st.just("sec"), MAYBE, ended=FALLEN),
            max_size=1,
        ),
        depends_on=st.lists(st.sampled_from("ab"), max_size=1),
        cancelled=FALLEN,
    ),
    max_size=2,
    unique_by=lambda activity: activity.id,
)
MILLISECONDS = st.integers(-1, 1).map(lambda off: timedelta(milliseconds=off))


def instants(value) -> set[datetime]:
    """Every instant that stands anywhere in it."""
    if isinstance(value, datetime):
        return {value}
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {instant for item in inner for instant in instants(item)}


@settings(deadline=None, max_examples=500)
@given(activities=ACTIVITIES, day=DAYS, before=MILLISECONDS, after=MILLISECONDS, inside=st.booleans(), adopted=MAYBE)
def test_what_stands_for_another_view_shows_the_same(activities, day, before, after, inside, adopted):
    first, then = day + before, day + after
    plan = Plan(2014, "in_force", activities=activities, adopted_at=adopted)
    was, would_be = Seen(plan, first, inside), Seen(plan, then, inside)
    if was.stands_for(would_be):
        assert was.whole == would_be.whole
        assert was.money == would_be.money
        mine, theirs = ([(result.view, result.delivered, result.on_time) for result in view.results] for view in (was, would_be))
        assert mine == theirs
    turned = any(min(first, then) <= instant <= max(first, then) for activity in activities for instant in instants(asdict(activity)))
    assert turned or was.stands_for(would_be), "what need not be made anew is not"
