"""Meetings, briefings and the calendar as a real process on a real broker and store."""

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from contracts.envelope import is_genuine
from messaging.context import written
from services.kernel import Actor, Composition, Membership, Seat, Term, utc
from tests.services.room import MISSION, SECRETARIAT, Room, focal, refusal

SIX = ["ILO", "IOM", "OHCHR", "UNHCR", "UNICEF", "UNODC"]
NOW = utc(2014, 1, 10)
NAMES = (f"m{number}" for number in itertools.count(1))
CALLED = {"title": "Meeting", "starts_at": "2014-03-04T09:00:00Z", "ends_at": "2014-03-05T17:00:00Z", "place": "Vienna"}


def group() -> Composition:
    """Six seats, and WB a member without one; IOM chairs."""
    return Composition(
        memberships=[Membership(code, utc(2010)) for code in [*SIX, "WB"]],
        seats=[Seat(code, utc(2010)) for code in SIX],
        terms={str(year): Term(year, ["IOM"], "adopted") for year in range(2012, 2020)},
    )


def reminders(room: Room, meeting: str) -> list[tuple[str, str, int]]:
    events = [event for event in room.history(f"meeting/{meeting}") if "_reminded." in event["type"]]
    return [(event["type"].split(".")[2], event["time"], event["data"]["days"]) for event in events]


@pytest.fixture(scope="module")
def bare(house, eventually) -> Iterator[Room]:
    """The service alone, before chairs has said who sits."""
    with Room(house, eventually, "workplan", at=NOW).alone() as room:
        yield room


@pytest.fixture(scope="module")
def room(bare: Room) -> Room:
    bare.seat(group())
    return bare


def test_before_the_composition_has_arrived_orders_wait_and_missions_have_their_calendar(bare):
    assert refusal(lambda: bare("call_meeting", **CALLED)).kind == "unavailable"
    assert refusal(lambda: bare("awaiting", entity="IOM")).kind == "unavailable"
    assert bare("calendar", MISSION) == bare("calendar") == {"entity": None, "entries": []}


def test_a_meeting_from_its_call_to_what_came_of_it(room):
    id, chair = next(NAMES), focal("IOM")
    called = room("call_meeting", chair, meeting=id, agenda=[{"title": "Demand"}], **CALLED)
    assert (called["version"], called["revision"], called["state"], called["expected"]) == (1, 0, "called", SIX)
    on = {"meeting": id}
    room("propose_agenda_item", focal("WB"), title="Supply chains", papers=[{"title": "Note", "url": "https://x.example/n"}], **on)
    room("reply_to_meeting", focal("ILO"), entity="ILO", attending="yes", people=["A. Person"], **on)
    room("reply_to_meeting", entity="UNHCR", attending="no", letter="Mail of 9 January", **on)
    changed = room("change_meeting", chair, place="Geneva", reason="Works", expected=4, **on)
    assert (changed["revision"], changed["version"], changed["link"]) == (2, 5, None)
    assert refusal(lambda: room("change_meeting", chair, place="New York", expected=4, **on)).kind == "stale"
    then = utc(2014, 3, 6)
    assert refusal(lambda: room("record_attendance", chair, attendance=[{"entity": "IOM"}], **on)).kind == "too_early"
    room("record_attendance", chair, at=then, attendance=[{"entity": "IOM"}, {"entity": "WB", "people": ["B"]}], **on)
    room("record_decision", chair, at=then, text="Write it", item="i2", **on)
    held = room("assign_action", chair, at=then, what="Send the figures", owner="WB", due="2014-05-01T00:00:00Z", **on)
    assert (held["state"], [action["action"] for action in held["actions"]]) == ("held", ["a1"])
    room("change_action", at=then, action="a1", due="2014-06-01T00:00:00Z", reason="Holidays", **on)
    assert [i["what"] for i in room("action_items", focal("ILO"), owner="WB", at=then)["items"]] == ["Send the figures"]
    assert room("action_items", owner="IOM", at=then)["items"] == []
    (item,) = room("awaiting", focal("WB"), entity="WB", at=then)["items"]
    assert (item["kind"], item["deadline"], item["link"]) == ("action_item", "2014-06-01T00:00:00Z", f"/meetings/{id}")
    room("complete_action", focal("WB"), at=then, action="a1", note="Sent", **on)
    assert room("awaiting", focal("WB"), entity="WB", at=then)["items"] == []
    assert room("action_items", owner="WB", at=then)["items"] == []
    assert [i["state"] for i in room("action_items", owner="WB", all=True, at=then)["items"]] == ["done"]
    events = room.history(f"meeting/{id}")
    assert all(is_genuine(event) for event in events)
    assert [event["type"].split(".")[2] for event in events] == [
        "meeting_called",
        "agenda_item_proposed",
        "meeting_replied",
        "meeting_replied",
        "meeting_changed",
        "meeting_reminded",
        "meeting_reminded",
        "attendance_recorded",
        "decision_recorded",
        "action_assigned",
        "action_changed",
        "action_completed",
    ]
    assert [event["actor"] for event in events if "reminded" in event["type"]] == ["platform"] * 2
    assert events[-2]["data"]["before"] == {"due": "2014-05-01T00:00:00Z"}


def test_where_one_joins_is_taken_away_by_who_says_so_alone(room):
    on = {"meeting": next(NAMES)}
    room("call_meeting", link="https://meet.example/x", **on, **CALLED)
    assert room("change_meeting", title="Another", **on)["link"] == "https://meet.example/x", "what is not given stays"
    assert room("change_meeting", link=None, **on)["link"] is None


def test_an_order_given_twice_is_carried_out_once_and_makes_the_same_identifiers(room):
    first = room("call_meeting", id="call-once", **CALLED)
    assert room("call_meeting", id="call-once", **CALLED) == first
    for _ in range(2):
        proposed = room("propose_agenda_item", focal("WB"), id="propose-once", meeting=first["meeting"], title="Demand")
    then = utc(2014, 3, 6)
    for _ in range(2):
        assigned = room(
            "assign_action", id="assign-once", at=then, meeting=first["meeting"], what="w", owner="WB", due="2014-05-01T00:00:00Z"
        )
    assert [item["item"] for item in proposed["agenda"]] == ["i1"]
    assert [action["action"] for action in assigned["actions"]] == ["a1"]
    room("drop_action", at=then, meeting=first["meeting"], action="a1", reason="r")
    times = {"starts_at": "2014-04-01T09:00:00Z", "ends_at": "2014-04-01T12:00:00Z"}
    taken = refusal(lambda: room("call_meeting", at=then, meeting=first["meeting"], **CALLED | times))
    assert (taken.kind, taken.rule) == ("conflict", "exists")


def test_outside_the_group_a_meeting_that_is_there_is_as_one_that_is_not(room):
    id = next(NAMES)
    room("call_meeting", meeting=id, **CALLED)
    for what, payload in {
        "get_meeting": {},
        "change_meeting": {"title": "x"},
        "cancel_meeting": {"reason": "r"},
        "propose_agenda_item": {"title": "x"},
        "reply_to_meeting": {"entity": "IOM", "attending": "no"},
        "record_attendance": {"attendance": []},
        "record_decision": {"text": "x"},
        "assign_action": {"what": "x", "owner": "IOM", "due": "2014-05-01T00:00:00Z"},
        "change_action": {"action": "a1", "reason": "r"},
        "complete_action": {"action": "a1", "note": "n"},
        "drop_action": {"action": "a1", "reason": "r"},
    }.items():
        for outsider in (MISSION, focal("NEVER")):
            for expected in (None, 77):
                there = refusal(lambda: room(what, outsider, meeting=id, expected=expected, **payload))  # noqa: B023
                absent = refusal(lambda: room(what, outsider, meeting="nowhere", **payload))  # noqa: B023
                assert (there.kind, there.rule) == (absent.kind, absent.rule) == ("not_found", "exists"), what
                assert there.detail.replace(id, "nowhere") == absent.detail, what
    call = refusal(lambda: room("call_meeting", MISSION, meeting=id, **CALLED))
    assert (call.kind, call.rule) == ("not_allowed", "chair-only")
    for what in ("meetings", "action_items"):
        assert refusal(lambda: room(what, MISSION)).kind == "not_found"  # noqa: B023


def test_pages_of_meetings_latest_first(room):
    ids = [next(NAMES) for _ in range(3)]
    for month, id in enumerate(ids, 5):
        times = {"starts_at": f"2014-0{month}-01T09:00:00Z", "ends_at": f"2014-0{month}-01T12:00:00Z"}
        room("call_meeting", meeting=id, **CALLED | times)
    seen, after = [], None
    while True:
        page = room("meetings", focal("WB"), limit=2, after=after)
        seen += page["items"]
        if (after := page["next"]) is None:
            break
    assert [meeting["meeting"] for meeting in seen][:3] == ids[::-1]
    begins = [meeting["starts_at"] for meeting in seen]
    assert begins == sorted(begins, reverse=True)
    between = room("meetings", focal("WB"), since="2014-05-01T10:00:00Z", until="2014-06-01T09:00:00Z")["items"]
    assert ids[0] in [meeting["meeting"] for meeting in between], "it goes on then"
    assert not {*ids[1:]} & {meeting["meeting"] for meeting in between}


def test_meetings_and_briefings_are_listed_by_the_state_in_which_they_are_shown(room):
    times = {"starts_at": "2014-09-01T09:00:00Z", "ends_at": "2014-09-01T12:00:00Z"}
    stands, falls = next(NAMES), next(NAMES)
    for id in (stands, falls):
        room("call_meeting", meeting=id, **CALLED | times)
        room("announce_briefing", briefing=f"b-{id}", title="Consultation", kind="consultation", place="Vienna", **times)
    room("cancel_meeting", meeting=falls, reason="The room is gone")
    room("cancel_briefing", briefing=f"b-{falls}", reason="The room is gone")
    over = datetime.fromisoformat(times["ends_at"])
    before = over - timedelta(milliseconds=1)

    def listed(what: str, state: str | None, at: datetime) -> list[str]:
        items = room(what, focal("WB"), state=state, since=times["starts_at"], until="2014-09-01T10:00:00Z", limit=200, at=at)["items"]
        assert state is None or {it["state"] for it in items} <= {state}
        return [it[what.removesuffix("s")] for it in items]

    for what, to_come, prefix in (("meetings", "called", ""), ("briefings", "announced", "b-")):
        stood, fell = f"{prefix}{stands}", f"{prefix}{falls}"
        assert listed(what, to_come, before) == listed(what, "held", over) == [stood]
        assert listed(what, "held", before) == listed(what, to_come, over) == []
        assert listed(what, "cancelled", over) == [fell]
        assert set(listed(what, None, over)) == {stood, fell}
        sorted_so = {"find": what, "filter": {"state.cancelled_at": None}, "sort": {"state.starts_at": -1}}
        plan = room.database.command("explain", sorted_so, verbosity="queryPlanner")
        assert "state.cancelled_at_1_state.starts_at_1" in str(plan)
    assert refusal(lambda: room("meetings", state="announced")).kind == "invalid"


def test_a_calendar_for_all_for_one_entity_and_for_missions(room):
    id = next(NAMES)
    room("call_meeting", meeting=id, **CALLED)
    told = {"starts_at": "2014-05-13T09:00:00Z", "ends_at": "2014-05-13T12:00:00Z", "place": "Vienna"}
    room("announce_briefing", briefing=f"b-{id}", title="Consultation", kind="consultation", **told)
    room("open_plan", year=2014)
    milestones = [{"id": "draft", "title": "First draft", "due": "2014-04-01T00:00:00Z"}]
    room("add_activity", year=2014, activity="demand", title="Demand", lead="ILO", milestones=milestones)
    step = "milestone-2014/demand/draft@icat"

    def uids(by: Actor, **asked) -> dict[str, dict]:
        return {entry["uid"]: entry for entry in room("calendar", by, **asked)["entries"]}

    assert step not in uids(focal("ILO"), entity="ILO"), "a draft promises nothing"
    room("open_consultation", year=2014)
    digest = room("open_adoption", year=2014, by="express")["digest"]
    for entity in SIX:
        room("take_position", focal(entity), year=2014, digest=digest, word="endorse")
    assert {f"meeting-{id}@icat", f"briefing-b-{id}@icat", step} <= set(uids(focal("ILO"), entity="ILO"))
    assert step not in uids(focal("IOM"), entity="IOM")
    assert {entry["kind"] for entry in uids(MISSION).values()} == {"briefing"}
    assert {entry["kind"] for entry in uids(focal("WB")).values()} == {"briefing", "meeting"}
    april = uids(focal("ILO"), entity="ILO", since="2014-03-20T00:00:00Z", until="2014-04-30T00:00:00Z")
    assert set(april) == {step}
    for by in (focal("IOM"), MISSION):
        denied = refusal(lambda: uids(by, entity="ILO"))  # noqa: B023
        assert (denied.kind, denied.rule) == ("not_allowed", "own-entity")
    before = uids(SECRETARIAT)
    room("cancel_meeting", meeting=id, reason="Strike")
    room("cancel_briefing", briefing=f"b-{id}", reason="Strike")
    for uid in (f"meeting-{id}@icat", f"briefing-b-{id}@icat"):
        after = uids(SECRETARIAT)[uid]
        assert (after["state"], after["sequence"]) == ("cancelled", before[uid]["sequence"] + 1)
        assert after["updated_at"] == written(NOW)


def test_what_awaits_an_entity_is_of_plans_and_meetings_soonest_first(room):
    room("open_plan", year=2015)
    room("add_activity", year=2015, title="A", lead="OHCHR")
    room("open_consultation", year=2015)
    room("open_adoption", year=2015, by="silence", deadline="2014-12-20T17:00:00Z", at=utc(2014, 12))
    for number, day in enumerate(("10", "28")):
        times = {"starts_at": f"2014-12-{day}T09:00:00Z", "ends_at": f"2014-12-{day}T12:00:00Z"}
        room("call_meeting", meeting=f"december-{number}", at=utc(2014, 12), **CALLED | times)
    found = room("awaiting", focal("UNICEF"), entity="UNICEF", at=utc(2014, 12))["items"]
    assert [(item["kind"], item["link"]) for item in found] == [
        ("meeting_reply", "/meetings/december-0"),
        ("plan_position", "/workplans/2015"),
        ("meeting_reply", "/meetings/december-1"),
    ]
    assert room("awaiting", entity="UNICEF", at=utc(2014, 12))["items"] == found, "asked by the secretariat"
    assert refusal(lambda: room("awaiting", MISSION, entity="IOM")).rule == "own-entity"


def test_two_copies_remind_once_however_many_look_at_the_clock(room):
    id = next(NAMES)
    times = {"starts_at": "2016-03-08T09:00:00Z", "ends_at": "2016-03-08T12:00:00Z"}
    room("call_meeting", meeting=id, at=utc(2016), **CALLED | times)
    with room.second_copy(ICAT_REHEARSAL="1") as copy, ThreadPoolExecutor(8) as threads:
        room.eventually(lambda: room.copies() == 2)
        list(threads.map(lambda _: room("tick", to="2016-03-01T09:00:00Z", at=utc(2016)), range(8)))
        assert reminders(room, id) == [("meeting_reminded", "2016-03-01T09:00:00Z", 7)]
        moved = {"starts_at": "2016-04-08T09:00:00Z", "ends_at": "2016-04-08T12:00:00Z"}
        room("change_meeting", meeting=id, at=utc(2016, 3, 2), reason="Strike", **moved)
        list(threads.map(lambda _: room("tick", to="2016-04-07T09:00:00Z", at=utc(2016)), range(8)))
    assert copy.returncode == 0
    assert reminders(room, id)[1:] == [("meeting_reminded", "2016-04-01T09:00:00Z", 7), ("meeting_reminded", "2016-04-07T09:00:00Z", 1)]


def test_copies_that_wake_late_remind_of_each_thing_once_dated_when_it_fell(room):
    """The platform was down over a meeting and an action item's date; two copies come back at once, with the real clock."""
    id, then = next(NAMES), utc(2016, 5, 11)
    times = {"starts_at": "2016-05-10T09:00:00Z", "ends_at": "2016-05-10T12:00:00Z"}
    room("call_meeting", meeting=id, at=utc(2016, 5, 5), **CALLED | times)
    room("assign_action", meeting=id, at=then, what="w", owner="WB", due="2016-05-16T00:00:00Z")
    with room.stopped(), room.second_copy(), room.second_copy():
        room.eventually(lambda: room.database.meetings.find_one({"_id": id, "due": None}))
    assert reminders(room, id) == [
        ("meeting_reminded", "2016-05-09T09:00:00Z", 1),
        ("action_reminded", "2016-05-16T00:00:00Z", 0),
        ("action_reminded", "2016-05-23T00:00:00Z", -7),
    ]
    assert {event["actor"] for event in room.history(f"meeting/{id}") if "reminded" in event["type"]} == {"platform"}


@pytest.mark.parametrize(
    ("what", "payload", "field"),
    [
        ("call_meeting", CALLED | {"ends_at": "2014-03-04T09:00:00Z"}, "ends_at"),
        ("call_meeting", CALLED | {"link": "http://plain.example"}, "link"),
        ("call_meeting", CALLED | {"starts_at": "soon"}, "starts_at"),
        ("call_meeting", CALLED | {"title": "Two\nlines"}, "title"),
        ("call_meeting", CALLED | {"meeting": "a b"}, "meeting"),
        ("call_meeting", CALLED | {"agenda": [{"title": "A"}, {"papers": []}]}, "agenda.1.title"),
        ("reply_to_meeting", {"meeting": "bad", "entity": "IOM", "attending": "perhaps"}, "attending"),
        ("reply_to_meeting", {"meeting": "bad", "entity": "IOM", "attending": "yes"}, "letter"),
        ("record_attendance", {"meeting": "bad", "attendance": [{"entity": "BRAZIL"}]}, "attendance.0.entity"),
        ("record_decision", {"meeting": "bad", "text": "x", "item": "i9"}, "item"),
        ("assign_action", {"meeting": "bad", "what": "w", "owner": "BRAZIL", "due": "2014-05-01T00:00:00Z"}, "owner"),
        ("assign_action", {"meeting": "bad", "what": "w", "owner": "WB", "due": "2014-03-04T09:00:00Z"}, "due"),
        ("complete_action", {"meeting": "bad", "action": "a9", "note": "n"}, "action"),
        ("calendar", {"since": "2014-03-04T09:00:00Z", "until": "2014-03-04T09:00:00Z"}, "until"),
        ("meetings", {"after": "nonsense"}, "after"),
    ],
)
def test_bad_input_is_refused_with_its_path_and_changes_nothing(room, what, payload, field):
    room("call_meeting", id="call-bad", meeting="bad", **CALLED)
    at = NOW if what in ("call_meeting", "reply_to_meeting") else utc(2014, 3, 6)
    room("tick", to=written(at), at=at)  # so that no reminder falls with the order
    before = room.database.meetings.find_one({"_id": "bad"}, {"state": 1, "version": 1})
    refused = refusal(lambda: room(what, at=at, **payload))
    paths = [error["field"] for error in refused.extra.get("errors", [])] or [refused.field]
    assert (refused.kind in ("invalid", "not_found"), paths) == (True, [field])
    assert room.database.meetings.find_one({"_id": "bad"}, {"state": 1, "version": 1}) == before
