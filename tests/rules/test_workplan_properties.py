"""Whatever positions and edits come in whatever order, a plan is adopted only on what everyone cleared."""

from copy import deepcopy
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from contracts import workplan as contract
from services.kernel import Actor, Composition, Membership, Refusal, Seat, Term, digest_of, utc
from services.kernel.clearance import WORDS
from services.workplan.rules import Plan

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
CHANGES = [{"title": "Two"}, {"lead": "ILO"}, {"objective": "Much"}, WHOLE]


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
        self.order(lambda plan: plan.report_progress(id, "n", [], by=SECRETARIAT, at=self.at, composition=COMPOSITION))

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

    @invariant()
    def outsiders_see_a_plan_only_once_adopted(self):
        try:
            self.plan.view(MISSION, self.at, COMPOSITION)
        except Refusal as refusal:
            assert refusal.kind == "not_found"
            assert self.plan.adopted_at is None
        else:
            assert self.plan.adopted_at is not None


AYearOfAPlan.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestAYearOfAPlan = AYearOfAPlan.TestCase
