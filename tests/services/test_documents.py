"""Documents as real processes on a real broker and store: asked as the gateway asks, told as chairs tells."""

import _thread
import base64
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import datetime, timedelta

import pytest

from contracts import chairs
from contracts import documents as c
from contracts.envelope import is_genuine
from launcher.home import ROOT
from messaging.context import Order, written
from messaging.store import Saved
from services.kernel import Actor, Composition, Membership, Refusal, Seat, Term, utc
from services.kernel.actor import SYSTEM_ACTOR
from tests.services.room import MISSION, SECRETARIAT, Room, focal, refusal

SIX = ["ILO", "IOM", "OHCHR", "UNHCR", "UNICEF", "UNODC"]
GROUP = Composition(
    memberships=[Membership(code, utc(2010)) for code in [*SIX, "UNDP"]],
    seats=[Seat(code, utc(2010)) for code in SIX],
    terms={"2014": Term(2014, ["IOM"], "begun")},
)
NOW = utc(2014, 3, 3, 9)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
NOBODY = Actor("anonymous")
CHAIR, LEAD, CO = focal("IOM"), focal("OHCHR"), focal("ILO")


class Documents(Room):
    """The room of documents, and the ways to each state of one."""

    def tick(self, to: datetime) -> int:
        return self("tick", to=written(to), at=to)["changed"]

    def told(self, document: str, name: str) -> list[dict]:
        return [event for event in self.history(f"document/{document}") if event["type"] == f"icat.documents.{name}.v1"]

    def propose(self, kind: str = "issue_paper", **more) -> str:
        if kind == "joint_statement":
            more = {"occasion": "World Day", "issue_at": "2014-07-30T00:00:00Z"} | more
        return self("propose", LEAD, kind=kind, title="A title", lead="OHCHR", co_drafters=["ILO"], **more)["id"]

    def save(self, document: str, base: int, text: str, by: Actor = LEAD, **more) -> dict:
        sections = [{"heading": "One", "text": text}]
        return self("save_revision", by, document=document, base=base, sections=sections, summary="A summary", **more)

    def drafted(self, kind: str = "issue_paper", text: str = "Some words.", **more) -> str:
        document = self.propose(kind, **more)
        if kind == "issue_paper":
            self("agree_concept", CHAIR, document=document)
        self.save(document, 0, text)
        return document

    def cleared(self, kind: str = "issue_paper", text: str = "Some words.", **more) -> str:
        document = self.drafted(kind, text, **more)
        digest = self("open_clearance", CHAIR, document=document, by="express")["digest"]
        for entity in SIX:
            self("take_position", focal(entity), document=document, digest=digest, word="endorse")
        return document


@pytest.fixture(scope="module")
def bare(house, eventually) -> Iterator[Documents]:
    """The service before chairs has said who belongs to the Group."""
    with Documents(house, eventually, "documents", at=NOW).alone() as room:
        yield room


@pytest.fixture(scope="module")
def room(bare: Documents) -> Documents:
    bare.seat(GROUP)
    return bare


def refused(kind: str, rule: str, do, *args, **kwargs) -> Refusal:
    told = refusal(lambda: do(*args, **kwargs))
    assert (told.kind, told.rule) == (kind, rule), told.detail
    return told


def test_before_the_composition_is_known_the_group_waits_and_the_public_does_not(bare):
    refused("unavailable", "projection", bare.propose)
    refused("unavailable", "projection", bare, "documents", LEAD)
    assert bare("library", NOBODY) == {"items": [], "next": None}
    assert bare("documents", MISSION)["items"] == bare("documents")["items"] == []


def test_a_paper_from_proposal_to_presentation(room):
    deliverable = {"year": 2014, "activity": "demand", "deliverable": "paper"}
    paper = room.propose(deliverable=deliverable, pillars=["prevention"], summary="On demand")
    assert room("agree_concept", CHAIR, document=paper)["state"] == "concept_agreed"
    assert room("awaiting", LEAD, entity="OHCHR")["items"][0]["kind"] == "save_revision"
    room.save(paper, 0, "The words in question.")
    room("open_comment_round", CHAIR, document=paper, deadline=written(NOW + DAY))
    said = {"document": paper, "section": 1, "quotation": "in question", "text": "Which?"}
    comment = room("comment", focal("UNDP"), **said)
    assert (comment["number"], comment["heading"], comment["passage"]) == (1, "One", "here")
    room.save(paper, 1, "Other words.")
    (listed,) = room("comments", LEAD, document=paper, open=True)["items"]
    assert (listed["passage"], listed["quotation"]) == ("gone", "in question")
    refused("too_late", "comment-deadline", room, "comment", focal("UNDP"), at=NOW + DAY, **said)
    disposed = room("dispose", CO, document=paper, comment=1, outcome="accepted", at=NOW + DAY)
    assert disposed["disposition"]["entity"] == "ILO"
    deadline = NOW + 4 * DAY
    opened = room("open_clearance", CHAIR, document=paper, by="silence", deadline=written(deadline), at=NOW + DAY)
    assert (opened["state"], opened["clearance"]["deadline"]) == ("clearance", written(deadline))
    (wait,) = (w for w in room("awaiting", CHAIR, entity="IOM", at=NOW + DAY)["items"] if w["link"] == opened["url"])
    assert (wait["what"], wait["deadline"]) == ("Give your position", written(deadline))
    room.tick(deadline - SECOND)
    assert room("get_document", LEAD, document=paper, at=deadline - SECOND)["state"] == "clearance"
    assert room.tick(deadline + DAY) == 1
    published = room("publish", CHAIR, document=paper, at=deadline + DAY)
    assert (published["state"], published["published_on"]) == ("published", "2014-03-08")
    (event,) = room.told(paper, "published")
    assert event["data"]["deliverable"] == deliverable
    assert event["data"]["number"] == published["number"]
    later = deadline + 2 * DAY
    presented = room("present", LEAD, document=paper, where="Vienna", when="2014-10", on_margins_of="Conference", at=later)
    assert presented["state"] == "presented"
    (item,) = (i for i in room("library", NOBODY, at=later)["items"] if i["id"] == paper)
    assert item["presentations"] == [{"where": "Vienna", "when": "2014-10", "on_margins_of": "Conference"}]
    text = room("get_revision", MISSION, document=paper, at=later)
    assert hashlib.sha256(text["markdown"].encode()).hexdigest() == item["digest"]
    refused("not_found", "revision-exists", room, "get_revision", MISSION, document=paper, number=1, at=later)
    compared = room("compare_revisions", LEAD, document=paper, base=1, other=2, at=later)
    assert {"op": "inserted", "text": "Other"} in compared["sections"][0]["changes"]
    refused("not_allowed", "group-only", room, "comments", MISSION, document=paper, at=later)
    passed = room.told(paper, "clearance_passed")[0]
    assert (passed["time"], passed["actor"]) == (written(deadline), SYSTEM_ACTOR.person)


def test_the_clock_s_deeds_are_its_own_even_when_an_order_comes_first(room):
    paper = room.drafted()
    room("open_clearance", CHAIR, document=paper, by="silence", deadline=written(NOW + 3 * DAY))
    assert room("publish", CHAIR, document=paper, at=NOW + 5 * DAY)["state"] == "published"
    (passed,) = room.told(paper, "clearance_passed")
    assert (passed["time"], passed["actor"]) == (written(NOW + 3 * DAY), SYSTEM_ACTOR.person)


def test_the_second_of_two_drafters_sees_both_texts_over_the_wire(room):
    paper = room.drafted()
    with ThreadPoolExecutor(2) as at_once:
        saves = [at_once.submit(room.save, paper, 1, f"Of {by.entity}.", by) for by in (LEAD, CO)]
    refusals = [save.exception() for save in saves if save.exception()]
    (second,) = refusals
    assert (second.kind, second.rule, second.field) == ("conflict", "base-revision", "base")
    texts = {second.extra[whose]["sections"][0]["text"] for whose in ("current", "yours")}
    assert texts == {"Of OHCHR.", "Of ILO."}
    assert second.extra["difference"].count("\n+") == 2
    assert room("get_document", LEAD, document=paper)["revision"] == 2


def test_an_order_that_comes_again_is_answered_and_not_done_again(room):
    paper = room.drafted()
    first = room.save(paper, 1, "More words.", id="again-1")
    assert room.save(paper, 1, "More words.", id="again-1")["version"] == first["version"]
    room("open_comment_round", CHAIR, document=paper, deadline=written(NOW + DAY))
    said = {"document": paper, "section": 1, "quotation": "More", "text": "Less?"}
    one = room("comment", CO, id="again-2", **said)
    room("comment", LEAD, **said)
    again = room("comment", CO, id="again-2", at=NOW + 2 * DAY, **said)
    assert (again["number"], again["entity"]) == (one["number"], "ILO") == (1, "ILO")
    note = room.cleared("information_note")
    numbers = [room("publish", CHAIR, document=note, id="again-3")["version"] for _ in range(2)]
    assert numbers[0] == numbers[1]
    paper = room.cleared()
    published = [room("publish", CHAIR, document=paper, id="again-4")["number"] for _ in range(2)]
    assert published[0] == published[1]
    assert len(room.told(paper, "published")) == 1


def test_a_version_seen_before_is_stale_and_tells_outsiders_nothing(room):
    paper = room.drafted()
    version = room("get_document", LEAD, document=paper)["version"]
    refused("stale", "if-match", room, "withdraw", LEAD, document=paper, reason="Why", expected=version - 1)
    hidden = refused("not_found", "exists", room, "withdraw", MISSION, document=paper, reason="Why", expected=version - 1)
    never = refused("not_found", "exists", room, "withdraw", MISSION, document="never", reason="Why", expected=version - 1)
    assert hidden.detail.replace(paper, "never") == never.detail
    assert room("withdraw", LEAD, document=paper, reason="Why", expected=version)["state"] == "withdrawn"


def test_bad_input_names_its_field_and_changes_nothing(room):
    paper = room.drafted()
    before = room.database.documents.find_one({"_id": paper}, {"state": 1, "version": 1, "chain": 1})
    for what, payload, field in (
        ("save_revision", {"base": 1, "sections": [{"heading": "A", "text": "# B"}], "summary": "s"}, "sections.0.text"),
        ("save_revision", {"base": 1, "sections": [{"heading": "A", "text": 3}], "summary": "s"}, "sections.0.text"),
        ("save_revision", {"base": 1, "sections": [{"heading": "A", "text": "b"}], "summary": "s", "colour": "red"}, "colour"),
        ("open_clearance", {"by": "silence", "deadline": written(NOW + timedelta(minutes=5))}, "deadline"),
        ("take_position", {"digest": "0" * 63, "word": "endorse"}, "digest"),
    ):
        told = refusal(lambda: room(what, CHAIR if what == "open_clearance" else LEAD, document=paper, **payload))  # noqa: B023
        assert (told.kind, told.field) == ("invalid", field)
    assert room.database.documents.find_one({"_id": paper}, {"state": 1, "version": 1, "chain": 1}) == before


def numbers_in_the_series(room) -> dict[str, str]:
    return room.database.series.find_one({"_id": "issue-paper"})["state"]["numbers"]


def must_be_one_interval(room) -> None:
    numbers = numbers_in_the_series(room)
    known = sorted(map(int, numbers))
    assert known == list(range(known[0], known[-1] + 1))
    assert len(set(numbers.values())) == len(known)
    for number, document in numbers.items():
        assert room.database.documents.find_one({"_id": document})["state"]["number"] == int(number)


def test_papers_published_at_once_by_two_copies_get_consecutive_numbers(room):
    papers = [room.cleared() for _ in range(6)]
    with room.second_copy(ICAT_REHEARSAL="1"), ThreadPoolExecutor(len(papers)) as at_once:
        room.eventually(lambda: room.copies() == 2)
        answers = list(at_once.map(lambda paper: room("publish", CHAIR, document=paper), papers))
    numbers = sorted(answer["number"] for answer in answers)
    assert numbers == list(range(numbers[0], numbers[0] + len(papers)))
    must_be_one_interval(room)
    for paper, answer in zip(papers, answers, strict=True):
        assert [event["data"]["number"] for event in room.told(paper, "published")] == [answer["number"]]


HALF = """
import sys
from datetime import datetime
from messaging import store
from messaging.context import Cause
from services.kernel import Actor
from services.documents.store import composition, documents, series
from services.documents import rules
store.connect(sys.argv[1])
at = datetime.fromisoformat(sys.argv[4])
cause = Cause(id=sys.argv[3], by=Actor("sec", None, frozenset({"secretariat"})), at=at, correlation=sys.argv[3])
group = composition.value()
if sys.argv[2] == "series":
    paper = {"title": "Overview", "summary": "", "published_on": "2012", "source": "S", "link": None, "language": "en"}
    paper |= {"pillars": [], "themes": []}
    last = max((int(n) for n in series.load("issue-paper").aggregate.numbers), default=0)
    series.change("issue-paper", cause, lambda s: s.enter("past-half", last + 1, paper, by=cause.by, at=at))
else:
    documents.change(sys.argv[2], cause, lambda d: d.publish(None, by=cause.by, at=at, group=group))
"""


def carry_out_half(room, what: str) -> None:
    """The first of the steps only, as a process killed right after it leaves things."""
    command = [sys.executable, "-W", "ignore", "-c", HALF, room.house.mongo_uri("documents"), what, f"half-{what}", NOW.isoformat()]
    subprocess.run(command, cwd=ROOT, check=True, timeout=60)


def test_what_a_crash_leaves_half_published_is_finished(room):
    paper = room.cleared()
    with room.stopped():
        carry_out_half(room, paper)
        carry_out_half(room, "series")
        assert room.database.documents.find_one({"_id": paper})["state"]["state"] == "publishing"
    published = room.eventually(lambda: room.told(paper, "published"))
    assert published[0]["time"] == written(NOW)
    past = room.eventually(lambda: room.told("past-half", "past_paper_recorded"))
    assert past[0]["data"]["published_on"] == "2012"
    must_be_one_interval(room)


def test_the_events_of_a_publication_delivered_twice_and_late_do_nothing_more(room):
    paper = room.cleared()
    number = room("publish", CHAIR, document=paper)["number"]
    room("present", LEAD, document=paper, where="Vienna", when="2014-10")
    (ordered,) = room.eventually(lambda: [e for e in room.told(paper, "publication_ordered") if room.told(paper, "presented")])
    assert is_genuine(ordered)
    room.tell(ordered, times=3)
    entered = next(e for e in room.history("series/issue-paper") if e["type"] == c.PastPaperEntered.type())
    room.tell(entered, times=3)
    room.seat(GROUP)
    assert room("get_document", MISSION, document=paper)["number"] == number
    assert len(room.told(paper, "published")) == 1
    assert len(room.told(entered["data"]["document"], "past_paper_recorded")) == 1
    must_be_one_interval(room)


def test_past_papers_stand_next_to_those_known(room):
    known = sorted(map(int, numbers_in_the_series(room)))
    said = {"title": "An old one", "published_on": "2013-05", "source": "A report"}
    refused("not_allowed", "secretariat-only", room, "enter_published", CHAIR, number=known[-1] + 1, **said)
    gap = refused("invalid", "series-consecutive", room, "enter_published", number=known[-1] + 2, **said)
    assert gap.accepted[-1] == str(known[-1] + 1)
    refused("conflict", "series-number", room, "enter_published", number=known[0], **said)
    answers = [room("enter_published", number=known[-1] + 1, id="past-1", **said) for _ in range(2)]
    assert answers[0] == answers[1]
    assert (answers[0]["state"], answers[0]["number"], answers[0]["published_on"]) == ("published", known[-1] + 1, "2013-05")
    assert not room.told(answers[0]["id"], "published")
    assert answers[0]["id"] in [item["id"] for item in room("library", NOBODY, kind="issue_paper", limit=200)["items"]]
    must_be_one_interval(room)


def test_the_library_is_paged_newest_first(room):
    everything = room("library", NOBODY, limit=200, at=utc(2015))["items"]
    pages, after = [], None
    while True:
        page = room("library", NOBODY, limit=3, at=utc(2015), **({"after": after} if after else {}))
        pages += page["items"]
        if (after := page["next"]) is None:
            break
    assert [item["id"] for item in pages] == [item["id"] for item in everything]
    dates = [item["published_on"] for item in everything]
    assert dates == sorted(dates, reverse=True)
    refused("invalid", "cursor", room, "library", NOBODY, after="nonsense")


SECRET = "Behind cheap goods stand people who could not refuse."


def test_a_statement_is_seen_by_no_one_outside_until_the_clock_issues_it_once(room):
    statement = room.cleared("joint_statement", SECRET)
    issue = utc(2014, 7, 30)
    assert room("get_document", focal("UNHCR"), document=statement)["state"] == "cleared_under_embargo"
    for outsider in (MISSION, NOBODY, focal("UNDP")):
        for what, payload in (
            ("get_document", {}),
            ("get_revision", {}),
            ("comments", {}),
            ("clearance", {}),
            ("compare_revisions", {"base": 1, "other": 1}),
            ("withdraw_endorsement", {"reason": "Why"}),
        ):
            refused("not_found", "exists", room, what, outsider, document=statement, **payload)
        for listing in ("documents", "library"):
            assert statement not in json.dumps(room(listing, outsider, limit=200))
    with room.second_copy(ICAT_REHEARSAL="1"), ThreadPoolExecutor(4) as at_once:
        room.eventually(lambda: room.copies() == 2)
        list(at_once.map(room.tick, [issue - SECOND] * 4))
        assert not room.told(statement, "statement_issued")
        before = json.dumps(room.history(f"document/{statement}"))
        assert SECRET not in before
        list(at_once.map(room.tick, [issue + DAY] * 4))
    (issued,) = room.told(statement, "statement_issued")
    assert (issued["time"], issued["actor"]) == (written(issue), SYSTEM_ACTOR.person)
    assert SECRET in issued["data"]["text"]
    assert hashlib.sha256(issued["data"]["text"].encode()).hexdigest() == issued["data"]["digest"]
    assert issued["data"]["signatories"] == SIX
    assert room("get_document", MISSION, document=statement, at=issue)["signatories"] == SIX
    refused("not_found", "exists", room, "get_document", MISSION, document=statement, at=issue - SECOND)
    assert SECRET not in room.log()


def test_under_embargo_a_statement_is_there_for_its_signatories_and_not_for_the_rest_of_the_group(room):
    member, aside, issue = focal("UNDP"), focal("UNICEF"), utc(2014, 9, 1)
    statement = room.drafted("joint_statement", "Pangolins are no luggage.", issue_at=written(issue))
    said = {"document": statement, "section": 1, "quotation": "luggage", "text": "Which?"}
    comment = room("comment", member, id="of-the-member", **said)["number"]
    room("reply_to_comment", LEAD, document=statement, comment=comment, text="All of it")
    room("dispose", LEAD, document=statement, comment=comment, outcome="rejected", reason="It stands")
    french = {"title": "Un titre", "sections": [{"id": "s1", "heading": "Un", "text": "Les pangolins ne sont pas des bagages."}]}
    room("save_translation", LEAD, document=statement, language="fr", revision=1, base=0, summary="En français", **french)
    file = {"name": "a.csv", "content": base64.b64encode(b"a,b\n1,2\n").decode(), "public": True, "description": "A table"}
    attached = room("attach", LEAD, document=statement, **file)["id"]
    export = room("request_export", member, document=statement, format="html")["id"]
    digest = room("open_clearance", CHAIR, document=statement, by="express")["digest"]
    asked = [
        ("get_document", {}),
        ("revisions", {}),
        ("get_revision", {}),
        ("get_revision", {"number": 1, "language": "fr"}),
        ("get_section", {"section": "s1"}),
        ("compare_revisions", {"base": 1, "other": 1}),
        ("compare_translation", {"language": "fr"}),
        ("comments", {}),
        ("get_comment", {"comment": comment}),
        ("clearance", {}),
        ("get_attachment", {"attachment": attached}),
        ("get_export", {"export": export}),
        ("request_export", {"format": "html"}),
        ("request_export", {"format": "comments.xlsx"}),
    ]

    def found(by, at=NOW) -> list[str]:
        """Where this person comes upon the statement."""
        listed, after = [], None
        while True:
            page = room("documents", by, limit=2, at=at, **({"after": after} if after else {}))
            listed += [item["id"] for item in page["items"]]
            if (after := page["next"]) is None:
                break
            assert len(page["items"]) == 2, "what is left out leaves no gap"
        held = room("documents", by, state="cleared_under_embargo", limit=200, at=at)["items"]
        sought = [hit["document"] for words in ("pangolins", "bagages") for hit in room("search", by, words=words, at=at)["items"]]
        lists = [("documents", listed), ("held", [one["id"] for one in held]), ("search", sought)]
        return [name for name, ids in lists if statement in ids]

    assert found(member) == found(aside) == ["documents", "search"]
    for what, payload in asked:
        room(what, member, document=statement, **payload)
    for entity in (code for code in SIX if code != "UNICEF"):
        room("take_position", focal(entity), document=statement, digest=digest, word="endorse")
    # Whoever says the last word, and stands aside, is told once what came of it.
    last = {"document": statement, "digest": digest, "word": "stand_aside", "id": "the-last-word"}
    assert {"state": "cleared_under_embargo", "withheld": True}.items() <= room("take_position", aside, **last).items()
    asked += [("certificate", {}), ("request_export", {"format": "certificate.html"})]
    for by in (focal("UNHCR"), LEAD, CHAIR, SECRETARIAT):
        assert found(by) == ["documents", "held", "search"]
        for what, payload in asked:
            room(what, by, document=statement, **payload)
    orders = [("withdraw", {"reason": "r"}), ("join_signatories", {"entity": "UNDP"}), ("withdraw_endorsement", {"reason": "r"})]
    for by in (member, aside, focal("WB"), MISSION):
        assert found(by) == []
        for what, payload in [*asked, *orders]:
            for document in (statement, "joint-statement-that-never-was"):
                told = refused("not_found", "exists", room, what, by, document=document, **payload)
                assert told.detail == f"There is no document {document}."
    for entity in ("UNDP", "UNICEF"):
        items = room("awaiting", SECRETARIAT, entity=entity)["items"]
        assert statement not in json.dumps(items)
    refused("not_found", "exists", room, "comment", member, **said, id="of-the-member")
    refused("not_found", "exists", room, "take_position", aside, **last)
    room("withdraw_endorsement", focal("UNHCR"), document=statement, reason="New facts", at=NOW + DAY)
    assert found(member, NOW + DAY) == found(aside, NOW + DAY) == ["documents", "search"]
    again = room("open_clearance", CHAIR, document=statement, by="express", at=NOW + DAY)["digest"]
    for entity in SIX:
        room("take_position", focal(entity), document=statement, digest=again, word="endorse", at=NOW + DAY)
    assert (found(member, NOW + DAY), found(aside, NOW + DAY)) == ([], ["documents", "held", "search"])
    room.tick(issue)
    refused("not_found", "exists", room, "comments", member, document=statement, at=issue - SECOND)
    assert found(member, issue) == ["documents", "search"]
    assert room("comments", member, document=statement, at=issue)["items"][0]["replies"]


def test_an_endorsement_taken_back_in_the_last_second_stops_the_issue(room):
    statement = room.cleared("joint_statement", issue_at="2014-07-31T00:00:00Z")
    last = utc(2014, 7, 31) - SECOND
    board = room("withdraw_endorsement", CO, document=statement, reason="New facts", at=last)
    assert next(row for row in board["board"] if row["entity"] == "ILO")["word"] == "withdrawn"
    assert room.told(statement, "issue_stopped")[0]["time"] == written(last)
    (wait,) = (w for w in room("awaiting", CHAIR, entity="IOM", at=last)["items"] if w["kind"] == "open_clearance")
    assert wait["deadline"] == "2014-07-31T00:00:00Z"
    room.tick(utc(2014, 8))
    assert not room.told(statement, "statement_issued")
    refused("not_found", "exists", room, "get_document", MISSION, document=statement, at=utc(2014, 8))


def test_positions_from_a_letter_stale_ones_and_a_broken_silence(room):
    paper = room.drafted()
    opened = room("open_clearance", CHAIR, document=paper, by="silence", deadline=written(NOW + 4 * DAY))
    said = {"document": paper, "digest": opened["digest"]}
    refused("invalid", "on-behalf-letter", room, "take_position", word="endorse", on_behalf_of="ILO", **said)
    board = room("take_position", word="endorse", on_behalf_of="ILO", letter="Letter of 3 March", **said)
    assert board["board"][0]["positions"][0]["letter"] == "Letter of 3 March"
    room.save(paper, 1, "Changed words.")
    reopened = room("open_clearance", CHAIR, document=paper, by="silence", deadline=written(NOW + 4 * DAY))
    refused("stale", "position-binds-text", room, "take_position", CO, word="endorse", **said)
    refused("not_allowed", "own-entity", room, "take_position", CO, word="endorse", on_behalf_of="IOM", **said)
    objection = {"word": "object", "reasons": "Section one", "digest": reopened["digest"]}
    board = room("take_position", CO, document=paper, **objection)
    assert (board["state"], board["clearance"]["state"], len(board["earlier"])) == ("drafting", "broken", 1)
    row = next(row for row in board["board"] if row["entity"] == "ILO")
    assert [position["stale"] for position in row["positions"]] == [True, False]
    assert room.told(paper, "clearance_broken")[0]["data"]["entity"] == "ILO"


WHOLE = [{"heading": "One", "text": "Some words."}, {"heading": "Two", "text": "المتاجرة 人口贩运"}, {"heading": "Three", "text": "Last."}]


def test_a_section_is_saved_alone_and_is_all_that_is_written(room):
    paper = room.propose("information_note")
    room("save_revision", LEAD, document=paper, base=0, sections=WHOLE, summary="All")
    before = room.database.texts.count_documents({})
    said = {"document": paper, "section": "s2", "base": 1, "summary": "One section"}
    saved = room("save_section", CO, text="الاتجار 打击人口贩运", id="section-1", **said)
    assert saved == room("save_section", CO, text="الاتجار 打击人口贩运", id="section-1", **said)
    assert room.database.texts.count_documents({}) == before + 2  # the section, and the outline
    assert (saved["revision"], saved["revisions"][-1]["sections"]) == (2, 3)
    room("save_section", LEAD, document=paper, section="s3", base=1, heading="Third", text="Last.", summary="Another")
    told = refused("conflict", "base-revision", room, "save_section", LEAD, text="Mine.", **said)
    assert (told.extra["current"]["section"]["text"], told.extra["yours"]["text"]) == ("الاتجار 打击人口贩运", "Mine.")
    section = room("get_section", LEAD, document=paper, section="s3")
    assert (section["number"], section["order"], section["heading"]) == (3, 3, "Third")
    compared = room("compare_revisions", LEAD, document=paper, base=1, other=3)["sections"]
    assert [(one["id"], one["op"]) for one in compared] == [("s1", "kept"), ("s2", "changed"), ("s3", "changed")]
    arabic = [(change["op"], change["text"]) for change in compared[1]["changes"]]
    assert arabic == [("deleted", "المتاجرة "), ("inserted", "الاتجار 打击"), ("equal", "人口贩运")]
    revisions = room("revisions", LEAD, document=paper, limit=2)
    assert ([one["number"] for one in revisions["items"]], revisions["next"]) == ([3, 2], "2")


def test_what_is_read_of_a_file_is_shown_and_then_saved_with_what_was_not_understood(room):
    paper = room.propose("information_note")
    notes = [{"where": "Page 2", "what": "A drawing was left out."}]
    said = {"document": paper, "title": "As read", "sections": WHOLE, "notes": notes}
    read = room("check_text", LEAD, **said)
    assert [one["id"] for one in read["sections"]] == [None] * 3
    assert (read["changes"], read["notes"]) == ([], notes)
    refused("not_found", "exists", room, "check_text", MISSION, **said)
    refused("invalid", "section-one", room, "check_text", LEAD, **(said | {"sections": []}))
    refused("invalid", "revision-summary", room, "import_text", LEAD, base=0, **said)
    imported = room("import_text", LEAD, base=0, summary="From the office", **said)
    assert (imported["revision"], imported["title"], imported["notes"]) == (1, "As read", notes)
    assert [one["summary"] for one in imported["revisions"]] == ["From the office"]
    changes = room("check_text", LEAD, **(said | {"sections": WHOLE[:2]}))["changes"]
    assert [(one["id"], one["op"]) for one in changes] == [("s1", "kept"), ("s2", "kept"), ("s3", "removed")]


def test_a_publication_waits_for_its_languages_and_is_corrected_in_public(room):
    note = room.drafted("information_note", pillars=["protection"], themes=["health care"])
    room("change_drafters", LEAD, document=note, lead="OHCHR", co_drafters=["UNICEF"])
    decided = room("decide_languages", CHAIR, document=note, languages=["fr"])
    assert (decided["languages_awaited"], decided["co_drafters"]) == (["fr"], ["UNICEF"])
    digest = room("open_clearance", CHAIR, document=note, by="express")["digest"]
    for entity in SIX:
        room("take_position", focal(entity), document=note, digest=digest, word="endorse")
    told = refused("conflict", "languages-first", room, "publish", CHAIR, document=note)
    assert told.extra["languages"] == [{"language": "fr", "behind": None}]
    french = {"document": note, "language": "fr", "title": "Un titre", "summary": "S"}
    sections = [{"id": "s1", "heading": "Un", "text": "Des mots."}]
    saved = room("save_translation", focal("UNICEF"), revision=1, base=0, sections=sections, **french)
    assert [(one["language"], one["state"]) for one in saved["languages"]] == [("fr", "current")]
    for what in ("get_revision", "compare_translation"):
        refused("not_found", "exists", room, what, MISSION, document=note, language="fr")
    published = room("publish", CHAIR, document=note)
    assert (published["published_revision"], published["state"]) == (1, "published")
    outside = room("get_revision", MISSION, document=note, language="fr")
    assert (outside["language"], outside["original"], outside["texts"][0]["text"]) == ("fr", 1, "Des mots.")
    assert "person" not in outside
    refused("not_allowed", "group-only", room, "compare_translation", MISSION, document=note, language="fr")
    corrected = [{"heading": "One", "text": "Some better words."}]
    room("issue_corrigendum", CHAIR, document=note, base=1, sections=corrected, note="They were not good.")
    assert room("get_revision", MISSION, document=note)["number"] == 2
    assert room("get_revision", MISSION, document=note, number=1)["texts"][0]["text"] == "Some words."
    (compared,) = room("compare_revisions", MISSION, document=note, base=1, other=2)["sections"]
    assert [change["text"] for change in compared["changes"] if change["op"] == "inserted"] == ["better "]
    seen = room("get_document", MISSION, document=note)
    assert (seen["corrigenda"][0]["note"], seen["languages"][0]["behind"]) == ("They were not good.", 1)
    beside = room("compare_translation", LEAD, document=note, language="fr")
    assert (beside["sections"][0]["state"], beside["sections"][0]["translated_text"]) == ("behind", "Des mots.")
    for wanted, found in (({"theme": "health care"}, True), ({"pillar": "protection"}, True), ({"pillar": "prosecution"}, False)):
        for listing, by in (("library", NOBODY), ("documents", NOBODY), ("documents", LEAD)):
            assert (note in {item["id"] for item in room(listing, by, limit=200, **wanted)["items"]}) == found
    item = next(item for item in room("library", NOBODY, theme="health care")["items"] if item["id"] == note)
    assert (item["languages"], "Information Note" in item["citation"]) == (["en", "fr"], True)
    (event,) = room.told(note, "language_published")
    assert event["data"]["language"] == "fr"


def test_the_hardest_comparison_holds_up_nobody(room):
    """Two words in rhythms that never meet for long; asked for by several at once, while another asks for something else."""
    sections = [(" ".join(["a a b"] * 660), " ".join(["a b b a b"] * 396)) for _ in range(60)]
    paper = room.propose()
    room("agree_concept", CHAIR, document=paper)
    for base in (0, 1):
        texts = [{"heading": f"Section {n}", "text": pair[base]} for n, pair in enumerate(sections)]
        room("save_revision", LEAD, document=paper, base=base, sections=texts, summary="A summary")
    with ThreadPoolExecutor(6) as readers:
        asked = [readers.submit(room, "compare_revisions", LEAD, document=paper, base=1, other=2) for _ in range(6)]
        room("status", timeout=10)
        assert not all(answer.done() for answer in asked)
    for answer in asked:
        found = answer.result()["sections"]
        assert [section["exact"] for section in found] == [False] * len(sections)
        assert "".join(change["text"] for change in found[0]["changes"] if change["op"] != "inserted") == sections[0][0]


def test_a_comparison_runs_in_a_thread_beside_the_one_that_serves(monkeypatch):
    from services.documents import rules, service, store

    group = {"by": SECRETARIAT, "at": NOW, "group": GROUP}
    document = rules.Document.propose("d", kind="information_note", title="T", lead="OHCHR", **group)
    document.save_revision(0, None, [{"heading": "A", "text": "b"}], "S", read=None, **(group | {"by": LEAD}))
    monkeypatch.setattr(store.documents, "load", lambda _: Saved("d", document, 1))
    monkeypatch.setattr(store.texts, "text", lambda _: rules.Text("T", ()))
    monkeypatch.setattr(rules, "compare", lambda *_: _thread.get_ident())
    ask = Order(id="q", by=SECRETARIAT, at=NOW, data={"document": "d", "base": 1, "other": 1, "language": None})
    assert service.Documents.compare_revisions(None, ask)["sections"] != _thread.get_ident()


def test_a_statement_stops_when_chairs_tells_that_a_signatory_left(room):
    statement = room.drafted("joint_statement", issue_at="2014-08-20T00:00:00Z")
    room("join_signatories", focal("UNDP"), document=statement, entity="UNDP")
    digest = room("open_clearance", CHAIR, document=statement, by="express")["digest"]
    for entity in [*SIX, "UNDP"]:
        room("take_position", focal(entity), document=statement, digest=digest, word="endorse")
    leaving = [Membership(code, utc(2010), utc(2014, 8, 10) if code == "UNDP" else None) for code in [*SIX, "UNDP"]]
    marker = next(room.sequence)
    group = Composition(memberships=leaving, seats=GROUP.seats, terms=GROUP.terms)
    room.happen(chairs.CompositionChanged, asdict(group), sequence=marker)
    (noted,) = room.eventually(lambda: room.told(statement, "departure_noted"))
    assert (noted["data"]["entity"], noted["data"]["leaves_at"]) == ("UNDP", "2014-08-10T00:00:00Z")
    room.happen(chairs.CompositionChanged, asdict(group), sequence=marker)
    room.tick(utc(2014, 8, 10) - SECOND)
    assert room("get_document", focal("UNDP"), document=statement)["state"] == "cleared_under_embargo"
    room.tick(utc(2014, 8, 21))
    stopped = room.told(statement, "issue_stopped")[0]
    assert (stopped["time"], stopped["actor"], stopped["data"]["entities"]) == ("2014-08-10T00:00:00Z", SYSTEM_ACTOR.person, ["UNDP"])
    assert not room.told(statement, "statement_issued")
    assert len(room.told(statement, "departure_noted")) == 1
    late = {"document": statement, "at": utc(2014, 8, 22)}
    refused("not_found", "exists", room, "get_document", focal("UNDP"), **late)
    refused("not_found", "exists", room, "get_document", focal("NEVER"), **late)
    room.seat(GROUP)


@pytest.mark.parametrize("opened", ["clearance_opened", "signatories_joined"])
def test_a_departure_told_while_a_clearance_was_being_opened_is_noted(room, opened):
    """Another copy keeps the composition, and finds no such statement held, between the reading of the older one and the write."""
    statement = room.drafted("joint_statement", issue_at="2014-08-20T00:00:00Z")
    room("open_clearance", CHAIR, document=statement, by="express")
    room("join_signatories", focal("UNDP"), document=statement, entity="UNDP")
    told = room.told(statement, opened)
    room.quiet()
    kept = room.database.projections.find_one({"_id": "composition"})["data"]
    next(one for one in kept["memberships"] if one["entity"] == "UNDP")["until"] = utc(2014, 8, 10)
    room.database.projections.update_one({"_id": "composition"}, {"$set": {"data": kept, "sequence": next(room.sequence)}})
    for envelope in told * 2:
        room.tell(envelope)
    (noted,) = room.eventually(lambda: room.told(statement, "departure_noted"))
    assert (noted["data"]["entity"], noted["data"]["leaves_at"]) == ("UNDP", "2014-08-10T00:00:00Z")
    room.seat(GROUP)


def test_an_older_composition_that_comes_late_changes_nothing(room):
    smaller = Composition(memberships=[Membership("IOM", utc(2010))], seats=[], terms={})
    room.happen(chairs.CompositionChanged, asdict(smaller), sequence=1)
    room.seat(GROUP)
    assert room.propose()


def test_a_platform_that_was_down_at_the_instant_issues_late_and_dates_right(room):
    """By its own clock, in two copies at once."""
    statement = room.cleared("joint_statement", issue_at="2014-09-01T00:00:00Z")
    own_clock = {"ICAT_REHEARSAL": "0", "ICAT_TICK_SECONDS": "1"}
    with room.stopped(), room.second_copy(**own_clock), room.second_copy(**own_clock):
        room.eventually(lambda: room.copies() == 2)
        (issued,) = room.eventually(lambda: room.told(statement, "statement_issued"))
        assert (issued["time"], issued["data"]["at"]) == ("2014-09-01T00:00:00Z", "2014-09-01T00:00:00Z")
        refused("not_allowed", "rehearsal", room.tick, NOW)
        assert len(room.told(statement, "statement_issued")) == 1


def test_a_letter_is_attached_and_named_with_the_position_it_tells(room):
    document, letter = room.drafted(text="Words about letters."), b"%PDF-1.7\nThe letter\n%%EOF\n"
    sent = {"document": document, "name": "Letter.pdf", "content": base64.b64encode(letter).decode()}
    refused("not_allowed", "drafters-only", room, "attach", focal("UNICEF"), **sent)
    refused("not_found", "exists", room, "attach", NOBODY, **sent)
    refused("invalid", "file-base64", room, "attach", SECRETARIAT, **sent | {"content": "no base64!"})
    refused("invalid", "file-ending", room, "attach", SECRETARIAT, **sent | {"name": "Letter.docx"})
    attached = room("attach", SECRETARIAT, **sent)
    assert attached["digest"] == hashlib.sha256(letter).hexdigest()
    refused("conflict", "attached-once", room, "attach", SECRETARIAT, **sent)
    had = room("get_attachment", focal("UNICEF"), document=document, attachment=attached["id"])
    assert base64.b64decode(had["content"]) == letter
    assert had["media_type"] == "application/pdf"
    refused("not_found", "exists", room, "get_attachment", NOBODY, document=document, attachment=attached["id"])
    digest = room("open_clearance", CHAIR, document=document, by="express")["digest"]
    told = {"document": document, "digest": digest, "word": "endorse", "on_behalf_of": "UNICEF", "letter": "Letter of 3 March"}
    refused("invalid", "letter-attached", room, "take_position", SECRETARIAT, **told, letter_attachment="another")
    seen = room("take_position", SECRETARIAT, **told, letter_attachment=attached["id"])
    position = next(row for row in seen["board"] if row["entity"] == "UNICEF")["positions"][0]
    assert position["letter_attachment"] == attached["id"]
    assert [event["data"]["digest"] for event in room.told(document, "attached")] == [attached["digest"]]
