"""Clearance as a real process carries it out: the Group's own rules, reminders by the clock, certificates; and the statement that is
proposed each year because *chairs* tells that a term has started."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from contracts import chairs
from messaging.context import written
from services.kernel import Actor, Composition, Membership, Refusal, Seat, Term, utc
from services.kernel.actor import SYSTEM_ACTOR
from tests.services.room import MISSION, SECRETARIAT, Room, focal, refusal

SIX = ["ILO", "IOM", "OHCHR", "UNHCR", "UNICEF", "UNODC"]
GROUP = Composition(
    memberships=[Membership(code, utc(2010)) for code in [*SIX, "UNDP"]],
    seats=[Seat(code, utc(2010)) for code in SIX],
    terms={"2014": Term(2014, ["IOM"], "begun"), "2015": Term(2015, ["UNHCR", "ILO"], "begun")},
)
NOW = utc(2014, 3, 3, 9)
DAY, HOUR, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)
NOBODY = Actor("anonymous")
CHAIR, LEAD, CO = focal("IOM"), focal("OHCHR"), focal("ILO")


class Notes(Room):
    """The room of documents, where texts are cleared."""

    def tick(self, to: datetime) -> int:
        return self("tick", to=written(to), at=to)["changed"]

    def told(self, document: str, name: str) -> list[dict]:
        return [event for event in self.history(f"document/{document}") if event["type"] == f"icat.documents.{name}.v1"]

    def save(self, document: str, base: int, text: str) -> None:
        self("save_revision", LEAD, document=document, base=base, sections=[{"heading": "One", "text": text}], summary="S")

    def drafted(self, kind: str = "information_note", **more) -> str:
        document = self("propose", LEAD, kind=kind, title="A title", lead="OHCHR", co_drafters=["ILO"], **more)["id"]
        self.save(document, 0, "Some words.")
        return document

    def opened(self, by: str = "silence", deadline: datetime | None = NOW + 4 * DAY, **more) -> str:
        document = self.drafted(**more)
        self("open_clearance", CHAIR, document=document, by=by, deadline=deadline and written(deadline))
        return document


@pytest.fixture(scope="module")
def bare(house, eventually) -> Iterator[Notes]:
    """The service before chairs has said who belongs to the Group."""
    with Notes(house, eventually, "documents", at=NOW).alone() as room:
        yield room


@pytest.fixture(scope="module")
def room(bare: Notes) -> Notes:
    bare.seat(GROUP)
    return bare


def refused(kind: str, rule: str, do, /, *args, **kwargs) -> Refusal:
    told = refusal(lambda: do(*args, **kwargs))
    assert (told.kind, told.rule) == (kind, rule), told.detail
    return told


def test_a_term_that_starts_before_the_group_is_known_waits_for_it(bare):
    """What chairs tells first may arrive first."""
    bare.happen(chairs.TermStarted, {"year": 2014, "chairs": ["IOM"]}, at=utc(2014), times=2)
    bare.eventually(lambda: "projection" in bare.log() or "has not arrived" in bare.log())
    bare.seat(GROUP)
    proposed = bare.eventually(lambda: bare.database.documents.find_one({"_id": "world-day-2014"}))
    assert proposed["state"]["lead"] == "IOM"


def test_the_statement_of_the_year_is_proposed_once_however_often_and_late_it_is_heard(room):
    term, heard = {"year": 2015, "chairs": ["UNHCR", "ILO"]}, next(room.sequence)
    room.happen(chairs.TermStarted, term, at=utc(2015), sequence=heard, times=3)
    room.quiet()
    (proposed,) = room.told("world-day-2015", "proposed")
    assert (proposed["time"], proposed["actor"]) == ("2015-01-01T00:00:00Z", SYSTEM_ACTOR.person)
    seen = room("get_document", focal("UNHCR"), document="world-day-2015", at=utc(2015))
    assert (seen["lead"], seen["co_drafters"], seen["signatories"]) == ("UNHCR", ["ILO"], SIX)
    assert (seen["issue_at"], seen["occasion"]) == ("2015-07-30T00:00:00Z", "World Day against Trafficking in Persons")
    assert (seen["timetable"][0]["step"], seen["timetable"][0]["due"]) == ("first_draft", "2015-05-31T00:00:00Z")
    (wait,) = room("awaiting", focal("UNHCR"), entity="UNHCR", at=utc(2015, 1, 2))["items"]
    assert (wait["kind"], wait["deadline"]) == ("save_revision", "2015-05-31T00:00:00Z")
    for outsider in (MISSION, NOBODY):
        refused("not_found", "exists", room, "get_document", outsider, document="world-day-2015", at=utc(2015))
    room("withdraw", focal("UNHCR"), document="world-day-2015", reason="Another occasion", at=utc(2015, 2))
    room.happen(chairs.TermStarted, term, at=utc(2015), sequence=heard)
    room.happen(chairs.TermStarted, term, at=utc(2015))
    room.quiet()
    assert room("get_document", document="world-day-2015", at=utc(2015, 3))["state"] == "withdrawn"
    assert len(room.told("world-day-2015", "proposed")) == 1


def test_no_statement_is_proposed_for_a_day_that_was_past_when_the_term_started(room):
    room.happen(chairs.TermStarted, {"year": 2013, "chairs": ["IOM"]}, at=utc(2013, 7, 30))
    room.quiet()
    refused("not_found", "exists", room, "get_document", document="world-day-2013")


def test_overdue_steps_are_told_once_by_two_late_copies(room):
    with room.stopped(), room.second_copy(ICAT_REHEARSAL="0", ICAT_TICK_SECONDS="1"), room.second_copy(ICAT_REHEARSAL="0"):
        room.eventually(lambda: room.told("world-day-2014", "issue_stopped"))
        steps = [(event["data"]["step"], event["time"]) for event in room.told("world-day-2014", "reminded")]
    assert steps == [
        ("first_draft", "2014-05-31T00:00:00Z"),
        ("comments", "2014-06-20T00:00:00Z"),
        ("final_text", "2014-07-09T00:00:00Z"),
        ("clearance_opened", "2014-07-16T00:00:00Z"),
        ("cleared", "2014-07-25T00:00:00Z"),
        ("languages", "2014-07-28T00:00:00Z"),
    ]
    assert room.told("world-day-2014", "reminded")[0]["data"]["entities"] == ["IOM"]


def test_who_has_not_spoken_is_reminded_once_and_on_time(room):
    note = room.opened()
    digest = room("get_document", LEAD, document=note)["digest"]
    room("take_position", CO, document=note, digest=digest, word="no_objection")
    room.tick(NOW + DAY - SECOND)
    assert not room.told(note, "reminded")
    for _ in range(2):
        room.tick(NOW + 2 * DAY)
    (first,) = room.told(note, "reminded")
    assert (first["time"], first["data"]["days"]) == (written(NOW + DAY), 3)
    assert first["data"]["entities"] == [code for code in SIX if code != "ILO"]
    refused("too_late", "clock-passed", room, "take_position", CHAIR, document=note, digest=digest, word="endorse")
    room("take_position", CHAIR, document=note, digest=digest, word="endorse", at=NOW + 2 * DAY)
    room.tick(NOW + 5 * DAY)
    assert [event["time"] for event in room.told(note, "reminded")] == [written(NOW + DAY), written(NOW + 3 * DAY)]
    assert room("get_document", LEAD, document=note, at=NOW + 5 * DAY)["state"] == "cleared"


def test_what_a_refusal_names_as_accepted_is_accepted(room):
    note = room.drafted()
    at = NOW + timedelta(seconds=17, milliseconds=250)
    asked = {"document": note, "by": "silence", "at": at}
    told = refused("invalid", "silence-minimum", room, "open_clearance", CHAIR, deadline=written(NOW + timedelta(minutes=5)), **asked)
    assert (told.field, told.accepted) == ("deadline", "2014-03-06T09:01:00Z or later")
    room("open_clearance", CHAIR, deadline="2014-03-06T09:01:00Z", **asked)


def test_the_group_sets_its_rule_and_a_running_clearance_keeps_its_own(room):
    running, next_one = room.opened(), room.drafted()
    asked = {"kind": "information_note", "counts": "members", "minimum_hours": 24, "procedures": ["silence"]}
    for outsider in (LEAD, MISSION, NOBODY):
        refused("not_allowed", "chair-only", room, "set_passing_rule", outsider, **asked)
    for outsider in (MISSION, NOBODY):
        refused("not_allowed", "group-only", room, "passing_rules", outsider)
    before = room("passing_rules", CO)
    room("set_passing_rule", CHAIR, id="set-once", expected=before["version"] or None, **asked)
    assert room("set_passing_rule", CHAIR, id="set-once", **asked)["version"] == before["version"] + 1
    refused("stale", "if-match", room, "set_passing_rule", SECRETARIAT, expected=99, kind="issue_paper", minimum_hours=96)
    refused("invalid", "statement-express", room, "set_passing_rule", SECRETARIAT, kind="joint_statement", counts="members")
    (rule,) = (one for one in room("passing_rules", CO)["rules"] if one["kind"] == "information_note")
    assert (rule["counts"], rule["minimum_hours"], rule["procedures"]) == ("members", 24, ["silence"])
    (told,) = (event for event in room.history("rulebook/group") if event["data"]["kind"] == "information_note")
    assert (told["data"]["earlier"]["minimum_hours"], told["data"]["rule"]["minimum_hours"]) == (72, 24)
    assert (room("passing_rules", CO)["may_set"], room("passing_rules", CHAIR)["may_set"]) == ([], ["issue_paper", "information_note"])
    kept = room("get_document", CO, document=running)["clearance"]
    assert (kept["counting"], kept["counts"], kept["minimum_hours"], kept["blocking"]) == (SIX, "seats", 72, ["object"])
    assert room("get_document", CO, document=next_one)["passing_rule"] == rule
    refused("invalid", "passing-procedure", room, "open_clearance", CHAIR, document=next_one, by="express")
    opened = room("open_clearance", CHAIR, document=next_one, by="silence", deadline=written(NOW + DAY))
    assert opened["clearance"]["counting"] == sorted([*SIX, "UNDP"])
    back = {"kind": "information_note", "counts": "seats", "minimum_hours": 72, "procedures": ["express", "silence"]}
    room("set_passing_rule", SECRETARIAT, **back)


def test_a_letter_that_is_not_attached_to_the_document_is_refused(room):
    note = room.opened()
    said = {"document": note, "digest": room("get_document", LEAD, document=note)["digest"], "word": "endorse"}
    letter = {"on_behalf_of": "ILO", "letter": "Letter of 1 March", "letter_attachment": "attachment-1"}
    told = refused("invalid", "letter-attached", room, "take_position", SECRETARIAT, **said, **letter)
    assert (told.field, told.accepted) == ("letter_attachment", [])
    refused("invalid", "on-behalf-letter", room, "take_position", CO, **said, letter_attachment="attachment-1")
    refused("not_allowed", "own-entity", room, "take_position", CHAIR, **said, **letter)
    assert room("clearance", CO, document=note)["board"][0]["positions"] == []


def test_the_board_shows_each_text_that_was_put_forward(room):
    note = room.opened("express", None)
    said = {"document": note, "word": "endorse"}
    room("take_position", CO, digest=room("get_document", LEAD, document=note)["digest"], **said)
    room.save(note, 1, "Other words.")
    room("open_clearance", CHAIR, document=note, by="express")
    board = room("clearance", CO, document=note)
    assert [(text["revision"], text["state"]) for text in board["texts"]] == [(1, "superseded"), (2, "open")]
    (row,) = (row for row in board["board"] if row["entity"] == "ILO")
    assert (row["word"], row["positions"][0]["revision"], row["positions"][0]["stale"]) == (None, 1, True)


def test_the_certificate_is_everyone_s_once_the_text_is(room):
    note = room.opened()
    refused("conflict", "not-cleared", room, "certificate", LEAD, document=note)
    room.tick(NOW + 4 * DAY)
    assert room("certificate", LEAD, document=note, at=NOW + 4 * DAY)["published_at"] is None
    hidden = refused("not_found", "exists", room, "certificate", MISSION, document=note, at=NOW + 4 * DAY)
    assert hidden.detail == refused("not_found", "exists", room, "certificate", MISSION, document="no-such").detail.replace("no-such", note)
    room("publish", CHAIR, document=note, at=NOW + 5 * DAY)
    found = room("certificate", NOBODY, document=note, at=NOW + 5 * DAY)
    assert found["digest"] == found["published_digest"] == room("get_document", NOBODY, document=note, at=NOW + 5 * DAY)["digest"]
    assert (found["by"], found["passed_at"], found["counting"]) == ("silence", written(NOW + 4 * DAY), SIX)
    assert all(position["tacit"] for position in found["positions"])
