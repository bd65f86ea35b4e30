"""Comments as a real process keeps them: made by many at once, found again, paged, and never lost by a crash."""

import itertools
import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from contracts.subscriptions import FORMER
from launcher.home import ROOT
from messaging import topology
from messaging.context import written
from messaging.wire import Outgoing, connect, drop
from services.kernel import Actor, Composition, Membership, Refusal, Seat, Term, utc
from tests.services.room import MISSION, SECRETARIAT, Room, focal, refusal

MEMBERS = ["ILO", "IOM", "OHCHR", "UNDP", "UNHCR", "UNICEF", "UNODC"]
GROUP = Composition(
    memberships=[Membership(code, utc(2010)) for code in MEMBERS] + [Membership("WB", utc(2010), utc(2013))],
    seats=[Seat(code, utc(2010)) for code in MEMBERS],
    terms={"2014": Term(2014, ["IOM"], "begun")},
)
NOW = utc(2014, 3, 3, 9)
DAY = timedelta(days=1)
CHAIR, LEAD, CO, OTHER = focal("IOM"), focal("OHCHR"), focal("ILO"), focal("UNICEF")
TEXT = "States should address the demand that fosters all forms of exploitation."


class Papers(Room):
    """The room of documents, where papers are commented on."""

    def in_round(self, *texts: str, id: str = "") -> str:
        paper = self("propose", LEAD, kind="information_note", title="A title", lead="OHCHR", co_drafters=["ILO"], id=id)["id"]
        self.save(paper, 0, *texts or (TEXT, "Another section."))
        self("open_comment_round", CHAIR, document=paper, deadline=written(NOW + 10 * DAY))
        return paper

    def save(self, paper: str, base: int, *texts: str) -> None:
        sections = [{"heading": f"Section {place}", "text": text} for place, text in enumerate(texts)]
        self("save_revision", LEAD, document=paper, base=base, sections=sections, summary="A summary")

    def say(self, paper: str, text: str = "Which?", by: Actor = OTHER, **more: Any) -> dict[str, Any]:
        said = {"section": 1, "quotation": "the demand", "text": text}
        return self("comment", by, document=paper, **(said | more))

    def all(self, paper: str, **wanted: Any) -> list[dict[str, Any]]:
        """Every comment that matches, page after page."""
        found, after = [], None
        while True:
            page = self("comments", LEAD, document=paper, after=after, **wanted)
            found += page["items"]
            if (after := page["next"]) is None:
                return found

    def records(self, paper: str) -> list[dict[str, Any]]:
        return list(self.database.comments.find({"document": paper}).sort("number", 1))


@pytest.fixture(scope="module")
def room(house, eventually) -> Iterator[Papers]:
    with Papers(house, eventually, "documents", at=NOW).alone() as papers:
        papers.seat(GROUP)
        yield papers


def refused(kind: str, rule: str, do, *args, **kwargs) -> Refusal:
    told = refusal(lambda: do(*args, **kwargs))
    assert (told.kind, told.rule) == (kind, rule), told.detail
    return told


def test_of_a_document_without_a_text_there_are_no_comments(room):
    paper = room("propose", LEAD, kind="information_note", title="A title", lead="OHCHR", co_drafters=["ILO"])["id"]
    assert room("comments", LEAD, document=paper) == {"items": [], "next": None}


def test_a_comment_its_thread_and_its_dispositions(room):
    paper = room.in_round()
    made = room.say(paper)
    assert (made["number"], made["heading"], made["section_id"], made["start"]) == (1, "Section 0", "s1", 22)
    assert (made["passage"], made["section_now"], made["start_now"], made["quotation_now"]) == ("here", 1, 22, "the demand")
    assert (made["entity"], made["person"], made["at"]) == ("UNICEF", "unicef.person", written(NOW))
    for number, (who, text) in enumerate([(CO, "The one for services."), (OTHER, "Then say so."), (focal("UNDP"), "Yes.")]):
        answer = room("reply_to_comment", who, document=paper, comment=1, text=text, at=NOW + number * DAY)
    assert [(reply["entity"], reply["text"], reply["at"]) for reply in answer["replies"]] == [
        ("ILO", "The one for services.", written(NOW)),
        ("UNICEF", "Then say so.", written(NOW + DAY)),
        ("UNDP", "Yes.", written(NOW + 2 * DAY)),
    ]
    room("dispose", LEAD, document=paper, comment=1, outcome="rejected", reason="It is clear.", at=NOW + 2 * DAY)
    answer = room("dispose", CO, document=paper, comment=1, outcome="accepted", at=NOW + 2 * DAY)
    assert [(one["outcome"], one["reason"], one["entity"]) for one in answer["dispositions"]] == [
        ("rejected", "It is clear.", "OHCHR"),
        ("accepted", "", "ILO"),
    ]
    assert answer["disposition"] == answer["dispositions"][-1]
    later = {"at": NOW + 3 * DAY}
    assert room("get_comment", LEAD, document=paper, comment=1, **later) == answer == room.all(paper)[0]
    assert room("get_document", LEAD, document=paper, **later)["comments"] == {"total": 1, "open": 0}
    refused("not_found", "comment-exists", room, "get_comment", LEAD, document=paper, comment=2)
    for ask, more in (("comments", {}), ("get_comment", {"comment": 1})):
        assert refusal(lambda ask=ask, more=more: room(ask, MISSION, document=paper, **more)).kind == "not_found"
        assert refusal(lambda ask=ask, more=more: room(ask, focal("WB"), document=paper, **more)).kind == "not_found"
    for event in room.history(f"document/{paper}"):
        assert not any(said in str(event) for said in ("the demand", "Then say", "is clear")), "words stand in no event"


def test_a_passage_that_never_stood_there_changes_nothing(room):
    paper = room.in_round()
    for field, wrong in (
        ("section", {"section": 3}),
        ("quotation", {"quotation": "the supply"}),
        ("quotation", {"section": 2}),
        ("start", {"start": 23}),
        ("revision", {"revision": 2}),
    ):
        assert refusal(lambda wrong=wrong: room.say(paper, **wrong)).field == field
    assert refused("not_found", "exists", room.say, paper, by=MISSION).field is None
    assert (room.all(paper), room.records(paper)) == ([], [])
    assert room.say(paper)["number"] == 1


def test_a_passage_goes_with_its_words_through_revisions(room):
    paper = room.in_round()
    room.say(paper)
    for base, texts, where in (
        (1, ("Before. " + TEXT, "Another section."), ("here", 1, "s1", 30, "the demand")),
        (2, ("Nothing.", "Here " + TEXT), ("moved", 2, "s2", 27, "the demand")),
        (3, (TEXT, "Here"), ("here", 1, "s1", 22, "the demand")),
        (4, ("Nothing.", "Nothing."), ("gone", None, None, None, None)),
    ):
        room.save(paper, base, *texts)
        (found,) = room.all(paper)
        assert tuple(found[f"{name}"] for name in ("passage", "section_now", "section_id_now", "start_now", "quotation_now")) == where
        assert (found["section"], found["section_id"], found["start"], found["quotation"]) == (1, "s1", 22, "the demand")
    room.save(paper, 5, TEXT.replace("all forms", "many kinds"), "Another section.")
    room.say(paper, quotation="fosters many kinds of exploitation")
    room.save(paper, 6, TEXT.replace("all forms", "all kinds"), "Another section.")
    assert (room.all(paper)[1]["passage"], room.all(paper)[1]["quotation_now"]) == ("changed", "fosters all kinds of exploitation")
    old = room.say(paper, revision=6, quotation="many kinds of exploitation")
    assert (old["revision"], old["passage"], old["quotation_now"]) == (6, "changed", "all kinds of exploitation")


def test_an_order_that_comes_again_is_answered_and_not_done_again(room):
    paper = room.in_round()
    first = room.say(paper, id="said")
    room.say(paper, "Another.")
    reply = room("reply_to_comment", CO, document=paper, comment=1, text="This.", id="replied")
    disposed = room("dispose", CO, document=paper, comment=1, outcome="accepted", id="disposed")
    again = room.say(paper, id="said")
    assert (again["number"], again["text"], again["at"]) == (1, "Which?", first["at"])
    room.eventually(lambda: room("status")["pending"] == 0)
    assert room("reply_to_comment", CO, document=paper, comment=1, text="This.", id="replied")["replies"] == reply["replies"]
    assert room("dispose", CO, document=paper, comment=1, outcome="accepted", id="disposed") == disposed
    assert len(room.all(paper)) == 2


def test_comments_are_filtered_and_paged_by_number(room):
    paper = room.in_round(TEXT, "Another section with the demand.")
    who = itertools.cycle([OTHER, CO, CHAIR])
    for number in range(1, 13):
        room.say(paper, f"Comment {number}", next(who), section=2 if number % 4 == 0 else 1)
    for number in (2, 3, 8):
        room("dispose", LEAD, document=paper, comment=number, outcome="accepted")

    def numbers(**wanted: Any) -> list[int]:
        return [one["number"] for one in room.all(paper, **wanted)]

    assert numbers(limit=5) == list(range(1, 13))
    assert numbers(open=False, limit=2) == [2, 3, 8]
    assert numbers(open=True, limit=2) == [1, 4, 5, 6, 7, 9, 10, 11, 12]
    assert numbers(entity="ILO") == [2, 5, 8, 11]
    assert numbers(section_id="s2") == [4, 8, 12]
    assert numbers(section_id="s2", entity="ILO", open=False) == [8]
    assert numbers(section_id="s9") == numbers(entity="UNDP") == []
    for cursor in ("x", "-1", "1.5", "9" * 40, "\u0663"):
        refused("invalid", "cursor", room, "comments", LEAD, document=paper, after=cursor)
    plan = room.database.command(
        "explain", {"find": "comments", "filter": {"document": paper, "number": {"$gt": 3}}}, verbosity="queryPlanner"
    )
    assert "COLLSCAN" not in str(plan)


def test_a_page_ends_where_an_answer_would_grow_too_large(room):
    paper = room.in_round()
    for number in range(1, 4):
        room.say(paper, f"Comment {number}")
    for _ in range(3):
        room("reply_to_comment", CO, document=paper, comment=1, text="x" * 10_000)
    room.database.comments.update_one({"_id": f"{paper}.1"}, {"$set": {"text": "y" * 2_000_000}})  # as a hundred long replies would
    page = room("comments", LEAD, document=paper)
    assert ([one["number"] for one in page["items"]], page["next"]) == ([1], "1")
    assert [one["number"] for one in room.all(paper)] == [1, 2, 3]


def test_a_thread_has_an_end(room):
    paper = room.in_round()
    room.say(paper)
    record = {"_id": f"{paper}.1"}
    (reply,) = room("reply_to_comment", CO, document=paper, comment=1, text="The first.")["replies"]
    stored = room.database.comments.find_one(record)["replies"][0]
    more = [stored | {"sequence": 1_000 + number} for number in range(99)]
    room.database.comments.update_one(record, {"$push": {"replies": {"$each": more}}})
    refused("conflict", "thread-length", room, "reply_to_comment", CO, document=paper, comment=1, text="One more.")
    assert room("get_comment", CO, document=paper, comment=1)["replies"] == [reply] * 100


def test_of_many_who_comment_at_once_none_is_lost_and_numbers_are_consecutive(room):
    paper = room.in_round()
    room.say(paper)
    orders = [(entity, number) for entity in MEMBERS for number in range(6)]

    def order(one: tuple[str, int]) -> dict[str, Any]:
        entity, number = one
        if number == 5:
            return room("reply_to_comment", focal(entity), document=paper, comment=1, text=f"{entity} replies")
        return room.say(paper, f"{entity} {number}", focal(entity), id=f"{entity}-{number}")

    with room.second_copy(ICAT_REHEARSAL="1"), ThreadPoolExecutor(12) as at_once:
        room.eventually(lambda: room.copies() == 2)
        answers = list(at_once.map(order, orders))
        assert room.say(paper, id="ILO-0")["number"] == answers[0]["number"], "asked again, of whichever copy"
    made = [answer for (_, number), answer in zip(orders, answers, strict=True) if number < 5]
    assert sorted(answer["number"] for answer in made) == list(range(2, 2 + 5 * len(MEMBERS)))
    listed = room.all(paper)
    assert [one["number"] for one in listed] == list(range(1, len(listed) + 1))
    assert {one["text"] for one in listed[1:]} == {f"{entity} {number}" for entity, number in orders if number < 5}
    assert {reply["entity"] for reply in listed[0]["replies"]} == set(MEMBERS)
    assert room("get_document", LEAD, document=paper)["comments"]["total"] == len(listed)


HALF = """
import sys
from datetime import datetime
from messaging import store
from messaging.context import Order
from services.kernel import Actor
from services.documents.store import composition, documents, texts
store.connect(sys.argv[1])
at = datetime.fromisoformat(sys.argv[3])
for id, entity, act, said in (
    ("half-said", "UNICEF", "comment", (None, 1, "the demand", 0, "Said before the crash.")),
    ("half-replied", "UNDP", "reply_to_comment", (1, "Replied before the crash.")),
    ("half-disposed", "OHCHR", "dispose", (1, "rejected", "Answered before the crash.")),
):
    by = Actor(entity, entity, frozenset({"focal_point"}))
    who = {"by": by, "at": at, "group": composition.value()} | ({"read": texts.text} if act == "comment" else {})
    order = Order(id=id, by=by, at=at, correlation=id)
    documents.change(sys.argv[2], order, lambda d: getattr(d, act)(*said, **who))
"""


def crash_after_the_write(room: Papers, paper: str) -> None:
    """A comment, a reply and a disposition as a process leaves them that is killed right after each write."""
    command = [sys.executable, "-W", "ignore", "-c", HALF, room.house.mongo_uri("documents"), paper, NOW.isoformat()]
    subprocess.run(command, cwd=ROOT, check=True, timeout=60)


def must_be_whole(comment: dict[str, Any]) -> None:
    assert (comment["number"], comment["text"], comment["entity"]) == (1, "Said before the crash.", "UNICEF")
    assert [reply["text"] for reply in comment["replies"]] == ["Replied before the crash."]
    assert [(one["outcome"], one["reason"]) for one in comment["dispositions"]] == [("rejected", "Answered before the crash.")]


def test_what_a_crash_leaves_between_the_write_and_the_record_is_finished(room):
    paper = room.in_round()
    with room.stopped():
        crash_after_the_write(room, paper)
        assert room.records(paper) == []
    room.eventually(lambda: room.records(paper) and room.records(paper)[0]["dispositions"])
    must_be_whole(room.all(paper)[0])


ASKED = """
import json, sys
from messaging import store
from messaging.context import Cause
from services.documents.store import comments, documents
from services.kernel import Actor, utc
store.connect(sys.argv[1])
ask, paper = sys.argv[2:]
replayed = documents.change(paper, Cause("half-disposed", Actor("OHCHR"), utc(2014)), lambda document: None)
answers = {
    "get": lambda: comments.get(paper, 1),
    "listed": lambda: comments.listed(paper, 1)[0][0],
    "told": lambda: comments.told(replayed, Cause("half-disposed", Actor("OHCHR"), utc(2014))),
    "length": lambda: (comments.length(paper, 1, "replies"), comments.get(paper, 1))[1],
}
print(json.dumps(answers[ask](), default=str))
"""


@pytest.mark.parametrize("ask", ["get", "listed", "told", "length"])
def test_what_is_asked_for_before_the_relay_took_up_the_events_is_answered_whole(room, ask):
    paper = room.in_round()
    with room.stopped():
        crash_after_the_write(room, paper)
        assert room.records(paper) == []
        command = [sys.executable, "-W", "ignore", "-c", ASKED, room.house.mongo_uri("documents"), ask, paper]
        answer = subprocess.run(command, cwd=ROOT, check=True, timeout=60, capture_output=True, text=True).stdout
        must_be_whole(json.loads(answer))
        before = room.records(paper)
    room.eventually(lambda: room.database.documents.count_documents({"unsent": 1}) == 0)
    assert room.records(paper) == before, "and what the relay takes up again is there already"
    must_be_whole(room.all(paper)[0])


ANEW = """
import random, sys
from messaging import store
from services.documents.store import CommentRecord, comments, documents
store.connect(sys.argv[1])
told = [event for event in documents.history(sys.argv[2]) if "comment" in event["data"]]
for seed in range(6):
    if seed % 2:
        CommentRecord._get_collection().delete_many({"document": sys.argv[2]})
    events = random.Random(seed).sample(told * 2, 2 * len(told))
    while events:
        some, events = events[: 1 + seed], events[1 + seed :]
        comments.take_up(some)
    found = CommentRecord._get_collection().find({"document": sys.argv[2]}).sort("number", 1)
    in_order = lambda said: sorted(said, key=lambda one: one["sequence"]) if isinstance(said, list) else said
    print([sorted((name, in_order(value)) for name, value in record.items()) for record in found])
"""


def test_events_that_are_taken_up_late_twice_and_in_any_order_make_the_same_record(room):
    paper = room.in_round()
    for number in (1, 2):
        room.say(paper, f"Comment {number}")
        for who in (CO, OTHER):
            room("reply_to_comment", who, document=paper, comment=number, text=f"{who.entity} on {number}")
    room("dispose", CO, document=paper, comment=1, outcome="rejected", reason="No.")
    room("dispose", CO, document=paper, comment=1, outcome="accepted")
    listed = room.all(paper)
    command = [sys.executable, "-W", "ignore", "-c", ANEW, room.house.mongo_uri("documents"), paper]
    made = subprocess.run(command, cwd=ROOT, check=True, timeout=60, capture_output=True, text=True).stdout.splitlines()
    assert len(made) == 6
    assert len(set(made)) == 1
    assert room.all(paper) == listed


def test_what_was_listened_to_once_is_handled_if_it_still_comes_and_then_taken_back(room):
    """An older copy of the service, which listened to these events, may bind them again; the next who declares unbinds them."""
    former = {f"icat.{key}": key for key in FORMER["documents"]}
    paper = room.in_round()
    room.say(paper)
    room("reply_to_comment", CO, document=paper, comment=1, text="This one.")
    room("dispose", CO, document=paper, comment=1, outcome="accepted")
    events = [event for event in room.history(f"document/{paper}") if event["type"] in former]
    assert len(events) == len(former)
    before, queue = room.records(paper), topology.events_queue("documents")

    connection = connect(room.house.amqp_uri)
    try:
        for key in former.values():
            connection.channel().queue_bind(queue, topology.exchange("documents").name, key)
        for event in events:
            room.tell(event, 2)
        room.quiet()
        assert room.records(paper) == before
        for failed in (topology.dead_queue("documents"), topology.retry_queue("documents", 1)):
            assert room.queue(failed).message_count == 0
        topology.declare(connection)
    finally:
        drop(connection)
    unheard = [Outgoing(former[event["type"]], b"{}", id=event["id"], exchange="icat.documents") for event in events]
    assert room.publisher.publish(unheard) == [False] * len(events)


def test_a_killed_service_loses_no_comment(room):
    paper = room.in_round()
    with ThreadPoolExecutor(6) as at_once:
        said = [at_once.submit(room.say, paper, f"{n}", focal(MEMBERS[n % 7]), id=f"killed-{paper}-{n}", timeout=5) for n in range(30)]
        room.eventually(lambda: len(room.records(paper)) > 5)
        room.kill()
        for one in said:
            one.exception()  # some were asked of a process that was no more
    for number in range(30):
        room.say(paper, f"{number}", focal(MEMBERS[number % 7]), id=f"killed-{paper}-{number}")
    room.eventually(lambda: len(room.records(paper)) == 30)
    listed = room.all(paper)
    assert [one["number"] for one in listed] == list(range(1, 31))
    assert sorted(int(one["text"]) for one in listed) == list(range(30)), "each once"


def test_a_round_reminds_those_who_have_not_spoken(room):
    paper = room.in_round()
    room.say(paper)
    room("tick", SECRETARIAT, to=written(NOW + 9 * DAY), at=NOW + 9 * DAY)
    told = [event for event in room.history(f"document/{paper}") if event["type"] == "icat.documents.reminded.v1"]
    assert [(event["time"], event["data"]["days"], event["data"]["entities"]) for event in told] == [
        (written(NOW + 7 * DAY), 3, ["IOM", "UNDP", "UNHCR", "UNODC"]),
        (written(NOW + 9 * DAY), 1, ["IOM", "UNDP", "UNHCR", "UNODC"]),
    ]
