"""Concrete actions, coverage, the record of publications and the annual report, as a real process on a real broker and store."""

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from contracts import documents, notifications
from services.kernel import Composition, Membership, Refusal, Seat, Term, digest_of, utc
from tests.services.room import MISSION, SECRETARIAT, Room, focal, refusal

SEATED = ["ILO", "IOM", "UNODC"]
NOW = utc(2015, 2, 1)
YEARS = itertools.count(2020)


GROUP = Composition(
    memberships=[*(Membership(code, utc(2010)) for code in [*SEATED, "WB"]), Membership("OLD", utc(2010), utc(2014))],
    seats=[Seat(code, utc(2010)) for code in SEATED],
    terms={str(year): Term(year, ["IOM"], "adopted") for year in range(2014, 2040)},
)


@pytest.fixture(scope="module")
def bare(house, eventually) -> Iterator[Room]:
    """The service alone, before chairs has said who sits."""
    with Room(house, eventually, "workplan", at=NOW).alone() as room:
        yield room


@pytest.fixture(scope="module")
def room(bare) -> Room:
    bare.seat(GROUP)
    return bare


@pytest.fixture
def year() -> int:
    """A year no other test plans for."""
    return next(YEARS)


def adopted(room: Room, year: int) -> dict:
    before = utc(year - 1, 11)
    room("open_plan", year=year, at=before)
    paper = {"id": "paper", "kind": "document", "title": "Issue paper", "due": f"{year}-10-31T00:00:00Z"}
    need = {"purpose": "Printing", "amount": "1000", "currency": "USD"}
    room("add_activity", year=year, activity="demand", title="Paper on demand", lead="IOM", contributors=["ILO"], pillars=["prevention"],
         paragraphs=[21], deliverables=[paper], needs=[need], at=before)  # fmt: skip
    course = {"id": "course", "kind": "outcome", "title": "Course"}
    room("add_activity", year=year, activity="training", title="Training", lead="ILO", paragraphs=[29], deliverables=[course], at=before)
    room("open_consultation", year=year, at=before)
    plan = room("open_adoption", year=year, by="express", at=utc(year - 1, 12))
    for entity in SEATED:
        plan = room("take_position", focal(entity), year=year, digest=plan["digest"], word="endorse", at=utc(year - 1, 12, 2))
    assert plan["state"] == "in_force"
    return plan


def published(year: int, document: str, **more) -> dict:
    return {
        "document": document, "kind": "issue_paper", "number": 2, "title": "Demand", "summary": "", "at": utc(year, 10, 6),
        "digest": "5d" * 32, "language": "en", "url": f"/documents/{document}", "pillars": ["prevention"], "lead": "IOM",
        "deliverable": None,
    } | more  # fmt: skip


def issued(year: int, document: str) -> dict:
    paper = published(year, document, title="World Day", at=utc(year, 7, 30))
    statement = {"occasion": "World Day against Trafficking in Persons", "signatories": SEATED, "text": "The whole text."}
    return {name: value for name, value in paper.items() if name not in ("kind", "number", "summary")} | statement


def presented(document: str, where: str = "Vienna") -> dict:
    told = {"document": document, "title": "Demand", "kind": "issue_paper", "number": 2}
    return told | {"where": where, "when": "2014-10", "on_margins_of": "Conference of the Parties"}


# Before the composition has arrived


def test_the_register_is_there_from_the_first_moment_and_what_depends_on_the_composition_waits(bare):
    register = bare("global_plan", MISSION)["paragraphs"]
    assert [entry["paragraph"] for entry in register] == list(range(1, 62))
    assert (register[37]["pillar"], set(register[37]["titles"])) == ("protection", {"en", "fr"})
    assert bare("concrete_actions", MISSION) == {"items": [], "next": None}
    waiting = refusal(lambda: bare("declare_concrete_action", entity="WB", title="T", until=2017, letter="L", paragraphs=[1]))
    assert (waiting.kind, waiting.rule) == ("unavailable", "projection")


# Concrete actions


def test_a_concrete_action_from_its_declaration_to_its_end(room):
    wording = {"title": "Remittance study", "until": 2017, "pillars": ["prevention"], "paragraphs": [21, 12]}
    for _ in range(2):  # the same order, given twice
        made = room("declare_concrete_action", id="once", entity="WB", letter="Letter of 30 January 2015", **wording)
    action = {"action": made["action"]}
    assert (made["version"], made["since"], made["state"], made["letter"]) == (1, 2015, "declared", "Letter of 30 January 2015")
    assert room("get_concrete_action", MISSION, **action) == made | {"letter": ""}
    changed = room("change_concrete_action", focal("WB"), **action, until=2018, expected=1)
    assert (changed["until"], changed["title"], changed["version"], changed["letter"]) == (2018, "Remittance study", 2, "")
    assert refusal(lambda: room("change_concrete_action", focal("WB"), **action, until=2019, expected=1)).kind == "stale"
    ended = room("end_concrete_action", focal("WB"), **action, outcome="done", note="It is out", at=utc(2016, 4))
    assert (ended["state"], ended["note"]) == ("done", "It is out")
    assert (
        refusal(lambda: room("change_concrete_action", focal("WB"), **action, title="x", at=utc(2016, 5))).rule == "concrete-action-ended"
    )
    room.eventually(lambda: room("status")["pending"] == 0)
    events = [entry["event"] for entry in room.database.journal.find({"subject": f"concrete_action/{made['action']}"}).sort("sequence", 1)]
    assert [event["type"].split(".")[2] for event in events] == [
        "concrete_action_declared", "concrete_action_changed", "concrete_action_ended",
    ]  # fmt: skip
    assert (events[1]["data"]["before"], events[1]["data"]["after"]) == ({"until": 2017}, {"until": 2018})
    for year, there in ((2014, False), (2015, True), (2016, True), (2017, False)):
        listed = room("concrete_actions", year=year, limit=200)["items"]
        assert (made["action"] in [item["action"] for item in listed]) is there, year


def test_concrete_actions_come_in_pages_by_entity(room):
    for entity in ("UNODC", "ILO", "WB", "ILO"):
        room("declare_concrete_action", focal(entity), entity=entity, title="T", since=2031, until=2031, paragraphs=[1])
    room("declare_concrete_action", focal("ILO"), action="gone", entity="ILO", title="T", since=2031, until=2033, paragraphs=[1])
    room("end_concrete_action", focal("ILO"), action="gone", outcome="withdrawn", note="No money")
    seen, after = [], None
    while True:
        page = room("concrete_actions", MISSION, year=2031, limit=2, after=after)
        assert len(page["items"]) <= 2
        seen += page["items"]
        if (after := page["next"]) is None:
            break
    assert [item["entity"] for item in seen] == ["ILO", "ILO", "ILO", "UNODC", "WB"]
    assert len({item["action"] for item in seen}) == 5
    of_one = room("concrete_actions", year=2031, entity="ILO")["items"]
    assert sorted(item["state"] for item in of_one) == ["declared", "declared", "withdrawn"]
    assert room("concrete_actions", year=2090) == {"items": [], "next": None}
    assert refusal(lambda: room("concrete_actions", after="nonsense")).field == "after"


@pytest.mark.parametrize(
    ("more", "by", "kind", "field"),
    [
        ({"paragraphs": [62]}, SECRETARIAT, "invalid", "paragraphs.0"),
        ({"paragraphs": []}, SECRETARIAT, "invalid", "pillars"),
        ({"pillars": ["profit"]}, SECRETARIAT, "invalid", "pillars.0"),
        ({"until": 2014}, SECRETARIAT, "invalid", "until"),
        ({"since": 2018, "until": 2017}, SECRETARIAT, "invalid", "until"),
        ({"letter": ""}, SECRETARIAT, "invalid", "letter"),
        ({"entity": "OLD"}, SECRETARIAT, "invalid", "entity"),
        ({"entity": "OLD"}, focal("OLD"), "not_allowed", None),
        ({}, focal("ILO"), "not_allowed", None),
        ({}, MISSION, "not_allowed", None),
        ({"title": ""}, SECRETARIAT, "invalid", "title"),
        ({"budget": 3}, SECRETARIAT, "invalid", "budget"),
    ],
)
def test_bad_declarations_are_refused_and_change_nothing(room, more, by, kind, field):
    payload = {"entity": "WB", "title": "T", "until": 2017, "paragraphs": [1], "letter": "L"} | more
    before = room.database.concrete_actions.count_documents({})
    refused = refusal(lambda: room("declare_concrete_action", by, **payload))
    assert (refused.kind, refused.field) == (kind, field)
    assert refused.rule
    assert room.database.concrete_actions.count_documents({}) == before


# Coverage


def test_coverage_counts_joint_activities_and_members_own_measures(room, year):
    adopted(room, year)
    mine = room("declare_concrete_action", focal("WB"), entity="WB", title="T", since=year, until=year, paragraphs=[38, 21])["action"]
    gone = {"action": f"gone-{year}"}
    room("declare_concrete_action", focal("ILO"), **gone, entity="ILO", title="T", since=year, until=year, paragraphs=[40])
    room("end_concrete_action", focal("ILO"), **gone, outcome="withdrawn", note="r")
    shown = room("coverage", MISSION, year=year)
    by_number = {entry["paragraph"]: entry for entry in shown["paragraphs"]}
    assert (by_number[21]["activities"], by_number[21]["concrete_actions"], by_number[21]["entities"]) == (
        ["demand"], [mine], ["ILO", "IOM", "WB"],
    )  # fmt: skip
    assert shown["gaps"] == [number for number in range(1, 62) if number not in (21, 29, 38)]
    assert shown == room("coverage", focal("ILO"), year=year)
    draft = next(YEARS)
    room("open_plan", year=draft, at=utc(draft - 1, 11))
    assert refusal(lambda: room("coverage", MISSION, year=draft)).kind == "not_found"
    assert len(room("coverage", focal("ILO"), year=draft)["gaps"]) == 61


# The record of publications


def test_what_was_published_is_on_record_once_in_whatever_order_it_is_told(room, year):
    adopted(room, year)
    paper, statement = f"paper-{year}", f"statement-{year}"
    room.happen(documents.Presented, presented(paper), times=2)
    room.happen(documents.Presented, presented(f"elsewhere-{year}"))
    room.happen(documents.Published, published(year, paper), at=utc(year, 10, 6), times=3)
    room.happen(documents.StatementIssued, issued(year, statement), at=utc(year, 7, 30), times=2)
    room.happen(documents.Presented, presented(paper, "Geneva"))
    room.quiet()
    # Of two that write the same record at once, one may have to come again.
    room.eventually(lambda: len(room.database.publications.find_one({"_id": paper})["presentations"]) == 2)
    shown = room("annual_report", year=year, at=utc(year + 1))
    (one,), (other,) = shown["papers"], shown["statements"]
    assert (one["document"], one["number"], one["lead"], one["at"]) == (paper, 2, "IOM", f"{year}-10-06T00:00:00Z")
    assert one["presentations"] == [f"{place}, 2014-10 (Conference of the Parties)" for place in ("Geneva", "Vienna")]
    assert (other["document"], other["kind"], other["signatories"]) == (statement, "joint_statement", SEATED)
    before = list(room.database.publications.find({}))
    room.happen(documents.Published, published(year, paper), at=utc(year, 10, 6))
    room.happen(documents.Presented, presented(paper))
    room.quiet()
    assert list(room.database.publications.find({})) == before
    assert room("annual_report", year=year, at=utc(year, 10, 5))["papers"] == []


# The annual report


def test_a_small_year_from_its_adoption_to_the_report_with_which_it_closes(room, year):
    adopted(room, year)
    unknown = refusal(lambda: room("annual_report", MISSION, year=2097))
    assert (unknown.kind, unknown.rule) == ("not_found", "exists")
    early = refusal(lambda: room("annual_report", MISSION, year=year, at=utc(year, 6)))
    assert (early.kind, early.rule) == ("not_found", "report-given")
    assert refusal(lambda: room("annual_report", focal("OLD"), year=year, at=utc(year, 6))).rule == "report-given"
    planned = room("annual_report", focal("IOM"), year=year, at=utc(year, 1, 2))
    assert (planned["final"], planned["digest"], planned["total"]["statuses"]) == (False, None, {"planned": 2})

    room("secure_funding", year=year, activity="demand", donor="Sweden", amount="400.00", currency="USD", at=utc(year, 2))
    meeting = {"meeting": f"meeting-{year}"}
    room("call_meeting", **meeting, title="Spring meeting", starts_at=f"{year}-03-03T09:00:00Z", ends_at=f"{year}-03-03T17:00:00Z",
         place="Geneva", at=utc(year, 2))  # fmt: skip
    there = [{"entity": "IOM"}, {"entity": "ILO"}, {"entity": "UNODC", "attended": False}]
    room("record_attendance", **meeting, attendance=there, at=utc(year, 3, 4))
    room("record_decision", **meeting, text="Write the paper first", at=utc(year, 3, 4))
    room("assign_action", **meeting, action="a", what="Outline", owner="ILO", due=f"{year}-04-01T00:00:00Z", at=utc(year, 3, 4))
    room("complete_action", focal("ILO"), **meeting, action="a", note="Sent", at=utc(year, 3, 20))
    briefing = room("announce_briefing", title="Briefing", kind="consultation", starts_at=f"{year}-05-05T15:00:00Z",
                    ends_at=f"{year}-05-05T17:00:00Z", place="New York", at=utc(year, 3))["briefing"]  # fmt: skip
    replied = {"briefing": briefing, "subscriber": "BRAZIL", "attending": "yes", "people": 2, "place": "given", "coming": 2}
    room.happen(notifications.BriefingReplied, replied, at=utc(year, 4))
    promised = {"year": year, "activity": "demand", "deliverable": "paper"}
    room.happen(documents.Published, published(year, f"the-paper-{year}", deliverable=promised), at=utc(year, 10, 6))
    room.eventually(lambda: room("get_activity", year=year, activity="demand", at=utc(year, 11))["status"] == "delivered")
    room("declare_concrete_action", focal("WB"), entity="WB", title="T", since=year, until=year, paragraphs=[38])

    closing = utc(year + 1, 1, 20)
    draft = room("annual_report", focal("IOM"), year=year, at=closing)
    for _ in range(2):  # the same order, given twice
        closed = room("close_plan", focal("IOM"), id=f"close-{year}", year=year, foreword="A year of firsts.", at=closing)
    assert (closed["state"], len(closed["report"])) == ("closed", 64)
    given = room("annual_report", focal("ILO"), year=year, at=utc(year + 3))
    assert given == draft | {"final": True, "digest": closed["report"], "foreword": "A year of firsts."}
    assert digest_of({name: value for name, value in given.items() if name not in ("final", "digest")}) == closed["report"]
    assert (given["as_of"], given["chairs"], given["endorsed_by"]) == (f"{year + 1}-01-20T00:00:00Z", ["IOM"], SEATED)
    assert given["total"] == {
        "activities": 2, "statuses": {"delivered": 1, "planned": 1}, "deliverables": 2, "delivered": 1, "on_time": 1, "carried_over": 0,
    }  # fmt: skip
    assert [(paper["document"], paper["url"]) for paper in given["papers"]] == [(f"the-paper-{year}", f"/documents/the-paper-{year}")]
    assert given["activities"][0]["deliverables"][0]["url"] == f"/documents/the-paper-{year}"
    (met,) = given["meetings"]
    assert (met["attended"], met["decisions"], met["actions"], met["actions_done"]) == (["ILO", "IOM"], 1, 1, 1)
    assert [(briefing["title"], briefing["coming"]) for briefing in given["briefings"]] == [("Briefing", 2)]
    assert given["funding"]["balance"] == [{"currency": "USD", "needed": "1000.00", "secured": "400.00", "gap": "600.00"}]
    assert given["funding"]["donors"] == [{"donor": "Sweden", "currency": "USD", "amount": "400.00"}]
    assert given["served"] == [21, 29, 38]

    outside = room("annual_report", MISSION, year=year, at=utc(year + 3))
    assert outside == room("annual_report", focal("OLD"), year=year, at=utc(year + 3))
    assert outside["funding"] == {"balance": given["funding"]["balance"], "donors": [], "gaps": [], "ended": []}
    assert outside["meetings"] == [met | {"attended": [], "actions": None, "actions_done": None}]
    same = set(given) - {"funding", "meetings"}
    assert {name: outside[name] for name in same} == {name: given[name] for name in same}

    # What comes to light later changes the record, not the report that was given.
    room.happen(documents.Published, published(year, f"late-{year}"), at=utc(year, 12))
    room.quiet()
    assert room("annual_report", focal("ILO"), year=year, at=utc(year + 3)) == given


def test_a_plan_closed_in_the_breath_of_carrying_over_says_what_goes_on(room, year):
    adopted(room, year)
    assert next(YEARS) == year + 1
    closing = utc(year + 1, 1, 20)
    none = refusal(lambda: room("carry_over", year=year, at=closing))
    assert (none.kind, none.accepted) == ("not_found", "POST /api/v1/workplans")
    assert refusal(lambda: room("carry_over", MISSION, year=year, at=closing)).rule == "group-only"
    room("open_plan", year=year + 1, at=closing)
    room("carry_over", year=year, activities=["demand"], at=closing)
    room("close_plan", year=year, foreword="", at=closing)
    shown = room("annual_report", year=year, at=closing)
    assert {row["activity"]: row["carried_to"] for row in shown["activities"]} == {"demand": year + 1, "training": None}
    assert shown["total"]["carried_over"] == 1


def test_progress_reported_while_the_plan_is_closed_is_in_the_report_or_refused(room, year):
    adopted(room, year)
    closing = utc(year + 1, 1, 20)

    def deliver() -> str:
        try:
            room("mark_delivered", focal("ILO"), year=year, activity="training", deliverable="course", note="Held", at=closing)
        except Refusal as refused:
            return refused.rule
        return "delivered"

    def close() -> str:
        return room("close_plan", year=year, foreword="", at=closing)["state"]

    with ThreadPoolExecutor(2) as pool:
        marking, closed = pool.submit(deliver), pool.submit(close)
        assert closed.result() == "closed"
    shown = room("annual_report", year=year, at=closing)
    assert (marking.result(), shown["total"]["delivered"]) in (("delivered", 1), ("life-cycle", 0))
