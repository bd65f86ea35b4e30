"""The rules of meetings, action items and the calendar: told the instant, they say what happened."""

from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from contracts import workplan as contract
from contracts.base import dump
from services.kernel import Actor, Composition, Membership, Refusal, Seat, Term, utc
from services.workplan.rules import Briefing, Meeting, Plan, action_items, awaiting, calendar, must_be_inside

SEATED = ["ILO", "IOM", "UNODC"]
NOW = utc(2014, 1, 10, 9)
BEGINS, ENDS = utc(2014, 3, 4, 9), utc(2014, 3, 5, 17)
AFTER = utc(2014, 3, 6)
DUE = utc(2014, 5, 1)

secretariat = Actor("sec", "UNODC", frozenset({"secretariat"}))
mission = Actor("brazil", "BRA", frozenset({"mission"}))


def focal(entity: str) -> Actor:
    return Actor(f"{entity.lower()}.person", entity, frozenset({"focal_point"}))


COMPOSITION = Composition(
    memberships=[
        *(Membership(code, utc(2010)) for code in [*SEATED, "WB"]),
        Membership("ICMPD", utc(2014, 4)),
        Membership("GONE", utc(2010), utc(2013)),
    ],
    seats=[*(Seat(code, utc(2010)) for code in SEATED), Seat("ICMPD", utc(2014, 4))],
    terms={"2014": Term(2014, ["IOM"], "begun"), "2015": Term(2015, ["ILO"], "adopted")},
)


@dataclass
class Room:
    """A meeting with the instant, the actor and the composition filled in, so that a test reads as what is done."""

    meeting: Meeting

    def __getattr__(self, name: str):
        def act(*args, at=NOW, by=secretariat, composition=COMPOSITION, **kwargs):
            return getattr(self.meeting, name)(*args, by=by, at=at, composition=composition, **kwargs)

        return act

    def copy(self) -> "Room":
        return Room(deepcopy(self.meeting))

    def happened(self) -> list:
        """What happened since last asked; each fact checked against its contract, as the store does."""
        facts = self.meeting.take_happened()
        for fact in facts:
            contract.contract.events[fact.name].publish(fact.data)
        return facts

    def names(self) -> list[str]:
        return [fact.name for fact in self.happened()]

    def shown(self, at=NOW, by=secretariat) -> dict:
        return dump(contract.MeetingAnswer, self.view(at=at, by=by))


def called(at=NOW, by=secretariat, **more) -> Room:
    told = {"title": "Meeting of the Group", "starts_at": BEGINS, "ends_at": ENDS, "place": "Vienna"} | more
    room = Room(Meeting.call("m", by=by, at=at, composition=COMPOSITION, **told))
    room.happened()
    return room


def held() -> Room:
    """A meeting that is over, with an action item of the World Bank."""
    room = called(agenda=[{"title": "Demand"}])
    room.meeting.tick(AFTER)
    room.assign_action("Send the figures", "WB", DUE, at=AFTER)
    room.happened()
    return room


def refused(room: Room, kind: str, rule: str, do, /, *args, field: str | None = None, **kwargs) -> Refusal:
    """Refused by this rule, naming this field, with nothing changed and nothing told."""
    room.meeting.tick(kwargs.get("at", NOW))
    room.meeting.take_happened()
    before = deepcopy(room.meeting)
    with pytest.raises(Refusal) as caught:
        do(*args, **kwargs)
    assert (caught.value.kind, caught.value.rule, caught.value.field) == (kind, rule, field), caught.value.detail
    assert room.meeting == before
    assert room.meeting.take_happened() == []
    return caught.value


# Calling, moving, cancelling


def test_the_chair_or_the_secretariat_calls_a_meeting_and_all_that_is_told_is_in_the_contract():
    told = {"title": "M", "starts_at": BEGINS, "ends_at": ENDS, "place": "online", "link": "https://meet.example/m"}
    for by in (secretariat, focal("IOM")):
        room = Room(
            Meeting.call(
                "m",
                by=by,
                at=NOW,
                composition=COMPOSITION,
                **told,
                agenda=[{"title": "One"}, {"item": "two", "title": "Two", "papers": []}],
            )
        )
        (fact,) = room.happened()
        assert (fact.name, fact.at, fact.data["entities"], fact.data["revision"]) == ("meeting_called", NOW, SEATED, 0)
        assert [item["item"] for item in fact.data["agenda"]] == ["i1", "two"]
    for by in (focal("ILO"), focal("WB"), mission, focal("GONE")):
        with pytest.raises(Refusal, match="chair"):
            Meeting.call("m", by=by, at=NOW, composition=COMPOSITION, **told)


def test_a_meeting_to_come_that_is_online_says_where_it_is_joined():
    room = called(place="Vienna", link="")
    refused(room, "invalid", "online-link", room.change, {"place": " Online"}, reason="", field="link")
    room.change({"place": "ONLINE", "link": "https://meet.example/m"}, reason="")
    refused(room, "invalid", "online-link", room.change, {"link": None}, reason="", field="link")
    with pytest.raises(Refusal, match="online"):
        called(place="online")
    past = {"starts_at": utc(2013, 5, 1, 9), "ends_at": utc(2013, 5, 1, 12)}
    assert called(place="online", **past).meeting.place == "online", "of one of the past the link may be lost"


def test_who_may_not_call_a_meeting_is_not_told_that_its_identifier_is_taken():
    room = called()
    refused(room, "conflict", "exists", room.call_again, field="meeting")
    refused(room, "not_allowed", "chair-only", room.call_again, by=mission)


@pytest.mark.parametrize(
    ("given", "rule", "field"),
    [
        ({"starts_at": NOW}, "meeting-ahead", "starts_at"),
        ({"starts_at": NOW - timedelta(days=1), "ends_at": NOW + timedelta(days=1)}, "meeting-ahead", "starts_at"),
        ({"ends_at": BEGINS}, "meeting-length", "ends_at"),
        ({"ends_at": BEGINS + timedelta(days=14, seconds=1)}, "meeting-length", "ends_at"),
        ({"papers": [{"title": "P", "url": "javascript:alert(1)"}]}, "paper-url", "papers.0.url"),
        ({"papers": [{"title": "P", "url": "/\\elsewhere.example"}]}, "paper-url", "papers.0.url"),
        ({"agenda": [{"title": "A"}, {"title": "B", "papers": [{"title": "P", "url": "//x"}]}]}, "paper-url", "agenda.1.papers.0.url"),
        ({"agenda": [{"item": "a", "title": "A"}, {"item": "a", "title": "B"}]}, "id-unique", "agenda.1.item"),
    ],
)
def test_what_no_meeting_may_be_is_refused_when_it_is_called_and_when_it_is_changed(given, rule, field):
    with pytest.raises(Refusal) as caught:
        called(by=focal("IOM"), **given)
    assert (caught.value.kind, caught.value.rule, caught.value.field) == ("invalid", rule, field)
    room = called()
    refused(room, "invalid", rule, room.change, given, reason="", by=focal("IOM"), field=field)


def test_a_meeting_as_long_as_may_be_is_called():
    assert called(ends_at=BEGINS + timedelta(days=14)).meeting.ends_at - BEGINS == timedelta(days=14)


def test_only_what_a_calendar_shows_grows_the_sequence_and_what_is_unchanged_changes_nothing():
    room = called(agenda=[{"title": "Demand"}], papers=[])
    as_called = deepcopy(room.meeting)
    room.change({"title": "Meeting of the Group", "agenda": [{"title": "Demand"}]}, reason="")
    assert room.happened() == []
    assert room.meeting == as_called
    room.change({"papers": [{"title": "Plan", "url": "/workplans/2014"}]}, reason="")
    (fact,) = room.happened()
    assert (fact.name, fact.data["revision"], fact.data["before"]) == ("meeting_changed", 0, {"papers": []})
    later = {"starts_at": BEGINS + timedelta(days=1), "ends_at": ENDS + timedelta(days=1)}
    room.change(later | {"link": "https://meet.example/m"}, reason="Snow", at=utc(2014, 2))
    (fact,) = room.happened()
    assert fact.data["before"] == {"starts_at": "2014-03-04T09:00:00Z", "ends_at": "2014-03-05T17:00:00Z", "link": None}
    assert (fact.data["revision"], fact.data["reason"]) == (1, "Snow")
    room.change({"agenda": [{"title": "Supply"}, {"title": "Demand"}]}, reason="", at=utc(2014, 2))
    (fact,) = room.happened()
    assert [(item["item"], item["title"]) for item in fact.data["agenda"]] == [("i2", "Supply"), ("i1", "Demand")]
    assert fact.data["before"]["agenda"] == [{"item": "i1", "title": "Demand", "papers": [], "entity": None}]
    shown = room.shown(utc(2014, 2))
    assert (shown["revision"], shown["uid"], shown["state"], shown["reason"]) == (2, "meeting-m@icat", "called", None)


def test_a_cancelled_meeting_stays_to_be_seen_and_nothing_more_is_done_with_it():
    room = called()
    room.cancel("Strike", by=focal("IOM"))
    (fact,) = room.happened()
    assert (fact.name, fact.data["revision"], fact.data["reason"], fact.data["entities"]) == ("meeting_cancelled", 1, "Strike", SEATED)
    assert room.shown()["state"] == "cancelled"
    for do, args in (
        (room.cancel, ["again"]),
        (room.propose_item, ["More"]),
        (room.reply, ["IOM", "yes", []]),
        (room.record_attendance, [[]]),
        (room.record_decision, ["d"]),
        (room.assign_action, ["a", "IOM", DUE]),
    ):
        refused(room, "conflict", "meeting-cancelled", do, *args, at=AFTER if "record" in str(do) else NOW)
    refused(room, "conflict", "meeting-cancelled", room.change, {"title": "x"}, reason="")
    assert room.meeting.due() is None


def test_what_was_held_is_neither_cancelled_nor_moved_into_the_future():
    room = called()
    refused(room, "too_late", "meeting-over", room.cancel, "r", at=ENDS)
    refused(room, "too_late", "meeting-over", room.change, {"place": "Geneva"}, reason="", at=ENDS, by=focal("IOM"))
    running = BEGINS + timedelta(hours=1)
    room.record_attendance([{"entity": "IOM"}], at=running)
    refused(room, "conflict", "meeting-on-record", room.cancel, "r", at=running)
    moved = {"starts_at": utc(2014, 4), "ends_at": utc(2014, 4, 2)}
    refused(room, "conflict", "meeting-on-record", room.change, moved, reason="", at=running)
    room.change({"ends_at": ENDS + timedelta(hours=2)}, reason="It goes on", at=running, by=focal("IOM"))
    assert room.names()[-1] == "meeting_changed"


def test_the_past_is_entered_and_corrected_by_the_secretariat_alone_and_nobody_is_reminded_of_it():
    past = {"starts_at": utc(2012, 2, 7), "ends_at": utc(2012, 2, 8)}
    room = called(**past)
    assert room.meeting.due() is None
    assert room.shown()["state"] == "held"
    with pytest.raises(Refusal, match="secretariat"):
        called(by=focal("IOM"), **past)
    refused(room, "too_late", "meeting-over", room.change, {"place": "Geneva"}, reason="", by=focal("IOM"))
    room.change({"place": "Geneva", "starts_at": utc(2012, 2, 6)}, reason="As the minutes have it")
    assert room.happened()[0].data["before"] == {"place": "Vienna", "starts_at": "2012-02-07T00:00:00Z"}
    room.record_decision("Seven sit", by=focal("IOM"))
    assert room.names() == ["decision_recorded"]


# Agenda and replies


def test_any_member_proposes_an_item_until_it_begins():
    room = called(agenda=[{"title": "Demand"}])
    room.propose_item("Supply chains", by=focal("WB"), papers=[{"title": "Note", "url": "https://x.example/n"}])
    room.propose_item("Budget", item="budget")
    facts = room.happened()
    assert [(f.name, f.data["item"], f.data["entity"]) for f in facts] == [
        ("agenda_item_proposed", "i2", "WB"),
        ("agenda_item_proposed", "budget", None),
    ]
    assert room.meeting.revision == 2
    room.change({"agenda": [{"item": "i2", "title": "Supply chains and demand"}]}, reason="Merged")
    assert [(item["item"], item["entity"]) for item in room.shown()["agenda"]] == [("i2", "WB")], "who asked stays known"
    refused(room, "invalid", "id-unique", room.propose_item, "x", item="i2", field="item")
    refused(room, "invalid", "paper-url", room.propose_item, "x", papers=[{"title": "P", "url": "ftp://x"}], field="papers.0.url")
    refused(room, "too_late", "meeting-ahead", room.propose_item, "x", at=BEGINS)
    for n in range(49):
        room.propose_item(f"More {n}")
    refused(room, "conflict", "agenda-full", room.propose_item, "One too many")


def test_an_entity_replies_for_itself_and_may_change_its_word():
    room = called()
    room.reply("WB", "tentative", ["A. Person"], by=focal("WB"))
    room.reply("WB", "tentative", ["A. Person"], by=focal("WB"), at=NOW + timedelta(hours=1))
    assert [fact.data["before"] for fact in room.happened()] == [None], "said again, nothing changed"
    room.reply("WB", "yes", ["A. Person"], by=focal("WB"))
    room.reply("ILO", "no", [], letter="Mail of 9 January")
    facts = room.happened()
    assert [(f.data["entity"], f.data["attending"], f.data["before"]) for f in facts] == [("WB", "yes", "tentative"), ("ILO", "no", None)]
    said = {reply["entity"]: reply for reply in room.shown()["replies"]}
    assert (said["ILO"]["person"], said["ILO"]["letter"], said["WB"]["people"]) == ("sec", "Mail of 9 January", ["A. Person"])
    assert room.meeting.revision == 0, "no calendar shows who comes"
    refused(room, "invalid", "on-behalf-letter", room.reply, "ILO", "yes", [], field="letter")
    refused(room, "invalid", "meeting-member", room.reply, "GONE", "yes", [], letter="l", field="entity")
    refused(room, "not_allowed", "own-entity", room.reply, "ILO", "yes", [], by=focal("IOM"))
    refused(room, "too_late", "meeting-ahead", room.reply, "WB", "no", [], by=focal("WB"), at=BEGINS)


# What came of it


def test_attendance_is_recorded_once_it_began_and_corrected_with_the_earlier_word():
    room = called()
    refused(room, "too_early", "meeting-begun", room.record_attendance, [{"entity": "IOM"}], at=BEGINS - timedelta(seconds=1))
    room.record_attendance([{"entity": "WB", "people": ["A"]}, {"entity": "IOM"}], at=BEGINS, by=focal("IOM"))
    room.happened()
    room.record_attendance([{"entity": "IOM"}, {"entity": "WB", "attended": False}, {"entity": "ILO"}], at=AFTER)
    (fact,) = room.happened()
    assert [one["entity"] for one in fact.data["attendance"]] == ["WB", "ILO"], "IOM stands as it stood"
    assert fact.data["before"] == [{"entity": "WB", "attended": True, "people": ["A"]}]
    room.record_attendance([{"entity": "ILO"}], at=AFTER)
    assert room.happened() == []
    assert [(one["entity"], one["attended"]) for one in room.shown(AFTER)["attendance"]] == [("ILO", True), ("IOM", True), ("WB", False)]
    # ICMPD joined after the meeting; who asks later does not change who belonged then.
    for i, wrong in enumerate([[{"entity": "ICMPD"}], [{"entity": "IOM"}, {"entity": "GONE"}]]):
        refused(room, "invalid", "meeting-member", room.record_attendance, wrong, at=utc(2014, 6), field=f"attendance.{i}.entity")
    twice = [{"entity": "IOM"}, {"entity": "IOM", "attended": False}]
    refused(room, "invalid", "entity-once", room.record_attendance, twice, at=AFTER, field="attendance.1.entity")
    ghost = [{"entity": "IOM", "attended": False, "people": ["A"]}]
    refused(room, "invalid", "attendance-people", room.record_attendance, ghost, at=AFTER, field="attendance.0.people")
    refused(room, "not_allowed", "chair-only", room.record_attendance, [], at=AFTER, by=focal("ILO"))


def test_decisions_are_recorded_once_it_began_under_an_item_that_then_stays():
    room = called(agenda=[{"title": "Demand"}, {"title": "Supply"}])
    refused(room, "too_early", "meeting-begun", room.record_decision, "d")
    room.record_decision("Write it", item="i1", at=AFTER)
    room.record_decision("Publish it", decision="publish", at=AFTER)
    facts = [fact for fact in room.happened() if fact.name == "decision_recorded"]
    assert [(f.data["decision"], f.data["item"]) for f in facts] == [("d1", "i1"), ("publish", None)]
    refused(room, "invalid", "id-unique", room.record_decision, "x", decision="d1", at=AFTER, field="decision")
    refused(room, "invalid", "agenda-item-known", room.record_decision, "x", item="i9", at=AFTER, field="item")
    refused(room, "invalid", "agenda-decided", room.change, {"agenda": [{"title": "Supply"}]}, reason="", at=AFTER, field="agenda")
    refused(room, "not_allowed", "chair-only", room.record_decision, "x", at=AFTER, by=focal("WB"))


def test_the_life_of_an_action_item():
    room = called()
    refused(room, "too_early", "meeting-begun", room.assign_action, "x", "WB", DUE)
    refused(room, "invalid", "action-member", room.assign_action, "x", "GONE", DUE, at=AFTER, field="owner")
    refused(room, "invalid", "action-after-meeting", room.assign_action, "x", "WB", BEGINS, at=AFTER, field="due")
    refused(room, "not_allowed", "chair-only", room.assign_action, "x", "WB", DUE, at=AFTER, by=focal("WB"))
    room.assign_action("Send the figures", "WB", DUE, at=AFTER)
    room.assign_action("Book the room", "IOM", DUE, at=AFTER, action="room")
    refused(room, "invalid", "id-unique", room.assign_action, "x", "WB", DUE, at=AFTER, action="a1", field="action")
    refused(room, "invalid", "action-after-meeting", room.change, {"starts_at": DUE, "ends_at": DUE + timedelta(days=1)}, reason="",
            at=utc(2014, 6), field="starts_at")  # fmt: skip
    room = held()
    change = {"reason": "r", "at": AFTER}
    refused(room, "not_found", "action-known", room.change_action, "a9", field="action", **change)
    refused(room, "invalid", "action-member", room.change_action, "a1", owner="GONE", field="owner", **change)
    refused(room, "invalid", "action-after-meeting", room.change_action, "a1", due=BEGINS, field="due", **change)
    refused(room, "not_allowed", "chair-only", room.change_action, "a1", owner="ILO", by=focal("WB"), **change)
    room.change_action("a1", owner="WB", due=DUE, **change)
    assert room.happened() == []
    room.change_action("a1", owner="ILO", **change)
    room.change_action("a1", due=utc(2014, 6), reason="later", at=AFTER)
    assert [fact.data["before"] for fact in room.happened()] == [{"owner": "WB"}, {"due": "2014-05-01T00:00:00Z"}]
    others = refused(room, "not_allowed", "owner-or-chair", room.complete_action, "a1", "done", by=focal("WB"), at=AFTER)
    assert (others.accepted, "focal point of ILO" in others.detail) == (["ILO", "IOM"], True)
    assert room.shown(utc(2014, 6))["actions"][0]["state"] == "open"
    assert room.shown(utc(2014, 6, 2))["actions"][0]["state"] == "late"
    room.complete_action("a1", "Sent", by=focal("ILO"), at=utc(2014, 6, 3))
    shown = room.shown(utc(2014, 6, 4))["actions"][0]
    assert (shown["state"], shown["done_at"], shown["note"]) == ("done", "2014-06-03T00:00:00Z", "Sent")
    for do, args in ((room.complete_action, ["a1", "n"]), (room.drop_action, ["a1", "n"])):
        refused(room, "conflict", "action-open", do, *args, at=utc(2014, 6, 4))
    refused(room, "conflict", "action-open", room.change_action, "a1", owner="IOM", reason="r", at=utc(2014, 6, 4))


def test_a_dropped_action_item_stays_with_its_reason():
    room = held()
    refused(room, "not_allowed", "chair-only", room.drop_action, "a1", "No", by=focal("WB"), at=AFTER)
    room.drop_action("a1", "No longer needed", by=focal("IOM"), at=AFTER)
    assert room.names() == ["action_dropped"]
    shown = room.shown(utc(2014, 8))["actions"][0]
    assert (shown["state"], shown["done_at"], shown["note"]) == ("dropped", None, "No longer needed")
    assert room.meeting.due() is None


# Who may know


def test_outside_the_group_there_is_no_meeting_whatever_is_tried():
    room = held()
    for outsider in (mission, focal("GONE"), focal("ICMPD"), Actor("reader", None, frozenset({"reader"}))):
        for do, args, more in (
            (room.view, [], {}),
            (room.change, [{"title": "x"}], {"reason": ""}),
            (room.cancel, ["r"], {}),
            (room.propose_item, ["x"], {}),
            (room.reply, ["BRA", "yes", []], {}),
            (room.record_attendance, [[]], {}),
            (room.record_decision, ["x"], {}),
            (room.assign_action, ["x", "WB", DUE], {}),
            (room.change_action, ["a1"], {"reason": "r"}),
            (room.complete_action, ["a1", "n"], {}),
            (room.drop_action, ["a1", "n"], {}),
        ):
            answer = refused(room, "not_found", "exists", do, *args, at=AFTER, by=outsider, **more)
            assert answer.detail == "There is no meeting m."
        for do in (must_be_inside, lambda **told: action_items([room.meeting], None, settled=True, **told)):
            with pytest.raises(Refusal) as caught:
                do(by=outsider, at=AFTER, composition=COMPOSITION)
            assert (caught.value.kind, caught.value.rule) == ("not_found", "group-only")
    assert room.view(by=focal("ICMPD"), at=utc(2014, 4))["id"] == "m", "a member sees what was before it joined"


def test_those_expected_are_who_sits_when_one_asks_and_who_sat_once_it_began():
    room = called(starts_at=utc(2014, 6), ends_at=utc(2014, 6, 2))
    assert room.shown()["expected"] == SEATED
    assert room.shown(utc(2014, 5))["expected"] == sorted([*SEATED, "ICMPD"])
    past = called()
    assert past.shown(utc(2014, 5))["expected"] == SEATED


# The clock


def told_by_the_clock(room: Room, now: datetime) -> list[tuple]:
    room.meeting.tick(now)
    return [(f.name, f.at, f.data["days"]) for f in room.happened()]


def test_those_expected_are_reminded_a_week_and_a_day_before_each_once_however_late():
    room = called()
    room.reply("IOM", "no", [], by=focal("IOM"))
    room.happened()
    assert room.meeting.due() == BEGINS - timedelta(days=7)
    assert told_by_the_clock(room, BEGINS - timedelta(days=7, seconds=1)) == []
    late = room.copy()
    room.meeting.tick(BEGINS - timedelta(days=7))
    (fact,) = room.happened()
    assert (fact.at, fact.data["days"], fact.data["entities"], fact.data["unanswered"]) == (
        BEGINS - timedelta(days=7), 7, SEATED, ["ILO", "UNODC"],
    )  # fmt: skip
    assert told_by_the_clock(room, BEGINS - timedelta(days=7)) == []
    both = [("meeting_reminded", BEGINS - timedelta(days=days), days) for days in (7, 1)]
    assert told_by_the_clock(late, utc(2014, 9)) == both
    assert told_by_the_clock(late, utc(2015)) == []
    assert late.meeting.due() is None


def test_a_meeting_called_late_reminds_of_what_is_still_ahead():
    assert told_by_the_clock(called(at=BEGINS - timedelta(days=7)), utc(2015)) == [("meeting_reminded", BEGINS - timedelta(days=1), 1)]
    assert called(at=BEGINS - timedelta(hours=3)).meeting.due() is None


def test_a_moved_meeting_asks_and_reminds_anew_of_its_new_time():
    room = called()
    room.reply("ILO", "yes", [], by=focal("ILO"))
    room.meeting.tick(BEGINS - timedelta(days=6))
    moved_at, anew = BEGINS - timedelta(days=5), BEGINS + timedelta(days=30)
    room.change({"starts_at": anew, "ends_at": anew + timedelta(hours=3)}, reason="Strike", at=moved_at)
    room.happened()
    assert room.meeting.awaits("ILO", moved_at, COMPOSITION) == [], "it is more than thirty days away"
    (asked,) = room.meeting.awaits("ILO", anew - timedelta(days=8), COMPOSITION)
    assert asked["kind"] == "meeting_reply"
    room.reply("ILO", "yes", [], by=focal("ILO"), at=anew - timedelta(days=8))
    assert room.names() == ["meeting_replied"], "said of the new time"
    room.meeting.tick(anew)
    facts = room.happened()
    assert [(f.at, f.data["days"]) for f in facts] == [(anew - timedelta(days=7), 7), (anew - timedelta(days=1), 1)]
    assert facts[0].data["unanswered"] == ["IOM", "UNODC"]


def test_what_was_past_when_something_was_moved_is_not_reminded_of():
    soon, room = utc(2014, 2, 4), called()
    room.change({"starts_at": soon, "ends_at": soon + timedelta(hours=3)}, reason="r", at=soon - timedelta(days=3))
    room.happened()
    assert told_by_the_clock(room, soon) == [("meeting_reminded", soon - timedelta(days=1), 1)]
    room, soon = held(), AFTER + timedelta(days=9)
    room.change_action("a1", due=soon, reason="r", at=AFTER + timedelta(days=3))
    room.happened()
    assert told_by_the_clock(room, soon) == [("action_reminded", soon, 0)]


def test_an_order_finds_the_reminders_of_before_told():
    room = called()
    room.cancel("Strike", at=BEGINS - timedelta(days=2))
    assert [(f.name, f.at) for f in room.happened()] == [
        ("meeting_reminded", BEGINS - timedelta(days=7)),
        ("meeting_cancelled", BEGINS - timedelta(days=2)),
    ]
    assert told_by_the_clock(room, utc(2015)) == []


def test_the_owner_is_reminded_before_when_due_and_a_week_late_while_it_is_open():
    week = timedelta(days=7)
    reminders = [("action_reminded", DUE - week, 7), ("action_reminded", DUE, 0), ("action_reminded", DUE + week, -7)]
    room = held()
    done, moved = room.copy(), room.copy()
    assert told_by_the_clock(room, utc(2015)) == reminders
    assert told_by_the_clock(done, DUE - week) == reminders[:1]
    done.complete_action("a1", "n", at=DUE - timedelta(days=1))
    done.happened()
    assert told_by_the_clock(done, utc(2015)) == []
    assert told_by_the_clock(moved, DUE) == reminders[:2]
    later = DUE + timedelta(days=5)
    moved.change_action("a1", due=later, reason="r", at=DUE)
    moved.happened()
    assert told_by_the_clock(moved, utc(2015)) == [("action_reminded", later, 0), ("action_reminded", later + week, -7)]


def test_reminders_of_several_things_come_in_the_order_in_which_they_fell():
    room = held()
    room.assign_action("Sooner", "ILO", AFTER + timedelta(days=2), at=AFTER)
    room.assign_action("Due before it was entered", "ILO", BEGINS + timedelta(hours=1), at=utc(2014, 3, 20))
    room.assign_action("Entered long after", "ILO", BEGINS + timedelta(hours=2), at=utc(2014, 4, 26))
    room.meeting.tick(utc(2015))
    facts = room.happened()
    assert [fact.at for fact in facts] == sorted(fact.at for fact in facts)
    reminded = [(fact.data["action"], fact.data["days"]) for fact in facts if fact.name == "action_reminded"]
    assert reminded == [("a2", 0), ("a2", -7), ("a1", 7), ("a1", 0), ("a1", -7)], "of the others, all was past when they were entered"
    assert room.meeting.due() is None


# What awaits, action items


def test_what_awaits_an_entity_comes_of_plans_and_meetings_soonest_first():
    near = called(starts_at=NOW + timedelta(days=30), ends_at=NOW + timedelta(days=30, hours=2))
    far, over = called(starts_at=NOW + timedelta(days=30, seconds=1), ends_at=NOW + timedelta(days=31)), held()
    plan = Plan.begin(2014, at=utc(2013, 12))

    def asked(entity: str, by: Actor, at=NOW) -> list[dict]:
        meetings = [far.meeting, over.meeting, near.meeting]
        answer = awaiting(entity, plans=[plan], meetings=meetings, by=by, at=at, composition=COMPOSITION)
        return dump(contract.AwaitingAnswer, answer)["items"]

    assert [(item["kind"], item["link"]) for item in asked("ILO", focal("ILO"))] == [("meeting_reply", "/meetings/m")]
    assert all(item["what"] and item["consequence"] and item["deadline"] for item in asked("WB", secretariat))
    assert [item["kind"] for item in asked("WB", focal("WB"))] == ["action_item"], "a member without a seat may come, and is not awaited"
    near.reply("ILO", "no", [], by=focal("ILO"))
    assert asked("ILO", focal("ILO")) == []
    near.cancel("r")
    assert asked("UNODC", focal("UNODC")) == []
    (late,) = asked("WB", focal("WB"), at=DUE + timedelta(seconds=1))
    assert late["consequence"] == "The action item shows as late."
    over.complete_action("a1", "n", at=DUE)
    assert asked("WB", focal("WB"), at=DUE) == []
    with pytest.raises(Refusal, match="WB"):
        asked("WB", focal("ILO"))
    assert asked("GONE", focal("GONE")) == []


def test_action_items_of_all_meetings_soonest_due_first():
    one, two = held(), held()
    one.assign_action("Later", "ILO", utc(2014, 9), at=AFTER)
    two.assign_action("Sooner", "ILO", utc(2014, 4), at=AFTER)
    two.drop_action("a1", "r", at=AFTER)

    def listed(owner: str | None, settled: bool) -> list[tuple]:
        meetings = [one.meeting, two.meeting]
        found = action_items(meetings, owner, settled=settled, by=focal("WB"), at=utc(2014, 4, 2), composition=COMPOSITION)
        return [(item["what"], item["state"]) for item in dump(contract.ActionItemsAnswer, found)["items"]]

    assert listed(None, False) == [("Sooner", "late"), ("Send the figures", "open"), ("Later", "open")]
    assert listed("ILO", False) == [("Sooner", "late"), ("Later", "open")]
    assert listed("WB", True) == [("Send the figures", "open"), ("Send the figures", "dropped")]


# The calendar


def adopted_plan() -> Plan:
    """IOM leads, ILO contributes; a paper due, a milestone, and a deliverable without a date."""
    acting = {"by": secretariat, "at": NOW, "composition": COMPOSITION}
    plan = Plan.open(2014, **acting)
    plan.add_activity(
        "demand",
        {
            "title": "Demand",
            "lead": "IOM",
            "contributors": ["ILO"],
            "deliverables": [
                {"id": "paper", "kind": "document", "title": "Paper", "due": utc(2014, 10)},
                {"id": "launch", "kind": "meeting", "title": "Launch"},
            ],
            "milestones": [{"id": "draft", "title": "First draft", "due": utc(2014, 4)}],
        },
        **acting,
    )
    plan.add_activity("dropped", {"title": "Dropped", "lead": "IOM", "milestones": [{"title": "Never", "due": utc(2014, 5)}]}, **acting)
    plan.cancel_activity("dropped", "r", **acting)
    plan.open_consultation(**acting)
    plan.open_adoption("express", None, **acting)
    endorse(plan)
    return plan


def endorse(plan: Plan, amendment: str | None = None, at=NOW) -> None:
    for code in COMPOSITION.seated(at):
        digest = plan.digest_with(plan.amendments[-1]) if amendment else plan.digest
        plan.take_position(digest, "endorse", by=focal(code), at=at, composition=COMPOSITION, amendment=amendment)


def amend(plan: Plan, id: str, kind: str, changes: dict | None, at: datetime) -> None:
    acting = {"by": secretariat, "at": at, "composition": COMPOSITION}
    plan.propose_amendment(id, kind=kind, activity="demand", changes=changes, reason="r", **acting)
    plan.open_amendment(id, "express", None, **acting)
    endorse(plan, id, at)


def briefed() -> Briefing:
    told = {"title": "Consultation", "kind": "consultation", "place": "New York", "agenda": ["The plan"], "on_margins_of": "CCPCJ"}
    return Briefing.announce(
        "b", by=secretariat, at=NOW, composition=COMPOSITION, starts_at=utc(2014, 5, 13, 9), ends_at=utc(2014, 5, 13, 12), **told
    )


def entries(entity=None, by=secretariat, *, since=None, until=None, at=AFTER, meetings=(), briefings=(), plans=()) -> dict[str, dict]:
    shown = calendar(
        entity, since, until, briefings=briefings, meetings=meetings, owing=meetings, plans=plans, by=by, at=at, composition=COMPOSITION
    )
    shown = dump(contract.CalendarAnswer, shown)
    assert shown["entity"] == entity
    assert [entry["starts_at"] for entry in shown["entries"]] == sorted(entry["starts_at"] for entry in shown["entries"])
    assert all(set(entry) == set(contract.CalendarEntry().fields) for entry in shown["entries"])
    found = {entry["uid"]: entry for entry in shown["entries"]}
    assert len(found) == len(shown["entries"]), "no two entries have one uid"
    return found


def test_each_sees_the_calendar_that_is_its_own():
    meeting, briefing, plan = held().meeting, briefed(), adopted_plan()
    known = {"meetings": [meeting], "briefings": [briefing], "plans": [plan, Plan.begin(2015, at=NOW)]}
    everyones = {"briefing-b@icat"}
    groups = everyones | {"meeting-m@icat"}
    steps = {"deliverable-2014/demand/paper@icat", "milestone-2014/demand/draft@icat"}
    for outsider in (mission, focal("GONE")):
        assert set(entries(by=outsider, **known)) == everyones
    assert set(entries(by=focal("WB"), **known)) == set(entries(**known)) == groups
    for by in (focal("WB"), secretariat):
        assert set(entries("WB", by, **known)) == groups | {"action-m/a1@icat"}
    for entity in ("IOM", "ILO"):
        assert set(entries(entity, focal(entity), **known)) == groups | steps, "who leads, and who contributes"
    assert set(entries("GONE", focal("GONE"), **known)) == everyones, "one that left is outside"
    for by in (focal("ILO"), mission, Actor("desk", "IOM", frozenset({"mission"}))):
        with pytest.raises(Refusal) as caught:
            entries("IOM", by, **known)
        assert (caught.value.kind, caught.value.rule) == ("not_allowed", "own-entity")


def test_a_calendar_is_narrowed_to_what_touches_the_time_asked_for():
    known = {"meetings": [called().meeting], "briefings": [briefed()], "plans": [adopted_plan()]}
    assert set(entries(since=BEGINS + timedelta(hours=1), until=utc(2014, 4), **known)) == {"meeting-m@icat"}
    assert entries(until=BEGINS, **known) == {}
    assert set(entries("IOM", since=utc(2014, 10), **known)) == {"deliverable-2014/demand/paper@icat"}
    with pytest.raises(Refusal) as caught:
        entries(since=BEGINS, until=BEGINS)
    assert (caught.value.kind, caught.value.field) == ("invalid", "until")


def test_a_cancelled_entry_stays_with_a_higher_sequence_so_that_calendars_drop_it():
    room, briefing = called(agenda=[{"title": "Demand"}]), briefed()
    before = entries(meetings=[room.meeting], briefings=[briefing])
    assert before["meeting-m@icat"]["description"] == "1. Demand"
    assert before["briefing-b@icat"]["description"] == "On the margins of CCPCJ\n1. The plan"
    briefing.change({"place": "Geneva"}, reason="", by=secretariat, at=AFTER, composition=COMPOSITION)
    assert entries(briefings=[briefing])["briefing-b@icat"]["updated_at"] == "2014-03-06T00:00:00Z"
    room.cancel("Strike")
    briefing.cancel("Strike", by=secretariat, at=AFTER, composition=COMPOSITION)
    after = entries(meetings=[room.meeting], briefings=[briefing])
    for uid, entry in after.items():
        assert entry["sequence"] > before[uid]["sequence"]
        assert (before[uid]["state"], entry["state"]) == ("confirmed", "cancelled")
        assert entry["description"].startswith("Strike\n")


def test_what_a_plan_promises_keeps_its_uid_and_its_sequence_grows_with_each_change():
    plan, seen = adopted_plan(), []
    paper, draft = "deliverable-2014/demand/paper@icat", "milestone-2014/demand/draft@icat"

    def look() -> dict[str, dict]:
        seen.append(entries("IOM", plans=[plan], at=utc(2014, 12)))
        return seen[-1]

    acting = {"by": secretariat, "composition": COMPOSITION}
    assert look()[draft]["done"] is False
    plan.report_progress("demand", "n", ["draft"], at=utc(2014, 3), **acting)
    assert (look()[draft]["done"], look()[draft]["updated_at"], look()[paper]["sequence"]) == (True, "2014-03-01T00:00:00Z", 0)
    later = [{"id": "paper", "kind": "document", "title": "Paper", "due": utc(2014, 11)}]
    amend(plan, "x", "change", {"deliverables": later}, utc(2014, 5))
    assert (look()[paper]["starts_at"], look()[paper]["updated_at"]) == ("2014-11-01T00:00:00Z", "2014-05-01T00:00:00Z")
    plan.deliver("demand", "paper", {"document": "d"}, lead="IOM", at=utc(2014, 6))
    assert look()[paper]["done"] is True
    amend(plan, "y", "change", {"milestones": []}, utc(2014, 7))
    assert look()[draft]["state"] == "cancelled"
    amend(plan, "z", "drop", None, utc(2014, 8))
    assert {entry["state"] for entry in look().values()} == {"cancelled"}
    for before, after in pairwise(seen):
        assert set(before) == set(after) == {paper, draft}
        for uid, entry in after.items():
            unchanged = {name: entry[name] for name in entry if name not in ("sequence", "updated_at")} == {
                name: before[uid][name] for name in entry if name not in ("sequence", "updated_at")
            }
            assert entry["sequence"] >= before[uid]["sequence"] + (not unchanged)


def test_an_action_item_in_a_calendar_follows_its_owner_and_its_fate():
    room, uid = held(), "action-m/a1@icat"
    entry = entries("WB", meetings=[room.meeting])[uid]
    assert (entry["kind"], entry["sequence"], entry["done"], entry["starts_at"]) == ("action_item", 0, False, entry["ends_at"])
    room.change_action("a1", owner="ILO", reason="r", at=AFTER)
    assert uid not in entries("WB", meetings=[room.meeting])
    assert entries("ILO", meetings=[room.meeting])[uid]["sequence"] == 1
    other = room.copy()
    room.complete_action("a1", "Sent", at=DUE)
    other.drop_action("a1", "Moot", at=DUE)
    entry = entries("ILO", meetings=[room.meeting])[uid]
    assert (entry["done"], entry["state"], entry["sequence"], entry["updated_at"]) == (True, "confirmed", 2, "2014-05-01T00:00:00Z")
    entry = entries("ILO", meetings=[other.meeting])[uid]
    assert (entry["done"], entry["state"], entry["sequence"]) == (False, "cancelled", 2)


# Whatever comes in whatever order

DATES = {"starts_at", "due"}
ACTORS = [secretariat, focal("IOM"), focal("ILO"), focal("WB"), mission]


class TheLifeOfAMeeting(RuleBasedStateMachine):
    """Orders come by random actors at growing instants; the clock runs, or does not, in between."""

    @initialize(held=st.booleans())
    def begin(self, held):
        """Begun before the meeting or after it, so that the steps are spent on what can go wrong there."""
        self.at = utc(2014, 2)
        self.set_at = {"meeting": self.at}  # when the present date of the meeting, or of an action item, was set
        self.reminded: set[tuple] = set()
        self.settled: dict[str, datetime] = {}  # the meeting's cancelling among them
        self.last: dict[str, dict] = {}
        self.meeting = called(at=self.at).meeting
        if held:
            self.at = AFTER
            self.order(lambda meeting: meeting.tick(self.at))
            self.assign(secretariat, "IOM", 30)

    def order(self, do) -> None:
        """Carried out as the store does it: decided on a copy, kept only when not refused, facts against the contract."""
        attempt = deepcopy(self.meeting)
        try:
            do(attempt)
        except Refusal:
            return
        facts = attempt.take_happened()
        assert facts or attempt == self.meeting, "a change that no fact tells of"
        self.meeting = attempt
        for fact in facts:
            contract.contract.events[fact.name].publish(fact.data)
            self.reckon(fact)

    def reckon(self, fact) -> None:
        """A reminder falls when it should, once, after the date was set, and before what it reminds of was settled."""
        data = fact.data
        what = data.get("action", "meeting")
        if fact.name in ("meeting_reminded", "action_reminded"):
            when = data["starts_at"] if what == "meeting" else data["due"]
            assert self.set_at[what] < fact.at == when - timedelta(days=data["days"])
            assert fact.at <= self.settled.get(what, fact.at)
            assert what != "meeting" or fact.at < data["starts_at"]
            assert (what, when, data["days"]) not in self.reminded
            self.reminded.add((what, when, data["days"]))
        elif fact.name in ("meeting_cancelled", "action_completed", "action_dropped"):
            self.settled[what] = fact.at
        elif fact.name == "action_assigned" or (fact.name in ("meeting_changed", "action_changed") and data["before"].keys() & DATES):
            self.set_at[what] = fact.at

    def told(self, by: Actor) -> dict:
        return {"by": by, "at": self.at, "composition": COMPOSITION}

    @rule(days=st.sampled_from([8, 20, 40]))
    def weeks_pass(self, days):
        self.time_passes(24 * days, True)

    @rule(hours=st.sampled_from([24 * 3, 1, 24]), ticks=st.booleans())
    def time_passes(self, hours, ticks):
        self.at += timedelta(hours=hours)
        if ticks:
            self.order(lambda meeting: meeting.tick(self.at))
            self.order(lambda meeting: meeting.tick(self.at - timedelta(days=1)))  # another copy, late

    @rule(by=st.sampled_from(ACTORS), days=st.integers(-20, 60), place=st.sampled_from(["Vienna", "Geneva"]))
    def move(self, by, days, place):
        begins = self.at + timedelta(days=days)
        changes = {"starts_at": begins, "ends_at": begins + timedelta(hours=3), "place": place}
        self.order(lambda meeting: meeting.change(changes, reason="r", **self.told(by)))

    @rule(by=st.sampled_from(ACTORS), titles=st.lists(st.sampled_from("ABC"), max_size=3), item=st.sampled_from([None, "i1", "x"]))
    def prepare(self, by, titles, item):
        papers = [{"title": "P", "url": f"/p/{len(self.meeting.agenda)}"}]
        self.order(lambda meeting: meeting.change({"agenda": [{"title": title} for title in titles]}, reason="", **self.told(by)))
        self.order(lambda meeting: meeting.change({"papers": papers}, reason="", **self.told(by)))
        self.order(lambda meeting: meeting.propose_item("A", item=item, **self.told(by)))

    @rule(by=st.sampled_from(ACTORS), entity=st.sampled_from([*SEATED, "WB", "GONE"]), word=st.sampled_from(["yes", "no"]))
    def reply(self, by, entity, word):
        self.order(lambda meeting: meeting.reply(entity, word, [], letter="l", **self.told(by)))

    @rule(by=st.sampled_from(ACTORS), attended=st.booleans(), item=st.sampled_from([None, "i1"]))
    def record(self, by, attended, item):
        self.order(lambda meeting: meeting.record_attendance([{"entity": "IOM", "attended": attended}], **self.told(by)))
        self.order(lambda meeting: meeting.record_decision("d", item=item, **self.told(by)))

    @rule(by=st.sampled_from(ACTORS), owner=st.sampled_from(["IOM", "WB"]), days=st.integers(-10, 30))
    def assign(self, by, owner, days):
        self.order(lambda meeting: meeting.assign_action("w", owner, self.at + timedelta(days=days), **self.told(by)))

    @rule(by=st.sampled_from(ACTORS), owner=st.sampled_from([None, "ILO"]), days=st.integers(-10, 30))
    def postpone(self, by, owner, days):
        due = self.at + timedelta(days=days)
        self.order(lambda meeting: meeting.change_action("a1", owner=owner, due=due, reason="r", **self.told(by)))

    @rule(by=st.sampled_from(ACTORS), drop=st.booleans(), id=st.sampled_from(["a2", "a1"]))
    def settle(self, by, drop, id):
        do = Meeting.drop_action if drop else Meeting.complete_action
        self.order(lambda meeting: do(meeting, id, "n", **self.told(by)))

    @rule(by=st.sampled_from(ACTORS))
    def cancel(self, by):
        self.order(lambda meeting: meeting.cancel("r", **self.told(by)))

    @invariant()
    def no_calendar_goes_back_or_misses_a_change(self):
        shown = {}
        for entity in ("ILO", "IOM", "WB"):
            shown |= entries(entity, meetings=[self.meeting], at=self.at)
        assert "meeting-m@icat" in shown
        for uid, before in self.last.items():
            after = shown[uid]
            changed = any(before[name] != after[name] for name in before if name not in ("sequence", "updated_at"))
            assert after["sequence"] > before["sequence"] if changed else after["sequence"] >= before["sequence"]
            assert after["updated_at"] >= before["updated_at"]
        self.last = shown

    @invariant()
    def identifiers_are_unique_and_what_is_past_is_not_due(self):
        for ids in (
            [item.item for item in self.meeting.agenda],
            [decision.decision for decision in self.meeting.decisions],
            [action.action for action in self.meeting.actions],
        ):
            assert len(ids) == len(set(ids))
        assert not ("meeting" in self.settled and self.meeting.actions)
        assert {what for what, *_ in self.reminded} <= set(self.set_at)


TestTheLifeOfAMeeting = TheLifeOfAMeeting.TestCase
TestTheLifeOfAMeeting.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
