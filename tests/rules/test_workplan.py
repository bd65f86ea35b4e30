"""The rules of the year's plan: no fixture, no clock, no broker; told the instant, they say what happened."""

import itertools
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from contracts import workplan as contract
from services.kernel import Actor, Composition, Membership, Refusal, Seat, Term, digest_of, utc
from services.workplan.rules import LIMITS, Briefing, Carried, Plan, awaiting, is_coming

SIX = ["ILO", "IOM", "OHCHR", "UNHCR", "UNICEF", "UNODC"]
NOW = utc(2014, 1, 10, 9)
DEADLINE = utc(2014, 1, 20, 17)

secretariat = Actor("sec", None, frozenset({"secretariat"}))
mission = Actor("brazil", "BRA", frozenset({"mission"}))


def focal(entity: str) -> Actor:
    return Actor(f"{entity.lower()}.person", entity, frozenset({"focal_point"}))


def group() -> Composition:
    """Six seats, WB a member without one; IOM chairs 2014, UNHCR is adopted for 2015."""
    return Composition(
        memberships=[Membership(code, utc(2010)) for code in [*SIX, "WB"]],
        seats=[Seat(code, utc(2010)) for code in SIX],
        terms={"2014": Term(2014, ["IOM"], "begun"), "2015": Term(2015, ["UNHCR"], "adopted")},
    )


COMPOSITION = group()
REPORT = {"year": 2014, "total": {"activities": 1}}
PAPER = {"id": "paper", "kind": "document", "title": "Issue paper on demand", "due": utc(2014, 10, 6)}


def wording(**more) -> dict:
    return {
        "title": "Paper on demand",
        "lead": "IOM",
        "contributors": ["ILO"],
        "pillars": ["prevention"],
        "paragraphs": [21, 12],
        "objective": "What reduces demand",
        "deliverables": [PAPER, {"id": "launch", "kind": "meeting", "title": "Presentation in Vienna"}],
        "milestones": [{"id": "draft", "title": "First draft", "due": utc(2014, 4, 1)}],
    } | more


@dataclass
class Desk:
    """A plan with the instant and the composition filled in, so that a test reads as what is done."""

    plan: Plan

    def __getattr__(self, name: str):
        def act(*args, at=NOW, by=secretariat, **kwargs):
            kwargs.setdefault("composition", COMPOSITION)
            return getattr(self.plan, name)(*args, by=by, at=at, **kwargs)

        return act

    def says(self, entity: str, word: str, **kwargs):
        kwargs.setdefault("digest", self.plan.digest)
        kwargs.setdefault("by", focal(entity))
        return self.take_position(kwargs.pop("digest"), word, **kwargs)

    def happened(self) -> list[str]:
        """Names of what happened since last asked; each fact checked against its contract, as the store does."""
        facts = self.plan.take_happened()
        for fact in facts:
            contract.contract.events[fact.name].publish(fact.data)
        return [fact.name for fact in facts]


def draft() -> Desk:
    desk = Desk(Plan.open(2014, by=secretariat, at=utc(2013, 12, 1), composition=COMPOSITION))
    desk.add_activity("demand", wording())
    return desk


def in_adoption(procedure: str = "express", deadline=None) -> Desk:
    desk = draft()
    desk.open_consultation()
    desk.open_adoption(procedure, deadline)
    desk.happened()
    return desk


def in_force() -> Desk:
    desk = in_adoption()
    for entity in SIX:
        desk.says(entity, "endorse")
    desk.happened()
    return desk


def refused(desk: Desk, kind: str, rule: str, do, /, *args, field: str | None = None, **kwargs) -> Refusal:
    """Refused by this rule, naming this field, with nothing changed and nothing told."""
    before = deepcopy(desk.plan)
    before.take_happened()
    desk.plan.take_happened()
    with pytest.raises(Refusal) as caught:
        do(*args, **kwargs)
    assert (caught.value.kind, caught.value.rule, caught.value.field) == (kind, rule, field), caught.value.detail
    assert desk.plan == before
    assert desk.plan.take_happened() == []
    return caught.value


# The draft


def test_a_plan_is_opened_by_the_chair_or_the_secretariat():
    for actor in (secretariat, focal("IOM")):
        assert Plan.open(2014, by=actor, at=NOW, composition=COMPOSITION).state == "draft"
    with pytest.raises(Refusal, match="chair"):
        Plan.open(2014, by=focal("ILO"), at=NOW, composition=COMPOSITION)


def test_the_coming_chair_prepares_the_plan_of_its_own_year_and_no_other():
    december = utc(2014, 12, 1)
    assert Plan.open(2015, by=focal("UNHCR"), at=december, composition=COMPOSITION).year == 2015
    with pytest.raises(Refusal):
        Plan.open(2014, by=focal("UNHCR"), at=december, composition=COMPOSITION)


@pytest.mark.parametrize(("year", "opens"), [(2013, False), (2014, True), (2015, True), (2016, False)])
def test_a_term_opens_the_draft_of_this_year_or_the_next(year, opens):
    assert is_coming(year, utc(2014, 6)) is opens


def test_any_seated_entity_adds_an_activity():
    desk = draft()
    desk.add_activity("remedies", wording(lead="OHCHR", contributors=["WB"]), by=focal("UNICEF"))
    assert desk.happened()[-1] == "activity_added"
    refused(desk, "not_allowed", "seat", desk.add_activity, "x", wording(), by=focal("WB"))


def test_who_has_a_seat_is_asked_as_of_the_instant_and_of_the_year():
    desk = draft()
    composition = group()
    composition.seats = [Seat("IOM", utc(2010), utc(2014, 2)), Seat("WB", utc(2014, 3))]
    desk.add_activity("early", wording(), by=focal("IOM"), at=utc(2014, 1, 31), composition=composition)
    refused(desk, "invalid", "lead-seated", desk.add_activity, "late", wording(), field="lead", at=utc(2014, 2), composition=composition)
    desk.add_activity("late", wording(lead="WB"), by=focal("WB"), at=utc(2014, 3), composition=composition)
    # Drafted the year before, by who sits when the year begins.
    composition.seats = [Seat("WB", utc(2014))]
    desk.add_activity("coming", wording(lead="WB"), by=focal("WB"), at=utc(2013, 12, 2), composition=composition)


@pytest.mark.parametrize(
    ("change", "field", "rule"),
    [
        ({"paragraphs": [12, 62]}, "paragraphs.1", "gpa-paragraph"),
        ({"paragraphs": [0]}, "paragraphs.0", "gpa-paragraph"),
        ({"pillars": ["prevention", "profit"]}, "pillars.1", "pillar"),
        ({"lead": "WB"}, "lead", "lead-seated"),
        ({"lead": "ILO"}, "contributors.0", "entity-once"),
        ({"contributors": ["ILO", "NATO"]}, "contributors.1", "contributor-member"),
        ({"contributors": ["ILO", "ILO"]}, "contributors.1", "entity-once"),
        ({"milestones": [{"title": "Late", "due": utc(2015, 1, 2)}]}, "milestones.0.due", "due-in-year"),
        ({"milestones": [{"title": "Blank", "due": utc(2013, 1, 2), "due_reason": " "}]}, "milestones.0.due", "due-in-year"),
        ({"deliverables": [PAPER, PAPER | {"id": "b", "due": utc(2016)}]}, "deliverables.1.due", "due-in-year"),
        ({"deliverables": [PAPER, PAPER]}, "deliverables.1.id", "id-unique"),
        ({"deliverables": [{"kind": "song", "title": "x"}]}, "deliverables.0.kind", "deliverable-kind"),
        ({"milestones": [{"id": "a", "title": "x", "due": NOW}, {"id": "a", "title": "y", "due": NOW}]}, "milestones.1.id", "id-unique"),
    ],
)
def test_bad_substance_is_refused_with_its_exact_path(change, field, rule):
    desk = draft()
    refused(desk, "invalid", rule, desk.add_activity, "bad", wording(**change), field=field)
    if change != {"lead": "ILO"}:
        refused(desk, "invalid", rule, desk.change_activity, "demand", change, field=field)
    else:
        refused(desk, "invalid", rule, desk.change_activity, "demand", change, field="lead")
    force = in_force()
    refused(
        force, "invalid", rule, force.propose_amendment, "a", kind="add", activity="bad", changes=wording(**change), reason="r",
        field=f"changes.{field}",
    )  # fmt: skip


def test_a_due_date_outside_the_year_may_have_its_reason_and_the_year_ends_at_midnight():
    desk = draft()
    outside = {"title": "Launch", "due": utc(2015, 3), "due_reason": "The Commission meets in March"}
    desk.change_activity("demand", {"milestones": [outside, {"title": "Year's end", "due": utc(2015)}]})
    assert [m.id for m in desk.plan.activities[0].milestones] == ["m1", "m2"]


def test_an_id_already_there_is_refused():
    desk = draft()
    refused(desk, "invalid", "id-unique", desk.add_activity, "demand", wording(), field="activity")


def test_its_lead_the_chair_or_the_secretariat_changes_an_activity():
    desk = draft()
    desk.add_activity("remedies", wording(lead="OHCHR"))
    for actor in (focal("OHCHR"), focal("IOM"), secretariat):
        desk.change_activity("remedies", {"objective": actor.person}, by=actor)
    refused(desk, "not_allowed", "lead-or-chair", desk.change_activity, "remedies", {"objective": "x"}, by=focal("UNICEF"))


def test_a_change_tells_what_was_and_no_change_tells_nothing():
    desk = draft()
    desk.happened()
    desk.change_activity("demand", {"title": "Paper on demand", "paragraphs": [21, 12, 12]})
    assert desk.happened() == []
    desk.change_activity("demand", {"title": "Demand", "objective": "What reduces demand"})
    (fact,) = desk.plan.take_happened()
    assert (fact.data["before"], fact.data["after"]) == ({"title": "Paper on demand"}, {"title": "Demand"})
    assert fact.data["digest"] == desk.plan.digest


def test_a_cancelled_activity_stays_to_be_seen_and_leaves_the_substance():
    desk = draft()
    with_it = desk.plan.digest
    desk.add_activity("other", wording())
    desk.cancel_activity("other", "No staff")
    assert desk.plan.digest == with_it
    assert desk.plan.seen(secretariat, NOW, COMPOSITION).whole["activities"][1]["cancelled"]["reason"] == "No staff"
    refused(desk, "conflict", "activity-cancelled", desk.change_activity, "other", {"title": "x"})


def test_the_digest_depends_on_the_substance_and_not_on_the_order_it_was_typed_in():
    one, other = draft(), Desk(Plan.begin(2014, at=utc(2013)))
    one.add_activity("b", wording(title="B"))
    other.add_activity("b", wording(title="B", contributors=["ILO"], paragraphs=[12, 21]))
    other.add_activity("demand", wording())
    assert one.plan.digest == other.plan.digest
    other.change_activity("b", {"objective": "another"})
    assert one.plan.digest != other.plan.digest


# Adoption


def test_the_life_cycle_goes_forward_only():
    desk = draft()
    refused(desk, "conflict", "life-cycle", desk.open_adoption, "express", None)
    refused(desk, "not_allowed", "chair-only", desk.open_consultation, by=focal("ILO"))
    desk.open_consultation(by=focal("IOM"))
    refused(desk, "conflict", "life-cycle", desk.open_consultation)
    refused(desk, "conflict", "clearance-open", desk.says, "ILO", "endorse")
    refused(desk, "conflict", "life-cycle", desk.report_progress, "demand", "n", [])
    refused(desk, "conflict", "life-cycle", desk.close, "", REPORT)
    desk.open_adoption("express", None)
    assert desk.happened() == ["adoption_opened"]
    refused(desk, "conflict", "life-cycle", desk.add_activity, "more", wording())


def test_a_plan_without_activities_is_not_put_to_the_entities():
    desk = draft()
    desk.cancel_activity("demand", "r")
    desk.open_consultation()
    refused(desk, "conflict", "plan-empty", desk.open_adoption, "express", None)


def test_a_plan_led_by_an_entity_that_gave_up_its_seat_is_not_put_to_the_others():
    desk = draft()
    desk.open_consultation()
    composition = group()
    composition.seats[1].until = utc(2014, 1, 5)
    refused(desk, "conflict", "lead-seated", desk.open_adoption, "express", None, composition=composition)


def test_adopted_by_express_positions_of_all_six_on_exactly_that_digest():
    desk = in_adoption()
    digest = desk.plan.digest
    for entity in SIX[:-1]:
        desk.says(entity, "endorse")
    assert desk.plan.state == "adoption"
    desk.says("UNODC", "no_objection", at=NOW + timedelta(days=1))
    assert desk.plan.state == "in_force"
    fact = desk.plan.take_happened()[-1]
    assert (fact.name, fact.at, fact.data["digest"]) == ("plan_adopted", NOW + timedelta(days=1), digest)
    assert fact.data["endorsed_by"] == SIX[:-1]
    assert fact.data["no_objection"] == ["UNODC"]
    assert fact.data["activities"] == [{"id": "demand", "title": "Paper on demand", "lead": "IOM", "pillars": ["prevention"]}]


def test_silence_adopts_at_the_deadline_however_late_the_clock_runs_and_once():
    desk = in_adoption("silence", DEADLINE)
    desk.says("ILO", "endorse")
    desk.plan.tick(DEADLINE - timedelta(minutes=1))
    assert desk.plan.state == "adoption"
    desk.happened()
    desk.plan.tick(DEADLINE + timedelta(days=3))
    assert desk.plan.adopted_at == DEADLINE
    fact = desk.plan.take_happened()[-1]
    assert (fact.at, fact.data["endorsed_by"], fact.data["no_objection"]) == (DEADLINE, ["ILO"], [e for e in SIX if e != "ILO"])
    desk.plan.tick(DEADLINE + timedelta(days=4))
    assert desk.happened() == []
    assert desk.plan.due() is None


def test_an_objection_breaks_the_silence_and_the_plan_goes_back():
    desk = in_adoption("silence", DEADLINE)
    refused(desk, "invalid", "objection-reasons", desk.says, "ILO", "object", field="reasons")
    desk.says("ILO", "object", reasons="No funds for the paper")
    assert desk.happened() == ["position_taken", "adoption_broken", "consultation_opened"]
    assert desk.plan.state == "consultation"
    refused(desk, "conflict", "clearance-open", desk.says, "IOM", "endorse")


def test_an_express_adoption_lapses_at_its_deadline_and_says_who_was_missing():
    desk = in_adoption("express", DEADLINE)
    for entity in SIX[:4]:
        desk.says(entity, "endorse")
    desk.says("UNICEF", "object", reasons="r")
    desk.plan.tick(DEADLINE - timedelta(minutes=1))
    desk.plan.take_happened()
    desk.plan.tick(utc(2014, 2))
    facts = desk.plan.take_happened()
    assert [(f.name, f.at) for f in facts] == [("adoption_lapsed", DEADLINE), ("consultation_opened", DEADLINE)]
    assert facts[0].data["awaiting"] == ["UNICEF", "UNODC"]


def test_who_has_yet_to_speak_is_reminded_once_at_each_instant_however_late_the_clock_runs():
    desk = in_adoption("silence", DEADLINE)
    assert desk.plan.due() == DEADLINE - timedelta(hours=72)
    desk.says("ILO", "endorse")
    desk.says("IOM", "no_objection", at=DEADLINE - timedelta(hours=30))
    desk.plan.tick(DEADLINE - timedelta(hours=1))
    told = [fact for fact in desk.plan.take_happened() if fact.name == "adoption_reminded"]
    assert [(DEADLINE - fact.at, fact.data["days"], fact.data["entities"]) for fact in told] == [
        (timedelta(hours=72), 3, [entity for entity in SIX if entity != "ILO"]),
        (timedelta(hours=24), 1, [entity for entity in SIX if entity not in ("ILO", "IOM")]),
    ]
    desk.plan.tick(DEADLINE - timedelta(minutes=1))
    assert desk.happened() == []
    assert desk.plan.due() == DEADLINE


def test_nobody_is_reminded_of_what_was_asked_just_now_or_has_no_deadline_or_awaits_nobody():
    assert in_adoption().plan.due() is None
    deadline = NOW + timedelta(hours=72)
    desk = in_adoption("silence", deadline)
    assert desk.plan.due() == deadline - timedelta(hours=24)
    for entity in SIX:
        desk.says(entity, "endorse")
    assert desk.plan.due() == deadline


def test_another_run_and_an_amendment_have_reminders_of_their_own():
    desk = in_adoption("silence", DEADLINE)
    desk.plan.tick(DEADLINE - timedelta(hours=72))
    assert desk.happened() == ["adoption_reminded"]
    desk.says("ILO", "object", reasons="r", at=DEADLINE - timedelta(hours=71))
    desk.open_adoption("silence", later := DEADLINE + timedelta(days=3), at=DEADLINE - timedelta(hours=71))
    desk.happened()
    desk.plan.tick(later)
    assert desk.happened() == ["adoption_reminded", "adoption_reminded", "plan_adopted"]
    proposed(desk, lead="OHCHR")
    desk.open_amendment("a", "silence", later + timedelta(days=4), at=later)
    desk.happened()
    desk.plan.tick(later + timedelta(days=1))
    (fact,) = desk.plan.take_happened()
    assert (fact.name, fact.data["amendment"], fact.data["entities"]) == ("adoption_reminded", "a", SIX)


def test_what_is_asked_of_entities_names_them():
    desk = in_adoption("silence", DEADLINE)
    desk.says("ILO", "object", reasons="r")
    asked = {fact.name: fact.data for fact in desk.plan.take_happened()}
    assert asked["adoption_broken"]["counting"] == asked["consultation_opened"]["asked"] == SIX
    seven = group()
    seven.seats.append(Seat("WB", utc(2010)))
    other = Desk(Plan.open(2014, by=secretariat, at=NOW, composition=seven))
    other.open_consultation(composition=seven)
    assert other.plan.take_happened()[-1].data["asked"] == [*SIX, "WB"]


def test_an_order_that_comes_after_the_deadline_finds_what_the_silence_did():
    desk = in_adoption("silence", DEADLINE)
    before = deepcopy(desk.plan)
    with pytest.raises(Refusal) as caught:
        desk.change_activity("demand", {"title": "Another"}, at=DEADLINE)
    assert caught.value.rule == "adopted-substance"
    desk.plan = before
    refused(desk, "too_late", "clearance-deadline", desk.says, "ILO", "object", reasons="r", at=DEADLINE)
    desk.plan.tick(DEADLINE)
    refused(desk, "too_late", "clearance-deadline", desk.says, "ILO", "object", reasons="r", at=DEADLINE)


def test_a_change_in_adoption_makes_positions_stale_and_they_are_kept():
    desk = in_adoption("silence", DEADLINE)
    old = desk.plan.digest
    desk.says("ILO", "endorse")
    desk.happened()
    desk.change_activity("demand", {"objective": "Something else"}, by=focal("IOM"))
    assert desk.happened() == ["activity_changed", "adoption_superseded", "consultation_opened"]
    (clearance,) = desk.plan.seen(focal("ILO"), NOW, COMPOSITION).positions()["clearances"]
    assert clearance["state"] == "superseded"
    assert [(p["word"], p["digest"], p["stale"], p["current"]) for p in clearance["positions"]] == [("endorse", old, True, False)]
    desk.open_adoption("silence", DEADLINE)
    refused(desk, "stale", "position-binds-text", desk.says, "UNHCR", "endorse", digest=old, field="digest")
    assert desk.plan.adoption.awaiting() == SIX
    desk.plan.tick(DEADLINE)
    assert desk.plan.state == "in_force"
    assert desk.plan.seen(secretariat, DEADLINE, COMPOSITION).summary["endorsed_by"] == []


def test_dropping_an_activity_or_reopening_the_consultation_supersedes_too():
    desk = in_adoption()
    desk.open_consultation(by=focal("IOM"))
    assert desk.happened() == ["adoption_superseded", "consultation_opened"]
    desk.open_adoption("express", None)
    desk.cancel_activity("demand", "r")
    assert desk.plan.state == "consultation"


def test_who_counts_is_who_sits_when_it_opens():
    desk = draft()
    desk.open_consultation()
    composition = group()
    composition.seats.append(Seat("WB", NOW + timedelta(hours=1)))
    desk.open_adoption("express", None, composition=composition)
    refused(desk, "not_allowed", "who-counts", desk.says, "WB", "endorse", at=NOW + timedelta(hours=2))
    for entity in SIX:
        desk.says(entity, "endorse", at=NOW + timedelta(hours=2))
    assert desk.plan.state == "in_force"


def test_a_silence_needs_a_deadline_to_the_minute_and_not_too_near():
    desk = draft()
    desk.open_consultation()
    refused(desk, "invalid", "silence-deadline", desk.open_adoption, "silence", None, field="deadline")
    short = refused(desk, "invalid", "silence-minimum", desk.open_adoption, "silence", NOW + timedelta(hours=71), field="deadline")
    assert short.accepted == "2014-01-13T09:00:00Z or later"
    refused(desk, "invalid", "deadline-minute", desk.open_adoption, "silence", DEADLINE + timedelta(seconds=1), field="deadline")
    refused(
        desk, "not_allowed", "secretariat-only", desk.set_passing_rule, passing=["endorse"], blocking=[], minimum_hours=1, by=focal("IOM")
    )
    desk.set_passing_rule(passing=["endorse", "no_objection"], blocking=["object"], minimum_hours=24)
    desk.open_adoption("silence", NOW + timedelta(hours=24))
    refused(desk, "conflict", "life-cycle", desk.set_passing_rule, passing=["endorse"], blocking=[], minimum_hours=1)


def test_the_passing_rule_is_data():
    desk = draft()
    refused(
        desk, "invalid", "passing-disjoint", desk.set_passing_rule, passing=["endorse"], blocking=["object", "endorse"], minimum_hours=1,
        field="blocking.1",
    )  # fmt: skip
    refused(desk, "invalid", "passing-words", desk.set_passing_rule, passing=[], blocking=[], minimum_hours=1, field="passing")
    desk.set_passing_rule(passing=["endorse"], blocking=["object", "stand_aside"], minimum_hours=72)
    desk.open_consultation()
    desk.open_adoption("express", None)
    for entity in SIX:
        desk.says(entity, "no_objection")
    assert desk.plan.state == "adoption"
    for entity in SIX:
        desk.says(entity, "endorse")
    assert desk.plan.state == "in_force"


def test_the_deadline_is_extended_before_it_has_come():
    desk = in_adoption("silence", DEADLINE)
    later = DEADLINE + timedelta(days=2)
    refused(desk, "not_allowed", "chair-only", desk.extend_adoption, later, by=focal("ILO"))
    refused(desk, "invalid", "extension-later", desk.extend_adoption, DEADLINE, field="deadline")
    refused(desk, "too_late", "clearance-deadline", desk.extend_adoption, later, at=DEADLINE)
    desk.extend_adoption(later, by=focal("IOM"))
    assert desk.happened() == ["adoption_extended"]
    desk.plan.tick(DEADLINE)
    assert desk.plan.state == "adoption"
    assert desk.plan.due() == later - timedelta(hours=24)
    desk.plan.tick(later - timedelta(hours=1))
    assert desk.plan.due() == later


def test_one_voice_per_entity_and_the_secretariat_from_a_letter():
    desk = in_adoption()
    alternate = Actor("ilo.other", "ILO", frozenset({"alternate"}))
    desk.says("ILO", "object", reasons="r")
    desk.says("ILO", "endorse", by=alternate)
    assert desk.plan.adoption.current("ILO").person == "ilo.other"
    assert desk.plan.take_happened()[-1].data["before"] == "object"
    refused(desk, "not_allowed", "own-entity", desk.says, "", "endorse", by=secretariat, field="on_behalf_of")
    refused(desk, "not_allowed", "secretariat-only", desk.says, "ILO", "endorse", on_behalf_of="IOM", letter="l")
    refused(desk, "invalid", "on-behalf-letter", desk.says, "", "endorse", by=secretariat, on_behalf_of="IOM", field="letter")
    desk.says("", "endorse", by=secretariat, on_behalf_of="IOM", letter="Letter of 9 January")
    position = desk.plan.adoption.current("IOM")
    assert (position.person, position.on_behalf, position.letter) == ("sec", True, "Letter of 9 January")


def test_an_entity_that_objects_holds_up_an_express_adoption_until_it_is_content():
    desk = in_adoption()
    for entity in SIX[1:]:
        desk.says(entity, "endorse")
    desk.says("ILO", "object", reasons="Too much")
    assert desk.plan.state == "adoption"
    desk.says("ILO", "stand_aside")
    assert desk.plan.state == "in_force"


# Who sees what


def test_missions_know_nothing_of_a_plan_before_it_is_adopted():
    for desk in (draft(), in_adoption("silence", DEADLINE)):
        refused(desk, "not_found", "exists", desk.plan.seen, mission, NOW, COMPOSITION)
        refused(desk, "not_found", "exists", desk.says, "IOM", "endorse", by=mission)
        refused(desk, "not_found", "exists", desk.add_activity, "x", wording(), by=mission)


def left(entity: str) -> Composition:
    """The Group after this entity's membership ended, and its seat with it."""
    return Composition(
        memberships=[m for m in COMPOSITION.memberships if m.entity != entity] + [Membership(entity, utc(2010), NOW)],
        seats=[seat for seat in COMPOSITION.seats if seat.entity != entity],
        terms=COMPOSITION.terms,
    )


@pytest.mark.parametrize("entity", ["WB", "NEVER"])
def test_a_focal_point_of_an_entity_outside_the_group_sees_what_a_mission_sees(entity):
    """A former member's, or that of an entity that never was one: the role alone opens nothing."""
    outsider, now = focal(entity), left(entity)
    for desk in (draft(), in_adoption("silence", DEADLINE)):
        refused(desk, "not_found", "exists", desk.plan.seen, outsider, NOW, now)
        refused(desk, "not_found", "exists", desk.says, entity, "endorse", composition=now)
        refused(desk, "not_found", "exists", desk.add_activity, "x", wording(), by=outsider, composition=now)
        refused(desk, "not_found", "exists", desk.extend_adoption, DEADLINE, by=outsider, composition=now)
        assert awaiting(entity, plans=[desk.plan], meetings=[], by=outsider, at=NOW, composition=now) == {"entity": entity, "items": []}
    desk = in_force()
    desk.report_progress("demand", "A frank note", [])
    proposed(desk, title="Another title")
    refused(desk, "not_allowed", "group-only", desk.plan.seen(outsider, NOW, now).positions)
    assert desk.plan.seen(outsider, NOW, now).whole == desk.plan.seen(mission, NOW, now).whole
    assert desk.plan.seen(outsider, NOW, now).activity("demand")["progress"] == []
    assert desk.plan.seen(focal("WB"), NOW, COMPOSITION).whole == desk.plan.seen(secretariat, NOW, COMPOSITION).whole


def test_a_silence_in_which_all_have_spoken_still_lasts_to_its_deadline():
    desk = in_adoption("silence", DEADLINE)
    for entity in SIX:
        desk.says(entity, "endorse")
    assert desk.plan.state == "adoption"
    desk.plan.tick(DEADLINE)
    assert (desk.plan.state, desk.plan.adopted_at) == ("in_force", DEADLINE)
    late = refused(desk, "too_late", "clearance-deadline", desk.says, "ILO", "object", reasons="r", at=DEADLINE)
    assert "2014-01-20 17:00" in late.detail


def test_a_proposed_text_breaks_a_silence_and_says_whose_it_is():
    desk = in_adoption("silence", DEADLINE)
    desk.says("ILO", "endorse", proposal="Better words.")
    (broken,) = [fact for fact in desk.plan.take_happened() if fact.name == "adoption_broken"]
    assert broken.data["objecting"] == ["ILO"]
    assert desk.plan.state == "consultation"


def test_no_word_is_taken_for_an_entity_that_left():
    desk = in_adoption()
    letter = {"by": secretariat, "on_behalf_of": "ILO", "letter": "Letter of 9 January", "composition": left("ILO")}
    refusal = refused(desk, "not_allowed", "position-member", desk.says, "ILO", "endorse", **letter)
    assert refusal.accepted == [code for code in SIX if code != "ILO"]
    desk.says("ILO", "endorse", **letter | {"composition": COMPOSITION})


def test_missions_see_the_adopted_plan_without_the_groups_own_words():
    desk = draft()
    desk.add_activity("abandoned", wording())
    desk.cancel_activity("abandoned", "Not agreed")
    desk.open_consultation()
    desk.open_adoption("express", None)
    for entity in SIX:
        desk.says(entity, "endorse")
    desk.report_progress("demand", "A frank note", [])
    desk.mark_delivered("demand", "launch", "Another one")
    desk.plan.deliver("demand", "paper", {"document": "p"}, lead="IOM", at=NOW)
    seen = desk.plan.seen(mission, NOW, COMPOSITION).whole
    assert [d["evidence"] for d in seen["activities"][0]["deliverables"]] == [{"document": "p"}, None]
    assert "frank" not in str(seen)
    assert "'sec'" not in str(seen)
    assert [a["activity"] for a in seen["activities"]] == ["demand"]
    assert seen["activities"][0]["progress"] == []
    assert (seen["adoption"], seen["endorsed_by"]) == (None, SIX)
    refused(desk, "not_found", "activity-known", desk.plan.seen(mission, NOW, COMPOSITION).activity, "abandoned", field="activity")
    refused(desk, "not_allowed", "group-only", desk.plan.seen(mission, NOW, COMPOSITION).positions)
    refused(desk, "not_allowed", "group-only", desk.report_progress, "demand", "n", [], by=mission)


def test_new_wording_tells_the_status_in_which_it_leaves_the_activity():
    desk = draft()
    launch = {"id": "launch", "kind": "meeting", "title": "Presentation in Vienna"}
    desk.change_activity("demand", {"deliverables": [launch | {"due": utc(2014, 1, 2)}]})
    assert [fact.data["status"] for fact in desk.plan.take_happened() if fact.name == "activity_changed"] == ["planned"]
    desk = in_force()
    desk.plan.deliver("demand", "paper", {"document": "p"}, lead="IOM", at=NOW)
    desk.mark_delivered("demand", "launch", "held")
    more = [PAPER, launch, {"id": "report", "kind": "outcome", "title": "What came of it"}]
    for id, changes, status in (("more", {"deliverables": more}, "under_way"), ("less", {"deliverables": [PAPER]}, "delivered")):
        desk.propose_amendment(id, kind="change", activity="demand", changes=changes, reason="r")
        desk.open_amendment(id, "express", None)
        text = desk.plan.amendments[-1].digest
        for entity in SIX:
            desk.says(entity, "endorse", digest=text, amendment=id)
        told = [fact.data["status"] for fact in desk.plan.take_happened() if fact.name == "amendment_adopted"]
        assert told == [status] == [desk.plan.activities[0].status(NOW)]


def test_outside_the_group_nobody_acts_on_a_plan_or_learns_by_trying_what_is_the_groups_own():
    desk = draft()
    desk.add_activity("abandoned", wording(title="Given up"))
    desk.cancel_activity("abandoned", "The donor withdrew, in confidence")
    desk.open_consultation()
    desk.open_adoption("express", None)
    for entity in SIX:
        desk.says(entity, "endorse")
    desk.propose_amendment("pending", kind="drop", activity="demand", changes=None, reason="r")
    left = replace(COMPOSITION, memberships=[Membership("IOM", utc(2010), utc(2014, 1, 5))], seats=[], terms={})
    for by in (mission, focal("IOM")):  # who led the activity, and is no member any more
        attempts = [
            (desk.withdraw_amendment, "pending", "r"),
            (desk.withdraw_amendment, "nothing", "r"),
            *((do, id, *args) for id in ("demand", "abandoned", "nothing") for do, *args in (
                (desk.cancel_activity, "r"),
                (desk.report_progress, "n", []),
                (desk.mark_delivered, "launch", "n"),
            )),
        ]  # fmt: skip
        told = {refused(desk, "not_allowed", "group-only", do, *args, by=by, composition=left).detail for do, *args in attempts}
        assert len(told) == 1
        refused(desk, "not_allowed", "group-only", desk.take_position, "0" * 64, "object", by=by, composition=left, amendment="pending")


def test_a_mission_that_bears_an_entitys_code_is_still_no_focal_point():
    desk = in_force()
    impostor = Actor("x", "IOM", frozenset({"mission"}))
    refused(desk, "not_allowed", "group-only", desk.close, "", REPORT, by=impostor, at=utc(2015))
    refused(desk, "not_allowed", "group-only", desk.says, "IOM", "endorse", by=impostor)


def test_what_awaits_an_entity():
    desk = in_adoption("silence", DEADLINE)
    desk.says("ILO", "endorse")
    (item,) = desk.plan.awaits("UNHCR", NOW)
    assert (item["kind"], item["deadline"], item["digest"]) == ("plan_position", DEADLINE, desk.plan.digest)
    assert item["consequence"] == "Silence until then means no objection."
    assert desk.plan.awaits("ILO", NOW) == []
    desk.plan.tick(DEADLINE)
    assert desk.plan.awaits("UNHCR", DEADLINE) == []
    assert [i["what"] for i in desk.plan.awaits("IOM", utc(2014, 3, 15))] == ["First draft"]
    late = desk.plan.awaits("IOM", utc(2014, 4, 2))[0]
    assert late["consequence"] == "The activity shows as late."


def undone(desk: Desk) -> str:
    (code,) = {item["consequence_code"] for item in desk.plan.awaits("UNHCR", NOW)}
    return code


def test_what_comes_of_doing_nothing_is_what_the_clock_then_does():
    desk = in_adoption("express", None)
    assert undone(desk) == "not_adopted"
    desk = in_adoption("express", DEADLINE)
    assert undone(desk) == "plan_adoption_lapses"
    desk.plan.tick(DEADLINE)
    assert (desk.plan.adoption.state, desk.plan.state) == ("lapsed", "consultation")

    desk = in_force()
    desk.propose_amendment("a", kind="drop", activity="demand", changes=None, reason="r")
    desk.open_amendment("a", "express", DEADLINE)
    assert undone(desk) == "amendment_adoption_lapses"
    desk.plan.tick(DEADLINE)
    assert desk.plan.amendments[-1].state == "proposed"


# Progress


def test_status_is_computed_as_of_the_asking():
    desk = in_force()
    status = desk.plan.activities[0].status
    assert status(utc(2014, 4, 1)) == "planned"
    assert status(utc(2014, 4, 2)) == "late"
    desk.report_progress("demand", "Outline agreed", [], at=utc(2014, 3), by=focal("ILO"))
    assert status(utc(2014, 3, 1)) == "under_way"
    desk.report_progress("demand", "Draft is there", ["draft"], at=utc(2014, 5))
    assert [status(utc(2014, 4, 2)), status(utc(2014, 5))] == ["late", "under_way"]
    desk.mark_delivered("demand", "launch", "Presented", at=utc(2014, 10, 7))
    assert status(utc(2014, 10, 7)) == "late"
    desk.plan.deliver("demand", "paper", {"document": "paper-2"}, lead="IOM", at=utc(2014, 10, 8))
    assert [status(utc(2014, 10, 7)), status(utc(2014, 10, 8))] == ["late", "delivered"]


def test_a_draft_is_never_late():
    desk = draft()
    assert desk.plan.seen(secretariat, utc(2014, 12), COMPOSITION).activity("demand")["status"] == "planned"
    assert desk.plan.seen(secretariat, utc(2014, 12), COMPOSITION).summary["statuses"] == {"planned": 1}


def test_what_was_seen_stands_for_what_is_seen_until_something_turns():
    desk = in_force()  # its first draft is due on 1 April
    due = utc(2014, 4, 1)
    seen = desk.plan.seen(secretariat, NOW, COMPOSITION)
    assert seen.stands_for(desk.plan.seen(focal("WB"), due - timedelta(milliseconds=1), COMPOSITION)), "to the Group it is the same"
    assert not seen.stands_for(desk.plan.seen(mission, NOW, COMPOSITION)), "outside it never is"
    assert not desk.plan.seen(mission, NOW, COMPOSITION).stands_for(seen)
    assert not seen.stands_for(deepcopy(desk.plan).seen(secretariat, NOW, COMPOSITION)), "nor is it of the plan as it is after a change"
    at_due, after = (desk.plan.seen(secretariat, at, COMPOSITION) for at in (due, due + timedelta(milliseconds=1)))
    pairs = itertools.permutations((seen, at_due, after), 2)
    assert not any(one.stands_for(other) for one, other in pairs), "late is what was due before, not at, the instant"
    assert [view.whole["activities"][0]["status"] for view in (seen, at_due, after)] == ["planned", "planned", "late"]


def test_progress_is_no_change_of_substance():
    desk = in_force()
    digest = desk.plan.digest
    desk.report_progress("demand", "n", ["draft"])
    desk.mark_delivered("demand", "launch", "n")
    desk.plan.deliver("demand", "paper", {}, lead="IOM", at=NOW)
    assert desk.happened() == ["activity_progressed", "deliverable_delivered", "deliverable_delivered"]
    assert desk.plan.digest == digest == desk.plan.adoption.digest


def test_progress_is_told_by_who_carries_it_out_on_milestones_there_are():
    desk = in_force()
    refused(desk, "not_allowed", "carries-it-out", desk.report_progress, "demand", "n", [], by=focal("UNICEF"))
    refused(desk, "invalid", "milestone-known", desk.report_progress, "demand", "n", ["draft", "x"], field="milestones_met.1")
    refused(desk, "not_found", "activity-known", desk.report_progress, "nothing", "n", [], field="activity")
    desk.report_progress("demand", "n", ["draft"])
    desk.report_progress("demand", "n", ["draft"], at=utc(2014, 6))
    assert desk.plan.activities[0].milestones[0].met_at == NOW


def test_a_document_is_delivered_by_its_publication_and_not_by_hand():
    desk = in_force()
    refused(desk, "invalid", "document-by-publication", desk.mark_delivered, "demand", "paper", "n", field="deliverable")
    refused(desk, "not_found", "deliverable-known", desk.mark_delivered, "demand", "x", "n", field="deliverable")
    desk.plan.deliver("demand", "paper", {"document": "p"}, lead="IOM", at=utc(2014, 9))
    desk.happened()
    desk.plan.deliver("demand", "paper", {"document": "p"}, lead="IOM", at=utc(2014, 9))
    desk.plan.deliver("demand", "paper", {"document": "another"}, lead="IOM", at=utc(2014, 8))
    assert desk.happened() == []
    assert desk.plan.activities[0].deliverables[0].evidence == {"document": "p"}
    desk.mark_delivered("demand", "launch", "n")
    refused(desk, "conflict", "delivered-once", desk.mark_delivered, "demand", "launch", "n")


def test_a_publication_that_delivers_nothing_here_is_refused_so_that_someone_sees_it():
    desk = in_force()
    refused(desk, "not_found", "activity-known", desk.plan.deliver, "x", "paper", {}, lead="IOM", at=NOW, field="activity")
    refused(desk, "not_found", "deliverable-known", desk.plan.deliver, "demand", "x", {}, lead="IOM", at=NOW, field="deliverable")
    refused(desk, "conflict", "document-by-publication", desk.plan.deliver, "demand", "launch", {}, lead="IOM", at=NOW)


@pytest.mark.parametrize(("lead", "delivers"), [("IOM", True), ("ILO", True), (None, True), ("UNHCR", False)])
def test_a_document_delivers_only_what_its_lead_carries_out(lead, delivers):
    desk = in_force()
    assert desk.plan.deliver("demand", "paper", {"document": "p"}, lead=lead, at=NOW) is delivers
    assert desk.happened() == ["deliverable_delivered"] * delivers
    assert (desk.plan.activities[0].deliverables[0].evidence is not None) is delivers


def test_a_publication_that_comes_after_its_successors_is_recorded_all_the_same():
    desk = in_force()
    desk.propose_amendment("a", kind="drop", activity="demand", changes=None, reason="r")
    desk.open_amendment("a", "silence", DEADLINE)
    desk.plan.tick(DEADLINE)
    desk.close("Words before", REPORT, at=utc(2015))
    desk.plan.deliver("demand", "paper", {"document": "p"}, lead="IOM", at=utc(2014, 9))
    assert desk.plan.activities[0].deliverables[0].delivered_at == utc(2014, 9)
    assert desk.plan.activities[0].status(utc(2015)) == "cancelled"


def test_a_reworded_activity_keeps_what_was_delivered_and_what_is_no_longer_promised():
    desk = draft()
    desk.plan.deliver("demand", "paper", {"document": "p"}, lead="IOM", at=NOW)
    desk.change_activity("demand", {"deliverables": [{"kind": "outcome", "title": "New"}]})
    activity = desk.plan.activities[0]
    assert [d.id for d in activity.deliverables] == ["d1"]
    assert [(d.id, d.delivered_at) for d in activity.dropped] == [("paper", NOW), ("launch", None)]
    desk.change_activity("demand", {"deliverables": [PAPER]})
    assert desk.plan.activities[0].deliverables[0].delivered_at == NOW


def test_a_plan_is_closed_after_its_year_with_nothing_unsettled():
    desk = in_force()
    refused(desk, "too_early", "year-over", desk.close, "", REPORT)
    desk.propose_amendment("a", kind="drop", activity="demand", changes=None, reason="r")
    refused(desk, "conflict", "amendments-settled", desk.close, "", REPORT, at=utc(2015))
    desk.withdraw_amendment("a", "Not now")
    desk.happened()
    desk.close("Words before", REPORT, at=utc(2015), by=focal("IOM"))
    (fact,) = desk.plan.take_happened()
    assert (fact.name, fact.data["statuses"], fact.data["foreword"]) == ("plan_closed", {"late": 1}, "Words before")
    assert fact.data["report"] == digest_of(REPORT) == desk.plan.seen(mission, utc(2015), COMPOSITION).whole["report"]
    assert (desk.plan.annual_report, desk.plan.foreword) == (REPORT, "Words before")
    refused(desk, "conflict", "life-cycle", desk.report_progress, "demand", "n", [])
    refused(desk, "conflict", "life-cycle", desk.change_activity, "demand", {"title": "x"})


# Amendments


@pytest.mark.parametrize(
    "order",
    [
        lambda desk: desk.change_activity("demand", {"lead": "ILO", "contributors": []}),
        lambda desk: desk.cancel_activity("demand", "r"),
        lambda desk: desk.add_activity("more", wording()),
    ],
)
def test_after_adoption_substance_changes_by_amendment(order):
    desk = in_force()
    refusal = refused(desk, "conflict", "adopted-substance", order, desk)
    assert refusal.accepted == "POST /api/v1/workplans/2014/amendments"


def proposed(desk: Desk, id: str = "a", **changes) -> Desk:
    desk.propose_amendment(id, kind="change", activity="demand", changes=changes, reason="Things changed", by=focal("UNICEF"))
    return desk


def digest_with(desk: Desk, id: str) -> str:
    return next(a["digest"] for a in desk.plan.seen(secretariat, NOW, COMPOSITION).whole["amendments"] if a["amendment"] == id)


def test_an_amendment_is_cleared_like_the_plan_and_the_baseline_is_kept():
    desk = proposed(in_force(), lead="OHCHR")
    baseline = desk.plan.digest
    assert desk.happened() == ["amendment_proposed"]
    desk.open_amendment("a", "express", None, by=focal("IOM"))
    amended = digest_with(desk, "a")
    refused(desk, "stale", "position-binds-text", desk.says, "ILO", "endorse", amendment="a", field="digest")
    for entity in SIX:
        assert desk.plan.digest == baseline
        desk.says(entity, "endorse", amendment="a", digest=amended)
    assert desk.happened()[-1] == "amendment_adopted"
    assert desk.plan.digest == amended
    assert desk.plan.activities[0].lead == "OHCHR"
    view = desk.plan.seen(secretariat, NOW, COMPOSITION).baseline()
    assert view["digest"] == baseline == desk.plan.seen(mission, NOW, COMPOSITION).whole["baseline"]
    assert [(a["before"]["lead"], a["after"]["lead"]) for a in view["amendments"]] == [("IOM", "OHCHR")]


def test_adding_and_dropping_by_amendment():
    desk = in_force()
    desk.propose_amendment("plus", kind="add", activity="remedies", changes=wording(lead="OHCHR"), reason="r")
    desk.open_amendment("plus", "silence", DEADLINE)
    desk.plan.tick(DEADLINE)
    assert [a.id for a in desk.plan.activities] == ["demand", "remedies"]
    desk.propose_amendment("minus", kind="drop", activity="demand", changes=None, reason="No funds", at=DEADLINE)
    desk.open_amendment("minus", "silence", DEADLINE + timedelta(days=4), at=DEADLINE)
    desk.plan.tick(utc(2014, 3))
    assert desk.plan.activities[0].cancelled.at == DEADLINE + timedelta(days=4)
    seen = desk.plan.seen(mission, utc(2014, 3), COMPOSITION).whole
    assert {a["activity"]: a["status"] for a in seen["activities"]} == {"demand": "cancelled", "remedies": "planned"}
    assert "'sec'" not in str(seen)
    assert [(a["before"] is None, a["after"] is None) for a in seen["amendments"]] == [(True, False), (False, True)]


def test_what_was_kept_before_digests_were_is_seen_with_them():
    desk = proposed(in_force(), lead="OHCHR")
    desk.open_amendment("a", "silence", DEADLINE)
    seen = desk.plan.seen(secretariat, NOW, COMPOSITION).whole
    desk.plan.cleared = desk.plan.amendments[0].digest = None
    assert desk.plan.seen(secretariat, NOW, COMPOSITION).whole == seen
    desk.plan.tick(DEADLINE)
    assert desk.plan.digest == digest_of(desk.plan.substance()) == seen["amendments"][0]["digest"]


def test_an_amendment_adopted_first_makes_the_others_text_another_and_undoes_nothing():
    desk = proposed(proposed(in_force(), "a", lead="OHCHR"), "b", title="Demand")
    desk.open_amendment("a", "silence", DEADLINE)
    desk.open_amendment("b", "silence", DEADLINE + timedelta(days=1))
    desk.says("ILO", "endorse", amendment="b", digest=digest_with(desk, "b"))
    desk.happened()
    desk.plan.tick(DEADLINE - timedelta(minutes=1))
    assert desk.happened() == ["adoption_reminded"] * 3
    desk.plan.tick(utc(2014, 3))
    assert desk.happened() == ["amendment_adopted", "adoption_superseded"]
    b = desk.plan.seen(secretariat, NOW, COMPOSITION).whole["amendments"][1]
    assert (b["state"], b["before"]["lead"], b["after"]["lead"], b["after"]["title"]) == ("proposed", "OHCHR", "OHCHR", "Demand")
    assert [p["stale"] for p in b["clearance"]["positions"]] == [True]
    desk.open_amendment("b", "silence", utc(2014, 3, 5), at=utc(2014, 3))
    desk.plan.tick(utc(2014, 3, 5))
    assert (desk.plan.activities[0].lead, desk.plan.activities[0].title) == ("OHCHR", "Demand")


def test_an_amendment_that_meets_an_objection_changes_nothing_and_may_be_opened_again():
    desk = proposed(in_force(), lead="OHCHR")
    digest = desk.plan.digest
    desk.open_amendment("a", "silence", DEADLINE)
    desk.says("ILO", "object", reasons="r", amendment="a", digest=digest_with(desk, "a"))
    assert desk.happened()[-1] == "adoption_broken"
    assert (desk.plan.state, desk.plan.digest) == ("in_force", digest)
    desk.open_amendment("a", "silence", DEADLINE)
    refused(desk, "conflict", "amendment-proposed", desk.open_amendment, "a", "silence", DEADLINE)
    desk.withdraw_amendment("a", "Let it be", by=focal("UNICEF"))
    assert desk.happened()[-2:] == ["adoption_superseded", "amendment_withdrawn"]
    assert desk.plan.due() is None
    refused(desk, "conflict", "amendment-pending", desk.withdraw_amendment, "a", "again")


def test_amendments_that_cannot_be():
    desk = in_force()
    propose = desk.propose_amendment
    refused(desk, "invalid", "amendment-changes", propose, "a", kind="change", activity="demand", changes=None, reason="r", field="changes")
    refused(desk, "invalid", "amendment-changes", propose, "a", kind="drop", activity="demand", changes={"lead": "ILO"}, reason="r",
            field="changes")  # fmt: skip
    refused(desk, "invalid", "amendment-changes", propose, "a", kind="change", activity="demand", changes={"lead": "IOM"}, reason="r",
            field="changes")  # fmt: skip
    refused(desk, "invalid", "title-required", propose, "a", kind="add", activity="x", changes={"lead": "IOM"}, reason="r",
            field="changes.title")  # fmt: skip
    refused(desk, "invalid", "id-unique", propose, "a", kind="add", activity="demand", changes=wording(), reason="r", field="activity")
    refused(desk, "not_found", "activity-known", propose, "a", kind="drop", activity="x", changes=None, reason="r", field="activity")
    refused(desk, "not_allowed", "seat", propose, "a", kind="drop", activity="demand", changes=None, reason="r", by=focal("WB"))
    proposed(desk, objective="x")
    refused(desk, "invalid", "id-unique", propose, "a", kind="drop", activity="demand", changes=None, reason="r", field="amendment")
    refused(desk, "not_allowed", "chair-only", desk.open_amendment, "a", "express", None, by=focal("UNICEF"))
    refused(desk, "not_allowed", "chair-only", desk.withdraw_amendment, "a", "r", by=focal("ILO"))
    refused(desk, "conflict", "clearance-open", desk.says, "ILO", "endorse", amendment="a")
    refused(desk, "not_found", "amendment-known", desk.says, "ILO", "endorse", amendment="z", field="amendment")
    early = draft()
    refused(early, "conflict", "life-cycle", early.propose_amendment, "a", kind="drop", activity="demand", changes=None, reason="r")


def test_missions_see_an_amendment_once_it_is_adopted():
    desk = proposed(in_force(), lead="OHCHR")
    assert desk.plan.seen(mission, NOW, COMPOSITION).whole["amendments"] == []
    desk.open_amendment("a", "silence", DEADLINE)
    desk.plan.tick(DEADLINE)
    (seen,) = desk.plan.seen(mission, DEADLINE, COMPOSITION).whole["amendments"]
    assert (seen["state"], seen["clearance"]) == ("adopted", None)


def test_an_amendment_that_no_longer_applies_cannot_be_opened():
    desk = proposed(in_force(), objective="x")
    desk.propose_amendment("drop", kind="drop", activity="demand", changes=None, reason="r")
    desk.open_amendment("drop", "silence", DEADLINE)
    desk.plan.tick(DEADLINE)
    refused(desk, "conflict", "amendment-applies", desk.open_amendment, "a", "express", None, at=DEADLINE)
    assert desk.plan.seen(secretariat, DEADLINE, COMPOSITION).whole["amendments"][0]["digest"] is None


# Dependencies


def chain(*ids: str) -> Desk:
    """A draft in which each activity depends on the one before."""
    desk = Desk(Plan.begin(2014, at=utc(2013, 12)))
    for before, id in zip([None, *ids], ids, strict=False):
        desk.add_activity(id, {"title": id, "lead": "IOM", "depends_on": [before] if before else []})
    desk.happened()
    return desk


def test_an_activity_depends_on_others_of_its_plan_and_never_on_itself():
    desk = chain("a", "b", "c")
    unknown = refused(desk, "invalid", "dependency-known", desk.change_activity, "c", {"depends_on": ["b", "x"]}, field="depends_on.1")
    assert "x is no activity" in unknown.detail
    assert unknown.accepted == ["a", "b"]
    itself = refused(desk, "invalid", "dependency-cycle", desk.change_activity, "a", {"depends_on": ["a"]}, field="depends_on.0")
    assert itself.detail == "a → a: an activity cannot wait for itself."
    circle = refused(desk, "invalid", "dependency-cycle", desk.change_activity, "a", {"depends_on": ["c"]}, field="depends_on.0")
    assert circle.detail == "a → c → b → a: an activity cannot wait for itself."
    refused(desk, "invalid", "dependency-known", desk.add_activity, "d", wording(depends_on=["d2"]), field="depends_on.0")
    desk.change_activity("c", {"depends_on": ["b", "a", "b"]})
    assert desk.plan.activities[2].depends_on == ["a", "b"]


def test_a_circle_of_hundreds_is_named_in_short():
    ids = [f"a{n}" for n in range(300)]
    desk = chain(*ids)
    detail = refused(desk, "invalid", "dependency-cycle", desk.change_activity, "a0", {"depends_on": ["a299"]}, field="depends_on.0").detail
    assert len(detail) < 200


def test_dropping_what_others_depend_on_is_shown_and_may_still_be_named_by_them():
    desk = chain("a", "b")
    desk.cancel_activity("a", "No funds")
    assert waits(desk, "b") == [("a", "cancelled", True)]
    desk.change_activity("b", {"objective": "x", "depends_on": ["a"]})
    refused(desk, "invalid", "dependency-known", desk.add_activity, "c", wording(depends_on=["a"]), field="depends_on.0")
    desk.open_consultation()
    desk.open_adoption("silence", DEADLINE)
    desk.plan.tick(DEADLINE)
    # Outside, what was dropped before the adoption is not known.
    assert desk.plan.seen(mission, DEADLINE, COMPOSITION).activity("b")["waits_for"] == []


def waits(desk: Desk, id: str, at=NOW) -> list[tuple]:
    shown = desk.plan.seen(secretariat, at, COMPOSITION).activity(id)["waits_for"]
    return [(item["activity"], item["status"], item["endangers"]) for item in shown]


def test_what_an_activity_waits_for_and_what_endangers_it():
    desk = draft()  # the paper is due in October, its first draft in April
    step = {"id": "m", "title": "Start", "due": utc(2014, 6)}
    desk.add_activity("training", {"title": "Training", "lead": "ILO", "milestones": [step], "depends_on": ["demand"]})
    assert waits(desk, "training") == [("demand", "planned", True)]
    desk.change_activity("training", {"milestones": [step | {"due": utc(2014, 11)}]})
    assert waits(desk, "training") == [("demand", "planned", False)]
    desk.open_consultation()
    desk.open_adoption("silence", DEADLINE)
    desk.plan.tick(DEADLINE)
    assert waits(desk, "training", utc(2014, 5)) == [("demand", "late", True)]
    desk.report_progress("demand", "n", ["draft"], at=utc(2014, 5))
    desk.mark_delivered("demand", "launch", "n", at=utc(2014, 5))
    assert waits(desk, "training", utc(2014, 5)) == [("demand", "under_way", False)]
    desk.plan.deliver("demand", "paper", {}, lead="IOM", at=utc(2014, 9))
    assert waits(desk, "training", utc(2014, 9)) == []


def test_an_amendment_may_not_close_a_circle_whichever_is_adopted_first():
    desk = chain("a", "b", "c")
    desk.change_activity("b", {"depends_on": []})
    desk.change_activity("c", {"depends_on": []})
    desk.open_consultation()
    desk.open_adoption("silence", DEADLINE)
    desk.plan.tick(DEADLINE)
    at = DEADLINE
    told = {"kind": "change", "reason": "r", "at": at}
    refused(desk, "invalid", "dependency-known", desk.propose_amendment, "x", activity="a", changes={"depends_on": ["z"]},
            field="changes.depends_on.0", **told)  # fmt: skip
    desk.propose_amendment("first", activity="a", changes={"depends_on": ["b"]}, **told)
    desk.propose_amendment("second", activity="b", changes={"depends_on": ["a"]}, **told)
    desk.propose_amendment("third", activity="c", changes={"depends_on": ["a"]}, **told)
    for id, days in (("first", 4), ("second", 5), ("third", 6)):
        desk.open_amendment(id, "silence", at + timedelta(days=days), at=at)
    desk.plan.tick(at + timedelta(days=10))
    states = {a["amendment"]: (a["state"], a["digest"] is None) for a in desk.plan.seen(secretariat, at, COMPOSITION).whole["amendments"]}
    assert states == {"first": ("adopted", False), "second": ("proposed", True), "third": ("proposed", False)}
    refused(desk, "conflict", "amendment-applies", desk.open_amendment, "second", "express", None, at=utc(2014, 3))
    desk.propose_amendment("drop", kind="drop", activity="a", changes=None, reason="r", at=utc(2014, 3))
    desk.open_amendment("drop", "silence", utc(2014, 3, 10), at=utc(2014, 3))
    desk.plan.tick(utc(2014, 3, 10))
    refused(desk, "conflict", "amendment-applies", desk.open_amendment, "third", "express", None, at=utc(2014, 4))


# Needs and funding

NEED = {"purpose": "Printing", "amount": "1000.00", "currency": "USD"}


def test_needs_are_substance_and_funding_is_not():
    desk = draft()
    before = desk.plan.digest
    desk.change_activity("demand", {"needs": [NEED, NEED | {"purpose": "Travel", "id": "t"}]})
    assert [need.id for need in desk.plan.activities[0].needs] == ["n1", "t"]
    assert desk.plan.digest != before
    digest = desk.plan.digest
    desk.secure_funding("demand", "f", donor="Norway", amount="500.00", currency="USD")
    desk.end_funding("demand", "f", "Budget cut")
    assert desk.plan.digest == digest
    assert desk.happened()[-2:] == ["funding_secured", "funding_ended"]
    desk.change_activity("demand", {"needs": []})
    assert desk.plan.digest == before
    refused(desk, "invalid", "id-unique", desk.change_activity, "demand", {"needs": [NEED | {"id": "a"}] * 2}, field="needs.1.id")


def test_the_digest_of_a_plan_adopted_before_there_were_needs_is_what_it_was():
    """The digest of this very plan, reckoned by the release that knew neither needs nor dependencies."""
    assert draft().plan.digest == "1f670e411ab2c92b29aec6a78cb4bf80385ebd05a3d4a866e87c715dc7381223"


def test_the_balance_is_kept_by_currency_and_never_below_nothing():
    desk = draft()
    desk.change_activity("demand", {"needs": [NEED, NEED | {"amount": "0.10"}, NEED | {"amount": "90000", "currency": "JPY"}]})
    desk.secure_funding("demand", "a", donor="Norway", amount="0.20", currency="USD", ends=utc(2014, 6))
    desk.secure_funding("demand", "b", donor="Japan", amount="100000", currency="JPY", by=focal("ILO"))
    desk.secure_funding("demand", "c", donor="Kuwait", amount="1.500", currency="KWD")

    def balance(at, by=secretariat):
        return desk.plan.seen(by, at, COMPOSITION).activity("demand")["balance"]

    assert balance(NOW) == [
        {"currency": "JPY", "needed": "90000", "secured": "100000", "gap": "0"},
        {"currency": "KWD", "needed": "0.000", "secured": "1.500", "gap": "0.000"},
        {"currency": "USD", "needed": "1000.10", "secured": "0.20", "gap": "999.90"},
    ]
    assert balance(utc(2014, 6))[2] == {"currency": "USD", "needed": "1000.10", "secured": "0.00", "gap": "1000.10"}
    desk.end_funding("demand", "b", "Entered wrongly", at=utc(2014, 2))
    assert [row["secured"] for row in balance(utc(2014, 2))] == ["0", "1.500", "0.20"]
    shown = desk.plan.seen(secretariat, utc(2014, 7), COMPOSITION).activity("demand")["funding"]
    assert [(money["funding"], money["available"], money["ended"] is not None) for money in shown] == [
        ("a", False, False),
        ("b", False, True),
        ("c", True, False),
    ]


def test_funding_that_cannot_be_recorded():
    desk = draft()
    money = {"donor": "Norway", "amount": "5.00", "currency": "USD"}
    past = refused(desk, "invalid", "funding-ends", desk.secure_funding, "demand", "f", ends=NOW, field="ends", **money)
    assert past.accepted == "after 2014-01-10T09:00:00Z, or no end"
    desk.secure_funding("demand", "f", by=focal("ILO"), **money)
    refused(desk, "invalid", "id-unique", desk.secure_funding, "demand", "f", field="funding", **money)
    refused(desk, "not_allowed", "carries-it-out", desk.secure_funding, "demand", "g", by=focal("UNICEF"), **money)
    refused(desk, "not_found", "funding-known", desk.end_funding, "demand", "g", "r", field="funding")
    refused(desk, "not_found", "activity-known", desk.end_funding, "x", "f", "r", field="activity")
    desk.end_funding("demand", "f", "r")
    refused(desk, "conflict", "funding-ended", desk.end_funding, "demand", "f", "again")
    closed = in_force()
    closed.secure_funding("demand", "f", **money)
    closed.close("", REPORT, at=utc(2015))
    refused(closed, "conflict", "life-cycle", closed.secure_funding, "demand", "g", at=utc(2015), **money)
    refused(closed, "conflict", "life-cycle", closed.end_funding, "demand", "f", "r", at=utc(2015))


def test_donors_are_the_groups_own():
    desk = in_force()
    desk.secure_funding("demand", "f", donor="A discreet donor", amount="5.00", currency="USD", note="Between us")
    seen = desk.plan.seen(mission, NOW, COMPOSITION).whole
    assert (seen["activities"][0]["funding"], seen["activities"][0]["balance"]) == ([], [])
    assert "discreet" not in str(seen)


def test_money_that_soon_ends_awaits_the_lead_while_a_step_is_owed():
    desk = in_force()
    desk.secure_funding("demand", "f", donor="Norway", amount="500.00", currency="USD", ends=utc(2014, 3, 1))
    desk.secure_funding("demand", "g", donor="Norway", amount="7.00", currency="USD", ends=utc(2014, 3, 2))
    desk.end_funding("demand", "g", "Withdrawn")
    assert desk.plan.awaits("IOM", utc(2014, 1, 29)) == []
    (item,) = desk.plan.awaits("IOM", utc(2014, 1, 30))
    assert (item["kind"], item["what"], item["deadline"]) == ("funding_end", "500.00 USD of Norway", utc(2014, 3, 1))
    assert desk.plan.awaits("ILO", utc(2014, 1, 30)) == []
    assert desk.plan.awaits("IOM", utc(2014, 3, 1)) == []
    desk.report_progress("demand", "n", ["draft"])
    desk.mark_delivered("demand", "launch", "n")
    desk.plan.deliver("demand", "paper", {}, lead="IOM", at=NOW)
    assert desk.plan.awaits("IOM", utc(2014, 2, 20)) == []


# Carrying over


def next_year() -> Desk:
    """The draft for 2015."""
    return Desk(Plan.begin(2015, at=utc(2014, 11)))


def carried_over(left: Desk, into: Desk, ids=None, **more) -> Desk:
    into.carry_over(left.plan, ids, at=utc(2014, 12), **more)
    return into


def unfinished() -> Desk:
    """In force: ``demand`` with its launch held, ``training`` that depends on it and on ``done``, which is delivered."""
    desk = draft()
    desk.add_activity("done", {"title": "Done", "lead": "ILO", "deliverables": [{"kind": "outcome", "title": "O"}]})
    desk.add_activity(
        "training",
        {"title": "Training", "lead": "ILO", "contributors": ["WB", "IOM"], "depends_on": ["demand", "done"], "needs": [NEED],
         "milestones": [{"title": "Early", "due": utc(2014, 5)},
                        {"title": "Commission", "due": utc(2015, 3), "due_reason": "It meets then"}]},
    )  # fmt: skip
    desk.open_consultation()
    desk.open_adoption("silence", DEADLINE)
    desk.plan.tick(DEADLINE)
    desk.mark_delivered("demand", "launch", "n", at=utc(2014, 9))
    desk.mark_delivered("done", "d1", "n", at=utc(2014, 9))
    desk.secure_funding("training", "short", donor="N", amount="1.00", currency="USD", ends=utc(2014, 12, 31), at=utc(2014, 9))
    desk.secure_funding("training", "long", donor="N", amount="2.00", currency="USD", ends=utc(2015, 12, 31), at=utc(2014, 9))
    desk.happened()
    return desk


def test_what_is_unfinished_goes_on_in_the_next_year():
    left = unfinished()
    before = deepcopy(left.plan)
    into = carried_over(left, next_year(), by=focal("UNHCR"))
    facts = into.happened()
    assert facts == ["plan_opened", *["activity_added", "activity_carried_over"] * 2, "funding_secured"]
    assert left.plan == before
    demand, training = into.plan.activities
    assert [d.id for d in demand.deliverables] == ["paper"]
    assert [(m.id, m.due, m.due_reason) for m in demand.milestones] == [("draft", utc(2014, 4), "Carried over from 2014.")]
    assert (demand.objective, demand.paragraphs, demand.contributors) == ("What reduces demand", [12, 21], ["ILO"])
    assert [m.due_reason for m in training.milestones] == ["Carried over from 2014.", "It meets then"]
    assert training.depends_on == ["demand"]
    assert [money.id for money in training.funding] == ["long"]
    assert [need.purpose for need in training.needs] == ["Printing"]
    assert training.contributors == ["IOM", "WB"]
    assert into.plan.seen(secretariat, NOW, COMPOSITION).activity("training")["carried_from"] == {"year": 2014, "activity": "training"}
    demand.deliverables[0].delivered_at = NOW
    assert left.plan == before, "the two plans share nothing"


def test_carrying_over_twice_changes_nothing():
    left, into = unfinished(), next_year()
    carried_over(left, into)
    into.happened()
    before = deepcopy(into.plan)
    carried_over(left, into)
    assert (into.happened(), into.plan) == ([], before)
    again = {"at": utc(2014, 12)}
    refused(into, "invalid", "carried-once", into.carry_over, left.plan, ["demand"], field="activities.0", **again)


def test_an_id_that_is_taken_gets_the_year_it_came_from():
    left, into = unfinished(), next_year()
    for id in ("demand", "demand-2014"):
        into.add_activity(id, {"title": "Another", "lead": "IOM"})
    carried_over(left, into, ["demand"])
    assert into.plan.activities[-1].id == "demand-2014-2"
    carried_over(left, into, ["training"])
    assert into.plan.activities[-1].depends_on == ["demand-2014-2"]


def test_carrying_over_that_cannot_be():
    left, into = unfinished(), next_year()
    at = {"at": utc(2014, 12)}
    carry = into.carry_over
    refused(into, "invalid", "activity-known", carry, left.plan, ["demand", "x"], field="activities.1", **at)
    refused(into, "invalid", "id-unique", carry, left.plan, ["demand", "demand"], field="activities.1", **at)
    refused(into, "invalid", "carried-unfinished", carry, left.plan, ["done"], field="activities.0", **at)
    refused(into, "not_allowed", "chair-only", carry, left.plan, None, by=focal("ILO"), **at)
    refused(into, "conflict", "carried-adopted", carry, draft().plan, None, **at)
    refused(into, "not_found", "exists", carry, left.plan, None, by=mission, **at)
    composition = group()
    composition.seats = [seat for seat in composition.seats if seat.entity != "IOM"]
    unseated = refused(into, "invalid", "lead-seated", carry, left.plan, ["training", "demand"], field="activities.1",
                       composition=composition, **at)  # fmt: skip
    assert "IOM" not in unseated.accepted
    refused(into, "invalid", "lead-seated", carry, left.plan, None, field="activities", composition=composition, **at)
    composition = group()
    composition.memberships = [m for m in composition.memberships if m.entity != "WB"]
    carry(left.plan, ["training"], composition=composition, **at)
    assert into.plan.activities[0].contributors == ["IOM"]


def test_who_could_open_the_next_years_plan_is_told_that_it_must_be_opened_first():
    left = unfinished()
    for by in (secretariat, focal("UNHCR")):
        none = refused(left, "not_found", "exists", left.find_nothing_to_carry_into, by=by, at=utc(2014, 12))
        assert "opens with the term of 2015" in none.detail
        assert none.accepted == "POST /api/v1/workplans"
    refused(left, "not_allowed", "chair-only", left.find_nothing_to_carry_into, by=focal("ILO"), at=utc(2014, 12))
    refused(left, "not_allowed", "group-only", left.find_nothing_to_carry_into, by=mission, at=utc(2014, 12))
    hidden = draft()
    refused(hidden, "not_found", "exists", hidden.find_nothing_to_carry_into, by=mission, at=utc(2014, 12))


def test_carrying_over_supersedes_an_adoption_and_comes_too_late_in_force():
    left, into = unfinished(), next_year()
    carried_over(left, into, ["demand"])
    into.open_consultation(at=utc(2014, 12))
    into.open_adoption("silence", utc(2014, 12, 20), at=utc(2014, 12))
    into.happened()
    carried_over(left, into, ["training"])
    assert into.happened()[-2:] == ["adoption_superseded", "consultation_opened"]
    into.open_adoption("silence", utc(2014, 12, 20), at=utc(2014, 12))
    into.plan.tick(utc(2014, 12, 20))
    late = refused(into, "conflict", "adopted-substance", into.carry_over, left.plan, None, at=utc(2014, 12, 21))
    assert late.accepted == "POST /api/v1/workplans/2015/amendments"


def test_the_plan_it_came_from_says_where_an_activity_goes_on():
    desk = unfinished()
    to = Carried(2015, "demand-2014")
    desk.plan.continued("demand", to, at=utc(2014, 12))
    assert desk.happened() == ["activity_continued"]
    desk.plan.continued("demand", to, at=utc(2014, 12))
    assert desk.happened() == []
    shown = desk.plan.seen(secretariat, NOW, COMPOSITION).activity("demand")["carried_to"]
    assert shown == {"year": 2015, "activity": "demand-2014"}
    assert desk.plan.seen(mission, utc(2014, 12), COMPOSITION).activity("demand")["carried_to"] is None


@pytest.mark.parametrize("published_first", [True, False])
def test_a_publication_delivers_what_was_carried_over_too_whichever_came_first(published_first):
    left = unfinished()
    into = carried_over(left, next_year())
    into.happened()
    steps = [
        lambda: left.plan.deliver("demand", "paper", {"document": "p"}, lead="IOM", at=utc(2014, 12, 3)),
        lambda: left.plan.continued("demand", Carried(2015, "demand"), at=utc(2014, 12)),
    ]
    for step in steps if published_first else reversed(steps):
        assert left.plan.goes_on("demand") is None
        step()
    there, public = left.plan.goes_on("demand")
    for _ in range(2):
        into.plan.deliver_carried(there.activity, public)
    assert into.happened() == ["deliverable_delivered"]
    (paper,) = into.plan.activities[0].deliverables
    assert (paper.delivered_at, paper.evidence) == (utc(2014, 12, 3), {"document": "p"})


def test_what_did_not_go_along_is_not_delivered_in_the_plan_where_it_goes_on():
    left = in_force()
    left.plan.deliver("demand", "paper", {"document": "p"}, lead="IOM", at=utc(2014, 10))
    into = carried_over(left, next_year())
    assert [d.id for d in into.plan.activities[0].deliverables] == ["launch"]
    into.change_activity("demand", {"deliverables": [PAPER | {"due": utc(2015, 6)}]})  # of the same id, and another paper
    left.plan.continued("demand", Carried(2015, "demand"), at=utc(2014, 12))
    into.plan.deliver_carried("demand", left.plan.goes_on("demand")[1])
    assert into.plan.activities[0].deliverables[0].delivered_at is None


# Import

ROWS = [
    {"activity": "training", "title": "Training", "lead": "ILO", "depends_on": ["handbook"]},
    {"activity": "handbook", "title": "Handbook", "lead": "OHCHR", "depends_on": ["demand"]},
    {"activity": "demand", "objective": "Better said"},
]


def test_an_import_adds_and_changes_all_and_tells_each():
    desk = draft()
    desk.happened()
    better = {"activity": "demand", "title": "Paper on demand", "kind": "changed", "before": {"objective": "What reduces demand"}}
    new = desk.check_import(ROWS).view()["differences"][1:]
    assert [(d["activity"], d["title"], d["kind"], d["before"], d["after"]["lead"]) for d in new] == [
        ("training", "Training", "added", None, "ILO"),
        ("handbook", "Handbook", "added", None, "OHCHR"),
    ]
    assert desk.check_import(ROWS).view() == {
        "added": ["training", "handbook"],
        "changed": ["demand"],
        "unchanged": [],
        "differences": [better | {"after": {"objective": "Better said"}}, *new],
        "problems": [],
    }
    assert desk.happened() == []
    desk.take_in(ROWS)
    assert desk.happened() == ["activity_added", "activity_added", "activity_changed", "plan_imported"]
    assert [a.id for a in desk.plan.activities] == ["demand", "training", "handbook"]
    outcome = desk.take_in(ROWS)
    assert (outcome.unchanged, desk.happened()) == (["training", "handbook", "demand"], [])


def test_a_sheet_made_of_an_earlier_text_undoes_nobodys_work():
    desk = draft()
    desk.add_activity("survey", {"title": "Survey", "lead": "ILO"})
    given_out = desk.plan.digest
    desk.change_activity("demand", {"title": "Renamed"}, by=focal("IOM"))
    old = [{"activity": "demand", "title": "Paper on demand"}, {"activity": "survey", "title": "Survey of 2014"}]
    checked = desk.check_import(old, digest=given_out).view()
    assert [(p["field"], p["rule"], p["accepted"]) for p in checked["problems"]] == [
        ("activities.0.activity", "import-stale", "GET /api/v1/workplans/2014/plan.xlsx"),
        ("activities.1.activity", "import-stale", "GET /api/v1/workplans/2014/plan.xlsx"),
    ]
    assert [(d["activity"], d["before"], d["after"]) for d in checked["differences"]] == [
        ("demand", {"title": "Renamed"}, {"title": "Paper on demand"}),
        ("survey", {"title": "Survey"}, {"title": "Survey of 2014"}),
    ]
    refusal = refused(desk, "invalid", "import", desk.take_in, old, digest=given_out, field="activities")
    assert refusal.extra["problems"] == checked["problems"]
    desk.take_in([{"activity": "demand", "title": "Renamed"}, {"activity": "new", "title": "New", "lead": "ILO"}], digest=given_out)
    assert desk.happened() == ["activity_added", "plan_imported"]
    desk.take_in(old, digest=desk.plan.digest)
    assert desk.take_in(old, digest=given_out).unchanged == ["demand", "survey"], "the same sheet may come twice"
    assert desk.take_in([old[0] | {"title": "By hand"}]).view()["changed"] == ["demand"]


def test_of_many_unknown_dependencies_the_first_list_what_stands():
    rows = [{"activity": f"a{n}", "title": "T", "lead": "ILO", "depends_on": [f"x{n}"]} for n in range(40)]
    problems = draft().check_import(rows).problems
    stand = sorted(["demand", *(f"a{n}" for n in range(40))])
    assert [fault.accepted for fault in problems[:12]] == [[id for id in stand if id != f"a{n}"] for n in range(12)]
    assert {fault.accepted for fault in problems[12:]} == {"ids of activities that stand in this plan"}
    assert len(problems) == 40


def test_a_sheet_without_ids_of_steps_knows_them_by_their_titles():
    desk = draft()
    row = {
        "activity": "demand",
        "deliverables": [{"kind": "meeting", "title": "Presentation in Vienna"}, {k: v for k, v in PAPER.items() if k != "id"}],
        "milestones": [{"title": "First draft", "due": utc(2014, 4, 1)}, {"title": "Second draft", "due": utc(2014, 5, 1)}],
    }
    desk.take_in([row])
    activity = desk.plan.activities[0]
    assert [d.id for d in activity.deliverables] == ["launch", "paper"]
    assert [m.id for m in activity.milestones] == ["draft", "m1"]
    assert desk.take_in([row]).unchanged == ["demand"]


def test_an_import_lists_every_problem_and_changes_nothing():
    desk = draft()
    desk.add_activity("gone", wording())
    desk.cancel_activity("gone", "No staff")
    rows = [
        {"activity": "a", "lead": "WB", "paragraphs": [62], "depends_on": ["b", "nothing"]},
        {"activity": "b", "title": "B", "lead": "ILO", "depends_on": ["a"]},
        {"activity": "demand", "milestones": [{"title": "M", "due": utc(2016)}, {"title": "N", "due": utc(2017)}]},
        {"activity": "gone", "title": "Back"},
        {"activity": "b", "title": "B again", "lead": "ILO"},
        {"activity": "fine", "title": "Fine", "lead": "ILO"},
    ]
    refusal = refused(desk, "invalid", "import", desk.take_in, rows, field="activities")
    problems = [(problem["field"], problem["rule"]) for problem in refusal.extra["problems"]]
    assert problems == [
        ("activities.0.title", "title-required"),
        ("activities.0.lead", "lead-seated"),
        ("activities.0.paragraphs.0", "gpa-paragraph"),
        ("activities.0.depends_on.1", "dependency-known"),
        ("activities.0.depends_on.0", "dependency-cycle"),
        ("activities.2.milestones.0.due", "due-in-year"),
        ("activities.2.milestones.1.due", "due-in-year"),
        ("activities.3.activity", "activity-cancelled"),
        ("activities.4.activity", "id-unique"),
    ]
    checked = desk.check_import(rows).view()
    assert checked["problems"] == refusal.extra["problems"]
    assert checked["added"] == ["b", "fine"]
    assert refused(desk, "invalid", "import", desk.take_in, rows[:1], field="activities").extra["problems"][1]["accepted"] == SIX


def test_a_lead_imports_its_own_activities_and_the_chair_all():
    desk = draft()
    refused(desk, "not_allowed", "seat", desk.check_import, ROWS, by=focal("WB"))
    refused(desk, "not_found", "exists", desk.check_import, ROWS, by=mission)
    theirs = desk.check_import(ROWS, by=focal("ILO")).view()
    assert [(p["field"], p["rule"], p["accepted"]) for p in theirs["problems"]] == [
        ("activities.1.activity", "lead-or-chair", ["OHCHR"]),
        ("activities.2.activity", "lead-or-chair", ["IOM"]),
    ]
    desk.take_in([{"activity": "own", "title": "Own", "lead": "ILO"}], by=focal("ILO"))
    desk.take_in(ROWS, by=focal("IOM"))


def test_an_import_supersedes_an_adoption_and_becomes_an_amendment_in_force():
    desk = in_adoption("silence", DEADLINE)
    desk.take_in([{"activity": "demand", "title": "Paper on demand"}])
    assert desk.plan.state == "adoption"
    desk.take_in(ROWS)
    assert desk.happened()[-3:] == ["plan_imported", "adoption_superseded", "consultation_opened"]
    force = in_force()
    for do in (force.check_import, force.take_in):
        assert "amendments" in refused(force, "conflict", "adopted-substance", do, ROWS).accepted


# The baseline


def test_what_differs_from_the_baseline():
    desk = draft()
    desk.add_activity("other", wording(title="Other"))
    desk.open_consultation()
    desk.open_adoption("silence", DEADLINE)
    desk.plan.tick(DEADLINE)
    assert desk.plan.seen(secretariat, DEADLINE, COMPOSITION).baseline()["differences"] == []
    amendments = {
        "1": {"kind": "change", "activity": "demand", "changes": {"lead": "OHCHR", "needs": [NEED]}},
        "2": {"kind": "drop", "activity": "other", "changes": None},
        "3": {"kind": "add", "activity": "new", "changes": wording(title="New")},
    }
    at = DEADLINE
    for id, amendment in amendments.items():
        desk.propose_amendment(id, reason="r", at=at, **amendment)
        desk.open_amendment(id, "silence", at + timedelta(days=4), at=at)
        at += timedelta(days=4)
        desk.plan.tick(at)
    changed, added, dropped = desk.plan.seen(mission, at, COMPOSITION).baseline()["differences"]
    assert changed == {
        "activity": "demand",
        "title": "Paper on demand",
        "kind": "changed",
        "before": {"lead": "IOM", "needs": []},
        "after": {"lead": "OHCHR", "needs": [{"id": "n1", **NEED}]},
    }
    assert (added["activity"], added["kind"], added["before"], added["after"]["title"]) == ("new", "added", None, "New")
    assert (dropped["activity"], dropped["kind"], dropped["before"]["title"], dropped["after"]) == ("other", "dropped", "Other", None)


# Briefings

STARTS = utc(2015, 1, 22, 15)


def announced(**more) -> Briefing:
    told = {
        "title": "Consultation with permanent missions",
        "kind": "consultation",
        "starts_at": STARTS,
        "ends_at": STARTS + timedelta(hours=3),
        "place": "New York",
        "agenda": ["Activities in 2015", "Priorities beyond"],
        "papers": [{"title": "Draft plan", "url": "https://example.org/plan"}],
        "pillars": ["partnerships"],
    }
    return Briefing.announce("jan-2015", by=secretariat, at=utc(2014, 12), composition=COMPOSITION, **(told | more))


def said(briefing: Briefing) -> dict:
    (fact,) = briefing.take_happened()
    return {"name": fact.name} | contract.contract.events[fact.name].publish(fact.data)


def test_a_briefing_keeps_its_calendar_entry_through_changes():
    briefing = announced()
    first = said(briefing)
    assert (first["name"], first["revision"], first["place"]) == ("briefing_announced", 0, "New York")
    briefing.change(
        {"place": "New York, Conference Room 3"}, reason="Larger", by=focal("IOM"), at=utc(2014, 12, 2), composition=COMPOSITION
    )
    second = said(briefing)
    assert (second["uid"], second["revision"], second["before"]) == (first["uid"], 1, {"place": "New York"})
    briefing.change({"place": "New York, Conference Room 3"}, reason="", by=secretariat, at=utc(2014, 12, 3), composition=COMPOSITION)
    assert briefing.take_happened() == []
    briefing.cancel("Snow", by=secretariat, at=utc(2015, 1, 21), composition=COMPOSITION)
    last = said(briefing)
    assert (last["name"], last["uid"], last["revision"], last["reason"]) == ("briefing_cancelled", first["uid"], 2, "Snow")
    for order in (
        lambda: briefing.cancel("again", by=secretariat, at=utc(2015, 1, 21), composition=COMPOSITION),
        lambda: briefing.change({"place": "x"}, reason="", by=secretariat, at=utc(2015, 1, 21), composition=COMPOSITION),
    ):
        with pytest.raises(Refusal, match="cancelled"):
            order()
    assert briefing.view(mission, utc(2015, 1, 21))["state"] == "cancelled"


def test_a_moved_briefing_tells_when_it_was_to_be():
    briefing = announced()
    briefing.take_happened()
    later = STARTS + timedelta(days=1)
    briefing.change(
        {"starts_at": later, "ends_at": later + timedelta(hours=2)}, reason="", by=secretariat, at=utc(2015), composition=COMPOSITION
    )
    assert said(briefing)["before"] == {"starts_at": "2015-01-22T15:00:00Z", "ends_at": "2015-01-22T18:00:00Z"}


@pytest.mark.parametrize(
    ("told", "field", "rule"),
    [
        ({"starts_at": utc(2014, 11), "ends_at": utc(2014, 11, 2)}, "starts_at", "briefing-ahead"),
        ({"ends_at": STARTS}, "ends_at", "briefing-length"),
        ({"kind": "party"}, "kind", "briefing-kind"),
        ({"pillars": ["prevention", "x"]}, "pillars.1", "pillar"),
        ({"papers": [{"title": "x", "url": "javascript:alert(1)"}]}, "papers.0.url", "paper-url"),
        ({"papers": [{"title": "x", "url": "//evil.example/x"}]}, "papers.0.url", "paper-url"),
        ({"reply_by": STARTS + timedelta(minutes=1)}, "reply_by", "briefing-reply-by"),
        ({"reply_by": utc(2014, 12)}, "reply_by", "briefing-reply-by"),
    ],
)
def test_a_briefing_that_cannot_be(told, field, rule):
    with pytest.raises(Refusal) as caught:
        announced(**told)
    assert (caught.value.kind, caught.value.field, caught.value.rule) == ("invalid", field, rule)
    briefing = announced()
    briefing.take_happened()
    before = deepcopy(briefing)
    with pytest.raises(Refusal) as caught:
        briefing.change(told, reason="", by=secretariat, at=utc(2014, 12, 2), composition=COMPOSITION)
    assert (caught.value.field, briefing) == (field, before)


def test_the_limits_of_a_briefing_are_set_lifted_and_told():
    reply_by = utc(2015, 1, 20, 17)
    briefing, doing = announced(capacity=40, reply_by=reply_by), {"reason": "", "by": secretariat, "composition": COMPOSITION}
    assert {name: value for name, value in said(briefing).items() if name in LIMITS} == {
        "capacity": 40,
        "reply_by": "2015-01-20T17:00:00Z",
    }
    # What has passed meanwhile stays; it is no longer in the way of another change.
    briefing.change({"place": "Geneva"}, at=utc(2015, 1, 21), **doing)
    assert said(briefing)["reply_by"] == "2015-01-20T17:00:00Z"
    with pytest.raises(Refusal) as caught:
        briefing.change({"starts_at": utc(2015, 1, 20, 16), "ends_at": utc(2015, 1, 20, 18)}, at=utc(2015, 1, 19), **doing)
    assert (caught.value.field, caught.value.accepted) == ("reply_by", "after 2015-01-19T00:00:00Z, 2015-01-20T16:00:00Z at the latest")
    briefing.change({"capacity": None, "reply_by": None}, at=utc(2015, 1, 21), **doing)
    lifted = said(briefing)
    assert (lifted["capacity"], lifted["reply_by"]) == (None, None)
    assert lifted["before"] == {"capacity": 40, "reply_by": "2015-01-20T17:00:00Z"}
    briefing.change({"reply_by": STARTS}, at=utc(2015, 1, 21), **doing)
    assert said(briefing)["reply_by"] == "2015-01-22T15:00:00Z"


def test_briefings_are_the_chairs_and_are_over_when_held():
    for actor in (focal("ILO"), mission):
        with pytest.raises(Refusal) as caught:
            Briefing.announce(
                "b", by=actor, at=NOW, composition=COMPOSITION, title="t", kind="briefing", starts_at=STARTS, ends_at=STARTS, place="p"
            )
        assert caught.value.rule == "chair-only"
    briefing = announced()
    held = STARTS + timedelta(hours=3)
    assert briefing.view(mission, held)["state"] == "held"
    with pytest.raises(Refusal) as caught:
        briefing.cancel("r", by=secretariat, at=held, composition=COMPOSITION)
    assert (caught.value.kind, caught.value.rule) == ("too_late", "briefing-ahead")
