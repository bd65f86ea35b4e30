"""The register of the Global Plan, what a year serves of it, and the annual report: made of the record and of nothing else."""

import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import Schema

from contracts import workplan as c
from contracts.base import PILLARS, dump
from services.kernel import Actor, Clearance, Composition, Membership, PassingRule, Position, Refusal, Term, digest_of, utc
from services.workplan.rules import (
    REGISTER,
    Activity,
    Briefing,
    Carried,
    ConcreteAction,
    Deliverable,
    Funding,
    Meeting,
    Milestone,
    Need,
    Plan,
    Publication,
    Seen,
    annual_report,
    coverage_view,
    gpa,
    report_view,
)
from services.workplan.rules.amendment import Amendment
from services.workplan.rules.funding import Cancellation
from services.workplan.rules.meeting import Action, Attendance, Decision

SECRETARIAT = Actor("sec", None, frozenset({"secretariat"}))
MISSION = Actor("brazil", "BRA", frozenset({"mission"}))
INSIDER = Actor("ilo.person", "ILO", frozenset({"focal_point"}))
FORMER = Actor("old.person", "OLD", frozenset({"focal_point"}))
ADOPTED, CLOSING = utc(2013, 12, 10), utc(2015, 1, 20, 9)
COMPOSITION = Composition(
    memberships=[Membership("ILO", utc(2010)), Membership("IOM", utc(2010)), Membership("OLD", utc(2010), utc(2014))],
    terms={"2014": Term(2014, ["IOM"], "ended", stand_ins=[{"entity": "UNHCR", "since": utc(2014, 11), "for": "IOM"}])},
)


def plan(*activities: Activity, adopted_at=ADOPTED) -> Plan:
    return Plan(2014, "in_force" if adopted_at else "draft", activities=list(activities), adopted_at=adopted_at)


def report(of: Plan, *, at=CLOSING, meetings=(), briefings=(), publications=(), actions=(), following=None, guests=(), foreword="") -> dict:
    made = {
        "guests": dict(guests),
        "meetings": meetings,
        "briefings": briefings,
        "publications": publications,
        "actions": actions,
        "foreword": foreword,
    }
    return annual_report(Seen(of, at, inside=False), at=at, composition=COMPOSITION, following=following, **made)


def kept(of: Plan, **more) -> dict:
    """The report as it is kept: what JSON has."""
    return dump(c.AnnualReportAnswer, report(of, **more))


def complete(schema: Schema, shown: dict) -> None:
    """Nothing that an answer declares is missing, and nothing else is there."""
    assert set(shown) == set(schema.fields)
    for name, field in schema.fields.items():
        nested = getattr(field, "inner", field)
        if hasattr(nested, "schema") and shown[name] is not None:
            for one in shown[name] if isinstance(shown[name], list) else [shown[name]]:
                complete(nested.schema, one)


# The register


def test_each_of_the_61_paragraphs_has_its_part_and_a_short_title_in_two_languages():
    assert [p["paragraph"] for p in REGISTER] == list(range(1, 62))
    assert Counter(p["pillar"] for p in REGISTER) == {
        "general": 11, "prevention": 13, "protection": 18, "prosecution": 7, "partnerships": 12,
    }  # fmt: skip
    for paragraph in REGISTER:
        assert paragraph["pillar"] == gpa.pillar_of(paragraph["paragraph"])
        assert re.search(rf"A/RES/64/293.*\b{paragraph['paragraph']}$", paragraph["source"])
        for language in ("en", "fr"):
            title = paragraph["titles"][language]
            assert 4 <= len(title.split()) <= 9, title
            assert title == title.strip()
            assert not title.endswith("."), title
        complete(c.ParagraphView(), paragraph)
    for language in ("en", "fr"):
        assert len({p["titles"][language] for p in REGISTER}) == 61


@pytest.mark.parametrize(
    ("paragraph", "pillar", "english", "french"),
    [
        (2, "general", "Definition", "Définition"),
        (10, "general", "OHCHR", "HCDH"),
        (20, "prevention", "Identity documents", "Pièces d'identité"),
        (21, "prevention", "demand", "demande"),
        (30, "protection", "Non-punishment", "sanctions"),
        (36, "protection", "HIV", "VIH"),
        (37, "protection", "children", "enfants"),
        (38, "protection", "trust fund", "Fonds"),
        (45, "prosecution", "assets", "avoirs"),
        (47, "prosecution", "Corrupt", "corrompus"),
        (52, "partnerships", "extradition", "extradition"),
        (56, "partnerships", "ICAT", "Groupe"),
        (60, "partnerships", "report", "rapport"),
        (61, "partnerships", "contributions", "Contributions"),
    ],
)
def test_a_title_says_what_its_paragraph_is_about(paragraph, pillar, english, french):
    entry = REGISTER[paragraph - 1]
    assert entry["pillar"] == pillar
    assert english in entry["titles"]["en"]
    assert french in entry["titles"]["fr"]


@pytest.mark.parametrize("paragraph", [0, 62, -1])
def test_there_is_no_other_paragraph(paragraph):
    with pytest.raises(ValueError, match="1 to 61"):
        gpa.pillar_of(paragraph)
    (fault,) = gpa.faults(["prevention"], [1, paragraph], "activities.3.")
    assert (fault.field, fault.rule, fault.accepted) == ("activities.3.paragraphs.1", "gpa-paragraph", "1 to 61")


# Coverage


def coverage(of: Plan, *actions: ConcreteAction, by: Actor = SECRETARIAT) -> dict:
    return coverage_view(of, actions, by, CLOSING, COMPOSITION)


def test_a_part_is_served_by_what_names_it_or_one_of_its_paragraphs_joint_or_a_members_own():
    shown = coverage(
        plan(
            Activity("demand", "Demand", "IOM", ["ILO"], ["prevention"], [12, 21]),
            Activity("x", "X", "ILO", [], ["protection"], [1, 61]),
        ),
        ConcreteAction("study", "WB", "Study", 2013, 2014, pillars=["prosecution"], paragraphs=[21, 43]),
    )
    by_pillar = {p["pillar"]: (p["activities"], p["concrete_actions"], p["served"]) for p in shown["pillars"]}
    assert by_pillar == {
        "general": (["x"], [], [1]),
        "prevention": (["demand"], ["study"], [12, 21]),
        "protection": (["x"], [], []),
        "prosecution": ([], ["study"], [43]),
        "partnerships": (["x"], [], [61]),
    }
    demand = shown["paragraphs"][20]
    assert (demand["paragraph"], demand["activities"], demand["concrete_actions"]) == (21, ["demand"], ["study"])
    assert demand["entities"] == ["ILO", "IOM", "WB"]
    assert demand["titles"] == REGISTER[20]["titles"]
    assert shown["gaps"] == [number for number in range(1, 62) if number not in (1, 12, 21, 43, 61)]
    matrix = {row["entity"]: row for row in shown["entities"]}
    assert list(matrix) == ["ILO", "IOM", "WB"]
    assert matrix["ILO"]["activities"] == {"general": 1, "prevention": 1, "protection": 1, "prosecution": 0, "partnerships": 1}
    assert matrix["WB"]["concrete_actions"] == {"general": 0, "prevention": 1, "protection": 0, "prosecution": 1, "partnerships": 0}
    assert not any(matrix["WB"]["activities"].values())
    complete(c.CoverageAnswer(), dump(c.CoverageAnswer, shown))


def test_what_was_cancelled_withdrawn_or_holds_in_another_year_serves_nothing():
    dropped = Activity("a", "A", "IOM", [], ["prevention"], [12], cancelled=Cancellation(utc(2014, 3), "p", "r"))
    actions = [
        ConcreteAction("withdrawn", "WB", "T", 2014, 2017, paragraphs=[13], state="withdrawn", ended_at=utc(2016)),
        ConcreteAction("later", "WB", "T", 2015, 2017, paragraphs=[13]),
        ConcreteAction("earlier", "WB", "T", 2011, 2013, paragraphs=[13]),
        ConcreteAction("done", "WB", "T", 2011, 2017, paragraphs=[13], state="done", ended_at=utc(2013, 5)),
    ]
    shown = coverage(plan(dropped), *actions)
    assert shown["gaps"] == list(range(1, 62))
    assert shown["entities"] == []


def test_the_coverage_of_a_draft_is_the_groups_own():
    draft = plan(Activity("a", "A", "IOM", [], ["prevention"], [12]), adopted_at=None)
    for outsider in (MISSION, FORMER):
        with pytest.raises(Refusal) as refused:
            coverage(draft, by=outsider)
        assert (refused.value.kind, refused.value.rule) == ("not_found", "exists")
    assert coverage(draft, by=INSIDER)["pillars"][1]["activities"] == ["a"]
    adopted = plan(*draft.activities)
    assert coverage(adopted, by=MISSION) == coverage(adopted)


ENTITIES = ("ILO", "IOM", "OHCHR", "UNHCR")
pillars = st.lists(st.sampled_from(PILLARS), max_size=4, unique=True)
paragraphs = st.lists(st.integers(1, 61), max_size=5, unique=True)
instants = st.integers(0, 450).map(lambda day: utc(2013, 12) + timedelta(days=day))
maybe = st.one_of(st.none(), instants)
amounts = st.integers(1, 10**9).map(lambda cents: str(Decimal(cents).scaleb(-2)))
cancellations = st.one_of(st.none(), st.none(), instants.map(lambda at: Cancellation(at, "p", "r")))


@st.composite
def activities(draw) -> Activity:
    lead, *contributors = draw(st.lists(st.sampled_from(ENTITIES), min_size=1, unique=True))
    return Activity(
        "", "A", lead, contributors, draw(pillars), draw(paragraphs),
        deliverables=[Deliverable("", "outcome", "D", draw(maybe), "", draw(maybe)) for _ in range(draw(st.integers(0, 3)))],
        milestones=[Milestone("", "M", draw(instants), "", draw(maybe)) for _ in range(draw(st.integers(0, 2)))],
        needs=[Need("", "N", draw(amounts), draw(st.sampled_from(["CHF", "USD"]))) for _ in range(draw(st.integers(0, 2)))],
        funding=[
            Funding("", draw(st.sampled_from(["Norway", "Sweden"])), draw(amounts), draw(st.sampled_from(["CHF", "USD"])), ADOPTED, "p",
                    draw(maybe), "", draw(cancellations))
            for _ in range(draw(st.integers(0, 2)))
        ],
        cancelled=draw(cancellations),
        carried_to=draw(st.sampled_from([None, Carried(2015, "x")])),
    )  # fmt: skip


@st.composite
def concrete_actions(draw) -> ConcreteAction:
    since = draw(st.integers(2012, 2015))
    state = draw(st.sampled_from(["declared", "done", "withdrawn"]))
    return ConcreteAction(
        "", draw(st.sampled_from(ENTITIES)), "T", since, since + draw(st.integers(0, 3)), "", draw(pillars), draw(paragraphs), state,
        ended_at=None if state == "declared" else draw(instants),
    )  # fmt: skip


def named(items: list) -> list:
    return [replace(item, id=f"{type(item).__name__.lower()}-{i}") for i, item in enumerate(items)]


years = st.builds(lambda some: plan(*named(some)), st.lists(activities(), max_size=8))
own = st.lists(concrete_actions(), max_size=6).map(named)


@settings(max_examples=150, deadline=None)
@given(years, own)
def test_every_paragraph_is_served_or_a_gap_and_never_both(of, actions):
    shown = coverage(of, *actions)
    served = [number for part in shown["pillars"] for number in part["served"]]
    assert sorted(served + shown["gaps"]) == list(range(1, 62))
    assert shown["gaps"] == [number for part in shown["pillars"] for number in part["not_served"]]
    for paragraph in shown["paragraphs"]:
        doing = [a for a in of.activities if a.cancelled is None and paragraph["paragraph"] in a.paragraphs]
        alone = [a for a in actions if a.serves(2014) and paragraph["paragraph"] in a.paragraphs]
        assert paragraph["activities"] == [a.id for a in doing]
        assert paragraph["concrete_actions"] == [a.id for a in alone]
        assert paragraph["entities"] == sorted({e for a in doing for e in (a.lead, *a.contributors)} | {a.entity for a in alone})
        assert bool(doing or alone) == (paragraph["paragraph"] in served)
    for part in shown["pillars"]:
        assert sum(row["concrete_actions"][part["pillar"]] for row in shown["entities"]) == len(part["concrete_actions"])
        assert max((row["activities"][part["pillar"]] for row in shown["entities"]), default=0) <= len(part["activities"])


# The annual report


def a_year() -> Plan:
    """Four activities: one delivered, one late and carried over, one dropped in the year, one dropped before the adoption."""
    due, url = utc(2014, 10, 6), "/documents/paper-2"
    return plan(
        Activity(
            "paper", "Paper on demand", "IOM", ["ILO"], ["prevention"], [21],
            deliverables=[
                Deliverable("paper", "document", "Paper", due, "", due, {"document": "paper-2", "url": url}),
                Deliverable("launch", "meeting", "Launch", due, "", due + timedelta(seconds=1), {"note": "A frank note", "person": "p"}),
                Deliverable("free", "outcome", "No date", None, "", utc(2014, 12)),
            ],
            milestones=[Milestone("m", "Draft", utc(2014, 4), "", utc(2014, 5)), Milestone("n", "Other", utc(2014, 6))],
            needs=[Need("n", "Printing", "1000.10", "USD"), Need("k", "Travel", "500", "JPY")],
            funding=[
                Funding("s", "Sweden", "300.05", "USD", ADOPTED, "sec", ends=utc(2014, 9), note="For travel"),
                Funding("n", "Norway", "900.00", "USD", ADOPTED, "sec", ended=Cancellation(utc(2014, 6), "sec", "Budget cut")),
                Funding("o", "Norway", "77.00", "CHF", ADOPTED, "sec", ended=Cancellation(utc(2013, 12, 24), "sec", "Wrong entry")),
            ],
        ),
        Activity(
            "training", "Training", "ILO", ["IOM", "UNODC"], ["protection"], [29, 45],
            deliverables=[Deliverable("d", "outcome", "Course", utc(2014, 11))],
            needs=[Need("n", "Trainers", "250.00", "USD")],
            funding=[Funding("s", "Sweden", "50.00", "USD", ADOPTED, "sec", ends=utc(2015, 6))],
            carried_to=Carried(2015, "training"),
        ),
        Activity("dropped", "Dropped", "IOM", [], ["protection"], [], needs=[Need("n", "N", "9.00", "USD")],
                 deliverables=[Deliverable("d", "outcome", "D", utc(2014, 5))], cancelled=Cancellation(utc(2014, 3), "p", "No interest")),
        Activity("never", "Never", "IOM", [], [], [], cancelled=Cancellation(utc(2013, 11), "p", "r")),
    )  # fmt: skip


def test_planned_against_delivered_in_all_by_pillar_and_by_entity():
    shown = report(a_year())
    assert shown["total"] == {
        "activities": 3, "statuses": {"delivered": 1, "late": 1, "cancelled": 1}, "deliverables": 5, "delivered": 3, "on_time": 2,
        "carried_over": 1,
    }  # fmt: skip
    pillars = {row.pop("pillar"): row for row in shown["pillars"]}
    assert list(pillars) == list(PILLARS)
    assert [(pillars[p]["activities"], pillars[p]["delivered"]) for p in PILLARS] == [(1, 3), (2, 0), (1, 0), (0, 0)]
    assert pillars["protection"]["statuses"] == {"late": 1, "cancelled": 1}
    entities = {row["entity"]: (row["activities"], row["delivered"], row["on_time"], row["contributes"]) for row in shown["entities"]}
    assert entities == {"ILO": (1, 0, 0, 1), "IOM": (2, 3, 2, 1), "UNODC": (0, 0, 0, 1)}
    paper, training, dropped = shown["activities"]
    assert [d["url"] for d in paper["deliverables"]] == ["/documents/paper-2", None, None]
    assert (paper["milestones"], paper["milestones_met"]) == (2, 1)
    assert (training["carried_to"], training["cancelled_because"]) == (2015, None)
    assert (dropped["status"], dropped["cancelled_because"]) == ("cancelled", "No interest")
    assert (shown["served"], len(shown["not_served"])) == ([21, 29, 45], 58)


def test_what_the_next_plan_took_over_is_carried_over_before_this_one_is_told():
    took = [
        Activity("demand-on", "D", "IOM", carried_from=Carried(2014, "demand")),
        Activity("other", "O", "IOM", carried_from=Carried(2013, "late")),
        Activity("own", "O", "IOM"),
    ]
    following = Plan(2015, "draft", activities=took)
    this = plan(*(Activity(id, id, "IOM") for id in ("demand", "late", "own")))
    shown = report(this, following=following)
    assert {row["activity"]: row["carried_to"] for row in shown["activities"]} == {"demand": 2015, "late": None, "own": None}
    assert shown["total"]["carried_over"] == 1
    this.activities[0].carried_to = Carried(2015, "demand-on")
    assert report(this) == shown, "the same, once it was told"


def test_on_time_is_until_the_very_instant_it_was_due():
    due = utc(2014, 10, 6)

    def on_time(delivered_at, due=due):
        step = Deliverable("d", "outcome", "D", due, "", delivered_at)
        return report(plan(Activity("a", "A", "IOM", deliverables=[step])))["total"]["on_time"]

    assert [on_time(due), on_time(due + timedelta(milliseconds=1)), on_time(None), on_time(CLOSING, None)] == [1, 0, 0, 1]


def test_money_is_added_up_exactly_within_each_currency_and_gaps_are_of_activities():
    shown = report(a_year())["funding"]
    assert shown["balance"] == [
        {"currency": "JPY", "needed": "500", "secured": "0", "gap": "500"},
        {"currency": "USD", "needed": "1250.10", "secured": "1250.05", "gap": "200.00"},
    ]
    assert shown["gaps"] == [
        {"activity": "paper", "title": "Paper on demand", "currency": "JPY", "needed": "500", "secured": "0", "gap": "500"},
        {"activity": "training", "title": "Training", "currency": "USD", "needed": "250.00", "secured": "50.00", "gap": "200.00"},
    ]
    assert shown["donors"] == [
        {"donor": "Norway", "currency": "USD", "amount": "900.00"},
        {"donor": "Sweden", "currency": "USD", "amount": "350.05"},
    ]
    assert [(money["donor"], money["available"], (money["ended"] or {}).get("reason")) for money in shown["ended"]] == [
        ("Sweden", False, None),
        ("Norway", False, "Budget cut"),
    ]


def test_of_meetings_and_briefings_those_of_the_year_that_were_held():
    def meeting(id: str, starts_at, **more) -> Meeting:
        times = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=3)}
        return Meeting(id, f"Meeting {id}", place="Geneva", called_at=ADOPTED, revised_at=ADOPTED, moved_at=ADOPTED, reminded=ADOPTED,
                       **times, **more)  # fmt: skip

    def briefing(id: str, starts_at, **more) -> Briefing:
        return Briefing(id, f"Briefing {id}", "consultation", starts_at, starts_at + timedelta(hours=1), "New York", **more)

    acted = {"due": utc(2014, 9), "revised_at": ADOPTED, "reminded": ADOPTED}
    held = meeting(
        "held", utc(2014, 6, 3),
        attendance=[Attendance("UNODC"), Attendance("ILO", attended=False), Attendance("IOM")],
        decisions=[Decision("d1", "Write it", None, utc(2014, 6, 3), "p")],
        actions=[Action("a1", "w", "IOM", **acted), Action("a2", "w", "IOM", **acted, state="done", settled_at=utc(2014, 7))],
    )  # fmt: skip
    meetings = [
        meeting("last", utc(2014, 12, 31, 22)), held, meeting("off", utc(2014, 5), cancelled_at=utc(2014, 4)),
        meeting("before", utc(2013, 12, 31, 22)), meeting("after", utc(2015)),
    ]  # fmt: skip
    briefings = [briefing("b", utc(2014, 3)), briefing("a", utc(2014, 3)), briefing("off", utc(2014, 2), cancelled_at=utc(2014))]
    shown = report(plan(), meetings=meetings, briefings=briefings)
    assert [m["meeting"] for m in shown["meetings"]] == ["held", "last"]
    assert [b["briefing"] for b in shown["briefings"]] == ["a", "b"]
    first = shown["meetings"][0]
    assert first["attended"] == ["IOM", "UNODC"]
    assert (first["decisions"], first["actions"], first["actions_done"]) == (1, 2, 1)
    before_it_ended = report(plan(), meetings=meetings, briefings=briefings, at=utc(2014, 6, 3, 2))
    assert before_it_ended["meetings"] == []
    assert len(before_it_ended["briefings"]) == 2
    replied = report(plan(), briefings=briefings, guests={"b": 12, "off": 3})
    assert [(b["briefing"], b["coming"]) for b in replied["briefings"]] == [("a", None), ("b", 12)]


def publication(document: str, at, **more) -> Publication:
    told = {"kind": "issue_paper", "number": 2, "title": "Demand", "lead": "ILO", "url": f"/documents/{document}", "signatories": []}
    return Publication(document=document, at=at, **({"presentations": []} | told | more))


def test_papers_and_statements_of_the_year_with_where_they_were_presented():
    vienna = {"where": "Vienna", "when": "2014-10", "on_margins_of": "Conference of the Parties, seventh session"}
    geneva = {"where": "Geneva", "when": "2014-09-30", "on_margins_of": ""}
    record = [
        publication("statement", utc(2014, 7, 30), kind="joint_statement", number=None, signatories=["ILO", "IOM"]),
        publication("paper", utc(2014, 9, 15), presentations=[vienna, geneva]),
        publication("note", utc(2014, 2), kind="information_note", number=None),
        publication("later", utc(2015)),
    ]
    shown = report(plan(), publications=record)
    assert [p["document"] for p in shown["papers"]] == ["note", "paper"]
    assert [(s["document"], s["signatories"]) for s in shown["statements"]] == [("statement", ["ILO", "IOM"])]
    assert shown["papers"][1]["presentations"] == ["Geneva, 2014-09-30", "Vienna, 2014-10 (Conference of the Parties, seventh session)"]
    assert report(plan(), publications=record, at=utc(2014, 9, 14))["papers"][-1]["document"] == "note"


def test_who_chaired_and_how_the_plan_was_adopted():
    passed = Clearance("0" * 64, PassingRule(), ["ILO", "IOM"], ADOPTED, state="passed")
    passed.positions = [Position(entity, word, "0" * 64, ADOPTED, "p") for entity, word in (("IOM", "endorse"), ("ILO", "no_objection"))]
    of = replace(plan(), clearances=[passed])
    of.amendments = [Amendment(state, "drop", "a", "r", "p", None, ADOPTED, state=state) for state in ("adopted", "withdrawn", "proposed")]
    shown = report(of, foreword="A good year.")
    assert (shown["chairs"], shown["endorsed_by"], shown["amendments"]) == (["IOM", "UNHCR"], ["IOM"], 1)
    assert (shown["foreword"], shown["adopted_at"], shown["as_of"]) == ("A good year.", ADOPTED, CLOSING)
    unknown = Composition(terms={"2014": Term(2014, [], "unknown")})
    nothing = {"meetings": [], "briefings": [], "publications": [], "actions": []}
    assert annual_report(Seen(of, CLOSING, inside=False), at=CLOSING, composition=unknown, **nothing)["chairs"] == []
    assert annual_report(Seen(of, CLOSING, inside=False), at=CLOSING, composition=Composition(), **nothing)["chairs"] == []


def test_a_draft_is_never_late():
    late = Activity("a", "A", "IOM", deliverables=[Deliverable("d", "outcome", "D", utc(2014))])
    assert report(plan(late), at=utc(2014, 2))["total"]["statuses"] == {"late": 1}
    assert report(plan(late, adopted_at=None), at=utc(2014, 2))["total"]["statuses"] == {"planned": 1}


@settings(max_examples=120, deadline=None)
@given(years, own, instants)
def test_the_tallies_add_up_and_the_same_record_makes_the_same_bytes(of, actions, at):
    shown = report(of, actions=actions, at=at)
    total, rows = shown["total"], shown["activities"]
    assert total["activities"] == sum(total["statuses"].values()) == len(rows)
    assert total["statuses"] == Counter(row["status"] for row in rows)
    assert 0 <= total["on_time"] <= total["delivered"] <= total["deliverables"]
    assert total["delivered"] == sum(d["delivered_at"] is not None for row in rows for d in row["deliverables"])
    for name in ("activities", "deliverables", "delivered", "on_time", "carried_over"):
        assert sum(entity[name] for entity in shown["entities"]) == total[name]
        assert all(pillar[name] <= total[name] for pillar in shown["pillars"])
    assert sum(entity["contributes"] for entity in shown["entities"]) == sum(len(row["contributors"]) for row in rows)
    assert sorted(shown["served"] + shown["not_served"]) == list(range(1, 62))
    money = shown["funding"]
    for balance in money["balance"]:
        code = balance["currency"]
        assert sum(Decimal(d["amount"]) for d in money["donors"] if d["currency"] == code) == Decimal(balance["secured"])
        assert sum(Decimal(g["gap"]) for g in money["gaps"] if g["currency"] == code) == Decimal(balance["gap"])
        assert Decimal(balance["gap"]) >= max(Decimal(balance["needed"]) - Decimal(balance["secured"]), 0)
    first, again = (digest_of(kept(of, actions=actions, at=at)) for _ in range(2))
    assert first == again


# Who sees it


def test_it_is_the_groups_own_until_the_plan_is_closed_and_then_for_all():
    of = a_year()
    for outsider in (MISSION, FORMER):
        with pytest.raises(Refusal) as refused:
            report_view(of, lambda: report(of), outsider, CLOSING, COMPOSITION)
        assert (refused.value.kind, refused.value.rule) == ("not_found", "report-given")
        with pytest.raises(Refusal) as unknown:
            report_view(plan(adopted_at=None), dict, outsider, CLOSING, COMPOSITION)
        assert (unknown.value.kind, unknown.value.rule) == ("not_found", "exists")
    open_still = report_view(of, lambda: report(of), INSIDER, CLOSING, COMPOSITION)
    assert (open_still["final"], open_still["digest"], open_still["year"]) == (False, None, 2014)

    held = Meeting("m", "M", utc(2014, 3), utc(2014, 3, 2), "Geneva", ADOPTED, ADOPTED, ADOPTED, ADOPTED, attendance=[Attendance("IOM")])
    made = kept(of, meetings=[held], foreword="Well done.")
    of.close("Well done.", made, by=SECRETARIAT, at=CLOSING, composition=COMPOSITION)

    def never():
        raise AssertionError("a report that was given is not made anew")

    inside = report_view(of, never, INSIDER, utc(2016), COMPOSITION)
    assert {name: value for name, value in inside.items() if name not in ("final", "digest")} == made
    assert (inside["final"], inside["digest"]) == (True, digest_of(made))
    for outsider in (MISSION, FORMER):
        outside = report_view(of, never, outsider, utc(2016), COMPOSITION)
        assert outside["digest"] == inside["digest"]
        assert outside["funding"]["balance"] == inside["funding"]["balance"]
        assert [outside["funding"][name] for name in ("donors", "gaps", "ended")] == [[], [], []]
        assert [(m["title"], m["attended"], m["actions"], m["actions_done"]) for m in outside["meetings"]] == [("M", [], None, None)]
        for private in ("Sweden", "Norway", "Budget cut", "For travel", "'sec'", "A frank note"):
            assert private not in str(dump(c.AnnualReportAnswer, outside)), private
        complete(c.AnnualReportAnswer(), dump(c.AnnualReportAnswer, outside))
    complete(c.AnnualReportAnswer(), dump(c.AnnualReportAnswer, inside))
    assert all(private in str(inside) for private in ("Sweden", "Norway", "Budget cut", "For travel", "'sec'"))
