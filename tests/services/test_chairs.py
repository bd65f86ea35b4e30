"""Chairs as a real process on a real broker and store: asked as the gateway asks, beside the other three services."""

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest

from contracts import chairs as c
from contracts import documents, workplan
from contracts.envelope import is_genuine
from services.kernel import Composition, Refusal, utc
from tests.services.room import MISSION, SECRETARIAT, Room, focal, refusal

SIX = ["ILO", "IOM", "OHCHR", "UNHCR", "UNICEF", "UNODC"]
NOVEMBER_2013 = utc(2013, 11, 4)


class Chairs(Room):
    """The room of chairs, and what its tests ask of it again and again."""

    @property
    def version(self) -> int:
        return self("overview")["version"]

    def told(self, name: str) -> list[dict[str, Any]]:
        """All events of this name in the journal, in their order, once the relay has sent all there are."""
        self.eventually(lambda: self("status")["pending"] == 0)
        found = self.database["journal"].find({"type": f"icat.chairs.{name}.v1"}).sort("sequence", 1)
        return [entry["event"] for entry in found]

    def dossier(self, year: int, at: datetime) -> dict[str, str]:
        """What is open, by kind and id, each with its state."""
        return {f"{matter['kind']}/{matter['id']}": matter["state"] for matter in self("handover", year=year, at=at)["dossier"]}

    def forget(self) -> None:
        """Chairs begins anew; the other services go on with what they heard."""
        self.eventually(lambda: self("status")["pending"] == 0)
        for collection in ("groups", "journal", "matters"):
            self.database[collection].delete_many({})

    def enter(self) -> None:
        """The six are seated, and the order for four years is adopted."""
        for code in SIX:
            self("register_entity", code=code, names={"en": code})
            self("start_membership", entity=code, since="2010-01-01T00:00:00Z", source="001 ¶31")
            self("take_seat", entity=code, since="2010-01-01T00:00:00Z", source="000 ¶28")
        order = zip((2014, 2015, 2016, 2017), ("IOM", "UNHCR", "ILO", "UNODC"), strict=True)
        self("adopt_rota", turns=[{"year": year, "chairs": [code]} for year, code in order], decision="minutes")


@pytest.fixture(scope="module")
def house_room(platform, eventually) -> Iterator[Chairs]:
    room = Chairs(platform, eventually, "chairs", at=NOVEMBER_2013)
    yield room
    room.close()


@pytest.fixture
def room(house_room: Chairs) -> Chairs:
    house_room.forget()
    house_room.enter()
    return house_room


def test_before_anything_is_entered_every_question_has_its_answer(house_room):
    house_room.forget()
    nothing = house_room("overview", MISSION)
    assert (nothing["version"], nothing["members"], nothing["chairs"], nothing["term"]) == (0, [], [], None)
    for question in ("entities", "members", "seats", "terms", "awaiting"):
        assert house_room(question)["items"] == []
    assert house_room("history", MISSION)["entities"] == []
    assert house_room("get_group")["terms"] == {}
    assert [turn["chairs"] for turn in house_room("rota", years=2)["turns"]] == [[], []]


def test_every_command_and_question(room):
    ilo, unhcr = focal("ILO"), focal("UNHCR")
    assert room("propose_rota", first_year=2016, years=2)["tabled"]["turns"] == [
        {"year": 2016, "chairs": ["ILO"]},
        {"year": 2017, "chairs": ["OHCHR"]},
    ]
    assert room("accept_term", focal("IOM"), year=2014, entity="IOM")["turns"][0]["accepted"] == ["IOM"]
    declined = room("decline_term", unhcr, year=2015, entity="UNHCR")["turns"]
    assert [turn["chairs"] for turn in declined[:4]] == [["IOM"], ["ILO"], ["UNHCR"], ["UNODC"]]
    asked = [room("propose_swap", ilo, entity="ILO", year=2015, with_entity="UNHCR", with_year=2016)["swaps"][-1]]
    assert [item["what"] for item in room("awaiting", unhcr)["items"]] == ["agree_swap", "accept_term"]
    room("refuse_swap", unhcr, swap=asked[0]["swap"])
    asked.append(room("propose_swap", ilo, entity="ILO", year=2015, with_entity="UNHCR", with_year=2016)["swaps"][-1])
    agreed = room("agree_swap", unhcr, swap=asked[1]["swap"])
    assert [swap["state"] for swap in agreed["swaps"]] == ["refused", "agreed"]
    room("co_chair", ilo, year=2016, entity="ILO", with_entity="OHCHR")
    room("co_chair", focal("OHCHR"), year=2016, entity="OHCHR", with_entity="ILO")
    assert room("tick", to="2015-03-01T00:00:00Z")["changed"] == 1
    march = utc(2015, 3)
    room("step_down", unhcr, at=march, year=2015, entity="UNHCR")
    assert room("overview", MISSION, at=march)["troika"] == {
        "outgoing": ["IOM"],
        "serving": ["ILO", "OHCHR"],
        "incoming": ["ILO", "OHCHR"],
    }
    assert room("overview", MISSION, at=march, as_of="2015-02-28T23:59:59Z")["chairs"] == ["UNHCR"]
    left = room("give_up_seat", unhcr, at=march, entity="UNHCR")
    assert "UNHCR" not in left["seated"]
    assert "UNHCR" not in room("end_membership", at=march, entity="UNHCR")["members"]
    room("record_term", at=march, year=2013, nobody_knows=True)
    terms = room("terms", MISSION, at=march, limit=2)
    assert [(t["year"], t["state"]) for t in terms["items"]] == [(2013, "unknown"), (2014, "ended")]
    assert room("terms", MISSION, at=march, after=terms["next"])["items"][0]["year"] == 2015
    assert [s["entity"] for s in room("seats", at=march)["items"]] == [code for code in SIX if code != "UNHCR"]
    assert len(room("seats", at=march, history=True)["items"]) == 6
    assert len(room("members", at=march, as_of="2014-01-01T00:00:00Z")["items"]) == 6
    assert [e["code"] for e in room("entities", limit=1, after="ILO")["items"]] == ["IOM"]
    assert room("rota", MISSION, at=march)["turns"][0]["chairs"] == ["ILO", "OHCHR"]
    assert [turn["year"] for turn in room("rota", at=march, as_of="2018-05-01T00:00:00Z", years=2)["turns"]] == [2019, 2020]
    history = room("history", MISSION, at=march, years=1)
    assert [(term["year"], term["state"]) for term in history["terms"]] == [
        (2013, "unknown"),
        (2014, "ended"),
        (2015, "begun"),
        (2016, "adopted"),
    ]
    assert {record["entity"]: record["chaired"] for record in history["entities"]}["ILO"] == [2015]
    assert history["version"] == room("overview", at=march)["version"]
    for state in (room("get_group", SECRETARIAT, at=march), room.told("composition_changed")[-1]["data"]):
        known = c.composition_from(state)
        assert isinstance(known, Composition)
        assert known.chairs(march) == ["ILO", "OHCHR"]
        assert known.terms["2016"].accepted == ["ILO", "OHCHR"]


def test_an_order_given_again_happens_once_also_at_the_same_time(room):
    before = room.version
    named = {"code": "WB", "names": {"en": "World Bank"}}
    with ThreadPoolExecutor(8) as threads:
        versions = {answer["version"] for answer in threads.map(lambda _: room("register_entity", id="wb", **named), range(8))}
    assert versions == {before + 1}
    with pytest.raises(Refusal, match="registered already"):
        room("register_entity", **named)
    assert len([event for event in room.told("entity_registered") if event["data"]["code"] == "WB"]) == 1


def test_many_at_once_each_count_once(room):
    before, codes = room.version, [f"E{n}" for n in range(12)]
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda code: room("register_entity", code=code, names={"en": code}), codes))
    assert room.version == before + 12
    assert {entity["code"] for entity in room("entities", limit=200)["items"]} == {*SIX, *codes}


@pytest.mark.parametrize(
    ("command", "payload", "by", "kind", "rule", "field"),
    [
        ("take_seat", {"entity": "IOM", "colour": "blue"}, SECRETARIAT, "invalid", "contract", "colour"),
        ("take_seat", {"entity": "iom"}, SECRETARIAT, "invalid", "contract", "entity"),
        ("take_seat", {"entity": "IOM"}, focal("IOM"), "conflict", "seat-overlap", "since"),
        ("take_seat", {"entity": "IOM"}, focal("ILO"), "not_allowed", "own-entity", None),
        ("start_membership", {"entity": "WB"}, SECRETARIAT, "invalid", "entity-known", "entity"),
        ("record_term", {"year": 2014, "chairs": ["ILO"], "source": "x"}, SECRETARIAT, "too_early", "record-past", "year"),
        ("record_term", {"year": "MMXIV"}, SECRETARIAT, "invalid", "contract", "year"),
        ("adopt_rota", {"turns": [{"year": 2013, "chairs": ["ILO"]}]}, SECRETARIAT, "too_late", "begun-term", "turns.0.year"),
        ("adopt_rota", {"turns": [{"year": 2014, "chairs": ["ILO"]}]}, MISSION, "not_allowed", "secretariat-only", None),
        ("decline_term", {"year": 2015, "entity": "ILO"}, focal("ILO"), "conflict", "own-term", "year"),
        ("accept_term", {"year": 2014, "entity": "IOM"}, SECRETARIAT, "invalid", "on-behalf-letter", "letter"),
        ("agree_swap", {"swap": "swap-1"}, MISSION, "not_found", "exists", None),
        ("step_down", {"year": 2014, "entity": "IOM"}, focal("IOM"), "too_early", "step-down-in-term", "year"),
        ("awaiting", {"entity": "IOM"}, MISSION, "not_allowed", "own-entity", None),
        ("handover", {"year": 2014}, MISSION, "not_found", "exists", None),
        ("note_handover", {"year": 2015, "text": "x"}, MISSION, "not_found", "exists", None),
        ("note_handover", {"year": 2015, "text": "x"}, focal("OHCHR"), "not_allowed", "handover-note", None),
        ("sign_handover", {"year": 2015, "entity": "IOM", "digest": "0" * 64}, MISSION, "not_found", "exists", None),
        ("sign_handover", {"year": 2015, "entity": "IOM", "digest": "0" * 64}, focal("IOM"), "too_early", "handover-opens", "year"),
        ("sign_handover", {"year": 2015, "entity": "IOM", "digest": "0"}, focal("IOM"), "invalid", "contract", "digest"),
        ("seize_power", {}, SECRETARIAT, "not_found", "command", None),
    ],
)
def test_what_may_not_be_is_explained_and_changes_nothing(house_room, command, payload, by, kind, rule, field):
    room = house_room
    if room.version == 0:
        room.enter()
    before = room("get_group")
    refused = refusal(lambda: room(command, by, **payload))
    assert (refused.kind, refused.rule, refused.field) == (kind, rule, field)
    assert room("get_group") == before


def test_who_saw_an_older_version_is_told(room):
    refused = refusal(lambda: room("accept_term", focal("IOM"), expected=3, year=2014, entity="IOM"))
    assert (refused.kind, refused.accepted) == ("stale", f'"{room.version}"')
    room("accept_term", focal("IOM"), expected=room.version, year=2014, entity="IOM")


def test_the_clock_is_the_secretariats_even_in_rehearsal(room):
    with pytest.raises(Refusal, match="secretariat"):
        room("tick", focal("IOM"), to="2016-01-01T00:00:00Z")
    assert room("overview", at=utc(2013, 12))["chairs"] == []


def test_a_term_starts_once_however_many_look_at_the_clock(room):
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: room("tick", to="2014-01-01T00:00:00Z"), range(16)))
    assert [(e["data"]["year"], e["time"]) for e in room.told("term_started")] == [(2014, "2014-01-01T00:00:00Z")]


def test_two_copies_that_wake_years_late_start_each_term_and_remind_once_and_date_it_right(room):
    """The platform was down over several New Years; two copies come back at the same time, with the real clock."""
    with room.stopped(), room.second_copy(), room.second_copy():
        room.eventually(lambda: room.database.groups.find_one({"_id": "icat", "due": None}))
    started = room.told("term_started")
    assert [(e["data"]["year"], e["time"]) for e in started] == [(y, f"{y}-01-01T00:00:00Z") for y in (2014, 2015, 2016, 2017)]
    ended = room.told("term_ended")
    assert [(e["data"]["year"], e["time"]) for e in ended] == [(y, f"{y + 1}-01-01T00:00:00Z") for y in (2014, 2015, 2016, 2017)]
    assert [e["data"]["year"] for e in room.told("term_missed")] == [2018]
    assert {e["actor"] for e in started + ended} == {"platform"}
    reminded = [(e["data"]["year"], e["data"]["days"], e["time"]) for e in room.told("handover_reminded")]
    days = {90: "10-03", 30: "12-02", 7: "12-25"}
    assert reminded == [
        (year, left, f"{year - 1}-{days[left]}T00:00:00Z" if left else f"{year}-01-01T00:00:00Z")
        for year in (2015, 2016, 2017, 2018)
        for left in (90, 30, 7, 0)
    ]
    escalated = [(e["data"]["year"], e["time"]) for e in room.told("handover_escalated")]
    assert escalated == [(year, f"{year}-01-01T00:00:00Z") for year in (2015, 2016, 2017, 2018)]


def test_a_restart_at_the_boundary_starts_the_term_and_reminds_once(room):
    """Killed while its clock acts, in each of two New Years; whether it had written by then or not, the next look finishes it."""
    for year in (2014, 2015):
        with ThreadPoolExecutor(1) as thread:
            looked = thread.submit(room, "tick", to=f"{year}-01-01T00:00:00Z")
            room.kill()
            with contextlib.suppress(Refusal):
                looked.result()
        room("tick", to=f"{year}-01-01T00:00:00Z")
    assert [(e["data"]["year"], e["time"]) for e in room.told("term_started")] == [(y, f"{y}-01-01T00:00:00Z") for y in (2014, 2015)]
    assert [(e["data"]["year"], e["data"]["days"]) for e in room.told("handover_reminded")] == [(2015, days) for days in (90, 30, 7, 0)]


LAST_OF_2014 = utc(2014, 11, 3)
CLOSED = {"digest": "a" * 64, "statuses": {}, "foreword": "", "report": "b" * 64}


def briefing(starts: datetime) -> dict[str, Any]:
    return {
        "briefing": "may",
        "uid": "may@icat",
        "revision": 0,
        "title": "In May",
        "kind": "consultation",
        "starts_at": starts,
        "ends_at": starts.replace(hour=18),
        "place": "Vienna",
        "on_margins_of": "",
        "agenda": [],
        "papers": [],
        "pillars": [],
    }


def test_the_dossier_fills_itself_from_events_that_come_twice_late_and_out_of_order(room):
    room("tick", to="2014-11-01T00:00:00Z")
    plan, remedies, may, geneva = (
        {"subject": subject, "at": utc(2014, 2)} for subject in ("plan/2014", "document/remedies", "briefing/may", "meeting/geneva")
    )
    paper, study = ({"year": 2014, "activity": name, "title": name.capitalize()} for name in ("paper", "study"))
    substance = {"deliverables": [{"due": "2014-12-01T00:00:00Z"}], "milestones": []}
    whole = {"pillars": [], "substance": substance, "digest": "a" * 64}
    progress = {"note": "n", "milestones_met": [], "status": "under_way"}
    room.happen(workplan.ActivityProgressed, paper | progress, **plan, sequence=4, times=2)
    room.happen(workplan.ActivityAdded, paper | whole | {"lead": "ILO"}, **plan, sequence=2, times=3)
    room.happen(workplan.ActivityCancelled, study | {"reason": "r", "digest": "a" * 64}, **plan, sequence=5)
    room.happen(workplan.ActivityAdded, study | whole | {"lead": "IOM"}, **plan, sequence=3, times=2)
    notes = {"document": "remedies", "title": "Remedies", "kind": "issue_paper"}
    round_ends, proposed = utc(2014, 12, 1, 16), {"lead": "IOM", "co_drafters": [], "deliverable": None}
    room.happen(documents.CommentRoundOpened, notes | {"number": 2, "deadline": round_ends}, **remedies, sequence=7)
    room.happen(documents.Proposed, notes | proposed, **remedies, sequence=1, times=2)
    room.happen(documents.CommentRoundClosed, notes | {"number": 1, "comments": 3}, **remedies, sequence=5)
    moved = {"before": {}, "reason": "The room is taken"}
    room.happen(workplan.BriefingChanged, briefing(utc(2014, 11, 20, 9)) | moved, **may, sequence=2, times=2)
    room.happen(workplan.BriefingAnnounced, briefing(utc(2014, 10, 20, 9)), **may, sequence=1, times=2)
    action = {"meeting": "geneva", "title": "In Geneva", "action": "a1", "what": "Send it", "owner": "IOM", "due": utc(2014, 12, 9)}
    room.happen(workplan.ActionCompleted, action | {"note": "Sent"}, **geneva, sequence=9)
    room.happen(workplan.ActionAssigned, action, **geneva, sequence=8, times=2)
    room.happen(workplan.ActionAssigned, action | {"action": "a2"}, **geneva, sequence=10)
    filled = {
        "briefing/may": "announced",
        "activity/2014/paper": "under_way",
        "document/remedies": "comment_round",
        "action_item/geneva/a2": "assigned",
    }
    room.eventually(lambda: room.dossier(2015, LAST_OF_2014) == filled)
    told = [  # soonest due first
        ("briefing", None, "2014-11-20T09:00:00Z"),
        ("activity", "ILO", "2014-12-01T00:00:00Z"),
        ("document", "IOM", "2014-12-01T16:00:00Z"),
        ("action_item", "IOM", "2014-12-09T00:00:00Z"),
    ]
    room.eventually(lambda: [(m["kind"], m["lead"], m["due"]) for m in room("handover", year=2015, at=LAST_OF_2014)["dossier"]] == told)
    del filled["briefing/may"]
    assert room.dossier(2015, utc(2014, 11, 20, 18)) == filled, "a briefing that was held is no longer open"
    room.happen(workplan.PlanClosed, CLOSED | {"year": 2014}, **plan, sequence=20)
    room.happen(workplan.ActivityAdded, study | whole | {"lead": "IOM"}, **plan, sequence=3)
    room.eventually(lambda: "activity/2014/paper" not in room.dossier(2015, LAST_OF_2014))
    assert "activity/2014/study" not in room.dossier(2015, LAST_OF_2014)


def test_the_handover_is_signed_by_both_sides_on_what_it_said(room):
    room("tick", to="2014-11-01T00:00:00Z")
    at, iom, unhcr = LAST_OF_2014, focal("IOM"), focal("UNHCR")
    room("note_handover", iom, at=at, year=2015, text="The room in Vienna is booked for May.")
    shown = room("handover", focal("OHCHR"), at=at, year=2015)
    assert (shown["state"], shown["outgoing"], shown["incoming"], shown["unsigned"]) == ("open", ["IOM"], ["UNHCR"], ["IOM", "UNHCR"])
    assert [reminder["sent"] for reminder in shown["reminders"]] == [True, False, False, False]
    assert "sign_handover" in [item["what"] for item in room("awaiting", iom, at=at)["items"]]
    signed = room("sign_handover", iom, at=at, id="signed", year=2015, entity="IOM", digest=shown["digest"])
    assert room("sign_handover", iom, at=at, id="signed", year=2015, entity="IOM", digest=shown["digest"]) == signed
    assert signed["unsigned"] == ["UNHCR"]
    room.happen(workplan.ConsultationOpened, {"year": 2015, "digest": "a" * 64, "again": False}, subject="plan/2015", sequence=2, at=at)
    room.eventually(lambda: room.dossier(2015, at) == {"plan/2015": "consultation"})
    stale = refusal(lambda: room("sign_handover", unhcr, at=at, year=2015, entity="UNHCR", digest=shown["digest"]))
    assert (stale.kind, stale.field) == ("stale", "digest")
    both = room("sign_handover", unhcr, at=at, year=2015, entity="UNHCR", digest=stale.accepted)
    assert (both["state"], [signature["current"] for signature in both["signatures"]]) == ("signed", [False, True])
    (completed,) = room.told("handover_completed")
    assert completed["data"] == {"year": 2015, "outgoing": ["IOM"], "incoming": ["UNHCR"], "late": False}
    room("tick", to="2015-01-01T00:00:00Z")
    assert room.told("handover_escalated") == []
    assert both["signed"] == [{"digest": shown["digest"], "dossier": [], "notes": shown["notes"]}]
    room.happen(workplan.PlanClosed, CLOSED | {"year": 2015}, subject="plan/2015", sequence=3, at=utc(2015, 11))
    room.eventually(lambda: room.dossier(2016, utc(2015, 12)) == {})
    frozen = {"digest": stale.accepted, "dossier": both["dossier"], "notes": both["notes"], "signed": both["signed"]}
    with room.stopped():
        pass
    years_later = room("handover", at=utc(2016, 6), year=2015)
    assert {name: years_later[name] for name in frozen} == frozen
    assert [matter["id"] for matter in years_later["dossier"]] == ["2015"]
    for command, more in (("sign_handover", {"entity": "UNHCR", "digest": stale.accepted}), ("note_handover", {"text": "x"})):
        refused = refusal(lambda command=command, more=more: room(command, unhcr, at=utc(2015, 1, 2), year=2015, **more))
        assert (refused.kind, refused.rule) == ("conflict", "handover-settled")
    with room.stopped():
        room.database.groups.update_one({"_id": "icat"}, {"$unset": {"state.handovers.2015.signed": ""}})
    before_texts_were_kept = room("handover", at=utc(2016, 6), year=2015)
    assert (before_texts_were_kept["state"], before_texts_were_kept["signed"]) == ("signed", [])


def test_killed_after_an_answer_it_remembers_and_the_record_is_whole(room):
    room("accept_term", focal("IOM"), id="accept", year=2014, entity="IOM")
    room.kill()
    assert room("accept_term", focal("IOM"), id="accept", year=2014, entity="IOM")["turns"][0]["accepted"] == ["IOM"]
    events = room.history("group/icat")
    assert [e["sequence"] for e in events] == list(range(1, len(events) + 1))
    assert [e["previous"] for e in events] == [None, *(e["digest"] for e in events[:-1])]
    assert all(is_genuine(event) for event in events)
    assert [e["data"]["entity"] for e in room.told("term_accepted")] == ["IOM"]


def test_the_other_services_come_to_know_who_sits(house_room, call):
    """The plan of a coming year opens from its adopted term, and only who sits may add to it."""
    room = house_room
    room.house.empty()
    room.enter()
    plan = room.eventually(lambda: call("workplan", "get_plan", {"year": 2014}, by=focal("IOM"), at=NOVEMBER_2013))
    assert plan["year"] == 2014
    room("give_up_seat", focal("OHCHR"), entity="OHCHR")

    def refused_for_its_seat() -> bool:
        added = {"year": 2014, "title": "A paper", "lead": "OHCHR", "pillars": ["prevention"]}
        try:
            call("workplan", "add_activity", added, by=focal("OHCHR"), at=utc(2013, 12))
        except Refusal as refused:
            return refused.rule == "seat"
        return False

    assert room.eventually(refused_for_its_seat)


def test_what_the_other_services_have_open_stands_in_the_dossier(house_room, call):
    """An activity of the plan and a paper in its comment round, as the services themselves tell of them."""
    room = house_room
    room.house.empty()
    room.enter()
    at, iom = utc(2013, 12), focal("IOM")
    activity = {"year": 2014, "activity": "paper", "title": "A paper", "lead": "IOM", "pillars": ["prevention"]}
    room.eventually(lambda: call("workplan", "add_activity", activity, by=iom, at=at, id="add"))
    proposal = {"kind": "issue_paper", "title": "Demand", "lead": "IOM"}
    paper = room.eventually(lambda: call("documents", "propose", proposal, by=iom, at=at, id="propose"))["id"]
    call("documents", "agree_concept", {"document": paper}, by=SECRETARIAT, at=at)
    text = {"document": paper, "base": 0, "summary": "s", "sections": [{"heading": "One", "text": "Words."}]}
    call("documents", "save_revision", text, by=iom, at=at)
    call("documents", "open_comment_round", {"document": paper, "deadline": "2014-12-20T16:00:00Z"}, by=SECRETARIAT, at=at)
    room("tick", to="2014-11-01T00:00:00Z")
    expected = {"activity/2014/paper": "planned", f"document/{paper}": "comment_round"}
    room.eventually(lambda: room.dossier(2015, LAST_OF_2014) == expected)
    matters = {matter["kind"]: matter for matter in room("handover", year=2015, at=LAST_OF_2014)["dossier"]}
    assert (matters["activity"]["title"], matters["document"]["title"], matters["document"]["lead"]) == ("A paper", "Demand", "IOM")
