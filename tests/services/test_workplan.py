"""Workplan as a real process on a real broker and store: asked as the gateway asks, told as the other services tell."""

import itertools
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import mongoengine
import pytest

from contracts import chairs, documents, notifications
from contracts import workplan as c
from contracts.base import dump, load
from contracts.envelope import is_genuine
from messaging import store
from messaging.context import Arrived, Order, written
from services.kernel import Actor, Composition, Membership, Seat, Term, digest_of, utc
from services.kernel.actor import SYSTEM_ACTOR
from services.workplan import service
from tests.services.room import MISSION, SECRETARIAT, Room, focal, refusal

SIX = ["ILO", "IOM", "OHCHR", "UNHCR", "UNICEF", "UNODC"]
NOW = utc(2014)
YEARS = itertools.count(2020)


def group(*extra: str) -> Composition:
    return Composition(
        memberships=[Membership(code, utc(2010)) for code in [*SIX, *extra]],
        seats=[Seat(code, utc(2010)) for code in [*SIX, *extra]],
        terms={str(year): Term(year, ["IOM"], "adopted") for year in range(2019, 2060)},
    )


def state(room: Room, year: int) -> dict:
    """The plan's document without what the relay moves."""
    document = room.database.plans.find_one({"_id": str(year)}) or {}
    return {name: document.get(name) for name in ("state", "version", "sequence", "chain")}


@pytest.fixture(scope="module")
def bare(house, eventually) -> Iterator[Room]:
    """The service alone, before chairs has said who sits."""
    with Room(house, eventually, "workplan", at=NOW).alone() as room:
        yield room


@pytest.fixture(scope="module")
def room(bare: Room) -> Room:
    bare.seat(group())
    return bare


@pytest.fixture
def year() -> int:
    """A year no other test plans for."""
    return next(YEARS)


def drafted(room: Room, year: int) -> dict:
    room("open_plan", year=year, at=utc(year - 1, 11))
    return room(
        "add_activity",
        focal("IOM"),
        at=utc(year - 1, 11),
        year=year,
        activity="demand",
        title="Paper on demand",
        lead="IOM",
        contributors=["ILO"],
        pillars=["prevention"],
        paragraphs=[12],
        deliverables=[{"id": "paper", "kind": "document", "title": "Issue paper"}, {"id": "launch", "kind": "meeting", "title": "Launch"}],
        milestones=[{"id": "draft", "title": "First draft", "due": f"{year}-04-01T00:00:00Z"}],
    )


def adopted(room: Room, year: int) -> dict:
    drafted(room, year)
    room("open_consultation", year=year, at=utc(year - 1, 11))
    plan = room("open_adoption", year=year, by="express", at=utc(year - 1, 12))
    for entity in SIX:
        plan = room("take_position", focal(entity), at=utc(year - 1, 12, 2), year=year, digest=plan["digest"], word="endorse")
    assert plan["state"] == "in_force"
    return plan


def published(year: int, **more) -> dict:
    """What documents tells of a publication that delivers."""
    return {
        "document": "paper-2",
        "kind": "issue_paper",
        "number": 2,
        "title": "Demand",
        "summary": "",
        "at": utc(year, 10, 6),
        "digest": "5d" * 32,
        "language": "en",
        "url": "/documents/paper-2",
        "pillars": ["prevention"],
        "deliverable": {"year": year, "activity": "demand", "deliverable": "paper"},
    } | more


def issued(year: int) -> dict:
    paper = published(year, document="statement", title="Statement")
    return {name: value for name, value in paper.items() if name not in ("kind", "number", "summary")} | {
        "occasion": "World Day against Trafficking in Persons",
        "signatories": SIX,
        "text": "The whole text.",
    }


# Before the composition has arrived


def test_orders_wait_for_the_composition_and_events_do_not(bare, year):
    refused = refusal(lambda: bare("open_plan", year=year))
    assert (refused.kind, refused.rule) == ("unavailable", "projection")
    bare.happen(chairs.TermAdopted, {"year": year, "chairs": ["IOM"], "earlier": []}, at=utc(year - 1, 6))
    assert bare.eventually(lambda: bare("get_plan", year=year))["state"] == "draft"
    assert [plan["year"] for plan in bare("plans")["items"]] == [year]
    waiting = refusal(lambda: bare("get_plan", focal("IOM"), year=year))
    assert (waiting.kind, waiting.rule) == ("unavailable", "projection")
    assert bare("plans", MISSION)["items"] == []
    assert refusal(lambda: bare("get_plan", MISSION, year=year)).kind == "not_found"


# A year


def test_a_year_from_draft_to_report(room, year):
    activity = drafted(room, year)
    assert (activity["activity"], activity["status"], activity["version"]) == ("demand", "planned", 2)
    room("open_consultation", focal("IOM"), year=year, at=utc(year - 1, 12))
    deadline = f"{year - 1}-12-20T17:00:00Z"
    plan = room("open_adoption", focal("IOM"), year=year, by="silence", deadline=deadline, at=utc(year - 1, 12))
    (item,) = room("awaiting", focal("UNHCR"), entity="UNHCR", at=utc(year - 1, 12))["items"]
    assert (item["kind"], item["deadline"], item["digest"]) == ("plan_position", deadline, plan["digest"])
    for entity in SIX[:4]:
        room("take_position", focal(entity), at=utc(year - 1, 12, 3), year=year, digest=plan["digest"], word="endorse")
    letter = {"on_behalf_of": "UNICEF", "letter": "Letter of 4 December"}
    room("take_position", at=utc(year - 1, 12, 4), year=year, digest=plan["digest"], word="endorse", **letter)
    assert room("tick", at=utc(year), to=f"{year}-01-01T00:00:00Z")["changed"] >= 1
    assert room("tick", at=utc(year), to=f"{year}-01-01T00:00:00Z")["changed"] == 0
    plan = room("get_plan", MISSION, year=year, at=utc(year))
    assert (plan["state"], plan["adopted_at"], plan["endorsed_by"]) == ("in_force", deadline, SIX[:5])
    said = {p["entity"]: p for p in room("positions", year=year)["clearances"][0]["positions"]}
    assert (said["UNICEF"]["person"], said["UNICEF"]["on_behalf"], said["UNODC"]["tacit"]) == ("sec", True, True)

    room("report_progress", focal("ILO"), at=utc(year, 3), year=year, activity="demand", note="Drafted", milestones_met=["draft"])
    room("mark_delivered", at=utc(year, 10), year=year, activity="demand", deliverable="launch", note="In Vienna")
    publication = room.happen(documents.Published, published(year), at=utc(year, 10, 6))
    shown = room.eventually(
        lambda: (a := room("get_activity", year=year, activity="demand", at=utc(year, 11)))["status"] == "delivered" and a
    )
    assert shown["deliverables"][0]["evidence"]["document"] == "paper-2"
    closed = room("close_plan", year=year, at=utc(year + 1, 1, 15), foreword="All of it was done.")
    assert (closed["state"], closed["statuses"]) == ("closed", {"delivered": 1})
    kept = state(room, year)["state"]["annual_report"]
    assert (kept["foreword"], kept["total"]["delivered"]) == ("All of it was done.", 2)
    assert closed["report"] == digest_of(kept) == room("annual_report", MISSION, year=year, at=utc(year + 2))["digest"]

    events = room.history(f"plan/{year}")
    assert [event["sequence"] for event in events] == list(range(1, len(events) + 1))
    assert all(is_genuine(event) for event in events)
    by_name = {event["type"].split(".")[2]: event for event in events}
    # History says that silence adopted the plan, not whoever came next.
    assert (by_name["plan_adopted"]["actor"], by_name["plan_adopted"]["time"]) == ("platform", deadline)
    assert by_name["plan_adopted"]["data"]["digest"] == plan["digest"]
    assert by_name["deliverable_delivered"]["causationid"] == publication


# Every handler: delivered twice, and delivered after its successor


def test_a_composition_that_comes_twice_or_late_is_kept_once_and_never_goes_back(room, year):
    older, newer = next(room.sequence), next(room.sequence)
    room.happen(chairs.CompositionChanged, asdict(group("ICMPD")), at=utc(2019), sequence=newer, times=2)
    room.eventually(lambda: room.database.projections.find_one({"_id": "composition", "sequence": newer}))
    room.happen(chairs.CompositionChanged, asdict(group()), at=utc(2019), sequence=older, times=2)
    drafted(room, year)
    room("change_activity", year=year, activity="demand", lead="ICMPD", at=utc(year - 1, 11))
    time.sleep(0.5)
    room("change_activity", year=year, activity="demand", lead="ICMPD", objective="Still seated", at=utc(year - 1, 11))
    assert room.database.projections.count_documents({}) == 1
    room.quiet()
    refused = refusal(lambda: room("add_activity", year=year, title="x", lead="ICMPD", at=utc(year - 1, 11)))
    assert (refused.rule, refused.field) == ("lead-seated", "lead")


def test_a_term_opens_its_draft_once_in_whatever_order_it_is_told(room, year):
    room.happen(chairs.TermStarted, {"year": year, "chairs": ["IOM"]}, at=utc(year), times=2)
    room.happen(chairs.TermAdopted, {"year": year, "chairs": ["IOM"], "earlier": []}, at=utc(year - 1, 6), times=2)
    room.eventually(lambda: state(room, year)["state"])
    room.quiet()
    assert room.names(f"plan/{year}") == ["plan_opened"]
    refused = refusal(lambda: room("open_plan", year=year))
    assert (refused.kind, refused.rule) == ("conflict", "exists")


def test_a_term_told_after_its_plan_was_adopted_changes_nothing(room, year):
    adopted(room, year)
    before = state(room, year)
    room.happen(chairs.TermAdopted, {"year": year, "chairs": ["IOM"], "earlier": []}, at=utc(year - 1, 6), times=2)
    room.happen(chairs.TermStarted, {"year": year, "chairs": ["IOM"]}, at=utc(year), times=2)
    room.quiet()
    assert state(room, year) == before


def test_a_term_adopted_far_ahead_opens_no_draft_yet(room):
    room.happen(chairs.TermAdopted, {"year": 2090, "chairs": ["IOM"], "earlier": []}, at=utc(2050))
    room.quiet()
    assert state(room, 2090)["state"] is None


@pytest.mark.parametrize("event", [documents.Published, documents.StatementIssued])
def test_a_publication_told_twice_or_after_another_delivers_once(room, year, event):
    adopted(room, year)
    data = published(year) if event is documents.Published else issued(year)
    room.happen(event, data, at=utc(year, 10, 6), times=3)
    room.eventually(lambda: "deliverable_delivered" in room.names(f"plan/{year}"))
    room.quiet()
    before = state(room, year)
    room.happen(event, data | {"document": "another"}, at=utc(year, 9), times=2)
    room.quiet()
    assert room.names(f"plan/{year}").count("deliverable_delivered") == 1
    assert state(room, year) == before


def test_a_publication_told_after_the_plan_was_amended_and_closed_is_recorded(room, year):
    adopted(room, year)
    change = {"deliverables": [{"kind": "outcome", "title": "Another thing"}]}
    amend = {"year": year, "amendment": "a", "at": utc(year, 2)}
    plan = room("propose_amendment", focal("ILO"), kind="change", activity="demand", changes=change, reason="r", **amend)
    assert plan["amendments"][0]["after"]["deliverables"][0]["id"] == "d1"
    plan = room("open_amendment", by="silence", deadline=f"{year}-02-10T00:00:00Z", **amend)
    # The next order comes after the deadline, before any timer: the silence is heard first, as the clock's own deed.
    room("report_progress", year=year, activity="demand", note="n", at=utc(year, 3))
    assert [e["actor"] for e in room.history(f"plan/{year}")[-2:]] == ["platform", "sec"]
    assert room("get_plan", year=year)["digest"] == plan["amendments"][0]["digest"]
    room("close_plan", year=year, at=utc(year + 1))
    room.happen(documents.Published, published(year), at=utc(year, 10), times=2)
    room.eventually(lambda: "deliverable_delivered" in room.names(f"plan/{year}"))
    (dropped, _) = room("get_activity", year=year, activity="demand", at=utc(year + 1))["dropped"]
    assert (dropped["id"], dropped["delivered_at"]) == ("paper", f"{year}-10-01T00:00:00Z")


def test_a_publication_that_names_what_others_carry_out_delivers_nothing_and_leaves_no_dead_letter(room, year):
    adopted(room, year)
    before = state(room, year)
    room.happen(documents.Published, published(year, lead="UNHCR"), at=utc(year, 10, 6), times=2)
    room.quiet()
    assert state(room, year) == before
    room.happen(documents.Published, published(year, lead="ILO"), at=utc(year, 10, 7))
    room.eventually(lambda: "deliverable_delivered" in room.names(f"plan/{year}"))
    assert room.names(f"plan/{year}").count("deliverable_delivered") == 1


def test_a_publication_that_comes_before_its_plan_waits_for_it(room, year):
    room.happen(documents.Published, published(year), at=utc(year, 10, 6))
    room.happen(documents.Published, published(year, deliverable=None), at=utc(year, 10, 6))
    time.sleep(0.5)
    drafted(room, year)
    room.eventually(lambda: "deliverable_delivered" in room.names(f"plan/{year}"))


# Money, carrying over, import


def test_money_is_recorded_once_and_its_balance_is_the_groups_own(room, year):
    adopted(room, year)
    told = {"year": year, "activity": "demand", "donor": "Norway", "amount": "120000", "currency": "USD", "at": utc(year, 2)}
    ends = f"{year}-07-01T00:00:00Z"
    for _ in range(2):
        shown = room("secure_funding", focal("ILO"), id=f"money-{year}", ends=ends, **told)
    (money,) = shown["funding"]
    assert (money["amount"], money["ends"], money["person"], money["available"]) == ("120000.00", ends, "ilo.person", True)
    assert shown["balance"] == [{"currency": "USD", "needed": "0.00", "secured": "120000.00", "gap": "0.00"}]
    assert room("get_activity", MISSION, year=year, activity="demand")["funding"] == []
    (item,) = [i for i in room("awaiting", focal("IOM"), entity="IOM", at=utc(year, 6, 15))["items"] if i["kind"] == "funding_end"]
    assert item["deadline"] == ends
    ended = room("end_funding", year=year, activity="demand", funding=money["funding"], reason="Cut", at=utc(year, 3))
    assert (ended["funding"][0]["ended"]["reason"], ended["balance"]) == ("Cut", [])
    assert room.names(f"plan/{year}")[-2:] == ["funding_secured", "funding_ended"]


def carried(room: Room, year: int) -> dict:
    """What ``year`` leaves unfinished is carried over; the plan of the year after that."""
    following = next(YEARS)
    assert following == year + 1
    room("open_plan", year=following, at=utc(year, 11))
    return room("carry_over", focal("IOM"), year=year, at=utc(year, 12))


def test_what_is_carried_over_is_known_in_both_plans_and_once(room, year):
    adopted(room, year)
    plan = carried(room, year)
    (activity,) = plan["activities"]
    assert (activity["carried_from"], activity["milestones"][0]["due_reason"]) == (
        {"year": year, "activity": "demand"},
        f"Carried over from {year}.",
    )
    went_on = {"year": year + 1, "activity": "demand"}
    room.eventually(lambda: room("get_activity", year=year, activity="demand")["carried_to"] == went_on)
    assert room("carry_over", year=year, at=utc(year, 12))["version"] == plan["version"]
    (told,) = [e for e in room.history(f"plan/{year + 1}") if e["type"] == c.ActivityCarriedOver.type()]
    before = state(room, year)
    room.tell(told, times=2)
    room.quiet()
    assert state(room, year) == before
    assert room.names(f"plan/{year}").count("activity_continued") == 1


@pytest.mark.parametrize("published_first", [True, False])
def test_a_publication_delivers_in_both_plans_whichever_is_heard_first(room, year, published_first):
    """Carried over on 1 December, as of which the paper of 5 December is still owed; what is told of the one arrives before or
    after what is told of the other."""
    adopted(room, year)
    if not published_first:
        carried(room, year)
        room.eventually(lambda: "activity_continued" in room.names(f"plan/{year}"))
    room.happen(documents.Published, published(year), at=utc(year, 12, 5), times=2)
    room.eventually(lambda: "deliverable_delivered" in room.names(f"plan/{year}"))
    if published_first:
        carried(room, year)
    room.eventually(lambda: "deliverable_delivered" in room.names(f"plan/{year + 1}"))
    room.quiet()
    for names in (room.names(f"plan/{year}"), room.names(f"plan/{year + 1}")):
        assert names.count("deliverable_delivered") == 1
    paper = room("get_activity", year=year + 1, activity="demand")["deliverables"][0]
    assert (paper["id"], paper["evidence"]["document"]) == ("paper", "paper-2")


def test_an_import_is_checked_and_carried_out_whole_and_once(room, year):
    drafted(room, year)
    rows = [
        {"activity": "training", "title": "Training", "lead": "ILO", "depends_on": ["handbook"]},
        {"activity": "handbook", "title": "Handbook", "lead": "OHCHR", "milestones": [{"title": "M", "due": f"{year}-05-01T00:00:00Z"}]},
        {"activity": "demand", "objective": "Better said"},
    ]
    at = utc(year - 1, 11)
    bad = [*rows, {"activity": "x", "lead": "WB"}]
    before = state(room, year)
    checked = room("check_import", year=year, activities=bad, at=at)
    refused = refusal(lambda: room("import_plan", year=year, activities=bad, at=at))
    assert (refused.kind, refused.rule) == ("invalid", "import")
    assert [p["field"] for p in refused.extra["problems"]] == ["activities.3.title", "activities.3.lead"]
    assert checked["problems"] == refused.extra["problems"]
    assert state(room, year) == before
    told = {"year": year, "activities": rows, "at": at, "id": f"import-{year}"}
    first = room("import_plan", **told)
    assert (first["added"], first["changed"], first["unchanged"], first["problems"]) == (["training", "handbook"], ["demand"], [], [])
    better, *new = first["differences"]
    assert [(one["kind"], one["title"]) for one in new] == [("added", "Training"), ("added", "Handbook")]
    assert (better["title"], better["before"], better["after"]) == ("Paper on demand", {"objective": ""}, {"objective": "Better said"})
    assert room("import_plan", **told) == first
    assert room.names(f"plan/{year}")[-4:] == ["activity_added", "activity_added", "activity_changed", "plan_imported"]
    stale = {"digest": "0" * 64}
    again = room("import_plan", **told | stale | {"id": f"again-{year}"})
    assert (again["unchanged"], again["differences"], again["version"]) == (["training", "handbook", "demand"], [], first["version"])
    undoing = stale | {"year": year, "activities": [{"activity": "demand", "objective": "As before"}], "at": at}
    assert [p["rule"] for p in room("check_import", **undoing)["problems"]] == ["import-stale"]
    assert refusal(lambda: room("import_plan", **undoing)).extra["problems"][0]["field"] == "activities.0.activity"
    assert room("import_plan", **undoing | {"digest": room("get_plan", year=year, at=at)["digest"]})["changed"] == ["demand"]
    assert room("import_plan", **told) == first | {"version": first["version"] + 1}, "what it did then"


# Lost races


@pytest.fixture
def beside(room) -> Iterator[Callable[..., Any]]:
    """Another copy of the service, within the test: ``beside("add_activity", by, at=, id=, **payload)`` is carried out by it, on the
    same store. The room's own copy hears nothing of that, and begins its next change with the plan as it last wrote it."""
    store.connect(room.house.mongo_uri("workplan"))

    def carry_out(what: str, by: Actor = SECRETARIAT, /, *, at: datetime, id: str = "", **payload: Any) -> Any:
        contract = c.contract.commands[what]
        order = Order(id=id or uuid.uuid4().hex, by=by, at=at, data=load(contract, payload))
        return dump(contract.answer, getattr(service.Workplan, what)(None, order))

    yield carry_out
    mongoengine.disconnect()


def test_an_import_that_another_copy_carried_out_meanwhile_is_answered_as_that_one_did_it(room, beside, year):
    drafted(room, year)
    at = utc(year - 1, 11)
    by_hand = {"activity": "handbook", "title": "By hand", "lead": "ILO"}
    beside("add_activity", at=at, year=year, **by_hand)
    told = {"year": year, "at": at, "id": f"import-{year}", "activities": [{"activity": "handbook", "title": "Handbook", "lead": "ILO"}]}
    done = beside("import_plan", **told)
    assert (done["added"], done["changed"]) == ([], ["handbook"])
    assert room("import_plan", **told) == done, "of the plan as this copy knew it, the handbook would have been added"


def test_a_publication_that_another_copy_died_over_is_delivered_onward(room, beside, year):
    """UNHCR contributes since this copy last wrote the plan, as which its document would deliver nothing. The copy that knew of it
    delivered in the year's own plan, and was gone before it came to the next one's."""
    adopted(room, year)
    carried(room, year)
    room.eventually(lambda: "activity_continued" in room.names(f"plan/{year}"))
    at = utc(year, 12, 2)
    joins = {
        "amendment": "joins",
        "kind": "change",
        "activity": "demand",
        "reason": "UNHCR joins",
        "changes": {"contributors": ["ILO", "UNHCR"]},
    }
    beside("propose_amendment", at=at, year=year, **joins)
    plan = beside("open_amendment", at=at, year=year, amendment="joins", by="express")
    (amendment,) = plan["amendments"]
    for entity in SIX:
        word = {"digest": amendment["digest"], "word": "endorse", "amendment": "joins"}
        beside("take_position", focal(entity), at=at, year=year, **word)
    paper, sequence = published(year, lead="UNHCR"), next(room.sequence)
    event = f"documents:documents/1/{sequence}"
    with pytest.MonkeyPatch.context() as dying:
        dying.setattr(service, "deliver_onward", lambda *_: None)
        heard = Arrived(id=event, by=SYSTEM_ACTOR, at=utc(year, 12, 5), data=documents.Published.read(documents.Published.publish(paper)))
        service.deliver(heard, "kind", "number")
    assert room.happen(documents.Published, paper, at=utc(year, 12, 5), sequence=sequence) == event
    room.eventually(lambda: "deliverable_delivered" in room.names(f"plan/{year + 1}"))
    assert room.names(f"plan/{year}").count("deliverable_delivered") == 1


# What was seen


def test_what_one_was_shown_of_a_plan_is_shown_to_no_other_and_turns_at_the_instant(room, year):
    adopted(room, year)
    due, moment = utc(year, 4), timedelta(milliseconds=1)
    room("report_progress", focal("IOM"), year=year, activity="demand", note="A frank note", at=utc(year, 2))

    def shown(by: Actor, at: datetime) -> tuple:
        (activity,) = room("get_plan", by, year=year, at=at)["activities"]
        return activity["status"], activity["milestones"][0]["late"], [note["note"] for note in activity["progress"]]

    for _ in range(2):  # each is asked after all the others
        for by, notes in ((focal("ILO"), ["A frank note"]), (MISSION, []), (SECRETARIAT, ["A frank note"]), (focal("NEVER"), [])):
            assert shown(by, utc(year, 3)) == ("under_way", False, notes)
            assert shown(by, due) == ("under_way", False, notes)
            assert shown(by, due + moment) == ("late", True, notes)
    room("report_progress", focal("IOM"), year=year, activity="demand", note="Done", milestones_met=["draft"], at=due + moment)
    assert shown(MISSION, due + moment) == ("under_way", False, [])
    assert shown(focal("ILO"), due + moment) == ("under_way", False, ["A frank note", "Done"])


# What is told to others


def test_a_briefing_is_one_calendar_entry_and_told_once(room):
    told = {
        "briefing": f"b-{uuid.uuid4().hex[:6]}",
        "title": "Consultation with permanent missions",
        "kind": "consultation",
        "starts_at": "2015-01-22T15:00:00Z",
        "ends_at": "2015-01-22T18:00:00Z",
        "place": "New York",
        "agenda": ["Activities in 2015"],
        "papers": [{"title": "Plan", "url": "/workplans/2014"}],
    }
    at, id = utc(2014, 12), told["briefing"]
    for _ in range(2):
        answer = room("announce_briefing", id=f"order-{id}", at=at, **told)
        assert (answer["revision"], answer["version"], answer["state"]) == (0, 1, "announced")
    refused = refusal(lambda: room("announce_briefing", at=at, **told))
    assert (refused.kind, refused.rule) == ("conflict", "exists")
    assert room("change_briefing", briefing=id, place="Geneva", at=at, expected=1)["revision"] == 1
    assert refusal(lambda: room("change_briefing", briefing=id, place="Vienna", at=at, expected=1)).kind == "stale"
    assert refusal(lambda: room("cancel_briefing", MISSION, briefing=id, reason="r", at=at)).rule == "chair-only"
    assert room("cancel_briefing", briefing=id, reason="Snow", at=at)["state"] == "cancelled"
    assert room("get_briefing", MISSION, briefing=id)["uid"] == answer["uid"]
    assert id in [b["briefing"] for b in room("briefings", MISSION, limit=200)["items"]]
    events = room.history(f"briefing/{id}")
    assert [(e["type"].split(".")[2], e["data"]["revision"]) for e in events] == [
        ("briefing_announced", 0),
        ("briefing_changed", 1),
        ("briefing_cancelled", 2),
    ]
    room.eventually(lambda: room("status")["pending"] == 0)


def test_an_order_given_twice_is_carried_out_once(room, year):
    adopted(room, year)
    told = {"year": year, "activity": "demand", "note": "Once", "at": utc(year, 2)}
    first = room("report_progress", id=f"again-{year}", **told)
    assert room("report_progress", id=f"again-{year}", **told) == first
    assert [note["note"] for note in first["progress"]] == ["Once"]
    made = room("announce_briefing", id=f"made-{year}", at=utc(2014), **briefing())
    assert room("announce_briefing", id=f"made-{year}", at=utc(2014), **briefing())["briefing"] == made["briefing"]


def test_a_briefing_shows_how_many_come_by_the_newest_that_was_told(room):
    id = f"b-{uuid.uuid4().hex[:6]}"
    room("announce_briefing", briefing=id, at=utc(2014), capacity=5, reply_by="2014-02-01T00:00:00Z", **briefing())
    assert room("get_briefing", MISSION, briefing=id)["coming"] is None
    replied = {"briefing": id, "subscriber": "BRAZIL", "attending": "yes", "people": 2, "place": "given"}
    given = {"briefing": id, "title": "B", "starts_at": utc(2014, 6), "subscriber": "PERU", "people": 1, "coming": 3}
    room.happen(notifications.PlaceGiven, given, sequence=12, subject=f"attendance/{id}")
    room.happen(notifications.BriefingReplied, replied | {"coming": 2}, sequence=11, subject=f"attendance/{id}", times=2)
    room.quiet()
    assert room("get_briefing", MISSION, briefing=id)["coming"] == 3
    assert {b["briefing"]: b["coming"] for b in room("briefings", limit=200)["items"]}[id] == 3
    changed = room("change_briefing", briefing=id, capacity=None, reply_by=None, at=utc(2014, 1, 2))
    assert (changed["capacity"], changed["reply_by"], changed["coming"]) == (None, None, 3)
    assert room("change_briefing", briefing=id, capacity=9, at=utc(2014, 1, 2))["reply_by"] is None
    late = refusal(lambda: room("change_briefing", briefing=id, reply_by="2014-01-01T00:00:00Z", at=utc(2014, 1, 2)))
    assert (late.field, late.rule) == ("reply_by", "briefing-reply-by")


def briefing() -> dict:
    times = {"starts_at": "2015-01-22T15:00:00Z", "ends_at": "2015-01-22T18:00:00Z"}
    return {"title": "B", "kind": "briefing", "place": "Geneva"} | times


def test_positions_taken_at_once_are_all_heard_and_adopt_once(room, year):
    drafted(room, year)
    room("open_consultation", year=year, at=utc(year - 1, 11))
    digest = room("open_adoption", year=year, by="express", at=utc(year - 1, 12))["digest"]

    def speak(entity: str):
        return room("take_position", focal(entity), at=utc(year - 1, 12, 2), year=year, digest=digest, word="endorse")

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(speak, SIX))
    names = room.names(f"plan/{year}")
    assert (names.count("position_taken"), names.count("plan_adopted")) == (6, 1)


def test_two_copies_hear_a_silence_once(room, year):
    drafted(room, year)
    room("open_consultation", year=year, at=utc(year - 1, 11))
    deadline = f"{year - 1}-12-10T00:00:00Z"
    room("open_adoption", year=year, by="silence", deadline=deadline, at=utc(year - 1, 12))
    with room.second_copy(ICAT_REHEARSAL="1") as copy, ThreadPoolExecutor(8) as pool:
        room.eventually(lambda: room.copies() == 2)
        list(pool.map(lambda _: room("tick", to=f"{year - 1}-12-11T00:00:00Z"), range(8)))
    assert copy.returncode == 0
    assert room.names(f"plan/{year}").count("plan_adopted") == 1


def test_pages_of_plans_and_what_missions_see_of_them(room, year):
    adopted(room, year)
    drafted(room, next(YEARS))
    seen, after = [], None
    while True:
        page = room("plans", limit=2, after=after)
        seen += page["items"]
        if (after := page["next"]) is None:
            break
    assert [p["year"] for p in seen] == sorted((p["year"] for p in seen), reverse=True)
    assert {"draft", "in_force"} <= {p["state"] for p in seen}
    shown = room("plans", MISSION, limit=200)["items"]
    assert shown
    assert {p["state"] for p in shown} <= {"in_force", "closed"}
    assert refusal(lambda: room("plans", after="nonsense")).field == "after"


# Bad input


@pytest.mark.parametrize(
    ("what", "payload", "kind", "field"),
    [
        ("add_activity", {"title": "x", "lead": "IOM", "paragraphs": [62]}, "invalid", "paragraphs.0"),
        ("add_activity", {"title": "x", "lead": "WB"}, "invalid", "lead"),
        ("add_activity", {"title": "x", "lead": "IOM", "activity": "demand"}, "invalid", "activity"),
        ("add_activity", {"title": "x", "lead": "IOM", "milestones": [{"title": "m", "due": "1999-01-01T00:00:00Z"}]}, "invalid",
         "milestones.0.due"),
        ("add_activity", {"title": "x", "lead": "IOM", "milestones": [{"title": "m", "due": "soon"}]}, "invalid", "milestones.0.due"),
        ("add_activity", {"title": "x", "lead": "IOM", "budget": 3}, "invalid", "budget"),
        ("open_adoption", {"by": "express"}, "conflict", None),
        ("take_position", {"digest": "0" * 64, "word": "endorse", "on_behalf_of": "IOM", "letter": "l"}, "conflict", None),
        ("change_activity", {"activity": "nothing", "title": "x"}, "not_found", "activity"),
        ("close_plan", {"foreword": "f"}, "conflict", None),
        ("change_activity", {"activity": "demand", "depends_on": ["demand"]}, "invalid", "depends_on.0"),
        ("change_activity", {"activity": "demand", "depends_on": ["x"]}, "invalid", "depends_on.0"),
        ("change_activity", {"activity": "demand", "needs": [{"purpose": "p", "amount": "5", "currency": "EUX"}]}, "invalid",
         "needs.0.currency"),
        ("secure_funding", {"activity": "demand", "donor": "N", "amount": "5", "currency": "USD", "ends": "2010-01-01T00:00:00Z"},
         "invalid", "ends"),
        ("secure_funding", {"activity": "demand", "donor": "N", "amount": "5,000", "currency": "USD"}, "invalid", "amount"),
        ("end_funding", {"activity": "demand", "funding": "f", "reason": "r"}, "not_found", "funding"),
        ("import_plan", {"activities": [{"activity": "demand", "paragraphs": [1]}, {"activity": "new"}]}, "invalid", "activities"),
        ("import_plan", {"activities": [{"activity": "demand", "paragraphs": [62]}]}, "invalid", "activities.0.paragraphs.0"),
        ("sing", {}, "not_found", None),
    ],
)  # fmt: skip
def test_bad_input_is_refused_and_changes_nothing(room, year, what, payload, kind, field):
    drafted(room, year)
    before = state(room, year)
    refused = refusal(lambda: room(what, year=year, at=utc(year - 1, 11), **payload))
    assert (refused.kind, refused.field) == (kind, field)
    assert refused.rule
    assert state(room, year) == before


def test_activities_are_listed_by_lead_status_and_pillar(room, year):
    adopted(room, year)
    june = utc(year, 6)

    def listed(by=SECRETARIAT, **chosen) -> list[str]:
        answer = room("activities", by, year=year, at=june, **chosen)
        assert answer["as_of"] == written(june)
        return [it["activity"] for it in answer["items"]]

    assert listed() == listed(MISSION) == listed(lead="IOM", status="late", pillar="prevention") == ["demand"]
    assert listed(lead="ILO") == listed(status="planned") == listed(pillar="protection") == []
    (item,) = room("activities", year=year, at=june)["items"]
    assert item == room("get_plan", year=year, at=june)["activities"][0]
    assert refusal(lambda: room("activities", year=year, status="tardy")).field == "status"


def test_late_and_stale_positions_are_refused(room, year):
    drafted(room, year)
    room("open_consultation", year=year, at=utc(year - 1, 11))
    deadline = f"{year - 1}-12-10T00:00:00Z"
    plan = room("open_adoption", year=year, by="silence", deadline=deadline, at=utc(year - 1, 12))
    word = {"year": year, "word": "object", "reasons": "r"}
    stale = refusal(lambda: room("take_position", focal("ILO"), digest="0" * 64, at=utc(year - 1, 12, 2), **word))
    assert (stale.kind, stale.field, stale.accepted) == ("stale", "digest", plan["digest"])
    late = refusal(lambda: room("take_position", focal("ILO"), digest=plan["digest"], at=utc(year - 1, 12, 10), **word))
    assert (late.kind, late.rule) == ("too_late", "clearance-deadline")
    assert "position_taken" not in room.names(f"plan/{year}")


def test_a_mission_learns_nothing_of_a_draft_by_any_question_or_order(room, year):
    drafted(room, year)
    for what, payload in {
        "get_plan": {},
        "activities": {"lead": "OHCHR"},
        "get_activity": {"activity": "demand"},
        "check_import": {"activities": []},
        "import_plan": {"activities": []},
        "secure_funding": {"activity": "demand", "donor": "N", "amount": "5", "currency": "USD"},
        "positions": {},
        "baseline": {},
        "coverage": {},
        "change_activity": {"activity": "demand", "title": "x"},
        "take_position": {"digest": "0" * 64, "word": "endorse"},
    }.items():
        for expected in (None, 77):
            answer = refusal(lambda what=what, payload=payload, expected=expected: room(
                what, MISSION, year=year, expected=expected, at=utc(year - 1, 12), **payload
            ))  # fmt: skip
            absent = refusal(lambda what=what, payload=payload: room(what, MISSION, year=2095, at=utc(2094), **payload))
            assert (answer.kind, answer.rule) == (absent.kind, absent.rule) == ("not_found", "exists"), what
            assert answer.detail.replace(str(year), "2095") == absent.detail, what
            # The role of a focal point opens nothing either, to one whose entity is no member.
            outside = refusal(lambda what=what, payload=payload: room(what, focal("NEVER"), year=year, **payload))
            assert (outside.kind, outside.rule, outside.detail) == (answer.kind, answer.rule, answer.detail), what
    assert room("plans", focal("NEVER"), limit=200)["items"] == room("plans", MISSION, limit=200)["items"]
    open_again = refusal(lambda: room("open_plan", MISSION, year=year))
    assert (open_again.kind, open_again.rule) == ("not_allowed", "chair-only")
    assert refusal(lambda: room("awaiting", MISSION, entity="IOM")).rule == "own-entity"


def test_every_order_and_question_of_the_contract_is_served(room):
    for name in c.contract.commands:
        refused = refusal(lambda name=name: room(name, unknown_field=1))
        assert "unknown_field" in [error["field"] for error in refused.extra["errors"]], name
